//! MESSAGE_CREATE: who wrote where, and when (the message's id says it). The text is stepped over unread.
//! Source: Discord, "Messages Resource", Message Structure.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildId, MessageFact, MessageId, MessageKind, Person,
};

use super::scan::Scanner;
use super::user::{Member, User};
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
    author: Option<User<'a>>,
    member: Option<Member<'a>>,
    /// Who gave the command: `interaction_metadata.user`, or `interaction.user` in its older form.
    commander: Option<User<'a>>,
    old_commander: Option<User<'a>>,
}

/// Reads the `d` of a MESSAGE_CREATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{')? {
        return Err(reasons::MISSING_DATA);
    }
    let mut message = Message::default();
    while let Some(key) = scanner.key()? {
        match key {
            b"id" => message.id = scanner.id()?,
            b"type" => message.kind = scanner.integer()?,
            b"author" => message.author = User::read(scanner)?,
            b"member" => message.member = Member::read(scanner)?,
            b"guild_id" => message.guild = scanner.id()?,
            b"channel_id" => message.channel = scanner.id()?,
            b"webhook_id" => message.webhook = scanner.id()?,
            b"interaction" => message.old_commander = interaction(scanner)?,
            b"interaction_metadata" => message.commander = interaction(scanner)?,
            _ => scanner.skip()?,
        }
    }
    message.into_fact()
}

/// The `user` of an interaction, or of its metadata.
fn interaction<'a>(scanner: &mut Scanner<'a>) -> Result<Option<User<'a>>, SetAside> {
    // A member object is read the same way: `user`, and a nickname that interactions do not have.
    Ok(Member::read(scanner)?.and_then(|interaction| interaction.user))
}

impl<'a> Message<'a> {
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
    fn person(self, kind: MessageKind) -> Result<Person<'a>, SetAside> {
        if kind == MessageKind::Command {
            for user in [self.commander, self.old_commander].into_iter().flatten() {
                if let Given::Is(id) = user.id {
                    let kind = user.kind();
                    return Ok(user.into_person(id, kind, None));
                }
            }
        }
        let nick = self.member.and_then(|member| member.nick);
        if let Given::Is(webhook) = self.webhook {
            let author = self.author.unwrap_or_default();
            return Ok(author.into_person(webhook, AuthorKind::Webhook, nick));
        }
        let author = self.author.unwrap_or_default();
        let id = author.id.or_set_aside("message.missing_author")?;
        let kind = author.kind();
        Ok(author.into_person(id, kind, nick))
    }
}
