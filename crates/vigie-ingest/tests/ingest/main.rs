//! From a commit into the outbox to rows in the store, on both engines.
#![allow(clippy::unwrap_used, reason = "helpers of tests panic like the tests")]

mod end_to_end;
mod harness;
mod trouble;
