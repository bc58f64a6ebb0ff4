//! Real kills: the service ends at any instant, and the rows must equal the truth. `cargo xtask vopr processes` is the long run.

use crate::vigie;
use std::time::Duration;
use vigie_vopr::service::database::Kind;
use vigie_vopr::service::refused;
use vigie_vopr::service::storm::{Parameters, run};

fn check(kind: Kind, seed: u64, resumable: bool) {
    let parameters = Parameters { seed, guilds: 6, events_per_second: 200, seconds: 8, resumable };
    let outcome = run(&vigie(), parameters, kind);
    println!("seed {seed} on {}: {outcome}", kind.name());
    assert!(outcome.events > 500, "the world played too little: {outcome}");
    assert!(
        outcome.differences.is_empty(),
        "{:#?}\nagain: cargo xtask vopr processes --seed {seed}{}",
        outcome.differences.iter().take(20).collect::<Vec<_>>(),
        if resumable { " --resumable" } else { "" }
    );
}

#[test]
fn kills_within_the_resume_lose_nothing_on_sqlite() {
    check(Kind::Sqlite, 1, true);
}

#[test]
fn kills_within_the_resume_lose_nothing_on_postgres() {
    check(Kind::Postgres, 2, true);
}

#[test]
fn storms_of_processes_equal_the_truth_on_sqlite() {
    check(Kind::Sqlite, 3, false);
}

#[test]
fn storms_of_processes_equal_the_truth_on_postgres() {
    check(Kind::Postgres, 4, false);
}

#[test]
fn a_refused_resume_is_read_again_by_exactly_the_pages_it_takes() {
    let found = refused::run(&vigie(), Kind::Sqlite, 200, Duration::from_secs(5));
    assert!(found.is_empty(), "{found:#?}");
}
