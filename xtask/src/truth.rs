//! `cargo xtask truth`: the long run of the judge, both engines one after the other.

use crate::postgres::{Postgres, URL_VARIABLE};
use crate::shell::{cargo, run as run_command};
use anyhow::{Result, bail};

/// Names as of the test's variables, and what the long run takes.
const PARAMETERS: [(&str, &str); 4] =
    [("SEED", "1"), ("GUILDS", "50"), ("EVENTS_PER_SECOND", "2000"), ("SECONDS", "180")];

/// Runs `vigie serve` against `vigie sim` and compares every row; `name=value` changes a parameter.
pub fn run(arguments: &[String]) -> Result<()> {
    let postgres = Postgres::start()?;
    let mut test = cargo(&["test", "--profile", "fast", "--package", "vigie", "--test", "service"]);
    test.args(["--", "truth", "--test-threads=1", "--nocapture"]).env(URL_VARIABLE, postgres.url());
    for (name, value) in PARAMETERS {
        test.env(format!("VIGIE_TRUTH_{name}"), value);
    }
    for argument in arguments {
        let Some((name, value)) = argument.split_once('=') else {
            bail!(
                "{argument:?} is not name=value; names: seed, guilds, events_per_second, seconds"
            );
        };
        let name = name.to_uppercase();
        if !PARAMETERS.iter().any(|(known, _)| *known == name) {
            bail!(
                "there is no parameter {name:?}; names: seed, guilds, events_per_second, seconds"
            );
        }
        test.env(format!("VIGIE_TRUTH_{name}"), value);
    }
    run_command(&mut test)
}
