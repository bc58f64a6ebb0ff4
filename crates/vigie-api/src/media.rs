//! Pictures, fetched from where Discord keeps them and served from our own address: the viewer's browser tells nobody
//! whose page it looks at, and the content security policy stays at 'self'.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::cache::{entity_tag, names};
use crate::limits;
use crate::problem::Problem;

/// Sides that can be asked for, in pixels: a subset of what Discord's CDN makes (powers of two from 16 to 4096).
pub const SIZES: [u32; 6] = [16, 32, 64, 128, 256, 512];

/// A picture's address, of parts that cannot be anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// Whose.
    pub kind: PictureKind,
    /// Id of the user or guild.
    pub id: u64,
    /// The picture's hash.
    pub hash: Hash,
    /// Side in pixels.
    pub size: u32,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// A user.
    Avatar,
    /// A guild.
    Icon,
}

/// Discord's image hash: 32 hexadecimal digits, `a_` before those of animated ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash {
    digits: u128,
    animated: bool,
}

impl Hash {
    /// Reads `HASH.png`.
    pub fn of_file(file: &str) -> Option<Self> {
        let hash = file.strip_suffix(".png")?;
        let (digits, animated) = match hash.strip_prefix("a_") {
            Some(digits) => (digits, true),
            None => (hash, false),
        };
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 32 || !digits.bytes().all(lower_hex) {
            return None;
        }
        Some(Self { digits: u128::from_str_radix(digits, 16).ok()?, animated })
    }
}

impl Address {
    /// The path and query at the CDN. Source: Discord, "Reference", Image Formatting.
    fn path(&self) -> String {
        let folder = match self.kind {
            PictureKind::Avatar => "avatars",
            PictureKind::Icon => "icons",
        };
        let animated = if self.hash.animated { "a_" } else { "" };
        format!("/{folder}/{}/{animated}{:032x}.png?size={}", self.id, self.hash.digits, self.size)
    }
}

/// Fetches and keeps pictures.
pub struct Media {
    cdn_url: String,
    client: OnceLock<reqwest::Client>,
    fetches: Semaphore,
    kept: Cache<Address, Option<Picture>>,
}

/// A picture's bytes.
#[derive(Clone)]
struct Picture {
    kind: HeaderValue,
    etag: HeaderValue,
    bytes: Bytes,
}

impl Media {
    /// Nothing is fetched before it is asked for.
    pub fn new(cdn_url: &str) -> Self {
        let kept = Cache::builder()
            .max_capacity(limits::MEDIA_CACHE_BYTES)
            .weigher(|_, picture: &Option<Picture>| {
                picture.as_ref().map_or(64, |picture| picture.bytes.len() as u32 + 256)
            })
            .time_to_live(limits::MEDIA_CACHE_TTL)
            .build();
        Self {
            cdn_url: cdn_url.trim_end_matches('/').to_owned(),
            client: OnceLock::new(),
            fetches: Semaphore::new(limits::MEDIA_FETCHES_MAX),
            kept,
        }
    }

    /// The picture, as a response.
    ///
    /// # Errors
    /// The CDN has none, or does not answer with one.
    pub async fn respond(
        &self,
        address: Address,
        request: &HeaderMap,
    ) -> Result<Response, Problem> {
        let kept = self.kept.try_get_with(address, self.fetch(address)).await;
        let kept = kept.map_err(|error: Arc<Problem>| (*error).clone())?;
        let picture = kept.ok_or_else(Problem::unknown_picture)?;
        let known =
            request.get(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, &picture.etag));
        let body = if known { Bytes::new() } else { picture.bytes };
        let mut response = Response::new(Body::from(body));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, picture.kind);
        headers.insert(header::ETAG, picture.etag);
        // The address holds the picture's hash: another picture has another address.
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, forever);
        Ok(response)
    }

    async fn fetch(&self, address: Address) -> Result<Option<Picture>, Problem> {
        let url = format!("{}{}", self.cdn_url, address.path());
        let fetch = async {
            let _turn = self.fetches.acquire().await.ok()?;
            Some(self.get(&url).await)
        };
        let outcome = tokio::time::timeout(limits::MEDIA_TIMEOUT, fetch).await;
        match outcome {
            Ok(Some(Ok(picture))) => Ok(picture),
            Ok(Some(Err(error))) => {
                tracing::warn!(%url, %error, "A picture could not be fetched");
                Err(Problem::media_unavailable())
            }
            Ok(None) | Err(_) => Err(Problem::media_unavailable()),
        }
    }

    async fn get(&self, url: &str) -> Result<Option<Picture>, String> {
        let client = self.client.get_or_init(client);
        let mut response = client.get(url).send().await.map_err(|error| error.to_string())?;
        if response.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(format!("the answer is {}", response.status()));
        }
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let kind =
            kind.filter(|kind| kind.to_str().is_ok_and(is_picture)).ok_or("it is no picture")?;
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| error.to_string())? {
            if bytes.len() + piece.len() > limits::MEDIA_BYTES_MAX {
                return Err("it is too large".to_owned());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(Picture { kind, etag: entity_tag(&bytes), bytes: bytes.into() }))
    }
}

/// Raster pictures only: an SVG could carry a script.
fn is_picture(kind: &str) -> bool {
    ["image/png", "image/webp", "image/jpeg", "image/gif"].contains(&kind)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits::MEDIA_TIMEOUT)
        .build()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_are_hashes() {
        let good = "0123456789abcdef0123456789abcdef.png";
        assert!(Hash::of_file(good).is_some());
        assert!(Hash::of_file(&format!("a_{good}")).is_some());
        for bad in [
            "0123456789ABCDEF0123456789ABCDEF.png",
            "0123456789abcdef0123456789abcde.png",
            "+123456789abcdef0123456789abcdef.png",
            "..%2f..%2fetc%2fpasswd.png",
            "0123456789abcdef0123456789abcdef",
            "",
        ] {
            assert!(Hash::of_file(bad).is_none(), "{bad}");
        }
    }
}
