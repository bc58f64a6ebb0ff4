//! Routes of the members family.

use axum::response::Response;

use crate::params::path::MemberPath;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
use crate::types::members::MemberPage;

/// One member.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/members/{user_id}",
    operation_id = "member",
    tag = "members",
    params(MemberPath, StatsParams),
    responses(
        (status = 200, body = MemberPage),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(_: MemberPath, _: StatsParams) -> Result<Response, Problem> {
    Err(Problem::internal())
}
