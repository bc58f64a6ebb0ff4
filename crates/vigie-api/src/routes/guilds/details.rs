//! The roles of a server, and what may be read of it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{self as core, GuildId, RoleRecord};

use crate::cache::Key;
use crate::export;
use crate::params::path::GuildPath;
use crate::params::{Ask, Nothing};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::guilds::{AccessList, Grant, Loss, Reading, ReadingAccess, Role, RoleList};
use crate::types::vocabulary::{Instant, Snowflake};

/// The roles of a server, the highest first; deleted ones last.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/roles",
    operation_id = "roles",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = RoleList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn roles(
    State(app): State<App>,
    path: GuildPath,
    Ask(nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &nothing, format).await;
    }
    let version = app.known(path.guild).await?.version;
    let key = Key { guild: path.guild, version, question: "roles".to_owned() };
    let answer = async { Ok(RoleList { roles: all_roles(&app, path.guild).await? }) };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}

files!(
    file(Nothing),
    tag = "guilds",
    roles_csv = "/guilds/{guild_id}/roles.csv",
    "roles_csv",
    "The roles of a server, as CSV.",
    roles_ndjson = "/guilds/{guild_id}/roles.ndjson",
    "roles_ndjson",
    "The roles of a server, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    _: &Nothing,
    format: export::Format,
) -> Result<Response, Problem> {
    app.known(path.guild).await?;
    Ok(export::roles(&all_roles(app, path.guild).await?, format))
}

async fn all_roles(app: &App, guild: GuildId) -> Result<Vec<Role>, Problem> {
    let mut rows = app.store.roles(guild).await?;
    rows.sort_by(|a, b| (a.deleted, b.position, a.id).cmp(&(b.deleted, a.position, b.id)));
    Ok(rows.iter().map(role).collect())
}

fn role(row: &RoleRecord) -> Role {
    Role {
        id: Snowflake(row.id.0),
        name: row.name.clone(),
        color: (row.color > 0).then(|| format!("#{:06x}", row.color)),
        position: row.position,
        permissions: row.permissions.to_string(),
        managed: row.managed,
        deleted: row.deleted,
    }
}

/// What may be read of a server, what is missing, and what that costs.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/access",
    operation_id = "access",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = AccessList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn access(
    State(app): State<App>,
    path: GuildPath,
    Ask(Nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let version = app.known(path.guild).await?.version;
    let key = Key { guild: path.guild, version, question: "access".to_owned() };
    let answer = async {
        let told = app.store.access(path.guild).await?;
        let readings = core::Reading::ALL.map(|reading| {
            reading_access(reading, told.iter().find(|access| access.reading == reading))
        });
        Ok::<_, Problem>(AccessList { readings: readings.into() })
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}

/// The reading of the core's word.
pub fn reading(reading: core::Reading) -> Reading {
    match reading {
        core::Reading::AuditLog => Reading::AuditLog,
        core::Reading::Invites => Reading::Invites,
        core::Reading::Members => Reading::Members,
    }
}

fn reading_access(of: core::Reading, told: Option<&core::Access>) -> ReadingAccess {
    let (needs, family, costs): (_, _, &[Loss]) = match of {
        core::Reading::AuditLog => (
            Grant::ViewAuditLog,
            Family::Moderation,
            &[Loss::Moderators, Loss::Reasons, Loss::DepartureKinds, Loss::ModerationBackfill],
        ),
        core::Reading::Invites => {
            (Grant::ManageGuild, Family::Members, &[Loss::Attributions, Loss::InviteUses])
        }
        core::Reading::Members => (
            Grant::ServerMembersIntent,
            Family::Members,
            &[Loss::GrowthBefore, Loss::DeparturesMissed],
        ),
    };
    ReadingAccess {
        reading: reading(of),
        allowed: told.map(|access| access.allowed),
        since: told.map(|access| Instant(access.at)),
        needs,
        costs: costs.to_vec(),
        family,
    }
}
