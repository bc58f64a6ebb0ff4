//! Writing the members family: what is told is played over the last stays of the members it is about, and what changed is written at once.

use std::collections::BTreeMap;

use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};

use super::{
    departures::{self, Touched},
    fold::{MembersFold, Phase},
    stays::{Stay, Stays, UNSEEN},
};
use crate::{
    db::{Conn, Db, on},
    limits::{MEMBERS_PER_STATEMENT, STAYS_LOADED_MAX},
    upsert::{Merge, Upsert, Values},
};

/// Guild and member.
pub(super) type MemberKey = (i64, i64);

/// A row of `member_stays`: guild, member, beginning, whether the join is known, kind, rejoined, heard, listed, end, departure, its case, found
/// missing.
type StaySql = (
    i64,
    i64,
    i64,
    bool,
    i32,
    bool,
    bool,
    Option<i64>,
    Option<i64>,
    Option<i32>,
    Option<i64>,
    Option<i64>,
);

const COLUMNS: &str = "s.guild_id, s.member_id, s.since_ms, s.is_join_known, s.kind, s.rejoined, s.is_heard, s.listed_ms, s.left_at_ms, \
    s.departure, s.departure_case, s.unseen_ms";

/// Writes what the fold holds; then tells how the stays ended that this or the ledger of moderation touched.
pub(crate) async fn write(
    conn: &mut Conn<'_>,
    fold: &MembersFold,
    touched: Touched,
) -> sqlx::Result<()> {
    counts(fold).run(conn).await?;
    let mut touched = touched;
    for phases in fold.rounds() {
        play(conn, &phases, &mut touched).await?;
        for (guild, phase) in phases {
            if let Some(began) = phase.listed {
                end_unlisted(conn, guild, began, &mut touched).await?;
            }
        }
    }
    departures::tell(conn, touched).await
}

/// Plays acts over the stays that are known of their members.
async fn play(
    conn: &mut Conn<'_>,
    phases: &[(i64, &Phase)],
    touched: &mut Touched,
) -> sqlx::Result<()> {
    let acts = || {
        let of_guild = |(guild, phase): &(i64, &Phase)| {
            let guild = *guild;
            phase.acts.clone().into_iter().map(move |(member, act)| ((guild, member), act))
        };
        phases.iter().flat_map(of_guild)
    };
    let mut keys: Vec<(MemberKey, i64)> = acts().map(|(key, _)| (key, 0)).collect();
    keys.sort_unstable();
    keys.dedup();
    let last = format!(
        "s.since_ms >= COALESCE((SELECT l.since_ms FROM member_stays l WHERE l.guild_id = asked.g AND l.member_id = asked.m \
         ORDER BY l.since_ms DESC LIMIT 1 OFFSET {}), 0)",
        STAYS_LOADED_MAX - 1
    );
    let mut members: BTreeMap<MemberKey, Stays> =
        load(conn, &keys, &last).await?.into_iter().map(|(key, s)| (key, Stays::of(s))).collect();
    for (key, act) in acts() {
        members.entry(key).or_default().play(act);
    }
    let mut rows = Vec::new();
    for (key, stays) in &members {
        for since in &stays.deleted {
            delete(conn, *key, *since).await?;
        }
        touched.members.extend(stays.touched.iter().map(|at| (key.0, key.1, *at)));
        rows.extend(stays.changed().map(|stay| (*key, *stay)));
    }
    upsert(&rows).run(conn).await
}

/// The stays of these members (sorted, each once, with an instant) that meet a condition on `s` and `asked`, by member, then beginning.
pub(super) async fn load(
    conn: &mut Conn<'_>,
    keys: &[(MemberKey, i64)],
    condition: &str,
) -> sqlx::Result<Vec<(MemberKey, Vec<Stay>)>> {
    let rest = format!(
        "member_stays s WHERE s.guild_id = asked.g AND s.member_id = asked.m AND {condition} \
         ORDER BY s.guild_id, s.member_id, s.since_ms"
    );
    let rows: Vec<StaySql> = of_members(conn, keys, COLUMNS, &rest).await?;
    let mut members: Vec<(MemberKey, Vec<Stay>)> = Vec::new();
    for row in rows {
        let key = (row.0, row.1);
        let stay = Stay {
            since: row.2,
            is_join_known: row.3,
            kind: row.4,
            rejoined: row.5,
            is_heard: row.6,
            listed: row.7,
            left_at: row.8,
            departure: row.9,
            case: row.10,
            unseen: row.11,
        };
        match members.last_mut().filter(|last| last.0 == key) {
            Some(last) => last.1.push(stay),
            None => members.push((key, vec![stay])),
        }
    }
    Ok(members)
}

/// Rows joined with these members: `SELECT {columns} FROM asked CROSS JOIN {rest}`, where `asked(g, m, t)` holds them with their instants. CROSS keeps SQLite to the
/// order that is written. PostgreSQL takes them in arrays, SQLite in a text of JSON: one statement whatever their number.
pub(crate) async fn of_members<T>(
    conn: &mut Conn<'_>,
    keys: &[(MemberKey, i64)],
    columns: &str,
    rest: &str,
) -> sqlx::Result<Vec<T>>
where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut rows = Vec::new();
    for keys in keys.chunks(MEMBERS_PER_STATEMENT) {
        match conn {
            Db::Lite(conn) => {
                let sql = format!(
                    "WITH asked(g, m, t) AS (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') \
                     FROM json_each($1)) SELECT {columns} FROM asked CROSS JOIN {rest}"
                );
                let list: Vec<String> =
                    keys.iter().map(|((g, m), t)| format!("[{g},{m},{t}]")).collect();
                let list = format!("[{}]", list.join(","));
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list);
                rows.extend(query.fetch_all(&mut **conn).await?);
            }
            Db::Pg(conn) => {
                let sql = format!(
                    "WITH asked(g, m, t) AS (SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[])) \
                     SELECT {columns} FROM asked CROSS JOIN {rest}"
                );
                let guilds: Vec<i64> = keys.iter().map(|(key, _)| key.0).collect();
                let members: Vec<i64> = keys.iter().map(|(key, _)| key.1).collect();
                let times: Vec<i64> = keys.iter().map(|(_, time)| *time).collect();
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(guilds).bind(members);
                rows.extend(query.bind(times).fetch_all(&mut **conn).await?);
            }
        }
    }
    Ok(rows)
}

/// A stay whose beginning became known: the row of its unknown beginning goes.
async fn delete(conn: &mut Conn<'_>, key: MemberKey, since: i64) -> sqlx::Result<()> {
    let sql = "DELETE FROM member_stays WHERE guild_id = $1 AND member_id = $2 AND since_ms = $3";
    on!(conn, conn => {
        sqlx::query(sql).bind(key.0).bind(key.1).bind(since).execute(&mut **conn).await?;
    });
    Ok(())
}

/// Ends the open stays that were not seen in the list whose reading began then: nobody heard when.
async fn end_unlisted(
    conn: &mut Conn<'_>,
    guild: i64,
    began: i64,
    touched: &mut Touched,
) -> sqlx::Result<()> {
    let sql = "UPDATE member_stays SET left_at_ms = $2, departure = $3, unseen_ms = $2 \
        WHERE guild_id = $1 AND left_at_ms IS NULL AND since_ms < $2 AND (listed_ms IS NULL OR listed_ms < $2) RETURNING member_id";
    let gone: Vec<i64> = on!(conn, conn => {
        sqlx::query_scalar(sql).bind(guild).bind(began).bind(UNSEEN).fetch_all(&mut **conn).await?
    });
    touched.members.extend(gone.into_iter().map(|member| (guild, member, began)));
    Ok(())
}

/// Whole rows, new or changed.
pub(super) fn upsert(rows: &[(MemberKey, Stay)]) -> Upsert {
    let big = |of: fn(&Stay) -> Option<i64>| {
        Values::MaybeBig(rows.iter().map(|(_, stay)| of(stay)).collect())
    };
    let bools =
        |of: fn(&Stay) -> bool| Values::Bool(rows.iter().map(|(_, stay)| of(stay)).collect());
    Upsert {
        table: "member_stays",
        key: "guild_id, member_id, since_ms",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
            ("member_id", Values::Big(rows.iter().map(|(key, _)| key.1).collect())),
            ("since_ms", Values::Big(rows.iter().map(|(_, stay)| stay.since).collect())),
            ("is_join_known", bools(|stay| stay.is_join_known)),
            ("kind", Values::Int(rows.iter().map(|(_, stay)| stay.kind).collect())),
            ("rejoined", bools(|stay| stay.rejoined)),
            ("is_heard", bools(|stay| stay.is_heard)),
            ("listed_ms", big(|stay| stay.listed)),
            ("left_at_ms", big(|stay| stay.left_at)),
            ("departure", Values::MaybeInt(rows.iter().map(|(_, stay)| stay.departure).collect())),
            ("departure_case", big(|stay| stay.case)),
            ("unseen_ms", big(|stay| stay.unseen)),
        ],
        merge: &[
            Merge::Replace("is_join_known"),
            Merge::Replace("kind"),
            Merge::Replace("rejoined"),
            Merge::Replace("is_heard"),
            Merge::Replace("listed_ms"),
            Merge::Replace("left_at_ms"),
            Merge::Replace("departure"),
            Merge::Replace("departure_case"),
            Merge::Replace("unseen_ms"),
        ],
    }
}

fn counts(fold: &MembersFold) -> Upsert {
    let rows = &fold.counts;
    Upsert {
        table: "member_count_samples",
        key: "guild_id, at_ms",
        columns: vec![
            ("guild_id", Values::Big(rows.keys().map(|key| key.0).collect())),
            ("at_ms", Values::Big(rows.keys().map(|key| key.1).collect())),
            ("members", Values::Int(rows.values().copied().collect())),
        ],
        merge: &[Merge::Replace("members")],
    }
}
