//! Routes of the live family.

use axum::response::Response;

use crate::params::path::GuildPath;
use crate::problem::Problem;

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
pub async fn stream(_: GuildPath) -> Result<Response, Problem> {
    Err(Problem::internal())
}
