//! Routes of the live family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};

use crate::limits;
use crate::params::path::GuildPath;
use crate::params::query::Query;
use crate::problem::Problem;
use crate::state::App;

/// Tells when new answers are to be had.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/live",
    operation_id = "live",
    tag = "status",
    params(GuildPath),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stream(
    State(app): State<App>,
    path: GuildPath,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[])?;
    app.known(path.guild).await?;
    let last_seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let stream = app.versions.stream(path.guild, last_seen, app.stop.clone());
    let stream =
        stream.ok_or_else(|| Problem::busy("too many pages listen for changes already"))?;
    let keep_alive = KeepAlive::new().interval(limits::LIVE_KEEP_ALIVE);
    Ok(Sse::new(stream).keep_alive(keep_alive).into_response())
}
