//! The world as its users see it.

mod access;
mod demo;
mod determinism;
mod ids;
mod paging;
mod payloads;
mod society;
mod support;
mod truth;
mod voice;
