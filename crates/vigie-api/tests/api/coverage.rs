//! Coverage of the seeded server, judged minute by minute, and the ledger's own route.

use std::sync::OnceLock;

use serde_json::{Value, json};
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, Record, UnixMs,
};

use crate::harness::{each_engine, one_engine};
use crate::judge::seconds;
use crate::numbers::list;
use crate::seed::{GUILD, NOW, day_number};

static ALL: [CoverageFamily; 5] = CoverageFamily::ALL;

fn minute(month: u32, day: u32, hour: u32, minute: u32) -> u32 {
    day_number(2026, month, day) * 1_440 + hour * 60 + minute
}

/// Messages and reactions are listened to since the first day of data, voice since one autumn morning.
pub fn observed_from(family: CoverageFamily) -> u32 {
    match family {
        CoverageFamily::Voice => minute(10, 20, 6, 30),
        _ => day_number(2025, 11, 10) * 1_440,
    }
}

/// Day of November, hour, minute.
type At = (u32, u32, u32);

/// A session lost, whose messages were read again; an outage, whose messages may not be; more than a day without anything.
const GAPS: [(At, At, CoverageReason, CoverageState); 3] = [
    ((5, 3, 7), (5, 9, 40), CoverageReason::SessionLost, CoverageState::Recovered),
    ((12, 10, 15), (12, 12, 45), CoverageReason::GuildOutage, CoverageState::Blind),
    ((14, 0, 0), (15, 6, 0), CoverageReason::SessionLost, CoverageState::Blind),
];

/// The gaps in minutes, with the family's state.
fn gaps(family: CoverageFamily) -> impl Iterator<Item = (u32, u32, CoverageState)> {
    GAPS.into_iter().map(move |(from, to, _, of_messages)| {
        let state = match family {
            CoverageFamily::Messages | CoverageFamily::Moderation => of_messages,
            _ => CoverageState::Blind,
        };
        (minute(11, from.0, from.1, from.2), minute(11, to.0, to.1, to.2), state)
    })
}

/// Whether a minute could neither be heard nor read again.
pub fn is_blind(family: CoverageFamily, at: u32) -> bool {
    let blind = |(from, to, state): (u32, u32, CoverageState)| {
        state == CoverageState::Blind && (from..to).contains(&at)
    };
    at < observed_from(family) || gaps(family).any(blind)
}

/// The ledger as records tell it.
pub fn spans() -> Vec<CoverageSpan> {
    let ms = |minute: u32| UnixMs(i64::from(minute) * 60_000);
    let mut spans = Vec::new();
    for family in ALL {
        spans.push(CoverageSpan {
            family,
            from: ms(observed_from(family)),
            until: None,
            state: CoverageState::Observed,
            reason: CoverageReason::None,
        });
        for ((from, to, state), (_, _, reason, _)) in gaps(family).zip(GAPS) {
            let until = Some(ms(to));
            spans.push(CoverageSpan { family, from: ms(from), until, state, reason });
        }
    }
    spans
}

/// The families that a metric rests on.
pub fn families(metric: &str) -> &'static [CoverageFamily] {
    match metric {
        "messages" | "commands" => &ALL[..1],
        "reactions" => &ALL[1..2],
        "voice_minutes" | "active_voice_minutes" => &ALL[2..3],
        _ => &ALL[..3],
    }
}

/// The first minute of the timeline that is walked, before anything is known.
const BEGIN: u32 = 20_400 * 1_440;

/// Covered minutes from the beginning until before each minute, for families that are read together.
fn timeline(families: &'static [CoverageFamily]) -> &'static [u32] {
    static WALKED: [OnceLock<Vec<u32>>; 10] = [const { OnceLock::new() }; 10];
    let known = |family: CoverageFamily, at: u32| at >= observed_from(family);
    let is_covered = |at: u32| {
        let mut listened = families.iter().filter(|family| known(**family, at)).peekable();
        listened.peek().is_some() && listened.all(|family| !is_blind(*family, at))
    };
    let slot = families[0] as usize + if families.len() > 1 { 5 + families.len() % 5 } else { 0 };
    WALKED[slot].get_or_init(|| {
        let mut sums = vec![0];
        for at in BEGIN..NOW.unix_minute() {
            sums.push(sums.last().unwrap() + u32::from(is_covered(at)));
        }
        sums
    })
}

/// Covered minutes of a span of seconds, and all of those that have passed.
pub fn covered(families: &'static [CoverageFamily], from: i64, to: i64) -> (i64, i64) {
    let end = to.min(NOW.0 / 1_000);
    let (from, to) = (from.min(end) / 60, end / 60);
    let until = |minute: i64| {
        let walked = (minute - i64::from(BEGIN)).max(0);
        i64::from(timeline(families)[walked as usize])
    };
    (until(to) - until(from), to - from)
}

/// The covered share; 1 where nothing has passed.
pub fn share(metric: &str, from: i64, to: i64) -> f64 {
    let (covered, passed) = covered(families(metric), from, to);
    if passed == 0 { 1.0 } else { covered as f64 / passed as f64 }
}

/// A share as it is told.
pub fn rounded(share: f64) -> f64 {
    if share >= 1.0 || share <= 0.0 {
        return share;
    }
    ((share * 10_000.0).round() / 10_000.0).clamp(0.0001, 0.9999)
}

/// The first second from which on the metric is known.
pub fn first(metric: &str) -> i64 {
    let first = families(metric).iter().map(|family| observed_from(*family)).min().unwrap();
    i64::from(first) * 60
}

fn alone(family: CoverageFamily) -> &'static [CoverageFamily] {
    let at = family as usize;
    &ALL[at..=at]
}

fn word(family: CoverageFamily) -> &'static str {
    ["messages", "reactions", "voice", "members", "moderation"][family as usize]
}

#[test]
fn every_answer_says_how_much_of_it_was_heard() {
    each_engine(async |server| {
        for (route, families) in [
            ("/stats/overview?", &ALL[..3]),
            ("/stats/series?metric=messages&", &ALL[..1]),
            ("/stats/series?metric=reactions&split=emoji&", &ALL[1..2]),
            ("/stats/heatmap?metric=voice_minutes&", &ALL[2..3]),
            ("/stats/voice?", &ALL[2..3]),
            ("/voice/sessions?", &ALL[2..3]),
            ("/leaderboards/voice?", &ALL[2..3]),
            ("/leaderboards/activity?", &ALL[..3]),
            ("/members/1001?", &ALL[..3]),
            ("/channels/11?", &ALL[..3]),
            ("/growth?", &ALL[3..4]),
            ("/invite-stats?", &ALL[3..4]),
            ("/invites/joins?", &ALL[3..4]),
            ("/moderation/summary?", &ALL[4..]),
            ("/moderation/recent?", &ALL[4..]),
            ("/coverage?", &ALL[..]),
        ] {
            for period in [
                "range=today",
                "range=7d",
                "range=30d",
                "range=all",
                "from=2026-11-14&to=2026-11-14",
            ] {
                let uri = format!("{route}{period}");
                let answer = server.ask(&uri).await;
                let (from, to) =
                    (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
                let (seen, passed) = covered(families, from, to);
                let told = &answer["coverage"];
                assert_eq!(told["ratio"], rounded(seen as f64 / passed as f64), "{uri}");
                for (one, family) in list(&told["families"]).iter().zip(families) {
                    let (seen, passed) = covered(alone(*family), from, to);
                    assert_eq!(one["family"], word(*family), "{uri}");
                    assert_eq!(one["ratio"], rounded(seen as f64 / passed as f64), "{uri}");
                    let length =
                        |stretch: &Value| seconds(&stretch["to"]) - seconds(&stretch["from"]);
                    let own = |stretch: &&Value| stretch["family"] == word(*family);
                    let blind: i64 = list(&told["blind"]).iter().filter(own).map(length).sum();
                    assert_eq!(blind, (passed - seen) * 60, "{uri}");
                }
                assert_eq!(list(&told["families"]).len(), families.len(), "{uri}");
            }
        }
    });
}

#[test]
fn the_ledger_tells_each_gap_once_and_the_whole_by_family() {
    each_engine(async |server| {
        let whole = server.ask("/coverage?range=30d").await;
        assert_eq!(
            whole["health"], "recovering",
            "the last gap's messages may still be read again"
        );
        assert_eq!(whole["heard_until"], "2026-11-20T12:33:30Z");
        assert_eq!(whole["total_rows"], 15);
        let rows = list(&whole["rows"]);
        assert_eq!(rows.len(), 15);
        assert!(rows.is_sorted_by(|a, b| seconds(&a["from"]) >= seconds(&b["from"])));
        assert_eq!(
            rows[0],
            json!({
                "from": "2026-11-14T00:00:00Z", "to": "2026-11-15T06:00:00Z", "duration_ms": 108_000_000,
                "family": "messages", "state": "blind", "reason": "session_lost", "recovering": true
            })
        );
        let (from, to) = (seconds(&whole["period"]["from"]), seconds(&whole["period"]["to"]));
        for (totals, family) in list(&whole["families"]).iter().zip(ALL) {
            let (seen, passed) = covered(alone(family), from, to);
            let of = |name: &str| totals[name].as_i64().unwrap();
            assert_eq!(of("observed_ms") + of("recovered_ms"), seen * 60_000);
            assert_eq!(of("blind_ms"), (passed - seen) * 60_000);
            let is_read_again =
                matches!(family, CoverageFamily::Messages | CoverageFamily::Moderation);
            let recovered = if is_read_again { (9 * 60 + 40) - (3 * 60 + 7) } else { 0 };
            assert_eq!(of("recovered_ms"), recovered * 60_000);
            assert_eq!(totals["ratio"], rounded(seen as f64 / passed as f64));
            assert_eq!(totals["gaps"], 3);
            assert_eq!(totals["open_gaps"], u64::from(is_read_again) * 2);
        }
        for limit in [1, 2, 4, 15] {
            let uri = format!("/coverage?range=30d&limit={limit}");
            let (mut found, mut page) = (Vec::new(), server.ask(&uri).await);
            loop {
                found.extend_from_slice(list(&page["rows"]));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                page = server.ask(&format!("{uri}&cursor={cursor}")).await;
            }
            assert_eq!(found, rows, "{limit}");
        }
        let voice = server.ask("/coverage?range=7d&family=voice").await;
        assert_eq!(voice["total_rows"], 1);
        assert_eq!(list(&voice["rows"]).len(), 1);
        let file = server.get("/api/v1/guilds/100/coverage.ndjson?range=30d&limit=2").await.text();
        let lines: Vec<Value> =
            file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::from(lines), whole["rows"], "a file holds all pages");
        let csv = server.get("/api/v1/guilds/100/coverage.csv?range=30d").await.text();
        assert_eq!(csv.lines().count(), 16);
    });
}

#[test]
fn a_server_is_told_blind_while_it_is() {
    each_engine(async |server| {
        assert_eq!(server.ask("").await["coverage"], "recovering");
        let gap = CoverageSpan {
            family: CoverageFamily::Voice,
            from: UnixMs(NOW.0 - 600_000),
            until: None,
            state: CoverageState::Blind,
            reason: CoverageReason::GuildOutage,
        };
        server.commit(1, Record::Coverage(GUILD, vec![gap])).await;
        assert_eq!(server.ask("").await["coverage"], "blind");
        let status = server.answer("/status").await;
        let coverage = &status["coverage"];
        assert_eq!((&coverage["blind"], &coverage["unknown"]), (&json!(1), &json!(1)));
        assert_eq!(coverage["guilds"][0]["id"], "100");
        assert_eq!(coverage["guilds"][0]["since"], "2026-11-20T12:24:00Z");
        let ledger = server.ask("/coverage?range=today").await;
        let row = &ledger["rows"][0];
        assert!(row["to"].is_null());
        assert_eq!(row["duration_ms"], 600_000);
        let voice = server.ask("/stats/series?range=today&metric=voice_minutes").await;
        let blind = &voice["coverage"]["blind"][0];
        assert_eq!(
            (&blind["to"], &blind["reason"]),
            (&json!("2026-11-20T12:34:00Z"), &json!("guild_outage"))
        );
        assert_eq!(voice["partial"], json!([{ "index": 12, "covered": rounded(24.0 / 34.0) }]));
    });
}

#[test]
fn silence_is_told_after_three_minutes() {
    one_engine(async |server| {
        let minute = 60_000;
        server.clock_ms.fetch_add(2 * minute, std::sync::atomic::Ordering::Relaxed);
        let pending = server.ask("/stats/overview?range=today").await;
        assert_eq!(pending["coverage"]["ratio"], 1.0);
        server.clock_ms.fetch_add(26 * minute, std::sync::atomic::Ordering::Relaxed);
        let late = server.ask("/stats/overview?range=today&compare=none").await;
        let blind = list(&late["coverage"]["blind"]);
        assert_eq!(blind.len(), 3, "each family");
        assert_eq!(blind[0]["from"], "2026-11-20T12:33:30Z");
        assert_eq!(blind[0]["to"], "2026-11-20T13:02:00Z");
        assert_eq!(blind[0]["reason"], "not_heard");
        assert_eq!(late["cards"]["messages"]["delta_note"], "not_compared");
    });
}
