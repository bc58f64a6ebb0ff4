//! Coverage arithmetic: what of a stretch of time was heard, or read again, for which family.
//!
//! Rules, all of them:
//! - A family is known from where it was first listened to. For messages and reactions of data older than the ledger: from the
//!   first hour in which anything was counted.
//! - Before that nothing is covered (`not_installed`). A gap is covered once it was recovered.
//! - What came after the last sign of life is on its way for [`limits::PENDING_MS`] and counts as covered; when the silence is
//!   longer, all of it is not (`not_heard`).
//! - A gap that goes on reaches until now. Where gaps overlap, the worse one holds.
//! - An answer that rests on several families rests on those that were listened to by then: it is not covered where one of
//!   them was not heard.
//! - Only time that has passed counts: a period that reaches beyond now is measured up to now.

use vigie_core::vocabulary::{self as core, CoverageSpan, UnixMs};
use vigie_store::question::{self, CoverageAnswer, HourRange};

use crate::limits;
use crate::period::{Minute, Span};
use crate::types::coverage::{
    Coverage, CoverageHealth, CoverageReason, CoverageState, Family, FamilyCoverage, FamilyTotals,
    PartialBucket, Stretch,
};
use crate::types::vocabulary::Instant;

/// All families, in the order in which they are told.
pub const FAMILIES: [Family; 5] =
    [Family::Messages, Family::Reactions, Family::Voice, Family::Members, Family::Moderation];

/// The families of activity: what makes a member active.
pub const ACTIVITY: [Family; 3] = [Family::Messages, Family::Reactions, Family::Voice];

/// A server's coverage around some stretch of time, at some instant.
#[derive(Clone, Debug)]
pub struct Ledger {
    lines: [Line; 5],
    now: i64,
}

/// One family: everything that was not heard as it happened, in order, without overlap.
#[derive(Clone, Debug, Default)]
struct Line {
    known_from: Option<i64>,
    gaps: Vec<Gap>,
}

/// A stretch that was not heard as it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    from: i64,
    to: i64,
    state: CoverageState,
    reason: CoverageReason,
}

impl Ledger {
    /// Reads a ledger at an instant. `first_counted` is the first instant of the first hour in which anything was counted.
    pub fn new(told: &CoverageAnswer, first_counted: Option<i64>, now: UnixMs) -> Self {
        let known = known_from(told, first_counted);
        let line = |family: Family| {
            let known_from = known[family as usize];
            let gaps = gaps(told, family, known_from, now.0);
            Line { known_from, gaps }
        };
        Self { lines: FAMILIES.map(line), now: now.0 }
    }

    /// The covered part of a span, of what has passed of it, 0 to 1; 1 where nothing has passed.
    pub fn share(&self, families: &[Family], span: Span) -> f64 {
        share_of(self.covered_ms(families, span), self.passed(ms(span)))
    }

    /// Milliseconds of a span in which all of these families were covered.
    pub fn covered_ms(&self, families: &[Family], span: Span) -> i64 {
        let (from, to) = self.passed(ms(span));
        to - from - lost(&self.uncovered(families), (from, to))
    }

    /// The covered share of each of the buckets between rising bounds.
    pub fn buckets(&self, families: &[Family], bounds: &[Minute]) -> Vec<f64> {
        let spans = bounds.windows(2).map(|pair| Some(Span { from: pair[0], to: pair[1] }));
        self.shares(families, spans)
    }

    /// The covered share of each of these spans, in any order; 0 for none.
    pub fn shares(
        &self,
        families: &[Family],
        spans: impl Iterator<Item = Option<Span>>,
    ) -> Vec<f64> {
        let blind = self.uncovered(families);
        let share = |span: Option<Span>| {
            let Some(span) = span else { return 0.0 };
            let (from, to) = self.passed(ms(span));
            share_of(to - from - lost(&blind, (from, to)), (from, to))
        };
        spans.map(share).collect()
    }

    /// The covered milliseconds of each hour of a range.
    pub fn hours(&self, families: &[Family], range: HourRange) -> Vec<i64> {
        let blind = self.uncovered(families);
        let hours = (range.from..range.to).map(|hour| {
            let (from, to) = self.passed(ms(Span { from: hour * 60, to: hour * 60 + 60 }));
            to - from - lost(&blind, (from, to))
        });
        hours.collect()
    }

    /// What an answer that rests on these families says about its period.
    pub fn coverage(&self, families: &[Family], span: Span) -> Coverage {
        let told = |family: &Family| FamilyCoverage {
            family: *family,
            ratio: rounded(self.share(&[*family], span)),
        };
        let (blind, merged_blind) = self.stretches(families, span, CoverageState::Blind);
        let (recovered, merged_recovered) =
            self.stretches(families, span, CoverageState::Recovered);
        Coverage {
            ratio: rounded(self.share(families, span)),
            families: families.iter().map(told).collect(),
            blind,
            recovered,
            merged: merged_blind || merged_recovered,
        }
    }

    /// How well one family is known over a span; the gaps of its ledger are counted elsewhere.
    pub fn totals(&self, family: Family, span: Span, gaps: u64, open_gaps: u64) -> FamilyTotals {
        let (from, to) = self.passed(ms(span));
        let line = &self.lines[family as usize];
        let sum = |state: CoverageState, reason: Option<CoverageReason>| {
            let counted = |gap: &&Gap| gap.state == state && reason.is_none_or(|r| gap.reason == r);
            let gaps = line.gaps.iter().filter(counted);
            gaps.map(|gap| overlap((gap.from, gap.to), (from, to))).sum::<i64>()
        };
        let blind = sum(CoverageState::Blind, None);
        let recovered = sum(CoverageState::Recovered, None);
        FamilyTotals {
            family,
            observed_from: line.known_from.map(|ms| Instant(UnixMs(ms))),
            observed_ms: (to - from - blind - recovered).max(0) as u64,
            recovered_ms: recovered as u64,
            blind_ms: blind as u64,
            not_installed_ms: sum(CoverageState::Blind, Some(CoverageReason::NotInstalled)) as u64,
            ratio: rounded(self.share(&[family], span)),
            gaps,
            open_gaps,
        }
    }

    /// Stretches of a state within a span, by family and beginning, and whether some had to be told as one.
    fn stretches(
        &self,
        families: &[Family],
        span: Span,
        state: CoverageState,
    ) -> (Vec<Stretch>, bool) {
        let (from, to) = self.passed(ms(span));
        let most = limits::STRETCHES_MAX / families.len().max(1);
        let (mut all, mut merged) = (Vec::new(), false);
        for family in families {
            let gaps = self.lines[*family as usize].gaps.iter();
            let clipped = gaps.filter(|gap| gap.state == state).map(|gap| Gap {
                from: gap.from.max(from),
                to: gap.to.min(to),
                ..*gap
            });
            let mut gaps: Vec<Gap> = clipped.filter(|gap| gap.from < gap.to).collect();
            merged |= gaps.len() > most;
            merge_nearest(&mut gaps, most);
            all.extend(gaps.into_iter().map(|gap| Stretch {
                from: Instant(UnixMs(gap.from)),
                to: Instant(UnixMs(gap.to)),
                family: *family,
                state,
                reason: gap.reason,
            }));
        }
        (all, merged)
    }

    /// Where at least one of these families was not covered: in order, without overlap.
    fn uncovered(&self, families: &[Family]) -> Vec<(i64, i64)> {
        let lines = families.iter().map(|family| &self.lines[*family as usize]);
        let begin = lines.clone().filter_map(|line| line.known_from).min().unwrap_or(self.now);
        let gaps = lines.flat_map(|line| &line.gaps);
        let blind = gaps.filter(|gap| gap.state == CoverageState::Blind);
        let cut = blind.map(|gap| match gap.reason {
            CoverageReason::NotInstalled => (gap.from, gap.to.min(begin)),
            _ => (gap.from, gap.to),
        });
        let mut blind: Vec<(i64, i64)> = cut.filter(|(from, to)| from < to).collect();
        blind.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(blind.len());
        for (from, to) in blind {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        joined
    }

    /// The part of a stretch that has passed.
    fn passed(&self, (from, to): (i64, i64)) -> (i64, i64) {
        (from.min(self.now), to.min(self.now))
    }
}

/// Where each family's figures begin to mean something, in ms.
pub fn known_from(told: &CoverageAnswer, first_counted: Option<i64>) -> [Option<i64>; 5] {
    FAMILIES.map(|family| {
        let observed = observed_from(told, family).map(|at| at.0);
        // The others were first counted together with the ledger.
        if !matches!(family, Family::Messages | Family::Reactions) {
            return observed;
        }
        match (observed, first_counted) {
            // The first count came in the hour in which listening began, or later.
            (Some(observed), Some(first)) if first + limits::HOUR_MS > observed => Some(observed),
            (observed, first) => first.or(observed),
        }
    })
}

/// Since when a family is listened to.
fn observed_from(told: &CoverageAnswer, family: Family) -> Option<UnixMs> {
    told.observed_from.get(family as usize).copied().flatten()
}

/// Where an answer that rests on these families begins to mean something, in ms; `None` = nowhere yet.
pub fn begin(known_from: &[Option<i64>; 5], families: &[Family]) -> Option<i64> {
    families.iter().filter_map(|family| known_from[*family as usize]).min()
}

/// Whether a server is heard at this instant, with where its trouble begins where that is known.
pub fn health(told: &question::CoverageHealth, now: UnixMs) -> (CoverageHealth, Option<i64>) {
    let Some(observed) = told.observed_from else { return (CoverageHealth::Unknown, None) };
    // Listening may have begun after the last sign of life that was told.
    let silent = told.heard_until.map(|heard| heard.max(observed).0);
    let silent = silent.filter(|heard| now.0 - heard > limits::PENDING_MS);
    let open = told.blind_since.map(|since| since.0);
    if let Some(since) = [open, silent].into_iter().flatten().min() {
        return (CoverageHealth::Blind, Some(since));
    }
    if told.recovering > 0 {
        (CoverageHealth::Recovering, None)
    } else {
        (CoverageHealth::Ok, None)
    }
}

/// Whether the messages or the moderation acts of a gap are still being read again: it is over, and nothing has refused them.
pub fn is_recovering(span: &CoverageSpan) -> bool {
    use core::CoverageReason::{GuildOutage, SessionLost};
    matches!(span.family, core::CoverageFamily::Messages | core::CoverageFamily::Moderation)
        && span.state == core::CoverageState::Blind
        && span.until.is_some()
        && matches!(span.reason, SessionLost | GuildOutage)
}

/// Everything that was not heard as it happened, in order, without overlap.
fn gaps(told: &CoverageAnswer, family: Family, known_from: Option<i64>, now: i64) -> Vec<Gap> {
    let spans = told.spans.iter().filter(|span| self::family(span.family) == family);
    let missed = spans.filter(|span| span.state != core::CoverageState::Observed);
    let mut raw: Vec<Gap> = missed
        .map(|span| Gap {
            from: span.from.0,
            to: span.until.map_or(now, |until| until.0.min(now)),
            state: state(span.state),
            reason: reason(span.reason),
        })
        .collect();
    let mut blind = |from: i64, to: i64, reason: CoverageReason| {
        raw.push(Gap { from, to, state: CoverageState::Blind, reason });
    };
    blind(i64::MIN, known_from.unwrap_or(now).min(now), CoverageReason::NotInstalled);
    if let Some(heard) = told.heard_until {
        // Listening may have begun after the last sign of life that was told.
        let heard = observed_from(told, family).map_or(heard, |from| heard.max(from)).0;
        if now - heard > limits::PENDING_MS {
            blind(heard, now, CoverageReason::NotHeard);
        }
    }
    laid_out(raw)
}

/// Overlapping gaps as a line of gaps: where several hold, the worst, then the one that begins first.
fn laid_out(mut raw: Vec<Gap>) -> Vec<Gap> {
    raw.retain(|gap| gap.from < gap.to);
    raw.sort_by_key(|gap| (gap.from, gap.state != CoverageState::Blind, gap.to));
    let mut bounds: Vec<i64> = raw.iter().flat_map(|gap| [gap.from, gap.to]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut line: Vec<Gap> = Vec::new();
    let (mut open, mut next): (Vec<Gap>, usize) = (Vec::new(), 0);
    for pair in bounds.windows(2) {
        open.retain(|gap| gap.to > pair[0]);
        while let Some(gap) = raw.get(next).filter(|gap| gap.from <= pair[0]) {
            open.push(*gap);
            next += 1;
        }
        // `open` keeps the order of `raw`: the first of the worst is the one that began first.
        let worst = open.iter().find(|gap| gap.state == CoverageState::Blind).or(open.first());
        let Some(held) = worst else { continue };
        match line.last_mut() {
            Some(last)
                if last.to == pair[0] && (last.state, last.reason) == (held.state, held.reason) =>
            {
                last.to = pair[1];
            }
            _ => line.push(Gap { from: pair[0], to: pair[1], ..*held }),
        }
    }
    line
}

/// Joins the gaps that lie nearest to each other until at most so many are left. A joined gap keeps the reason of its longest
/// part.
fn merge_nearest(gaps: &mut Vec<Gap>, most: usize) {
    let Some(excess) = gaps.len().checked_sub(most).filter(|excess| *excess > 0) else { return };
    let mut distances: Vec<(i64, usize)> = gaps
        .windows(2)
        .enumerate()
        .map(|(index, pair)| (pair[1].from - pair[0].to, index))
        .collect();
    distances.sort_unstable();
    let joined: std::collections::BTreeSet<usize> =
        distances.into_iter().take(excess).map(|(_, index)| index + 1).collect();
    let mut kept: Vec<(Gap, i64)> = Vec::with_capacity(most);
    for (index, gap) in gaps.iter().enumerate() {
        let length = gap.to - gap.from;
        match kept.last_mut().filter(|_| joined.contains(&index)) {
            Some((last, longest)) => {
                last.to = gap.to;
                if length > *longest {
                    (last.reason, *longest) = (gap.reason, length);
                }
            }
            None => kept.push((*gap, length)),
        }
    }
    *gaps = kept.into_iter().map(|(gap, _)| gap).collect();
}

/// Buckets of which a part was not covered, though not all.
pub fn partial(shares: &[f64], hidden: impl Fn(usize) -> bool) -> Vec<PartialBucket> {
    let touched = shares.iter().enumerate();
    let touched = touched.filter(|(index, share)| **share < 1.0 && !hidden(*index));
    touched
        .map(|(index, share)| PartialBucket { index: index as u32, covered: rounded(*share) })
        .collect()
}

/// A share as it is told: four digits, and never 1 or 0 unless it is.
pub fn rounded(share: f64) -> f64 {
    let rounded = (share * 1e4).round() / 1e4;
    match share {
        share if share >= 1.0 => 1.0,
        share if share <= 0.0 => 0.0,
        _ => rounded.clamp(0.0001, 0.9999),
    }
}

/// The family of the core's word.
pub fn family(family: core::CoverageFamily) -> Family {
    match family {
        core::CoverageFamily::Messages => Family::Messages,
        core::CoverageFamily::Reactions => Family::Reactions,
        core::CoverageFamily::Voice => Family::Voice,
        core::CoverageFamily::Members => Family::Members,
        core::CoverageFamily::Moderation => Family::Moderation,
    }
}

/// The state of the core's word.
pub fn state(state: core::CoverageState) -> CoverageState {
    match state {
        core::CoverageState::Observed => CoverageState::Observed,
        core::CoverageState::Recovered => CoverageState::Recovered,
        core::CoverageState::Blind => CoverageState::Blind,
    }
}

/// The reason of the core's word.
pub fn reason(reason: core::CoverageReason) -> CoverageReason {
    match reason {
        core::CoverageReason::None => CoverageReason::None,
        core::CoverageReason::SessionLost => CoverageReason::SessionLost,
        core::CoverageReason::GuildOutage => CoverageReason::GuildOutage,
        core::CoverageReason::Removed => CoverageReason::Removed,
        core::CoverageReason::StateLost => CoverageReason::StateLost,
        core::CoverageReason::MissingPermission => CoverageReason::MissingPermission,
        core::CoverageReason::HistoryRefused => CoverageReason::HistoryRefused,
        core::CoverageReason::SwitchedOff => CoverageReason::SwitchedOff,
    }
}

fn ms(span: Span) -> (i64, i64) {
    (i64::from(span.from) * 60_000, i64::from(span.to) * 60_000)
}

/// The part of a stretch that gaps take, which are in order and do not overlap.
fn lost(gaps: &[(i64, i64)], stretch: (i64, i64)) -> i64 {
    let first = gaps.partition_point(|gap| gap.1 <= stretch.0);
    let touching = gaps[first..].iter().take_while(|gap| gap.0 < stretch.1);
    touching.map(|gap| overlap(*gap, stretch)).sum()
}

fn overlap(a: (i64, i64), b: (i64, i64)) -> i64 {
    (a.1.min(b.1) - a.0.max(b.0)).max(0)
}

/// A share of what has passed; 1 where nothing has.
fn share_of(covered: i64, (from, to): (i64, i64)) -> f64 {
    if to <= from { 1.0 } else { covered as f64 / (to - from) as f64 }
}

#[cfg(test)]
mod tests;
