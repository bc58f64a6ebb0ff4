//! Periods and buckets by the calendar of a zone, written out by hand.

use serde_json::{Value, json};

use crate::coverage::share;
use crate::harness::{Server, each_engine, one_engine};
use crate::judge::{Filter, seconds, sum};
use crate::numbers::list;

/// First and last instant.
type Ends = [&'static str; 2];

/// Query, then ends of the period, then ends of the period compared with. It is Friday, 2026-11-20T12:34Z.
const PERIODS: &[(&str, Ends, Option<Ends>)] = &[
    (
        "range=today",
        ["2026-11-20T00:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-19T00:00:00Z", "2026-11-19T13:00:00Z"]),
    ),
    (
        "range=today&tz=Europe/Paris",
        ["2026-11-19T23:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-18T23:00:00Z", "2026-11-19T13:00:00Z"]),
    ),
    (
        "range=today&tz=Asia/Kolkata",
        ["2026-11-19T18:30:00Z", "2026-11-20T13:30:00Z"],
        Some(["2026-11-18T18:30:00Z", "2026-11-19T13:30:00Z"]),
    ),
    (
        "range=today&tz=Asia/Kathmandu",
        ["2026-11-19T18:15:00Z", "2026-11-20T13:15:00Z"],
        Some(["2026-11-18T18:15:00Z", "2026-11-19T13:15:00Z"]),
    ),
    (
        "range=today&tz=America/St_Johns",
        ["2026-11-20T03:30:00Z", "2026-11-20T13:30:00Z"],
        Some(["2026-11-19T03:30:00Z", "2026-11-19T13:30:00Z"]),
    ),
    (
        "range=24h",
        ["2026-11-19T13:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-18T13:00:00Z", "2026-11-19T13:00:00Z"]),
    ),
    (
        "range=week&tz=Europe/Paris",
        ["2026-11-15T23:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-08T23:00:00Z", "2026-11-13T13:00:00Z"]),
    ),
    (
        "range=month&tz=America/New_York",
        // Clocks went back on the first of November.
        ["2026-11-01T04:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-10-01T04:00:00Z", "2026-10-20T12:00:00Z"]),
    ),
    (
        "range=7d",
        ["2026-11-14T00:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-07T00:00:00Z", "2026-11-13T13:00:00Z"]),
    ),
    (
        "range=30d&tz=Europe/Paris",
        // The thirty days before it hold the change of the clock.
        ["2026-10-21T22:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-09-21T22:00:00Z", "2026-10-21T12:00:00Z"]),
    ),
    (
        "range=7d&compare=previous_year",
        ["2026-11-14T00:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2025-11-14T00:00:00Z", "2025-11-20T13:00:00Z"]),
    ),
    ("range=all", ["2025-11-10T00:00:00Z", "2026-11-20T13:00:00Z"], None),
    ("range=7d&compare=none", ["2026-11-14T00:00:00Z", "2026-11-20T13:00:00Z"], None),
    (
        "from=2026-10-25&to=2026-10-25&tz=Europe/Paris",
        // A day of 25 hours, beside one of 24.
        ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
        Some(["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z"]),
    ),
    (
        "from=2026-03-29&to=2026-03-29&tz=Europe/Paris",
        ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
        Some(["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"]),
    ),
    (
        "from=2026-01-31&to=2026-02-28",
        ["2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z"],
        Some(["2026-01-02T00:00:00Z", "2026-01-31T00:00:00Z"]),
    ),
    (
        "from=2026-11-03T05:20:00%2B01:00&to=2026-11-03T09:00:01Z",
        ["2026-11-03T04:00:00Z", "2026-11-03T10:00:00Z"],
        Some(["2026-11-02T22:00:00Z", "2026-11-03T04:00:00Z"]),
    ),
    (
        // A `+` that nobody encoded.
        "from=2026-11-03T05:20:00+01:00&to=2026-11-03T09:00:00Z",
        ["2026-11-03T04:00:00Z", "2026-11-03T09:00:00Z"],
        Some(["2026-11-02T23:00:00Z", "2026-11-03T04:00:00Z"]),
    ),
    (
        "from=2026-11-20&to=2030-01-01",
        ["2026-11-20T00:00:00Z", "2026-11-20T13:00:00Z"],
        Some(["2026-11-19T11:00:00Z", "2026-11-20T00:00:00Z"]),
    ),
];

#[test]
fn periods_are_those_of_the_calendar() {
    one_engine(async |server| {
        for (query, period, previous) in PERIODS {
            let answer = server.ask(&format!("/stats/overview?{query}")).await;
            let ends = |period: &Value| json!([period["from"], period["to"]]);
            assert_eq!(ends(&answer["period"]), json!(period), "{query}");
            match previous {
                Some(previous) => assert_eq!(ends(&answer["previous"]), json!(previous), "{query}"),
                None => assert!(answer["previous"].is_null(), "{query}"),
            }
        }
    });
}

fn starts(answer: &Value) -> Vec<String> {
    let instant = |t: &Value| jiff::Timestamp::from_second(t.as_i64().unwrap()).unwrap();
    list(&answer["t"]).iter().map(|t| instant(t).to_string()).collect()
}

#[test]
fn buckets_are_those_of_the_calendar() {
    one_engine(async |server| {
        let weeks = "/stats/series?from=2026-10-22&to=2026-11-10&step=week&tz=Europe/Paris";
        let expected = [
            "2026-10-21T22:00:00Z",
            "2026-10-25T23:00:00Z",
            "2026-11-01T23:00:00Z",
            "2026-11-08T23:00:00Z",
        ];
        let answer = server.ask(weeks).await;
        assert_eq!(starts(&answer), expected);
        assert_eq!(answer["partial_last"], true, "a week that the period cuts");
        let months = "/stats/series?from=2025-11-30&to=2026-03-01&step=month";
        let expected = [
            "2025-11-30T00:00:00Z",
            "2025-12-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "2026-03-01T00:00:00Z",
        ];
        assert_eq!(starts(&server.ask(months).await), expected);
        for (day, hours) in [("2026-10-25", 25), ("2026-03-29", 23), ("2026-10-24", 24)] {
            let uri = format!("/stats/series?from={day}&to={day}&step=hour&tz=Europe/Paris");
            let answer = server.ask(&uri).await;
            assert_eq!(list(&answer["t"]).len(), hours, "{day}");
            assert_eq!(answer["partial_last"], false, "{day}");
        }
        let days = "/stats/series?range=30d&step=day&tz=Europe/Paris";
        let answer = server.ask(days).await;
        assert_eq!(list(&answer["t"]).len(), 30);
        assert_eq!(answer["partial_last"], true);
    });
}

/// Zones off the hour: the whole server is exact, from minutes.
#[test]
fn zones_off_the_hour_are_exact_for_the_whole_server() {
    each_engine(async |server| {
        for zone in ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"] {
            for (step, range) in [("day", "30d"), ("hour", "7d"), ("week", "30d"), ("month", "all")]
            {
                for metric in ["messages", "commands", "reactions"] {
                    let uri = format!(
                        "/stats/series?range={range}&step={step}&metric={metric}&tz={zone}"
                    );
                    check_exact(&server, &uri, metric).await;
                }
            }
        }
    });
}

async fn check_exact(server: &Server, uri: &str, metric: &str) {
    let answer = server.ask(uri).await;
    assert!(answer["note"].is_null(), "{uri}");
    let end = seconds(&answer["period"]["to"]);
    let mut bounds: Vec<i64> = list(&answer["t"]).iter().map(|t| t.as_i64().unwrap()).collect();
    bounds.push(end);
    for (pair, value) in bounds.windows(2).zip(list(&answer["series"][0]["values"])) {
        let deeds = server.judge.exact(pair[0], pair[1], Filter::default());
        let value_there = sum(&deeds).of(metric);
        let unknown = value_there == 0 && share(metric, pair[0], pair[1]) == 0.0;
        let expected = (!unknown).then_some(value_there);
        assert_eq!(*value, Value::from(expected), "{pair:?} {uri}");
    }
}

#[test]
fn what_cannot_be_exact_says_so() {
    one_engine(async |server| {
        let zone = "tz=Asia/Kolkata";
        for query in ["metric=active_members", "channel=11", "split=channel"] {
            let answer = server.ask(&format!("/stats/series?range=7d&{zone}&{query}")).await;
            assert_eq!(answer["note"], "whole_hours", "{query}");
        }
        let answer = server.ask("/stats/series?range=7d&tz=Europe/Paris&split=channel").await;
        assert!(answer["note"].is_null());
    });
}
