//! Routes of the leaderboards family.

use axum::response::Response;

use crate::params::path::BoardPath;
use crate::params::stats::LeaderboardParams;
use crate::problem::Problem;
use crate::types::leaderboards::Leaderboard;

/// A ranking of members.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/leaderboards/{board}",
    operation_id = "leaderboard",
    tag = "members",
    params(BoardPath, LeaderboardParams),
    responses(
        (status = 200, body = Leaderboard),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(_: BoardPath, _: LeaderboardParams) -> Result<Response, Problem> {
    Err(Problem::internal())
}
