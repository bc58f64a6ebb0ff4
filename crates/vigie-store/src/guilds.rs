//! The guilds family: guilds, and the names of channels and members that make history readable.

mod changes;
pub(crate) mod details;
mod fold;

use sqlx::{AssertSqlSafe, FromRow};
use vigie_core::vocabulary::{AuthorKind, ChannelId, ChannelKind, GuildId, UserId};

use crate::{
    Store, StoreError,
    db::{Conn, Snapshot, on},
    limits::MEMBERS_PER_STATEMENT,
    query::Query,
    question::{ChannelRow, GuildDay, GuildRow, MemberRow},
    upsert::{Merge, Upsert, Values},
    value::{id, key, sum},
};

pub(crate) use fold::GuildsFold;

/// Discord's numbers of the thread types. Source: Discord, "Channels Resource", Channel Types.
pub(crate) const THREAD_KINDS: &str = "(10, 11, 12)";

/// Kind of a channel that was counted in but never named.
pub(crate) const KIND_UNKNOWN: i32 = 255;

/// A guild's columns, and the hours between which anything happened: steps into the keys of the sums.
const GUILD_COLUMNS: &str = "SELECT g.guild_id, g.name, g.icon, g.owner_id, g.member_count, \
    g.is_active, g.bot_added_at_ms, g.bot_removed_at_ms, g.premium_tier, g.boost_count, \
    (SELECT MIN(h.unix_hour) FROM guild_activity_hourly h WHERE h.guild_id = g.guild_id) AS first_hour, \
    (SELECT MAX(h.unix_hour) FROM guild_activity_hourly h WHERE h.guild_id = g.guild_id) AS last_hour, \
    (SELECT MIN(v.unix_hour) FROM guild_voice_hourly v WHERE v.guild_id = g.guild_id) AS first_voice_hour, \
    (SELECT MAX(v.unix_hour) FROM guild_voice_hourly v WHERE v.guild_id = g.guild_id) AS last_voice_hour \
    FROM guilds g";

impl Store {
    /// All guilds that were ever named, by name and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guilds(&self) -> Result<Vec<GuildRow>, StoreError> {
        let sql = format!("{GUILD_COLUMNS} ORDER BY g.name, g.guild_id");
        let rows: Vec<GuildSql> = Query::default().text(sql).all_now(&self.read).await?;
        Ok(rows.into_iter().map(GuildSql::row).collect())
    }

    /// One guild; `None` if it was never named.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guild(&self, guild: GuildId) -> Result<Option<GuildRow>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(None);
        };
        let mut query = Query::default();
        let g = query.bind(guild);
        let statement = query.text(format!("{GUILD_COLUMNS} WHERE g.guild_id = {g}"));
        let row: Option<GuildSql> = statement.first_now(&self.read).await?;
        Ok(row.map(GuildSql::row))
    }

    /// Messages and voice of people by UTC day, of all guilds that were ever named, in a range of days counted from 1970 (`from_day` is
    /// inside, `to_day` is not): what a list of guilds draws, in one question. By guild, then day; days without either are not listed.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guild_days(
        &self,
        from_day: u32,
        to_day: u32,
    ) -> Result<Vec<GuildDay>, StoreError> {
        let mut query = Query::default();
        let from = query.bind(from_day.saturating_mul(24));
        let to = query.bind(to_day.saturating_mul(24));
        let rows = |table: &str, messages: &str, voice_ms: &str| {
            format!(
                "SELECT g.guild_id, h.unix_hour / 24 AS day, {messages} AS messages, {voice_ms} AS voice_ms \
                 FROM guilds g CROSS JOIN {table} h WHERE h.guild_id = g.guild_id AND h.unix_hour >= {from} AND h.unix_hour < {to} \
                 AND h.kind = 0"
            )
        };
        let activity = rows("guild_activity_hourly", "h.messages", "CAST(0 AS BIGINT)");
        let voice = rows("guild_voice_hourly", "CAST(0 AS BIGINT)", "h.total_ms");
        let statement = query.text(format!(
            "SELECT guild_id, day, CAST(SUM(messages) AS BIGINT) AS messages, CAST(SUM(voice_ms) AS BIGINT) AS voice_ms \
             FROM ({activity} UNION ALL {voice}) AS piece GROUP BY guild_id, day \
             HAVING SUM(messages) > 0 OR SUM(voice_ms) > 0 ORDER BY guild_id, day"
        ));
        let rows: Vec<(i64, i32, i64, i64)> = statement.all_now(&self.read).await?;
        let day = |(guild, day, messages, voice_ms): (i64, i32, i64, i64)| GuildDay {
            guild: GuildId(id(guild)),
            unix_day: day.unsigned_abs(),
            messages: sum(messages),
            voice_ms: sum(voice_ms),
        };
        Ok(rows.into_iter().map(day).collect())
    }

    /// All channels and threads of a guild, deleted ones too, by position and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn channels(&self, guild: GuildId) -> Result<Vec<ChannelRow>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut query = Query::default();
        let g = query.bind(guild);
        let statement = query.text(format!(
            "SELECT channel_id, name, kind, parent_id, position, is_deleted FROM channel_names \
             WHERE guild_id = {g} ORDER BY position, channel_id"
        ));
        let rows: Vec<ChannelSql> = statement.all_now(&self.read).await?;
        Ok(rows.into_iter().map(ChannelSql::row).collect())
    }

    /// The names of those of these members that were ever named, by id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn members(
        &self,
        guild: GuildId,
        members: &[UserId],
    ) -> Result<Vec<MemberRow>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let ids = members.iter().filter_map(|member| key(member.0));
        Ok(member_names(&mut at, guild, ids).await?)
    }
}

/// The names of those of these members that were ever named, by id.
pub(crate) async fn member_names(
    at: &mut Snapshot,
    guild: i64,
    members: impl Iterator<Item = i64>,
) -> sqlx::Result<Vec<MemberRow>> {
    let mut ids: Vec<i64> = members.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for piece in ids.chunks(MEMBERS_PER_STATEMENT) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let list = query.bind_list(piece.iter().copied());
        let statement = query.text(format!(
            "SELECT user_id, kind, username, display_name, avatar FROM member_names \
             WHERE guild_id = {g} AND user_id IN ({list}) ORDER BY user_id"
        ));
        let rows: Vec<MemberSql> = statement.all(at).await?;
        found.extend(rows.into_iter().map(MemberSql::row));
    }
    Ok(found)
}

/// What the tables know of guilds that a batch is about to change.
pub(crate) async fn told_at(conn: &mut Conn<'_>, guilds: &[i64]) -> sqlx::Result<Vec<(i64, i64)>> {
    let mut known = Vec::with_capacity(guilds.len());
    for guild in guilds {
        let sql = "SELECT told_at_ms FROM guilds WHERE guild_id = $1";
        let at: Option<(i64,)> =
            on!(conn, conn => sqlx::query_as(sql).bind(*guild).fetch_optional(&mut **conn).await?);
        known.extend(at.map(|(at,)| (*guild, at)));
    }
    Ok(known)
}

/// Writes what the fold holds.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &GuildsFold) -> sqlx::Result<()> {
    guilds(fold).run(conn).await?;
    for (guild, at) in fold.removed() {
        let sql = "UPDATE guilds SET is_active = $2, bot_removed_at_ms = $3, told_at_ms = $3 WHERE guild_id = $1";
        on!(conn, conn => { sqlx::query(sql).bind(guild).bind(false).bind(at).execute(&mut **conn).await?; });
    }
    for guild in fold.synced() {
        // A sync lists every channel of the guild, hidden ones too (without their names), but only the active threads. What it
        // does not list is therefore gone, unless it is a thread. Those it lists are put back by the rows that follow.
        let sql = format!(
            "UPDATE channel_names SET is_deleted = $2 WHERE guild_id = $1 AND is_deleted <> $2 AND kind NOT IN {THREAD_KINDS}"
        );
        on!(conn, conn => { sqlx::query(AssertSqlSafe(sql)).bind(guild).bind(true).execute(&mut **conn).await?; });
    }
    channels(fold).run(conn).await?;
    channels_deleted(fold).run(conn).await?;
    members(fold).run(conn).await
}

fn guilds(fold: &GuildsFold) -> Upsert {
    let rows: Vec<_> = fold.told().collect();
    Upsert {
        table: "guilds",
        key: "guild_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|row| row.id).collect())),
            ("name", Values::Text(rows.iter().map(|row| Some(row.name.clone())).collect())),
            ("icon", Values::Text(rows.iter().map(|row| row.icon.clone()).collect())),
            ("owner_id", Values::Big(rows.iter().map(|row| row.owner).collect())),
            ("member_count", Values::MaybeInt(rows.iter().map(|row| row.member_count).collect())),
            ("premium_tier", Values::Int(rows.iter().map(|row| row.premium_tier).collect())),
            ("boost_count", Values::Int(rows.iter().map(|row| row.boost_count).collect())),
            ("is_active", Values::Bool(rows.iter().map(|_| true).collect())),
            (
                "bot_added_at_ms",
                Values::MaybeBig(rows.iter().map(|row| row.bot_added_at_ms).collect()),
            ),
            ("bot_removed_at_ms", Values::MaybeBig(rows.iter().map(|_| None).collect())),
            ("told_at_ms", Values::Big(rows.iter().map(|row| row.at_ms).collect())),
        ],
        merge: &[
            Merge::Replace("name"),
            Merge::Replace("icon"),
            Merge::Replace("owner_id"),
            Merge::ReplaceKnown("member_count"),
            Merge::Replace("premium_tier"),
            Merge::Replace("boost_count"),
            Merge::Replace("is_active"),
            Merge::ReplaceKnown("bot_added_at_ms"),
            Merge::Replace("bot_removed_at_ms"),
            Merge::Replace("told_at_ms"),
        ],
    }
}

fn channels(fold: &GuildsFold) -> Upsert {
    let rows: Vec<_> = fold.channels_told().collect();
    Upsert {
        table: "channel_names",
        key: "guild_id, channel_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|row| row.guild).collect())),
            ("channel_id", Values::Big(rows.iter().map(|row| row.id).collect())),
            ("kind", Values::Int(rows.iter().map(|row| row.kind).collect())),
            ("name", Values::Text(rows.iter().map(|row| row.name.clone()).collect())),
            ("parent_id", Values::MaybeBig(rows.iter().map(|row| row.parent).collect())),
            ("position", Values::Int(rows.iter().map(|row| row.position).collect())),
            ("is_deleted", Values::Bool(rows.iter().map(|_| false).collect())),
        ],
        merge: &[
            Merge::Replace("kind"),
            Merge::ReplaceKnown("name"),
            Merge::Replace("parent_id"),
            Merge::Replace("position"),
            Merge::Replace("is_deleted"),
        ],
    }
}

/// Deleted channels keep what is known of them; one that was never named gets a row with its kind alone.
fn channels_deleted(fold: &GuildsFold) -> Upsert {
    let rows: Vec<_> = fold.channels_deleted().collect();
    Upsert {
        table: "channel_names",
        key: "guild_id, channel_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|row| row.0).collect())),
            ("channel_id", Values::Big(rows.iter().map(|row| row.1).collect())),
            ("kind", Values::Int(rows.iter().map(|row| row.2).collect())),
            ("position", Values::Int(rows.iter().map(|_| 0).collect())),
            ("is_deleted", Values::Bool(rows.iter().map(|_| true).collect())),
        ],
        merge: &[Merge::Replace("is_deleted")],
    }
}

fn members(fold: &GuildsFold) -> Upsert {
    let rows: Vec<_> = fold.members_told().collect();
    Upsert {
        table: "member_names",
        key: "guild_id, user_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|row| row.guild).collect())),
            ("user_id", Values::Big(rows.iter().map(|row| row.id).collect())),
            ("kind", Values::Int(rows.iter().map(|row| row.kind).collect())),
            ("username", Values::Text(rows.iter().map(|row| Some(row.username.clone())).collect())),
            (
                "display_name",
                Values::Text(rows.iter().map(|row| row.display_name.clone()).collect()),
            ),
            ("avatar", Values::Text(rows.iter().map(|row| row.avatar.clone()).collect())),
            ("search_name", Values::Text(rows.iter().map(|row| Some(row.search_name())).collect())),
        ],
        merge: &[
            Merge::Replace("kind"),
            Merge::Replace("username"),
            Merge::Replace("display_name"),
            Merge::Replace("avatar"),
            Merge::Replace("search_name"),
        ],
    }
}

#[derive(FromRow)]
struct GuildSql {
    guild_id: i64,
    name: String,
    icon: Option<String>,
    owner_id: i64,
    member_count: Option<i32>,
    is_active: bool,
    bot_added_at_ms: Option<i64>,
    bot_removed_at_ms: Option<i64>,
    premium_tier: i32,
    boost_count: i32,
    first_hour: Option<i32>,
    last_hour: Option<i32>,
    first_voice_hour: Option<i32>,
    last_voice_hour: Option<i32>,
}

impl GuildSql {
    fn row(self) -> GuildRow {
        let first = [self.first_hour, self.first_voice_hour].into_iter().flatten().min();
        let last = self.last_hour.max(self.last_voice_hour);
        GuildRow {
            id: GuildId(id(self.guild_id)),
            name: self.name,
            icon: self.icon,
            owner: UserId(id(self.owner_id)),
            member_count: self.member_count.map(i32::unsigned_abs),
            is_active: self.is_active,
            bot_added_at_ms: self.bot_added_at_ms,
            bot_removed_at_ms: self.bot_removed_at_ms,
            premium_tier: self.premium_tier as u8,
            boost_count: self.boost_count.unsigned_abs(),
            first_activity_hour: first.map(i32::unsigned_abs),
            last_activity_hour: last.map(i32::unsigned_abs),
        }
    }
}

/// A channel's columns; all but the id may be missing where counts are joined with names.
#[derive(FromRow)]
pub(crate) struct ChannelSql {
    channel_id: i64,
    name: Option<String>,
    kind: Option<i32>,
    parent_id: Option<i64>,
    position: Option<i32>,
    is_deleted: Option<bool>,
}

impl ChannelSql {
    pub(crate) fn row(self) -> ChannelRow {
        ChannelRow {
            id: ChannelId(id(self.channel_id)),
            name: self.name,
            kind: ChannelKind(self.kind.unwrap_or(KIND_UNKNOWN) as u8),
            parent: self.parent_id.map(|parent| ChannelId(id(parent))),
            position: self.position.unwrap_or(0),
            deleted: self.is_deleted.unwrap_or(false),
        }
    }
}

#[derive(FromRow)]
struct MemberSql {
    user_id: i64,
    kind: i32,
    username: String,
    display_name: Option<String>,
    avatar: Option<String>,
}

impl MemberSql {
    fn row(self) -> MemberRow {
        MemberRow {
            id: UserId(id(self.user_id)),
            kind: AuthorKind::from_u8(self.kind as u8).unwrap_or_default(),
            username: Some(self.username),
            display_name: self.display_name,
            avatar: self.avatar,
        }
    }
}
