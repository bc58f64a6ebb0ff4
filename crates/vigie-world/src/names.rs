//! Words: what people, guilds and channels are called, and what they say.

pub(crate) mod communities;
pub(crate) mod emoji;
pub(crate) mod guilds;
pub(crate) mod moderation;
pub(crate) mod people;
pub(crate) mod talk;

/// The language a person or a guild lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
}
