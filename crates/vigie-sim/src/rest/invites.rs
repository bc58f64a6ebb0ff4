//! `/guilds/{guild}/invites` and `/guilds/{guild}/vanity-url`. Sources: Discord, "Guild Resource", "Invite Resource".

use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_world::payload;

use super::guilds::answer;
use super::{Answer, RestError};
use crate::hub::Hub;

/// The invites that can be used now. Needs MANAGE_GUILD, or VIEW_AUDIT_LOG, which gives the list without uses and limits.
pub(crate) async fn invites(State(hub): State<Arc<Hub>>, Path(guild): Path<String>) -> Answer {
    answer(hub, &guild, |world, guild, out| {
        let may = guild.permissions;
        if !may.manage_guild && !may.view_audit_log {
            return Err(RestError::MISSING_PERMISSIONS);
        }
        payload::invites(world, guild, &world.invites(guild.id), may.manage_guild, out);
        Ok(())
    })
    .await
}

/// The vanity address and its counter; `null` and 0 where there is none. Needs MANAGE_GUILD.
pub(crate) async fn vanity_url(State(hub): State<Arc<Hub>>, Path(guild): Path<String>) -> Answer {
    answer(hub, &guild, |world, guild, out| {
        if !guild.permissions.manage_guild {
            return Err(RestError::MISSING_PERMISSIONS);
        }
        payload::vanity(world.vanity(guild.id), out);
        Ok(())
    })
    .await
}
