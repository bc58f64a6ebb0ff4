//! Reading rows off the pages themselves, when the pages that lead to them are damaged.
//!
//! A table's rows stand on its leaf pages; the inner pages only say where to look. Without them the leaves are still
//! there, and `auto_vacuum` keeps, for every page, what it is in use as: pages that are free hold rows that were deleted,
//! and must not come back. See "Database File Format" at sqlite.org for the layout.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::PAGE_BYTES;
use crate::limits::{ENTRY_BYTES_MAX, FRAME_BYTES_MAX};

/// The type byte of a leaf page of a table.
const LEAF: u8 = 0x0d;
/// How the map of pages marks a page of a table that is not its root, and one that is.
const INNER_OR_LEAF: u8 = 5;
const ROOT: u8 = 1;
/// Pages that one page of the map describes, five bytes each.
const MAPPED_PAGES: usize = PAGE_BYTES / 5;
/// The largest payload that stands on a leaf whole, and the least part of a larger one.
const LOCAL_BYTES_MAX: usize = PAGE_BYTES - 35;
const LOCAL_BYTES_MIN: usize = (PAGE_BYTES - 12) * 32 / 255 - 23;
/// Bytes of a larger payload on each further page.
const OVERFLOW_BYTES: usize = PAGE_BYTES - 4;
/// The largest payload that is ours: bytes and some integers.
const PAYLOAD_BYTES_MAX: usize =
    if ENTRY_BYTES_MAX > FRAME_BYTES_MAX { ENTRY_BYTES_MAX } else { FRAME_BYTES_MAX } + 100;

/// A value of a row, as far as our tables hold such.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Blob(Vec<u8>),
}

/// Gives every row of every table's leaf pages that are in use: its key and values. Pages and rows that make no sense
/// are passed over. Errors of `take` end the work, those of the file the reading.
pub(super) fn rows(
    path: &Path,
    mut take: impl FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let Ok(mut pages) = Pages::open(path) else { return Ok(()) };
    // The first page holds the schema, whose rows are none of ours.
    for number in 2..=pages.count {
        if !pages.is_in_use(number) {
            continue;
        }
        let Ok(page) = pages.read(number) else { continue };
        if page[0] != LEAF {
            continue;
        }
        for (key, payload) in cells(&page, &mut pages) {
            if let Some(values) = record(&payload) {
                take(key, values)?;
            }
        }
    }
    Ok(())
}

/// A file as a row of pages, counted from 1.
struct Pages {
    file: File,
    count: u32,
    /// The page of the map read last: its number and content.
    map: Option<(u32, Vec<u8>)>,
}

impl Pages {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let count = (file.metadata()?.len() / PAGE_BYTES as u64) as u32;
        Ok(Self { file, count, map: None })
    }

    fn read(&mut self, number: u32) -> io::Result<Vec<u8>> {
        let mut page = vec![0; PAGE_BYTES];
        let at = u64::from(number.saturating_sub(1)) * PAGE_BYTES as u64;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut page)?;
        Ok(page)
    }

    /// Whether the map says that the page belongs to a table. The map itself is pages 2, 822, 1642, …
    fn is_in_use(&mut self, number: u32) -> bool {
        let place = (number as usize - 2) % (MAPPED_PAGES + 1);
        if place == 0 {
            return false;
        }
        let map = number - place as u32;
        if self.map.as_ref().is_none_or(|(number, _)| *number != map) {
            self.map = self.read(map).ok().map(|page| (map, page));
        }
        let kind = self.map.as_ref().map(|(_, page)| page[(place - 1) * 5]);
        matches!(kind, Some(INNER_OR_LEAF | ROOT))
    }
}

/// Key and payload of each cell of a leaf page.
fn cells(page: &[u8], pages: &mut Pages) -> Vec<(i64, Vec<u8>)> {
    let count = usize::from(u16::from_be_bytes([page[3], page[4]]));
    let pointers = page[8..].chunks_exact(2).take(count);
    let starts = pointers.map(|pointer| usize::from(u16::from_be_bytes([pointer[0], pointer[1]])));
    starts.filter_map(|start| cell(page.get(start..)?, pages)).collect()
}

fn cell(mut bytes: &[u8], pages: &mut Pages) -> Option<(i64, Vec<u8>)> {
    let size = usize::try_from(varint(&mut bytes)?).ok()?;
    let key = varint(&mut bytes)? as i64;
    if size > PAYLOAD_BYTES_MAX {
        return None;
    }
    let surplus = LOCAL_BYTES_MIN + size.saturating_sub(LOCAL_BYTES_MIN) % OVERFLOW_BYTES;
    let local = match surplus {
        _ if size <= LOCAL_BYTES_MAX => size,
        surplus if surplus <= LOCAL_BYTES_MAX => surplus,
        _ => LOCAL_BYTES_MIN,
    };
    let mut payload = bytes.get(..local)?.to_vec();
    let mut next = bytes.get(local..);
    let mut page;
    while payload.len() < size {
        let number = u32::from_be_bytes(next?.get(..4)?.try_into().ok()?);
        page = pages.read(number).ok()?;
        let wanted = (size - payload.len()).min(OVERFLOW_BYTES);
        payload.extend_from_slice(&page[4..4 + wanted]);
        next = Some(&page);
    }
    Some((key, payload))
}

/// The values of a record; `None` if it holds anything that our tables do not.
fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let mut rest = payload;
    let header_bytes = usize::try_from(varint(&mut rest)?).ok()?;
    let mut kinds = payload.get(payload.len() - rest.len()..header_bytes)?;
    let mut body = payload.get(header_bytes..)?;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        let kind = varint(&mut kinds)?;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 => 8,
            12.. if kind % 2 == 0 => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let (bytes, behind) = body.split_at_checked(size)?;
        body = behind;
        values.push(match kind {
            0 => Value::Null,
            8 | 9 => Value::Integer(kind as i64 - 8),
            1..=6 => Value::Integer(integer(bytes)),
            _ => Value::Blob(bytes.to_vec()),
        });
    }
    Some(values)
}

/// Bytes of an integer, the greatest first, in two's complement.
fn integer(bytes: &[u8]) -> i64 {
    let is_negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if is_negative { -1 } else { 0 };
    bytes.iter().fold(start, |value, &byte| value << 8 | i64::from(byte))
}

/// SQLite's integers of one to nine bytes: seven bits of each, eight of the ninth.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..9 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if place == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn rows_read_off_the_pages_are_those_that_sqlite_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.db");
        let database = Connection::open(&path).unwrap();
        database.pragma_update(None, "auto_vacuum", "INCREMENTAL").unwrap();
        database.execute_batch("CREATE TABLE t (key INTEGER PRIMARY KEY, n, bytes BLOB)").unwrap();
        let numbers = [0, 1, -1, 127, -129, 70_000, -9_000_000, 1 << 40, -(1 << 45), i64::MIN];
        for (place, size) in (0..20_000).step_by(97).enumerate() {
            let number = numbers[place % numbers.len()];
            let sql = "INSERT INTO t VALUES (?1, ?2, randomblob(?3))";
            database.execute(sql, [place as i64 * (1 << 33) - 5, number, size]).unwrap();
        }
        // Pages that become free keep their rows, which are no longer those of the table.
        database
            .execute_batch("DELETE FROM t WHERE key % 3 = 0 OR key BETWEEN 1 << 36 AND 1 << 38")
            .unwrap();
        let mut select = database.prepare("SELECT key, n, bytes FROM t ORDER BY key").unwrap();
        let expected = select.query_map([], |row| {
            let (number, bytes) = (Value::Integer(row.get(1)?), Value::Blob(row.get(2)?));
            Ok((row.get(0)?, vec![Value::Null, number, bytes]))
        });
        let expected: Vec<(i64, Vec<Value>)> = expected.unwrap().map(Result::unwrap).collect();
        assert!(expected.len() > 50);
        let mut found = Vec::new();
        let read = rows(&path, |key, values| {
            found.push((key, values));
            Ok(())
        });
        read.unwrap();
        found.sort_by_key(|(key, _)| *key);
        assert!(found == expected, "{} rows instead of {}", found.len(), expected.len());
    }
}
