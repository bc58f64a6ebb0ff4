//! What can go wrong in the store, and whether trying again can help.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names neither a SQLite file nor a PostgreSQL database.
    #[error(
        "the database address is not understood: {reason} (give a file path, sqlite:PATH or postgres://USER@HOST/DATABASE)"
    )]
    Address {
        /// What is wrong with it, without any password.
        reason: String,
    },
    /// The database cannot be opened.
    #[error(
        "the database {place} cannot be opened: {source} (check that it exists, is reachable and writable)"
    )]
    Open {
        /// The file, or host and database; never a password.
        place: String,
        /// The driver's error.
        source: sqlx::Error,
    },
    /// The tables cannot be brought to this version.
    #[error(
        "the tables cannot be brought up to date: {0} (a database written by a newer version cannot be opened by an older one)"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A record cannot be stored as it is, now or later. Nothing of its transaction was kept: set the entry aside and apply the rest.
    #[error("entry {entry} cannot be stored: {reason} (set it aside)")]
    InvalidRecord {
        /// Number of the outbox entry.
        entry: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A question cannot be answered as it was put.
    #[error("the question cannot be answered: {reason}")]
    InvalidQuestion {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The database refused or broke off. Trying the same again is safe.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// Whether the same call can succeed later: `true` for what the database did, `false` for what we asked of it.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Database(_) | Self::Open { .. })
    }
}
