//! Voice as a client meets it: true states at log-in, every change, people thrown out.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_core::vocabulary::UnixMs;
use vigie_sim::SimConfig;
use vigie_world::{Truth, World, WorldConfig};

use crate::client::{BASE, Client};
use crate::support::{Sim, config};

const VOICE: u64 = BASE | 1 << 7;

/// Late in the evening in New York.
fn evening() -> SimConfig {
    let world = config().world;
    let start = UnixMs(world.start.0 + 13 * 3_600_000);
    let world = WorldConfig { start, ..world };
    SimConfig { world, identify_interval_ms: 0, ..config() }
}

/// Who is where, by guild and user.
type Seats = BTreeMap<(String, String), String>;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn seats(told: &[Value]) -> Seats {
    let mut seats = Seats::new();
    for created in told.iter().filter(|payload| payload["t"] == "GUILD_CREATE") {
        let d = &created["d"];
        for state in d["voice_states"].as_array().unwrap() {
            let place = (text(&d["id"]), text(&state["user_id"]));
            seats.insert(place, text(&state["channel_id"]));
            let members = d["members"].as_array().unwrap();
            assert!(members.iter().any(|member| member["user"]["id"] == state["user_id"]));
        }
    }
    seats
}

fn follow(seats: &mut Seats, heard: &[Value]) -> usize {
    let changes = heard.iter().filter(|payload| payload["t"] == "VOICE_STATE_UPDATE");
    let mut count = 0;
    for change in changes {
        let d = &change["d"];
        let fields = ["mute", "deaf", "self_mute", "self_deaf", "self_video", "suppress"];
        assert!(fields.iter().all(|field| d[field].is_boolean()), "{d}");
        assert_eq!(d["member"]["user"]["id"], d["user_id"]);
        let place = (text(&d["guild_id"]), text(&d["user_id"]));
        match d["channel_id"].as_str() {
            Some(channel) => seats.insert(place, channel.to_owned()),
            None => seats.remove(&place),
        };
        count += 1;
    }
    count
}

#[tokio::test]
async fn states_at_log_in_and_changes_after_it_lead_to_the_states_of_the_next_log_in() {
    let sim = Sim::with(evening()).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (_, told) = client.log_in(VOICE).await;
    let mut seats_now = seats(&told);
    let world = World::new(evening().world);
    let seated: usize = world.guilds().iter().map(|guild| world.voice_states(guild).len()).sum();
    assert_eq!(seats_now.len(), seated);
    assert!(seated > 0);
    sim.play(1_500).await;
    sim.say("SIM_A", json!({})).await;
    let heard = client.until("SIM_A").await;
    assert!(follow(&mut seats_now, &heard) > 30);
    let mut last = BTreeMap::new();
    for payload in heard.iter().filter(|payload| payload["t"] == "MESSAGE_CREATE") {
        last.insert(text(&payload["d"]["channel_id"]), payload["d"]["id"].clone());
    }
    let mut other = Client::connect(&sim.simulator).await;
    let (_, told) = other.log_in(VOICE).await;
    assert_eq!(seats(&told), seats_now);
    let mut checked = 0;
    for created in &told[1..] {
        let lists = [&created["d"]["channels"], &created["d"]["threads"]];
        for channel in lists.into_iter().flat_map(|list| list.as_array().unwrap()) {
            if let Some(newest) = last.get(channel["id"].as_str().unwrap()) {
                assert_eq!(&channel["last_message_id"], newest, "{channel}");
                checked += 1;
            }
        }
    }
    assert!(checked > 5, "{checked}");
    let mut without = Client::connect(&sim.simulator).await;
    let (_, told) = without.log_in(BASE).await;
    assert_eq!(seats(&told), Seats::new());
}

#[tokio::test]
async fn everybody_can_be_thrown_out() {
    let sim = Sim::with(evening()).await;
    let mut client = Client::connect(&sim.simulator).await;
    let (_, told) = client.log_in(VOICE).await;
    let mut seats_now = seats(&told);
    let (guild, first) = seats_now.keys().next().unwrap().clone();
    let one = json!({ "kind": "voice_disconnect", "guild_id": guild, "user_id": first });
    assert_eq!(sim.fault(one).await, 1);
    let left = client.payload().await;
    assert_eq!((&left["d"]["user_id"], &left["d"]["channel_id"]), (&json!(first), &Value::Null));
    let all = sim.fault(json!({ "kind": "voice_disconnect", "guild_id": guild })).await;
    sim.say("SIM_A", json!({})).await;
    let heard = client.until("SIM_A").await;
    assert_eq!(heard.len() as u64, all + 1);
    follow(&mut seats_now, &heard);
    seats_now.retain(|(of, user), _| *of == guild && *user != first);
    assert_eq!(seats_now, Seats::new());
}

#[tokio::test]
async fn the_truth_of_voice_is_told_up_to_an_instant_and_as_it_was_heard() {
    let sim = Sim::with(evening()).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(VOICE).await;
    sim.play(800).await;
    let fetch = async |query: &str| -> Truth {
        let url = format!("{}/_sim/truth{query}", sim.base());
        let text = sim.http.get(url).send().await.unwrap().text().await.unwrap();
        Truth::from_json(&text).unwrap()
    };
    let total = |truth: &Truth| truth.voice().map(|(_, _, one)| one.time.total_ms).sum::<u64>();
    let state = sim.state().await;
    let now = state["played_to_unix_ms"].as_i64().unwrap();
    let (early, late) =
        (fetch(&format!("?at={now}")).await, fetch(&format!("?at={}", now + 60_000)).await);
    let seated = late.sessions().filter(|(_, session)| !session.end_heard).count() as u64;
    assert!(seated > 0);
    assert_eq!(total(&late), total(&early) + 60_000 * seated);
    let heard = fetch("?heard=true").await;
    assert!(total(&heard) > 0 && total(&heard) < total(&late));
    assert_eq!(heard.cell_count(), 0, "voice only");
}
