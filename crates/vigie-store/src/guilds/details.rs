//! What guilds have and are, compared with what the tables hold: the differences are kept as changes, to be read beside a chart.
//!
//! What is seen for the first time is no change, unless its snowflake says that it was made after the guild was last told of. Threads come and
//! go too often to be told.

mod parts;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{
    Access, ChannelRecord, GuildDetails, GuildId, GuildRecord, UnixMs, snowflake_time,
};

use super::fold::{ID_TOO_LARGE, is_thread};
use crate::{
    limits::{BOT_ADDED_GRACE_MS, HASH_BYTES_MAX, NAME_BYTES_MAX},
    question::GuildChangeKind,
    value::{id, int, key, text},
};

pub(crate) use write::{known, write};

/// How far our clock may be before Discord's, in milliseconds: what was made this long before the guild was last told of may be new.
const SKEW_MS: i64 = 60_000;

/// The field under which a guild's features stand, all in one text. It is there once a guild was described as a whole.
const FEATURES: &str = "features";

/// Guild, and id of what belongs to it.
type Key = (i64, i64);

/// What the tables know of the guilds of a batch.
#[derive(Debug, Default)]
pub(crate) struct Known {
    guilds: BTreeMap<i64, KnownGuild>,
    channels: BTreeMap<Key, KnownChannel>,
    roles: BTreeMap<Key, Role>,
    emojis: BTreeMap<Key, GuildEmoji>,
    fields: BTreeMap<(i64, String), Field>,
    /// Guild and reading: since when, and whether it may be read.
    access: BTreeMap<(i64, i32), (i64, bool)>,
    /// The latest instant that the producer of the batch has told.
    clock: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownGuild {
    name: String,
    icon: Option<String>,
    owner: i64,
    premium_tier: i32,
    boost_count: i32,
    is_active: bool,
    bot_added_at: Option<i64>,
    told_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownChannel {
    kind: i32,
    name: Option<String>,
    parent: Option<i64>,
    is_deleted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Role {
    name: String,
    color: i32,
    position: i32,
    permissions: i64,
    managed: bool,
    is_deleted: bool,
    told_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct GuildEmoji {
    name: String,
    animated: bool,
    is_deleted: bool,
    told_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    value: Option<String>,
    told_at: i64,
}

/// A row of `guild_changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ChangeWrite {
    guild: i64,
    at: i64,
    kind: GuildChangeKind,
    /// Id and name of what changed; none for the guild itself.
    subject: Option<(i64, Option<String>)>,
    field: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

/// The records of a batch that say what guilds have and are, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct DetailsFold {
    known: Known,
    roles_changed: BTreeSet<Key>,
    emojis_changed: BTreeSet<Key>,
    fields_changed: BTreeSet<(i64, String)>,
    access_changed: BTreeSet<(i64, i32)>,
    changes: Vec<ChangeWrite>,
}

impl DetailsFold {
    /// An empty fold over what is known.
    pub(crate) fn new(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// The producer has told of this instant: what follows in its lane, and has no instant of its own, was not before it.
    pub(crate) fn told(&mut self, at: UnixMs) {
        self.known.clock = self.known.clock.max(at.0);
    }

    /// A guild, and all its channels if it lists any.
    pub(crate) fn guild(&mut self, record: &GuildRecord) -> Result<(), &'static str> {
        let guild = key(record.id.0).ok_or(ID_TOO_LARGE)?;
        let at = record.at.0;
        let before = self.known.guilds.get(&guild).cloned();
        if before.as_ref().is_some_and(|before| at < before.told_at) {
            return Ok(());
        }
        let bot_added_at = record.bot_joined_at.map(|at| at.0);
        let added_before = before.as_ref().and_then(|before| before.bot_added_at);
        let now = KnownGuild {
            name: text(&record.name, NAME_BYTES_MAX),
            icon: record.icon.as_deref().map(|icon| text(icon, HASH_BYTES_MAX)),
            owner: key(record.owner.0).ok_or(ID_TOO_LARGE)?,
            premium_tier: i32::from(record.premium_tier),
            boost_count: int(u64::from(record.boost_count)),
            is_active: true,
            bot_added_at: bot_added_at.or(added_before),
            told_at: at,
        };
        if let Some(added) = bot_added_at.filter(|added| is_coming(added_before, *added, at)) {
            self.change(guild, added, GuildChangeKind::BotAdded, None);
        }
        let told_at = before.as_ref().map(|before| before.told_at);
        if let Some(before) = &before {
            self.guild_fields(guild, at, before, &now);
        }
        self.known.guilds.insert(guild, now);
        if record.channels.is_empty() {
            return Ok(());
        }
        let mut missing: BTreeSet<i64> = self.standing_channels(guild).collect();
        for channel in &record.channels {
            let channel = self.channel(guild, at, told_at, channel)?;
            missing.remove(&channel);
        }
        for channel in missing {
            self.channel_gone(guild, at, channel);
        }
        Ok(())
    }

    fn guild_fields(&mut self, guild: i64, at: i64, before: &KnownGuild, now: &KnownGuild) {
        let number = |number: i32| Some(number.to_string());
        let id = |id: i64| Some(id.to_string());
        let boosts = (number(before.boost_count), number(now.boost_count));
        let fields = [
            ("name", Some(before.name.clone()), Some(now.name.clone())),
            ("icon", before.icon.clone(), now.icon.clone()),
            ("owner_id", id(before.owner), id(now.owner)),
            ("premium_tier", number(before.premium_tier), number(now.premium_tier)),
            ("premium_subscription_count", boosts.0, boosts.1),
        ];
        for (field, old, new) in fields {
            self.field_changed((guild, at, GuildChangeKind::Guild), None, field, old, new);
        }
    }

    /// Our bot was removed.
    pub(crate) fn guild_removed(&mut self, guild: GuildId, at: UnixMs) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        let known = self.known.guilds.get_mut(&guild).filter(|known| at.0 >= known.told_at);
        let Some(known) = known else { return Ok(()) };
        known.told_at = at.0;
        if std::mem::take(&mut known.is_active) {
            self.change(guild, at.0, GuildChangeKind::BotRemoved, None);
        }
        Ok(())
    }

    /// Some channels. They come without an instant: that of the last thing told before stands for it.
    pub(crate) fn channels(
        &mut self,
        guild: GuildId,
        records: &[ChannelRecord],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        let told_at = self.known.guilds.get(&guild).map(|known| known.told_at);
        let at = self.known.clock.max(told_at.unwrap_or_default());
        for record in records {
            if record.deleted {
                let channel = key(record.id.0).ok_or(ID_TOO_LARGE)?;
                self.channel_gone(guild, at, channel);
            } else {
                self.channel(guild, at, told_at, record)?;
            }
        }
        Ok(())
    }

    /// A channel that is there; `told_at` is when its guild was told of before, if ever.
    fn channel(
        &mut self,
        guild: i64,
        at: i64,
        told_at: Option<i64>,
        record: &ChannelRecord,
    ) -> Result<i64, &'static str> {
        let channel = key(record.id.0).ok_or(ID_TOO_LARGE)?;
        let kind = i32::from(record.kind.0);
        if is_thread(kind) {
            return Ok(channel);
        }
        let parent = record.parent.map(|parent| key(parent.0).ok_or(ID_TOO_LARGE)).transpose()?;
        let before = self.known.channels.get(&(guild, channel)).cloned();
        let told = record.name.as_deref().map(|name| text(name, NAME_BYTES_MAX));
        let name = told.or_else(|| before.as_ref()?.name.clone());
        let now = KnownChannel { kind, name: name.clone(), parent, is_deleted: false };
        match (before.filter(|before| !before.is_deleted), told_at) {
            (Some(before), Some(_)) => self.channel_changed((guild, at), channel, before, &now),
            // One that was made before the guild was last told of has long been there, and is only now shown to us: no change.
            (None, Some(told_at)) => {
                if let Some(made) = made_after(channel, told_at, at) {
                    let subject = Some((channel, name));
                    self.change(guild, made, GuildChangeKind::ChannelAdded, subject);
                }
            }
            (_, None) => {}
        }
        self.known.channels.insert((guild, channel), now);
        Ok(channel)
    }

    fn channel_changed(
        &mut self,
        (guild, at): (i64, i64),
        channel: i64,
        before: KnownChannel,
        now: &KnownChannel,
    ) {
        let subject = Some((channel, now.name.clone()));
        let what = (guild, at, GuildChangeKind::ChannelChanged);
        // A name that was hidden from us until now is no new one.
        let old = before.name.or_else(|| now.name.clone());
        self.field_changed(what, subject.clone(), "name", old, now.name.clone());
        let id = |id: Option<i64>| id.map(|id| id.to_string());
        self.field_changed(what, subject.clone(), "parent_id", id(before.parent), id(now.parent));
        let number = |kind: i32| Some(kind.to_string());
        self.field_changed(what, subject, "kind", number(before.kind), number(now.kind));
    }

    fn channel_gone(&mut self, guild: i64, at: i64, channel: i64) {
        let Some(known) = self.known.channels.get_mut(&(guild, channel)) else { return };
        if is_thread(known.kind) || std::mem::replace(&mut known.is_deleted, true) {
            return;
        }
        let subject = Some((channel, known.name.clone()));
        self.change(guild, at, GuildChangeKind::ChannelRemoved, subject);
    }

    /// Channels of a guild that are there, threads apart.
    fn standing_channels(&self, guild: i64) -> impl Iterator<Item = i64> {
        let of_guild = self.known.channels.range((guild, i64::MIN)..=(guild, i64::MAX));
        let standing = of_guild.filter(|(_, known)| !known.is_deleted && !is_thread(known.kind));
        standing.map(|(key, _)| key.1)
    }

    /// What a guild has and is.
    pub(crate) fn details(
        &mut self,
        guild: GuildId,
        details: &GuildDetails,
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        let described = self.known.fields.get(&(guild, FEATURES.to_owned()));
        let described_at = described.map(|field| field.told_at);
        self.roles(guild, described_at, details)?;
        self.emojis(guild, described_at, details)?;
        self.features(guild, details);
        self.fields(guild, details);
        Ok(())
    }

    /// What may be read of a guild. The instant stays that of the first time it was so.
    pub(crate) fn access(&mut self, guild: GuildId, access: &[Access]) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        for access in access {
            let key = (guild, i32::from(access.reading as u8));
            let now = (access.at.0, access.allowed);
            let before = self.known.access.get(&key);
            if before.is_none_or(|before| before.0 <= now.0 && before.1 != now.1) {
                self.known.access.insert(key, now);
                self.access_changed.insert(key);
            }
        }
        Ok(())
    }

    /// Something came or went.
    fn change(
        &mut self,
        guild: i64,
        at: i64,
        kind: GuildChangeKind,
        subject: Option<(i64, Option<String>)>,
    ) {
        let change = ChangeWrite { guild, at, kind, subject, field: None, old: None, new: None };
        self.changes.push(change);
    }

    /// A field was told: a change if it is another value.
    fn field_changed(
        &mut self,
        (guild, at, kind): (i64, i64, GuildChangeKind),
        subject: Option<(i64, Option<String>)>,
        field: &str,
        old: Option<String>,
        new: Option<String>,
    ) {
        if old != new {
            let field = Some(field.to_owned());
            self.changes.push(ChangeWrite { guild, at, kind, subject, field, old, new });
        }
    }
}

/// Whether the bot came at `added`: another instant than before, or, at first sight, a moment ago. A guild in which it was long before we
/// first looked is no arrival.
fn is_coming(before: Option<i64>, added: i64, at: i64) -> bool {
    match before {
        Some(before) => before != added,
        None => added > at.saturating_sub(BOT_ADDED_GRACE_MS),
    }
}

/// When something was made that was first told of at `at`, if that was after `told_at`.
fn made_after(made: i64, told_at: i64, at: i64) -> Option<i64> {
    let made = snowflake_time(id(made)).0;
    (made > told_at.saturating_sub(SKEW_MS)).then_some(made.min(at))
}
