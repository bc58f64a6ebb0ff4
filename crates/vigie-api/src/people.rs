//! Stays and joins as the client is told of them.

use std::collections::{BTreeSet, HashMap};

use vigie_core::vocabulary::{self as core, GuildId, UserId};
use vigie_store::question::{JoinEvidence, StayRow};

use crate::names;
use crate::problem::Problem;
use crate::state::App;
use crate::types::growth::{DepartureKind, MemberStay};
use crate::types::invites::{AttributionMethod, Confidence, InviteCandidate, JoinOrigin};
use crate::types::vocabulary::{Instant, MemberRef};
use vigie_core::vocabulary::UnixMs;

/// Names of members, by id.
pub type Names = HashMap<UserId, MemberRef>;

/// The names of these members, where any is known.
///
/// # Errors
/// The store does not answer.
pub async fn names_of(
    app: &App,
    guild: GuildId,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<Names, Problem> {
    let ids: BTreeSet<UserId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let ids: Vec<UserId> = ids.into_iter().collect();
    let rows = app.store.members(guild, &ids).await?;
    Ok(rows.iter().map(|row| (row.id, names::member(row))).collect())
}

/// Who made the codes that somebody may have come by.
pub fn candidates(evidence: &Option<JoinEvidence>) -> impl Iterator<Item = UserId> {
    evidence.iter().flat_map(|evidence| &evidence.candidates).filter_map(|one| one.inviter)
}

/// How somebody came.
pub fn origin(evidence: &JoinEvidence, names: &Names) -> JoinOrigin {
    let named = |id: UserId| names.get(&id).cloned().unwrap_or_else(|| names::unnamed_member(id));
    let candidates = evidence.candidates.iter().map(|one| InviteCandidate {
        code: one.code.clone(),
        inviter: one.inviter.map(named),
        used: one.used,
        ended: one.ended,
    });
    JoinOrigin {
        method: method(evidence.method),
        confidence: confidence(evidence.confidence),
        code: evidence.code.clone(),
        inviter: evidence.inviter.as_ref().map(names::member),
        candidates: candidates.collect(),
        burst: evidence.burst,
    }
}

/// One stay of a member.
pub fn stay(row: &StayRow, member: UserId, names: &Names) -> MemberStay {
    MemberStay {
        joined_at: instant(row.joined_at_ms),
        left_at: instant(row.left_at_ms),
        departure: row.departure.map(departure),
        departure_case: row.departure_case.map(|id| id.to_string()),
        rejoined: row.rejoined,
        heard: row.is_heard,
        account_age_days: row
            .joined_at_ms
            .map(|joined| ((joined - created_at(member).0.0).max(0) / (24 * 3_600_000)) as u32),
        origin: row.evidence.as_ref().map(|evidence| origin(evidence, names)),
    }
}

/// When an account was made: its id tells.
pub fn created_at(member: UserId) -> Instant {
    Instant(core::snowflake_time(member.0))
}

/// An instant that may be unknown.
pub fn instant(ms: Option<i64>) -> Option<Instant> {
    ms.map(|ms| Instant(UnixMs(ms)))
}

/// The method of the core's word.
pub fn method(method: core::AttributionMethod) -> AttributionMethod {
    match method {
        core::AttributionMethod::Unknown => AttributionMethod::Unknown,
        core::AttributionMethod::SingleUse => AttributionMethod::SingleUse,
        core::AttributionMethod::UsesDiff => AttributionMethod::UsesDiff,
        core::AttributionMethod::Vanity => AttributionMethod::Vanity,
        core::AttributionMethod::Ambiguous => AttributionMethod::Ambiguous,
        core::AttributionMethod::BotAdded => AttributionMethod::BotAdded,
    }
}

/// The confidence of the core's word.
pub fn confidence(confidence: core::Confidence) -> Confidence {
    match confidence {
        core::Confidence::None => Confidence::None,
        core::Confidence::Likely => Confidence::Likely,
        core::Confidence::Exact => Confidence::Exact,
    }
}

/// The kind of departure of the core's word.
pub fn departure(kind: core::DepartureKind) -> DepartureKind {
    match kind {
        core::DepartureKind::Leave => DepartureKind::Leave,
        core::DepartureKind::Kick => DepartureKind::Kick,
        core::DepartureKind::Ban => DepartureKind::Ban,
        core::DepartureKind::Prune => DepartureKind::Prune,
        core::DepartureKind::Unseen => DepartureKind::Unseen,
    }
}
