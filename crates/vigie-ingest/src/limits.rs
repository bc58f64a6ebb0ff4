//! Every bound of ingestion: its arithmetic, and what happens when it is reached.

/// Streams (producer and lane) applied at once to PostgreSQL: as many as the store has writing connections; more
/// would wait there. SQLite has one writer. Reached: deliveries wait, urgent ones first.
pub const APPLYING_POSTGRES_MAX: usize = 4;

/// Streams applied at once to SQLite.
pub const APPLYING_SQLITE_MAX: usize = 1;

/// Deliveries taken from the transport and not yet applied: twice what a sender has under way, 32 × 1 MiB.
/// Reached: the transport keeps the rest, and its publisher waits.
pub const DELIVERIES_TAKEN_MAX: usize = 32;

/// First pause after the database failed, in milliseconds; doubles with each further failure in a row.
pub const PAUSE_FIRST_MS: u64 = 100;

/// Longest pause while the database keeps failing, in milliseconds: how late its return is noticed at most.
pub const PAUSE_MAX_MS: u64 = 5_000;

/// How long a stopping consumer waits for its transactions under way, in milliseconds. Reached: they are given up;
/// their entries come again at the next start, and are repeats where the database had committed them.
pub const STOP_WAIT_MS: u64 = 1_000;

/// Seconds between two looks for what has outlived its retention: an hour against the 30 days of a voice session, so that nothing
/// is kept longer by more than a seven-hundredth.
pub const RETENTION_INTERVAL_S: u64 = 3_600;
