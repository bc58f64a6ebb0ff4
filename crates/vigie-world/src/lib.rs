//! An imaginary Discord: a seed makes people, channels, days, payloads and the true totals. No IO.
//!
//! A [`World`] is a pure function of its [`WorldConfig`] and of the instants it is given. It holds guilds of very
//! different sizes; members, names and the days of history are made from hashed seeds when asked for, and kept
//! nowhere, so that a guild of 50,000 members costs no more than one of ten.
//!
//! - **History** lies before [`WorldConfig::start`]: [`World::history_facts`] gives a day as facts,
//!   [`World::messages`] pages through it, [`World::history_truth`] counts it.
//! - **The present** begins there: [`World::play_until`] makes [`Event`]s, [`payload`] writes them as Discord would,
//!   [`World::truth`] says what they add up to.
#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type,
    missing_docs
)]

mod calendar;
mod config;
mod conversation;
pub mod event;
pub mod guild;
mod history;
mod ids;
pub mod limits;
mod math;
mod names;
pub mod payload;
mod people;
pub mod picture;
mod present;
mod rhythm;
mod rng;
pub mod truth;
mod voice;
mod world;

pub use calendar::{Daylight, TimeZone};
pub use config::WorldConfig;
pub use event::{
    Author, Change, Event, Happening, Message, Reaction, ReactionEmoji, Shape, VoiceState,
};
pub use guild::{AssetHash, Channel, Guild, GuildEmoji, Purpose, Role, RoleId, Thread, Webhook};
pub use history::{HistoricMessage, HistoryFacts, MergedHistory, Page, ReactionCount};
pub use people::{Member, Roles, User};
pub use rhythm::Community;
pub use truth::{
    Cell, CellKey, DeletedMessage, Difference, EmojiTotals, Stretch, Sums, Truth, TruthEmoji,
    TruthError, VoiceTotals,
};
pub use world::{Application, World};
