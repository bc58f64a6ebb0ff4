//! Whole answers, the same ones on both engines.

use crate::harness::each_engine;

/// Name of the snapshot, and what is asked.
const QUESTIONS: &[(&str, &str)] = &[
    ("guilds", "/guilds"),
    ("guild", "/guilds/100"),
    ("channels", "/guilds/100/channels"),
    ("overview_today", "/guilds/100/stats/overview?range=today"),
    ("overview_7d_paris", "/guilds/100/stats/overview?range=7d&tz=Europe/Paris&audience=all"),
    ("overview_30d_last_year", "/guilds/100/stats/overview?range=30d&compare=previous_year"),
    ("overview_all", "/guilds/100/stats/overview?range=all"),
    ("overview_bots", "/guilds/100/stats/overview?range=7d&audience=bots&compare=none"),
    ("overview_of_a_channel", "/guilds/100/stats/overview?range=7d&channel=11"),
    ("overview_of_a_category", "/guilds/100/stats/overview?range=7d&channel=10"),
    ("overview_of_a_thread", "/guilds/100/stats/overview?range=7d&channel=15"),
    ("overview_silent", "/guilds/200/stats/overview?range=7d"),
    ("series_hours", "/guilds/100/stats/series?range=today"),
    (
        "series_long_day",
        "/guilds/100/stats/series?from=2026-10-25&to=2026-10-25&step=hour&tz=Europe/Paris",
    ),
    (
        "series_short_day",
        "/guilds/100/stats/series?from=2026-03-29&to=2026-03-29&step=hour&tz=Europe/Paris",
    ),
    ("series_weeks", "/guilds/100/stats/series?range=30d&step=week&metric=active_members"),
    ("series_months", "/guilds/100/stats/series?range=all&step=month&metric=commands"),
    ("series_kolkata", "/guilds/100/stats/series?range=7d&step=day&tz=Asia/Kolkata"),
    ("series_by_channel", "/guilds/100/stats/series?range=7d&step=day&split=channel&audience=all"),
    ("series_by_category", "/guilds/100/stats/series?range=7d&step=day&split=category"),
    ("series_by_member", "/guilds/100/stats/series?range=7d&step=day&split=member"),
    ("series_by_kind", "/guilds/100/stats/series?range=7d&step=day&split=kind&audience=all"),
    ("series_by_emoji", "/guilds/100/stats/series?range=7d&step=day&split=emoji&metric=reactions"),
    ("heatmap", "/guilds/100/stats/heatmap?range=30d&tz=Europe/Paris"),
    ("leaderboard_messages", "/guilds/100/leaderboards/messages?range=7d&limit=3"),
    ("leaderboard_activity", "/guilds/100/leaderboards/activity?range=30d&limit=3&audience=all"),
    ("leaderboard_search", "/guilds/100/leaderboards/reactions?range=all&search=harbour"),
    ("member", "/guilds/100/members/1001?range=7d&tz=Europe/Paris"),
    ("member_unnamed", "/guilds/100/members/1004?range=today"),
    ("channel", "/guilds/100/channels/11?range=7d"),
    ("category", "/guilds/100/channels/10?range=today"),
    ("voice_channel", "/guilds/100/channels/14?range=7d"),
    ("voice_7d_paris", "/guilds/100/stats/voice?range=7d&tz=Europe/Paris"),
    ("voice_of_a_channel", "/guilds/100/stats/voice?range=today&channel=14"),
    ("voice_silent", "/guilds/200/stats/voice?range=today"),
    ("voice_sessions", "/guilds/100/voice/sessions?range=7d&limit=3&audience=all"),
    (
        "series_of_voice",
        "/guilds/100/stats/series?range=7d&step=day&metric=voice_minutes&split=state",
    ),
    ("leaderboard_voice", "/guilds/100/leaderboards/voice?range=7d&limit=3"),
    ("ledger", "/guilds/100/coverage?range=30d&limit=2"),
];

#[test]
fn answers_are_as_they_were() {
    each_engine(async |server| {
        for (name, question) in QUESTIONS {
            insta::assert_json_snapshot!(*name, server.answer(question).await);
        }
    });
}

#[test]
fn the_status_is_as_it_was() {
    each_engine(async |server| {
        let mut status = server.answer("/status").await;
        let engine = status["store"]["engine"].take();
        assert!(engine == "sqlite" || engine == "postgres");
        insta::assert_json_snapshot!("status", status);
    });
}

/// `cargo run -p vigie-api --example openapi > crates/vigie-api/openapi.json` writes it anew.
#[test]
fn the_document_is_the_one_in_the_repository() {
    let kept = include_str!("../../openapi.json");
    assert!(vigie_api::openapi_document() == kept, "openapi.json is not what the routes say");
    each_engine(async |server| {
        let served = server.get("/api/v1/openapi.json").await;
        assert_eq!(served.text(), kept);
    });
}
