//! Reading a damaged file row by row, over what cannot be read, into a fresh one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::pages::Value;
use super::{Name, Names};
use crate::limits::{GROUP_BYTES_MAX, NUMBER_MAX};
use crate::outbox::file::journal::owner;
use crate::outbox::file::read::is_whole;
use crate::outbox::file::streams::{Counters, key, number_of};
use crate::outbox::file::{StreamId, checksum, schema};

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
    pub(super) fn nothing(names: &Names) -> Self {
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
    let more = if has_count {
        "pending_bytes, pending_entries, offered_number, checksum"
    } else {
        "pending_bytes, last_number - forgotten_number, last_number, NULL"
    };
    let sql = format!(
        "SELECT id, producer, lane, last_number, forgotten_number, {more} FROM counters
            WHERE id > ?1 ORDER BY id LIMIT ?2"
    );
    let decode = |row: &Row<'_>| {
        let (id, producer, lane) = (StreamId(row.get(0)?), row.get::<_, String>(1)?, row.get(2)?);
        let number = |column| row.get::<_, i64>(column).map(|number| number as u64);
        let counters = Counters {
            last_number: number(3)?,
            forgotten_number: number(4)?,
            pending_bytes: number(5)?,
            pending_entries: number(6)?,
            offered_number: number(7)?,
            oldest_unix_ms: None,
        };
        let sum: Option<i64> = row.get(8)?;
        let is_whole = sum.is_none_or(|sum| sum == counters.checksum(id, (&producer, lane)));
        let name = Name {
            producer: producer.into(),
            lane,
            done_number: counters.forgotten_number,
            last_number: counters.last_number,
            pending_entries: Some(counters.pending_entries),
        };
        Ok((is_whole && counters.is_plausible()).then_some((id, name)))
    };
    let take = |(id, name)| {
        names.entry(id).or_insert(name);
        Ok(())
    };
    let Ok(read_all) = scan(source, &sql, decode, take) else { return false };
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
    let is_ours = |place: i64| {
        let name = names.get(&StreamId(owner(place)));
        name.is_some_and(|name| number_of(place) > name.done_number)
    };
    let decode = |row: &Row<'_>| {
        let (place, unix_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
        let bytes = row.get_ref(2)?.as_blob()?;
        let is_good =
            names.contains_key(&StreamId(owner(place))) && is_whole(place, bytes, row.get(3)?);
        Ok(is_good.then(|| (place, unix_ms, bytes.to_vec())))
    };
    let mut take = |(place, unix_ms, bytes): (i64, i64, Vec<u8>)| {
        if !is_ours(place) {
            return Ok(());
        }
        let sql = "INSERT OR IGNORE INTO entries (key, committed_unix_ms, bytes, checksum)
            VALUES (?1, ?2, ?3, ?4)";
        let sum = checksum(&[], place as u64, &bytes);
        target.fresh.prepare_cached(sql)?.execute(params![place, unix_ms, bytes, sum])?;
        target.wrote(bytes.len())
    };
    if !scan(source, &sql, decode, &mut take)? {
        pages(source, |key, values| match values.as_slice() {
            [Value::Null, Value::Integer(unix_ms), Value::Blob(bytes), _, Value::Integer(sum)]
                if is_whole(key, bytes, Some(*sum)) =>
            {
                take((key, *unix_ms, bytes.clone()))
            }
            _ => Ok(()),
        })?;
    }
    let mut entries_kept = 0;
    for (&id, name) in names {
        let counters = link(target.fresh, id, name)?;
        entries_kept += counters.pending_entries;
        schema::store_counters(target.fresh, id, (&name.producer, name.lane), &counters)?;
    }
    Ok(entries_kept)
}

/// Reads rows off the pages, with what the log holds of them.
fn pages(
    source: &Connection,
    take: impl FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if let Err(error) = super::fold_log(source) {
        tracing::warn!(%error, "The log of the damaged outbox could not be folded into it");
    }
    source.path().map_or(Ok(()), |path| super::pages::rows(Path::new(path), take))
}

/// Links the copied entries of a stream, each to the one before it, and adds them up.
fn link(fresh: &Connection, id: StreamId, name: &Name) -> rusqlite::Result<Counters> {
    let (last_number, forgotten_number) = (name.done_number, name.done_number);
    let mut counters = Counters { last_number, forgotten_number, ..Counters::default() };
    let mut gaps = Vec::new();
    let sql = "SELECT key, length(bytes) FROM entries WHERE key > ?1 AND key < ?2 ORDER BY key";
    let mut select = fresh.prepare_cached(sql)?;
    let mut rows = select.query([key(id, name.done_number), key(StreamId(id.0 + 1), 0)])?;
    while let Some(row) = rows.next()? {
        let place: i64 = row.get(0)?;
        let number = number_of(place);
        let after = std::mem::replace(&mut counters.last_number, number);
        if after + 1 != number {
            gaps.push((place, after));
        }
        counters.pending_entries += 1;
        counters.pending_bytes += row.get::<_, i64>(1)? as u64;
    }
    for (place, after) in gaps {
        let sql = "UPDATE entries SET after_number = ?2 WHERE key = ?1";
        fresh.prepare_cached(sql)?.execute([place, after as i64])?;
    }
    counters.last_number = counters.last_number.max(name.last_number);
    // How far they were published stands nowhere that can be trusted.
    counters.offered_number = counters.last_number;
    Ok(counters)
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
    let decode = |row: &Row<'_>| {
        let (id, name, first): (u32, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (sum, checkpoint): (Option<i64>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
        let is_plausible = (1..=NUMBER_MAX as i64).contains(&first);
        Ok(is_plausible.then_some((id, name, first, sum, checkpoint)))
    };
    let take =
        |(id, name, first, sum, checkpoint): (u32, String, i64, Option<i64>, Option<Vec<u8>>)| {
            let size = checkpoint.as_ref().map_or(0, Vec::len);
            let mut insert = target.fresh.prepare_cached(INSERT)?;
            insert.execute(params![id, name, first, sum, checkpoint])?;
            target.wrote(size)
        };
    if scan(source, sql, decode, take)? {
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
    let mut select = target.fresh.prepare("SELECT id, name, first_frame FROM producers")?;
    let producers = select.query_map([], |row| {
        let name: String = row.get(1)?;
        Ok((row.get(0)?, (name, row.get::<_, i64>(2)? as u64)))
    })?;
    let producers = producers.collect::<rusqlite::Result<BTreeMap<u32, (String, u64)>>>()?;
    let decode = |row: &Row<'_>| {
        let (place, sum): (i64, i64) = (row.get(0)?, row.get(2)?);
        let bytes = row.get_ref(1)?.as_blob()?.to_vec();
        Ok(producers.contains_key(&owner(place)).then_some((place, bytes, sum)))
    };
    let mut take = |(place, bytes, sum): (i64, Vec<u8>, i64)| {
        let sql = "INSERT OR IGNORE INTO journal (key, bytes, checksum) VALUES (?1, ?2, ?3)";
        target.fresh.prepare_cached(sql)?.execute(params![place, bytes, sum])?;
        target.wrote(bytes.len())
    };
    if scan(source, sql, decode, &mut take)? {
        return Ok(());
    }
    pages(source, |place, values| {
        let [Value::Null, Value::Blob(bytes), Value::Integer(sum)] = values.as_slice() else {
            return Ok(());
        };
        let Some((name, first_frame)) = producers.get(&owner(place)) else { return Ok(()) };
        let number = number_of(place);
        let is_good = number >= *first_frame && checksum(name.as_bytes(), number, bytes) == *sum;
        if is_good { take((place, bytes.clone(), *sum)) } else { Ok(()) }
    })
}

/// Takes every row that can be read, in the order of its key (the first column; `?1` is the key to begin after, `?2` how
/// many). Whether all could be. `decode` says what a row holds, nothing if that makes no sense; errors of `take` end the
/// work.
///
/// At a row that cannot be read it goes on behind the damage: distances double until one is readable again, and halve
/// back to the nearest that is.
fn scan<T>(
    source: &Connection,
    sql: &str,
    decode: impl Fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
    mut take: impl FnMut(T) -> rusqlite::Result<()>,
) -> rusqlite::Result<bool> {
    // A damaged page may hold any keys: only rows that ascend, and are whole, say where the walk stands.
    let decode = |row: &Row<'_>, after: i64| -> rusqlite::Result<Option<(i64, T)>> {
        let key: i64 = row.get(0)?;
        let content = if key > after { decode(row)? } else { None };
        Ok(content.map(|content| (key, content)))
    };
    let is_readable = |from: i64| {
        let mut select = source.prepare_cached(sql)?;
        let mut rows = select.query(params![from, 1])?;
        Ok::<_, rusqlite::Error>(match rows.next()? {
            Some(row) => decode(row, from)?.is_some(),
            None => true,
        })
    };
    let (mut after, mut is_whole) = (0, true);
    loop {
        if walk(source, sql, &mut after, &decode, &mut take)? {
            return Ok(is_whole);
        }
        is_whole = false;
        let Some(from) = nearest(after, |from| is_readable(from).unwrap_or(false)) else {
            return Ok(false);
        };
        after = from;
    }
}

/// Takes rows to the end, or to the first that cannot be read; `after` becomes the last key taken. Whether it came to the
/// end.
fn walk<T>(
    source: &Connection,
    sql: &str,
    after: &mut i64,
    decode: &impl Fn(&Row<'_>, i64) -> rusqlite::Result<Option<(i64, T)>>,
    take: &mut impl FnMut(T) -> rusqlite::Result<()>,
) -> rusqlite::Result<bool> {
    let Ok(mut select) = source.prepare_cached(sql) else { return Ok(false) };
    let Ok(mut rows) = select.query(params![*after, -1]) else { return Ok(false) };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(true),
            Err(_) => return Ok(false),
        };
        let Ok(Some((key, content))) = decode(row, *after) else { return Ok(false) };
        take(content)?;
        *after = key;
    }
}

/// The nearest place behind another from which on rows can be read; `None` when there is none.
fn nearest(after: i64, is_readable: impl Fn(i64) -> bool) -> Option<i64> {
    let mut readable: i64 = 1;
    while !is_readable(after.checked_add(readable)?) {
        readable = readable.checked_mul(2)?;
    }
    let mut unreadable = readable / 2;
    while readable - unreadable > 1 {
        let middle = unreadable + (readable - unreadable) / 2;
        if is_readable(after + middle) {
            readable = middle;
        } else {
            unreadable = middle;
        }
    }
    Some(after + readable)
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
