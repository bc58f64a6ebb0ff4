//! Nights in voice, made out of their seeds: who turned up, where they sat, what they switched on, when they left.
//!
//! A night is a local day from six to six. Everybody's visits of a night lie inside it, one after the other: nights can
//! be made apart, and nobody is ever in two rooms.

use vigie_core::vocabulary::{ChannelId, UnixMs};

use super::day::day_factor;
use crate::calendar::{DAY_MS, HOUR_MS, weekday};
use crate::event::VoiceState;
use crate::guild::Guild;
use crate::rng::Rng;
use crate::voice;
use crate::world::World;

const MINUTE_MS: f64 = 60_000.0;
/// Hours of a night.
const HOURS: usize = 24;
/// Chance of the first of the pool to turn up; it falls with the cube of the place.
const KEENEST: f64 = 0.86;
/// People of a pool so small that all know each other, and the chance of their first.
const FRIENDS: u32 = 20;
const KEENEST_FRIEND: f64 = 1.9;
/// Share of the visits at the hour one is used to.
const USUAL: f64 = 0.65;
/// Share of the visits that are followed by another one the same night.
const COME_AGAIN: f64 = 0.16;
/// Mean time between two things that somebody does.
const RESTLESS_MS: f64 = 26.0 * MINUTE_MS;
/// A visit shorter than this is none.
const VISIT_MIN_MS: i64 = 20_000;

/// Somebody joined, left, moved or changed their state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VoiceMoment {
    pub(crate) at: UnixMs,
    pub(crate) state: VoiceState,
}

/// What happened in voice on a day (UTC, counted from 1970), in the order of time. History begins with nobody in voice,
/// and everybody leaves a millisecond before the present begins, which then seats the same people.
pub(crate) fn moments(world: &World, guild: &Guild, day: i64) -> Vec<VoiceMoment> {
    let start = world.config.start.0;
    let (from, to) = (day * DAY_MS, ((day + 1) * DAY_MS).min(start));
    let mut moments = Vec::new();
    for night in nights(guild, from, to) {
        let made = Night::make(world, guild, night);
        for stay in made.stays().filter(|stay| stay[0].at >= world.history_start()) {
            let heard = |moment: &&VoiceMoment| (from..to).contains(&moment.at.0);
            moments.extend(stay.iter().filter(heard));
            let last = stay[stay.len() - 1];
            let is_cut = stay[0].at.0 < start && last.at.0 >= start;
            if is_cut && (from..to).contains(&(start - 1)) {
                moments.push(VoiceMoment { at: UnixMs(start - 1), ..last });
            }
        }
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// Who is in voice as the present begins, by rising member.
pub(crate) fn seated(world: &World, guild: &Guild) -> Vec<VoiceState> {
    let start = world.config.start;
    let mut seated = Vec::new();
    for night in nights(guild, start.0, start.0 + 1) {
        let made = Night::make(world, guild, night);
        for stay in made.stays() {
            let is_there = stay[0].at < start && stay[stay.len() - 1].at >= start;
            let now = stay.iter().rev().find(|moment| moment.at < start);
            seated.extend(now.filter(|_| is_there).map(|moment| moment.state));
        }
    }
    seated.sort_unstable_by_key(|state| state.member);
    seated
}

/// The nights that meet a stretch of time, as days counted from 1970.
fn nights(guild: &Guild, from: i64, to: i64) -> impl Iterator<Item = i64> + '_ {
    let days = from.div_euclid(DAY_MS) - 2..=to.div_euclid(DAY_MS) + 1;
    days.filter(move |&night| begin(guild, night) < to && begin(guild, night + 1) > from)
}

/// When a night begins: at six by the guild's clocks.
fn begin(guild: &Guild, night: i64) -> i64 {
    let six = night * DAY_MS + 6 * HOUR_MS;
    let winter = six - i64::from(guild.time_zone.standard_offset_minutes) * 60_000;
    six - i64::from(guild.time_zone.offset_minutes(UnixMs(winter))) * 60_000
}

struct Night<'a> {
    guild: &'a Guild,
    /// The night, counted from 1970.
    number: i64,
    from: i64,
    to: i64,
    /// How much of the coming lies before the end of each hour, up to 1.
    hours: [f64; HOURS],
    /// Whether the stage is open.
    has_stage: bool,
    moments: Vec<VoiceMoment>,
}

impl<'a> Night<'a> {
    fn make(world: &World, guild: &'a Guild, number: i64) -> Self {
        let (from, to) = (begin(guild, number), begin(guild, number + 1));
        let mut night = Self {
            guild,
            number,
            from,
            to,
            hours: hours(world, guild, from),
            has_stage: guild.seed % 7 == weekday(number) as u64,
            moments: Vec::new(),
        };
        if voice::room(guild, None, &mut Rng::of(&[guild.seed])).is_none() {
            return night;
        }
        let days_ago = world.config.start.0.div_euclid(DAY_MS) - number;
        let trend = day_factor(guild, days_ago).clamp(0.4, 1.5);
        let weekend = if weekday(number) >= 4 { 1.15 } else { 0.92 };
        let pool = voice::pool(guild);
        // A few friends come for each other: more often, and at the same time.
        let meeting = Rng::of(&[guild.seed, 0x0701_ce04, number as u64]).unit();
        let together = (pool < FRIENDS).then_some(meeting);
        let keenest = if pool < FRIENDS { KEENEST_FRIEND } else { KEENEST };
        for place in 0..pool {
            let mut rng = Rng::of(&[guild.seed, 0x0701_ce00, number as u64, u64::from(place)]);
            let rare = 1.0 - f64::from(place) / f64::from(pool);
            let keen = keenest * rare * rare * rare * trend * weekend;
            if rng.chance(keen.min(0.95)) {
                night.evening(place, together, &mut rng);
            }
        }
        night.music();
        night
    }

    /// What happened from a join to a leave, stay by stay.
    fn stays(&self) -> impl Iterator<Item = &[VoiceMoment]> {
        self.moments.split_inclusive(|moment| moment.state.channel.is_none())
    }

    /// The visits of one member: at the hour they are used to, or where all come `together`.
    fn evening(&mut self, place: u32, together: Option<f64>, rng: &mut Rng) {
        let own = Rng::of(&[self.guild.seed, 0x0701_ce01, u64::from(place)]).unit();
        let usual = together.unwrap_or(own);
        let drawn = if rng.chance(USUAL) { usual } else { rng.unit() };
        let late_ms = ((rng.unit() - 0.5) * 50.0 * MINUTE_MS) as i64;
        let mut at = self.hour_of(drawn) + late_ms;
        at = at.clamp(self.from, self.to - 2 * VISIT_MIN_MS);
        let member = voice::habitue(self.guild, place);
        loop {
            let end = (at + self.length(rng)).min(self.to - 1);
            if end < at + VISIT_MIN_MS {
                return;
            }
            let room = self.meeting_room(place, rng);
            let Some(room) = room else { return };
            self.visit(member, room, at, end, rng);
            at = end + 12 * 60_000 + (rng.waiting() * 40.0 * MINUTE_MS) as i64;
            if !rng.chance(COME_AGAIN) || at + 2 * VISIT_MIN_MS > self.to {
                return;
            }
        }
    }

    /// A quarter looks in, half stays for a game, the others for the evening.
    fn length(&self, rng: &mut Rng) -> i64 {
        let minutes = match rng.below(100) {
            0..25 => 1.0 + rng.waiting() * 7.0,
            25..78 => 8.0 + rng.waiting() * 45.0,
            _ => 50.0 + rng.waiting() * 95.0,
        };
        (minutes.min(420.0) * MINUTE_MS) as i64
    }

    /// Where one's friends are tonight, most of the time.
    fn meeting_room(&self, place: u32, rng: &mut Rng) -> Option<ChannelId> {
        if let Some(stage) = voice::stage(self.guild)
            && self.has_stage
            && rng.chance(0.22)
        {
            return Some(stage);
        }
        let circle = u64::from(place % 9);
        let mut own = Rng::of(&[self.guild.seed, 0x0701_ce02, self.number as u64, circle]);
        voice::room(self.guild, None, if rng.chance(0.7) { &mut own } else { rng })
    }

    fn visit(&mut self, member: u32, room: ChannelId, from: i64, end: i64, rng: &mut Rng) {
        let mut state = voice::join(self.guild, member, room, rng);
        let mut at = from;
        self.push(at, state);
        loop {
            at += 1_000 + (rng.waiting() * RESTLESS_MS) as i64;
            if at + 10_000 >= end || state.channel == voice::afk_room(self.guild) {
                break;
            }
            state = match rng.below(100) {
                0..6 => {
                    // The line broke for some seconds.
                    self.push(at, voice::left(state));
                    at += 1_500 + rng.below(7_000) as i64;
                    VoiceState { session: rng.bits(), ..state }
                }
                6..20 if state.channel != voice::stage(self.guild) => {
                    match voice::room(self.guild, state.channel, rng) {
                        Some(room) => voice::moved(self.guild, state, room),
                        None => voice::changed(self.guild, state, UnixMs(at), rng),
                    }
                }
                20..25 => match voice::afk_room(self.guild) {
                    Some(room) => voice::moved(self.guild, state, room),
                    None => voice::changed(self.guild, state, UnixMs(at), rng),
                },
                _ => voice::changed(self.guild, state, UnixMs(at), rng),
            };
            self.push(at, state);
        }
        self.push(end, voice::left(state));
    }

    /// A bot that plays music for an hour or two, once or twice a night.
    fn music(&mut self) {
        let Some(bot) = voice::music_bot(self.guild) else { return };
        let mut rng = Rng::of(&[self.guild.seed, 0x0701_ce03, self.number as u64]);
        let mut free_from = self.from;
        for _ in 0..rng.arrivals(voice::busiest(self.guild) / 9.0).min(3) {
            let at = self.hour_of(rng.unit()).max(free_from);
            let end = (at + (30.0 * MINUTE_MS * (1.0 + rng.waiting())) as i64).min(self.to - 1);
            let Some(room) = voice::room(self.guild, None, &mut rng) else { return };
            if end < at + VISIT_MIN_MS {
                return;
            }
            let mut state = voice::join(self.guild, bot, room, &mut rng);
            self.push(at, state);
            let half = at + (end - at) / 2;
            if rng.chance(0.3)
                && let Some(room) = voice::room(self.guild, state.channel, &mut rng)
            {
                state = voice::moved(self.guild, state, room);
                self.push(half, state);
            }
            self.push(end, voice::left(state));
            free_from = end + 1_000;
        }
    }

    fn push(&mut self, at: i64, state: VoiceState) {
        self.moments.push(VoiceMoment { at: UnixMs(at), state });
    }

    /// The instant before which a share of the night's people come.
    fn hour_of(&self, share: f64) -> i64 {
        let hour = self.hours.partition_point(|&before| before <= share).min(HOURS - 1);
        let before = if hour == 0 { 0.0 } else { self.hours[hour - 1] };
        let within = (share - before) / (self.hours[hour] - before).max(1e-9);
        self.from + hour as i64 * HOUR_MS + (within.clamp(0.0, 1.0) * HOUR_MS as f64) as i64
    }
}

fn hours(world: &World, guild: &Guild, from: i64) -> [f64; HOURS] {
    let mut sum = 0.0;
    let mut hours = [0.0; HOURS];
    for (hour, before) in hours.iter_mut().enumerate() {
        let at = UnixMs(from + hour as i64 * HOUR_MS);
        sum += voice::rhythm(&world.rhythms, guild, at);
        *before = sum;
    }
    hours.map(|before| before / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WorldConfig;

    #[test]
    fn nights_follow_each_other_without_gap_and_hold_their_stays() {
        let world = World::new(WorldConfig::default());
        for guild in world.guilds() {
            for number in 20_700..20_790 {
                assert!(begin(guild, number) < begin(guild, number + 1));
            }
            let night = Night::make(&world, guild, 20_770);
            let mut last = std::collections::BTreeMap::new();
            for stay in night.stays() {
                assert!(stay.len() > 1 && stay[stay.len() - 1].state.channel.is_none());
                assert!(stay.iter().all(|moment| (night.from..night.to).contains(&moment.at.0)));
                assert!(stay.windows(2).all(|pair| pair[0].at < pair[1].at));
                let member = stay[0].state.member;
                let left = last.insert(member, stay[stay.len() - 1].at);
                assert!(left < Some(stay[0].at), "{member} is in two rooms");
            }
        }
    }
}
