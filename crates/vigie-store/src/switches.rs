//! Which events are not listened to: in one guild, or everywhere (guild 0). What is not listed is on.

use vigie_core::vocabulary::{GuildId, SWITCHABLE_EVENTS};

use crate::{
    Store, StoreError,
    db::on,
    query::Query,
    value::{id, key},
};

impl Store {
    /// The events that are switched off, with the guild in which (0 = everywhere), by guild and name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn switches(&self) -> Result<Vec<(GuildId, String)>, StoreError> {
        let statement = Query::default()
            .text("SELECT guild_id, event FROM event_switches ORDER BY guild_id, event".to_owned());
        let rows: Vec<(i64, String)> = statement.all_now(&self.read).await?;
        Ok(rows.into_iter().map(|(guild, event)| (GuildId(id(guild)), event)).collect())
    }

    /// Switches an event on or off in a guild (0 = everywhere). Saying it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the event cannot be switched off ([`SWITCHABLE_EVENTS`]) or the guild cannot be stored;
    /// [`StoreError::Database`].
    pub async fn set_switch(
        &self,
        guild: GuildId,
        event: &str,
        is_on: bool,
    ) -> Result<(), StoreError> {
        if !SWITCHABLE_EVENTS.contains(&event) {
            return Err(StoreError::InvalidQuestion {
                reason: "it names no event that can be switched off",
            });
        }
        let Some(guild) = key(guild.0) else {
            return Err(StoreError::InvalidQuestion {
                reason: "its guild's id does not fit the tables",
            });
        };
        let sql = if is_on {
            "DELETE FROM event_switches WHERE guild_id = $1 AND event = $2"
        } else {
            "INSERT INTO event_switches (guild_id, event) VALUES ($1, $2) ON CONFLICT (guild_id, event) DO NOTHING"
        };
        on!(&self.write, pool => {
            sqlx::query(sql).bind(guild).bind(event).execute(pool).await?;
        });
        Ok(())
    }
}
