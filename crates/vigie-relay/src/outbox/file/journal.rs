//! Checkpoints and journals: what a producer needs to go on exactly where it was.
//!
//! `producers` holds the checkpoint of each producer and the number of the first frame after it; `journal` holds the
//! frames, keyed like the entries, so that appending walks to the right end of the producer's range and a checkpoint
//! deletes one range. A commit with a frame alone writes one page.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::streams::{key, number_of};
use super::{StreamId, checksum};
use crate::RelayError;
use crate::limits::STREAMS_MAX;
use crate::outbox::{Commit, Damage, DamagedPiece, Recovery};

/// The producers that have a checkpoint or a journal.
#[derive(Debug, Default)]
pub(super) struct Producers {
    by_name: HashMap<Arc<str>, u32>,
    by_id: BTreeMap<u32, Journal>,
    /// Bytes of all frames.
    pub journal_bytes: u64,
    /// Checkpoints were lost with a damaged file, and nobody knows whose.
    pub has_lost_some: bool,
}

/// Where a producer's journal stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Journal {
    next_frame: u64,
    bytes: u64,
    /// Whether the producer has its row.
    is_stored: bool,
}

impl Producers {
    /// Reads the producers, and the size of their frames.
    pub(super) fn load(database: &Connection) -> rusqlite::Result<Self> {
        let mut producers = Self::default();
        let mut select = database.prepare("SELECT id, name, first_frame FROM producers")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (id, next_frame) = (row.get(0)?, row.get::<_, i64>(2)? as u64);
            producers.by_name.insert(row.get::<_, String>(1)?.into(), id);
            producers.by_id.insert(id, Journal { next_frame, bytes: 0, is_stored: true });
        }
        let mut select = database.prepare("SELECT key, length(bytes) FROM journal ORDER BY key")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (key, bytes) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)? as u64);
            let Some(journal) = producers.by_id.get_mut(&owner(key)) else { continue };
            journal.next_frame = journal.next_frame.max(number_of(key) + 1);
            journal.bytes += bytes;
            producers.journal_bytes += bytes;
        }
        Ok(producers)
    }

    pub(super) fn find(&self, producer: &str) -> Option<u32> {
        self.by_name.get(producer).copied()
    }

    /// Makes sure that a producer has an id.
    pub(super) fn admit(&mut self, producer: &Arc<str>) -> Result<(), RelayError> {
        if self.by_name.contains_key(producer) {
            return Ok(());
        }
        let id = self.by_id.last_key_value().map_or(1, |(last, _)| last + 1);
        if id as usize > STREAMS_MAX {
            return Err(RelayError::TooManyStreams { max: STREAMS_MAX });
        }
        self.by_name.insert(Arc::clone(producer), id);
        self.by_id.insert(id, Journal { next_frame: 1, bytes: 0, is_stored: false });
        Ok(())
    }

    /// Takes over what a transaction has changed.
    pub(super) fn adopt(&mut self, touched: BTreeMap<u32, Journal>) {
        for (id, journal) in touched {
            let before = self.by_id.insert(id, journal).map_or(0, |before| before.bytes);
            self.journal_bytes = self.journal_bytes - before + journal.bytes;
        }
    }

    /// Writes a commit's checkpoint, which ends all frames so far, and then its frame.
    pub(super) fn write(
        &self,
        database: &Connection,
        commit: &Commit,
        touched: &mut BTreeMap<u32, Journal>,
    ) -> rusqlite::Result<()> {
        if commit.checkpoint.is_none() && commit.journal.is_empty() {
            return Ok(());
        }
        let id = self.by_name[&commit.producer];
        let journal = touched.entry(id).or_insert_with(|| self.by_id[&id]);
        if let Some(checkpoint) = &commit.checkpoint {
            delete_frames(database, id, 0)?;
            journal.bytes = 0;
            let number = journal.next_frame;
            let sum = checksum(commit.producer.as_bytes(), number, checkpoint);
            let row = Some((&checkpoint[..], sum));
            store_producer(database, id, &commit.producer, number, row)?;
        } else if !journal.is_stored {
            store_producer(database, id, &commit.producer, journal.next_frame, None)?;
        }
        journal.is_stored = true;
        if commit.journal.is_empty() {
            return Ok(());
        }
        let number = journal.next_frame;
        let sum = checksum(commit.producer.as_bytes(), number, &commit.journal);
        let sql = "INSERT INTO journal (key, bytes, checksum) VALUES (?1, ?2, ?3)";
        let mut insert = database.prepare_cached(sql)?;
        insert.execute(params![key(StreamId(id), number), &commit.journal[..], sum])?;
        journal.next_frame += 1;
        journal.bytes += commit.journal.len() as u64;
        Ok(())
    }

    /// What a producer left behind, up to the first damage; what is damaged, and all after it, is deleted here, so that
    /// frames written from now on follow the last whole one.
    pub(super) fn recover(
        &mut self,
        database: &Connection,
        producer: &str,
    ) -> rusqlite::Result<Recovery> {
        let Some(id) = self.find(producer) else {
            let lost = Damage { what: DamagedPiece::Checkpoint, frame: None, bytes: 0 };
            let damage = if self.has_lost_some { vec![lost] } else { Vec::new() };
            return Ok(Recovery { damage, ..Recovery::default() });
        };
        if !self.by_id[&id].is_stored {
            return Ok(Recovery::default());
        }
        let sql = "SELECT first_frame, checksum, checkpoint FROM producers WHERE id = ?1";
        let row = database.prepare_cached(sql)?.query_row([id], Checkpoint::read)?;
        let mut recovery = Recovery::default();
        let is_whole = row.is_whole(producer);
        if is_whole {
            recovery.checkpoint = row.bytes;
        } else {
            let bytes = row.bytes.map_or(0, |bytes| bytes.len() as u64);
            recovery.damage.push(Damage { what: DamagedPiece::Checkpoint, frame: None, bytes });
        }
        read_frames(database, id, producer, row.first_frame, &mut recovery)?;
        if !recovery.damage.is_empty() {
            let next = row.first_frame + recovery.journal.len() as u64;
            self.cut(database, id, producer, next, !is_whole)?;
        }
        Ok(recovery)
    }

    /// Deletes a producer's frames from a number on, and its checkpoint if that is damaged.
    fn cut(
        &mut self,
        database: &Connection,
        id: u32,
        producer: &str,
        next_frame: u64,
        with_checkpoint: bool,
    ) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(database, TransactionBehavior::Immediate)?;
        delete_frames(database, id, next_frame)?;
        if with_checkpoint {
            store_producer(database, id, producer, next_frame, None)?;
        }
        let (first, last) = (key(StreamId(id), 0), key(StreamId(id + 1), 0));
        let sql =
            "SELECT coalesce(sum(length(bytes)), 0) FROM journal WHERE key >= ?1 AND key < ?2";
        let bytes: i64 = database.query_row(sql, [first, last], |row| row.get(0))?;
        transaction.commit()?;
        let journal = Journal { next_frame, bytes: bytes as u64, is_stored: true };
        self.adopt(BTreeMap::from([(id, journal)]));
        Ok(())
    }
}

/// A row of `producers`.
struct Checkpoint {
    first_frame: u64,
    checksum: Option<i64>,
    bytes: Option<Bytes>,
}

impl Checkpoint {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let bytes = row.get::<_, Option<Vec<u8>>>(2)?.map(Bytes::from);
        Ok(Self { first_frame: row.get::<_, i64>(0)? as u64, checksum: row.get(1)?, bytes })
    }

    fn is_whole(&self, producer: &str) -> bool {
        match (&self.bytes, self.checksum) {
            (Some(bytes), Some(sum)) => {
                checksum(producer.as_bytes(), self.first_frame, bytes) == sum
            }
            (None, None) => true,
            _ => false,
        }
    }
}

/// Reads the frames that follow each other from a number on; the first that does not is damage, and so is all after it.
/// Nothing follows a damaged checkpoint.
fn read_frames(
    database: &Connection,
    id: u32,
    producer: &str,
    first_frame: u64,
    recovery: &mut Recovery,
) -> rusqlite::Result<()> {
    let sql = "SELECT key, checksum, bytes FROM journal WHERE key >= ?1 AND key < ?2 ORDER BY key";
    let mut select = database.prepare_cached(sql)?;
    let mut rows = select.query([key(StreamId(id), 0), key(StreamId(id + 1), 0)])?;
    let mut unusable: Option<Damage> = None;
    while let Some(row) = rows.next()? {
        let number = number_of(row.get(0)?);
        let bytes = row.get_ref(2)?.as_blob()?;
        let size = bytes.len() as u64;
        let expected = first_frame + recovery.journal.len() as u64;
        let is_whole = checksum(producer.as_bytes(), number, bytes) == row.get::<_, i64>(1)?;
        let is_first_damage = recovery.damage.is_empty();
        if is_first_damage && number == expected && is_whole {
            recovery.journal.push(Bytes::copy_from_slice(bytes));
            continue;
        }
        if is_first_damage && number != expected {
            let frame = Some(expected);
            recovery.damage.push(Damage { what: DamagedPiece::MissingFrame, frame, bytes: 0 });
        }
        if !is_whole {
            let frame = Some(number);
            recovery.damage.push(Damage { what: DamagedPiece::Frame, frame, bytes: size });
            continue;
        }
        let what = DamagedPiece::UnusableFrames;
        let rest = unusable.get_or_insert(Damage { what, frame: Some(number), bytes: 0 });
        rest.bytes += size;
    }
    recovery.damage.extend(unusable);
    Ok(())
}

/// The producer that a frame's key belongs to.
pub(super) fn owner(key: i64) -> u32 {
    (key >> crate::limits::NUMBER_BITS) as u32
}

fn delete_frames(database: &Connection, id: u32, from: u64) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM journal WHERE key >= ?1 AND key < ?2";
    let range = [key(StreamId(id), from), key(StreamId(id + 1), 0)];
    database.prepare_cached(sql)?.execute(range)
}

fn store_producer(
    database: &Connection,
    id: u32,
    name: &str,
    first_frame: u64,
    checkpoint: Option<(&[u8], i64)>,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO producers (id, name, first_frame, checksum, checkpoint) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET first_frame = excluded.first_frame, checksum = excluded.checksum,
            checkpoint = excluded.checkpoint";
    let (bytes, sum) = checkpoint.unzip();
    let mut store = database.prepare_cached(sql)?;
    store.execute(params![id, name, first_frame as i64, sum, bytes])?;
    Ok(())
}
