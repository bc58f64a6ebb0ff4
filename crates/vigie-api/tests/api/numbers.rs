//! Overview, series and heatmap against the judge, over ranges, zones, audiences and parts of the server.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::coverage::{covered, families, first, rounded, share};
use crate::harness::{Server, each_engine};
use crate::judge::{self, Filter, folded, messages, ranked, seconds, sum, told, weekday_and_hour};
use crate::seed::{GENERAL, OUTSIDE, THREAD, TOWN};

/// Zones whose hours begin with hours of UTC.
const WHOLE_HOURS: [&str; 3] = ["UTC", "Europe/Paris", "America/New_York"];
const PERIODS: [&str; 9] = [
    "range=today",
    "range=24h",
    "range=7d",
    "range=week",
    "range=month",
    "range=30d",
    "range=all",
    "from=2026-10-24&to=2026-10-26",
    "from=2026-11-03T05:20:00Z&to=2026-11-17T09:00:00Z",
];
const METRICS: [&str; 6] = [
    "messages",
    "commands",
    "reactions",
    "active_members",
    "voice_minutes",
    "active_voice_minutes",
];

/// Audiences and parts of the server that are asked about.
fn filters() -> Vec<(String, Filter)> {
    let filter = |audience, channel: Option<vigie_core::vocabulary::ChannelId>| {
        let part = channel.map_or(String::new(), |id| format!("&channel={}", id.0));
        (format!("audience={audience}{part}"), Filter { audience, channel })
    };
    vec![
        filter("humans", None),
        filter("bots", None),
        filter("all", None),
        filter("all", Some(TOWN)),
        filter("humans", Some(GENERAL)),
        filter("all", Some(THREAD)),
        filter("humans", Some(OUTSIDE)),
    ]
}

/// Ends of a period, in seconds.
fn ends(period: &Value) -> (i64, i64) {
    (seconds(&period["from"]), seconds(&period["to"]))
}

/// Buckets of an answer: its starts, and the end of the period.
fn buckets(t: &Value, end: i64) -> Vec<(i64, i64)> {
    let mut bounds: Vec<i64> = t.as_array().unwrap().iter().map(|t| t.as_i64().unwrap()).collect();
    bounds.push(end);
    bounds.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// What a bucket must hold: nothing known where nothing could be heard.
fn expected(server: &Server, (from, to): (i64, i64), metric: &str, filter: Filter) -> Value {
    let value = sum(&server.judge.hourly(from, to, filter)).of(metric);
    if value == 0 && share(metric, from, to) == 0.0 {
        return Value::Null;
    }
    told(metric, value)
}

#[test]
fn overview_agrees_with_the_judge() {
    each_engine(async |server| {
        for zone in WHOLE_HOURS {
            for period in PERIODS {
                // The other zones differ in their hours only.
                let filters = filters().into_iter().take(if zone == "UTC" { 7 } else { 2 });
                for (query, filter) in filters {
                    let compares = ["previous", "previous_year", "none"];
                    let compares = if zone == "UTC" { &compares[..] } else { &compares[..1] };
                    for compare in compares {
                        let uri =
                            format!("/stats/overview?{period}&tz={zone}&{query}&compare={compare}");
                        let answer = server.ask(&uri).await;
                        check_cards(&server, &answer, filter, &uri);
                        check_tops(&server, &answer, filter, &uri);
                    }
                }
            }
        }
    });
}

fn check_cards(server: &Server, answer: &Value, filter: Filter, uri: &str) {
    let (from, to) = ends(&answer["period"]);
    let now = sum(&server.judge.hourly(from, to, filter));
    for metric in METRICS {
        let card = &answer["cards"][metric];
        assert_eq!(card["value"], told(metric, now.of(metric)), "{metric} {uri}");
        let before = before(server, answer, metric, filter);
        let before = before.map(|deeds| sum(&deeds).of(metric));
        assert_eq!(
            card["previous"],
            before.map_or(Value::Null, |before| told(metric, before)),
            "{metric} {uri}"
        );
        assert_eq!(card["coverage"], rounded(share(metric, from, to)), "{metric} {uri}");
        check_delta(answer, card, metric, now.of(metric), before, uri);
        let spark = &card["sparkline"];
        for (bucket, value) in buckets(&spark["t"], to).into_iter().zip(list(&spark["v"])) {
            assert_eq!(
                *value,
                expected(server, bucket, metric, filter),
                "{metric} {bucket:?} {uri}"
            );
        }
    }
    let members = crate::members::members_at(server, ends(&answer["period"]).1 * 1_000);
    assert_eq!(answer["cards"]["members"]["value"], Value::from(members));
}

/// A change is told per covered time, and only where most of both periods was covered.
fn check_delta(
    answer: &Value,
    card: &Value,
    metric: &str,
    now: u64,
    before: Option<u64>,
    uri: &str,
) {
    let (from, to) = ends(&answer["period"]);
    let seen = share(metric, from, to);
    let seen_before = before.map(|_| {
        let (from, to) = ends(&answer["previous"]);
        share(metric, from, to)
    });
    let note = match (before, seen_before) {
        _ if answer["previous"].is_null() => "not_compared",
        (None, _) => "unknown_before",
        (_, Some(share)) if share < 0.5 => "blind_before",
        _ if seen < 0.5 => "blind",
        (Some(0), _) => "nothing_before",
        _ => "",
    };
    assert_eq!(card["delta_note"].as_str().unwrap_or(""), note, "{metric} {uri}");
    assert_eq!(card["delta"].is_null(), !note.is_empty(), "{metric} {uri}");
    if note.is_empty() {
        let (mut now, mut before) = (now as f64, before.unwrap() as f64);
        if metric != "active_members" {
            (now, before) = (now / seen, before / seen_before.unwrap());
        }
        let error = card["delta"].as_f64().unwrap() - (now - before) / before;
        assert!(error.abs() < 1e-9, "{metric} {uri}");
    }
}

/// Deeds of the period compared with, where all of it is known.
fn before(
    server: &Server,
    answer: &Value,
    metric: &str,
    filter: Filter,
) -> Option<Vec<crate::seed::Deed>> {
    if answer["previous"].is_null() {
        return None;
    }
    let (from, to) = ends(&answer["previous"]);
    (from >= first(metric)).then(|| server.judge.hourly(from, to, filter))
}

fn check_tops(server: &Server, answer: &Value, filter: Filter, uri: &str) {
    let (from, to) = ends(&answer["period"]);
    let deeds = server.judge.hourly(from, to, filter);
    let before = before(server, answer, "messages", filter);
    // Below one channel its threads stand for themselves; elsewhere they count for their channel.
    let alone = [Some(GENERAL), Some(THREAD)].contains(&filter.channel);
    let place = |deed: &crate::seed::Deed| if alone { deed.channel } else { folded(deed.channel) };
    let channels = ranked(&deeds, place, messages);
    let was = before.as_ref().map(|deeds| ranked(deeds, place, messages));
    check_rows(&answer["top_channels"], "channel", &channels, was.as_deref(), |id| id.0, uri);
    let members = ranked(&deeds, judge::member, messages);
    let was = before.as_ref().map(|deeds| ranked(deeds, judge::member, messages));
    check_rows(&answer["top_members"], "member", &members, was.as_deref(), |id| id.0, uri);
    let mut emojis = BTreeMap::<String, u64>::new();
    for (minute, emoji, added) in &server.judge.past.emojis {
        let hour = i64::from(minute / 60) * 3_600;
        if filter.channel.is_none() && (from..to).contains(&hour) {
            *emojis.entry(format!("{emoji:?}")).or_default() += u64::from(*added);
        }
    }
    let mut expected: Vec<u64> = emojis.into_values().collect();
    expected.sort_unstable_by_key(|value| std::cmp::Reverse(*value));
    let told: Vec<u64> =
        list(&answer["top_emojis"]).iter().map(|row| row["value"].as_u64().unwrap()).collect();
    assert_eq!(told, expected, "{uri}");
}

fn check_rows<K: Copy + Ord>(
    rows: &Value,
    field: &str,
    expected: &[(K, f64)],
    before: Option<&[(K, f64)]>,
    id: impl Fn(K) -> u64,
    uri: &str,
) {
    let whole: f64 = expected.iter().map(|(_, value)| value).sum();
    assert_eq!(list(rows).len(), expected.len().min(10), "{field} {uri}");
    for (row, (key, value)) in list(rows).iter().zip(expected) {
        assert_eq!(row[field]["id"], id(*key).to_string(), "{uri}");
        assert_eq!(row["value"], *value as u64, "{uri}");
        assert!((row["share"].as_f64().unwrap() - value / whole).abs() < 1e-12, "{uri}");
        let was = before.map(|rows| rows.iter().find(|row| row.0 == *key).map_or(0.0, |row| row.1));
        assert_eq!(row["previous"], Value::from(was.map(|was| was as u64)), "{field} {uri}");
    }
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn undivided_series_agree_with_the_judge() {
    each_engine(async |server| {
        for zone in WHOLE_HOURS {
            for period in PERIODS {
                for step in ["auto", "hour", "day", "week", "month"] {
                    if step == "hour" && period == "range=all" {
                        continue;
                    }
                    for metric in METRICS {
                        let uri =
                            format!("/stats/series?{period}&tz={zone}&step={step}&metric={metric}");
                        let answer = server.ask(&uri).await;
                        check_line(&server, &answer, metric, Filter::default(), &uri);
                    }
                }
            }
        }
    });
}

fn check_line(server: &Server, answer: &Value, metric: &str, filter: Filter, uri: &str) {
    let (from, to) = ends(&answer["period"]);
    let line = &answer["series"][0];
    assert_eq!(list(&answer["t"])[0], from, "{uri}");
    for (bucket, value) in buckets(&answer["t"], to).into_iter().zip(list(&line["values"])) {
        assert_eq!(*value, expected(server, bucket, metric, filter), "{bucket:?} {uri}");
    }
    let whole = sum(&server.judge.hourly(from, to, filter)).of(metric);
    assert_eq!(line["total"], told(metric, whole), "{uri}");
    assert_eq!(answer["note"], Value::Null, "{uri}");
    let compare = &answer["compare"];
    if !compare.is_null() {
        let values = list(&compare["values"]);
        assert_eq!(values.len(), list(&answer["t"]).len(), "{uri}");
        let (from, to) = ends(compare);
        let deeds = server.judge.hourly(from, to, filter);
        assert_eq!(compare["total"], told(metric, sum(&deeds).of(metric)), "compare {uri}");
        assert_eq!(compare["coverage"], rounded(share(metric, from, to)), "compare {uri}");
        if metric != "active_members" && !metric.contains("voice") {
            let told: u64 = values.iter().filter_map(Value::as_u64).sum();
            assert_eq!(compare["total"], told, "compare {uri}");
        }
    }
}

#[test]
fn minutes_agree_with_the_judge() {
    each_engine(async |server| {
        for metric in ["messages", "commands", "reactions"] {
            for audience in ["humans", "bots", "all"] {
                let uri = format!(
                    "/stats/series?range=24h&step=minute&metric={metric}&audience={audience}"
                );
                let answer = server.ask(&uri).await;
                let filter = Filter { audience, channel: None };
                let (from, to) = ends(&answer["period"]);
                let t = list(&answer["t"]);
                assert_eq!(t.len(), 23 * 60 + 34 + 1, "up to the minute that runs");
                let values = list(&answer["series"][0]["values"]);
                for ((from, to), value) in buckets(&answer["t"], to).into_iter().zip(values) {
                    let end = to.min(from + 60);
                    let deeds = server.judge.exact(from, end, filter);
                    assert_eq!(*value, sum(&deeds).of(metric), "{uri}");
                }
                let whole = sum(&server.judge.exact(from, to, filter)).of(metric);
                assert_eq!(answer["series"][0]["total"], whole, "{uri}");
                assert_eq!(answer["partial_last"], true);
            }
        }
    });
}

#[test]
fn divided_series_add_up_to_the_whole() {
    each_engine(async |server| {
        for split in ["channel", "category", "member", "kind"] {
            for metric in ["messages", "commands", "reactions", "voice_minutes"] {
                for (query, filter) in filters() {
                    let uri = format!(
                        "/stats/series?range=30d&step=day&split={split}&metric={metric}&{query}&tz=Europe/Paris"
                    );
                    check_split(&server, &uri, metric, filter).await;
                }
            }
        }
    });
}

async fn check_split(server: &Server, uri: &str, metric: &str, filter: Filter) {
    let answer = server.ask(uri).await;
    let lines = list(&answer["series"]);
    let others = lines.iter().filter(|line| line["key"] == "other").count();
    assert!(lines.len() - others <= 6 && others <= 1, "{uri}");
    if others == 1 {
        assert_eq!(lines.last().unwrap()["key"], "other", "{uri}");
    }
    let totals: Vec<f64> =
        lines[..lines.len() - others].iter().map(|line| line["total"].as_f64().unwrap()).collect();
    // Members are chosen by all they did: only their messages come in order.
    if !(uri.contains("split=member") && metric != "messages") {
        assert!(totals.is_sorted_by(|a, b| a >= b), "{totals:?} {uri}");
    }
    let (_, to) = ends(&answer["period"]);
    for (index, bucket) in buckets(&answer["t"], to).into_iter().enumerate() {
        let sums: f64 = lines.iter().filter_map(|line| line["values"][index].as_f64()).sum();
        let deeds = server.judge.hourly(bucket.0, bucket.1, filter);
        let expected = told(metric, sum(&deeds).of(metric)).as_f64().unwrap();
        // Each line is rounded by itself.
        assert!((sums - expected).abs() < 0.006 * 8.0, "{bucket:?} {sums} {expected} {uri}");
    }
    for line in lines {
        let sums: f64 = list(&line["values"]).iter().filter_map(Value::as_f64).sum();
        let error = line["total"].as_f64().unwrap() - sums;
        assert!(error.abs() < 0.006 * list(&line["values"]).len() as f64, "{uri}");
    }
    check_keys(server, &answer, metric, filter, uri);
}

/// The lines with their own totals.
fn check_keys(server: &Server, answer: &Value, metric: &str, filter: Filter, uri: &str) {
    let (from, to) = ends(&answer["period"]);
    let deeds = server.judge.hourly(from, to, filter);
    for line in list(&answer["series"]) {
        let key = line["key"].as_str().unwrap();
        let belongs = |deed: &&crate::seed::Deed| match answer["split"].as_str().unwrap() {
            "channel" => folded(deed.channel).0.to_string() == key,
            "member" => deed.member.0.to_string() == key,
            "kind" => format!("{:?}", deed.kind).to_lowercase() == key,
            _ => {
                let inside =
                    |id: u64| judge::under(deed.channel, vigie_core::vocabulary::ChannelId(id));
                match key {
                    "none" => !inside(10) && !inside(20),
                    key => inside(key.parse().unwrap()),
                }
            }
        };
        if key != "other" {
            let part: Vec<_> = deeds.iter().filter(belongs).copied().collect();
            assert_eq!(line["total"], told(metric, sum(&part).of(metric)), "{key} {uri}");
        }
    }
}

#[test]
fn active_members_of_parts_agree_with_the_judge() {
    each_engine(async |server| {
        for split in ["channel", "category", "kind"] {
            let uri = format!(
                "/stats/series?range=30d&step=week&split={split}&metric=active_members&audience=all"
            );
            let answer = server.ask(&uri).await;
            assert!(list(&answer["series"]).len() >= 2, "{uri}");
            let (from, to) = ends(&answer["period"]);
            for line in list(&answer["series"]) {
                let key = line["key"].as_str().unwrap();
                let filter = match key {
                    "human" => Filter { audience: "humans", channel: None },
                    "bot" => Filter { audience: "bots", channel: None },
                    id => {
                        let id = vigie_core::vocabulary::ChannelId(id.parse().unwrap());
                        Filter { audience: "all", channel: Some(id) }
                    }
                };
                let whole = sum(&server.judge.hourly(from, to, filter)).active;
                assert_eq!(line["total"], whole, "{key} {uri}");
                let bounds = buckets(&answer["t"], to);
                for (bucket, value) in bounds.into_iter().zip(list(&line["values"])) {
                    assert_eq!(
                        *value,
                        expected(&server, bucket, "active_members", filter),
                        "{key} {uri}"
                    );
                }
            }
        }
    });
}

#[test]
fn emojis_add_up() {
    each_engine(async |server| {
        let uri = "/stats/series?range=30d&step=day&split=emoji&metric=reactions&audience=all";
        let answer = server.ask(uri).await;
        let (from, to) = ends(&answer["period"]);
        let given: u64 = server
            .judge
            .past
            .emojis
            .iter()
            .filter(|(minute, ..)| (from..to).contains(&(i64::from(*minute) * 60)))
            .map(|(_, _, added)| u64::from(*added))
            .sum();
        let lines = list(&answer["series"]);
        assert_eq!(lines.len(), 7);
        let told: u64 = lines.iter().map(|line| line["total"].as_u64().unwrap()).sum();
        assert_eq!(told, given);
    });
}

#[test]
fn heatmaps_agree_with_the_judge() {
    each_engine(async |server| {
        for zone in ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"] {
            for metric in METRICS {
                for period in ["range=30d", "range=all", "from=2026-10-24&to=2026-10-26"] {
                    let uri = format!("/stats/heatmap?{period}&tz={zone}&metric={metric}");
                    check_heatmap(&server, &uri, zone, metric).await;
                }
            }
        }
    });
}

async fn check_heatmap(server: &Server, uri: &str, zone: &str, metric: &str) {
    let answer = server.ask(uri).await;
    let (from, to) = ends(&answer["period"]);
    let mut cells = vec![vec![0_u64; 24]; 7];
    let mut minutes = vec![vec![0_i64; 24]; 7];
    let mut by_hour = BTreeMap::<i64, Vec<crate::seed::Deed>>::new();
    for deed in server.judge.hourly(from, to, Filter::default()) {
        by_hour.entry(i64::from(deed.minute / 60) * 3_600).or_default().push(deed);
    }
    let first_hour = (from + 3_599) / 3_600 * 3_600;
    for hour in (first_hour..to).step_by(3_600) {
        let (weekday, of_day) = weekday_and_hour(hour, zone);
        cells[weekday][of_day] += by_hour.get(&hour).map_or(0, |deeds| sum(deeds).of(metric));
        minutes[weekday][of_day] += covered(families(metric), hour, hour + 3_600).0;
    }
    let cell = |value: &u64| told(metric, *value);
    let rows: Vec<Vec<Value>> = cells.iter().map(|row| row.iter().map(cell).collect()).collect();
    assert_eq!(answer["cells"], serde_json::json!(rows), "{uri}");
    for (row, told) in minutes.iter().zip(list(&answer["hours"])) {
        for (minutes, told) in row.iter().zip(list(told)) {
            let error = told.as_f64().unwrap() - *minutes as f64 / 60.0;
            assert!(error.abs() < 0.0051, "{uri}");
        }
    }
    assert_eq!(answer["max"], told(metric, *cells.iter().flatten().max().unwrap()), "{uri}");
    assert_eq!(answer["note"].is_null(), zone != "Asia/Kolkata", "{uri}");
}
