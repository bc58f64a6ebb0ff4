//! Facts and entries that tell the same act become one row, whichever comes first.
//!
//! An event names neither moderator nor reason; the entry of the audit log does, and comes a little before or after, or days later. They are
//! paired one to one, the nearest first: same action and target (of timeouts also the same end; of bulk deletions the same channel and
//! number), within [`BAN_GRACE_MS`] for bans and unbans as long as nothing opposite was done to the target between, within
//! [`CASE_GRACE_MS`] for the rest; a timeout is known by its end, whenever it is told. Everything near is paired anew from all that is known.

use vigie_core::vocabulary::ModerationAction;

use super::{changes::unpack, fold::Row};
use crate::limits::{BAN_GRACE_MS, CASE_GRACE_MS};

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
    let times: Vec<(i32, i64)> = acts
        .iter()
        .flat_map(|row| {
            let entry = row.audit.map(|_| (row.action, row.at));
            [entry, row.heard.map(|heard| (row.action, heard))].into_iter().flatten()
        })
        .collect();
    let (mut entries, mut facts) = (Vec::new(), Vec::new());
    for row in acts {
        split(row, &mut entries, &mut facts);
    }
    facts.sort_by_key(|fact| (fact.heard, fact.id));
    let mut pairs = Vec::new();
    for (e, entry) in entries.iter().enumerate() {
        for (f, fact) in facts.iter().enumerate() {
            let heard = fact.heard.unwrap_or(fact.at);
            if is_same(entry, fact) && is_near(entry.action, entry.at, heard, &times) {
                pairs.push(((entry.at - heard).abs(), entry.at, heard, e, f));
            }
        }
    }
    pairs.sort_unstable();
    let mut is_taken = vec![false; facts.len()];
    let mut gone = Vec::new();
    for (_, _, _, e, f) in pairs {
        if entries[e].heard.is_none() && !is_taken[f] {
            is_taken[f] = true;
            absorb(&mut entries[e], &facts[f], &mut gone);
        }
    }
    let mut rows = entries;
    for (fact, _) in facts.into_iter().zip(is_taken).filter(|(_, is_taken)| !is_taken) {
        let heard = fact.heard.unwrap_or(fact.at);
        let is_told = |row: &Row| {
            let at = row.heard.unwrap_or(row.at);
            is_same(row, &fact) && is_near(fact.action, at, heard, &times)
        };
        if is_repeatable(fact.action) && rows.iter().any(is_told) {
            gone.extend(fact.id);
        } else {
            rows.push(fact);
        }
    }
    (rows, gone)
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

/// Whether they tell the same but for the time.
fn is_same(a: &Row, b: &Row) -> bool {
    let is_kind = match a.action {
        TIMEOUT => a.until == b.until,
        BULK => a.channel == b.channel && (a.count == b.count || a.heard.is_some()),
        AUTOMOD => {
            let (a, b) = (automod_action(a), automod_action(b));
            a.is_none() || b.is_none() || a == b
        }
        _ => true,
    };
    a.action == b.action && (a.action == BULK || a.target == b.target) && is_kind
}

/// What the rule did, where it is told.
fn automod_action(row: &Row) -> Option<String> {
    let changes = unpack(&row.changes)?;
    changes.into_iter().find(|change| change.field == "automod_action")?.new
}

/// Whether they are near enough, with nothing opposite between.
fn is_near(action: i32, a: i64, b: i64, times: &[(i32, i64)]) -> bool {
    let (first, last) = (a.min(b), a.max(b));
    let opposite = match action {
        BAN => UNBAN,
        UNBAN => BAN,
        _ => i32::MIN,
    };
    let is_between = |(action, at): &(i32, i64)| *action == opposite && *at > first && *at < last;
    last - first <= grace(action) && !times.iter().any(is_between)
}

/// Whether the same fact again is a repeat. Several bulk deletions or hits of a rule may look alike.
fn is_repeatable(action: i32) -> bool {
    matches!(action, BAN | UNBAN | TIMEOUT)
}
