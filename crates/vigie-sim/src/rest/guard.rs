//! Before every route: who asks, and may they ask again already.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{PREFIXES, RestError, json_text};
use crate::gateway::identify::bare_token;
use crate::hub::Hub;
use crate::rate_limit::{BucketState, Verdict};

/// The bot whose token a request carries: routes find it among the request's extensions.
#[derive(Clone)]
pub(crate) struct Bot(pub(crate) String);

/// The route that needs no token.
const OPEN_ROUTE: &str = "/gateway";

pub(crate) async fn guard(
    State(hub): State<Arc<Hub>>,
    matched: MatchedPath,
    parameters: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    hub.counters.rest_requests.add(1);
    let path = matched.as_str();
    let route = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
    let token = token_of(request.headers()).unwrap_or_default().to_owned();
    if route != OPEN_ROUTE && !hub.accepts(&token) {
        return RestError::UNAUTHORIZED.into_response();
    }
    let major = parameters.iter().next().map_or("", |(_, value)| value);
    match hub.limiter.check(&token, route, major, Instant::now()) {
        Verdict::Pass(state) => {
            hub.ledger.count_request(request.method().as_str(), route, major);
            request.extensions_mut().insert(Bot(token));
            let mut response = next.run(request).await;
            if let Some(state) = state {
                describe(&state, response.headers_mut());
            }
            response
        }
        Verdict::BucketEmpty(state) => {
            hub.counters.rest_limited.add(1);
            let mut response = too_many(state.reset_after, false);
            describe(&state, response.headers_mut());
            response
        }
        Verdict::Global(wait) => {
            hub.counters.rest_limited.add(1);
            too_many(wait, true)
        }
    }
}

/// `Authorization: Bot <token>`.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.starts_with("Bot ").then(|| bare_token(value))
}

fn too_many(wait: Duration, global: bool) -> Response {
    // Rounded up: a client that waits as told must not be early.
    let retry_after = ((wait.as_secs_f64() * 1_000.0).ceil() / 1_000.0).max(0.001);
    let text = format!(
        r#"{{"message":"You are being rate limited.","retry_after":{retry_after:.3},"global":{global}}}"#
    );
    let mut response = json_text(StatusCode::TOO_MANY_REQUESTS, text);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, number(retry_after.ceil() as u64));
    let scope = if global { "global" } else { "user" };
    headers.insert(HeaderName::from_static("x-ratelimit-scope"), HeaderValue::from_static(scope));
    if global {
        let name = HeaderName::from_static("x-ratelimit-global");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    response
}

fn describe(state: &BucketState, headers: &mut HeaderMap) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let reset_after = state.reset_after.as_secs_f64();
    let reset = now.as_secs_f64() + reset_after;
    let texts = [
        ("x-ratelimit-limit", state.limit.to_string()),
        ("x-ratelimit-remaining", state.remaining.to_string()),
        ("x-ratelimit-reset", format!("{reset:.3}")),
        ("x-ratelimit-reset-after", format!("{reset_after:.3}")),
        ("x-ratelimit-bucket", state.bucket.clone()),
    ];
    for (name, text) in texts {
        // Digits and hex are always a valid value.
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn number(number: u64) -> HeaderValue {
    HeaderValue::from(number)
}
