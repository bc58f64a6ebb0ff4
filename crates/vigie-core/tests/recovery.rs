//! A small Discord whose connection breaks: whatever is lost, repeated, delayed or restarted, every message is counted once,
//! and the ledger says what was not heard.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_core::limits::LOG_IN_MS_MAX;
use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, CoverageFamily, CoverageReason, CoverageState,
    Fact, GuildFact, GuildId, HistoryPage, MessageFact, MessageId, MessageKind, Person, Record,
    UnixMs, UserId, snowflake_at,
};
use vigie_core::{Core, CoreConfig};

const START: i64 = 1_795_132_800_000;
const GUILDS: u64 = 3;
const CHANNELS: u64 = 3;
const PAGE: usize = 3;

#[derive(Clone, Debug)]
enum Action {
    /// Somebody writes in this guild and channel.
    Write(u64, u64),
    /// The next messages arrive late, and in the opposite order.
    Delay,
    /// A message heard lately arrives again: this one from the end.
    Repeat(usize),
    /// The connection is lost; a new session begins, and guilds come back one by one with [`Action::Create`].
    NewSession,
    Outage(u64),
    /// Discord tells a guild that is away, or tells it again.
    Create(u64),
    /// One page of history is read.
    Page,
    /// The answer to a page is lost, or comes twice.
    PageTwice,
    Heard,
    Wake,
    Restart,
    /// Nothing is heard for so long, and then a new session begins.
    Absence(i64),
}

/// Discord, and what the judge knows.
#[derive(Default)]
struct World {
    now: i64,
    /// Ids by (guild, channel), in order.
    written: BTreeMap<(u64, u64), Vec<u64>>,
    /// Guilds whose messages are delivered, since when: seen in this session and not away.
    heard: BTreeMap<u64, i64>,
    /// Guilds that were seen at least once.
    known: BTreeSet<u64>,
    /// What must be counted: all of a guild since its first sight.
    due: BTreeSet<(u64, u64, u64)>,
    delivered: Vec<(u64, u64, u64)>,
    late: Vec<(u64, u64, u64)>,
    is_slow: bool,
    /// When the gateway was last heard.
    last: i64,
    /// Blind stretches by guild, as they were: from, until.
    blind: BTreeMap<u64, Vec<(i64, Option<i64>)>>,
    /// When READY last named the guilds.
    named_at: Option<i64>,
    /// Outages of guilds that had never been seen, told or not: nothing says from where on they would have to be read.
    never_seen: BTreeMap<u64, (i64, Option<i64>)>,
}

fn message(guild: u64, channel: u64, id: u64) -> MessageFact<'static> {
    MessageFact {
        guild: GuildId(guild),
        channel: ChannelId(channel),
        message: MessageId(id),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(id),
            kind: AuthorKind::Human,
            username: "somebody".into(),
            display_name: None,
            avatar: None,
        },
    }
}

impl World {
    fn write(&mut self, guild: u64, channel: u64) -> u64 {
        let count = self.written.values().map(Vec::len).sum::<usize>() as u64;
        let id = snowflake_at(UnixMs(self.now)) + count;
        let channel = guild * 100 + channel;
        self.written.entry((guild, channel)).or_default().push(id);
        if self.known.contains(&guild) {
            self.due.insert((guild, channel, id));
        }
        id
    }

    fn create(&self, guild: u64) -> Fact<'static> {
        let channel = |number| {
            let id = guild * 100 + number;
            let last = self.written.get(&(guild, id)).and_then(|ids| ids.last());
            Channel {
                id: ChannelId(id),
                kind: ChannelKind(0),
                name: None,
                parent: None,
                position: 0,
                last_message: last.copied().map(MessageId),
            }
        };
        Fact::Guild(Box::new(GuildFact {
            id: GuildId(guild),
            name: "Harbour".into(),
            icon: None,
            owner: UserId(1),
            member_count: None,
            bot_joined_at: None,
            premium_tier: 0,
            boost_count: 0,
            afk_channel: None,
            channels: (1..=CHANNELS).map(channel).collect(),
            voice_states: Some(Vec::new()),
        }))
    }

    fn lose(&mut self, guild: u64, from: i64) {
        if self.heard.remove(&guild).is_some() {
            self.blind.entry(guild).or_default().push((from, None));
        }
        // What was under way to us is lost.
        self.late.retain(|late| late.0 != guild);
    }

    fn see(&mut self, guild: u64) {
        let now = self.now;
        if let Some(outage) = self.never_seen.get_mut(&guild) {
            outage.1 = outage.1.or(Some(now));
        }
        if self.known.insert(guild) || self.heard.contains_key(&guild) {
            self.heard.insert(guild, now);
            return;
        }
        self.heard.insert(guild, now);
        if let Some(open) = self.blind.entry(guild).or_default().last_mut() {
            open.1 = Some(now);
        }
    }

    /// A flush: guilds that READY named long ago, and that never came, are in an outage since then.
    fn give_up_overdue(&mut self) {
        let Some(named_at) = self.named_at else { return };
        if self.last - named_at > LOG_IN_MS_MAX {
            for guild in (1..=GUILDS).filter(|guild| !self.known.contains(guild)) {
                self.never_seen.entry(guild).or_insert((named_at, None));
            }
        }
    }

    fn page(&self, request: vigie_core::PageRequest) -> Fact<'static> {
        let (guild, channel) = (request.guild, request.channel);
        let all = self.written.get(&(guild.0, channel.0)).map_or(&[][..], Vec::as_slice);
        let ids: Vec<u64> =
            all.iter().copied().filter(|id| *id > request.after.0).take(PAGE).collect();
        Fact::History(HistoryPage {
            guild,
            channel,
            after: request.after,
            newest: ids.last().copied().map(MessageId),
            more: ids.len() == PAGE,
            messages: ids.iter().map(|id| message(guild.0, channel.0, *id)).collect(),
        })
    }
}

/// A run: the world, the core, and all it told.
struct Run {
    world: World,
    core: Core,
    out: Vec<Record>,
}

impl Run {
    fn tell(&mut self, fact: Fact<'_>) {
        self.world.last = self.world.now;
        self.core.handle(UnixMs(self.world.now), fact, &mut self.out);
    }

    fn deliver(&mut self, (guild, channel, id): (u64, u64, u64)) {
        self.world.delivered.push((guild, channel, id));
        self.tell(Fact::Message(message(guild, channel, id)));
    }

    fn step(&mut self, action: &Action) {
        let now = UnixMs(self.world.now);
        match *action {
            Action::Write(guild, channel) => {
                let id = self.world.write(guild, channel);
                if !self.world.heard.contains_key(&guild) {
                    return;
                }
                let message = (guild, guild * 100 + channel, id);
                self.world.late.push(message);
                if !self.world.is_slow || self.world.late.len() > 3 {
                    self.arrive();
                }
            }
            Action::Delay => self.world.is_slow = true,
            Action::Repeat(back) => {
                let repeat = self.world.delivered.iter().rev().nth(back).copied();
                if let Some(repeat) = repeat {
                    self.tell(Fact::Message(message(repeat.0, repeat.1, repeat.2)));
                }
            }
            Action::NewSession => self.new_session(),
            Action::Absence(ms) => {
                let all: Vec<u64> = self.world.known.iter().copied().collect();
                let last = self.world.last;
                all.into_iter().for_each(|guild| self.world.lose(guild, last));
                self.world.now += ms;
                self.new_session();
            }
            Action::Outage(guild) => {
                self.world.lose(guild, now.0);
                if self.world.named_at.is_some() && !self.world.known.contains(&guild) {
                    self.world.never_seen.entry(guild).or_insert((now.0, None));
                }
                self.tell(Fact::GuildUnavailable(GuildId(guild)));
            }
            Action::Create(guild) => {
                // Discord has sent everything before it tells a guild as it is.
                self.arrive();
                let fact = self.world.create(guild);
                self.world.see(guild);
                self.tell(fact);
            }
            Action::Page => self.page(1),
            Action::PageTwice => self.page(2),
            Action::Heard => self.tell(Fact::Heard),
            Action::Wake => {
                if self.core.next_deadline().is_some_and(|deadline| deadline <= now) {
                    self.world.give_up_overdue();
                }
                self.core.wake(now, &mut self.out);
            }
            Action::Restart => {
                self.world.give_up_overdue();
                self.core.flush(now, &mut self.out);
                assert!(self.core.is_settled());
                self.core = Core::restore(CoreConfig::default(), &self.core.checkpoint());
            }
        }
    }

    fn arrive(&mut self) {
        self.world.is_slow = false;
        while let Some(late) = self.world.late.pop() {
            self.deliver(late);
        }
    }

    fn new_session(&mut self) {
        let last = self.world.last;
        let known: Vec<u64> = self.world.known.iter().copied().collect();
        known.iter().for_each(|guild| self.world.lose(*guild, last));
        self.world.named_at = Some(self.world.now);
        self.tell(Fact::SessionStarted((1..=GUILDS).map(GuildId).collect()));
    }

    fn page(&mut self, times: usize) {
        let Some(request) = self.core.next_page() else { return };
        for _ in 0..times {
            // A page is no sign of life from the gateway.
            let fact = self.world.page(request);
            self.core.handle(UnixMs(self.world.now), fact, &mut self.out);
        }
    }
}

fn play(steps: &[(i64, Action)]) -> Run {
    let world = World { now: START, last: START, ..World::default() };
    let mut run = Run { world, core: Core::new(CoreConfig::default()), out: Vec::new() };
    for (after_ms, action) in steps {
        // Nothing is delayed for minutes: what is under way arrives before a long pause.
        if *after_ms > 20_000 {
            run.arrive();
        }
        run.world.now += after_ms;
        run.step(action);
    }
    run.world.now += 1_000;
    run.arrive();
    (1..=GUILDS).for_each(|guild| run.step(&Action::Create(guild)));
    while run.core.next_page().is_some() {
        run.page(1);
    }
    run.core.flush(UnixMs(run.world.now), &mut run.out);
    run
}

/// Who was counted where, and how often; every message has an author of its own, who has its number.
fn counted(records: &[Record]) -> BTreeMap<(u64, u64, u64), u32> {
    let mut counted = BTreeMap::new();
    for record in records {
        let Record::ActivityWindow(window) = record else { continue };
        for cell in &window.cells {
            assert_eq!(window.unix_minute, MessageId(cell.member.0).time().unix_minute());
            let key = (window.guild.0, cell.channel.0, cell.member.0);
            *counted.entry(key).or_default() += cell.counts.messages;
        }
    }
    counted
}

type Ledger = BTreeMap<(u64, CoverageFamily, UnixMs), (Option<UnixMs>, CoverageState)>;

/// The ledger as a store folds it: a later span of one key replaces the earlier one.
fn gaps(records: &[Record]) -> Ledger {
    let mut ledger = Ledger::new();
    for record in records {
        let Record::Coverage(guild, spans) = record else { continue };
        for span in spans.iter().filter(|span| span.state != CoverageState::Observed) {
            assert_ne!(span.reason, CoverageReason::None);
            ledger.insert((guild.0, span.family, span.from), (span.until, span.state));
        }
    }
    ledger
}

fn action() -> impl Strategy<Value = Action> {
    let guild = || 1..=GUILDS;
    prop_oneof![
        40 => (guild(), 1..=CHANNELS).prop_map(|(guild, channel)| Action::Write(guild, channel)),
        4 => Just(Action::Delay),
        6 => (0..12_usize).prop_map(Action::Repeat),
        3 => Just(Action::NewSession),
        2 => guild().prop_map(Action::Outage),
        12 => guild().prop_map(Action::Create),
        6 => Just(Action::Page),
        1 => Just(Action::PageTwice),
        6 => Just(Action::Heard),
        6 => Just(Action::Wake),
        3 => Just(Action::Restart),
        1 => (0..200_000_000_i64).prop_map(Action::Absence),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(i64, Action)>> {
    let pause_ms = prop_oneof![2 => Just(0_i64), 6 => 0..20_000_i64, 1 => 0..900_000_i64];
    proptest::collection::vec((pause_ms, action()), 0..150)
}

proptest! {
    #[test]
    fn every_message_since_the_first_sight_is_counted_once(steps in steps()) {
        let run = play(&steps);
        let expected = run.world.due.iter().map(|message| (*message, 1)).collect();
        prop_assert_eq!(counted(&run.out), expected);
        let stats = run.core.catch_up();
        prop_assert_eq!((stats.guilds, stats.channels, stats.refused), (0, 0, 0));
    }

    #[test]
    fn the_ledger_holds_every_stretch_that_was_not_heard_and_no_other(steps in steps()) {
        let run = play(&steps);
        let mut expected = Ledger::new();
        for (guild, (from, until)) in &run.world.never_seen {
            for family in CoverageFamily::ALL {
                let span = (until.map(UnixMs), CoverageState::Blind);
                expected.insert((*guild, family, UnixMs(*from)), span);
            }
        }
        for (guild, gaps) in &run.world.blind {
            for (from, until) in gaps {
                for family in CoverageFamily::ALL {
                    let state = match family {
                        CoverageFamily::Messages => CoverageState::Recovered,
                        _ => CoverageState::Blind,
                    };
                    expected.insert((*guild, family, UnixMs(*from)), (until.map(UnixMs), state));
                }
            }
        }
        prop_assert_eq!(gaps(&run.out), expected);
    }

    #[test]
    fn heard_until_never_goes_back_and_is_the_last_of_each_flush(steps in steps()) {
        let run = play(&steps);
        let heard = run.out.iter().filter_map(|record| match record {
            Record::HeardUntil(at) => Some(at.0),
            _ => None,
        });
        let heard: Vec<i64> = heard.collect();
        prop_assert!(heard.is_sorted_by(|a, b| a < b), "{heard:?}");
        prop_assert_eq!(heard.last().copied(), Some(run.world.last));
        prop_assert_eq!(run.out.last(), Some(&Record::HeardUntil(UnixMs(run.world.last))));
    }
}
