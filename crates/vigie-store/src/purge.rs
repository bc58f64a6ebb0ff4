//! Guilds that removed our bot: their rows are kept for 30 days, then deleted. An outage never starts that clock.

use sqlx::AssertSqlSafe;

use crate::{
    Store, StoreError,
    db::on,
    limits::{PURGED_PER_TRANSACTION, REMOVED_KEPT_MS},
    query::Query,
};

/// Every table with rows about guilds, and its key. The guild itself comes last: as long as it is there the purge goes on.
pub(crate) const TABLES: [(&str, &str); 29] = [
    ("channel_names", "guild_id, channel_id"),
    ("member_names", "guild_id, user_id"),
    ("emoji_names", "guild_id, emoji_id"),
    ("metrics_snapshots", "guild_id, unix_minute"),
    ("member_activity_hourly", "guild_id, unix_hour, channel_id, member_id"),
    ("member_activity_daily", "guild_id, unix_day, member_id, channel_id"),
    ("guild_activity_hourly", "guild_id, unix_hour, kind"),
    ("channel_activity_hourly", "guild_id, unix_hour, channel_id, kind"),
    ("emoji_hourly", "guild_id, unix_hour, emoji_id, unicode"),
    ("member_stats", "guild_id, user_id"),
    ("packed_days", "guild_id, unix_day"),
    ("voice_hourly", "guild_id, unix_hour, channel_id, member_id"),
    ("voice_daily", "guild_id, unix_day, member_id, channel_id"),
    ("guild_voice_hourly", "guild_id, unix_hour, kind"),
    ("channel_voice_hourly", "guild_id, unix_hour, channel_id, kind"),
    ("voice_peaks_hourly", "guild_id, unix_hour, channel_id"),
    ("voice_sessions", "guild_id, started_at_ms, member_id, channel_id"),
    ("coverage", "guild_id, family, from_ms, is_gap"),
    ("guild_producers", "guild_id, since_ms"),
    ("member_stays", "guild_id, member_id, since_ms"),
    ("member_count_samples", "guild_id, at_ms"),
    ("invites", "guild_id, code"),
    ("invite_tracking", "guild_id, member_id, joined_at_ms"),
    ("moderation_logs", "guild_id, id"),
    ("guild_changes", "guild_id, id"),
    ("guild_roles", "guild_id, role_id"),
    ("guild_emojis", "guild_id, emoji_id"),
    ("guild_fields", "guild_id, field"),
    ("guild_access", "guild_id, reading"),
];

impl Store {
    /// Deletes everything about the guilds that removed our bot more than [`REMOVED_KEPT_MS`] before `now_ms` and have not taken it back, in
    /// transactions of bounded length; gives how many guilds. What people switched off stays: it is no data about anybody.
    ///
    /// # Errors
    /// [`StoreError::Database`]: what was deleted before it stays deleted, and the next purge goes on.
    pub async fn purge_removed_guilds(&self, now_ms: i64) -> Result<u64, StoreError> {
        let mut query = Query::default();
        let before = query.bind(now_ms.saturating_sub(REMOVED_KEPT_MS));
        let statement = query.text(format!(
            "SELECT guild_id FROM guilds WHERE NOT is_active AND bot_removed_at_ms < {before} ORDER BY guild_id"
        ));
        let due: Vec<(i64,)> = statement.all_now(&self.write).await?;
        for (guild,) in &due {
            for (table, key) in TABLES {
                self.purge_rows(table, key, *guild).await?;
            }
            let sql = "DELETE FROM guilds WHERE guild_id = $1 AND NOT is_active";
            on!(&self.write, pool => { sqlx::query(sql).bind(guild).execute(pool).await?; });
        }
        Ok(due.len() as u64)
    }

    /// Deletes a guild's rows of one table, in transactions of bounded length, as long as our bot does not come back.
    async fn purge_rows(&self, table: &str, key: &str, guild: i64) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE guild_id = $1 LIMIT {PURGED_PER_TRANSACTION}) \
             AND EXISTS (SELECT 1 FROM guilds WHERE guild_id = $1 AND NOT is_active)"
        );
        loop {
            let deleted = on!(&self.write, pool => {
                sqlx::query(AssertSqlSafe(sql.clone())).bind(guild).execute(pool).await?.rows_affected()
            });
            if deleted < u64::from(PURGED_PER_TRANSACTION) {
                return Ok(());
            }
        }
    }
}
