//! Reading a damaged file row by row, over what cannot be read, into a fresh one.

use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::{Name, Names};
use crate::limits::{GROUP_BYTES_MAX, NUMBER_MAX};
use crate::outbox::file::journal::owner;
use crate::outbox::file::read::is_whole;
use crate::outbox::file::streams::{Counters, number_of};
use crate::outbox::file::{StreamId, insert_entry, schema};

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub entries_kept: u64,
    pub entries_lost: Option<u64>,
    pub streams: u64,
    pub has_lost_producers: bool,
}

impl Found {
    /// What is said of a file that nothing can be read of.
    pub(super) fn nothing(names: Names) -> Self {
        let expected: Option<u64> = names.values().map(|name| name.pending_entries).sum();
        let entries_lost = expected.filter(|_| !names.is_empty());
        Self { entries_kept: 0, entries_lost, streams: 0, has_lost_producers: true }
    }
}

/// Copies everything that can be read. Errors are those of the fresh file alone.
pub(super) fn copy(
    source: &Connection,
    fresh: &Connection,
    mut names: Names,
) -> rusqlite::Result<Found> {
    let knew_all = !names.is_empty();
    let read_all = read_names(source, &mut names);
    let expected: Option<u64> = names.values().map(|name| name.pending_entries).sum();
    let expected = expected.filter(|_| knew_all || read_all);
    let mut target = Target { fresh, bytes: 0 };
    target.begin()?;
    let entries_kept = copy_entries(source, &mut target, &names)?;
    let has_lost_producers = copy_producers(source, &mut target)?;
    copy_frames(source, &mut target)?;
    target.end()?;
    let entries_lost = expected.map(|expected| expected.saturating_sub(entries_kept));
    Ok(Found { entries_kept, entries_lost, streams: names.len() as u64, has_lost_producers })
}

/// The fresh file, written in transactions of bounded size.
struct Target<'a> {
    fresh: &'a Connection,
    bytes: u64,
}

impl Target<'_> {
    fn begin(&self) -> rusqlite::Result<()> {
        self.fresh.execute_batch("BEGIN IMMEDIATE")
    }

    fn end(&self) -> rusqlite::Result<()> {
        self.fresh.execute_batch("COMMIT")
    }

    fn wrote(&mut self, bytes: usize) -> rusqlite::Result<()> {
        self.bytes += bytes as u64;
        if self.bytes < GROUP_BYTES_MAX {
            return Ok(());
        }
        self.bytes = 0;
        self.end()?;
        self.begin()
    }
}

/// Adds the streams of `counters`, and those that only its index still names. Whether all could be read.
fn read_names(source: &Connection, names: &mut Names) -> bool {
    // The first schema had no count of its own, because its numbers had no gaps.
    let has_count = source.prepare("SELECT pending_entries FROM counters LIMIT 0").is_ok();
    let count = if has_count { "pending_entries" } else { "last_number - forgotten_number" };
    let sql = format!(
        "SELECT id, producer, lane, last_number, forgotten_number, {count} FROM counters
            WHERE id > ?1 ORDER BY id LIMIT ?2"
    );
    let mut take = |row: &Row<'_>| -> rusqlite::Result<Taken> {
        let id: u32 = row.get(0)?;
        let [last, forgotten, pending] =
            [row.get(3)?, row.get(4)?, row.get(5)?].map(|n: i64| n as u64);
        let name = Name {
            producer: row.get::<_, String>(1)?.into(),
            lane: row.get(2)?,
            done_number: forgotten,
            last_number: last,
            pending_entries: Some(pending),
        };
        if forgotten <= last && last <= NUMBER_MAX && pending <= last {
            names.entry(StreamId(id)).or_insert(name);
        }
        Ok(Ok(()))
    };
    let Ok(read_all) = scan(source, &sql, &mut take) else { return false };
    let sql = "SELECT id, producer, lane FROM counters INDEXED BY sqlite_autoindex_counters_1
        WHERE producer > ''";
    let read = named(source, sql, |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)));
    for (id, producer, lane) in read {
        let producer = Arc::from(producer);
        let (done_number, last_number, pending_entries) = (0, 0, None);
        let name = Name { producer, lane, done_number, last_number, pending_entries };
        names.entry(StreamId(id)).or_insert(name);
    }
    read_all
}

/// Copies the entries that are whole, each linked to the one before it that was kept.
fn copy_entries(
    source: &Connection,
    target: &mut Target<'_>,
    names: &Names,
) -> rusqlite::Result<u64> {
    let has_sums = source.prepare("SELECT checksum FROM entries LIMIT 0").is_ok();
    let sum = if has_sums { "checksum" } else { "NULL" };
    let sql = format!(
        "SELECT key, committed_unix_ms, bytes, {sum} FROM entries WHERE key > ?1 ORDER BY key LIMIT ?2"
    );
    let mut kept: std::collections::BTreeMap<StreamId, Counters> = names
        .iter()
        .map(|(&id, name)| {
            let (last_number, forgotten_number) = (name.done_number, name.done_number);
            (id, Counters { last_number, forgotten_number, ..Counters::default() })
        })
        .collect();
    let mut take = |row: &Row<'_>| -> rusqlite::Result<Taken> {
        let (place, unix_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
        let bytes = row.get_ref(2)?.as_blob()?;
        let (id, number) = (StreamId(owner(place)), number_of(place));
        let Some(counters) = kept.get_mut(&id) else { return Ok(Ok(())) };
        if number <= counters.last_number || !is_whole(place, bytes, row.get(3)?) {
            return Ok(Ok(()));
        }
        let after = std::mem::replace(&mut counters.last_number, number);
        counters.pending_entries += 1;
        counters.pending_bytes += bytes.len() as u64;
        let written = insert_entry(target.fresh, id, number, after, unix_ms, bytes);
        Ok(written.and_then(|()| target.wrote(bytes.len())))
    };
    scan(source, &sql, &mut take)?;
    let mut entries_kept = 0;
    for (id, mut counters) in kept {
        let name = &names[&id];
        counters.last_number = counters.last_number.max(name.last_number);
        // How far they were published stands nowhere that can be trusted.
        counters.offered_number = counters.last_number;
        entries_kept += counters.pending_entries;
        schema::store_counters(target.fresh, id, (&name.producer, name.lane), &counters)?;
    }
    Ok(entries_kept)
}

/// Copies the checkpoints as they are. Whether some may be lost whose producers nobody knows.
fn copy_producers(source: &Connection, target: &mut Target<'_>) -> rusqlite::Result<bool> {
    const INSERT: &str =
        "INSERT OR IGNORE INTO producers (id, name, first_frame, checksum, checkpoint)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    if source.prepare("SELECT id FROM producers LIMIT 0").is_err() {
        return Ok(false);
    }
    let sql = "SELECT id, name, first_frame, checksum, checkpoint FROM producers
        WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut take = |row: &Row<'_>| -> rusqlite::Result<Taken> {
        let (id, name, first): (u32, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (sum, checkpoint): (Option<i64>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
        let size = checkpoint.as_ref().map_or(0, Vec::len);
        let mut insert = target.fresh.prepare_cached(INSERT)?;
        let written = insert.execute(params![id, name, first, sum, checkpoint]);
        Ok(written.and_then(|_| target.wrote(size)))
    };
    if scan(source, sql, &mut take)? {
        return Ok(false);
    }
    // A name whose row is gone gets a checkpoint that cannot pass for whole, so that its producer hears of the loss.
    let sql =
        "SELECT id, name FROM producers INDEXED BY sqlite_autoindex_producers_1 WHERE name > ''";
    for (id, name) in
        named(source, sql, |row| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?)))
    {
        target.fresh.execute(INSERT, params![id, name, 1, 0, None::<Vec<u8>>])?;
    }
    Ok(true)
}

/// Copies the frames as they are: reading them back tells which are whole.
fn copy_frames(source: &Connection, target: &mut Target<'_>) -> rusqlite::Result<()> {
    if source.prepare("SELECT key FROM journal LIMIT 0").is_err() {
        return Ok(());
    }
    let sql = "SELECT key, bytes, checksum FROM journal WHERE key > ?1 ORDER BY key LIMIT ?2";
    let mut take = |row: &Row<'_>| -> rusqlite::Result<Taken> {
        let (place, sum): (i64, i64) = (row.get(0)?, row.get(2)?);
        let bytes = row.get_ref(1)?.as_blob()?;
        let insert = "INSERT INTO journal (key, bytes, checksum)
            SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM producers WHERE id = ?4)";
        let mut insert = target.fresh.prepare_cached(insert)?;
        let written = insert.execute(params![place, bytes, sum, owner(place)]);
        Ok(written.and_then(|_| target.wrote(bytes.len())))
    };
    scan(source, sql, &mut take)?;
    Ok(())
}

/// What became of a row: an error inside is one of the fresh file and ends the work, one outside is one of the damaged.
type Taken = rusqlite::Result<()>;

/// Takes every row that can be read, in the order of its key (the first column; `?1` is the key to begin after, `?2` how
/// many). Whether all could be.
///
/// At a row that cannot be read it goes on behind the damage: distances double until one is readable again, and halve
/// back to the nearest that is.
fn scan(
    source: &Connection,
    sql: &str,
    take: &mut dyn FnMut(&Row<'_>) -> rusqlite::Result<Taken>,
) -> rusqlite::Result<bool> {
    let (mut after, mut is_whole) = (0, true);
    loop {
        match take_from(source, sql, &mut after, take) {
            Ok(taken) => return taken.map(|()| is_whole),
            Err(_) => is_whole = false,
        }
        let is_readable = |distance: i64| {
            let Some(from) = after.checked_add(distance) else { return Ok(()) };
            let probe = |row: &Row<'_>| row.get_ref(0).map(|_| ());
            source.query_row(sql, params![from, 1], probe).or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(()),
                error => Err(error),
            })
        };
        let mut readable: i64 = 0;
        while is_readable(readable).is_err() && readable < i64::MAX / 2 {
            readable = (readable * 2).max(1);
        }
        let mut unreadable = readable / 2;
        while readable - unreadable > 1 {
            let middle = unreadable + (readable - unreadable) / 2;
            if is_readable(middle).is_ok() {
                readable = middle;
            } else {
                unreadable = middle;
            }
        }
        let Some(from) = after.checked_add(readable) else { return Ok(false) };
        after = from;
    }
}

/// Takes rows until the end, or to the first that cannot be read; `after` becomes the last key seen.
fn take_from(
    source: &Connection,
    sql: &str,
    after: &mut i64,
    take: &mut dyn FnMut(&Row<'_>) -> rusqlite::Result<Taken>,
) -> rusqlite::Result<Taken> {
    let mut select = source.prepare_cached(sql)?;
    let mut rows = select.query(params![*after, -1])?;
    while let Some(row) = rows.next()? {
        *after = row.get(0)?;
        if let Err(error) = take(row)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// The rows of a query, up to the first that cannot be read.
fn named<T>(
    source: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let Ok(mut select) = source.prepare(sql) else { return Vec::new() };
    let Ok(rows) = select.query_map([], read) else { return Vec::new() };
    rows.map_while(Result::ok).collect()
}
