//! The gateway's door: from an HTTP upgrade to a connection.
//!
//! Source: Discord, "Gateway", Connecting; the paths that real clients ask for (`/`, `//`, and none).

pub(crate) mod close_code;
pub mod compress;
pub(crate) mod connection;
pub(crate) mod frame;
pub(crate) mod heard;
pub mod identify;
pub mod intents;
pub(crate) mod link;
pub(crate) mod members_request;
pub(crate) mod ready;
pub(crate) mod send_limits;
pub(crate) mod session;

use std::sync::Arc;

use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use compress::Compression;
use connection::Parameters;

use crate::hub::Hub;
use crate::limits::CLIENT_MESSAGE_BYTES_MAX;

/// The gateway's query string.
#[derive(Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    v: Option<u32>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    compress: Option<String>,
}

impl Params {
    /// What `compress=` asks for; `None` for a name that Discord does not know.
    pub(crate) fn compression(&self) -> Option<Compression> {
        Compression::from_query(self.compress.as_deref().unwrap_or_default())
    }
}

/// What an address without `v` means. Discord still defaults to a version that it no longer describes: close 4012.
const DEFAULT_VERSION: u32 = 6;

/// Upgrades `GET /?v=10&encoding=json&compress=…`.
pub(crate) async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    if params.encoding.as_deref().is_some_and(|encoding| encoding != "json") {
        return (StatusCode::BAD_REQUEST, "only encoding=json is spoken here").into_response();
    }
    let Some(compression) = params.compression() else {
        return (StatusCode::BAD_REQUEST, "compress is zlib-stream or zstd-stream").into_response();
    };
    let version = params.v.unwrap_or(DEFAULT_VERSION);
    let gateway_url = format!("ws://{}", host(&headers));
    let parameters = Parameters { version, compression, gateway_url };
    upgrade
        .max_message_size(CLIENT_MESSAGE_BYTES_MAX)
        .max_frame_size(CLIENT_MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| {
            let connections = hub.connections.clone();
            connections.track_future(connection::serve(socket, parameters, hub))
        })
}

/// The host and port under which the client reached us: behind a proxy, the proxy's.
pub(crate) fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1")
}
