//! The documentation of the API: the OpenAPI document, and a page of our own that shows it.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::cache::{Answer, entity_tag};
use crate::state::App;

const PAGE: &str = include_str!("docs/page.html");
const SCRIPT: &str = include_str!("docs/page.js");
const STYLE: &str = include_str!("docs/page.css");

/// The page's policy: its own two files, nothing inline, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// `/api/v1/openapi.json`.
pub async fn openapi(State(app): State<App>, headers: HeaderMap) -> Response {
    let body = app.openapi.clone();
    Answer { etag: entity_tag(&body), body }.respond(&headers)
}

/// `/api/docs`.
pub async fn page() -> Response {
    let mut response = text(PAGE, "text/html; charset=utf-8");
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// `/api/docs/page.js`.
pub async fn script() -> Response {
    text(SCRIPT, "text/javascript; charset=utf-8")
}

/// `/api/docs/page.css`.
pub async fn style() -> Response {
    text(STYLE, "text/css; charset=utf-8")
}

/// `/health`: the program answers. Whether its parts do is told by `/api/v1/status`.
pub async fn health() -> Response {
    text("ok\n", "text/plain; charset=utf-8")
}

fn text(text: &'static str, kind: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
