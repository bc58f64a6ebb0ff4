//! Routes of the coverage family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{CoverageFamily, CoverageSpan, CoverageState, GuildId};
use vigie_store::question::{CoverageAnswer, LedgerQuestion};

use crate::export;
use crate::ledger::{self, FAMILIES, is_recovering};
use crate::limits;
use crate::params::lists::{Cursor, LedgerParams};
use crate::params::path::GuildPath;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::{CoverageHealth, Family, Ledger, LedgerRow};
use crate::types::vocabulary::Instant;

/// A server's coverage ledger: totals by family, and the gaps, the newest first.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/coverage",
    operation_id = "coverage",
    tag = "coverage",
    params(GuildPath, LedgerParams),
    responses(
        (status = 200, body = Ledger),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn ledger(
    State(app): State<App>,
    path: GuildPath,
    params: LedgerParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path.guild, &params).await?;
    let key = scene.key("coverage", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

/// The gaps of a server's coverage ledger, as CSV: all pages.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/coverage.csv",
    operation_id = "coverage_csv",
    tag = "coverage",
    params(GuildPath, LedgerParams),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn ledger_csv(
    State(app): State<App>,
    path: GuildPath,
    params: LedgerParams,
) -> Result<Response, Problem> {
    file(&app, path, &params, export::Format::Csv).await
}

/// The gaps of a server's coverage ledger, as NDJSON: all pages.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/coverage.ndjson",
    operation_id = "coverage_ndjson",
    tag = "coverage",
    params(GuildPath, LedgerParams),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn ledger_ndjson(
    State(app): State<App>,
    path: GuildPath,
    params: LedgerParams,
) -> Result<Response, Problem> {
    file(&app, path, &params, export::Format::Ndjson).await
}

/// Resolves the question; later pages keep the period of the first.
async fn scene(app: &App, guild: GuildId, params: &LedgerParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, guild, &params.stats).await?;
    if let Some(cursor) = params.cursor {
        scene.resolved = scene.resolved.pinned(cursor.span);
    }
    Ok(scene)
}

async fn file(
    app: &App,
    path: GuildPath,
    params: &LedgerParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path.guild, params).await?;
    let mut params = LedgerParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = page(app, &scene, &params).await?;
    while let Some(next) = all.next.filter(|_| all.rows.len() < limits::EXPORT_ROWS_MAX as usize) {
        params.cursor = Some(next);
        let page = page(app, &scene, &params).await?;
        all.rows.extend(page.rows);
        all.next = page.next;
    }
    let next = all.next.map(|next| next.to_string());
    Ok(export::ledger(&all.rows, next.as_deref(), format))
}

/// One page of gaps.
struct Page {
    rows: Vec<LedgerRow>,
    next: Option<Cursor<vigie_store::question::LedgerCursor>>,
}

async fn page(app: &App, scene: &Scene, params: &LedgerParams) -> Result<Page, Problem> {
    let span = scene.resolved.span;
    let question = LedgerQuestion {
        guild: scene.guild,
        from_ms: i64::from(span.from) * 60_000,
        to_ms: i64::from(span.to) * 60_000,
        family: params.family.map(word),
        after: params.cursor.map(|cursor| cursor.after),
        limit: params.limit.unwrap_or(limits::ROWS_DEFAULT),
    };
    let found = app.store.ledger(&question).await?;
    let rows = found.spans.iter().map(|span| row(scene, span));
    Ok(Page { rows: rows.collect(), next: found.next.map(|after| Cursor { after, span }) })
}

async fn answer(app: &App, scene: &Scene, params: &LedgerParams) -> Result<Ledger, Problem> {
    let span = scene.resolved.span;
    let (from, to) = (i64::from(span.from) * 60_000, i64::from(span.to) * 60_000);
    let guild = [scene.guild];
    let (lines, told, page, health) = tokio::try_join!(
        scene.ledger(app),
        async { Ok(app.store.coverage(scene.guild, from, to).await?) },
        page(app, scene, params),
        async { Ok(app.store.coverage_health(&guild).await?) },
    )?;
    let health = health
        .first()
        .map_or(CoverageHealth::Unknown, |health| ledger::health(health, scene.now()).0);
    let families = FAMILIES.map(|family| {
        let gaps = missed(&told, family).count() as u64;
        let open = missed(&told, family)
            .filter(|span| span.until.is_none() || is_recovering(span))
            .count() as u64;
        lines.totals(family, span, gaps, open)
    });
    let of_family = |family: &&Family| params.family.is_none_or(|wanted| wanted == **family);
    let wanted = FAMILIES.iter().filter(of_family);
    Ok(Ledger {
        period: scene.resolved.period(),
        health,
        heard_until: told.heard_until.map(Instant),
        total_rows: wanted.map(|family| missed(&told, *family).count() as u64).sum(),
        families: families.to_vec(),
        coverage: lines.coverage(&FAMILIES, span),
        rows: page.rows,
        next_cursor: page.next.map(|next| next.to_string()),
    })
}

/// The gaps of one family.
fn missed(told: &CoverageAnswer, family: Family) -> impl Iterator<Item = &CoverageSpan> {
    let own = move |span: &&CoverageSpan| ledger::family(span.family) == family;
    told.spans.iter().filter(own).filter(|span| span.state != CoverageState::Observed)
}

fn row(scene: &Scene, span: &CoverageSpan) -> LedgerRow {
    let end = span.until.unwrap_or_else(|| scene.now());
    LedgerRow {
        from: Instant(span.from),
        to: span.until.map(Instant),
        duration_ms: (end.0 - span.from.0).max(0) as u64,
        family: ledger::family(span.family),
        state: ledger::state(span.state),
        reason: ledger::reason(span.reason),
        recovering: is_recovering(span),
    }
}

/// The family in the core's word.
fn word(family: Family) -> CoverageFamily {
    match family {
        Family::Messages => CoverageFamily::Messages,
        Family::Reactions => CoverageFamily::Reactions,
        Family::Voice => CoverageFamily::Voice,
        Family::Members => CoverageFamily::Members,
        Family::Moderation => CoverageFamily::Moderation,
    }
}
