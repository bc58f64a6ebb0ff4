//! Routes of the invites family.

pub mod book;
pub mod joins;
pub mod tree;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{self, InviteStatsQuestion};

use crate::export;
use crate::limits;
use crate::measure::members::ms;
use crate::names;
use crate::params::Ask;
use crate::params::invites::InviteStatsParams;
use crate::params::path::GuildPath;
use crate::people;
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::invites::{Confidence, InviteRules, InviteStats, MethodCount, Recruiter};

/// Who brings people who stay: recruiters, joins by method and confidence, codes.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/invite-stats",
    operation_id = "invite_stats",
    tag = "invites",
    params(GuildPath, Ask::<InviteStatsParams>),
    responses(
        (status = 200, body = InviteStats),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stats(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<InviteStatsParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = Scene::open(&app, path.guild, &params.stats).await?;
    let key = scene.key("invite stats", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, limits::RECRUITERS_MAX)).await?.respond(&headers))
}

files!(
    file(InviteStatsParams),
    tag = "invites",
    stats_csv = "/guilds/{guild_id}/invite-stats.csv",
    "invite_stats_csv",
    "Recruiters, as CSV.",
    stats_ndjson = "/guilds/{guild_id}/invite-stats.ndjson",
    "invite_stats_ndjson",
    "Recruiters, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &InviteStatsParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = Scene::open(app, path.guild, &params.stats).await?;
    let stats = answer(app, &scene, vigie_store::limits::RECRUITERS_MAX).await?;
    Ok(export::recruiters(&stats.recruiters, format))
}

async fn answer(app: &App, scene: &Scene, recruiters: u32) -> Result<InviteStats, Problem> {
    let span = scene.resolved.span;
    let question = InviteStatsQuestion {
        guild: scene.guild,
        from_ms: ms(span.from),
        to_ms: ms(span.to),
        until_ms: scene.now().0,
        limit: recruiters,
    };
    let (told, coverage) = tokio::try_join!(
        async { Ok(app.store.invite_stats(&question).await?) },
        scene.coverage(app, &[Family::Members]),
    )?;
    let methods: Vec<MethodCount> = told.methods.iter().map(method).collect();
    let attributed = methods.iter().filter(|count| count.confidence != Confidence::None);
    Ok(InviteStats {
        period: scene.resolved.period(),
        joins: told.joins,
        attributed: attributed.map(|count| count.joins).sum(),
        codes_active: told.codes_active,
        codes_used: told.codes_used,
        recruiters: (1..).zip(&told.recruiters).map(recruiter).collect(),
        recruiters_total: told.recruiters_total,
        methods,
        rules: InviteRules { stayed_days: limits::STAYED_DAYS },
        coverage,
    })
}

fn method(count: &question::MethodCount) -> MethodCount {
    MethodCount {
        method: people::method(count.method),
        confidence: people::confidence(count.confidence),
        joins: count.joins,
    }
}

fn recruiter((rank, row): (u64, &question::Recruiter)) -> Recruiter {
    Recruiter {
        rank,
        inviter: names::member(&row.inviter),
        joins: row.exact + row.likely,
        exact: row.exact,
        likely: row.likely,
        stayed: row.stayed,
        decided: row.decided,
        spoke: row.spoke,
        left: row.left,
        rejoined: row.rejoined,
        self_invited: row.self_invited,
    }
}
