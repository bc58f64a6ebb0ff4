//! `cargo xtask vopr`: seeded storms over the whole product, judged by the imaginary Discord's truth.

use crate::postgres::{Postgres, URL_VARIABLE};
use crate::shell::{cargo, run as run_command};
use anyhow::Result;

/// Builds what is needed and runs `vigie-vopr` with these arguments: `--seed N` or `--seeds A..B` in virtual time, or the same after
/// `processes` with real processes and kills.
pub fn run(arguments: &[String]) -> Result<()> {
    let processes = arguments.first().is_some_and(|word| word == "processes");
    let mut storm = cargo(&["run", "--profile", "fast", "--package", "vigie-vopr", "--"]);
    storm.args(arguments);
    if !processes {
        return run_command(&mut storm);
    }
    run_command(&mut cargo(&["build", "--profile", "fast", "--package", "vigie"]))?;
    let postgres = Postgres::start()?;
    storm.args(["--binary", "target/fast/vigie"]).env(URL_VARIABLE, postgres.url());
    run_command(&mut storm)
}
