//! The pages of a member and of a channel, the lists, and the status.

use serde_json::Value;

use crate::harness::{Server, each_engine};
use crate::judge::{self, Filter, folded, messages, ranked, seconds, sum, told};
use crate::numbers::list;
use crate::seed::{ADA, ARCHIVE, BOT, Deed, GENERAL, GONE, NAMELESS, OUTSIDE, TALK, THREAD, TOWN};
use vigie_core::vocabulary::{ChannelId, UserId};

#[test]
fn member_pages_agree_with_the_judge() {
    each_engine(async |server| {
        for member in [ADA, UserId(1_003), UserId(1_004), BOT] {
            for query in [
                "range=30d&audience=all",
                "range=all&audience=all&tz=Europe/Paris",
                "range=7d&audience=all&channel=10",
            ] {
                check_member(&server, member, query).await;
            }
        }
    });
}

async fn check_member(server: &Server, member: UserId, query: &str) {
    let uri = format!("/members/{}?{query}", member.0);
    let page = server.ask(&uri).await;
    let (from, to) = (seconds(&page["period"]["from"]), seconds(&page["period"]["to"]));
    let channel = query.contains("channel=10").then_some(TOWN);
    let filter = Filter { audience: "all", channel };
    let everyone = server.judge.hourly(from, to, filter);
    let own = |deeds: &[Deed]| -> Vec<Deed> {
        deeds.iter().filter(|deed| deed.member == member).copied().collect()
    };
    let deeds = own(&everyone);
    let whole = sum(&deeds);
    assert_eq!(page["totals"]["messages"], whole.messages, "{uri}");
    assert_eq!(page["totals"]["commands"], whole.commands, "{uri}");
    assert_eq!(page["totals"]["reactions_given"], whole.reactions, "{uri}");
    let received: u64 = deeds.iter().map(|deed| u64::from(deed.counts.reactions_received)).sum();
    assert_eq!(page["totals"]["reactions_received"], received, "{uri}");
    let all = sum(&own(&server.judge.past.deeds));
    assert_eq!(page["all_time"]["messages"], all.messages, "{uri}");
    assert_eq!(page["all_time"]["voice_minutes"], told("voice", all.voice_ms), "{uri}");
    assert_eq!(page["totals"]["voice_minutes"], told("voice", whole.voice_ms), "{uri}");
    assert_eq!(page["voice"]["minutes"]["active"], told("voice", whole.active_voice_ms), "{uri}");
    let rank = ranked(&everyone, judge::member, judge::voice_minutes);
    let rank = rank.iter().position(|row| row.0 == member);
    assert_eq!(page["voice"]["rank"], Value::from(rank.map(|rank| rank + 1)), "{uri}");
    let spoken = ranked(&deeds, |deed| deed.channel, |deed| deed.voice.total_ms as f64);
    let channels: Vec<&str> = list(&page["voice"]["channels"])
        .iter()
        .map(|row| row["channel"]["id"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = spoken.iter().map(|(id, _)| id.0.to_string()).collect();
    assert_eq!(channels, expected, "{uri}");
    let rank = ranked(&everyone, judge::member, messages).iter().position(|row| row.0 == member);
    assert_eq!(page["rank"], Value::from(rank.map(|rank| rank + 1)), "{uri}");
    let told: u64 = list(&page["series"]["values"]).iter().filter_map(Value::as_u64).sum();
    assert_eq!(told, whole.messages, "{uri}");
    let heat: u64 = list(&page["heatmap"]["cells"])
        .iter()
        .flat_map(|row| list(row).iter().filter_map(Value::as_u64))
        .sum();
    assert_eq!(heat, whole.messages, "{uri}");
    let channels = ranked(&deeds, |deed| folded(deed.channel), messages);
    let told: Vec<String> = list(&page["channels"])
        .iter()
        .map(|row| format!("{} {}", row["channel"]["id"].as_str().unwrap(), row["value"]))
        .collect();
    let expected: Vec<String> =
        channels.iter().map(|(id, value)| format!("{} {}", id.0, *value as u64)).collect();
    assert_eq!(told, expected, "{uri}");
}

#[test]
fn channel_pages_agree_with_the_judge() {
    each_engine(async |server| {
        for channel in [TOWN, GENERAL, OUTSIDE, THREAD, ARCHIVE, GONE, TALK] {
            for query in
                ["range=30d", "range=7d&audience=all&tz=Europe/Paris", "range=week&audience=bots"]
            {
                check_channel(&server, channel, query).await;
            }
        }
        assert_eq!(
            server.get(&format!("/api/v1/guilds/100/channels/{}", NAMELESS.0)).await.status,
            404
        );
    });
}

async fn check_channel(server: &Server, channel: ChannelId, query: &str) {
    let uri = format!("/channels/{}?{query}", channel.0);
    let page = server.ask(&uri).await;
    let audience =
        ["all", "bots"].into_iter().find(|word| query.contains(word)).unwrap_or("humans");
    let filter = Filter { audience, channel: Some(channel) };
    let (from, to) = (seconds(&page["period"]["from"]), seconds(&page["period"]["to"]));
    let deeds = server.judge.hourly(from, to, filter);
    let whole = sum(&deeds);
    for metric in [
        "messages",
        "commands",
        "reactions",
        "active_members",
        "voice_minutes",
        "active_voice_minutes",
    ] {
        assert_eq!(page["totals"][metric], told(metric, whole.of(metric)), "{metric} {uri}");
    }
    assert_eq!(page["voice"]["minutes"]["total"], told("voice", whole.voice_ms), "{uri}");
    let speakers = ranked(&deeds, judge::member, |deed| deed.voice.total_ms as f64);
    assert_eq!(list(&page["voice"]["members"]).len(), speakers.len().min(10), "{uri}");
    for (row, (member, ms)) in list(&page["voice"]["members"]).iter().zip(&speakers) {
        assert_eq!(row["member"]["id"], member.0.to_string(), "{uri}");
        assert_eq!(row["minutes"], told("voice", *ms as u64), "{uri}");
    }
    let guild = sum(&server.judge.hourly(from, to, Filter { audience, channel: None }));
    let share = whole.messages as f64 / guild.messages as f64;
    assert!((page["share_of_guild"].as_f64().unwrap() - share).abs() < 1e-12, "{uri}");
    let told: u64 = list(&page["series"]["values"]).iter().filter_map(Value::as_u64).sum();
    assert_eq!(told, whole.messages, "{uri}");
    let members = ranked(&deeds, judge::member, messages);
    assert_eq!(list(&page["members"]).len(), members.len().min(10), "{uri}");
    for (row, (member, value)) in list(&page["members"]).iter().zip(&members) {
        assert_eq!(row["member"]["id"], member.0.to_string(), "{uri}");
        assert_eq!(row["value"], *value as u64, "{uri}");
    }
    let below: Vec<Deed> = deeds.iter().filter(|deed| deed.channel != channel).copied().collect();
    let threads = match channel {
        TOWN | ARCHIVE => ranked(&below, |deed| folded(deed.channel), messages),
        _ => ranked(&below, |deed| deed.channel, messages),
    };
    let told: Vec<(&str, u64)> = list(&page["threads"])
        .iter()
        .map(|row| (row["channel"]["id"].as_str().unwrap(), row["value"].as_u64().unwrap()))
        .collect();
    let ids: Vec<String> = threads.iter().map(|(id, _)| id.0.to_string()).collect();
    let expected: Vec<(&str, u64)> =
        ids.iter().map(String::as_str).zip(threads.iter().map(|row| row.1 as u64)).collect();
    assert_eq!(told, expected, "{uri}");
    let all = Filter { audience: "all", channel: Some(channel) };
    let last = server.judge.hourly(0, i64::MAX, all).iter().map(|deed| deed.minute / 60).max();
    let last = last.map(|hour| i64::from(hour) * 3_600);
    assert_eq!(
        last,
        page["last_activity_at"].is_string().then(|| seconds(&page["last_activity_at"])),
        "{uri}"
    );
}

#[test]
fn lists_agree_with_the_judge() {
    each_engine(async |server| {
        let guilds = server.answer("/guilds").await;
        let guilds = list(&guilds["guilds"]);
        assert_eq!(guilds.len(), 2);
        let now = crate::seed::NOW.0 / 1_000;
        let week =
            server.judge.hourly(now / 86_400 * 86_400 - 6 * 86_400, now + 3_600, Filter::default());
        assert_eq!(guilds[0]["messages_7d"], sum(&week).messages);
        assert_eq!(guilds[0]["health"], "live");
        assert_eq!(guilds[1]["messages_7d"], 0);
        assert_eq!(guilds[1]["health"], "stale");
        assert_eq!(guilds[1]["coverage"], "unknown");
        assert!(list(&guilds[1]["sparkline"]["v"]).iter().all(Value::is_null));
        let one = server.ask("").await;
        assert_eq!(one, guilds[0]);
        let channels = server.ask("/channels").await;
        let names: Vec<&str> =
            list(&channels["channels"]).iter().map(|row| row["name"].as_str().unwrap()).collect();
        let order =
            ["Town", "general", "a thread", "random, \"etc\"", "Voice", "news", "Archive", "gone"];
        assert_eq!(names, order);
    });
}

/// A server in which nothing was counted has empty answers, not zeros that look like knowledge.
#[test]
fn a_silent_server_has_empty_answers() {
    each_engine(async |server| {
        for route in [
            "/stats/overview?range=all",
            "/stats/overview?range=7d&tz=Asia/Kolkata",
            "/stats/series?range=30d&split=channel",
            "/stats/series?range=24h&step=minute",
            "/stats/heatmap?metric=active_members",
            "/leaderboards/activity?range=all",
            "/leaderboards/voice?range=all",
            "/stats/voice?range=30d",
            "/voice/sessions?range=30d",
            "/coverage?range=30d",
        ] {
            let answer = server.answer(&format!("/guilds/200{route}")).await;
            if route.starts_with("/stats/overview") {
                assert_eq!(answer["cards"]["messages"]["value"], 0);
                assert!(
                    list(&answer["cards"]["messages"]["sparkline"]["v"]).iter().all(Value::is_null)
                );
                assert!(answer["cards"]["messages"]["previous"].is_null());
            }
        }
    });
}
