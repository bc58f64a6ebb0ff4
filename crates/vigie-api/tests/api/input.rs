//! Input that makes no sense: refused with the name of the parameter, never a failure of the server.

use std::sync::OnceLock;

use proptest::prelude::*;

use crate::harness::{Server, block_on, each_engine, one_engine};

const STATS: [&str; 7] = ["range", "from", "to", "tz", "audience", "channel", "compare"];

/// Routes with all the parameters that they know, where these are not the common ones and some.
const OTHER_ROUTES: &[(&str, &[&str])] = &[
    ("/growth", &["range", "from", "to", "tz", "audience", "compare", "step"]),
    ("/growth.csv", &["range", "from", "to", "tz", "audience", "compare", "step"]),
    (
        "/retention",
        &["range", "from", "to", "tz", "cohort", "weeks", "inviter", "method", "first_channel"],
    ),
    ("/lifecycle.ndjson", &["range", "from", "to", "tz"]),
    ("/members/quiet", &["tz", "silent_days", "active_days", "limit", "cursor"]),
    ("/invite-stats", &["range", "from", "to", "tz"]),
    ("/invites", &[]),
    (
        "/invites/joins",
        &[
            "range",
            "from",
            "to",
            "tz",
            "audience",
            "member",
            "inviter",
            "method",
            "confidence",
            "limit",
            "cursor",
        ],
    ),
    ("/invites/tree", &["range", "from", "to", "tz", "root", "depth"]),
    (
        "/moderation/recent",
        &["range", "from", "to", "tz", "action", "moderator", "target", "limit", "cursor"],
    ),
    ("/moderation/summary", &["range", "from", "to", "tz", "compare"]),
    ("/changes.csv", &["range", "from", "to", "tz", "kind", "limit", "cursor"]),
    ("/roles", &[]),
    ("/access", &[]),
    ("/switches", &[]),
];

/// Routes with the parameters that they know beside the common ones.
const ROUTES: &[(&str, &[&str])] = &[
    ("/stats/overview", &[]),
    ("/stats/series", &["metric", "step", "split"]),
    ("/stats/series.csv", &["metric", "step", "split"]),
    ("/stats/series.ndjson", &["metric", "step", "split"]),
    ("/stats/heatmap", &["metric"]),
    ("/leaderboards/messages", &["limit", "cursor"]),
    ("/leaderboards/activity.csv", &["limit", "cursor"]),
    ("/members/1001", &[]),
    ("/channels/11", &[]),
    ("/stats/voice", &[]),
    ("/stats/voice.csv", &[]),
    ("/voice/sessions", &["limit", "cursor", "member"]),
    ("/voice/sessions.ndjson", &["limit", "cursor", "member"]),
    ("/coverage", &["limit", "cursor", "family"]),
];

/// Values that no parameter takes (a search takes any text: see below).
fn nonsense() -> Vec<String> {
    let plain = [
        "nonsense",
        "-1",
        "1.5",
        "1e9",
        "0x10",
        "NaN",
        "inf",
        "null",
        "[]",
        "%20",
        "%00",
        "7d%00",
        "%0a",
        "%ff%fe",
        "%",
        "%4",
        "%zz",
        "%C3%28",
        "%ED%A0%80",
        "99999999999999999999",
        "18446744073709551616",
        "9223372036854775808",
        "-9223372036854775809",
        "%D9%A1",
        "1'%20OR%20'1'='1",
        "1;DROP%20TABLE%20guilds--",
        "..%2F..%2Fetc%2Fpasswd",
        "7D",
        "Humans",
        "2026-13-45",
        "2026-02-30",
        "2026-11-20T25:00:00Z",
        "2026-11-20T00:00:00",
        "-009999-01-01",
        "99999999999-01-01",
        "Mars/Olympus",
        "%F0%9F%91%8D",
    ];
    let mut all: Vec<String> = plain.iter().map(|text| (*text).to_owned()).collect();
    all.push("x".repeat(7_000));
    all
}

async fn refused(server: &Server, uri: &str, parameter: &str) {
    let reply = server.get(uri).await;
    let shown = &uri[..uri.len().min(200)];
    assert_eq!(reply.status, 422, "{shown}: {}", reply.text());
    assert_eq!(reply.header("content-type"), "application/problem+json", "{shown}");
    assert_eq!(reply.json()["parameter"], parameter, "{shown}: {}", reply.text());
    assert!(reply.text().len() < 1_500, "nothing long is sent back: {shown}");
}

#[test]
fn nonsense_is_refused_by_name() {
    one_engine(async |server| {
        let common = ROUTES.iter().map(|(route, own)| (*route, [&STATS[..], *own].concat()));
        let others = OTHER_ROUTES.iter().map(|(route, all)| (*route, all.to_vec()));
        for (route, known) in common.chain(others) {
            for parameter in &known {
                for value in nonsense() {
                    // Together with a `from` that is right, or `to` would be refused for want of one.
                    let with = if *parameter == "to" { "from=2026-11-01&" } else { "" };
                    let uri = format!("/api/v1/guilds/100{route}?{with}{parameter}={value}");
                    refused(&server, &uri, parameter).await;
                }
                let known = if *parameter == "from" { "2026-11-01" } else { "" };
                let twice = format!("{route}?{parameter}={known}&{parameter}={known}");
                refused(&server, &format!("/api/v1/guilds/100{twice}"), parameter).await;
            }
            for unknown in ["rang", "RANGE", "limits", "__proto__", "a%20b"] {
                let name = unknown.replace("%20", " ");
                refused(&server, &format!("/api/v1/guilds/100{route}?{unknown}=1"), &name).await;
            }
            let reply =
                server.get(&format!("/api/v1/guilds/100{route}?{}=1", "n".repeat(7_000))).await;
            assert_eq!(reply.status, 422);
            assert!(reply.body.len() < 1_500, "{}", reply.body.len());
            let twice = "n".repeat(3_000);
            let reply = server.get(&format!("/api/v1/guilds/100{route}?{twice}=1&{twice}=1")).await;
            assert_eq!(reply.status, 422);
            assert!(reply.body.len() < 1_500, "{}", reply.body.len());
        }
        for route in
            ["/api/v1/guilds", "/api/v1/guilds/100", "/api/v1/status", "/api/v1/guilds/100/live"]
        {
            refused(&server, &format!("{route}?tz=UTC"), "tz").await;
        }
    });
}

#[test]
fn parameters_that_do_not_fit_each_other_are_refused() {
    one_engine(async |server| {
        for (query, parameter) in [
            ("from=2026-11-10&to=2026-11-09", "to"),
            ("from=2026-11-10T08:00:00Z&to=2026-11-10T08:00:00Z", "to"),
            ("from=2027-01-01", "from"),
            ("from=2027-01-01&to=2027-02-01", "from"),
            ("from=2014-12-31&to=2015-02-01", "from"),
            ("from=0001-01-01&to=2026-01-01", "from"),
            ("to=2026-11-01", "from"),
            ("range=7d&from=2026-11-01", "from"),
            ("range=7d&to=2026-11-01", "to"),
            ("channel=0", "channel"),
            ("channel=12345", "channel"),
            ("channel=9223372036854775807", "channel"),
            ("tz=../Paris", "tz"),
            ("tz=Europe/Paris%20", "tz"),
        ] {
            refused(&server, &format!("/api/v1/guilds/100/stats/overview?{query}"), parameter)
                .await;
        }
        for (query, parameter) in [
            ("range=30d&step=minute", "step"),
            ("range=24h&step=minute&split=channel", "step"),
            ("range=24h&step=minute&channel=11", "step"),
            ("range=24h&step=minute&metric=active_members", "step"),
            ("range=all&step=hour", "step"),
            ("split=emoji", "split"),
            ("split=emoji&metric=reactions&channel=11", "split"),
            ("split=member&metric=active_members", "split"),
        ] {
            refused(&server, &format!("/api/v1/guilds/100/stats/series?{query}"), parameter).await;
        }
        let long = "x".repeat(65);
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("cursor=1_2_3", "cursor"),
            ("cursor=2_1_3_4", "cursor"),
            ("cursor=0_4294967295_1_1", "cursor"),
            ("cursor=29000000_29600000_NaN_1", "cursor"),
            ("cursor=29000000_29600000_1_9999999999999999999", "cursor"),
            (&format!("search={long}"), "search"),
            ("search=%00", "search"),
            ("search=%ff", "search"),
        ] {
            let uri = format!("/api/v1/guilds/100/leaderboards/messages?{query}");
            refused(&server, &uri, parameter).await;
        }
    });
}

#[test]
fn parts_of_the_path_are_refused_by_name() {
    one_engine(async |server| {
        for bad in [
            "x",
            "-1",
            "0",
            "1.0",
            "%00",
            "%ff",
            "99999999999999999999",
            "9223372036854775808",
            "1'--",
        ] {
            let stats = format!("/api/v1/guilds/{bad}/stats/overview");
            refused(&server, &stats, "guild_id").await;
            refused(&server, &format!("/api/v1/guilds/{bad}"), "guild_id").await;
            refused(&server, &format!("/api/v1/guilds/100/members/{bad}"), "user_id").await;
            refused(&server, &format!("/api/v1/guilds/100/channels/{bad}"), "channel_id").await;
            refused(&server, &format!("/api/v1/guilds/100/moderation/cases/{bad}"), "case_id")
                .await;
        }
        for bad in ["points", "MESSAGES", "messages.exe", ".csv", "messages.csv.csv"] {
            refused(&server, &format!("/api/v1/guilds/100/leaderboards/{bad}"), "board").await;
        }
        for (uri, kind) in [
            ("/api/v1/guilds/9223372036854775807", "/problems/unknown-guild"),
            ("/api/v1/guilds/7/stats/overview", "/problems/unknown-guild"),
            ("/api/v1/guilds/7/live", "/problems/unknown-guild"),
            ("/api/v1/guilds/100/members/7", "/problems/unknown-member"),
            ("/api/v1/guilds/100/channels/7", "/problems/unknown-channel"),
            ("/api/v1/guilds/7/growth", "/problems/unknown-guild"),
            ("/api/v1/guilds/7/invites", "/problems/unknown-guild"),
            ("/api/v1/guilds/7/roles.csv", "/problems/unknown-guild"),
            ("/api/v1/guilds/7/switches", "/problems/unknown-guild"),
            ("/api/v1/guilds/100/moderation/cases/7000000", "/problems/unknown-case"),
        ] {
            let reply = server.get(uri).await;
            assert_eq!(
                (reply.status.as_u16(), reply.json()["type"].as_str()),
                (404, Some(kind)),
                "{uri}"
            );
        }
    });
}

/// A search is any text: whatever it holds is looked for, not run.
#[test]
fn any_text_can_be_searched_for() {
    each_engine(async |server| {
        for text in [
            "'",
            "%27%20OR%201=1--",
            "%25%25",
            "_",
            "%5C",
            "%F0%9F%91%8D",
            "a%22b",
            "%E2%80%AE",
            "%F0%93%80%80",
        ] {
            let uri = format!("/leaderboards/messages?range=all&search={text}");
            server.ask(&uri).await;
        }
    });
}

/// A server that stays for all cases of the properties, with the runtime that drives it.
fn with_shared(uri: &str) -> u16 {
    static SHARED: OnceLock<
        tokio::sync::mpsc::UnboundedSender<(String, std::sync::mpsc::Sender<u16>)>,
    > = OnceLock::new();
    let sender = SHARED.get_or_init(|| {
        let (sender, mut receiver) =
            tokio::sync::mpsc::unbounded_channel::<(String, std::sync::mpsc::Sender<u16>)>();
        std::thread::spawn(move || {
            block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let server = crate::harness::seeded_in(directory.path()).await;
                while let Some((uri, answer)) = receiver.recv().await {
                    let reply = server.get(&uri).await;
                    let _ = answer.send(reply.status.as_u16());
                }
            });
        });
        sender
    });
    let (answer, answered) = std::sync::mpsc::channel();
    sender.send((uri.to_owned(), answer)).unwrap();
    answered.recv().unwrap()
}

fn name() -> impl Strategy<Value = String> {
    let known = ["metric", "step", "split", "limit", "cursor", "search", "code", "weeks", "cohort"];
    let others = OTHER_ROUTES.iter().flat_map(|(_, all)| all.iter().copied());
    let known: Vec<&str> = STATS.into_iter().chain(known).chain(others).collect();
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => "[a-z%_]{0,9}"]
}

fn value() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "24h",
        "7d",
        "90d",
        "all",
        "today",
        "week",
        "month",
        "UTC",
        "Europe/Paris",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "humans",
        "bots",
        "none",
        "previous",
        "previous_year",
        "messages",
        "commands",
        "reactions",
        "active_members",
        "auto",
        "minute",
        "hour",
        "day",
        "channel",
        "category",
        "member",
        "kind",
        "emoji",
        "10",
        "11",
        "15",
        "1",
        "500",
    ]);
    let day = (2014..2031_u32, 0..15_u32, 0..33_u32)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let instant = (2014..2031_u32, 1..13_u32, 1..29_u32, 0..25_u32)
        .prop_map(|(y, m, d, h)| format!("{y}-{m:02}-{d:02}T{h:02}:59:60.5%2B05:45"));
    let cursor = (0..u32::MAX, 0..u32::MAX, any::<f64>(), any::<u64>())
        .prop_map(|(from, to, value, member)| format!("{from}_{to}_{value}_{member}"));
    prop_oneof![
        8 => words.prop_map(str::to_owned),
        3 => day,
        2 => instant,
        1 => cursor,
        1 => any::<i64>().prop_map(|number| number.to_string()),
        2 => "[ -~&&[^ \"#<>\\\\^`{|}]]{0,20}",
        1 => "(%[0-9a-fA-F]{2}){0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_query_makes_the_server_fail(
        route in prop::sample::select(ROUTES.iter().chain(OTHER_ROUTES).map(|(route, _)| *route).collect::<Vec<_>>()),
        pairs in prop::collection::vec((name(), value()), 0..5),
    ) {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let uri = format!("/api/v1/guilds/100{route}?{}", query.join("&"));
        if uri.parse::<axum::http::Uri>().is_ok() {
            let status = with_shared(&uri);
            prop_assert!(status < 500, "{status} {uri}");
        }
    }
}
