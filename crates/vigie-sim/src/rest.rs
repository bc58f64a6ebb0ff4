//! The REST API, v9 and v10: authorization, rate limits, errors as Discord writes them, and the routes.
//!
//! Sources: Discord, "API Reference", "Rate Limits", "Opcodes and Status Codes" (JSON error codes).

mod applications;
mod channels;
mod error;
mod guard;
mod guilds;
mod invites;
mod messages;
mod moderation;
mod request;
mod session_start;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;

pub(crate) use applications::write as write_application;
pub(crate) use error::RestError;

use crate::hub::Hub;

/// Prefixes under which the API is found; one without version means the default version.
const PREFIXES: [&str; 3] = ["/api/v10", "/api/v9", "/api"];

/// What a route gives: the text of a JSON document, or an error.
type Answer = Result<JsonText, RestError>;

/// The text of a JSON document.
pub(crate) struct JsonText(pub(crate) String);

impl axum::response::IntoResponse for JsonText {
    fn into_response(self) -> Response {
        json_text(StatusCode::OK, self.0)
    }
}

/// All routes under all prefixes.
pub(crate) fn router(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    let routes = Router::new()
        .route("/gateway", get(session_start::gateway))
        .route("/gateway/bot", get(session_start::gateway_bot))
        .route("/users/@me", get(users::me))
        .route("/users/{user}", get(users::user))
        .route("/applications/@me", get(applications::me))
        .route("/oauth2/applications/@me", get(applications::me))
        .route("/guilds/{guild}", get(guilds::guild))
        .route("/guilds/{guild}/channels", get(guilds::channels))
        .route("/guilds/{guild}/threads/active", get(guilds::active_threads))
        .route("/guilds/{guild}/roles", get(guilds::roles))
        .route("/guilds/{guild}/emojis", get(guilds::emojis))
        .route("/guilds/{guild}/audit-logs", get(moderation::audit_log))
        .route("/guilds/{guild}/bans", get(moderation::bans))
        .route("/guilds/{guild}/bans/{user}", get(moderation::ban))
        .route("/guilds/{guild}/invites", get(invites::invites))
        .route("/guilds/{guild}/vanity-url", get(invites::vanity_url))
        .route("/guilds/{guild}/members", get(guilds::members))
        .route("/guilds/{guild}/members/search", get(guilds::search_members))
        .route("/guilds/{guild}/members/{user}", get(guilds::member))
        .route("/channels/{channel}", get(channels::channel))
        .route("/channels/{channel}/messages", get(messages::messages))
        .route("/channels/{channel}/messages/{message}", get(messages::message))
        .method_not_allowed_fallback(async || RestError::METHOD_NOT_ALLOWED)
        .route_layer(middleware::from_fn_with_state(Arc::clone(hub), guard::guard));
    PREFIXES.iter().fold(Router::new(), |router, prefix| router.nest(prefix, routes.clone()))
}

/// A JSON answer. The content type is exactly `application/json`: discord.py compares it as text.
pub(crate) fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer to an address that is none.
pub(crate) fn not_found() -> Response {
    axum::response::IntoResponse::into_response(RestError::NOT_FOUND)
}
