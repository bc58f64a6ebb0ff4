//! The gateway as a measuring instrument: a conversation made beforehand, sent as fast as the client reads.
//!
//! Everything a shard is sent after IDENTIFY (READY, each GUILD_CREATE, the events) is written, and compressed where the
//! client asks for it, before the first client connects: what is measured is the client. The price is memory, about 1.3 KB
//! an event (500,000 events: 650 MB), and a quarter of that again for each compression used.
//!
//! Heartbeats are answered once the stream has ended, because an answer in its midst would break the compression made
//! beforehand; until then every event counts as one. Sessions cannot be resumed.

mod append;
mod connection;
mod hoard;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use vigie_world::{Truth, WorldConfig, payload};

use crate::gateway::Params;
use crate::gateway::compress::Compression;
use crate::gateway::intents::Intents;
use crate::rest::{self, JsonText, write_application};
use crate::simulator::{SimError, dialled, listen};
use hoard::{Conversation, Hoard};

/// Settings of a firehose.
#[derive(Clone, Debug)]
pub struct FirehoseConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The world that is played. Its `events_per_second` says how closely its instants follow each other, not how fast
    /// they are sent.
    pub world: WorldConfig,
    /// Least number of events sent, over all shards; [`Totals::events`] says how many it came to.
    pub events: u64,
    /// Shards; IDENTIFY must name this count.
    pub shards: u32,
    /// Intents whose events are made, whatever IDENTIFY asks for. The totals suppose messages and reactions among them.
    pub intents: Intents,
    /// HELLO's `heartbeat_interval` in milliseconds; longer than the whole stream takes.
    pub heartbeat_interval_ms: u64,
}

impl FirehoseConfig {
    /// So many guilds (of 10 to 5,000 members, without history) and events, for one shard.
    pub fn new(guild_count: u32, events: u64) -> Self {
        let world = WorldConfig {
            guild_count,
            members_max: 5_000,
            events_per_second: 2_000.0,
            history_days: 0,
            ..WorldConfig::default()
        };
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            world,
            events,
            shards: 1,
            intents: Intents(
                Intents::GUILDS.0 | Intents::GUILD_MESSAGES.0 | Intents::GUILD_MESSAGE_REACTIONS.0,
            ),
            heartbeat_interval_ms: 600_000,
        }
    }
}

/// What a client that heard everything must have counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Dispatches after the last GUILD_CREATE.
    pub events: u64,
    /// GUILD_CREATEs.
    pub guilds: u64,
    /// Messages (types 0 and 19).
    pub messages: u64,
    /// Commands (types 20 and 23).
    pub commands: u64,
    /// Reactions given.
    pub reactions_added: u64,
    /// Reactions taken back.
    pub reactions_removed: u64,
    /// Bytes of all dispatches, before compression.
    pub bytes: u64,
}

impl Totals {
    fn count(&mut self, truth: &Truth) {
        for (_, _, cell) in truth.cells() {
            self.messages += u64::from(cell.counts.messages);
            self.commands += u64::from(cell.counts.commands);
            self.reactions_added += u64::from(cell.counts.reactions_added);
            self.reactions_removed += u64::from(cell.counts.reactions_removed);
        }
    }
}

/// A running firehose. It runs until its token is cancelled.
pub struct Firehose {
    address: SocketAddr,
    totals: Totals,
    truth: Truth,
    reservoir: Arc<Reservoir>,
    server: JoinHandle<()>,
}

/// What all connections share.
pub(crate) struct Reservoir {
    pub(crate) config: FirehoseConfig,
    pub(crate) hoard: Hoard,
    compressed: [OnceCell<Arc<Vec<Conversation>>>; 2],
    pub(crate) stop: CancellationToken,
    /// Streams that were sent to their end.
    pub(crate) streamed: watch::Sender<u64>,
    gateway_url: String,
    current_user: String,
    application: String,
}

/// Makes the whole conversation of every shard, then listens.
///
/// # Errors
/// The address cannot be opened, or the settings do not fit together.
pub async fn serve(config: FirehoseConfig, stop: CancellationToken) -> Result<Firehose, SimError> {
    if config.shards == 0 {
        return Err(SimError::Firehose("there must be at least one shard".to_owned()));
    }
    if config.world.clone().clamped().events_per_second <= 0.0 {
        return Err(SimError::Firehose("events_per_second must be above 0".to_owned()));
    }
    let listener = listen(config.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|source| SimError::Listen { address: config.listen, source })?;
    let gateway_url = format!("ws://{}", dialled(address));
    let (made_config, made_url) = (config.clone(), gateway_url.clone());
    let made = tokio::task::spawn_blocking(move || hoard::make(&made_config, &made_url)).await;
    let made = made.map_err(|panic| SimError::Firehose(panic.to_string()))?;
    let mut current_user = String::new();
    payload::current_user(&made.world, &mut current_user);
    let mut application = String::new();
    write_application(&made.world, config.intents, &mut application);
    let reservoir = Arc::new(Reservoir {
        config,
        hoard: made.hoard,
        compressed: [const { OnceCell::const_new() }; 2],
        stop: stop.clone(),
        streamed: watch::Sender::new(0),
        gateway_url,
        current_user,
        application,
    });
    let router = router(Arc::clone(&reservoir));
    let server = tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the firehose's server ended");
        }
    });
    Ok(Firehose {
        address,
        totals: made.totals,
        truth: made.world.truth().clone(),
        reservoir,
        server,
    })
}

impl Firehose {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base of the REST API, which knows just enough for a bot to log in.
    pub fn api_url(&self) -> String {
        format!("http://{}/api", dialled(self.address))
    }

    /// Base of the gateway.
    pub fn gateway_url(&self) -> String {
        self.reservoir.gateway_url.clone()
    }

    /// What a client that heard everything must have counted.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The true totals in full.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The number (`s`) of the last dispatch of a shard: a client that has heard it has heard everything.
    pub fn last_sequence(&self, shard: u32) -> u64 {
        // HELLO is a message without number.
        let conversation = self.reservoir.hoard.plain.get(shard as usize);
        conversation.map_or(0, |conversation| conversation.len() as u64 - 1)
    }

    /// Compresses everything now, rather than when the first client asks for it.
    pub async fn prepare(&self, compression: Compression) {
        self.reservoir.conversations(compression).await;
    }

    /// Waits until so many streams (one per connection) were sent to their end.
    pub async fn streamed(&self, streams: u64) {
        let mut streamed = self.reservoir.streamed.subscribe();
        // The sender lives in the same reservoir: it cannot be gone.
        let _ = streamed.wait_for(|count| *count >= streams).await;
    }

    /// Waits for the end that cancelling the token brings about.
    pub async fn stopped(self) {
        // A panic inside has been reported where it happened.
        let _ = self.server.await;
    }
}

impl Reservoir {
    /// The conversations of all shards in one compression; made when first asked for.
    pub(crate) async fn conversations(
        self: &Arc<Self>,
        compression: Compression,
    ) -> Arc<Vec<Conversation>> {
        let place = match compression {
            Compression::Plain => return Arc::clone(&self.hoard.plain),
            Compression::Zlib => 0,
            Compression::Zstd => 1,
        };
        let make = || async {
            let plain = Arc::clone(&self.hoard.plain);
            let work = move || hoard::compress(&plain, compression);
            tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| {
                tracing::error!(%panic, "cannot compress the firehose");
                Arc::default()
            })
        };
        Arc::clone(self.compressed[place].get_or_init(make).await)
    }
}

fn router(reservoir: Arc<Reservoir>) -> Router {
    let routes = Router::new()
        .route("/gateway", get(session_start))
        .route("/gateway/bot", get(session_start))
        .route("/users/@me", get(current_user))
        .route("/applications/@me", get(application))
        .route("/oauth2/applications/@me", get(application));
    Router::new()
        .nest("/api/v10", routes.clone())
        .nest("/api", routes)
        .fallback(fallback)
        .with_state(reservoir)
}

type Shared = State<Arc<Reservoir>>;

async fn session_start(State(reservoir): Shared) -> JsonText {
    let (url, shards) = (&reservoir.gateway_url, reservoir.config.shards);
    JsonText(format!(
        r#"{{"url":"{url}","shards":{shards},"session_start_limit":{{"total":1000,"remaining":1000,"reset_after":0,"max_concurrency":{shards}}}}}"#
    ))
}

async fn current_user(State(reservoir): Shared) -> JsonText {
    JsonText(reservoir.current_user.clone())
}

async fn application(State(reservoir): Shared) -> JsonText {
    JsonText(reservoir.application.clone())
}

async fn fallback(State(reservoir): Shared, request: Request) -> Response {
    if !request.uri().path().trim_matches('/').is_empty() {
        return rest::not_found();
    }
    match any(upgrade).with_state::<()>(reservoir).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn upgrade(
    State(reservoir): Shared,
    Query(params): Query<Params>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(compression) = params.compression() else {
        return (StatusCode::BAD_REQUEST, "compress is zlib-stream or zstd-stream").into_response();
    };
    let conversations = reservoir.conversations(compression).await;
    upgrade
        .write_buffer_size(connection::WRITE_BUFFER_BYTES)
        .on_upgrade(move |socket| connection::serve(socket, compression, conversations, reservoir))
}
