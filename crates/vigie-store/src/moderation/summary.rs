//! Acts counted: by bucket and action, by moderator, and those that were reversed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use vigie_core::vocabulary::{GuildId, ModerationAction};

use crate::{
    Store, StoreError,
    db::Snapshot,
    invites::{inviter_names, named},
    limits::MODERATORS_MAX,
    members::check_bounds,
    query::Query,
    question::{ModerationSummary, ModeratorRow},
    value::{key, sum},
};

const BAN: i32 = ModerationAction::Ban as i32;
const UNBAN: i32 = ModerationAction::Unban as i32;
const TIMEOUT: i32 = ModerationAction::Timeout as i32;
const LIFTED: i32 = ModerationAction::TimeoutRemoved as i32;

impl Store {
    /// How often each action occurred in each bucket (from `bounds_ms[i]` until before `bounds_ms[i + 1]`, in milliseconds since 1970), and
    /// what the busiest moderators did over all of them. A limit of 0 asks for the buckets alone.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are too many ([`crate::limits::BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn moderation_summary(
        &self,
        guild: GuildId,
        bounds_ms: &[i64],
        limit: u32,
    ) -> Result<ModerationSummary, StoreError> {
        check_bounds(bounds_ms)?;
        let len = bounds_ms.len().saturating_sub(1);
        let mut summary =
            ModerationSummary { buckets: vec![Vec::new(); len], ..ModerationSummary::default() };
        let Some(guild) = key(guild.0).filter(|_| len > 0) else {
            return Ok(summary);
        };
        let mut at = self.read.snapshot().await?;
        for (bucket, action, acts) in buckets(&mut at, guild, bounds_ms).await? {
            let action = ModerationAction::from_u8(action as u8);
            let bucket = summary.buckets.get_mut(bucket.unsigned_abs() as usize);
            if let (Some(bucket), Some(action)) = (bucket, action) {
                bucket.push((action, sum(acts)));
            }
        }
        if limit > 0 {
            let range = (bounds_ms[0], bounds_ms[len]);
            let acts = by_moderator(&mut at, guild, range).await?;
            summary.reversed = reversed(&acts);
            summary.moderators = moderators(&mut at, guild, &acts, limit).await?;
        }
        Ok(summary)
    }
}

/// Bucket, action, acts: by bucket, then action.
async fn buckets(
    at: &mut Snapshot,
    guild: i64,
    bounds: &[i64],
) -> sqlx::Result<Vec<(i32, i32, i64)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let mut rows = Vec::with_capacity(bounds.len());
    for (place, pair) in bounds.windows(2).enumerate() {
        let place = query.bind(place as i32);
        let (from, to) = (query.bind(pair[0]), query.bind(pair[1]));
        rows.push(format!("(CAST({place} AS INT), CAST({from} AS BIGINT), CAST({to} AS BIGINT))"));
    }
    let statement = query.text(format!(
        "WITH b(n, lo, hi) AS (VALUES {}) SELECT b.n, c.action, COUNT(*) AS acts FROM b CROSS JOIN moderation_logs c \
         WHERE c.guild_id = {g} AND c.at_ms >= b.lo AND c.at_ms < b.hi GROUP BY b.n, c.action ORDER BY b.n, c.action",
        rows.join(", ")
    ));
    statement.all(at).await
}

/// What one moderator did of one kind: who, what, how often, how often it was reversed.
type Acts = (Option<i64>, i32, i64, i64);

/// Acts of a range by moderator and action. A ban is reversed when the next ban or unban of that member is an unban, a timeout when it
/// is lifted before its end: steps into the key of the targets.
async fn by_moderator(
    at: &mut Snapshot,
    guild: i64,
    (from, to): (i64, i64),
) -> sqlx::Result<Vec<Acts>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(from), query.bind(to));
    let next = |one: i32, other: i32| {
        format!(
            "SELECT n.action FROM moderation_logs n WHERE n.guild_id = c.guild_id AND n.target_id = c.target_id AND n.at_ms > c.at_ms \
             AND (c.until_ms IS NULL OR n.at_ms < c.until_ms) AND n.action IN ({one}, {other}) ORDER BY n.at_ms, n.id LIMIT 1"
        )
    };
    let (unbanned, lifted) = (next(BAN, UNBAN), next(TIMEOUT, LIFTED));
    let statement = query.text(format!(
        "SELECT moderator_id, action, COUNT(*) AS acts, CAST(SUM(reversed) AS BIGINT) AS reversed FROM (\
           SELECT c.moderator_id, c.action, CASE WHEN c.action = {BAN} AND ({unbanned}) = {UNBAN} THEN 1 \
             WHEN c.action = {TIMEOUT} AND ({lifted}) = {LIFTED} THEN 1 ELSE 0 END AS reversed \
           FROM moderation_logs c WHERE c.guild_id = {g} AND c.at_ms >= {from} AND c.at_ms < {to}) AS act \
         GROUP BY moderator_id, action ORDER BY moderator_id, action"
    ));
    statement.all(at).await
}

/// By action, in the order of their numbers; those of which none was reversed are not listed.
fn reversed(acts: &[Acts]) -> Vec<(ModerationAction, u64)> {
    let mut reversed: BTreeMap<ModerationAction, u64> = BTreeMap::new();
    for (_, action, _, count) in acts.iter().filter(|acts| acts.3 > 0) {
        if let Some(action) = ModerationAction::from_u8(*action as u8) {
            *reversed.entry(action).or_default() += sum(*count);
        }
    }
    reversed.into_iter().collect()
}

/// The busiest moderators with their names, and nobody known in any case.
async fn moderators(
    at: &mut Snapshot,
    guild: i64,
    acts: &[Acts],
    limit: u32,
) -> sqlx::Result<Vec<ModeratorRow>> {
    let mut rows: BTreeMap<Option<i64>, (Vec<_>, u64)> = BTreeMap::new();
    for (moderator, action, count, reversed) in acts {
        let Some(action) = ModerationAction::from_u8(*action as u8) else { continue };
        let row = rows.entry(*moderator).or_default();
        row.0.push((action, sum(*count)));
        row.1 += sum(*reversed);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(moderator, (actions, _))| {
        (Reverse(actions.iter().map(|(_, count)| count).sum::<u64>()), *moderator)
    });
    let mut places = 0;
    rows.retain(|(moderator, _)| {
        places += u32::from(moderator.is_some());
        moderator.is_none() || places <= limit.min(MODERATORS_MAX)
    });
    let people: Vec<i64> = rows.iter().filter_map(|(id, _)| *id).collect();
    let names = inviter_names(at, guild, people.into_iter()).await?;
    let row = |(moderator, (actions, reversed)): (Option<i64>, (Vec<_>, u64))| ModeratorRow {
        moderator: moderator.map(|id| named(id, &names)),
        actions,
        reversed,
    };
    Ok(rows.into_iter().map(row).collect())
}
