//! Each join with its evidence, the newest first.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{InviteJoinsQuestion, JoinCursor, JoinRow};

use crate::export;
use crate::limits;
use crate::measure::members::ms;
use crate::names;
use crate::params::Ask;
use crate::params::invites::JoinsParams;
use crate::params::lists::Cursor;
use crate::params::path::GuildPath;
use crate::people::{self, Names};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::invites::{InviteJoin, InviteJoins};
use crate::types::vocabulary::Instant;
use vigie_core::vocabulary::UnixMs;

/// Each join with its evidence: method, confidence, candidates.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/invites/joins",
    operation_id = "invite_joins",
    tag = "invites",
    params(GuildPath, Ask::<JoinsParams>),
    responses(
        (status = 200, body = InviteJoins),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<JoinsParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    let key = scene.key("invite joins", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(JoinsParams),
    tag = "invites",
    csv = "/guilds/{guild_id}/invites/joins.csv",
    "invite_joins_csv",
    "Joins, as CSV: all pages.",
    ndjson = "/guilds/{guild_id}/invites/joins.ndjson",
    "invite_joins_ndjson",
    "Joins, as NDJSON: all pages.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &JoinsParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    let mut params = JoinsParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = answer(app, &scene, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::<JoinCursor>::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, &scene, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(export::invite_joins(&all, format))
}

/// Resolves the question; later pages keep the period of the first.
async fn scene(app: &App, path: GuildPath, params: &JoinsParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, path.guild, &params.stats).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    Ok(scene)
}

async fn answer(app: &App, scene: &Scene, params: &JoinsParams) -> Result<InviteJoins, Problem> {
    let span = scene.resolved.span;
    let question = InviteJoinsQuestion {
        guild: scene.guild,
        from_ms: ms(span.from),
        to_ms: ms(span.to),
        audience: scene.audience,
        member: params.member,
        source: params.source.clone(),
        confidence: params.confidence,
        after: params.cursor.map(|cursor| cursor.after),
        limit: params.limit.unwrap_or(limits::ROWS_DEFAULT),
    };
    let page = app.store.invite_joins(&question).await?;
    let inviters = page.rows.iter().flat_map(|row| people::candidates(&row.evidence));
    let names = people::names_of(app, scene.guild, inviters).await?;
    Ok(InviteJoins {
        period: scene.resolved.period(),
        rows: page.rows.iter().map(|row| join(row, &names)).collect(),
        next_cursor: page.next.map(|after| Cursor { after, span }.to_string()),
        coverage: scene.coverage(app, &[Family::Members]).await?,
    })
}

fn join(row: &JoinRow, names: &Names) -> InviteJoin {
    InviteJoin {
        member: names::member(&row.member),
        joined_at: Instant(UnixMs(row.joined_at_ms)),
        account_created_at: people::created_at(row.member.id),
        rejoined: row.rejoined,
        heard: row.is_heard,
        left_at: people::instant(row.left_at_ms),
        departure: row.departure.map(people::departure),
        origin: row.evidence.as_ref().map(|evidence| people::origin(evidence, names)),
    }
}
