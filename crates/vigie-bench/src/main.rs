//! The measurements behind `cargo xtask bench`: each figure beside a baseline of the same run, as a ratio.
//!
//! Times are CPU seconds of the measured process or thread where that can be told, the best of several rounds otherwise:
//! other work on the machine then disturbs little.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks on its terminal")]

mod bans;
mod core;
mod pipeline;
mod usage;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measurements of Vigie.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The core alone: facts in, records out.
    Core(core::Arguments),
    /// Gateway frame to the committed row of a ban, in the quiet and in a raid under full load.
    Bans(bans::Arguments),
    /// Gateway frame to outbox, in a process of its own, against a simulated gateway that sends as fast as it is read.
    Pipeline(pipeline::Arguments),
    /// The measured process of `pipeline`; started by it.
    #[command(hide = true)]
    PipelineClient(pipeline::client::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Core(arguments) => core::run(&arguments),
        Command::Bans(arguments) => bans::run(&arguments),
        Command::Pipeline(arguments) => pipeline::run(&arguments),
        Command::PipelineClient(arguments) => pipeline::client::run(&arguments),
    }
}
