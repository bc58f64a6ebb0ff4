//! Family **voice**: who is in which voice channel, in which state, for how long, and how many at once.
//!
//! A session is credited whenever anything about it changes: its own state, its channel, or the company in its channel. In
//! between nothing moves but time, so a stretch between two changes has one state, and is credited at once to its hours and
//! minutes. A flush credits all open sessions up to an instant given, and they go on.

mod open;
mod windows;

use std::collections::BTreeMap;

use crate::checkpoint::OpenVoiceSession;
use crate::limits;
use crate::vocabulary::{
    AuthorKind, ChannelId, GuildId, Record, UnixMs, UserId, VoiceSession, VoiceState,
};
use crate::voice::open::Open;
use crate::voice::windows::{MINUTE_MS, Presence, Windows};

/// All that is known of voice.
#[derive(Debug, Default)]
pub(crate) struct Voice {
    sessions: BTreeMap<(GuildId, UserId), Open>,
    rooms: BTreeMap<(GuildId, ChannelId), Room>,
    /// The people in all channels of a guild together; only guilds with somebody.
    crowds: BTreeMap<GuildId, Crowd>,
    windows: Windows,
    ended: Vec<(GuildId, VoiceSession)>,
    ended_segments: usize,
    not_followed: u64,
}

/// Who is in a channel; only channels with somebody.
#[derive(Debug, Default)]
struct Room {
    people: Crowd,
    /// People and bots, in no order.
    members: Vec<UserId>,
}

/// How many people, and since when.
#[derive(Clone, Copy, Debug, Default)]
struct Crowd {
    people: u32,
    /// The last change, or the instant up to which the peaks have been credited.
    since: UnixMs,
}

/// Where a member is, as the gateway tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whereabouts {
    pub(crate) kind: AuthorKind,
    /// `None` once they left.
    pub(crate) channel: Option<ChannelId>,
    /// With [`VoiceState::AFK`], without [`VoiceState::ALONE`].
    pub(crate) state: VoiceState,
}

impl Voice {
    /// A member joined, moved, left, or changed state. `heard`: at this very instant, and not somewhere before it.
    pub(crate) fn hear(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        member: UserId,
        told: Whereabouts,
        heard: bool,
    ) {
        let key = (guild, member);
        let known = self.sessions.get(&key);
        if let Some(open) = known
            && Some(open.channel) == told.channel
        {
            let kind = told.kind.max(open.kind);
            return self.change(at, key, kind, told.state);
        }
        if known.is_some() {
            self.end(at, key, heard);
        }
        if let Some(channel) = told.channel {
            self.begin(at, key, channel, told, heard);
        }
    }

    /// Who is in voice in a guild, all of them. Whoever goes on goes on; the others left or came where it was not heard.
    pub(crate) fn reconcile(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        told: &BTreeMap<UserId, Whereabouts>,
    ) {
        for member in self.members(guild) {
            let open = &self.sessions[&(guild, member)];
            let goes_on = told.get(&member).is_some_and(|told| told.channel == Some(open.channel));
            if !goes_on {
                self.end(at, (guild, member), false);
            }
        }
        for (&member, &told) in told {
            self.hear(at, guild, member, told, false);
        }
    }

    /// Ends all sessions of a guild where nothing could be heard any more.
    pub(crate) fn lose(&mut self, at: UnixMs, guild: GuildId) {
        for member in self.members(guild) {
            self.end(at, (guild, member), false);
        }
    }

    /// Ends all sessions, as [`Voice::lose`] does.
    pub(crate) fn lose_all(&mut self, at: UnixMs) {
        for key in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.end(at, key, false);
        }
    }

    /// The clock leapt: all sessions end at `from` and begin again at `to`.
    pub(crate) fn leap(&mut self, from: UnixMs, to: UnixMs) {
        let told = |open: &Open| Whereabouts {
            kind: open.kind,
            channel: Some(open.channel),
            state: open.state,
        };
        let all: Vec<_> = self.sessions.iter().map(|(key, open)| (*key, told(open))).collect();
        self.lose_all(from);
        for ((guild, member), told) in all {
            self.hear(to, guild, member, told, false);
        }
    }

    /// Another channel of a guild is the AFK channel from now on.
    pub(crate) fn set_afk(&mut self, at: UnixMs, guild: GuildId, afk: Option<ChannelId>) {
        for member in self.members(guild) {
            let open = &self.sessions[&(guild, member)];
            let state = with_afk(open.state, Some(open.channel), afk);
            self.change(at, (guild, member), open.kind, state);
        }
    }

    /// Credits everybody up to `until`, pushes all that waits to `out`, and goes on.
    pub(crate) fn flush(&mut self, until: UnixMs, out: &mut Vec<Record>) {
        for (key, open) in &mut self.sessions {
            let alone = self.rooms[&(key.0, open.channel)].is_alone(open.kind);
            open.credit(*key, alone, until, &mut self.windows);
        }
        for ((guild, channel), room) in &mut self.rooms {
            if let Some((people, from)) = room.people.pass(until) {
                self.windows.stay(*guild, *channel, people, from, until);
            }
        }
        for (guild, crowd) in &mut self.crowds {
            if let Some((people, from)) = crowd.pass(until) {
                self.windows.guild_stay(*guild, people, from, until);
            }
        }
        self.windows.flush(out);
        self.flush_ended(out);
    }

    /// Whether a bound is reached, so that a flush must come first.
    pub(crate) fn is_full(&self) -> bool {
        self.windows.cells() >= limits::VOICE_CELLS_MAX
            || self.ended.len() >= limits::ENDED_SESSIONS_MAX
            || self.ended_segments >= limits::ENDED_SEGMENTS_MAX
    }

    /// Whether nothing waits for the flush but the time of open sessions.
    pub(crate) fn is_settled(&self) -> bool {
        self.windows.is_empty() && self.ended.is_empty()
    }

    pub(crate) fn open_sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Sessions that were not followed because too many were open.
    pub(crate) fn not_followed(&self) -> u64 {
        self.not_followed
    }

    /// Bytes held, as far as ordered maps let it be known: they are at least half full.
    pub(crate) fn heap_bytes(&self) -> usize {
        let segments = self.sessions.values().map(|open| open.segments.capacity()).sum::<usize>();
        let members = self.rooms.values().map(|room| room.members.capacity()).sum::<usize>();
        let maps = self.sessions.len() * size_of::<((GuildId, UserId), Open)>()
            + self.rooms.len() * size_of::<((GuildId, ChannelId), Room)>()
            + self.crowds.len() * size_of::<(GuildId, Crowd)>();
        maps * 3 / 2
            + (segments + self.ended_segments) * size_of::<crate::vocabulary::VoiceSegment>()
            + members * size_of::<UserId>()
            + self.ended.capacity() * size_of::<(GuildId, VoiceSession)>()
            + self.windows.heap_bytes()
    }

    /// The open sessions, by guild and member.
    pub(crate) fn checkpoint(&self) -> Vec<OpenVoiceSession> {
        let session = |(&(guild, member), open): (&(GuildId, UserId), &Open)| OpenVoiceSession {
            guild,
            channel: open.channel,
            member,
            kind: open.kind,
            started_at: open.started_at,
            start_heard: open.start_heard,
            credited_until: open.credited_until,
            state: open.state,
            time: open.time,
            segments: open.segments.clone(),
        };
        self.sessions.iter().map(session).collect()
    }

    /// The open sessions of a checkpoint, taken when everything until `heard_until` had been heard.
    pub(crate) fn restore(sessions: &[OpenVoiceSession], heard_until: UnixMs) -> Self {
        let mut voice = Self::default();
        let crowd = Crowd { people: 0, since: minute_start(heard_until) };
        for session in sessions {
            let (guild, channel) = (session.guild, session.channel);
            let room = voice.rooms.entry((guild, channel));
            let room = room.or_insert(Room { people: crowd, members: Vec::new() });
            room.members.push(session.member);
            if session.kind == AuthorKind::Human {
                room.people.people += 1;
                voice.crowds.entry(guild).or_insert(crowd).people += 1;
            }
            let open = Open {
                channel,
                kind: session.kind,
                started_at: session.started_at,
                start_heard: session.start_heard,
                credited_until: session.credited_until,
                state: session.state,
                time: session.time,
                segments: session.segments.clone(),
            };
            voice.sessions.insert((guild, session.member), open);
        }
        voice
    }

    /// The members of a guild that are in voice, sorted.
    fn members(&self, guild: GuildId) -> Vec<UserId> {
        let all = (guild, UserId(0))..=(guild, UserId(u64::MAX));
        self.sessions.range(all).map(|(&(_, member), _)| member).collect()
    }

    fn begin(
        &mut self,
        at: UnixMs,
        key: (GuildId, UserId),
        channel: ChannelId,
        told: Whereabouts,
        heard: bool,
    ) {
        if self.sessions.len() >= limits::OPEN_SESSIONS_MAX {
            self.not_followed += 1;
            return;
        }
        let (guild, member) = key;
        let open = Open {
            channel,
            kind: told.kind,
            started_at: at,
            start_heard: heard,
            credited_until: at,
            state: told.state,
            time: Default::default(),
            segments: Vec::new(),
        };
        self.enter(at, key, channel, told.kind);
        self.sessions.insert(key, open);
        if heard {
            self.windows.begin(&Presence { guild, channel, member, kind: told.kind }, at);
        }
    }

    fn end(&mut self, at: UnixMs, key: (GuildId, UserId), heard: bool) {
        self.credit(at, key);
        let Some(open) = self.sessions.remove(&key) else { return };
        self.leave(at, key, open.channel, open.kind);
        let session = open.end(key.1, heard);
        self.ended_segments += session.segments.capacity();
        self.ended.push((key.0, session));
    }

    /// A member stays in their channel, but changes.
    fn change(&mut self, at: UnixMs, key: (GuildId, UserId), kind: AuthorKind, state: VoiceState) {
        let open = &self.sessions[&key];
        if (open.kind, open.state) == (kind, state) {
            return;
        }
        let (channel, kind_before) = (open.channel, open.kind);
        self.credit(at, key);
        if kind != kind_before {
            self.leave(at, key, channel, kind_before);
            self.enter(at, key, channel, kind);
        }
        let open = self.sessions.get_mut(&key).expect("it was there above");
        (open.kind, open.state) = (kind, state);
    }

    /// Puts a member into a room; the others there are credited first if their company changes by it.
    fn enter(
        &mut self,
        at: UnixMs,
        (guild, member): (GuildId, UserId),
        channel: ChannelId,
        kind: AuthorKind,
    ) {
        if kind == AuthorKind::Human {
            self.credit_lonely(at, guild, channel);
        }
        let room = self.rooms.entry((guild, channel)).or_default();
        room.members.push(member);
        if kind == AuthorKind::Human {
            let people = room.people.people + 1;
            self.count_people(at, guild, channel, people);
        }
    }

    /// Takes a member out of a room; as [`Voice::enter`].
    fn leave(
        &mut self,
        at: UnixMs,
        (guild, member): (GuildId, UserId),
        channel: ChannelId,
        kind: AuthorKind,
    ) {
        if kind == AuthorKind::Human {
            self.credit_lonely(at, guild, channel);
        }
        let Some(room) = self.rooms.get_mut(&(guild, channel)) else { return };
        if let Some(position) = room.members.iter().position(|other| *other == member) {
            room.members.swap_remove(position);
        }
        let is_empty = room.members.is_empty();
        if kind == AuthorKind::Human {
            let people = room.people.people.saturating_sub(1);
            self.count_people(at, guild, channel, people);
        }
        if is_empty {
            self.rooms.remove(&(guild, channel));
        }
    }

    /// A room has so many people from now on: the peaks of the room and of its guild.
    fn count_people(&mut self, at: UnixMs, guild: GuildId, channel: ChannelId, people: u32) {
        let Some(room) = self.rooms.get_mut(&(guild, channel)) else { return };
        let crowd = self.crowds.entry(guild).or_default();
        if let Some((people, from)) = room.people.pass(at) {
            self.windows.stay(guild, channel, people, from, at);
        }
        if let Some((people, from)) = crowd.pass(at) {
            self.windows.guild_stay(guild, people, from, at);
        }
        let in_guild = (crowd.people + people).saturating_sub(room.people.people);
        // Who is left over was there before: only a stay makes their number a peak.
        if people > room.people.people {
            self.windows.peak(guild, channel, at, people);
            self.windows.guild_peak(guild, at, in_guild);
        }
        *crowd = Crowd { people: in_guild, since: at };
        room.people = Crowd { people, since: at };
        if in_guild == 0 {
            self.crowds.remove(&guild);
        }
    }

    /// Credits everybody in a room whose company may be about to begin or to end: with more than two people it cannot.
    fn credit_lonely(&mut self, at: UnixMs, guild: GuildId, channel: ChannelId) {
        let Some(room) = self.rooms.get(&(guild, channel)) else { return };
        if room.people.people > 2 {
            return;
        }
        for &member in &room.members {
            let key = (guild, member);
            // Whoever is just entering or leaving has no session now.
            if let Some(open) = self.sessions.get_mut(&key) {
                open.credit(key, room.is_alone(open.kind), at, &mut self.windows);
            }
        }
    }

    fn credit(&mut self, at: UnixMs, key: (GuildId, UserId)) {
        let Some(open) = self.sessions.get_mut(&key) else { return };
        let alone = self.rooms[&(key.0, open.channel)].is_alone(open.kind);
        open.credit(key, alone, at, &mut self.windows);
    }

    fn flush_ended(&mut self, out: &mut Vec<Record>) {
        let mut ended = std::mem::take(&mut self.ended);
        self.ended_segments = 0;
        // Stable: sessions of one member leave in the order of their ends.
        ended.sort_by_key(|(guild, session)| (*guild, session.member));
        let mut ended = ended.into_iter().peekable();
        while let Some(guild) = ended.peek().map(|(guild, _)| *guild) {
            let piece = std::iter::from_fn(|| ended.next_if(|(other, _)| *other == guild))
                .take(limits::RECORD_SESSIONS_MAX)
                .map(|(_, session)| session);
            out.push(Record::VoiceSessions(guild, piece.collect()));
        }
    }
}

impl Room {
    /// Whether somebody of this kind has no other person here.
    fn is_alone(&self, kind: AuthorKind) -> bool {
        self.people.people <= u32::from(kind == AuthorKind::Human)
    }
}

impl Crowd {
    /// Moves on to `until`; how many people there were, and since when, if there were any and time passed.
    fn pass(&mut self, until: UnixMs) -> Option<(u32, UnixMs)> {
        let from = self.since;
        self.since = until.max(from);
        (self.people > 0 && from < until).then_some((self.people, from))
    }
}

/// The state of a member in a channel of a guild with this AFK channel.
pub(crate) fn with_afk(
    state: VoiceState,
    channel: Option<ChannelId>,
    afk: Option<ChannelId>,
) -> VoiceState {
    let state = state.without(VoiceState::AFK).without(VoiceState::ALONE);
    if afk.is_some() && channel == afk { state.with(VoiceState::AFK) } else { state }
}

/// The beginning of the minute in which an instant lies.
pub(crate) fn minute_start(at: UnixMs) -> UnixMs {
    UnixMs(at.0.div_euclid(MINUTE_MS) * MINUTE_MS)
}
