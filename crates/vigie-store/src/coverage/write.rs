//! What a batch must know of the ledger first, and writing what became of it.

use sqlx::AssertSqlSafe;

use super::fold::{CoverageFold, Hearing, Known, RECOVERABLE, Span};
use crate::{
    db::{Conn, Db},
    upsert::{Merge, Upsert, Values},
};

/// Guild, family, beginning, whether it is a gap, end, state, reason.
type SpanSql = (i64, i32, i64, bool, Option<i64>, i32, i32);

/// Asks the tables about these guilds. Nothing is asked where no guild is concerned: nearly always.
pub(crate) async fn known(conn: &mut Conn<'_>, guilds: &[i64]) -> sqlx::Result<Known> {
    let mut known = Known::default();
    if guilds.is_empty() {
        return Ok(known);
    }
    let [lost, outage] = RECOVERABLE;
    let spans = format!(
        "SELECT guild_id, family, from_ms, is_gap, until_ms, state, reason FROM coverage \
         WHERE guild_id = ANY_OF_THEM AND (NOT is_gap OR until_ms IS NULL OR (family = 0 AND reason IN ({lost}, {outage})))"
    );
    let rows: Vec<SpanSql> = of_guilds(conn, &spans, guilds).await?;
    let span = |row: SpanSql| {
        ((row.0, row.1, row.2, row.3), Span { until: row.4, state: row.5, reason: row.6 })
    };
    known.spans = rows.into_iter().map(span).collect();
    let hearings =
        "SELECT guild_id, producer, since_ms FROM guild_producers WHERE guild_id = ANY_OF_THEM";
    let rows: Vec<(i64, String, i64)> = of_guilds(conn, hearings, guilds).await?;
    let hearing = |row: (i64, String, i64)| (row.0, Hearing { producer: row.1, since: row.2 });
    known.hearings = rows.into_iter().map(hearing).collect();
    let heads = "SELECT producer, heard_until_ms FROM producers";
    let rows: Vec<(String, i64)> = match conn {
        Db::Lite(conn) => sqlx::query_as(heads).fetch_all(&mut **conn).await?,
        Db::Pg(conn) => sqlx::query_as(heads).fetch_all(&mut **conn).await?,
    };
    known.heard_until = rows.into_iter().collect();
    Ok(known)
}

/// The rows of these guilds: PostgreSQL takes all guilds in one array, SQLite is asked for one after the other, which costs it a step
/// into the key each.
async fn of_guilds<T>(conn: &mut Conn<'_>, sql: &str, guilds: &[i64]) -> sqlx::Result<Vec<T>>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin,
{
    match conn {
        Db::Lite(conn) => {
            let sql = sql.replace("ANY_OF_THEM", "$1");
            let mut rows = Vec::new();
            for guild in guilds {
                let query = sqlx::query_as(AssertSqlSafe(sql.clone())).bind(*guild);
                rows.extend(query.fetch_all(&mut **conn).await?);
            }
            Ok(rows)
        }
        Db::Pg(conn) => {
            let sql = sql.replace("ANY_OF_THEM", "ANY($1)");
            sqlx::query_as(AssertSqlSafe(sql)).bind(guilds.to_vec()).fetch_all(&mut **conn).await
        }
    }
}

/// Writes what the fold holds.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &CoverageFold) -> sqlx::Result<()> {
    spans(fold).run(conn).await?;
    hearings(fold).run(conn).await?;
    heads(fold).run(conn).await
}

fn spans(fold: &CoverageFold) -> Upsert {
    let rows: Vec<_> = fold.changed().collect();
    Upsert {
        table: "coverage",
        key: "guild_id, family, from_ms, is_gap",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(key, _)| key.0).collect())),
            ("family", Values::Int(rows.iter().map(|(key, _)| key.1).collect())),
            ("from_ms", Values::Big(rows.iter().map(|(key, _)| key.2).collect())),
            ("is_gap", Values::Bool(rows.iter().map(|(key, _)| key.3).collect())),
            ("until_ms", Values::MaybeBig(rows.iter().map(|(_, span)| span.until).collect())),
            ("state", Values::Int(rows.iter().map(|(_, span)| span.state).collect())),
            ("reason", Values::Int(rows.iter().map(|(_, span)| span.reason).collect())),
        ],
        merge: &[Merge::Replace("until_ms"), Merge::Replace("state"), Merge::Replace("reason")],
    }
}

fn hearings(fold: &CoverageFold) -> Upsert {
    let rows: Vec<_> = fold.hearings().collect();
    let producers = rows.iter().map(|(_, hearing)| Some(hearing.producer.clone()));
    Upsert {
        table: "guild_producers",
        key: "guild_id",
        columns: vec![
            ("guild_id", Values::Big(rows.iter().map(|(guild, _)| *guild).collect())),
            ("producer", Values::Text(producers.collect())),
            ("since_ms", Values::Big(rows.iter().map(|(_, hearing)| hearing.since).collect())),
        ],
        merge: &[Merge::Replace("producer"), Merge::Replace("since_ms")],
    }
}

fn heads(fold: &CoverageFold) -> Upsert {
    let rows: Vec<_> = fold.head().into_iter().collect();
    Upsert {
        table: "producers",
        key: "producer",
        columns: vec![
            ("producer", Values::Text(rows.iter().map(|row| Some(row.0.to_owned())).collect())),
            ("heard_until_ms", Values::Big(rows.iter().map(|row| row.1).collect())),
        ],
        merge: &[Merge::Max("heard_until_ms")],
    }
}
