//! Opening the file: the exclusive lock, the pragmas, the schema and its migrations.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::streams::{Counters, Stream, StreamId};
use crate::RelayError;
use crate::limits::LOG_PAGES;

/// SQLite's `application_id` of an outbox: "Vgie" in ASCII, so that a foreign database is never written into.
const APPLICATION_ID: i32 = 0x5667_6965;

/// One step per schema version, in order; a released step never changes.
///
/// Every table begins at the same page in every outbox, whether it grew from an older schema or not, because
/// `auto_vacuum` keeps the roots together at the front: the salvage of a file without its first page relies on it.
const MIGRATIONS: [&str; 2] = [VERSION_1, VERSION_2];

const VERSION_1: &str = "
    CREATE TABLE counters (
        id INTEGER PRIMARY KEY,
        producer TEXT NOT NULL,
        lane INTEGER NOT NULL,
        last_number INTEGER NOT NULL,
        forgotten_number INTEGER NOT NULL,
        pending_bytes INTEGER NOT NULL,
        UNIQUE (producer, lane)
    ) STRICT;
    CREATE TABLE entries (
        key INTEGER PRIMARY KEY,
        committed_unix_ms INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
";

/// Numbers with gaps, rows with checksums, and what producers need to go on. An entry without `after_number` follows the
/// number before its own; a row without a checksum is of the first version.
const VERSION_2: &str = "
    ALTER TABLE counters ADD COLUMN pending_entries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE counters ADD COLUMN offered_number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE counters ADD COLUMN checksum INTEGER;
    UPDATE counters SET pending_entries = last_number - forgotten_number, offered_number = last_number;
    ALTER TABLE entries ADD COLUMN after_number INTEGER;
    ALTER TABLE entries ADD COLUMN checksum INTEGER;
    CREATE TABLE producers (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        first_frame INTEGER NOT NULL,
        checksum INTEGER,
        checkpoint BLOB
    ) STRICT;
    CREATE TABLE journal (
        key INTEGER PRIMARY KEY,
        bytes BLOB NOT NULL,
        checksum INTEGER NOT NULL
    ) STRICT;
";

/// Opens the file under an exclusive lock, with a current schema and `synchronous=FULL`.
pub(super) fn open(path: &Path) -> Result<Connection, RelayError> {
    let explain = |error| RelayError::from_sqlite(path, error);
    let mut database = Connection::open(path).map_err(explain)?;
    lock(&database).map_err(explain)?;
    let application: i32 = pragma(&database, "application_id").map_err(explain)?;
    let found: u32 = pragma(&database, "user_version").map_err(explain)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let is_new = application == 0
        && database.query_row(tables, [], |row| row.get::<_, i64>(0)).map_err(explain)? == 0;
    if application != APPLICATION_ID && !is_new {
        return Err(foreign(&database, path));
    }
    if application != 0 && found == 0 {
        let detail = "its header is not whole".to_owned();
        return Err(RelayError::Corrupt { path: path.to_path_buf(), detail });
    }
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(RelayError::NewerSchema { path: path.to_path_buf(), found, known });
    }
    use_log(&database).map_err(explain)?;
    migrate(&mut database, found as usize).map_err(explain)?;
    Ok(database)
}

/// A database that does not say it is an outbox: ours with a damaged header, or another program's.
fn foreign(database: &Connection, path: &Path) -> RelayError {
    let path = path.to_path_buf();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('counters', 'entries')";
    match database.query_row(sql, [], |row| row.get(0)) {
        Ok(2) => RelayError::Corrupt { path, detail: "its header is not whole".to_owned() },
        _ => RelayError::NotAnOutbox { path },
    }
}

/// Every row of `counters`, which must be whole; the age of the first entry is still to be looked up.
pub(super) fn streams(database: &Connection) -> rusqlite::Result<Vec<(StreamId, Stream)>> {
    let sql = "SELECT id, producer, lane, last_number, forgotten_number, pending_bytes, pending_entries, offered_number,
        checksum FROM counters ORDER BY id";
    let mut select = database.prepare(sql)?;
    let rows = select.query_map([], |row| {
        let counters = Counters {
            last_number: row.get::<_, i64>(3)? as u64,
            forgotten_number: row.get::<_, i64>(4)? as u64,
            pending_bytes: row.get::<_, i64>(5)? as u64,
            pending_entries: row.get::<_, i64>(6)? as u64,
            offered_number: row.get::<_, i64>(7)? as u64,
            oldest_unix_ms: None,
        };
        let (id, lane) = (StreamId(row.get(0)?), row.get(2)?);
        let producer: Arc<str> = row.get::<_, String>(1)?.into();
        let sum: Option<i64> = row.get(8)?;
        if sum.is_some_and(|sum| sum != counters.checksum(id, (&producer, lane))) {
            return Err(rusqlite::Error::IntegralValueOutOfRange(8, sum.unwrap_or_default()));
        }
        Ok((id, Stream { producer, lane, counters, offered_number: 0 }))
    })?;
    rows.collect()
}

/// Writes a stream's row of `counters`; the pair is its producer and lane.
pub(super) fn store_counters(
    database: &Connection,
    id: StreamId,
    pair: (&str, u8),
    counters: &Counters,
) -> rusqlite::Result<()> {
    const SQL: &str = "INSERT INTO counters
            (id, producer, lane, last_number, forgotten_number, pending_bytes, pending_entries,
             offered_number, checksum)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET last_number = excluded.last_number,
            forgotten_number = excluded.forgotten_number, pending_bytes = excluded.pending_bytes,
            pending_entries = excluded.pending_entries, offered_number = excluded.offered_number,
            checksum = excluded.checksum";
    let mut store = database.prepare_cached(SQL)?;
    store.execute(params![
        id.0,
        pair.0,
        pair.1,
        counters.last_number as i64,
        counters.forgotten_number as i64,
        counters.pending_bytes as i64,
        counters.pending_entries as i64,
        counters.offered_number as i64,
        counters.checksum(id, pair),
    ])?;
    Ok(())
}

/// Takes the lock that keeps every other connection out until this one is closed, also those of this process.
fn lock(database: &Connection) -> rusqlite::Result<()> {
    // A second owner is a mistake of the operator: say so at once instead of waiting for it to go.
    database.busy_timeout(Duration::ZERO)?;
    // Takes effect only on an empty file, and only before the first transaction, even an empty one.
    database.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    database.execute_batch("BEGIN EXCLUSIVE; COMMIT")
}

fn use_log(database: &Connection) -> rusqlite::Result<()> {
    database.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    let log_bytes = i64::from(LOG_PAGES) * 4096;
    database.pragma_update_and_check(None, "journal_size_limit", log_bytes, |_| Ok(()))
}

fn migrate(database: &mut Connection, from: usize) -> rusqlite::Result<()> {
    if from == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &MIGRATIONS[from..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    transaction.commit()
}

fn pragma<T: rusqlite::types::FromSql>(database: &Connection, name: &str) -> rusqlite::Result<T> {
    database.pragma_query_value(None, name, |row| row.get(0))
}
