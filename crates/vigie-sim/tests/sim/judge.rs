//! What the judge is told: stretches that nobody heard, requests, messages made; and permissions, which hide and refuse.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_sim::SimConfig;
use vigie_world::Purpose;

use crate::client::{BASE, Client};
use crate::support::{Sim, config};

fn unlimited() -> SimConfig {
    SimConfig { rest_limits: false, identify_interval_ms: 0, ..config() }
}

fn id(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

/// The unheard stretches of a guild as (from, to, reason).
fn gaps(state: &Value, guild: &str) -> Vec<(i64, i64, String)> {
    let rows = state["unheard"].as_array().unwrap().iter().filter(|row| row["guild"] == guild);
    rows.map(|row| {
        assert_eq!(row["bot"], 0);
        let reason = row["reason"].as_str().unwrap().to_owned();
        (row["from_ms"].as_i64().unwrap(), row["to_ms"].as_i64().unwrap(), reason)
    })
    .collect()
}

/// Messages heard by a client, with their guild.
fn messages(payloads: &[Value]) -> impl Iterator<Item = (u64, String)> + '_ {
    let written = payloads.iter().filter(|payload| payload["t"] == "MESSAGE_CREATE");
    written.map(|payload| {
        (id(&payload["d"]["id"]), payload["d"]["guild_id"].as_str().unwrap().to_owned())
    })
}

/// Every message of the present that the REST API still knows, by channel.
async fn read_again(sim: &Sim) -> BTreeMap<u64, Vec<u64>> {
    let start = vigie_core::vocabulary::snowflake_at(config().world.start);
    let mut found = BTreeMap::new();
    for (channel, _) in sim.state().await["messages_made"].as_object().unwrap() {
        let mut after = start - 1;
        let all: &mut Vec<u64> = found.entry(channel.parse().unwrap()).or_default();
        loop {
            let path = format!("/channels/{channel}/messages?limit=100&after={after}");
            let (status, page) = sim.ask(&path).await;
            assert_eq!(status, 200, "{page}");
            let page: Vec<u64> = page.as_array().unwrap().iter().map(|m| id(&m["id"])).collect();
            assert!(page.is_sorted_by(|one, two| one > two), "newest first");
            let Some(&newest) = page.first() else { break };
            after = newest;
            all.extend(page.iter().rev());
        }
    }
    found
}

#[tokio::test]
async fn heard_and_unheard_together_are_all_that_happened() {
    let sim = Sim::with(unlimited()).await;
    let mut heard = BTreeMap::new();
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(BASE).await;
    sim.play(300).await;
    sim.say("SIM_A", json!({})).await;
    heard.extend(messages(&client.until("SIM_A").await));
    // Nobody listens, and nobody can go on where it stopped.
    sim.fault(json!({ "kind": "forget_session" })).await;
    drop(client);
    sim.play(300).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(BASE).await;
    let guild = sim.guild().await.0.to_string();
    let outage = json!({ "kind": "guild_outage", "guild_id": guild, "ms": 60_000 });
    sim.play(200).await;
    sim.fault(outage).await;
    sim.play(300).await;
    sim.say("SIM_B", json!({})).await;
    heard.extend(messages(&client.until("SIM_B").await));
    let state = sim.state().await;
    let reasons: Vec<String> = gaps(&state, &guild).into_iter().map(|gap| gap.2).collect();
    // Before the first session nothing had happened.
    assert_eq!(reasons, ["session_lost", "outage"]);
    let is_unheard = |message: u64, guild: &str| {
        let at = vigie_core::vocabulary::snowflake_time(message).0;
        gaps(&state, guild).iter().any(|(from, to, _)| *from < at && at <= *to)
    };
    for (message, guild) in &heard {
        assert!(!is_unheard(*message, guild), "{message} was heard");
    }
    let mut missed = 0;
    for (channel, found) in read_again(&sim).await {
        let (_, home) = sim.ask(&format!("/channels/{channel}")).await;
        let home = home["guild_id"].as_str().unwrap();
        for message in found.iter().filter(|message| !heard.contains_key(message)) {
            assert!(is_unheard(*message, home), "{message} in {channel}");
            missed += 1;
        }
    }
    assert!(missed > 200 && heard.len() > 300, "{missed} {}", heard.len());
    let made: u64 =
        state["messages_made"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let deleted = sim.simulator.truth().deleted().len();
    let unheard_deleted =
        sim.simulator.truth().deleted().iter().filter(|d| !heard.contains_key(&d.id.0)).count();
    assert!(deleted > 0);
    assert_eq!(made as usize, heard.len() + missed + unheard_deleted);
    assert_eq!(state["messages_forgotten"], 0);
}

#[tokio::test]
async fn what_the_client_did_not_receive_is_unheard_once_it_says_so() {
    let sim = Sim::with(unlimited()).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (mut session, _) = client.log_in(BASE).await;
    sim.play(200).await;
    sim.say("SIM_A", json!({})).await;
    let heard = client.until("SIM_A").await;
    let guild = sim.guild().await.0.to_string();
    let own: Vec<&Value> = heard.iter().filter(|p| p["t"] == "MESSAGE_CREATE").collect();
    let last = own[own.len() / 2];
    session.sequence = last["s"].as_u64().unwrap();
    let at = vigie_core::vocabulary::snowflake_time(id(&last["d"]["id"])).0;
    sim.fault(json!({ "kind": "forget_session" })).await;
    drop(client);
    assert!(gaps(&sim.state().await, &guild).iter().all(|gap| gap.0 > at || gap.1 < at));
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    assert_eq!(again.payload().await["op"], 9);
    let gaps = gaps(&sim.state().await, &guild);
    assert_eq!((gaps[0].0, gaps[0].2.as_str()), (at, "session_lost"));
}

#[tokio::test]
async fn a_resumed_session_has_missed_nothing_and_a_lost_dispatch_is_named() {
    let sim = Sim::with(unlimited()).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    sim.fault(json!({ "kind": "drop_tcp" })).await;
    let unheard = |state: &Value| state["unheard"].as_array().unwrap().clone();
    sim.play(200).await;
    let waits = unheard(&sim.state().await);
    assert_eq!(waits.len(), 3);
    assert!(waits.iter().all(|row| row["reason"] == "awaiting_resume"), "{waits:?}");
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    again.until("RESUMED").await;
    assert_eq!(unheard(&sim.state().await), [] as [Value; 0]);
    sim.fault(json!({ "kind": "lose", "count": 3 })).await;
    sim.play(100).await;
    let lost: Vec<Value> =
        unheard(&sim.state().await).into_iter().filter(|row| row["reason"] == "lost").collect();
    assert_eq!(lost.len(), 3);
    assert!(lost.iter().all(|row| row["from_ms"] == row["to_ms"]));
}

#[tokio::test]
async fn requests_are_counted_by_route_and_channel() {
    let sim = Sim::with(unlimited()).await;
    let world = vigie_world::World::new(config().world);
    let channel = world.guilds()[0].channel_for(Purpose::Talk).unwrap().id.0;
    for _ in 0..3 {
        sim.ask(&format!("/channels/{channel}/messages?limit=1")).await;
    }
    sim.ask(&format!("/channels/{channel}")).await;
    let rest = sim.state().await["rest"].clone();
    assert_eq!(rest["GET /channels/{id}/messages"], json!({ channel.to_string(): 3 }));
    assert_eq!(rest["GET /channels/{id}"], json!({ channel.to_string(): 1 }));
}

#[tokio::test]
async fn a_channel_out_of_sight_is_silent_refused_and_told_of() {
    let sim = Sim::with(unlimited()).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(BASE).await;
    let world = vigie_world::World::new(config().world);
    let guild = world.guilds()[0].id.0.to_string();
    let talk = world.guilds()[0].channels.iter().filter(|c| c.purpose == Purpose::Talk);
    let channel = talk.max_by_key(|c| world.messages(c.id, vigie_world::Page::Latest, 100).len());
    let channel = channel.unwrap().id.0.to_string();
    let set = async |permission: &str, granted: bool| {
        sim.fault(json!({
            "kind": "permission", "guild_id": guild, "channel_id": channel,
            "permission": permission, "granted": granted,
        }))
        .await
    };
    let path = format!("/channels/{channel}/messages");
    assert_eq!(set("view_channel", false).await, 1);
    assert_eq!(set("view_channel", false).await, 0, "it is so already");
    assert_eq!(client.payload().await["d"]["name"], "___hidden___");
    let (status, refusal) = sim.ask(&path).await;
    assert_eq!((status.as_u16(), &refusal["code"]), (403, &json!(50_001)));
    sim.play(1_000).await;
    sim.say("SIM_A", json!({})).await;
    let heard = client.until("SIM_A").await;
    assert!(heard.iter().filter(|p| p["t"] == "MESSAGE_CREATE").count() > 100);
    let told_of = |payload: &&Value| {
        payload["d"]["channel_id"] == channel.as_str()
            && payload["t"].as_str().is_some_and(|name| name.starts_with("MESSAGE"))
    };
    assert_eq!(heard.iter().find(told_of), None);
    assert!(sim.state().await["messages_made"][&channel].as_u64().unwrap() > 10);
    assert_eq!(set("view_channel", true).await, 1);
    let back = client.until("THREAD_LIST_SYNC").await;
    assert_eq!(back[0]["t"], "CHANNEL_UPDATE");
    assert_ne!(back[0]["d"]["name"], "___hidden___");
    let rows = sim.state().await["unheard"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["reason"] == "permission").unwrap();
    assert_eq!((&row["channel"], &row["guild"]), (&json!(channel), &json!(guild)));
    assert!(row["to_ms"].as_i64() > row["from_ms"].as_i64());
    assert!(!sim.ask(&path).await.1.as_array().unwrap().is_empty());
    set("read_message_history", false).await;
    assert_eq!(sim.ask(&path).await.1, json!([]));
    set("read_message_history", true).await;
    assert!(!sim.ask(&path).await.1.as_array().unwrap().is_empty());
}
