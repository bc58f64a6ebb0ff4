//! Bytes leave and arrive at least once: outbox, sender, transport. Never looks inside them.
//!
//! ```text
//! producer ─ commit ─▶ Outbox (a SQLite file) ─ batches ─▶ Sender ─ Delivery ─▶ transport ─▶ Subscriber
//!                         ▲                                  │                                  │
//!                         └──────── forgets ◀── acknowledged ┴◀────────── Ack::done ────────────┘
//! ```
//!
//! A *stream* is one (producer, lane) pair. Its entries are numbered, ever upwards, and delivered in that order; an entry
//! is forgotten only after the far side has acknowledged it. Whoever receives knows a repeat by its number: a number not
//! above the last one stored. Numbers have gaps (after a restart, after a merge), and none ever stands for two different
//! entries. Lane 0 is urgent: it overtakes the others.
//!
//! Beside the entries an outbox keeps, for each producer, a *checkpoint* and the *journal* frames written since: one
//! transaction for all three, so that a producer goes on exactly where it was.

pub mod error;
pub mod limits;
pub mod outbox;
pub mod sender;
pub mod transport;

pub use error::RelayError;
pub use outbox::{
    Commit, Damage, DamagedPiece, Entry, Outbox, OutboxConfig, OutboxStats, Recovery, Salvage,
};
pub use outbox::{Fault, Faults, Merge};
pub use sender::{Sender, SenderConfig};
pub use transport::{Ack, Delivery, Publisher, Subscriber};

/// The lane that overtakes all others.
pub const URGENT_LANE: u8 = 0;
