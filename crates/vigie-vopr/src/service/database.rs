//! A database of its own for each run, on either engine.

use crate::rows::Rows;
use sqlx::{Connection, Executor, PgConnection};
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

    /// Its engine.
    pub fn kind(&self) -> Kind {
        if self.server.is_some() { Kind::Postgres } else { Kind::Sqlite }
    }

    /// Its address, as `database_url` wants it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the service.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its rows.
    pub fn rows(&self) -> Rows {
        Rows::of(&self.url)
    }

    /// Ends all connections of others to it, as a restart of the server does; SQLite knows no such thing.
    pub async fn throw_everybody_out(&self) {
        let Some((server, name)) = &self.server else { return };
        let mut connection = PgConnection::connect(server).await.unwrap();
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
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
