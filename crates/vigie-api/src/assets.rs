//! The web app, embedded as it was built: `web/build`, with `.br` and `.gz` beside each text.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct WebApp;

/// What is served where the web app was not built in.
const ABSENT: &str = "<!doctype html><meta charset=utf-8><title>Vigie</title>\
    <p>This binary was built without its web page. Build it with <code>cargo xtask demo</code>, or ask the API: \
    <a href=/api/docs>/api/docs</a>.</p>";

/// The file of a path, or the page itself for any path that names no file: the page routes by its address.
pub fn respond(path: &str, request: &HeaderMap) -> Option<Response> {
    let path = path.trim_start_matches('/');
    let names_a_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if !path.is_empty() && names_a_file {
        return WebApp::get(path).map(|file| file_response(path, file, request));
    }
    let Some(index) = WebApp::get("index.html") else {
        return Some(html(Body::from(ABSENT)));
    };
    Some(file_response("index.html", index, request))
}

fn file_response(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..12]));
    let known = request
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| tags.contains(&etag));
    let (encoding, bytes) = encoded(path, request).unwrap_or((None, file.data));
    let mut response =
        Response::new(if known { Body::empty() } else { Body::from(bytes.into_owned()) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    let mut set = |name: header::HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, file.metadata.mimetype());
    set(header::ETAG, &etag);
    set(header::VARY, "accept-encoding");
    // Names below these folders change with their content.
    let immutable = path.starts_with("_app/immutable/") || path.starts_with("fonts/");
    set(
        header::CACHE_CONTROL,
        if immutable { "public, max-age=31536000, immutable" } else { "no-cache" },
    );
    if let Some(encoding) = encoding {
        set(header::CONTENT_ENCODING, encoding);
    }
    if path == "index.html" {
        set(header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(header::CONTENT_SECURITY_POLICY, policy());
    }
    response
}

type Encoded = (Option<&'static str>, std::borrow::Cow<'static, [u8]>);

/// The smallest form made at build time that the browser takes.
fn encoded(path: &str, request: &HeaderMap) -> Option<Encoded> {
    let accepted = request.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| {
        let mut parts = accepted.split(',').map(|part| part.trim().split(';'));
        parts.any(|mut part| {
            part.next() == Some(name) && part.next().is_none_or(|q| q.trim() != "q=0")
        })
    };
    [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(name, ending)| {
        let file = takes(name).then(|| WebApp::get(&format!("{path}{ending}")))??;
        Some((Some(name), file.data))
    })
}

/// Everything from here, nothing inline but the scripts and styles of the page itself, by their hashes.
fn policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let index = WebApp::get("index.html").map(|file| file.data.into_owned()).unwrap_or_default();
        let index = String::from_utf8_lossy(&index);
        format!(
            "default-src 'self'; script-src 'self'{}; style-src 'self'{}; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            hashes(&index, "script"),
            hashes(&index, "style"),
        )
    })
}

/// ` 'sha256-…'` for each inline element of this name (CSP Level 3, section 2.3.1).
fn hashes(html: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut found = String::new();
    for part in html.split(&open).skip(1) {
        let Some((attributes, rest)) = part.split_once('>') else { continue };
        let Some((content, _)) = rest.split_once(&close) else { continue };
        if attributes.contains("src=") || content.is_empty() {
            continue;
        }
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content));
        found.push_str(&format!(" 'sha256-{hash}'"));
    }
    found
}

fn html(body: Body) -> Response {
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_named_by_their_hash() {
        let html = "<script>alert(1)</script><script src=\"/a.js\"></script><style>p{}</style>";
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest("alert(1)"));
        assert_eq!(hashes(html, "script"), format!(" 'sha256-{hash}'"));
        assert_eq!(hashes(html, "style").matches("sha256").count(), 1);
    }
}
