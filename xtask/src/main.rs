//! The project's own tools, behind one door: `cargo xtask <command>`.
//!
//! Entry points: [`demo`] and [`mod@test`] are the two commands of the README; [`tidy`] holds the rules of the house.
#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod bench;
mod codegen;
mod demo;
mod postgres;
mod prepare;
mod shell;
mod test;
mod tidy;
mod truth;
mod vopr;

use std::process::ExitCode;

const HELP: &str = "\
The project's own tools.

Usage: cargo xtask <command> [arguments]

  demo [arguments of `vigie demo`]   prepare what is missing, build, and start `vigie demo`
  test [--only STEP[,STEP]] [--list] prepare what is missing and run every check
  tidy                               check the rules of the house (arrows, sizes, docs, paths, licences)
  truth [name=value …]               the long run of the judge: 2,000 events/s, 3 minutes, 50 guilds, both engines
  vopr [processes] --seed N | --seeds A..B
                                     storms: kills, gaps, full disks, lost messages; the rows must equal the truth
  bench <lens|core|store|bans|pipeline|page>   measure, beside the baseline, and print ratios
  codegen                            write the OpenAPI snapshot and the web app's client from it
  postgres                           start a throw-away PostgreSQL on 127.0.0.1 and print its URL

Examples:
  cargo xtask demo --open
  cargo xtask test --only tidy,rust
  cargo xtask bench lens
  cargo xtask vopr --seed 42
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "tidy" => tidy::run(),
        "truth" => truth::run(rest),
        "vopr" => vopr::run(rest),
        "bench" => bench::run(rest),
        "codegen" => codegen::run(),
        "postgres" => postgres::run_until_interrupted(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no command {other:?}\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
