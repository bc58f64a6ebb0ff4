//! What a guild has and is beside its names: roles, emojis, features, settings; in GUILD_CREATE and GUILD_UPDATE, and in events of
//! their own (GUILD_ROLE_CREATE, GUILD_ROLE_UPDATE, GUILD_ROLE_DELETE, GUILD_EMOJIS_UPDATE).
//! Sources: Discord, "Guild Resource", Guild Structure; "Permissions", Role Object; "Emoji Resource", Emoji Object.

use std::borrow::Cow;

use vigie_core::vocabulary::{
    EmojiId, Fact, GuildDetailsFact, GuildEmojiFact, GuildId, RoleFact, RoleId,
};

use super::scan::Scanner;
use super::value::Given;
use super::{Read, SetAside, invites, reasons};
use crate::limits;

/// The further fields whose changes are told, and how each is written.
const FIELDS: [(&str, Form); 8] = [
    ("description", Form::Text),
    ("verification_level", Form::Number),
    ("preferred_locale", Form::Text),
    ("afk_channel_id", Form::Id),
    ("system_channel_id", Form::Id),
    ("rules_channel_id", Form::Id),
    ("banner", Form::Hash),
    ("mfa_level", Form::Number),
];

/// How a field is written.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Number,
    Id,
    Hash,
}

/// The value of a further field: `null` where it is said to have none.
type Value<'a> = Option<Cow<'a, str>>;

/// The fields of a guild's details.
#[derive(Default)]
pub(super) struct Details<'a> {
    roles: Option<Vec<RoleFact<'a>>>,
    emojis: Option<Vec<GuildEmojiFact<'a>>>,
    features: Vec<Cow<'a, str>>,
    vanity: Option<Cow<'a, str>>,
    /// In the order of [`FIELDS`]; `None` where the payload does not say.
    fields: [Option<Value<'a>>; FIELDS.len()],
}

impl<'a> Details<'a> {
    /// Reads the value under the cursor if it is one of the details; `false` leaves it where it is.
    pub(super) fn read(&mut self, key: &[u8], scanner: &mut Scanner<'a>) -> bool {
        match key {
            b"roles" => self.roles = read_roles(scanner),
            b"emojis" => self.emojis = read_emojis(scanner),
            b"features" => read_features(scanner, &mut self.features),
            b"vanity_url_code" => self.vanity = invites::read_code(scanner),
            _ => match FIELDS.iter().position(|(name, _)| name.as_bytes() == key) {
                Some(field) => self.fields[field] = read_field(scanner, FIELDS[field].1),
                None => return false,
            },
        }
        true
    }

    /// The AFK channel, which is a field of its own as well.
    pub(super) fn afk_channel(&self) -> Option<u64> {
        let afk = FIELDS.iter().position(|(name, _)| *name == "afk_channel_id")?;
        self.fields[afk].as_ref()?.as_ref()?.parse().ok()
    }

    /// The fact, where both lists are there: without one, all that it names would seem to be gone.
    pub(super) fn into_fact(self, guild: GuildId) -> Option<Fact<'a>> {
        let (roles, emojis) = self.roles.zip(self.emojis)?;
        let names = FIELDS.iter().map(|(name, _)| Cow::Borrowed(*name));
        let fields = names.zip(self.fields).filter_map(|(name, value)| Some((name, value?)));
        Some(Fact::GuildDetails(Box::new(GuildDetailsFact {
            guild,
            roles,
            emojis,
            features: self.features,
            vanity: self.vanity,
            fields: fields.collect(),
        })))
    }
}

/// Reads the `d` of a GUILD_ROLE_CREATE or GUILD_ROLE_UPDATE; the cursor is on it.
pub(super) fn read_role_event<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut role) = (Given::Absent, None);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"role" => role = read_role(scanner),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("role.missing_guild")?);
    Ok(Read::Fact(Fact::Role(guild, role.ok_or(SetAside { reason: "role.missing_role" })?)))
}

/// Reads the `d` of a GUILD_ROLE_DELETE; the cursor is on it.
pub(super) fn read_role_deleted<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut role) = (Given::Absent, Given::Absent);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"role_id" => role = scanner.id(),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("role.missing_guild")?);
    Ok(Read::Fact(Fact::RoleDeleted(guild, RoleId(role.or_set_aside("role.missing_role")?))))
}

/// Reads the `d` of a GUILD_EMOJIS_UPDATE, which names them all; the cursor is on it.
pub(super) fn read_emojis_event<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    if !scanner.enter(b'{') {
        return Err(reasons::MISSING_DATA);
    }
    let (mut guild, mut emojis) = (Given::Absent, None);
    while let Some(key) = scanner.key() {
        match key {
            b"guild_id" => guild = scanner.id(),
            b"emojis" => emojis = read_emojis(scanner),
            _ => scanner.skip(),
        }
    }
    let guild = GuildId(guild.or_set_aside("emojis.missing_guild")?);
    let emojis = emojis.ok_or(SetAside { reason: "emojis.missing_list" })?;
    Ok(Read::Fact(Fact::Emojis(guild, emojis)))
}

/// Reads an array of roles; what cannot be read is left out. `None` if it is no array.
fn read_roles<'a>(scanner: &mut Scanner<'a>) -> Option<Vec<RoleFact<'a>>> {
    if !scanner.enter(b'[') {
        return None;
    }
    let mut roles = Vec::new();
    while scanner.element() {
        let role = read_role(scanner);
        if roles.len() < limits::ROLES_PER_GUILD_MAX {
            roles.extend(role);
        }
    }
    Some(roles)
}

/// Reads a role; `None` if it is no object, or has no id or name.
fn read_role<'a>(scanner: &mut Scanner<'a>) -> Option<RoleFact<'a>> {
    if !scanner.enter(b'{') {
        return None;
    }
    let (mut id, mut name, mut role) = (Given::Absent, None, RoleFact::default());
    while let Some(key) = scanner.key() {
        match key {
            b"id" => id = scanner.id(),
            b"name" => name = scanner.name(),
            b"color" => role.color = scanner.count().unwrap_or(0),
            b"position" => {
                let position = scanner.integer();
                role.position = position.and_then(|at| i32::try_from(at).ok()).unwrap_or(0);
            }
            b"permissions" => role.permissions = scanner.number().unwrap_or(0),
            b"managed" => role.managed = scanner.is_true(),
            _ => scanner.skip(),
        }
    }
    Some(RoleFact { id: RoleId(id.ok()?), name: name?, ..role })
}

/// Reads an array of emojis; what has no id is left out. `None` if it is no array.
fn read_emojis<'a>(scanner: &mut Scanner<'a>) -> Option<Vec<GuildEmojiFact<'a>>> {
    if !scanner.enter(b'[') {
        return None;
    }
    let mut emojis = Vec::new();
    while scanner.element() {
        let emoji = read_emoji(scanner);
        if emojis.len() < limits::EMOJIS_PER_GUILD_MAX {
            emojis.extend(emoji);
        }
    }
    Some(emojis)
}

fn read_emoji<'a>(scanner: &mut Scanner<'a>) -> Option<GuildEmojiFact<'a>> {
    if !scanner.enter(b'{') {
        return None;
    }
    let (mut id, mut emoji) = (Given::Absent, GuildEmojiFact::default());
    while let Some(key) = scanner.key() {
        match key {
            b"id" => id = scanner.id(),
            b"name" => emoji.name = scanner.name().unwrap_or_default(),
            b"animated" => emoji.animated = scanner.is_true(),
            _ => scanner.skip(),
        }
    }
    Some(GuildEmojiFact { id: EmojiId(id.ok()?), ..emoji })
}

/// Reads an array of texts into `features`, in place of what was there.
fn read_features<'a>(scanner: &mut Scanner<'a>, features: &mut Vec<Cow<'a, str>>) {
    features.clear();
    if !scanner.enter(b'[') {
        return;
    }
    while scanner.element() {
        let feature = scanner.name();
        if features.len() < limits::FEATURES_PER_GUILD_MAX {
            features.extend(feature);
        }
    }
}

/// Reads one of the further fields; `None` for a value of another form.
fn read_field<'a>(scanner: &mut Scanner<'a>, form: Form) -> Option<Value<'a>> {
    if scanner.peek() == b'n' {
        scanner.skip();
        return Some(None);
    }
    let value = match form {
        Form::Text => scanner.text(limits::DESCRIPTION_BYTES_MAX)?,
        Form::Number => Cow::Owned(scanner.integer()?.to_string()),
        Form::Id => Cow::Owned(scanner.id().ok()?.to_string()),
        Form::Hash => scanner.hash()?,
    };
    Some(Some(value))
}
