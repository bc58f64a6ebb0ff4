//! What changes about a guild: what is told is compared with what is known, and the differences are kept as annotations.
//!
//! What is told of a guild for the first time is no change, and neither is the first role or emoji that is known of it.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{Access, GuildDetails, GuildId, GuildRecord, UnixMs};

use crate::{
    db::Conn,
    limits::{BOT_ADDED_GRACE_MS, FIELD_BYTES_MAX, HASH_BYTES_MAX, NAME_BYTES_MAX},
    members::of_members,
    question::GuildChangeKind as Kind,
    upsert::{Merge, Upsert, Values},
    value::{key, text},
};

const ID_TOO_LARGE: &str = "an id does not fit into 63 bits";

/// A row of `guild_roles` without its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Role {
    name: String,
    color: i32,
    position: i32,
    permissions: i64,
    managed: bool,
    is_deleted: bool,
}

/// A row of `guild_emojis` without its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Emoji {
    name: String,
    animated: bool,
    is_deleted: bool,
}

/// A row of `guild_changes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Change {
    guild: i64,
    at: i64,
    kind: i32,
    subject_id: Option<i64>,
    subject: Option<String>,
    field: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

/// What is told of a guild.
#[derive(Debug)]
enum Told {
    Guild { at: i64, fields: [(&'static str, Option<String>); 4], bot_added_at: Option<i64> },
    Removed(i64),
    Details(Box<Details>),
}

/// What a guild has and is, as it can be stored.
#[derive(Debug)]
struct Details {
    at: i64,
    roles: BTreeMap<i64, Role>,
    emojis: Option<BTreeMap<i64, Emoji>>,
    fields: Vec<(String, Option<String>)>,
    is_complete: bool,
}

/// What a batch tells of guilds, in its order, and what may be read of them.
#[derive(Debug, Default)]
pub(crate) struct DetailsFold {
    told: Vec<(i64, Told)>,
    access: BTreeMap<(i64, i32), (i64, bool)>,
}

impl DetailsFold {
    /// A guild itself.
    pub(crate) fn guild(&mut self, record: &GuildRecord) -> Result<(), &'static str> {
        let guild = key(record.id.0).ok_or(ID_TOO_LARGE)?;
        let icon = record.icon.as_deref().map(|icon| text(icon, HASH_BYTES_MAX));
        let fields = [
            ("name", Some(text(&record.name, NAME_BYTES_MAX))),
            ("icon", icon),
            ("owner_id", Some(record.owner.0.to_string())),
            ("premium_tier", Some(record.premium_tier.to_string())),
        ];
        let bot_added_at = record.bot_joined_at.map(|at| at.0);
        self.told.push((guild, Told::Guild { at: record.at.0, fields, bot_added_at }));
        Ok(())
    }

    /// Our bot was removed.
    pub(crate) fn removed(&mut self, guild: GuildId, at: UnixMs) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        self.told.push((guild, Told::Removed(at.0)));
        Ok(())
    }

    /// What a guild has and is.
    pub(crate) fn details(
        &mut self,
        guild: GuildId,
        details: &GuildDetails,
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        let mut roles = BTreeMap::new();
        for role in &details.roles {
            let row = Role {
                name: text(&role.name, NAME_BYTES_MAX),
                color: i32::try_from(role.color).unwrap_or(0),
                position: role.position,
                // Bits: the 64th may be set.
                permissions: role.permissions as i64,
                managed: role.managed,
                is_deleted: role.deleted,
            };
            roles.insert(key(role.id.0).ok_or(ID_TOO_LARGE)?, row);
        }
        let mut emojis = details.emojis.as_ref().map(|_| BTreeMap::new());
        for emoji in details.emojis.iter().flatten() {
            let (name, animated) = (text(&emoji.name, NAME_BYTES_MAX), emoji.animated);
            let id = key(emoji.id.0).ok_or(ID_TOO_LARGE)?;
            let row = Emoji { name, animated, is_deleted: false };
            emojis.get_or_insert_default().insert(id, row);
        }
        let features = details.features.iter().map(|all| ("features".to_owned(), Some(all.join(", "))));
        let cut = |value: Option<String>| value.map(|value| text(&value, FIELD_BYTES_MAX));
        let fields = features.chain(details.fields.iter().cloned());
        let fields = fields.map(|(name, value)| (text(&name, HASH_BYTES_MAX), cut(value))).collect();
        let (at, is_complete) = (details.at.0, details.complete);
        let details = Details { at, roles, emojis, fields, is_complete };
        self.told.push((guild, Told::Details(Box::new(details))));
        Ok(())
    }

    /// What may be read of a guild.
    pub(crate) fn access(
        &mut self,
        guild: GuildId,
        access: &[Access],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or(ID_TOO_LARGE)?;
        for access in access {
            let key = (guild, i32::from(access.reading as u8));
            self.access.insert(key, (access.at.0, access.allowed));
        }
        Ok(())
    }
}

/// What is known of the guilds of a batch, and what became of it.
#[derive(Default)]
struct Known {
    /// The fields of a guild itself, when it was told, and when our bot was added, if it is there.
    guilds: BTreeMap<i64, Guild>,
    roles: BTreeMap<(i64, i64), Role>,
    emojis: BTreeMap<(i64, i64), Emoji>,
    fields: BTreeMap<(i64, String), Option<String>>,
    changed_roles: BTreeSet<(i64, i64)>,
    changed_emojis: BTreeSet<(i64, i64)>,
    changed_fields: BTreeSet<(i64, String)>,
    changes: Vec<Change>,
}

/// A guild itself.
#[derive(Clone, Debug, Default)]
struct Guild {
    fields: [Option<String>; 4],
    told_at: i64,
    is_active: bool,
    bot_added_at: Option<i64>,
}

/// Compares what the fold holds with what is known, and writes what changed. To be called before the guilds themselves are written.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &DetailsFold) -> sqlx::Result<()> {
    access(fold).run(conn).await?;
    if fold.told.is_empty() {
        return Ok(());
    }
    let mut known = known(conn, fold).await?;
    for (guild, told) in &fold.told {
        match told {
            Told::Guild { at, fields, bot_added_at } => {
                known.guild(*guild, *at, fields, *bot_added_at);
            }
            Told::Removed(at) => known.removed(*guild, *at),
            Told::Details(details) => known.details(*guild, details),
        }
    }
    known.roles().run(conn).await?;
    known.emojis().run(conn).await?;
    known.fields().run(conn).await?;
    known.changes().run(conn).await
}

/// Guild, name, icon, owner, tier, whether the bot is there, when it was added, when told.
type GuildSql = (i64, String, Option<String>, i64, i32, bool, Option<i64>, i64);

/// Guild, role, name, colour, position, permissions, managed, deleted.
type RoleSql = (i64, i64, String, i32, i32, i64, bool, bool);

async fn known(conn: &mut Conn<'_>, fold: &DetailsFold) -> sqlx::Result<Known> {
    let ids = |only: fn(&Told) -> bool| {
        let told = fold.told.iter().filter(|(_, told)| only(told)).map(|(guild, _)| *guild);
        let ids: BTreeSet<i64> = told.collect();
        ids.into_iter().map(|guild| ((guild, 0), 0)).collect::<Vec<_>>()
    };
    let guilds = ids(|_| true);
    let detailed = ids(|told| matches!(told, Told::Details(_)));
    let mut known = Known::default();
    let columns = "c.guild_id, c.name, c.icon, c.owner_id, c.premium_tier, c.is_active, c.bot_added_at_ms, c.told_at_ms";
    let rest = "guilds c WHERE c.guild_id = asked.g";
    let rows: Vec<GuildSql> = of_members(conn, &guilds, columns, rest).await?;
    for (guild, name, icon, owner, tier, is_active, bot_added_at, told_at) in rows {
        let fields = [Some(name), icon, Some(owner.to_string()), Some(tier.to_string())];
        known.guilds.insert(guild, Guild { fields, told_at, is_active, bot_added_at });
    }
    let columns = "c.guild_id, c.role_id, c.name, c.color, c.position, c.permissions, c.managed, c.is_deleted";
    let rest = "guild_roles c WHERE c.guild_id = asked.g";
    let rows: Vec<RoleSql> = of_members(conn, &detailed, columns, rest).await?;
    for (guild, role, name, color, position, permissions, managed, is_deleted) in rows {
        let row = Role { name, color, position, permissions, managed, is_deleted };
        known.roles.insert((guild, role), row);
    }
    let columns = "c.guild_id, c.emoji_id, c.name, c.animated, c.is_deleted";
    let rest = "guild_emojis c WHERE c.guild_id = asked.g";
    let rows: Vec<(i64, i64, String, bool, bool)> =
        of_members(conn, &detailed, columns, rest).await?;
    for (guild, emoji, name, animated, is_deleted) in rows {
        known.emojis.insert((guild, emoji), Emoji { name, animated, is_deleted });
    }
    let rest = "guild_fields c WHERE c.guild_id = asked.g";
    let rows: Vec<(i64, String, Option<String>)> =
        of_members(conn, &detailed, "c.guild_id, c.field, c.value", rest).await?;
    for (guild, field, value) in rows {
        known.fields.insert((guild, field), value);
    }
    Ok(known)
}

impl Known {
    fn note(&mut self, guild: i64, at: i64, kind: Kind, change: Change) {
        self.changes.push(Change { guild, at, kind: i32::from(kind as u8), ..change });
    }

    fn guild(
        &mut self,
        guild: i64,
        at: i64,
        fields: &[(&'static str, Option<String>); 4],
        bot_added_at: Option<i64>,
    ) {
        let told = fields.clone().map(|(_, value)| value);
        let now = Guild { fields: told, told_at: at, is_active: true, bot_added_at };
        let Some(before) = self.guilds.get(&guild).cloned() else {
            // Seen for the first time: our bot has just come, unless it came long ago.
            if let Some(added) = bot_added_at.filter(|added| at - added < BOT_ADDED_GRACE_MS) {
                self.note(guild, added, Kind::BotAdded, Change::default());
            }
            self.guilds.insert(guild, now);
            return;
        };
        if at < before.told_at {
            return;
        }
        if let Some(added) = bot_added_at.filter(|added| before.bot_added_at != Some(*added)) {
            let is_back = before.bot_added_at.is_some() || !before.is_active;
            if is_back || at - added < BOT_ADDED_GRACE_MS {
                self.note(guild, added, Kind::BotAdded, Change::default());
            }
        }
        for ((name, new), old) in fields.iter().zip(&before.fields).filter(|(f, old)| f.1 != **old) {
            let field = Some((*name).to_owned());
            let change = Change { field, old: old.clone(), new: new.clone(), ..Change::default() };
            self.note(guild, at, Kind::Guild, change);
        }
        let bot_added_at = bot_added_at.or(before.bot_added_at);
        self.guilds.insert(guild, Guild { bot_added_at, ..now });
    }

    fn removed(&mut self, guild: i64, at: i64) {
        let known = self.guilds.get_mut(&guild);
        if let Some(known) = known.filter(|known| known.is_active && at >= known.told_at) {
            (known.is_active, known.told_at) = (false, at);
            self.note(guild, at, Kind::BotRemoved, Change::default());
        }
    }

    fn details(&mut self, guild: i64, details: &Details) {
        let at = details.at;
        for (name, new) in &details.fields {
            let key = (guild, name.clone());
            match self.fields.insert(key.clone(), new.clone()) {
                Some(old) if old == *new => continue,
                Some(old) => {
                    let field = Some(name.clone());
                    let change = Change { field, old, new: new.clone(), ..Change::default() };
                    self.note(guild, at, Kind::Guild, change);
                }
                None => {}
            }
            self.changed_fields.insert(key);
        }
        let whole = (guild, i64::MIN)..=(guild, i64::MAX);
        let is_first = self.roles.range(whole.clone()).next().is_none();
        for (id, role) in &details.roles {
            self.role(guild, at, *id, role, is_first);
        }
        if details.is_complete {
            let here = self.roles.range(whole.clone()).filter(|(_, role)| !role.is_deleted);
            let gone = here.filter(|((_, id), _)| !details.roles.contains_key(id));
            let gone: Vec<(i64, Role)> = gone.map(|((_, id), role)| (*id, role.clone())).collect();
            for (id, role) in gone {
                self.role(guild, at, id, &Role { is_deleted: true, ..role }, false);
            }
        }
        let Some(emojis) = &details.emojis else { return };
        let is_first = self.emojis.range(whole.clone()).next().is_none();
        for (id, emoji) in emojis {
            self.emoji(guild, at, *id, emoji, is_first);
        }
        let here = self.emojis.range(whole).filter(|(_, emoji)| !emoji.is_deleted);
        let gone = here.filter(|((_, id), _)| !emojis.contains_key(id));
        let gone: Vec<(i64, Emoji)> = gone.map(|((_, id), emoji)| (*id, emoji.clone())).collect();
        for (id, emoji) in gone {
            self.emoji(guild, at, id, &Emoji { is_deleted: true, ..emoji }, false);
        }
    }

    /// A role as it is told; of a deleted one only that.
    fn role(&mut self, guild: i64, at: i64, id: i64, told: &Role, is_first: bool) {
        let before = self.roles.get(&(guild, id)).cloned();
        let was_here = before.as_ref().is_some_and(|role| !role.is_deleted);
        let now = match &before {
            Some(before) if told.is_deleted => Role { is_deleted: true, ..before.clone() },
            _ => told.clone(),
        };
        if before.as_ref() == Some(&now) {
            return;
        }
        let subject = || Change {
            subject_id: Some(id),
            subject: Some(now.name.clone()),
            ..Change::default()
        };
        match (was_here, now.is_deleted, &before) {
            (false, false, _) if !is_first => self.note(guild, at, Kind::RoleAdded, subject()),
            (true, true, _) => self.note(guild, at, Kind::RoleRemoved, subject()),
            (true, false, Some(before)) => {
                let of = |role: &Role| {
                    let permissions = (role.permissions as u64).to_string();
                    [
                        ("name", role.name.clone()),
                        ("color", format!("#{:06x}", role.color)),
                        ("permissions", permissions),
                    ]
                };
                for ((field, old), (_, new)) in of(before).into_iter().zip(of(&now)) {
                    if old != new {
                        let field = Some(field.to_owned());
                        let change = Change { field, old: Some(old), new: Some(new), ..subject() };
                        self.note(guild, at, Kind::RoleChanged, change);
                    }
                }
            }
            _ => {}
        }
        self.roles.insert((guild, id), now);
        self.changed_roles.insert((guild, id));
    }

    fn emoji(&mut self, guild: i64, at: i64, id: i64, now: &Emoji, is_first: bool) {
        let before = self.emojis.get(&(guild, id)).cloned();
        if before.as_ref() == Some(now) {
            return;
        }
        let was_here = before.as_ref().is_some_and(|emoji| !emoji.is_deleted);
        let subject = Change {
            subject_id: Some(id),
            subject: Some(now.name.clone()),
            ..Change::default()
        };
        match (was_here, now.is_deleted, before) {
            (false, false, _) if !is_first => self.note(guild, at, Kind::EmojiAdded, subject),
            (true, true, _) => self.note(guild, at, Kind::EmojiRemoved, subject),
            (true, false, Some(before)) if before.name != now.name => {
                let field = Some("name".to_owned());
                let (old, new) = (Some(before.name), Some(now.name.clone()));
                self.note(guild, at, Kind::EmojiChanged, Change { field, old, new, ..subject });
            }
            _ => {}
        }
        self.emojis.insert((guild, id), now.clone());
        self.changed_emojis.insert((guild, id));
    }

    fn roles(&self) -> Upsert {
        let rows: Vec<_> = self.changed_roles.iter().map(|key| (*key, &self.roles[key])).collect();
        Upsert {
            table: "guild_roles",
            key: "guild_id, role_id",
            columns: vec![
                ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
                ("role_id", Values::Big(rows.iter().map(|(key, _)| key.1).collect())),
                ("name", Values::Text(rows.iter().map(|(_, row)| Some(row.name.clone())).collect())),
                ("color", Values::Int(rows.iter().map(|(_, row)| row.color).collect())),
                ("position", Values::Int(rows.iter().map(|(_, row)| row.position).collect())),
                ("permissions", Values::Big(rows.iter().map(|(_, row)| row.permissions).collect())),
                ("managed", Values::Bool(rows.iter().map(|(_, row)| row.managed).collect())),
                ("is_deleted", Values::Bool(rows.iter().map(|(_, row)| row.is_deleted).collect())),
            ],
            merge: &[
                Merge::Replace("name"),
                Merge::Replace("color"),
                Merge::Replace("position"),
                Merge::Replace("permissions"),
                Merge::Replace("managed"),
                Merge::Replace("is_deleted"),
            ],
        }
    }

    fn emojis(&self) -> Upsert {
        let changed = self.changed_emojis.iter();
        let rows: Vec<_> = changed.map(|key| (*key, &self.emojis[key])).collect();
        Upsert {
            table: "guild_emojis",
            key: "guild_id, emoji_id",
            columns: vec![
                ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
                ("emoji_id", Values::Big(rows.iter().map(|(key, _)| key.1).collect())),
                ("name", Values::Text(rows.iter().map(|(_, row)| Some(row.name.clone())).collect())),
                ("animated", Values::Bool(rows.iter().map(|(_, row)| row.animated).collect())),
                ("is_deleted", Values::Bool(rows.iter().map(|(_, row)| row.is_deleted).collect())),
            ],
            merge: &[
                Merge::Replace("name"),
                Merge::Replace("animated"),
                Merge::Replace("is_deleted"),
            ],
        }
    }

    fn fields(&self) -> Upsert {
        let rows: Vec<_> = self.changed_fields.iter().map(|key| (key, &self.fields[key])).collect();
        Upsert {
            table: "guild_fields",
            key: "guild_id, field",
            columns: vec![
                ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
                ("field", Values::Text(rows.iter().map(|(key, _)| Some(key.1.clone())).collect())),
                ("value", Values::Text(rows.iter().map(|(_, value)| (*value).clone()).collect())),
            ],
            merge: &[Merge::Replace("value")],
        }
    }

    fn changes(&self) -> Upsert {
        let rows = &self.changes;
        let texts = |of: fn(&Change) -> &Option<String>| {
            Values::Text(rows.iter().map(|row| of(row).clone()).collect())
        };
        Upsert {
            table: "guild_changes",
            // Each is new: its number is the table's.
            key: "id",
            columns: vec![
                ("guild_id", Values::Big(rows.iter().map(|row| row.guild).collect())),
                ("at_ms", Values::Big(rows.iter().map(|row| row.at).collect())),
                ("kind", Values::Int(rows.iter().map(|row| row.kind).collect())),
                ("subject_id", Values::MaybeBig(rows.iter().map(|row| row.subject_id).collect())),
                ("subject", texts(|row| &row.subject)),
                ("field", texts(|row| &row.field)),
                ("old", texts(|row| &row.old)),
                ("new", texts(|row| &row.new)),
            ],
            merge: &[Merge::Replace("kind")],
        }
    }
}

fn access(fold: &DetailsFold) -> Upsert {
    let rows = &fold.access;
    Upsert {
        table: "guild_access",
        key: "guild_id, reading",
        columns: vec![
            ("guild_id", Values::Big(rows.keys().map(|key| key.0).collect())),
            ("reading", Values::Int(rows.keys().map(|key| key.1).collect())),
            ("at_ms", Values::Big(rows.values().map(|row| row.0).collect())),
            ("allowed", Values::Bool(rows.values().map(|row| row.1).collect())),
        ],
        merge: &[
            Merge::Replace("at_ms"),
            Merge::Replace("allowed"),
            Merge::Only("excluded.at_ms >= guild_access.at_ms"),
        ],
    }
}
