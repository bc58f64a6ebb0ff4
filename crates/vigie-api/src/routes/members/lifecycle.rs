//! Members by what they did from week to week.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::LifecyclePeriod;

use crate::export;
use crate::ledger::{self, ACTIVITY};
use crate::measure::is_hidden;
use crate::params::Ask;
use crate::params::members::LifecycleParams;
use crate::params::path::GuildPath;
use crate::period::Buckets;
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Step;
use crate::types::growth::Lifecycle;
use crate::types::vocabulary::Figure;

/// Members by week: new, returning, resurrected, dormant, gone.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/lifecycle",
    operation_id = "lifecycle",
    tag = "members",
    params(GuildPath, Ask::<LifecycleParams>),
    responses(
        (status = 200, body = Lifecycle),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<LifecycleParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    let key = scene.key("lifecycle", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene)).await?.respond(&headers))
}

files!(
    file(LifecycleParams),
    tag = "members",
    csv = "/guilds/{guild_id}/lifecycle.csv",
    "lifecycle_csv",
    "Members by week, as CSV.",
    ndjson = "/guilds/{guild_id}/lifecycle.ndjson",
    "lifecycle_ndjson",
    "Members by week, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &LifecycleParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    Ok(export::lifecycle(&answer(app, &scene).await?, format))
}

/// The period begins with the whole week that it begins in.
async fn scene(app: &App, path: GuildPath, params: &LifecycleParams) -> Result<Scene, Problem> {
    let mut scene = Scene::open(app, path.guild, &params.stats).await?;
    scene.resolved = scene.resolved.aligned(Step::Week);
    Ok(scene)
}

async fn answer(app: &App, scene: &Scene) -> Result<Lifecycle, Problem> {
    let weeks = Buckets::new(&scene.resolved, Step::Week)?;
    // The week before the first one is only compared with.
    let before = scene.resolved.zone.day_start(weeks.bounds[0], -7);
    let bounds: Vec<u32> =
        [before].iter().chain(&weeks.bounds).map(|minute| minute.div_ceil(60)).collect();
    let (ledger, told) = tokio::try_join!(scene.ledger(app), async {
        Ok(app.store.lifecycle(scene.guild, &bounds).await?)
    })?;
    let covered = ledger.buckets(&ACTIVITY, &weeks.bounds);
    let hidden: Vec<bool> = told
        .iter()
        .zip(&covered)
        .map(|(week, covered)| is_hidden(week.new + week.returning + week.resurrected, *covered))
        .collect();
    let line = |of: fn(&LifecyclePeriod) -> u64| -> Vec<Option<Figure>> {
        let values = told.iter().zip(&hidden);
        values.map(|(week, hidden)| (!hidden).then(|| Figure::count(of(week)))).collect()
    };
    Ok(Lifecycle {
        period: scene.resolved.period(),
        t: weeks.starts(),
        partial_last: weeks.partial_last,
        partial: ledger::partial(&covered, |index| hidden[index]),
        new: line(|week| week.new),
        returning: line(|week| week.returning),
        resurrected: line(|week| week.resurrected),
        dormant: line(|week| week.dormant),
        left: line(|week| week.left),
        joins: line(|week| week.joins),
        coverage: ledger.coverage(&ACTIVITY, scene.resolved.span),
        note: scene.note(),
    })
}
