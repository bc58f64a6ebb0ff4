//! `/channels/{channel}/messages`. Source: Discord, "Message Resource".

use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_core::vocabulary::MessageId;
use vigie_world::{Page, payload};

use super::channels::with_channel;
use super::request::{Params, limit, optional_snowflake, snowflake};
use super::{Answer, JsonText, RestError};
use crate::gateway::intents::Intents;
use crate::hub::Hub;
use crate::limits::MESSAGES_PER_PAGE_MAX;

/// Messages on a page unless `limit` says otherwise.
const PAGE_DEFAULT: u64 = 50;

/// A page of history, newest first; an empty one without READ_MESSAGE_HISTORY. Of several positions `around` counts before `before` before `after`.
pub(crate) async fn messages(
    State(hub): State<Arc<Hub>>,
    Path(channel): Path<String>,
    params: Params,
) -> Answer {
    let limit = limit(&params, PAGE_DEFAULT, MESSAGES_PER_PAGE_MAX)?;
    let at = |field| -> Result<Option<MessageId>, RestError> {
        Ok(optional_snowflake(&params, field)?.map(MessageId))
    };
    let page = match (at("around")?, at("before")?, at("after")?) {
        (Some(id), _, _) => Page::Around(id),
        (_, Some(id), _) => Page::Before(id),
        (_, _, Some(id)) => Page::After(id),
        _ => Page::Latest,
    };
    let content = hub.privileged().contains(Intents::MESSAGE_CONTENT);
    with_channel(hub, &channel, move |world, _, channel| {
        let mut out = String::new();
        payload::messages(world, channel.id, page, limit, &mut out, content)?;
        Ok(JsonText(out))
    })
    .await
}

/// One message.
pub(crate) async fn message(
    State(hub): State<Arc<Hub>>,
    Path((channel, message)): Path<(String, String)>,
) -> Answer {
    let id = MessageId(snowflake("message_id", &message)?);
    let content = hub.privileged().contains(Intents::MESSAGE_CONTENT);
    with_channel(hub, &channel, move |world, guild, channel| {
        if !guild.access(channel).read_message_history {
            return Err(RestError::MISSING_ACCESS);
        }
        let found = world.message(channel.id, id).ok_or(RestError::UNKNOWN_MESSAGE)?;
        let mut out = String::new();
        payload::message(world, guild, &found, &mut out, content);
        Ok(JsonText(out))
    })
    .await
}
