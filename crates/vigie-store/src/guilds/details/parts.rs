//! Roles, emojis, features and further fields of a guild, told as a whole or one by one.

use std::collections::BTreeSet;

use vigie_core::vocabulary::{GuildDetails, GuildEmojiRecord, RoleRecord};

use super::{DetailsFold, FEATURES, Field, GuildEmoji, Key, Role, made_after};
use crate::{
    guilds::fold::ID_TOO_LARGE,
    limits::{FIELD_BYTES_MAX, FIELD_NAME_BYTES_MAX, NAME_BYTES_MAX},
    question::GuildChangeKind,
    value::{int, key, text},
};

impl DetailsFold {
    /// Roles. `described_at` is when the guild was last described as a whole, if ever: before that nothing is new.
    pub(super) fn roles(
        &mut self,
        guild: i64,
        described_at: Option<i64>,
        details: &GuildDetails,
    ) -> Result<(), &'static str> {
        let at = details.at.0;
        let mut missing: BTreeSet<i64> = BTreeSet::new();
        if details.complete {
            let known = self.known.roles.range((guild, i64::MIN)..=(guild, i64::MAX));
            let standing = known.filter(|(_, role)| !role.is_deleted && role.told_at <= at);
            missing = standing.map(|(key, _)| key.1).collect();
        }
        for role in &details.roles {
            let id = key(role.id.0).ok_or(ID_TOO_LARGE)?;
            missing.remove(&id);
            self.role((guild, id), at, described_at, role);
        }
        for id in missing {
            self.role_gone((guild, id), at);
        }
        Ok(())
    }

    fn role(&mut self, key: Key, at: i64, described_at: Option<i64>, record: &RoleRecord) {
        let before = self.known.roles.get(&key).cloned();
        if before.as_ref().is_some_and(|before| at < before.told_at) {
            return;
        }
        if record.deleted {
            return self.role_gone(key, at);
        }
        let now = Role {
            name: text(&record.name, NAME_BYTES_MAX),
            color: int(u64::from(record.color)),
            position: record.position,
            // Bits: the 64th may be set.
            permissions: record.permissions as i64,
            managed: record.managed,
            is_deleted: false,
            told_at: at,
        };
        let subject = Some((key.1, Some(now.name.clone())));
        match before.filter(|before| !before.is_deleted) {
            Some(before) => {
                let bits = |permissions: i64| Some((permissions as u64).to_string());
                let fields = [
                    ("name", Some(before.name), Some(now.name.clone())),
                    ("color", Some(before.color.to_string()), Some(now.color.to_string())),
                    ("permissions", bits(before.permissions), bits(now.permissions)),
                ];
                for (field, old, new) in fields {
                    let what = (key.0, at, GuildChangeKind::RoleChanged);
                    self.field_changed(what, subject.clone(), field, old, new);
                }
            }
            None => {
                if let Some(described_at) = described_at {
                    let made = made_after(key.1, described_at, at).unwrap_or(at);
                    self.change(key.0, made, GuildChangeKind::RoleAdded, subject);
                }
            }
        }
        self.known.roles.insert(key, now);
        self.roles_changed.insert(key);
    }

    fn role_gone(&mut self, key: Key, at: i64) {
        let Some(role) = self.known.roles.get_mut(&key).filter(|role| !role.is_deleted) else {
            return;
        };
        role.is_deleted = true;
        role.told_at = at;
        let subject = Some((key.1, Some(role.name.clone())));
        self.roles_changed.insert(key);
        self.change(key.0, at, GuildChangeKind::RoleRemoved, subject);
    }

    /// Emojis, all of them where they are told.
    pub(super) fn emojis(
        &mut self,
        guild: i64,
        described_at: Option<i64>,
        details: &GuildDetails,
    ) -> Result<(), &'static str> {
        let Some(emojis) = &details.emojis else { return Ok(()) };
        let at = details.at.0;
        let known = self.known.emojis.range((guild, i64::MIN)..=(guild, i64::MAX));
        let standing = known.filter(|(_, emoji)| !emoji.is_deleted && emoji.told_at <= at);
        let mut missing: BTreeSet<i64> = standing.map(|(key, _)| key.1).collect();
        for emoji in emojis {
            let id = key(emoji.id.0).ok_or(ID_TOO_LARGE)?;
            missing.remove(&id);
            self.emoji((guild, id), at, described_at, emoji);
        }
        for id in missing {
            let Some(emoji) = self.known.emojis.get_mut(&(guild, id)) else { continue };
            emoji.is_deleted = true;
            emoji.told_at = at;
            let subject = Some((id, Some(emoji.name.clone())));
            self.emojis_changed.insert((guild, id));
            self.change(guild, at, GuildChangeKind::EmojiRemoved, subject);
        }
        Ok(())
    }

    fn emoji(&mut self, key: Key, at: i64, described_at: Option<i64>, record: &GuildEmojiRecord) {
        let before = self.known.emojis.get(&key).cloned();
        if before.as_ref().is_some_and(|before| at < before.told_at) {
            return;
        }
        let now = GuildEmoji {
            name: text(&record.name, NAME_BYTES_MAX),
            animated: record.animated,
            is_deleted: false,
            told_at: at,
        };
        let subject = Some((key.1, Some(now.name.clone())));
        match before.filter(|before| !before.is_deleted) {
            Some(before) => {
                let what = (key.0, at, GuildChangeKind::EmojiChanged);
                self.field_changed(
                    what,
                    subject,
                    "name",
                    Some(before.name),
                    Some(now.name.clone()),
                );
            }
            None => {
                if let Some(described_at) = described_at {
                    let made = made_after(key.1, described_at, at).unwrap_or(at);
                    self.change(key.0, made, GuildChangeKind::EmojiAdded, subject);
                }
            }
        }
        self.known.emojis.insert(key, now);
        self.emojis_changed.insert(key);
    }

    /// Features: each that came or went is a change of its own.
    pub(super) fn features(&mut self, guild: i64, details: &GuildDetails) {
        let Some(features) = &details.features else { return };
        let joined = text(&features.join(","), FIELD_BYTES_MAX);
        let Some(before) = self.field(guild, FEATURES, Some(joined.clone()), details.at.0) else {
            return;
        };
        let before = before.unwrap_or_default();
        let set = |text: &str| -> BTreeSet<String> {
            text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let (before, now) = (set(&before), set(&joined));
        let what = (guild, details.at.0, GuildChangeKind::Guild);
        for gone in before.difference(&now) {
            self.field_changed(what, None, FEATURES, Some(gone.clone()), None);
        }
        for came in now.difference(&before) {
            self.field_changed(what, None, FEATURES, None, Some(came.clone()));
        }
    }

    /// Further fields, by name.
    pub(super) fn fields(&mut self, guild: i64, details: &GuildDetails) {
        for (name, value) in &details.fields {
            let name = text(name, FIELD_NAME_BYTES_MAX);
            if name == FEATURES {
                continue;
            }
            let value = value.as_deref().map(|value| text(value, FIELD_BYTES_MAX));
            if let Some(before) = self.field(guild, &name, value.clone(), details.at.0) {
                let what = (guild, details.at.0, GuildChangeKind::Guild);
                self.field_changed(what, None, &name, before, value);
            }
        }
    }

    /// Keeps a field; gives its value before, if it was known and this is not older.
    fn field(
        &mut self,
        guild: i64,
        name: &str,
        value: Option<String>,
        at: i64,
    ) -> Option<Option<String>> {
        let key = (guild, name.to_owned());
        let before = self.known.fields.get(&key);
        if before.is_some_and(|before| at < before.told_at) {
            return None;
        }
        let before = before.map(|before| before.value.clone());
        self.known.fields.insert(key.clone(), Field { value, told_at: at });
        self.fields_changed.insert(key);
        before
    }
}
