//! `cargo xtask bench <what>`: builds with full optimisation and measures, each figure beside its baseline of the same run.

use crate::shell::{cargo, run as run_command};
use anyhow::{Result, bail};

const KINDS: [&str; 4] = ["lens", "core", "store", "pipeline"];

/// Runs one bench of `crates/vigie-bench` with the remaining arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    let Some(kind) = arguments.first().filter(|kind| KINDS.contains(&kind.as_str())) else {
        bail!("name what to measure: {}", KINDS.join(", "));
    };
    let mut words = vec!["run", "--release", "--package", "vigie-bench", "--", kind.as_str()];
    words.extend(arguments[1..].iter().map(String::as_str));
    run_command(&mut cargo(&words))
}
