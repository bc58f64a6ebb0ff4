//! True time in voice: a log of who was where and how, and its reading.
//!
//! Nothing is added up while the world plays. Reading a log walks through it and credits time: for all of it, up to any
//! instant, or only for the stretches in which somebody listened.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, GuildId, UnixMs, UserId, VoiceMinute, VoiceSegment, VoiceSession,
    VoiceState as VoiceBits, VoiceTime,
};

use super::{CellKey, Tally, Truth, VoiceTotals};
use crate::calendar::HOUR_MS;
use crate::event::VoiceState;
use crate::limits;
use crate::world::World;

const MINUTE_MS: i64 = 60_000;

/// A stretch of time: events after the first instant up to and including the last one.
pub type Stretch = (UnixMs, UnixMs);

/// What happened in voice in one guild, in the order of dispatch.
#[derive(Clone, Debug, Default)]
pub(crate) struct VoiceLog {
    /// Who was there before the first change.
    seated: Vec<Entry>,
    changes: Vec<(UnixMs, Entry)>,
}

/// A voice state, as far as it counts.
#[derive(Clone, Copy, Debug)]
struct Entry {
    member: u32,
    channel: Option<ChannelId>,
    bits: VoiceBits,
}

impl From<&VoiceState> for Entry {
    fn from(state: &VoiceState) -> Self {
        Self { member: state.member, channel: state.channel, bits: state.bits() }
    }
}

impl VoiceLog {
    pub(crate) fn of(seated: &[VoiceState]) -> Self {
        Self { seated: seated.iter().map(Entry::from).collect(), changes: Vec::new() }
    }

    pub(crate) fn push(&mut self, at: UnixMs, state: &VoiceState) {
        self.changes.push((at, Entry::from(state)));
    }

    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// When the oldest change kept happened.
    pub(crate) fn begins(&self) -> Option<UnixMs> {
        self.changes.first().map(|(at, _)| *at)
    }

    /// Forgets the changes before an instant, but not whom they left in voice.
    pub(crate) fn forget_before(&mut self, at: UnixMs) {
        let gone = self.changes.partition_point(|(when, _)| *when < at);
        for (_, entry) in self.changes.drain(..gone) {
            self.seated.retain(|seated| seated.member != entry.member);
            if entry.channel.is_some() {
                self.seated.push(entry);
            }
        }
        self.changes.shrink_to_fit();
    }

    /// Adds what happened within some stretches, which are sorted and apart, to a truth.
    pub(crate) fn read(&self, tally: Tally<'_>, stretches: &[Stretch], truth: &mut Truth) {
        let mut reader = Reader {
            tally,
            afk: tally.afk_channel(),
            truth,
            is_heard: false,
            people: Crowd::default(),
            rooms: BTreeMap::new(),
            seats: BTreeMap::new(),
        };
        let mut bounds = stretches.iter().flat_map(|&(from, to)| [(from, true), (to, false)]);
        let mut bound = bounds.next();
        self.seated.iter().for_each(|entry| reader.change(UnixMs(i64::MIN), *entry));
        for (at, entry) in &self.changes {
            // A stretch begins and ends after what happened at that very instant.
            while let Some((edge, begins)) = bound.filter(|(edge, _)| edge < at) {
                reader.listen(edge, begins);
                bound = bounds.next();
            }
            reader.change(*at, *entry);
        }
        while let Some((edge, begins)) = bound {
            reader.listen(edge, begins);
            bound = bounds.next();
        }
    }
}

impl World {
    /// The true totals at an instant: as [`World::truth`], with the time that people have spent in voice up to then, and with
    /// what people and moderators did up to the clock.
    /// Before [`World::clock`] voice is cut there and nothing else is; after it nobody moves.
    pub fn truth_at(&self, until: UnixMs) -> Truth {
        let mut truth = self.truth.clone();
        let heard = [(self.config.start, until)];
        for (guild, log) in self.guilds.iter().zip(&self.voice_logs) {
            log.read(self.tally(guild), &heard, &mut truth);
        }
        self.count_societies(&mut truth);
        truth
    }

    /// What somebody who listened only within these stretches of the present could know of voice in a guild: sessions end
    /// and begin again where they did not listen. Stretches are sorted and apart. Nothing for an unknown guild.
    pub fn voice_heard(&self, guild: GuildId, stretches: &[Stretch]) -> Truth {
        let mut truth = Truth::new();
        if let Some(guild) = self.guild(guild) {
            let log = &self.voice_logs[guild.index as usize];
            log.read(self.tally(guild), stretches, &mut truth);
        }
        truth
    }

    pub(crate) fn forget_voice_before(&mut self, unix_hour: u32) {
        let before = UnixMs(i64::from(unix_hour) * HOUR_MS);
        self.voice_logs.iter_mut().for_each(|log| log.forget_before(before));
        self.voice_changes = self.voice_logs.iter().map(VoiceLog::len).sum();
    }

    /// Keeps [`limits::VOICE_CHANGES_MAX`] changes, and the newest hour whole.
    pub(crate) fn bound_voice(&mut self) {
        if self.voice_changes <= limits::VOICE_CHANGES_MAX {
            return;
        }
        let begins = self.voice_logs.iter().filter_map(VoiceLog::begins).min();
        let now = self.clock().0;
        let middle = now - (now - begins.map_or(now, |begins| begins.0)) / 2;
        let hour = (middle + HOUR_MS - 1).min(now).div_euclid(HOUR_MS) as u32;
        if begins.is_some_and(|begins| begins.0 < i64::from(hour) * HOUR_MS) {
            self.truth.forget_before(hour);
            self.forget_voice_before(hour);
        }
    }
}

/// People in one place, and since when so many.
#[derive(Clone, Copy, Debug, Default)]
struct Crowd {
    count: u32,
    since: i64,
}

/// Somebody in voice.
struct Seat {
    channel: ChannelId,
    bits: VoiceBits,
    /// Up to where their time is credited.
    since: i64,
    session: Option<VoiceSession>,
}

struct Reader<'a> {
    tally: Tally<'a>,
    afk: Option<ChannelId>,
    truth: &'a mut Truth,
    is_heard: bool,
    people: Crowd,
    rooms: BTreeMap<ChannelId, Crowd>,
    seats: BTreeMap<u32, Seat>,
}

impl Reader<'_> {
    fn change(&mut self, at: UnixMs, entry: Entry) {
        let before = self.seats.get(&entry.member).map(|seat| seat.channel);
        for room in [before, entry.channel].into_iter().flatten() {
            self.settle(room, at.0);
        }
        if before != entry.channel {
            if let Some(left) = before {
                self.leave(entry.member, left, at.0);
            }
            if let Some(room) = entry.channel {
                self.sit(entry, room, at);
            }
            // Who moved never left the guild's crowd.
            let joined = i64::from(entry.channel.is_some()) - i64::from(before.is_some());
            if self.is_person(entry.member) && joined != 0 {
                self.count_people(at.0, joined);
            }
        } else if let Some(seat) = self.seats.get_mut(&entry.member) {
            seat.bits = entry.bits;
        }
    }

    /// Begins or ends a stretch in which somebody listens.
    fn listen(&mut self, at: UnixMs, begins: bool) {
        let rooms: Vec<ChannelId> = self.rooms.keys().copied().collect();
        if begins {
            self.is_heard = true;
            self.people.since = at.0;
            self.mark_people(at.0);
            for room in rooms {
                if let Some(crowd) = self.rooms.get_mut(&room) {
                    crowd.since = at.0;
                }
                self.mark_room(room, at.0);
            }
            for (&member, seat) in &mut self.seats {
                seat.since = at.0;
                seat.session = Some(session(self.tally, member, seat.channel, at, false));
            }
            return;
        }
        rooms.into_iter().for_each(|room| self.settle(room, at.0));
        self.spread_people(at.0);
        for seat in self.seats.values_mut() {
            self.truth.voice_sessions(self.tally.guild.id).extend(seat.session.take());
        }
        self.is_heard = false;
    }

    /// Credits everybody in a room up to an instant.
    fn settle(&mut self, room: ChannelId, to: i64) {
        if !self.is_heard {
            return;
        }
        let Some(crowd) = self.rooms.get(&room).copied() else { return };
        if crowd.count > 0 && to > crowd.since {
            let hours = crowd.since.div_euclid(HOUR_MS)..=(to - 1).div_euclid(HOUR_MS);
            for hour in hours {
                self.truth.voice_peak(hour as u32, self.tally.guild.id, room, crowd.count);
            }
        }
        self.rooms.insert(room, Crowd { since: to, ..crowd });
        let seated = self.seats.iter_mut().filter(|(_, seat)| seat.channel == room);
        for (&member, seat) in seated {
            let is_person = self.tally.is_person(member);
            let mut bits = seat.bits;
            if crowd.count == u32::from(is_person) {
                bits = bits.with(VoiceBits::ALONE);
            }
            if self.afk == Some(room) {
                bits = bits.with(VoiceBits::AFK);
            }
            credit(self.truth, self.tally, member, seat, bits, to);
        }
    }

    fn sit(&mut self, entry: Entry, room: ChannelId, at: UnixMs) {
        let session = self.is_heard.then(|| session(self.tally, entry.member, room, at, true));
        if self.is_heard {
            let cell = self.cell(entry.member, room, at.0);
            cell.sessions += 1;
        }
        let seat = Seat { channel: room, bits: entry.bits, since: at.0, session };
        self.seats.insert(entry.member, seat);
        let crowd = self.rooms.entry(room).or_default();
        crowd.since = at.0;
        if self.tally.is_person(entry.member) {
            crowd.count += 1;
            self.mark_room(room, at.0);
        }
    }

    fn leave(&mut self, member: u32, room: ChannelId, at: i64) {
        let Some(seat) = self.seats.remove(&member) else { return };
        if let Some(session) = seat.session {
            let session = VoiceSession { end_heard: true, ..session };
            self.truth.voice_sessions(self.tally.guild.id).push(session);
        }
        let is_person = self.is_person(member);
        let Some(crowd) = self.rooms.get_mut(&room) else { return };
        crowd.count -= u32::from(is_person);
        crowd.since = at;
        let is_empty = !self.seats.values().any(|seat| seat.channel == room);
        if is_empty {
            self.rooms.remove(&room);
        }
    }

    fn count_people(&mut self, at: i64, joined: i64) {
        self.spread_people(at);
        self.people.count = self.people.count.saturating_add_signed(joined as i32);
        self.mark_people(at);
    }

    /// So many people were there in every minute since the last change.
    fn spread_people(&mut self, to: i64) {
        let Crowd { count, since } = self.people;
        self.people.since = to;
        if !self.is_heard || count == 0 || to <= since {
            return;
        }
        for minute in since.div_euclid(MINUTE_MS)..=(to - 1).div_euclid(MINUTE_MS) {
            let kept = self.truth.voice_minute(minute, self.tally.guild.id);
            kept.peak = kept.peak.max(count);
        }
    }

    fn mark_people(&mut self, at: i64) {
        if self.is_heard && self.people.count > 0 {
            let minute = at.div_euclid(MINUTE_MS);
            let kept = self.truth.voice_minute(minute, self.tally.guild.id);
            kept.peak = kept.peak.max(self.people.count);
        }
    }

    fn mark_room(&mut self, room: ChannelId, at: i64) {
        let count = self.rooms.get(&room).map_or(0, |crowd| crowd.count);
        if self.is_heard && count > 0 {
            let hour = at.div_euclid(HOUR_MS) as u32;
            self.truth.voice_peak(hour, self.tally.guild.id, room, count);
        }
    }

    fn cell(&mut self, member: u32, room: ChannelId, at: i64) -> &mut VoiceTotals {
        let hour = at.div_euclid(HOUR_MS) as u32;
        self.truth.voice_cell(hour, key(self.tally, member, room), self.tally.kind(member))
    }

    fn is_person(&self, member: u32) -> bool {
        self.tally.is_person(member)
    }
}

fn key(tally: Tally<'_>, member: u32, channel: ChannelId) -> CellKey {
    CellKey { guild: tally.guild.id, channel, member: tally.member(member) }
}

fn session(
    tally: Tally<'_>,
    member: u32,
    channel: ChannelId,
    at: UnixMs,
    start_heard: bool,
) -> VoiceSession {
    let id: UserId = tally.member(member);
    let kind: AuthorKind = tally.kind(member);
    VoiceSession {
        channel,
        member: id,
        kind,
        started_at: at,
        ended_at: at,
        start_heard,
        end_heard: false,
        time: VoiceTime::default(),
        segments: Vec::new(),
    }
}

/// Credits a member from where their time was credited last up to an instant, hour by hour, minute by minute.
fn credit(
    truth: &mut Truth,
    tally: Tally<'_>,
    member: u32,
    seat: &mut Seat,
    bits: VoiceBits,
    to: i64,
) {
    let (mut from, is_person) = (seat.since, tally.is_person(member));
    if to <= from {
        return;
    }
    seat.since = to;
    let whole = (to - from) as u64;
    if let Some(session) = &mut seat.session {
        session.ended_at = UnixMs(to);
        session.time.add(bits, whole);
        match session.segments.last_mut() {
            Some(last) if last.state == bits => last.duration_ms += whole,
            _ => session.segments.push(VoiceSegment { state: bits, duration_ms: whole }),
        }
    }
    let key = key(tally, member, seat.channel);
    while from < to {
        let end = ((from.div_euclid(HOUR_MS) + 1) * HOUR_MS).min(to);
        let hour = from.div_euclid(HOUR_MS) as u32;
        let cell = truth.voice_cell(hour, key, tally.kind(member));
        cell.time.add(bits, (end - from) as u64);
        while is_person && from < end {
            let minute = from.div_euclid(MINUTE_MS);
            let minute_end = ((minute + 1) * MINUTE_MS).min(end);
            let lasted = (minute_end - from) as u64;
            let kept: &mut VoiceMinute = truth.voice_minute(minute, tally.guild.id);
            kept.total_ms += lasted;
            kept.active_ms += if bits.is_active() { lasted } else { 0 };
            from = minute_end;
        }
        from = end;
    }
}
