//! Pictures from Discord's CDN (or a simulator's), under our own address: the browser asks no other host, and what it looks
//! at is nobody else's business.
//!
//! Nothing of a request is passed on as it came: ids and hashes are parsed, sizes come from a fixed set, and the address is
//! put together from these alone.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use moka::future::Cache;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;

use crate::cache::{entity_tag, names};
use crate::limits;
use crate::params::query::{Query, short, snowflake};
use crate::problem::Problem;
use crate::server::ApiError;

/// Sides of pictures in pixels that can be asked for. Source: Discord, "Reference", Image Formatting: powers of two from 16.
pub const SIZES: [u32; 6] = [16, 32, 64, 128, 256, 512];

/// Side when none is asked for: an avatar in a table, on a screen of double density.
const SIZE_DEFAULT: u32 = 64;

/// Kinds of content passed on. No SVG: it can hold scripts.
const KINDS: [&str; 5] = ["image/png", "image/webp", "image/jpeg", "image/gif", "image/avif"];

/// Fetches pictures, and keeps some.
#[derive(Clone)]
pub struct Media {
    client: reqwest::Client,
    base: String,
    kept: Cache<Address, Picture>,
    turns: Arc<Semaphore>,
}

/// Which picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    subject: Subject,
    size: u32,
}

/// Whose picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Avatar(u64, Hash),
    Icon(u64, Hash),
    Emoji(u64),
}

/// A picture's hash: 32 hexadecimal digits, `a_` before those of animated ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Hash(String);

/// A fetched picture.
#[derive(Clone)]
struct Picture {
    kind: HeaderValue,
    etag: HeaderValue,
    bytes: Bytes,
}

impl Address {
    /// `/media/avatars/{id}/{file}`.
    ///
    /// # Errors
    /// The parameter that is not what it should be.
    pub fn avatar(id: &str, file: &str, query: &Query) -> Result<Self, Problem> {
        let subject = Subject::Avatar(snowflake("user_id", id)?, Hash::read(stem(file)?)?);
        Ok(Self { subject, size: size(query)? })
    }

    /// `/media/icons/{id}/{file}`.
    ///
    /// # Errors
    /// The parameter that is not what it should be.
    pub fn icon(id: &str, file: &str, query: &Query) -> Result<Self, Problem> {
        let subject = Subject::Icon(snowflake("guild_id", id)?, Hash::read(stem(file)?)?);
        Ok(Self { subject, size: size(query)? })
    }

    /// `/media/emojis/{file}`.
    ///
    /// # Errors
    /// The parameter that is not what it should be.
    pub fn emoji(file: &str, query: &Query) -> Result<Self, Problem> {
        let subject = Subject::Emoji(snowflake("file", stem(file)?)?);
        Ok(Self { subject, size: size(query)? })
    }

    /// Path and query at the CDN. Source: Discord, "Reference", CDN Endpoints.
    fn upstream(&self) -> String {
        let size = self.size;
        match &self.subject {
            Subject::Avatar(id, Hash(hash)) => format!("/avatars/{id}/{hash}.png?size={size}"),
            Subject::Icon(id, Hash(hash)) => format!("/icons/{id}/{hash}.png?size={size}"),
            Subject::Emoji(id) => format!("/emojis/{id}.png?size={size}"),
        }
    }
}

impl Hash {
    fn read(text: &str) -> Result<Self, Problem> {
        let digits = text.strip_prefix("a_").unwrap_or(text);
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() == 32 && digits.bytes().all(hex) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::bad_parameter("file", format!("`{}` is not a picture's hash", short(text))))
    }
}

/// The name of a file without `.png`.
fn stem(file: &str) -> Result<&str, Problem> {
    file.strip_suffix(".png").ok_or_else(|| {
        Problem::bad_parameter("file", "the name of a picture ends in .png").remedy("ask for .png")
    })
}

fn size(query: &Query) -> Result<u32, Problem> {
    let Some(size) = query.number("size", 1, u32::MAX)? else { return Ok(SIZE_DEFAULT) };
    if SIZES.contains(&size) {
        return Ok(size);
    }
    Err(Problem::bad_parameter("size", format!("there are no pictures of {size} pixels"))
        .remedy("give 16, 32, 64, 128, 256 or 512"))
}

impl Media {
    /// Pictures come from this address (`https://cdn.discordapp.com`, or a simulator's).
    ///
    /// # Errors
    /// [`ApiError::Cdn`] when it is not an address of a web server.
    pub fn new(cdn_url: &str) -> Result<Self, ApiError> {
        let bad = |reason: String| ApiError::Cdn { url: cdn_url.to_owned(), reason };
        let url = reqwest::Url::parse(cdn_url).map_err(|error| bad(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.query().is_some() {
            return Err(bad("it is not http:// or https:// with a host and no query".to_owned()));
        }
        // Roots and provider are said here, so that neither the machine's certificates nor the process's choice matter.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limits::MEDIA_TIMEOUT)
            .timeout(limits::MEDIA_TIMEOUT)
            .no_proxy()
            .build()
            .map_err(|error| bad(error.to_string()))?;
        let kept = Cache::builder()
            .max_capacity(limits::MEDIA_CACHE_BYTES)
            .weigher(|_: &Address, picture: &Picture| (picture.bytes.len() + 256) as u32)
            .time_to_live(limits::MEDIA_CACHE_TTL)
            .build();
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client, base, kept, turns: Arc::new(Semaphore::new(limits::MEDIA_FETCHES_MAX)) })
    }

    /// The picture, from memory or from its source; several requests for one picture fetch it once.
    ///
    /// # Errors
    /// There is none; its source does not answer with one.
    pub async fn respond(
        &self,
        address: Address,
        request: &HeaderMap,
    ) -> Result<Response, Problem> {
        let fetch = self.fetch(address.clone());
        let picture = self.kept.try_get_with(address, fetch).await;
        let picture = picture.map_err(|problem: Arc<Problem>| (*problem).clone())?;
        let known = request.get(header::IF_NONE_MATCH);
        let known = known.is_some_and(|tags| names(tags, &picture.etag));
        let mut response = Response::new(Body::empty());
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            *response.body_mut() = Body::from(picture.bytes);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, picture.kind);
        headers.insert(header::ETAG, picture.etag);
        // The address holds the hash of the picture: what it names never changes.
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        );
        Ok(response)
    }

    async fn fetch(&self, address: Address) -> Result<Picture, Problem> {
        let failed = |reason: String| {
            tracing::debug!(picture = %address.upstream(), reason, "A picture could not be fetched");
            Problem::media_unavailable()
        };
        let turn = tokio::time::timeout(limits::MEDIA_TIMEOUT, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| Problem::busy("too many pictures are being fetched"))?;
        let url = format!("{}{}", self.base, address.upstream());
        let sent = self.client.get(url).send().await;
        let mut answer = sent.map_err(|error| failed(error.without_url().to_string()))?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Err(Problem::unknown_picture());
        }
        if answer.status() != StatusCode::OK {
            return Err(failed(format!("status {}", answer.status())));
        }
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let Some(kind) = KINDS.iter().find(|known| known.eq_ignore_ascii_case(kind)) else {
            return Err(failed(format!("content of kind `{kind}`")));
        };
        let mut bytes = Vec::new();
        while let Some(piece) =
            answer.chunk().await.map_err(|error| failed(error.without_url().to_string()))?
        {
            if bytes.len() + piece.len() > limits::MEDIA_BYTES_MAX {
                return Err(failed("more bytes than a picture may have".to_owned()));
            }
            bytes.extend_from_slice(&piece);
        }
        let etag = entity_tag(&bytes);
        Ok(Picture { kind: HeaderValue::from_static(kind), etag, bytes: bytes.into() })
    }
}
