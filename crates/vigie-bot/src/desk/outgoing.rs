//! What is on its way into the outbox: records, checkpoint and journal, in commits of which one at most is under way.
//!
//! A commit that failed is repeated as it was, and nothing overtakes it: so every prefix of the commits that succeeded is a
//! state that the shard was in, and a restart from it misses nothing and repeats nothing.

use std::sync::Arc;

use bytes::Bytes;
use vigie_core::vocabulary::{Fact, Record, UnixMs};
use vigie_relay::{Commit, Entry};
use vigie_wire::journal::{GatewaySession, JournalWriter, Step};

use crate::limits;

/// What of one shard is not durable yet.
#[derive(Debug)]
pub(super) struct Outgoing {
    producer: Arc<str>,
    journal_interval_ms: i64,
    /// Records made, in order, and in no commit yet.
    entries: Vec<Entry>,
    entries_bytes: usize,
    /// Taken at the last flush, and in no commit yet.
    checkpoint: Option<Bytes>,
    /// What was heard since the last commit or checkpoint was taken.
    journal: JournalWriter,
    /// When the first of it was heard.
    journal_since: Option<UnixMs>,
    /// Bytes of frames in commits since the last checkpoint.
    frames_bytes: u64,
    commit: Under,
    pause_ms: i64,
    buffer: Vec<u8>,
}

/// Where the commit is that was taken last.
#[derive(Debug)]
enum Under {
    /// It has succeeded, or there was none.
    Idle,
    /// The shell has it.
    Way(Commit),
    /// It failed and is to be repeated at this instant.
    Repeat(Commit, UnixMs),
}

impl Outgoing {
    pub(super) fn new(producer: Arc<str>, journal_interval_ms: u32) -> Self {
        Self {
            producer,
            journal_interval_ms: i64::from(journal_interval_ms),
            entries: Vec::new(),
            entries_bytes: 0,
            checkpoint: None,
            journal: JournalWriter::new(),
            journal_since: None,
            frames_bytes: 0,
            commit: Under::Idle,
            pause_ms: 0,
            buffer: Vec::new(),
        }
    }

    /// Takes a record; `false` if it is too large ever to be kept.
    #[must_use]
    pub(super) fn record(&mut self, record: &Record) -> bool {
        self.buffer.clear();
        vigie_wire::encode(record, &mut self.buffer);
        if self.buffer.len() > vigie_relay::limits::ENTRY_BYTES_MAX {
            return false;
        }
        self.entries_bytes += self.buffer.len();
        let bytes = Bytes::copy_from_slice(&self.buffer);
        self.entries.push(Entry { lane: record.lane() as u8, bytes });
        true
    }

    /// Journals a fact that is about to be handed to the core.
    #[inline]
    pub(super) fn fact(&mut self, clock: UnixMs, at: UnixMs, sequence: u64, fact: &Fact<'_>) {
        if self.journal_interval_ms == i64::from(limits::JOURNAL_OFF) {
            return;
        }
        self.journal_since.get_or_insert(clock);
        self.journal.push_fact(at, sequence, fact);
    }

    /// Journals that the session is now this one.
    pub(super) fn session(&mut self, clock: UnixMs, session: &GatewaySession) {
        self.journal_since.get_or_insert(clock);
        self.journal.push(clock, session.sequence, &Step::Session(session.clone()));
    }

    /// Takes the checkpoint that follows a flush. What was journaled until now and is in no commit is part of it; the
    /// records made of that leave in the same commit.
    pub(super) fn checkpoint(&mut self, bytes: Bytes) {
        self.checkpoint = Some(bytes);
        self.journal.clear();
        self.journal_since = None;
        self.frames_bytes = 0;
    }

    /// Whether no more should be heard until a commit succeeds.
    pub(super) fn is_full(&self) -> bool {
        self.entries_bytes + self.journal.len() >= limits::UNCOMMITTED_BYTES_MAX
    }

    /// Bytes journaled since the last checkpoint.
    pub(super) fn journal_bytes(&self) -> u64 {
        self.frames_bytes + self.journal.len() as u64
    }

    /// How many records are not known to be durable.
    pub(super) fn len(&self) -> usize {
        let committing = match &self.commit {
            Under::Idle => 0,
            Under::Way(commit) | Under::Repeat(commit, _) => commit.entries.len(),
        };
        self.entries.len() + committing
    }

    /// Whether everything is known to be durable.
    pub(super) fn is_empty(&self) -> bool {
        let nothing_waits =
            self.entries.is_empty() && self.checkpoint.is_none() && self.journal.is_empty();
        nothing_waits && matches!(self.commit, Under::Idle)
    }

    /// When the next commit is due; `None` while one is under way or there is nothing to commit.
    pub(super) fn due(&self, clock: UnixMs) -> Option<UnixMs> {
        match &self.commit {
            Under::Way(_) => return None,
            // Never further away than the longest pause: the clock may have been put back since.
            Under::Repeat(_, at) => return Some(UnixMs(at.0.min(clock.0 + longest_pause_ms()))),
            Under::Idle => {}
        }
        if !self.entries.is_empty()
            || self.checkpoint.is_some()
            || self.journal.len() >= limits::FRAME_BYTES
        {
            return Some(clock);
        }
        let since = self.journal_since?;
        Some(UnixMs(since.0.min(clock.0).saturating_add(self.journal_interval_ms)))
    }

    /// Takes the next commit if it is due; how it ended must be told by [`Outgoing::committed`] or [`Outgoing::failed`].
    pub(super) fn take(&mut self, clock: UnixMs) -> Option<Commit> {
        if self.due(clock)? > clock {
            return None;
        }
        let commit = match std::mem::replace(&mut self.commit, Under::Idle) {
            Under::Repeat(commit, _) => commit,
            Under::Way(_) | Under::Idle => self.gather(),
        };
        // The entries stay at hand (their bytes are shared) in case the commit fails.
        self.commit = Under::Way(commit.clone());
        Some(commit)
    }

    /// The commit under way is durable.
    pub(super) fn committed(&mut self) {
        self.commit = Under::Idle;
        self.pause_ms = 0;
    }

    /// The commit under way was not written, and may be repeated. Gives the pause before that, in milliseconds.
    pub(super) fn failed(&mut self, clock: UnixMs) -> i64 {
        let least = limits::COMMIT_PAUSE.as_millis() as i64;
        self.pause_ms = (self.pause_ms * 2).clamp(least, longest_pause_ms());
        self.commit = match std::mem::replace(&mut self.commit, Under::Idle) {
            Under::Way(commit) | Under::Repeat(commit, _) => {
                Under::Repeat(commit, UnixMs(clock.0 + self.pause_ms))
            }
            Under::Idle => Under::Idle,
        };
        self.pause_ms
    }

    fn gather(&mut self) -> Commit {
        self.entries_bytes = 0;
        self.journal_since = None;
        let journal = Bytes::from(self.journal.take());
        self.frames_bytes += journal.len() as u64;
        Commit {
            producer: Arc::clone(&self.producer),
            entries: std::mem::take(&mut self.entries),
            checkpoint: self.checkpoint.take(),
            journal,
        }
    }
}

fn longest_pause_ms() -> i64 {
    limits::COMMIT_PAUSE_MAX.as_millis() as i64
}
