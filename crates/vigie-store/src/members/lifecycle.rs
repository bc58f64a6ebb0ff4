//! What became of the active members from one period to the next.

use std::collections::{HashMap, HashSet};

use vigie_core::vocabulary::GuildId;

use super::growth::check_bounds;
use crate::{
    Store, StoreError,
    activity::days::{self, Day},
    db::Snapshot,
    query::Query,
    question::{ACTIVE_VOICE_MS, Audience, HourRange, LifecyclePeriod},
    value::key,
};

const DAY_HOURS: u32 = 24;
const HOUR_MS: i64 = 3_600_000;

/// All hours of a day.
const WHOLE_DAY: u32 = (1 << DAY_HOURS) - 1;

impl Store {
    /// What became of the active members from one period to the next: period i runs from UTC hour `bounds[i]` until before `bounds[i + 1]`.
    /// The first one is only compared with, so that the answer has one period less.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are too many ([`crate::limits::BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn lifecycle(
        &self,
        guild: GuildId,
        bounds: &[u32],
    ) -> Result<Vec<LifecyclePeriod>, StoreError> {
        let bounds_ms: Vec<i64> = bounds.iter().map(|hour| i64::from(*hour) * HOUR_MS).collect();
        check_bounds(&bounds_ms)?;
        let mut periods = vec![LifecyclePeriod::default(); bounds.len().saturating_sub(2)];
        let Some(guild) = key(guild.0).filter(|_| !periods.is_empty()) else {
            return Ok(periods);
        };
        let mut at = self.read.snapshot().await?;
        let active = active(&mut at, guild, bounds).await?;
        let first_seen = first_seen(&mut at, guild, bounds[1]).await?;
        let gone = Gone::since(&mut at, guild, bounds_ms[0]).await?;
        for (place, period) in periods.iter_mut().enumerate() {
            let (before, now) = (&active[place], &active[place + 1]);
            let (from_ms, to_ms) = (bounds_ms[place + 1], bounds_ms[place + 2]);
            let (from, to) = (bounds[place + 1], bounds[place + 2]);
            for member in now {
                let is_new = first_seen.get(member).is_some_and(|hour| (from..to).contains(hour));
                if before.binary_search(member).is_ok() {
                    period.returning += 1;
                } else if is_new {
                    period.new += 1;
                } else {
                    period.resurrected += 1;
                }
            }
            for member in before.iter().filter(|member| now.binary_search(member).is_err()) {
                if gone.is_gone(*member, to_ms) {
                    period.left += 1;
                } else {
                    period.dormant += 1;
                }
            }
            period.joins = gone.joins(from_ms, to_ms);
        }
        Ok(periods)
    }
}

/// Active people of each period, by id.
async fn active(at: &mut Snapshot, guild: i64, bounds: &[u32]) -> sqlx::Result<Vec<Vec<i64>>> {
    let ranges: Vec<HourRange> =
        bounds.windows(2).map(|pair| HourRange { from: pair[0], to: pair[1] }).collect();
    let whole = HourRange { from: bounds[0], to: bounds[bounds.len() - 1] };
    let mut members: Vec<Vec<i64>> = vec![Vec::new(); ranges.len()];
    let mut spent: Vec<HashMap<i64, u64>> = vec![HashMap::new(); ranges.len()];
    let mut visit = |day: &Day<'_>| {
        let start = day.day * DAY_HOURS;
        for (place, range) in ranges.iter().enumerate() {
            if range.to <= start || range.from >= start + DAY_HOURS {
                continue;
            }
            let from_first = WHOLE_DAY << range.from.saturating_sub(start);
            let until_last = WHOLE_DAY >> (start + DAY_HOURS).saturating_sub(range.to);
            let hours = day.hours & from_first & until_last;
            let acts = day.acts.iter().filter(|acts| acts.active_hours & hours != 0);
            members[place].extend(acts.map(|acts| acts.member));
            for voice in day.voices {
                let ms = voice.within(hours);
                if ms >= ACTIVE_VOICE_MS {
                    members[place].push(voice.member);
                } else if ms > 0 {
                    *spent[place].entry(voice.member).or_default() += ms;
                }
            }
        }
    };
    days::each(at, guild, whole, Audience::Humans, &mut visit).await?;
    for (members, spent) in members.iter_mut().zip(spent) {
        let long = spent.into_iter().filter(|(_, ms)| *ms >= ACTIVE_VOICE_MS);
        members.extend(long.map(|(member, _)| member));
        // Each day comes in the order of the members: what is sorted here are a few sorted runs.
        members.sort();
        members.dedup();
    }
    Ok(members)
}

/// The members first seen in this hour or later, with that hour. The others were seen before, if ever.
async fn first_seen(at: &mut Snapshot, guild: i64, from: u32) -> sqlx::Result<HashMap<i64, u32>> {
    let mut query = Query::default();
    let (g, from) = (query.bind(guild), query.bind(from.saturating_mul(60)));
    let statement = query.text(format!(
        "SELECT user_id, first_seen_minute FROM member_stats WHERE guild_id = {g} AND first_seen_minute >= {from}"
    ));
    let rows: Vec<(i64, i32)> = statement.all(at).await?;
    Ok(rows.into_iter().map(|(member, minute)| (member, minute.unsigned_abs() / 60)).collect())
}

/// People who went since an instant, and those who came.
pub(super) struct Gone {
    /// Departures by member.
    left: HashMap<i64, Vec<i64>>,
    /// Joins by member.
    joined: HashMap<i64, Vec<i64>>,
    /// Instants of joins, sorted.
    joins: Vec<i64>,
}

impl Gone {
    /// Asks for all that happened since an instant.
    pub(super) async fn since(at: &mut Snapshot, guild: i64, from: i64) -> sqlx::Result<Self> {
        let rows = async |at: &mut Snapshot, column: &str, rest: &str| {
            let mut query = Query::default();
            let (g, from) = (query.bind(guild), query.bind(from));
            let statement = query.text(format!(
                "SELECT s.member_id, s.{column} FROM member_stays s WHERE s.guild_id = {g} AND s.{column} >= {from} AND s.kind = 0{rest}"
            ));
            statement.all::<(i64, i64)>(at).await
        };
        let left = rows(at, "left_at_ms", "").await?;
        let joined = rows(at, "since_ms", " AND s.is_join_known").await?;
        let mut joins: Vec<i64> = joined.iter().map(|row| row.1).collect();
        joins.sort_unstable();
        let by_member = |rows: Vec<(i64, i64)>, only: Option<&HashSet<i64>>| {
            let mut members: HashMap<i64, Vec<i64>> = HashMap::new();
            for (member, instant) in rows {
                if only.is_none_or(|only| only.contains(&member)) {
                    members.entry(member).or_default().push(instant);
                }
            }
            members
        };
        let left = by_member(left, None);
        let leavers: HashSet<i64> = left.keys().copied().collect();
        let joined = by_member(joined, Some(&leavers));
        Ok(Self { left, joined, joins })
    }

    /// Whether a member had gone by then, as far as is known, and not come back.
    pub(super) fn is_gone(&self, member: i64, by: i64) -> bool {
        let before = |instants: Option<&Vec<i64>>| {
            instants.and_then(|all| all.iter().copied().filter(|at| *at < by).max())
        };
        let left = before(self.left.get(&member));
        left.is_some_and(|left| before(self.joined.get(&member)).is_none_or(|joined| joined < left))
    }

    /// Joins in a range of instants.
    fn joins(&self, from: i64, to: i64) -> u64 {
        let before = |end: i64| self.joins.partition_point(|at| *at < end) as u64;
        before(to) - before(from)
    }
}
