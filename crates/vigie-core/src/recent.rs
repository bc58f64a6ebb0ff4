//! What was counted lately, so that nothing is counted twice: the newest message of each channel (its *mark*), the messages
//! of the last minutes, the last word on each reaction.
//!
//! Nearly every message is newer than the mark of its channel, and new for that reason alone. Only one that is not is looked
//! for among the recent ones. All times here are Discord's, read from the ids: our own clock may jump.

mod log;
mod reactions;

use crate::limits;
use crate::recent::log::Log;
use crate::table::{Keyed, Table, hash_pair};
use crate::vocabulary::{ChannelId, MessageId};

pub(crate) use reactions::Reactions;

/// The messages counted lately.
#[derive(Debug)]
pub(crate) struct Messages {
    /// The newest message heard of, in any guild.
    newest: u64,
    marks: Table<Mark>,
    /// In a channel without a mark everything up to this id is answered for: above 0 only once marks had to be let go.
    marks_horizon: u64,
    log: Log,
}

/// The newest message answered for in a channel.
#[derive(Clone, Copy, Debug)]
struct Mark {
    channel: u64,
    newest: u64,
}

/// Ten minutes, as a distance between two ids.
const HORIZON: u64 = (limits::MARK_HORIZON_MS as u64) << 22;

impl Default for Messages {
    fn default() -> Self {
        Self {
            newest: 0,
            marks: Table::default(),
            marks_horizon: 0,
            log: Log::new(limits::RECENT_MESSAGES_MIN),
        }
    }
}

impl Messages {
    /// Whether a live message has not been counted yet; from now on it has.
    #[inline]
    pub(crate) fn is_new(&mut self, channel: ChannelId, message: MessageId) -> bool {
        let id = message.0;
        if id < self.newest.saturating_sub(HORIZON) {
            return false;
        }
        self.newest = self.newest.max(id);
        let mark = Mark { channel: channel.0, newest: id };
        match self.marks.find(mark.hash(), |other| other.channel == mark.channel) {
            Some(position) => {
                let known = &mut self.marks.entries_mut()[position];
                if id > known.newest {
                    known.newest = id;
                } else if id <= self.log.horizon() || self.log.contains(id) {
                    return false;
                }
            }
            None if id <= self.marks_horizon => return false,
            None => self.add_mark(mark),
        }
        self.log.push(id);
        true
    }

    /// Whether a message read from history has not been counted yet; from now on it has.
    pub(crate) fn is_missing(&mut self, message: MessageId) -> bool {
        let id = message.0;
        if id < self.newest.saturating_sub(HORIZON) {
            return true;
        }
        let missing = !self.log.contains(id);
        if missing {
            self.log.push(id);
        }
        missing
    }

    /// Another message was heard of, without being counted.
    pub(crate) fn hear_of(&mut self, message: MessageId) {
        self.newest = self.newest.max(message.0);
    }

    /// Everything in a channel up to this message is answered for. Nothing to remember where that goes without saying.
    pub(crate) fn answer(&mut self, channel: ChannelId, message: MessageId) {
        let mark = Mark { channel: channel.0, newest: message.0 };
        match self.marks.find(mark.hash(), |other| other.channel == mark.channel) {
            Some(position) => {
                let known = &mut self.marks.entries_mut()[position];
                known.newest = known.newest.max(mark.newest);
            }
            None if message <= self.unmarked() => {}
            None => self.add_mark(mark),
        }
    }

    /// The newest message answered for in a channel, if it has a mark.
    pub(crate) fn mark(&self, channel: ChannelId) -> Option<MessageId> {
        let mark = Mark { channel: channel.0, newest: 0 };
        let position = self.marks.find(mark.hash(), |other| other.channel == mark.channel)?;
        Some(MessageId(self.marks.entries()[position].newest))
    }

    /// The message up to which channels without a mark are answered for, now.
    pub(crate) fn unmarked(&self) -> MessageId {
        MessageId(self.newest.saturating_sub(HORIZON).max(self.marks_horizon))
    }

    /// Whether all marks above `unmarked`, which was [`Messages::unmarked`] once, are still known.
    pub(crate) fn still_knows(&self, unmarked: MessageId) -> bool {
        unmarked.0 >= self.marks_horizon
    }

    /// Forgets what is older than ten minutes; marks newer than `needed` stay.
    pub(crate) fn prune(&mut self, needed: Option<MessageId>) {
        let horizon = self.newest.saturating_sub(HORIZON);
        self.log.forget_until(horizon.saturating_sub(1));
        let floor = needed.map_or(horizon, |needed| needed.0.min(horizon));
        if self.marks.entries().iter().any(|mark| mark.newest <= floor) {
            self.retain_marks(floor);
        }
    }

    /// The newest message heard of.
    pub(crate) fn newest(&self) -> MessageId {
        MessageId(self.newest)
    }

    /// Channels with a mark.
    pub(crate) fn marks(&self) -> usize {
        self.marks.len()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.marks.heap_bytes() + self.log.heap_bytes()
    }

    /// The marks, by channel; what they forgot; the recent messages; what they forgot.
    pub(crate) fn checkpoint(&self) -> MessagesCheckpoint {
        let mark = |mark: &Mark| (ChannelId(mark.channel), MessageId(mark.newest));
        let mut marks: Vec<_> = self.marks.entries().iter().map(mark).collect();
        marks.sort_unstable();
        MessagesCheckpoint {
            newest: self.newest(),
            marks,
            marks_horizon: MessageId(self.marks_horizon),
            recent: self.log.ids().iter().copied().map(MessageId).collect(),
            recent_horizon: MessageId(self.log.horizon()),
        }
    }

    pub(crate) fn restore(from: MessagesCheckpoint) -> Self {
        let mut marks = Table::default();
        for (channel, newest) in from.marks.into_iter().take(limits::MARKS_MAX) {
            marks.push(Mark { channel: channel.0, newest: newest.0 });
        }
        let recent = from.recent.into_iter().map(|id| id.0);
        Self {
            newest: from.newest.0,
            marks,
            marks_horizon: from.marks_horizon.0,
            log: Log::restore(limits::RECENT_MESSAGES_MIN, recent, from.recent_horizon.0),
        }
    }

    fn add_mark(&mut self, mark: Mark) {
        if self.marks.len() >= limits::MARKS_MAX {
            let mut ids: Vec<u64> = self.marks.entries().iter().map(|mark| mark.newest).collect();
            let (_, &mut middle, _) = ids.select_nth_unstable(limits::MARKS_MAX / 2);
            self.marks_horizon = self.marks_horizon.max(middle);
            self.retain_marks(middle);
        }
        self.marks.push(mark);
    }

    /// Keeps the marks newer than `floor`.
    fn retain_marks(&mut self, floor: u64) {
        for mark in self.marks.take() {
            if mark.newest > floor {
                self.marks.push(mark);
            }
        }
    }
}

/// What [`Messages`] has to remember over a restart.
#[derive(Debug, Default)]
pub(crate) struct MessagesCheckpoint {
    pub(crate) newest: MessageId,
    pub(crate) marks: Vec<(ChannelId, MessageId)>,
    pub(crate) marks_horizon: MessageId,
    pub(crate) recent: Vec<MessageId>,
    pub(crate) recent_horizon: MessageId,
}

impl Keyed for Mark {
    fn hash(&self) -> u64 {
        hash_pair(self.channel, 0)
    }
}
