//! A metric by weekday and hour of the zone.

use vigie_core::vocabulary::ActivityCounts;
use vigie_store::question::Counts;

use crate::measure;
use crate::period::{Minute, Span};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Heatmap, Metric};
use crate::types::vocabulary::{Coverage, HeatmapCells};
use vigie_store::question::Split;

/// Answers the heatmap.
pub async fn answer(app: &App, scene: &Scene, metric: Metric) -> Result<Heatmap, Problem> {
    let values = if metric == Metric::ActiveMembers {
        let hours = scene.resolved.span.hours();
        let spans: Vec<Option<Span>> = (hours.from..hours.to)
            .map(|hour| Some(Span { from: hour * 60, to: hour * 60 + 60 }))
            .collect();
        let values = measure::values(app, scene, metric, &spans).await?;
        (hours.from..hours.to).zip(values).collect()
    } else {
        let points = measure::hourly(app, scene, scene.resolved.span, Split::None).await?;
        points.iter().map(|point| (point.unix_hour, one(metric, &point.counts))).collect()
    };
    Ok(Heatmap {
        period: scene.resolved.period(),
        metric,
        cells: cells(scene, values),
        coverage: Coverage::whole(),
        note: scene.note(),
    })
}

/// One metric of one hour.
pub fn one(metric: Metric, counts: &ActivityCounts) -> u64 {
    let mut sum = Counts::default();
    sum.add(counts);
    measure::of(metric, &sum)
}

/// Hours of UTC laid out by weekday (Monday first) and hour of the zone, with the number of such hours that are known.
pub fn cells(scene: &Scene, values: Vec<(u32, u64)>) -> HeatmapCells {
    let zone = &scene.resolved.zone;
    let mut sums = vec![vec![0; 24]; 7];
    let mut hours = vec![vec![0; 24]; 7];
    for (unix_hour, value) in values {
        let (weekday, hour) = zone.weekday_and_hour(unix_hour * 60);
        sums[weekday][hour] += value;
    }
    let known = scene.resolved.first_known.unwrap_or(Minute::MAX);
    let range = scene.resolved.span.hours();
    for unix_hour in range.from..range.to {
        let minute = unix_hour * 60;
        if minute >= known && minute <= scene.resolved.now {
            let (weekday, hour) = zone.weekday_and_hour(minute);
            hours[weekday][hour] += 1;
        }
    }
    let max = sums.iter().flatten().copied().max().unwrap_or(0);
    HeatmapCells { cells: sums, hours, max }
}
