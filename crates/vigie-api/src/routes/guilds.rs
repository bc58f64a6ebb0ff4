//! Routes of the guilds family.

use axum::response::Response;

use crate::params::path::GuildPath;
use crate::problem::Problem;
use crate::types::guilds::ChannelList;
use crate::types::guilds::Guild;
use crate::types::guilds::GuildList;

/// All servers.
#[utoipa::path(
    get,
    path = "/guilds",
    operation_id = "guilds",
    tag = "guilds",
    responses(
        (status = 200, body = GuildList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list() -> Result<Response, Problem> {
    Err(Problem::internal())
}

/// One server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}",
    operation_id = "guild",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = Guild),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn one(_: GuildPath) -> Result<Response, Problem> {
    Err(Problem::internal())
}

/// The channels of a server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/channels",
    operation_id = "channels",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = ChannelList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn channels(_: GuildPath) -> Result<Response, Problem> {
    Err(Problem::internal())
}
