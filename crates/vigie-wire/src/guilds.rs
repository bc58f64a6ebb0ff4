//! Family **guilds**: the bytes of guilds, channels and members' names.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, ChannelKind, ChannelRecord, GuildId, GuildRecord, MemberRecord, UnixMs,
    UserId,
};

use crate::reader::Reader;
use crate::varint::{Column, flag, write, write_id, write_signed, write_text, write_text_if};
use crate::{DecodeError, limits};

const GUILD_ICON: u8 = 1;
const GUILD_MEMBER_COUNT: u8 = 2;
const GUILD_BOT_JOINED_AT: u8 = 4;
const GUILD_FLAGS: u8 = GUILD_ICON | GUILD_MEMBER_COUNT | GUILD_BOT_JOINED_AT;

const CHANNEL_NAME: u8 = 1;
const CHANNEL_PARENT: u8 = 2;
const CHANNEL_DELETED: u8 = 4;
const CHANNEL_FLAGS: u8 = CHANNEL_NAME | CHANNEL_PARENT | CHANNEL_DELETED;

const MEMBER_KIND: u8 = 3;
const MEMBER_DISPLAY_NAME: u8 = 4;
const MEMBER_AVATAR: u8 = 8;
const MEMBER_FLAGS: u8 = MEMBER_KIND | MEMBER_DISPLAY_NAME | MEMBER_AVATAR;

pub(crate) fn encode_guild(guild: &GuildRecord, out: &mut Vec<u8>) {
    write_id(guild.id.0, out);
    write_signed(guild.at.0, out);
    out.push(
        flag(guild.icon.is_some(), GUILD_ICON)
            | flag(guild.member_count.is_some(), GUILD_MEMBER_COUNT)
            | flag(guild.bot_joined_at.is_some(), GUILD_BOT_JOINED_AT),
    );
    write_text(&guild.name, out);
    write_text_if(guild.icon.as_deref(), out);
    write_id(guild.owner.0, out);
    if let Some(count) = guild.member_count {
        write(u64::from(count), out);
    }
    if let Some(at) = guild.bot_joined_at {
        write_signed(at.0, out);
    }
    out.push(guild.premium_tier);
    write(u64::from(guild.boost_count), out);
    encode_channels(&guild.channels, out);
}

pub(crate) fn decode_guild(reader: &mut Reader<'_>) -> Result<GuildRecord, DecodeError> {
    let id = GuildId(reader.id()?);
    let at = UnixMs(reader.signed()?);
    let flags = reader.flags(GUILD_FLAGS)?;
    let has = |flag| flags & flag != 0;
    Ok(GuildRecord {
        id,
        at,
        name: reader.text()?,
        icon: reader.text_if(has(GUILD_ICON))?,
        owner: UserId(reader.id()?),
        member_count: has(GUILD_MEMBER_COUNT).then(|| reader.varint_u32()).transpose()?,
        bot_joined_at: has(GUILD_BOT_JOINED_AT).then(|| reader.signed().map(UnixMs)).transpose()?,
        premium_tier: reader.u8()?,
        boost_count: reader.varint_u32()?,
        channels: decode_channels(reader)?,
    })
}

pub(crate) fn encode_channels(channels: &[ChannelRecord], out: &mut Vec<u8>) {
    write(channels.len() as u64, out);
    let mut ids = Column::default();
    let mut parents = Column::default();
    for channel in channels {
        ids.write(channel.id.0, out);
        out.push(
            flag(channel.name.is_some(), CHANNEL_NAME)
                | flag(channel.parent.is_some(), CHANNEL_PARENT)
                | flag(channel.deleted, CHANNEL_DELETED),
        );
        out.push(channel.kind.0);
        write_text_if(channel.name.as_deref(), out);
        if let Some(parent) = channel.parent {
            parents.write(parent.0, out);
        }
        write_signed(i64::from(channel.position), out);
    }
}

pub(crate) fn decode_channels(reader: &mut Reader<'_>) -> Result<Vec<ChannelRecord>, DecodeError> {
    let length = reader.list_len(limits::CHANNEL_BYTES_MIN)?;
    let mut ids = Column::default();
    let mut parents = Column::default();
    (0..length).map(|_| decode_channel(reader, &mut ids, &mut parents)).collect()
}

fn decode_channel(
    reader: &mut Reader<'_>,
    ids: &mut Column,
    parents: &mut Column,
) -> Result<ChannelRecord, DecodeError> {
    let id = ChannelId(reader.delta(ids)?);
    let flags = reader.flags(CHANNEL_FLAGS)?;
    let has = |flag| flags & flag != 0;
    Ok(ChannelRecord {
        id,
        kind: ChannelKind(reader.u8()?),
        name: reader.text_if(has(CHANNEL_NAME))?,
        parent: has(CHANNEL_PARENT).then(|| reader.delta(parents).map(ChannelId)).transpose()?,
        position: i32::try_from(reader.signed()?).map_err(|_| DecodeError::BadNumber)?,
        deleted: has(CHANNEL_DELETED),
    })
}

pub(crate) fn encode_members(members: &[MemberRecord], out: &mut Vec<u8>) {
    write(members.len() as u64, out);
    let mut ids = Column::default();
    for member in members {
        ids.write(member.id.0, out);
        out.push(
            member.kind as u8
                | flag(member.display_name.is_some(), MEMBER_DISPLAY_NAME)
                | flag(member.avatar.is_some(), MEMBER_AVATAR),
        );
        write_text(&member.username, out);
        write_text_if(member.display_name.as_deref(), out);
        write_text_if(member.avatar.as_deref(), out);
    }
}

pub(crate) fn decode_members(reader: &mut Reader<'_>) -> Result<Vec<MemberRecord>, DecodeError> {
    let length = reader.list_len(limits::MEMBER_BYTES_MIN)?;
    let mut ids = Column::default();
    (0..length).map(|_| decode_member(reader, &mut ids)).collect()
}

fn decode_member(reader: &mut Reader<'_>, ids: &mut Column) -> Result<MemberRecord, DecodeError> {
    let id = UserId(reader.delta(ids)?);
    let flags = reader.flags(MEMBER_FLAGS)?;
    Ok(MemberRecord {
        id,
        kind: AuthorKind::from_u8(flags & MEMBER_KIND).ok_or(DecodeError::BadFlags(flags))?,
        username: reader.text()?,
        display_name: reader.text_if(flags & MEMBER_DISPLAY_NAME != 0)?,
        avatar: reader.text_if(flags & MEMBER_AVATAR != 0)?,
    })
}
