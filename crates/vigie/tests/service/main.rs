//! The product as an operator runs it: processes of the binary, judged from outside.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test speaks and panics"
)]

mod operator;
mod payloads;
mod storm;
mod truth;

use vigie_vopr::service::process::Binary;

/// The binary that cargo built for these tests.
fn vigie() -> Binary {
    Binary::new(env!("CARGO_BIN_EXE_vigie"))
}
