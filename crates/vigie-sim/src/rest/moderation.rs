//! `/guilds/{guild}/audit-logs` and `/guilds/{guild}/bans`. Sources: Discord, "Audit Logs Resource", "Guild Resource".

use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_core::vocabulary::{AuditId, UserId};
use vigie_world::{AuditQuery, payload};

use super::guilds::answer;
use super::request::{Params, limit, optional_snowflake, snowflake};
use super::{Answer, RestError};
use crate::hub::Hub;
use crate::limits::{AUDIT_ENTRIES_PER_PAGE_MAX, BANS_PER_PAGE_MAX};

/// Entries on a page unless `limit` says otherwise.
const AUDIT_PAGE_DEFAULT: u64 = 50;

/// A page of the audit log as it stands now: by rising id with `after`, else by falling id. Needs VIEW_AUDIT_LOG.
pub(crate) async fn audit_log(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
    params: Params,
) -> Answer {
    let limit = limit(&params, AUDIT_PAGE_DEFAULT, AUDIT_ENTRIES_PER_PAGE_MAX)?;
    let action_type = optional_snowflake(&params, "action_type")?;
    let query = AuditQuery {
        actor: optional_snowflake(&params, "user_id")?.map(UserId),
        // A number that no entry has finds none.
        action_type: action_type.map(|number| u16::try_from(number).unwrap_or(u16::MAX)),
        before: optional_snowflake(&params, "before")?.map(AuditId),
        after: optional_snowflake(&params, "after")?.map(AuditId),
        limit,
    };
    answer(hub, &guild, move |world, guild, out| {
        if !guild.permissions.view_audit_log {
            return Err(RestError::MISSING_PERMISSIONS);
        }
        payload::audit_log(world, guild, &world.audit_page(guild.id, query), out);
        Ok(())
    })
    .await
}

/// A page of the bans by rising user id; `before` wins over `after`, and gives those right before it (choice). Needs BAN_MEMBERS.
pub(crate) async fn bans(
    State(hub): State<Arc<Hub>>,
    Path(guild): Path<String>,
    params: Params,
) -> Answer {
    let limit = limit(&params, BANS_PER_PAGE_MAX, BANS_PER_PAGE_MAX)?;
    let before = optional_snowflake(&params, "before")?.map(UserId);
    let after = optional_snowflake(&params, "after")?.map_or(UserId(0), UserId);
    answer(hub, &guild, move |world, guild, out| {
        if !guild.permissions.ban_members {
            return Err(RestError::MISSING_PERMISSIONS);
        }
        let banned = world.bans(guild.id).map(|(user, _)| user);
        let page: Vec<UserId> = match before {
            Some(before) => banned.filter(|user| *user < before).collect(),
            None => banned.filter(|user| *user > after).take(limit).collect(),
        };
        payload::bans(world, guild, &page[page.len().saturating_sub(limit)..], out);
        Ok(())
    })
    .await
}

/// One ban. Needs BAN_MEMBERS.
pub(crate) async fn ban(
    State(hub): State<Arc<Hub>>,
    Path((guild, user)): Path<(String, String)>,
) -> Answer {
    let user = UserId(snowflake("user_id", &user)?);
    answer(hub, &guild, move |world, guild, out| {
        if !guild.permissions.ban_members {
            return Err(RestError::MISSING_PERMISSIONS);
        }
        if !world.bans(guild.id).any(|(banned, _)| banned == user) {
            return Err(RestError::UNKNOWN_BAN);
        }
        let mut list = String::new();
        payload::bans(world, guild, &[user], &mut list);
        out.push_str(list.trim_start_matches('[').trim_end_matches(']'));
        Ok(())
    })
    .await
}
