//! The SQLite file: its schema, and the few statements run on it. Only the outbox thread comes here.
//!
//! `entries` is keyed by one integer, the stream's id above the entry's number: appending, reading in order and
//! deleting a range all walk one B-tree from left to right. Each entry names the one before it, so that a lost one is
//! found out. `counters` holds the last number given and the last number forgotten of every stream, and is written with
//! the entries, so numbers are never given twice.

mod journal;
mod merge;
mod read;
mod salvage;
mod schema;
mod streams;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::{Journal, Producers};
use read::read_rows;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use streams::{Counters, Done, Streams, base_number, key};

use super::writer::{Acknowledged, Tip};
use super::{Commit, Recovery, Salvage};
use crate::RelayError;
use crate::limits::{FREE_PAGES_KEPT, FREE_PAGES_STEP, NUMBER_MAX, OFFER_AHEAD};

pub(super) use merge::MergePass;
pub(crate) use read::StreamBatch;
pub(crate) use streams::StreamId;

/// Whether a transaction has to survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// One fsync: what a commit needs.
    Full,
    /// No fsync: enough for deletions, whose loss only repeats a delivery.
    Lazy,
}

/// The open file and what is known of its streams and producers.
#[derive(Debug)]
pub(super) struct OutboxFile {
    path: PathBuf,
    database: Connection,
    durability: Durability,
    /// Every number given from now on is greater.
    base_number: u64,
    streams: Streams,
    producers: Producers,
    salvage: Option<Salvage>,
}

/// What a transaction changes of the bookkeeping once it has succeeded.
#[derive(Debug, Default)]
struct Touched {
    streams: BTreeMap<StreamId, Counters>,
    producers: BTreeMap<u32, Journal>,
}

impl OutboxFile {
    /// Opens, locks and migrates; reads the counters. A damaged file is moved aside and what can be read of it saved.
    pub(super) fn open(path: PathBuf, now_unix_ms: i64) -> Result<Self, RelayError> {
        salvage::finish(&path)?;
        if salvage::is_cut_to_nothing(&path) {
            let names = salvage::Names::default();
            return Self::load_salvaged(path, "it is empty, its log is not", names, now_unix_ms);
        }
        match Self::load(path.clone(), now_unix_ms) {
            Err(RelayError::Corrupt { detail, .. }) => {
                let names = salvage::Names::default();
                Self::load_salvaged(path, &detail, names, now_unix_ms)
            }
            loaded => loaded,
        }
    }

    /// Does the same for a file that turned out to be damaged while in use. Numbers and ids stay as they are known here.
    pub(super) fn heal(&mut self, detail: &str, now_unix_ms: i64) -> Result<(), RelayError> {
        let explain = |error| RelayError::from_sqlite(&self.path, error);
        // The damaged file is closed before it is moved.
        self.database = Connection::open_in_memory().map_err(explain)?;
        let names = self.streams.ids().map(|id| (id, self.name(id))).collect();
        let mut healed = Self::load_salvaged(self.path.clone(), detail, names, now_unix_ms)?;
        healed.base_number = healed.base_number.max(self.base_number);
        healed.streams.remember(&self.streams);
        *self = healed;
        Ok(())
    }

    fn load_salvaged(
        path: PathBuf,
        detail: &str,
        names: salvage::Names,
        now_unix_ms: i64,
    ) -> Result<Self, RelayError> {
        let saved = salvage::salvage(&path, detail, names, now_unix_ms)?;
        let mut file = Self::load(path, now_unix_ms)?;
        file.producers.has_lost_some = saved.has_lost_producers;
        file.salvage = Some(saved.salvage);
        Ok(file)
    }

    /// What is known of a stream that is to be saved.
    fn name(&self, id: StreamId) -> salvage::Name {
        let tip = self.streams.tip(id);
        salvage::Name {
            producer: tip.producer,
            lane: tip.lane,
            done_number: tip.done_number,
            last_number: tip.last_number,
            pending_entries: Some(self.streams.undone_entries(id)),
        }
    }

    fn load(path: PathBuf, now_unix_ms: i64) -> Result<Self, RelayError> {
        let explain = |error| RelayError::from_sqlite(&path, error);
        let database = schema::open(&path)?;
        let producers = Producers::load(&database).map_err(explain)?;
        let mut streams = Streams::default();
        for (id, mut stream) in schema::streams(&database).map_err(explain)? {
            if !stream.counters.is_plausible() {
                let detail = "the counters of a stream make no sense".to_owned();
                return Err(RelayError::Corrupt { path, detail });
            }
            let forgotten = stream.counters.forgotten_number;
            stream.counters.oldest_unix_ms =
                oldest_unix_ms(&database, id, forgotten).map_err(explain)?;
            if stream.counters.oldest_unix_ms.is_none() && stream.counters.pending_entries > 0 {
                let detail = "the entries of a stream are missing".to_owned();
                return Err(RelayError::Corrupt { path, detail });
            }
            streams.load(id, stream);
        }
        Ok(Self {
            path,
            database,
            durability: Durability::Full,
            base_number: base_number(now_unix_ms),
            streams,
            producers,
            salvage: None,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What was saved when the file was found to be damaged; `None` if it was not.
    pub(super) fn salvage(&self) -> Option<&Salvage> {
        self.salvage.as_ref()
    }

    pub(super) fn pending_entries(&self) -> u64 {
        self.streams.pending_entries
    }

    pub(super) fn pending_bytes(&self) -> u64 {
        self.streams.pending_bytes
    }

    pub(super) fn journal_bytes(&self) -> u64 {
        self.producers.journal_bytes
    }

    pub(super) fn oldest_pending_unix_ms(&self) -> Option<i64> {
        self.streams.oldest_unix_ms()
    }

    /// Whether acknowledged ranges wait to be deleted.
    pub(super) fn has_acknowledged(&self) -> bool {
        !self.streams.acknowledged.is_empty()
    }

    /// Makes sure that every stream of the commit has an id, and numbers left for it, and its producer a journal.
    pub(super) fn admit(&mut self, commit: &Commit) -> Result<(), RelayError> {
        if commit.checkpoint.is_some() || !commit.journal.is_empty() {
            self.producers.admit(&commit.producer)?;
        }
        let mut last_lane = None;
        for entry in &commit.entries {
            if last_lane.replace(entry.lane) == Some(entry.lane) {
                continue;
            }
            let id = self.streams.id_for(&commit.producer, entry.lane)?;
            let last_number = self.streams.known(id).counters.last_number;
            if last_number.max(self.base_number) >= NUMBER_MAX {
                let producer = Arc::clone(&commit.producer);
                return Err(RelayError::NumbersExhausted { producer, lane: entry.lane });
            }
        }
        Ok(())
    }

    /// Remembers that a range may be deleted with the next [`OutboxFile::write`].
    pub(super) fn note_acknowledged(&mut self, range: Acknowledged) {
        self.streams.note_acknowledged(range);
    }

    /// One transaction: the (admitted) commits in, the acknowledged ranges out, the counters of both. A commit is its
    /// entries, then its checkpoint, which deletes its producer's frames, then its frame. Returns the streams that have
    /// grown. On an error nothing has changed, in the file or here.
    pub(super) fn write<'a>(
        &mut self,
        commits: impl ExactSizeIterator<Item = &'a Commit>,
        now_unix_ms: i64,
    ) -> Result<Vec<Tip>, RelayError> {
        let durability = if commits.len() > 0 { Durability::Full } else { Durability::Lazy };
        let result = self.transact(commits, durability, now_unix_ms);
        let (grown, touched) =
            result.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        self.streams.acknowledged.clear();
        for (id, counters) in touched.streams {
            self.streams.adopt(id, counters);
        }
        self.producers.adopt(touched.producers);
        Ok(grown.into_iter().map(|id| self.streams.tip(id)).collect())
    }

    /// The next entries of a stream after a number: at least one, and as many as fit both bounds. From now on they
    /// count as published.
    pub(super) fn read(
        &mut self,
        stream: StreamId,
        after: u64,
        entries_max: usize,
        bytes_max: usize,
    ) -> Result<StreamBatch, RelayError> {
        let last_number = self.streams.get(stream).map_or(0, |known| known.counters.last_number);
        let keys = key(stream, after)..key(stream, last_number);
        let read = read_rows(&self.database, keys, entries_max, bytes_max);
        let rows = read.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
        if rows.len() == 0 && self.streams.undone_entries(stream) == 0 {
            // The end of the stream was lost with a damaged file.
            return Ok(StreamBatch { entries: Vec::new(), bytes: 0, last_number });
        }
        if let Some(number) = rows.first_damaged(after) {
            let detail = format!("entry {number} is damaged, or one before it is missing");
            return Err(RelayError::Corrupt { path: self.path.clone(), detail });
        }
        let batch = rows.into_batch();
        self.offer(stream, batch.last_number)?;
        Ok(batch)
    }

    /// Makes durable that entries up to a number are about to be published. Entries of a short backlog count as published
    /// from their commit on, so that this costs a transaction only once in [`OFFER_AHEAD`] numbers of a long one.
    fn offer(&mut self, id: StreamId, number: u64) -> Result<(), RelayError> {
        let mut counters = self.streams.known(id).counters;
        if number > counters.offered_number {
            counters.offered_number = counters.last_number.min(number + OFFER_AHEAD);
            let durable = self.set_durability(Durability::Full);
            let stored =
                durable.and_then(|()| self.store_counters(&BTreeMap::from([(id, counters)])));
            stored.map_err(|error| RelayError::from_sqlite(&self.path, error))?;
            self.streams.adopt(id, counters);
        }
        self.streams.note_offered(id, number);
        Ok(())
    }

    /// Every stream with entries that are neither acknowledged nor forgotten.
    pub(super) fn tips(&self) -> Vec<Tip> {
        let tips = self.streams.ids().map(|id| self.streams.tip(id));
        tips.filter(|tip| tip.last_number > tip.done_number).collect()
    }

    /// What a producer left behind.
    pub(super) fn recover(&mut self, producer: &str) -> Result<Recovery, RelayError> {
        let durable = self.set_durability(Durability::Full);
        let recovered = durable.and_then(|()| self.producers.recover(&self.database, producer));
        recovered.map_err(|error| RelayError::from_sqlite(&self.path, error))
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
    ) -> rusqlite::Result<(BTreeSet<StreamId>, Touched)> {
        self.set_durability(durability)?;
        let mut touched = Touched::default();
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.database, behavior)?;
        for commit in commits {
            self.insert(commit, now_unix_ms, &mut touched.streams)?;
            self.producers.write(&self.database, commit, &mut touched.producers)?;
        }
        let grown = touched.streams.keys().copied().collect();
        for (&id, &done) in &self.streams.acknowledged {
            self.delete(id, done, &mut touched.streams)?;
        }
        self.store_counters(&touched.streams)?;
        transaction.commit()?;
        Ok((grown, touched))
    }

    fn insert(
        &self,
        commit: &Commit,
        now_unix_ms: i64,
        touched: &mut BTreeMap<StreamId, Counters>,
    ) -> rusqlite::Result<()> {
        for entry in &commit.entries {
            let id = self.streams.find(&commit.producer, entry.lane);
            let id = id.expect("the commit was admitted");
            let counters = touched.entry(id).or_insert_with(|| self.streams.known(id).counters);
            let after = counters.last_number;
            let number = after.max(self.base_number) + 1;
            insert_entry(&self.database, id, number, after, now_unix_ms, &entry.bytes)?;
            counters.last_number = number;
            counters.pending_entries += 1;
            if counters.pending_entries <= OFFER_AHEAD {
                counters.offered_number = number;
            }
            counters.pending_bytes += entry.bytes.len() as u64;
            counters.oldest_unix_ms.get_or_insert(now_unix_ms);
        }
        Ok(())
    }

    fn delete(
        &self,
        id: StreamId,
        done: Done,
        touched: &mut BTreeMap<StreamId, Counters>,
    ) -> rusqlite::Result<()> {
        let counters = touched.entry(id).or_insert_with(|| self.streams.known(id).counters);
        let sql = "DELETE FROM entries WHERE key > ?1 AND key <= ?2";
        let range = params![key(id, counters.forgotten_number), key(id, done.last_number)];
        self.database.prepare_cached(sql)?.execute(range)?;
        counters.forgotten_number = counters.forgotten_number.max(done.last_number);
        counters.pending_entries = counters.pending_entries.saturating_sub(done.entries);
        counters.pending_bytes = counters.pending_bytes.saturating_sub(done.bytes);
        counters.oldest_unix_ms = oldest_unix_ms(&self.database, id, counters.forgotten_number)?;
        if counters.oldest_unix_ms.is_none() {
            (counters.pending_entries, counters.pending_bytes) = (0, 0);
        }
        Ok(())
    }

    fn store_counters(&self, touched: &BTreeMap<StreamId, Counters>) -> rusqlite::Result<()> {
        for (&id, counters) in touched {
            let stream = self.streams.known(id);
            schema::store_counters(&self.database, id, (&stream.producer, stream.lane), counters)?;
        }
        Ok(())
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
}

#[cfg(test)]
impl OutboxFile {
    /// Stands in for a full disk.
    pub(super) fn limit_pages(&self, pages: u32) {
        self.database.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

/// Writes one entry. `after` is the number of the entry before it, 0 for a stream's first.
fn insert_entry(
    database: &Connection,
    id: StreamId,
    number: u64,
    after: u64,
    committed_unix_ms: i64,
    bytes: &[u8],
) -> rusqlite::Result<()> {
    const SQL: &str = "INSERT INTO entries (key, committed_unix_ms, bytes, after_number, checksum)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let key = key(id, number);
    // The usual case takes no room: no value means the number before.
    let after = (after + 1 != number).then_some(after as i64);
    let sum = checksum(&[], key as u64, bytes);
    database.prepare_cached(SQL)?.execute(params![key, committed_unix_ms, bytes, after, sum])?;
    Ok(())
}

/// When the first entry of a stream after a number was committed; `None` when there is none.
fn oldest_unix_ms(
    database: &Connection,
    id: StreamId,
    forgotten_number: u64,
) -> rusqlite::Result<Option<i64>> {
    let sql =
        "SELECT committed_unix_ms FROM entries WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT 1";
    let range = [key(id, forgotten_number), key(StreamId(id.0 + 1), 0)];
    let mut select = database.prepare_cached(sql)?;
    let mut rows = select.query(range)?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// CRC-32 of a row: its bytes, and with them its place, so that a row that got elsewhere is found out as well.
///
/// A guard against damage, not against forgery: each changed byte, each burst of up to 32 bits is found out, anything else
/// with a chance of 1 in 4 billion to pass. A longer sum would cost room in every row and guard against nothing likelier.
fn checksum(name: &[u8], number: u64, bytes: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(name);
    hasher.update(&number.to_le_bytes());
    hasher.update(bytes);
    i64::from(hasher.finalize())
}
