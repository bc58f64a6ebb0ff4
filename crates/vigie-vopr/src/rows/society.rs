//! The tables of members, moderation and invites, seen from outside.

use sqlx::{Connection, PgConnection, SqliteConnection};
use vigie_core::vocabulary::{AttributionMethod, Confidence};

use super::Rows;

const STAYS: &str = "SELECT guild_id, member_id, since_ms, CASE WHEN is_join_known THEN 1 ELSE 0 END, CAST(kind AS BIGINT), \
    CASE WHEN rejoined THEN 1 ELSE 0 END, CASE WHEN is_heard THEN 1 ELSE 0 END, left_at_ms, CAST(departure AS BIGINT) \
    FROM member_stays ORDER BY guild_id, member_id, since_ms";

const CASES: &str = "SELECT CAST(id AS BIGINT), guild_id, audit_id, CAST(action AS BIGINT), at_ms, target_id, moderator_id, reason, \
    CAST(count AS BIGINT), until_ms, CAST(source AS BIGINT) FROM moderation_logs ORDER BY guild_id, at_ms, id";

const ATTRIBUTIONS: &str = "SELECT guild_id, member_id, joined_at_ms, CAST(method AS BIGINT), CAST(confidence AS BIGINT), code, \
    inviter_id, CAST(burst AS BIGINT) FROM invite_tracking ORDER BY guild_id, joined_at_ms, member_id";

type StayTuple = (i64, i64, i64, i32, i64, i32, i32, Option<i64>, Option<i64>);
type CaseTuple = (
    i64,
    i64,
    Option<i64>,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    i64,
);
type AttributionTuple = (i64, i64, i64, i64, i64, Option<String>, Option<i64>, i64);

/// A row of `member_stays`. Numbers are those of the core's vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayRow {
    /// Where.
    pub guild: u64,
    /// Who.
    pub member: u64,
    /// `joined_at`, or the departure where the join is not known.
    pub since_ms: i64,
    /// Whether the join is known.
    pub is_join_known: bool,
    /// Person or bot.
    pub kind: u8,
    /// Whether they had been here before.
    pub rejoined: bool,
    /// Whether the join was heard.
    pub is_heard: bool,
    /// When it ended.
    pub left_at_ms: Option<i64>,
    /// How.
    pub departure: Option<u8>,
}

/// A row of `moderation_logs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its number in the table.
    pub id: i64,
    /// Where.
    pub guild: u64,
    /// The entry that tells it.
    pub audit: Option<u64>,
    /// What.
    pub action: u8,
    /// When.
    pub at_ms: i64,
    /// To whom.
    pub target: Option<u64>,
    /// By whom.
    pub moderator: Option<u64>,
    /// Why.
    pub reason: Option<String>,
    /// How many messages or members.
    pub count: Option<u32>,
    /// When a timeout ends.
    pub until_ms: Option<i64>,
    /// How it is known.
    pub source: u8,
}

/// A row of `invite_tracking`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributionRow {
    /// Where.
    pub guild: u64,
    /// Who came.
    pub member: u64,
    /// When.
    pub joined_at_ms: i64,
    /// By what it was attributed.
    pub method: AttributionMethod,
    /// How sure it is.
    pub confidence: Confidence,
    /// The invite's code.
    pub code: Option<String>,
    /// Who made that invite.
    pub inviter: Option<u64>,
    /// How many joins were decided together.
    pub burst: u64,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Stays.
    pub stays: Vec<StayRow>,
    /// Acts of moderation.
    pub cases: Vec<CaseRow>,
    /// Attributions.
    pub attributions: Vec<AttributionRow>,
}

impl Rows {
    /// Everything that is stored of members, moderation and invites.
    pub async fn society(&self) -> Stored {
        let stays = fetch_all!(self, StayTuple, STAYS.to_owned());
        let cases = fetch_all!(self, CaseTuple, CASES.to_owned());
        let attributions = fetch_all!(self, AttributionTuple, ATTRIBUTIONS.to_owned());
        Stored {
            stays: stays.into_iter().map(stay).collect(),
            cases: cases.into_iter().map(case).collect(),
            attributions: attributions.into_iter().map(attribution).collect(),
        }
    }
}

fn stay(row: StayTuple) -> StayRow {
    let (guild, member, since_ms, known, kind, rejoined, heard, left_at_ms, departure) = row;
    StayRow {
        guild: guild as u64,
        member: member as u64,
        since_ms,
        is_join_known: known != 0,
        kind: kind as u8,
        rejoined: rejoined != 0,
        is_heard: heard != 0,
        left_at_ms,
        departure: departure.map(|number| number as u8),
    }
}

fn case(row: CaseTuple) -> CaseRow {
    let (id, guild, audit, action, at_ms, target, moderator, reason, count, until_ms, source) = row;
    let number = |id: Option<i64>| id.map(|id| id as u64);
    CaseRow {
        id,
        guild: guild as u64,
        audit: number(audit),
        action: action as u8,
        at_ms,
        target: number(target),
        moderator: number(moderator),
        reason,
        count: count.map(|count| count as u32),
        until_ms,
        source: source as u8,
    }
}

fn attribution(row: AttributionTuple) -> AttributionRow {
    let (guild, member, joined_at_ms, method, confidence, code, inviter, burst) = row;
    AttributionRow {
        guild: guild as u64,
        member: member as u64,
        joined_at_ms,
        method: AttributionMethod::from_u8(method as u8).unwrap(),
        confidence: Confidence::from_u8(confidence as u8).unwrap(),
        code,
        inviter: inviter.map(|id| id as u64),
        burst: burst as u64,
    }
}
