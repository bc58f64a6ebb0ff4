//! A server over a seeded store of each engine, and requests to it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use futures_util::FutureExt as _;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::broadcast;
use tower::ServiceExt as _;
use vigie_api::{
    Api, ApiConfig, ApiError, CatchUp, Events, Ingest, Journal, Outbox, PipelineStatus, Readings,
    Restart, RestartOutcome, Shard,
};
use vigie_core::vocabulary::{GuildId, Reading, Record, UnixMs};
use vigie_store::{Batch, Store, StoreConfig};

use crate::judge::Judge;
use crate::seed;

/// The address of the PostgreSQL server, whose user may make databases.
const SERVER: &str = "VIGIE_TEST_POSTGRES_URL";

/// A server, and what it should know.
pub struct Server {
    pub router: Router,
    pub store: Store,
    pub committed: broadcast::Sender<GuildId>,
    pub judge: Judge,
    pub clock_ms: Arc<AtomicI64>,
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Server {
    /// Asks below `/api/v1` and expects an answer.
    pub async fn answer(&self, path: &str) -> Value {
        let reply = self.get(&format!("/api/v1{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    /// Asks about the seeded server.
    pub async fn ask(&self, rest: &str) -> Value {
        self.answer(&format!("/guilds/100{rest}")).await
    }

    pub async fn get(&self, uri: &str) -> Reply {
        self.send(Method::GET, uri, &[]).await
    }

    pub async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "127.0.0.1:7600");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.request(request.body(Body::empty()).unwrap()).await
    }

    pub async fn request(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Stores more, and says so as the ingest does.
    pub async fn commit(&self, number: u64, record: Record) {
        let guild = record.guild().expect("the record is about a guild");
        apply(&self.store, "later", &[(number, record)]).await;
        self.committed.send(guild).unwrap();
    }
}

/// Runs a test on a seeded store of each engine.
pub fn each_engine(test: impl AsyncFn(Server)) {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        test(seeded_in(directory.path()).await).await;
        with_postgres(async |url| test(seeded(&url).await).await).await;
    });
}

/// Runs a test that no engine matters to.
pub fn one_engine(test: impl AsyncFn(Server)) {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        test(seeded_in(directory.path()).await).await;
    });
}

pub fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
}

/// A server over an empty store, whose pictures come from here.
pub async fn empty_server(directory: &std::path::Path, cdn_url: &str) -> Server {
    let url = directory.join("empty.db").display().to_string();
    let store = Store::open(&StoreConfig { url, connections_max: 2 }).await.unwrap();
    let committed = broadcast::channel(16).0;
    let past = seed::Past {
        deeds: Vec::new(),
        emojis: Vec::new(),
        stays: Vec::new(),
        visits: Vec::new(),
        acts: Vec::new(),
    };
    Server {
        router: api(store.clone(), committed.clone(), cdn_url).router(),
        store,
        committed,
        judge: Judge::of(past),
        clock_ms: Arc::new(AtomicI64::new(seed::NOW.0)),
    }
}

/// An API over an empty store.
pub async fn empty_api(directory: &std::path::Path, cdn_url: &str) -> Api {
    let url = directory.join("empty.db").display().to_string();
    let store = Store::open(&StoreConfig { url, connections_max: 2 }).await.unwrap();
    api(store, broadcast::channel(16).0, cdn_url)
}

/// An API over this store, which takes every instant for the same one.
pub fn api(store: Store, committed: broadcast::Sender<GuildId>, cdn_url: &str) -> Api {
    let config = ApiConfig { cdn_url: cdn_url.to_owned(), demo: true, version: "1.2.3".to_owned() };
    Api::new(config, store, committed, Arc::new(pipeline))
        .unwrap()
        .with_clock(Arc::new(|| seed::NOW))
}

/// Whether an API can be made with pictures from here.
pub fn try_api(store: Store, cdn_url: &str) -> Result<Api, ApiError> {
    let config = ApiConfig { cdn_url: cdn_url.to_owned(), demo: true, version: "1.2.3".to_owned() };
    Api::new(config, store, broadcast::channel(16).0, Arc::new(pipeline))
}

/// A seeded server with its file in this folder.
pub async fn seeded_in(directory: &std::path::Path) -> Server {
    seeded(&directory.join("store.db").display().to_string()).await
}

async fn seeded(url: &str) -> Server {
    let config = StoreConfig { url: url.to_owned(), connections_max: 4 };
    let store = Store::open(&config).await.unwrap();
    let past = seed::past();
    let records: Vec<(u64, Record)> = (1..).zip(seed::records(&past)).collect();
    apply(&store, "seed", &records).await;
    let committed = broadcast::channel(64).0;
    let clock_ms = Arc::new(AtomicI64::new(seed::NOW.0));
    let clock = Arc::clone(&clock_ms);
    let api = api(store.clone(), committed.clone(), "http://127.0.0.1:9")
        .with_clock(Arc::new(move || UnixMs(clock.load(Ordering::Relaxed))));
    Server { router: api.router(), store, committed, judge: Judge::of(past), clock_ms }
}

async fn apply(store: &Store, producer: &str, records: &[(u64, Record)]) {
    store.apply(&Batch { producer, lane: 1, records }).await.unwrap();
}

/// The database is dropped after the test, passed or not.
async fn with_postgres(test: impl AsyncFn(String)) {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} is not set: run the tests with `cargo xtask test`"));
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("vigie_api_{}_{number}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    let create = format!("CREATE DATABASE {name}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    let outcome = AssertUnwindSafe(test(format!("{host}/{name}"))).catch_unwind().await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn pipeline() -> PipelineStatus {
    let shard = Shard {
        id: 0,
        state: "ready".to_owned(),
        guilds: 2,
        latency_ms: Some(41),
        events: 12,
        last_event_unix_ms: Some(seed::NOW.0 - 1_000),
        heard_until_unix_ms: Some(seed::NOW.0 - 900),
        last_restart: Some(Restart { outcome: RestartOutcome::Resumed }),
    };
    PipelineStatus {
        shards: vec![shard],
        outbox: Outbox {
            pending_entries: 1,
            pending_bytes: 80,
            oldest_pending_unix_ms: None,
            file_bytes: 4_096,
        },
        journal: Journal { bytes: 512, checkpoint_unix_ms: Some(seed::NOW.0 - 20_000) },
        catch_up: CatchUp {
            guilds: 1,
            channels: 3,
            oldest_from_unix_ms: Some(seed::NOW.0 - 7_200_000),
            recovered: 250,
            pages: 4,
            requests: 5,
            refused: 1,
            waiting_until_unix_ms: None,
        },
        readings: Readings {
            current: vec![(seed::GUILD, Reading::AuditLog)],
            answered: 6,
            refused: 1,
            requests: 8,
            waiting_until_unix_ms: None,
        },
        ingest: Ingest { records: 9, repeats: 1, set_aside: 0, last_commit_unix_ms: None },
        events: Events { counted: 7, set_aside: [("not_ours".to_owned(), 5)].into() },
    }
}
