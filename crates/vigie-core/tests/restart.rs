//! A core restored from its checkpoint goes on as the one that never stopped.
//!
//! Compared record by record, but for what the checkpoint leaves out on purpose: names, which are told again, and the peaks of
//! voice, which may be told again within their minute and are therefore compared as the highest of each minute and hour.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, Emoji, Fact, GuildFact, GuildId, HistoryPage,
    HistoryRefusal, MessageFact, MessageId, MessageKind, Person, ReactionFact, Record, UnixMs,
    UserId, VoiceFact, VoiceState, snowflake_at,
};
use vigie_core::{Core, CoreConfig};

const START: i64 = 1_795_132_800_000;

/// One step; times are relative, so that any part of a run can be left out.
#[derive(Clone, Debug)]
enum Action {
    /// Guild, channel, member, written so long ago.
    Message(u64, u64, u64, i64),
    Reaction(u64, u64, u64, bool),
    Cleared(u64),
    Voice(u64, u64, u64, u8),
    /// Guild; the last message of each channel was written so long ago; who is in voice; AFK channel.
    Create(u64, i64, Vec<(u64, u64)>, u64),
    Update(u64, u64),
    Removed(u64),
    Outage(u64),
    NewSession(Vec<u64>),
    Heard,
    /// The page asked for: so many messages, so far apart; another follows.
    Page(usize, i64, bool),
    Refused,
    Wake,
    /// Here one of the two is stopped and goes on from its checkpoint.
    Flush,
}

fn person(id: u64) -> Person<'static> {
    Person {
        id: UserId(id),
        kind: if id.is_multiple_of(4) { AuthorKind::Bot } else { AuthorKind::Human },
        username: "somebody".into(),
        display_name: None,
        avatar: None,
    }
}

fn message(guild: u64, channel: u64, member: u64, id: u64) -> MessageFact<'static> {
    MessageFact {
        guild: GuildId(guild),
        channel: ChannelId(guild * 100 + channel),
        message: MessageId(id),
        kind: MessageKind::Message,
        author: person(member),
    }
}

fn voice(guild: u64, member: u64, channel: u64, bits: u8) -> VoiceFact<'static> {
    VoiceFact {
        guild: GuildId(guild),
        member: UserId(member),
        // Mostly not named: the core has to know the bots.
        person: member.is_multiple_of(3).then(|| person(member)),
        channel: (channel > 0).then_some(ChannelId(guild * 100 + channel)),
        state: VoiceState(bits),
    }
}

fn guild(
    now: i64,
    id: u64,
    age_ms: i64,
    voice_states: Option<Vec<VoiceFact<'static>>>,
    afk: u64,
) -> Fact<'static> {
    let channel = |number| Channel {
        id: ChannelId(id * 100 + number),
        kind: ChannelKind(0),
        name: None,
        parent: None,
        position: 0,
        last_message: Some(MessageId(snowflake_at(UnixMs(now - age_ms * number as i64)))),
    };
    Fact::Guild(Box::new(GuildFact {
        id: GuildId(id),
        name: "Harbour".into(),
        icon: None,
        owner: UserId(1),
        member_count: None,
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        afk_channel: (afk > 0).then_some(ChannelId(id * 100 + afk)),
        channels: (1..4).map(channel).collect(),
        voice_states,
    }))
}

fn page(core: &Core, count: usize, apart_ms: i64, more: bool) -> Option<Fact<'static>> {
    let request = core.next_page()?;
    let id =
        |number: usize| request.after.0 + ((number as u64 + 1) * apart_ms as u64 + 1) * (1 << 22);
    let channel = request.channel.0 % 100;
    let messages: Vec<_> =
        (0..count).map(|n| message(request.guild.0, channel, n as u64, id(n))).collect();
    Some(Fact::History(HistoryPage {
        guild: request.guild,
        channel: request.channel,
        after: request.after,
        newest: messages.last().map(|message| message.message),
        more,
        messages,
    }))
}

fn fact(core: &Core, now: i64, action: &Action) -> Option<Fact<'static>> {
    Some(match action.clone() {
        Action::Message(g, c, m, ago) => {
            // Of a few moments only, so that messages repeat.
            let at = (now - ago).div_euclid(4_000) * 4_000;
            Fact::Message(message(g, c, m, snowflake_at(UnixMs(at)) + m))
        }
        Action::Reaction(g, m, on, added) => Fact::Reaction(ReactionFact {
            guild: GuildId(g),
            channel: ChannelId(g * 100 + 1),
            message: MessageId(on),
            giver: UserId(m),
            giver_person: added.then(|| person(m)),
            message_author: None,
            emoji: Emoji::Unicode("👍".into()),
            added,
        }),
        Action::Cleared(on) => Fact::ReactionsCleared(GuildId(1), MessageId(on)),
        Action::Voice(g, m, c, bits) => Fact::Voice(voice(g, m, c, bits)),
        Action::Create(g, age_ms, told, afk) => {
            let told = told.into_iter().map(|(m, c)| voice(g, m, c, 0)).collect();
            guild(now, g, age_ms, Some(told), afk)
        }
        Action::Update(g, afk) => guild(now, g, 0, None, afk),
        Action::Removed(g) => Fact::GuildRemoved(GuildId(g)),
        Action::Outage(g) => Fact::GuildUnavailable(GuildId(g)),
        Action::NewSession(named) => Fact::SessionStarted(named.into_iter().map(GuildId).collect()),
        Action::Heard => Fact::Heard,
        Action::Page(count, apart_ms, more) => page(core, count, apart_ms, more)?,
        Action::Refused => {
            let request = core.next_page()?;
            let refusal = HistoryRefusal::MissingPermission;
            Fact::HistoryRefused(request.channel, request.after, refusal)
        }
        Action::Wake | Action::Flush => return None,
    })
}

/// Everything that a run told: records as they came, and the highest peaks.
type Told = (Vec<Record>, BTreeMap<(u64, u32, u64), u32>);

fn play(steps: &[(i64, Action)], restart: bool) -> Told {
    let config = CoreConfig::default();
    let mut core = Core::new(config);
    let (mut now, mut out, mut told) = (START, Vec::new(), Told::default());
    for (after_ms, action) in steps {
        now += after_ms;
        let at = UnixMs(now);
        if let Some(fact) = fact(&core, now, action) {
            core.handle(at, fact, &mut out);
        }
        let is_due = core.next_deadline().is_some_and(|deadline| deadline <= at);
        let flushes = match action {
            Action::Wake => {
                core.wake(at, &mut out);
                is_due
            }
            Action::Flush => {
                core.flush(at, &mut out);
                true
            }
            _ => false,
        };
        if restart && flushes {
            assert!(core.is_settled() && core.next_deadline().is_none());
            let checkpoint = core.checkpoint();
            core = Core::restore(config, &checkpoint);
            assert_eq!(core.checkpoint(), checkpoint);
        }
    }
    core.flush(UnixMs(now), &mut out);
    out.into_iter().for_each(|record| keep(record, &mut told));
    told
}

fn keep(record: Record, (records, peaks): &mut Told) {
    match record {
        Record::Members(..) => {}
        Record::VoiceWindow(mut window) => {
            let mut raise = |key, people: u32| {
                let peak = peaks.entry(key).or_default();
                *peak = people.max(*peak);
            };
            for peak in window.peaks.drain(..) {
                raise((window.guild.0, window.unix_hour, peak.channel.0), peak.peak);
            }
            for minute in &mut window.minutes {
                let unix_minute = window.unix_hour * 60 + u32::from(minute.minute);
                raise((window.guild.0, unix_minute, 0), std::mem::take(&mut minute.peak));
            }
            window.minutes.retain(|minute| minute.total_ms > 0);
            if !window.cells.is_empty() || !window.minutes.is_empty() {
                records.push(Record::VoiceWindow(window));
            }
        }
        record => records.push(record),
    }
}

fn action() -> impl Strategy<Value = Action> {
    let g = || 1..4_u64;
    let m = || 1..9_u64;
    let in_voice = proptest::collection::vec((m(), 1..4_u64), 0..4);
    prop_oneof![
        20 => (g(), 1..4_u64, m(), prop_oneof![0..8_000_i64, 0..900_000_i64])
            .prop_map(|(g, c, m, ago)| Action::Message(g, c, m, ago)),
        10 => (g(), m(), 1..4_u64, any::<bool>())
            .prop_map(|(g, m, on, added)| Action::Reaction(g, m, on, added)),
        1 => (1..4_u64).prop_map(Action::Cleared),
        20 => (g(), m(), 0..4_u64, 0..32_u8)
            .prop_map(|(g, m, c, bits)| Action::Voice(g, m, c, bits)),
        8 => (g(), 0..700_000_i64, in_voice, 0..4_u64)
            .prop_map(|(g, age_ms, told, afk)| Action::Create(g, age_ms, told, afk)),
        2 => (g(), 0..4_u64).prop_map(|(g, afk)| Action::Update(g, afk)),
        1 => g().prop_map(Action::Removed),
        2 => g().prop_map(Action::Outage),
        3 => proptest::sample::subsequence(vec![1, 2, 3], 1..=3).prop_map(Action::NewSession),
        6 => Just(Action::Heard),
        8 => (0..4_usize, 0..200_000_i64, any::<bool>())
            .prop_map(|(count, apart_ms, more)| Action::Page(count, apart_ms, more)),
        1 => Just(Action::Refused),
        4 => Just(Action::Wake),
        6 => Just(Action::Flush),
    ]
}

proptest! {
    #[test]
    fn a_restored_core_tells_what_the_one_that_never_stopped_tells(
        steps in proptest::collection::vec((prop_oneof![0..3_000_i64, 0..90_000_i64], action()), 0..150),
    ) {
        prop_assert_eq!(play(&steps, true), play(&steps, false));
    }
}
