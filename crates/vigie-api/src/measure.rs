//! Counting over spans: the store's hours and minutes folded into the spans of a period.

pub mod members;
pub mod voice;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt};
use vigie_core::vocabulary::{ActivityCounts, VoiceTime};
use vigie_store::question::{Counts, HourPoint, HourRange, Scope, Split, SplitKey, Totals};

use crate::ledger::{ACTIVITY, rounded};
use crate::limits;
use crate::period::{Minute, Span};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Card, DeltaNote, Metric};
use crate::types::coverage::Family;
use crate::types::vocabulary::{Figure, Sparkline};

/// Bounds that one question for distinct members may have.
const BOUNDS_MAX: usize = vigie_store::limits::BUCKETS_MAX;

/// Consecutive bounds as spans.
pub fn spans(bounds: &[Minute]) -> Vec<Option<Span>> {
    bounds.windows(2).map(|pair| Some(Span { from: pair[0], to: pair[1] })).collect()
}

/// The metric of each span, distinct members included, voice in ms. Spans rise and do not overlap; `None` gives 0.
///
/// # Errors
/// The store does not answer.
pub async fn values(
    app: &App,
    scene: &Scene,
    metric: Metric,
    spans: &[Option<Span>],
) -> Result<Vec<u64>, Problem> {
    match metric {
        Metric::ActiveMembers => active(app, scene, spans).await,
        Metric::Members | Metric::Joins | Metric::Departures => {
            let buckets = members::growth(app, scene, spans).await?;
            Ok(buckets.iter().map(|bucket| members::of(metric, bucket)).collect())
        }
        Metric::VoiceMinutes | Metric::ActiveVoiceMinutes => {
            let sums = voice::sums(app, scene, spans).await?;
            Ok(sums.iter().map(|sums| of_voice(metric, &sums.time)).collect())
        }
        _ => {
            let counts = counts(app, scene, spans).await?;
            Ok(counts.iter().map(|counts| of(metric, counts)).collect())
        }
    }
}

/// The counts of each span. Spans that begin or end within an hour of UTC are exact for the whole guild: the hours they cut are
/// read by minutes. Elsewhere an hour counts where it begins.
///
/// # Errors
/// The store does not answer.
pub async fn counts(
    app: &App,
    scene: &Scene,
    spans: &[Option<Span>],
) -> Result<Vec<Counts>, Problem> {
    let mut sums = vec![Counts::default(); spans.len()];
    let Some(whole) = whole(spans) else { return Ok(sums) };
    let cut = if scene.scope == Scope::Guild { cut_hours(spans) } else { BTreeSet::new() };
    // Many short reads cost more than one long one where a quarter of all hours is cut.
    if cut.len() * 240 >= (whole.to - whole.from) as usize && !cut.is_empty() {
        let points = minutes(app, scene, whole).await?;
        fold(spans, points.into_iter(), |index, counts| sums[index].add(&counts));
        return Ok(sums);
    }
    let range = HourRange { from: whole.from / 60, to: whole.to.div_ceil(60) };
    let (scope, audience) = (scene.scope, scene.audience);
    let (hours, read) = tokio::try_join!(
        async { Ok(app.store.hourly(scene.guild, range, audience, scope, Split::None).await?) },
        read_by_minutes(app, scene, &cut),
    )?;
    // An hour of which no minutes are kept counts where it begins.
    let whole_hours = hours.iter().filter(|point| !read.contains_key(&point.unix_hour));
    let whole_hours = whole_hours.map(|point| (point.unix_hour * 60, point.counts));
    fold(spans, whole_hours, |index, counts| sums[index].add(&counts));
    fold(spans, read.into_values().flatten(), |index, counts| sums[index].add(&counts));
    Ok(sums)
}

/// The UTC hours within which a span begins or ends.
fn cut_hours(spans: &[Option<Span>]) -> BTreeSet<u32> {
    let bounds = spans.iter().flatten().flat_map(|span| [span.from, span.to]);
    bounds.filter(|minute| minute % 60 != 0).map(|minute| minute / 60).collect()
}

type Minutes = Vec<(Minute, ActivityCounts)>;

/// The minutes of single hours, by hour; hours without any are not listed.
async fn read_by_minutes(
    app: &App,
    scene: &Scene,
    hours: &BTreeSet<u32>,
) -> Result<BTreeMap<u32, Minutes>, Problem> {
    // The futures are made before they are driven: borrowed through a lazy closure they would not be Send.
    let reads: Vec<_> = hours.iter().map(|hour| minutes_of(app, scene, *hour)).collect();
    let reads = futures_util::stream::iter(reads).buffered(limits::MINUTE_QUESTIONS_AT_ONCE);
    let read: Vec<(u32, Minutes)> = reads.try_collect().await?;
    Ok(read.into_iter().filter(|(_, minutes)| !minutes.is_empty()).collect())
}

async fn minutes_of(app: &App, scene: &Scene, hour: u32) -> Result<(u32, Minutes), Problem> {
    let span = Span { from: hour * 60, to: hour * 60 + 60 };
    Ok((hour, minutes(app, scene, span).await?))
}

async fn minutes(app: &App, scene: &Scene, span: Span) -> Result<Minutes, Problem> {
    let points = app.store.minutely(scene.guild, span.from, span.to, scene.audience).await?;
    Ok(points.into_iter().map(|point| (point.unix_minute, point.counts)).collect())
}

/// The hours of a span, divided as asked.
///
/// # Errors
/// The store does not answer.
pub async fn hourly(
    app: &App,
    scene: &Scene,
    span: Span,
    split: Split,
) -> Result<Vec<HourPoint>, Problem> {
    Ok(app.store.hourly(scene.guild, span.hours(), scene.audience, scene.scope, split).await?)
}

/// The metric by hour, divided as asked, voice in ms. Distinct members are not asked for here.
///
/// # Errors
/// The store does not answer.
pub async fn points(
    app: &App,
    scene: &Scene,
    metric: Metric,
    span: Span,
    split: Split,
) -> Result<Vec<(u32, SplitKey, u64)>, Problem> {
    if is_voice(metric) {
        let points = voice::hourly(app, scene, span, split).await?;
        let value = |time: &VoiceTime| of_voice(metric, time);
        let points = points.into_iter();
        return Ok(points.map(|p| (p.unix_hour, p.key, value(&p.voice.time))).collect());
    }
    let points = hourly(app, scene, span, split).await?;
    Ok(points.into_iter().map(|p| (p.unix_hour, p.key, one(metric, &p.counts))).collect())
}

/// Totals of a span.
///
/// # Errors
/// The store does not answer.
pub async fn totals(app: &App, scene: &Scene, span: Span) -> Result<Totals, Problem> {
    Ok(app.store.totals(scene.guild, span.hours(), scene.audience, scene.scope).await?)
}

/// Distinct members of each span.
async fn active(app: &App, scene: &Scene, spans: &[Option<Span>]) -> Result<Vec<u64>, Problem> {
    let hours: Vec<_> = spans.iter().map(|span| span.map(Span::hours)).collect();
    let mut bounds: Vec<u32> = hours
        .iter()
        .flatten()
        .filter(|hours| !hours.is_empty())
        .flat_map(|hours| [hours.from, hours.to])
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut found = std::collections::HashMap::new();
    let mut start = 0;
    while start + 1 < bounds.len() {
        let piece = &bounds[start..bounds.len().min(start + BOUNDS_MAX + 1)];
        let values =
            app.store.active_by_bucket(scene.guild, piece, scene.audience, scene.scope).await?;
        found.extend(piece.windows(2).map(|pair| (pair[0], pair[1])).zip(values));
        start += piece.len() - 1;
    }
    let value = |hours: &Option<HourRange>| {
        hours.and_then(|hours| found.get(&(hours.from, hours.to)).copied()).unwrap_or(0)
    };
    Ok(hours.iter().map(value).collect())
}

/// Gives each point to the span it lies in. Both rise.
pub fn fold<T>(
    spans: &[Option<Span>],
    points: impl Iterator<Item = (Minute, T)>,
    mut give: impl FnMut(usize, T),
) {
    let order: Vec<(Span, usize)> = spans
        .iter()
        .enumerate()
        .filter_map(|(index, span)| span.map(|span| (span, index)))
        .collect();
    for (minute, point) in points {
        let after = order.partition_point(|(span, _)| span.from <= minute);
        if let Some((span, index)) = after.checked_sub(1).map(|at| order[at])
            && minute < span.to
        {
            give(index, point);
        }
    }
}

/// One metric of counts; 0 for those that are not in them.
pub fn of(metric: Metric, counts: &Counts) -> u64 {
    match metric {
        Metric::Messages => counts.messages,
        Metric::Commands => counts.commands,
        Metric::Reactions => counts.reactions_added,
        // Distinct members, voice and who came and went are read elsewhere.
        _ => 0,
    }
}

/// One metric of one hour's counts.
fn one(metric: Metric, counts: &ActivityCounts) -> u64 {
    let mut sum = Counts::default();
    sum.add(counts);
    of(metric, &sum)
}

/// One metric of time in voice, in ms; 0 for others.
pub fn of_voice(metric: Metric, time: &VoiceTime) -> u64 {
    match metric {
        Metric::VoiceMinutes => time.total_ms,
        Metric::ActiveVoiceMinutes => time.active_ms,
        _ => 0,
    }
}

/// Whether a metric is counted in ms and told in minutes.
pub fn is_voice(metric: Metric) -> bool {
    matches!(metric, Metric::VoiceMinutes | Metric::ActiveVoiceMinutes)
}

/// The families that a metric rests on.
pub fn families(metric: Metric) -> &'static [Family] {
    match metric {
        Metric::Messages | Metric::Commands => &[Family::Messages],
        Metric::Reactions => &[Family::Reactions],
        Metric::VoiceMinutes | Metric::ActiveVoiceMinutes => &[Family::Voice],
        Metric::ActiveMembers => &ACTIVITY,
        Metric::Members | Metric::Joins | Metric::Departures => &[Family::Members],
    }
}

/// A value of a metric as it is told: voice in minutes.
pub fn figure(metric: Metric, value: u64) -> Figure {
    if is_voice(metric) { Figure::minutes(value) } else { Figure::count(value) }
}

/// Whether nothing is known of a bucket: none of it was covered, and nothing was counted all the same.
pub fn is_hidden(value: u64, covered: f64) -> bool {
    value == 0 && covered <= 0.0
}

/// Values of a metric as they are told: `None` for buckets of which nothing is known.
pub fn masked(metric: Metric, values: &[u64], covered: &[f64]) -> Vec<Option<Figure>> {
    let told = |(value, covered): (&u64, &f64)| {
        (!is_hidden(*value, *covered)).then(|| figure(metric, *value))
    };
    values.iter().zip(covered).map(told).collect()
}

/// A figure beside that of the period compared with, with how much of either was covered.
pub struct Compared {
    /// Value of the period, of the metric's own unit.
    pub value: u64,
    /// Value of the period compared with, where all of that is known.
    pub previous: Option<u64>,
    /// Whether anything is compared with at all.
    pub is_compared: bool,
    /// Covered share of the period.
    pub covered: f64,
    /// Covered share of the period compared with.
    pub previous_covered: Option<f64>,
}

impl Compared {
    /// The figure as it is told. Sums that were covered in part are compared per covered time; distinct members are not sums.
    pub fn card(&self, is_sum: bool, told: impl Fn(u64) -> Figure, sparkline: Sparkline) -> Card {
        let (delta, delta_note) = match self.delta(is_sum) {
            Ok(delta) => (Some(delta), None),
            Err(note) => (None, Some(note)),
        };
        Card {
            value: told(self.value),
            previous: self.previous.map(told),
            delta,
            delta_note,
            coverage: rounded(self.covered),
            previous_coverage: self.previous_covered.map(rounded),
            sparkline,
        }
    }

    fn delta(&self, is_sum: bool) -> Result<f64, DeltaNote> {
        if !self.is_compared {
            return Err(DeltaNote::NotCompared);
        }
        let previous = self.previous.ok_or(DeltaNote::UnknownBefore)?;
        let previous_covered = self.previous_covered.unwrap_or(0.0);
        if previous_covered < limits::COMPARED_SHARE_MIN {
            return Err(DeltaNote::BlindBefore);
        }
        if self.covered < limits::COMPARED_SHARE_MIN {
            return Err(DeltaNote::Blind);
        }
        if previous == 0 {
            return Err(DeltaNote::NothingBefore);
        }
        let (now, before) = (self.value as f64, previous as f64);
        if !is_sum || self.covered == previous_covered {
            return Ok((now - before) / before);
        }
        let (now, before) = (now / self.covered, before / previous_covered);
        Ok((now - before) / before)
    }
}

/// Part of a whole, 0 where there is none.
pub fn share(value: f64, whole: f64) -> f64 {
    if whole > 0.0 { value / whole } else { 0.0 }
}

fn whole(spans: &[Option<Span>]) -> Option<Span> {
    let from = spans.iter().flatten().map(|span| span.from).min()?;
    let to = spans.iter().flatten().map(|span| span.to).max()?;
    Some(Span { from, to })
}
