//! What every handler shares.

use std::sync::Arc;

use vigie_core::vocabulary::UnixMs;
use vigie_store::Store;

use crate::{ApiConfig, PipelineStatus};

/// The clock; replaced in tests.
pub type Clock = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// Asks the rest of the program how it is doing.
pub type StatusProbe = Arc<dyn Fn() -> PipelineStatus + Send + Sync>;

/// What every handler shares; clones are the same.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    /// How this server is set up.
    pub config: ApiConfig,
    /// The tables.
    pub store: Store,
    /// The rest of the program.
    pub status: StatusProbe,
    /// The clock.
    pub clock: Clock,
}

impl App {
    /// Wraps what is shared.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
