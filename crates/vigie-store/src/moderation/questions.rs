//! Acts one after the other, and one with what surrounds it.

use std::collections::BTreeMap;

use sqlx::FromRow;
use vigie_core::vocabulary::{AuditId, CaseSource, ChannelId, GuildId, ModerationAction};

use super::changes::unpack;
use crate::{
    Store, StoreError,
    db::Snapshot,
    invites::{inviter_names, named},
    limits::{CASE_ROWS_MAX, SEARCH_BYTES_MAX},
    query::Query,
    question::{
        CaseCursor, CaseDetail, CasePage, CaseRow, CasesQuestion, MemberRow, Moderator, TimeoutEnd,
    },
    value::{counter, id, key, like_pattern},
};

const TIMEOUT: i32 = ModerationAction::Timeout as i32;
const LIFTED: i32 = ModerationAction::TimeoutRemoved as i32;

/// What follows a timeout `c`: the next act of either kind on the same member. A step into the key of the targets.
fn next_of(column: &str) -> String {
    format!(
        "CASE WHEN c.action = {TIMEOUT} THEN (SELECT n.{column} FROM moderation_logs n WHERE n.guild_id = c.guild_id \
           AND n.target_id = c.target_id AND n.at_ms > c.at_ms AND n.action IN ({TIMEOUT}, {LIFTED}) ORDER BY n.at_ms, n.id LIMIT 1) END"
    )
}

/// The columns of [`CaseSql`] of a row `c`.
fn columns() -> String {
    let (at, action) = (next_of("at_ms"), next_of("action"));
    format!(
        "c.id, c.audit_id, c.action, c.at_ms, c.target_id, c.moderator_id, c.reason, c.channel_id, c.count, c.until_ms, c.source, \
         c.heard_ms IS NOT NULL AS is_heard, c.changes, {at} AS next_at, {action} AS next_action"
    )
}

impl Store {
    /// A page of the acts of a range of instants.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn moderation_recent(
        &self,
        question: &CasesQuestion,
    ) -> Result<CasePage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(CasePage::default());
        };
        if question.search.as_ref().is_some_and(|search| search.len() > SEARCH_BYTES_MAX) {
            return Ok(CasePage::default());
        }
        let mut at = self.read.snapshot().await?;
        let limit = question.limit.min(CASE_ROWS_MAX);
        let mut rows = page(&mut at, guild, question, limit + 1).await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| has_more);
        let next = last.map(|row| CaseCursor { at_ms: row.at_ms, id: row.id });
        Ok(CasePage { rows: with_names(&mut at, guild, rows).await?, next })
    }

    /// One act with at most so many others on the same target; `None` if there is no such act in the guild.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn moderation_case(
        &self,
        guild: GuildId,
        case: i64,
        history: u32,
    ) -> Result<Option<CaseDetail>, StoreError> {
        let Some(guild) = key(guild.0) else { return Ok(None) };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let (g, number) = (query.bind(guild), query.bind(case));
        let columns = columns();
        let statement = query.text(format!(
            "SELECT {columns} FROM moderation_logs c WHERE c.guild_id = {g} AND c.id = {number}"
        ));
        let Some(found) = statement.first::<CaseSql>(&mut at).await? else { return Ok(None) };
        let target = found.target_id;
        let mut rows = vec![found];
        if let Some(target) = target {
            rows.extend(others(&mut at, guild, target, case, history.min(CASE_ROWS_MAX)).await?);
        }
        let ended_stay = match target {
            Some(target) => ended_stay(&mut at, guild, target, case).await?,
            None => None,
        };
        let mut rows = with_names(&mut at, guild, rows).await?.into_iter();
        let case = rows.next();
        Ok(case.map(|case| CaseDetail { case, history: rows.collect(), ended_stay }))
    }
}

/// Rows of a page, latest first.
async fn page(
    at: &mut Snapshot,
    guild: i64,
    question: &CasesQuestion,
    limit: u32,
) -> sqlx::Result<Vec<CaseSql>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let mut only = String::new();
    if !question.actions.is_empty() {
        let actions: Vec<String> =
            question.actions.iter().map(|action| query.bind(i32::from(*action as u8))).collect();
        only.push_str(&format!(" AND c.action IN ({})", actions.join(", ")));
    }
    match question.moderator {
        Some(Moderator::Unknown) => only.push_str(" AND c.moderator_id IS NULL"),
        Some(Moderator::Known(moderator)) => {
            let moderator = query.bind(key(moderator.0).unwrap_or(-1));
            only.push_str(&format!(" AND c.moderator_id = {moderator}"));
        }
        None => {}
    }
    if let Some(target) = question.target {
        let target = query.bind(key(target.0).unwrap_or(-1));
        only.push_str(&format!(" AND c.target_id = {target}"));
    }
    if let Some(search) = &question.search {
        let pattern = query.bind(like_pattern(search));
        only.push_str(&format!(" AND c.search_reason LIKE {pattern} ESCAPE '\\'"));
    }
    if let Some(cursor) = question.after {
        let (last, number) = (query.bind(cursor.at_ms), query.bind(cursor.id));
        // The first condition is the second's consequence, and what finds the place in a key.
        only.push_str(&format!(" AND c.at_ms <= {last} AND (c.at_ms < {last} OR c.id < {number})"));
    }
    let limit = query.bind(i64::from(limit));
    let columns = columns();
    let statement = query.text(format!(
        "SELECT {columns} FROM moderation_logs c \
         WHERE c.guild_id = {g} AND c.at_ms >= {from} AND c.at_ms < {to}{only} ORDER BY c.at_ms DESC, c.id DESC LIMIT {limit}"
    ));
    statement.all(at).await
}

/// Other acts on a target, latest first.
async fn others(
    at: &mut Snapshot,
    guild: i64,
    target: i64,
    case: i64,
    limit: u32,
) -> sqlx::Result<Vec<CaseSql>> {
    let mut query = Query::default();
    let (g, t, number) = (query.bind(guild), query.bind(target), query.bind(case));
    let limit = query.bind(i64::from(limit));
    let columns = columns();
    let statement = query.text(format!(
        "SELECT {columns} FROM moderation_logs c WHERE c.guild_id = {g} AND c.target_id = {t} AND c.id <> {number} \
         ORDER BY c.at_ms DESC, c.id DESC LIMIT {limit}"
    ));
    statement.all(at).await
}

/// The stay of a member that an act ended.
async fn ended_stay(
    at: &mut Snapshot,
    guild: i64,
    member: i64,
    case: i64,
) -> sqlx::Result<Option<(Option<i64>, i64)>> {
    let mut query = Query::default();
    let (g, m, number) = (query.bind(guild), query.bind(member), query.bind(case));
    let statement = query.text(format!(
        "SELECT s.since_ms, s.is_join_known, s.left_at_ms FROM member_stays s WHERE s.guild_id = {g} AND s.member_id = {m} \
         AND s.departure_case = {number} AND s.left_at_ms IS NOT NULL ORDER BY s.since_ms DESC LIMIT 1"
    ));
    let row: Option<(i64, bool, i64)> = statement.first(at).await?;
    Ok(row.map(|(since, is_known, left)| (is_known.then_some(since), left)))
}

/// The rows with the names of targets and moderators.
async fn with_names(
    at: &mut Snapshot,
    guild: i64,
    rows: Vec<CaseSql>,
) -> sqlx::Result<Vec<CaseRow>> {
    let people = rows.iter().flat_map(|row| [row.target_id, row.moderator_id]).flatten();
    let people: Vec<i64> = people.collect();
    let names = inviter_names(at, guild, people.into_iter()).await?;
    Ok(rows.into_iter().filter_map(|row| row.named(&names)).collect())
}

#[derive(FromRow)]
struct CaseSql {
    id: i64,
    audit_id: Option<i64>,
    action: i32,
    at_ms: i64,
    target_id: Option<i64>,
    moderator_id: Option<i64>,
    reason: Option<String>,
    channel_id: Option<i64>,
    count: Option<i32>,
    until_ms: Option<i64>,
    source: i32,
    is_heard: bool,
    changes: Option<Vec<u8>>,
    next_at: Option<i64>,
    next_action: Option<i32>,
}

impl CaseSql {
    /// As the answers of questions have it; `None` for an action that was never written.
    fn named(self, names: &BTreeMap<i64, MemberRow>) -> Option<CaseRow> {
        let end = if self.next_action == Some(LIFTED) {
            TimeoutEnd::Lifted
        } else {
            TimeoutEnd::Replaced
        };
        // What came after the end did not end it.
        let next = self.next_at.filter(|next| self.until_ms.is_none_or(|until| *next < until));
        Some(CaseRow {
            id: self.id,
            audit: self.audit_id.map(|entry| AuditId(id(entry))),
            action: ModerationAction::from_u8(self.action as u8)?,
            at_ms: self.at_ms,
            target: self.target_id.map(|member| named(member, names)),
            moderator: self.moderator_id.map(|member| named(member, names)),
            reason: self.reason,
            channel: self.channel_id.map(|channel| ChannelId(id(channel))),
            count: self.count.map(|count| counter(i64::from(count))),
            until_ms: self.until_ms,
            timeout_end: next.map(|next| (next, end)),
            source: CaseSource::from_u8(self.source as u8).unwrap_or_default(),
            is_heard: self.is_heard,
            changes: self.changes.and_then(|bytes| unpack(&bytes)).unwrap_or_default(),
        })
    }
}
