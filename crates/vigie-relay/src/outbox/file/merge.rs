//! Merging at the limit: entries of one stream give way to fewer that mean the same.
//!
//! The merged entries take the highest numbers of the range they replace; the numbers below are gone. That is safe only
//! for entries that nobody beyond the outbox has seen: had the far side stored the lower half of a range, it would take
//! the merged entries, whose numbers it does not know, on top. So entries handed to the sender stay as they are, also
//! those that an earlier process may have handed to its own: up to where is durable before it happens.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rusqlite::{Transaction, TransactionBehavior};

use super::read::{StreamBatch, read_rows};
use super::streams::{Counters, key};
use super::{Durability, OutboxFile, StreamId, insert_entry};
use crate::limits::{ENTRY_BYTES_MAX, MERGE_GAIN_PARTS, MERGE_STEP_BYTES, MERGE_STEP_ENTRIES};
use crate::{Merge, RelayError, URGENT_LANE};

/// One walk over all that may be merged, the stream that waits longest first.
#[derive(Debug)]
pub(in crate::outbox) struct MergePass {
    streams: VecDeque<StreamId>,
    /// How far the first of them has been walked.
    after: u64,
}

/// A range of a stream and what takes its place.
struct Merged {
    stream: StreamId,
    before: StreamBatch,
    /// The number of the entry before the range.
    after: u64,
    first_unix_ms: i64,
    entries: Vec<Bytes>,
}

impl OutboxFile {
    /// Where a walk begins.
    pub(in crate::outbox) fn merge_pass(&self) -> MergePass {
        let is_periodic = |id: &StreamId| self.streams.known(*id).lane != URGENT_LANE;
        MergePass { streams: self.streams.by_age().filter(is_periodic).collect(), after: 0 }
    }

    /// One step of a walk, of bounded size, in one transaction; `false` when the walk is over.
    pub(in crate::outbox) fn merge_step(
        &mut self,
        pass: &mut MergePass,
        merge: &dyn Merge,
    ) -> Result<bool, RelayError> {
        let Some(&stream) = pass.streams.front() else { return Ok(false) };
        let known = self.streams.known(stream);
        let after = pass.after.max(known.offered_number).max(known.counters.forgotten_number);
        let (lane, last_number) = (known.lane, known.counters.last_number);
        let keys = key(stream, after)..key(stream, last_number);
        let read = read_rows(&self.database, keys, MERGE_STEP_ENTRIES, MERGE_STEP_BYTES);
        let rows = read.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        let Some(first_after) = rows.after().filter(|_| rows.len() > 1) else {
            pass.streams.pop_front();
            pass.after = 0;
            return Ok(!pass.streams.is_empty());
        };
        if let Some(number) = rows.first_damaged(first_after) {
            let detail = format!("entry {number} is damaged, or one before it is missing");
            return Err(RelayError::Corrupt { path: self.path.clone(), detail });
        }
        let first_unix_ms = rows.first_unix_ms;
        let before = rows.into_batch();
        pass.after = before.last_number;
        let bytes: Vec<_> = before.entries.iter().map(|(_, bytes)| bytes.clone()).collect();
        let merged = merge.merge(lane, &bytes).filter(|entries| is_gain(&before, entries));
        if let Some(entries) = merged {
            let merged = Merged { stream, before, after: first_after, first_unix_ms, entries };
            let replaced = self.replace(&merged);
            replaced.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        }
        Ok(true)
    }

    /// Durable, unlike a deletion: were the range to come back after a merged entry was published, its lower numbers
    /// would pass for repeats of it.
    fn replace(&mut self, merged: &Merged) -> rusqlite::Result<()> {
        self.set_durability(Durability::Full)?;
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.database, behavior)?;
        let id = merged.stream;
        let last_number = merged.before.last_number;
        let sql = "DELETE FROM entries WHERE key > ?1 AND key <= ?2";
        let range = [key(id, merged.after), key(id, last_number)];
        self.database.prepare_cached(sql)?.execute(range)?;
        let count = merged.entries.len() as u64;
        let mut after = merged.after;
        for (number, bytes) in (last_number + 1 - count..).zip(&merged.entries) {
            insert_entry(&self.database, id, number, after, merged.first_unix_ms, bytes)?;
            after = number;
        }
        let mut counters: Counters = self.streams.known(id).counters;
        let bytes: u64 = merged.entries.iter().map(|bytes| bytes.len() as u64).sum();
        counters.pending_entries =
            counters.pending_entries + count - merged.before.entries.len() as u64;
        counters.pending_bytes = counters.pending_bytes + bytes - merged.before.bytes;
        self.store_counters(&BTreeMap::from([(id, counters)]))?;
        transaction.commit()?;
        self.streams.adopt(id, counters);
        Ok(())
    }
}

/// Whether what is offered may take the place of a range, and is worth writing.
fn is_gain(before: &StreamBatch, entries: &[Bytes]) -> bool {
    let bytes: u64 = entries.iter().map(|bytes| bytes.len() as u64).sum();
    let fits = entries.iter().all(|bytes| bytes.len() <= ENTRY_BYTES_MAX);
    let is_fewer = !entries.is_empty() && entries.len() <= before.entries.len();
    fits && is_fewer
        && bytes <= before.bytes - before.bytes / MERGE_GAIN_PARTS
        && (bytes < before.bytes || entries.len() < before.entries.len())
}
