//! Storms in virtual time: one shard, outbox, transport, consumer and store in this process, and an imaginary gateway.
//!
//! The storm's troubles are drawn from its seed ([`plan`]); the gateway ([`discord`]) keeps Discord's promises and writes down
//! what it told to nobody; when all is quiet again, `judge` compares every row with the truth.

mod client;
pub mod discord;
mod expected;
mod judge;
pub mod ledger;
pub mod line;
pub mod outage;
pub mod plan;
pub mod week;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use vigie_core::vocabulary::{GuildId, UnixMs};

use crate::society::Verdict;

use client::{Client, Disk};
use discord::{Discord, Frame, Greeting, Told};
use judge::{Missed, Witness};
use line::Line;
use plan::{Plan, Trouble};

/// Between two heartbeats. Source: Discord, "Gateway", Hello.
const BEAT_MS: i64 = 41_250;

/// How much of the world is played at a time: what is read over REST is at most so far ahead of what was heard.
const STEP_MS: i64 = 100;

/// How long everything is quiet at the end: longer than any trouble lasts.
const QUIET_MS: i64 = 900_000;

/// What storms have shown.
#[derive(Debug, Default)]
pub struct Report {
    /// What the rows say otherwise than the truth.
    pub differences: Vec<String>,
    events: u64,
    kills: u64,
    resumed: u64,
    refused: u64,
    missed: u64,
    pages: u64,
    readings: u64,
    society: Verdict,
}

impl Report {
    /// Adds the figures of another storm.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.kills += other.kills;
        self.resumed += other.resumed;
        self.refused += other.refused;
        self.missed += other.missed;
        self.pages += other.pages;
        self.readings += other.readings;
        let society = Verdict { differences: Vec::new(), ..other.society.clone() };
        self.society.add(society);
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { events, kills, resumed, refused, missed, pages, readings, society, .. } = self;
        write!(
            f,
            "{events} events, {kills} kills, {resumed} sessions resumed, {refused} refused, {missed} stretches missed, {pages} pages \
             read again, {readings} readings; {society}"
        )
    }
}

/// Plays the storm of a seed and judges it.
///
/// # Errors
/// Whatever keeps the storm from being played: that is a failure, too.
pub fn run(seed: u64) -> Result<Report> {
    let plan = Plan::of(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime
        .block_on(Storm::play(plan))
        .with_context(|| format!("seed {seed}; again: cargo xtask vopr --seed {seed}"))
}

/// What happens at an instant.
#[derive(Clone, Copy, Debug)]
enum Action {
    Trouble(Trouble),
    /// The deed at this place of the plan.
    Deed(usize),
    Connect,
    Start,
    Beat,
    DiskFree,
    StoreBack,
    LimitsOver,
    Silence,
}

/// The connection of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down,
    Open,
    /// Nothing arrives, and the client has not noticed yet.
    Stalled,
}

struct Storm {
    plan: Plan,
    folder: tempfile::TempDir,
    discord: Discord,
    client: Option<Client>,
    link: Link,
    line: Line,
    disk: Arc<Disk>,
    agenda: BTreeMap<(UnixMs, u64), Action>,
    actions: u64,
    may_read: bool,
    /// What was durable when the last process ended.
    durable_until: Option<UnixMs>,
    witness: Witness,
    report: Report,
    dice: fastrand::Rng,
}

impl Storm {
    async fn play(plan: Plan) -> Result<Report> {
        let folder = memory_folder()?;
        let mut storm = Self {
            discord: Discord::new(&plan),
            client: None,
            link: Link::Down,
            line: Line::open(folder.path(), plan.seed).await?,
            disk: Arc::default(),
            agenda: BTreeMap::new(),
            actions: 0,
            may_read: true,
            durable_until: None,
            witness: Witness::default(),
            report: Report::default(),
            dice: fastrand::Rng::with_seed(plan.seed),
            folder,
            plan,
        };
        for (at, trouble) in storm.plan.troubles.clone() {
            storm.at(at, Action::Trouble(trouble));
        }
        for place in 0..storm.plan.deeds.len() {
            storm.at(storm.plan.deeds[place].0, Action::Deed(place));
        }
        let (start, end) = (storm.plan.start, storm.plan.end);
        storm.at(start, Action::Start);
        storm.at(end, Action::Silence);
        let last = UnixMs(end.0 + QUIET_MS);
        while let Some((&(at, number), _)) = storm.agenda.first_key_value()
            && at <= last
        {
            let action = storm.agenda.remove(&(at, number)).context("it was there")?;
            storm.live_until(at).await?;
            storm.act(at, action).await?;
        }
        storm.live_until(last).await?;
        storm.end(last).await
    }

    fn at(&mut self, at: UnixMs, action: Action) {
        self.actions += 1;
        self.agenda.insert((at, self.actions), action);
    }

    fn after(&mut self, now: UnixMs, pause_ms: i64, action: Action) {
        self.at(UnixMs(now.0 + pause_ms.max(1)), action);
    }

    /// Plays the world until an instant, and lets the client hear what reaches it and read what it asks for.
    async fn live_until(&mut self, now: UnixMs) -> Result<()> {
        loop {
            let next = UnixMs(self.discord.world().clock().0 + STEP_MS).min(now);
            let frames = self.discord.play_until(next);
            self.hear(frames, next).await?;
            if next >= now {
                return Ok(());
            }
        }
    }

    /// The client hears what reaches it until an instant up to which the world has been played.
    async fn hear(&mut self, frames: Vec<Frame>, now: UnixMs) -> Result<()> {
        self.report.events += frames.len() as u64;
        if self.link == Link::Open
            && let Some(client) = &mut self.client
        {
            for frame in &frames {
                client.tick(&self.discord, frame.at, self.may_read).await?;
                note_live(&mut self.witness, frame);
                client.hear(frame.at, frame);
            }
        }
        if let Some(client) = &mut self.client {
            let may_read = self.may_read && self.link == Link::Open;
            client.tick(&self.discord, now, may_read).await?;
            client.read(&self.discord, now, may_read);
        }
        Ok(())
    }

    async fn act(&mut self, now: UnixMs, action: Action) -> Result<()> {
        match action {
            Action::Trouble(trouble) => self.trouble(now, trouble).await?,
            Action::Deed(place) => {
                let (_, guild, deed) = self.plan.deeds[place].clone();
                let frames = self.discord.act_out(guild, deed);
                let now = now.max(self.discord.world().clock());
                self.hear(frames, now).await?;
            }
            Action::Connect => self.connect(now),
            Action::Start => {
                let client = Client::start(&self.plan, self.folder.path(), &self.disk, now).await?;
                self.line.start(&client.outbox);
                let heard = client.desk.status().heard_until;
                anyhow::ensure!(
                    heard >= self.durable_until,
                    "what was durable until {:?} is known until {heard:?} only",
                    self.durable_until
                );
                self.witness.forget_after(heard);
                self.client = Some(client);
                self.link = Link::Down;
                self.connect(now);
            }
            Action::Beat => {
                if self.link == Link::Open
                    && let Some(client) = &mut self.client
                {
                    client.desk.alive(now);
                    self.after(now, BEAT_MS, Action::Beat);
                }
            }
            Action::DiskFree => self.disk.set_full(false),
            Action::StoreBack => self.line.set_away(false),
            Action::LimitsOver => self.may_read = true,
            Action::Silence => self.discord.silence(),
        }
        Ok(())
    }

    async fn trouble(&mut self, now: UnixMs, trouble: Trouble) -> Result<()> {
        match trouble {
            Trouble::DiskFull { for_ms } => {
                self.disk.set_full(true);
                self.after(now, for_ms, Action::DiskFree);
            }
            Trouble::StoreAway { for_ms } => {
                self.line.set_away(true);
                self.after(now, for_ms, Action::StoreBack);
            }
            Trouble::RateLimits { for_ms } => {
                self.may_read = false;
                self.after(now, for_ms, Action::LimitsOver);
            }
            Trouble::Repeats { count } => self.discord.repeat(count),
            Trouble::Outage { guild, for_ms } => {
                let until = UnixMs(now.0 + for_ms);
                let frame = self.discord.begin_outage(now, guild, until);
                if let (Some(frame), Link::Open, Some(client)) =
                    (frame, self.link, &mut self.client)
                {
                    note_live(&mut self.witness, &frame);
                    client.hear(now, &frame);
                }
            }
            _ => self.trouble_of_the_client(now, trouble).await?,
        }
        Ok(())
    }

    /// What only a running process can suffer.
    async fn trouble_of_the_client(&mut self, now: UnixMs, trouble: Trouble) -> Result<()> {
        let Some(client) = &mut self.client else { return Ok(()) };
        match trouble {
            Trouble::ClockJump { by_ms } => client.jump(by_ms),
            Trouble::ConsumerDies => {
                let outbox = client.outbox.clone();
                self.line.kill().await;
                self.line.start(&outbox);
            }
            Trouble::Kill { away_ms, torn } => self.kill(now, away_ms, torn).await?,
            Trouble::Stop { away_ms } => {
                client.finish(now).await?;
                self.kill(now, away_ms, false).await?;
            }
            // A connection that is away can break no further.
            _ if self.link != Link::Open => {}
            Trouble::Drop { away_ms } => self.go_down(now, away_ms),
            Trouble::Reconnect => self.go_down(now, 1),
            Trouble::SessionGone { away_ms } => {
                self.discord.forget_session();
                client.session = None;
                self.go_down(now, away_ms.max(1_000));
            }
            Trouble::Stall { silent_ms } => {
                self.link = Link::Stalled;
                self.after(now, silent_ms, Action::Connect);
            }
            other => unreachable!("{other:?} is no trouble of the client alone"),
        }
        Ok(())
    }

    fn go_down(&mut self, now: UnixMs, away_ms: i64) {
        self.discord.disconnect(now);
        self.link = Link::Down;
        if let Some(client) = &mut self.client {
            client.desk.resuming(now);
        }
        self.after(now, away_ms, Action::Connect);
    }

    /// The process ends without a word, and what it left on the disk is all that remains of it.
    async fn kill(&mut self, now: UnixMs, away_ms: i64, torn: bool) -> Result<()> {
        let Some(mut client) = self.client.take() else { return Ok(()) };
        self.report.kills += 1;
        self.line.kill().await;
        let path = client::outbox(self.folder.path());
        let before = Snapshot::take(&path)?;
        let durable_until = client.durable_until;
        let mut snapshot = before.clone();
        if torn {
            client.commit(now).await?;
            snapshot = Snapshot::take(&path)?.torn(&before, &mut self.dice);
        }
        let (desk, outbox) = client.end().await;
        drop(desk);
        outbox.close().await;
        snapshot.put(&path)?;
        self.discord.disconnect(now);
        self.link = Link::Down;
        self.durable_until = durable_until;
        self.after(now, away_ms, Action::Start);
        Ok(())
    }

    fn connect(&mut self, now: UnixMs) {
        let Some(client) = &mut self.client else { return };
        if self.link == Link::Open {
            return;
        }
        self.discord.disconnect(now);
        client.desk.resuming(now);
        let resume = client.session.clone();
        let resume = resume.as_ref().map(|session| (&*session.id, session.sequence));
        match self.discord.connect(now, resume) {
            Greeting::Refused => {
                self.report.refused += 1;
                client.session = None;
                self.after(now, 2_000, Action::Connect);
            }
            Greeting::Ready { session, frames } => {
                let heard = client.desk.status().heard_until;
                client.session_is(now, session);
                for frame in &frames {
                    note_new_session(&mut self.witness, &self.discord, frame, now, heard);
                    client.hear(now, frame);
                }
                self.opened(now);
            }
            Greeting::Resumed { frames } => {
                self.report.resumed += 1;
                let heard = client.desk.status().heard_until.unwrap_or(now);
                note_replay(&mut self.witness, &frames, heard, now);
                frames.iter().for_each(|frame| client.hear(now, frame));
                self.opened(now);
            }
        }
    }

    fn opened(&mut self, now: UnixMs) {
        self.link = Link::Open;
        self.after(now, BEAT_MS, Action::Beat);
    }

    /// Everything is quiet: flush, wait until all is stored, judge.
    async fn end(mut self, now: UnixMs) -> Result<Report> {
        let client = self.client.as_mut().context("no process runs at the end")?;
        anyhow::ensure!(self.link == Link::Open, "the connection is {:?} at the end", self.link);
        client.desk.alive(now);
        client.finish_in_peace(now).await?;
        anyhow::ensure!(client.desk.is_durable(), "not everything could be kept in the quiet end");
        self.witness.flushed_until = now;
        self.report.pages = client.pages;
        self.report.readings = client.readings;
        self.report.missed = self.witness.missed.len() as u64;
        self.line.drain().await?;
        self.line.close().await?;
        let url = format!("sqlite://{}", line::database(self.folder.path()).display());
        let mut verdict = judge::differences(&self.discord, &self.witness, &url).await;
        self.report.differences.append(&mut verdict.differences);
        self.report.society = verdict;
        if !self.report.differences.is_empty() {
            let kept = self.folder.keep();
            self.report.differences.push(format!("the files are kept in {}", kept.display()));
        }
        Ok(self.report)
    }
}

/// A frame that is heard as it happens.
fn note_live(witness: &mut Witness, frame: &Frame) {
    match frame.told {
        Told::GuildAway(guild) => open(witness, guild, frame.at, frame.at),
        Told::GuildBack(guild) => close(witness, guild, frame.at, frame.at),
        _ => {}
    }
}

/// A frame of a new session: what happened since the last sign of life was missed.
fn note_new_session(
    witness: &mut Witness,
    discord: &Discord,
    frame: &Frame,
    now: UnixMs,
    heard: Option<UnixMs>,
) {
    match (frame.told, heard) {
        (Told::SessionStarted, Some(heard)) => {
            for guild in expected::guild_ids(discord.world()) {
                open(witness, guild, heard, heard);
            }
        }
        (Told::GuildBack(guild), _) => close(witness, guild, now, now),
        _ => {}
    }
}

/// What a RESUME replays has no time of its own but for messages: the rest is placed between them.
fn note_replay(witness: &mut Witness, frames: &[Frame], heard: UnixMs, now: UnixMs) {
    let mut placed = heard;
    for frame in frames {
        match frame.told {
            Told::Message(written) => placed = placed.max(written.min(now)),
            Told::Voice(guild) => {
                let slack = witness.voice_slack_ms.entry(guild).or_default();
                *slack += (frame.at.0 - placed.0).abs();
            }
            Told::GuildAway(guild) => open(witness, guild, heard, now),
            Told::GuildBack(guild) => {
                close(witness, guild, heard, now);
                // People came and went meanwhile; they are counted from a replayed instant on.
                let slack = witness.voice_slack_ms.entry(guild).or_default();
                *slack += frame.at.0 - heard.0;
            }
            _ => {}
        }
    }
    witness.replayed_ms = witness.replayed_ms.max(now.0 - heard.0);
    witness.replayed_over_the_hour |= heard.unix_hour() != now.unix_hour();
}

fn open(witness: &mut Witness, guild: GuildId, earliest: UnixMs, latest: UnixMs) {
    let is_open = |missed: &Missed| missed.guild == guild && missed.until.is_none();
    let is_known = witness.known.contains_key(&guild);
    if is_known && !witness.missed.iter().any(is_open) {
        witness.missed.push(Missed {
            guild,
            from_earliest: earliest,
            from_latest: latest,
            until: None,
        });
    }
}

fn close(witness: &mut Witness, guild: GuildId, earliest: UnixMs, latest: UnixMs) {
    witness.known.entry(guild).or_insert(latest);
    let open = |missed: &&mut Missed| missed.guild == guild && missed.until.is_none();
    if let Some(missed) = witness.missed.iter_mut().find(open) {
        missed.until = Some((earliest, latest));
    }
}

/// A folder whose files cost no disk, where the machine has one.
fn memory_folder() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    folder.context("cannot make a folder for the storm")
}

/// The outbox's files at an instant.
#[derive(Clone, Debug, PartialEq)]
struct Snapshot {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Snapshot {
    /// Both files as they stand; read until nobody has written meanwhile.
    fn take(path: &Path) -> Result<Self> {
        loop {
            let first = Self::read(path)?;
            let second = Self::read(path)?;
            if first == second {
                return Ok(second);
            }
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let log = std::fs::read(log_path(path)).unwrap_or_default();
        Ok(Self { main: std::fs::read(path)?, log })
    }

    /// This one with the end of the log cut off somewhere after the end of `before`: a write that reached the disk in part.
    fn torn(mut self, before: &Self, dice: &mut fastrand::Rng) -> Self {
        if self.main != before.main || self.log.len() <= before.log.len() {
            return before.clone();
        }
        let keeps_beginning = self.log[..before.log.len()] == before.log;
        if !keeps_beginning {
            return before.clone();
        }
        self.log.truncate(dice.usize(before.log.len()..self.log.len()));
        self
    }

    fn put(&self, path: &Path) -> Result<()> {
        let _ = std::fs::remove_file(log_path(path));
        std::fs::write(path, &self.main)?;
        if !self.log.is_empty() {
            std::fs::write(log_path(path), &self.log)?;
        }
        Ok(())
    }
}

fn log_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
