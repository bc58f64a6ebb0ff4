//! Routes of the switches: which events are listened to, everywhere and in one server.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{GuildId, SWITCHABLE_EVENTS};

use crate::cache::Answer;
use crate::params::body::SwitchBody;
use crate::params::path::{EventPath, GuildEventPath, GuildPath};
use crate::params::{Ask, Nothing};
use crate::problem::Problem;
use crate::state::App;
use crate::types::guilds::{Switch, SwitchChange, SwitchList};

/// The guild that stands for all of them.
const EVERYWHERE: GuildId = GuildId(0);

/// Which events are listened to everywhere.
#[utoipa::path(
    get,
    path = "/switches",
    operation_id = "switches_everywhere",
    tag = "guilds",
    responses(
        (status = 200, body = SwitchList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn everywhere(
    State(app): State<App>,
    Ask(Nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond(&app, None, &headers).await
}

/// Which events are listened to in a server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/switches",
    operation_id = "switches",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = SwitchList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn here(
    State(app): State<App>,
    path: GuildPath,
    Ask(Nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.known(path.guild).await?;
    respond(&app, Some(path.guild), &headers).await
}

/// Switches an event on or off everywhere. Takes effect within five seconds; what was heard before is kept.
#[utoipa::path(
    put,
    path = "/switches/{event}",
    operation_id = "switch_everywhere",
    tag = "guilds",
    params(EventPath),
    request_body = SwitchChange,
    responses(
        (status = 200, body = SwitchList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn set_everywhere(
    State(app): State<App>,
    path: EventPath,
    Ask(Nothing): Ask<Nothing>,
    SwitchBody(change): SwitchBody,
) -> Result<Response, Problem> {
    app.store.set_switch(EVERYWHERE, path.event, change.on).await?;
    respond(&app, None, &HeaderMap::new()).await
}

/// Switches an event on or off in a server. An event that is off everywhere stays off.
#[utoipa::path(
    put,
    path = "/guilds/{guild_id}/switches/{event}",
    operation_id = "switch",
    tag = "guilds",
    params(GuildEventPath),
    request_body = SwitchChange,
    responses(
        (status = 200, body = SwitchList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn set_here(
    State(app): State<App>,
    path: GuildEventPath,
    Ask(Nothing): Ask<Nothing>,
    SwitchBody(change): SwitchBody,
) -> Result<Response, Problem> {
    app.known(path.guild).await?;
    app.store.set_switch(path.guild, path.event, change.on).await?;
    respond(&app, Some(path.guild), &HeaderMap::new()).await
}

/// Read anew each time: no record announces a change of a switch.
async fn respond(
    app: &App,
    guild: Option<GuildId>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let off: BTreeSet<(GuildId, String)> = app.store.switches().await?.into_iter().collect();
    let is_on = |guild: GuildId, event: &str| !off.contains(&(guild, event.to_owned()));
    let switches = SWITCHABLE_EVENTS.iter().map(|event| {
        let on_everywhere = is_on(EVERYWHERE, event);
        let on_here = guild.map(|guild| is_on(guild, event));
        Switch {
            event: (*event).to_owned(),
            on: on_everywhere && on_here != Some(false),
            on_everywhere,
            on_here,
        }
    });
    Ok(Answer::new(&SwitchList { switches: switches.collect() })?.respond(headers))
}
