//! What changed about a guild, its roles, and what may be read of it.

use sqlx::FromRow;
use vigie_core::vocabulary::{Access, GuildId, Reading, RoleId, RoleRecord, UnixMs};

use crate::{
    Store, StoreError,
    limits::CHANGE_ROWS_MAX,
    query::Query,
    question::{ChangeCursor, ChangePage, ChangeRow, ChangesQuestion, GuildChangeKind},
    value::{counter, id, key},
};

impl Store {
    /// A page of the changes of a range of instants.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guild_changes(
        &self,
        question: &ChangesQuestion,
    ) -> Result<ChangePage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(ChangePage::default());
        };
        let limit = question.limit.min(CHANGE_ROWS_MAX);
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
        let mut only = String::new();
        if !question.kinds.is_empty() {
            let kinds: Vec<String> =
                question.kinds.iter().map(|kind| query.bind(i32::from(*kind as u8))).collect();
            only.push_str(&format!(" AND c.kind IN ({})", kinds.join(", ")));
        }
        if let Some(cursor) = question.after {
            let (last, number) = (query.bind(cursor.at_ms), query.bind(cursor.id));
            // The first condition is the second's consequence, and what finds the place in a key.
            only.push_str(&format!(
                " AND c.at_ms <= {last} AND (c.at_ms < {last} OR c.id < {number})"
            ));
        }
        let most = query.bind(i64::from(limit + 1));
        let statement = query.text(format!(
            "SELECT c.id, c.at_ms, c.kind, c.subject_id, c.subject, c.field, c.old, c.new FROM guild_changes c \
             WHERE c.guild_id = {g} AND c.at_ms >= {from} AND c.at_ms < {to}{only} ORDER BY c.at_ms DESC, c.id DESC LIMIT {most}"
        ));
        let mut rows: Vec<ChangeSql> = statement.all_now(&self.read).await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| has_more);
        let next = last.map(|row| ChangeCursor { at_ms: row.at_ms, id: row.id });
        Ok(ChangePage { rows: rows.into_iter().filter_map(ChangeSql::row).collect(), next })
    }

    /// The roles of a guild, deleted ones too, by position and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn roles(&self, guild: GuildId) -> Result<Vec<RoleRecord>, StoreError> {
        let Some(guild) = key(guild.0) else { return Ok(Vec::new()) };
        let mut query = Query::default();
        let g = query.bind(guild);
        let statement = query.text(format!(
            "SELECT role_id, name, color, position, permissions, managed, is_deleted FROM guild_roles WHERE guild_id = {g} \
             ORDER BY position, role_id"
        ));
        let rows: Vec<RoleSql> = statement.all_now(&self.read).await?;
        Ok(rows.into_iter().map(RoleSql::row).collect())
    }

    /// What may be read of a guild, as far as it was tried: the last word of each reading.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn access(&self, guild: GuildId) -> Result<Vec<Access>, StoreError> {
        let Some(guild) = key(guild.0) else { return Ok(Vec::new()) };
        let mut query = Query::default();
        let g = query.bind(guild);
        let statement = query.text(format!(
            "SELECT reading, at_ms, allowed FROM guild_access WHERE guild_id = {g} ORDER BY reading"
        ));
        let rows: Vec<(i32, i64, bool)> = statement.all_now(&self.read).await?;
        let access = |(reading, at, allowed): (i32, i64, bool)| {
            let reading = Reading::from_u8(u8::try_from(reading).ok()?)?;
            Some(Access { reading, at: UnixMs(at), allowed })
        };
        Ok(rows.into_iter().filter_map(access).collect())
    }
}

#[derive(FromRow)]
struct ChangeSql {
    id: i64,
    at_ms: i64,
    kind: i32,
    subject_id: Option<i64>,
    subject: Option<String>,
    field: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

impl ChangeSql {
    /// As the answers of questions have it; `None` for a kind that was never written.
    fn row(self) -> Option<ChangeRow> {
        Some(ChangeRow {
            id: self.id,
            at_ms: self.at_ms,
            kind: GuildChangeKind::from_u8(u8::try_from(self.kind).ok()?)?,
            subject: self.subject_id.map(id),
            subject_name: self.subject,
            field: self.field,
            old: self.old,
            new: self.new,
        })
    }
}

#[derive(FromRow)]
struct RoleSql {
    role_id: i64,
    name: String,
    color: i32,
    position: i32,
    permissions: i64,
    managed: bool,
    is_deleted: bool,
}

impl RoleSql {
    fn row(self) -> RoleRecord {
        RoleRecord {
            id: RoleId(id(self.role_id)),
            name: self.name,
            color: counter(i64::from(self.color)),
            position: self.position,
            // Bits: the 64th may be set.
            permissions: self.permissions as u64,
            managed: self.managed,
            deleted: self.is_deleted,
        }
    }
}
