//! The invites family: the book of invites, how each join was attributed, and what that says about who brings people who stay.

mod book;
mod evidence;
mod fold;
mod joins;
mod stats;
mod tree;
mod write;

pub(crate) use evidence::{EVIDENCE, EvidenceSql, inviter_names, named};
pub(crate) use fold::InvitesFold;
pub(crate) use write::write;
