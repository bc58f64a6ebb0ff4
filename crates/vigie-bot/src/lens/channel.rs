//! Channels and threads, in events of their own and inside guilds. Source: Discord, "Channels Resource", Channel
//! Structure; obfuscated channels are told by their flag, never by the name they bear.

use std::borrow::Cow;

use vigie_core::vocabulary::{Channel, ChannelId, ChannelKind, Fact, GuildId, MessageId};

use super::scan::Scanner;
use super::value::Given;
use super::{Read, SetAside, reasons};
use crate::limits;

/// `OBFUSCATED`: we may not view the channel, and only its id, type, position and parent are true.
const OBFUSCATED: i64 = 1 << 17;

/// The fields of a channel that are read.
#[derive(Default)]
pub(super) struct ChannelFields<'a> {
    guild: Given<u64>,
    id: Given<u64>,
    kind: Option<i64>,
    name: Option<Cow<'a, str>>,
    parent: Given<u64>,
    position: Option<i64>,
    flags: Option<i64>,
    last_message: Given<u64>,
}

/// Reads the `d` of CHANNEL_CREATE, CHANNEL_UPDATE, THREAD_CREATE or THREAD_UPDATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let fields = ChannelFields::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let Some(guild) = fields.guild()? else { return Ok(Read::NotCounted("channel.direct")) };
    Ok(Read::Fact(Fact::Channel(guild, fields.into_channel()?)))
}

/// Reads the `d` of CHANNEL_DELETE or THREAD_DELETE; the cursor is on it.
pub(super) fn read_deleted<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let fields = ChannelFields::read(scanner).ok_or(reasons::MISSING_DATA)?;
    let Some(guild) = fields.guild()? else { return Ok(Read::NotCounted("channel.direct")) };
    let id = fields.id.or_set_aside("channel.missing_id")?;
    Ok(Read::Fact(Fact::ChannelDeleted(guild, ChannelId(id))))
}

/// Reads the `d` of THREAD_LIST_SYNC (the active threads of channels we have just come to see); the cursor is on it.
pub(super) fn read_thread_list<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let mut guild = Given::Absent;
    let mut threads = Vec::new();
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"threads" => read_list(scanner, &mut threads),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("channel.missing_guild")?);
    Ok(Read::Facts(threads.into_iter().map(|thread| Fact::Channel(guild, thread)).collect()))
}

/// Reads an array of channels into `channels`, in place of what was there; what cannot be read is left out.
pub(super) fn read_list<'a>(scanner: &mut Scanner<'a>, channels: &mut Vec<Channel<'a>>) {
    channels.clear();
    if !scanner.enter(b'[') {
        return;
    }
    while scanner.element() {
        let Some(fields) = ChannelFields::read(scanner) else { continue };
        if channels.len() < limits::CHANNELS_PER_GUILD_MAX
            && let Ok(channel) = fields.into_channel()
        {
            channels.push(channel);
        }
    }
}

impl<'a> ChannelFields<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut fields = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"id" => fields.id = scanner.id(),
                b"type" => fields.kind = scanner.integer(),
                b"name" => fields.name = scanner.name(),
                b"flags" => fields.flags = scanner.integer(),
                b"guild_id" => fields.guild = scanner.id(),
                b"position" => fields.position = scanner.integer(),
                b"parent_id" => fields.parent = scanner.id(),
                b"last_message_id" => fields.last_message = scanner.id(),
                _ => scanner.skip(),
            }
        }
        Some(fields)
    }

    /// `None` for direct and group messages.
    fn guild(&self) -> Result<Option<GuildId>, SetAside> {
        match self.guild {
            Given::Absent => Ok(None),
            given => given.or_set_aside("channel.missing_guild").map(|id| Some(GuildId(id))),
        }
    }

    fn into_channel(self) -> Result<Channel<'a>, SetAside> {
        let kind = self.kind.and_then(|kind| u8::try_from(kind).ok());
        let obfuscated = self.flags.unwrap_or(0) & OBFUSCATED != 0;
        Ok(Channel {
            id: ChannelId(self.id.or_set_aside("channel.missing_id")?),
            kind: ChannelKind(kind.ok_or(SetAside { reason: "channel.missing_type" })?),
            name: self.name.filter(|_| !obfuscated),
            parent: self.parent.ok().map(ChannelId),
            position: self.position.and_then(|at| i32::try_from(at).ok()).unwrap_or(0),
            last_message: self.last_message.ok().map(MessageId),
        })
    }
}
