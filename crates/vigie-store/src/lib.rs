//! The only crate that knows tables: SQLite and PostgreSQL, one repeatable transaction per batch, questions by family.

mod db;
mod error;
pub mod limits;
pub mod question;
mod store;

pub use db::Engine;
pub use error::StoreError;
pub use store::{Applied, Batch, Store, StoreConfig};
