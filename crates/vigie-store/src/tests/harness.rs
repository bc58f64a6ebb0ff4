//! Stores to test with: a SQLite file, and a database of its own on the PostgreSQL server.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU32, Ordering},
};

use futures_util::FutureExt as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use vigie_core::vocabulary::Record;

use crate::{Applied, Batch, Store, StoreConfig, StoreError};

/// The address of the server, whose user may make databases.
const SERVER: &str = "VIGIE_TEST_POSTGRES_URL";

/// Runs a test on both engines, each time on an empty database.
pub(super) fn each_engine(test: impl AsyncFn(Store)) {
    runtime().block_on(async {
        with_address_sqlite(async |url| test(open(&url).await).await).await;
        with_address_postgres(async |url| test(open(&url).await).await).await;
    });
}

/// Runs a test on the addresses of databases in which nothing is yet.
pub(super) fn each_address(test: impl AsyncFn(String)) {
    runtime().block_on(async {
        with_address_sqlite(&test).await;
        with_address_postgres(&test).await;
    });
}

pub(super) fn config(url: &str) -> StoreConfig {
    StoreConfig { url: url.to_owned(), connections_max: 2 }
}

/// Applies records as entries from `first` on.
pub(super) async fn apply(
    store: &Store,
    producer: &str,
    first: u64,
    records: &[Record],
) -> Result<Applied, StoreError> {
    let numbered: Vec<(u64, Record)> = (first..).zip(records.iter().cloned()).collect();
    let batch = Batch { producer, lane: 1, records: &numbered };
    store.apply(&batch).await
}

/// A producer's name that no other test case has used.
pub(super) fn fresh_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn open(url: &str) -> Store {
    Store::open(&config(url)).await.unwrap()
}

async fn with_address_sqlite(test: impl AsyncFn(String)) {
    let directory = tempfile::tempdir().unwrap();
    test(directory.path().join("store.db").display().to_string()).await;
}

/// The database is dropped after the test, passed or not.
async fn with_address_postgres(test: impl AsyncFn(String)) {
    let server = std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} is not set: run the tests with `cargo xtask test`"));
    let name = format!("vigie_store_{}_{}", std::process::id(), fresh_number());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    let create = format!("CREATE DATABASE {name}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    let url = format!("{host}/{name}");
    let outcome = AssertUnwindSafe(test(url)).catch_unwind().await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
