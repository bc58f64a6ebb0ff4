//! A Discord one can log in to: gateway, REST, CDN and a control door, playing a World.
//!
//! [`Simulator::start`] opens one port that speaks
//! - the **gateway** (v9 and v10, JSON, plain, `zlib-stream` and `zstd-stream`) on `/`,
//! - the **REST API** under `/api/v10`, `/api/v9` and `/api`,
//! - the **CDN** under `/avatars`, `/icons`, `/emojis` and `/embed/avatars`,
//! - and, where it was asked for, the **control door** under `/_sim` for loopback peers: true totals, faults, any payload.
//!
//! The world plays from the moment when the first bot has been told all its guilds, so that the true totals are what could
//! be heard; it goes on over disconnects. What happened while no session was told of it is on the books of the control door
//! (`unheard`), and can be read again over REST as far as Discord allows: messages, but no reactions and no voice. A
//! GUILD_CREATE is the guild as it was at its place among the dispatches. [`firehose`] is the same door for measuring: as fast as the client reads.

mod cdn;
mod clock;
mod config;
mod control;
mod counters;
mod deed;
mod delivery;
mod fault;
pub mod firehose;
mod gateway;
mod hub;
mod json;
mod ledger;
pub mod limits;
mod members;
mod player;
mod rate_limit;
mod rest;
mod simulator;
mod society;
mod sync;

pub use config::SimConfig;
pub use gateway::compress::Compression;
pub use gateway::intents::Intents;
pub use simulator::{SimError, Simulator, ready_line};
