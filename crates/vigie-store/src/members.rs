//! The members family: stays, from a join to a departure, and what they say about who came, who went and who stayed.
//!
//! What records say of a member is played over the last stays that the tables know of them (`stays.rs`). How a stay ended is told by the
//! ledger of moderation, whichever of the two arrives first, and told anew whenever either changes (`departures.rs`).

mod departures;
mod fold;
mod growth;
mod lifecycle;
mod origin;
mod quiet;
mod retention;
mod stays;
mod write;

pub(crate) use departures::Touched;
pub(crate) use fold::MembersFold;
pub(crate) use growth::check_bounds;
pub(crate) use retention::conditions;
pub(crate) use write::{of_members, write};
