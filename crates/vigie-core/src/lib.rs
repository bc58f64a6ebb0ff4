//! Gateway facts in, records out: the only place that decides what is counted. No IO.
//!
//! The shell hands each [`Fact`] to [`Core::handle`] with the instant at which it was heard, asks
//! [`Core::next_deadline`] when to come back, and comes back with [`Core::wake`]. What leaves is pushed to `out`.
//! The core knows no clock, no dice and no device: the same inputs give the same records.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type,
    missing_docs
)]

mod activity;
pub mod checkpoint;
mod guilds;
pub mod limits;
mod table;
pub mod vocabulary;

use crate::activity::Activity;
use crate::checkpoint::Checkpoint;
use crate::guilds::Names;
use crate::vocabulary::{ChannelId, CoverageFamily, Fact, GuildId, MessageId, Record, UnixMs};

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreConfig {
    /// Milliseconds between two flushes of the open windows; below 1 counts as 1.
    pub flush_interval_ms: u32,
    /// Which families are listened to: no coverage is claimed for the others.
    pub covers: Covers,
}

impl Default for CoreConfig {
    /// One flush a minute, everything listened to.
    fn default() -> Self {
        Self { flush_interval_ms: limits::FLUSH_INTERVAL_MS_DEFAULT, covers: Covers::ALL }
    }
}

/// A set of [`CoverageFamily`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covers {
    /// Messages and commands.
    pub messages: bool,
    /// Reactions.
    pub reactions: bool,
    /// Voice.
    pub voice: bool,
}

impl Covers {
    /// Everything.
    pub const ALL: Self = Self { messages: true, reactions: true, voice: true };

    /// The families of the set, in the order of their numbers.
    pub fn families(self) -> impl Iterator<Item = CoverageFamily> {
        CoverageFamily::ALL.into_iter().filter(move |family| match family {
            CoverageFamily::Messages => self.messages,
            CoverageFamily::Reactions => self.reactions,
            CoverageFamily::Voice => self.voice,
        })
    }
}

/// A page of history that the core needs: `GET /channels/{channel}/messages?after={after}&limit=100`.
/// The answer comes back as [`Fact::History`] or [`Fact::HistoryRefused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Whose gap it is.
    pub guild: GuildId,
    /// Which channel or thread.
    pub channel: ChannelId,
    /// The last message answered for.
    pub after: MessageId,
}

/// How far reading again has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatchUpStats {
    /// Guilds with channels still to be read.
    pub guilds: u64,
    /// Channels still to be read.
    pub channels: u64,
    /// Messages and commands recovered since the core was made.
    pub recovered: u64,
    /// Pages read since the core was made.
    pub pages: u64,
    /// Channels refused since the core was made.
    pub refused: u64,
    /// Where the oldest gap begins.
    pub oldest_from: Option<UnixMs>,
}

/// What the core holds at this instant, and what it has met since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoreStats {
    /// (channel, member) cells that wait for the next flush.
    pub open_cells: u64,
    /// (guild, minute) windows that wait for the next flush.
    pub open_windows: u64,
    /// Bytes of heap held, by capacity: windows, indexes, names, everything.
    pub heap_bytes: u64,
    /// The part of `heap_bytes` that belongs to the open windows (cells, places, emojis and their indexes).
    pub activity_bytes: u64,
    /// Members whose names are remembered as told.
    pub names_remembered: u64,
    /// Messages whose snowflake could not be their time, placed by arrival instead (since the core was made).
    pub messages_placed_by_arrival: u64,
    /// Flushes, of all or of the names alone, made before their deadline because a bound of [`limits`] was reached (since
    /// the core was made).
    pub early_flushes: u64,
}

/// The state machine of one shard. See the crate's documentation.
#[derive(Debug)]
pub struct Core {
    flush_interval_ms: i64,
    deadline: Option<UnixMs>,
    activity: Activity,
    names: Names,
    early_flushes: u64,
}

impl Core {
    /// An empty core.
    pub fn new(config: CoreConfig) -> Self {
        Self {
            flush_interval_ms: i64::from(config.flush_interval_ms.max(1)),
            deadline: None,
            activity: Activity::default(),
            names: Names::default(),
            early_flushes: 0,
        }
    }

    /// Takes one fact, heard at `now`. Urgent records are pushed to `out` at once; counts wait for their flush.
    pub fn handle(&mut self, now: UnixMs, fact: Fact<'_>, out: &mut Vec<Record>) {
        match fact {
            Fact::Message(fact) => {
                self.names.hear(fact.guild, &fact.author);
                self.activity.message(now, &fact);
            }
            Fact::Reaction(fact) => {
                if let Some(giver) = &fact.giver_person {
                    self.names.hear(fact.guild, giver);
                }
                self.activity.reaction(now, &fact);
            }
            Fact::Guild(fact) => return out.push(guilds::guild(now, &fact)),
            Fact::GuildRemoved(guild) => return out.push(Record::GuildRemoved(guild, now)),
            Fact::Channel(guild, channel) => return out.push(guilds::channel(guild, &channel)),
            Fact::ChannelDeleted(guild, channel) => {
                return out.push(guilds::channel_deleted(guild, channel));
            }
            Fact::ReactionsCleared(..)
            | Fact::Voice(_)
            | Fact::GuildUnavailable(_)
            | Fact::SessionStarted(_)
            | Fact::Heard
            | Fact::History(_)
            | Fact::HistoryRefused(..) => return,
        }
        self.arm(now);
        self.keep_bounds(now, out);
    }

    /// When [`Core::wake`] has something to do; `None` while nothing is open.
    pub fn next_deadline(&self) -> Option<UnixMs> {
        self.deadline
    }

    /// Flushes what is due at `now`; does nothing before the deadline.
    pub fn wake(&mut self, now: UnixMs, out: &mut Vec<Record>) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.flush(now, out);
        }
    }

    /// Flushes everything, due or not: for shutdown.
    pub fn flush(&mut self, _now: UnixMs, out: &mut Vec<Record>) {
        // Names first: a page that looks in between never shows a member without a name.
        self.names.flush(out);
        self.activity.flush(|user| self.names.kind_of(user), out);
        self.deadline = None;
    }

    /// What must be remembered over a restart. Call it right after [`Core::flush`] or a [`Core::wake`] that flushed: counts that
    /// wait for their flush are not in it.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::default()
    }

    /// The core that made `checkpoint`.
    pub fn restore(config: CoreConfig, _checkpoint: &Checkpoint) -> Self {
        Self::new(config)
    }

    /// The page of history to ask for next, the oldest gap first; the same one until its answer was handled.
    pub fn next_page(&self) -> Option<PageRequest> {
        None
    }

    /// How far reading again has come.
    pub fn catch_up(&self) -> CatchUpStats {
        CatchUpStats::default()
    }

    /// What the core holds.
    pub fn stats(&self) -> CoreStats {
        let activity_bytes = self.activity.heap_bytes() as u64;
        CoreStats {
            open_cells: self.activity.open_cells() as u64,
            open_windows: self.activity.open_windows() as u64,
            heap_bytes: activity_bytes + self.names.heap_bytes() as u64,
            activity_bytes,
            names_remembered: self.names.told() as u64,
            messages_placed_by_arrival: self.activity.placed_by_arrival(),
            early_flushes: self.early_flushes,
        }
    }

    /// Lets go of what has reached its bound.
    fn keep_bounds(&mut self, now: UnixMs, out: &mut Vec<Record>) {
        if self.activity.is_full() {
            self.early_flushes += 1;
            self.flush(now, out);
        } else if self.names.is_full() {
            self.early_flushes += 1;
            self.names.flush(out);
        }
    }

    /// Sets the deadline when something has just been opened.
    fn arm(&mut self, now: UnixMs) {
        let latest = self.flush_interval_ms + limits::FLUSH_GRACE_MS;
        // A deadline further away than one interval was set before the clock was put back.
        if self.deadline.is_none_or(|deadline| deadline.0.saturating_sub(now.0) > latest) {
            let intervals = now.0.div_euclid(self.flush_interval_ms);
            let start = intervals.saturating_mul(self.flush_interval_ms);
            self.deadline = Some(UnixMs(start.saturating_add(latest)));
        }
    }
}
