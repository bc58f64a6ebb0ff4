//! From `range`/`from`/`to`/`tz` to spans of UTC time, the span to compare with, and buckets.
//!
//! Rules, all of them:
//! - A period is made of whole hours of the time zone. One that reaches up to now ends with the hour that runs.
//! - An hour counted in UTC belongs where its first instant lies. That is exact in zones whose offset is whole hours; in
//!   the others (+05:30, +05:45) guild totals are answered from minutes, and everything else carries a note.
//! - The period compared with has the same elapsed length: an unfinished day is compared with the same part of the day
//!   so many days earlier. Where clocks change in between, it is the wall clock that agrees.
//! - What could not be heard, and time before the server was first heard, is unknown (`null`), not zero.

mod buckets;
#[cfg(test)]
mod tests;
mod zone;

pub use buckets::{Buckets, auto_step, spark_step};
pub use zone::{LATEST_MINUTE, Zone};

use vigie_core::vocabulary::UnixMs;
use vigie_store::question::HourRange;

use crate::limits;
use crate::params::stats::StatsParams;
use crate::params::{Compare, Range};
use crate::problem::Problem;
use crate::types::activity::Step;
use crate::types::vocabulary::{Instant, Period};

/// Minutes since 1970.
pub type Minute = u32;

/// First day that can be asked for: Discord's epoch, 2015-01-01.
const EARLIEST_MINUTE: Minute = (vigie_core::vocabulary::DISCORD_EPOCH_MS / 60_000) as u32;

/// A stretch of time: `from` is inside, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First minute.
    pub from: Minute,
    /// First minute after it; larger than `from`.
    pub to: Minute,
}

impl Span {
    /// The UTC hours whose first instant lies in the span.
    pub fn hours(self) -> HourRange {
        HourRange { from: self.from.div_ceil(60), to: self.to.div_ceil(60) }
    }
}

/// How the span compared with is found from a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// So many minutes earlier.
    Minutes(u32),
    /// So many days of the time zone earlier, at the same time on the clock.
    Days(i32),
    /// The same date and time on the clock, a year earlier.
    Year,
}

/// The span compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Previous {
    /// When.
    pub span: Span,
    /// How it was found.
    pub shift: Shift,
}

/// A period as it is answered.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// When.
    pub span: Span,
    /// In which time zone.
    pub zone: Zone,
    /// The word it was asked by.
    pub label: Option<&'static str>,
    /// What it is compared with; `None` when nothing was wanted or there can be nothing.
    pub previous: Option<Previous>,
    /// The minute that runs now.
    pub now: Minute,
}

impl Resolved {
    /// Resolves what was asked, for a server that is known from this minute on, at this instant.
    pub fn new(
        params: &StatsParams,
        first_known: Option<Minute>,
        now: UnixMs,
    ) -> Result<Self, Problem> {
        let zone = Zone::read(params.tz.as_deref())?;
        let now = now.unix_minute().clamp(EARLIEST_MINUTE + 60 * 24 * 31, LATEST_MINUTE);
        let (span, label, natural) = match (params.range, &params.from, &params.to) {
            (None, Some(from), to) => {
                let span = explicit(&zone, from, to.as_deref(), now)?;
                (span, None, Some(explicit_shift(&zone, span)))
            }
            (None, None, Some(_)) => {
                return Err(Problem::bad_parameter("from", "`to` needs a `from`"));
            }
            (Some(_), Some(_), _) => {
                return Err(Problem::bad_parameter("from", "give either `range` or `from`"));
            }
            (Some(_), _, Some(_)) => {
                return Err(Problem::bad_parameter("to", "give either `range` or `from` and `to`"));
            }
            (range, None, None) => {
                let range = range.unwrap_or(Range::Days(7));
                let (span, natural) = named(&zone, range, first_known, now);
                (span, Some(range.word()), natural)
            }
        };
        if (span.to - span.from) / 60 > limits::PERIOD_HOURS_MAX {
            return Err(Problem::bad_parameter("from", "the period is longer than twelve years"));
        }
        let shift = match params.compare {
            Compare::None => None,
            Compare::Previous => natural,
            Compare::PreviousYear => Some(Shift::Year),
        };
        let previous = shift.and_then(|shift| previous(&zone, span, shift));
        Ok(Self { span, zone, label, previous, now })
    }

    /// The same with the span of a leaderboard's first page, so that later pages stay in it.
    pub fn pinned(mut self, span: Span) -> Self {
        if span != self.span {
            self.span = span;
            self.previous = self.previous.and_then(|old| previous(&self.zone, span, old.shift));
        }
        self
    }

    /// The same over another span, compared with nothing.
    pub fn over(mut self, span: Span) -> Self {
        (self.span, self.label, self.previous) = (span, None, None);
        self
    }

    /// The same from the beginning of the day, week or month that it begins in, compared with nothing. Other steps change nothing.
    pub fn aligned(mut self, step: Step) -> Self {
        self.previous = None;
        self.span.from = match step {
            Step::Minute | Step::Hour => self.span.from,
            Step::Day => self.zone.day_start(self.span.from, 0),
            Step::Week => self.zone.week_start(self.span.from),
            Step::Month => self.zone.month_start(self.span.from),
        };
        self
    }

    /// The span compared with, if all of it lies after this instant (in ms), from which on something is known.
    pub fn previous_since(&self, known_from: Option<i64>) -> Option<Span> {
        let first = known_from?;
        let previous = self.previous.map(|previous| previous.span);
        previous.filter(|span| i64::from(span.from) * 60_000 >= first)
    }

    /// The period as the client is told.
    pub fn period(&self) -> Period {
        self.told(self.span, self.label)
    }

    /// The period compared with as the client is told.
    pub fn previous_period(&self) -> Option<Period> {
        self.previous.map(|previous| self.told(previous.span, None))
    }

    fn told(&self, span: Span, label: Option<&'static str>) -> Period {
        Period {
            from: instant(span.from),
            to: instant(span.to),
            tz: self.zone.name().to_owned(),
            label,
        }
    }
}

/// The first instant of a minute.
pub fn instant(minute: Minute) -> Instant {
    Instant(UnixMs(i64::from(minute) * 60_000))
}

/// A period by name, and the natural shift to what came before.
fn named(
    zone: &Zone,
    range: Range,
    first_known: Option<Minute>,
    now: Minute,
) -> (Span, Option<Shift>) {
    let to = zone.next_hour(now);
    let (from, shift) = match range {
        Range::Hours24 => (to - 24 * 60, Some(Shift::Minutes(24 * 60))),
        Range::Days(days) => {
            let days = days as i32;
            (zone.day_start(now, 1 - days), Some(Shift::Days(days)))
        }
        Range::Today => (zone.day_start(now, 0), Some(Shift::Days(1))),
        Range::Week => (zone.week_start(now), Some(Shift::Days(7))),
        Range::Month => {
            let from = zone.month_start(now);
            let days = zone.days_between(zone.month_start(from - 1), from);
            (from, Some(Shift::Days(days)))
        }
        Range::All => {
            // The longest period at most; two days leave room for its first day to be whole in any zone.
            let longest = limits::PERIOD_HOURS_MAX * 60 - 2 * 24 * 60;
            let earliest = EARLIEST_MINUTE.max(now.saturating_sub(longest));
            let first = first_known.unwrap_or(now).clamp(earliest, now);
            (zone.day_start(first, 0), None)
        }
    };
    (Span { from, to }, shift)
}

/// A period by its ends, widened to whole hours of the zone and cut at the hour that runs.
fn explicit(
    zone: &Zone,
    from_text: &str,
    to_text: Option<&str>,
    now: Minute,
) -> Result<Span, Problem> {
    let end = zone.next_hour(now);
    let from = zone.hour_start(zone.read_start("from", from_text)?);
    let to = match to_text {
        Some(text) => zone.read_end("to", text)?,
        None => end,
    };
    if from < EARLIEST_MINUTE {
        let detail = "the period begins before 2015, the year Discord began";
        return Err(Problem::bad_parameter("from", detail));
    }
    if from >= end {
        return Err(Problem::bad_parameter("from", "the period lies in the future"));
    }
    if from >= to {
        let detail = "the period ends before it begins";
        return Err(Problem::bad_parameter("to", detail).remedy("give a `to` after `from`"));
    }
    Ok(Span { from, to: to.min(end) })
}

/// Whole days are shifted by days, anything else by its length.
fn explicit_shift(zone: &Zone, span: Span) -> Shift {
    if zone.is_midnight(span.from) && zone.is_midnight(span.to) {
        Shift::Days(zone.days_between(span.from, span.to))
    } else {
        Shift::Minutes(span.to - span.from)
    }
}

/// The span compared with; `None` when nothing is left of it.
fn previous(zone: &Zone, span: Span, shift: Shift) -> Option<Previous> {
    let from = zone.shift(span.from, shift);
    let mut to = zone.shift(span.to, shift);
    if shift != Shift::Year {
        to = to.min(span.from);
    }
    (from < to).then_some(Previous { span: Span { from, to }, shift })
}
