//! The judge: `vigie serve` listens to `vigie sim`, and every row of the database must equal what really happened.
//!
//! Two processes; the simulator's truth is counted by the imaginary Discord's own road.
//! `VIGIE_TRUTH_{SEED,GUILDS,EVENTS_PER_SECOND,SECONDS}` change the run; a failure prints the command that repeats it.

use crate::vigie;
use vigie_vopr::service::database::Kind;
use vigie_vopr::service::run::{Parameters, check};

#[test]
fn totals_equal_the_truth_on_sqlite() {
    check(&vigie(), Parameters::from_environment(), Kind::Sqlite);
}

#[test]
fn totals_equal_the_truth_on_postgres() {
    check(&vigie(), Parameters::from_environment(), Kind::Postgres);
}
