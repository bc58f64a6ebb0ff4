//! Distinct active members of any ranges of hours: from the days' bits, and from the time in voice.

use vigie_core::vocabulary::GuildId;

use super::{
    members,
    packed::Pack,
    range::{Known, Pieces, within},
};
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::BUCKETS_MAX,
    query::Query,
    question::{Audience, HourRange, Scope},
    value::{key, sum},
    voice,
};

const DAY_HOURS: u32 = 24;

/// All hours of a day.
const WHOLE_DAY: i32 = (1 << DAY_HOURS) - 1;

impl Store {
    /// Distinct active members in each bucket (a message, a reaction given, or a minute of voice in the bucket): bucket i runs from hour `bounds[i]` until before `bounds[i + 1]`.
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

/// Distinct members active in each of the ranges (which rise), from packed days where there are enough of them. Without packs and
/// without voice the engine counts, else we do.
pub(super) async fn count(
    at: &mut Snapshot,
    guild: i64,
    ranges: &[HourRange],
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<u64>> {
    let asked = || ranges.iter().filter(|range| !range.is_empty());
    let (Some(from), Some(to)) =
        (asked().map(|range| range.from).min(), asked().map(|range| range.to).max())
    else {
        return Ok(vec![0; ranges.len()]);
    };
    // All days that a range touches, whole: their bits say which hours.
    let touched = HourRange {
        from: from - from % DAY_HOURS,
        to: to.div_ceil(DAY_HOURS).saturating_mul(DAY_HOURS),
    };
    let Some(known) = Known::of(guild, at).await? else {
        return Ok(vec![0; ranges.len()]);
    };
    let Some(days) = known.pieces(touched) else {
        return Ok(vec![0; ranges.len()]);
    };
    let packs = match scope {
        Scope::Guild => members::packs(at, guild, &days).await?,
        _ => Vec::new(),
    };
    let has_voice = known.has_voice(HourRange { from, to });
    if packs.is_empty() && !has_voice {
        return count_rows(at, guild, ranges, audience, scope).await;
    }
    let mut found = Distinct::new(ranges);
    if has_voice {
        let packs = packs.iter().map(|(day, pack)| (*day, pack.voices.as_slice()));
        found.members = voice::reaching(at, guild, ranges, &days, packs, audience, scope).await?;
    }
    if found.members.iter().all(Vec::is_empty) && packs.is_empty() {
        return count_rows(at, guild, ranges, audience, scope).await;
    }
    count_days(at, guild, found, audience, scope, &days, &packs).await
}

/// Adds the members with an active hour to those found: from packed days, and from the rows of those that are not.
async fn count_days(
    at: &mut Snapshot,
    guild: i64,
    mut found: Distinct<'_>,
    audience: Audience,
    scope: Scope,
    days: &Pieces,
    packs: &[(u32, Pack)],
) -> sqlx::Result<Vec<u64>> {
    let (low, high) = audience.kinds();
    let packed: Vec<u32> = packs.iter().map(|(day, _)| *day).collect();
    for (from, to) in members::stretches(days, &packed) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(from), query.bind(to));
        let (low, high) = (query.bind(low), query.bind(high));
        let Some(within) = within(&mut query, &g, "channel_id", scope) else {
            break;
        };
        let statement = query.text(format!(
            "SELECT unix_day, member_id, active_hours FROM member_activity_daily \
             WHERE guild_id = {g} AND unix_day >= {from} AND unix_day < {to} AND active_hours <> 0 AND kind BETWEEN {low} AND {high}{within} \
             ORDER BY unix_day"
        ));
        let rows: Vec<(i32, i64, i32)> = statement.all(at).await?;
        for rows in rows.chunk_by(|a, b| a.0 == b.0) {
            found.day(rows[0].0.unsigned_abs(), &rows.iter().map(|row| (row.1, row.2)));
        }
    }
    for (day, pack) in packs {
        let day = *day;
        let asked = pack.members.iter().filter(|member| (low..=high).contains(&member.kind));
        found.day(day, &asked.map(|member| (member.member, member.active_hours)));
    }
    Ok(found.counts())
}

/// Distinct members of ranges under construction.
struct Distinct<'a> {
    ranges: &'a [HourRange],
    /// Members of each range, as often as they were found.
    members: Vec<Vec<i64>>,
}

impl<'a> Distinct<'a> {
    fn new(ranges: &'a [HourRange]) -> Self {
        Self { ranges, members: vec![Vec::new(); ranges.len()] }
    }

    /// Takes in members with their active hours of one day.
    fn day(&mut self, day: u32, hours: &(impl Iterator<Item = (i64, i32)> + Clone)) {
        let start = day * DAY_HOURS;
        for (range, members) in self.ranges.iter().zip(&mut self.members) {
            if range.is_empty() || range.to <= start || range.from >= start + DAY_HOURS {
                continue;
            }
            let from_first = WHOLE_DAY << range.from.saturating_sub(start);
            let until_last = WHOLE_DAY >> (start + DAY_HOURS).saturating_sub(range.to);
            let asked = WHOLE_DAY & from_first & until_last;
            let active = hours.clone().filter(|(_, hours)| hours & asked != 0);
            members.extend(active.map(|(member, _)| member));
        }
    }

    fn counts(self) -> Vec<u64> {
        let distinct = |mut members: Vec<i64>| {
            // Each day comes in the order of the members: what is sorted here are a few sorted runs.
            members.sort();
            members.dedup();
            members.len() as u64
        };
        self.members.into_iter().map(distinct).collect()
    }
}

/// The same from the rows of the days, counted by the engine.
///
/// A range is its first and last day with the hours of these that count, and all hours of the days between. One subquery for each
/// range reads the guild's rows of these days: a day on the border of two ranges is read twice, every other day once.
async fn count_rows(
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
