//! Consumer: records arrive, are decoded, applied in one transaction and acknowledged.
//!
//! Acknowledged means committed. What cannot be read, or is refused for good, is set aside: counted by reason and
//! logged with its producer and number, so that it never holds up its lane. What fails because of the database comes
//! again, and the store passes over what it already has.

pub mod consumer;
pub mod limits;
pub mod stats;

pub use consumer::Consumer;
pub use stats::{IngestStats, StatsReader};

/// Why a consumer stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The store refuses a batch, neither because of a record in it nor because of the database: trying again or
    /// setting records aside cannot help.
    #[error(
        "the store refuses records as a whole, the cause follows; restart with a matching version"
    )]
    Store(#[source] vigie_store::StoreError),
}
