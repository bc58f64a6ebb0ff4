//! Answers kept in memory: one per question and version of a server's data, computed once however many ask at the same
//! time, and told again as "unchanged" (304) to whoever has it.

use std::future::Future;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use moka::future::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use vigie_core::vocabulary::GuildId;

use crate::limits;
use crate::problem::Problem;

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The server; id 0 for questions about all of them.
    pub guild: GuildId,
    /// Version of its data.
    pub version: u64,
    /// The question with all its parameters, resolved.
    pub question: String,
}

/// A serialised answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// JSON.
    pub body: Bytes,
    /// Weak entity tag: the hash of the body.
    pub etag: HeaderValue,
}

/// Answers kept in memory.
#[derive(Clone)]
pub struct Answers {
    cache: Cache<Key, Answer>,
}

impl Answers {
    /// Empty.
    pub fn new() -> Self {
        let cache = Cache::builder()
            .max_capacity(limits::ANSWER_CACHE_BYTES)
            .weigher(|key: &Key, answer: &Answer| {
                (key.question.len() + answer.body.len() + 256) as u32
            })
            .time_to_live(limits::ANSWER_CACHE_TTL)
            .build();
        Self { cache }
    }

    /// The answer of this key: the one kept, the one that is being computed, or a new one.
    pub async fn get<T: Serialize>(
        &self,
        key: Key,
        compute: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Answer, Problem> {
        // On the heap: a question's future holds those of all its parts, too much for the stack of a thread.
        let serialised = Box::pin(async { Answer::new(&compute.await?) });
        self.cache.try_get_with(key, serialised).await.map_err(|problem| (*problem).clone())
    }
}

impl Answer {
    /// Serialises an answer.
    pub fn new<T: Serialize>(value: &T) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| {
            tracing::error!(%error, "An answer could not be serialised");
            Problem::internal()
        })?;
        Ok(Self { etag: entity_tag(&body), body: body.into() })
    }

    /// The response: 304 to whoever has this answer already.
    pub fn respond(self, request: &HeaderMap) -> Response {
        let known = request.get(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, &self.etag));
        let (status, body) = if known {
            (StatusCode::NOT_MODIFIED, Bytes::new())
        } else {
            (StatusCode::OK, self.body)
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if !known {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        headers.insert(header::ETAG, self.etag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
        response
    }
}

/// A weak tag: the same answer travels in several encodings.
pub fn entity_tag(body: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(body);
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("W/\"{hex}\"")).expect("hexadecimal digits fit a header")
}

/// Whether `If-None-Match` names this tag (RFC 9110, section 13.1.2: weak comparison).
pub fn names(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(etag)) = (tags.to_str(), etag.to_str()) else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = opaque(etag);
    tags.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == wanted)
}
