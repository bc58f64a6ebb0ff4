//! The outbox thread: takes what has gathered, answers the sender, writes one transaction, answers the producers.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::mailbox::{CommitJob, Work};
use super::{OutboxFile, Shared, StreamId, lock};
use crate::limits::{DELETE_DELAY_MS, FAILURE_PAUSE_MS};

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
    /// Bytes of the entries that this acknowledgement adds to the range.
    pub bytes: u64,
}

/// The thread's state.
#[derive(Debug)]
pub(super) struct Writer {
    file: OutboxFile,
    shared: Arc<Shared>,
    pending_bytes_max: u64,
    /// When acknowledged ranges are deleted at the latest.
    delete_at: Option<Instant>,
    /// The outbox has filled up, and not yet emptied enough to call it over.
    full: bool,
    /// Deletions may have left free pages to return to the disk.
    has_free_pages: bool,
}

impl Writer {
    pub(super) fn new(file: OutboxFile, shared: Arc<Shared>, pending_bytes_max: u64) -> Self {
        let pending_bytes_max = pending_bytes_max.max(1);
        let (delete_at, full) = (None, false);
        let writer =
            Self { file, shared, pending_bytes_max, delete_at, full, has_free_pages: true };
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
            let work = mailbox.take(writer.room_bytes(), writer.full, writer.wake_at());
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
        for job in work.reads {
            let batch = self.file.read(job.stream, job.after, job.entries_max, job.bytes_max);
            let _ = job.reply.send(batch);
        }
        let is_due = self.delete_at.is_some_and(|at| at <= Instant::now());
        let delete_now = self.file.has_acknowledged() && (is_due || work.blocked || work.closed);
        if delete_now || !work.commits.is_empty() {
            self.transact(work.commits);
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
        let written = self.file.write(admitted.iter().map(|job| &job.commit), unix_ms());
        let answer = match written {
            Ok(grown) => {
                self.has_free_pages |= self.delete_at.take().is_some();
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
            lock(&self.shared.stats).durable_transactions += 1;
            self.shared.committed.notify_one();
        }
        self.publish_stats();
        for job in admitted {
            job.answer(answer.clone());
        }
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

    fn room_bytes(&self) -> u64 {
        self.pending_bytes_max.saturating_sub(self.file.pending_bytes())
    }

    fn wake_at(&self) -> Option<Instant> {
        if self.has_free_pages { Some(Instant::now()) } else { self.delete_at }
    }

    fn publish_stats(&self) {
        let mut stats = lock(&self.shared.stats);
        stats.pending_entries = self.file.pending_entries();
        stats.pending_bytes = self.file.pending_bytes();
        stats.oldest_pending_unix_ms = self.file.oldest_pending_unix_ms();
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

fn unix_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelayError;
    use crate::outbox::{Commit, Entry, Outbox};

    fn commit(entries: usize, bytes: usize) -> Commit {
        let entry = Entry { lane: 1, bytes: vec![7; bytes].into() };
        Commit { producer: "bot/0".into(), entries: vec![entry; entries] }
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_the_commit_can_be_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let file = OutboxFile::open(path.clone()).unwrap();
        file.limit_pages(100);
        let outbox = Outbox::start(file, 1 << 30).unwrap();
        outbox.commit(commit(50, 1_000)).await.unwrap();
        let refused = outbox.commit(commit(1_000, 1_000)).await;
        assert!(matches!(refused, Err(RelayError::DiskFull { .. })), "{refused:?}");
        assert_eq!(outbox.stats().pending_entries, 50, "nothing of it was kept");
        outbox.commit(commit(10, 1_000)).await.unwrap();
        outbox.close().await;
        let outbox = Outbox::start(OutboxFile::open(path).unwrap(), 1 << 30).unwrap();
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
        let mut file = OutboxFile::open(path.clone()).unwrap();
        let backlog = commit(1_000, 50_000);
        file.admit(&backlog).unwrap();
        let tip = file.write([&backlog].into_iter(), 1).unwrap().remove(0);
        assert!(!file.give_back_space().unwrap());
        let (stream, last_number, bytes) = (tip.stream, tip.last_number, file.pending_bytes());
        file.note_acknowledged(Acknowledged { stream, last_number, bytes });
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
