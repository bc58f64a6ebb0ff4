//! Acts of moderation in a period: by action, by moderator, over time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary as core;
use vigie_store::question::ModeratorRow;

use crate::cases::action;
use crate::export;
use crate::ledger::{self, Ledger};
use crate::limits;
use crate::measure::members::ms;
use crate::measure::{is_hidden, share};
use crate::names;
use crate::params::Ask;
use crate::params::moderation::SummaryParams;
use crate::params::path::GuildPath;
use crate::period::{Buckets, spark_step};
use crate::problem::Problem;
use crate::routes::activity::overview::compared;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::coverage::Family;
use crate::types::moderation::{
    ActionCount, ActionLine, ActionTotal, ModerationSeries, ModerationSummary, ModeratorLoad,
};
use crate::types::vocabulary::{Figure, Sparkline};

const MODERATION: &[Family] = &[Family::Moderation];

/// Acts by action, by moderator and over time, with those that were reversed.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/moderation/summary",
    operation_id = "moderation_summary",
    tag = "moderation",
    params(GuildPath, Ask::<SummaryParams>),
    responses(
        (status = 200, body = ModerationSummary),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<SummaryParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = Scene::open(&app, path.guild, &params.stats).await?;
    let key = scene.key("moderation summary", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene)).await?.respond(&headers))
}

files!(
    file(SummaryParams),
    tag = "moderation",
    csv = "/guilds/{guild_id}/moderation/summary.csv",
    "moderation_summary_csv",
    "Acts by moderator, as CSV.",
    ndjson = "/guilds/{guild_id}/moderation/summary.ndjson",
    "moderation_summary_ndjson",
    "Acts by moderator, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &SummaryParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = Scene::open(app, path.guild, &params.stats).await?;
    Ok(export::summary(&answer(app, &scene).await?.moderators, format))
}

/// How often each action occurred.
type Counts = BTreeMap<core::ModerationAction, u64>;

async fn answer(app: &App, scene: &Scene) -> Result<ModerationSummary, Problem> {
    let span = scene.resolved.span;
    let buckets = Buckets::new(&scene.resolved, spark_step(span))?;
    let bounds: Vec<i64> = buckets.bounds.iter().map(|minute| ms(*minute)).collect();
    let before = scene.previous(MODERATION);
    let (ledger, told, previous) = tokio::try_join!(
        scene.ledger(app),
        async {
            Ok(app.store.moderation_summary(scene.guild, &bounds, limits::MODERATORS_MAX).await?)
        },
        async {
            let Some(span) = before else { return Ok(None) };
            let bounds = [ms(span.from), ms(span.to)];
            Ok(Some(app.store.moderation_summary(scene.guild, &bounds, 0).await?))
        },
    )?;
    let counts = sum(&told);
    let previous = previous.map(|previous| sum(&previous));
    let total: u64 = counts.values().sum();
    let unknown = told.moderators.iter().filter(|row| row.moderator.is_none());
    let unknown_moderator = unknown.flat_map(|row| &row.actions).map(|(_, count)| count).sum();
    let acts_before = previous.as_ref().map_or(0, |counts| counts.values().sum());
    let sparkline = sparkline(&ledger, &buckets, &told);
    Ok(ModerationSummary {
        period: scene.resolved.period(),
        previous: scene.resolved.previous_period(),
        acts: compared(scene, &ledger, MODERATION, total, acts_before).card(
            true,
            Figure::count,
            sparkline,
        ),
        unknown_moderator,
        actions: actions(&counts, previous.as_ref(), &told.reversed),
        moderators: told.moderators.iter().map(|row| moderator(row, total)).collect(),
        series: series(&ledger, &buckets, &told, &counts),
        coverage: ledger.coverage(MODERATION, span),
    })
}

fn sum(told: &vigie_store::question::ModerationSummary) -> Counts {
    let mut counts = Counts::new();
    for (action, count) in told.buckets.iter().flatten() {
        *counts.entry(*action).or_default() += count;
    }
    counts
}

/// The most frequent first; equal ones in the order of their numbers.
fn in_order(counts: &Counts) -> Vec<(core::ModerationAction, u64)> {
    let mut order: Vec<_> = counts.iter().map(|(action, count)| (*action, *count)).collect();
    order.sort_by_key(|(action, count)| (Reverse(*count), *action));
    order
}

fn actions(
    counts: &Counts,
    previous: Option<&Counts>,
    reversed: &[(core::ModerationAction, u64)],
) -> Vec<ActionTotal> {
    let reversed: Counts = reversed.iter().copied().collect();
    let totals = in_order(counts).into_iter().map(|(kind, value)| ActionTotal {
        action: action(kind),
        approximate: kind.is_approximate(),
        value,
        previous: previous.map(|previous| previous.get(&kind).copied().unwrap_or(0)),
        reversed: reversed.get(&kind).copied().unwrap_or(0),
    });
    totals.collect()
}

fn moderator(row: &ModeratorRow, total: u64) -> ModeratorLoad {
    let counts: Counts = row.actions.iter().copied().collect();
    let value: u64 = counts.values().sum();
    let actions = in_order(&counts).into_iter();
    ModeratorLoad {
        moderator: row.moderator.as_ref().map(names::member),
        value,
        share: share(value as f64, total as f64),
        actions: actions.map(|(kind, value)| ActionCount { action: action(kind), value }).collect(),
        reversed: row.reversed,
    }
}

/// Acts of all kinds by bucket.
fn totals(told: &vigie_store::question::ModerationSummary) -> impl Iterator<Item = u64> {
    told.buckets.iter().map(|bucket| bucket.iter().map(|(_, count)| count).sum())
}

fn sparkline(
    ledger: &Ledger,
    buckets: &Buckets,
    told: &vigie_store::question::ModerationSummary,
) -> Sparkline {
    let covered = ledger.buckets(MODERATION, &buckets.bounds);
    let v = totals(told)
        .zip(covered)
        .map(|(value, covered)| (!is_hidden(value, covered)).then(|| Figure::count(value)));
    Sparkline { t: buckets.starts(), v: v.collect() }
}

fn series(
    ledger: &Ledger,
    buckets: &Buckets,
    told: &vigie_store::question::ModerationSummary,
    counts: &Counts,
) -> ModerationSeries {
    let covered = ledger.buckets(MODERATION, &buckets.bounds);
    // A bucket is hidden in all lines or in none.
    let hidden: Vec<bool> =
        totals(told).zip(&covered).map(|(value, covered)| is_hidden(value, *covered)).collect();
    let line = |kind: core::ModerationAction| {
        let value = |bucket: &Vec<(core::ModerationAction, u64)>| {
            bucket.iter().filter(|(one, _)| *one == kind).map(|(_, count)| count).sum()
        };
        let values = told.buckets.iter().map(value).zip(&hidden);
        let values = values.map(|(value, hidden)| (!hidden).then(|| Figure::count(value)));
        ActionLine { action: action(kind), values: values.collect() }
    };
    ModerationSeries {
        t: buckets.starts(),
        step: buckets.step,
        partial_last: buckets.partial_last,
        partial: ledger::partial(&covered, |index| hidden[index]),
        lines: in_order(counts).into_iter().map(|(kind, _)| line(kind)).collect(),
    }
}
