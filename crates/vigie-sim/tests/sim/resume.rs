//! RESUME: exactly what was missed, or the plain word that it is lost.

use serde_json::{Value, json};
use vigie_sim::SimConfig;

use crate::client::{BASE, Client, numbers};
use crate::support::{Sim, config};

fn assert_refused(answer: &Value) {
    assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
}

#[tokio::test]
async fn what_was_missed_is_replayed_exactly_once_and_in_order() {
    let sim = Sim::start().await;
    for compress in ["", "zlib-stream", "zstd-stream"] {
        let mut client = Client::connect_to(&sim.simulator.gateway_url(), compress).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let (mut session, _) = client.log_in(BASE).await;
        sim.say("SIM_A", json!({ "n": 1 })).await;
        let heard = client.until("SIM_A").await;
        session.sequence = *numbers(&heard).last().unwrap();
        drop(client);
        sim.play(300).await;
        sim.say("SIM_B", json!({ "n": 2 })).await;
        let mut again = Client::connect_to(&session.url, compress).await;
        again.resume(&session).await;
        let replayed = again.until("RESUMED").await;
        let (resumed, missed) = replayed.split_last().unwrap();
        assert!(resumed["d"].is_object());
        assert!(missed.len() > 200, "{}", missed.len());
        let expected: Vec<u64> = (1..=missed.len() as u64).map(|n| session.sequence + n).collect();
        assert_eq!(numbers(missed), expected);
        assert_eq!(missed.last().unwrap()["t"], "SIM_B");
        sim.say("SIM_C", json!({})).await;
        let after = again.until("SIM_C").await;
        let last = *expected.last().unwrap();
        assert_eq!(numbers(&after), [last + 1]);
        again.close(1000).await;
    }
}

#[tokio::test]
async fn an_outage_that_was_missed_is_replayed_as_it_was() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE | 1 << 7).await;
    drop(client);
    while sim.state().await["sessions"][0]["connected"] == true {}
    let guild = sim.guild().await.0.to_string();
    sim.play(150).await;
    sim.fault(json!({ "kind": "guild_outage", "guild_id": guild, "ms": 100 })).await;
    sim.play(150).await;
    let is_told = async || {
        let state = sim.state().await;
        state["sessions"][0]["guilds_told"] == 3
    };
    while !is_told().await {}
    sim.play(300).await;
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    let replayed = again.until("RESUMED").await;
    let names: Vec<&Value> = replayed.iter().map(|payload| &payload["t"]).collect();
    let gone = names.iter().position(|name| **name == "GUILD_DELETE").unwrap();
    let back = names.iter().position(|name| **name == "GUILD_CREATE").unwrap();
    assert!(0 < gone && gone < back);
    let own = |payload: &&Value| {
        payload["t"] == "MESSAGE_CREATE" && payload["d"]["guild_id"] == guild.as_str()
    };
    let id = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(replayed[gone..back].iter().find(own), None);
    let mut followed = 0;
    for channel in replayed[back]["d"]["channels"].as_array().unwrap() {
        let here = |payload: &&Value| own(payload) && payload["d"]["channel_id"] == channel["id"];
        let first = replayed[back..].iter().find(here);
        let before = replayed[..gone].iter().rfind(here);
        if let Some(first) = first {
            assert!(id(&channel["last_message_id"]) < id(&first["d"]["id"]));
            followed += 1;
        }
        if let Some(before) = before {
            assert!(id(&channel["last_message_id"]) >= id(&before["d"]["id"]));
        }
    }
    assert!(followed > 0);
}

#[tokio::test]
async fn a_replay_can_go_back_to_the_beginning_and_be_repeated() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    let (mut session, told) = client.log_in(BASE).await;
    session.sequence = 0;
    for _ in 0..2 {
        let mut again = Client::connect(&sim.simulator).await;
        again.resume(&session).await;
        let replayed = again.until("RESUMED").await;
        assert_eq!(&replayed[..replayed.len() - 1], &told[..]);
        drop(client);
        client = again;
    }
    assert_eq!(sim.state().await["sessions"][0]["resumes"], 2);
    assert_eq!(sim.state().await["counters"]["identifies"], 1);
}

#[tokio::test]
async fn a_session_taken_over_closes_its_old_connection() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    again.until("RESUMED").await;
    assert_eq!(client.closed().await, Some(4000));
    sim.say("SIM_A", json!({})).await;
    again.until("SIM_A").await;
}

#[tokio::test]
async fn more_missed_than_is_kept_is_lost_and_said_so() {
    let sim = Sim::with(SimConfig { replay_events_max: 50, ..config() }).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    drop(client);
    while sim.state().await["sessions"][0]["connected"] == true {}
    sim.play(200).await;
    let mut again = Client::connect(&sim.simulator).await;
    // Until the session is swept the refusal comes from its log, then from its absence: the answer is the same.
    again.resume(&session).await;
    assert_refused(&again.payload().await);
    // The connection is as new: it may log in.
    again.log_in(BASE).await;
}

#[tokio::test]
async fn a_session_waits_for_its_client_only_so_long() {
    let sim = Sim::with(SimConfig { replay_window_ms: 200, ..config() }).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    drop(client);
    while !sim.state().await["sessions"].as_array().unwrap().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    assert_refused(&again.payload().await);
}

#[tokio::test]
async fn codes_1000_and_1001_end_a_session_and_others_do_not() {
    let sim = Sim::with(SimConfig { identify_interval_ms: 0, ..config() }).await;
    for (code, survives) in [(1000, false), (1001, false), (4000, true), (4200, true)] {
        let mut client = Client::connect(&sim.simulator).await;
        let (session, _) = client.log_in(BASE).await;
        client.close(code).await;
        client.closed().await;
        let mut again = Client::connect(&sim.simulator).await;
        again.resume(&session).await;
        let answer = again.payload().await;
        match survives {
            true => assert_eq!(answer["t"], "RESUMED", "{code}"),
            false => assert_refused(&answer),
        }
    }
}

#[tokio::test]
async fn strangers_and_the_future_are_refused() {
    let sim = Sim::with(SimConfig { token: vec!["any".into(), "other".into()], ..config() }).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    let attempts = [
        ("unknown session", Some(json!({ "token": "any", "session_id": "no", "seq": 1 })), None),
        (
            "another bot's",
            Some(json!({ "token": "other", "session_id": session.session_id, "seq": 1 })),
            None,
        ),
        (
            "wrong token",
            None,
            Some((json!({ "token": "no", "session_id": session.session_id, "seq": 1 }), 4004)),
        ),
        (
            "no number",
            None,
            Some((json!({ "token": "any", "session_id": session.session_id }), 4002)),
        ),
        (
            "the future",
            None,
            Some((json!({ "token": "any", "session_id": session.session_id, "seq": 99 }), 4007)),
        ),
    ];
    for (what, refused, closed) in attempts {
        let mut other = Client::connect(&sim.simulator).await;
        if let Some(d) = refused {
            other.send(6, d).await;
            assert_refused(&other.payload().await);
        }
        if let Some((d, code)) = closed {
            other.send(6, d).await;
            assert_eq!(other.closed().await, Some(code), "{what}");
        }
    }
}
