//! What all connections, requests and the player share.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vigie_core::vocabulary::GuildId;
use vigie_world::World;

use crate::clock::Clock;
use crate::config::SimConfig;
use crate::counters::Counters;
use crate::gateway::close_code::CloseCode;
use crate::gateway::connection::Parameters;
use crate::gateway::frame::{Body, Dispatch, GuildCreate};
use crate::gateway::identify::{self, Identify, IdentifyBudget, Rules, Spent, StartLimit};
use crate::gateway::intents::Intents;
use crate::gateway::session::{Life, ReplayLimits, Session};
use crate::gateway::{members_request, ready};
use crate::ledger::Ledger;
use crate::limits::ALL_MEMBERS_INTERVAL_MS;
use crate::rate_limit::RateLimiter;
use crate::sync::{lock, read, write};

/// The shared state of one simulator. Locks are never held across each other, but in this order: the world, a session's
/// log, the outages. The player holds the world while it fills the logs.
pub(crate) struct Hub {
    pub(crate) config: SimConfig,
    pub(crate) stop: CancellationToken,
    pub(crate) world: RwLock<World>,
    pub(crate) clock: Clock,
    pub(crate) counters: Counters,
    pub(crate) limiter: RateLimiter,
    pub(crate) outages: Outages,
    /// What the judge is told.
    pub(crate) ledger: Ledger,
    /// Whether a bot has been told all its guilds: from then on the world plays.
    pub(crate) traffic_begun: AtomicBool,
    /// At which number of played events the world falls silent.
    silent_from: Mutex<Option<u64>>,
    /// Gateway connections that are being served.
    pub(crate) connections: TaskTracker,
    /// Privileged intents that are switched on for the application.
    privileged: AtomicU64,
    guild_ids: Vec<GuildId>,
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    budget: Mutex<IdentifyBudget>,
    revoked: Mutex<HashSet<String>>,
    /// When a bot last asked for all members of a guild.
    members_asked: Mutex<HashMap<(String, GuildId), Instant>>,
    links: AtomicU64,
}

impl Hub {
    pub(crate) fn new(config: SimConfig, world: World, stop: CancellationToken) -> Self {
        let guild_ids = world.guilds().iter().map(|guild| guild.id).collect();
        let budget = IdentifyBudget::new(
            config.session_starts_max,
            config.max_concurrency,
            config.identify_interval_ms,
        );
        Self {
            stop,
            clock: Clock::new(world.config().start, config.speed),
            counters: Counters::default(),
            limiter: RateLimiter::new(config.rest_limits, config.rest_requests_per_second),
            outages: Outages::default(),
            ledger: Ledger::default(),
            traffic_begun: AtomicBool::new(false),
            silent_from: Mutex::default(),
            connections: TaskTracker::new(),
            privileged: AtomicU64::new(config.privileged_intents),
            guild_ids,
            sessions: Mutex::default(),
            budget: Mutex::new(budget),
            revoked: Mutex::default(),
            members_asked: Mutex::default(),
            links: AtomicU64::new(0),
            world: RwLock::new(world),
            config,
        }
    }

    pub(crate) fn guild_ids(&self) -> impl Iterator<Item = GuildId> + '_ {
        self.guild_ids.iter().copied()
    }

    /// Privileged intents that are switched on for the application.
    pub(crate) fn privileged(&self) -> Intents {
        Intents(self.privileged.load(Ordering::Relaxed))
    }

    /// Fault: switches privileged intents on or off, for what is asked from now on.
    pub(crate) fn set_privileged(&self, intents: Intents) {
        self.privileged.store(intents.0 & Intents::PRIVILEGED.0, Ordering::Relaxed);
    }

    pub(crate) fn next_link_id(&self) -> u64 {
        self.counters.connections.add(1);
        self.links.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether a bare token logs in.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        identify::accepts(&self.config.token, token) && !lock(&self.revoked).contains(token)
    }

    pub(crate) fn read_identify(&self, d: &str) -> Result<Identify, CloseCode> {
        let rules = Rules {
            tokens: &self.config.token,
            privileged: self.privileged(),
            guilds_per_shard_max: self.config.guilds_per_shard_max,
        };
        let identify = Identify::read(d, &rules, self.guild_ids())?;
        match self.accepts(&identify.token) {
            true => Ok(identify),
            false => Err(CloseCode::AUTHENTICATION_FAILED),
        }
    }

    pub(crate) fn spend_identify(&self, identify: &Identify) -> Spent {
        lock(&self.budget).spend(&identify.token, identify.shard, Instant::now())
    }

    pub(crate) fn start_limit(&self, token: &str) -> StartLimit {
        lock(&self.budget).left(token, Instant::now())
    }

    /// Discord's answer to too many session starts: all sessions end and the token is reset.
    pub(crate) fn revoke(&self, token: &str) {
        lock(&self.revoked).insert(token.to_owned());
        for session in self.sessions().into_iter().filter(|session| session.token == token) {
            self.end_session(&session.id);
            if let Some(link) = session.link() {
                link.close(CloseCode::AUTHENTICATION_FAILED);
            }
        }
    }

    pub(crate) fn start_session(
        &self,
        identify: Identify,
        parameters: &Parameters,
    ) -> Arc<Session> {
        self.counters.identifies.add(1);
        let id = random_hex();
        // Held until the session is among the others: what happens afterwards is offered to it.
        let world = read(&self.world);
        let ready = ready::write(&world, &id, &identify, parameters, self.guild_ids());
        let limits = ReplayLimits {
            window: Duration::from_millis(self.config.replay_window_ms),
            events_max: self.config.replay_events_max,
        };
        let now = (Instant::now(), world.clock());
        self.ledger.note_bot(&identify.token);
        let session = Session::new(id, identify, &ready, self.guild_ids(), limits, now);
        let session = Arc::new(session);
        lock(&self.sessions).insert(session.id.clone(), Arc::clone(&session));
        session
    }

    pub(crate) fn session(&self, id: &str) -> Option<Arc<Session>> {
        lock(&self.sessions).get(id).cloned()
    }

    pub(crate) fn sessions(&self) -> Vec<Arc<Session>> {
        lock(&self.sessions).values().cloned().collect()
    }

    /// The session cannot be resumed any more. The world must not be locked by the caller.
    pub(crate) fn end_session(&self, id: &str) {
        let removed = lock(&self.sessions).remove(id);
        if let Some(session) = removed {
            session.end(read(&self.world).clock());
            self.ledger.keep(session);
        }
    }

    /// A client wants to go on with a session after this number: if it has ended, that is what it was told.
    pub(crate) fn note_received(&self, id: &str, sequence: u64) {
        if let Some(session) = self.ledger.ended(id) {
            session.note_received(sequence);
        }
    }

    /// A session has been told all its guilds. Traffic begins when the same is true of every shard of its bot.
    pub(crate) fn on_loaded(&self, session: &Session) {
        if self.traffic_begun.load(Ordering::Acquire) {
            return;
        }
        let siblings = self.sessions().into_iter().filter(|other| {
            other.token == session.token
                && other.shard.count == session.shard.count
                && other.is_loaded()
        });
        let shards: BTreeSet<u32> = siblings.map(|other| other.shard.id).collect();
        if shards.len() == session.shard.count as usize {
            self.traffic_begun.store(true, Ordering::Release);
        }
    }

    /// Sets the world's mean events a second from this moment on, and after how many more events it falls silent; returns
    /// the rate as it was clamped. What was played before has reached the sessions when this returns.
    pub(crate) fn set_traffic(&self, events_per_second: f64, events: Option<u64>) -> f64 {
        let mut world = write(&self.world);
        world.set_events_per_second(events_per_second);
        *lock(&self.silent_from) = events.map(|events| self.counters.events_played.get() + events);
        world.events_per_second()
    }

    /// Silences the world where it has played as much as it should.
    pub(crate) fn silence_when_due(&self, world: &mut World) {
        let played = self.counters.events_played.get();
        if lock(&self.silent_from).take_if(|from| played >= *from).is_some() {
            world.set_events_per_second(0.0);
        }
    }

    /// Writes the `d` of a dispatch.
    pub(crate) fn write_body(&self, body: &Body, out: &mut String) {
        match body {
            Body::Text(text) => out.push_str(text),
            Body::GuildCreate(GuildCreate { text: Some(text), .. }) => out.push_str(text),
            Body::GuildCreate(create) => create.write(&read(&self.world), out),
            Body::Members(chunk) => members_request::write_chunk(&read(&self.world), chunk, out),
        }
    }

    /// Plays a payload to the sessions of one guild's shard, or to all; returns to how many. No intent stops it.
    pub(crate) fn dispatch(&self, guild: Option<GuildId>, dispatch: &Dispatch) -> usize {
        let mut sessions = self.sessions();
        sessions.retain(|session| guild.is_none_or(|guild| session.shard.holds(guild)));
        let now = Instant::now();
        for session in &sessions {
            session.push(dispatch.clone(), now);
        }
        self.counters.events_dispatched.add(1);
        sessions.len()
    }

    /// Takes the right to ask for all members of a guild; else how long to wait.
    pub(crate) fn may_ask_all_members(&self, token: &str, guild: GuildId) -> Result<(), Duration> {
        let (now, interval) = (Instant::now(), Duration::from_millis(ALL_MEMBERS_INTERVAL_MS));
        let mut asked = lock(&self.members_asked);
        asked.retain(|_, at| now.duration_since(*at) < interval);
        let key = (token.to_owned(), guild);
        if let Some(at) = asked.get(&key) {
            return Err(interval - now.duration_since(*at));
        }
        asked.insert(key, now);
        Ok(())
    }

    /// Takes a guild away from all sessions for a while; returns from how many.
    pub(crate) fn begin_outage(&self, guild: GuildId, duration: Duration) -> usize {
        let now = Instant::now();
        // Nothing happens between the last event told and the outage.
        let world = read(&self.world);
        self.outages.begin(guild, now + duration);
        let mut sessions = self.sessions();
        sessions.retain(|session| session.shard.holds(guild));
        for session in &sessions {
            session.withdraw(&world, guild, now);
        }
        sessions.len()
    }

    /// Ends outages that are over, forgets what need not be replayed, and drops sessions that cannot go on.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        self.end_outages(now);
        self.ledger.bury();
        for session in self.sessions() {
            if session.trim(now) == Life::Over {
                self.end_session(&session.id);
                if let Some(link) = session.link() {
                    link.kill.cancel();
                }
            }
        }
    }
}

impl Hub {
    fn end_outages(&self, now: Instant) {
        let back = self.outages.end(now);
        if back.is_empty() {
            return;
        }
        let world = read(&self.world);
        for session in self.sessions() {
            back.iter().for_each(|guild| session.restore(&world, *guild, now));
        }
    }
}

/// Guilds in an outage and when it ends.
#[derive(Default)]
pub(crate) struct Outages(Mutex<HashMap<GuildId, Instant>>);

impl Outages {
    pub(crate) fn contains(&self, guild: GuildId) -> bool {
        lock(&self.0).contains_key(&guild)
    }

    fn begin(&self, guild: GuildId, until: Instant) {
        lock(&self.0).insert(guild, until);
    }

    fn end(&self, now: Instant) -> Vec<GuildId> {
        let mut outages = lock(&self.0);
        let over: Vec<_> =
            outages.iter().filter(|(_, until)| **until <= now).map(|(guild, _)| *guild).collect();
        for guild in &over {
            outages.remove(guild);
        }
        over
    }
}

/// 32 random hex digits.
fn random_hex() -> String {
    let random = || RandomState::new().hash_one(Instant::now());
    format!("{:016x}{:016x}", random(), random())
}
