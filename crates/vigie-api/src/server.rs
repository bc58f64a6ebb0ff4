//! The router with its guards, and serving it.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::problem::Problem;
use crate::state::App;
use crate::{ApiError, assets, docs, limits, routes};

/// Every route behind every guard.
pub fn router(app: &App) -> Router {
    let (documented, _) = routes::documented().with_state(app.clone()).split_for_parts();
    let others = Router::new()
        .route("/api/v1/openapi.json", get(docs::document))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/{file}", get(docs::file))
        .route("/media/avatars/{id}/{file}", get(routes::media::avatar))
        .route("/media/icons/{id}/{file}", get(routes::media::icon))
        .route("/health", get(async || "ok\n"))
        .with_state(app.clone());
    documented
        .merge(others)
        .fallback(fallback)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
}

/// Serves until `stop`; open requests then have a bounded time to end.
///
/// # Errors
/// The address is not of this machine, or the listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), ApiError> {
    let address = listener.local_addr().map_err(ApiError::Serve)?;
    if !address.ip().is_loopback() {
        return Err(ApiError::NotLoopback { address });
    }
    let (end, ended) = (stop.clone(), app.stop.clone());
    let router = router(&app);
    let shutdown = async move {
        end.cancelled().await;
        ended.cancel();
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    tokio::select! {
        outcome = server => outcome.map_err(ApiError::Serve),
        () = async {
            stop.cancelled().await;
            tokio::time::sleep(limits::SHUTDOWN_GRACE).await;
        } => Ok(()),
    }
}

/// What every request passes: length, host, time; and what every response carries.
async fn guard(State(_app): State<App>, request: Request, next: Next) -> Response {
    let long = request
        .uri()
        .path_and_query()
        .is_some_and(|uri| uri.as_str().len() > limits::URI_BYTES_MAX);
    let mut response = if long {
        Problem::address_too_long().into_response()
    } else if !is_local(host(request.uri(), request.headers())) {
        Problem::foreign_host().into_response()
    } else {
        let answer = tokio::time::timeout(limits::ANSWER_TIMEOUT, next.run(request)).await;
        answer.unwrap_or_else(|_| Problem::busy("the answer took too long").into_response())
    };
    secure(response.headers_mut());
    response
}

/// Headers against sniffing, framing and telling others where one was.
fn secure(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ));
}

/// The host that the request was addressed to.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.host().or_else(|| headers.get(header::HOST)?.to_str().ok())
}

/// Whether a request was addressed to this machine by a name that no other site can point here: a page of another site that
/// has its name resolve to 127.0.0.1 (DNS rebinding) still sends its own name.
fn is_local(host: Option<&str>) -> bool {
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let host = authority.host();
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") || path.starts_with("/media/") {
        return Problem::unknown_route().into_response();
    }
    if !matches!(request.method().as_str(), "GET" | "HEAD") {
        return Problem::method_not_allowed().into_response();
    }
    assets::respond(path, request.headers())
        .unwrap_or_else(|| Problem::unknown_route().into_response())
}

#[allow(clippy::needless_pass_by_value, reason = "the layer gives the panic away")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = text, "A handler panicked");
    Problem::internal().into_response()
}

/// An address that may not be served yet.
pub fn describe(address: &SocketAddr) -> String {
    format!(
        "{address} is not an address of this machine alone: until accounts exist, serve on 127.0.0.1 or [::1] and look from elsewhere \
         through an SSH tunnel"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in ["localhost", "LOCALHOST:7878", "127.0.0.1:80", "127.9.9.9", "[::1]:7878"] {
            assert!(is_local(Some(host)), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
            "localhost.evil.example",
            "[::2]",
        ] {
            assert!(!is_local(Some(host)), "{host}");
        }
        assert!(!is_local(None));
    }
}
