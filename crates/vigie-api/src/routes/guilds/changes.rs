//! What changed about a server: what to write beside a chart.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::UnixMs;
use vigie_store::question::{ChangeCursor, ChangeRow, ChangesQuestion};

use crate::export;
use crate::ledger::ACTIVITY;
use crate::limits;
use crate::measure::members::ms;
use crate::params::Ask;
use crate::params::lists::Cursor;
use crate::params::moderation::ChangesParams;
use crate::params::path::GuildPath;
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::guilds::{GuildChange, GuildChangeKind, GuildChanges};
use crate::types::vocabulary::{Instant, Snowflake};

/// Changes of a server, its roles, emojis and channels, the newest first.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/changes",
    operation_id = "changes",
    tag = "guilds",
    params(GuildPath, Ask::<ChangesParams>),
    responses(
        (status = 200, body = GuildChanges),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<ChangesParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    let key = scene.key("changes", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(ChangesParams),
    tag = "guilds",
    csv = "/guilds/{guild_id}/changes.csv",
    "changes_csv",
    "Changes of a server, as CSV: all pages.",
    ndjson = "/guilds/{guild_id}/changes.ndjson",
    "changes_ndjson",
    "Changes of a server, as NDJSON: all pages.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &ChangesParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    let mut params = ChangesParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = answer(app, &scene, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::<ChangeCursor>::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, &scene, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(export::changes(&all, format))
}

/// Resolves the question; later pages keep the period of the first.
async fn scene(app: &App, path: GuildPath, params: &ChangesParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, path.guild, &params.stats).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    Ok(scene)
}

async fn answer(app: &App, scene: &Scene, params: &ChangesParams) -> Result<GuildChanges, Problem> {
    let span = scene.resolved.span;
    let question = ChangesQuestion {
        guild: scene.guild,
        from_ms: ms(span.from),
        to_ms: ms(span.to),
        kinds: params.kind.into_iter().collect(),
        after: params.cursor.map(|cursor| cursor.after),
        limit: params.limit.unwrap_or(limits::ROWS_DEFAULT),
    };
    let page = app.store.guild_changes(&question).await?;
    Ok(GuildChanges {
        period: scene.resolved.period(),
        rows: page.rows.iter().map(change).collect(),
        next_cursor: page.next.map(|after| Cursor { after, span }.to_string()),
        coverage: scene.coverage(app, &ACTIVITY).await?,
    })
}

fn change(row: &ChangeRow) -> GuildChange {
    GuildChange {
        at: Instant(UnixMs(row.at_ms)),
        kind: kind(row.kind),
        subject_id: row.subject.map(Snowflake),
        subject: row.subject_name.clone(),
        field: row.field.clone(),
        old: row.old.clone(),
        new: row.new.clone(),
    }
}

fn kind(kind: vigie_store::question::GuildChangeKind) -> GuildChangeKind {
    use vigie_store::question::GuildChangeKind as Kind;
    match kind {
        Kind::BotAdded => GuildChangeKind::BotAdded,
        Kind::BotRemoved => GuildChangeKind::BotRemoved,
        Kind::Guild => GuildChangeKind::Guild,
        Kind::RoleAdded => GuildChangeKind::RoleAdded,
        Kind::RoleChanged => GuildChangeKind::RoleChanged,
        Kind::RoleRemoved => GuildChangeKind::RoleRemoved,
        Kind::EmojiAdded => GuildChangeKind::EmojiAdded,
        Kind::EmojiChanged => GuildChangeKind::EmojiChanged,
        Kind::EmojiRemoved => GuildChangeKind::EmojiRemoved,
        Kind::ChannelAdded => GuildChangeKind::ChannelAdded,
        Kind::ChannelChanged => GuildChangeKind::ChannelChanged,
        Kind::ChannelRemoved => GuildChangeKind::ChannelRemoved,
    }
}
