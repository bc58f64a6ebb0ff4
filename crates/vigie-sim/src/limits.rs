//! Every bound of the simulator: its name, its arithmetic, and what happens when it is reached.
//!
//! Bounds that Discord publishes carry its numbers; the others are choices, and say so.

/// Largest payload that a client may send, in bytes (Discord, "Gateway", Sending Events). Larger: close 4002.
pub const CLIENT_PAYLOAD_BYTES_MAX: usize = 4_096;

/// Largest WebSocket message read at all. Sixteen times the payload bound, so that an oversized payload is still read whole
/// and refused with 4002; beyond this the connection ends without a close code.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Payloads a client may send in [`SENDS_WINDOW_MS`] (Discord, "Gateway", Rate Limiting). The next one: close 4008.
pub const SENDS_MAX: usize = 120;

/// The window of [`SENDS_MAX`], in milliseconds.
pub const SENDS_WINDOW_MS: u64 = 60_000;

/// Presence updates heeded in [`PRESENCES_WINDOW_MS`]; further ones are ignored and counted (they still count as sends).
pub const PRESENCES_MAX: usize = 5;

/// The window of [`PRESENCES_MAX`], in milliseconds.
pub const PRESENCES_WINDOW_MS: u64 = 20_000;

/// Least time between two requests for all members of one guild by one bot, in milliseconds. Earlier: RATE_LIMITED.
pub const ALL_MEMBERS_INTERVAL_MS: u64 = 30_000;

/// Members in one GUILD_MEMBERS_CHUNK. More members: more chunks.
pub const MEMBERS_PER_CHUNK: usize = 1_000;

/// `user_ids` in one request for members, and the largest `limit` of a prefix query. Beyond: cut.
pub const MEMBERS_REQUEST_MAX: usize = 100;

/// Bytes of a `nonce`. A longer one is ignored, as Discord does.
pub const NONCE_BYTES_MAX: usize = 32;

/// Tolerance on the identify interval, in milliseconds: a client that waits exactly 5 s may be heard a little early.
pub const IDENTIFY_TOLERANCE_MS: u64 = 250;

/// Events that may wait unsent for a connected client that reads too slowly. 100,000 events of 1.3 KB, shared between
/// sessions, are 130 MB at most. Beyond: the connection is dropped and its session is gone (op 9 `false` on RESUME).
pub const UNSENT_EVENTS_MAX: u64 = 100_000;

/// Bytes of GUILD_CREATEs that one session keeps for RESUME: about 1,000 guilds of 30 KB. Beyond it those sent first are
/// written anew when they are replayed, as their guild is then.
pub const TOLD_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Ended sessions remembered, to tell what they were sent: 1,000 × 160 KB at most. Beyond it the oldest is forgotten, and
/// what it was sent counts as unheard.
pub const ENDED_SESSIONS_MAX: usize = 1_000;

/// Lost dispatches that one session tells of. Beyond it they are lost in silence.
pub const LOST_TOLD_MAX: usize = 10_000;

/// Ids told apart in the counts of one REST route. Beyond it requests are counted under `other`.
pub const REST_IDS_MAX: usize = 100_000;

/// Frames taken from a session's log at once: keeps the lock short and lets control payloads (op 7, op 11) pass between.
pub const FRAMES_PER_BATCH: usize = 64;

/// Control payloads waiting for one connection's writer. At most 120 answers a minute and a few faults; beyond that the
/// client does not read, and the connection is dropped.
pub const CONTROL_QUEUE_MAX: usize = 256;

/// How long a closing connection waits for the other side's close frame, in milliseconds.
pub const CLOSE_WAIT_MS: u64 = 2_000;

/// How long a client may stay after op 7 before it is closed with 4000, in milliseconds (choice).
pub const RECONNECT_GRACE_MS: u64 = 5_000;

/// A client is a zombie when it has not beaten for this many hundredths of its heartbeat interval (choice: one and a half).
pub const ZOMBIE_PERCENT: u64 = 150;

/// How often the player advances the world, in milliseconds: short against the smallest delay a page could show.
pub const TICK_MS: u64 = 15;

/// How often sessions are trimmed and outages ended, in milliseconds.
pub const JANITOR_MS: u64 = 500;

/// Largest body of the control door, in bytes: a GUILD_CREATE of thousands of channels fits. Larger: 413.
pub const CONTROL_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// REST buckets remembered before those that have run out are forgotten: 10,000 × about 120 B = 1.2 MB.
pub const REST_BUCKETS_MAX: usize = 10_000;

/// Messages on one page of history (Discord, "Get Channel Messages").
pub const MESSAGES_PER_PAGE_MAX: u64 = 100;

/// Members on one page (Discord, "List Guild Members").
pub const MEMBERS_PER_PAGE_MAX: u64 = 1_000;

/// Entries on one page of an audit log (Discord, "Get Guild Audit Log").
pub const AUDIT_ENTRIES_PER_PAGE_MAX: u64 = 100;

/// Bans on one page (Discord, "Get Guild Bans").
pub const BANS_PER_PAGE_MAX: u64 = 1_000;

/// Largest shard count accepted in IDENTIFY. Discord has no published maximum; beyond this: close 4010.
pub const SHARDS_MAX: u32 = 65_536;
