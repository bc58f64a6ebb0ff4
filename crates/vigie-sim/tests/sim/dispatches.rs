//! What sessions are told: READY, guilds, events by intent, content by grant, members on request, in every compression.

use serde_json::{Value, json};
use vigie_sim::SimConfig;

use crate::client::{BASE, Client, WITH_CONTENT, numbers};
use crate::support::{Sim, config};

#[tokio::test]
async fn ready_names_the_guilds_and_each_is_told() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    let (session, told) = client.log_in(BASE).await;
    let ready = &told[0]["d"];
    assert_eq!(ready["v"], 10);
    assert_eq!(ready["shard"], json!([0, 1]));
    assert_eq!(session.url, sim.simulator.gateway_url());
    assert_eq!(ready["user"]["bot"], true);
    assert!(ready["application"]["id"].is_string());
    assert_eq!(numbers(&told), [1, 2, 3, 4]);
    let named: Vec<&Value> = ready["guilds"].as_array().unwrap().iter().map(|g| &g["id"]).collect();
    let mut ids: Vec<&Value> = told[1..].iter().map(|guild| &guild["d"]["id"]).collect();
    ids.sort_by_key(|id| named.iter().position(|name| name == id));
    assert_eq!(ids, named);
    for guild in &told[1..] {
        assert_eq!(guild["d"]["unavailable"], false);
        assert!(guild["d"]["channels"].as_array().unwrap().len() > 2);
    }
}

#[tokio::test]
async fn a_heartbeat_is_answered_before_and_after_login() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    client.send(1, Value::Null).await;
    assert_eq!(client.payload().await["op"], 11);
    let (session, _) = client.log_in(BASE).await;
    client.send(1, json!(session.sequence)).await;
    let answer = client.payload().await;
    assert_eq!(
        (&answer["op"], &answer["s"], &answer["t"]),
        (&json!(11), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn shards_are_told_their_own_guilds_and_traffic_waits_for_all_of_them() {
    let sim = Sim::with(SimConfig { max_concurrency: 2, ..config() }).await;
    let mut guilds = Vec::new();
    let mut clients = Vec::new();
    for id in 0..2 {
        assert_eq!(sim.state().await["traffic_begun"], false);
        let mut client = Client::connect(&sim.simulator).await;
        client.identify_as("any", BASE, [id, 2]).await;
        let ready = client.payload().await;
        for guild in ready["d"]["guilds"].as_array().unwrap() {
            let guild_id: u64 = guild["id"].as_str().unwrap().parse().unwrap();
            assert_eq!((guild_id >> 22) % 2, u64::from(id));
            assert_eq!(client.payload().await["t"], "GUILD_CREATE");
            guilds.push(guild_id);
        }
        clients.push(client);
    }
    assert_eq!(guilds.len(), 3);
    while sim.state().await["traffic_begun"] != true {}
}

#[tokio::test]
async fn events_come_by_intent_and_add_up_to_the_truth() {
    let sim = Sim::start().await;
    let mut messages = Client::connect(&sim.simulator).await;
    messages.send(2, crate::client::identify("one", 1 | 1 << 9, [0, 1])).await;
    messages.until("GUILD_CREATE").await;
    let mut reactions = Client::connect(&sim.simulator).await;
    reactions.send(2, crate::client::identify("two", 1 | 1 << 10, [0, 1])).await;
    for _ in 0..3 {
        reactions.until("GUILD_CREATE").await;
    }
    sim.play(500).await;
    sim.say("SIM_END", json!({})).await;
    let (messages, reactions) = (messages.until("SIM_END").await, reactions.until("SIM_END").await);
    let sums = sim.sums();
    let count =
        |payloads: &[Value], name: &str| payloads.iter().filter(|p| p["t"] == name).count() as u64;
    let kinds = [0, 19];
    let of_members = |payload: &&Value| {
        let d = &payload["d"];
        payload["t"] == "MESSAGE_CREATE" && kinds.contains(&d["type"].as_u64().unwrap())
    };
    assert_eq!(messages.iter().filter(of_members).count() as u64, sums.messages);
    assert!(sums.messages > 300, "{sums:?}");
    assert_eq!(count(&messages, "MESSAGE_REACTION_ADD"), 0);
    assert_eq!(count(&reactions, "MESSAGE_CREATE"), 0);
    assert_eq!(count(&reactions, "MESSAGE_REACTION_ADD"), sums.reactions_added);
    assert_eq!(count(&reactions, "MESSAGE_REACTION_REMOVE"), sums.reactions_removed);
    for payloads in [&messages, &reactions] {
        assert_eq!(count(payloads, "TYPING_START"), 0);
        let numbers = numbers(payloads);
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1));
    }
}

#[tokio::test]
async fn words_are_for_sessions_with_the_content_intent() {
    let sim = Sim::start().await;
    let mut told = Vec::new();
    let mut clients = Vec::new();
    for (token, intents) in [("one", WITH_CONTENT), ("two", BASE)] {
        let mut client = Client::connect(&sim.simulator).await;
        client.send(2, crate::client::identify(token, intents, [0, 1])).await;
        for _ in 0..3 {
            client.until("GUILD_CREATE").await;
        }
        clients.push(client);
    }
    sim.play(200).await;
    sim.say("SIM_END", json!({})).await;
    for client in &mut clients {
        let payloads = client.until("SIM_END").await;
        let messages: Vec<Value> = payloads
            .into_iter()
            .filter(|p| p["t"] == "MESSAGE_CREATE")
            .map(|p| p["d"].clone())
            .collect();
        told.push(messages);
    }
    let [granted, blank] = &told[..] else { panic!("two clients") };
    assert!(granted.len() > 100 && granted.len() == blank.len());
    assert!(granted.iter().filter(|message| message["content"] != "").count() > 80);
    for (granted, blank) in granted.iter().zip(blank) {
        assert_eq!(granted["id"], blank["id"]);
        assert_eq!(granted["author"], blank["author"]);
        assert_eq!(blank["content"], "");
        for field in ["embeds", "attachments", "components"] {
            assert_eq!(blank[field].as_array().map_or(0, Vec::len), 0, "{field}");
        }
    }
}

#[tokio::test]
async fn every_compression_carries_the_same_texts() {
    let sim = Sim::with(SimConfig { identify_interval_ms: 0, ..config() }).await;
    let mut clients = Vec::new();
    for compress in ["", "zlib-stream", "zstd-stream"] {
        let mut client = Client::connect_to(&sim.simulator.gateway_url(), compress).await;
        client.send(2, crate::client::identify(&format!("bot{compress}"), BASE, [0, 1])).await;
        for _ in 0..3 {
            client.until("GUILD_CREATE").await;
        }
        clients.push(client);
    }
    let odd = json!({ "text": "é\u{1F600}\"\\ ".repeat(3_000), "n": [1, null] });
    sim.play(300).await;
    sim.say("SIM_ODD", odd.clone()).await;
    let mut heard = Vec::new();
    for client in &mut clients {
        heard.push(client.until("SIM_ODD").await);
    }
    assert_eq!(heard[0].last().unwrap()["d"], odd);
    assert!(heard[0].len() > 200);
    assert_eq!(heard[0], heard[1]);
    assert_eq!(heard[0], heard[2]);
}

#[tokio::test]
async fn payload_compression_is_for_long_payloads_without_a_stream() {
    let sim = Sim::start().await;
    let mut client = Client::connect(&sim.simulator).await;
    let mut d = crate::client::identify("any", BASE, [0, 1]);
    d["compress"] = json!(true);
    client.send(2, d).await;
    assert_eq!(client.raw().await[0], b'{', "READY of three guilds is short");
    assert_eq!(client.raw().await[0], 0x78, "GUILD_CREATE is a zlib document of its own");
}

#[tokio::test]
async fn members_come_in_chunks_by_name_and_by_id() {
    let sim = Sim::start().await;
    let guild = sim.guild().await;
    let (id, members) = (guild.0.to_string(), 1 << 1);
    let mut client = Client::connect(&sim.simulator).await;
    let (_, told) = client.log_in(BASE | members).await;
    let created = told.iter().find(|payload| payload["d"]["id"] == json!(id)).unwrap();
    let member_count = created["d"]["member_count"].as_u64().unwrap();
    client.send(8, json!({ "guild_id": id, "query": "", "limit": 0, "nonce": "n1" })).await;
    let chunk = client.payload().await;
    assert_eq!(chunk["t"], "GUILD_MEMBERS_CHUNK");
    assert_eq!((&chunk["d"]["chunk_index"], &chunk["d"]["chunk_count"]), (&json!(0), &json!(1)));
    assert_eq!(chunk["d"]["nonce"], "n1");
    let everybody = chunk["d"]["members"].as_array().unwrap();
    assert_eq!(everybody.len() as u64, member_count);
    client.send(8, json!({ "guild_id": id, "query": "", "limit": 0 })).await;
    let limited = client.payload().await;
    assert_eq!((&limited["t"], &limited["d"]["opcode"]), (&json!("RATE_LIMITED"), &json!(8)));
    let someone = &everybody[0]["user"];
    client.send(8, json!({ "guild_id": id, "user_ids": [someone["id"], "1"] })).await;
    let chunk = client.payload().await;
    assert_eq!(chunk["d"]["members"][0]["user"], *someone);
    assert_eq!(chunk["d"]["not_found"], json!(["1"]));
    let name = someone["username"].as_str().unwrap();
    client.send(8, json!({ "guild_id": id, "query": name, "limit": 5 })).await;
    let chunk = client.payload().await;
    assert!(chunk["d"]["members"].as_array().unwrap().iter().any(|m| m["user"] == *someone));
}
