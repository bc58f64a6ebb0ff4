//! What a consumer has done and how it fares, for whoever watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts since the consumer was made, and its present state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestStats {
    /// Records stored.
    pub records: u64,
    /// The same by kind of record, such as `activity window` or `voice sessions`.
    pub records_by_kind: BTreeMap<&'static str, u64>,
    /// Records that had been stored before and were passed over.
    pub repeats: u64,
    /// Entries set aside, by reason. One whose acknowledgement was lost comes again and counts again.
    pub set_aside: BTreeMap<&'static str, u64>,
    /// Batches committed; each holds all that had gathered of its stream.
    pub batches: u64,
    /// Batches that failed because of the database and come again.
    pub failures: u64,
    /// The present trouble with the database; `None` when the last batch was committed.
    pub last_error: Option<String>,
    /// When a batch was last committed, in milliseconds since 1970; `None` before the first.
    pub last_commit_unix_ms: Option<i64>,
}

/// A cheap handle to read the statistics of a running consumer.
#[derive(Clone, Debug, Default)]
pub struct StatsReader {
    stats: Arc<Mutex<IngestStats>>,
}

impl StatsReader {
    /// The statistics at this moment.
    pub fn read(&self) -> IngestStats {
        self.lock().clone()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, IngestStats> {
        // Counters stay whole even if a holder panicked.
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
