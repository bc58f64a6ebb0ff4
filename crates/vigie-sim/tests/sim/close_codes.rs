//! Every close code that a client can earn, and the identify budget.

use serde_json::{Value, json};
use vigie_sim::SimConfig;

use crate::client::{BASE, Client, Got, identify};
use crate::support::{Sim, config};

/// Connects, does something wrong, and gives the close code.
async fn code_after(sim: &Sim, wrong: impl AsyncFnOnce(&mut Client)) -> Option<u16> {
    let mut client = Client::connect(&sim.simulator).await;
    wrong(&mut client).await;
    client.closed().await
}

#[tokio::test]
async fn what_is_not_understood_is_closed_with_4001_or_4002() {
    let sim = Sim::start().await;
    assert_eq!(code_after(&sim, async |c| c.send(99, Value::Null).await).await, Some(4001));
    assert_eq!(code_after(&sim, async |c| c.send_text("{").await).await, Some(4002));
    assert_eq!(code_after(&sim, async |c| c.send(2, json!(3)).await).await, Some(4002));
    let long = format!(r#"{{"op":1,"d":null,"padding":"{}"}}"#, "x".repeat(4_096));
    assert_eq!(code_after(&sim, async |c| c.send_text(&long).await).await, Some(4002));
}

#[tokio::test]
async fn who_is_not_logged_in_may_only_log_in() {
    let sim = Sim::start().await;
    let presence = json!({ "since": null, "activities": [], "status": "online", "afk": false });
    assert_eq!(code_after(&sim, async |c| c.send(3, presence).await).await, Some(4003));
    let twice = async |c: &mut Client| {
        c.log_in(BASE).await;
        c.identify(BASE).await;
    };
    assert_eq!(code_after(&sim, twice).await, Some(4005));
}

#[tokio::test]
async fn a_wrong_token_is_closed_with_4004() {
    let sim = Sim::with(SimConfig { token: vec!["good".to_owned()], ..config() }).await;
    let wrong = async |c: &mut Client| c.identify_as("bad", BASE, [0, 1]).await;
    assert_eq!(code_after(&sim, wrong).await, Some(4004));
    let mut client = Client::connect(&sim.simulator).await;
    client.identify_as("Bot good", BASE, [0, 1]).await;
    assert_eq!(client.payload().await["t"], "READY");
}

#[tokio::test]
async fn numbers_that_were_never_given_are_closed_with_4007() {
    let sim = Sim::start().await;
    let beats = async |c: &mut Client| {
        c.log_in(BASE).await;
        c.send(1, json!(1_000)).await;
    };
    assert_eq!(code_after(&sim, beats).await, Some(4007));
}

#[tokio::test]
async fn the_121st_payload_in_a_minute_is_closed_with_4008() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    for _ in 0..120 {
        client.send(1, Value::Null).await;
    }
    for _ in 0..120 {
        assert_eq!(client.payload().await["op"], 11);
    }
    client.send(1, Value::Null).await;
    assert_eq!(client.closed().await, Some(4008));
}

#[tokio::test]
async fn a_client_that_does_not_beat_is_closed_with_4009() {
    let sim = Sim::with(SimConfig { heartbeat_interval_ms: 100, ..config() }).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, _) = client.log_in(BASE).await;
    assert_eq!(client.closed().await, Some(4009));
    let mut again = Client::connect(&sim.simulator).await;
    again.resume(&session).await;
    let answer = again.payload().await;
    assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
}

#[tokio::test]
async fn shards_must_exist_and_not_hold_too_much() {
    let sim = Sim::with(SimConfig { guilds_per_shard_max: 2, ..config() }).await;
    let invalid = async |c: &mut Client| c.identify_as("any", BASE, [2, 2]).await;
    assert_eq!(code_after(&sim, invalid).await, Some(4010));
    let whole = async |c: &mut Client| c.identify_as("any", BASE, [0, 1]).await;
    assert_eq!(code_after(&sim, whole).await, Some(4011));
}

#[tokio::test]
async fn old_versions_are_closed_with_4012_and_other_encodings_never_open() {
    let sim = Sim::start().await;
    for query in ["?v=8&encoding=json", "?v=11&encoding=json", ""] {
        let mut client = Client::open(&format!("{}/{query}", sim.simulator.gateway_url())).await;
        assert!(matches!(client.next().await, Got::Closed(Some(4012))), "{query}");
    }
    for query in ["?v=10&encoding=etf", "?v=10&encoding=json&compress=brotli"] {
        let url = format!("{}/{query}", sim.simulator.gateway_url());
        assert!(tokio_tungstenite::connect_async(url).await.is_err(), "{query}");
    }
}

#[tokio::test]
async fn every_path_that_clients_make_of_the_address_opens() {
    let sim = Sim::start().await;
    for path in ["/?v=10&encoding=json", "/?v=9&encoding=json", "//?v=10&encoding=json"] {
        let mut client = Client::open(&format!("{}{path}", sim.simulator.gateway_url())).await;
        assert_eq!(client.payload().await["op"], 10, "{path}");
    }
}

#[tokio::test]
async fn intents_that_do_not_exist_or_are_not_granted_are_refused() {
    let sim = Sim::with(SimConfig { privileged_intents: 0, ..config() }).await;
    let unknown = async |c: &mut Client| c.identify(1 << 30).await;
    assert_eq!(code_after(&sim, unknown).await, Some(4013));
    let privileged = async |c: &mut Client| c.identify(BASE | 1 << 15).await;
    assert_eq!(code_after(&sim, privileged).await, Some(4014));
}

#[tokio::test]
async fn each_identify_bucket_is_good_for_one_login_in_five_seconds() {
    let config = SimConfig { identify_interval_ms: 5_000, max_concurrency: 2, ..config() };
    let sim = Sim::with(config).await;
    let mut first = Client::connect(&sim.simulator).await;
    first.identify_as("any", BASE, [0, 4]).await;
    assert_eq!(first.payload().await["t"], "READY");
    let mut other_bucket = Client::connect(&sim.simulator).await;
    other_bucket.identify_as("any", BASE, [1, 4]).await;
    assert_eq!(other_bucket.payload().await["t"], "READY");
    let mut same_bucket = Client::connect(&sim.simulator).await;
    same_bucket.identify_as("any", BASE, [2, 4]).await;
    let answer = same_bucket.payload().await;
    assert_eq!((&answer["op"], &answer["d"]), (&json!(9), &json!(false)));
    let mut other_bot = Client::connect(&sim.simulator).await;
    other_bot.send(2, identify("other", BASE, [2, 4])).await;
    assert_eq!(other_bot.payload().await["t"], "READY");
}

#[tokio::test]
async fn too_many_session_starts_end_the_bot() {
    let config = SimConfig { session_starts_max: 1, identify_interval_ms: 0, ..config() };
    let sim = Sim::with(config).await;
    let mut first = Client::connect(&sim.simulator).await;
    let (session, _) = first.log_in(BASE).await;
    let second = async |c: &mut Client| c.identify(BASE).await;
    assert_eq!(code_after(&sim, second).await, Some(4004));
    assert_eq!(first.closed().await, Some(4004));
    let resumes = async |c: &mut Client| c.resume(&session).await;
    assert_eq!(code_after(&sim, resumes).await, Some(4004));
    assert_eq!(sim.ask("/users/@me").await.0, 401);
}
