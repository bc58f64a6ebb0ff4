//! The process under storm: a shard's desk, its clock and its outbox, as the shard's task drives them, in virtual time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;
use vigie_bot::Collect;
use vigie_bot::clock::Clock;
use vigie_bot::desk::{Desk, DeskConfig, Dispatched, Layout};
use vigie_bot::readings::Answer;
use vigie_core::vocabulary::{HistoryRefusal, ReadingRequest, UnixMs};
use vigie_core::{Core, CoreConfig};
use vigie_relay::{Fault, Outbox, OutboxConfig, RelayError};

use super::discord::{Discord, Frame};
use super::plan::Plan;

/// How long, in real time, a commit may take before it is taken to wait for room: far longer than any disk.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same where nothing can be waited for: only a busy machine takes so long.
const PATIENCE_IN_PEACE: Duration = Duration::from_secs(60);

/// How long, in virtual time, a stopping process waits for its last commit.
const STOP_MS: i64 = 10_000;

/// The session as the client library would hold it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The last sequence received.
    pub sequence: u64,
}

/// A commit that was handed over: up to where it goes, and its outcome.
type UnderWay = (Option<UnixMs>, JoinHandle<Result<(), RelayError>>);

/// A running process.
pub struct Client {
    /// What decides.
    pub desk: Desk,
    /// Where it commits.
    pub outbox: Outbox,
    /// What it would resume.
    pub session: Option<Session>,
    clock: Clock,
    /// By how much the wall clock is off.
    wall_off_ms: i64,
    /// A commit that was handed over, and up to where it goes.
    under_way: Option<UnderWay>,
    /// How long, in real time, a commit is waited for.
    patience: Duration,
    /// The instant up to which everything heard is durable.
    pub durable_until: Option<UnixMs>,
    /// Pages of history asked for.
    pub pages: u64,
    /// Readings of invites, audit logs and members asked for.
    pub readings: u64,
    /// An answer on its way, and when it arrives.
    on_its_way: Option<(UnixMs, ReadingRequest, Answer)>,
    /// How long answers take.
    ways: fastrand::Rng,
}

/// How long an answer takes from Discord to us at most, in milliseconds.
const ANSWER_MS_MAX: i64 = 600;

/// A disk that can be full.
#[derive(Debug, Default)]
pub struct Disk {
    full: AtomicBool,
}

impl Disk {
    /// Fills or empties it.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }
}

impl vigie_relay::Faults for Disk {
    fn before_transaction(&self) -> Option<Fault> {
        self.full.load(Ordering::Relaxed).then_some(Fault::DiskFull)
    }
}

/// The outbox of a storm.
pub fn outbox(folder: &Path) -> PathBuf {
    folder.join("outbox.db")
}

impl Client {
    /// Starts from what an earlier process left behind.
    pub async fn start(plan: &Plan, folder: &Path, disk: &Arc<Disk>, now: UnixMs) -> Result<Self> {
        let faults: Arc<dyn vigie_relay::Faults> = Arc::clone(disk) as _;
        let outbox = Outbox::open(OutboxConfig {
            path: outbox(folder),
            pending_bytes_max: plan.pending_bytes_max,
            merge: Some(Arc::new(Merge)),
            faults: Some(faults),
        })?;
        let config = DeskConfig {
            producer: "storm/0".into(),
            core: CoreConfig { flush_interval_ms: plan.flush_interval_ms, ..CoreConfig::default() },
            layout: Layout::of(Collect::ALL, 1),
            journal_interval_ms: 100,
        };
        let recovery = outbox.recover("storm/0").await?;
        let (desk, session, damage) = Desk::recover(config, &recovery, now);
        anyhow::ensure!(damage.is_empty(), "what was left behind is damaged: {damage:?}");
        let session = session.map(|session| Session { id: session.id, sequence: session.sequence });
        let durable_until = desk.status().heard_until;
        Ok(Self {
            desk,
            outbox,
            session,
            clock: Clock::new(now.0, now),
            wall_off_ms: 0,
            under_way: None,
            patience: PATIENCE,
            durable_until,
            pages: 0,
            readings: 0,
            on_its_way: None,
            ways: fastrand::Rng::with_seed(plan.seed ^ now.0 as u64),
        })
    }

    /// The wall clock of the machine jumps.
    pub fn jump(&mut self, by_ms: i64) {
        self.wall_off_ms += by_ms;
    }

    /// Does what has come due until `now`: flushes, commits, pages of history.
    pub async fn tick(&mut self, discord: &Discord, now: UnixMs, may_read: bool) -> Result<()> {
        loop {
            if self.under_way.is_some() {
                self.commit(now).await?;
            }
            let due = [self.desk.deadline(), self.desk.commit_due(now)];
            let due = due.into_iter().flatten().min().filter(|due| *due <= now);
            if may_read && !self.desk.status().is_away && self.desk.page_wanted().is_some() {
                self.read_page(discord, now);
                continue;
            }
            let Some(due) = due else { return Ok(()) };
            self.desk.wake(self.clock.now(due.0));
            self.commit(due).await?;
        }
    }

    /// Asks for what the desk wants to read of a guild, and hears the answers that have arrived. The world has been played up to
    /// `now`, and all of it that reaches the connection was heard.
    pub fn read(&mut self, discord: &Discord, now: UnixMs, may_read: bool) {
        let clock = self.clock.now(now.0);
        let wanted = self.desk.reading_wanted(clock);
        self.on_its_way = self.on_its_way.take().filter(|(_, asked, _)| Some(*asked) == wanted);
        if let Some((_, request, answer)) = self.on_its_way.take_if(|(due, ..)| *due <= now) {
            self.desk.reading(clock, request, Ok(&answer));
        }
        let Some(request) = self.desk.reading_wanted(clock).filter(|_| may_read) else { return };
        if self.on_its_way.is_none() {
            self.readings += 1;
            let due = UnixMs(now.0 + self.ways.i64(0..ANSWER_MS_MAX));
            self.on_its_way = Some((due, request, discord.reading(request)));
        }
    }

    /// Hears one frame.
    pub fn hear(&mut self, now: UnixMs, frame: &Frame) {
        let clock = self.clock.now(now.0);
        if let Some(session) = &mut self.session {
            session.sequence = frame.sequence;
        }
        let dispatched = self.desk.dispatch(clock, frame.sequence, &frame.text);
        if let Dispatched::Counted { message: Some(message), is_live } = dispatched {
            let wall = UnixMs(now.0 + self.wall_off_ms);
            self.clock.message(now.0, message.time(), is_live, || wall);
        }
    }

    /// A new session begins.
    pub fn session_is(&mut self, now: UnixMs, id: String) {
        self.desk.session(self.clock.now(now.0), &id, Some("wss://127.0.0.1"));
        self.session = Some(Session { id, sequence: 0 });
    }

    /// Writes what is due, if the disk takes it. A commit that has to wait for room goes on while time does.
    pub async fn commit(&mut self, now: UnixMs) -> Result<()> {
        let clock = self.clock.now(now.0);
        if self.under_way.is_none() {
            let heard = self.desk.status().heard_until;
            let Some(commit) = self.desk.take_commit(clock) else { return Ok(()) };
            let outbox = self.outbox.clone();
            let task = tokio::spawn(async move { outbox.commit(commit).await });
            self.under_way = Some((heard, task));
        }
        let Some((heard, task)) = &mut self.under_way else { return Ok(()) };
        let heard = *heard;
        let Ok(written) = tokio::time::timeout(self.patience, task).await else {
            // It waits for room: from now on only a glance is spent on it.
            self.patience = Duration::from_micros(200);
            return Ok(());
        };
        self.under_way = None;
        self.patience = PATIENCE;
        match written.context("a commit panicked")? {
            Ok(()) => {
                self.desk.committed();
                self.durable_until = heard;
            }
            Err(RelayError::DiskFull { .. }) => {
                self.desk.failed(clock);
            }
            Err(error) => return Err(error).context("the outbox refused a commit"),
        }
        Ok(())
    }

    /// Flushes and commits everything, if the disk and the outbox's limit let it within the time that a stopping process has.
    pub async fn finish(&mut self, now: UnixMs) -> Result<()> {
        self.desk.flush(self.clock.now(now.0));
        let mut at = now;
        while !self.desk.is_durable() && at.0 < now.0 + STOP_MS {
            self.commit(at).await?;
            at.0 += 100;
        }
        Ok(())
    }

    /// As [`Client::finish`], where nothing stands in the way any more: a commit may take as long as a busy machine needs.
    pub async fn finish_in_peace(&mut self, now: UnixMs) -> Result<()> {
        self.desk.flush(self.clock.now(now.0));
        let mut at = now;
        while !self.desk.is_durable() && at.0 < now.0 + STOP_MS {
            self.patience = PATIENCE_IN_PEACE;
            self.commit(at).await?;
            at.0 += 100;
        }
        Ok(())
    }

    /// The process is no more: its commit under way is waited for by nobody.
    pub async fn end(self) -> (Desk, Outbox) {
        if let Some((_, task)) = self.under_way {
            task.abort();
            let _ = task.await;
        }
        (self.desk, self.outbox)
    }

    /// What the core holds.
    pub fn core(&self) -> &Core {
        self.desk.core()
    }

    fn read_page(&mut self, discord: &Discord, now: UnixMs) {
        let Some(request) = self.desk.page_wanted() else { return };
        self.pages += 1;
        let text = discord.history(request.channel, request.after);
        // An empty page means a missing permission or that all was deleted; here it is never a permission.
        let answer: Result<&str, HistoryRefusal> = Ok(&text);
        self.desk.page(self.clock.now(now.0), request, answer);
    }
}

/// Merges records as the product does.
struct Merge;

impl vigie_relay::Merge for Merge {
    fn merge(&self, _lane: u8, entries: &[bytes::Bytes]) -> Option<Vec<bytes::Bytes>> {
        let entries: Vec<&[u8]> = entries.iter().map(|entry| &entry[..]).collect();
        let merged = vigie_wire::merge(&entries)?;
        Some(merged.into_iter().map(bytes::Bytes::from).collect())
    }
}
