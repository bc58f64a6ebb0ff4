//! The HTTP door: routes by family, live signal, media, embedded web app, OpenAPI.

mod assets;
mod cache;
mod docs;
mod export;
pub mod limits;
mod live;
mod measure;
mod media;
mod names;
mod openapi;
mod params;
mod period;
mod pipeline;
pub mod problem;
mod routes;
mod scene;
mod server;
mod state;
pub mod types;

pub use openapi::document as openapi_document;
pub use pipeline::{Events, Ingest, Outbox, PipelineStatus, Shard};
pub use state::{Clock, StatusProbe};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::Store;

use crate::cache::Answers;
use crate::live::Versions;
use crate::media::Media;
use crate::state::{App, Shared};

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Where pictures come from: `https://cdn.discordapp.com`, or a simulator's address.
    pub cdn_url: String,
    /// The data is imaginary; the page says so.
    pub demo: bool,
    /// Version of the program.
    pub version: String,
}

/// Why the server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address can be reached from elsewhere.
    #[error("{}", server::describe(address))]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The listener failed.
    #[error("cannot serve the page on this address")]
    Serve(#[source] std::io::Error),
}

/// The HTTP door.
pub struct Api {
    app: App,
}

impl Api {
    /// A server over these tables. `committed` names each guild whose data has changed; `status` says how the rest of the
    /// program is doing.
    pub fn new(
        config: ApiConfig,
        store: Store,
        committed: broadcast::Sender<GuildId>,
        status: StatusProbe,
    ) -> Self {
        Self::with_clock(config, store, committed, status, Arc::new(system_clock))
    }

    /// The same with a clock of one's own, for tests.
    pub fn with_clock(
        config: ApiConfig,
        store: Store,
        committed: broadcast::Sender<GuildId>,
        status: StatusProbe,
        clock: Clock,
    ) -> Self {
        let shared = Shared {
            media: Media::new(&config.cdn_url),
            config,
            store,
            status,
            started_at: clock(),
            clock,
            versions: Arc::new(Versions::new(committed)),
            answers: Answers::new(),
            stop: CancellationToken::new(),
            known: state::known_cache(),
        };
        Self { app: App::new(shared) }
    }

    /// The routes with their guards.
    pub fn router(&self) -> axum::Router {
        server::router(&self.app)
    }

    /// Serves until `stop`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), ApiError> {
        server::serve(self.app, listener, stop).await
    }
}

fn system_clock() -> UnixMs {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMs(since.as_millis() as i64)
}
