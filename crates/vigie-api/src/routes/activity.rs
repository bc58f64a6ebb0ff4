//! Routes of the activity family.

pub mod heatmap;
pub mod overview;
pub mod series;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::export;
use crate::params::path::GuildPath;
use crate::params::stats::HeatmapParams;
use crate::params::stats::SeriesParams;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Heatmap;
use crate::types::activity::Overview;
use crate::types::activity::Series;

/// The first screen of a server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/overview",
    operation_id = "overview",
    tag = "activity",
    params(GuildPath, StatsParams),
    responses(
        (status = 200, body = Overview),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn overview(
    State(app): State<App>,
    path: GuildPath,
    params: StatsParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scene = Scene::open(&app, path.guild, &params).await?;
    let key = scene.key("overview", &params, None);
    Ok(app.answers.get(key, overview::answer(&app, &scene)).await?.respond(&headers))
}

/// A metric over time.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/series",
    operation_id = "series",
    tag = "activity",
    params(GuildPath, SeriesParams),
    responses(
        (status = 200, body = Series),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn series(
    State(app): State<App>,
    path: GuildPath,
    params: SeriesParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return series_file(&app, path, &params, format).await;
    }
    let scene = Scene::open(&app, path.guild, &params.stats).await?;
    let key = scene.key("series", &params, Some(series::step(&scene, &params)));
    Ok(app.answers.get(key, series::answer(&app, &scene, &params)).await?.respond(&headers))
}

async fn series_file(
    app: &App,
    path: GuildPath,
    params: &SeriesParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = Scene::open(app, path.guild, &params.stats).await?;
    let series = series::answer(app, &scene, params).await?;
    Ok(export::series(&series, format))
}

/// A metric over time, as CSV.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/series.csv",
    operation_id = "series_csv",
    tag = "activity",
    params(GuildPath, SeriesParams),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn series_csv(
    State(app): State<App>,
    path: GuildPath,
    params: SeriesParams,
) -> Result<Response, Problem> {
    series_file(&app, path, &params, export::Format::Csv).await
}

/// A metric over time, as NDJSON.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/series.ndjson",
    operation_id = "series_ndjson",
    tag = "activity",
    params(GuildPath, SeriesParams),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn series_ndjson(
    State(app): State<App>,
    path: GuildPath,
    params: SeriesParams,
) -> Result<Response, Problem> {
    series_file(&app, path, &params, export::Format::Ndjson).await
}

/// A metric by weekday and hour.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/stats/heatmap",
    operation_id = "heatmap",
    tag = "activity",
    params(GuildPath, HeatmapParams),
    responses(
        (status = 200, body = Heatmap),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn heatmap(
    State(app): State<App>,
    path: GuildPath,
    params: HeatmapParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scene = Scene::open(&app, path.guild, &params.stats).await?;
    let key = scene.key("heatmap", &params, None);
    let answer = heatmap::answer(&app, &scene, params.metric);
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}
