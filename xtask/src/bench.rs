//! `cargo xtask bench <what>`: measures in the profile of the demo (optimised, without the link-time pass of a release), each figure
//! beside its baseline of the same run.

use crate::postgres::{Postgres, URL_VARIABLE};
use crate::shell::{cargo, run as run_command};
use anyhow::{Result, bail};

/// What can be measured, and the program that does. Benches that need one crate alone are its examples; those that join
/// several live in `crates/vigie-bench`.
const BENCHES: [(&str, &[&str]); 5] = [
    ("lens", &["--package", "vigie-bot", "--example", "lens_bench"]),
    ("bans", &["--package", "vigie-bench", "--", "bans"]),
    ("core", &["--package", "vigie-bench", "--", "core"]),
    ("store", &["--package", "vigie-store", "--example", "apply_bench"]),
    ("pipeline", &["--package", "vigie-bench", "--", "pipeline"]),
];

/// The bench that measures on both engines.
const NEEDS_POSTGRES: &str = "bans";

/// Runs one bench with the remaining arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    let wanted = arguments.first().map(String::as_str);
    if wanted == Some("page") {
        return crate::test::page_budgets();
    }
    let Some((_, program)) = BENCHES.iter().find(|(name, _)| Some(*name) == wanted) else {
        let names = BENCHES.map(|(name, _)| name).join(", ");
        bail!("name what to measure: {names}, page");
    };
    let mut words = vec!["run", "--profile", "fast"];
    words.extend(*program);
    if !program.contains(&"--") && arguments.len() > 1 {
        words.push("--");
    }
    words.extend(arguments[1..].iter().map(String::as_str));
    let mut bench = cargo(&words);
    if wanted != Some(NEEDS_POSTGRES) {
        return run_command(&mut bench);
    }
    let postgres = Postgres::start()?;
    run_command(bench.env(URL_VARIABLE, postgres.url()))
}
