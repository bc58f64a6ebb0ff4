//! Routes of the moderation family.

pub mod cases;
pub mod summary;
