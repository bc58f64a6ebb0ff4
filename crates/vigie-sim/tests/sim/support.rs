//! A simulator for one test, and its control door.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::GuildId;
use vigie_sim::{SimConfig, Simulator};
use vigie_world::{Sums, WorldConfig};

/// A simulator that ends with the test.
pub struct Sim {
    pub simulator: Simulator,
    pub http: Client,
    stop: CancellationToken,
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Three small guilds, silent until a test wants traffic.
pub fn config() -> SimConfig {
    let world = WorldConfig {
        seed: 7,
        guild_count: 3,
        members_min: 12,
        members_max: 300,
        events_per_second: 0.0,
        history_days: 3,
        history_messages_per_day: Some(200.0),
        ..WorldConfig::default()
    };
    SimConfig { control: true, identify_interval_ms: 300, ..SimConfig::new(world) }
}

impl Sim {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: SimConfig) -> Self {
        // Chosen once for all tests of the process; later attempts find it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stop = CancellationToken::new();
        let simulator = Simulator::start(config, stop.clone()).await.unwrap();
        Self { simulator, http: Client::new(), stop }
    }

    /// `http://host:port`, whatever path the REST API begins with.
    pub fn base(&self) -> String {
        format!("http://{}", self.simulator.address())
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}/api/v10{path}", self.base())).header("authorization", "Bot any")
    }

    /// Status and JSON body of a REST request.
    pub async fn ask(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.get(path).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json", "{path}");
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sim/{path}", self.base());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path} {body}");
        answer.json().await.unwrap()
    }

    pub async fn state(&self) -> Value {
        let url = format!("{}/_sim/state", self.base());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Carries out a fault; returns how many sessions it met.
    pub async fn fault(&self, fault: Value) -> u64 {
        self.control("fault", fault).await["sessions"].as_u64().unwrap()
    }

    pub async fn say(&self, name: &str, d: Value) {
        self.control("dispatch", json!({ "guild_id": null, "t": name, "d": d })).await;
    }

    /// Lets the world play so many events (and a few more), then silence; all of them have been handed out.
    pub async fn play(&self, events: u64) {
        self.control("traffic", json!({ "events_per_second": 2_000, "events": events })).await;
        while self.state().await["events_per_second"] != 0.0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Sums over all guilds of what was played.
    pub fn sums(&self) -> Sums {
        let truth = self.simulator.truth();
        let mut sums = Sums::default();
        for (_, _, cell) in truth.cells() {
            sums.messages += u64::from(cell.counts.messages);
            sums.commands += u64::from(cell.counts.commands);
            sums.reactions_added += u64::from(cell.counts.reactions_added);
            sums.reactions_removed += u64::from(cell.counts.reactions_removed);
            sums.reactions_received += u64::from(cell.counts.reactions_received);
        }
        sums
    }

    pub async fn guild(&self) -> GuildId {
        let state = self.state().await;
        assert_eq!(state["guilds"], 3);
        let mut guilds: Vec<GuildId> =
            vigie_world::World::new(config().world).guilds().iter().map(|guild| guild.id).collect();
        guilds.swap_remove(0)
    }
}
