//! Who brings people, and whether they stay.

use vigie_core::vocabulary::{AttributionMethod, Confidence};

use super::evidence::{inviter_names, named};
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::RECRUITERS_MAX,
    query::Query,
    question::{InviteStats, InviteStatsQuestion, MethodCount, Recruiter, WEEK_MS},
    value::{key, sum},
};

/// The joins `t` of people in a range of instants that are attributed, with their stays `s`.
const ATTRIBUTED: &str = "t.confidence > 0 AND s.kind = 0 AND s.is_join_known";

impl Store {
    /// Who brings people: joins of people in a range of instants.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invite_stats(
        &self,
        question: &InviteStatsQuestion,
    ) -> Result<InviteStats, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(InviteStats::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut stats = InviteStats {
            methods: methods(&mut at, guild, question).await?,
            ..InviteStats::default()
        };
        stats.joins = stats.methods.iter().map(|method| method.joins).sum();
        let mut found = recruiters(&mut at, guild, question).await?;
        stats.recruiters_total = found.len() as u64;
        found.sort_by_key(|row| (std::cmp::Reverse(row.1 + row.2), row.0));
        found.truncate(question.limit.min(RECRUITERS_MAX) as usize);
        let names = inviter_names(&mut at, guild, found.iter().map(|row| row.0)).await?;
        let recruiter = |row: RecruiterSql| Recruiter {
            inviter: named(row.0, &names),
            exact: sum(row.1),
            likely: sum(row.2),
            decided: sum(row.3),
            stayed: sum(row.4),
            spoke: sum(row.5),
            left: sum(row.6),
            rejoined: sum(row.7),
            self_invited: sum(row.8),
        };
        stats.recruiters = found.into_iter().map(recruiter).collect();
        (stats.codes_used, stats.codes_active) = codes(&mut at, guild, question).await?;
        Ok(stats)
    }
}

/// Inviter, exact, likely, decided, stayed, spoke, left, rejoined, self-invited.
type RecruiterSql = (i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// Joins that were heard, by method and confidence.
async fn methods(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteStatsQuestion,
) -> sqlx::Result<Vec<MethodCount>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let statement = query.text(format!(
        "SELECT COALESCE(t.method, 0) AS method, COALESCE(t.confidence, 0) AS confidence, COUNT(*) AS joins \
         FROM member_stays s LEFT JOIN invite_tracking t ON t.guild_id = {g} AND t.member_id = s.member_id AND t.joined_at_ms = s.since_ms \
         WHERE s.guild_id = {g} AND s.since_ms >= {from} AND s.since_ms < {to} AND s.is_join_known AND s.kind = 0 \
           AND (s.is_heard OR t.method IS NOT NULL) \
         GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    ));
    let rows: Vec<(i32, i32, i64)> = statement.all(at).await?;
    let count = |(method, confidence, joins): (i32, i32, i64)| MethodCount {
        method: AttributionMethod::from_u8(method as u8).unwrap_or_default(),
        confidence: Confidence::from_u8(confidence as u8).unwrap_or_default(),
        joins: sum(joins),
    };
    Ok(rows.into_iter().map(count).collect())
}

/// All who made an invite to which a join is attributed.
async fn recruiters(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteStatsQuestion,
) -> sqlx::Result<Vec<RecruiterSql>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let week = query.bind(WEEK_MS);
    let decided = query.bind(question.until_ms.saturating_sub(WEEK_MS));
    let statement = query.text(format!(
        "SELECT t.inviter_id, COUNT(CASE WHEN t.confidence = 2 THEN 1 END), COUNT(CASE WHEN t.confidence = 1 THEN 1 END), \
         COUNT(CASE WHEN s.since_ms <= {decided} THEN 1 END), \
         COUNT(CASE WHEN s.since_ms <= {decided} AND (s.left_at_ms IS NULL OR s.left_at_ms >= s.since_ms + {week}) THEN 1 END), \
         COUNT(CASE WHEN a.messages > 0 AND a.last_seen_minute >= s.since_ms / 60000 THEN 1 END), \
         COUNT(s.left_at_ms), COUNT(CASE WHEN s.rejoined THEN 1 END), COUNT(CASE WHEN t.inviter_id = t.member_id THEN 1 END) \
         FROM invite_tracking t CROSS JOIN member_stays s \
         LEFT JOIN member_stats a ON a.guild_id = {g} AND a.user_id = t.member_id \
         WHERE t.guild_id = {g} AND t.joined_at_ms >= {from} AND t.joined_at_ms < {to} AND t.inviter_id IS NOT NULL \
           AND s.guild_id = {g} AND s.member_id = t.member_id AND s.since_ms = t.joined_at_ms AND {ATTRIBUTED} \
         GROUP BY t.inviter_id"
    ));
    statement.all(at).await
}

/// Codes used in the range, and codes that can be used now.
async fn codes(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteStatsQuestion,
) -> sqlx::Result<(u64, u64)> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let now = query.bind(question.until_ms);
    let statement = query.text(format!(
        "SELECT (SELECT COUNT(DISTINCT t.code) FROM invite_tracking t CROSS JOIN member_stays s \
           WHERE t.guild_id = {g} AND t.joined_at_ms >= {from} AND t.joined_at_ms < {to} AND t.code IS NOT NULL \
           AND s.guild_id = {g} AND s.member_id = t.member_id AND s.since_ms = t.joined_at_ms AND {ATTRIBUTED}), \
         (SELECT COUNT(*) FROM invites i WHERE i.guild_id = {g} AND i.ended_at_ms IS NULL \
           AND (i.expires_at_ms IS NULL OR i.expires_at_ms > {now}))"
    ));
    let row: Option<(i64, i64)> = statement.first(at).await?;
    Ok(row.map_or((0, 0), |(used, active)| (sum(used), sum(active))))
}
