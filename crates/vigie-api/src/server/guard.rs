//! What every request passes before a route sees it, and every response before it leaves.

use std::any::Any;
use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::limits;
use crate::problem::Problem;
use crate::state::App;

/// Headers on everything. A route that says more (a page its own policy) is not overruled.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Admits a request: addressed to this machine by name (a foreign page can point its own name at 127.0.0.1, and would then be
/// of the same origin as the answers), not made by a page of another address if it would write, not too long, and answered in
/// time.
pub async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    if !is_local(request.uri(), request.headers()) {
        return Problem::foreign_host().into_response();
    }
    if !is_own_or_reads(request.method(), request.headers()) {
        return Problem::foreign_origin().into_response();
    }
    let length = request.uri().path_and_query().map_or(0, |text| text.as_str().len());
    if length > limits::URI_BYTES_MAX {
        return Problem::address_too_long().into_response();
    }
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limits::BODY_BYTES_MAX as u64) {
        return Problem::body_too_large().into_response();
    }
    if app.stop.is_cancelled() {
        return Problem::busy("the server is stopping").into_response();
    }
    match tokio::time::timeout(limits::ANSWER_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::busy("the answer took too long").into_response(),
    }
}

/// Adds [`HEADERS`] where they are not said yet.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A panic in a route: told as a problem, and logged.
#[allow(clippy::needless_pass_by_value, reason = "the signature is given")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "A route panicked");
    Problem::internal().into_response()
}

/// Whether a request only reads, or comes from a page of this very address, or from no page at all. A browser says where a writing
/// request comes from (`Origin`, and `Sec-Fetch-Site` since 2023 in all of them), and a page cannot change what it says.
/// Source: Fetch Standard, "Origin header"; W3C, "Fetch Metadata Request Headers".
fn is_own_or_reads(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().map(Some).map_err(drop),
            (Some(_), Some(_)) => Err(()),
        }
    };
    let sites = only(HeaderName::from_static("sec-fetch-site"));
    let (Ok(site), Ok(origin), Ok(host)) = (sites, only(header::ORIGIN), only(header::HOST)) else {
        return false;
    };
    let is_own = |origin: &str| {
        let name = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        name.zip(host).is_some_and(|(name, host)| name.eq_ignore_ascii_case(host))
    };
    site.is_none_or(|site| site == "same-origin") && origin.is_none_or(is_own)
}

/// Whether a request names this machine by a loopback name, everywhere it names one.
fn is_local(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return false,
        (None, _) => uri.authority().map_or("", |authority| authority.as_str()),
    };
    is_loopback_name(host) && uri.authority().is_none_or(|name| is_loopback_name(name.as_str()))
}

/// `localhost`, `127.x.y.z` or `[::1]`, with or without a port.
fn is_loopback_name(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else { return false };
            if !address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()) {
                return false;
            }
            ("localhost", port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("0")),
        },
    };
    port.is_some_and(|port| port.parse::<u16>().is_ok())
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_admitted() {
        for host in
            ["localhost", "LocalHost:7600", "127.0.0.1:80", "127.9.9.9", "[::1]", "[::1]:7600"]
        {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "localhost:80:80",
            "[::1]x",
            "[::2]",
            "user@localhost",
            "0.0.0.0",
            "10.0.0.1",
            "localhost:port",
            "[::1",
            "2130706433",
            "0x7f.1",
        ] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
