//! Routes of the voice family.

mod sessions;
mod stats;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::export;
use crate::params::lists::SessionsParams;
use crate::params::path::GuildPath;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::voice::{Voice, VoiceSessions};

/// Voice in a period: totals, channels, concurrency, a series.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/voice",
    operation_id = "voice",
    tag = "voice",
    params(GuildPath, StatsParams),
    responses(
        (status = 200, body = Voice),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stats(
    State(app): State<App>,
    path: GuildPath,
    params: StatsParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return stats_file(&app, path, &params, format).await;
    }
    let scene = Scene::open(&app, path.guild, &params).await?;
    let key = scene.key("voice", &params, None);
    Ok(app.answers.get(key, stats::answer(&app, &scene)).await?.respond(&headers))
}

async fn stats_file(
    app: &App,
    path: GuildPath,
    params: &StatsParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = Scene::open(app, path.guild, params).await?;
    let channels = stats::channels(app, &scene).await?;
    Ok(export::voice_channels(&channels, format))
}

/// Voice by channel, as CSV.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/voice.csv",
    operation_id = "voice_csv",
    tag = "voice",
    params(GuildPath, StatsParams),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stats_csv(
    State(app): State<App>,
    path: GuildPath,
    params: StatsParams,
) -> Result<Response, Problem> {
    stats_file(&app, path, &params, export::Format::Csv).await
}

/// Voice by channel, as NDJSON.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/voice.ndjson",
    operation_id = "voice_ndjson",
    tag = "voice",
    params(GuildPath, StatsParams),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stats_ndjson(
    State(app): State<App>,
    path: GuildPath,
    params: StatsParams,
) -> Result<Response, Problem> {
    stats_file(&app, path, &params, export::Format::Ndjson).await
}

/// Voice sessions that have ended, the newest first.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/voice/sessions",
    operation_id = "voice_sessions",
    tag = "voice",
    params(GuildPath, SessionsParams),
    responses(
        (status = 200, body = VoiceSessions),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn sessions(
    State(app): State<App>,
    path: GuildPath,
    params: SessionsParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return sessions_file(&app, path, &params, format).await;
    }
    let scene = sessions::scene(&app, path.guild, &params).await?;
    let key = scene.key("voice sessions", &params, None);
    Ok(app.answers.get(key, sessions::answer(&app, &scene, &params)).await?.respond(&headers))
}

async fn sessions_file(
    app: &App,
    path: GuildPath,
    params: &SessionsParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = sessions::scene(app, path.guild, params).await?;
    let sessions = sessions::whole(app, &scene, params).await?;
    Ok(export::voice_sessions(&sessions, format))
}

/// Voice sessions, as CSV: all pages.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/voice/sessions.csv",
    operation_id = "voice_sessions_csv",
    tag = "voice",
    params(GuildPath, SessionsParams),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn sessions_csv(
    State(app): State<App>,
    path: GuildPath,
    params: SessionsParams,
) -> Result<Response, Problem> {
    sessions_file(&app, path, &params, export::Format::Csv).await
}

/// Voice sessions, as NDJSON: all pages.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/voice/sessions.ndjson",
    operation_id = "voice_sessions_ndjson",
    tag = "voice",
    params(GuildPath, SessionsParams),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn sessions_ndjson(
    State(app): State<App>,
    path: GuildPath,
    params: SessionsParams,
) -> Result<Response, Problem> {
    sessions_file(&app, path, &params, export::Format::Ndjson).await
}
