//! What a batch must know of its guilds first, and writing what became of them.

use std::collections::BTreeSet;

use vigie_core::vocabulary::Record;

use super::{
    ChangeWrite, DetailsFold, Field, GuildEmoji, Key, Known, KnownChannel, KnownGuild, Role,
};
use crate::{
    db::{Conn, on},
    guilds::THREAD_KINDS,
    members::of_members,
    upsert::{Merge, Upsert, Values},
    value::key,
};

/// What of which guilds the records are about.
#[derive(Default)]
struct Concerned {
    /// Guilds of whom anything is told.
    guilds: BTreeSet<i64>,
    /// Guilds that list all their channels.
    synced: BTreeSet<i64>,
    channels: BTreeSet<Key>,
    detailed: BTreeSet<i64>,
    accessed: BTreeSet<i64>,
}

impl Concerned {
    fn of(records: &[(u64, Record)]) -> Self {
        let mut concerned = Self::default();
        for (_, record) in records {
            let Some(guild) = record.guild().and_then(|guild| key(guild.0)) else { continue };
            match record {
                Record::Guild(told) => {
                    concerned.guilds.insert(guild);
                    if !told.channels.is_empty() {
                        concerned.synced.insert(guild);
                    }
                }
                Record::GuildRemoved(..) => {
                    concerned.guilds.insert(guild);
                }
                Record::Channels(_, channels) => {
                    concerned.guilds.insert(guild);
                    let ids = channels.iter().filter_map(|channel| key(channel.id.0));
                    concerned.channels.extend(ids.map(|id| (guild, id)));
                }
                Record::GuildDetails(..) => {
                    concerned.detailed.insert(guild);
                }
                Record::Access(..) => {
                    concerned.accessed.insert(guild);
                }
                _ => {}
            }
        }
        concerned
    }
}

/// Guild, name, icon, owner, tier, boosts, whether the bot is there, when it came, when told of.
type GuildSql = (i64, String, Option<String>, i64, i32, i32, bool, Option<i64>, i64);

/// Guild, channel, kind, name, parent, whether it is gone.
type ChannelSql = (i64, i64, i32, Option<String>, Option<i64>, bool);

/// Guild, role, name, colour, position, permissions, managed, whether it is gone, when told of.
type RoleSql = (i64, i64, String, i32, i32, i64, bool, bool, i64);

/// Asks the tables about the guilds of these records. Nothing is asked where none says what a guild has and is: nearly always.
pub(crate) async fn known(
    conn: &mut Conn<'_>,
    producer: &str,
    records: &[(u64, Record)],
) -> sqlx::Result<Known> {
    let concerned = Concerned::of(records);
    let mut known = Known::default();
    guilds(conn, &concerned, &mut known).await?;
    channels(conn, &concerned, &mut known).await?;
    if !concerned.channels.is_empty() {
        let sql = "SELECT heard_until_ms FROM producers WHERE producer = $1";
        let head: Option<i64> = on!(conn, conn => {
            sqlx::query_scalar(sql).bind(producer).fetch_optional(&mut **conn).await?
        });
        known.clock = head.unwrap_or_default();
    }
    details(conn, &whole(&concerned.detailed), &mut known).await?;
    let rest = "guild_access a WHERE a.guild_id = asked.g";
    let columns = "a.guild_id, a.reading, a.at_ms, a.allowed";
    let rows: Vec<(i64, i32, i64, bool)> =
        of_members(conn, &whole(&concerned.accessed), columns, rest).await?;
    known.access = rows.into_iter().map(|row| ((row.0, row.1), (row.2, row.3))).collect();
    Ok(known)
}

/// Guilds as what is asked about.
fn whole(guilds: &BTreeSet<i64>) -> Vec<(Key, i64)> {
    guilds.iter().map(|guild| ((*guild, 0), 0)).collect()
}

async fn guilds(conn: &mut Conn<'_>, concerned: &Concerned, known: &mut Known) -> sqlx::Result<()> {
    let columns = "g.guild_id, g.name, g.icon, g.owner_id, g.premium_tier, g.boost_count, g.is_active, g.bot_added_at_ms, g.told_at_ms";
    let rest = "guilds g WHERE g.guild_id = asked.g";
    let rows: Vec<GuildSql> = of_members(conn, &whole(&concerned.guilds), columns, rest).await?;
    for row in rows {
        let guild = KnownGuild {
            name: row.1,
            icon: row.2,
            owner: row.3,
            premium_tier: row.4,
            boost_count: row.5,
            is_active: row.6,
            bot_added_at: row.7,
            told_at: row.8,
        };
        known.guilds.insert(row.0, guild);
    }
    Ok(())
}

async fn channels(
    conn: &mut Conn<'_>,
    concerned: &Concerned,
    known: &mut Known,
) -> sqlx::Result<()> {
    let columns = "c.guild_id, c.channel_id, c.kind, c.name, c.parent_id, c.is_deleted";
    let rest =
        format!("channel_names c WHERE c.guild_id = asked.g AND c.kind NOT IN {THREAD_KINDS}");
    let mut rows: Vec<ChannelSql> =
        of_members(conn, &whole(&concerned.synced), columns, &rest).await?;
    let rest = "channel_names c WHERE c.guild_id = asked.g AND c.channel_id = asked.m";
    let ids: Vec<(Key, i64)> = concerned.channels.iter().map(|key| (*key, 0)).collect();
    let some: Vec<ChannelSql> = of_members(conn, &ids, columns, rest).await?;
    rows.extend(some);
    let channel = |row: ChannelSql| {
        let known = KnownChannel { kind: row.2, name: row.3, parent: row.4, is_deleted: row.5 };
        ((row.0, row.1), known)
    };
    known.channels = rows.into_iter().map(channel).collect();
    Ok(())
}

async fn details(
    conn: &mut Conn<'_>,
    guilds: &[(Key, i64)],
    known: &mut Known,
) -> sqlx::Result<()> {
    let columns = "r.guild_id, r.role_id, r.name, r.color, r.position, r.permissions, r.managed, r.is_deleted, r.told_at_ms";
    let rest = "guild_roles r WHERE r.guild_id = asked.g";
    let rows: Vec<RoleSql> = of_members(conn, guilds, columns, rest).await?;
    for row in rows {
        let role = Role {
            name: row.2,
            color: row.3,
            position: row.4,
            permissions: row.5,
            managed: row.6,
            is_deleted: row.7,
            told_at: row.8,
        };
        known.roles.insert((row.0, row.1), role);
    }
    let columns = "e.guild_id, e.emoji_id, e.name, e.animated, e.is_deleted, e.told_at_ms";
    let rest = "guild_emojis e WHERE e.guild_id = asked.g";
    let rows: Vec<(i64, i64, String, bool, bool, i64)> =
        of_members(conn, guilds, columns, rest).await?;
    for row in rows {
        let emoji = GuildEmoji { name: row.2, animated: row.3, is_deleted: row.4, told_at: row.5 };
        known.emojis.insert((row.0, row.1), emoji);
    }
    let columns = "f.guild_id, f.field, f.value, f.told_at_ms";
    let rest = "guild_fields f WHERE f.guild_id = asked.g";
    let rows: Vec<(i64, String, Option<String>, i64)> =
        of_members(conn, guilds, columns, rest).await?;
    for (guild, name, value, told_at) in rows {
        known.fields.insert((guild, name), Field { value, told_at });
    }
    Ok(())
}

/// Writes what the fold holds.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &DetailsFold) -> sqlx::Result<()> {
    roles(fold).run(conn).await?;
    emojis(fold).run(conn).await?;
    fields(fold).run(conn).await?;
    access(fold).run(conn).await?;
    changes(&fold.changes).run(conn).await
}

fn roles(fold: &DetailsFold) -> Upsert {
    let rows: Vec<(&Key, &Role)> =
        fold.roles_changed.iter().map(|key| (key, &fold.known.roles[key])).collect();
    let big = |of: fn(&Key, &Role) -> i64| {
        Values::Big(rows.iter().map(|(key, role)| of(key, role)).collect())
    };
    let ints = |of: fn(&Role) -> i32| Values::Int(rows.iter().map(|(_, role)| of(role)).collect());
    let bools =
        |of: fn(&Role) -> bool| Values::Bool(rows.iter().map(|(_, role)| of(role)).collect());
    Upsert {
        table: "guild_roles",
        key: "guild_id, role_id",
        columns: vec![
            ("guild_id", big(|key, _| key.0)),
            ("role_id", big(|key, _| key.1)),
            ("name", Values::Text(rows.iter().map(|(_, role)| Some(role.name.clone())).collect())),
            ("color", ints(|role| role.color)),
            ("position", ints(|role| role.position)),
            ("permissions", big(|_, role| role.permissions)),
            ("managed", bools(|role| role.managed)),
            ("is_deleted", bools(|role| role.is_deleted)),
            ("told_at_ms", big(|_, role| role.told_at)),
        ],
        merge: &[
            Merge::Replace("name"),
            Merge::Replace("color"),
            Merge::Replace("position"),
            Merge::Replace("permissions"),
            Merge::Replace("managed"),
            Merge::Replace("is_deleted"),
            Merge::Replace("told_at_ms"),
        ],
    }
}

fn emojis(fold: &DetailsFold) -> Upsert {
    let rows: Vec<(&Key, &GuildEmoji)> =
        fold.emojis_changed.iter().map(|key| (key, &fold.known.emojis[key])).collect();
    Upsert {
        table: "guild_emojis",
        key: "guild_id, emoji_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
            ("emoji_id", Values::Big(rows.iter().map(|(key, _)| key.1).collect())),
            ("name", Values::Text(rows.iter().map(|(_, row)| Some(row.name.clone())).collect())),
            ("animated", Values::Bool(rows.iter().map(|(_, row)| row.animated).collect())),
            ("is_deleted", Values::Bool(rows.iter().map(|(_, row)| row.is_deleted).collect())),
            ("told_at_ms", Values::Big(rows.iter().map(|(_, row)| row.told_at).collect())),
        ],
        merge: &[
            Merge::Replace("name"),
            Merge::Replace("animated"),
            Merge::Replace("is_deleted"),
            Merge::Replace("told_at_ms"),
        ],
    }
}

fn fields(fold: &DetailsFold) -> Upsert {
    let rows: Vec<(&(i64, String), &Field)> =
        fold.fields_changed.iter().map(|key| (key, &fold.known.fields[key])).collect();
    Upsert {
        table: "guild_fields",
        key: "guild_id, field",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
            ("field", Values::Text(rows.iter().map(|(key, _)| Some(key.1.clone())).collect())),
            ("value", Values::Text(rows.iter().map(|(_, row)| row.value.clone()).collect())),
            ("told_at_ms", Values::Big(rows.iter().map(|(_, row)| row.told_at).collect())),
        ],
        merge: &[Merge::Replace("value"), Merge::Replace("told_at_ms")],
    }
}

fn access(fold: &DetailsFold) -> Upsert {
    let rows: Vec<_> =
        fold.access_changed.iter().map(|key| (key, fold.known.access[key])).collect();
    Upsert {
        table: "guild_access",
        key: "guild_id, reading",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
            ("reading", Values::Int(rows.iter().map(|(key, _)| key.1).collect())),
            ("at_ms", Values::Big(rows.iter().map(|(_, row)| row.0).collect())),
            ("allowed", Values::Bool(rows.iter().map(|(_, row)| row.1).collect())),
        ],
        merge: &[Merge::Replace("at_ms"), Merge::Replace("allowed")],
    }
}

fn changes(rows: &[ChangeWrite]) -> Upsert {
    let texts = |of: fn(&ChangeWrite) -> Option<&String>| {
        Values::Text(rows.iter().map(|row| of(row).cloned()).collect())
    };
    let subjects = rows.iter().map(|row| row.subject.as_ref().map(|subject| subject.0));
    Upsert {
        table: "guild_changes",
        key: "id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|row| row.guild).collect())),
            ("at_ms", Values::Big(rows.iter().map(|row| row.at).collect())),
            ("kind", Values::Int(rows.iter().map(|row| i32::from(row.kind as u8)).collect())),
            ("subject_id", Values::MaybeBig(subjects.collect())),
            ("subject", texts(|row| row.subject.as_ref()?.1.as_ref())),
            ("field", texts(|row| row.field.as_ref())),
            ("old", texts(|row| row.old.as_ref())),
            ("new", texts(|row| row.new.as_ref())),
        ],
        merge: &[],
    }
}
