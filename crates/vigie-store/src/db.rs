//! The two engines behind one name.

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

/// Which engine holds the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// One file, embedded.
    Sqlite,
    /// A PostgreSQL server, 15 or newer.
    Postgres,
}

/// The same thing of either engine: a pool, a connection, a transaction. [`on!`] runs one body on whichever it is.
#[derive(Clone, Debug)]
pub(crate) enum Db<L, P> {
    /// SQLite.
    Lite(L),
    /// PostgreSQL.
    Pg(P),
}

/// Connections to either engine.
pub(crate) type Pools = Db<SqlitePool, PgPool>;

/// One connection, inside a transaction.
pub(crate) type Conn<'c> = Db<&'c mut SqliteConnection, &'c mut PgConnection>;

/// A transaction that only reads, and reads everything as it was at one instant.
pub(crate) type Snapshot = Db<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

impl<L, P> Db<L, P> {
    /// Which engine it is.
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Lite(_) => Engine::Sqlite,
            Self::Pg(_) => Engine::Postgres,
        }
    }
}

impl Pools {
    /// Begins to read at one instant: several statements then answer one question about the same rows.
    pub(crate) async fn snapshot(&self) -> sqlx::Result<Snapshot> {
        Ok(match self {
            // A deferred transaction sees the file as it was at its first read.
            Self::Lite(pool) => Db::Lite(pool.begin().await?),
            Self::Pg(pool) => {
                Db::Pg(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }
}

/// Runs one body on the pool, connection or transaction of whichever engine it is: the text of the body is compiled for both.
macro_rules! on {
    ($db:expr, $it:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Lite($it) => $body,
            $crate::db::Db::Pg($it) => $body,
        }
    };
}
pub(crate) use on;
