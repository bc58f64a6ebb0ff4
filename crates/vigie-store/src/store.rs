//! The store's handle: opening, closing, asking for a sign of life. Its questions stand with their families.

use std::{fmt, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    StoreError,
    db::{Db, Engine, Pools, on},
    limits::{BUSY_TIMEOUT, OPEN_TIMEOUT, POSTGRES_WRITERS_MAX},
    migrate,
    partitions::Partitions,
};

/// Where the tables are.
#[derive(Clone)]
pub struct StoreConfig {
    /// A file path, `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub url: String,
    /// Connections that answer questions at the same time, at least 1; those that write come on top.
    pub connections_max: u32,
}

/// Without the address, which may hold a password.
impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections_max = self.connections_max;
        f.debug_struct("StoreConfig")
            .field("connections_max", &connections_max)
            .finish_non_exhaustive()
    }
}

/// A handle on the tables; clones share the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// Answers questions.
    pub(crate) read: Pools,
    /// Applies batches.
    pub(crate) write: Pools,
    pub(crate) partitions: Arc<Partitions>,
}

impl Store {
    /// Opens the database, makes it if it is a file that does not exist, and brings its tables up to date under a lock.
    ///
    /// SQLite runs in WAL mode with `synchronous = FULL`: what [`Store::apply`] has returned survives a power cut as well as a kill.
    /// The outbox forgets an entry once it is applied, so that a commit that could still be lost would be lost for good; the price is
    /// one fsync for each transaction, of which there are few. PostgreSQL keeps its own settings, which promise the same.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Open`], [`StoreError::Migrate`].
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let readers = config.connections_max.max(1);
        let (read, write) = match Address::of(&config.url)? {
            Address::File(path) => open_sqlite(path, readers).await?,
            Address::Server(options) => open_postgres(*options, readers).await?,
        };
        Ok(Self { read, write, partitions: Arc::default() })
    }

    /// Which engine holds the tables.
    pub fn engine(&self) -> Engine {
        self.read.engine()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Database`] when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on!(&self.read, pool => { sqlx::query("SELECT 1").execute(pool).await?; });
        Ok(())
    }

    /// Waits for open transactions to end and closes all connections.
    pub async fn close(&self) {
        on!(&self.read, pool => pool.close().await);
        on!(&self.write, pool => pool.close().await);
    }
}

/// A parsed address.
enum Address {
    File(PathBuf),
    Server(Box<PgConnectOptions>),
}

impl Address {
    fn of(url: &str) -> Result<Self, StoreError> {
        let address = |reason: String| StoreError::Address { reason };
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // The driver's message may repeat parts of the address, which may hold a password: it is not passed on.
            let options = PgConnectOptions::from_str(url)
                .map_err(|_| address("it is not a valid postgres:// address".into()))?;
            return Ok(Self::Server(Box::new(options)));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(address("it names no file".into()));
        }
        if path.contains("://") {
            return Err(address("its scheme is neither sqlite: nor postgres:".into()));
        }
        Ok(Self::File(PathBuf::from(path)))
    }
}

async fn open_sqlite(path: PathBuf, readers: u32) -> Result<(Pools, Pools), StoreError> {
    let place = path.display().to_string();
    let failed = |source| StoreError::Open { place: place.clone(), source };
    let shared = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        // Sorting and distinct members happen in memory.
        .pragma("temp_store", "MEMORY")
        // After a burst the log shrinks again to 64 MiB.
        .pragma("journal_size_limit", "67108864");
    let writer = shared
        .clone()
        .create_if_missing(true)
        // Pages changed by a transaction of 10,000 cells: 32 MiB.
        .pragma("cache_size", "-32768")
        // A checkpoint each 16 MiB of log instead of each 4: an hour's rows are written back once, not four times.
        .pragma("wal_autocheckpoint", "4096");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(writer)
        .await
        .map_err(failed)?;
    let write: Pools = Db::Lite(write);
    migrate::run(&write).await?;
    // 8 MiB of pages for each reader, taken as they are used. (Mapping the file instead gained 4 % on a month's rows, and would show as
    // memory of ours.)
    let read: SqlitePool = SqlitePoolOptions::new()
        .max_connections(readers)
        .max_lifetime(None)
        .connect_with(shared.read_only(true).pragma("cache_size", "-8192"))
        .await
        .map_err(failed)?;
    Ok((Db::Lite(read), write))
}

async fn open_postgres(
    options: PgConnectOptions,
    readers: u32,
) -> Result<(Pools, Pools), StoreError> {
    let database = options.get_database().unwrap_or_default();
    let place = format!("{}:{}/{database}", options.get_host(), options.get_port());
    let failed = |source| StoreError::Open { place: place.clone(), source };
    let options = options
        .application_name("vigie")
        // Compiling a plan to machine code costs more than running any question of ours.
        .options([("jit", "off")]);
    // A plan made without knowing the values asked for took 400 times as long on a member's hours: planning anew costs about 1 ms.
    let reading = options.clone().options([("plan_cache_mode", "force_custom_plan")]);
    let pool = |connections: u32| {
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(OPEN_TIMEOUT)
            .idle_timeout(Duration::from_secs(300))
    };
    let write: PgPool =
        pool(POSTGRES_WRITERS_MAX).connect_with(options.clone()).await.map_err(failed)?;
    let write: Pools = Db::Pg(write);
    migrate::run(&write).await?;
    let read = pool(readers).connect_with(reading).await.map_err(failed)?;
    Ok((Db::Pg(read), write))
}
