//! Who was active and went quiet.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{self, QuietQuestion};

use crate::export;
use crate::ledger::ACTIVITY;
use crate::limits;
use crate::names;
use crate::params::Ask;
use crate::params::lists::Cursor;
use crate::params::members::{QuietParams, QuietPlace};
use crate::params::path::GuildPath;
use crate::people;
use crate::period::{Span, instant};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::growth::{QuietMember, QuietMembers};

/// Members who were active and went quiet, the most active first.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/members/quiet",
    operation_id = "quiet_members",
    tag = "members",
    params(GuildPath, Ask::<QuietParams>),
    responses(
        (status = 200, body = QuietMembers),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<QuietParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let quiet = open(&app, path, &params).await?;
    let key = quiet.scene.key("quiet members", &params, None);
    Ok(app.answers.get(key, answer(&app, &quiet, &params)).await?.respond(&headers))
}

files!(
    file(QuietParams),
    tag = "members",
    csv = "/guilds/{guild_id}/members/quiet.csv",
    "quiet_members_csv",
    "Members who went quiet, as CSV: all pages.",
    ndjson = "/guilds/{guild_id}/members/quiet.ndjson",
    "quiet_members_ndjson",
    "Members who went quiet, as NDJSON: all pages.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &QuietParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let quiet = open(app, path, params).await?;
    let mut params = QuietParams { limit: Some(limits::ROWS_MAX), ..params.clone() };
    let mut all = answer(app, &quiet, &params).await?;
    while let Some(next) = all.next_cursor.as_deref().and_then(Cursor::<QuietPlace>::read) {
        if all.rows.len() >= limits::EXPORT_ROWS_MAX as usize {
            break;
        }
        params.cursor = Some(next);
        let page = answer(app, &quiet, &params).await?;
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
    }
    Ok(export::quiet(&all, format))
}

/// The question: its period is the active stretch, the silence follows.
struct Quiet {
    scene: Scene,
    silent: Span,
}

/// Resolves the question; later pages keep the days of the first.
async fn open(app: &App, path: GuildPath, params: &QuietParams) -> Result<Quiet, Problem> {
    let mut scene = Scene::open(app, path.guild, &params.stats).await?;
    let (zone, now) = (&scene.resolved.zone, scene.resolved.now);
    let days = |days: u32| zone.day_start(now, 1 - days as i32);
    let silent_from = days(params.silent_days);
    let (active, until) = match params.cursor {
        Some(cursor) => (cursor.span, cursor.after.until),
        None => {
            let from = days(params.silent_days + params.active_days);
            (Span { from, to: silent_from }, zone.next_hour(now))
        }
    };
    scene.resolved = scene.resolved.over(active);
    Ok(Quiet { scene, silent: Span { from: active.to, to: until.max(active.to) } })
}

async fn answer(app: &App, quiet: &Quiet, params: &QuietParams) -> Result<QuietMembers, Problem> {
    let Quiet { scene, silent } = quiet;
    let active = scene.resolved.span;
    let question = QuietQuestion {
        guild: scene.guild,
        active: active.hours(),
        silent: silent.hours(),
        after: params.cursor.map(|cursor| cursor.after.row),
        limit: params.limit.unwrap_or(limits::ROWS_DEFAULT),
    };
    let (ledger, page) = tokio::try_join!(scene.ledger(app), async {
        Ok(app.store.quiet_members(&question).await?)
    })?;
    let cursor =
        |row| Cursor { after: QuietPlace { row, until: silent.to }, span: active }.to_string();
    Ok(QuietMembers {
        period: scene.resolved.period(),
        silent_since: instant(silent.from),
        rows: page.rows.iter().map(member).collect(),
        total_rows: page.total_rows,
        next_cursor: page.next.map(cursor),
        coverage: ledger.coverage(&ACTIVITY, Span { from: active.from, to: silent.to }),
    })
}

fn member(row: &question::QuietMember) -> QuietMember {
    QuietMember {
        member: names::member(&row.member),
        last_active_at: people::instant(row.last_seen_ms),
        active_days: row.active_days,
        messages: row.messages,
        joined_at: people::instant(row.joined_at_ms),
    }
}
