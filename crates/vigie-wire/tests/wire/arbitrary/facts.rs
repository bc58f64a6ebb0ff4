//! Arbitrary facts.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    Channel, ChannelId, ChannelKind, Emoji, EmojiId, Fact, GuildFact, GuildId, HistoryPage,
    HistoryRefusal, MessageFact, MessageId, MessageKind, Person, ReactionFact, UnixMs, UserId,
    VoiceFact, VoiceState,
};

use super::{avatar, id, kind, text};

fn guild() -> impl Strategy<Value = GuildId> {
    id().prop_map(GuildId)
}

fn channel_id() -> impl Strategy<Value = ChannelId> {
    id().prop_map(ChannelId)
}

fn message_id() -> impl Strategy<Value = MessageId> {
    id().prop_map(MessageId)
}

fn user() -> impl Strategy<Value = UserId> {
    id().prop_map(UserId)
}

/// A person: often one of a few, always of the same names, so that they come again.
pub fn person() -> BoxedStrategy<Person<'static>> {
    let known = (0..4_u64).prop_map(|number| Person {
        id: UserId(number),
        kind: Default::default(),
        username: format!("member{number}").into(),
        display_name: None,
        avatar: Some(format!("{number:032x}").into()),
    });
    let any = (id(), kind(), text(), option::of(text()), option::of(avatar())).prop_map(
        |(id, kind, username, display_name, avatar)| Person {
            id: UserId(id),
            kind,
            username: username.into(),
            display_name: display_name.map(Into::into),
            avatar: avatar.map(Into::into),
        },
    );
    prop_oneof![known, any].boxed()
}

fn message() -> BoxedStrategy<MessageFact<'static>> {
    (guild(), channel_id(), message_id(), any::<bool>(), person())
        .prop_map(|(guild, channel, message, is_command, author)| MessageFact {
            guild,
            channel,
            message,
            kind: if is_command { MessageKind::Command } else { MessageKind::Message },
            author,
        })
        .boxed()
}

fn emoji() -> impl Strategy<Value = Emoji<'static>> {
    prop_oneof![
        text().prop_map(|text| Emoji::Unicode(text.into())),
        (id(), option::of(text()))
            .prop_map(|(id, name)| Emoji::Custom { id: EmojiId(id), name: name.map(Into::into) }),
    ]
}

fn reaction() -> BoxedStrategy<ReactionFact<'static>> {
    let giver = (user(), option::of(person()));
    (guild(), channel_id(), message_id(), giver, option::of(user()), emoji(), any::<bool>())
        .prop_map(|(guild, channel, message, giver, message_author, emoji, added)| ReactionFact {
            guild,
            channel,
            message,
            giver: giver.0,
            giver_person: giver.1,
            message_author,
            emoji,
            added,
        })
        .boxed()
}

fn voice() -> BoxedStrategy<VoiceFact<'static>> {
    (guild(), user(), option::of(person()), option::of(channel_id()), any::<u8>())
        .prop_map(|(guild, member, person, channel, state)| VoiceFact {
            guild,
            member,
            person,
            channel,
            state: VoiceState(state),
        })
        .boxed()
}

fn channel() -> BoxedStrategy<Channel<'static>> {
    let references = (option::of(channel_id()), option::of(message_id()));
    (channel_id(), any::<u8>(), option::of(text()), any::<i32>(), references)
        .prop_map(|(id, kind, name, position, (parent, last_message))| Channel {
            id,
            kind: ChannelKind(kind),
            name: name.map(Into::into),
            parent,
            position,
            last_message,
        })
        .boxed()
}

fn whole_guild() -> BoxedStrategy<GuildFact<'static>> {
    let names = (text(), option::of(avatar()));
    let counts = (option::of(any::<u32>()), option::of(any::<i64>()), any::<u8>(), any::<u32>());
    let states = option::of(vec(voice(), 0..5));
    (guild(), names, user(), counts, option::of(channel_id()), vec(channel(), 0..5), states)
        .prop_map(|(id, (name, icon), owner, counts, afk_channel, channels, voice_states)| {
            let (member_count, bot_joined_at, premium_tier, boost_count) = counts;
            GuildFact {
                id,
                name: name.into(),
                icon: icon.map(Into::into),
                owner,
                member_count,
                bot_joined_at: bot_joined_at.map(UnixMs),
                premium_tier,
                boost_count,
                afk_channel,
                channels,
                voice_states,
            }
        })
        .boxed()
}

fn history() -> BoxedStrategy<HistoryPage<'static>> {
    let ids = (message_id(), option::of(message_id()));
    (guild(), channel_id(), ids, any::<bool>(), vec(message(), 0..6))
        .prop_map(|(guild, channel, (after, newest), more, messages)| HistoryPage {
            guild,
            channel,
            after,
            newest,
            more,
            messages,
        })
        .boxed()
}

pub fn refusal() -> impl Strategy<Value = HistoryRefusal> {
    prop_oneof![
        Just(HistoryRefusal::MissingPermission),
        Just(HistoryRefusal::Gone),
        Just(HistoryRefusal::Refused),
    ]
}

/// Any fact of any kind.
pub fn fact() -> BoxedStrategy<Fact<'static>> {
    let about_channel = prop_oneof![
        (guild(), channel()).prop_map(|(guild, channel)| Fact::Channel(guild, channel)),
        (guild(), channel_id()).prop_map(|(guild, channel)| Fact::ChannelDeleted(guild, channel)),
    ];
    let about_guild = prop_oneof![
        guild().prop_map(Fact::GuildRemoved),
        guild().prop_map(Fact::GuildUnavailable),
        vec(guild(), 0..9).prop_map(Fact::SessionStarted),
        whole_guild().prop_map(|guild| Fact::Guild(Box::new(guild))),
    ];
    let about_history = prop_oneof![
        history().prop_map(Fact::History),
        (channel_id(), message_id(), refusal())
            .prop_map(|(channel, after, why)| Fact::HistoryRefused(channel, after, why)),
    ];
    prop_oneof![
        6 => message().prop_map(Fact::Message),
        3 => reaction().prop_map(Fact::Reaction),
        3 => voice().prop_map(Fact::Voice),
        1 => (guild(), message_id())
            .prop_map(|(guild, message)| Fact::ReactionsCleared(guild, message)),
        1 => (guild(), channel_id(), message_id())
            .prop_map(|(guild, channel, message)| Fact::UncountedMessage(guild, channel, message)),
        1 => Just(Fact::Heard),
        2 => about_guild,
        2 => about_channel,
        1 => about_history,
        6 => super::families::fact(),
    ]
    .boxed()
}
