//! Questions about coverage: of a range, of the whole ledger, of many guilds at once.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, UnixMs,
};

use super::fold::RECOVERABLE;
use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::{LEDGER_ROWS_MAX, MEMBERS_PER_STATEMENT},
    query::Query,
    question::{CoverageAnswer, CoverageHealth, LedgerCursor, LedgerPage, LedgerQuestion},
    value::{id, key, sum},
};

impl Store {
    /// What is known of a range of milliseconds since 1970; an empty range still tells since when and until when the guild is heard.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn coverage(
        &self,
        guild: GuildId,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<CoverageAnswer, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(CoverageAnswer::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let g = query.bind(guild);
        let statement = query.text(format!(
            "SELECT family, MIN(from_ms) FROM coverage WHERE guild_id = {g} AND NOT is_gap GROUP BY family"
        ));
        let mut answer = CoverageAnswer::default();
        for (family, from) in statement.all::<(i32, i64)>(&mut at).await? {
            if let Some(of_family) = answer.observed_from.get_mut(family.unsigned_abs() as usize) {
                *of_family = Some(UnixMs(from));
            }
        }
        answer.heard_until = heard_until(&mut at, guild).await?;
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(from_ms), query.bind(to_ms));
        let statement = query.text(format!(
            "{SPAN} WHERE guild_id = {g} AND is_gap AND from_ms < {to} AND (until_ms IS NULL OR until_ms > {from}) \
             ORDER BY family, from_ms"
        ));
        let rows: Vec<SpanSql> = statement.all(&mut at).await?;
        answer.spans = rows.into_iter().filter_map(span).collect();
        Ok(answer)
    }

    /// A page of a guild's gaps.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ledger(&self, question: &LedgerQuestion) -> Result<LedgerPage, StoreError> {
        let Some(guild) = key(question.guild.0) else {
            return Ok(LedgerPage::default());
        };
        let limit = question.limit.min(LEDGER_ROWS_MAX);
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(question.from_ms), query.bind(question.to_ms));
        let of_family = match question.family {
            Some(family) => format!(" AND family = {}", query.bind(i32::from(family as u8))),
            None => String::new(),
        };
        let after = match question.after {
            Some(LedgerCursor { from_ms, family }) => {
                let (from, family) = (query.bind(from_ms), query.bind(i32::from(family as u8)));
                format!(" AND (from_ms < {from} OR (from_ms = {from} AND family > {family}))")
            }
            None => String::new(),
        };
        let rows_max = query.bind(i64::from(limit) + 1);
        let statement = query.text(format!(
            "{SPAN} WHERE guild_id = {g} AND is_gap AND from_ms < {to} AND (until_ms IS NULL OR until_ms > {from}){of_family}{after} \
             ORDER BY from_ms DESC, family LIMIT {rows_max}"
        ));
        let rows: Vec<SpanSql> = statement.all_now(&self.read).await?;
        let mut spans: Vec<CoverageSpan> = rows.into_iter().filter_map(span).collect();
        let has_more = spans.len() > limit as usize;
        spans.truncate(limit as usize);
        let next = spans.last().filter(|_| has_more);
        let next = next.map(|last| LedgerCursor { from_ms: last.from.0, family: last.family });
        Ok(LedgerPage { spans, next })
    }

    /// How well each of these guilds is heard now, in the order asked. A guild that is not known is never heard.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn coverage_health(
        &self,
        guilds: &[GuildId],
    ) -> Result<Vec<CoverageHealth>, StoreError> {
        let mut at = self.read.snapshot().await?;
        let ids: Vec<i64> = guilds.iter().filter_map(|guild| key(guild.0)).collect();
        let mut known: BTreeMap<GuildId, CoverageHealth> = BTreeMap::new();
        for piece in ids.chunks(MEMBERS_PER_STATEMENT) {
            for health in health(&mut at, piece).await? {
                known.insert(health.guild, health);
            }
        }
        let unknown = |guild| CoverageHealth {
            guild,
            observed_from: None,
            heard_until: None,
            blind_since: None,
            recovering: 0,
        };
        let health = guilds.iter().map(|guild| known.get(guild).cloned());
        Ok(guilds.iter().zip(health).map(|(id, known)| known.unwrap_or(unknown(*id))).collect())
    }
}

/// Of one piece of a list of guilds, each once.
async fn health(at: &mut Snapshot, guilds: &[i64]) -> sqlx::Result<Vec<CoverageHealth>> {
    let mut query = Query::default();
    let list = query.bind_list(guilds.iter().copied());
    let [lost, outage] = RECOVERABLE;
    let blind = CoverageState::Blind as i32;
    let messages = CoverageFamily::Messages as i32;
    // Nothing is wrong with what nobody wants to hear.
    let off = CoverageReason::SwitchedOff as i32;
    let statement = query.text(format!(
        "SELECT c.guild_id, MIN(CASE WHEN NOT c.is_gap THEN c.from_ms END) AS observed_from, MAX(p.heard_until_ms) AS heard_until, \
           MIN(CASE WHEN c.is_gap AND c.state = {blind} AND c.until_ms IS NULL AND c.reason <> {off} THEN c.from_ms END) AS blind_since, \
           COUNT(CASE WHEN c.is_gap AND c.state = {blind} AND c.until_ms IS NOT NULL AND c.family = {messages} \
             AND c.reason IN ({lost}, {outage}) THEN 1 END) AS recovering \
         FROM coverage c LEFT JOIN guild_producers h ON h.guild_id = c.guild_id LEFT JOIN producers p ON p.producer = h.producer \
         WHERE c.guild_id IN ({list}) GROUP BY c.guild_id"
    ));
    let rows: Vec<HealthSql> = statement.all(at).await?;
    let health = |row: HealthSql| CoverageHealth {
        guild: GuildId(id(row.0)),
        observed_from: row.1.map(UnixMs),
        heard_until: row.2.map(UnixMs),
        blind_since: row.3.map(UnixMs),
        recovering: sum(row.4),
    };
    Ok(rows.into_iter().map(health).collect())
}

/// Guild, first sight, head, beginning of the earliest open gap, gaps to be recovered.
type HealthSql = (i64, Option<i64>, Option<i64>, Option<i64>, i64);

/// Until when the producer that hears a guild has heard everything.
async fn heard_until(at: &mut Snapshot, guild: i64) -> sqlx::Result<Option<UnixMs>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let statement = query.text(format!(
        "SELECT p.heard_until_ms FROM guild_producers h JOIN producers p ON p.producer = h.producer WHERE h.guild_id = {g}"
    ));
    let row: Option<(i64,)> = statement.first(at).await?;
    Ok(row.map(|(at,)| UnixMs(at)))
}

const SPAN: &str = "SELECT family, from_ms, until_ms, state, reason FROM coverage";

/// Family, beginning, end, state, reason.
type SpanSql = (i32, i64, Option<i64>, i32, i32);

/// `None` for numbers that were never written.
fn span((family, from, until, state, reason): SpanSql) -> Option<CoverageSpan> {
    Some(CoverageSpan {
        family: CoverageFamily::from_u8(u8::try_from(family).ok()?)?,
        from: UnixMs(from),
        until: until.map(UnixMs),
        state: CoverageState::from_u8(u8::try_from(state).ok()?)?,
        reason: CoverageReason::from_u8(u8::try_from(reason).ok()?)?,
    })
}
