//! Reading entries that follow each other into one allocation.

use std::ops::Range;

use bytes::Bytes;
use rusqlite::{Connection, params};

use super::checksum;
use super::streams::number_of;

/// Entries of one stream that follow each other, as read.
#[derive(Debug)]
pub(crate) struct StreamBatch {
    /// Number and bytes, ascending; numbers between two were never given, or their entries were merged.
    pub entries: Vec<(u64, Bytes)>,
    /// Bytes of all of them.
    pub bytes: u64,
    /// The last of their numbers; without entries, the last number given: there is nothing more up to it.
    pub last_number: u64,
}

/// Rows of `entries`: their keys, and their bytes end to end.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    bytes: Vec<u8>,
    /// When the first of them was committed.
    pub first_unix_ms: i64,
}

#[derive(Debug)]
struct Row {
    number: u64,
    /// The number of the entry before it.
    after: u64,
    /// Where its bytes end.
    end: usize,
    is_whole: bool,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of the first row that is damaged, or before which one is missing (the first should follow `after`, or
    /// what is left of what came before); without rows, the number after `after`.
    pub(super) fn first_damaged(&self, after: u64) -> Option<u64> {
        let mut before = after;
        for row in &self.rows {
            if !row.is_whole || row.after > before {
                return Some(row.number);
            }
            before = row.number;
        }
        self.rows.is_empty().then_some(after + 1)
    }

    /// The number of the entry before the first row.
    pub(super) fn after(&self) -> Option<u64> {
        self.rows.first().map(|row| row.after)
    }

    /// Cuts the common buffer into the entries, without copying.
    pub(super) fn into_batch(self) -> StreamBatch {
        let total = self.bytes.len() as u64;
        let last_number = self.rows.last().map_or(0, |row| row.number);
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        let entries = self.rows.into_iter().map(|row| {
            let end = row.end;
            (row.number, bytes.slice(std::mem::replace(&mut start, end)..end))
        });
        StreamBatch { entries: entries.collect(), bytes: total, last_number }
    }
}

/// The first rows with `keys.start < key <= keys.end`, within both bounds but at least one if there is one.
pub(super) fn read_rows(
    database: &Connection,
    keys: Range<i64>,
    entries_max: usize,
    bytes_max: usize,
) -> rusqlite::Result<Rows> {
    const SQL: &str = "SELECT key, bytes, after_number, checksum, committed_unix_ms FROM entries
        WHERE key > ?1 AND key <= ?2 ORDER BY key LIMIT ?3";
    let mut select = database.prepare_cached(SQL)?;
    let limit = entries_max.max(1) as i64;
    let mut found = select.query(params![keys.start, keys.end, limit])?;
    let mut read = Rows::default();
    while let Some(row) = found.next()? {
        let key: i64 = row.get(0)?;
        let entry = row.get_ref(1)?.as_blob()?;
        if read.rows.is_empty() {
            read.first_unix_ms = row.get(4)?;
        } else if read.bytes.len() + entry.len() > bytes_max {
            break;
        }
        read.bytes.extend_from_slice(entry);
        let number = number_of(key);
        let after: Option<i64> = row.get(2)?;
        let after = after.map_or(number.wrapping_sub(1), |after| after as u64);
        let is_whole = is_whole(key, entry, row.get(3)?);
        read.rows.push(Row { number, after, end: read.bytes.len(), is_whole });
    }
    Ok(read)
}

/// Whether an entry is what was written. Those of the first schema have no checksum.
pub(super) fn is_whole(key: i64, entry: &[u8], sum: Option<i64>) -> bool {
    sum.is_none_or(|sum| checksum(&[], key as u64, entry) == sum)
}
