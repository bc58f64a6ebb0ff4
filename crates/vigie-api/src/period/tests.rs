//! Periods, buckets and comparisons as sentences: what is asked, in which zone and at which instant, and what comes of it.

use jiff::Timestamp;
use vigie_core::vocabulary::UnixMs;

use super::{Buckets, Resolved, Span, auto_step};
use crate::params::query::Query;
use crate::params::stats::StatsParams;
use crate::problem::Problem;
use crate::types::activity::Step;

const PARIS: &str = "Europe/Paris";
const KOLKATA: &str = "Asia/Kolkata";

fn minute(text: &str) -> u32 {
    let time: Timestamp = text.parse().unwrap();
    (time.as_second() / 60) as u32
}

fn shown(minute: u32) -> String {
    let time = Timestamp::from_second(i64::from(minute) * 60).unwrap().to_string();
    time.trim_end_matches(":00Z").to_owned()
}

fn spell(span: Span) -> String {
    format!("{} .. {}", shown(span.from), shown(span.to))
}

/// A question asked on this instant, of a server whose first data is of 2020.
fn ask(query: &str, tz: &str, now: &str) -> Result<Resolved, Problem> {
    let query = Query::read(Some(&format!("{query}&tz={tz}"))).unwrap();
    let params = StatsParams::take(&query).unwrap();
    let now: Timestamp = now.parse().unwrap();
    let first = minute("2020-01-01T00:00:00Z");
    Resolved::new(&params, Some(first), UnixMs(now.as_millisecond()))
}

#[track_caller]
fn check(query: &str, tz: &str, now: &str, period: &str, previous: &str) {
    let resolved = ask(query, tz, now).unwrap();
    assert_eq!(spell(resolved.span), period, "{query} in {tz} at {now}");
    let found = resolved.previous.map_or("none".to_owned(), |previous| spell(previous.span));
    assert_eq!(found, previous, "what {query} in {tz} at {now} is compared with");
}

#[track_caller]
fn refused(query: &str, parameter: &str) {
    let problem = ask(query, "UTC", "2026-11-20T10:20:00Z").unwrap_err();
    assert_eq!((problem.status, problem.parameter.as_deref()), (422, Some(parameter)), "{query}");
}

#[test]
fn periods_by_name_end_with_the_hour_that_runs() {
    let now = "2026-11-20T10:20:00Z";
    let check = |query, period, previous| check(query, PARIS, now, period, previous);
    check(
        "range=24h",
        "2026-11-19T11:00 .. 2026-11-20T11:00",
        "2026-11-18T11:00 .. 2026-11-19T11:00",
    );
    check(
        "range=today",
        "2026-11-19T23:00 .. 2026-11-20T11:00",
        "2026-11-18T23:00 .. 2026-11-19T11:00",
    );
    // Monday is the 16th.
    check(
        "range=week",
        "2026-11-15T23:00 .. 2026-11-20T11:00",
        "2026-11-08T23:00 .. 2026-11-13T11:00",
    );
    check(
        "range=7d",
        "2026-11-13T23:00 .. 2026-11-20T11:00",
        "2026-11-06T23:00 .. 2026-11-13T11:00",
    );
    // The days of October before its 25th are two hours from UTC.
    check(
        "range=month",
        "2026-10-31T23:00 .. 2026-11-20T11:00",
        "2026-09-30T22:00 .. 2026-10-20T10:00",
    );
    check("range=all", "2019-12-31T23:00 .. 2026-11-20T11:00", "none");
    check("range=7d&compare=none", "2026-11-13T23:00 .. 2026-11-20T11:00", "none");
    check(
        "range=7d&compare=previous_year",
        "2026-11-13T23:00 .. 2026-11-20T11:00",
        "2025-11-13T23:00 .. 2025-11-20T11:00",
    );
    check("", "2026-11-13T23:00 .. 2026-11-20T11:00", "2026-11-06T23:00 .. 2026-11-13T11:00");
}

#[test]
fn periods_by_their_ends_are_widened_to_hours_and_cut_at_the_present() {
    let now = "2026-11-20T10:20:00Z";
    let check = |query, tz, period, previous| check(query, tz, now, period, previous);
    let ten_days = ("2026-11-01T00:00 .. 2026-11-11T00:00", "2026-10-22T00:00 .. 2026-11-01T00:00");
    check("from=2026-11-01&to=2026-11-10", "UTC", ten_days.0, ten_days.1);
    check(
        "from=2026-11-01T08:10:00Z&to=2026-11-01T09:10:01Z",
        "UTC",
        "2026-11-01T08:00 .. 2026-11-01T10:00",
        "2026-11-01T06:00 .. 2026-11-01T08:00",
    );
    check(
        "from=2026-11-19T00:00:00+01:00",
        "UTC",
        "2026-11-18T23:00 .. 2026-11-20T11:00",
        "2026-11-17T11:00 .. 2026-11-18T23:00",
    );
    check(
        "from=2026-11-19&to=2030-01-01",
        PARIS,
        "2026-11-18T23:00 .. 2026-11-20T11:00",
        "2026-11-17T11:00 .. 2026-11-18T23:00",
    );
    for to in ["9999-12-31", "9998-12-31T23:59:59Z"] {
        let resolved = ask(&format!("from=2026-11-20&to={to}"), PARIS, now).unwrap();
        assert_eq!(spell(resolved.span), "2026-11-19T23:00 .. 2026-11-20T11:00", "{to}");
    }
    // Twenty-five and twenty-three hours: whole days are compared with whole days.
    check(
        "from=2026-10-25&to=2026-10-25",
        PARIS,
        "2026-10-24T22:00 .. 2026-10-25T23:00",
        "2026-10-23T22:00 .. 2026-10-24T22:00",
    );
    check(
        "from=2026-03-29&to=2026-03-29",
        PARIS,
        "2026-03-28T23:00 .. 2026-03-29T22:00",
        "2026-03-27T23:00 .. 2026-03-28T23:00",
    );
    check(
        "from=2026-11-18&to=2026-11-19",
        KOLKATA,
        "2026-11-17T18:30 .. 2026-11-19T18:30",
        "2026-11-15T18:30 .. 2026-11-17T18:30",
    );
}

#[test]
fn what_makes_no_period_is_refused_by_name() {
    refused("to=2026-11-01", "from");
    refused("range=7d&from=2026-11-01", "from");
    refused("range=7d&to=2026-11-01", "to");
    refused("from=2026-11-10&to=2026-11-01", "to");
    refused("from=2026-11-21", "from");
    refused("from=1999-01-01", "from");
    refused("from=-009999-01-01T00:00:00Z", "from");
    refused("from=-009999-01-01&to=2026-11-01", "from");
    refused("from=yesterday", "from");
    refused("from=2026-11-01&to=2026-13-01", "to");
    refused("from=2026-11-01&to=1", "to");
}

#[test]
fn buckets_follow_the_calendar_of_the_zone() {
    let lengths = |query: &str, tz: &str, step: Step| {
        let resolved = ask(query, tz, "2026-11-20T10:20:00Z").unwrap();
        let buckets = Buckets::new(&resolved, step).unwrap();
        let minutes = buckets.bounds.windows(2).map(|pair| (pair[1] - pair[0]) / 60);
        (minutes.collect::<Vec<u32>>(), buckets.partial_last)
    };
    assert_eq!(
        lengths("from=2026-10-24&to=2026-10-26", PARIS, Step::Day),
        (vec![24, 25, 24], false)
    );
    assert_eq!(
        lengths("from=2026-03-28&to=2026-03-30", PARIS, Step::Day),
        (vec![24, 23, 24], false)
    );
    assert_eq!(lengths("from=2026-10-25&to=2026-10-25", PARIS, Step::Hour).0.len(), 25);
    assert_eq!(lengths("from=2026-03-29&to=2026-03-29", PARIS, Step::Hour).0.len(), 23);
    assert_eq!(lengths("from=2026-11-18&to=2026-11-18", KOLKATA, Step::Hour), (vec![1; 24], false));
    // Sunday the 1st, the week from Monday the 2nd, and two days of the next.
    assert_eq!(
        lengths("from=2026-11-01&to=2026-11-10", "UTC", Step::Week),
        (vec![24, 168, 48], true)
    );
    assert_eq!(
        lengths("from=2026-01-01&to=2026-03-31", "UTC", Step::Month),
        (vec![744, 672, 744], false)
    );
    assert_eq!(lengths("range=today", "UTC", Step::Hour), (vec![1; 11], true));
    assert_eq!(lengths("range=7d", PARIS, Step::Day), (vec![24, 24, 24, 24, 24, 24, 12], true));
    // Days that begin at one o'clock (Santiago's clocks skip midnight), hours that last half an hour (Lord Howe).
    assert_eq!(
        lengths("from=2026-09-05&to=2026-09-07", "America/Santiago", Step::Day).0,
        [24, 23, 24]
    );
    let (hours, _) = lengths("from=2026-10-04&to=2026-10-04", "Australia/Lord_Howe", Step::Hour);
    assert_eq!(hours.len(), 24);
}

#[test]
fn a_bucket_begins_before_it_is_listed() {
    let resolved = ask("range=24h", "UTC", "2026-11-20T10:20:00Z").unwrap();
    let buckets = Buckets::new(&resolved, Step::Minute).unwrap();
    assert_eq!(shown(buckets.bounds[buckets.len() - 1]), "2026-11-20T10:20");
    assert!(buckets.partial_last);
    let resolved = ask("range=all", "UTC", "2026-11-20T10:20:00Z").unwrap();
    let problem = Buckets::new(&resolved, Step::Minute).unwrap_err();
    assert_eq!(problem.parameter.as_deref(), Some("step"));
    assert!(Buckets::new(&resolved, auto_step(resolved.span)).is_ok());
}

#[test]
fn each_bucket_has_its_counterpart_on_the_calendar() {
    let counterparts = |query: &str, tz: &str, now: &str, step: Step| {
        let resolved = ask(query, tz, now).unwrap();
        let buckets = Buckets::new(&resolved, step).unwrap();
        let previous = resolved.previous.unwrap();
        let found = buckets.counterparts(&resolved.zone, &previous);
        (found, previous)
    };
    // Days of 24 hours beside the day of 25.
    let (found, _) =
        counterparts("from=2026-10-31&to=2026-11-01", PARIS, "2026-11-20T10:20:00Z", Step::Day);
    assert!(found.iter().flatten().all(|span| span.to - span.from == 24 * 60));
    let (found, _) =
        counterparts("from=2026-10-26&to=2026-10-26", PARIS, "2026-11-20T10:20:00Z", Step::Day);
    assert_eq!(found[0].map(|span| span.to - span.from), Some(25 * 60));
    // March has three days more than February: they have no counterpart, and nothing is counted twice.
    let (found, previous) = counterparts("range=month", "UTC", "2026-03-31T23:10:00Z", Step::Day);
    assert_eq!(found.iter().filter(|span| span.is_none()).count(), 3);
    assert_eq!(spell(previous.span), "2026-02-01T00:00 .. 2026-03-01T00:00");
    let covered: u32 = found.iter().flatten().map(|span| span.to - span.from).sum();
    assert_eq!(covered, previous.span.to - previous.span.from);
    // An unfinished day is compared with the same part of the day.
    let (found, _) = counterparts("range=today", "UTC", "2026-11-20T10:20:00Z", Step::Day);
    assert_eq!(
        found,
        [Some(Span { from: minute("2026-11-19T00:00:00Z"), to: minute("2026-11-19T11:00:00Z") })]
    );
}

#[test]
fn what_reaches_back_before_the_first_data_is_not_compared_with() {
    let at = |query: &str| ask(query, "UTC", "2020-01-05T10:20:00Z").unwrap();
    let first = Some(i64::from(minute("2020-01-01T00:00:00Z")) * 60_000);
    assert!(at("range=today").previous_since(first).is_some());
    assert!(at("range=7d").previous_since(first).is_none());
    assert!(at("range=today").previous_since(None).is_none());
    let midnight = Some(i64::from(minute("2020-01-04T00:00:00Z")) * 60_000);
    assert!(at("range=today").previous_since(midnight).is_some());
    assert!(at("range=today").previous_since(midnight.map(|ms| ms + 1)).is_none());
}

#[test]
fn any_clock_and_any_first_hour_give_a_period() {
    for now in [i64::MIN, -1, 0, 1_000, i64::MAX] {
        for first in [None, Some(0), Some(u32::MAX)] {
            for query in ["range=all", "range=month", "range=24h&tz=Pacific/Kiritimati"] {
                let query = Query::read(Some(query)).unwrap();
                let params = StatsParams::take(&query).unwrap();
                let resolved = Resolved::new(&params, first, UnixMs(now)).unwrap();
                assert!(resolved.span.from < resolved.span.to);
            }
        }
    }
}
