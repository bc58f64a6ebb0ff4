//! What guilds have and are: roles, emojis, features, settings. The store compares with what it holds, and keeps the differences.

use std::borrow::Cow;

use super::short;
use crate::limits;
use crate::vocabulary::{
    EmojiId, GuildDetails, GuildDetailsFact, GuildEmojiFact, GuildEmojiRecord, GuildId, Record,
    RoleFact, RoleId, RoleRecord, UnixMs,
};

/// The field under which the vanity address is told.
const VANITY: &str = "vanity_url_code";

/// All that GUILD_CREATE and GUILD_UPDATE say, sorted; of what is named twice the last counts.
pub(crate) fn all(at: UnixMs, fact: &GuildDetailsFact<'_>) -> Record {
    let mut roles: Vec<_> = fact.roles.iter().rev().map(role_record).collect();
    roles.sort_by_key(|role| role.id);
    roles.dedup_by_key(|role| role.id);
    roles.truncate(limits::RECORD_ROLES_MAX);
    let mut features: Vec<_> = fact.features.iter().map(|feature| short(feature)).collect();
    features.sort_unstable();
    features.dedup();
    features.truncate(limits::RECORD_FEATURES_MAX);
    let field = |(name, value): &(Cow<'_, str>, Option<Cow<'_, str>>)| {
        let value = value.as_deref().map(|text| limits::cut(text, limits::DESCRIPTION_BYTES_MAX));
        (short(name), value.map(str::to_owned))
    };
    let mut fields: Vec<_> = fact.fields.iter().map(field).collect();
    fields.push((VANITY.to_owned(), fact.vanity.as_deref().map(short)));
    fields.sort_unstable();
    let details = GuildDetails {
        at,
        roles,
        emojis: Some(emoji_records(&fact.emojis)),
        features: Some(features),
        fields,
        complete: true,
    };
    Record::GuildDetails(fact.guild, Box::new(details))
}

/// A role that was made or changed.
pub(crate) fn role(at: UnixMs, guild: GuildId, role: &RoleFact<'_>) -> Record {
    part(guild, GuildDetails { at, roles: vec![role_record(role)], ..GuildDetails::default() })
}

/// A role that was deleted: what it was, the store keeps.
pub(crate) fn role_deleted(at: UnixMs, guild: GuildId, id: RoleId) -> Record {
    let role = RoleRecord { id, deleted: true, ..RoleRecord::default() };
    part(guild, GuildDetails { at, roles: vec![role], ..GuildDetails::default() })
}

/// The guild's emojis, all of them.
pub(crate) fn emojis(at: UnixMs, guild: GuildId, emojis: &[GuildEmojiFact<'_>]) -> Record {
    let emojis = Some(emoji_records(emojis));
    part(guild, GuildDetails { at, emojis, ..GuildDetails::default() })
}

fn part(guild: GuildId, details: GuildDetails) -> Record {
    Record::GuildDetails(guild, Box::new(details))
}

fn role_record(role: &RoleFact<'_>) -> RoleRecord {
    RoleRecord {
        id: role.id,
        name: short(&role.name),
        color: role.color,
        position: role.position,
        permissions: role.permissions,
        managed: role.managed,
        deleted: false,
    }
}

fn emoji_records(emojis: &[GuildEmojiFact<'_>]) -> Vec<GuildEmojiRecord> {
    let record = |emoji: &GuildEmojiFact<'_>| GuildEmojiRecord {
        id: emoji.id,
        name: short(&emoji.name),
        animated: emoji.animated,
    };
    let mut emojis: Vec<_> = emojis.iter().rev().map(record).collect();
    emojis.sort_by_key(|emoji| emoji.id);
    emojis.dedup_by_key(|emoji: &mut GuildEmojiRecord| -> EmojiId { emoji.id });
    emojis.truncate(limits::RECORD_EMOJIS_MAX);
    emojis
}
