//! One suite for both engines: each test is an ordinary function of a store, run on SQLite and on PostgreSQL.

mod harness;
mod naive;
mod names;
mod opening;
mod plans;
mod questions;
mod repeats;

pub(crate) use plans::note;
