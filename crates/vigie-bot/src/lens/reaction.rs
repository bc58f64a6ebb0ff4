//! MESSAGE_REACTION_ADD, MESSAGE_REACTION_REMOVE, and those that remove many at once. Sources: Discord, "Gateway Events", Message Reaction Add and
//! Message Reaction Remove; "Emoji Resource", Emoji Structure (partial).

use std::borrow::Cow;

use vigie_core::vocabulary::{
    ChannelId, Emoji, EmojiId, Fact, GuildId, MessageId, ReactionFact, UserId,
};

use super::scan::Scanner;
use super::user::Member;
use super::value::Given;
use super::{Read, SetAside, reasons};

#[derive(Default)]
struct Reaction<'a> {
    guild: Given<u64>,
    channel: Given<u64>,
    message: Given<u64>,
    user: Given<u64>,
    message_author: Given<u64>,
    emoji: Option<PartialEmoji<'a>>,
    member: Option<Member<'a>>,
}

#[derive(Default)]
struct PartialEmoji<'a> {
    id: Given<u64>,
    name: Option<Cow<'a, str>>,
}

/// Reads the `d` of a reaction event; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>, added: bool) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let mut reaction = Reaction::default();
    while let Some(key) = scanner.key() {
        match key {
            b"user_id" => reaction.user = scanner.id(),
            b"channel_id" => reaction.channel = scanner.id(),
            b"message_id" => reaction.message = scanner.id(),
            b"guild_id" => reaction.guild = scanner.id(),
            b"message_author_id" => reaction.message_author = scanner.id(),
            b"member" => reaction.member = Member::read(scanner),
            b"emoji" => reaction.emoji = PartialEmoji::read(scanner),
            _ => scanner.skip(),
        }
    }
    reaction.into_fact(added)
}

/// Reads the `d` of an event that removes all reactions of a message, or all with one emoji; the cursor is on it.
pub(super) fn read_cleared<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut message) = (Given::Absent, Given::Absent);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"message_id" => message = scanner.id(),
            _ => scanner.skip(),
        }
    }
    if guild == Given::Absent {
        return Ok(Read::NotCounted("reaction.direct"));
    }
    let guild = GuildId(guild.or_set_aside("reaction.missing_guild")?);
    let message = MessageId(message.or_set_aside("reaction.missing_message")?);
    Ok(Read::Fact(Fact::ReactionsCleared(guild, message)))
}

impl<'a> Reaction<'a> {
    fn into_fact(self, added: bool) -> Result<Read<'a>, SetAside> {
        if self.guild == Given::Absent {
            return Ok(Read::NotCounted("reaction.direct"));
        }
        let guild = self.guild.or_set_aside("reaction.missing_guild")?;
        let channel = self.channel.or_set_aside("reaction.missing_channel")?;
        let message = self.message.or_set_aside("reaction.missing_message")?;
        let giver = self.user.or_set_aside("reaction.missing_user")?;
        let emoji = self.emoji.and_then(PartialEmoji::into_emoji);
        let emoji = emoji.ok_or(SetAside { reason: "reaction.missing_emoji" })?;
        let named = self.member.filter(|_| added).and_then(|member| member.into_person(giver));
        Ok(Read::Fact(Fact::Reaction(ReactionFact {
            guild: GuildId(guild),
            channel: ChannelId(channel),
            message: MessageId(message),
            giver: UserId(giver),
            giver_person: named,
            message_author: self.message_author.ok().filter(|_| added).map(UserId),
            emoji,
            added,
        })))
    }
}

impl<'a> PartialEmoji<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut emoji = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"id" => emoji.id = scanner.id(),
                b"name" => emoji.name = scanner.name(),
                _ => scanner.skip(),
            }
        }
        Some(emoji)
    }

    fn into_emoji(self) -> Option<Emoji<'a>> {
        match self.id {
            Given::Is(id) => Some(Emoji::Custom { id: EmojiId(id), name: self.name }),
            Given::Absent => self.name.map(Emoji::Unicode),
            Given::Odd => None,
        }
    }
}
