//! Everything that no other route answers: the web app, or a problem where a program asks.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::state::App;

/// The web app's file or page of a path. Below `/api` and `/media` nothing else is served.
pub async fn fallback(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    let ours = |root: &str| {
        path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
    };
    if ours("/api") || ours("/media") {
        return Problem::unknown_route().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::method_not_allowed().into_response();
    }
    app.assets.respond(path, request.headers())
}

/// The route exists, the method does not.
pub async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
