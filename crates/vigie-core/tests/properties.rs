//! The core against a plain model of it: ordered maps, one entry per fact, no table of ours.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, Emoji, EmojiCount,
    EmojiId, Fact, GuildId, MemberRecord, MessageFact, MessageId, MessageKind, Person,
    ReactionFact, Record, UnixMs, UserId, snowflake_at,
};
use vigie_core::{Core, CoreConfig};

const START: i64 = 1_795_132_800_000;

/// One step of a run: what is told or asked, and how long after the step before.
#[derive(Clone, Debug)]
struct Step {
    after_ms: i64,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    Tell(Fact<'static>),
    Wake,
    Flush,
}

type WindowKey = (GuildId, u32);
/// A custom emoji's id, or the text of a unicode one: sorted as [`Emoji`] is.
type EmojiKey = Result<EmojiId, String>;

/// What the core should be, without any care for speed or memory.
#[derive(Default)]
struct Model {
    cells: BTreeMap<WindowKey, BTreeMap<(ChannelId, UserId), ActivityCounts>>,
    emojis: BTreeMap<WindowKey, BTreeMap<EmojiKey, (u32, u32)>>,
    emoji_names: BTreeMap<EmojiId, String>,
    kinds: BTreeMap<UserId, AuthorKind>,
    told: BTreeMap<(GuildId, UserId), MemberRecord>,
    to_tell: BTreeMap<(GuildId, UserId), MemberRecord>,
}

impl Model {
    fn tell(&mut self, now: UnixMs, fact: &Fact<'_>) {
        match fact {
            Fact::Message(fact) => {
                self.hear(fact.guild, &fact.author);
                let key = (fact.guild, fact.message.time().unix_minute());
                let counts = self.cell(key, fact.channel, fact.author.id);
                match fact.kind {
                    MessageKind::Message => counts.messages += 1,
                    MessageKind::Command => counts.commands += 1,
                }
            }
            Fact::Reaction(fact) => self.react(now, fact),
            other => unreachable!("no run tells {other:?}"),
        }
    }

    fn react(&mut self, now: UnixMs, fact: &ReactionFact<'_>) {
        let key = (fact.guild, now.unix_minute());
        let emoji = match &fact.emoji {
            Emoji::Unicode(text) => Err(text.to_string()),
            Emoji::Custom { id, name } => {
                if let Some(name) = name {
                    self.emoji_names.insert(*id, name.to_string());
                }
                Ok(*id)
            }
        };
        let reactions = self.emojis.entry(key).or_default().entry(emoji).or_default();
        if !fact.added {
            reactions.1 += 1;
            self.cell(key, fact.channel, fact.giver).reactions_removed += 1;
            return;
        }
        reactions.0 += 1;
        self.cell(key, fact.channel, fact.giver).reactions_added += 1;
        if let Some(author) = fact.message_author {
            self.cell(key, fact.channel, author).reactions_received += 1;
        }
        if let Some(person) = &fact.giver_person {
            self.hear(fact.guild, person);
        }
    }

    fn cell(&mut self, key: WindowKey, channel: ChannelId, member: UserId) -> &mut ActivityCounts {
        self.cells.entry(key).or_default().entry((channel, member)).or_default()
    }

    fn hear(&mut self, guild: GuildId, person: &Person<'_>) {
        let kind = self.kinds.entry(person.id).or_default();
        *kind = (*kind).max(person.kind);
        let record = MemberRecord {
            id: person.id,
            kind: *kind,
            username: person.username.to_string(),
            display_name: person.display_name.as_deref().map(str::to_owned),
            avatar: person.avatar.as_deref().map(str::to_owned),
        };
        let key = (guild, person.id);
        if self.told.get(&key) != Some(&record) {
            self.told.insert(key, record.clone());
            self.to_tell.insert(key, record);
        }
    }

    fn flush(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        let mut members: BTreeMap<GuildId, Vec<MemberRecord>> = BTreeMap::new();
        for ((guild, _), member) in std::mem::take(&mut self.to_tell) {
            members.entry(guild).or_default().push(member);
        }
        records.extend(members.into_iter().map(|(guild, list)| Record::Members(guild, list)));
        let mut emojis = std::mem::take(&mut self.emojis);
        for ((guild, unix_minute), cells) in std::mem::take(&mut self.cells) {
            let cell = |((channel, member), counts)| {
                let kind = self.kinds.get(&member).copied().unwrap_or_default();
                ActivityCell { channel, member, kind, counts }
            };
            let cells = cells.into_iter().map(cell).collect();
            let emojis = emojis.remove(&(guild, unix_minute)).unwrap_or_default();
            let emojis = emojis.into_iter().map(|(emoji, count)| self.emoji(emoji, count));
            let emojis = emojis.collect();
            records.push(Record::ActivityWindow(ActivityWindow {
                guild,
                unix_minute,
                cells,
                emojis,
            }));
        }
        self.emoji_names.clear();
        records
    }

    fn emoji(&self, emoji: EmojiKey, (added, removed): (u32, u32)) -> EmojiCount {
        let emoji = match emoji {
            Ok(id) => {
                Emoji::Custom { id, name: self.emoji_names.get(&id).cloned().map(Into::into) }
            }
            Err(text) => Emoji::Unicode(text.into()),
        };
        EmojiCount { emoji, added, removed }
    }
}

/// Plays the steps; returns what the core and what the model answered, step by step.
fn play(steps: &[Step], flush_interval_ms: u32) -> Vec<(Vec<Record>, Vec<Record>)> {
    let mut core = Core::new(CoreConfig { flush_interval_ms, ..CoreConfig::default() });
    let mut model = Model::default();
    let mut now = UnixMs(START);
    let mut answers = Vec::new();
    let mut written = 0;
    for step in steps.iter().cloned().chain([Step { after_ms: 0, action: Action::Flush }]) {
        now.0 += step.after_ms;
        let mut out = Vec::new();
        let due = core.next_deadline().is_some_and(|deadline| deadline <= now);
        let expected = match step.action {
            Action::Tell(fact) => {
                written += 1;
                let fact = written_at(fact, now, written);
                model.tell(now, &fact);
                core.handle(now, fact, &mut out);
                Vec::new()
            }
            Action::Wake => {
                core.wake(now, &mut out);
                if due { model.flush() } else { Vec::new() }
            }
            Action::Flush => {
                core.flush(now, &mut out);
                model.flush()
            }
        };
        answers.push((out, expected));
    }
    answers
}

/// The runs are made without a clock: message ids hold how long before `now` they were written. Each becomes another one.
fn written_at(fact: Fact<'static>, now: UnixMs, number: u64) -> Fact<'static> {
    match fact {
        Fact::Message(mut fact) => {
            let at = UnixMs(now.0 - fact.message.0 as i64);
            fact.message = MessageId(snowflake_at(at) + number);
            Fact::Message(fact)
        }
        other => other,
    }
}

fn counted(records: &[Record]) -> BTreeMap<(WindowKey, ChannelId, UserId), [u64; 5]> {
    let mut sums: BTreeMap<_, [u64; 5]> = BTreeMap::new();
    for record in records {
        let Record::ActivityWindow(window) = record else { continue };
        for cell in &window.cells {
            let key = ((window.guild, window.unix_minute), cell.channel, cell.member);
            let c = cell.counts;
            let counts = [
                c.messages,
                c.commands,
                c.reactions_added,
                c.reactions_removed,
                c.reactions_received,
            ];
            let sum = sums.entry(key).or_default();
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u64::from(count));
        }
    }
    sums
}

fn person(id: u64, name: u8, kind: u8) -> Person<'static> {
    Person {
        id: UserId(id),
        // Mostly what the id says, so that kinds stay; sometimes not.
        kind: AuthorKind::from_u8(if kind < 3 { kind } else { (id % 7 / 5) as u8 }).expect("0..2"),
        username: format!("u{id}").into(),
        display_name: name.is_multiple_of(5).then(|| format!("nick {name}").into()),
        avatar: name.is_multiple_of(7).then(|| "0123".into()),
    }
}

fn emoji(number: u8) -> Emoji<'static> {
    let id = EmojiId(u64::from(number % 3));
    match number % 4 {
        0 => Emoji::Unicode(["👍", "👎", "🦆"][usize::from(number % 3)].into()),
        1 => Emoji::Custom { id, name: None },
        _ => Emoji::Custom { id, name: Some(format!("e{number}").into()) },
    }
}

fn fact() -> impl Strategy<Value = Fact<'static>> {
    let place = (1..4_u64, 1..5_u64, 1..12_u64);
    let message = (place.clone(), 0..90_000_u64, any::<bool>(), 0..20_u8, 0..40_u8).prop_map(
        |((guild, channel, user), age_ms, command, name, kind)| {
            Fact::Message(MessageFact {
                guild: GuildId(guild),
                channel: ChannelId(channel),
                message: MessageId(age_ms),
                kind: if command { MessageKind::Command } else { MessageKind::Message },
                author: person(user, name, kind),
            })
        },
    );
    let to = proptest::option::of(1..12_u64);
    let reaction = (place, any::<bool>(), to, 0..12_u8, 0..20_u8).prop_map(
        |((guild, channel, user), added, to, number, name)| {
            Fact::Reaction(ReactionFact {
                guild: GuildId(guild),
                channel: ChannelId(channel),
                message: MessageId(0),
                giver: UserId(user),
                giver_person: added.then(|| person(user, name, 3)),
                message_author: to.map(UserId),
                emoji: emoji(number),
                added,
            })
        },
    );
    prop_oneof![3 => message, 2 => reaction]
}

fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        30 => fact().prop_map(Action::Tell),
        3 => Just(Action::Wake),
        1 => Just(Action::Flush),
    ];
    (0..20_000_i64, action).prop_map(|(after_ms, action)| Step { after_ms, action })
}

proptest! {
    #[test]
    fn the_core_answers_what_the_model_answers(
        steps in proptest::collection::vec(step(), 0..300),
        interval_ms in prop_oneof![Just(60_000_u32), 1..200_000_u32],
    ) {
        for (core, model) in play(&steps, interval_ms) {
            prop_assert_eq!(core, model);
        }
    }

    #[test]
    fn flushing_more_or_less_often_changes_no_sum(
        steps in proptest::collection::vec(step(), 0..300),
    ) {
        let all = |steps: &[Step], interval_ms| {
            play(steps, interval_ms).into_iter().flat_map(|(core, _)| core).collect::<Vec<_>>()
        };
        let facts: Vec<Step> = steps
            .iter()
            .cloned()
            .map(|mut step| {
                if !matches!(step.action, Action::Tell(_)) {
                    step.action = Action::Wake;
                }
                step
            })
            .collect();
        let once = all(&facts, u32::MAX);
        prop_assert_eq!(counted(&all(&steps, 1)), counted(&once));
        prop_assert_eq!(counted(&all(&steps, 60_000)), counted(&once));
    }

    #[test]
    fn the_same_inputs_give_the_same_records(
        steps in proptest::collection::vec(step(), 0..300),
    ) {
        prop_assert_eq!(play(&steps, 60_000), play(&steps, 60_000));
    }

    #[test]
    fn a_busy_cell_is_counted_to_the_last_event(
        adds in proptest::collection::vec((0..3_u64, 0..5_u8, 1..700_u32), 1..40),
    ) {
        let mut core = Core::new(CoreConfig::default());
        let mut model = Model::default();
        let now = UnixMs(START);
        let mut written = 0;
        for (user, what, times) in adds {
            for _ in 0..times {
                written += 1;
                let fact = written_at(busy_fact(user, what), now, written);
                model.tell(now, &fact);
                core.handle(now, fact, &mut Vec::new());
            }
        }
        let mut out = Vec::new();
        core.flush(now, &mut out);
        prop_assert_eq!(out, model.flush());
    }
}

fn busy_fact(user: u64, what: u8) -> Fact<'static> {
    let (guild, channel) = (GuildId(1), ChannelId(10));
    if what < 2 {
        return Fact::Message(MessageFact {
            guild,
            channel,
            message: MessageId(0),
            kind: if what == 0 { MessageKind::Message } else { MessageKind::Command },
            author: person(user, 1, 3),
        });
    }
    Fact::Reaction(ReactionFact {
        guild,
        channel,
        message: MessageId(0),
        giver: UserId(user),
        giver_person: None,
        message_author: (what == 3).then_some(UserId(user + 1)),
        emoji: emoji(0),
        added: what < 4,
    })
}
