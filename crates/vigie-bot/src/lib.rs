//! The only crate that knows the gateway: shard loop, payload lenses, intents.
//!
//! ```text
//! Discord ─▶ twilight's stream ─▶ lens (our reading) ─▶ core ─▶ wire bytes ─▶ outbox
//! ```
//!
//! [`Bot::start`] asks the HTTP API for the gateway and starts one task per shard; each owns a core of its own, so that
//! shards share nothing but the log-in queue and the outbox. The program must install a rustls provider first
//! (`rustls::crypto::ring::default_provider().install_default()`).
//!
//! What a shard has heard is durable within a tenth of a second: its journal and its checkpoints stand in the outbox beside
//! the records. Whatever ends a process, the next one goes on where it was and resumes the session ([`desk`]). What could not
//! be heard nevertheless is said, and read again from Discord's history where Discord keeps one. What no event tells (how often an
//! invite was used, who was a member before us, what moderators did meanwhile) is read over REST when the core asks for it.

mod address;
pub mod bot;
pub mod clock;
#[doc(hidden)]
pub mod desk;
mod discovery;
pub mod errors;
mod history;
pub mod intents;
pub mod lens;
pub mod limits;
#[doc(hidden)]
pub mod readings;
mod rest;
mod shard;
pub mod status;
pub mod switches;

pub use bot::{Bot, BotConfig};
pub use errors::BotError;
pub use intents::Collect;
pub use status::{BotStatus, CatchUp, Readings, Restart, ShardState, ShardStatus, StatusReader};
pub use switches::Switches;
