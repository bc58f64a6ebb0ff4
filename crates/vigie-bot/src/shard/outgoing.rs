//! Records on their way into the outbox: at most one commit under way, what is made meanwhile gathers for the next.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use vigie_core::vocabulary::Record;
use vigie_relay::{Commit, Entry, Outbox, RelayError};

use crate::limits;

/// The records of one shard that are not durable yet.
pub(super) struct Outgoing {
    outbox: Outbox,
    producer: Arc<str>,
    /// Made, in order, and in no commit yet.
    waiting: Vec<Entry>,
    waiting_bytes: usize,
    commit: Option<PendingCommit>,
    /// How many records are in it.
    committing: usize,
    /// Pause before the next commit: zero unless the last one failed.
    pause: Duration,
    buffer: Vec<u8>,
}

type PendingCommit = Pin<Box<dyn Future<Output = (Vec<Entry>, Result<(), RelayError>)> + Send>>;

impl Outgoing {
    pub(super) fn new(outbox: Outbox, producer: Arc<str>) -> Self {
        Self {
            outbox,
            producer,
            waiting: Vec::new(),
            waiting_bytes: 0,
            commit: None,
            committing: 0,
            pause: Duration::ZERO,
            buffer: Vec::new(),
        }
    }

    /// Takes a record; `false` if it is too large ever to be kept.
    #[must_use]
    pub(super) fn push(&mut self, record: &Record) -> bool {
        self.buffer.clear();
        vigie_wire::encode(record, &mut self.buffer);
        if self.buffer.len() > vigie_relay::limits::ENTRY_BYTES_MAX {
            return false;
        }
        self.waiting_bytes += self.buffer.len();
        let bytes = Bytes::copy_from_slice(&self.buffer);
        self.waiting.push(Entry { lane: record.lane() as u8, bytes });
        true
    }

    /// Whether no more should be made until a commit succeeds.
    pub(super) fn is_full(&self) -> bool {
        self.waiting_bytes >= limits::UNCOMMITTED_BYTES_MAX
    }

    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.commit.is_none()
    }

    /// How many records are not known to be durable.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.committing
    }

    /// Commits what waits and returns when that commit has ended; must not be called when there is nothing to commit.
    ///
    /// May be dropped at any await and called again: the commit goes on where it was. What failed waits again, and the
    /// next call pauses first.
    ///
    /// # Errors
    /// Only what repeating cannot cure.
    pub(super) async fn commit(&mut self) -> Result<(), RelayError> {
        if self.commit.is_none() {
            self.commit = Some(self.next_commit());
        }
        let Some(commit) = &mut self.commit else { return Ok(()) };
        let (entries, result) = commit.await;
        self.commit = None;
        self.committing = 0;
        let Err(error) = result else {
            self.pause = Duration::ZERO;
            return Ok(());
        };
        self.put_back(entries);
        match error {
            RelayError::DiskFull { .. }
            | RelayError::Database { .. }
            | RelayError::Corrupt { .. } => {
                self.pause = (self.pause * 2).clamp(limits::COMMIT_PAUSE, limits::COMMIT_PAUSE_MAX);
                tracing::error!(
                    producer = &*self.producer,
                    waiting = self.waiting.len(),
                    pause_ms = self.pause.as_millis() as u64,
                    %error,
                    "what was counted cannot be kept yet, trying again"
                );
                Ok(())
            }
            error => Err(error),
        }
    }

    fn next_commit(&mut self) -> PendingCommit {
        let entries = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        self.committing = entries.len();
        let (outbox, producer, pause) =
            (self.outbox.clone(), Arc::clone(&self.producer), self.pause);
        Box::pin(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            // The entries stay at hand (their bytes are shared) in case the commit fails.
            let result = {
                let entries = entries.clone();
                outbox.commit(Commit { producer, entries, ..Commit::default() }).await
            };
            (entries, result)
        })
    }

    /// Puts entries that were not committed back before those made since.
    fn put_back(&mut self, mut entries: Vec<Entry>) {
        self.waiting_bytes += entries.iter().map(|entry| entry.bytes.len()).sum::<usize>();
        entries.append(&mut self.waiting);
        self.waiting = entries;
    }
}
