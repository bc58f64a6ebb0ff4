//! The outbox: entries are durable here before anything else happens to them, and leave only when acknowledged.
//!
//! One SQLite file (write-ahead log, `synchronous=FULL`), held under an exclusive lock by one thread of its own. All
//! commits that gather while a transaction is being written share the next one, and with it one fsync. Acknowledged
//! ranges are deleted in the next commit's transaction, or soon after in one without fsync.
//!
//! Full (`pending_bytes_max`): [`Outbox::commit`] waits until deliveries have made room. That is back-pressure: the
//! producer slows down, nothing is lost and memory stays bounded.

mod file;
mod mailbox;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::RelayError;
use crate::limits::ENTRY_BYTES_MAX;
use file::OutboxFile;
use mailbox::{CommitJob, Mailbox, ReadJob};
use writer::Writer;

pub(crate) use file::{StreamBatch, StreamId};
pub(crate) use writer::{Acknowledged, Tip};

/// How an outbox is opened.
#[derive(Clone, Debug)]
pub struct OutboxConfig {
    /// The file; its folder must exist. `-wal` is appended for the log beside it.
    pub path: PathBuf,
    /// Undelivered bytes (of entries, not of the file) at which commits wait.
    pub pending_bytes_max: u64,
}

/// One entry: opaque bytes on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its lane; 0 is urgent, higher ones come later.
    pub lane: u8,
    /// At most [`ENTRY_BYTES_MAX`] bytes.
    pub bytes: Bytes,
}

/// What one producer makes durable together.
///
/// The place of what must move with the entries in the same transaction: the producer's checkpoint and the truncation
/// of its journal are to become further fields here, written by `OutboxFile::write` beside the entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Who made them: the same name after every restart.
    pub producer: Arc<str>,
    /// In order; each lane is numbered by itself.
    pub entries: Vec<Entry>,
}

/// What an outbox holds at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxStats {
    /// Entries not yet acknowledged and forgotten.
    pub pending_entries: u64,
    /// Their bytes.
    pub pending_bytes: u64,
    /// When the oldest of them was committed, in milliseconds since 1970.
    pub oldest_pending_unix_ms: Option<i64>,
    /// Commits that wait for room now (back-pressure); 0 when all is well.
    pub commits_waiting: u64,
    /// How many times the outbox has filled up since it was opened.
    pub full_episodes: u64,
    /// Transactions that waited for the disk (fsync) since it was opened.
    pub durable_transactions: u64,
}

/// A handle on an open outbox; clones share it. The file is released when it is [closed](Outbox::close), or a moment
/// after the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Outbox {
    handle: Arc<Handle>,
}

impl Outbox {
    /// Opens the file, makes it if it is missing, brings its schema up to date, and starts its thread.
    ///
    /// Blocks for some milliseconds (more after a kill, while SQLite reads the log back).
    ///
    /// # Errors
    /// `Locked` when another holds the file, `Corrupt`, `NotAnOutbox`, `NewerSchema`, `Open`, `DiskFull`.
    pub fn open(config: OutboxConfig) -> Result<Self, RelayError> {
        let OutboxConfig { path, pending_bytes_max } = config;
        let file = OutboxFile::open(path)?;
        Self::start(file, pending_bytes_max)
    }

    fn start(file: OutboxFile, pending_bytes_max: u64) -> Result<Self, RelayError> {
        let shared = Arc::new(Shared::default());
        let path = file.path().to_path_buf();
        let writer = Writer::new(file, Arc::clone(&shared), pending_bytes_max);
        std::thread::Builder::new()
            .name("vigie-outbox".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| RelayError::Open { path, detail: error.to_string() })?;
        Ok(Self { handle: Arc::new(Handle { shared }) })
    }

    /// Makes the entries durable: when this returns `Ok`, they survive a power cut and will be delivered. All or
    /// nothing. Waits while the outbox is full. A call that is dropped while it waits may or may not be written.
    ///
    /// # Errors
    /// `EntryTooLarge`, `TooManyStreams`, `NumbersExhausted`: refused as it is. `DiskFull`, `Database`, `Corrupt`:
    /// not written, may be repeated. `Closed`: the outbox is gone.
    pub async fn commit(&self, commit: Commit) -> Result<(), RelayError> {
        if commit.entries.is_empty() {
            return Ok(());
        }
        if let Some(entry) = commit.entries.iter().find(|entry| entry.bytes.len() > ENTRY_BYTES_MAX)
        {
            let bytes = entry.bytes.len();
            return Err(RelayError::EntryTooLarge { bytes, max: ENTRY_BYTES_MAX });
        }
        let mailbox = &self.handle.shared.mailbox;
        let place = mailbox.place().await?;
        let (reply, replied) = oneshot::channel();
        mailbox.put_commit(CommitJob { commit, reply, place })?;
        replied.await.unwrap_or(Err(RelayError::Closed))
    }

    /// What it holds now. Cheap: no access to the file.
    pub fn stats(&self) -> OutboxStats {
        let mut stats = *lock(&self.handle.shared.stats);
        stats.commits_waiting = self.handle.shared.mailbox.commits_waiting();
        stats
    }

    /// Finishes what was handed over, releases the file, and returns when another may open it. Commits that wait for
    /// room, and any made later through other handles, fail with `Closed`; they were not written.
    pub async fn close(self) {
        self.handle.shared.mailbox.close();
        self.handle.shared.finished.cancelled().await;
    }

    /// Reserves the outbox for one sender until the claim is dropped.
    pub(crate) fn claim_sender(&self) -> Result<SenderClaim, RelayError> {
        let shared = Arc::clone(&self.handle.shared);
        if shared.sender_runs.swap(true, Ordering::AcqRel) {
            return Err(RelayError::SenderRunning);
        }
        Ok(SenderClaim { shared })
    }

    /// Every stream with something to deliver.
    pub(crate) async fn survey(&self) -> Result<Vec<Tip>, RelayError> {
        let (reply, replied) = oneshot::channel();
        self.handle.shared.mailbox.put_survey(reply)?;
        replied.await.map_err(|_| RelayError::Closed)
    }

    /// Returns once something may have been committed since the last call; then see [`Outbox::take_tips`].
    pub(crate) async fn committed(&self) {
        self.handle.shared.committed.notified().await;
    }

    /// The streams that have grown since the last call.
    pub(crate) fn take_tips(&self) -> Vec<Tip> {
        std::mem::take(&mut *lock(&self.handle.shared.tips)).into_values().collect()
    }

    /// The next entries of a stream after number `after`, within both bounds but at least one.
    pub(crate) async fn read(
        &self,
        stream: StreamId,
        after: u64,
        entries_max: usize,
        bytes_max: usize,
    ) -> Result<StreamBatch, RelayError> {
        let (reply, replied) = oneshot::channel();
        let job = ReadJob { stream, after, entries_max, bytes_max, reply };
        self.handle.shared.mailbox.put_read(job)?;
        replied.await.unwrap_or(Err(RelayError::Closed))
    }

    /// Lets the outbox forget a range that the far side has committed; soon, and never before this call.
    pub(crate) fn acknowledge(&self, range: Acknowledged) {
        self.handle.shared.mailbox.put_acknowledged(range);
    }
}

/// Closes the outbox when the last handle goes.
#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.mailbox.close();
    }
}

/// What the handles, the sender and the outbox thread share.
#[derive(Debug, Default)]
struct Shared {
    mailbox: Mailbox,
    stats: Mutex<OutboxStats>,
    /// Streams that have grown since the sender looked; at most one per stream.
    tips: Mutex<std::collections::BTreeMap<StreamId, Tip>>,
    committed: Notify,
    sender_runs: AtomicBool,
    /// The thread has ended and the file is released.
    finished: CancellationToken,
}

/// The right to be the one sender of an outbox.
#[derive(Debug)]
pub(crate) struct SenderClaim {
    shared: Arc<Shared>,
}

impl Drop for SenderClaim {
    fn drop(&mut self) {
        self.shared.sender_runs.store(false, Ordering::Release);
    }
}

/// Locks a mutex whose content stays whole even if a holder panicked (each holder makes single assignments).
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
