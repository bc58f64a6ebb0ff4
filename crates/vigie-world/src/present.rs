//! The present: a clock that the caller moves, and what happens until then.

mod chance;
mod live;
mod memory;

use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};

use crate::calendar::HOUR_MS;
use crate::config::{WorldConfig, clamp_rate};
use crate::event::{Event, VoiceState};
use crate::guild::Guild;
use crate::limits;
use crate::rng::Rng;
use crate::truth::Tally;
use crate::world::World;

use chance::Weighted;
use live::Step;
pub(crate) use memory::{LiveGuild, LiveMessage};

const NS_PER_MS: i64 = 1_000_000;
/// How often another guild is drawn because this one sleeps.
const DRAWS_MAX: u32 = 12;

/// What changes while the world plays.
pub(crate) struct Present {
    clock: UnixMs,
    /// When the next event happens; `None` for silence.
    next_ns: Option<i64>,
    rate: f64,
    rng: Rng,
    weighted: Weighted,
    guilds: Vec<LiveGuild>,
    remembered_max: usize,
}

impl World {
    /// The instant that was played to.
    pub fn clock(&self) -> UnixMs {
        self.present.clock
    }

    /// Mean live events a second over all guilds.
    pub fn events_per_second(&self) -> f64 {
        self.present.rate
    }

    /// Sets the mean live events a second over all guilds from now on, clamped to
    /// [`limits::EVENTS_PER_SECOND_MAX`]; 0 for silence.
    pub fn set_events_per_second(&mut self, rate: f64) {
        self.present.set_rate(rate);
    }

    /// Plays until an instant: appends what happens to `out`, in the order of time. However the way there is divided
    /// into calls, the same happens. After [`limits::EVENTS_PER_PLAY_MAX`] events it returns early, with
    /// [`World::clock`] before `now`; calling again goes on.
    pub fn play_until(&mut self, now: UnixMs, out: &mut Vec<Event>) {
        let from = out.len();
        while let Some(at_ns) = self.present.next_ns
            && UnixMs(at_ns.div_euclid(NS_PER_MS)) <= now
        {
            if out.len() - from >= limits::EVENTS_PER_PLAY_MAX {
                break;
            }
            self.play_one(UnixMs(at_ns.div_euclid(NS_PER_MS)), out);
            self.present.wait();
        }
        let next = self.present.next_ns.map(|at_ns| UnixMs(at_ns.div_euclid(NS_PER_MS)));
        let reached = next.filter(|next| *next <= now).map_or(now, |_| self.present.clock);
        self.present.clock = self.present.clock.max(reached);
        self.truth.bound(limits::TRUTH_CELLS_MAX);
    }

    /// Who is in voice in a guild now.
    pub fn voice_states(&self, guild: &Guild) -> &[VoiceState] {
        &self.present.guilds[guild.index as usize].voice
    }

    /// Seats the people who are in voice when the present begins.
    pub(crate) fn seat_voice(&mut self) {
        for (guild, live) in self.guilds.iter().zip(&mut self.present.guilds) {
            live.seat(guild);
        }
    }

    fn play_one(&mut self, at: UnixMs, out: &mut Vec<Event>) {
        let index = self.draw_guild(at);
        let Self { guilds, present, layout, truth, population, .. } = self;
        let guild = &mut guilds[index];
        let mut step = Step {
            layout,
            rng: &mut present.rng,
            live: &mut present.guilds[index],
            remembered_max: present.remembered_max,
            at,
        };
        let (at, what) = step.happen(guild);
        let event = Event { guild: guild.id, name: what.name(), at, what };
        truth.count_event(Tally::new(population, guild), &event);
        present.clock = present.clock.max(at);
        out.push(event);
    }

    /// A guild by its share of all talk, those that sleep less often.
    fn draw_guild(&mut self, at: UnixMs) -> usize {
        let Self { guilds, present, rhythms, .. } = self;
        let half_hour = at.0.div_euclid(HOUR_MS / 2);
        let mut index = present.weighted.draw(&mut present.rng);
        for _ in 1..DRAWS_MAX {
            let (guild, live) = (&guilds[index], &mut present.guilds[index]);
            if live.wakefulness.0 != half_hour {
                let weight = rhythms.weight(guild.community, &guild.time_zone, at);
                live.wakefulness = (half_hour, (weight / rhythms.peak(guild.community)) as f32);
            }
            if present.rng.chance(f64::from(live.wakefulness.1)) {
                break;
            }
            index = present.weighted.draw(&mut present.rng);
        }
        index
    }
}

impl Present {
    pub(crate) fn new(config: &WorldConfig, guilds: &[Guild]) -> Self {
        let weights: Vec<f64> = guilds.iter().map(|guild| guild.daily_messages.max(1e-9)).collect();
        let share = limits::LIVE_MESSAGES_MAX / guilds.len().max(1);
        let mut present = Self {
            clock: config.start,
            next_ns: None,
            rate: 0.0,
            rng: Rng::of(&[config.seed, 0x90e5]),
            weighted: Weighted::new(&weights),
            guilds: vec![LiveGuild::default(); guilds.len()],
            remembered_max: share.max(limits::LIVE_MESSAGES_PER_GUILD_MIN),
        };
        present.set_rate(config.events_per_second);
        present
    }

    /// How often the nickname of a member was changed live.
    pub(crate) fn nick_change(&self, guild: &Guild, index: u32) -> u8 {
        self.guilds[guild.index as usize].nick_change(index)
    }

    pub(crate) fn last_message(&self, guild: &Guild, channel: ChannelId) -> Option<MessageId> {
        self.guilds[guild.index as usize].last_message(channel)
    }

    /// Messages remembered of a guild with ids in `from..before`, oldest first.
    pub(crate) fn remembered(
        &self,
        guild: &Guild,
        from: u64,
        before: u64,
    ) -> impl DoubleEndedIterator<Item = &LiveMessage> {
        self.guilds[guild.index as usize].remembered(from, before)
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = clamp_rate(rate, limits::EVENTS_PER_SECOND_MAX);
        self.next_ns = Some(self.clock.0 * NS_PER_MS);
        self.wait();
    }

    /// Draws the time until the next event.
    fn wait(&mut self) {
        let pause_ns = self.rng.waiting() / self.rate * 1e9;
        // A pause longer than a century is silence.
        self.next_ns = match pause_ns < 3.2e18 {
            true => self.next_ns.and_then(|last| last.checked_add(pause_ns as i64)),
            false => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(rate: f64) -> World {
        World::new(WorldConfig { events_per_second: rate, ..WorldConfig::default() })
    }

    #[test]
    fn the_same_happens_however_the_way_is_divided() {
        let (mut one, mut two) = (world(20.0), world(20.0));
        let end = UnixMs(one.clock().0 + 120_000);
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        one.play_until(end, &mut whole);
        while two.clock() < end {
            let next = UnixMs((two.clock().0 + 777).min(end.0));
            two.play_until(next, &mut pieces);
        }
        assert!(whole.len() > 2_000, "{}", whole.len());
        assert_eq!(whole, pieces);
        assert_eq!(one.truth().to_json(), two.truth().to_json());
    }

    #[test]
    fn silence_is_silent_and_can_be_broken() {
        let mut world = world(0.0);
        let mut out = Vec::new();
        let start = world.clock();
        world.play_until(UnixMs(start.0 + HOUR_MS), &mut out);
        assert_eq!((out.len(), world.clock()), (0, UnixMs(start.0 + HOUR_MS)));
        world.set_events_per_second(50.0);
        world.play_until(UnixMs(start.0 + HOUR_MS + 60_000), &mut out);
        assert!((2_700..3_300).contains(&out.len()), "{}", out.len());
        assert!(out.iter().all(|event| event.at.0 >= start.0 + HOUR_MS));
    }

    #[test]
    fn people_are_in_voice_when_the_present_begins() {
        let world = world(1.0);
        assert!(world.voice_states(&world.guilds()[0]).len() > 5);
    }

    #[test]
    fn nothing_grows_beyond_its_bound() {
        let config = WorldConfig { guild_count: 1, history_days: 0, ..WorldConfig::default() };
        let mut world = World::new(WorldConfig { events_per_second: 20_000.0, ..config });
        world.present.remembered_max = 500;
        let (mut events, mut archived) = (Vec::new(), 0);
        for _ in 0..20 {
            events.clear();
            world.play_until(UnixMs(world.clock().0 + 1_000), &mut events);
            archived += events.iter().filter(|event| event.name == "THREAD_UPDATE").count();
            let guild = &world.guilds()[0];
            assert!(guild.active_threads().count() <= limits::ACTIVE_THREADS_MAX);
            assert!(guild.threads.len() <= limits::THREADS_MAX);
            assert!(guild.threads.is_sorted_by_key(|thread| thread.id));
            assert!(world.voice_states(guild).len() <= limits::VOICE_MEMBERS_MAX);
            assert_eq!(world.present.remembered(guild, 0, u64::MAX).count(), 500);
        }
        assert!(archived > 50, "{archived}");
    }
}
