//! Stays: every join and every departure once, at its time and by its kind.

use std::collections::BTreeSet;

use vigie_core::vocabulary::{CoverageFamily, DepartureKind, ModerationAction, UnixMs};
use vigie_world::{Stay, limits};

use super::truth::GuildTruth;
use super::{Hearing, Verdict, by_key};
use crate::rows::society::{StayRow, Stored};

/// How far from a ban or a prune a departure may be its doing.
const REMOVAL_REACH_MS: i64 = 10_000;

const FAMILY: CoverageFamily = CoverageFamily::Members;

pub(super) fn judge(
    guild: u64,
    truth: &GuildTruth,
    stored: &Stored,
    hearing: &Hearing<'_>,
    verdict: &mut Verdict,
) {
    let rows = by_key(&stored.stays, |row| row.guild == guild, |row| row.member);
    let mut used: BTreeSet<(u64, i64)> = BTreeSet::new();
    for stay in &truth.stays {
        let own = rows.get(&stay.member.0).map(Vec::as_slice).unwrap_or_default();
        let row = match_row(stay, own, &used, hearing.slack_ms);
        if let Some(row) = row {
            used.insert((row.member, row.since_ms));
        }
        let told_by =
            UnixMs(stay.joined_at.0 + limits::JOIN_TOLD_AFTER_MS_MAX as i64 + hearing.slack_ms);
        let is_heard = hearing.heard(guild, FAMILY, stay.joined_at, told_by);
        let is_listed = hearing.lists_members && stay.left.is_none();
        let departs = departure(guild, stay, hearing);
        verdict.compared.stays += u64::from(is_heard || is_listed);
        verdict.compared.departures += u64::from(departs == Departs::Heard);
        let wrong = match row {
            Some(row) => wrong(stay, row, departs, hearing)
                .filter(|_| !is_taken_for_removed(stay, row, truth, hearing)),
            None if is_heard || is_listed => Some("is not stored".to_owned()),
            None if departs == Departs::Heard => Some("ended unseen".to_owned()),
            None => None,
        };
        verdict.differences.extend(wrong.map(|wrong| {
            format!("guild {guild}: {stay:?} {wrong}; heard {is_heard}, departs {departs:?}; rows {own:?}")
        }));
    }
    // Members who were there all the time are in no truth of stays; their joins lie before the present.
    let begins = hearing.begins(guild);
    let extra = rows.values().flatten().filter(|row| !used.contains(&(row.member, row.since_ms)));
    for row in extra {
        let is_founder = row.is_join_known
            && row.left_at_ms.is_none()
            && begins.is_some_and(|begins| row.since_ms < begins.0);
        if !is_founder {
            verdict.differences.push(format!("guild {guild}: no such stay: {row:?}"));
        }
    }
    if hearing.lists_members && begins.is_some() {
        let open = rows.values().flatten().filter(|row| row.left_at_ms.is_none()).count();
        if open != truth.members as usize {
            let members = truth.members;
            verdict
                .differences
                .push(format!("guild {guild}: {members} members, {open} open stays"));
        }
    }
}

/// Whether somebody left by themselves right before they were banned, or while others were pruned: nothing that Discord tells
/// keeps that apart from being removed.
fn is_taken_for_removed(
    stay: &Stay,
    row: &StayRow,
    truth: &GuildTruth,
    hearing: &Hearing<'_>,
) -> bool {
    let Some((left, DepartureKind::Leave)) = stay.left else { return false };
    let (action, target) = match row.departure.and_then(DepartureKind::from_u8) {
        Some(DepartureKind::Ban) => (ModerationAction::Ban, Some(stay.member)),
        Some(DepartureKind::Prune) => (ModerationAction::Prune, None),
        _ => return false,
    };
    let reach_ms = REMOVAL_REACH_MS + hearing.slack_ms;
    let mut near = truth.acts.iter().filter(|act| (act.at.0 - left.0).abs() <= reach_ms);
    near.any(|act| act.action == action && act.target == target)
}

/// Whether the end of a stay must be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Departs {
    /// It goes on.
    Not,
    /// It was heard, at this instant and of this kind.
    Heard,
    /// It was missed, or may have been.
    Missed,
}

fn departure(guild: u64, stay: &Stay, hearing: &Hearing<'_>) -> Departs {
    let Some((left, _)) = stay.left else { return Departs::Not };
    let until = UnixMs(left.0 + limits::PRUNE_TOLD_WITHIN_MS as i64 + hearing.slack_ms);
    match hearing.heard(guild, FAMILY, left, until) {
        true => Departs::Heard,
        false => Departs::Missed,
    }
}

/// The row of a stay: by its join, else (where the join was not heard) by its departure.
fn match_row<'r>(
    stay: &Stay,
    own: &[&'r StayRow],
    used: &BTreeSet<(u64, i64)>,
    slack_ms: i64,
) -> Option<&'r StayRow> {
    let mut free = own.iter().filter(|row| !used.contains(&(row.member, row.since_ms)));
    let by_join = own.iter().find(|row| row.is_join_known && row.since_ms == stay.joined_at.0);
    let by_departure = || {
        let (left, _) = stay.left?;
        free.find(|row| {
            !row.is_join_known && row.left_at_ms.is_some_and(|at| is_near(at, left, slack_ms))
        })
    };
    by_join.or_else(by_departure).copied()
}

fn is_near(stored_ms: i64, left: UnixMs, slack_ms: i64) -> bool {
    (left.0 - slack_ms..=left.0 + slack_ms + limits::PRUNE_TOLD_WITHIN_MS as i64)
        .contains(&stored_ms)
}

fn wrong(stay: &Stay, row: &StayRow, departs: Departs, hearing: &Hearing<'_>) -> Option<String> {
    if row.kind != stay.kind as u8 {
        return Some("has another kind of account".to_owned());
    }
    if row.is_join_known && row.rejoined != stay.rejoined {
        return Some("was marked otherwise as a rejoin".to_owned());
    }
    let stored = row.left_at_ms.zip(row.departure.and_then(DepartureKind::from_u8));
    let Some((left, how)) = stay.left else {
        return stored.map(|_| "goes on, but is stored as over".to_owned());
    };
    match (departs, stored) {
        (Departs::Heard, Some((at, kind))) if !is_near(at, left, hearing.slack_ms) => {
            Some(format!("ended at another time ({kind:?})"))
        }
        (Departs::Heard, Some((_, kind))) if kind != how => Some(format!("ended by {kind:?}")),
        (Departs::Heard, None) => Some("is over, but stored as open".to_owned()),
        (Departs::Missed, Some((_, kind))) if kind != how && kind != DepartureKind::Unseen => {
            Some(format!("ended unheard, but is stored as {kind:?}"))
        }
        (Departs::Missed, None) if hearing.lists_members => {
            Some("is over, but stored as open after the list was read".to_owned())
        }
        _ => None,
    }
}
