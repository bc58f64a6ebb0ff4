//! Joins, departures and the number of members over spans.

use std::collections::HashMap;

use vigie_store::question::{Departures, GrowthBucket, MemberCount};

use super::{BOUNDS_MAX, families, is_hidden};
use crate::ledger::Ledger;
use crate::period::{Buckets, Span};
use crate::problem::Problem;
use crate::routes::activity::overview::compared;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Card, MembersCard, Metric};
use crate::types::growth::DepartureCounts;
use crate::types::vocabulary::{Figure, Sparkline};

/// Joins, departures and members of each span; `None` gives none. Exact to the millisecond, in every zone.
///
/// # Errors
/// The store does not answer.
pub async fn growth(
    app: &App,
    scene: &Scene,
    spans: &[Option<Span>],
) -> Result<Vec<GrowthBucket>, Problem> {
    let ends = |span: &Option<Span>| span.map(|span| (ms(span.from), ms(span.to)));
    let mut bounds: Vec<i64> =
        spans.iter().filter_map(ends).flat_map(|(from, to)| [from, to]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut found = HashMap::new();
    let mut start = 0;
    while start + 1 < bounds.len() {
        let piece = &bounds[start..bounds.len().min(start + BOUNDS_MAX + 1)];
        let buckets = app.store.growth(scene.guild, piece, scene.audience).await?;
        found.extend(piece.windows(2).map(|pair| (pair[0], pair[1])).zip(buckets));
        start += piece.len() - 1;
    }
    let bucket = |span: &Option<Span>| {
        ends(span).and_then(|ends| found.get(&ends).copied()).unwrap_or_default()
    };
    Ok(spans.iter().map(bucket).collect())
}

/// Members at the first instant of a span; `None` where nothing tells.
///
/// # Errors
/// The store does not answer.
pub async fn members_at(
    app: &App,
    scene: &Scene,
    span: Span,
) -> Result<Option<MemberCount>, Problem> {
    let before = [Some(Span { from: span.from.saturating_sub(1), to: span.from })];
    Ok(growth(app, scene, &before).await?.first().and_then(|bucket| bucket.members))
}

/// One metric of a bucket.
pub fn of(metric: Metric, bucket: &GrowthBucket) -> u64 {
    match metric {
        Metric::Joins => bucket.joins,
        Metric::Departures => bucket.departures.total(),
        Metric::Members => bucket.members.map_or(0, |count| count.members),
        _ => 0,
    }
}

/// Whether a metric is about who came and went.
pub fn is_of_members(metric: Metric) -> bool {
    matches!(metric, Metric::Members | Metric::Joins | Metric::Departures)
}

/// All departures of these buckets by kind.
pub fn departures(buckets: &[GrowthBucket]) -> DepartureCounts {
    let sum = |of: fn(&Departures) -> u64| buckets.iter().map(|b| of(&b.departures)).sum();
    DepartureCounts {
        leave: sum(|departures| departures.leave),
        kick: sum(|departures| departures.kick),
        ban: sum(|departures| departures.ban),
        prune: sum(|departures| departures.prune),
        unseen: sum(|departures| departures.unseen),
    }
}

/// Joins, departures and members of a period, with what they are compared with.
pub struct People {
    /// The buckets of the period.
    pub buckets: Vec<GrowthBucket>,
    /// Members when it began.
    before: Option<MemberCount>,
    /// The period compared with.
    previous: GrowthBucket,
}

/// Reads a period by its buckets.
///
/// # Errors
/// The store does not answer.
pub async fn people(app: &App, scene: &Scene, spans: &[Option<Span>]) -> Result<People, Problem> {
    let previous = [scene.previous(families(Metric::Joins))];
    let (buckets, before, previous) = tokio::try_join!(
        growth(app, scene, spans),
        members_at(app, scene, scene.resolved.span),
        growth(app, scene, &previous),
    )?;
    Ok(People { buckets, before, previous: previous.first().copied().unwrap_or_default() })
}

impl People {
    /// Joins or departures beside those before.
    pub fn card(&self, scene: &Scene, ledger: &Ledger, buckets: &Buckets, metric: Metric) -> Card {
        let families = families(metric);
        let values = self.buckets.iter().map(|bucket| of(metric, bucket));
        let covered = ledger.buckets(families, &buckets.bounds);
        let told = |(value, covered): (u64, &f64)| {
            (!is_hidden(value, *covered)).then(|| Figure::count(value))
        };
        let v = values.clone().zip(&covered).map(told).collect();
        let sparkline = Sparkline { t: buckets.starts(), v };
        compared(scene, ledger, families, values.sum(), of(metric, &self.previous)).card(
            true,
            Figure::count,
            sparkline,
        )
    }

    /// The number of members.
    pub fn members(&self, scene: &Scene, buckets: &Buckets) -> MembersCard {
        let last = self.buckets.last().and_then(|bucket| bucket.members);
        let value = last.map(|count| count.members);
        let before = self.before.map(|count| count.members);
        let v = self.buckets.iter();
        let v = v.map(|bucket| bucket.members.map(|count| Figure::count(count.members))).collect();
        let survivors = [last, self.before].into_iter().flatten();
        MembersCard {
            value: value.or_else(|| scene.known.guild.member_count.map(u64::from)),
            before,
            change: value.zip(before).map(|(now, before)| now as i64 - before as i64),
            survivors_only: survivors.into_iter().any(|count| count.survivors_only),
            sparkline: Sparkline { t: buckets.starts(), v },
        }
    }
}

/// The first millisecond of a minute.
pub fn ms(minute: u32) -> i64 {
    i64::from(minute) * 60_000
}
