//! The two engines behind one name.

use sqlx::{PgPool, SqlitePool};

/// Which engine holds the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// One file, embedded.
    Sqlite,
    /// A PostgreSQL server, 15 or newer.
    Postgres,
}

/// The pools that questions are asked through.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// SQLite.
    Lite(SqlitePool),
    /// PostgreSQL.
    Pg(PgPool),
}
