//! The moderation family: the ledger of acts, each fact and its audit entry as one row, and what it says about who did what to whom.

mod changes;
mod fold;
mod pairing;
mod questions;
mod summary;
mod write;

pub(crate) use fold::ModerationFold;
pub(crate) use write::write;
