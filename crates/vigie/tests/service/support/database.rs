//! The database seen from outside: plain SQL over the tables, one text for both engines.

use super::totals::{Counts, Totals};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::path::Path;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the server that `cargo xtask test` starts.
    Postgres,
}

impl Kind {
    /// Its name, as in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// An empty database and the folder of the service's other files; removed at the end.
pub struct Database {
    folder: tempfile::TempDir,
    url: String,
    server: Option<(String, String)>,
}

const CELLS: &str = "SELECT guild_id, CAST(unix_hour AS BIGINT), channel_id, member_id, CAST(kind AS BIGINT), \
    CAST(messages AS BIGINT), CAST(commands AS BIGINT), CAST(reactions_added AS BIGINT), \
    CAST(reactions_removed AS BIGINT), CAST(reactions_received AS BIGINT) FROM member_activity_hourly";

const EMOJIS: &str = "SELECT guild_id, CAST(unix_hour AS BIGINT), emoji_id, unicode, \
    CAST(reactions_added AS BIGINT), CAST(reactions_removed AS BIGINT) FROM emoji_hourly";

/// The same sums, asked of each table that holds them: messages and reactions of everybody.
const SUMS: [(&str, &str); 5] = [
    ("metrics_snapshots", "messages + bot_messages + webhook_messages"),
    ("member_activity_daily", "messages"),
    ("guild_activity_hourly", "messages"),
    ("channel_activity_hourly", "messages"),
    ("member_stats", "messages"),
];

type CellRow = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
type EmojiRow = (i64, i64, i64, String, i64, i64);

/// Runs one query text on either engine.
macro_rules! fetch_all {
    ($database:expr, $row:ty, $sql:expr) => {{
        let sql: String = $sql;
        if $database.server.is_some() {
            let mut connection = PgConnection::connect($database.url()).await.unwrap();
            let query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(sql));
            query.fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect($database.url()).await.unwrap();
            let query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(sql));
            query.fetch_all(&mut connection).await.unwrap()
        }
    }};
}

impl Database {
    /// Makes it.
    pub fn create(kind: Kind, runtime: &tokio::runtime::Runtime) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if kind == Kind::Sqlite {
            let url = format!("sqlite://{}", folder.path().join("vigie.db").display());
            return Self { folder, url, server: None };
        }
        let server = std::env::var("VIGIE_TEST_POSTGRES_URL")
            .expect("VIGIE_TEST_POSTGRES_URL names no PostgreSQL: run `cargo xtask test`, or `cargo xtask postgres`");
        let name = format!("vigie_service_{}", unique());
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await.unwrap();
            let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
            connection.execute(sql).await.unwrap();
        });
        let (base, _) = server.rsplit_once('/').unwrap();
        Self { folder, url: format!("{base}/{name}"), server: Some((server.clone(), name)) }
    }

    /// Its address, as `database_url` wants it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the service.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that is stored of the activity family.
    pub async fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for row in fetch_all!(self, CellRow, CELLS.to_owned()) {
            let (guild, hour, channel, member, kind, a, b, c, d, e) = row;
            let kind = ["human", "bot", "webhook"][kind as usize];
            let counts: Counts = [a, b, c, d, e].map(|count| count as u64);
            totals.insert((guild as u64, hour as u64, channel as u64, member as u64), kind, counts);
        }
        for (guild, hour, id, unicode, added, removed) in
            fetch_all!(self, EmojiRow, EMOJIS.to_owned())
        {
            let emoji = if id == 0 { unicode } else { id.to_string() };
            let key = (guild as u64, hour as u64, emoji);
            totals.emojis.insert(key, [added as u64, removed as u64]);
        }
        totals
    }

    /// Tables whose messages by guild do not add up to those of the hourly rows.
    pub async fn inconsistent_rollups(&self) -> Vec<String> {
        let sums = |table: &str, messages: &str| {
            format!(
                "SELECT guild_id, CAST(SUM({messages}) AS BIGINT) FROM {table} GROUP BY guild_id \
                 HAVING SUM({messages}) > 0 ORDER BY guild_id"
            )
        };
        let expected = fetch_all!(self, (i64, i64), sums("member_activity_hourly", "messages"));
        let mut found = Vec::new();
        for (table, messages) in SUMS {
            if fetch_all!(self, (i64, i64), sums(table, messages)) != expected {
                found.push(format!("{table} does not add up to member_activity_hourly"));
            }
        }
        found
    }

    /// Drops it.
    pub async fn remove(self) {
        if let Some((server, name)) = &self.server {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let sql = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
            connection.execute(sql).await.unwrap();
        }
    }
}

fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}
