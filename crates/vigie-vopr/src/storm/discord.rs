//! An imaginary gateway without sockets: one shard, one session at a time, virtual time.
//!
//! It keeps Discord's promises and no others: dispatches are numbered per session, a RESUME replays what was missed within
//! [`REPLAY_WINDOW_MS`] and [`REPLAY_EVENTS_MAX`], a guild in an outage is not told about, and its history can be read later.
//! What was told to nobody is written down here, for the judge.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

use vigie_bot::readings::Answer;
use vigie_core::vocabulary::{
    ChannelId, GuildId, MessageId, ReadingRequest, UnixMs, snowflake_time,
};
use vigie_world::{AuditQuery, Deed, Event, Happening, Page, World, WorldConfig, payload};

use super::plan::Plan;

/// How long a session waits for its client: what `vigie-sim` does by default, Discord publishes no figure.
pub const REPLAY_WINDOW_MS: i64 = 180_000;

/// How many dispatches a session keeps for its client.
pub const REPLAY_EVENTS_MAX: usize = 10_000;

/// One frame for the client.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it happened.
    pub at: UnixMs,
    /// Its number in the session.
    pub sequence: u64,
    /// The whole frame.
    pub text: String,
    /// What the storm has to know of it.
    pub told: Told,
}

/// What a frame tells, as far as the storm has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// READY.
    SessionStarted,
    /// RESUMED.
    Resumed,
    /// GUILD_CREATE.
    GuildBack(GuildId),
    /// GUILD_DELETE with `unavailable`.
    GuildAway(GuildId),
    /// MESSAGE_CREATE, written at this instant.
    Message(UnixMs),
    /// VOICE_STATE_UPDATE.
    Voice(GuildId),
    /// Anything else that is counted.
    Counted,
    /// What carries no counts.
    Noise,
}

impl Told {
    fn of(event: &Event) -> Self {
        match &event.what {
            Happening::MessageCreate(message) => Self::Message(snowflake_time(message.id.0)),
            Happening::VoiceState(_) => Self::Voice(event.guild),
            Happening::ReactionAdd(_)
            | Happening::ReactionRemove(_)
            | Happening::ThreadCreate(_)
            | Happening::ThreadUpdate(_)
            | Happening::ChannelUpdate(_)
            | Happening::GuildUpdate
            | Happening::MemberAdd(_)
            | Happening::MemberRemove(_)
            | Happening::BanAdd(_)
            | Happening::BanRemove(_)
            | Happening::Audit(_)
            | Happening::Automod(_)
            | Happening::InviteCreate(_)
            | Happening::InviteDelete(..) => Self::Counted,
            _ => Self::Noise,
        }
    }
}

/// What a connecting client is told first.
pub enum Greeting {
    /// A new session: READY, then a GUILD_CREATE for each guild that is not in an outage.
    Ready {
        /// The session's id.
        session: String,
        /// READY and what follows it.
        frames: Vec<Frame>,
    },
    /// The session goes on: what was missed, then RESUMED.
    Resumed {
        /// In order, RESUMED last.
        frames: Vec<Frame>,
    },
    /// Op 9 `false`: log in anew.
    Refused,
}

/// A world and its gateway.
pub struct Discord {
    world: World,
    session: Option<Session>,
    sessions_made: u64,
    /// Guilds in an outage, and when it ends.
    outages: BTreeMap<GuildId, UnixMs>,
    /// Dispatches that are still to come twice.
    repeats: u32,
    /// All that happened, in the order of time.
    pub happened: Vec<Event>,
    remembers: bool,
    scratch: Vec<Event>,
}

struct Session {
    id: String,
    sequence: u64,
    kept: VecDeque<Frame>,
    /// The connection delivers; else dispatches only gather.
    is_open: bool,
    closed_at: Option<UnixMs>,
}

impl Discord {
    /// The world of a plan, at its beginning; nobody is connected.
    pub fn new(plan: &Plan) -> Self {
        let world = World::new(WorldConfig {
            seed: plan.seed,
            guild_count: plan.guilds,
            members_min: 8,
            members_max: plan.members_max,
            events_per_second: plan.events_per_second,
            history_days: 0,
            history_messages_per_day: None,
            joins_per_hour: plan.joins_per_hour,
            start: plan.start,
        });
        Self {
            world,
            session: None,
            sessions_made: 0,
            outages: BTreeMap::new(),
            repeats: 0,
            happened: Vec::new(),
            remembers: true,
            scratch: Vec::new(),
        }
    }

    /// The world, for its truth.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// From now on what happens is only counted, by the world's truth, and not remembered one by one.
    pub fn forgets(&mut self) {
        self.remembers = false;
    }

    /// Nothing more happens from now on.
    pub fn silence(&mut self) {
        self.world.set_events_per_second(0.0);
    }

    /// Plays until `now`; gives the frames that an open connection delivers, in order.
    pub fn play_until(&mut self, now: UnixMs) -> Vec<Frame> {
        let mut delivered = Vec::new();
        while self.world.clock() < now {
            let next_end = self.outages.values().copied().min().filter(|end| *end <= now);
            let until = next_end.unwrap_or(now);
            let mut events = std::mem::take(&mut self.scratch);
            self.world.play_until(until, &mut events);
            for event in events.drain(..) {
                self.dispatch_event(&event, &mut delivered);
                if self.remembers {
                    self.happened.push(event);
                }
            }
            self.scratch = events;
            if next_end.is_some() && self.world.clock() >= until {
                self.end_outages(until, &mut delivered);
            }
        }
        delivered
    }

    /// A client connects. `resume`: the session and the last number it has.
    pub fn connect(&mut self, now: UnixMs, resume: Option<(&str, u64)>) -> Greeting {
        let Some((id, sequence)) = resume else { return self.identify(now) };
        let known = self.session.as_mut().filter(|session| session.id == id);
        let Some(session) = known.filter(|session| session.can_resume(now, sequence)) else {
            self.session = None;
            return Greeting::Refused;
        };
        session.kept.retain(|frame| frame.sequence > sequence);
        (session.is_open, session.closed_at) = (true, None);
        let mut frames: Vec<Frame> = session.kept.iter().cloned().collect();
        frames.push(session.dispatch(now, "RESUMED", r#"{"_trace":[]}"#, Told::Resumed));
        // It belongs to this connection: a later RESUME is not told of it again.
        session.kept.pop_back();
        Greeting::Resumed { frames }
    }

    /// The connection ends; the session stays for a while.
    pub fn disconnect(&mut self, now: UnixMs) {
        if let Some(session) = &mut self.session {
            session.is_open = false;
            session.closed_at.get_or_insert(now);
        }
    }

    /// The session is gone for good.
    pub fn forget_session(&mut self) {
        self.session = None;
    }

    /// The next dispatches come twice.
    pub fn repeat(&mut self, count: u32) {
        self.repeats += count;
    }

    /// An outage of one guild begins; gives the frame of it if the connection is open.
    pub fn begin_outage(&mut self, now: UnixMs, index: u32, until: UnixMs) -> Option<Frame> {
        let guild = self.world.guilds()[index as usize].id;
        if self.outages.contains_key(&guild) {
            return None;
        }
        self.outages.insert(guild, until);
        let data = format!(r#"{{"id":"{}","unavailable":true}}"#, guild.0);
        self.tell(now, "GUILD_DELETE", &data, Told::GuildAway(guild))
    }

    /// Whether a guild is in an outage.
    pub fn is_away(&self, guild: GuildId) -> bool {
        self.outages.contains_key(&guild)
    }

    /// `GET /channels/{channel}/messages?after={after}&limit=100`.
    pub fn history(&self, channel: ChannelId, after: MessageId) -> String {
        let mut text = String::new();
        payload::messages(&self.world, channel, Page::After(after), 100, &mut text, false)
            .expect("every channel may be read");
        text
    }

    /// Does something in a guild, now; gives the frames that an open connection delivers.
    pub fn act_out(&mut self, index: u32, deed: Deed) -> Vec<Frame> {
        let guild = self.world.guilds()[index as usize].id;
        let (mut events, mut delivered) = (Vec::new(), Vec::new());
        self.world.cause(guild, deed, &mut events);
        for event in events {
            self.dispatch_event(&event, &mut delivered);
            if self.remembers {
                self.happened.push(event);
            }
        }
        delivered
    }

    /// What is read of a guild over REST, as it stands now.
    pub fn reading(&self, request: ReadingRequest) -> Answer {
        let (id, _) = request.what();
        let guild = self.world.guild(id).expect("only its own guilds are known");
        let mut text = String::new();
        match request {
            ReadingRequest::Invites { vanity, .. } => {
                let invites = self.world.invites(id);
                payload::invites(&self.world, guild, &invites, true, &mut text);
                let vanity = vanity.then(|| {
                    let mut text = String::new();
                    payload::vanity(self.world.vanity(id), &mut text);
                    text
                });
                return Answer { text, vanity };
            }
            ReadingRequest::Audits { after, .. } => {
                let query = AuditQuery { after: Some(after), limit: 100, ..AuditQuery::default() };
                let page = self.world.audit_page(id, query);
                payload::audit_log(&self.world, guild, &page, &mut text);
            }
            ReadingRequest::Members { after, .. } => {
                text.push('[');
                for member in self.world.members_after(guild, after, 1_000) {
                    if text.len() > 1 {
                        text.push(',');
                    }
                    payload::member(&member, &mut text);
                }
                text.push(']');
            }
        }
        Answer::new(text)
    }

    fn identify(&mut self, now: UnixMs) -> Greeting {
        self.sessions_made += 1;
        let id = format!("{:032x}", self.sessions_made);
        let mut session = Session {
            id: id.clone(),
            sequence: 0,
            kept: VecDeque::new(),
            is_open: true,
            closed_at: None,
        };
        let mut data = format!(
            r#"{{"v":10,"session_id":"{id}","resume_gateway_url":"wss://127.0.0.1","shard":[0,1],"guilds":["#
        );
        for (index, guild) in self.world.guilds().iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(data, r#"{comma}{{"id":"{}","unavailable":true}}"#, guild.id.0);
        }
        data.push_str("]}");
        let mut frames = vec![session.dispatch(now, "READY", &data, Told::SessionStarted)];
        for guild in
            self.world.guilds().iter().filter(|guild| !self.outages.contains_key(&guild.id))
        {
            let mut data = String::new();
            payload::guild_create(&self.world, guild, &mut data);
            frames.push(session.dispatch(now, "GUILD_CREATE", &data, Told::GuildBack(guild.id)));
        }
        self.session = Some(session);
        Greeting::Ready { session: id, frames }
    }

    fn end_outages(&mut self, now: UnixMs, delivered: &mut Vec<Frame>) {
        let over: Vec<GuildId> =
            self.outages.iter().filter(|(_, end)| **end <= now).map(|(id, _)| *id).collect();
        for id in over {
            self.outages.remove(&id);
            let Some(guild) = self.world.guild(id) else { continue };
            let mut data = String::new();
            payload::guild_create(&self.world, guild, &mut data);
            delivered.extend(self.tell(now, "GUILD_CREATE", &data, Told::GuildBack(id)));
        }
    }

    fn dispatch_event(&mut self, event: &Event, delivered: &mut Vec<Frame>) {
        let is_away = self.session.is_none() || self.outages.contains_key(&event.guild);
        if is_away || !self.world.is_told(event) {
            return;
        }
        let mut data = String::new();
        payload::event_data(&self.world, event, &mut data, false);
        delivered.extend(self.tell(event.at, event.name, &data, Told::of(event)));
        let is_told_twice = self.repeats > 0;
        if is_told_twice {
            self.repeats -= 1;
            delivered.extend(self.tell(event.at, event.name, &data, Told::of(event)));
        }
    }

    /// Adds a dispatch to the session; the frame if the connection is open.
    fn tell(&mut self, at: UnixMs, name: &str, data: &str, told: Told) -> Option<Frame> {
        let session = self.session.as_mut()?;
        let frame = session.dispatch(at, name, data, told);
        session.is_open.then_some(frame)
    }
}

impl Session {
    fn dispatch(&mut self, at: UnixMs, name: &str, data: &str, told: Told) -> Frame {
        self.sequence += 1;
        let sequence = self.sequence;
        let text = format!(r#"{{"t":"{name}","s":{sequence},"op":0,"d":{data}}}"#);
        let frame = Frame { at, sequence, text, told };
        self.kept.push_back(frame.clone());
        // While nobody is connected everything is kept, up to a bound; else only what is young.
        let is_old = |frame: &Frame| self.is_open && at.0 - frame.at.0 > REPLAY_WINDOW_MS;
        while self.kept.len() > REPLAY_EVENTS_MAX || self.kept.front().is_some_and(is_old) {
            self.kept.pop_front();
        }
        frame
    }

    /// Whether nothing after `sequence` is missing.
    fn can_resume(&self, now: UnixMs, sequence: u64) -> bool {
        let away_ms = self.closed_at.map_or(0, |closed| now.0 - closed.0);
        let first_kept = self.kept.front().map_or(self.sequence + 1, |frame| frame.sequence);
        away_ms <= REPLAY_WINDOW_MS && first_kept <= sequence + 1
    }
}
