//! One member in voice: hours and channels.

use sqlx::FromRow;
use vigie_core::vocabulary::{GuildId, UserId};

use super::{
    series::{ChannelTotalSql, SumsSql, channel_totals, sums_sql},
    write::FIGURES,
};
use crate::{
    Store, StoreError,
    activity::{Known, within},
    db::Snapshot,
    query::Query,
    question::{HourRange, Scope, SplitKey, VoiceChannelTotal, VoiceHourPoint},
    value::key,
};

impl Store {
    /// One member's voice by hour, in order; the key is [`SplitKey::All`].
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_voice_hours(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
        scope: impl Into<Scope>,
    ) -> Result<Vec<VoiceHourPoint>, StoreError> {
        let (Some(guild), Some(member)) = (key(guild.0), key(member.0)) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        Ok(hours(&mut at, guild, member, range, scope.into()).await?)
    }

    /// One member's voice by channel, most time first; without peaks.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_voice_channels(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
    ) -> Result<Vec<VoiceChannelTotal>, StoreError> {
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
        let statement = channel_totals(query, &format!("({rows}) AS of_member"), u32::MAX);
        let rows: Vec<ChannelTotalSql> = statement.all(&mut at).await?;
        Ok(rows.into_iter().map(ChannelTotalSql::row).collect())
    }
}

/// A member's voice by hour, in order.
pub(super) async fn hours(
    at: &mut Snapshot,
    guild: i64,
    member: i64,
    range: HourRange,
    scope: Scope,
) -> sqlx::Result<Vec<VoiceHourPoint>> {
    let mut query = Query::default();
    let Some(rows) = member_rows(&mut query, at, guild, member, range, scope).await? else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT unix_hour, {} FROM ({rows}) AS of_member GROUP BY unix_hour ORDER BY unix_hour",
        sums_sql()
    ));
    let rows: Vec<MemberHourSql> = statement.all(at).await?;
    let point = |row: MemberHourSql| VoiceHourPoint {
        unix_hour: row.unix_hour.unsigned_abs(),
        key: SplitKey::All,
        voice: row.sums.sums(),
    };
    Ok(rows.into_iter().map(point).collect())
}

/// A member's hourly rows in a range, as a SELECT with the guild as `$1`; `None` if there can be none. As for the activity: one step for
/// each day, then one for each hour that a day's bits name.
async fn member_rows(
    query: &mut Query,
    at: &mut Snapshot,
    guild: i64,
    member: i64,
    range: HourRange,
    scope: Scope,
) -> sqlx::Result<Option<String>> {
    let Some((first, last)) = Known::of(guild, at).await?.and_then(|known| known.voice) else {
        return Ok(None);
    };
    let (from, to) = (range.from.max(first), range.to.min(last + 1));
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
    let figures = FIGURES.map(|name| format!("a.{name}")).join(", ");
    Ok(Some(format!(
        "WITH RECURSIVE span(day) AS (SELECT CAST({first_day} AS INT) UNION ALL SELECT day + 1 FROM span WHERE day < {last_day}), \
         clock(hour) AS (VALUES {clock}) \
         SELECT a.channel_id, a.unix_hour, {figures} \
         FROM span CROSS JOIN voice_daily d CROSS JOIN clock CROSS JOIN voice_hourly a \
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
    sums: SumsSql,
}
