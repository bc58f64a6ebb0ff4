//! The demo's past: the imaginary Discord's history goes through the core into the store, as if Vigie had listened all along.
//!
//! Days of one guild are made on a thread of their own while the ones before them are stored; a bounded channel between both
//! keeps memory flat. One afternoon of that past the bot was away: its messages are read again, voice and reactions are blind,
//! by the same steps as in the present.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use tokio::sync::mpsc;
use vigie_core::checkpoint::Checkpoint;
use vigie_core::vocabulary::{
    ChannelId, Fact, GuildFact, GuildId, HistoryPage, MessageId, Record, UnixMs, UserId, VoiceFact,
};
use vigie_core::{Core, CoreConfig, PageRequest};
use vigie_store::{Batch, Store};
use vigie_world::{Guild, HistoryFacts, World, WorldConfig};

/// Guild-days that may wait to be stored: two are enough to keep both sides busy.
const GUILD_DAYS_AHEAD: usize = 2;

/// Counts are flushed once an hour of the past: fewer, fuller windows in memory, the same minute windows in the records.
const FLUSH_INTERVAL_MS: u32 = 3_600_000;

/// The bot was away so many days before the end of the history …
const AWAY_DAYS_AGO: u32 = 9;
/// … from so many milliseconds after the beginning of that UTC day …
const AWAY_FROM_MS: i64 = (16 * 60 + 10) * 60_000;
/// … until so many.
const AWAY_UNTIL_MS: i64 = (18 * 60 + 55) * 60_000;

/// Messages on a page of history. Source: Discord, "Messages Resource", Get Channel Messages.
const PAGE_MESSAGES: usize = 100;

/// How far a load is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Days stored, for all guilds.
    pub days: u32,
    /// Days in all.
    pub days_total: u32,
    /// Messages, commands, reactions and voice states so far.
    pub events: u64,
}

struct GuildDay {
    guild: GuildId,
    day_index: u32,
    events: u64,
    records: Vec<Record>,
}

/// Stores what happened from the beginning of the history to the start of the world's present. Gives what a bot that had heard
/// it all would remember.
///
/// # Errors
/// The store's; what was stored before the error stays.
pub async fn load(
    store: &Store,
    config: WorldConfig,
    mut on_progress: impl FnMut(Progress),
) -> Result<(Progress, Checkpoint)> {
    let (days, mut made) = mpsc::channel(GUILD_DAYS_AHEAD);
    let maker = tokio::task::spawn_blocking(move || make(config, &days));
    let mut numbers = BTreeMap::<GuildId, u64>::new();
    let mut progress = Progress::default();
    while let Some((guild_day, days_total)) = made.recv().await {
        let GuildDay { guild, day_index, events, records } = guild_day;
        let number = numbers.entry(guild).or_default();
        let records: Vec<(u64, Record)> = records
            .into_iter()
            .map(|record| {
                *number += 1;
                (*number, record)
            })
            .collect();
        let producer = format!("history/{}", guild.0);
        let lane = vigie_core::vocabulary::Lane::Periodic as u8;
        store
            .apply(&Batch { producer: &producer, lane, records: &records })
            .await
            .context("cannot store the demo's history")?;
        progress = Progress { days: day_index + 1, days_total, events: progress.events + events };
        on_progress(progress);
    }
    let remembered = maker.await.context("the maker of the history panicked")?;
    Ok((progress, remembered))
}

/// Runs through the history, day by day; ends early when nobody receives any more.
fn make(config: WorldConfig, days: &mpsc::Sender<(GuildDay, u32)>) -> Checkpoint {
    let present = config.start;
    let world = World::new(config);
    let day_count = world.history_day_count();
    let away_day = day_count.checked_sub(AWAY_DAYS_AGO + 1);
    let mut listeners: Vec<Listener<'_>> =
        world.guilds().iter().map(|guild| Listener::new(&world, guild)).collect();
    for day_index in 0..day_count {
        // Today is heard as far as it has come.
        let start = world.history_day_start(day_index);
        let end = world.history_day_start(day_index + 1).min(present);
        for listener in &mut listeners {
            let mut records = Vec::new();
            if day_index == 0 {
                listener.see_guild(start, &mut records);
            }
            let facts = world.history_facts(listener.guild.id, day_index);
            let away = (away_day == Some(day_index)).then(|| {
                (UnixMs(start.0 + AWAY_FROM_MS), UnixMs((start.0 + AWAY_UNTIL_MS).min(end.0)))
            });
            let events = listener.day(&facts, away, &mut records);
            listener.tell(end, Fact::Heard, &mut records);
            listener.core.flush(end, &mut records);
            let guild_day = GuildDay { guild: listener.guild.id, day_index, events, records };
            if days.blocking_send((guild_day, day_count)).is_err() {
                return Checkpoint::default();
            }
        }
    }
    together(listeners.iter().map(|listener| listener.core.checkpoint()))
}

/// One guild's ear: a core of its own, and what it needs to know when it comes back.
struct Listener<'w> {
    world: &'w World,
    guild: &'w Guild,
    core: Core,
    /// Who is in voice.
    voice: BTreeMap<UserId, VoiceFact<'static>>,
}

impl<'w> Listener<'w> {
    fn new(world: &'w World, guild: &'w Guild) -> Self {
        let config = CoreConfig { flush_interval_ms: FLUSH_INTERVAL_MS, ..CoreConfig::default() };
        Self { world, guild, core: Core::new(config), voice: BTreeMap::new() }
    }

    /// Tells the core a fact, and then what it asks to read, as Discord would have answered at that moment.
    fn tell(&mut self, at: UnixMs, fact: Fact<'_>, records: &mut Vec<Record>) {
        self.core.handle(at, fact, records);
        while let Some(request) = self.core.next_reading() {
            self.core.handle(at, self.world.history_answer(request, at), records);
        }
    }

    fn see_guild(&mut self, now: UnixMs, records: &mut Vec<Record>) {
        self.tell(now, Fact::Guild(Box::new(self.guild_at(now))), records);
    }

    /// The guild as it is at an instant: who is in voice, how many are members.
    fn guild_at(&self, now: UnixMs) -> GuildFact<'w> {
        let mut fact = self.guild.fact();
        fact.voice_states = Some(self.voice.values().cloned().collect());
        fact.member_count = Some(self.world.member_count_at(self.guild, now));
        fact
    }

    /// Listens to a day, but not while `away`; gives how much happened.
    fn day(
        &mut self,
        facts: &HistoryFacts<'_>,
        away: Option<(UnixMs, UnixMs)>,
        records: &mut Vec<Record>,
    ) -> u64 {
        let mut still_away = away;
        let mut events = 0;
        for (at, fact) in facts.iter() {
            events += 1;
            if let Some((_, until)) = still_away
                && at >= until
            {
                self.come_back(until, facts, records);
                still_away = None;
            }
            self.note_voice(&fact);
            if still_away.is_none_or(|(from, _)| at < from) {
                self.core.wake(at, records);
                self.tell(at, fact, records);
            }
        }
        if let Some((_, until)) = still_away {
            self.come_back(until, facts, records);
        }
        events
    }

    fn note_voice(&mut self, fact: &Fact<'_>) {
        let Fact::Voice(VoiceFact { guild, member, channel, state, .. }) = fact else { return };
        let (guild, member, channel, state) = (*guild, *member, *channel, *state);
        match channel {
            Some(_) => {
                let fact = VoiceFact { guild, member, person: None, channel, state };
                self.voice.insert(member, fact);
            }
            None => {
                self.voice.remove(&member);
            }
        }
    }

    /// A new session begins at `now`: the guild is seen as it is, and its messages are read again.
    fn come_back(&mut self, now: UnixMs, facts: &HistoryFacts<'_>, records: &mut Vec<Record>) {
        let mut newest = BTreeMap::<ChannelId, MessageId>::new();
        for (_, fact) in facts.iter().take_while(|(at, _)| *at < now) {
            if let Fact::Message(message) = fact {
                newest.insert(message.channel, message.message);
            }
        }
        self.core.wake(now, records);
        self.tell(now, Fact::SessionStarted(vec![self.guild.id]), records);
        let mut fact = self.guild_at(now);
        for channel in &mut fact.channels {
            channel.last_message = newest.get(&channel.id).copied();
        }
        self.tell(now, Fact::Guild(Box::new(fact)), records);
        while let Some(request) = self.core.next_page() {
            let page = page(facts, request, now);
            self.core.handle(now, Fact::History(page), records);
        }
    }
}

/// A page of the day, as Discord would have answered at `now`.
fn page<'f>(facts: &'f HistoryFacts<'_>, request: PageRequest, now: UnixMs) -> HistoryPage<'f> {
    let PageRequest { guild, channel, after } = request;
    let told = facts.iter().take_while(|(at, _)| *at < now);
    let messages: Vec<_> = told
        .filter_map(|(_, fact)| match fact {
            Fact::Message(message) if message.channel == channel && message.message > after => {
                Some(message)
            }
            _ => None,
        })
        .take(PAGE_MESSAGES)
        .collect();
    let newest = messages.last().map(|message| message.message);
    HistoryPage { guild, channel, after, newest, more: messages.len() == PAGE_MESSAGES, messages }
}

/// What one core that had heard all guilds would remember.
fn together(checkpoints: impl Iterator<Item = Checkpoint>) -> Checkpoint {
    let mut all = Checkpoint::default();
    for mut one in checkpoints {
        all.heard_until = all.heard_until.max(one.heard_until);
        all.newest_message = all.newest_message.max(one.newest_message);
        all.guilds.append(&mut one.guilds);
        all.automated.append(&mut one.automated);
        all.voice.append(&mut one.voice);
        all.marks.append(&mut one.marks);
        all.readings.append(&mut one.readings);
        all.sources.append(&mut one.sources);
        all.timeouts.append(&mut one.timeouts);
        all.books.append(&mut one.books);
    }
    all.guilds.sort_unstable_by_key(|guild| guild.id);
    all.automated.sort_unstable();
    all.automated.dedup_by_key(|(user, _)| *user);
    all.voice.sort_by_key(|session| (session.guild, session.member));
    all.marks.sort_unstable();
    all.sources.sort_by_key(|sources| sources.guild);
    all.timeouts.sort_unstable();
    all.books.sort_by_key(|book| book.guild);
    all
}
