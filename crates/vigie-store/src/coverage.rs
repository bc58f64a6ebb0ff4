//! The coverage family: the ledger of what could be heard, and what of a range is known.
//!
//! The ledger holds one `Observed` row for each guild and family, from its first sight on, and rows of gaps over it (blind or recovered).
//! The two never share a key, although both may begin at the same instant. What the core cannot know is added when a batch is applied:
//!
//! - A second `Observed` of a guild says that the bot lost its memory of it, or that another producer hears it now: from the instant
//!   until which the guild's last producer had heard everything, it is blind (`StateLost`), unless an open gap says so already. Open
//!   gaps end there, and gaps of messages that were still to be recovered will not be.
//! - `GuildRemoved` opens a gap (`Removed`) in every family that was observed; the next `Observed` closes it.

mod fold;
mod ledger;
mod write;

pub(crate) use fold::{CoverageFold, concerns};
pub(crate) use write::{known, write};
