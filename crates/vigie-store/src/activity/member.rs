//! One member: names, all-time counts, hours, channels.

use sqlx::FromRow;
use vigie_core::vocabulary::{ActivityCounts, AuthorKind, GuildId, UserId};

use super::{
    range::{Known, within},
    series::{ChannelTotalSql, channel_totals},
    sums::{COUNTERS, CountsSql, SUMS},
};
use crate::{
    Store, StoreError,
    db::Snapshot,
    query::Query,
    question::{
        ChannelTotal, HourPoint, HourRange, MemberDetail, MemberRow, MemberVoice, Scope, SplitKey,
        Threads,
    },
    value::{key, sum},
};

impl Store {
    /// A member's names and all-time counts; `None` if never heard of.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member(
        &self,
        guild: GuildId,
        member: UserId,
    ) -> Result<Option<MemberDetail>, StoreError> {
        let (Some(guild), Some(id)) = (key(guild.0), key(member.0)) else {
            return Ok(None);
        };
        let mut query = Query::default();
        let (g, m) = (query.bind(guild), query.bind(id));
        let statement = query.text(format!(
            "SELECT COALESCE(n.kind, s.kind) AS kind, n.username, n.display_name, n.avatar, \
               s.first_seen_minute, s.last_seen_minute, s.voice_ms, s.active_voice_ms, s.voice_sessions, {COUNTERS} \
             FROM (SELECT CAST({g} AS BIGINT) AS guild_id, CAST({m} AS BIGINT) AS user_id) AS asked \
             LEFT JOIN member_names n ON n.guild_id = asked.guild_id AND n.user_id = asked.user_id \
             LEFT JOIN member_stats s ON s.guild_id = asked.guild_id AND s.user_id = asked.user_id"
        ));
        let row: Option<MemberDetailSql> = statement.first_now(&self.read).await?;
        Ok(row.and_then(|row| row.row(member)))
    }

    /// One member's counts by hour, in order; the key is [`SplitKey::All`].
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_hours(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
        scope: impl Into<Scope>,
    ) -> Result<Vec<HourPoint>, StoreError> {
        let (Some(guild), Some(member)) = (key(guild.0), key(member.0)) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let hours = hours(&mut at, guild, member, range, scope.into()).await?;
        Ok(hours
            .into_iter()
            .map(|(unix_hour, counts)| HourPoint { unix_hour, key: SplitKey::All, counts })
            .collect())
    }

    /// One member's counts by channel, most messages first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_channels(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
        threads: Threads,
    ) -> Result<Vec<ChannelTotal>, StoreError> {
        let (Some(guild), Some(member)) = (key(guild.0), key(member.0)) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(rows) =
            member_rows(&mut query, &mut at, guild, member, range, Scope::Guild).await?
        else {
            return Ok(Vec::new());
        };
        let rows = format!("({rows}) AS of_member");
        let statement = channel_totals(query, &rows, threads, "", u32::MAX);
        let rows: Vec<ChannelTotalSql> = statement.all(&mut at).await?;
        Ok(rows.into_iter().map(ChannelTotalSql::row).collect())
    }
}

/// A member's counts by hour, in order.
pub(super) async fn hours(
    at: &mut Snapshot,
    guild: i64,
    member: i64,
    range: HourRange,
    scope: Scope,
) -> sqlx::Result<Vec<(u32, ActivityCounts)>> {
    let mut query = Query::default();
    let Some(rows) = member_rows(&mut query, at, guild, member, range, scope).await? else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT unix_hour, {SUMS} FROM ({rows}) AS of_member GROUP BY unix_hour ORDER BY unix_hour"
    ));
    let rows: Vec<MemberHourSql> = statement.all(at).await?;
    Ok(rows.into_iter().map(|row| (row.unix_hour.unsigned_abs(), row.counts.activity())).collect())
}

/// A member's hourly rows in a range, as a SELECT with the guild as `$1`; `None` if there can be none.
///
/// One step into the key of the daily rows for each day, then one into the hourly rows for each hour that a day's bits name: the cost
/// is that of the days asked about and the rows found, however large the guild. The joins are written in this order, and CROSS
/// keeps SQLite to it.
async fn member_rows(
    query: &mut Query,
    at: &mut Snapshot,
    guild: i64,
    member: i64,
    range: HourRange,
    scope: Scope,
) -> sqlx::Result<Option<String>> {
    let Some(known) = Known::of(guild, at).await? else {
        return Ok(None);
    };
    let from = range.from.max(known.first);
    let to = range.to.min(known.last + 1);
    if from >= to {
        return Ok(None);
    }
    let (g, m) = (query.bind(guild), query.bind(member));
    let (first_day, last_day) = (query.bind(from / 24), query.bind((to - 1) / 24));
    let (from, to) = (query.bind(from), query.bind(to));
    let Some(within) = within(query, &g, "d.channel_id", scope) else {
        return Ok(None);
    };
    let clock: Vec<_> = (0..24).map(|hour| format!("({hour})")).collect();
    Ok(Some(format!(
        "WITH RECURSIVE span(day) AS (SELECT CAST({first_day} AS INT) UNION ALL SELECT day + 1 FROM span WHERE day < {last_day}), \
         clock(hour) AS (VALUES {clock}) \
         SELECT a.channel_id, a.unix_hour, a.messages, a.commands, a.reactions_added, a.reactions_removed, a.reactions_received \
         FROM span CROSS JOIN member_activity_daily d CROSS JOIN clock CROSS JOIN member_activity_hourly a \
         WHERE d.guild_id = {g} AND d.unix_day = span.day AND d.member_id = {m}{within} \
           AND (d.hours >> clock.hour) & 1 = 1 \
           AND a.guild_id = {g} AND a.unix_hour = d.unix_day * 24 + clock.hour AND a.channel_id = d.channel_id AND a.member_id = {m} \
           AND a.unix_hour >= {from} AND a.unix_hour < {to}",
        clock = clock.join(", ")
    )))
}

#[derive(FromRow)]
struct MemberHourSql {
    unix_hour: i32,
    #[sqlx(flatten)]
    counts: CountsSql,
}

#[derive(FromRow)]
struct MemberDetailSql {
    kind: Option<i32>,
    username: Option<String>,
    display_name: Option<String>,
    avatar: Option<String>,
    first_seen_minute: Option<i32>,
    last_seen_minute: Option<i32>,
    voice_ms: Option<i64>,
    active_voice_ms: Option<i64>,
    voice_sessions: Option<i64>,
    #[sqlx(flatten)]
    counts: CountsSql,
}

impl MemberDetailSql {
    /// The detail; `None` if neither names nor counts are known.
    fn row(self, member: UserId) -> Option<MemberDetail> {
        let kind = self.kind?;
        let ms = |minute: i32| i64::from(minute) * 60_000;
        Some(MemberDetail {
            row: MemberRow {
                id: member,
                kind: AuthorKind::from_u8(kind as u8).unwrap_or_default(),
                username: self.username,
                display_name: self.display_name,
                avatar: self.avatar,
            },
            first_seen_ms: self.first_seen_minute.map(ms),
            last_seen_ms: self.last_seen_minute.map(ms),
            all_time: self.counts.counts(),
            all_time_voice: MemberVoice {
                total_ms: sum(self.voice_ms.unwrap_or(0)),
                active_ms: sum(self.active_voice_ms.unwrap_or(0)),
                sessions: sum(self.voice_sessions.unwrap_or(0)),
            },
        })
    }
}
