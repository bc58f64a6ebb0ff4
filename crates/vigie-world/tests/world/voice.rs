//! Voice: the truth equals what a plain count from payloads and facts gives, and evenings look like evenings.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{id, payload_of, play, world, written};
use serde_json::Value;
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildId, UnixMs, UserId, VoiceState as VoiceBits, VoiceTime,
};
use vigie_world::{CellKey, Guild, Truth, VoiceTotals, World, WorldConfig, payload};

const HOUR_MS: i64 = 3_600_000;

/// A count that goes from event to event and gives everybody in voice the time between.
struct Sweep {
    guild: GuildId,
    afk: Option<ChannelId>,
    at: i64,
    states: BTreeMap<UserId, (ChannelId, VoiceBits, AuthorKind)>,
    cells: BTreeMap<(u32, CellKey), VoiceTotals>,
    peaks: BTreeMap<(u32, ChannelId), usize>,
    guild_peaks: BTreeMap<u32, usize>,
}

impl Sweep {
    fn new(guild: GuildId, afk: Option<ChannelId>, at: i64) -> Self {
        let (states, cells, peaks) = Default::default();
        Self { guild, afk, at, states, cells, peaks, guild_peaks: BTreeMap::new() }
    }

    fn pass(&mut self, to: i64) {
        while self.at < to {
            let hour = self.at.div_euclid(HOUR_MS);
            let end = ((hour + 1) * HOUR_MS).min(to);
            self.note_peaks(hour as u32);
            for (&member, &(channel, bits, kind)) in &self.states {
                let others = self.states.iter().filter(|(other, state)| {
                    **other != member && state.0 == channel && state.2 == AuthorKind::Human
                });
                let mut bits = bits;
                if others.count() == 0 {
                    bits = bits.with(VoiceBits::ALONE);
                }
                if self.afk == Some(channel) {
                    bits = bits.with(VoiceBits::AFK);
                }
                let key = CellKey { guild: self.guild, channel, member };
                let cell = self.cells.entry((hour as u32, key)).or_default();
                cell.kind = kind;
                cell.time.add(bits, (end - self.at) as u64);
            }
            self.at = end;
        }
    }

    fn note_peaks(&mut self, hour: u32) {
        let mut rooms = BTreeMap::<ChannelId, usize>::new();
        let people = self.states.values().filter(|state| state.2 == AuthorKind::Human);
        people.for_each(|state| *rooms.entry(state.0).or_default() += 1);
        let all = rooms.values().sum::<usize>();
        if all > 0 {
            let kept = self.guild_peaks.entry(hour).or_default();
            *kept = all.max(*kept);
        }
        for (room, count) in rooms {
            let kept = self.peaks.entry((hour, room)).or_default();
            *kept = count.max(*kept);
        }
    }

    fn hear(
        &mut self,
        at: UnixMs,
        member: UserId,
        channel: Option<ChannelId>,
        bits: VoiceBits,
        kind: AuthorKind,
    ) {
        self.pass(at.0);
        let before = self.states.remove(&member);
        if let Some(channel) = channel {
            if before.map(|state| state.0) != Some(channel) {
                let key = CellKey { guild: self.guild, channel, member };
                let cell = self.cells.entry(((at.0 / HOUR_MS) as u32, key)).or_default();
                (cell.kind, cell.sessions) = (kind, cell.sessions + 1);
            }
            self.states.insert(member, (channel, bits, kind));
        }
        self.note_peaks((at.0 / HOUR_MS) as u32);
    }

    fn assert_is(&self, truth: &Truth) {
        let is_own = |key: &CellKey| key.guild == self.guild;
        let told: BTreeMap<(u32, CellKey), VoiceTotals> = truth
            .voice()
            .filter(|(_, key, _)| is_own(key))
            .map(|(hour, key, totals)| ((hour, key), totals))
            .collect();
        assert_eq!(told, self.cells);
        let peaks: BTreeMap<(u32, ChannelId), usize> = truth
            .voice_peaks()
            .filter(|(_, guild, _, _)| *guild == self.guild)
            .map(|(hour, _, room, peak)| ((hour, room), peak as usize))
            .collect();
        assert_eq!(peaks, self.peaks);
        for (&hour, &peak) in &self.guild_peaks {
            assert_eq!(truth.voice_guild_peak(hour, self.guild) as usize, peak, "{hour}");
        }
        let people = told.values().filter(|totals| totals.kind == AuthorKind::Human);
        let total: u64 = people.map(|totals| totals.time.total_ms).sum();
        let minutes = truth.voice_minutes().filter(|(_, guild, _)| *guild == self.guild);
        assert_eq!(minutes.map(|(_, _, minute)| minute.total_ms).sum::<u64>(), total);
    }
}

fn bits_of(data: &Value) -> VoiceBits {
    let is = |field: &str| data[field] == true;
    let all = [
        (is("self_mute") || is("mute"), VoiceBits::MUTED),
        (is("self_deaf") || is("deaf"), VoiceBits::DEAFENED),
        (is("self_stream"), VoiceBits::STREAMING),
        (is("self_video"), VoiceBits::VIDEO),
        (is("suppress"), VoiceBits::SUPPRESSED),
    ];
    let set = all.into_iter().filter(|(is, _)| *is);
    set.fold(VoiceBits::default(), |bits, (_, bit)| bits.with(bit))
}

fn channel_of(data: &Value) -> Option<ChannelId> {
    data.as_str().map(|_| ChannelId(id(data)))
}

/// What a client knows after GUILD_CREATE, counted on from there.
fn sweep_of(created: &Value, at: i64) -> Sweep {
    let afk = channel_of(&created["afk_channel_id"]);
    let mut sweep = Sweep::new(GuildId(id(&created["id"])), afk, at);
    for state in created["voice_states"].as_array().expect("a list") {
        let member = UserId(id(&state["user_id"]));
        let told = created["members"].as_array().expect("a list");
        let told = told.iter().find(|one| one["user"]["id"] == state["user_id"]);
        let is_bot = told.expect("who is in voice is told")["user"]["bot"] == true;
        let kind = if is_bot { AuthorKind::Bot } else { AuthorKind::Human };
        let channel = ChannelId(id(&state["channel_id"]));
        sweep.states.insert(member, (channel, bits_of(state), kind));
    }
    sweep
}

/// A Friday evening in New York, late in Europe.
fn evening(seed: u64, guild_count: u32, events_per_second: f64) -> World {
    let config = world(seed, guild_count, events_per_second).config().clone();
    World::new(WorldConfig { start: UnixMs(config.start.0 + 13 * HOUR_MS - 400_000), ..config })
}

fn created(world: &World, guild: &Guild) -> Value {
    written(|text| payload::guild_create(world, guild, text))
}

#[test]
fn live_truth_equals_what_the_payloads_add_up_to() {
    let mut world = evening(51, 8, 3.0);
    let start = world.clock();
    let mut sweeps: BTreeMap<GuildId, Sweep> = world
        .guilds()
        .iter()
        .map(|guild| (guild.id, sweep_of(&created(&world, guild), start.0)))
        .collect();
    assert!(sweeps.values().map(|sweep| sweep.states.len()).sum::<usize>() > 5);
    let mut heard = 0;
    for event in play(&mut world, 75 * 60_000) {
        if event.name != "VOICE_STATE_UPDATE" {
            continue;
        }
        heard += 1;
        let data = payload_of(&world, &event, true);
        let is_bot = data["member"]["user"]["bot"] == true;
        let kind = if is_bot { AuthorKind::Bot } else { AuthorKind::Human };
        let (member, channel) = (UserId(id(&data["user_id"])), channel_of(&data["channel_id"]));
        let sweep = sweeps.get_mut(&event.guild).expect("a guild");
        sweep.hear(event.at, member, channel, bits_of(&data), kind);
    }
    assert!(heard > 300, "{heard}");
    let until = UnixMs(world.clock().0 + 12_345);
    let truth = world.truth_at(until);
    for sweep in sweeps.values_mut() {
        sweep.pass(until.0);
        sweep.assert_is(&truth);
    }
    let back = Truth::from_json(&truth.to_json()).expect("its own text");
    assert_eq!(back.diff(&truth), []);
    assert_eq!(back.to_json(), truth.to_json());
    // All states occur, and bots too.
    let mut all = VoiceTime::default();
    let mut bots = 0;
    for (_, _, totals) in truth.voice() {
        let figures = all.figures();
        let more = totals.time.figures();
        all = VoiceTime::from_figures(std::array::from_fn(|at| figures[at] + more[at]));
        bots += u32::from(totals.kind == AuthorKind::Bot);
    }
    assert!(all.figures().iter().all(|&figure| figure > 60_000), "{all:?}");
    assert!(bots > 0);
}

#[test]
fn sessions_add_up_to_the_hours_and_follow_each_other() {
    let mut world = evening(52, 6, 3.0);
    play(&mut world, 70 * 60_000);
    let truth = world.truth_at(world.clock());
    let mut by_place = BTreeMap::<(GuildId, ChannelId, UserId), u64>::new();
    let mut last = BTreeMap::<(GuildId, UserId), UnixMs>::new();
    let mut open = 0;
    for (guild, session) in truth.sessions() {
        let lasted: u64 = session.segments.iter().map(|segment| segment.duration_ms).sum();
        assert_eq!(lasted, (session.ended_at.0 - session.started_at.0) as u64);
        assert_eq!(lasted, session.time.total_ms);
        let before = last.insert((guild, session.member), session.ended_at);
        assert!(before.is_none_or(|before| before <= session.started_at));
        *by_place.entry((guild, session.channel, session.member)).or_default() += lasted;
        open += usize::from(!session.end_heard);
    }
    for (_, key, totals) in truth.voice() {
        let left = by_place.get_mut(&(key.guild, key.channel, key.member)).expect("a session");
        *left -= totals.time.total_ms;
    }
    assert!(by_place.values().all(|left| *left == 0), "{by_place:?}");
    let seated: usize = world.guilds().iter().map(|guild| world.voice_states(guild).len()).sum();
    assert_eq!(open, seated);
}

#[test]
fn who_listens_in_stretches_hears_their_sum() {
    let mut world = evening(53, 3, 3.0);
    let start = world.clock().0;
    play(&mut world, 40 * 60_000);
    // Cut in four, heard twice: what is left out is what the whole has more.
    let cuts = [0, 700_000, 1_000_123, 1_900_000, 2_400_000].map(|after| UnixMs(start + after));
    for guild in world.guilds() {
        let sum = |stretches: &[(UnixMs, UnixMs)]| {
            let mut sum = BTreeMap::<CellKey, (u32, [u64; 9])>::new();
            for (_, key, totals) in world.voice_heard(guild.id, stretches).voice() {
                let kept = sum.entry(key).or_default();
                kept.0 += totals.sessions;
                kept.1.iter_mut().zip(totals.time.figures()).for_each(|(sum, more)| *sum += more);
            }
            sum
        };
        let parts: Vec<(UnixMs, UnixMs)> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let mut added = BTreeMap::<CellKey, (u32, [u64; 9])>::new();
        for part in [sum(&[parts[0], parts[2]]), sum(&parts[1..2]), sum(&parts[3..])] {
            for (key, (sessions, figures)) in part {
                let kept = added.entry(key).or_default();
                kept.0 += sessions;
                kept.1.iter_mut().zip(figures).for_each(|(sum, more)| *sum += more);
            }
        }
        assert_eq!(added, sum(&[(cuts[0], cuts[4])]));
        let heard = world.voice_heard(guild.id, &[parts[0], parts[2]]);
        for (_, session) in heard.sessions() {
            let is_inside = |part: &(UnixMs, UnixMs)| {
                session.started_at >= part.0 && session.ended_at <= part.1
            };
            assert!(is_inside(&parts[0]) || is_inside(&parts[2]), "{session:?}");
            let begins_cold = [parts[0].0, parts[2].0].contains(&session.started_at);
            assert!(session.start_heard || begins_cold);
        }
    }
    let count = |stretches: &[(UnixMs, UnixMs)]| -> usize {
        let guilds = world.guilds().iter();
        guilds.map(|guild| world.voice_heard(guild.id, stretches).sessions().count()).sum()
    };
    assert!(count(&[(cuts[0], cuts[4])]) > 10);
    assert_eq!(count(&[]), 0);
}

#[test]
fn history_truth_equals_what_the_facts_add_up_to() {
    let world = evening(54, 5, 1.0);
    for guild in world.guilds() {
        let mut sweep = Sweep::new(guild.id, guild.afk_channel(), world.history_start().0);
        for day in 0..world.history_day_count() {
            for (at, fact) in world.history_facts(guild.id, day).iter() {
                let Fact::Voice(fact) = fact else { continue };
                let kind = fact.person.as_ref().expect("named").kind;
                sweep.hear(at, fact.member, fact.channel, fact.state, kind);
            }
        }
        assert!(sweep.states.is_empty(), "all have left as the present begins");
        sweep.assert_is(&world.history_truth(guild.id));
    }
}

#[test]
fn who_left_with_history_is_seated_in_the_present() {
    let world = evening(55, 5, 0.0);
    let mut found = 0;
    for guild in world.guilds() {
        let last = world.history_day_count() - 1;
        let facts = world.history_facts(guild.id, last);
        let cut = UnixMs(world.config().start.0 - 1);
        let left: BTreeSet<UserId> = facts
            .iter()
            .filter(|(at, _)| *at == cut)
            .filter_map(|(_, fact)| match fact {
                Fact::Voice(fact) => Some(fact.member),
                _ => None,
            })
            .collect();
        let seated = world.voice_states(guild).iter();
        let seated: BTreeSet<UserId> =
            seated.map(|state| world.member(guild, state.member).user.id).collect();
        assert_eq!(left, seated);
        found += seated.len();
    }
    assert!(found > 5, "{found}");
}

#[test]
fn evenings_are_busy_nights_are_not_and_weekends_are_longer() {
    let world = World::new(WorldConfig { history_days: 21, ..WorldConfig::default() });
    let guild = &world.guilds()[0];
    let mut people = Vec::new();
    for day in 0..21 {
        let facts = world.history_facts(guild.id, day);
        let who: BTreeSet<UserId> = facts
            .iter()
            .filter_map(|(_, fact)| match fact {
                Fact::Voice(fact) => Some(fact.member),
                _ => None,
            })
            .collect();
        people.push(who.len());
    }
    let usual = &people[2..];
    assert!(usual.iter().all(|count| (150..900).contains(count)), "{people:?}");
    let truth = world.history_truth(guild.id);
    let mut evenings = Vec::new();
    for day in 2..20 {
        let hours = world.history_day_start(day).0 / HOUR_MS;
        // From 19 to 23 and from 4 to 7 by the clocks of New York.
        let peak = |from: i64, to: i64| {
            let hours = (hours + from..hours + to).map(|hour| hour as u32);
            hours.map(|hour| truth.voice_guild_peak(hour, guild.id)).max().unwrap_or(0)
        };
        evenings.push(peak(24, 28));
        assert!(peak(33, 36) * 3 < peak(24, 28), "day {day}");
    }
    let usual = evenings.iter().filter(|peak| (30..100).contains(*peak)).count();
    assert!(usual * 10 > evenings.len() * 8, "{evenings:?}");
    let alone: u64 = truth.voice().map(|(_, _, totals)| totals.time.alone_ms).sum();
    let total: u64 = truth.voice().map(|(_, _, totals)| totals.time.total_ms).sum();
    assert!(alone * 3 < total && alone > 0, "{alone} of {total}");
}

#[test]
fn voice_is_a_twentieth_of_what_happens_under_load() {
    let mut world = world(56, 20, 1_000.0);
    let events = play(&mut world, 20_000);
    let voice = events.iter().filter(|event| event.name == "VOICE_STATE_UPDATE").count();
    let share = voice as f64 / events.len() as f64;
    assert!((0.03..0.06).contains(&share), "{share}");
}
