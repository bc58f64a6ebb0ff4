//! Acts of moderation, the newest first, and one with what surrounds it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{CaseCursor, CasesQuestion};

use crate::cache::Key;
use crate::cases::case;
use crate::export;
use crate::limits;
use crate::measure::members::ms;
use crate::params::lists::Cursor;
use crate::params::moderation::CasesParams;
use crate::params::path::{CasePath, GuildPath};
use crate::params::{Ask, Nothing};
use crate::people;
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::moderation::{EndedStay, ModerationCasePage, ModerationCases};
use crate::types::vocabulary::Instant;
use vigie_core::vocabulary::UnixMs;

/// Acts of moderation, the newest first.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/moderation/recent",
    operation_id = "moderation",
    tag = "moderation",
    params(GuildPath, Ask::<CasesParams>),
    responses(
        (status = 200, body = ModerationCases),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn recent(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<CasesParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    // Timeouts run out by the minute.
    let minute = scene.now().unix_minute();
    let key = scene.key(&format!("moderation {minute}"), &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(CasesParams),
    tag = "moderation",
    recent_csv = "/guilds/{guild_id}/moderation/recent.csv",
    "moderation_csv",
    "Acts of moderation, as CSV: all pages.",
    recent_ndjson = "/guilds/{guild_id}/moderation/recent.ndjson",
    "moderation_ndjson",
    "Acts of moderation, as NDJSON: all pages.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &CasesParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    let mut params = CasesParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = answer(app, &scene, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::<CaseCursor>::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, &scene, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(export::cases(&all, format))
}

/// Resolves the question; later pages keep the period of the first. The audit log tells of acts older than the bot.
async fn scene(app: &App, path: GuildPath, params: &CasesParams) -> Result<Scene, Problem> {
    let known = app.known(path.guild).await?;
    let first = known.known_from.iter().flatten().min().copied();
    let first = first.unwrap_or((app.clock)().0);
    let oldest = UnixMs(first).unix_minute().saturating_sub(limits::AUDIT_DAYS * 24 * 60);
    let mut scene = Scene::since(app, path.guild, &params.stats, Some(oldest)).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    Ok(scene)
}

async fn answer(
    app: &App,
    scene: &Scene,
    params: &CasesParams,
) -> Result<ModerationCases, Problem> {
    let span = scene.resolved.span;
    let question = CasesQuestion {
        guild: scene.guild,
        from_ms: ms(span.from),
        to_ms: ms(span.to),
        actions: params.actions.clone(),
        moderator: params.moderator,
        target: params.target,
        search: params.search.clone(),
        after: params.cursor.map(|cursor| cursor.after),
        limit: params.limit.unwrap_or(limits::CASES_DEFAULT),
    };
    let (page, coverage) = tokio::try_join!(
        async { Ok(app.store.moderation_recent(&question).await?) },
        scene.coverage(app, &[Family::Moderation]),
    )?;
    let rows = page.rows.iter().map(|row| case(row, &scene.known.channels, scene.now()));
    Ok(ModerationCases {
        period: scene.resolved.period(),
        rows: rows.collect(),
        next_cursor: page.next.map(|after| Cursor { after, span }.to_string()),
        coverage,
    })
}

/// One act of moderation with its evidence, and other acts on the same target.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/moderation/cases/{case_id}",
    operation_id = "moderation_case",
    tag = "moderation",
    params(CasePath),
    responses(
        (status = 200, body = ModerationCasePage),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn one(
    State(app): State<App>,
    path: CasePath,
    Ask(Nothing): Ask<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = app.known(path.guild).await?;
    let now = (app.clock)();
    let question = format!("case {} {}", path.case, now.unix_minute());
    let key = Key { guild: path.guild, version: known.version, question };
    let answer = async {
        let told = app.store.moderation_case(path.guild, path.case, limits::CASE_HISTORY_MAX);
        let told = told.await?.ok_or_else(Problem::unknown_case)?;
        let history = told.history.iter().map(|row| case(row, &known.channels, now));
        Ok::<_, Problem>(ModerationCasePage {
            case: case(&told.case, &known.channels, now),
            history: history.collect(),
            ended_stay: told.ended_stay.map(|(joined, left)| EndedStay {
                joined_at: people::instant(joined),
                left_at: Instant(UnixMs(left)),
            }),
        })
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}
