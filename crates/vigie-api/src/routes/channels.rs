//! Routes of the channels family.

use axum::response::Response;

use crate::params::path::ChannelPath;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
use crate::types::channels::ChannelPage;

/// One channel.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/channels/{channel_id}",
    operation_id = "channel",
    tag = "activity",
    params(ChannelPath, StatsParams),
    responses(
        (status = 200, body = ChannelPage),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(_: ChannelPath, _: StatsParams) -> Result<Response, Problem> {
    Err(Problem::internal())
}
