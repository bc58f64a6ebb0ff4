//! The control door.

use serde_json::{Value, json};
use vigie_sim::{SimConfig, ready_line};
use vigie_world::Truth;

use crate::client::{BASE, Client};
use crate::support::{Sim, config};

#[tokio::test]
async fn the_ready_line_says_where_everything_is() {
    for control in [true, false] {
        let sim = Sim::with(SimConfig { control, ..config() }).await;
        let line = ready_line(&sim.simulator);
        assert!(!line.contains('\n'));
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&line["event"], &line["guilds"], &line["seed"]),
            (&json!("ready"), &json!(3), &json!(7))
        );
        assert_eq!(line["api_url"], json!(format!("{}/api", sim.base())));
        assert_eq!(line["gateway_url"], json!(format!("ws://{}", sim.simulator.address())));
        assert_eq!(line["cdn_url"], json!(sim.base()));
        assert_eq!(line["control_url"].is_string(), control);
        let door = sim.http.get(format!("{}/_sim/state", sim.base())).send().await.unwrap();
        assert_eq!(door.status() == 200, control);
    }
}

#[tokio::test]
async fn truth_is_told_whole_and_by_guild() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(BASE).await;
    sim.play(200).await;
    let fetch = async |query: &str| -> Truth {
        let url = format!("{}/_sim/truth{query}", sim.base());
        let text = sim.http.get(url).send().await.unwrap().text().await.unwrap();
        Truth::from_json(&text).unwrap()
    };
    // Time in voice goes on: both are asked for the same instant.
    let now = sim.state().await["played_to_unix_ms"].as_i64().unwrap();
    let whole = fetch(&format!("?at={now}")).await;
    for guild in vigie_world::World::new(config().world).guilds() {
        assert_eq!(whole.sums(guild.id), sim.simulator.truth().sums(guild.id));
    }
    let mut sum = Truth::new();
    for guild in vigie_world::World::new(config().world).guilds() {
        sum.merge(&fetch(&format!("?at={now}&guild={}", guild.id.0)).await);
    }
    assert_eq!(sum.diff(&whole), []);
    assert!(whole.cell_count() > 10);
}

#[tokio::test]
async fn a_payload_reaches_the_shard_of_its_guild_or_everybody() {
    let sim = Sim::with(SimConfig { max_concurrency: 2, ..config() }).await;
    let mut clients = Vec::new();
    for id in 0..2 {
        let mut client = Client::connect(&sim.simulator).await;
        client.identify_as("any", BASE, [id, 2]).await;
        client.until("READY").await;
        clients.push(client);
    }
    let guild = sim.guild().await.0;
    let shard = (guild >> 22) as usize % 2;
    let odd = json!({ "b": 1, "a": ["\u{e9}", null] });
    let body = json!({ "guild_id": guild.to_string(), "t": "ANY_NAME", "d": odd });
    assert_eq!(sim.control("dispatch", body).await, json!({ "sessions": 1 }));
    let body = json!({ "guild_id": null, "t": "FOR_ALL", "d": 3 });
    assert_eq!(sim.control("dispatch", body).await, json!({ "sessions": 2 }));
    for (id, client) in clients.iter_mut().enumerate() {
        let heard = client.until("FOR_ALL").await;
        assert_eq!(heard.last().unwrap()["d"], 3);
        let named = heard.iter().find(|payload| payload["t"] == "ANY_NAME");
        assert_eq!(named.map(|payload| &payload["d"]), (id == shard).then_some(&odd));
    }
}

#[tokio::test]
async fn state_shows_sessions_and_traffic_says_what_was_set() {
    let sim = Sim::start().await;
    let mut client = Client::connect_to(&sim.simulator.gateway_url(), "zlib-stream").await;
    let (session, _) = client.log_in(BASE).await;
    let state = sim.state().await;
    let shown = &state["sessions"][0];
    assert_eq!(shown["id"], json!(session.session_id));
    assert_eq!((&shown["shard"], &shown["intents"]), (&json!([0, 1]), &json!(BASE)));
    assert_eq!((&shown["sequence"], &shown["connected"]), (&json!(4), &json!(true)));
    assert_eq!((&shown["compression"], &shown["resumes"]), (&json!("zlib-stream"), &json!(0)));
    assert_eq!(state["counters"]["identifies"], 1);
    assert!(!state.to_string().contains("any"), "no token is shown");
    let set = sim.control("traffic", json!({ "events_per_second": -5 })).await;
    assert_eq!(set, json!({ "events_per_second": 0.0 }));
}

#[tokio::test]
async fn what_is_not_understood_is_refused_in_json() {
    let sim = Sim::start().await;
    for (path, body) in [
        ("fault", json!({ "kind": "earthquake" })),
        ("fault", json!({ "kind": "close" })),
        ("dispatch", json!({ "d": {} })),
        ("traffic", json!({})),
    ] {
        let url = format!("{}/_sim/{path}", sim.base());
        let answer = sim.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{path} {body}");
        let refusal: Value = answer.json().await.unwrap();
        assert!(refusal["message"].is_string());
    }
}
