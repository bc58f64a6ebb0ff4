//! Writing the ledger: what is known near the acts of a batch is read, facts and entries are paired, and what changed is written: a bounded
//! number of statements, whatever the number of acts.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;
use vigie_core::vocabulary::ModerationAction;

use super::{
    fold::{ModerationFold, Row},
    pairing::{GroupKey, grace, group, pair},
};
use crate::{
    db::{Conn, Db},
    limits::{BAN_GRACE_MS, MEMBERS_PER_STATEMENT},
    members::{Touched, of_members},
    upsert::{Merge, Upsert, Values},
    value::folded,
};

const BAN: i32 = ModerationAction::Ban as i32;
const KICK: i32 = ModerationAction::Kick as i32;
const PRUNE: i32 = ModerationAction::Prune as i32;
const TIMEOUT: i32 = ModerationAction::Timeout as i32;
const BULK: i32 = ModerationAction::MessageDeleteBulk as i32;

/// Guild, row, entry, action, time, target, moderator, reason, channel, count, end, source, when heard, changes.
type RowSql = (
    i64,
    i64,
    Option<i64>,
    i32,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i32>,
    Option<i64>,
    i32,
    Option<i64>,
    Option<Vec<u8>>,
);

const COLUMNS: &str = "c.guild_id, c.id, c.audit_id, c.action, c.at_ms, c.target_id, c.moderator_id, c.reason, c.channel_id, c.count, \
    c.until_ms, c.source, c.heard_ms, c.changes";

/// What a batch knows: entries by guild, id and action, facts by guild.
#[derive(Default)]
struct Acts {
    /// Rows as they are stored, by id.
    before: BTreeMap<i64, (i64, Row)>,
    entries: BTreeMap<(i64, i64, i32), Row>,
    facts: Vec<(i64, Row)>,
}

/// Writes what the fold holds; gives where the ends of stays are to be told anew.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &ModerationFold) -> sqlx::Result<Touched> {
    let mut touched = Touched::default();
    if fold.rows.is_empty() {
        return Ok(touched);
    }
    let mut acts = known(conn, fold).await?;
    for (guild, row) in &fold.rows {
        acts.tell(*guild, row);
    }
    let (rows, gone) = acts.paired();
    let mut touch = |guild: i64, row: &Row| match (row.action, row.target) {
        (BAN | KICK, Some(target)) => {
            let instants = [Some(row.at), row.heard].into_iter().flatten();
            touched.members.extend(instants.map(|at| (guild, target, at)));
        }
        (PRUNE, _) => touched.prunes.push((guild, row.at)),
        _ => {}
    };
    for (guild, row) in gone.iter().filter_map(|id| acts.before.get(id)) {
        touch(*guild, row);
    }
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (guild, row) in rows {
        match row.id.and_then(|id| acts.before.get(&id)) {
            None => {
                touch(guild, &row);
                new.push((guild, row));
            }
            Some((_, before)) if *before != row => {
                touch(guild, &row);
                touch(guild, before);
                changed.push((guild, row));
            }
            Some(_) => {}
        }
    }
    delete(conn, &gone).await?;
    changed.sort_by_key(|(_, row)| row.id);
    upsert(&changed, true).run(conn).await?;
    new.sort_by_key(|(guild, row)| (*guild, row.at, row.audit, row.action));
    upsert(&new, false).run(conn).await?;
    Ok(touched)
}

impl Acts {
    /// Takes in a row as it is stored.
    fn stored(&mut self, row: RowSql) {
        let guild = row.0;
        let stored = Row {
            id: Some(row.1),
            audit: row.2,
            action: row.3,
            at: row.4,
            target: row.5,
            moderator: row.6,
            reason: row.7,
            channel: row.8,
            count: row.9,
            until: row.10,
            source: row.11,
            heard: row.12,
            changes: row.13.unwrap_or_default(),
        };
        if self.before.insert(row.1, (guild, stored.clone())).is_some() {
            return;
        }
        match stored.audit {
            Some(audit) => {
                self.entries.insert((guild, audit, stored.action), stored);
            }
            None => self.facts.push((guild, stored)),
        }
    }

    /// Takes in what is told. An entry told again says no less than before; Discord's merged ones grow.
    fn tell(&mut self, guild: i64, row: &Row) {
        let Some(audit) = row.audit else {
            self.facts.push((guild, row.clone()));
            return;
        };
        let place = self.entries.entry((guild, audit, row.action));
        let entry = place.or_insert_with(|| row.clone());
        entry.target = row.target.or(entry.target);
        entry.moderator = row.moderator.or(entry.moderator);
        if row.reason.is_some() {
            entry.reason.clone_from(&row.reason);
        }
        entry.channel = row.channel.or(entry.channel);
        entry.count = row.count.max(entry.count);
        entry.until = row.until.or(entry.until);
    }

    /// The rows that they make, and the ids of rows that are gone.
    fn paired(&self) -> (Vec<(i64, Row)>, Vec<i64>) {
        let mut groups: BTreeMap<GroupKey, Vec<Row>> = BTreeMap::new();
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        let entries = self.entries.iter().map(|((guild, _, _), row)| (*guild, row));
        let facts = self.facts.iter().map(|(guild, row)| (*guild, row));
        for (guild, row) in entries.chain(facts) {
            match group(guild, row) {
                Some(group) => groups.entry(group).or_default().push(row.clone()),
                None => rows.push((guild, row.clone())),
            }
        }
        for ((guild, _, _), acts) in groups {
            let (paired, dropped) = pair(acts);
            rows.extend(paired.into_iter().map(|row| (guild, row)));
            gone.extend(dropped);
        }
        (rows, gone)
    }
}

/// What is stored of these acts, and of what may be one with them.
async fn known(conn: &mut Conn<'_>, fold: &ModerationFold) -> sqlx::Result<Acts> {
    let mut acts = Acts::default();
    let entries: BTreeSet<((i64, i64), i64)> =
        fold.rows.iter().filter_map(|(guild, row)| Some(((*guild, row.audit?), 0))).collect();
    let entries: Vec<_> = entries.into_iter().collect();
    let rest = "moderation_logs c WHERE c.guild_id = asked.g AND c.audit_id = asked.m";
    let rows: Vec<RowSql> = of_members(conn, &entries, COLUMNS, rest).await?;
    rows.into_iter().for_each(|row| acts.stored(row));
    let mut targets: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let mut bulks: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (guild, row) in &fold.rows {
        let Some((guild, _, target)) = group(*guild, row) else { continue };
        if row.action == BULK {
            let reach = 2 * grace(BULK);
            let span = bulks.entry(guild).or_insert((row.at - reach, row.at + reach));
            *span = (span.0.min(row.at - reach), span.1.max(row.at + reach));
        } else {
            let since = targets.entry((guild, target)).or_insert(row.at - 2 * BAN_GRACE_MS);
            *since = (row.at - 2 * BAN_GRACE_MS).min(*since);
        }
    }
    let targets: Vec<_> = targets.into_iter().collect();
    let paired = "0, 1, 4, 5, 13";
    let rest = format!(
        "moderation_logs c WHERE c.guild_id = asked.g AND c.target_id = asked.m AND c.action IN ({paired}) \
         AND (c.at_ms >= asked.t OR c.heard_ms >= asked.t OR c.action = {TIMEOUT})"
    );
    let rows: Vec<RowSql> = of_members(conn, &targets, COLUMNS, &rest).await?;
    rows.into_iter().for_each(|row| acts.stored(row));
    let bulks: Vec<_> = bulks.into_iter().map(|(guild, (from, to))| ((guild, to), from)).collect();
    let rest = format!(
        "moderation_logs c WHERE c.guild_id = asked.g AND c.action = {BULK} AND c.at_ms >= asked.t AND c.at_ms <= asked.m"
    );
    let rows: Vec<RowSql> = of_members(conn, &bulks, COLUMNS, &rest).await?;
    rows.into_iter().for_each(|row| acts.stored(row));
    Ok(acts)
}

/// Facts that became one with an entry.
async fn delete(conn: &mut Conn<'_>, gone: &[i64]) -> sqlx::Result<()> {
    for ids in gone.chunks(MEMBERS_PER_STATEMENT) {
        match conn {
            Db::Lite(conn) => {
                let sql =
                    "DELETE FROM moderation_logs WHERE id IN (SELECT value FROM json_each($1))";
                let list: Vec<String> = ids.iter().map(i64::to_string).collect();
                let list = format!("[{}]", list.join(","));
                sqlx::query(sql).bind(list).execute(&mut **conn).await?;
            }
            Db::Pg(conn) => {
                let sql = "DELETE FROM moderation_logs WHERE id = ANY($1)".to_owned();
                sqlx::query(AssertSqlSafe(sql)).bind(ids.to_vec()).execute(&mut **conn).await?;
            }
        }
    }
    Ok(())
}

const MERGE: [Merge; 14] = [
    Merge::Replace("guild_id"),
    Merge::Replace("audit_id"),
    Merge::Replace("action"),
    Merge::Replace("at_ms"),
    Merge::Replace("target_id"),
    Merge::Replace("moderator_id"),
    Merge::Replace("reason"),
    Merge::Replace("search_reason"),
    Merge::Replace("channel_id"),
    Merge::Replace("count"),
    Merge::Replace("until_ms"),
    Merge::Replace("source"),
    Merge::Replace("heard_ms"),
    Merge::Replace("changes"),
];

/// Rows that are there, by their id, or new ones, by their entry.
fn upsert(rows: &[(i64, Row)], is_there: bool) -> Upsert {
    let big =
        |of: fn(&Row) -> Option<i64>| Values::MaybeBig(rows.iter().map(|(_, r)| of(r)).collect());
    let int = |of: fn(&Row) -> i32| Values::Int(rows.iter().map(|(_, r)| of(r)).collect());
    let mut columns = vec![
        ("guild_id", Values::Big(rows.iter().map(|(guild, _)| *guild).collect())),
        ("audit_id", big(|row| row.audit)),
        ("action", int(|row| row.action)),
        ("at_ms", big(|row| Some(row.at))),
        ("target_id", big(|row| row.target)),
        ("moderator_id", big(|row| row.moderator)),
        ("reason", Values::Text(rows.iter().map(|(_, row)| row.reason.clone()).collect())),
        ("search_reason", Values::Text(rows.iter().map(|(_, row)| searched(row)).collect())),
        ("channel_id", big(|row| row.channel)),
        ("count", Values::MaybeInt(rows.iter().map(|(_, row)| row.count).collect())),
        ("until_ms", big(|row| row.until)),
        ("source", int(|row| row.source)),
        ("heard_ms", big(|row| row.heard)),
        ("changes", Values::Bytes(rows.iter().map(|(_, row)| row.changes.clone()).collect())),
    ];
    if is_there {
        columns.push(("id", big(|row| row.id)));
    }
    let key = if is_there { "id" } else { "guild_id, audit_id, action" };
    Upsert { table: "moderation_logs", key, columns, merge: &MERGE }
}

/// The reason as it is searched.
fn searched(row: &Row) -> Option<String> {
    row.reason.as_deref().map(folded)
}
