//! The HTTP door as a client sees it, over seeded stores of both engines.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod boards;
mod coverage;
mod files;
mod guards;
mod harness;
mod input;
mod invites;
mod judge;
mod live;
mod media;
mod members;
mod moderation;
mod numbers;
mod pages;
mod seed;
mod snapshots;
mod switches;
mod visits;
mod voice;
mod zones;
