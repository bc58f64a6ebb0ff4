//! The only crate that knows tables: SQLite and PostgreSQL, one repeatable transaction per batch, questions by family.
//!
//! [`Store::open`] brings the tables up to date; [`Store::apply`] stores a [`Batch`] of records; the questions are further functions
//! of [`Store`], in `guilds.rs`, `activity/`, `voice/` and `coverage/`, with their words in [`question`].

mod activity;
mod apply;
mod coverage;
mod db;
mod error;
mod guilds;
mod invites;
pub mod limits;
mod members;
mod migrate;
mod moderation;
mod partitions;
mod purge;
mod query;
pub mod question;
mod store;
mod switches;
mod upsert;
mod value;
mod voice;

pub use apply::{Applied, Batch};
pub use db::Engine;
pub use error::StoreError;
pub use store::{Store, StoreConfig};

#[cfg(test)]
mod tests;
