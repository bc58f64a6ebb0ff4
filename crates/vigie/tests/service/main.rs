//! The product as an operator runs it: processes of the binary, judged from outside.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test speaks and panics"
)]

mod operator;
mod payloads;
mod support;
mod truth;
