//! The outbox: entries are durable here before anything else happens to them, and leave only when acknowledged.
//!
//! One SQLite file (write-ahead log, `synchronous=FULL`), held under an exclusive lock by one thread of its own. All
//! commits that gather while a transaction is being written share the next one, and with it one fsync. Acknowledged
//! ranges are deleted in the next commit's transaction, or soon after in one without fsync.
//!
//! Full (`pending_bytes_max`): first the entries of the other lanes that nobody has seen yet are merged, if the
//! configuration knows how; then [`Outbox::commit`] waits until deliveries have made room. That is back-pressure: the
//! producer slows down, nothing is lost and memory stays bounded. Urgent entries have a reserve above the limit; commits
//! without entries never wait for room.
//!
//! A producer's checkpoint and journal live in the same file and move in the same transaction as its entries:
//! [`Outbox::recover`] gives back a state that was whole at one instant.
//!
//! A damaged file never keeps the outbox from opening: it is moved aside, what can be read of it is saved
//! ([`Outbox::salvaged`]). Numbers given before are not given again, whatever was lost, not even if the file is deleted.

mod file;
mod mailbox;
mod recovery;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::RelayError;
use crate::limits::{
    CHECKPOINT_BYTES_MAX, ENTRY_BYTES_MAX, FRAME_BYTES_MAX, PENDING_BYTES_DEFAULT,
};
use file::OutboxFile;
use mailbox::{CommitJob, Mailbox, ReadJob, RecoverJob};
use writer::Writer;

pub use recovery::{Damage, DamagedPiece, Recovery, Salvage};

pub(crate) use file::{StreamBatch, StreamId};
pub(crate) use writer::{Acknowledged, Tip};

/// How an outbox is opened.
#[derive(Clone, Debug)]
pub struct OutboxConfig {
    /// The file; its folder must exist. `-wal` is appended for the log beside it.
    pub path: PathBuf,
    /// Undelivered bytes (of entries, not of the file) at which entries are merged and commits wait.
    pub pending_bytes_max: u64,
    /// How entries are merged when the limit is reached; without it commits wait at once.
    pub merge: Option<Arc<dyn Merge>>,
    /// Plays a failing disk in tests.
    #[doc(hidden)]
    pub faults: Option<Arc<dyn Faults>>,
}

impl OutboxConfig {
    /// The usual configuration of an outbox at this path:
    /// [`PENDING_BYTES_DEFAULT`], nothing is merged.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let pending_bytes_max = PENDING_BYTES_DEFAULT;
        Self { path: path.into(), pending_bytes_max, merge: None, faults: None }
    }
}

/// Makes fewer entries of many, when the outbox has reached its limit. The outbox itself never looks inside entries.
pub trait Merge: Send + Sync {
    /// Entries of one lane of one producer, in order, to fewer that mean the same; `None`: nothing to gain. Called on the
    /// outbox thread, with at most [`MERGE_STEP_BYTES`](crate::limits::MERGE_STEP_BYTES) of entries (or one entry);
    /// never for the urgent lane. An empty list, more entries or larger ones than there were are not taken.
    fn merge(&self, lane: u8, entries: &[Bytes]) -> Option<Vec<Bytes>>;
}

impl std::fmt::Debug for dyn Merge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Merge")
    }
}

/// A disk that fails on request, for tests.
#[doc(hidden)]
pub trait Faults: Send + Sync {
    /// Asked before each transaction; it fails with what is answered.
    fn before_transaction(&self) -> Option<Fault>;
}

impl std::fmt::Debug for dyn Faults {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Faults")
    }
}

/// How a transaction fails.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// As on a full disk.
    DiskFull,
    /// As on a disk with errors.
    Io,
}

/// One entry: opaque bytes on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its lane; 0 is urgent, higher ones come later.
    pub lane: u8,
    /// At most [`ENTRY_BYTES_MAX`] bytes.
    pub bytes: Bytes,
}

/// What one producer makes durable together, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Who made them: the same name after every restart.
    pub producer: Arc<str>,
    /// In order; each lane is numbered by itself.
    pub entries: Vec<Entry>,
    /// Replaces the producer's checkpoint and deletes all its journal frames. At most
    /// [`CHECKPOINT_BYTES_MAX`] bytes.
    pub checkpoint: Option<Bytes>,
    /// One frame, appended to the producer's journal after the checkpoint took effect; empty: none. At most
    /// [`FRAME_BYTES_MAX`] bytes.
    pub journal: Bytes,
}

impl Commit {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.checkpoint.is_none() && self.journal.is_empty()
    }

    /// What is refused whatever the state of the outbox.
    fn check_sizes(&self) -> Result<(), RelayError> {
        let sizes = self.entries.iter().map(|entry| entry.bytes.len());
        if let Some(bytes) = sizes.max().filter(|&bytes| bytes > ENTRY_BYTES_MAX) {
            return Err(RelayError::EntryTooLarge { bytes, max: ENTRY_BYTES_MAX });
        }
        let checkpoint = self.checkpoint.as_ref().map_or(0, Bytes::len);
        let pieces = [
            ("checkpoint", checkpoint, CHECKPOINT_BYTES_MAX),
            ("journal frame", self.journal.len(), FRAME_BYTES_MAX),
        ];
        match pieces.into_iter().find(|&(_, bytes, max)| bytes > max) {
            Some((what, bytes, max)) => Err(RelayError::TooLarge { what, bytes, max }),
            None => Ok(()),
        }
    }
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
    /// Bytes of journal frames in the file: from [`JOURNAL_BYTES_MAX`](crate::limits::JOURNAL_BYTES_MAX) on, producers
    /// should flush early.
    pub journal_bytes: u64,
    /// Bytes of entries written since it was opened.
    pub entry_bytes_written: u64,
    /// Bytes of journal frames written since it was opened.
    pub journal_bytes_written: u64,
    /// Bytes of checkpoints written since it was opened.
    pub checkpoint_bytes_written: u64,
    /// Bytes of entries that merging has saved since it was opened.
    pub merged_bytes: u64,
}

/// A handle on an open outbox; clones share it. The file is released when it is [closed](Outbox::close), or a moment
/// after the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Outbox {
    handle: Arc<Handle>,
}

impl Outbox {
    /// Opens the file, makes it if it is missing, brings its schema up to date, and starts its thread. A damaged file is
    /// no error: see [`Outbox::salvaged`].
    ///
    /// Blocks for some milliseconds; longer after a kill, while SQLite reads the log back, and while a damaged file is
    /// saved (seconds for each GiB).
    ///
    /// # Errors
    /// `Locked` when another holds the file, `NotAnOutbox`, `NewerSchema`, `Open`, `DiskFull`.
    pub fn open(config: OutboxConfig) -> Result<Self, RelayError> {
        let file = OutboxFile::open(config.path.clone(), writer::unix_ms())?;
        Self::start(file, config)
    }

    fn start(file: OutboxFile, config: OutboxConfig) -> Result<Self, RelayError> {
        let shared = Arc::new(Shared::default());
        let path = file.path().to_path_buf();
        let writer = Writer::new(file, Arc::clone(&shared), config);
        std::thread::Builder::new()
            .name("vigie-outbox".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| RelayError::Open { path, detail: error.to_string() })?;
        Ok(Self { handle: Arc::new(Handle { shared }) })
    }

    /// Makes the commit durable: when this returns `Ok`, it survives a power cut, and its entries will be delivered. All
    /// or nothing. Waits while the outbox is full; a commit without entries waits only behind earlier ones of its
    /// producer. A call that is dropped while it waits may or may not be written.
    ///
    /// # Errors
    /// `EntryTooLarge`, `TooLarge`, `TooManyStreams`, `NumbersExhausted`: refused as it is. `DiskFull`, `Database`,
    /// `Corrupt`: not written, may be repeated. `Closed`: the outbox is gone.
    pub async fn commit(&self, commit: Commit) -> Result<(), RelayError> {
        if commit.is_empty() {
            return Ok(());
        }
        commit.check_sizes()?;
        let mailbox = &self.handle.shared.mailbox;
        let place = mailbox.place().await?;
        let (reply, replied) = oneshot::channel();
        mailbox.put_commit(CommitJob::new(commit, reply, place))?;
        replied.await.unwrap_or(Err(RelayError::Closed))
    }

    /// What a producer left behind: its checkpoint and the journal frames written since, in order. To be asked before
    /// the producer's first commit.
    ///
    /// Damage is no error: what is whole is given back, up to the first damage, and what is not stands in
    /// [`Recovery::damage`]. It is also deleted, so that frames committed from now on follow the last whole one; the same
    /// damage is told once. Memory: the frames are within [`JOURNAL_BYTES_MAX`](crate::limits::JOURNAL_BYTES_MAX) if the
    /// producers keep to it.
    ///
    /// # Errors
    /// `DiskFull`, `Database`, `Corrupt`: the file cannot be read, or damage not be deleted, for now. `Closed`.
    pub async fn recover(&self, producer: &str) -> Result<Recovery, RelayError> {
        let (reply, replied) = oneshot::channel();
        let job = RecoverJob { producer: producer.into(), reply };
        self.handle.shared.mailbox.put_recovery(job)?;
        replied.await.unwrap_or(Err(RelayError::Closed))
    }

    /// What was saved of the file when it was found to be damaged, at opening or since; `None` if it was not.
    pub fn salvaged(&self) -> Option<Salvage> {
        lock(&self.handle.shared.salvage).clone()
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
    salvage: Mutex<Option<Salvage>>,
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
