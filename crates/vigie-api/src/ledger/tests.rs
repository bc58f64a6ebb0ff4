//! The arithmetic against a timeline that is walked minute by minute, and the sentences that it stands on.

use proptest::prelude::*;
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason as R, CoverageSpan, CoverageState as S, GuildId, UnixMs,
};
use vigie_store::question::{self, CoverageAnswer, HourRange};

use super::{ACTIVITY, Ledger, begin, health, known_from, rounded};
use crate::limits;
use crate::period::Span;
use crate::types::coverage::{CoverageHealth, CoverageReason, CoverageState, Family};

const MINUTE: i64 = 60_000;

fn at(minute: i64) -> UnixMs {
    UnixMs(minute * MINUTE)
}

fn gap(family: CoverageFamily, from: i64, until: Option<i64>, state: S, reason: R) -> CoverageSpan {
    CoverageSpan { family, from: at(from), until: until.map(at), state, reason }
}

/// Listened to from minute 100 on, heard until now.
fn told(spans: Vec<CoverageSpan>, heard_until: i64) -> CoverageAnswer {
    let observed_from = [Some(at(100)); CoverageFamily::ALL.len()];
    CoverageAnswer { observed_from, heard_until: Some(at(heard_until)), spans }
}

fn span(from: u32, to: u32) -> Span {
    Span { from, to }
}

/// What a minute is for a family, by the rules alone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    Observed,
    Recovered,
    Blind,
    NotInstalled,
}

fn naive(told: &CoverageAnswer, first: Option<i64>, family: Family, minute: i64, now: i64) -> Is {
    let ms = minute * MINUTE;
    let observed = told.observed_from[family as usize].map(|at| at.0);
    let known = match family {
        Family::Voice | Family::Members | Family::Moderation => observed,
        _ => match (observed, first) {
            (Some(observed), Some(first)) if first + 3_600_000 <= observed => Some(first),
            (Some(observed), _) => Some(observed),
            (None, first) => first,
        },
    };
    let inside = |span: &&CoverageSpan| {
        span.family as usize == family as usize
            && span.from.0 <= ms
            && span.until.is_none_or(|until| ms < until.0)
    };
    let (mut blind, mut recovered) = (false, false);
    for span in told.spans.iter().filter(inside) {
        blind |= span.state == S::Blind;
        recovered |= span.state == S::Recovered;
    }
    if let Some(heard) = told.heard_until {
        let heard = heard.0.max(observed.unwrap_or(i64::MIN));
        blind |= now - heard > limits::PENDING_MS && ms >= heard;
    }
    let is_known = known.is_some_and(|known| ms >= known);
    match (is_known, blind, recovered) {
        (false, ..) => Is::NotInstalled,
        (_, true, _) => Is::Blind,
        (_, _, true) => Is::Recovered,
        _ => Is::Observed,
    }
}

/// Minutes of a span in which all of these families are covered.
fn naive_covered(
    told: &CoverageAnswer,
    first: Option<i64>,
    families: &[Family],
    span: Span,
    now: i64,
) -> i64 {
    let is = |family: Family, minute: i64| naive(told, first, family, minute, now);
    let minutes = (i64::from(span.from)..i64::from(span.to)).filter(|minute| minute * MINUTE < now);
    let covered = minutes.filter(|minute| {
        let states: Vec<Is> = families.iter().map(|family| is(*family, *minute)).collect();
        // Several families rest on those that were listened to by then.
        !states.contains(&Is::Blind) && states.iter().any(|is| *is != Is::NotInstalled)
    });
    covered.count() as i64
}

fn answers() -> impl Strategy<Value = CoverageAnswer> {
    let family = (0_u8..3).prop_map(|number| CoverageFamily::from_u8(number).unwrap());
    let state = prop_oneof![Just(S::Recovered), Just(S::Blind)];
    let reason = (1_u8..7).prop_map(|number| R::from_u8(number).unwrap());
    let one = (family, 0_i64..500, proptest::option::of(1_i64..120), state, reason);
    let spans = one.prop_map(|(family, from, length, state, reason)| {
        gap(family, from, length.map(|length| from + length), state, reason)
    });
    let observed = proptest::option::of((0_i64..400).prop_map(at));
    (
        proptest::collection::vec(observed, CoverageFamily::ALL.len()),
        proptest::option::of((0_i64..500).prop_map(at)),
        proptest::collection::vec(spans, 0..12),
    )
        .prop_map(|(observed_from, heard_until, spans)| CoverageAnswer {
            observed_from: observed_from.try_into().expect("as many as asked for"),
            heard_until,
            spans,
        })
}

const SETS: [&[Family]; 4] =
    [&[Family::Messages], &[Family::Voice], &[Family::Messages, Family::Reactions], &ACTIVITY];

proptest! {
    /// Shares, hours, totals and stretches are those of a timeline that is walked minute by minute.
    #[test]
    fn every_figure_is_that_of_a_timeline_walked_by_minutes(
        told in answers(),
        first in proptest::option::of(0_i64..8),
        now in 1_i64..500,
        from in 0_u32..480,
        length in 1_u32..200,
    ) {
        let (first, now) = (first.map(|hour| hour * 60 * MINUTE), now * MINUTE);
        let ledger = Ledger::new(&told, first, UnixMs(now));
        let asked = span(from, from + length);
        let passed = (i64::from(asked.to) * MINUTE).min(now) - (i64::from(asked.from) * MINUTE).min(now);
        for families in SETS {
            let covered = naive_covered(&told, first, families, asked, now) * MINUTE;
            prop_assert_eq!(ledger.covered_ms(families, asked), covered);
            let share = if passed == 0 { 1.0 } else { covered as f64 / passed as f64 };
            prop_assert_eq!(ledger.share(families, asked), share);
            let hours = HourRange { from: from / 60, to: (from + length).div_ceil(60) };
            let by_hour = ledger.hours(families, hours);
            for (hour, ms) in (hours.from..hours.to).zip(by_hour) {
                let hour = span(hour * 60, hour * 60 + 60);
                prop_assert_eq!(ms, naive_covered(&told, first, families, hour, now) * MINUTE);
            }
        }
        for family in ACTIVITY {
            let totals = ledger.totals(family, asked, 0, 0);
            let parts = totals.observed_ms + totals.recovered_ms + totals.blind_ms;
            prop_assert_eq!(parts as i64, passed, "the parts are the whole");
            let is = |wanted: Is| {
                let minutes = i64::from(asked.from)..i64::from(asked.to);
                let own = minutes.filter(|m| m * MINUTE < now && naive(&told, first, family, *m, now) == wanted);
                (own.count() as i64 * MINUTE) as u64
            };
            prop_assert_eq!(totals.recovered_ms, is(Is::Recovered));
            prop_assert_eq!(totals.blind_ms, is(Is::Blind) + is(Is::NotInstalled));
            let coverage = ledger.coverage(&[family], asked);
            let length = |from: UnixMs, to: UnixMs| (to.0 - from.0) as u64;
            let told_blind: u64 = coverage.blind.iter().map(|s| length(s.from.0, s.to.0)).sum();
            prop_assert_eq!(told_blind, totals.blind_ms);
            let told: u64 = coverage.recovered.iter().map(|s| length(s.from.0, s.to.0)).sum();
            prop_assert_eq!(told, totals.recovered_ms);
            prop_assert!(coverage.blind.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
    }

    /// Buckets put together are the whole.
    #[test]
    fn buckets_are_spans(told in answers(), now in 1_i64..500, bounds in proptest::collection::btree_set(0_u32..500, 2..20)) {
        let ledger = Ledger::new(&told, None, at(now));
        let bounds: Vec<u32> = bounds.into_iter().collect();
        for families in SETS {
            let shares = ledger.buckets(families, &bounds);
            for (pair, share) in bounds.windows(2).zip(shares) {
                prop_assert_eq!(share, ledger.share(families, span(pair[0], pair[1])));
            }
        }
    }
}

#[test]
fn silence_is_pending_for_three_minutes_then_all_of_it_is_blind() {
    let ledger = |now| Ledger::new(&told(Vec::new(), 200), None, at(now));
    assert_eq!(ledger(203).share(&ACTIVITY, span(100, 300)), 1.0);
    let late = ledger(204);
    assert_eq!(late.covered_ms(&ACTIVITY, span(100, 300)), 100 * MINUTE);
    let coverage = late.coverage(&[Family::Voice], span(100, 300));
    assert_eq!(coverage.blind.len(), 1);
    assert_eq!(coverage.blind[0].reason, CoverageReason::NotHeard);
    assert_eq!((coverage.blind[0].from.0, coverage.blind[0].to.0), (at(200), at(204)));
}

#[test]
fn a_recovered_gap_is_covered_and_told_apart() {
    let spans = vec![
        gap(CoverageFamily::Messages, 120, Some(130), S::Recovered, R::SessionLost),
        gap(CoverageFamily::Voice, 120, Some(130), S::Blind, R::SessionLost),
    ];
    let ledger = Ledger::new(&told(spans, 200), None, at(200));
    assert_eq!(ledger.share(&[Family::Messages], span(100, 200)), 1.0);
    assert_eq!(ledger.share(&[Family::Voice], span(100, 200)), 0.9);
    let coverage = ledger.coverage(&ACTIVITY, span(100, 200));
    assert_eq!(coverage.ratio, 0.9);
    let ratios: Vec<f64> = coverage.families.iter().map(|family| family.ratio).collect();
    assert_eq!(ratios, [1.0, 1.0, 0.9]);
    assert_eq!(coverage.blind.len(), 1);
    assert_eq!(coverage.recovered.len(), 1);
    assert_eq!(coverage.recovered[0].state, CoverageState::Recovered);
    assert_eq!(coverage.recovered[0].reason, CoverageReason::SessionLost);
}

#[test]
fn data_older_than_the_ledger_begins_with_its_first_hour() {
    let hour = limits::HOUR_MS;
    let told = told(Vec::new(), 200);
    // Minute 100 lies in hour 1.
    assert_eq!(known_from(&told, Some(hour))[0], Some(100 * MINUTE), "the hour listening began in");
    assert_eq!(known_from(&told, Some(0))[0], Some(0), "older than the ledger");
    assert_eq!(known_from(&told, Some(0))[2], Some(100 * MINUTE), "voice has no older data");
    assert_eq!(known_from(&told, None)[0], Some(100 * MINUTE), "silent, but listened to");
    let nothing = CoverageAnswer::default();
    assert_eq!(known_from(&nothing, Some(hour)), [Some(hour), Some(hour), None, None, None]);
    assert_eq!(begin(&[None, Some(5), Some(3), Some(1), None], &ACTIVITY), Some(3));
    assert_eq!(begin(&[None, Some(5), Some(3), None, None], &[Family::Messages]), None);
}

#[test]
fn many_stretches_are_told_as_fewer_that_still_hold_all_of_them() {
    let spans = (0..1_000).map(|index| {
        let from = 200 + index * 10 + (index % 3);
        gap(CoverageFamily::Voice, from, Some(from + 1 + index % 2), S::Blind, R::GuildOutage)
    });
    let ledger = Ledger::new(&told(spans.collect(), 20_000), None, at(20_000));
    let coverage = ledger.coverage(&[Family::Voice], span(100, 20_000));
    assert!(coverage.merged);
    assert_eq!(coverage.blind.len(), limits::STRETCHES_MAX);
    assert_eq!(coverage.blind[0].from.0, at(200));
    assert_eq!(coverage.ratio, rounded(1.0 - 1_500.0 / 19_900.0), "the share stays exact");
    assert!(coverage.blind.windows(2).all(|pair| pair[0].to < pair[1].from));
    let of_all = ledger.coverage(&ACTIVITY, span(100, 20_000));
    assert!(of_all.blind.len() <= limits::STRETCHES_MAX);
}

#[test]
fn a_share_is_one_only_when_nothing_is_missing() {
    for (share, told) in [(1.0, 1.0), (0.0, 0.0), (0.999_999, 0.9999), (1e-9, 0.0001), (0.5, 0.5)] {
        assert_eq!(rounded(share), told);
    }
}

#[test]
fn health_is_the_worst_of_what_is_told() {
    let one = |heard: i64, blind_since: Option<i64>, recovering: u64| question::CoverageHealth {
        guild: GuildId(1),
        observed_from: Some(at(100)),
        heard_until: Some(at(heard)),
        blind_since: blind_since.map(at),
        recovering,
    };
    let check = |told: &question::CoverageHealth, expected, since: Option<i64>| {
        assert_eq!(health(told, at(300)), (expected, since.map(|minute| at(minute).0)), "{told:?}");
    };
    check(&one(299, None, 0), CoverageHealth::Ok, None);
    check(&one(297, None, 0), CoverageHealth::Ok, None);
    check(&one(296, None, 0), CoverageHealth::Blind, Some(296));
    check(&one(299, None, 2), CoverageHealth::Recovering, None);
    check(&one(299, Some(250), 2), CoverageHealth::Blind, Some(250));
    let unheard = question::CoverageHealth { observed_from: None, ..one(299, None, 0) };
    check(&unheard, CoverageHealth::Unknown, None);
}
