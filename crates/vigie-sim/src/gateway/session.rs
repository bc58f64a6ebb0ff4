//! A session: numbers, the bounded replay buffer, and which guilds it has been told.
//!
//! The replay buffer is also the send queue: a connection is a cursor in it. Sessions outlive connections.
//! Source: Discord, "Gateway", Resuming. Size and age of the buffer are not published; ours are configuration.

mod log;

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_world::World;

use super::close_code::CloseCode;
use super::frame::{Dispatch, Frame};
use super::heard::{Books, Reason, Told};
use super::identify::{Identify, Shard};
use super::intents::Intents;
use super::link::Link;
use crate::limits::{FRAMES_PER_BATCH, UNSENT_EVENTS_MAX};
use crate::sync::lock;
use log::{Log, Mischief, outage, told_bytes};

/// How much of the past a session keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplayLimits {
    pub(crate) window: Duration,
    pub(crate) events_max: usize,
}

/// A session of one shard of one bot.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) shard: Shard,
    pub(crate) intents: Intents,
    /// Wakes the writer of the attached connection; one waiter, one permit.
    pub(crate) wake: Notify,
    limits: ReplayLimits,
    log: Mutex<Log>,
}

/// What the writer of a connection is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Write the batch.
    Frames,
    /// Nothing to send: wait for the wake-up.
    Idle,
    /// Another connection has taken the session.
    Detached,
}

/// Whether a session can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    /// No connection can resume it any more, or its connection reads too slowly.
    Over,
}

/// Why RESUME is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResumeRefusal {
    /// The client claims numbers that were never given: 4007.
    FromTheFuture,
    /// What it missed is no longer kept: op 9 `false`.
    TooLate,
}

/// A session as the control door shows it.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) sequence: u64,
    pub(crate) sent: u64,
    pub(crate) kept: usize,
    pub(crate) guilds_told: usize,
    pub(crate) guilds_untold: usize,
    pub(crate) loaded: bool,
    pub(crate) resumes: u32,
    pub(crate) compression: Option<&'static str>,
}

impl Session {
    /// A session whose first frame is READY and whose guilds are still to be told.
    pub(crate) fn new(
        id: String,
        identify: Identify,
        ready: &str,
        guilds: impl Iterator<Item = GuildId>,
        limits: ReplayLimits,
        (now, clock): (Instant, UnixMs),
    ) -> Self {
        let Identify { token, intents, shard, .. } = identify;
        let held = guilds.filter(|guild| shard.holds(*guild));
        let told_at_once = !intents.contains(Intents::GUILDS);
        let (untold, available) = match told_at_once {
            true => (VecDeque::new(), held.collect()),
            false => (held.collect(), HashSet::new()),
        };
        let mut log = Log {
            sequence: 0,
            sent: 0,
            frames: VecDeque::new(),
            untold,
            available,
            loaded: false,
            link: None,
            detached_at: now,
            resumes: 0,
            mischief: Mischief::default(),
            books: Books::default(),
            told_bytes: 0,
        };
        let told: Vec<GuildId> = log.available.iter().copied().collect();
        told.into_iter().for_each(|guild| log.books.open(guild, clock));
        log.push(Dispatch::text("READY", ready).at(clock), now);
        Self { id, token, shard, intents, wake: Notify::new(), limits, log: Mutex::new(log) }
    }

    /// Gives the session its first connection.
    pub(crate) fn attach(&self, link: &Arc<Link>) {
        lock(&self.log).link = Some(Arc::clone(link));
    }

    /// RESUME: moves the cursor back to `sequence` and the session to this connection; a connection that still has it is
    /// closed. Returns the last number to be replayed.
    pub(crate) fn resume(&self, sequence: u64, link: &Arc<Link>) -> Result<u64, ResumeRefusal> {
        let mut log = lock(&self.log);
        if sequence > log.sequence {
            return Err(ResumeRefusal::FromTheFuture);
        }
        // The buffer may hold more until it is swept.
        let missed = log.sequence - sequence;
        if sequence + 1 < log.first_kept() || missed > self.limits.events_max as u64 {
            return Err(ResumeRefusal::TooLate);
        }
        log.sent = sequence;
        log.resumes += 1;
        if let Some(old) = log.link.replace(Arc::clone(link)) {
            old.set_session(None);
            old.close(CloseCode::UNKNOWN_ERROR);
        }
        let last = log.sequence;
        drop(log);
        self.wake.notify_one();
        Ok(last)
    }

    /// The connection is gone; its session waits to be resumed.
    pub(crate) fn detach(&self, link_id: u64, now: Instant) {
        let mut log = lock(&self.log);
        if log.link.as_ref().is_some_and(|link| link.id == link_id) {
            log.link = None;
            log.detached_at = now;
        }
    }

    /// The connection that has the session.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        lock(&self.log).link.clone()
    }

    /// Whether a guild is still to be told: then [`Session::next`] needs the world.
    pub(crate) fn has_untold(&self) -> bool {
        !lock(&self.log).untold.is_empty()
    }

    /// Takes the next frames to send, up to number `until`. When nothing waits, the next guild is told, out of the world
    /// where it is given. Whoever gives it holds its lock: what happens afterwards comes after the GUILD_CREATE.
    pub(crate) fn next(
        &self,
        link_id: u64,
        until: Option<u64>,
        batch: &mut Vec<Frame>,
        world: Option<&World>,
        is_out: impl Fn(GuildId) -> bool,
        now: Instant,
    ) -> Next {
        let mut log = lock(&self.log);
        if log.link.as_ref().is_none_or(|link| link.id != link_id) {
            return Next::Detached;
        }
        if log.sent == log.sequence
            && let Some(world) = world
            && let Some(guild) = log.untold.pop_front()
        {
            match is_out(guild) {
                true => log.push(outage(guild), now),
                false => log.tell(world, guild, self.intents, now),
            }
        }
        let last = until.unwrap_or(u64::MAX).min(log.sequence);
        let count = (last.saturating_sub(log.sent) as usize).min(FRAMES_PER_BATCH);
        if count == 0 {
            return Next::Idle;
        }
        let start = (log.sent + 1 - log.first_kept()) as usize;
        batch.extend(log.frames.range(start..start + count).cloned());
        log.sent += count as u64;
        let last = batch.iter().rev().find_map(|frame| frame.dispatch.at);
        log.books.sent(last);
        log.thin();
        Next::Frames
    }

    /// After a flush: whether every guild has now been told, for the first time.
    pub(crate) fn becomes_loaded(&self) -> bool {
        let mut log = lock(&self.log);
        let becomes = !log.loaded && log.untold.is_empty() && log.sent == log.sequence;
        log.loaded |= becomes;
        becomes
    }

    /// Whether every guild has been told.
    pub(crate) fn is_loaded(&self) -> bool {
        lock(&self.log).loaded
    }

    /// An event of a guild, if this session hears it. Whoever offers holds the world's lock.
    pub(crate) fn offer(&self, guild: GuildId, dispatch: &Dispatch, now: Instant) {
        if !self.shard.holds(guild) {
            return;
        }
        let mut log = lock(&self.log);
        if !log.available.contains(&guild) {
            return;
        }
        log.play(guild, dispatch, now);
        drop(log);
        self.wake.notify_one();
    }

    /// A dispatch that no filter stops.
    pub(crate) fn push(&self, dispatch: Dispatch, now: Instant) {
        lock(&self.log).push(dispatch, now);
        self.wake.notify_one();
    }

    /// The guild goes into an outage. Whoever says so holds the world's lock.
    pub(crate) fn withdraw(&self, world: &World, guild: GuildId, now: Instant) {
        let mut log = lock(&self.log);
        log.books.close(guild, world.clock());
        if log.available.remove(&guild) && self.intents.contains(Intents::GUILDS) {
            log.push(outage(guild), now);
            drop(log);
            self.wake.notify_one();
        }
    }

    /// The guild is back from an outage. Whoever says so holds the world's lock.
    pub(crate) fn restore(&self, world: &World, guild: GuildId, now: Instant) {
        let mut log = lock(&self.log);
        let is_told = log.untold.contains(&guild) || log.available.contains(&guild);
        if !self.shard.holds(guild) || is_told {
            return;
        }
        if self.intents.contains(Intents::GUILDS) {
            log.tell(world, guild, self.intents, now);
            drop(log);
            self.wake.notify_one();
        } else {
            log.available.insert(guild);
            log.books.open(guild, world.clock());
        }
    }

    /// The session is over: what it was sent stays on its books.
    pub(crate) fn end(&self, clock: UnixMs) {
        let mut log = lock(&self.log);
        let time = |frame: &Frame| frame.dispatch.at.map(|at| (frame.sequence, at));
        let times = log.frames.iter().filter_map(time).collect();
        log.books.end(clock, times);
    }

    /// The client of the ended session had its dispatches up to this number.
    pub(crate) fn note_received(&self, sequence: u64) {
        let mut log = lock(&self.log);
        let last = log.sequence;
        log.books.received(sequence, last);
    }

    /// Forgets the dispatches of a session that is over, once nobody is connected to it.
    pub(crate) fn bury(&self) {
        let mut log = lock(&self.log);
        if log.link.is_none() {
            log.frames = VecDeque::new();
        }
    }

    /// What the session was told of a guild.
    pub(crate) fn told(&self, guild: GuildId, clock: UnixMs) -> Vec<Told> {
        let log = lock(&self.log);
        log.books.told(guild, clock, log.sent == log.sequence, log.link.is_some())
    }

    /// Dispatches that were lost by fault, as stretches of no length.
    pub(crate) fn lost(&self) -> Vec<(GuildId, Told)> {
        let told = |at| Told { from: at, to: at, end: Reason::Lost };
        lock(&self.log).books.lost().iter().map(|&(guild, at)| (guild, told(at))).collect()
    }

    /// Fault: the next dispatches come twice, in exchanged pairs, or not at all.
    pub(crate) fn disturb(&self, duplicate: u32, reorder: u32, lose: u32) {
        let mischief = &mut lock(&self.log).mischief;
        mischief.duplicate = mischief.duplicate.saturating_add(duplicate);
        mischief.reorder = mischief.reorder.saturating_add(reorder);
        mischief.lose = mischief.lose.saturating_add(lose);
    }

    /// Forgets what no longer has to be replayed, and says whether the session can go on.
    pub(crate) fn trim(&self, now: Instant) -> Life {
        let mut log = lock(&self.log);
        if let Some(held) = log.mischief.held.take() {
            log.push(held, now);
            self.wake.notify_one();
        }
        let connected = log.link.is_some();
        if connected && log.sequence - log.sent > UNSENT_EVENTS_MAX {
            return Life::Over;
        }
        if !connected && now.duration_since(log.detached_at) > self.limits.window {
            return Life::Over;
        }
        while let Some(front) = log.frames.front() {
            let due = log.frames.len() > self.limits.events_max
                || now.duration_since(front.at) > self.limits.window;
            if !due || (connected && front.sequence > log.sent) {
                break;
            }
            if front.sequence > log.sent {
                return Life::Over;
            }
            let gone = log.frames.pop_front();
            log.told_bytes -= gone.map_or(0, |frame| told_bytes(&frame));
        }
        Life::Alive
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let log = lock(&self.log);
        Snapshot {
            sequence: log.sequence,
            sent: log.sent,
            kept: log.frames.len(),
            guilds_told: log.available.len(),
            guilds_untold: log.untold.len(),
            loaded: log.loaded,
            resumes: log.resumes,
            compression: log.link.as_ref().map(|link| link.compression),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Body;
    use super::*;
    use vigie_world::WorldConfig;

    fn world() -> World {
        World::new(WorldConfig {
            guild_count: 1,
            members_max: 10,
            events_per_second: 0.0,
            history_days: 0,
            ..WorldConfig::default()
        })
    }

    fn guild() -> GuildId {
        world().guilds()[0].id
    }

    fn session(events_max: usize, now: Instant) -> Session {
        let identify = Identify {
            token: "t".to_owned(),
            intents: Intents::ALL,
            shard: Shard::WHOLE,
            payload_compression: false,
        };
        let limits = ReplayLimits { window: Duration::from_secs(180), events_max };
        let guilds = [guild()].into_iter();
        Session::new("s".to_owned(), identify, "{}", guilds, limits, (now, world().clock()))
    }

    fn link(id: u64) -> Arc<Link> {
        Link::new(id, "").0
    }

    fn drain(session: &Session, link_id: u64, until: Option<u64>) -> Vec<u64> {
        let mut batch = Vec::new();
        let world = world();
        let mut next =
            || session.next(link_id, until, &mut batch, Some(&world), |_| false, Instant::now());
        while next() == Next::Frames {}
        batch.iter().map(|frame| frame.sequence).collect()
    }

    fn say(session: &Session, text: &str) {
        session.offer(guild(), &Dispatch::text("MESSAGE_CREATE", text), Instant::now());
    }

    #[test]
    fn guilds_are_told_after_ready_and_their_events_only_then() {
        let session = session(100, Instant::now());
        let first = link(1);
        session.attach(&first);
        say(&session, "unheard");
        assert_eq!(drain(&session, 1, None), [1, 2]);
        assert!(session.becomes_loaded());
        assert!(!session.becomes_loaded());
        say(&session, "heard");
        assert_eq!(drain(&session, 1, None), [3]);
    }

    #[test]
    fn resume_replays_exactly_what_came_after() {
        let session = session(100, Instant::now());
        session.attach(&link(1));
        drain(&session, 1, None);
        for n in 0..5 {
            say(&session, &n.to_string());
        }
        drain(&session, 1, None);
        session.detach(1, Instant::now());
        say(&session, "missed");
        let second = link(2);
        assert_eq!(session.resume(4, &second), Ok(8));
        assert_eq!(drain(&session, 1, None), [] as [u64; 0]);
        assert_eq!(drain(&session, 2, Some(8)), [5, 6, 7, 8]);
        assert_eq!(session.resume(9, &link(3)), Err(ResumeRefusal::FromTheFuture));
    }

    #[test]
    fn a_session_is_over_once_it_forgets_what_nobody_was_sent() {
        let session = session(4, Instant::now());
        session.attach(&link(1));
        drain(&session, 1, None);
        for n in 0..3 {
            say(&session, &n.to_string());
        }
        drain(&session, 1, None);
        assert_eq!(session.trim(Instant::now()), Life::Alive);
        assert_eq!(session.resume(0, &link(2)), Err(ResumeRefusal::TooLate));
        assert_eq!(session.resume(1, &link(2)), Ok(5));
        session.detach(2, Instant::now());
        for n in 0..5 {
            say(&session, &n.to_string());
        }
        assert_eq!(session.trim(Instant::now()), Life::Over);
    }

    #[test]
    fn a_connected_slow_reader_keeps_its_unsent_frames() {
        let session = session(2, Instant::now());
        session.attach(&link(1));
        drain(&session, 1, None);
        for n in 0..10 {
            say(&session, &n.to_string());
        }
        assert_eq!(session.trim(Instant::now()), Life::Alive);
        assert_eq!(drain(&session, 1, None).len(), 10);
    }

    #[test]
    fn outages_stop_events_and_end_with_guild_create() {
        let session = session(100, Instant::now());
        session.attach(&link(1));
        drain(&session, 1, None);
        session.withdraw(&world(), guild(), Instant::now());
        say(&session, "unheard");
        session.restore(&world(), guild(), Instant::now());
        session.restore(&world(), guild(), Instant::now());
        let mut batch = Vec::new();
        session.next(1, None, &mut batch, None, |_| false, Instant::now());
        let names: Vec<_> = batch.iter().map(|frame| frame.dispatch.name.as_ref()).collect();
        assert_eq!(names, ["GUILD_DELETE", "GUILD_CREATE"]);
    }

    #[test]
    fn mischief_duplicates_exchanges_and_loses() {
        let session = session(100, Instant::now());
        session.attach(&link(1));
        drain(&session, 1, None);
        let heard = || {
            let mut batch = Vec::new();
            session.next(1, None, &mut batch, None, |_| false, Instant::now());
            let texts = batch.iter().map(|frame| match &frame.dispatch.body {
                Body::Text(text) => text.to_string(),
                other => panic!("{other:?}"),
            });
            texts.collect::<Vec<_>>().join(" ")
        };
        session.disturb(1, 0, 0);
        ["a", "b"].iter().for_each(|text| say(&session, text));
        assert_eq!(heard(), "a a b");
        session.disturb(0, 1, 0);
        ["a", "b", "c"].iter().for_each(|text| say(&session, text));
        assert_eq!(heard(), "b a c");
        session.disturb(0, 0, 1);
        ["a", "b"].iter().for_each(|text| say(&session, text));
        assert_eq!(heard(), "b");
        session.disturb(0, 1, 0);
        say(&session, "last");
        assert_eq!(heard(), "");
        session.trim(Instant::now());
        assert_eq!(heard(), "last");
    }
}
