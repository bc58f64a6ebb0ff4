//! Vigie: analytics and administration for Discord communities, in one binary.
//!
//! `main` reads the command line and the settings; [`wiring`] builds everything by hand, in order, on one screen.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]

mod cli;
mod commands {
    pub mod demo;
    pub mod serve;
    pub mod sim;
}
mod config;
mod history;
mod logging;
mod shutdown;
mod switches;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Chosen once, before any TLS configuration is made: rustls panics when it has to guess.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("vigie: a TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("vigie: cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            cli::Command::Serve(arguments) => commands::serve::run(arguments).await,
            cli::Command::Demo(arguments) => commands::demo::run(arguments).await,
            cli::Command::Sim(arguments) => commands::sim::run(arguments).await,
        }
    });
    // Threads that still wait on a device must not hold up an exit that was asked for.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vigie: {error:#}");
            ExitCode::FAILURE
        }
    }
}
