//! The simulator as its clients meet it: raw conversations over real sockets, REST, CDN, control door, and twilight.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cdn;
mod client;
mod close_codes;
mod control;
mod dispatches;
mod faults;
mod judge;
mod rest;
mod resume;
mod society;
mod support;
mod twilight;
mod voice;
