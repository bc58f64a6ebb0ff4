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
//! Sessions are not yet resumed by the next process: a stop closes them, and what happens until the next start is not
//! heard. Within a process every reconnect resumes.

mod address;
pub mod bot;
pub mod clock;
mod discovery;
pub mod errors;
pub mod intents;
pub mod lens;
pub mod limits;
mod shard;
pub mod status;

pub use bot::{Bot, BotConfig};
pub use errors::BotError;
pub use intents::Collect;
pub use status::{BotStatus, ShardState, ShardStatus, StatusReader};
