//! A period cut into buckets.

use super::{Minute, Previous, Resolved, Span, Zone};
use crate::limits;
use crate::problem::Problem;
use crate::types::activity::Step;

/// A period cut into buckets: the first may begin late (the period does), the last may be unfinished, and none has yet to
/// begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// Width.
    pub step: Step,
    /// Rising; bucket `i` runs from `bounds[i]` until before `bounds[i + 1]`.
    pub bounds: Vec<Minute>,
    /// The last bucket is not over.
    pub partial_last: bool,
}

/// The width that draws a readable line: 24 to 200 points for all but the longest periods.
pub fn auto_step(span: Span) -> Step {
    match (span.to - span.from).div_ceil(24 * 60) {
        0..=8 => Step::Hour,
        9..=120 => Step::Day,
        121..=750 => Step::Week,
        _ => Step::Month,
    }
}

/// The width for a sparkline: 7 to 120 points.
pub fn spark_step(span: Span) -> Step {
    match (span.to - span.from).div_ceil(24 * 60) {
        0..=2 => Step::Hour,
        3..=120 => Step::Day,
        121..=750 => Step::Week,
        _ => Step::Month,
    }
}

impl Buckets {
    /// Cuts a resolved period.
    pub fn new(resolved: &Resolved, step: Step) -> Result<Self, Problem> {
        Self::cut(&resolved.zone, resolved.span, step, resolved.now)
    }

    fn cut(zone: &Zone, span: Span, step: Step, now: Minute) -> Result<Self, Problem> {
        let mut bounds = vec![span.from];
        let mut natural_end = following(zone, step, span.from);
        while natural_end < span.to && natural_end <= now {
            bounds.push(natural_end);
            if bounds.len() > limits::SERIES_POINTS_MAX {
                let most = limits::SERIES_POINTS_MAX;
                let detail = format!("the period has more than {most} buckets of this width");
                return Err(Problem::bad_parameter("step", detail)
                    .remedy("ask for wider buckets, for `auto`, or for a shorter period"));
            }
            natural_end = following(zone, step, natural_end);
        }
        let end = natural_end.min(span.to);
        bounds.push(end);
        Ok(Self { step, bounds, partial_last: natural_end > span.to.min(now) })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Starts, in unix seconds.
    pub fn starts(&self) -> Vec<i64> {
        self.bounds[..self.len()].iter().map(|minute| i64::from(*minute) * 60).collect()
    }

    /// Whether every bound lies on an hour of UTC: hours then answer exactly.
    pub fn on_the_hour(&self) -> bool {
        self.bounds.iter().all(|minute| minute % 60 == 0)
    }

    /// The buckets of the span compared with, one for each of these; `None` where the calendar has no counterpart (the
    /// 31st of a month of 30 days).
    pub fn counterparts(&self, zone: &Zone, previous: &Previous) -> Vec<Option<Span>> {
        let moved: Vec<Minute> =
            self.bounds.iter().map(|minute| zone.shift(*minute, previous.shift)).collect();
        let counterpart = |pair: &[Minute]| {
            let from = pair[0].max(previous.span.from);
            let to = pair[1].min(previous.span.to);
            (from < to).then_some(Span { from, to })
        };
        moved.windows(2).map(counterpart).collect()
    }
}

/// Start of the bucket after the one that this minute lies in.
fn following(zone: &Zone, step: Step, minute: Minute) -> Minute {
    match step {
        Step::Minute => minute + 1,
        Step::Hour => zone.next_hour(minute),
        Step::Day => zone.day_start(minute, 1),
        Step::Week => zone.next_week(minute),
        Step::Month => zone.next_month(minute),
    }
}
