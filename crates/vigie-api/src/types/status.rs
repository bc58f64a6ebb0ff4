//! How the pipeline is doing, and the signal of the live stream.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::vocabulary::Instant;

/// How the pipeline is doing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Status {
    /// Version of this program.
    pub version: String,
    /// When it started.
    pub started_at: Instant,
    /// Its clock.
    pub now: Instant,
    /// The database.
    pub store: StoreStatus,
    /// The gateway connections.
    pub shards: Vec<ShardStatus>,
    /// What waits to be stored.
    pub outbox: OutboxStatus,
    /// What was stored.
    pub ingest: IngestStatus,
    /// What was heard.
    pub events: EventsStatus,
    /// The data is imaginary.
    pub demo: bool,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StoreStatus {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// It answers.
    pub ok: bool,
}

/// One gateway connection.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShardStatus {
    /// Number, from 0.
    pub id: u32,
    /// What it is doing.
    pub state: String,
    /// Servers on it.
    pub guilds: u32,
    /// Time between a heartbeat and its answer.
    #[schema(required)]
    pub latency_ms: Option<u32>,
    /// Events heard since the start.
    pub events: u64,
    /// When the last was heard.
    #[schema(required)]
    pub last_event_at: Option<Instant>,
}

/// What waits to be stored.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OutboxStatus {
    /// Records.
    pub pending_entries: u64,
    /// Their bytes.
    pub pending_bytes: u64,
    /// When the oldest was written.
    #[schema(required)]
    pub oldest_at: Option<Instant>,
}

/// What was stored since the start.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IngestStatus {
    /// Records stored.
    pub records: u64,
    /// Records delivered again and skipped.
    pub repeats: u64,
    /// Records that could not be read.
    pub set_aside: u64,
    /// When something was last stored.
    #[schema(required)]
    pub last_commit_at: Option<Instant>,
}

/// What was heard since the start.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventsStatus {
    /// Events that became counts.
    pub counted: u64,
    /// Events that did not, by reason.
    pub set_aside: BTreeMap<String, u64>,
}

/// Data of the `changed` event of the live stream: ask again. Never the figures themselves.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Changed {
    /// Which families of questions have new answers.
    pub families: Vec<&'static str>,
    /// Grows with each change of the server's data since the start of this program.
    pub version: u64,
}
