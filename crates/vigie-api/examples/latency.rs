//! Measures how long answers take, cold and kept: `cargo run --profile fast -p vigie-api --example latency -- ADDRESS GUILD NOW_MS`,
//! where the address is that of a filled store (its `apply_bench` makes one) and the clock stands at NOW_MS.

#![allow(clippy::print_stdout)] // its output is its purpose

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use tokio::sync::broadcast;
use tower::ServiceExt as _;
use vigie_api::{Api, ApiConfig, PipelineStatus};
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::{Store, StoreConfig};

const ROUTES: [(&str, &str); 7] = [
    ("overview", "stats/overview?range={}"),
    ("series by hour", "stats/series?range={}&step=auto"),
    ("series by channel", "stats/series?range={}&split=channel"),
    ("series of active members", "stats/series?range={}&metric=active_members&step=day"),
    ("heatmap", "stats/heatmap?range={}"),
    ("leaderboard", "leaderboards/messages?range={}"),
    ("leaderboard, activity, search", "leaderboards/activity?range={}&search=a"),
];
const COLD_ROUNDS: usize = 20;
const KEPT_ROUNDS: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give an address, a guild's id and the clock in ms";
    let url = arguments.next().ok_or(usage)?;
    let guild = GuildId(arguments.next().ok_or(usage)?.parse()?);
    let now = UnixMs(arguments.next().ok_or(usage)?.parse()?);
    let store = Store::open(&StoreConfig { url, connections_max: 4 }).await?;
    let committed = broadcast::channel(1_024).0;
    let config =
        ApiConfig { cdn_url: "http://127.0.0.1:9".to_owned(), demo: true, version: "0".to_owned() };
    let api = Api::new(config, store, committed.clone(), Arc::new(PipelineStatus::default))?;
    let router = api.with_clock(Arc::new(move || now)).router();
    println!(
        "{:<32} {:>6} {:>10} {:>10} {:>10} {:>10}",
        "", "range", "cold p50", "p99", "kept p50", "p99"
    );
    for (name, route) in ROUTES {
        for range in ["24h", "7d", "30d"] {
            let uri = format!("/api/v1/guilds/{}/{}", guild.0, route.replace("{}", range));
            let mut cold = Vec::new();
            for _ in 0..COLD_ROUNDS {
                // A commit makes every kept answer old.
                committed.send(guild)?;
                cold.push(ask(&router, &uri).await?);
            }
            let mut kept = Vec::new();
            for _ in 0..KEPT_ROUNDS {
                kept.push(ask(&router, &uri).await?);
            }
            cold.sort_unstable();
            kept.sort_unstable();
            let [c50, c99, k50, k99] = [(&cold, 50), (&cold, 99), (&kept, 50), (&kept, 99)]
                .map(|(times, percent)| percentile(times, percent));
            println!("{name:<32} {range:>6} {c50:>10.2?} {c99:>10.2?} {k50:>10.2?} {k99:>10.2?}");
        }
    }
    Ok(())
}

async fn ask(router: &Router, uri: &str) -> Result<Duration, Box<dyn Error>> {
    let request = Request::builder().uri(uri).header("host", "localhost").body(Body::empty())?;
    let start = Instant::now();
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await?;
    let took = start.elapsed();
    if !status.is_success() {
        return Err(format!("{uri}: {status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(took)
}

/// Of rising times.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
