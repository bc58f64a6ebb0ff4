//! A few members in a range, looked up one by one: one step into the key of the daily rows for each member and day.

use std::collections::HashMap;

use vigie_core::vocabulary::{AuthorKind, GuildId, UserId};

use super::{
    members::{self, MemberSql},
    range::{Known, Pieces, within},
    sums::{COUNTERS, SUMS},
};
use crate::{
    Store, StoreError,
    limits::{MEMBER_STEPS_MAX, MEMBERS_PER_STATEMENT},
    query::{Query, Statement},
    question::{Audience, HourRange, MemberTotals, MemberVoice, Scope},
    value::{id, key},
};

/// Where the rows of a family about members are, and which columns are summed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(crate) daily: &'static str,
    pub(crate) hourly: &'static str,
    pub(crate) columns: &'static str,
    pub(crate) sums: &'static str,
}

const ACTIVITY: Rows = Rows {
    daily: "member_activity_daily",
    hourly: "member_activity_hourly",
    columns: COUNTERS,
    sums: SUMS,
};

impl Store {
    /// Counts and voice of these members in a range, by id; those without any are not listed.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_totals(
        &self,
        guild: GuildId,
        members: &[UserId],
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
    ) -> Result<Vec<MemberTotals>, StoreError> {
        let scope = scope.into();
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut asked: Vec<i64> = members.iter().filter_map(|member| key(member.0)).collect();
        asked.sort_unstable();
        asked.dedup();
        let mut at = self.read.snapshot().await?;
        let Some(known) = Known::of(guild, &mut at).await? else {
            return Ok(Vec::new());
        };
        let Some(pieces) = known.pieces(range) else {
            return Ok(Vec::new());
        };
        let mut voices = members::voices_of(&mut at, guild, &asked, range, audience, scope).await?;
        let sums = if is_few(&asked, &pieces) {
            match statement(ACTIVITY, guild, &pieces, &asked, audience, scope) {
                Some(statement) => {
                    let rows: Vec<MemberSql> = statement.all(&mut at).await?;
                    rows.into_iter().map(members::sum).collect()
                }
                None => Vec::new(),
            }
        } else {
            let voice = members::Voice::NotNeeded;
            members::sums(&mut at, guild, range, audience, scope, voice).await?
        };
        let mut sums: HashMap<i64, _> = sums.into_iter().map(|sum| (sum.member, sum)).collect();
        let totals = asked.into_iter().filter_map(|member| {
            let (sum, voice) = (sums.remove(&member), voices.remove(&member));
            let kinds = [sum.map(|sum| sum.kind), voice.map(|voice| voice.kind)];
            let kind = kinds.into_iter().flatten().max()?;
            Some(MemberTotals {
                member: UserId(id(member)),
                kind: AuthorKind::from_u8(kind as u8).unwrap_or_default(),
                counts: sum.map(|sum| sum.counts).unwrap_or_default(),
                voice: voice.map_or(MemberVoice::default(), |voice| voice.voice),
            })
        });
        Ok(totals.collect())
    }
}

/// Whether looking these members up one by one is less work than reading everybody's days.
pub(crate) fn is_few(asked: &[i64], pieces: &Pieces) -> bool {
    let days = (pieces.end_day - pieces.first_day) as usize;
    asked.len() <= MEMBERS_PER_STATEMENT && asked.len() * days <= MEMBER_STEPS_MAX
}

/// Member, greatest kind and sums of these members; `None` if nothing can match. The joins are written in the order in which they are to
/// be made, and CROSS keeps SQLite to it.
pub(crate) fn statement(
    rows: Rows,
    guild: i64,
    pieces: &Pieces,
    asked: &[i64],
    audience: Audience,
    scope: Scope,
) -> Option<Statement> {
    if asked.is_empty() {
        return None;
    }
    let Rows { daily, hourly, columns, sums } = rows;
    let mut query = Query::default();
    let g = query.bind(guild);
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let within = within(&mut query, &g, "m.channel_id", scope)?;
    let rest = format!("m.kind BETWEEN {low} AND {high}{within}");
    let list: Vec<_> =
        asked.iter().map(|member| format!("(CAST({} AS BIGINT))", query.bind(*member))).collect();
    let mut parts = Vec::new();
    if pieces.first_day < pieces.end_day {
        parts.push(format!(
            "SELECT m.member_id, m.kind, {columns} FROM span CROSS JOIN asked CROSS JOIN {daily} m \
             WHERE m.guild_id = {g} AND m.unix_day = span.day AND m.member_id = asked.id AND {rest}"
        ));
    }
    for hours in [pieces.head, pieces.tail] {
        if !hours.is_empty() {
            let (from, to) = (query.bind(hours.from), query.bind(hours.to));
            parts.push(format!(
                "SELECT m.member_id, m.kind, {columns} FROM {hourly} m WHERE m.guild_id = {g} AND m.unix_hour >= {from} \
                 AND m.unix_hour < {to} AND m.member_id IN (SELECT id FROM asked) AND {rest}"
            ));
        }
    }
    if parts.is_empty() {
        return None;
    }
    let last = pieces.end_day.max(pieces.first_day + 1) - 1;
    let (first, last) = (query.bind(pieces.first_day), query.bind(last));
    let (list, union) = (list.join(", "), parts.join(" UNION ALL "));
    Some(query.text(format!(
        "WITH RECURSIVE span(day) AS (SELECT CAST({first} AS INT) UNION ALL SELECT day + 1 FROM span WHERE day < {last}), \
         asked(id) AS (VALUES {list}) \
         SELECT member_id, MAX(kind) AS kind, {sums} FROM ({union}) AS piece GROUP BY member_id"
    )))
}
