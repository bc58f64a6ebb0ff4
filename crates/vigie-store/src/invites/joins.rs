//! Joins one after the other, each with its evidence.

use std::collections::BTreeMap;

use sqlx::FromRow;
use vigie_core::vocabulary::{Confidence, DepartureKind, UserId};

use super::evidence::{EVIDENCE, EvidenceSql, inviter_names, named};
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::JOIN_ROWS_MAX,
    members::conditions,
    query::Query,
    question::{InviteJoinsQuestion, JoinCursor, JoinPage, JoinRow, MemberRow},
    value::{id, key},
};

impl Store {
    /// A page of the joins of a range of instants.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invite_joins(
        &self,
        question: &InviteJoinsQuestion,
    ) -> Result<JoinPage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(JoinPage::default());
        };
        let mut at = self.read.snapshot().await?;
        let limit = question.limit.min(JOIN_ROWS_MAX);
        let mut rows = rows(&mut at, guild, question, limit + 1).await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| has_more).map(|row| JoinCursor {
            joined_at_ms: row.since_ms,
            member: UserId(id(row.member_id)),
        });
        let inviters = rows.iter().filter_map(|row| row.evidence.inviter());
        let members = rows.iter().map(|row| row.member_id).chain(inviters);
        let names = inviter_names(&mut at, guild, members).await?;
        Ok(JoinPage { rows: rows.into_iter().map(|row| row.named(&names)).collect(), next })
    }
}

/// Rows of a page, latest first.
async fn rows(
    at: &mut Snapshot,
    guild: i64,
    question: &InviteJoinsQuestion,
    limit: u32,
) -> sqlx::Result<Vec<JoinSql>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let (low, high) = question.audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let mut only = conditions(&mut query, &g, &question.source);
    if let Some(member) = question.member {
        let member = query.bind(key(member.0).unwrap_or(-1));
        only.push_str(&format!(" AND s.member_id = {member}"));
    }
    match question.confidence {
        // Of these nothing may have been told at all.
        Some(Confidence::None) => only.push_str(" AND COALESCE(t.confidence, 0) = 0"),
        Some(confidence) => {
            let confidence = query.bind(i32::from(confidence as u8));
            only.push_str(&format!(" AND t.confidence = {confidence}"));
        }
        None => {}
    }
    if let Some(cursor) = question.after {
        let since = query.bind(cursor.joined_at_ms);
        let member = query.bind(key(cursor.member.0).unwrap_or(i64::MAX));
        // The first condition is the second's consequence, and what finds the place in a key.
        only.push_str(&format!(
            " AND s.since_ms <= {since} AND (s.since_ms < {since} OR s.member_id > {member})"
        ));
    }
    let limit = query.bind(i64::from(limit));
    let statement = query.text(format!(
        "SELECT s.member_id, s.since_ms, s.is_heard, s.rejoined, s.left_at_ms, s.departure, {EVIDENCE} \
         FROM member_stays s LEFT JOIN invite_tracking t ON t.guild_id = {g} AND t.member_id = s.member_id AND t.joined_at_ms = s.since_ms \
         WHERE s.guild_id = {g} AND s.since_ms >= {from} AND s.since_ms < {to} AND s.is_join_known \
           AND s.kind BETWEEN {low} AND {high}{only} \
         ORDER BY s.since_ms DESC, s.member_id LIMIT {limit}"
    ));
    statement.all(at).await
}

#[derive(FromRow)]
struct JoinSql {
    member_id: i64,
    since_ms: i64,
    is_heard: bool,
    rejoined: bool,
    left_at_ms: Option<i64>,
    departure: Option<i32>,
    #[sqlx(flatten)]
    evidence: EvidenceSql,
}

impl JoinSql {
    fn named(self, names: &BTreeMap<i64, MemberRow>) -> JoinRow {
        JoinRow {
            member: named(self.member_id, names),
            joined_at_ms: self.since_ms,
            is_heard: self.is_heard,
            rejoined: self.rejoined,
            left_at_ms: self.left_at_ms,
            departure: self.departure.and_then(|kind| DepartureKind::from_u8(kind as u8)),
            evidence: self.evidence.evidence(names),
        }
    }
}
