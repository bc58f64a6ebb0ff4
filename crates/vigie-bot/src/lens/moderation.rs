//! Bans and unbans, automatic moderation, and bulk deletions: who was struck and where, but not by whom, which the audit log
//! tells. Sources: Discord, "Gateway Events", Guild Ban Add and Remove, Auto Moderation Action Execution, Message Delete Bulk.

use vigie_core::vocabulary::{AutomodFact, ChannelId, Fact, GuildId, MessageId, UserId};

use super::scan::Scanner;
use super::user::User;
use super::value::Given;
use super::{Read, SetAside, reasons};

/// Reads the `d` of a GUILD_BAN_ADD or GUILD_BAN_REMOVE; the cursor is on it.
pub(super) fn read_ban<'a>(scanner: &mut Scanner<'a>, added: bool) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut user) = (Given::Absent, None);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"user" => user = User::read(scanner),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("ban.missing_guild")?);
    let missing = SetAside { reason: "ban.missing_user" };
    let user = user.ok_or(missing)?;
    let id = user.id.ok().ok_or(missing)?;
    let kind = user.kind();
    let person = user.into_person(id, kind, None);
    Ok(Read::Fact(if added { Fact::Banned(guild, person) } else { Fact::Unbanned(guild, person) }))
}

/// Reads the `d` of an AUTO_MODERATION_ACTION_EXECUTION, but never the text that it may bring; the cursor is on it.
pub(super) fn read_automod<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut member, mut rule) = (Given::Absent, Given::Absent, Given::Absent);
    let (mut channel, mut message, mut action) = (Given::Absent, Given::Absent, None);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"user_id" => member = scanner.id(),
            b"rule_id" => rule = scanner.id(),
            b"channel_id" => channel = scanner.id(),
            b"message_id" => message = scanner.id(),
            b"action" => action = read_action(scanner),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("automod.missing_guild")?);
    Ok(Read::Fact(Fact::Automod(
        guild,
        AutomodFact {
            member: UserId(member.or_set_aside("automod.missing_user")?),
            rule: rule.or_set_aside("automod.missing_rule")?,
            action_type: action.ok_or(SetAside { reason: "automod.missing_action" })?,
            channel: channel.ok().map(ChannelId),
            message: message.ok().map(MessageId),
        },
    )))
}

/// The type of an action; `None` if it cannot be read.
fn read_action(scanner: &mut Scanner<'_>) -> Option<u8> {
    if !scanner.enter(b'{') {
        return None;
    }
    let mut kind = None;
    while scanner.key_where(|key| key == b"type").is_some() {
        kind = scanner.integer();
    }
    kind.and_then(|kind| u8::try_from(kind).ok())
}

/// Reads the `d` of a MESSAGE_DELETE_BULK; the cursor is on it.
pub(super) fn read_deleted<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut channel, mut count) = (Given::Absent, Given::Absent, None);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"channel_id" => channel = scanner.id(),
            b"ids" => count = count_elements(scanner),
            _ => scanner.skip(),
        }
    }
    if guild == Given::Absent {
        return Ok(Read::NotCounted("message.direct"));
    }
    let guild = GuildId(guild.or_set_aside("message.missing_guild")?);
    let channel = ChannelId(channel.or_set_aside("message.missing_channel")?);
    let count = count.ok_or(SetAside { reason: "message.missing_ids" })?;
    Ok(Read::Fact(Fact::MessagesDeleted(guild, channel, count)))
}

/// How many elements the list under the cursor has; `None` if it is none.
fn count_elements(scanner: &mut Scanner<'_>) -> Option<u32> {
    if !scanner.enter(b'[') {
        return None;
    }
    let mut count = 0_u32;
    while scanner.element() {
        scanner.skip();
        count = count.saturating_add(1);
    }
    Some(count)
}
