//! Starting and stopping.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use vigie_world::{Truth, World};

use crate::config::SimConfig;
use crate::hub::Hub;
use crate::sync::read;
use crate::{cdn, control, gateway, player, rest};

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {source}; choose another address, or port 0 for a free one"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The thread that plays the world cannot be made.
    #[error("cannot start the thread that plays the world: {0}")]
    Thread(#[source] std::io::Error),
    /// A firehose was asked for what does not fit together.
    #[error("cannot prepare the firehose: {0}")]
    Firehose(String),
}

/// A running simulator. It runs until its token is cancelled, also when this handle is dropped.
pub struct Simulator {
    address: SocketAddr,
    hub: Arc<Hub>,
    server: JoinHandle<()>,
    player: JoinHandle<()>,
}

impl Simulator {
    /// Makes the world and opens the port.
    ///
    /// # Errors
    /// The address cannot be opened, or no thread can be made.
    pub async fn start(config: SimConfig, stop: CancellationToken) -> Result<Self, SimError> {
        let listener = listen(config.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|source| SimError::Listen { address: config.listen, source })?;
        let world = World::new(config.world.clone());
        let hub = Arc::new(Hub::new(config, world, stop.clone()));
        let player = player::start(Arc::clone(&hub)).map_err(SimError::Thread)?;
        let service = router(&hub).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            let served =
                axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = served.await {
                tracing::error!(%error, "the simulator's server ended");
            }
        });
        Ok(Self { address, hub, server, player })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base of the REST API: `http://host:port/api`; `/v10` may follow.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.cdn_url())
    }

    /// Base of the gateway: `ws://host:port`.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", dialled(self.address))
    }

    /// Base of the CDN: `http://host:port`.
    pub fn cdn_url(&self) -> String {
        format!("http://{}", dialled(self.address))
    }

    /// Base of the control door, where it is open: `http://host:port/_sim`.
    pub fn control_url(&self) -> Option<String> {
        self.hub.config.control.then(|| format!("{}/_sim", self.cdn_url()))
    }

    /// The true totals of what was played so far, with time in voice up to now.
    pub fn truth(&self) -> Truth {
        let world = read(&self.hub.world);
        world.truth_at(world.clock())
    }

    /// Waits until everything has ended, which cancelling the token brings about.
    pub async fn stopped(self) {
        // Both end by themselves; a panic inside them has been reported where it happened.
        let _ = tokio::join!(self.server, self.player);
        self.hub.connections.close();
        self.hub.connections.wait().await;
    }
}

/// One JSON line that tells a program where everything is:
/// `{"event":"ready","api_url":…,"gateway_url":…,"cdn_url":…,"control_url":…|null,"guilds":n,"seed":…}`.
pub fn ready_line(simulator: &Simulator) -> String {
    let world = read(&simulator.hub.world);
    let line: Value = json!({
        "event": "ready",
        "api_url": simulator.api_url(),
        "gateway_url": simulator.gateway_url(),
        "cdn_url": simulator.cdn_url(),
        "control_url": simulator.control_url(),
        "guilds": world.guilds().len(),
        "seed": world.config().seed,
    });
    line.to_string()
}

/// Opens a listener.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, SimError> {
    TcpListener::bind(address).await.map_err(|source| SimError::Listen { address, source })
}

/// The address that a client on this machine dials: loopback where we listen on all.
pub(crate) fn dialled(address: SocketAddr) -> SocketAddr {
    let mut dialled = address;
    if address.ip().is_unspecified() {
        match address {
            SocketAddr::V4(_) => dialled.set_ip(Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(_) => dialled.set_ip(Ipv6Addr::LOCALHOST.into()),
        }
    }
    dialled
}

fn router(hub: &Arc<Hub>) -> Router {
    let mut router = Router::new().merge(rest::router(hub)).merge(cdn::router(hub));
    if hub.config.control {
        router = router.nest("/_sim", control::router());
    }
    router.fallback(fallback).with_state(Arc::clone(hub))
}

/// The gateway lives at the root, however many slashes a client makes of it; everything else is unknown.
async fn fallback(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    if !request.uri().path().trim_matches('/').is_empty() {
        return rest::not_found();
    }
    let door = axum::routing::any(gateway::upgrade).with_state::<()>(hub);
    match door.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
