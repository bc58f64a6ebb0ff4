//! Growth, retention, lifecycle and quiet members against a plain fold over the same year, in zones whose clocks change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::{Value, json};
use vigie_core::vocabulary::{AuthorKind, UserId};

use crate::harness::{Server, each_engine, one_engine};
use crate::judge::{Filter, seconds};
use crate::numbers::list;
use crate::seed::{Deed, NOW};
use crate::visits::{DAY_MS, MEMBERS_THEN, Visit, sampled_at};

/// Clocks that change on different days, one of them by half an hour.
const ZONES: [&str; 3] = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"];

const WEEK_S: i64 = 7 * 86_400;

/// The first instant of a day, in seconds.
fn midnight(date: Date, zone: &str) -> i64 {
    let zone = TimeZone::get(zone).unwrap();
    date.to_zoned(zone).unwrap().start_of_day().unwrap().timestamp().as_second()
}

/// The days, weeks or months of a zone from the one that `from` lies in until `to`: their beginnings, and the end of the last.
fn calendar(from: i64, to: i64, step: &str, zone: &str) -> Vec<i64> {
    let local = Timestamp::from_second(from).unwrap().to_zoned(TimeZone::get(zone).unwrap());
    let mut date = match step {
        "week" => local
            .date()
            .saturating_sub(i32::from(local.date().weekday().to_monday_zero_offset()).days()),
        "month" => local.date().first_of_month(),
        _ => local.date(),
    };
    let mut starts = Vec::new();
    while midnight(date, zone) < to {
        starts.push(midnight(date, zone));
        date = match step {
            "week" => date.saturating_add(7.days()),
            "month" => date.saturating_add(1.month()),
            _ => date.saturating_add(1.day()),
        };
    }
    starts.push(midnight(date, zone).min(to));
    starts
}

fn people(server: &Server) -> impl Iterator<Item = &Visit> {
    server.judge.past.visits.iter().filter(|visit| visit.kind == AuthorKind::Human)
}

fn count<'a>(
    visits: impl Iterator<Item = &'a Visit>,
    at: impl Fn(&Visit) -> Option<i64>,
    from: i64,
    to: i64,
) -> u64 {
    visits
        .filter(|visit| at(visit).is_some_and(|at| (from * 1_000..to * 1_000).contains(&at)))
        .count() as u64
}

fn joined(visit: &Visit) -> Option<i64> {
    Some(visit.joined_at)
}

/// Members at an instant (ms): those of the first count, and all who came and went since.
pub fn members_at(server: &Server, ms: i64) -> Option<u64> {
    if ms <= sampled_at() {
        return None;
    }
    let all = server.judge.past.visits.iter();
    let change = all.map(|visit| {
        i64::from(visit.joined_at < ms) - i64::from(visit.left_at.is_some_and(|left| left < ms))
    });
    Some((MEMBERS_THEN as i64 + change.sum::<i64>()) as u64)
}

#[test]
fn growth_is_what_a_plain_fold_says() {
    each_engine(async |server| {
        for zone in ZONES.into_iter().chain(["UTC", "Asia/Kathmandu"]) {
            for (range, step) in [("7d", "hour"), ("30d", "day"), ("90d", "week"), ("all", "month")]
            {
                check_growth(&server, zone, range, step).await;
            }
        }
    });
}

async fn check_growth(server: &Server, zone: &str, range: &str, step: &str) {
    let uri = format!("/growth?range={range}&step={step}&tz={zone}");
    let answer = server.ask(&uri).await;
    let series = &answer["series"];
    let mut bounds: Vec<i64> = list(&series["t"]).iter().map(|t| t.as_i64().unwrap()).collect();
    let (from, to) = (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
    if step != "hour" {
        let mut expected = calendar(from, to, step, zone);
        expected[0] = from;
        expected.pop();
        assert_eq!(bounds, expected, "{uri}");
    }
    bounds.push(to);
    for (index, pair) in bounds.windows(2).enumerate() {
        let joins = count(people(server), joined, pair[0], pair[1]);
        let departures = count(people(server), |visit| visit.left_at, pair[0], pair[1]);
        let told = |name: &str| series[name][index].as_u64();
        if series["joins"][index].is_null() {
            assert_eq!((joins, departures), (0, 0), "{uri} {pair:?}");
            continue;
        }
        assert_eq!(told("joins"), Some(joins), "{uri} {pair:?}");
        assert_eq!(told("departures"), Some(departures), "{uri} {pair:?}");
        let again = people(server).filter(|visit| visit.rejoined);
        assert_eq!(told("rejoins"), Some(count(again, joined, pair[0], pair[1])), "{uri} {pair:?}");
        let kinds: u64 = ["leaves", "kicks", "bans", "prunes", "unseen"]
            .map(|kind| told(kind).unwrap())
            .iter()
            .sum();
        assert_eq!(kinds, departures, "{uri} {pair:?}");
        if pair[0] * 1_000 > sampled_at() {
            assert_eq!(told("members"), members_at(server, pair[1] * 1_000), "{uri} {pair:?}");
        }
    }
    assert_eq!(answer["joins"]["value"], count(people(server), joined, from, to), "{uri}");
    assert_eq!(
        answer["departures"]["value"],
        count(people(server), |v| v.left_at, from, to),
        "{uri}"
    );
    assert_eq!(answer["members"]["value"], json!(members_at(server, to * 1_000)), "{uri}");
    assert_eq!(answer["members"]["before"], json!(members_at(server, from * 1_000)), "{uri}");
    check_ages(server, &answer, from, to, &uri);
}

fn check_ages(server: &Server, answer: &Value, from: i64, to: i64, uri: &str) {
    let bands = ["day", "week", "month", "year", "older"];
    let mut expected = BTreeMap::<usize, u64>::new();
    for visit in
        people(server).filter(|visit| (from * 1_000..to * 1_000).contains(&visit.joined_at))
    {
        let created = (visit.member.0 >> 22) as i64 + 1_420_070_400_000;
        let days = (visit.joined_at - created) as f64 / DAY_MS as f64;
        let band = [1.0, 7.0, 30.0, 365.0].iter().filter(|limit| days >= **limit).count();
        *expected.entry(band).or_default() += 1;
    }
    let expected: Vec<Value> = expected
        .iter()
        .map(|(band, joins)| json!({ "age": bands[*band], "joins": joins }))
        .collect();
    assert_eq!(answer["account_ages"], json!(expected), "{uri}");
}

#[test]
fn joins_and_departures_are_metrics_and_cards() {
    each_engine(async |server| {
        let growth = server.ask("/growth?range=30d&step=day").await;
        for (metric, line) in
            [("joins", "joins"), ("departures", "departures"), ("members", "members")]
        {
            let uri = format!("/stats/series?range=30d&step=day&metric={metric}");
            let series = server.ask(&uri).await;
            assert_eq!(series["series"][0]["values"], growth["series"][line], "{metric}");
            assert_eq!(series["t"], growth["series"]["t"], "{metric}");
            assert_eq!(series["coverage"]["families"][0]["family"], "members", "{metric}");
        }
        let overview = server.ask("/stats/overview?range=30d").await;
        for card in ["joins", "departures"] {
            for field in ["value", "previous", "delta"] {
                assert_eq!(overview["cards"][card][field], growth[card][field], "{card} {field}");
            }
        }
        for field in ["value", "before", "change"] {
            assert_eq!(overview["cards"]["members"][field], growth["members"][field], "{field}");
        }
    });
}

/// Members active between two hours (counted from 1970): a message, a reaction given, or a minute in voice.
fn active(deeds: &[Deed], hours: std::ops::Range<i64>) -> BTreeSet<UserId> {
    let mut voice = BTreeMap::<UserId, u64>::new();
    let mut active = BTreeSet::new();
    for deed in deeds.iter().filter(|deed| hours.contains(&i64::from(deed.minute / 60))) {
        if deed.counts.messages + deed.counts.reactions_added > 0 {
            active.insert(deed.member);
        }
        *voice.entry(deed.member).or_default() += deed.voice.total_ms;
    }
    active.extend(voice.into_iter().filter(|(_, ms)| *ms >= 60_000).map(|(member, _)| member));
    active
}

/// Whether somebody went between two instants (in seconds) and had not come back at the second. Who acts is a member, whatever was told
/// before.
fn is_gone(server: &Server, member: UserId, since: i64, by: i64) -> bool {
    let own: Vec<&Visit> = people(server).filter(|visit| visit.member == member).collect();
    let left = own.iter().filter_map(|visit| visit.left_at);
    let left = left.filter(|left| (since * 1_000..by * 1_000).contains(left)).max();
    let joined =
        own.iter().map(|visit| visit.joined_at).filter(|joined| *joined < by * 1_000).max();
    left.is_some_and(|left| joined.is_none_or(|joined| joined < left))
}

/// Whether the member did anything: a reaction received is none of theirs.
fn is_done(deed: &Deed) -> bool {
    let counts = &deed.counts;
    let own = counts.messages + counts.commands + counts.reactions_added + counts.reactions_removed;
    own > 0 || deed.voice.total_ms > 0
}

fn human_deeds(server: &Server) -> Vec<Deed> {
    server.judge.exact(0, i64::MAX, Filter::default())
}

#[test]
fn retention_is_what_a_plain_fold_says() {
    each_engine(async |server| {
        let deeds = human_deeds(&server);
        for zone in ZONES {
            for (range, step, weeks) in
                [("90d", "week", 8), ("30d", "day", 3), ("all", "month", 20)]
            {
                for source in
                    ["", "&code=alpha", "&inviter=1002", "&method=uses_diff", "&method=unknown"]
                {
                    let uri = format!(
                        "/retention?range={range}&cohort={step}&weeks={weeks}&tz={zone}{source}"
                    );
                    let answer = server.ask(&uri).await;
                    check_cohorts(&server, &deeds, &answer, (step, zone, source), &uri);
                }
            }
        }
    });
}

fn is_of(visit: &Visit, source: &str) -> bool {
    use vigie_core::vocabulary::{AttributionMethod as Method, Confidence};
    let came = visit.came.as_ref();
    let sure = came.filter(|came| came.confidence != Confidence::None);
    match source {
        "" => true,
        "&code=alpha" => sure.is_some_and(|came| came.code.as_deref() == Some("alpha")),
        "&inviter=1002" => sure.is_some_and(|came| came.inviter == Some(UserId(1_002))),
        "&method=uses_diff" => came.is_some_and(|came| came.method == Method::UsesDiff),
        _ => came.is_none_or(|came| came.method == Method::Unknown),
    }
}

fn check_cohorts(
    server: &Server,
    deeds: &[Deed],
    answer: &Value,
    asked: (&str, &str, &str),
    uri: &str,
) {
    let (step, zone, source) = asked;
    let (from, to) = (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
    let bounds = calendar(from, to, step, zone);
    assert_eq!(bounds[0], from, "the period begins with a whole cohort: {uri}");
    let cohorts = list(&answer["cohorts"]);
    assert_eq!(cohorts.len(), bounds.len() - 1, "{uri}");
    let mut seen = 0;
    for (cohort, pair) in cohorts.iter().zip(bounds.windows(2)) {
        assert_eq!([seconds(&cohort["from"]), seconds(&cohort["to"])], [pair[0], pair[1]], "{uri}");
        let came = people(server)
            .filter(|visit| (pair[0] * 1_000..pair[1] * 1_000).contains(&visit.joined_at))
            .filter(|visit| is_of(visit, source));
        let came: Vec<&Visit> = came.collect();
        seen += came.len();
        assert_eq!(cohort["joined"], came.len(), "{uri} {pair:?}");
        for (week, told) in list(&cohort["weeks"]).iter().enumerate() {
            let (mut reached, mut present, mut was_active) = (0, 0, 0);
            for visit in &came {
                let end = visit.joined_at + (week as i64 + 1) * WEEK_S * 1_000;
                if end > NOW.0 {
                    continue;
                }
                reached += 1;
                present += u64::from(visit.left_at.is_none_or(|left| left >= end));
                let first = visit.joined_at / 3_600_000 + week as i64 * 168;
                let gone = visit.left_at.map_or(i64::MAX, |left| left / 3_600_000 + 1);
                let hours = first..(first + 168).min(gone);
                was_active += u64::from(active(deeds, hours).contains(&visit.member));
            }
            let expected = json!({ "reached": reached, "present": present, "active": was_active });
            assert_eq!(*told, expected, "week {week} of {pair:?} {uri}");
        }
    }
    assert!(seen > 0 || !source.is_empty(), "{uri}");
    for (week, total) in list(&answer["total"]).iter().enumerate() {
        for field in ["reached", "present", "active"] {
            let sum: u64 =
                cohorts.iter().map(|cohort| cohort["weeks"][week][field].as_u64().unwrap()).sum();
            assert_eq!(total[field], sum, "{uri}");
        }
    }
}

#[test]
fn lifecycle_is_what_a_plain_fold_says() {
    each_engine(async |server| {
        let deeds = human_deeds(&server);
        for zone in ZONES {
            for range in ["7d", "30d", "90d", "all"] {
                let uri = format!("/lifecycle?range={range}&tz={zone}");
                let answer = server.ask(&uri).await;
                check_weeks(&server, &deeds, &answer, zone, &uri);
            }
        }
    });
}

fn check_weeks(server: &Server, deeds: &[Deed], answer: &Value, zone: &str, uri: &str) {
    let (from, to) = (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
    let bounds = calendar(from, to, "week", zone);
    let starts: Vec<i64> = list(&answer["t"]).iter().map(|t| t.as_i64().unwrap()).collect();
    assert_eq!(starts, bounds[..bounds.len() - 1], "{uri}");
    // An hour of UTC belongs where it begins.
    let hour = |second: i64| (second + 3_599) / 3_600;
    // The week before the first one.
    let since = calendar(bounds[0] - 3 * 86_400, bounds[0], "week", zone)[0];
    let mut before = active(deeds, hour(since)..hour(bounds[0]));
    for (index, pair) in bounds.windows(2).enumerate() {
        let hours = hour(pair[0])..hour(pair[1]);
        let now = active(deeds, hours.clone());
        let first = |member: &UserId| {
            deeds
                .iter()
                .filter(|deed| deed.member == *member && is_done(deed))
                .map(|deed| i64::from(deed.minute / 60))
                .min()
        };
        let is_gone = |member: &UserId| is_gone(server, *member, since, pair[1]);
        let fresh = |member: &&UserId| first(member).is_some_and(|hour| hours.contains(&hour));
        let told = |name: &str| answer[name][index].as_u64();
        let came = now.difference(&before);
        let new = came.clone().filter(fresh).count() as u64;
        if answer["new"][index].is_null() {
            assert!(now.is_empty(), "{uri} {pair:?}");
        } else {
            assert_eq!(told("new"), Some(new), "{uri} {pair:?}");
            assert_eq!(told("resurrected"), Some(came.count() as u64 - new), "{uri} {pair:?}");
            assert_eq!(
                told("returning"),
                Some(now.intersection(&before).count() as u64),
                "{uri} {pair:?}"
            );
            let quiet = before.difference(&now);
            let left = quiet.clone().filter(|member| is_gone(member)).count() as u64;
            assert_eq!(told("left"), Some(left), "{uri} {pair:?}");
            assert_eq!(told("dormant"), Some(quiet.count() as u64 - left), "{uri} {pair:?}");
            assert_eq!(
                told("joins"),
                Some(count(people(server), joined, pair[0], pair[1])),
                "{uri} {pair:?}"
            );
        }
        before = now;
    }
}

#[test]
fn the_quiet_are_those_who_were_active_and_stayed() {
    each_engine(async |server| {
        let deeds = human_deeds(&server);
        for (query, zone) in [
            ("silent_days=3&active_days=20", "Europe/Paris"),
            ("silent_days=1&active_days=10", "America/New_York"),
            ("silent_days=7&active_days=365", "UTC"),
        ] {
            let uri = format!("/members/quiet?{query}&tz={zone}&limit=1");
            let first = server.ask(&uri).await;
            let hour = |instant: &Value| (seconds(instant) + 3_599) / 3_600;
            let (from, to) = (hour(&first["period"]["from"]), hour(&first["period"]["to"]));
            assert_eq!(first["silent_since"], first["period"]["to"], "{uri}");
            let silent = active(&deeds, to..i64::MAX);
            let since = seconds(&first["period"]["from"]);
            let is_member = |member: &UserId| !is_gone(&server, *member, since, i64::MAX / 1_000);
            let expected: BTreeSet<UserId> = active(&deeds, from..to)
                .into_iter()
                .filter(|member| !silent.contains(member) && is_member(member))
                .collect();
            let mut told = BTreeSet::new();
            let mut page = first;
            loop {
                assert_eq!(page["total_rows"], expected.len(), "{uri}");
                told.extend(list(&page["rows"]).iter().map(id));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                page = server.ask(&format!("{uri}&cursor={cursor}")).await;
            }
            assert_eq!(told, expected, "{uri}");
        }
    });
}

fn id(row: &Value) -> UserId {
    UserId(row["member"]["id"].as_str().unwrap().parse().unwrap())
}

#[test]
fn a_members_page_tells_where_they_are_from() {
    each_engine(async |server| {
        for number in 1_001..=1_007_u64 {
            let page = server.ask(&format!("/members/{number}?range=7d")).await;
            let own: Vec<&Visit> =
                people(&server).filter(|visit| visit.member == UserId(number)).collect();
            let stays = list(&page["origin"]["stays"]);
            assert_eq!(stays.len(), own.len(), "{number}");
            for (told, visit) in stays.iter().rev().zip(&own) {
                assert_eq!(told["joined_at"], shown(visit.joined_at), "{number}");
                assert_eq!(told["left_at"], visit.left_at.map_or(Value::Null, shown), "{number}");
                let origin = visit.came.as_ref().map(|came| came.code.clone());
                assert_eq!(told["origin"]["code"], json!(origin.flatten()), "{number}");
            }
            let here = own.last().map(|visit| visit.left_at.is_none());
            assert_eq!(page["origin"]["is_member"], json!(here), "{number}");
        }
    });
}

fn shown(ms: i64) -> Value {
    Timestamp::from_millisecond(ms).unwrap().to_string().into()
}

/// Whoever never said a word is known all the same, by their stay.
#[test]
fn silent_members_have_a_page() {
    one_engine(async |server| {
        let silent = people(&server).find(|visit| visit.member.0 > 10_000).unwrap();
        let page = server.ask(&format!("/members/{}", silent.member.0)).await;
        assert_eq!(page["totals"]["messages"], 0);
        assert_eq!(page["origin"]["stays"][0]["joined_at"], shown(silent.joined_at));
    });
}
