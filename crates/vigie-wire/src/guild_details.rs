//! Family **guilds**, what a guild has and is: the bytes of roles, emojis, features and fields, and of what may be read of it.

use vigie_core::vocabulary::{
    Access, EmojiId, GuildDetails, GuildEmojiRecord, Reading, RoleId, RoleRecord, UnixMs,
};

use crate::reader::Reader;
use crate::varint::{Column, SignedColumn, flag, write, write_signed, write_text, write_text_if};
use crate::{DecodeError, limits};

const DETAILS_EMOJIS: u8 = 1;
const DETAILS_FEATURES: u8 = 2;
const DETAILS_COMPLETE: u8 = 4;
const DETAILS_FLAGS: u8 = DETAILS_EMOJIS | DETAILS_FEATURES | DETAILS_COMPLETE;

const ROLE_MANAGED: u8 = 1;
const ROLE_DELETED: u8 = 2;
const ROLE_FLAGS: u8 = ROLE_MANAGED | ROLE_DELETED;

const EMOJI_ANIMATED: u8 = 1;

const FIELD_VALUE: u8 = 1;

const ACCESS_READING: u8 = 3;
const ACCESS_ALLOWED: u8 = 4;

pub(crate) fn encode_details(details: &GuildDetails, out: &mut Vec<u8>) {
    write_signed(details.at.0, out);
    out.push(
        flag(details.emojis.is_some(), DETAILS_EMOJIS)
            | flag(details.features.is_some(), DETAILS_FEATURES)
            | flag(details.complete, DETAILS_COMPLETE),
    );
    write(details.roles.len() as u64, out);
    let mut ids = Column::default();
    for role in &details.roles {
        ids.write(role.id.0, out);
        out.push(flag(role.managed, ROLE_MANAGED) | flag(role.deleted, ROLE_DELETED));
        write_text(&role.name, out);
        write(u64::from(role.color), out);
        write_signed(i64::from(role.position), out);
        write(role.permissions, out);
    }
    if let Some(emojis) = &details.emojis {
        write(emojis.len() as u64, out);
        let mut ids = Column::default();
        for emoji in emojis {
            ids.write(emoji.id.0, out);
            out.push(flag(emoji.animated, EMOJI_ANIMATED));
            write_text(&emoji.name, out);
        }
    }
    if let Some(features) = &details.features {
        write(features.len() as u64, out);
        for feature in features {
            write_text(feature, out);
        }
    }
    write(details.fields.len() as u64, out);
    for (name, value) in &details.fields {
        out.push(flag(value.is_some(), FIELD_VALUE));
        write_text(name, out);
        write_text_if(value.as_deref(), out);
    }
}

pub(crate) fn decode_details(reader: &mut Reader<'_>) -> Result<GuildDetails, DecodeError> {
    let at = UnixMs(reader.signed()?);
    let flags = reader.flags(DETAILS_FLAGS)?;
    let has = |flag| flags & flag != 0;
    let roles = decode_roles(reader)?;
    let emojis = has(DETAILS_EMOJIS).then(|| decode_emojis(reader)).transpose()?;
    let features = has(DETAILS_FEATURES).then(|| decode_features(reader)).transpose()?;
    let length = reader.list_len(limits::FIELD_BYTES_MIN)?;
    let field = |_| {
        let flags = reader.flags(FIELD_VALUE)?;
        Ok((reader.text()?, reader.text_if(flags & FIELD_VALUE != 0)?))
    };
    let fields = (0..length).map(field).collect::<Result<_, DecodeError>>()?;
    Ok(GuildDetails { at, roles, emojis, features, fields, complete: has(DETAILS_COMPLETE) })
}

fn decode_roles(reader: &mut Reader<'_>) -> Result<Vec<RoleRecord>, DecodeError> {
    let length = reader.list_len(limits::ROLE_BYTES_MIN)?;
    let mut ids = Column::default();
    let role = |_| {
        let id = RoleId(reader.delta(&mut ids)?);
        let flags = reader.flags(ROLE_FLAGS)?;
        Ok(RoleRecord {
            id,
            name: reader.text()?,
            color: reader.varint_u32()?,
            position: reader.signed_i32()?,
            permissions: reader.varint()?,
            managed: flags & ROLE_MANAGED != 0,
            deleted: flags & ROLE_DELETED != 0,
        })
    };
    (0..length).map(role).collect()
}

fn decode_emojis(reader: &mut Reader<'_>) -> Result<Vec<GuildEmojiRecord>, DecodeError> {
    let length = reader.list_len(limits::GUILD_EMOJI_BYTES_MIN)?;
    let mut ids = Column::default();
    let emoji = |_| {
        let id = EmojiId(reader.delta(&mut ids)?);
        let animated = reader.flags(EMOJI_ANIMATED)? != 0;
        Ok(GuildEmojiRecord { id, name: reader.text()?, animated })
    };
    (0..length).map(emoji).collect()
}

fn decode_features(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let length = reader.list_len(limits::FEATURE_BYTES_MIN)?;
    (0..length).map(|_| reader.text()).collect()
}

pub(crate) fn encode_access(accesses: &[Access], out: &mut Vec<u8>) {
    write(accesses.len() as u64, out);
    let mut instants = SignedColumn::default();
    for access in accesses {
        out.push(access.reading as u8 | flag(access.allowed, ACCESS_ALLOWED));
        instants.write(access.at.0, out);
    }
}

pub(crate) fn decode_access(reader: &mut Reader<'_>) -> Result<Vec<Access>, DecodeError> {
    let length = reader.list_len(limits::ACCESS_BYTES_MIN)?;
    let mut instants = SignedColumn::default();
    let access = |_| {
        let flags = reader.flags(ACCESS_READING | ACCESS_ALLOWED)?;
        let reading = Reading::from_u8(flags & ACCESS_READING);
        let reading = reading.ok_or(DecodeError::BadFlags(flags))?;
        let at = UnixMs(instants.read(reader.signed()?));
        Ok(Access { reading, at, allowed: flags & ACCESS_ALLOWED != 0 })
    };
    (0..length).map(access).collect()
}

// A reading has two bits.
const _: () = assert!(Reading::ALL.len() <= ACCESS_READING as usize + 1);
