//! MESSAGE_CREATE: who wrote where, and when (the message's id says it). The text is stepped over unread.
//! Source: Discord, "Messages Resource", Message Structure.

use std::borrow::Cow;

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildId, MessageFact, MessageId, MessageKind, Person,
};

use super::scan::Scanner;
use super::user::User;
use super::value::Given;
use super::{Read, SetAside, reasons};

/// The fields of a message that are read.
#[derive(Default)]
pub(super) struct Message<'a> {
    guild: Given<u64>,
    channel: Given<u64>,
    pub(super) id: Given<u64>,
    kind: Option<i64>,
    webhook: Given<u64>,
    author: User<'a>,
    nick: Option<Cow<'a, str>>,
    /// Who gave the command: `interaction_metadata.user`, or `interaction.user` in its older form.
    commander: Option<Box<User<'a>>>,
    old_commander: Option<Box<User<'a>>>,
}

/// Reads the `d` of a MESSAGE_CREATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let mut message = Message::default();
    message.read_fields(scanner);
    message.into_fact()
}

/// The keys that [`Message`] has a place for.
#[inline(always)]
#[rustfmt::skip]
fn is_read(key: &[u8]) -> bool {
    matches!(
        key,
        b"id" | b"type" | b"author" | b"member" | b"guild_id" | b"channel_id" | b"webhook_id"
            | b"interaction" | b"interaction_metadata"
    )
}

/// As what a message of this type counts; a type that is not counted comes back.
#[inline(always)]
fn kind_of(number: i64) -> Result<MessageKind, i64> {
    match number {
        0 | 19 => Ok(MessageKind::Message),
        20 | 23 => Ok(MessageKind::Command),
        other => Err(other),
    }
}

/// The nickname in a member object.
fn nick<'a>(scanner: &mut Scanner<'a>) -> Option<Cow<'a, str>> {
    let mut nick = None;
    if scanner.enter(b'{') {
        while scanner.key_where(|key| key == b"nick").is_some() {
            nick = scanner.name();
        }
    }
    nick
}

/// The `user` of an interaction, or of its metadata. Boxed, for it is rare.
fn interaction<'a>(scanner: &mut Scanner<'a>) -> Option<Box<User<'a>>> {
    let mut user = None;
    if scanner.enter(b'{') {
        while scanner.key_where(|key| key == b"user").is_some() {
            user = User::read(scanner).map(Box::new);
        }
    }
    user
}

impl<'a> Message<'a> {
    /// Reads the object that was entered.
    #[inline(always)]
    pub(super) fn read_fields(&mut self, scanner: &mut Scanner<'a>) {
        while let Some(key) = scanner.key_where(is_read) {
            match key {
                b"id" => self.id = scanner.id(),
                b"type" => self.kind = scanner.integer(),
                b"author" => {
                    self.author.read_in_place(scanner);
                }
                b"member" => self.nick = nick(scanner),
                b"guild_id" => self.guild = scanner.id(),
                b"channel_id" => self.channel = scanner.id(),
                b"webhook_id" => self.webhook = scanner.id(),
                b"interaction" => self.old_commander = interaction(scanner),
                b"interaction_metadata" => self.commander = interaction(scanner),
                _ => scanner.skip(),
            }
        }
    }

    /// The fact that an entry of a channel's history is; `None` if it is not counted or cannot be.
    pub(super) fn into_history(
        self,
        message: MessageId,
        guild: GuildId,
        channel: ChannelId,
    ) -> Option<MessageFact<'a>> {
        let kind = kind_of(self.kind?).ok()?;
        Some(MessageFact { guild, channel, message, kind, author: self.person(kind).ok()? })
    }

    #[inline(always)]
    fn into_fact(self) -> Result<Read<'a>, SetAside> {
        // Direct and ephemeral messages belong to no guild.
        if self.guild == Given::Absent {
            return Ok(Read::NotCounted("message.direct"));
        }
        let guild = self.guild.or_set_aside("message.missing_guild")?;
        let kind = match kind_of(self.kind.ok_or(SetAside { reason: "message.missing_type" })?) {
            Ok(kind) => kind,
            Err(other) => return Ok(self.uncounted(guild, reasons::message_type(other))),
        };
        let channel = self.channel.or_set_aside("message.missing_channel")?;
        let id = self.id.or_set_aside("message.missing_id")?;
        Ok(Read::Fact(Fact::Message(MessageFact {
            guild: GuildId(guild),
            channel: ChannelId(channel),
            message: MessageId(id),
            kind,
            author: self.person(kind)?,
        })))
    }

    /// A message of a type that is not counted. Nothing is asked of it: where it was is told if it can be.
    #[cold]
    fn uncounted(self, guild: u64, reason: &'static str) -> Read<'a> {
        match (self.channel, self.id) {
            (Given::Is(channel), Given::Is(id)) => {
                Read::Uncounted(reason, GuildId(guild), ChannelId(channel), MessageId(id))
            }
            _ => Read::NotCounted(reason),
        }
    }

    /// To whom it is counted.
    #[inline(always)]
    fn person(self, kind: MessageKind) -> Result<Person<'a>, SetAside> {
        if kind == MessageKind::Command {
            for user in [self.commander, self.old_commander].into_iter().flatten() {
                if let Given::Is(id) = user.id {
                    let kind = user.kind();
                    return Ok(user.into_person(id, kind, None));
                }
            }
        }
        if let Given::Is(webhook) = self.webhook {
            return Ok(self.author.into_person(webhook, AuthorKind::Webhook, self.nick));
        }
        let id = self.author.id.or_set_aside("message.missing_author")?;
        let kind = self.author.kind();
        Ok(self.author.into_person(id, kind, self.nick))
    }
}
