//! The voice family: time in voice by hour and day, most people at once, sessions.
//!
//! Laid out like the activity family: sums over members for series and totals, `voice_daily` for the whole UTC days of a question
//! about members, `voice_hourly` for the hours before and after them. Sessions are kept for 30 days beside it: no figure is made of them.

mod detail;
mod fold;
mod member;
mod members;
mod packed;
mod series;
mod sessions;
mod write;

pub(crate) use fold::VoiceFold;
pub(crate) use members::{MemberVoiceSum, reaching, sums, sums_of};
pub(crate) use packed::{VoiceDay, pack_days, rows_of_day, unpack_days};
pub(crate) use write::write;

#[cfg(test)]
pub(crate) use packed::tests;
