//! How the pipeline is doing, and the signal of the live stream.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::CoverageHealth;
use super::guilds::Reading;
use super::vocabulary::{Instant, Snowflake};

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
    /// What is kept so that a restart loses nothing.
    pub journal: JournalStatus,
    /// What was missed and is being read again.
    pub catch_up: CatchUpStatus,
    /// What is read that no event tells.
    pub readings: ReadingsStatus,
    /// Which servers are heard now.
    pub coverage: CoverageStatus,
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
    /// Everything until this instant has been heard; `null` before the first sign of life.
    #[schema(required)]
    pub heard_until: Option<Instant>,
    /// How the last start went on; `null` before it was known.
    #[schema(required)]
    pub last_restart: Option<RestartStatus>,
}

/// How a gateway connection went on after a start.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RestartStatus {
    /// How.
    pub outcome: RestartOutcome,
}

/// How a gateway connection went on after a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestartOutcome {
    /// Where it had ended: nothing was missed.
    Resumed,
    /// With a new session: what was missed stands in the ledger, and messages are read again.
    #[default]
    NewSession,
    /// Without memory: what was kept was lost or damaged.
    StateLost,
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
    /// Bytes of the files on disk.
    pub file_bytes: u64,
}

/// What is kept so that a restart loses nothing: a checkpoint, and what was heard since.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JournalStatus {
    /// Bytes heard since the last checkpoint.
    pub bytes: u64,
    /// When the oldest of the last checkpoints was taken; `null` before any.
    #[schema(required)]
    pub checkpoint_at: Option<Instant>,
}

/// What was missed and is being read again from Discord's history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CatchUpStatus {
    /// Servers with channels still to be read.
    pub guilds: u64,
    /// Channels still to be read.
    pub channels: u64,
    /// Messages and commands recovered since the start.
    pub recovered: u64,
    /// Pages read since the start.
    pub pages: u64,
    /// Requests made for them since the start, repetitions included.
    pub requests: u64,
    /// Channels that could not be read since the start.
    pub refused: u64,
    /// Where the oldest gap begins; `null` when there is none.
    #[schema(required)]
    pub oldest_from: Option<Instant>,
    /// Until when Discord's limits make it wait; `null` while it reads, or has nothing to read.
    #[schema(required)]
    pub waiting_until: Option<Instant>,
}

/// What is read that no event tells: audit log, invites, members.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReadingsStatus {
    /// What is being read now: one at a time on each connection.
    pub current: Vec<CurrentReading>,
    /// Answers that came since the start.
    pub answered: u64,
    /// Readings that were refused since the start; `access` of a server says which.
    pub refused: u64,
    /// Requests made for them since the start, repetitions included.
    pub requests: u64,
    /// Until when Discord's limits make it wait; `null` while it reads, or has nothing to read.
    #[schema(required)]
    pub waiting_until: Option<Instant>,
}

/// Something that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurrentReading {
    /// Of which server.
    pub guild_id: Snowflake,
    /// What.
    pub reading: Reading,
}

/// Which servers are heard now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoverageStatus {
    /// Servers that are heard, with nothing left to be read again.
    pub ok: u64,
    /// Servers that are heard, with messages still to be read again.
    pub recovering: u64,
    /// Servers that are not heard now.
    pub blind: u64,
    /// Servers of which nothing was ever heard.
    pub unknown: u64,
    /// Those that are not `ok`, the worst first: at most 100.
    pub guilds: Vec<GuildCoverage>,
}

/// Whether one server is heard now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuildCoverage {
    /// Discord id.
    pub id: Snowflake,
    /// Name.
    pub name: String,
    /// How it is heard.
    pub health: CoverageHealth,
    /// Since when it is not heard.
    #[schema(required)]
    pub since: Option<Instant>,
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
