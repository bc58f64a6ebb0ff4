//! A damaged file: what can be read of it moves into a fresh one, and the damaged one stays beside it.
//!
//! The order of the steps lets a crash happen between any two: the fresh file is built under a name of its own, becomes
//! `.salvage` when it is whole, and then takes the place of the damaged one, whose log moves first, so that no log ever
//! stands beside a file that is not its own. [`finish`] completes what a crash left.

mod pages;
mod scan;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use scan::Found;

use super::{StreamId, schema};
use crate::RelayError;
use crate::limits::DAMAGED_FILES_MAX;
use crate::outbox::Salvage;
use crate::outbox::writer::unix_ms;

/// SQLite's page size in our files.
const PAGE_BYTES: usize = 4096;

/// Streams that are known already, by their ids.
pub(super) type Names = BTreeMap<StreamId, Name>;

/// A stream whose entries are to be saved.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub producer: Arc<str>,
    pub lane: u8,
    /// Entries up to this number are acknowledged.
    pub done_number: u64,
    pub last_number: u64,
    /// How many there should be, if that is known.
    pub pending_entries: Option<u64>,
}

/// What was saved.
pub(super) struct Saved {
    pub salvage: Salvage,
    /// Producers may have been lost whose names are not known.
    pub has_lost_producers: bool,
}

/// Saves what can be read of the file at `path`, which nobody may have open, and puts a whole one in its place.
pub(super) fn salvage(
    path: &Path,
    detail: &str,
    names: Names,
    now_unix_ms: i64,
) -> Result<Saved, RelayError> {
    let part = beside(path, ".salvage-part");
    for leftover in [part.clone(), beside(&part, "-wal")] {
        remove(&leftover).map_err(|error| file_error(path, &error))?;
    }
    let fresh = schema::open(&part)?;
    let explain = |error| RelayError::from_sqlite(&part, error);
    // The first page of the fresh file is to stand in for a damaged one: it has to be in the file, not in the log.
    fold_log(&fresh).map_err(explain)?;
    let before = FirstPage::of(path).map_err(|error| file_error(path, &error))?;
    let source = readable(path, &part).map_err(|error| file_error(path, &error))?;
    let found = match source {
        Some(source) => scan::copy(&source, &fresh, names).map_err(explain)?,
        None => Found::nothing(&names),
    };
    before.put_back(path).map_err(|error| file_error(path, &error))?;
    fold_log(&fresh).map_err(explain)?;
    fresh.close().map_err(|(_, error)| explain(error))?;
    let moved_to =
        put_in_place(path, &part, now_unix_ms).map_err(|error| file_error(path, &error))?;
    let Found { entries_kept, entries_lost, streams, has_lost_producers } = found;
    tracing::error!(
        path = %path.display(), detail, moved_to = %moved_to.display(), entries_kept, entries_lost, streams,
        "Outbox file was damaged: it is moved aside, and what could be read of it goes on in a fresh one"
    );
    let salvage = Salvage { moved_to, entries_kept, entries_lost, streams };
    Ok(Saved { salvage, has_lost_producers })
}

/// What is replaced for reading, and put back: the file aside is the one that was found.
struct FirstPage {
    page: Vec<u8>,
    file_bytes: u64,
}

impl FirstPage {
    fn of(path: &Path) -> io::Result<Self> {
        let mut page = Vec::new();
        let file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        file.take(PAGE_BYTES as u64).read_to_end(&mut page)?;
        Ok(Self { page, file_bytes })
    }

    fn put_back(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.write_all(&self.page)?;
        file.set_len(self.file_bytes)
    }
}

/// Completes an exchange of files that a crash interrupted.
pub(super) fn finish(path: &Path) -> Result<(), RelayError> {
    let whole = beside(path, ".salvage");
    if !whole.exists() {
        return Ok(());
    }
    exchange(path, unix_ms()).map_err(|error| file_error(path, &error))?;
    Ok(())
}

/// Whether there is a log but nothing that it could belong to: SQLite would delete it.
pub(super) fn is_cut_to_nothing(path: &Path) -> bool {
    let bytes = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    bytes(path) == Some(0) && bytes(&beside(path, "-wal")).is_some_and(|bytes| bytes > 0)
}

fn put_in_place(path: &Path, part: &Path, now_unix_ms: i64) -> io::Result<PathBuf> {
    File::open(part)?.sync_all()?;
    fs::rename(part, beside(path, ".salvage"))?;
    exchange(path, now_unix_ms)
}

/// Moves the damaged file aside, its log first, and the whole one into its place.
fn exchange(path: &Path, now_unix_ms: i64) -> io::Result<PathBuf> {
    let moved_to = beside(path, &format!(".damaged-{now_unix_ms}"));
    rename_if_there(&beside(path, "-wal"), &beside(&moved_to, "-wal"))?;
    sync_folder(path)?;
    rename_if_there(path, &moved_to)?;
    fs::rename(beside(path, ".salvage"), path)?;
    sync_folder(path)?;
    // A disk that goes on failing must not fill up with what it has damaged.
    if let Err(error) = keep_newest(path) {
        tracing::warn!(%error, "Old damaged outbox files could not be removed");
    }
    Ok(moved_to)
}

/// Removes all but the newest [`DAMAGED_FILES_MAX`] damaged files, each with its log.
fn keep_newest(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let prefix = format!("{}.damaged-", name.to_string_lossy());
    let mut damaged = Vec::new();
    for entry in fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let at = name.strip_prefix(&prefix).and_then(|rest| rest.parse::<i64>().ok());
        damaged.extend(at.map(|at| (at, entry.path())));
    }
    damaged.sort_unstable();
    let old = damaged.len().saturating_sub(DAMAGED_FILES_MAX);
    for (_, file) in damaged.drain(..old) {
        fs::remove_file(&file)?;
        let log = beside(&file, "-wal");
        if log.exists() {
            fs::remove_file(log)?;
        }
    }
    Ok(())
}

/// A connection that can find our tables, with the first page of the fresh file in the place of a damaged one if need
/// be, and without the log if that is what keeps it from being read. `None` when nothing helps.
fn readable(path: &Path, fresh: &Path) -> io::Result<Option<Connection>> {
    if let Ok(source) = open_source(path) {
        return Ok(Some(source));
    }
    replace_first_page(path, fresh)?;
    if let Ok(source) = open_source(path) {
        return Ok(Some(source));
    }
    rename_if_there(&beside(path, "-wal"), &beside(path, ".damaged-wal"))?;
    Ok(open_source(path).ok())
}

/// Opens for reading; the log is read along, and left as it is.
fn open_source(path: &Path) -> rusqlite::Result<Connection> {
    let source = Connection::open(path)?;
    source.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    source.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    source.pragma_update(None, "cell_size_check", true)?;
    source.prepare("SELECT id, producer, lane, last_number, forgotten_number FROM counters")?;
    source.prepare("SELECT key, committed_unix_ms, bytes FROM entries")?;
    Ok(source)
}

/// Writes the first page of a fresh file over a damaged one. It holds the header and where each table begins, which is
/// the same in every outbox; what differs is the size, and that no page is known to be free.
fn replace_first_page(path: &Path, fresh: &Path) -> io::Result<()> {
    let mut page = vec![0; PAGE_BYTES];
    File::open(fresh)?.read_exact(&mut page)?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    // A file shorter than its tables' first pages would be refused as a whole.
    let bytes = file.metadata()?.len().max(fs::metadata(fresh)?.len());
    let pages = bytes.div_ceil(PAGE_BYTES as u64) as u32;
    file.set_len(u64::from(pages) * PAGE_BYTES as u64)?;
    page[28..32].copy_from_slice(&pages.to_be_bytes());
    page[32..40].fill(0);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&page)
}

fn fold_log(database: &Connection) -> rusqlite::Result<()> {
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes renames durable, where the system lets a folder be synchronised.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match File::open(folder.unwrap_or(Path::new("."))) {
        Ok(folder) if cfg!(unix) => folder.sync_all(),
        _ => Ok(()),
    }
}

/// The path with something appended to its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn file_error(path: &Path, error: &io::Error) -> RelayError {
    let path = path.to_path_buf();
    match error.kind() {
        io::ErrorKind::StorageFull => RelayError::DiskFull { path },
        _ => RelayError::Open { path, detail: error.to_string() },
    }
}
