//! `/guilds`. Source: Discord, "Guild Resource".

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_core::vocabulary::{GuildId, UserId};
use vigie_world::{Guild, World, payload};

use super::request::{Params, flag, limit, optional_snowflake, snowflake};
use super::{Answer, JsonText, RestError};
use crate::gateway::intents::Intents;
use crate::hub::Hub;
use crate::json;
use crate::limits::MEMBERS_PER_PAGE_MAX;
use crate::members;
use crate::sync::read;

/// One member in so many is online, as `approximate_presence_count` tells it.
const ONLINE_EVERY: u32 = 5;

/// The guild; with counts where asked for.
pub(crate) async fn guild(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
    params: Params,
) -> Answer {
    answer(hub, &guild, move |_, guild, out| {
        payload::guild(guild, out);
        if flag(&params, "with_counts") {
            out.pop();
            let _ = write!(
                out,
                r#","approximate_member_count":{},"approximate_presence_count":{}}}"#,
                guild.member_count,
                guild.member_count.div_ceil(ONLINE_EVERY),
            );
        }
        Ok(())
    })
    .await
}

/// Its channels; threads and channels that our bot may not see are left out.
pub(crate) async fn channels(State(hub): State<Arc<Hub>>, Path(guild): Path<String>) -> Answer {
    answer(hub, &guild, |world, guild, out| {
        let visible = guild.channels.iter().filter(|channel| !channel.is_hidden());
        json::array(out, visible, |channel, out| payload::channel(world, guild, channel, out));
        Ok(())
    })
    .await
}

/// Its threads that are not archived. Our bot has joined none.
pub(crate) async fn active_threads(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
) -> Answer {
    answer(hub, &guild, |world, guild, out| {
        out.push_str(r#"{"threads":"#);
        let threads = guild.active_threads().filter(|thread| guild.access(thread).view_channel);
        json::array(out, threads, |thread, out| payload::channel(world, guild, thread, out));
        out.push_str(r#","members":[]}"#);
        Ok(())
    })
    .await
}

/// Its roles.
pub(crate) async fn roles(State(hub): State<Arc<Hub>>, Path(guild): Path<String>) -> Answer {
    answer(hub, &guild, |_, guild, out| {
        json::array(out, &guild.roles, payload::role);
        Ok(())
    })
    .await
}

/// Its emojis.
pub(crate) async fn emojis(State(hub): State<Arc<Hub>>, Path(guild): Path<String>) -> Answer {
    answer(hub, &guild, |_, guild, out| {
        json::array(out, &guild.emojis, payload::emoji);
        Ok(())
    })
    .await
}

/// A page of its members by rising id; only where the privileged intent is switched on.
pub(crate) async fn members(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
    params: Params,
) -> Answer {
    if !hub.privileged().contains(Intents::GUILD_MEMBERS) {
        return Err(RestError::MISSING_ACCESS);
    }
    let limit = limit(&params, 1, MEMBERS_PER_PAGE_MAX)?;
    let after = UserId(optional_snowflake(&params, "after")?.unwrap_or(0));
    answer(hub, &guild, move |world, guild, out| {
        let page = world.members_after(guild, after, limit);
        json::array(out, page, |member, out| payload::member(&member, out));
        Ok(())
    })
    .await
}

/// Its members whose name begins with `query`.
pub(crate) async fn search_members(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
    params: Params,
) -> Answer {
    let limit = limit(&params, 1, MEMBERS_PER_PAGE_MAX)?;
    let Some(query) = params.get("query").filter(|query| !query.is_empty()).cloned() else {
        return Err(RestError::form("query", "BASE_TYPE_REQUIRED", "This field is required"));
    };
    answer(hub, &guild, move |world, guild, out| {
        let found = members::search(world, guild, &query, limit);
        json::array(out, found, |member, out| payload::member(&member, out));
        Ok(())
    })
    .await
}

/// One member.
pub(crate) async fn member(
    State(hub): State<Arc<Hub>>,
    Path((guild, user)): Path<(String, String)>,
) -> Answer {
    let user = UserId(snowflake("user_id", &user)?);
    answer(hub, &guild, move |world, guild, out| {
        let Some(index) = world.member_index(guild, user) else {
            let known = world.user(user).is_some();
            return Err(if known { RestError::UNKNOWN_MEMBER } else { RestError::UNKNOWN_USER });
        };
        payload::member(&world.member(guild, index), out);
        Ok(())
    })
    .await
}

/// Finds the guild and writes about it on a thread where that may take its time.
pub(crate) async fn answer<F>(hub: Arc<Hub>, guild: &str, write: F) -> Answer
where
    F: FnOnce(&World, &Guild, &mut String) -> Result<(), RestError> + Send + 'static,
{
    let id = GuildId(snowflake("guild_id", guild)?);
    let work = move || {
        let world = read(&hub.world);
        let guild = world.guild(id).ok_or(RestError::UNKNOWN_GUILD)?;
        let mut out = String::new();
        write(&world, guild, &mut out)?;
        Ok(JsonText(out))
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(RestError::INTERNAL))
}
