//! The activity family: messages, commands and reactions, by minute, hour and day.
//!
//! Series and sums are read from rows summed over members (`guild_activity_hourly`, `channel_activity_hourly`). Questions about
//! members read `member_activity_daily` for the whole UTC days of a range and `member_activity_hourly` for the hours before and
//! after them, so that they are exact to the hour and cost about one row per member and day; where days are packed, about 14 bytes.

mod active;
pub(crate) mod days;
mod fold;
mod leaderboard;
pub(crate) mod lookup;
mod member;
mod members;
mod packed;
mod range;
mod series;
mod sums;
mod write;

pub(crate) use fold::{
    Absorb, ActivityFold, EverSums, MemberSums, MinuteVoice, Row, is_storable_minute, merge,
};
pub(crate) use leaderboard::top_in_voice;
pub(crate) use members::{packs, stretches};
pub(crate) use range::{Known, Pieces, within};
pub(crate) use series::conditions;
pub(crate) use write::{big, ints, write};
