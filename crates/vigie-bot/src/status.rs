//! How the bot is doing, for whoever asks at any moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vigie_core::vocabulary::{GuildId, Reading, UnixMs};

/// The whole bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BotStatus {
    /// Its shards, by number.
    pub shards: Vec<ShardStatus>,
    /// Events that carry no counts or could not be read, by reason, since the start.
    pub set_aside: BTreeMap<String, u64>,
    /// Events that were handed to the core, since the start.
    pub counted: u64,
}

/// One gateway connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardStatus {
    /// Its number, from 0.
    pub id: u32,
    /// What it is doing.
    pub state: ShardState,
    /// Guilds it has heard of in this session.
    pub guilds: u32,
    /// Average milliseconds between a heartbeat and its answer on this connection.
    pub latency_ms: Option<u32>,
    /// Events heard since the start.
    pub events: u64,
    /// When the last one was heard (ms since 1970).
    pub last_event_unix_ms: Option<i64>,
    /// How this process came to its state.
    pub restart: Restart,
    /// Whether what was missed is being heard again (a RESUME): events then carry the time at which they happened.
    pub replaying: bool,
    /// The last sign of life from Discord (ms since 1970): what came later is not known yet.
    pub heard_until_unix_ms: Option<i64>,
    /// Bytes journaled since the last checkpoint: what a restart has to read.
    pub journal_bytes: u64,
    /// When the last checkpoint was taken (ms since 1970).
    pub checkpoint_unix_ms: Option<i64>,
    /// Records that are not durable yet.
    pub uncommitted_records: u64,
    /// Events that came a second time after a resume and were passed over, since the start.
    pub repeats: u64,
    /// Milliseconds by which the clock was set by Discord's time, summed up with their sign, since the start.
    pub clock_set_ms: i64,
    /// Reading again what could not be heard.
    pub catch_up: CatchUp,
    /// Reading what is not told: invites, audit log, members.
    pub readings: Readings,
}

impl ShardStatus {
    /// What is noted of the requests of a lane: how many, and until when the next one waits.
    pub(crate) fn rest(&mut self, lane: RestLane) -> (&mut u64, &mut Option<i64>) {
        match lane {
            RestLane::History => {
                (&mut self.catch_up.requests, &mut self.catch_up.waiting_until_unix_ms)
            }
            RestLane::Readings => {
                (&mut self.readings.requests, &mut self.readings.waiting_until_unix_ms)
            }
        }
    }
}

/// The lanes in which a shard asks Discord's HTTP API, one request at a time in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RestLane {
    /// Pages of channels.
    History,
    /// Invites, audit log, members.
    Readings,
}

/// How a shard came to its state when its process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Nothing was kept of an earlier process: the first start, or the outbox is new.
    #[default]
    First,
    /// State and session were there; whether Discord still keeps the session is not known yet.
    Resuming,
    /// The session goes on: nothing was missed.
    Resumed,
    /// The state was there, the session was not to be had any more: what happened meanwhile is blind, or read again.
    NewSession,
    /// What was kept was damaged and could not be used: the shard began anew.
    StateLost,
}

impl Restart {
    /// The outcome in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first start",
            Self::Resuming => "resuming",
            Self::Resumed => "resumed",
            Self::NewSession => "new session",
            Self::StateLost => "state lost",
        }
    }
}

/// How far a shard has come in reading again what it could not hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatchUp {
    /// Guilds with channels still to be read.
    pub guilds: u64,
    /// Channels still to be read.
    pub channels: u64,
    /// Messages and commands recovered since the start.
    pub recovered: u64,
    /// Pages read since the start.
    pub pages: u64,
    /// Channels refused since the start.
    pub refused: u64,
    /// Where the oldest gap begins (ms since 1970).
    pub oldest_from_unix_ms: Option<i64>,
    /// Requests sent since the start, repeats among them.
    pub requests: u64,
    /// Until when the next request waits (ms since 1970), because of a limit or a fault.
    pub waiting_until_unix_ms: Option<i64>,
}

/// What a shard reads of its guilds beside messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// What is being read at this moment.
    pub current: Option<(GuildId, Reading)>,
    /// Answers since the start, pages and lists.
    pub answered: u64,
    /// Refusals since the start.
    pub refused: u64,
    /// Requests sent since the start, repeats among them.
    pub requests: u64,
    /// Until when the next request waits (ms since 1970), because of a limit or a fault.
    pub waiting_until_unix_ms: Option<i64>,
}

/// What a shard is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShardState {
    /// Not connected; it is trying, with growing pauses.
    #[default]
    Connecting,
    /// Connected, waiting for its turn to log in or for the answer.
    Identifying,
    /// Connected, hearing what it missed.
    Resuming,
    /// Logged in.
    Ready,
    /// Ended, by request or for good.
    Stopped,
}

impl ShardState {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Identifying => "identifying",
            Self::Resuming => "resuming",
            Self::Ready => "ready",
            Self::Stopped => "stopped",
        }
    }
}

impl From<twilight_gateway::ShardState> for ShardState {
    fn from(state: twilight_gateway::ShardState) -> Self {
        match state {
            twilight_gateway::ShardState::Active => Self::Ready,
            twilight_gateway::ShardState::Disconnected { .. } => Self::Connecting,
            twilight_gateway::ShardState::FatallyClosed => Self::Stopped,
            twilight_gateway::ShardState::Identifying => Self::Identifying,
            twilight_gateway::ShardState::Resuming => Self::Resuming,
        }
    }
}

/// A handle through which the status can be read while the bot runs; clones share it.
#[derive(Clone, Debug)]
pub struct StatusReader {
    tallies: Arc<[Mutex<Tally>]>,
}

impl StatusReader {
    /// One empty tally per shard, and the places where the shards keep them.
    pub(crate) fn new(shards: u32) -> (Self, Vec<TallyKeeper>) {
        let tallies: Arc<[Mutex<Tally>]> = (0..shards).map(|_| Mutex::default()).collect();
        let keepers = (0..tallies.len())
            .map(|index| TallyKeeper { tallies: Arc::clone(&tallies), index })
            .collect();
        (Self { tallies }, keepers)
    }

    /// The status at this moment.
    pub fn status(&self) -> BotStatus {
        let mut status = BotStatus::default();
        for (id, tally) in (0..).zip(self.tallies.iter()) {
            let tally = lock(tally);
            status.shards.push(ShardStatus { id, ..tally.shard.clone() });
            status.counted += tally.counted;
            for (&reason, &count) in &tally.set_aside {
                *status.set_aside.entry(reason.to_owned()).or_default() += count;
            }
        }
        status
    }
}

/// Where one shard writes; clones write to the same place.
#[derive(Clone, Debug)]
pub(crate) struct TallyKeeper {
    tallies: Arc<[Mutex<Tally>]>,
    index: usize,
}

/// What one shard has seen.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) shard: ShardStatus,
    counted: u64,
    /// Reasons come from closed lists in the program, so that this stays small.
    set_aside: BTreeMap<&'static str, u64>,
}

impl TallyKeeper {
    /// The shard's tally. Only readers of the status compete for it.
    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.tallies[self.index])
    }
}

impl Tally {
    /// An event was heard.
    pub(crate) fn heard(&mut self, now: UnixMs) {
        self.shard.events += 1;
        self.shard.last_event_unix_ms = Some(now.0);
    }

    /// It was handed to the core.
    pub(crate) fn counted(&mut self) {
        self.counted += 1;
    }

    /// It was not, for this reason.
    pub(crate) fn set_aside(&mut self, reason: &'static str) {
        *self.set_aside.entry(reason).or_default() += 1;
    }
}

/// Numbers stay usable even if a thread panicked beside them.
fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
