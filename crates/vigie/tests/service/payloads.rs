//! Every shape of payload played at a running service: the shard stays up, and all is counted or accounted for.

use crate::vigie;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vigie_vopr::service::database::{Database, Kind};
use vigie_vopr::service::run::{get, post, start_service};

/// The fixtures of the lenses: one or more per event, odd ones included.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vigie-bot/tests/fixtures");

#[test]
fn fixtures_leave_the_shard_up_and_are_accounted_for() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = Database::create(Kind::Sqlite, &runtime);
    let arguments = [
        "sim",
        "--listen",
        "127.0.0.1:0",
        "--control",
        "--events-per-second",
        "0",
        "--guilds",
        "2",
    ];
    let sim = vigie().start(&arguments, &[]);
    let service = start_service(&vigie(), &sim, &database);
    let status_url = format!("{}/api/v1/status", service.text("address"));
    let dispatch = format!("{}/dispatch", sim.text("control_url"));
    runtime.block_on(async {
        let before = accounted(&get(&status_url).await);
        let mut played = 0;
        for payload in payloads() {
            let body = json!({ "guild_id": null, "t": payload["t"], "d": payload["d"] });
            let answer = post(&dispatch, &body).await;
            played += answer["sessions"].as_u64().unwrap();
        }
        assert!(played > 40, "only {played} payloads were played");
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let status = get(&status_url).await;
            if accounted(&status) - before >= played {
                assert_eq!(accounted(&status) - before, played, "{status}");
                assert_eq!(status["shards"][0]["state"], "ready", "{status}");
                break;
            }
            assert!(Instant::now() < deadline, "played {played}, before {before}: {status}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let state = get(&format!("{}/state", sim.text("control_url"))).await;
        assert_eq!(
            state["sessions"].as_array().map(Vec::len),
            Some(1),
            "the shard logged in again: {state}"
        );
    });
    drop(service);
    runtime.block_on(database.remove());
}

/// Dispatches that became counts or facts, and those set aside by reason: together, every dispatch.
fn accounted(status: &Value) -> u64 {
    let set_aside = status["events"]["set_aside"].as_object().into_iter().flatten();
    let set_aside: u64 = set_aside.filter_map(|(_, count)| count.as_u64()).sum();
    set_aside + status["events"]["counted"].as_u64().unwrap()
}

/// `{t, d}` of each fixture file, except those of the session itself, which only the simulator may send.
fn payloads() -> Vec<Value> {
    let mut files: Vec<_> =
        std::fs::read_dir(FIXTURES).unwrap().flatten().map(|file| file.path()).collect();
    files.sort();
    let texts =
        files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    let values =
        texts.map(|file| serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()).unwrap());
    let session = [json!("READY"), json!("RESUMED"), Value::Null];
    values.filter(|value| !session.contains(&value["t"])).collect()
}
