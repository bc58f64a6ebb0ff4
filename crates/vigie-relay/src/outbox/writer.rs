//! The outbox thread: takes what has gathered, answers the sender, writes one transaction, answers the producers.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::file::MergePass;
use super::mailbox::{CommitJob, Room, Work};
use super::{
    Commit, Fault, Faults, Merge, OutboxConfig, OutboxFile, Recovery, Shared, StreamId, lock,
};
use crate::limits::{
    DELETE_DELAY_MS, FAILURE_PAUSE_MS, HEAL_PAUSE_MS, MERGE_AGAIN_PARTS, URGENT_RESERVE_BYTES_MIN,
    URGENT_RESERVE_PARTS,
};
use crate::{RelayError, URGENT_LANE};

/// How far a stream has come.
#[derive(Clone, Debug)]
pub(crate) struct Tip {
    pub stream: StreamId,
    pub producer: Arc<str>,
    pub lane: u8,
    /// Last number acknowledged.
    pub done_number: u64,
    /// Last number committed.
    pub last_number: u64,
}

/// A range of a stream, from its first entry on, that the far side has committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    pub stream: StreamId,
    /// Last number of the range.
    pub last_number: u64,
    /// Entries that this acknowledgement adds to the range.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The thread's state.
#[derive(Debug)]
pub(super) struct Writer {
    file: OutboxFile,
    shared: Arc<Shared>,
    pending_bytes_max: u64,
    merging: Option<Merging>,
    faults: Option<Arc<dyn Faults>>,
    /// When acknowledged ranges are deleted at the latest.
    delete_at: Option<Instant>,
    /// The outbox has filled up, and not yet emptied enough to call it over.
    full: bool,
    /// Deletions may have left free pages to return to the disk.
    has_free_pages: bool,
    /// The file turned out to be damaged and could not be saved yet: what was found.
    damage: Option<String>,
    /// When a damaged file was last saved, or that was tried.
    healed_at: Option<Instant>,
}

impl Writer {
    pub(super) fn new(file: OutboxFile, shared: Arc<Shared>, config: OutboxConfig) -> Self {
        // What is there may be worth a first walk.
        let merging = config.merge.map(|merge| Merging::new(merge, file.pending_bytes()));
        let writer = Self {
            file,
            shared,
            pending_bytes_max: config.pending_bytes_max.max(1),
            merging,
            faults: config.faults,
            delete_at: None,
            full: false,
            has_free_pages: true,
            damage: None,
            healed_at: None,
        };
        *lock(&writer.shared.salvage) = writer.file.salvage().cloned();
        writer.publish_stats();
        writer
    }

    /// Works until the mailbox is closed, then releases the file.
    pub(super) fn run(self) {
        // Dropped last, after the file, also when this thread panics.
        let _finish = Finish { shared: Arc::clone(&self.shared) };
        let mut writer = self;
        loop {
            let mailbox = &writer.shared.mailbox;
            let known_blocked = writer.full && !writer.merges();
            let work = mailbox.take(writer.room(), known_blocked, writer.wake_at());
            let is_last = work.closed && work.commits.is_empty();
            writer.work(work);
            if is_last {
                return;
            }
        }
    }

    fn work(&mut self, work: Work) {
        for range in work.acknowledged {
            self.file.note_acknowledged(range);
            let delay = Duration::from_millis(DELETE_DELAY_MS);
            self.delete_at.get_or_insert_with(|| Instant::now() + delay);
        }
        for reply in work.surveys {
            // Whoever asked may have stopped; the same holds for the reads.
            let _ = reply.send(self.file.tips());
        }
        for job in work.recoveries {
            let recovered = self.attempt(|file| file.recover(&job.producer));
            self.publish_stats();
            let _ = job.reply.send(recovered.inspect(|recovery| report(&job.producer, recovery)));
        }
        for job in work.reads {
            let read = |file: &mut OutboxFile| {
                file.read(job.stream, job.after, job.entries_max, job.bytes_max)
            };
            let _ = job.reply.send(self.attempt(read));
        }
        let is_due = self.delete_at.is_some_and(|at| at <= Instant::now());
        if is_due && !self.file.has_acknowledged() {
            // Set after a failure, with nothing to delete: else the thread would wake for it without end.
            self.delete_at = None;
        }
        let delete_now = self.file.has_acknowledged() && (is_due || work.blocked || work.closed);
        if delete_now || !work.commits.is_empty() {
            self.transact(work.commits);
        } else if work.blocked && !work.closed && self.merges() {
            self.merge();
        } else if self.has_free_pages {
            self.give_back_space();
        }
        self.watch_room(work.blocked);
    }

    fn transact(&mut self, jobs: Vec<CommitJob>) {
        let mut admitted = Vec::with_capacity(jobs.len());
        for job in jobs {
            match self.file.admit(&job.commit) {
                Ok(()) => admitted.push(job),
                Err(error) => job.answer(Err(error)),
            }
        }
        let written = self.fault().and_then(|()| {
            self.attempt(|file| {
                // After damage was healed, ids may be new.
                admitted.iter().try_for_each(|job| file.admit(&job.commit))?;
                file.write(admitted.iter().map(|job| &job.commit), unix_ms())
            })
        });
        let answer = match written {
            Ok(grown) => {
                self.has_free_pages |= self.delete_at.take().is_some();
                self.has_free_pages |= admitted.iter().any(|job| job.commit.checkpoint.is_some());
                let mut tips = lock(&self.shared.tips);
                tips.extend(grown.into_iter().map(|tip| (tip.stream, tip)));
                drop(tips);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, commits = admitted.len(), "Outbox transaction failed, its commits were not written");
                self.delete_at = Some(Instant::now() + Duration::from_millis(FAILURE_PAUSE_MS));
                Err(error)
            }
        };
        if answer.is_ok() && !admitted.is_empty() {
            self.count(admitted.iter().map(|job| &job.commit));
            self.shared.committed.notify_one();
        }
        self.publish_stats();
        for job in admitted {
            job.answer(answer.clone());
        }
    }

    /// One step of merging what waits.
    fn merge(&mut self) {
        let (Some(mut merging), before) = (self.merging.take(), self.file.pending_bytes()) else {
            return;
        };
        let mut pass = merging.pass.take().unwrap_or_else(|| {
            merging.grown_bytes = 0;
            self.file.merge_pass()
        });
        let step = |file: &mut OutboxFile| file.merge_step(&mut pass, &*merging.merge);
        let stepped = self.fault().and_then(|()| self.attempt(step));
        match stepped {
            Ok(true) => merging.pass = Some(pass),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "Outbox could not merge entries, trying again");
                merging.pass = Some(pass);
                merging.rest_until = Some(Instant::now() + Duration::from_millis(FAILURE_PAUSE_MS));
            }
        }
        self.merging = Some(merging);
        lock(&self.shared.stats).merged_bytes += before.saturating_sub(self.file.pending_bytes());
        self.publish_stats();
    }

    /// Whether merging may make room: a walk is under way, or enough has been committed since the last one.
    fn merges(&self) -> bool {
        let again_bytes = (self.pending_bytes_max / MERGE_AGAIN_PARTS).max(1);
        self.merging.as_ref().is_some_and(|merging| {
            let rests = merging.rest_until.is_some_and(|until| until > Instant::now());
            !rests && (merging.pass.is_some() || merging.grown_bytes >= again_bytes)
        })
    }

    /// Does something with the file; should the file be damaged, saves what can be read of it, and tries once more.
    fn attempt<T>(
        &mut self,
        mut work: impl FnMut(&mut OutboxFile) -> Result<T, RelayError>,
    ) -> Result<T, RelayError> {
        if self.damage.is_some() {
            self.heal()?;
        }
        match work(&mut self.file) {
            Err(RelayError::Corrupt { detail, .. }) => {
                self.damage = Some(detail);
                self.heal()?;
                work(&mut self.file)
            }
            done => done,
        }
    }

    fn heal(&mut self) -> Result<(), RelayError> {
        let detail = self.damage.clone().unwrap_or_default();
        let pause = Duration::from_millis(HEAL_PAUSE_MS);
        if self.healed_at.is_some_and(|at| at.elapsed() < pause) {
            return Err(RelayError::Corrupt { path: self.file.path().to_path_buf(), detail });
        }
        self.healed_at = Some(Instant::now());
        self.file.heal(&detail, unix_ms())?;
        self.damage = None;
        *lock(&self.shared.salvage) = self.file.salvage().cloned();
        self.publish_stats();
        Ok(())
    }

    /// Fails as a test wants it.
    fn fault(&self) -> Result<(), RelayError> {
        let fault = self.faults.as_ref().and_then(|faults| faults.before_transaction());
        let code = match fault {
            None => return Ok(()),
            Some(Fault::DiskFull) => rusqlite::ffi::SQLITE_FULL,
            Some(Fault::Io) => rusqlite::ffi::SQLITE_IOERR,
        };
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        Err(RelayError::from_sqlite(self.file.path(), error))
    }

    fn give_back_space(&mut self) {
        self.has_free_pages = self.file.give_back_space().unwrap_or_else(|error| {
            tracing::warn!(%error, "Outbox could not return free space to the disk");
            false
        });
    }

    /// Says once per episode that the outbox is full, and once that it no longer is.
    fn watch_room(&mut self, blocked: bool) {
        let pending_bytes = self.file.pending_bytes();
        if blocked && !self.full {
            self.full = true;
            lock(&self.shared.stats).full_episodes += 1;
            let path = self.file.path().display();
            let max = self.pending_bytes_max;
            tracing::warn!(%path, pending_bytes, max, "Outbox is full: producers wait until deliveries make room");
        }
        // An eighth of air, so that an outbox at its brim is one episode and not thousands.
        if !blocked && self.full && pending_bytes <= self.pending_bytes_max / 8 * 7 {
            self.full = false;
            tracing::info!(pending_bytes, "Outbox has room again");
        }
    }

    fn room(&self) -> Room {
        let pending_bytes = self.file.pending_bytes();
        let max = self.pending_bytes_max;
        let reserve = (max / URGENT_RESERVE_PARTS).max(URGENT_RESERVE_BYTES_MIN);
        let bytes = max.saturating_sub(pending_bytes);
        let urgent_bytes = max.saturating_add(reserve).saturating_sub(pending_bytes);
        Room { bytes, urgent_bytes }
    }

    fn wake_at(&self) -> Option<Instant> {
        if self.has_free_pages {
            return Some(Instant::now());
        }
        let rest_until = self.merging.as_ref().and_then(|merging| merging.rest_until);
        let merge_at = rest_until.filter(|&until| self.full && until > Instant::now());
        [self.delete_at, merge_at].into_iter().flatten().min()
    }

    /// Adds what a transaction has written to the sums.
    fn count<'a>(&mut self, commits: impl Iterator<Item = &'a Commit>) {
        let mut stats = lock(&self.shared.stats);
        stats.durable_transactions += 1;
        for commit in commits {
            let checkpoint = commit.checkpoint.as_ref().map_or(0, Bytes::len);
            stats.checkpoint_bytes_written += checkpoint as u64;
            stats.journal_bytes_written += commit.journal.len() as u64;
            for entry in &commit.entries {
                let bytes = entry.bytes.len() as u64;
                stats.entry_bytes_written += bytes;
                if let Some(merging) = self.merging.as_mut().filter(|_| entry.lane != URGENT_LANE) {
                    merging.grown_bytes += bytes;
                }
            }
        }
    }

    fn publish_stats(&self) {
        let mut stats = lock(&self.shared.stats);
        stats.pending_entries = self.file.pending_entries();
        stats.pending_bytes = self.file.pending_bytes();
        stats.oldest_pending_unix_ms = self.file.oldest_pending_unix_ms();
        stats.journal_bytes = self.file.journal_bytes();
    }
}

/// How entries are merged, and how far that has come.
#[derive(Debug)]
struct Merging {
    merge: Arc<dyn Merge>,
    /// The walk under way.
    pass: Option<MergePass>,
    /// Bytes of entries that could be merged, committed since the last walk began.
    grown_bytes: u64,
    /// After a failure: when it is tried again.
    rest_until: Option<Instant>,
}

impl Merging {
    fn new(merge: Arc<dyn Merge>, grown_bytes: u64) -> Self {
        Self { merge, pass: None, grown_bytes, rest_until: None }
    }
}

/// Says what a producer has lost.
fn report(producer: &str, recovery: &Recovery) {
    for damage in &recovery.damage {
        tracing::error!(producer, %damage, "A producer's state is damaged, it goes on from what is whole");
    }
}

/// Tells everyone that the outbox is gone.
struct Finish {
    shared: Arc<Shared>,
}

impl Drop for Finish {
    fn drop(&mut self) {
        self.shared.mailbox.abandon();
        self.shared.finished.cancel();
    }
}

pub(super) fn unix_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Entry, Outbox};

    fn commit(entries: usize, bytes: usize) -> Commit {
        let entry = Entry { lane: 1, bytes: vec![7; bytes].into() };
        Commit { producer: "bot/0".into(), entries: vec![entry; entries], ..Commit::default() }
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_the_commit_can_be_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let file = OutboxFile::open(path.clone(), 0).unwrap();
        file.limit_pages(100);
        let outbox = Outbox::start(file, OutboxConfig::new(&path)).unwrap();
        outbox.commit(commit(50, 1_000)).await.unwrap();
        let refused = outbox.commit(commit(1_000, 1_000)).await;
        assert!(matches!(refused, Err(RelayError::DiskFull { .. })), "{refused:?}");
        assert_eq!(outbox.stats().pending_entries, 50, "nothing of it was kept");
        outbox.commit(commit(10, 1_000)).await.unwrap();
        outbox.close().await;
        let outbox =
            Outbox::start(OutboxFile::open(path.clone(), 0).unwrap(), OutboxConfig::new(path))
                .unwrap();
        let stats = outbox.stats();
        assert_eq!((stats.pending_entries, stats.pending_bytes), (60, 60_000));
        let tip = outbox.survey().await.unwrap().remove(0);
        let batch = outbox.read(tip.stream, 50, 100, 1 << 20).await.unwrap();
        assert_eq!(batch.entries.first().unwrap().0, 51, "the failed commit used no numbers");
    }

    #[test]
    fn the_file_gives_its_space_back_after_an_outage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let mut file = OutboxFile::open(path.clone(), 0).unwrap();
        let backlog = commit(1_000, 50_000);
        file.admit(&backlog).unwrap();
        let tip = file.write([&backlog].into_iter(), 1).unwrap().remove(0);
        assert!(!file.give_back_space().unwrap());
        let (stream, last_number) = (tip.stream, tip.last_number);
        let (entries, bytes) = (file.pending_entries(), file.pending_bytes());
        file.note_acknowledged(Acknowledged { stream, last_number, entries, bytes });
        file.write([].into_iter(), 2).unwrap();
        assert_eq!((file.pending_entries(), file.pending_bytes()), (0, 0));
        let mut steps = 0;
        while file.give_back_space().unwrap() {
            steps += 1;
        }
        assert!(steps > 10, "in steps: {steps}");
        drop(file);
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert!(bytes < 20 << 20, "{bytes} bytes left of 50 MB");
    }
}
