//! Reading consecutive entries into one allocation.

use std::ops::Range;

use bytes::Bytes;
use rusqlite::{Connection, params};

use crate::limits::NUMBER_BITS;

/// Consecutive entries of one stream, as read.
#[derive(Debug)]
pub(crate) struct StreamBatch {
    /// Number and bytes, ascending without a gap.
    pub entries: Vec<(u64, Bytes)>,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Rows of `entries`: their keys, and their bytes end to end.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub keys: Vec<i64>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Cuts the common buffer into the entries, without copying.
    pub(super) fn into_batch(self) -> StreamBatch {
        let total = self.bytes.len() as u64;
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        let entries = self.keys.into_iter().zip(self.ends).map(|(key, end)| {
            let number = key as u64 & ((1 << NUMBER_BITS) - 1);
            (number, bytes.slice(std::mem::replace(&mut start, end)..end))
        });
        StreamBatch { entries: entries.collect(), bytes: total }
    }
}

/// The first rows with `keys.start < key <= keys.end`, within both bounds but at least one if there is one.
pub(super) fn read_rows(
    database: &Connection,
    keys: Range<i64>,
    entries_max: usize,
    bytes_max: usize,
) -> rusqlite::Result<Rows> {
    const SQL: &str =
        "SELECT key, bytes FROM entries WHERE key > ?1 AND key <= ?2 ORDER BY key LIMIT ?3";
    let mut select = database.prepare_cached(SQL)?;
    let limit = entries_max.max(1) as i64;
    let mut found = select.query(params![keys.start, keys.end, limit])?;
    let mut rows = Rows::default();
    while let Some(row) = found.next()? {
        let entry = row.get_ref(1)?.as_blob()?;
        if !rows.keys.is_empty() && rows.bytes.len() + entry.len() > bytes_max {
            break;
        }
        rows.bytes.extend_from_slice(entry);
        rows.keys.push(row.get(0)?);
        rows.ends.push(rows.bytes.len());
    }
    Ok(rows)
}
