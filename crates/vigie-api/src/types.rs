//! What the API says, written by hand: no table row and no core type is serialised to a client.
//!
//! Ids are strings (a JavaScript number loses snowflakes), instants are RFC 3339 strings in UTC, time axes of charts
//! are arrays of unix seconds. A field that may be unknown is always present and `null`.

pub mod activity;
pub mod channels;
pub mod coverage;
pub mod growth;
pub mod guilds;
pub mod invites;
pub mod leaderboards;
pub mod members;
pub mod moderation;
pub mod status;
pub mod vocabulary;
pub mod voice;
