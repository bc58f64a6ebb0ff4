//! The SQLite file: its schema, and the few statements run on it. Only the outbox thread comes here.
//!
//! `entries` is keyed by one integer, the stream's id above the entry's number: appending, reading in order and
//! deleting a range all walk one B-tree from left to right. `counters` holds the last number given and the last number
//! forgotten of every stream, and is written with the entries, so numbers are never given twice.

mod read;
mod schema;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use read::read_rows;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::Commit;
use super::writer::{Acknowledged, Tip};
use crate::RelayError;
use crate::limits::{FREE_PAGES_KEPT, FREE_PAGES_STEP, NUMBER_BITS, STREAMS_MAX};

pub(crate) use read::StreamBatch;

/// A (producer, lane) pair in this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamId(u32);

#[cfg(test)]
impl StreamId {
    /// An id out of thin air, for tests of the bookkeeping.
    pub(crate) fn for_test(id: u32) -> Self {
        Self(id)
    }
}

#[cfg(test)]
impl OutboxFile {
    /// Stands in for a full disk.
    pub(super) fn limit_pages(&self, pages: u32) {
        self.database.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

/// Whether a transaction has to survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// One fsync: what a commit needs.
    Full,
    /// No fsync: enough for deletions, whose loss only repeats a delivery.
    Lazy,
}

/// The open file and what is known of its streams.
#[derive(Debug)]
pub(super) struct OutboxFile {
    path: PathBuf,
    database: Connection,
    durability: Durability,
    streams: BTreeMap<StreamId, Stream>,
    by_name: HashMap<(Arc<str>, u8), StreamId>,
    /// Instant of the first pending entry of each stream that has one.
    oldest: BTreeSet<(i64, StreamId)>,
    /// Acknowledged ranges that are still in the file: last number and bytes.
    acknowledged: BTreeMap<StreamId, (u64, u64)>,
    pending_entries: u64,
    pending_bytes: u64,
}

#[derive(Debug)]
struct Stream {
    producer: Arc<str>,
    lane: u8,
    counters: Counters,
}

/// A stream's row in `counters`, and the age of its first entry.
#[derive(Clone, Copy, Debug, Default)]
struct Counters {
    last_number: u64,
    forgotten_number: u64,
    pending_bytes: u64,
    oldest_unix_ms: Option<i64>,
}

impl OutboxFile {
    /// Opens, locks and migrates; reads the counters.
    pub(super) fn open(path: PathBuf) -> Result<Self, RelayError> {
        let database = schema::open(&path)?;
        let mut file = Self {
            path,
            database,
            durability: Durability::Full,
            streams: BTreeMap::new(),
            by_name: HashMap::new(),
            oldest: BTreeSet::new(),
            acknowledged: BTreeMap::new(),
            pending_entries: 0,
            pending_bytes: 0,
        };
        file.load_streams()?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn pending_entries(&self) -> u64 {
        self.pending_entries
    }

    pub(super) fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    pub(super) fn oldest_pending_unix_ms(&self) -> Option<i64> {
        self.oldest.first().map(|&(unix_ms, _)| unix_ms)
    }

    /// Whether acknowledged ranges wait to be deleted.
    pub(super) fn has_acknowledged(&self) -> bool {
        !self.acknowledged.is_empty()
    }

    /// Makes sure that every stream of the commit has an id, and numbers left for it.
    pub(super) fn admit(&mut self, commit: &Commit) -> Result<(), RelayError> {
        let mut last_lane = None;
        for entry in &commit.entries {
            if last_lane.replace(entry.lane) == Some(entry.lane) {
                continue;
            }
            let id = self.stream_id(&commit.producer, entry.lane)?;
            // 2^32 entries are far above what one group can hold.
            if self.streams[&id].counters.last_number >= (1 << NUMBER_BITS) - (1 << 32) {
                let producer = Arc::clone(&commit.producer);
                return Err(RelayError::NumbersExhausted { producer, lane: entry.lane });
            }
        }
        Ok(())
    }

    /// Remembers that a range may be deleted with the next [`OutboxFile::write`].
    pub(super) fn note_acknowledged(&mut self, range: Acknowledged) {
        let noted = self.acknowledged.entry(range.stream).or_insert((0, 0));
        noted.0 = noted.0.max(range.last_number);
        noted.1 += range.bytes;
    }

    /// One transaction: the entries of the (admitted) commits in, the acknowledged ranges out, the counters of both.
    /// Returns the streams that have grown. On an error nothing has changed, in the file or here.
    ///
    /// A producer's checkpoint and the truncation of its journal will be written here as well, beside its entries.
    pub(super) fn write<'a>(
        &mut self,
        commits: impl ExactSizeIterator<Item = &'a Commit>,
        now_unix_ms: i64,
    ) -> Result<Vec<Tip>, RelayError> {
        let durability = if commits.len() > 0 { Durability::Full } else { Durability::Lazy };
        let mut touched = BTreeMap::new();
        let result = self.transact(commits, durability, now_unix_ms, &mut touched);
        let grown = result.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        self.acknowledged.clear();
        for (id, counters) in touched {
            self.adopt(id, counters);
        }
        Ok(grown.into_iter().map(|id| self.tip(id)).collect())
    }

    /// The next entries of a stream after a number: at least one, and as many as fit both bounds.
    pub(super) fn read(
        &self,
        stream: StreamId,
        after: u64,
        entries_max: usize,
        bytes_max: usize,
    ) -> Result<StreamBatch, RelayError> {
        let (first, last) = (key(stream, after), key(stream, self.last_number(stream)));
        let read = read_rows(&self.database, first..last, entries_max, bytes_max);
        let rows = read.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        let expected = (after + 1..).take(rows.len().max(1)).map(|number| key(stream, number));
        if !expected.eq(rows.keys.iter().copied()) {
            let detail = format!("entry {} is missing, or one soon after it", after + 1);
            return Err(RelayError::Corrupt { path: self.path.clone(), detail });
        }
        Ok(rows.into_batch())
    }

    /// Every stream with entries that are neither acknowledged nor forgotten.
    pub(super) fn tips(&self) -> Vec<Tip> {
        let tips = self.streams.keys().map(|&id| self.tip(id));
        tips.filter(|tip| tip.last_number > tip.done_number).collect()
    }

    /// Gives some free pages back to the disk when there are many; `true` while there are more to give back.
    pub(super) fn give_back_space(&self) -> Result<bool, RelayError> {
        let count = || self.database.pragma_query_value(None, "freelist_count", |row| row.get(0));
        let step = || {
            let before: u32 = count()?;
            if before <= FREE_PAGES_KEPT {
                return Ok(false);
            }
            let sql = format!("PRAGMA incremental_vacuum({FREE_PAGES_STEP})");
            let mut statement = self.database.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            Ok(count()? < before)
        };
        step().map_err(|error| RelayError::from_sqlite(&self.path, error))
    }

    fn transact<'a>(
        &mut self,
        commits: impl Iterator<Item = &'a Commit>,
        durability: Durability,
        now_unix_ms: i64,
        touched: &mut BTreeMap<StreamId, Counters>,
    ) -> rusqlite::Result<BTreeSet<StreamId>> {
        self.set_durability(durability)?;
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.database, behavior)?;
        for commit in commits {
            self.insert(commit, now_unix_ms, touched)?;
        }
        let grown = touched.keys().copied().collect();
        for (&id, &(last_number, bytes)) in &self.acknowledged {
            self.delete(id, last_number, bytes, touched)?;
        }
        self.store_counters(touched)?;
        transaction.commit()?;
        Ok(grown)
    }

    fn insert(
        &self,
        commit: &Commit,
        now_unix_ms: i64,
        touched: &mut BTreeMap<StreamId, Counters>,
    ) -> rusqlite::Result<()> {
        const SQL: &str = "INSERT INTO entries (key, committed_unix_ms, bytes) VALUES (?1, ?2, ?3)";
        let mut insert = self.database.prepare_cached(SQL)?;
        for entry in &commit.entries {
            let id = self.by_name[&(Arc::clone(&commit.producer), entry.lane)];
            let counters = touched.entry(id).or_insert_with(|| self.streams[&id].counters);
            counters.last_number += 1;
            counters.pending_bytes += entry.bytes.len() as u64;
            counters.oldest_unix_ms.get_or_insert(now_unix_ms);
            insert.execute(params![
                key(id, counters.last_number),
                now_unix_ms,
                &entry.bytes[..]
            ])?;
        }
        Ok(())
    }

    fn delete(
        &self,
        id: StreamId,
        last_number: u64,
        bytes: u64,
        touched: &mut BTreeMap<StreamId, Counters>,
    ) -> rusqlite::Result<()> {
        let counters = touched.entry(id).or_insert_with(|| self.streams[&id].counters);
        let sql = "DELETE FROM entries WHERE key > ?1 AND key <= ?2";
        let range = params![key(id, counters.forgotten_number), key(id, last_number)];
        self.database.prepare_cached(sql)?.execute(range)?;
        counters.forgotten_number = last_number;
        counters.pending_bytes = counters.pending_bytes.saturating_sub(bytes);
        counters.oldest_unix_ms = oldest_unix_ms(&self.database, id, counters)?;
        Ok(())
    }

    fn store_counters(&self, touched: &BTreeMap<StreamId, Counters>) -> rusqlite::Result<()> {
        const SQL: &str = "INSERT INTO counters (id, producer, lane, last_number, forgotten_number, pending_bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (id) DO UPDATE SET last_number = excluded.last_number,
                forgotten_number = excluded.forgotten_number, pending_bytes = excluded.pending_bytes";
        let mut store = self.database.prepare_cached(SQL)?;
        for (id, counters) in touched {
            let stream = &self.streams[id];
            store.execute(params![
                id.0,
                &*stream.producer,
                stream.lane,
                counters.last_number as i64,
                counters.forgotten_number as i64,
                counters.pending_bytes as i64,
            ])?;
        }
        Ok(())
    }

    fn load_streams(&mut self) -> Result<(), RelayError> {
        let explain = |error| RelayError::from_sqlite(&self.path, error);
        let loaded = schema::streams(&self.database).map_err(explain)?;
        for (id, mut stream) in loaded {
            let mut counters = std::mem::take(&mut stream.counters);
            let explain = |error| RelayError::from_sqlite(&self.path, error);
            counters.oldest_unix_ms =
                oldest_unix_ms(&self.database, id, &counters).map_err(explain)?;
            self.by_name.insert((Arc::clone(&stream.producer), stream.lane), id);
            self.streams.insert(id, stream);
            self.adopt(id, counters);
        }
        Ok(())
    }

    fn stream_id(&mut self, producer: &Arc<str>, lane: u8) -> Result<StreamId, RelayError> {
        let name = (Arc::clone(producer), lane);
        if let Some(&id) = self.by_name.get(&name) {
            return Ok(id);
        }
        // Not the count: a stream whose first transaction failed has left a hole, if the process then restarted.
        let id = self.streams.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        if id as usize > STREAMS_MAX {
            return Err(RelayError::TooManyStreams { max: STREAMS_MAX });
        }
        let id = StreamId(id);
        let producer = Arc::clone(producer);
        self.streams.insert(id, Stream { producer, lane, counters: Counters::default() });
        self.by_name.insert(name, id);
        Ok(id)
    }

    /// Replaces a stream's counters and carries the difference into the sums.
    fn adopt(&mut self, id: StreamId, new: Counters) {
        let stream = self.streams.get_mut(&id).expect("counters are only made for known streams");
        let old = std::mem::replace(&mut stream.counters, new);
        self.pending_entries += new.pending_entries();
        self.pending_entries -= old.pending_entries();
        self.pending_bytes += new.pending_bytes;
        self.pending_bytes -= old.pending_bytes;
        if let Some(unix_ms) = old.oldest_unix_ms {
            self.oldest.remove(&(unix_ms, id));
        }
        if let Some(unix_ms) = new.oldest_unix_ms {
            self.oldest.insert((unix_ms, id));
        }
    }

    fn tip(&self, id: StreamId) -> Tip {
        let stream = &self.streams[&id];
        let acknowledged = self.acknowledged.get(&id).map_or(0, |&(last_number, _)| last_number);
        Tip {
            stream: id,
            producer: Arc::clone(&stream.producer),
            lane: stream.lane,
            done_number: stream.counters.forgotten_number.max(acknowledged),
            last_number: stream.counters.last_number,
        }
    }

    fn set_durability(&mut self, durability: Durability) -> rusqlite::Result<()> {
        if self.durability == durability {
            return Ok(());
        }
        let level = match durability {
            Durability::Full => "FULL",
            Durability::Lazy => "NORMAL",
        };
        self.database.pragma_update(None, "synchronous", level)?;
        self.durability = durability;
        Ok(())
    }

    fn last_number(&self, id: StreamId) -> u64 {
        self.streams.get(&id).map_or(0, |stream| stream.counters.last_number)
    }
}

impl Counters {
    fn pending_entries(&self) -> u64 {
        self.last_number - self.forgotten_number
    }
}

/// The place of an entry: stream above, number below.
fn key(stream: StreamId, number: u64) -> i64 {
    (i64::from(stream.0) << NUMBER_BITS) | number as i64
}

/// When the first pending entry of a stream was committed.
fn oldest_unix_ms(
    database: &Connection,
    id: StreamId,
    counters: &Counters,
) -> rusqlite::Result<Option<i64>> {
    if counters.pending_entries() == 0 {
        return Ok(None);
    }
    let sql = "SELECT committed_unix_ms FROM entries WHERE key = ?1";
    let first = key(id, counters.forgotten_number + 1);
    database.prepare_cached(sql)?.query_row([first], |row| row.get(0)).map(Some)
}
