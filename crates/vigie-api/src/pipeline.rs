//! How the rest of the program is doing: filled by the binary, which alone knows the bot, the outbox and the ingest.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{GuildId, Reading};

pub use crate::types::status::RestartOutcome;

/// How the pipeline is doing at this instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipelineStatus {
    /// Gateway connections, by number.
    pub shards: Vec<Shard>,
    /// What waits to be stored.
    pub outbox: Outbox,
    /// What was stored.
    pub ingest: Ingest,
    /// What was heard.
    pub events: Events,
    /// What is kept so that a restart loses nothing.
    pub journal: Journal,
    /// What was missed and is being read again, all connections together.
    pub catch_up: CatchUp,
    /// What is read that no event tells: audit log, invites, members; all connections together.
    pub readings: Readings,
}

/// One gateway connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shard {
    /// Number, from 0.
    pub id: u32,
    /// What it is doing, in a word (`ready`, `resuming`…).
    pub state: String,
    /// Servers on it.
    pub guilds: u32,
    /// Milliseconds between a heartbeat and its answer.
    pub latency_ms: Option<u32>,
    /// Events heard since the start.
    pub events: u64,
    /// When the last was heard (ms since 1970).
    pub last_event_unix_ms: Option<i64>,
    /// Everything until this instant has been heard (ms since 1970).
    pub heard_until_unix_ms: Option<i64>,
    /// How the last start went on; `None` until that is known.
    pub last_restart: Option<Restart>,
}

/// How a gateway connection went on after a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restart {
    /// How.
    pub outcome: RestartOutcome,
}

/// What waits to be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Records.
    pub pending_entries: u64,
    /// Their bytes.
    pub pending_bytes: u64,
    /// When the oldest was written (ms since 1970).
    pub oldest_pending_unix_ms: Option<i64>,
    /// Bytes of the files on disk.
    pub file_bytes: u64,
}

/// What is kept so that a restart loses nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Bytes heard since the last checkpoints.
    pub bytes: u64,
    /// When the oldest of the last checkpoints was taken (ms since 1970).
    pub checkpoint_unix_ms: Option<i64>,
}

/// What was missed and is being read again from Discord's history. All but the first three count since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatchUp {
    /// Servers with channels still to be read.
    pub guilds: u64,
    /// Channels still to be read.
    pub channels: u64,
    /// Where the oldest gap begins (ms since 1970).
    pub oldest_from_unix_ms: Option<i64>,
    /// Messages and commands recovered.
    pub recovered: u64,
    /// Pages read.
    pub pages: u64,
    /// Requests made for them, repetitions included.
    pub requests: u64,
    /// Channels that could not be read.
    pub refused: u64,
    /// Until when Discord's limits make it wait (ms since 1970).
    pub waiting_until_unix_ms: Option<i64>,
}

/// What is read that no event tells. All but the first and the last count since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// What is being read, of which servers: one at a time on each connection.
    pub current: Vec<(GuildId, Reading)>,
    /// Answers that came.
    pub answered: u64,
    /// Readings that were refused.
    pub refused: u64,
    /// Requests made for them, repetitions included.
    pub requests: u64,
    /// Until when Discord's limits make it wait (ms since 1970).
    pub waiting_until_unix_ms: Option<i64>,
}

/// What was stored since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingest {
    /// Records stored.
    pub records: u64,
    /// Records delivered again and skipped.
    pub repeats: u64,
    /// Records that could not be read.
    pub set_aside: u64,
    /// When something was last stored (ms since 1970).
    pub last_commit_unix_ms: Option<i64>,
}

/// What was heard since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Events that became counts.
    pub counted: u64,
    /// Events that did not, by reason.
    pub set_aside: BTreeMap<String, u64>,
}
