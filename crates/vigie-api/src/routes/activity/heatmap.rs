//! A metric by weekday and hour of the zone.

use vigie_store::question::Split;

use crate::ledger::Ledger;
use crate::limits;
use crate::measure::members::is_of_members;
use crate::measure::{self, families, figure};
use crate::period::Span;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Heatmap, Metric};
use crate::types::vocabulary::{Figure, HeatmapCells};

/// Answers the heatmap.
pub async fn answer(app: &App, scene: &Scene, metric: Metric) -> Result<Heatmap, Problem> {
    let ledger = scene.ledger(app).await?;
    let span = scene.resolved.span;
    let values = if metric == Metric::ActiveMembers || is_of_members(metric) {
        let hours = span.hours();
        let spans: Vec<Option<Span>> = (hours.from..hours.to)
            .map(|hour| Some(Span { from: hour * 60, to: hour * 60 + 60 }))
            .collect();
        let values = measure::values(app, scene, metric, &spans).await?;
        (hours.from..hours.to).zip(values).collect()
    } else {
        let points = measure::points(app, scene, metric, span, Split::None).await?;
        points.into_iter().map(|(hour, _, value)| (hour, value)).collect()
    };
    Ok(Heatmap {
        period: scene.resolved.period(),
        metric,
        cells: cells(scene, &ledger, metric, values),
        coverage: ledger.coverage(families(metric), span),
        note: scene.note(),
    })
}

/// Hours of UTC laid out by weekday (Monday first) and hour of the zone, with how much of such hours was covered.
pub fn cells(
    scene: &Scene,
    ledger: &Ledger,
    metric: Metric,
    values: Vec<(u32, u64)>,
) -> HeatmapCells {
    let zone = &scene.resolved.zone;
    let mut sums = vec![vec![0_u64; 24]; 7];
    for (unix_hour, value) in values {
        let (weekday, hour) = zone.weekday_and_hour(unix_hour * 60);
        sums[weekday][hour] += value;
    }
    let covered = covered(scene, ledger, metric);
    let max = sums.iter().flatten().copied().max().unwrap_or(0);
    let told = |row: &Vec<u64>| row.iter().map(|value| figure(metric, *value)).collect();
    let hours = |row: &Vec<i64>| row.iter().map(|ms| hours(*ms)).collect();
    HeatmapCells {
        cells: sums.iter().map(told).collect(),
        hours: covered.iter().map(hours).collect(),
        max: figure(metric, max),
    }
}

/// Hours and parts of them; the smallest part counts as 0.01, for 0 says that nothing is known.
fn hours(ms: i64) -> Figure {
    let hours = ms as f64 / limits::HOUR_MS as f64;
    Figure::rounded(if ms > 0 { hours.max(0.01) } else { 0.0 })
}

/// Covered milliseconds by weekday (Monday first) and hour of the zone; an hour counts where it begins.
pub fn covered(scene: &Scene, ledger: &Ledger, metric: Metric) -> Vec<Vec<i64>> {
    let mut cells = vec![vec![0; 24]; 7];
    let range = scene.resolved.span.hours();
    let hours = ledger.hours(families(metric), range);
    for (unix_hour, ms) in (range.from..).zip(hours) {
        let (weekday, hour) = scene.resolved.zone.weekday_and_hour(unix_hour * 60);
        cells[weekday][hour] += ms;
    }
    cells
}
