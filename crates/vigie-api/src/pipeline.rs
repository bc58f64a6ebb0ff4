//! How the rest of the program is doing: filled by the binary, which alone knows the bot, the outbox and the ingest.

use std::collections::BTreeMap;

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
