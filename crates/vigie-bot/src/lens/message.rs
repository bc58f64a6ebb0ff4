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
struct Message<'a> {
    guild: Given<u64>,
    channel: Given<u64>,
    id: Given<u64>,
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
    while let Some(key) = scanner.key_where(is_read) {
        match key {
            b"id" => message.id = scanner.id(),
            b"type" => message.kind = scanner.integer(),
            b"author" => {
                message.author.read_in_place(scanner);
            }
            b"member" => message.nick = nick(scanner),
            b"guild_id" => message.guild = scanner.id(),
            b"channel_id" => message.channel = scanner.id(),
            b"webhook_id" => message.webhook = scanner.id(),
            b"interaction" => message.old_commander = interaction(scanner),
            b"interaction_metadata" => message.commander = interaction(scanner),
            _ => scanner.skip(),
        }
    }
    message.into_fact()
}

/// The keys that [`read`] has a place for.
#[inline(always)]
#[rustfmt::skip]
fn is_read(key: &[u8]) -> bool {
    matches!(
        key,
        b"id" | b"type" | b"author" | b"member" | b"guild_id" | b"channel_id" | b"webhook_id"
            | b"interaction" | b"interaction_metadata"
    )
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
    #[inline(always)]
    fn into_fact(self) -> Result<Read<'a>, SetAside> {
        // Direct and ephemeral messages belong to no guild.
        if self.guild == Given::Absent {
            return Ok(Read::NotCounted("message.direct"));
        }
        let guild = self.guild.or_set_aside("message.missing_guild")?;
        let kind = match self.kind.ok_or(SetAside { reason: "message.missing_type" })? {
            0 | 19 => MessageKind::Message,
            20 | 23 => MessageKind::Command,
            other => return Ok(Read::NotCounted(reasons::message_type(other))),
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
