//! The program behind `cargo xtask vopr`.
#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use vigie_vopr::service::database::Kind;
use vigie_vopr::service::process::Binary;
use vigie_vopr::service::storm as processes;
use vigie_vopr::service::{refused, upgrade};
use vigie_vopr::storm;

/// Seeded storms, judged by the truth: everything that can go wrong does, and the rows must come out right.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  vigie-vopr --seed 42\n  vigie-vopr --seeds 1..1001\n  \
    vigie-vopr week --seed 3 --guilds 200\n  \
    vigie-vopr processes --seeds 1..51 --binary target/fast/vigie\n  \
    vigie-vopr processes --seed 7 --resumable --events-per-second 2000 --seconds 60 --binary target/fast/vigie")]
struct Arguments {
    #[command(flatten)]
    seeds: Seeds,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Seeds {
    /// One storm.
    #[arg(long, global = true)]
    seed: Option<u64>,
    /// Storms from A up to, not including, B.
    #[arg(long, value_name = "A..B", value_parser = range, global = true)]
    seeds: Option<Range<u64>>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Real processes of the binary, really killed.
    Processes(Processes),
    /// A kill, and a RESUME that is refused: messages are read again page by page, the rest is blind.
    Refused {
        /// The binary under test.
        #[arg(long)]
        binary: PathBuf,
        /// Seconds away.
        #[arg(long, default_value_t = 120)]
        seconds: u64,
        /// Live events a second.
        #[arg(long, default_value_t = 200)]
        events_per_second: u32,
    },
    /// Files of an older binary, continued by a newer one.
    Upgrade {
        /// The older binary.
        #[arg(long)]
        from: PathBuf,
        /// The newer binary.
        #[arg(long)]
        binary: PathBuf,
        /// Engines to run on.
        #[arg(long, value_enum, default_value_t = Engine::Both)]
        engine: Engine,
        /// Live events a second.
        #[arg(long, default_value_t = 300)]
        events_per_second: u32,
    },
    /// The store is away for an hour of virtual time at full load: disk and memory stay bounded, and nothing is lost.
    Outage {
        /// Live events a second.
        #[arg(long, default_value_t = 2_000)]
        events_per_second: u32,
        /// Minutes without a store.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// Bytes of undelivered records on disk before periodic ones are merged.
        #[arg(long, default_value_t = 64 << 20)]
        pending_bytes_max: u64,
    },
    /// A week of virtual time with raids and crowds: members, moderation and invites beside the truth, and the shares of the
    /// attributions.
    Week {
        /// Guilds of the world.
        #[arg(long, default_value_t = 200)]
        guilds: u32,
        /// Members of the largest guild.
        #[arg(long, default_value_t = 5_000)]
        members_max: u32,
        /// Days.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Messages, reactions and voice a second over all guilds.
        #[arg(long, default_value_t = 0.1)]
        events_per_second: f64,
    },
}

#[derive(Debug, Args)]
struct Processes {
    /// The binary under test.
    #[arg(long)]
    binary: PathBuf,
    /// Engines to run on; PostgreSQL as VIGIE_TEST_POSTGRES_URL names it.
    #[arg(long, value_enum, default_value_t = Engine::Both)]
    engine: Engine,
    /// Only kills, each soon enough for a RESUME: then nothing at all may be missed.
    #[arg(long)]
    resumable: bool,
    /// Live events a second.
    #[arg(long, default_value_t = 500)]
    events_per_second: u32,
    /// Seconds of traffic and trouble.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Guilds of the world.
    #[arg(long, default_value_t = 8)]
    guilds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
    Both,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Some(Command::Processes(options)) => {
            arguments.seeds.range().and_then(|seeds| run_processes(seeds, options))
        }
        Some(Command::Outage { events_per_second, minutes, pending_bytes_max }) => {
            storm::outage::run(*events_per_second, *minutes, *pending_bytes_max)
        }
        Some(Command::Week { guilds, members_max, days, events_per_second }) => {
            storm::week::run(storm::week::Parameters {
                seed: arguments.seeds.seed.unwrap_or(1),
                guilds: *guilds,
                members_max: *members_max,
                days: *days,
                events_per_second: *events_per_second,
            })
        }
        Some(Command::Refused { binary, seconds, events_per_second }) => {
            run_refused(binary, *seconds, *events_per_second)
        }
        Some(Command::Upgrade { from, binary, engine, events_per_second }) => {
            run_upgrade(from, binary, *engine, *events_per_second)
        }
        None => arguments.seeds.range().and_then(run_virtual),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vigie-vopr: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Seeds {
    fn range(&self) -> Result<Range<u64>> {
        match (self.seed, &self.seeds) {
            (Some(seed), None) => Ok(seed..seed + 1),
            (None, Some(seeds)) => Ok(seeds.clone()),
            _ => bail!("give --seed N or --seeds A..B"),
        }
    }
}

fn run_virtual(seeds: Range<u64>) -> Result<()> {
    let begun = Instant::now();
    let mut sums = storm::Report::default();
    let mut failed = Vec::new();
    for seed in seeds.clone() {
        let report = storm::run(seed)?;
        if !report.differences.is_empty() {
            println!("seed {seed}: {} differences", report.differences.len());
            // The rows that differ stand first, what the gateway and the ledger say of the storm last.
            let count = report.differences.len();
            let shown = report.differences.iter().enumerate();
            let shown = shown.filter(|(place, _)| *place < 20 || *place + 20 >= count);
            shown.for_each(|(_, line)| println!("  {line}"));
            for (at, trouble) in storm::plan::Plan::of(seed).troubles {
                println!("  at {}: {trouble:?}", at.0);
            }
            println!("  again: cargo xtask vopr --seed {seed}");
            failed.push(seed);
        }
        sums.add(&report);
        if (seed + 1 - seeds.start).is_multiple_of(100) {
            println!("{} seeds, {} failed", seed + 1 - seeds.start, failed.len());
        }
    }
    println!(
        "{} storms in {:.1} s: {sums}",
        seeds.end - seeds.start,
        begun.elapsed().as_secs_f64()
    );
    if !failed.is_empty() {
        bail!("{} storms failed: {failed:?}", failed.len());
    }
    Ok(())
}

fn run_processes(seeds: Range<u64>, options: &Processes) -> Result<()> {
    let binary = Binary::new(std::path::absolute(&options.binary)?);
    let kinds = options.engine.kinds();
    let mut failed = Vec::new();
    for seed in seeds {
        for kind in kinds {
            let parameters = processes::Parameters {
                seed,
                guilds: options.guilds,
                events_per_second: options.events_per_second,
                seconds: options.seconds,
                resumable: options.resumable,
            };
            let outcome = processes::run(&binary, parameters, *kind);
            println!("seed {seed} on {}: {outcome}", kind.name());
            if !outcome.differences.is_empty() {
                outcome.differences.iter().take(20).for_each(|line| println!("  {line}"));
                failed.push((seed, kind.name()));
            }
        }
    }
    if !failed.is_empty() {
        bail!(
            "storms failed: {failed:?}; again: cargo xtask vopr processes --seed N with the same options"
        );
    }
    Ok(())
}

fn run_refused(binary: &Path, seconds: u64, events_per_second: u32) -> Result<()> {
    let binary = Binary::new(std::path::absolute(binary)?);
    let found =
        refused::run(&binary, Kind::Sqlite, events_per_second, Duration::from_secs(seconds));
    found.iter().take(20).for_each(|line| println!("  {line}"));
    if !found.is_empty() {
        bail!("{} things are wrong", found.len());
    }
    Ok(())
}

fn run_upgrade(from: &Path, binary: &Path, engine: Engine, events_per_second: u32) -> Result<()> {
    let older = Binary::new(std::path::absolute(from)?);
    let newer = Binary::new(std::path::absolute(binary)?);
    for kind in engine.kinds() {
        let found = upgrade::run(&older, &newer, events_per_second, *kind);
        found.iter().take(20).for_each(|line| println!("  {line}"));
        if !found.is_empty() {
            bail!("{} rows differ from the truth on {}", found.len(), kind.name());
        }
    }
    Ok(())
}

impl Engine {
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Sqlite => &[Kind::Sqlite],
            Self::Postgres => &[Kind::Postgres],
            Self::Both => &[Kind::Sqlite, Kind::Postgres],
        }
    }
}

fn range(text: &str) -> Result<Range<u64>> {
    let Some((from, until)) = text.split_once("..") else { bail!("{text:?} is not A..B") };
    let range = from.trim().parse()?..until.trim().parse()?;
    if range.is_empty() {
        bail!("{text:?} holds no seed");
    }
    Ok(range)
}
