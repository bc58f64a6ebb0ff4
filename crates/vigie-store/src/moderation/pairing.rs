//! Facts and entries that tell the same act become one row, whichever comes first.
//!
//! An event names neither moderator nor reason; the entry of the audit log does, and comes a little before or after, or days later. Of one
//! target both come in the order in which things were done, so that they are laid beside each other without crossing: as many pairs as
//! possible, then the nearest. A pair is of the same action (of timeouts also the same end, of bulk deletions the same channel and number, of
//! automatic moderation the same measure), within [`BAN_GRACE_MS`] for bans and unbans, within [`CASE_GRACE_MS`] for the rest; a timeout is
//! known by its end, whenever it is told. Everything near is paired anew from all that is known.
//!
//! No ban is paired across an unban that was heard. But a ban for the sake of deleting messages is lifted within a second, and our clock is
//! not Discord's: what was heard within [`CLOCK_GRACE_MS`] of an entry's time says nothing about what came first.

use std::collections::BTreeMap;

use vigie_core::vocabulary::ModerationAction;

use super::{changes::unpack, fold::Row};
use crate::limits::{BAN_GRACE_MS, CASE_GRACE_MS, CLOCK_GRACE_MS, FACT_REPEAT_MS};

const BAN: i32 = ModerationAction::Ban as i32;
const UNBAN: i32 = ModerationAction::Unban as i32;
const TIMEOUT: i32 = ModerationAction::Timeout as i32;
const TIMEOUT_REMOVED: i32 = ModerationAction::TimeoutRemoved as i32;
const BULK: i32 = ModerationAction::MessageDeleteBulk as i32;
const AUTOMOD: i32 = ModerationAction::Automod as i32;

/// What acts have in common that may be one: guild, family, and target or channel.
pub(super) type GroupKey = (i64, i32, i64);

/// The group of an act; `None` for acts that only entries tell.
pub(super) fn group(guild: i64, row: &Row) -> Option<GroupKey> {
    match row.action {
        BAN | UNBAN => Some((guild, BAN, row.target?)),
        TIMEOUT | TIMEOUT_REMOVED | AUTOMOD => Some((guild, row.action, row.target?)),
        BULK => Some((guild, BULK, row.channel?)),
        _ => None,
    }
}

/// How far apart, in milliseconds, a fact of this action and its entry may be.
pub(super) fn grace(action: i32) -> i64 {
    match action {
        BAN | UNBAN => BAN_GRACE_MS,
        TIMEOUT => i64::MAX,
        _ => CASE_GRACE_MS,
    }
}

/// The rows that these acts of one group make, and the ids of rows that are gone.
pub(super) fn pair(acts: Vec<Row>) -> (Vec<Row>, Vec<i64>) {
    let mut alike: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
    for act in acts {
        alike.entry(likeness(&act)).or_default().push(act);
    }
    let (mut rows, mut gone) = (Vec::new(), Vec::new());
    for acts in alike.into_values() {
        let (mut entries, mut facts) = (Vec::new(), Vec::new());
        for act in acts {
            split(act, &mut entries, &mut facts);
        }
        entries.sort_by_key(|entry| (entry.at, entry.audit));
        facts.sort_by_key(|fact| (fact.heard, fact.id));
        let mut is_taken = vec![false; facts.len()];
        for (e, f) in align(&entries, &facts) {
            is_taken[f] = true;
            absorb(&mut entries[e], &facts[f], &mut gone);
        }
        let times: Vec<(i32, i64)> = entries.iter().chain(&facts).map(told).collect();
        let begin = rows.len();
        rows.extend(entries);
        for (fact, _) in facts.into_iter().zip(is_taken).filter(|(_, is_taken)| !is_taken) {
            if is_repeat(&fact, &rows[begin..], &times) {
                gone.extend(fact.id);
            } else {
                rows.push(fact);
            }
        }
    }
    (rows, gone)
}

/// What acts of a group must have in common beside it, in one text.
fn likeness(row: &Row) -> Option<String> {
    match row.action {
        TIMEOUT => row.until.map(|until| until.to_string()),
        BULK => row.count.map(|count| count.to_string()),
        AUTOMOD => {
            let changes = unpack(&row.changes)?;
            changes.into_iter().find(|change| change.field == "automod_action")?.new
        }
        _ => None,
    }
}

/// Pairs of entries and facts, each sorted by time, that do not cross: as many as possible, then the nearest.
fn align(entries: &[Row], facts: &[Row]) -> Vec<(usize, usize)> {
    let heard: Vec<(i32, i64)> = facts.iter().map(|fact| (fact.action, heard(fact))).collect();
    let width = facts.len() + 1;
    // For the rest of both from each place on: the pairs, and how far apart they are in all.
    let mut best = vec![(0_u64, 0_i128); (entries.len() + 1) * width];
    let paired = |best: &[(u64, i128)], e: usize, f: usize| {
        let distance = (entries[e].at - heard[f].1).abs();
        let (pairs, apart) = best[(e + 1) * width + f + 1];
        may_be_one(&entries[e], heard[f], &heard)
            .then_some((pairs + 1, apart - i128::from(distance)))
    };
    for e in (0..entries.len()).rev() {
        for f in (0..facts.len()).rev() {
            let apart = best[(e + 1) * width + f].max(best[e * width + f + 1]);
            best[e * width + f] = paired(&best, e, f).map_or(apart, |together| together.max(apart));
        }
    }
    let (mut e, mut f, mut pairs) = (0, 0, Vec::new());
    while e < entries.len() && f < facts.len() {
        let here = best[e * width + f];
        if paired(&best, e, f) == Some(here) {
            pairs.push((e, f));
            (e, f) = (e + 1, f + 1);
        } else if best[(e + 1) * width + f] == here {
            e += 1;
        } else {
            f += 1;
        }
    }
    pairs
}

/// Whether an entry may tell the fact that was heard then, among all that was heard.
fn may_be_one(entry: &Row, (action, at): (i32, i64), heard: &[(i32, i64)]) -> bool {
    let is_between = |(other, then): &(i32, i64)| {
        let is_after_entry = *then > entry.at + CLOCK_GRACE_MS && *then < at;
        let is_before_entry = *then > at && *then < entry.at - CLOCK_GRACE_MS;
        Some(*other) == opposite(action) && (is_after_entry || is_before_entry)
    };
    entry.action == action
        && (entry.at - at).abs() <= grace(action)
        && !heard.iter().any(is_between)
}

/// Whether a fact without an entry was told before. Several bulk deletions or hits of a rule may look alike, but not come at once; somebody
/// who is banned is not banned again before the ban was lifted.
fn is_repeat(fact: &Row, rows: &[Row], times: &[(i32, i64)]) -> bool {
    let at = heard(fact);
    let is_at_once = |row: &Row| {
        let then = row.heard.or(row.audit.is_none().then_some(row.at));
        then.is_some_and(|then| (then - at).abs() <= FACT_REPEAT_MS)
    };
    let is_told = |row: &Row| {
        let before = told(row).1;
        let (first, last) = (before.min(at), before.max(at));
        let is_between = |(other, then): &(i32, i64)| {
            Some(*other) == opposite(fact.action) && *then > first && *then < last
        };
        // Events come in order: long before what is known is no repeat of it.
        row.action == fact.action
            && before - at <= CLOCK_GRACE_MS
            && last - first <= grace(row.action)
            && !times.iter().any(is_between)
    };
    match fact.action {
        BAN | UNBAN | TIMEOUT => rows.iter().any(is_told),
        _ => rows.iter().any(is_at_once),
    }
}

/// What was done, and when it was heard, or else when its entry was made.
fn told(row: &Row) -> (i32, i64) {
    (row.action, row.heard.unwrap_or(row.at))
}

/// The action that undoes this one.
fn opposite(action: i32) -> Option<i32> {
    match action {
        BAN => Some(UNBAN),
        UNBAN => Some(BAN),
        _ => None,
    }
}

/// When a fact was heard.
fn heard(fact: &Row) -> i64 {
    fact.heard.unwrap_or(fact.at)
}

/// Divides a row into entry and fact. The row's id stays with the entry.
fn split(row: Row, entries: &mut Vec<Row>, facts: &mut Vec<Row>) {
    match (row.audit, row.heard) {
        (Some(_), Some(heard)) => {
            facts.push(Row {
                id: None,
                audit: None,
                at: heard,
                moderator: None,
                reason: None,
                source: 0,
                ..row.clone()
            });
            entries.push(Row { heard: None, ..row });
        }
        (Some(_), None) => entries.push(row),
        (None, _) => facts.push(row),
    }
}

/// The entry becomes the row of both. A new entry takes over the row of its fact.
fn absorb(entry: &mut Row, fact: &Row, gone: &mut Vec<i64>) {
    match entry.id {
        None => entry.id = fact.id,
        Some(_) => gone.extend(fact.id),
    }
    entry.heard = fact.heard;
    entry.target = entry.target.or(fact.target);
    entry.channel = entry.channel.or(fact.channel);
    entry.count = entry.count.max(fact.count);
    entry.until = entry.until.or(fact.until);
    if unpack(&entry.changes).is_none_or(|changes| changes.is_empty()) {
        entry.changes.clone_from(&fact.changes);
    }
}
