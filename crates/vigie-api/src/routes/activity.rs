//! Routes of the activity family.

use axum::response::Response;

use crate::params::path::GuildPath;
use crate::params::stats::HeatmapParams;
use crate::params::stats::SeriesParams;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
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
pub async fn overview(_: GuildPath, _: StatsParams) -> Result<Response, Problem> {
    Err(Problem::internal())
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
pub async fn series(_: GuildPath, _: SeriesParams) -> Result<Response, Problem> {
    Err(Problem::internal())
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
pub async fn series_csv(_: GuildPath, _: SeriesParams) -> Result<Response, Problem> {
    Err(Problem::internal())
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
pub async fn series_ndjson(_: GuildPath, _: SeriesParams) -> Result<Response, Problem> {
    Err(Problem::internal())
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
pub async fn heatmap(_: GuildPath, _: HeatmapParams) -> Result<Response, Problem> {
    Err(Problem::internal())
}
