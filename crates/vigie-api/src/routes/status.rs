//! Routes of the status family.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use vigie_core::vocabulary::UnixMs;
use vigie_store::Engine;

use crate::limits;
use crate::params::query::Query;
use crate::problem::Problem;
use crate::state::App;
use crate::types::status::{
    EventsStatus, IngestStatus, OutboxStatus, ShardStatus, Status, StoreStatus,
};
use crate::types::vocabulary::Instant;

/// How the pipeline is doing.
#[utoipa::path(
    get,
    path = "/status",
    operation_id = "status",
    tag = "status",
    responses(
        (status = 200, body = Status),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn status(State(app): State<App>, query: Query) -> Result<Response, Problem> {
    query.only(&[])?;
    let pipeline = (app.status)();
    let ping = tokio::time::timeout(limits::PING_TIMEOUT, app.store.ping());
    let ok = matches!(ping.await, Ok(Ok(())));
    let instant = |ms: Option<i64>| ms.map(|ms| Instant(UnixMs(ms)));
    let shards = pipeline.shards.into_iter().map(|shard| ShardStatus {
        id: shard.id,
        state: shard.state,
        guilds: shard.guilds,
        latency_ms: shard.latency_ms,
        events: shard.events,
        last_event_at: instant(shard.last_event_unix_ms),
    });
    let status = Status {
        version: app.config.version.clone(),
        started_at: Instant(app.started_at),
        now: Instant((app.clock)()),
        store: StoreStatus { engine: engine(app.store.engine()), ok },
        shards: shards.collect(),
        outbox: OutboxStatus {
            pending_entries: pipeline.outbox.pending_entries,
            pending_bytes: pipeline.outbox.pending_bytes,
            oldest_at: instant(pipeline.outbox.oldest_pending_unix_ms),
        },
        ingest: IngestStatus {
            records: pipeline.ingest.records,
            repeats: pipeline.ingest.repeats,
            set_aside: pipeline.ingest.set_aside,
            last_commit_at: instant(pipeline.ingest.last_commit_unix_ms),
        },
        events: EventsStatus {
            counted: pipeline.events.counted,
            set_aside: pipeline.events.set_aside,
        },
        demo: app.config.demo,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(status)).into_response())
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}
