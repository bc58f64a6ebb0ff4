//! Recruiters, joins with their evidence, the tree and the book of invites against a plain fold over the same year.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vigie_core::vocabulary::{AttributionMethod as Method, AuthorKind, Confidence, UserId};

use crate::harness::{Server, each_engine, one_engine};
use crate::judge::{Filter, seconds};
use crate::numbers::list;
use crate::seed::NOW;
use crate::visits::{DAY_MS, Visit};

fn within<'a>(server: &'a Server, answer: &Value) -> Vec<&'a Visit> {
    let (from, to) = (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
    let came = server.judge.past.visits.iter().filter(|visit| visit.kind == AuthorKind::Human);
    came.filter(|visit| (from * 1_000..to * 1_000).contains(&visit.joined_at)).collect()
}

fn sure(visit: &Visit) -> Option<(Confidence, Option<UserId>, &str)> {
    let came = visit.came.as_ref().filter(|came| came.confidence != Confidence::None)?;
    Some((came.confidence, came.inviter, came.code.as_deref()?))
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Unknown => "unknown",
        Method::SingleUse => "single_use",
        Method::UsesDiff => "uses_diff",
        Method::Vanity => "vanity",
        Method::Ambiguous => "ambiguous",
        Method::BotAdded => "bot_added",
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::None => "none",
        Confidence::Likely => "likely",
        Confidence::Exact => "exact",
    }
}

#[test]
fn recruiters_are_those_of_a_plain_fold() {
    each_engine(async |server| {
        for query in ["range=7d", "range=90d&tz=Europe/Paris", "range=all"] {
            check_stats(&server, &format!("/invite-stats?{query}")).await;
        }
    });
}

async fn check_stats(server: &Server, uri: &str) {
    let answer = server.ask(uri).await;
    let came = within(server, &answer);
    assert_eq!(answer["joins"], came.len(), "{uri}");
    let mut methods = BTreeMap::<(&str, &str), u64>::new();
    for visit in &came {
        let kind = visit
            .came
            .as_ref()
            .map_or(("unknown", "none"), |came| (word(came.method), confidence(came.confidence)));
        *methods.entry(kind).or_default() += 1;
    }
    let told: BTreeMap<(&str, &str), u64> = list(&answer["methods"])
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            ((text("method"), text("confidence")), row["joins"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told, methods, "{uri}");
    let codes: BTreeSet<&str> =
        came.iter().filter_map(|v| sure(v)).map(|(_, _, code)| code).collect();
    assert_eq!(answer["codes_used"], codes.len(), "{uri}");
    assert_eq!(answer["codes_active"], 4, "{uri}");
    let inviters: BTreeSet<UserId> = came.iter().filter_map(|visit| sure(visit)?.1).collect();
    assert_eq!(answer["recruiters_total"], inviters.len(), "{uri}");
    assert_eq!(list(&answer["recruiters"]).len(), inviters.len(), "{uri}");
    for (rank, row) in (1..).zip(list(&answer["recruiters"])) {
        assert_eq!(row["rank"], rank, "{uri}");
        check_recruiter(server, &came, row, uri);
    }
}

fn check_recruiter(server: &Server, came: &[&Visit], row: &Value, uri: &str) {
    let inviter = UserId(row["inviter"]["id"].as_str().unwrap().parse().unwrap());
    let own: Vec<&&Visit> = came
        .iter()
        .filter(|visit| sure(visit).is_some_and(|(_, by, _)| by == Some(inviter)))
        .collect();
    let count = |is: &dyn Fn(&Visit) -> bool| own.iter().filter(|visit| is(visit)).count() as u64;
    let week = 7 * DAY_MS;
    let deeds = server.judge.exact(0, i64::MAX, Filter::default());
    let spoke = |visit: &Visit| {
        let own = deeds.iter().filter(|deed| deed.member == visit.member);
        let last = own.clone().map(|deed| i64::from(deed.minute) * 60_000).max();
        own.map(|deed| deed.counts.messages).sum::<u32>() > 0
            && last.is_some_and(|last| last + 60_000 > visit.joined_at)
    };
    let expected = json!({
        "joins": own.len(),
        "exact": count(&|visit| sure(visit).is_some_and(|(how, ..)| how == Confidence::Exact)),
        "likely": count(&|visit| sure(visit).is_some_and(|(how, ..)| how == Confidence::Likely)),
        "decided": count(&|visit| visit.joined_at + week <= NOW.0),
        "stayed": count(&|visit| {
            let end = visit.joined_at + week;
            end <= NOW.0 && visit.left_at.is_none_or(|left| left >= end)
        }),
        "spoke": count(&spoke),
        "left": count(&|visit| visit.left_at.is_some()),
        "rejoined": count(&|visit| visit.rejoined),
        "self_invited": count(&|visit| visit.member == inviter),
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(row[name], *value, "{name} of {inviter:?} {uri}");
    }
}

#[test]
fn pages_of_joins_put_together_are_all_of_them() {
    each_engine(async |server| {
        for (filter, is) in [
            ("", (|_| true) as fn(&Visit) -> bool),
            ("&code=alpha", |visit| sure(visit).is_some_and(|(_, _, code)| code == "alpha")),
            ("&inviter=1002", |visit| {
                sure(visit).is_some_and(|(_, by, _)| by == Some(UserId(1_002)))
            }),
            ("&method=vanity", |visit| {
                visit.came.as_ref().is_some_and(|came| came.method == Method::Vanity)
            }),
            ("&confidence=likely", |visit| {
                sure(visit).is_some_and(|(how, ..)| how == Confidence::Likely)
            }),
            ("&confidence=none", |visit| sure(visit).is_none()),
            ("&member=1003", |visit| visit.member == UserId(1_003)),
        ] {
            let uri = format!("/invites/joins?range=all&limit=70{filter}");
            let first = server.ask(&uri).await;
            let mut expected = within(&server, &first);
            expected.retain(|visit| is(visit));
            expected.reverse();
            let mut rows = Vec::new();
            let mut page = first;
            loop {
                rows.extend_from_slice(list(&page["rows"]));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                page = server.ask(&format!("{uri}&cursor={cursor}")).await;
                assert!(!list(&page["rows"]).is_empty(), "{uri}");
            }
            assert_eq!(rows.len(), expected.len(), "{uri}");
            for (row, visit) in rows.iter().zip(&expected) {
                check_join(row, visit, &uri);
            }
        }
    });
}

fn check_join(row: &Value, visit: &Visit, uri: &str) {
    let shown = |ms: i64| Value::from(jiff::Timestamp::from_millisecond(ms).unwrap().to_string());
    assert_eq!(row["member"]["id"], visit.member.0.to_string(), "{uri}");
    assert_eq!(row["joined_at"], shown(visit.joined_at), "{uri}");
    assert_eq!(row["left_at"], visit.left_at.map_or(Value::Null, shown), "{uri}");
    assert_eq!(row["rejoined"], visit.rejoined, "{uri}");
    let Some(came) = &visit.came else {
        assert!(row["origin"].is_null(), "{uri}");
        return;
    };
    let origin = &row["origin"];
    assert_eq!(origin["method"], word(came.method), "{uri}");
    assert_eq!(origin["confidence"], confidence(came.confidence), "{uri}");
    assert_eq!(origin["code"], json!(came.code), "{uri}");
    assert_eq!(origin["burst"], came.burst, "{uri}");
    let inviter = came.inviter.map_or(Value::Null, |id| id.0.to_string().into());
    assert_eq!(origin["inviter"]["id"], inviter, "{uri}");
    assert_eq!(list(&origin["candidates"]).len(), came.candidates.len(), "{uri}");
    for (told, candidate) in list(&origin["candidates"]).iter().zip(&came.candidates) {
        assert_eq!(told["code"], candidate.code, "{uri}");
        assert_eq!(told["used"], candidate.used, "{uri}");
        let inviter = candidate.inviter.map_or(Value::Null, |id| id.0.to_string().into());
        assert_eq!(told["inviter"]["id"], inviter, "{uri}");
    }
}

#[test]
fn the_tree_holds_each_member_once_under_whoever_brought_them() {
    each_engine(async |server| {
        for depth in [1, 4, 10] {
            let uri = format!("/invites/tree?range=all&depth={depth}");
            let answer = server.ask(&uri).await;
            let mut brought = BTreeMap::<UserId, UserId>::new();
            for visit in within(&server, &answer) {
                if let Some((_, Some(by), _)) =
                    sure(visit).filter(|(_, by, _)| *by != Some(visit.member))
                {
                    brought.insert(visit.member, by);
                }
            }
            let mut seen = BTreeMap::<u64, u64>::new();
            for row in list(&answer["rows"]) {
                let id = row["member"]["id"].as_str().unwrap().parse::<u64>().unwrap();
                let depth = row["depth"].as_u64().unwrap();
                assert!(seen.insert(id, depth).is_none(), "{id} {uri}");
                let Some(parent) = row["parent_id"].as_str() else {
                    assert_eq!(depth, 0, "{uri}");
                    continue;
                };
                let parent = parent.parse::<u64>().unwrap();
                assert_eq!(brought.get(&UserId(id)), Some(&UserId(parent)), "{uri}");
                assert_eq!(seen.get(&parent), Some(&(depth - 1)), "parents come first: {uri}");
            }
            assert!(seen.values().all(|steps| *steps <= depth), "{uri}");
            assert!(seen.len() > 50, "{uri}");
        }
    });
}

#[test]
fn the_book_tells_what_can_be_used() {
    each_engine(async |server| {
        let book = server.ask("/invites").await;
        assert_eq!([&book["active"], &book["expired"], &book["ended"]], [4, 1, 1]);
        let states: Vec<&str> =
            list(&book["rows"]).iter().map(|row| row["state"].as_str().unwrap()).collect();
        assert_eq!(states[..4], ["active"; 4]);
        for row in list(&book["rows"]) {
            let code = row["code"].as_str().unwrap();
            let own = server.judge.past.visits.iter();
            let own = own.filter(|visit| sure(visit).is_some_and(|(_, _, used)| used == code));
            assert_eq!(row["joins"], own.count(), "{code}");
            assert_eq!(row["vanity"], code == "harbour", "{code}");
            let ended = ["past", "gone"].contains(&code);
            assert_eq!(row["max_uses"], if ended { json!(5) } else { Value::Null }, "{code}");
        }
    });
}

#[test]
fn files_hold_what_the_json_holds() {
    one_engine(async |server| {
        for (list_uri, rows) in [
            ("/invites/joins?range=all&limit=500", "rows"),
            ("/invites/tree?range=all", "rows"),
            ("/invites?", "rows"),
            ("/invite-stats?range=all", "recruiters"),
            ("/members/quiet?silent_days=1&active_days=300", "rows"),
        ] {
            let json = server.ask(list_uri).await;
            let (path, query) = list_uri.split_once('?').unwrap();
            let uri = format!("/api/v1/guilds/100{path}.ndjson?{query}");
            let file = server.get(&uri).await;
            assert_eq!(file.status, 200, "{uri}");
            let lines: Vec<Value> =
                file.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(Value::from(lines), json[rows], "{uri}");
            let csv = server.get(&uri.replace(".ndjson", ".csv")).await;
            assert_eq!(csv.text().lines().count(), list(&json[rows]).len() + 1, "{uri}");
        }
    });
}
