//! Seeded storms over the whole product, judged by the imaginary Discord's own truth.
//!
//! [`storm`] runs one shard, outbox, transport, consumer and store in one process and in virtual time, where everything that can
//! go wrong does: thousands of seeds. [`service`] starts processes of the binary and really kills them: tens of seeds. A failure
//! is a list of sentences and the one command that repeats the run.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a judge speaks, and panics when it cannot judge"
)]

pub mod rows;
pub mod service;
pub mod society;
pub mod storm;
pub mod totals;
pub mod voice;
