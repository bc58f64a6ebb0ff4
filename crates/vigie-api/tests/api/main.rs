//! The HTTP door as a client sees it, over seeded stores of both engines.

mod boards;
mod files;
mod guards;
mod harness;
mod input;
mod judge;
mod live;
mod media;
mod numbers;
mod pages;
mod seed;
mod snapshots;
mod zones;
