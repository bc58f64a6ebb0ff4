//! Distinct active members of any ranges of hours, from the days' bits.

use vigie_core::vocabulary::GuildId;

use super::range::within;
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::BUCKETS_MAX,
    query::Query,
    question::{Audience, HourRange, Scope},
    value::{key, sum},
};

const DAY_HOURS: u32 = 24;

/// All hours of a day.
const WHOLE_DAY: i32 = (1 << DAY_HOURS) - 1;

impl Store {
    /// Distinct active members in each bucket: bucket i runs from hour `bounds[i]` until before `bounds[i + 1]`.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are too many ([`BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn active_by_bucket(
        &self,
        guild: GuildId,
        bounds: &[u32],
        audience: Audience,
        scope: impl Into<Scope>,
    ) -> Result<Vec<u64>, StoreError> {
        if bounds.len() > BUCKETS_MAX + 1 {
            return Err(StoreError::InvalidQuestion { reason: "it has too many buckets" });
        }
        if !bounds.is_sorted_by(|a, b| a < b) {
            return Err(StoreError::InvalidQuestion { reason: "its bucket bounds do not rise" });
        }
        let buckets: Vec<HourRange> =
            bounds.windows(2).map(|pair| HourRange { from: pair[0], to: pair[1] }).collect();
        let Some(guild) = key(guild.0) else {
            return Ok(vec![0; buckets.len()]);
        };
        let mut at = self.read.snapshot().await?;
        let scope = scope.into();
        Ok(count(&mut at, guild, &buckets, audience, scope).await?)
    }
}

/// Distinct members with an active hour in each of the ranges.
///
/// A range is its first and last day with the hours of these that count, and all hours of the days between. One subquery for each
/// range reads the guild's rows of these days: a day on the border of two ranges is read twice, every other day once.
pub(super) async fn count(
    at: &mut Snapshot,
    guild: i64,
    ranges: &[HourRange],
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<u64>> {
    let mut counts = vec![0; ranges.len()];
    let mut query = Query::default();
    let g = query.bind(guild);
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let Some(within) = within(&mut query, &g, "d.channel_id", scope) else {
        return Ok(counts);
    };
    let asked = ranges.iter().enumerate().filter(|(_, range)| !range.is_empty());
    let rows: Vec<String> = asked.map(|(index, range)| row(&mut query, index, *range)).collect();
    if rows.is_empty() {
        return Ok(counts);
    }
    let statement = query.text(format!(
        "WITH bucket(n, first_day, last_day, first_hours, last_hours) AS (VALUES {rows}) \
         SELECT b.n, (SELECT COUNT(DISTINCT d.member_id) FROM member_activity_daily d \
           WHERE d.guild_id = {g} AND d.unix_day >= b.first_day AND d.unix_day <= b.last_day \
           AND d.active_hours & (CASE d.unix_day WHEN b.first_day THEN b.first_hours WHEN b.last_day THEN b.last_hours ELSE {WHOLE_DAY} END) <> 0 \
           AND d.kind BETWEEN {low} AND {high}{within}) AS members \
         FROM bucket b",
        rows = rows.join(", ")
    ));
    let found: Vec<(i32, i64)> = statement.all(at).await?;
    for (index, members) in found {
        counts[index as usize] = sum(members);
    }
    Ok(counts)
}

/// A bucket as a row of VALUES.
fn row(query: &mut Query, index: usize, range: HourRange) -> String {
    let last = range.to - 1;
    let (first_day, last_day) = (range.from / DAY_HOURS, last / DAY_HOURS);
    let from_first = WHOLE_DAY & (WHOLE_DAY << (range.from % DAY_HOURS));
    let until_last = WHOLE_DAY >> (DAY_HOURS - 1 - last % DAY_HOURS);
    let first_hours = if first_day == last_day { from_first & until_last } else { from_first };
    let values = [
        query.bind(index as i32),
        query.bind(first_day),
        query.bind(last_day),
        query.bind(first_hours),
        query.bind(until_last),
    ];
    // The types are said because PostgreSQL would take bare placeholders of VALUES for text.
    let values = values.map(|value| format!("CAST({value} AS INT)"));
    format!("({})", values.join(", "))
}
