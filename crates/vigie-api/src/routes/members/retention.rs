//! Of those who came together, how many stayed and how many were active, week after week.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::{self, RetentionQuestion};

use crate::export;
use crate::ledger;
use crate::limits;
use crate::measure::members::ms;
use crate::params::Ask;
use crate::params::members::RetentionParams;
use crate::params::path::GuildPath;
use crate::period::{Buckets, Span, instant};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::growth::{Cohort, CohortWeek, Retention};

/// The families that a cohort's later weeks rest on.
const FAMILIES: [Family; 4] = [Family::Messages, Family::Reactions, Family::Voice, Family::Members];

/// Cohorts of joins, week after week: who stayed, who was active.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/retention",
    operation_id = "retention",
    tag = "members",
    params(GuildPath, Ask::<RetentionParams>),
    responses(
        (status = 200, body = Retention),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<RetentionParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    let key = scene.key("retention", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(RetentionParams),
    tag = "members",
    csv = "/guilds/{guild_id}/retention.csv",
    "retention_csv",
    "Cohorts week by week, as CSV.",
    ndjson = "/guilds/{guild_id}/retention.ndjson",
    "retention_ndjson",
    "Cohorts week by week, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &RetentionParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    Ok(export::cohorts(&answer(app, &scene, params).await?.cohorts, format))
}

/// The period begins with the whole cohort that it begins in.
async fn scene(app: &App, path: GuildPath, params: &RetentionParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, path.guild, &params.stats).await?;
    scene.resolved = scene.resolved.aligned(params.cohort);
    Ok(scene)
}

async fn answer(app: &App, scene: &Scene, params: &RetentionParams) -> Result<Retention, Problem> {
    let buckets = Buckets::new(&scene.resolved, params.cohort)?;
    if buckets.len() > limits::COHORTS_MAX {
        let most = limits::COHORTS_MAX;
        let detail = format!("the period has more than {most} cohorts of this width");
        return Err(Problem::bad_parameter("cohort", detail)
            .remedy("ask for wider cohorts, or for a shorter period"));
    }
    let question = RetentionQuestion {
        guild: scene.guild,
        bounds_ms: buckets.bounds.iter().map(|minute| ms(*minute)).collect(),
        weeks: params.weeks,
        until_ms: scene.now().0,
        source: params.source.clone(),
    };
    let (ledger, told) =
        tokio::try_join!(scene.ledger(app), async { Ok(app.store.retention(&question).await?) })?;
    let covered = ledger.buckets(&[Family::Members], &buckets.bounds);
    let last = buckets.len() - 1;
    let cohorts = told.iter().zip(buckets.bounds.windows(2)).zip(covered).enumerate();
    let cohorts: Vec<Cohort> = cohorts
        .map(|(index, ((told, bounds), covered))| Cohort {
            from: instant(bounds[0]),
            to: instant(bounds[1]),
            joined: told.joins,
            unheard: told.unheard,
            complete: index < last || !buckets.partial_last,
            coverage: ledger::rounded(covered),
            weeks: told.weeks.iter().map(week).collect(),
        })
        .collect();
    let now = scene.resolved.zone.next_hour(scene.resolved.now);
    let followed = Span { from: scene.resolved.span.from, to: now.max(scene.resolved.span.to) };
    Ok(Retention {
        period: scene.resolved.period(),
        cohort: params.cohort,
        weeks: params.weeks,
        total: total(&cohorts, params.weeks),
        cohorts,
        coverage: ledger.coverage(&FAMILIES, followed),
    })
}

fn week(week: &question::CohortWeek) -> CohortWeek {
    CohortWeek { reached: week.reached, present: week.present, active: week.active }
}

/// All cohorts together.
fn total(cohorts: &[Cohort], weeks: u32) -> Vec<CohortWeek> {
    let mut total = vec![CohortWeek::default(); weeks as usize];
    for week in cohorts.iter().flat_map(|cohort| cohort.weeks.iter().enumerate()) {
        let (index, week) = week;
        let Some(sum) = total.get_mut(index) else { continue };
        sum.reached += week.reached;
        sum.present += week.present;
        sum.active += week.active;
    }
    total
}
