//! `vigie sim`: the simulated Discord alone.

use crate::cli::SimArguments;
use crate::shutdown;
use anyhow::Result;
use std::time::SystemTime;
use vigie_core::vocabulary::UnixMs;
use vigie_sim::{SimConfig, Simulator, ready_line};
use vigie_world::WorldConfig;

/// Runs until Ctrl-C or SIGTERM; prints one JSON line when ready.
///
/// # Errors
/// The address cannot be opened.
pub async fn run(arguments: SimArguments) -> Result<()> {
    let stop = shutdown::on_signal();
    let world = WorldConfig {
        seed: arguments.seed,
        guild_count: arguments.guilds,
        members_max: arguments.members_max,
        events_per_second: arguments.events_per_second,
        history_days: arguments.history_days,
        joins_per_hour: arguments.joins_per_hour,
        start: now(),
        ..WorldConfig::default()
    };
    let config = SimConfig {
        listen: arguments.listen,
        token: arguments.tokens,
        control: arguments.control,
        speed: arguments.speed,
        ..SimConfig::new(world)
    };
    let simulator = Simulator::start(config, stop.clone()).await?;
    println!("{}", ready_line(&simulator));
    stop.cancelled().await;
    simulator.stopped().await;
    Ok(())
}

/// The wall clock, where the imaginary present begins.
pub fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMs(since.as_millis() as i64)
}
