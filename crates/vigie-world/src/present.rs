//! The present: a clock that the caller moves, and what happens until then.

mod chance;
mod doings;
mod live;
mod memory;
mod voice;

use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};

use crate::calendar::HOUR_MS;
use crate::config::{WorldConfig, clamp_rate};
use crate::event::Message;
use crate::event::{Event, Happening, VoiceState};
use crate::guild::Guild;
use crate::history;
use crate::limits;
use crate::rng::Rng;
use crate::truth::{Tally, VoiceLog};
use crate::voice as habits;
use crate::world::World;

pub(crate) use chance::Weighted;
use live::{Note, Step};
pub(crate) use memory::{LiveGuild, LiveMessage};
use voice::{Agenda, Errand};

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
    /// Messages remembered over all guilds, the most of them, and the share of a guild that nobody takes.
    remembered: usize,
    remembered_max: usize,
    remembered_share: usize,
    /// Messages that had to make room.
    forgotten: u64,
    agenda: Agenda,
    /// What one step arranges, until it is entered in the agenda, and what else is to be written down of it.
    arranged: Vec<(UnixMs, Errand)>,
    notes: Vec<Note>,
}

/// What happens next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Upcoming {
    /// Something that was arranged among members and moderators.
    SocietyErrand,
    /// Something that was arranged in voice.
    Errand,
    /// A member comes or goes, or a moderator acts.
    Society,
    Event,
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
        let was_silent = self.present.next_ns.is_none();
        self.present.set_rate(rate);
        if was_silent {
            self.society_play.resume(self.present.clock);
        }
    }

    /// Plays until an instant: appends what happens to `out`, in the order of time. However the way there is divided
    /// into calls, the same happens. After [`limits::EVENTS_PER_PLAY_MAX`] events it returns early, with
    /// [`World::clock`] before `now`; calling again goes on. What happens later happens after the clock, by a millisecond
    /// at least. In silence nothing begins, but what members and moderators began is told to its end.
    pub fn play_until(&mut self, now: UnixMs, out: &mut Vec<Event>) {
        let from = out.len();
        while let Some((at, next)) = self.upcoming().filter(|(at, _)| *at <= now) {
            if out.len() - from >= limits::EVENTS_PER_PLAY_MAX {
                break;
            }
            match next {
                Upcoming::Event => {
                    self.play_one(at, out);
                    self.present.wait();
                }
                Upcoming::Errand => self.run_errand(at, out),
                Upcoming::Society => self.play_society(at, out),
                Upcoming::SocietyErrand => self.run_society_errand(at, out),
            }
            self.present.advance(at);
        }
        let next = self.upcoming().filter(|(at, _)| *at <= now);
        let reached = next.map_or(now, |_| self.present.clock);
        self.present.clock = self.present.clock.max(reached);
        self.truth.bound(limits::TRUTH_CELLS_MAX);
        self.bound_voice();
    }

    /// Who is in voice in a guild now.
    pub fn voice_states(&self, guild: &Guild) -> &[VoiceState] {
        &self.present.guilds[guild.index as usize].voice
    }

    /// How many messages were written live in a guild, by rising channel, deleted ones included.
    pub fn live_messages(&self, guild: &Guild) -> Vec<(ChannelId, u64)> {
        self.present.guilds[guild.index as usize].messages_by_channel()
    }

    /// How many messages written live had to make room for newer ones: pages of history lack them.
    pub fn forgotten_messages(&self) -> u64 {
        self.present.forgotten
    }

    /// Seats the people who are in voice when the present begins.
    pub(crate) fn seat_voice(&mut self) {
        for place in 0..self.guilds.len() {
            let seated = history::seated(self, &self.guilds[place]);
            self.voice_logs[place] = VoiceLog::of(&seated);
            self.present.guilds[place].voice = seated;
        }
    }

    fn play_one(&mut self, at: UnixMs, out: &mut Vec<Event>) {
        let index = self.draw_guild(at);
        self.step(index, at, out, |step, guild| {
            let rhythm = f64::from(step.live.wakefulness.2);
            Some(step.happen(guild, rhythm))
        });
    }

    fn run_errand(&mut self, at: UnixMs, out: &mut Vec<Event>) {
        let Some((guild, errand)) = self.present.agenda.take() else { return };
        self.step(guild as usize, at, out, |step, guild| {
            step.run(guild, errand).map(|what| (at, what))
        });
    }

    /// Lets something happen in a guild, counts it, and enters what it arranged.
    fn step(
        &mut self,
        index: usize,
        at: UnixMs,
        out: &mut Vec<Event>,
        act: impl FnOnce(&mut Step<'_>, &mut Guild) -> Option<(UnixMs, Happening)>,
    ) {
        let Self { guilds, present, layout, population, .. } = self;
        let guild = &mut guilds[index];
        let is_full = present.remembered >= present.remembered_max;
        let before = present.guilds[index].messages.len();
        let mut step = Step {
            layout,
            rng: &mut present.rng,
            live: &mut present.guilds[index],
            remembered_max: if is_full { present.remembered_share } else { usize::MAX },
            at,
            arranged: &mut present.arranged,
            notes: &mut present.notes,
            population,
        };
        let happened = act(&mut step, guild);
        let is_message = matches!(&happened, Some((_, Happening::MessageCreate(_))));
        let after = present.guilds[index].messages.len();
        present.remembered += after - before;
        present.forgotten += u64::from(is_message && after == before);
        for (due, errand) in present.arranged.drain(..) {
            present.agenda.add(due, index as u32, errand);
        }
        present.clock = present.clock.max(at);
        if let Some((at, what)) = happened {
            out.push(self.record(index, at, what));
        }
        for note in std::mem::take(&mut self.present.notes) {
            match note {
                Note::OwnNick(who, old, new) => self.note_own_nick(index, at, (who, old, new), out),
                Note::Silenced(member, mute, deaf) => {
                    self.note_silenced(index, at, (member, mute, deaf), out);
                }
                Note::ThrownOut => self.note_voice(index, at, None, out),
            }
        }
    }

    /// What happens next, and when. In silence only what members and moderators began goes on.
    fn upcoming(&self) -> Option<(UnixMs, Upcoming)> {
        let (present, play) = (&self.present, &self.society_play);
        let after = UnixMs(present.clock.0 + 1);
        let due = play.next_due().map(|due| (due.max(present.clock), Upcoming::SocietyErrand));
        let event = present.next_ns.map(|next| UnixMs(next.div_euclid(NS_PER_MS)));
        let mut next = due;
        if let Some(event) = event {
            let errand = present.agenda.next().map(|due| (due.max(after), Upcoming::Errand));
            let society = play.next().map(|at| (at.max(after), Upcoming::Society));
            let event = Some((event.max(present.clock), Upcoming::Event));
            next = [due, errand, society, event].into_iter().flatten().min();
        }
        next
    }

    /// Counts what happened in the guild at this place.
    pub(crate) fn record(&mut self, index: usize, at: UnixMs, what: Happening) -> Event {
        let Self { guilds, present, truth, population, voice_logs, voice_changes, .. } = self;
        let guild = &guilds[index];
        let event = Event { guild: guild.id, name: what.name(), at, what };
        truth.count_event(Tally::new(population, guild), &event);
        if let Happening::VoiceState(state) = &event.what {
            voice_logs[index].push(at, state);
            *voice_changes += 1;
        }
        present.clock = present.clock.max(at);
        event
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
                let awake = (weight / rhythms.peak(guild.community)) as f32;
                let voice = habits::rhythm(rhythms, guild, at) as f32;
                live.wakefulness = (half_hour, awake, voice);
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
            remembered: 0,
            remembered_max: limits::LIVE_MESSAGES_MAX,
            remembered_share: share.max(limits::LIVE_MESSAGES_PER_GUILD_MIN),
            forgotten: 0,
            agenda: Agenda::default(),
            arranged: Vec::new(),
            notes: Vec::new(),
        };
        present.set_rate(config.events_per_second);
        present
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
        // Up to the clock all has happened.
        self.next_ns = Some((self.clock.0 + 1) * NS_PER_MS);
        self.wait();
    }

    /// Nothing happens before this any more.
    pub(crate) fn advance(&mut self, at: UnixMs) {
        self.clock = self.clock.max(at);
    }

    /// Messages of a guild that are not deleted and count, the newest first.
    pub(crate) fn recent_messages(&self, guild: usize, most: usize) -> Vec<Message> {
        let newest = self.guilds[guild].messages.iter().rev().take(most);
        let there = newest.filter(|live| !live.deleted && live.message.counts_as().is_some());
        there.map(|live| live.message).collect()
    }

    pub(crate) fn delete(&mut self, guild: usize, messages: &[MessageId]) {
        messages.iter().for_each(|id| self.guilds[guild].delete(*id));
    }

    /// Puts somebody who is in voice somewhere else, or nowhere.
    pub(crate) fn reseat(&mut self, guild: usize, state: VoiceState) {
        let live = &mut self.guilds[guild];
        let Some(place) = live.place_in_voice(state.member) else { return };
        match state.channel {
            Some(_) => live.voice[place] = state,
            None => {
                live.voice.swap_remove(place);
            }
        }
    }

    /// Somebody is gone: they go on with nothing. Gives their voice state where they were in voice.
    pub(crate) fn forget_member(&mut self, guild: usize, member: u32) -> Option<VoiceState> {
        let live = &mut self.guilds[guild];
        live.conversations.retain(|conversation| !conversation.includes(member));
        live.given.retain(|given| given.giver != member);
        let place = live.place_in_voice(member)?;
        Some(live.voice.swap_remove(place))
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
        // Nine in the evening of a Friday in New York.
        let start = UnixMs(1_795_176_000_000 + 14 * HOUR_MS);
        let world = World::new(WorldConfig { start, ..WorldConfig::default() });
        let people = world.voice_states(&world.guilds()[0]).len();
        assert!((30..110).contains(&people), "{people}");
    }

    #[test]
    fn nothing_grows_beyond_its_bound() {
        let config = WorldConfig { guild_count: 1, history_days: 0, ..WorldConfig::default() };
        let mut world = World::new(WorldConfig { events_per_second: 20_000.0, ..config });
        (world.present.remembered_max, world.present.remembered_share) = (500, 500);
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
