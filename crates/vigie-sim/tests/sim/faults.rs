//! Everything that can be made to go wrong, as a client meets it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_sim::SimConfig;

use crate::client::{BASE, Client, Got, Resumable};
use crate::support::{Sim, config};

async fn logged_in(sim: &Sim) -> (Client, Resumable) {
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    (client, session)
}

async fn resumes(sim: &Sim, session: &Resumable) -> bool {
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(session).await;
    let answer = again.payload().await;
    assert!(answer["t"] == "RESUMED" || answer["op"] == 9, "{answer}");
    answer["t"] == "RESUMED"
}

#[tokio::test]
async fn reconnect_is_op_7_and_closes_who_stays() {
    let sim = Sim::start().await;
    let (mut client, session) = logged_in(&sim).await;
    assert_eq!(sim.fault(json!({ "kind": "reconnect" })).await, 1);
    let order = client.payload().await;
    assert_eq!((&order["op"], &order["d"]), (&json!(7), &Value::Null));
    assert!(resumes(&sim, &session).await);
    assert_eq!(client.closed().await, Some(4000));
}

#[tokio::test]
async fn op_9_says_whether_the_session_is_left() {
    let sim = Sim::start().await;
    for resumable in [true, false] {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (mut client, session) = logged_in(&sim).await;
        sim.fault(json!({ "kind": "invalid_session", "resumable": resumable })).await;
        let word = client.payload().await;
        assert_eq!((&word["op"], &word["d"]), (&json!(9), &json!(resumable)));
        assert_eq!(resumes(&sim, &session).await, resumable);
    }
}

#[tokio::test]
async fn any_close_code_can_be_sent_and_some_end_the_session() {
    let sim = Sim::with(SimConfig { identify_interval_ms: 0, ..config() }).await;
    for (code, survives) in
        [(4000, true), (4008, true), (4009, false), (4014, false), (1001, false)]
    {
        let (mut client, session) = logged_in(&sim).await;
        sim.fault(json!({ "kind": "close", "code": code })).await;
        assert_eq!(client.closed().await, Some(code));
        assert_eq!(resumes(&sim, &session).await, survives, "{code}");
        sim.fault(json!({ "kind": "forget_session" })).await;
    }
}

#[tokio::test]
async fn a_fault_can_be_meant_for_one_shard() {
    let sim = Sim::with(SimConfig { max_concurrency: 2, ..config() }).await;
    let mut clients = Vec::new();
    for id in 0..2 {
        let mut client = Client::connect(&sim.simulator).await;
        client.identify_as("any", BASE, [id, 2]).await;
        client.until("READY").await;
        clients.push(client);
    }
    assert_eq!(sim.fault(json!({ "kind": "close", "code": 4000, "shard": 1 })).await, 1);
    assert_eq!(clients[1].closed().await, Some(4000));
    sim.say("SIM_A", json!({})).await;
    clients[0].until("SIM_A").await;
}

#[tokio::test]
async fn heartbeats_can_stay_unanswered_and_be_asked_for() {
    let sim = Sim::start().await;
    let (mut client, _) = logged_in(&sim).await;
    sim.fault(json!({ "kind": "heartbeat_request" })).await;
    assert_eq!(client.payload().await["op"], 1);
    client.send(1, json!(4)).await;
    assert_eq!(client.payload().await["op"], 11);
    sim.fault(json!({ "kind": "no_heartbeat_ack" })).await;
    client.send(1, json!(4)).await;
    sim.say("SIM_A", json!({})).await;
    assert_eq!(client.payload().await["t"], "SIM_A", "dispatches go on, answers do not");
    sim.say("SIM_B", json!({})).await;
    assert_eq!(client.payload().await["t"], "SIM_B");
}

#[tokio::test]
async fn a_stalled_connection_says_nothing_for_a_while_and_loses_nothing() {
    let sim = Sim::start().await;
    let (mut client, _) = logged_in(&sim).await;
    let begun = Instant::now();
    sim.fault(json!({ "kind": "stall", "ms": 250 })).await;
    sim.say("SIM_A", json!({})).await;
    client.until("SIM_A").await;
    assert!(begun.elapsed() >= Duration::from_millis(200), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_dropped_connection_ends_without_a_code_and_its_session_waits() {
    let sim = Sim::start().await;
    let (mut client, session) = logged_in(&sim).await;
    sim.fault(json!({ "kind": "drop_tcp" })).await;
    assert!(matches!(client.next().await, Got::Closed(None)));
    assert!(resumes(&sim, &session).await);
}

#[tokio::test]
async fn an_outage_takes_a_guild_away_and_gives_it_back() {
    let sim = Sim::start().await;
    let guild = sim.guild().await.0.to_string();
    let (mut client, _) = logged_in(&sim).await;
    let outage = json!({ "kind": "guild_outage", "guild_id": guild, "ms": 200 });
    assert_eq!(sim.fault(outage).await, 1);
    let gone = client.payload().await;
    assert_eq!(gone["t"], "GUILD_DELETE");
    assert_eq!(gone["d"], json!({ "id": guild, "unavailable": true }));
    let back = client.payload().await;
    assert_eq!((&back["t"], &back["d"]["id"]), (&json!("GUILD_CREATE"), &json!(guild)));
}

#[tokio::test]
async fn a_guild_in_an_outage_at_log_in_is_told_so_and_comes_later() {
    let sim = Sim::start().await;
    let guild = sim.guild().await.0.to_string();
    sim.fault(json!({ "kind": "guild_outage", "guild_id": guild, "ms": 700 })).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.identify(BASE).await;
    let ready = client.payload().await;
    let named = ready["d"]["guilds"].as_array().unwrap().clone();
    assert!(named.contains(&json!({ "id": guild, "unavailable": true })));
    let told = [client.payload().await, client.payload().await, client.payload().await];
    let gone = told.iter().find(|payload| payload["d"]["id"] == guild.as_str()).unwrap();
    assert_eq!((&gone["t"], &gone["d"]["unavailable"]), (&json!("GUILD_DELETE"), &json!(true)));
    assert_eq!(told.iter().filter(|payload| payload["t"] == "GUILD_CREATE").count(), 2);
    let back = client.until("GUILD_CREATE").await;
    assert_eq!(back.last().unwrap()["d"]["id"], guild);
}

#[tokio::test]
async fn what_happens_in_an_outage_is_in_the_truth_and_told_to_nobody() {
    let sim = Sim::start().await;
    let (mut client, _) = logged_in(&sim).await;
    let state = sim.state().await;
    assert_eq!(state["counters"]["events_withheld"], 0);
    let world = vigie_world::World::new(config().world);
    for guild in world.guilds() {
        let id = guild.id.0.to_string();
        sim.fault(json!({ "kind": "guild_outage", "guild_id": id, "ms": 60_000 })).await;
        client.until("GUILD_DELETE").await;
    }
    sim.play(100).await;
    sim.say("SIM_END", json!({})).await;
    assert_eq!(client.until("SIM_END").await.len(), 1);
    assert!(sim.sums().messages > 50);
    assert!(sim.state().await["counters"]["events_withheld"].as_u64().unwrap() >= 100);
}

#[tokio::test]
async fn dispatches_come_twice_exchanged_or_not_at_all() {
    let sim = Sim::start().await;
    let (mut client, mut session) = logged_in(&sim).await;
    for fault in ["duplicate", "reorder", "lose"] {
        sim.fault(json!({ "kind": fault, "count": 2 })).await;
        let before = sim.sums();
        sim.play(100).await;
        sim.say("SIM_END", json!({})).await;
        let heard = client.until("SIM_END").await;
        let numbers = crate::client::numbers(&heard);
        let expected: Vec<u64> = (1..=numbers.len() as u64).map(|n| session.sequence + n).collect();
        assert_eq!(numbers, expected, "numbers have no holes, whatever is done to dispatches");
        session.sequence += numbers.len() as u64;
        assert!(sim.sums().messages > before.messages);
        let ids: Vec<u64> = heard
            .iter()
            .filter(|p| p["t"] == "MESSAGE_CREATE")
            .map(|p| p["d"]["id"].as_str().unwrap().parse().unwrap())
            .collect();
        assert!(!ids.is_empty());
    }
}

#[tokio::test]
async fn a_storm_answers_every_request_with_a_global_429() {
    let sim = Sim::start().await;
    sim.fault(json!({ "kind": "rate_limit_storm", "ms": 200 })).await;
    let answer = sim.get("/gateway/bot").send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["x-ratelimit-global"], "true");
    assert_eq!(answer.headers()["x-ratelimit-scope"], "global");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["global"], true);
    tokio::time::sleep(Duration::from_secs_f64(body["retry_after"].as_f64().unwrap())).await;
    assert_eq!(sim.ask("/gateway/bot").await.0, 200);
}
