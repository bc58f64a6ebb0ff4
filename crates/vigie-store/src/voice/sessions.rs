//! Sessions one after the other, and their purge.

use sqlx::{AssertSqlSafe, FromRow};
use vigie_core::vocabulary::{AuthorKind, ChannelId, UnixMs, UserId, VoiceSession};

use super::detail;
use crate::{
    Store, StoreError,
    activity::within,
    db::{Snapshot, on},
    guilds::{self, ChannelSql},
    limits::{PURGED_PER_TRANSACTION, SESSION_ROWS_MAX, SESSIONS_KEPT_MS},
    query::Query,
    question::{
        MemberRow, VoiceSessionCursor, VoiceSessionPage, VoiceSessionRow, VoiceSessionsQuestion,
    },
    value::{id, key},
};

impl Store {
    /// A page of the sessions that began in a range and have ended. Those of the last 30 days are kept ([`SESSIONS_KEPT_MS`]).
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn voice_sessions(
        &self,
        question: &VoiceSessionsQuestion,
    ) -> Result<VoiceSessionPage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(VoiceSessionPage::default());
        };
        let mut at = self.read.snapshot().await?;
        let limit = question.limit.min(SESSION_ROWS_MAX);
        let mut rows = rows(&mut at, guild, question, limit + 1).await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| has_more).map(|row| VoiceSessionCursor {
            started_at_ms: row.started_at_ms,
            member: UserId(id(row.member_id)),
            channel: ChannelId(id(row.session_channel)),
        });
        let members = rows.iter().map(|row| row.member_id);
        let names = guilds::member_names(&mut at, guild, members).await?;
        let rows = rows.into_iter().map(|row| row.named(&names)).collect();
        Ok(VoiceSessionPage { rows, next })
    }

    /// Deletes the sessions that ended more than [`SESSIONS_KEPT_MS`] before `now_ms`, in transactions of bounded length; gives how many.
    /// Hours and days stay.
    ///
    /// # Errors
    /// [`StoreError::Database`]: what was deleted before it stays deleted.
    pub async fn purge_voice_sessions(&self, now_ms: i64) -> Result<u64, StoreError> {
        let sql = format!(
            "DELETE FROM voice_sessions WHERE (guild_id, started_at_ms, member_id, channel_id) IN \
             (SELECT guild_id, started_at_ms, member_id, channel_id FROM voice_sessions \
              WHERE ended_at_ms < $1 ORDER BY ended_at_ms LIMIT {PURGED_PER_TRANSACTION})"
        );
        let mut purged = 0;
        loop {
            let deleted = on!(&self.write, pool => {
                sqlx::query(AssertSqlSafe(sql.clone()))
                    .bind(now_ms.saturating_sub(SESSIONS_KEPT_MS))
                    .execute(pool)
                    .await?
                    .rows_affected()
            });
            purged += deleted;
            if deleted < u64::from(PURGED_PER_TRANSACTION) {
                return Ok(purged);
            }
        }
    }
}

/// Rows of a page, latest first.
async fn rows(
    at: &mut Snapshot,
    guild: i64,
    question: &VoiceSessionsQuestion,
    limit: u32,
) -> sqlx::Result<Vec<SessionSql>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
    let (low, high) = question.audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let Some(within) = within(&mut query, &g, "s.channel_id", question.scope) else {
        return Ok(Vec::new());
    };
    let mut of_member = String::new();
    if let Some(member) = question.member {
        let Some(member) = key(member.0) else { return Ok(Vec::new()) };
        of_member = format!(" AND s.member_id = {}", query.bind(member));
    }
    let mut after = String::new();
    if let Some(cursor) = question.after {
        let started = query.bind(cursor.started_at_ms);
        let member = query.bind(key(cursor.member.0).unwrap_or(i64::MAX));
        let channel = query.bind(key(cursor.channel.0).unwrap_or(i64::MAX));
        // The first condition is the second's consequence, and what finds the place in a key.
        after = format!(
            " AND s.started_at_ms <= {started} AND (s.started_at_ms < {started} OR s.member_id > {member} \
             OR (s.member_id = {member} AND s.channel_id > {channel}))"
        );
    }
    let limit = query.bind(i64::from(limit));
    let statement = query.text(format!(
        "SELECT s.started_at_ms, s.member_id, s.channel_id AS session_channel, s.kind AS member_kind, s.ended_at_ms, s.start_heard, \
           s.end_heard, s.detail, s.channel_id, c.name, c.kind, c.parent_id, c.position, c.is_deleted \
         FROM voice_sessions s LEFT JOIN channel_names c ON c.guild_id = s.guild_id AND c.channel_id = s.channel_id \
         WHERE s.guild_id = {g} AND s.started_at_ms >= {from} AND s.started_at_ms < {to} \
           AND s.kind BETWEEN {low} AND {high}{within}{of_member}{after} \
         ORDER BY s.started_at_ms DESC, s.member_id, s.channel_id LIMIT {limit}"
    ));
    statement.all(at).await
}

#[derive(FromRow)]
struct SessionSql {
    started_at_ms: i64,
    member_id: i64,
    session_channel: i64,
    member_kind: i32,
    ended_at_ms: i64,
    start_heard: bool,
    end_heard: bool,
    detail: Vec<u8>,
    #[sqlx(flatten)]
    channel: ChannelSql,
}

impl SessionSql {
    fn named(self, names: &[MemberRow]) -> VoiceSessionRow {
        let member = UserId(id(self.member_id));
        let kind = AuthorKind::from_u8(self.member_kind as u8).unwrap_or_default();
        let known = names.binary_search_by_key(&member, |name| name.id);
        let (time, segments) = detail::unpack(&self.detail).unwrap_or_default();
        VoiceSessionRow {
            member: known.map_or_else(
                |_| MemberRow {
                    id: member,
                    kind,
                    username: None,
                    display_name: None,
                    avatar: None,
                },
                |at| names[at].clone(),
            ),
            session: VoiceSession {
                channel: ChannelId(id(self.session_channel)),
                member,
                kind,
                started_at: UnixMs(self.started_at_ms),
                ended_at: UnixMs(self.ended_at_ms),
                start_heard: self.start_heard,
                end_heard: self.end_heard,
                time,
                segments,
            },
            channel: self.channel.row(),
        }
    }
}
