//! Bytes leave and arrive at least once: outbox, sender, transport. Never looks inside them.
//!
//! ```text
//! producer ─ commit ─▶ Outbox (a SQLite file) ─ batches ─▶ Sender ─ Delivery ─▶ transport ─▶ Subscriber
//!                         ▲                                  │                                  │
//!                         └──────── forgets ◀── acknowledged ┴◀────────── Ack::done ────────────┘
//! ```
//!
//! A *stream* is one (producer, lane) pair. Entries of a stream are numbered 1, 2, 3, … without a gap, for ever, and
//! delivered in that order; an entry is forgotten only after the far side has acknowledged it. Whoever receives knows
//! a repeat by its number. Lane 0 is urgent: it overtakes the others.

pub mod error;
pub mod limits;
pub mod outbox;
pub mod sender;
pub mod transport;

pub use error::RelayError;
pub use outbox::{Commit, Entry, Outbox, OutboxConfig, OutboxStats};
pub use sender::{Sender, SenderConfig};
pub use transport::{Ack, Delivery, Publisher, Subscriber};

/// The lane that overtakes all others.
pub const URGENT_LANE: u8 = 0;
