//! An upgrade in the middle of a run: an older binary counts, is killed, and this one goes on with its files.

use std::time::{Duration, Instant};

use serde_json::json;

use super::database::{Database, Kind};
use super::process::Binary;
use super::run::{
    MEMBERS_SETTING, get, post, service_environment, start_service_with, start_simulator,
};
use crate::totals::Totals;

/// Seconds of traffic under each binary.
const SECONDS: u64 = 8;

/// Lets `older` count, kills it, lets `newer` go on, and compares with the truth. Nothing is said while no service listens: what an
/// older one kept for its restart is its own business, what it stored and what waited to be stored is not.
pub fn run(older: &Binary, newer: &Binary, events_per_second: u32, kind: Kind) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = Database::create(kind, &runtime);
    let sim = start_simulator(newer, 1, 8);
    let control = sim.text("control_url").to_owned();
    let traffic = |events_per_second: u32| {
        let body = json!({ "events_per_second": events_per_second });
        runtime.block_on(post(&format!("{control}/traffic"), &body));
    };
    for (binary, is_last) in [(older, false), (newer, true)] {
        let mut environment = service_environment(&sim, &database);
        environment.retain(|(name, _)| is_last || *name != MEMBERS_SETTING);
        let mut service = start_service_with(binary, &sim, &environment);
        traffic(events_per_second);
        std::thread::sleep(Duration::from_secs(SECONDS));
        traffic(0);
        if is_last {
            let found = runtime.block_on(compare(&control, &database));
            service.interrupt();
            runtime.block_on(database.remove());
            return found;
        }
        // A flush has to pass: an older binary may keep no journal.
        std::thread::sleep(Duration::from_secs(6));
        service.kill();
    }
    unreachable!("the last binary returns")
}

async fn compare(control: &str, database: &Database) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let truth = Totals::from_truth(&get(&format!("{control}/truth")).await).comparable(true);
    loop {
        let stored = database.rows().totals().await.comparable(true);
        let found = truth.differences(&stored);
        if found.is_empty() || Instant::now() > deadline {
            println!("{}: {} events over the upgrade", database.kind().name(), truth.events());
            return found;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
