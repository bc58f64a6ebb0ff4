//! The command line.

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Analytics and administration for Discord communities: a bot listens, a pipeline counts, a web page shows.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Listen to Discord, count, and serve the web page.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArguments),
    /// Show the whole product on a simulated Discord: no account, no network.
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArguments),
    /// Run the simulated Discord alone, for any client to log in to.
    #[command(after_help = SIM_EXAMPLES)]
    Sim(SimArguments),
}

/// Arguments of `vigie serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The settings file [default: vigie.toml in the current folder, if there].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the documented example of all settings and stop.
    #[arg(long)]
    pub print_example_config: bool,
    /// Print one JSON line with the address when ready.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `vigie demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Keep the data in this folder [default: a temporary folder, removed at the end].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of the web page; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// Open the page in the browser when ready.
    #[arg(long)]
    pub open: bool,
    /// Seed of the imaginary Discord.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Number of guilds, from the largest (50,000 members) to the smallest (10).
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub guilds: u32,
    /// Days of history to show.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=400))]
    pub history_days: u32,
    /// Mean rate of live events over all guilds.
    #[arg(long, default_value_t = 5.0, value_parser = rate)]
    pub events_per_second: f64,
    /// Print one JSON line with the address when ready, instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `vigie sim`.
#[derive(Debug, Args)]
pub struct SimArguments {
    /// Address of the gateway, the REST API and the CDN; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7700")]
    pub listen: SocketAddr,
    /// Seed of the imaginary Discord: the same seed, the same world.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Number of guilds.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub guilds: u32,
    /// Mean rate of live events over all guilds; 0 is quiet.
    #[arg(long, default_value_t = 5.0, value_parser = rate)]
    pub events_per_second: f64,
    /// How many times faster than real time the world lives.
    #[arg(long, default_value_t = 1.0, value_parser = rate)]
    pub speed: f64,
    /// Days of message history that can be paged through.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=400))]
    pub history_days: u32,
    /// Members of the largest guild.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub members_max: u32,
    /// Mean joins an hour over all guilds, and as much else among members and moderators [default: as guilds of their size have].
    #[arg(long, value_parser = rate)]
    pub joins_per_hour: Option<f64>,
    /// Open the control door `/_sim/*` to this machine: true totals, faults, any dispatch.
    #[arg(long)]
    pub control: bool,
    /// A token that may log in; repeat for several [default: any].
    #[arg(long = "token", value_name = "TOKEN")]
    pub tokens: Vec<String>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=1_000_000.0).contains(&rate) => Ok(rate),
        _ => Err("expected a number from 0 to 1000000".into()),
    }
}

const EXAMPLES: &str = "\
Examples:
  vigie demo --open                      the whole product on a simulated Discord
  DISCORD_TOKEN=… vigie serve            the real thing, on SQLite in ./data
  vigie serve --print-example-config > vigie.toml";

const SERVE_EXAMPLES: &str = "\
Examples:
  DISCORD_TOKEN=… vigie serve
  vigie serve --config /etc/vigie/vigie.toml
  VIGIE_DATABASE_URL=postgres://vigie@localhost/vigie vigie serve
  vigie serve --print-example-config > vigie.toml

Against the simulator instead of Discord:
  vigie sim --control &
  DISCORD_TOKEN=any VIGIE_DISCORD__API_URL=http://127.0.0.1:7700/api \\
  VIGIE_DISCORD__GATEWAY_URL=ws://127.0.0.1:7700 VIGIE_DISCORD__CDN_URL=http://127.0.0.1:7700 vigie serve";

const DEMO_EXAMPLES: &str = "\
Examples:
  vigie demo --open
  vigie demo --data ./demo --listen 127.0.0.1:8080
  vigie demo --events-per-second 50 --seed 7";

const SIM_EXAMPLES: &str = "\
Examples:
  vigie sim
  vigie sim --listen 127.0.0.1:0 --guilds 50 --events-per-second 2000 --control
  curl -s http://127.0.0.1:7700/_sim/truth";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
