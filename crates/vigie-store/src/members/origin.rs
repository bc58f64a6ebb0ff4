//! Where a member is from: their stays, and how each began.

use std::collections::BTreeMap;

use sqlx::FromRow;
use vigie_core::vocabulary::{DepartureKind, GuildId, UserId};

use crate::{
    Store, StoreError,
    invites::{EVIDENCE, EvidenceSql, inviter_names},
    limits::STAYS_MAX,
    query::Query,
    question::{MemberOrigin, MemberRow, StayRow},
    value::{key, sum},
};

impl Store {
    /// The stays of a member, each with how it began and ended.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_origin(
        &self,
        guild: GuildId,
        member: UserId,
    ) -> Result<MemberOrigin, StoreError> {
        let (Some(guild), Some(member)) = (key(guild.0), key(member.0)) else {
            return Ok(MemberOrigin::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let (g, m) = (query.bind(guild), query.bind(member));
        let statement = query.text(format!(
            "SELECT s.since_ms, s.is_join_known, s.is_heard, s.rejoined, s.left_at_ms, s.departure, s.departure_case, {EVIDENCE} \
             FROM member_stays s LEFT JOIN invite_tracking t ON t.guild_id = {g} AND t.member_id = {m} AND t.joined_at_ms = s.since_ms \
             WHERE s.guild_id = {g} AND s.member_id = {m} ORDER BY s.since_ms DESC LIMIT {STAYS_MAX}"
        ));
        let rows: Vec<StaySql> = statement.all(&mut at).await?;
        let mut query = Query::default();
        let (g, m) = (query.bind(guild), query.bind(member));
        let statement = query.text(format!(
            "SELECT COUNT(*) FROM invite_tracking WHERE guild_id = {g} AND inviter_id = {m} AND confidence > 0"
        ));
        let recruited: Option<(i64,)> = statement.first(&mut at).await?;
        let inviters = rows.iter().filter_map(|row| row.evidence.inviter());
        let names = inviter_names(&mut at, guild, inviters).await?;
        let is_open = rows.iter().any(|row| row.left_at_ms.is_none());
        Ok(MemberOrigin {
            is_member: (!rows.is_empty()).then_some(is_open),
            stays: rows.into_iter().map(|row| row.stay(&names)).collect(),
            recruited: recruited.map_or(0, |row| sum(row.0)),
        })
    }
}

/// A stay with its evidence.
#[derive(FromRow)]
struct StaySql {
    since_ms: i64,
    is_join_known: bool,
    is_heard: bool,
    rejoined: bool,
    left_at_ms: Option<i64>,
    departure: Option<i32>,
    departure_case: Option<i64>,
    #[sqlx(flatten)]
    evidence: EvidenceSql,
}

impl StaySql {
    fn stay(self, names: &BTreeMap<i64, MemberRow>) -> StayRow {
        StayRow {
            joined_at_ms: self.is_join_known.then_some(self.since_ms),
            is_heard: self.is_heard,
            rejoined: self.rejoined,
            left_at_ms: self.left_at_ms,
            departure: self.departure.and_then(|kind| DepartureKind::from_u8(kind as u8)),
            departure_case: self.departure_case,
            evidence: self.evidence.evidence(names),
        }
    }
}
