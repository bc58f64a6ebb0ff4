//! Where the async side leaves work for the outbox thread: everything that has gathered is taken in one go.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Acknowledged, Commit, StreamBatch, StreamId, Tip, lock};
use crate::RelayError;
use crate::limits::{COMMITS_WAITING_MAX, GROUP_BYTES_MAX};

/// A commit on its way to the disk. Dropping it tells the caller that the outbox is closed.
#[derive(Debug)]
pub(super) struct CommitJob {
    pub commit: Commit,
    pub reply: oneshot::Sender<Result<(), RelayError>>,
    /// Its place among the [`COMMITS_WAITING_MAX`], given back with the answer.
    pub place: OwnedSemaphorePermit,
}

impl CommitJob {
    pub(super) fn bytes(&self) -> u64 {
        self.commit.entries.iter().map(|entry| entry.bytes.len() as u64).sum()
    }

    pub(super) fn answer(self, result: Result<(), RelayError>) {
        let Self { reply, place, .. } = self;
        drop(place);
        // A caller that went away does not want to know.
        let _ = reply.send(result);
    }
}

/// A question of the sender. At most one per delivery under way, so their number is bounded.
#[derive(Debug)]
pub(super) struct ReadJob {
    pub stream: StreamId,
    pub after: u64,
    pub entries_max: usize,
    pub bytes_max: usize,
    pub reply: oneshot::Sender<Result<StreamBatch, RelayError>>,
}

/// Everything that had gathered.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub commits: Vec<CommitJob>,
    pub reads: Vec<ReadJob>,
    pub acknowledged: Vec<Acknowledged>,
    pub surveys: Vec<oneshot::Sender<Vec<Tip>>>,
    /// Commits stay behind because there is no room for them.
    pub blocked: bool,
    /// No more work will come.
    pub closed: bool,
}

impl Work {
    fn is_empty(&self) -> bool {
        self.commits.is_empty()
            && self.reads.is_empty()
            && self.acknowledged.is_empty()
            && self.surveys.is_empty()
            && !self.closed
    }
}

/// The meeting place: many async callers, one thread.
#[derive(Debug)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    wake: Condvar,
    places: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct State {
    commits: VecDeque<CommitJob>,
    reads: Vec<ReadJob>,
    acknowledged: Vec<Acknowledged>,
    surveys: Vec<oneshot::Sender<Vec<Tip>>>,
    closed: bool,
}

impl Default for Mailbox {
    fn default() -> Self {
        let places = Arc::new(Semaphore::new(COMMITS_WAITING_MAX));
        Self { state: Mutex::default(), wake: Condvar::new(), places }
    }
}

impl Mailbox {
    /// A place for one commit; waits, in order of arrival, while all are taken.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, RelayError> {
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| RelayError::Closed)
    }

    pub(super) fn put_commit(&self, job: CommitJob) -> Result<(), RelayError> {
        self.put(|state| state.commits.push_back(job))
    }

    pub(super) fn put_read(&self, job: ReadJob) -> Result<(), RelayError> {
        self.put(|state| state.reads.push(job))
    }

    pub(super) fn put_survey(&self, reply: oneshot::Sender<Vec<Tip>>) -> Result<(), RelayError> {
        self.put(|state| state.surveys.push(reply))
    }

    /// After closing it is dropped: the range will be delivered again and known as a repeat.
    pub(super) fn put_acknowledged(&self, range: Acknowledged) {
        let _ = self.put(|state| state.acknowledged.push(range));
    }

    /// No more work is taken; what is inside is still to be done.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.places.close();
        self.wake.notify_one();
    }

    /// Closes, and drops what is inside, so that whoever waits for it learns that nobody will do it.
    pub(super) fn abandon(&self) {
        let empty = State { closed: true, ..State::default() };
        let abandoned = std::mem::replace(&mut *lock(&self.state), empty);
        self.places.close();
        drop(abandoned);
    }

    /// Commits inside: those that wait for room, or for the transaction being written.
    pub(super) fn commits_waiting(&self) -> u64 {
        lock(&self.state).commits.len() as u64
    }

    /// Waits for work, or until `deadline`, and takes all there is; of the commits, as many as begin within
    /// `room_bytes` and one group. That commits are blocked is news only while not `known_blocked`.
    pub(super) fn take(
        &self,
        room_bytes: u64,
        known_blocked: bool,
        deadline: Option<Instant>,
    ) -> Work {
        let mut state = lock(&self.state);
        loop {
            let work = state.take(room_bytes);
            if !work.is_empty() || (work.blocked && !known_blocked) {
                return work;
            }
            let Some(deadline) = deadline else {
                state = wait(&self.wake, state);
                continue;
            };
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return work;
            };
            let waited = self.wake.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn put(&self, put: impl FnOnce(&mut State)) -> Result<(), RelayError> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(RelayError::Closed);
        }
        put(&mut state);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }
}

impl State {
    fn take(&mut self, room_bytes: u64) -> Work {
        let (mut commits, mut bytes) = (Vec::new(), 0);
        while bytes < room_bytes.min(GROUP_BYTES_MAX) {
            let Some(job) = self.commits.pop_front() else { break };
            bytes += job.bytes();
            commits.push(job);
        }
        Work {
            commits,
            reads: std::mem::take(&mut self.reads),
            acknowledged: std::mem::take(&mut self.acknowledged),
            surveys: std::mem::take(&mut self.surveys),
            blocked: !self.commits.is_empty() && bytes >= room_bytes,
            closed: self.closed,
        }
    }
}

fn wait<'a>(wake: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    wake.wait(state).unwrap_or_else(PoisonError::into_inner)
}
