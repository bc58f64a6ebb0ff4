//! One suite for both engines: each test is an ordinary function of a store, run on SQLite and on PostgreSQL.

mod changes;
mod cohorts;
mod coverage;
mod harness;
mod invites;
mod ledger;
mod members;
mod merged;
mod moderation;
mod naive;
mod names;
mod opening;
mod plans;
mod questions;
mod repeats;
mod sessions;
mod upgrade;
mod voice;

pub(crate) use plans::note;
