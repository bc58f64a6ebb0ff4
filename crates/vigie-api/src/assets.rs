//! The web app, embedded in the binary: what `web/build` held when this crate was built.
//!
//! Files whose name holds their hash are kept by browsers for a year; everything else is asked for again. Compressed copies
//! made by the build are sent to whoever takes them. A path that is no file is a page of the app: it gets `index.html`.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::cache::{entity_tag, names};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct WebBuild;

/// Paths under which names hold hashes or versions: what they name never changes.
const IMMUTABLE: [&str; 2] = ["_app/immutable/", "fonts/"];

/// What a browser is told where the web app was not built.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Vigie</title>\
    <h1>Vigie is running, without its web app</h1>\
    <p>This program was built before the web app was. Build both with <code>cargo xtask demo</code>, or run \
    <code>npm ci</code> and <code>npm run build</code> in the folder <code>web</code> and build the program again.</p>\
    <p>The <a href=\"/api/docs\">interface for programs</a> is here.</p></html>";

/// The files of the web app.
pub struct Assets {
    files: BTreeMap<String, File>,
    /// The policy of `index.html`, with the hashes of its inline scripts and styles.
    policy: HeaderValue,
}

/// A file with its compressed copies.
struct File {
    kind: HeaderValue,
    etag: HeaderValue,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl Assets {
    /// The files that were embedded.
    pub fn embedded() -> Self {
        let files = WebBuild::iter().filter_map(|path| {
            let bytes = match WebBuild::get(&path)?.data {
                std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((path.into_owned(), bytes))
        });
        Self::new(files)
    }

    /// These files: `x.br` and `x.gz` are copies of `x`.
    pub fn new(files: impl Iterator<Item = (String, Bytes)>) -> Self {
        let mut all: BTreeMap<String, Bytes> = files.collect();
        let mut kept = BTreeMap::new();
        let plain: Vec<String> = all.keys().filter(|path| original(path, &all)).cloned().collect();
        for path in plain {
            let Some(bytes) = all.remove(&path) else { continue };
            let file = File {
                kind: kind(&path),
                etag: entity_tag(&bytes),
                brotli: all.remove(&format!("{path}.br")),
                gzip: all.remove(&format!("{path}.gz")),
                plain: bytes,
            };
            kept.insert(path, file);
        }
        let index = kept.get("index.html").map(|file| file.plain.clone()).unwrap_or_default();
        Self { files: kept, policy: policy(&String::from_utf8_lossy(&index)) }
    }

    /// The file of a path, or the app's page.
    pub fn respond(&self, path: &str, request: &HeaderMap) -> Response {
        let path = path.trim_start_matches('/');
        if let Some(file) = self.files.get(path).filter(|_| path != "index.html") {
            let immutable = IMMUTABLE.iter().any(|folder| path.starts_with(folder));
            let caching =
                if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
            return file.respond(request, caching);
        }
        let named_like_a_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        if path.starts_with("_app/") || (named_like_a_file && path != "index.html") {
            return page(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "no such file\n");
        }
        let Some(index) = self.files.get("index.html") else {
            return page(StatusCode::NOT_FOUND, "text/html; charset=utf-8", NOT_BUILT);
        };
        let mut response = index.respond(request, "no-cache");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }
}

impl File {
    fn respond(&self, request: &HeaderMap, caching: &'static str) -> Response {
        let mut response = Response::new(Body::empty());
        let known = request.get(header::IF_NONE_MATCH);
        if known.is_some_and(|tags| names(tags, &self.etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let (encoding, bytes) = self.chosen(request);
            *response.body_mut() = Body::from(bytes.clone());
            if let Some(encoding) = encoding {
                let encoding = HeaderValue::from_static(encoding);
                response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
            }
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        response
    }

    /// The smallest copy that the client takes.
    fn chosen(&self, request: &HeaderMap) -> (Option<&'static str>, &Bytes) {
        let copies = [("br", &self.brotli), ("gzip", &self.gzip)];
        for (encoding, bytes) in copies {
            if let Some(bytes) = bytes
                && accepts(request, encoding)
            {
                return (Some(encoding), bytes);
            }
        }
        (None, &self.plain)
    }
}

/// Whether `Accept-Encoding` names this coding with a weight above zero (RFC 9110, section 12.5.3).
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let listed = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// Whether a path is no compressed copy of another.
fn original(path: &str, all: &BTreeMap<String, Bytes>) -> bool {
    let of = path.strip_suffix(".br").or_else(|| path.strip_suffix(".gz"));
    of.is_none_or(|of| !all.contains_key(of))
}

fn page(status: StatusCode, kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Content type by the end of the name: what a web build holds.
fn kind(path: &str) -> HeaderValue {
    let ending = path.rsplit('.').next().unwrap_or_default();
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

/// The policy of the app's page: scripts and styles of our own files, and the inline ones that the page was built with. Nothing else
/// inline, style attributes included: the page sets its styles through the CSSOM.
fn policy(index: &str) -> HeaderValue {
    let scripts = hashes(index, "script");
    let styles = hashes(index, "style");
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("base64 and words fit a header")
}

/// Hashes of the inline elements of a page, as a policy lists them (W3C, Content Security Policy Level 3).
fn hashes(page: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut list = String::new();
    let mut rest = page;
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some(end_of_tag) = rest.find('>') else { break };
        let (attributes, content) = (&rest[..end_of_tag], &rest[end_of_tag + 1..]);
        let Some(end) = content.find(&close) else { break };
        let inline = !attributes.split_whitespace().any(|word| word.starts_with("src="));
        if inline && end > 0 {
            let hash = BASE64.encode(Sha256::digest(&content.as_bytes()[..end]));
            list.push_str(&format!(" 'sha256-{hash}'"));
        }
        rest = &content[end + close.len()..];
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> Assets {
        let page =
            "<html><style>a{}</style><script src=\"/x.js\"></script><script>go()</script></html>";
        let files = [
            ("index.html", page),
            ("_app/immutable/x.js", "plain"),
            ("_app/immutable/x.js.br", "brotli"),
            ("_app/immutable/x.js.gz", "gzip"),
            ("favicon.svg", "<svg/>"),
        ];
        let files =
            files.map(|(path, text)| (path.to_owned(), Bytes::from_static(text.as_bytes())));
        Assets::new(files.into_iter())
    }

    fn request(name: &'static str, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a header");
        [(header::HeaderName::from_static(name), value)].into_iter().collect()
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-")
    }

    #[test]
    fn the_smallest_copy_that_the_client_takes_is_sent() {
        let check = |accepted: &str, encoding: &str| {
            let response =
                assets().respond("/_app/immutable/x.js", &request("accept-encoding", accepted));
            assert_eq!(header(&response, "content-encoding"), encoding, "{accepted}");
            assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
            assert!(header(&response, "cache-control").contains("immutable"));
            assert_eq!(header(&response, "vary"), "accept-encoding");
        };
        check("gzip, deflate, br, zstd", "br");
        check("gzip", "gzip");
        check("br;q=0, gzip;q=0.5", "gzip");
        check("identity", "-");
    }

    #[test]
    fn a_page_of_the_app_is_the_index_and_a_missing_file_is_not() {
        for path in ["/", "/g/1/members/2", "/index.html"] {
            let response = assets().respond(path, &HeaderMap::new());
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(header(&response, "cache-control"), "no-cache");
        }
        for path in ["/_app/immutable/y.js", "/robots.txt", "/../index.html.br", "/x.js.br"] {
            assert_eq!(assets().respond(path, &HeaderMap::new()).status(), 404, "{path}");
        }
    }

    #[test]
    fn the_policy_holds_the_hash_of_each_inline_element_and_no_inline_permission() {
        let response = assets().respond("/", &HeaderMap::new());
        let policy = header(&response, "content-security-policy");
        let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
        assert!(policy.contains(&format!("script-src 'self' {};", hash("go()"))), "{policy}");
        assert!(policy.contains(&format!("style-src 'self' {};", hash("a{}"))), "{policy}");
    }

    #[test]
    fn who_has_a_file_is_told_so() {
        let first = assets().respond("/favicon.svg", &HeaderMap::new());
        let again =
            assets().respond("/favicon.svg", &request("if-none-match", header(&first, "etag")));
        assert_eq!(again.status(), 304);
    }

    #[test]
    fn without_a_build_the_page_says_what_to_do() {
        let response = Assets::new(std::iter::empty()).respond("/", &HeaderMap::new());
        assert_eq!(response.status(), 404);
        assert!(header(&response, "content-type").starts_with("text/html"));
    }
}
