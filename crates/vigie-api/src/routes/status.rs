//! Routes of the status family.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::Engine;

use crate::ledger;
use crate::limits;
use crate::params::query::Query;
use crate::pipeline::{CatchUp, Readings, Restart, Shard};
use crate::problem::Problem;
use crate::routes::guilds;
use crate::state::App;
use crate::types::coverage::CoverageHealth;
use crate::types::status::{
    CatchUpStatus, CoverageStatus, CurrentReading, EventsStatus, GuildCoverage, IngestStatus,
    JournalStatus, OutboxStatus, ReadingsStatus, RestartStatus, ShardStatus, Status, StoreStatus,
};
use crate::types::vocabulary::{Instant, Snowflake};

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
    let coverage = if ok { coverage(&app).await? } else { unknown_coverage() };
    let status = Status {
        version: app.config.version.clone(),
        started_at: Instant(app.started_at),
        now: Instant((app.clock)()),
        store: StoreStatus { engine: engine(app.store.engine()), ok },
        shards: pipeline.shards.into_iter().map(shard).collect(),
        outbox: OutboxStatus {
            pending_entries: pipeline.outbox.pending_entries,
            pending_bytes: pipeline.outbox.pending_bytes,
            oldest_at: instant(pipeline.outbox.oldest_pending_unix_ms),
            file_bytes: pipeline.outbox.file_bytes,
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
        journal: JournalStatus {
            bytes: pipeline.journal.bytes,
            checkpoint_at: instant(pipeline.journal.checkpoint_unix_ms),
        },
        catch_up: catch_up(&pipeline.catch_up),
        readings: readings(&pipeline.readings),
        coverage,
        demo: app.config.demo,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(status)).into_response())
}

fn instant(ms: Option<i64>) -> Option<Instant> {
    ms.map(|ms| Instant(UnixMs(ms)))
}

fn shard(shard: Shard) -> ShardStatus {
    let restart = |restart: Restart| RestartStatus { outcome: restart.outcome };
    ShardStatus {
        id: shard.id,
        state: shard.state,
        guilds: shard.guilds,
        latency_ms: shard.latency_ms,
        events: shard.events,
        last_event_at: instant(shard.last_event_unix_ms),
        heard_until: instant(shard.heard_until_unix_ms),
        last_restart: shard.last_restart.map(restart),
    }
}

fn catch_up(catch_up: &CatchUp) -> CatchUpStatus {
    CatchUpStatus {
        guilds: catch_up.guilds,
        channels: catch_up.channels,
        recovered: catch_up.recovered,
        pages: catch_up.pages,
        requests: catch_up.requests,
        refused: catch_up.refused,
        oldest_from: instant(catch_up.oldest_from_unix_ms),
        waiting_until: instant(catch_up.waiting_until_unix_ms),
    }
}

fn readings(readings: &Readings) -> ReadingsStatus {
    let current = readings.current.iter().map(|(guild, reading)| CurrentReading {
        guild_id: Snowflake(guild.0),
        reading: guilds::details::reading(*reading),
    });
    ReadingsStatus {
        current: current.collect(),
        answered: readings.answered,
        refused: readings.refused,
        requests: readings.requests,
        waiting_until: instant(readings.waiting_until_unix_ms),
    }
}

/// Which servers are heard now. A server without the bot is not heard, and not counted.
async fn coverage(app: &App) -> Result<CoverageStatus, Problem> {
    let now = (app.clock)();
    let mut rows = app.store.guilds().await?;
    rows.retain(|row| row.is_active);
    let ids: Vec<GuildId> = rows.iter().map(|row| row.id).collect();
    let told = app.store.coverage_health(&ids).await?;
    let mut status = unknown_coverage();
    for (row, told) in rows.iter().zip(&told) {
        let (health, since) = ledger::health(told, now);
        match health {
            CoverageHealth::Ok => status.ok += 1,
            CoverageHealth::Recovering => status.recovering += 1,
            CoverageHealth::Blind => status.blind += 1,
            CoverageHealth::Unknown => status.unknown += 1,
        }
        if health != CoverageHealth::Ok {
            let (id, name) = (Snowflake(row.id.0), row.name.clone());
            status.guilds.push(GuildCoverage { id, name, health, since: instant(since) });
        }
    }
    let rank = |health: CoverageHealth| match health {
        CoverageHealth::Blind => 0,
        CoverageHealth::Recovering => 1,
        CoverageHealth::Unknown => 2,
        CoverageHealth::Ok => 3,
    };
    status.guilds.sort_by(|a, b| rank(a.health).cmp(&rank(b.health)).then(a.id.cmp(&b.id)));
    status.guilds.truncate(limits::STATUS_GUILDS_MAX);
    Ok(status)
}

/// Nothing is said of any server.
fn unknown_coverage() -> CoverageStatus {
    CoverageStatus { ok: 0, recovering: 0, blind: 0, unknown: 0, guilds: Vec::new() }
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}
