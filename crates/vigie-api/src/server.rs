//! Building, guarding and serving the router.

mod guard;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::Store;

use crate::assets::Assets;
use crate::cache::Answers;
use crate::live::Versions;
use crate::media::Media;
use crate::state::{App, Clock, Shared, StatusProbe, known_cache};
use crate::{ApiConfig, limits, openapi, routes};

/// Why the server cannot be made, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is reachable from other machines, and nothing protects the figures yet.
    #[error(
        "the address {address} can be reached from other machines, and there are no accounts yet to protect the figures: listen on 127.0.0.1 or [::1] (for a look from elsewhere, forward the port through ssh)"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The place pictures come from is not an address.
    #[error(
        "pictures cannot come from `{url}`: {reason} (give an address such as https://cdn.discordapp.com)"
    )]
    Cdn {
        /// As configured.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The socket failed.
    #[error("the listening socket failed (is something else closing it?)")]
    Socket(#[from] std::io::Error),
}

/// The HTTP server.
pub struct Api {
    parts: Shared,
}

impl Api {
    /// A server over these tables. Each guild sent on `committed` has new data: open pages of it are told, and kept answers
    /// about it are forgotten. `status` is asked by `/api/v1/status`; it must not block.
    ///
    /// # Errors
    /// [`ApiError::Cdn`].
    pub fn new(
        config: ApiConfig,
        store: Store,
        committed: broadcast::Sender<GuildId>,
        status: StatusProbe,
    ) -> Result<Self, ApiError> {
        let clock: Clock = Arc::new(system_clock);
        let parts = Shared {
            media: Media::new(&config.cdn_url)?,
            config,
            store,
            status,
            started_at: clock(),
            clock,
            versions: Arc::new(Versions::new(committed)),
            answers: Answers::new(),
            assets: Assets::embedded(),
            openapi: openapi::document().into(),
            stop: CancellationToken::new(),
            known: known_cache(),
        };
        Ok(Self { parts })
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.parts.started_at = clock();
        self.parts.clock = clock;
        self
    }

    /// The routes with everything that guards them.
    pub fn router(self) -> Router {
        router(App::new(self.parts))
    }

    /// Answers on a bound listener until told to stop; open streams are ended then, and other requests may go on for
    /// [`limits::SHUTDOWN_GRACE`].
    ///
    /// # Errors
    /// [`ApiError::NotLoopback`], [`ApiError::Socket`].
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), ApiError> {
        let address = listener.local_addr()?;
        if !address.ip().to_canonical().is_loopback() {
            return Err(ApiError::NotLoopback { address });
        }
        let app = App::new(self.parts);
        let streams = app.stop.clone();
        let told = stop.clone();
        let serving = axum::serve(listener, router(app)).with_graceful_shutdown(async move {
            told.cancelled().await;
            streams.cancel();
        });
        let grace = async {
            stop.cancelled().await;
            tokio::time::sleep(limits::SHUTDOWN_GRACE).await;
        };
        tokio::select! {
            ended = serving.into_future() => Ok(ended?),
            () = grace => Ok(()),
        }
    }
}

fn router(app: App) -> Router {
    let compressed = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        SizeAbove::new(limits::COMPRESSED_BYTES_MIN)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::SSE),
    );
    let (documented, _) = routes::documented().split_for_parts();
    documented
        .merge(routes::others())
        .fallback(routes::assets::fallback)
        .method_not_allowed_fallback(routes::assets::method_not_allowed)
        .layer(compressed)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), guard::admit))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn(guard::headers))
        .with_state(app)
}

fn system_clock() -> UnixMs {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    UnixMs(since.map_or(0, |since| since.as_millis() as i64))
}
