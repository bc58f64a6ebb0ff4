//! Voice against a plain model of it: a snapshot of everybody, and every stretch between two facts credited at once to each.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildFact, GuildId, Person, Record, UnixMs, UserId, VoiceCell,
    VoiceFact, VoiceMinute, VoiceSegment, VoiceSession, VoiceState, VoiceTime,
};
use vigie_core::{Core, CoreConfig, limits};

/// Nine seconds before an hour.
const START: i64 = 1_795_132_800_000 - 9_000;

const GUILD: GuildId = GuildId(1);

/// Members from here on are bots.
const FIRST_BOT: u64 = 5;

#[derive(Clone, Debug)]
enum Action {
    /// Member, channel (0: left), state.
    Voice(u64, u64, u8),
    /// The guild says who is in voice, from now on with this AFK channel (0: none).
    Create(Vec<(u64, u64, u8)>, u64),
    /// Another AFK channel.
    Update(u64),
    Outage,
    NewSession,
    Heard,
    Wake,
    Flush,
    /// The core is stopped and goes on from its checkpoint.
    Restart,
}

/// Somebody in voice, as the model knows them.
#[derive(Clone, Debug)]
struct Seat {
    channel: u64,
    bits: u8,
    session: VoiceSession,
}

/// Kind, sessions begun, time by state.
type Cell = (AuthorKind, u32, [u64; 9]);

/// What is to come out, added up.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    cells: BTreeMap<(u32, u64, u64), Cell>,
    minutes: BTreeMap<u32, (u64, u64, u32)>,
    peaks: BTreeMap<(u32, u64), u32>,
    sessions: BTreeMap<(u64, u64, i64, i64, usize), VoiceSession>,
}

#[derive(Default)]
struct Model {
    seats: BTreeMap<u64, Seat>,
    afk: u64,
    named_at: Option<i64>,
    is_known: bool,
    is_heard: bool,
    last: i64,
    sums: Sums,
}

fn kind(member: u64) -> AuthorKind {
    if member >= FIRST_BOT { AuthorKind::Bot } else { AuthorKind::Human }
}

impl Model {
    fn people(&self, channel: Option<u64>) -> u32 {
        let here = |(member, seat): &(&u64, &Seat)| {
            kind(**member) == AuthorKind::Human && channel.is_none_or(|c| c == seat.channel)
        };
        self.seats.iter().filter(here).count() as u32
    }

    fn state(&self, member: u64, seat: &Seat) -> VoiceState {
        let own = u32::from(kind(member) == AuthorKind::Human);
        let mut state = VoiceState(seat.bits);
        if self.people(Some(seat.channel)) == own {
            state = state.with(VoiceState::ALONE);
        }
        if self.afk == seat.channel {
            state = state.with(VoiceState::AFK);
        }
        state
    }

    /// Time passes: everybody spends it in the state that holds.
    fn pass(&mut self, now: i64) {
        let states: Vec<_> =
            self.seats.iter().map(|(member, seat)| (*member, self.state(*member, seat))).collect();
        let mut from = self.last;
        while from < now {
            let until = now.min((from / 60_000 + 1) * 60_000);
            for (member, state) in &states {
                self.credit(*member, *state, from, until);
            }
            self.mark(from);
            from = until;
        }
        self.last = now;
    }

    fn credit(&mut self, member: u64, state: VoiceState, from: i64, until: i64) {
        let (hour, minute) = (UnixMs(from).unix_hour(), UnixMs(from).unix_minute());
        let duration_ms = (until - from) as u64;
        let seat = self.seats.get_mut(&member).expect("seated");
        seat.session.time.add(state, duration_ms);
        match seat.session.segments.last_mut() {
            Some(last) if last.state == state => last.duration_ms += duration_ms,
            _ => seat.session.segments.push(VoiceSegment { state, duration_ms }),
        }
        let mut time = VoiceTime::default();
        time.add(state, duration_ms);
        let channel = seat.channel;
        let figures = time.figures();
        let cell = self.cell(hour, channel, member);
        cell.2.iter_mut().zip(figures).for_each(|(sum, ms)| *sum += ms);
        if kind(member) == AuthorKind::Human {
            let minute = self.sums.minutes.entry(minute).or_default();
            minute.0 += duration_ms;
            minute.1 += time.active_ms;
        }
    }

    fn cell(&mut self, hour: u32, channel: u64, member: u64) -> &mut Cell {
        let cell = self.sums.cells.entry((hour, channel, member)).or_default();
        cell.0 = kind(member);
        cell
    }

    /// So many are there at this instant.
    fn mark(&mut self, at: i64) {
        let channels: BTreeSet<u64> = self.seats.values().map(|seat| seat.channel).collect();
        for channel in channels {
            let people = self.people(Some(channel));
            if people > 0 {
                let peak = self.sums.peaks.entry((UnixMs(at).unix_hour(), channel)).or_default();
                *peak = people.max(*peak);
            }
        }
        let people = self.people(None);
        if people > 0 {
            let minute = self.sums.minutes.entry(UnixMs(at).unix_minute()).or_default();
            minute.2 = people.max(minute.2);
        }
    }

    fn sit(&mut self, now: i64, member: u64, channel: u64, bits: u8, heard: bool) {
        if self.seats.get(&member).is_some_and(|seat| seat.channel == channel) {
            self.seats.get_mut(&member).expect("seated").bits = bits;
            return;
        }
        self.rise(now, member, heard);
        if channel == 0 {
            return;
        }
        let session = VoiceSession {
            channel: ChannelId(channel),
            member: UserId(member),
            kind: kind(member),
            started_at: UnixMs(now),
            ended_at: UnixMs(now),
            start_heard: heard,
            end_heard: false,
            time: VoiceTime::default(),
            segments: Vec::new(),
        };
        self.seats.insert(member, Seat { channel, bits, session });
        if heard {
            self.cell(UnixMs(now).unix_hour(), channel, member).1 += 1;
        }
        if kind(member) == AuthorKind::Human {
            // One more makes a peak of its channel and of the guild, at once; of other channels time does.
            let people = (self.people(Some(channel)), self.people(None));
            let peak = self.sums.peaks.entry((UnixMs(now).unix_hour(), channel)).or_default();
            *peak = people.0.max(*peak);
            let minute = self.sums.minutes.entry(UnixMs(now).unix_minute()).or_default();
            minute.2 = people.1.max(minute.2);
        }
    }

    fn rise(&mut self, now: i64, member: u64, heard: bool) {
        let Some(seat) = self.seats.remove(&member) else { return };
        let session = VoiceSession { ended_at: UnixMs(now), end_heard: heard, ..seat.session };
        self.end(session);
    }

    fn end(&mut self, session: VoiceSession) {
        let mut key =
            (session.member.0, session.channel.0, session.started_at.0, session.ended_at.0, 0);
        while self.sums.sessions.contains_key(&key) {
            key.4 += 1;
        }
        self.sums.sessions.insert(key, session);
    }

    fn lose(&mut self, at: i64) {
        for member in self.seats.keys().copied().collect::<Vec<_>>() {
            self.rise(at, member, false);
        }
        self.is_heard = !self.is_known;
    }

    /// READY named the guild long ago, and it never came.
    fn give_up(&mut self) {
        let is_overdue = self.named_at.is_some_and(|at| self.last - at > limits::LOG_IN_MS_MAX);
        if is_overdue && !self.is_known {
            self.is_known = true;
            self.lose(self.last);
        }
    }

    fn create(&mut self, now: i64, told: &[(u64, u64, u8)], afk: u64) {
        (self.is_known, self.is_heard, self.afk) = (true, true, afk);
        let told: BTreeMap<u64, (u64, u8)> = told.iter().map(|t| (t.0, (t.1, t.2))).collect();
        for member in self.seats.keys().copied().collect::<Vec<_>>() {
            if told.get(&member).map(|told| told.0) != Some(self.seats[&member].channel) {
                self.rise(now, member, false);
            }
        }
        for (member, (channel, bits)) in told {
            self.sit(now, member, channel, bits, false);
        }
    }
}

/// Adds up what the core told.
fn add(sums: &mut Sums, model: &mut Model, records: &[Record]) {
    for record in records {
        match record {
            Record::VoiceWindow(window) => {
                for VoiceCell { channel, member, kind, sessions, time } in &window.cells {
                    let key = (window.unix_hour, channel.0, member.0);
                    let cell = sums.cells.entry(key).or_default();
                    cell.0 = *kind;
                    cell.1 += sessions;
                    cell.2.iter_mut().zip(time.figures()).for_each(|(sum, ms)| *sum += ms);
                }
                for VoiceMinute { minute, total_ms, active_ms, peak } in &window.minutes {
                    let minute = window.unix_hour * 60 + u32::from(*minute);
                    let kept = sums.minutes.entry(minute).or_default();
                    *kept = (kept.0 + total_ms, kept.1 + active_ms, kept.2.max(*peak));
                }
                for peak in &window.peaks {
                    let kept = sums.peaks.entry((window.unix_hour, peak.channel.0)).or_default();
                    *kept = peak.peak.max(*kept);
                }
            }
            Record::VoiceSessions(_, sessions) => {
                let mut other = Model { sums: std::mem::take(sums), ..Model::default() };
                sessions.iter().for_each(|session| other.end(session.clone()));
                *sums = other.sums;
            }
            _ => {}
        }
    }
    // A cell in which nothing happened is no cell.
    sums.cells.retain(|_, cell| (cell.1, cell.2) != (0, [0; 9]));
    model.sums.cells.retain(|_, cell| (cell.1, cell.2) != (0, [0; 9]));
}

fn fact(member: u64, channel: u64, bits: u8) -> VoiceFact<'static> {
    VoiceFact {
        guild: GUILD,
        member: UserId(member),
        person: Some(Person {
            id: UserId(member),
            kind: kind(member),
            username: "somebody".into(),
            display_name: None,
            avatar: None,
        }),
        channel: (channel > 0).then_some(ChannelId(channel)),
        state: VoiceState(bits),
    }
}

fn guild(afk: u64, voice_states: Option<Vec<VoiceFact<'static>>>) -> Fact<'static> {
    Fact::Guild(Box::new(GuildFact {
        id: GUILD,
        name: "Harbour".into(),
        icon: None,
        owner: UserId(1),
        member_count: None,
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        afk_channel: (afk > 0).then_some(ChannelId(afk)),
        channels: Vec::new(),
        voice_states,
    }))
}

/// Plays the steps; returns what the core told and what the model expects, added up.
fn play(steps: &[(i64, Action)]) -> (Sums, Sums) {
    let config = CoreConfig::default();
    let mut core = Core::new(config);
    let mut model = Model { is_heard: true, last: START, ..Model::default() };
    let (mut now, mut out) = (START, Vec::new());
    for (after_ms, action) in steps {
        now += after_ms;
        let heard = match action.clone() {
            Action::Voice(member, channel, bits) => {
                model.pass(now);
                if model.is_heard {
                    model.sit(now, member, channel, bits, true);
                }
                Fact::Voice(fact(member, channel, bits))
            }
            Action::Create(told, afk) => {
                model.pass(now);
                model.create(now, &told, afk);
                guild(afk, Some(told.iter().map(|t| fact(t.0, t.1, t.2)).collect()))
            }
            Action::Update(afk) => {
                model.pass(now);
                model.afk = if model.is_known { afk } else { model.afk };
                guild(afk, None)
            }
            Action::Outage => {
                model.pass(now);
                // READY named it: it is ours, though not to be seen.
                model.is_known |= model.named_at.is_some();
                model.lose(now);
                Fact::GuildUnavailable(GUILD)
            }
            Action::NewSession => {
                model.named_at = Some(now);
                model.lose(model.last);
                model.last = now;
                Fact::SessionStarted(vec![GUILD])
            }
            Action::Heard => {
                model.pass(now);
                Fact::Heard
            }
            Action::Wake => {
                if core.next_deadline().is_some_and(|deadline| deadline.0 <= now) {
                    model.give_up();
                }
                core.wake(UnixMs(now), &mut out);
                continue;
            }
            Action::Flush => {
                model.give_up();
                core.flush(UnixMs(now), &mut out);
                continue;
            }
            Action::Restart => {
                model.give_up();
                core.flush(UnixMs(now), &mut out);
                core = Core::restore(config, &core.checkpoint());
                continue;
            }
        };
        core.handle(UnixMs(now), heard, &mut out);
    }
    model.give_up();
    core.flush(UnixMs(now), &mut out);
    let mut sums = Sums::default();
    add(&mut sums, &mut model, &out);
    (sums, model.sums)
}

fn place() -> impl Strategy<Value = (u64, u64, u8)> {
    // Few members and channels, so that they meet; states of all five bits that Discord tells.
    (1..7_u64, 1..4_u64, prop_oneof![Just(0_u8), 0..32_u8])
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        30 => place().prop_map(|(member, channel, bits)| Action::Voice(member, channel, bits)),
        12 => (1..7_u64).prop_map(|member| Action::Voice(member, 0, 0)),
        4 => (proptest::collection::vec(place(), 0..6), 0..4_u64)
            .prop_map(|(told, afk)| Action::Create(told, afk)),
        2 => (0..4_u64).prop_map(Action::Update),
        1 => Just(Action::Outage),
        1 => Just(Action::NewSession),
        6 => Just(Action::Heard),
        6 => Just(Action::Wake),
        2 => Just(Action::Flush),
        2 => Just(Action::Restart),
    ]
}

/// Often at one and the same instant, or on the bound of a minute or an hour.
fn pause_ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0_i64),
        2 => (0..70_i64).prop_map(|seconds| seconds * 1_000),
        4 => 0..90_000_i64,
        1 => 0..5_000_000_i64,
    ]
}

proptest! {
    #[test]
    fn voice_is_what_a_snapshot_at_every_instant_gives(
        steps in proptest::collection::vec((pause_ms(), action()), 0..80),
    ) {
        let (told, expected) = play(&steps);
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn nobody_spends_more_than_the_time_there_is(
        steps in proptest::collection::vec((pause_ms(), action()), 0..80),
    ) {
        let (told, _) = play(&steps);
        for ((hour, _, member), (_, _, figures)) in &told.cells {
            prop_assert!(figures.iter().all(|ms| *ms <= figures[0]), "{member} {hour}");
            prop_assert!(figures[0] <= 3_600_000, "{member} {hour}");
        }
        for session in told.sessions.values() {
            let all = session.segments.iter().map(|segment| segment.duration_ms).sum::<u64>();
            let length = (session.ended_at.0 - session.started_at.0) as u64;
            prop_assert_eq!((session.time.total_ms, all), (length, length));
        }
    }
}
