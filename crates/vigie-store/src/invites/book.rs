//! The book of invites.

use sqlx::FromRow;
use vigie_core::vocabulary::{ChannelId, GuildId, InviteRecord, UnixMs, UserId};

use super::evidence::{inviter_names, named};
use crate::{
    Store, StoreError,
    limits::INVITE_ROWS_MAX,
    query::Query,
    question::{InviteBook, InviteRow},
    value::{counter, id, key, sum},
};

impl Store {
    /// The invites of a guild, ended ones too, as they were last told. `now_ms` (ms since 1970) says which have run out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invites(
        &self,
        guild: GuildId,
        now_ms: i64,
        limit: u32,
    ) -> Result<InviteBook, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(InviteBook::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let (g, now) = (query.bind(guild), query.bind(now_ms));
        let statement = query.text(format!(
            "SELECT COUNT(CASE WHEN ended_at_ms IS NOT NULL THEN 1 END), \
             COUNT(CASE WHEN ended_at_ms IS NULL AND expires_at_ms <= {now} THEN 1 END), COUNT(*) FROM invites WHERE guild_id = {g}"
        ));
        let counts: Option<(i64, i64, i64)> = statement.first(&mut at).await?;
        let (ended, expired, all) = counts.unwrap_or_default();
        let mut query = Query::default();
        let (g, now) = (query.bind(guild), query.bind(now_ms));
        let limit = query.bind(i64::from(limit.min(INVITE_ROWS_MAX)));
        let statement = query.text(format!(
            "SELECT i.code, i.told_at_ms, i.is_vanity, i.channel_id, i.inviter_id, i.uses, i.max_uses, i.created_at_ms, i.expires_at_ms, \
               i.ended_at_ms, i.temporary, \
               (SELECT COUNT(*) FROM invite_tracking t WHERE t.guild_id = {g} AND t.code = i.code AND t.confidence > 0) AS joins \
             FROM invites i WHERE i.guild_id = {g} \
             ORDER BY CASE WHEN i.ended_at_ms IS NULL AND (i.expires_at_ms IS NULL OR i.expires_at_ms > {now}) THEN 0 ELSE 1 END, \
               COALESCE(i.created_at_ms, i.told_at_ms) DESC, i.code LIMIT {limit}"
        ));
        let rows: Vec<InviteSql> = statement.all(&mut at).await?;
        let inviters = rows.iter().filter_map(|row| row.inviter_id);
        let names = inviter_names(&mut at, guild, inviters).await?;
        let row = |row: InviteSql| InviteRow {
            inviter: row.inviter_id.map(|inviter| named(inviter, &names)),
            joins: sum(row.joins),
            invite: row.record(),
        };
        Ok(InviteBook {
            rows: rows.into_iter().map(row).collect(),
            active: sum(all - ended - expired),
            expired: sum(expired),
            ended: sum(ended),
        })
    }
}

#[derive(FromRow)]
struct InviteSql {
    code: String,
    told_at_ms: i64,
    is_vanity: bool,
    channel_id: Option<i64>,
    inviter_id: Option<i64>,
    uses: Option<i32>,
    max_uses: i32,
    created_at_ms: Option<i64>,
    expires_at_ms: Option<i64>,
    ended_at_ms: Option<i64>,
    temporary: bool,
    joins: i64,
}

impl InviteSql {
    fn record(self) -> InviteRecord {
        let count = |stored: i32| counter(i64::from(stored));
        InviteRecord {
            code: self.code,
            at: UnixMs(self.told_at_ms),
            is_vanity: self.is_vanity,
            channel: self.channel_id.map(|channel| ChannelId(id(channel))),
            inviter: self.inviter_id.map(|inviter| UserId(id(inviter))),
            uses: self.uses.map(count),
            max_uses: count(self.max_uses),
            created_at: self.created_at_ms.map(UnixMs),
            expires_at: self.expires_at_ms.map(UnixMs),
            ended_at: self.ended_at_ms.map(UnixMs),
            temporary: self.temporary,
        }
    }
}
