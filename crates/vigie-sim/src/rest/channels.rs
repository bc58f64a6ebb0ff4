//! `/channels`. Source: Discord, "Channels Resource".

use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_core::vocabulary::ChannelId;
use vigie_world::{Channel, Guild, World, payload};

use super::request::snowflake;
use super::{Answer, JsonText, RestError};
use crate::hub::Hub;
use crate::sync::read;

/// One channel, category or thread.
pub(crate) async fn channel(State(hub): State<Arc<Hub>>, Path(channel): Path<String>) -> Answer {
    with_channel(hub, &channel, |world, guild, channel| {
        let mut out = String::new();
        payload::channel(world, guild, channel, &mut out);
        Ok(JsonText(out))
    })
    .await
}

/// Finds a channel that our bot may see, and works on it on a thread where that may take its time.
pub(crate) async fn with_channel<F>(hub: Arc<Hub>, channel: &str, work: F) -> Answer
where
    F: FnOnce(&World, &Guild, &Channel) -> Answer + Send + 'static,
{
    let id = ChannelId(snowflake("channel_id", channel)?);
    let work = move || {
        let world = read(&hub.world);
        let (guild, channel) = world.channel(id).ok_or(RestError::UNKNOWN_CHANNEL)?;
        if !guild.access(channel).view_channel {
            return Err(RestError::MISSING_ACCESS);
        }
        work(&world, guild, channel)
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(RestError::INTERNAL))
}
