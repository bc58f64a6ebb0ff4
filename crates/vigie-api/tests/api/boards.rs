//! Leaderboards: pages, search, trends, against the judge.

use serde_json::Value;

use crate::harness::{Server, each_engine};
use crate::judge::{self, Filter, ranked, seconds};
use crate::numbers::list;
use crate::seed::{Deed, GENERAL, TOWN};

fn value(board: &str) -> fn(&Deed) -> f64 {
    match board {
        "messages" => judge::messages,
        "reactions" => |deed| f64::from(deed.counts.reactions_added),
        "voice" => judge::voice_minutes,
        _ => |deed| {
            let counted = f64::from(deed.counts.messages);
            counted
                + 0.2 * f64::from(deed.counts.reactions_added)
                + 0.5 * judge::voice_minutes(deed)
        },
    }
}

#[test]
fn pages_put_together_are_the_whole_board() {
    each_engine(async |server| {
        for board in ["messages", "voice", "reactions", "activity"] {
            for (query, filter) in [
                ("range=30d", Filter::default()),
                ("range=all&audience=all", Filter { audience: "all", channel: None }),
                ("range=7d&channel=11", Filter { audience: "humans", channel: Some(GENERAL) }),
                (
                    "range=today&channel=10&audience=all&tz=Europe/Paris",
                    Filter { audience: "all", channel: Some(TOWN) },
                ),
            ] {
                for limit in [1, 2, 3, 500] {
                    check_board(&server, board, query, filter, limit).await;
                }
            }
        }
    });
}

async fn check_board(server: &Server, board: &str, query: &str, filter: Filter, limit: usize) {
    let uri = format!("/leaderboards/{board}?{query}&limit={limit}");
    let first = server.ask(&uri).await;
    let (from, to) = (seconds(&first["period"]["from"]), seconds(&first["period"]["to"]));
    let deeds = server.judge.hourly(from, to, filter);
    let expected = ranked(&deeds, judge::member, value(board));
    let whole: f64 = expected.iter().map(|(_, value)| value).sum();
    let mut rows = Vec::new();
    let mut page = first;
    loop {
        assert_eq!(page["total_rows"], expected.len(), "{uri}");
        assert!((page["total_value"].as_f64().unwrap() - whole).abs() < 0.0051, "{uri}");
        assert!(list(&page["rows"]).len() <= limit, "{uri}");
        rows.extend_from_slice(list(&page["rows"]));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = server.ask(&format!("{uri}&cursor={cursor}")).await;
        assert!(!list(&page["rows"]).is_empty(), "a page that was promised is not empty: {uri}");
    }
    assert_eq!(rows.len(), expected.len(), "{uri}");
    for (rank, (row, (member, value))) in (1..).zip(rows.iter().zip(&expected)) {
        assert_eq!(row["rank"], rank, "{uri}");
        assert_eq!(row["member"]["id"], member.0.to_string(), "{uri}");
        assert!((row["value"].as_f64().unwrap() - value).abs() < 0.0051, "{uri}");
        assert!((row["share"].as_f64().unwrap() - value / whole).abs() < 1e-9, "{uri}");
        let own: Vec<Deed> = deeds.iter().filter(|deed| deed.member == *member).copied().collect();
        let sum = judge::sum(&own);
        assert_eq!(row["messages"], sum.messages, "{uri}");
        assert_eq!(row["reactions"], sum.reactions, "{uri}");
        assert_eq!(row["commands"], sum.commands, "{uri}");
        assert_eq!(row["voice_minutes"], judge::told("voice", sum.voice_ms), "{uri}");
        assert_eq!(row["active_voice_minutes"], judge::told("voice", sum.active_voice_ms), "{uri}");
    }
}

#[test]
fn trends_are_ranks_of_the_period_before() {
    each_engine(async |server| {
        let overview = server.ask("/stats/overview?range=7d").await;
        let previous = &overview["previous"];
        let (from, to) = (seconds(&previous["from"]), seconds(&previous["to"]));
        let deeds = server.judge.hourly(from, to, Filter::default());
        let before = ranked(&deeds, judge::member, judge::messages);
        let board = server.ask("/leaderboards/messages?range=7d").await;
        for row in list(&board["rows"]) {
            let id = row["member"]["id"].as_str().unwrap().parse::<u64>().unwrap();
            let rank = before.iter().position(|(member, _)| member.0 == id);
            assert_eq!(row["previous_rank"], Value::from(rank.map(|rank| rank + 1)));
        }
        let none = server.ask("/leaderboards/messages?range=7d&compare=none").await;
        assert!(list(&none["rows"]).iter().all(|row| row["previous_rank"].is_null()));
    });
}

#[test]
fn a_search_keeps_the_ranks_of_the_whole_board() {
    each_engine(async |server| {
        let whole = server.ask("/leaderboards/messages?range=all&audience=all").await;
        for (text, hits) in [
            ("ADA", 1),
            ("of%20harbour", 4),
            ("zo%C3%AB", 1),
            ("%22e%22", 1),
            ("%25", 0),
            ("_", 0),
            ("'%20OR%201=1--", 0),
            ("=cmd", 1),
        ] {
            let uri = format!("/leaderboards/messages?range=all&audience=all&search={text}");
            let found = server.ask(&uri).await;
            assert_eq!(list(&found["rows"]).len(), hits, "{text}");
            assert_eq!(found["total_rows"], hits, "{text}");
            assert_eq!(found["total_value"], whole["total_value"], "{text}");
            for row in list(&found["rows"]) {
                assert!(list(&whole["rows"]).contains(row), "{text}");
            }
        }
    });
}

/// The period of a first page stays, whatever the clock says when the next one is asked for.
#[test]
fn later_pages_keep_the_period_of_the_first() {
    each_engine(async |server| {
        let uri = "/leaderboards/messages?range=7d&limit=2";
        let first = server.ask(uri).await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let day = 86_400_000;
        server.clock_ms.fetch_add(day, std::sync::atomic::Ordering::Relaxed);
        let second = server.ask(&format!("{uri}&cursor={cursor}")).await;
        assert_eq!(second["period"]["from"], first["period"]["from"]);
        assert_eq!(second["period"]["to"], first["period"]["to"]);
        assert_eq!(second["rows"][0]["rank"], 3);
        let fresh = server.ask(uri).await;
        assert_ne!(fresh["period"]["from"], first["period"]["from"]);
    });
}
