//! A simulator by itself, without the product around it: `cargo run -p vigie-sim --example simulator -- [PORT] [GUILDS] [EVENTS_PER_SECOND]`.
//! Its control door is open; it prints the ready line and runs until it is interrupted.
#![allow(clippy::print_stdout)] // the line is what it is for

use std::net::{Ipv4Addr, SocketAddr};
use std::time::SystemTime;

use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::UnixMs;
use vigie_sim::{SimConfig, Simulator, ready_line};
use vigie_world::WorldConfig;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let guild_count: u32 = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let events_per_second: f64 = arguments.next().map_or(Ok(10.0), |text| text.parse())?;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let start = UnixMs(since.as_millis() as i64);
    let world = WorldConfig { guild_count, events_per_second, start, ..WorldConfig::default() };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let config = SimConfig { listen, control: true, ..SimConfig::new(world) };
    let stop = CancellationToken::new();
    let simulator = Simulator::start(config, stop.clone()).await?;
    println!("{}", ready_line(&simulator));
    tokio::signal::ctrl_c().await?;
    stop.cancel();
    simulator.stopped().await;
    Ok(())
}
