//! Where the async side leaves work for the outbox thread: everything that has gathered is taken in one go.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Acknowledged, Commit, Recovery, StreamBatch, StreamId, Tip, lock};
use crate::limits::{COMMITS_WAITING_MAX, GROUP_BYTES_MAX};
use crate::{RelayError, URGENT_LANE};

/// A commit on its way to the disk. Dropping it tells the caller that the outbox is closed.
#[derive(Debug)]
pub(super) struct CommitJob {
    pub commit: Commit,
    reply: oneshot::Sender<Result<(), RelayError>>,
    /// Its place among the [`COMMITS_WAITING_MAX`], given back with the answer.
    place: OwnedSemaphorePermit,
    needs: Needs,
    /// Bytes of its entries.
    entry_bytes: u64,
}

/// What room a commit needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Checkpoint or journal alone: none.
    Nothing,
    /// Urgent entries alone: that within the reserve.
    Reserve,
    /// That within the limit.
    Room,
}

impl CommitJob {
    pub(super) fn new(
        commit: Commit,
        reply: oneshot::Sender<Result<(), RelayError>>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let entry_bytes = commit.entries.iter().map(|entry| entry.bytes.len() as u64).sum();
        let needs = match commit.entries.iter().map(|entry| entry.lane).max() {
            None => Needs::Nothing,
            Some(URGENT_LANE) => Needs::Reserve,
            Some(_) => Needs::Room,
        };
        Self { commit, reply, place, needs, entry_bytes }
    }

    /// Bytes that it writes.
    fn bytes(&self) -> u64 {
        let checkpoint = self.commit.checkpoint.as_ref().map_or(0, Bytes::len);
        self.entry_bytes + (checkpoint + self.commit.journal.len()) as u64
    }

    pub(super) fn answer(self, result: Result<(), RelayError>) {
        let Self { reply, place, .. } = self;
        drop(place);
        // A caller that went away does not want to know.
        let _ = reply.send(result);
    }
}

/// How much may be added: commits that begin within are taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Bytes below the limit.
    pub bytes: u64,
    /// Bytes below the limit with the reserve of the urgent lane.
    pub urgent_bytes: u64,
}

impl Room {
    fn has(self, needs: Needs, taken_bytes: u64) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Reserve => taken_bytes < self.urgent_bytes,
            Needs::Room => taken_bytes < self.bytes,
        }
    }
}

/// A producer asks for what it left behind.
#[derive(Debug)]
pub(super) struct RecoverJob {
    pub producer: Arc<str>,
    pub reply: oneshot::Sender<Result<Recovery, RelayError>>,
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
    pub recoveries: Vec<RecoverJob>,
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
            && self.recoveries.is_empty()
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
    recoveries: Vec<RecoverJob>,
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

    pub(super) fn put_recovery(&self, job: RecoverJob) -> Result<(), RelayError> {
        self.put(|state| state.recoveries.push(job))
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

    /// Waits for work, or until `deadline`, and takes all there is; of the commits, as many as begin within `room` and
    /// one group. That commits are blocked is worth an answer only while not `known_blocked`.
    pub(super) fn take(&self, room: Room, known_blocked: bool, deadline: Option<Instant>) -> Work {
        let mut state = lock(&self.state);
        loop {
            let work = state.take(room);
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
    fn take(&mut self, room: Room) -> Work {
        let (commits, blocked) = self.take_commits(room);
        Work {
            commits,
            reads: std::mem::take(&mut self.reads),
            acknowledged: std::mem::take(&mut self.acknowledged),
            surveys: std::mem::take(&mut self.surveys),
            recoveries: std::mem::take(&mut self.recoveries),
            blocked,
            closed: self.closed,
        }
    }

    /// One group of commits that have room, in order. One that has none is passed over, and with it all later ones of
    /// its producer, whose order stays. The second value: whether any was.
    fn take_commits(&mut self, room: Room) -> (Vec<CommitJob>, bool) {
        let (mut taken, mut bytes, mut entry_bytes) = (Vec::new(), 0, 0);
        let mut passed_over = VecDeque::new();
        let mut waiting: BTreeSet<Arc<str>> = BTreeSet::new();
        while bytes < GROUP_BYTES_MAX {
            let Some(job) = self.commits.pop_front() else { break };
            let producer = &job.commit.producer;
            if !room.has(job.needs, entry_bytes) || waiting.contains(producer) {
                waiting.insert(Arc::clone(producer));
                passed_over.push_back(job);
                continue;
            }
            bytes += job.bytes();
            entry_bytes += job.entry_bytes;
            taken.push(job);
        }
        let blocked = !passed_over.is_empty();
        passed_over.append(&mut self.commits);
        self.commits = passed_over;
        (taken, blocked)
    }
}

fn wait<'a>(wake: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    wake.wait(state).unwrap_or_else(PoisonError::into_inner)
}
