//! The ledger of moderation, action by action: each act once, never by a wrong moderator.

use std::collections::BTreeSet;

use vigie_core::vocabulary::{CoverageFamily, ModerationAction, UnixMs, snowflake_time};
use vigie_world::{Act, limits};

use super::truth::GuildTruth;
use super::{Hearing, Verdict, by_key};
use crate::rows::society::{CaseRow, Stored};

const FAMILY: CoverageFamily = CoverageFamily::Moderation;

/// Entries that Discord is about to forget may be gone when the log is read.
const EDGE_MS: i64 = 3_600_000;

pub(super) fn judge(
    guild: u64,
    truth: &GuildTruth,
    stored: &Stored,
    hearing: &Hearing<'_>,
    verdict: &mut Verdict,
) {
    let Some(begins) = hearing.begins(guild) else { return };
    let rows = by_key(&stored.cases, |row| row.guild == guild, |row| (row.audit, row.action));
    let mut used: BTreeSet<i64> = BTreeSet::new();
    for act in &truth.acts {
        let key = (act.audit.map(|id| id.0), act.action as u8);
        let own = rows.get(&key).map(Vec::as_slice).unwrap_or_default();
        let row = match act.audit {
            Some(_) => own.first(),
            None => own.iter().find(|row| !used.contains(&row.id) && is_fact_of(row, act, hearing)),
        };
        used.extend(row.map(|row| row.id));
        let must = must_be_stored(guild, act, begins, hearing);
        verdict.compared.acts += u64::from(must);
        verdict.compared.moderators += u64::from(must && act.names_moderator);
        let wrong = match row {
            Some(row) => wrong(act, row),
            None if must => Some("is not stored".to_owned()),
            None => None,
        };
        verdict
            .differences
            .extend(wrong.map(|wrong| format!("guild {guild}: {act:?} {wrong}; row {row:?}")));
    }
    // Whose entry names nobody may be somebody's own doing, which is no act: nothing tells.
    let may_be_own = |row: &CaseRow| {
        row.audit.is_some() && row.moderator.is_none() && row.action == ModerationAction::Nick as u8
    };
    let extra = rows.values().flatten().filter(|row| !used.contains(&row.id) && !may_be_own(row));
    verdict.differences.extend(extra.map(|row| format!("guild {guild}: no such act: {row:?}")));
}

fn must_be_stored(guild: u64, act: &Act, begins: UnixMs, hearing: &Hearing<'_>) -> bool {
    // What people do to themselves is no moderation.
    if act.moderator.is_some() && act.moderator == act.target {
        return false;
    }
    let Some(told) = act.told_at.filter(|_| act.audit.is_some()) else {
        // Of what has no entry, only timeouts by automatic moderation are told at all, by the member's update.
        let until = UnixMs(act.at.0 + hearing.slack_ms);
        return act.until.is_some() && hearing.heard(guild, CoverageFamily::Members, act.at, until);
    };
    let oldest = begins.0 - limits::AUDIT_KEPT_MS + EDGE_MS;
    let is_kept = hearing.reads_audits && act.at.0 > oldest;
    let is_heard = told > begins;
    (is_kept || is_heard) && hearing.is_known(guild, FAMILY, told)
}

/// Whether a row without entry tells this act.
fn is_fact_of(row: &CaseRow, act: &Act, hearing: &Hearing<'_>) -> bool {
    let is_same =
        row.target == act.target.map(|id| id.0) && row.until_ms == act.until.map(|until| until.0);
    is_same && (row.at_ms - act.at.0).abs() <= hearing.slack_ms
}

fn wrong(act: &Act, row: &CaseRow) -> Option<String> {
    let told_moderator = act.moderator.filter(|_| act.names_moderator).map(|id| id.0);
    if row.moderator.is_some() && row.moderator != act.moderator.map(|id| id.0) {
        return Some("has a wrong moderator".to_owned());
    }
    if row.moderator != told_moderator {
        return Some("has not the moderator that Discord tells".to_owned());
    }
    if row.target != act.target.map(|id| id.0) {
        return Some("has another target".to_owned());
    }
    if act.audit.is_some_and(|id| snowflake_time(id.0).0 != row.at_ms) {
        return Some("is not at the time of its entry".to_owned());
    }
    if row.reason.as_deref() != act.reason.as_deref() {
        return Some("has another reason".to_owned());
    }
    if act.until.is_some() && row.until_ms != act.until.map(|until| until.0) {
        return Some("ends at another time".to_owned());
    }
    let fits = match act.action.is_approximate() {
        true => (1..=act.count).contains(&row.count.unwrap_or(1)),
        false => row.count.is_none_or(|count| count == act.count),
    };
    (!fits).then(|| "has another count".to_owned())
}
