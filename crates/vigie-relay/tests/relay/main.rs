//! The relay from outside: what a producer and a consumer may rely on.

#![allow(clippy::unwrap_used, reason = "helpers of tests panic like the tests")]

mod common;
mod damage;
mod kill;
mod limit;
mod outbox;
mod property;
mod recovery;
mod sender;
