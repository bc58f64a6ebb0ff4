//! The book of invites.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::UnixMs;
use vigie_store::question::InviteRow;

use crate::cache::Key;
use crate::export;
use crate::limits;
use crate::names;
use crate::params::path::GuildPath;
use crate::params::{Ask, Nothing};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::state::{App, Known};
use crate::types::invites::{Invite, InviteBook, InviteState};
use crate::types::vocabulary::Instant;

/// The book of invites: those that can be used, those that have run out, those that have ended.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/invites",
    operation_id = "invites",
    tag = "invites",
    params(GuildPath),
    responses(
        (status = 200, body = InviteBook),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &nothing, format).await;
    }
    let known = app.known(path.guild).await?;
    let now = (app.clock)();
    // Invites run out by the minute.
    let question = format!("invites {}", now.unix_minute());
    let key = Key { guild: path.guild, version: known.version, question };
    Ok(app.answers.get(key, answer(&app, &known, now)).await?.respond(&headers))
}

files!(
    file(Nothing),
    tag = "invites",
    csv = "/guilds/{guild_id}/invites.csv",
    "invites_csv",
    "The book of invites, as CSV.",
    ndjson = "/guilds/{guild_id}/invites.ndjson",
    "invites_ndjson",
    "The book of invites, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    _: &Nothing,
    format: export::Format,
) -> Result<Response, Problem> {
    let known = app.known(path.guild).await?;
    Ok(export::invite_book(&answer(app, &known, (app.clock)()).await?, format))
}

async fn answer(app: &App, known: &Known, now: UnixMs) -> Result<InviteBook, Problem> {
    let book = app.store.invites(known.guild.id, now.0, limits::INVITES_MAX).await?;
    Ok(InviteBook {
        rows: book.rows.iter().map(|row| invite(known, row, now)).collect(),
        active: book.active,
        expired: book.expired,
        ended: book.ended,
    })
}

fn invite(known: &Known, row: &InviteRow, now: UnixMs) -> Invite {
    let invite = &row.invite;
    let state = match (invite.ended_at, invite.expires_at) {
        (Some(_), _) => InviteState::Ended,
        (None, Some(expires)) if expires <= now => InviteState::Expired,
        (None, _) => InviteState::Active,
    };
    Invite {
        code: invite.code.clone(),
        vanity: invite.is_vanity,
        state,
        channel: invite.channel.map(|id| known.channels.named(id)),
        inviter: row.inviter.as_ref().map(names::member),
        uses: invite.uses,
        max_uses: (invite.max_uses > 0).then_some(invite.max_uses),
        created_at: invite.created_at.map(Instant),
        expires_at: invite.expires_at.map(Instant),
        ended_at: invite.ended_at.map(Instant),
        temporary: invite.temporary,
        joins: row.joins,
    }
}
