//! An imaginary Discord: a seed makes people, channels, days, payloads and the true totals. No IO.
//!
//! A [`World`] is a pure function of its [`WorldConfig`] and of the instants it is given. It holds guilds of very
//! different sizes; members, names and the days of history are made from hashed seeds when asked for, and kept
//! nowhere, so that a guild of 50,000 members costs no more than one of ten.
//!
//! - **History** lies before [`WorldConfig::start`]: [`World::history_facts`] gives a day as facts,
//!   [`World::messages`] pages through it, [`World::history_truth`] counts it.
//! - **The present** begins there: [`World::play_until`] makes [`Event`]s, [`payload`] writes them as Discord would,
//!   [`World::truth_at`] says what they add up to.
//! - **People, moderators and invites** are part of both: people come by invites and leave, are kicked and banned, raids pour
//!   in, an audit log is kept and told as Discord tells it: late, merged, or not at all. [`World::cause`] makes any of it
//!   happen at once; [`World::stays`], [`World::acts`] and [`World::all_invites`] are what it truly was.
//!
//! The present can be played without a socket, in a time of one's own:
//!
//! ```
//! use vigie_core::vocabulary::{MessageId, UnixMs};
//! use vigie_world::{Page, Permission, World, WorldConfig, payload};
//!
//! let mut world = World::new(WorldConfig { events_per_second: 50.0, ..WorldConfig::default() });
//! let guild = world.guilds()[0].id;
//!
//! // What a session is told first, at this instant: channels, threads, who is in voice, `last_message_id`s.
//! let mut created = String::new();
//! payload::guild_create(&world, world.guild(guild).expect("its own"), &mut created);
//!
//! // The next minute: typed events, and each as the `d` of its dispatch (here without MESSAGE_CONTENT).
//! let mut events = Vec::new();
//! let begun = world.clock();
//! world.play_until(UnixMs(begun.0 + 60_000), &mut events);
//! for event in events.iter().filter(|event| world.is_told(event)) {
//!     let mut d = String::new();
//!     payload::event_data(&world, event, &mut d, false);
//!     assert!(d.starts_with('{'), "{}", event.name);
//! }
//!
//! // A channel read again: GET /channels/{channel}/messages?after=…&limit=100, refused as Discord refuses it.
//! let (channel, _) = world.live_messages(world.guild(guild).expect("its own"))[0];
//! let mut page = String::new();
//! let answer = payload::messages(&world, channel, Page::After(MessageId(0)), 100, &mut page, false);
//! assert!(answer.is_ok() && page.starts_with('['));
//! world.set_permission(channel, Permission::ViewChannel, false, &mut events);
//! let answer = payload::messages(&world, channel, Page::Latest, 100, &mut page, false);
//! assert_eq!(answer, Err(payload::Refusal::MissingAccess));
//!
//! // What it all adds up to, with time in voice up to now; and voice as who missed half of the minute knows it.
//! let truth = world.truth_at(world.clock());
//! assert!(truth.sums(guild).messages > 0);
//! let heard = world.voice_heard(guild, &[(begun, UnixMs(begun.0 + 30_000))]);
//! assert!(heard.voice().count() <= truth.voice().count());
//! ```
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
mod invites;
pub mod limits;
mod math;
mod members;
mod moderation;
mod names;
pub mod payload;
mod people;
pub mod picture;
mod present;
mod rhythm;
mod rng;
mod society;
pub mod truth;
mod voice;
mod world;

pub use calendar::{Daylight, TimeZone};
pub use config::WorldConfig;
pub use event::{
    Author, Change, Event, Happening, Message, Reaction, ReactionEmoji, Shape, VoiceState,
};
pub use guild::{
    Access, AssetHash, Channel, Guild, GuildEmoji, GuildPermission, GuildPermissions, Permission,
    Purpose, Role, RoleId, Thread, Webhook,
};
pub use history::{HistoricMessage, HistoryFacts, MergedHistory, Page, ReactionCount};
pub use invites::{Invite, InviteEnd, Vanity};
pub use members::{Stay, Way};
pub use moderation::{
    Act, AuditChange, AuditEntry, AuditOptions, AuditQuery, AuditValue, AutomodHit,
};
pub use people::{Member, Roles, User};
pub use rhythm::Community;
pub use society::{Deed, Raid};
pub use truth::{
    Cell, CellKey, DeletedMessage, Difference, EmojiTotals, Stretch, Sums, Truth, TruthEmoji,
    TruthError, VoiceTotals,
};
pub use world::{Application, World};
