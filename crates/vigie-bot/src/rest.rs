//! Asking Discord's HTTP API, one request at a time for each lane of a shard, within Discord's limits.
//!
//! The client library is not used for this: it minds the headers of answers only after a refusal, repeats a globally
//! limited request at once, and reads each answer whole. What is asked for, and what an answer means for the counts, the
//! core decides; here is only the way there and back. Source: Discord, "Rate Limits".

mod limiter;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode, redirect};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};
use vigie_core::vocabulary::HistoryRefusal;

use crate::address::ApiAddress;
use crate::status::{RestLane, TallyKeeper};
use crate::{BotError, limits};
pub(crate) use limiter::Bucket;
use limiter::Limiter;

/// The way to Discord's HTTP API, shared by all shards.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    client: Client,
    /// `https://discord.com/api/v10/`.
    url: Arc<str>,
    limiter: Arc<Mutex<Limiter>>,
}

/// Who asks: a lane of a shard, whose status shows how that goes.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) lane: RestLane,
    pub(crate) tallies: TallyKeeper,
}

impl Asker {
    fn requested(&self) {
        *self.tallies.tally().shard.rest(self.lane).0 += 1;
    }

    async fn wait_until(&self, at: Instant) {
        let left = at.saturating_duration_since(Instant::now());
        // Our own pace is no news.
        if left > limits::REST_PACE {
            let until = crate::shard::wall().0.saturating_add(left.as_millis() as i64);
            self.note_waiting(Some(until));
        }
        sleep_until(at).await;
        self.note_waiting(None);
    }

    fn note_waiting(&self, until_unix_ms: Option<i64>) {
        *self.tallies.tally().shard.rest(self.lane).1 = until_unix_ms;
    }
}

/// What one attempt came to.
enum Attempt {
    Done(Result<String, HistoryRefusal>),
    /// A limit: its end is known to the limiter.
    Limited,
    /// The network, the server or something in between is at fault: the reason, for the log.
    Trouble(String),
}

impl Rest {
    /// A way to `address` with this token.
    ///
    /// # Errors
    /// `Unreachable` when no client can be made, `TokenMalformed`.
    pub(crate) fn new(address: &ApiAddress, token: &str) -> Result<Self, BotError> {
        let url = address.url("");
        let bare = token.strip_prefix("Bot ").unwrap_or(token);
        let mut authorization = HeaderValue::from_str(&format!("Bot {bare}"))
            .map_err(|_| BotError::TokenMalformed { problem: "broken by a foreign character" })?;
        authorization.set_sensitive(true);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| BotError::Unreachable { url: url.clone(), source: source.into() })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .timeout(limits::REST_TIMEOUT)
            .user_agent(concat!("DiscordBot (vigie, ", env!("CARGO_PKG_VERSION"), ")"))
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, authorization)]))
            .no_proxy()
            .build()
            .map_err(|source| BotError::Unreachable { url: url.clone(), source: source.into() })?;
        let limiter = Arc::new(Mutex::new(Limiter::new(Instant::now())));
        Ok(Self { client, url: url.into(), limiter })
    }

    /// The answer to `GET {path}`, as Discord writes it. Trouble on the way is waited out, for as long as it lasts.
    pub(crate) async fn get(
        &self,
        path: &str,
        bucket: Bucket,
        asker: &Asker,
    ) -> Result<String, HistoryRefusal> {
        let url = format!("{}{path}", self.url);
        let mut pause = limits::REST_PAUSE;
        loop {
            self.turn(bucket, asker).await;
            asker.requested();
            match self.attempt(&url, bucket).await {
                Attempt::Done(done) => return done,
                Attempt::Limited => {}
                Attempt::Trouble(reason) => {
                    let pause_ms = pause.as_millis() as u64;
                    tracing::warn!(?bucket, reason, pause_ms, "no answer yet");
                    asker.wait_until(Instant::now() + pause).await;
                    pause = (pause * 2).min(limits::REST_PAUSE_MAX);
                }
            }
        }
    }

    /// Waits until a request of the bucket may leave.
    async fn turn(&self, bucket: Bucket, asker: &Asker) {
        loop {
            let turn = self.limiter().take_turn(Instant::now(), bucket);
            let Err(at) = turn else { return };
            asker.wait_until(at).await;
        }
    }

    async fn attempt(&self, url: &str, bucket: Bucket) -> Attempt {
        let mut response = match self.client.get(url).send().await {
            Ok(response) => response,
            Err(error) => return Attempt::Trouble(words(&error)),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Attempt::Trouble(words(&error)),
            }
            if body.len() > limits::REST_BODY_BYTES_MAX {
                return Attempt::Done(Err(HistoryRefusal::Refused));
            }
        }
        self.note_limits(bucket, status, &headers);
        if status.is_success() {
            return match String::from_utf8(body) {
                Ok(text) => Attempt::Done(Ok(text)),
                Err(_) => Attempt::Trouble(format!("{status} with a body that is no text")),
            };
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.limited(bucket, &headers, &body);
            return Attempt::Limited;
        }
        refusal(status, &body)
    }

    /// What the answer says of the bucket's limit, and whether it counts as a request in vain.
    fn note_limits(&self, bucket: Bucket, status: StatusCode, headers: &HeaderMap) {
        let now = Instant::now();
        let shared = text(headers, "x-ratelimit-scope") == Some("shared");
        let in_vain = match status.as_u16() {
            401 | 403 => true,
            429 => !shared,
            _ => false,
        };
        let mut limiter = self.limiter();
        if in_vain {
            limiter.in_vain(now);
        }
        if text(headers, "x-ratelimit-remaining") == Some("0")
            && let Some(pause) = seconds(text(headers, "x-ratelimit-reset-after"))
        {
            limiter.pause_bucket(now, bucket, pause);
        }
    }

    /// 429: waits as long as Discord says, alone or with all others.
    fn limited(&self, bucket: Bucket, headers: &HeaderMap, body: &Value) {
        let in_body = body["retry_after"].as_f64().and_then(duration);
        let in_header = seconds(headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()));
        let pause = in_body.max(in_header).unwrap_or(limits::REST_PAUSE);
        let global = body["global"].as_bool() == Some(true)
            || text(headers, "x-ratelimit-global") == Some("true")
            || text(headers, "x-ratelimit-scope") == Some("global");
        tracing::info!(?bucket, global, pause_ms = pause.as_millis() as u64, "limited");
        let (now, mut limiter) = (Instant::now(), self.limiter());
        match global {
            true => limiter.pause_all(now, pause),
            false => limiter.pause_bucket(now, bucket, pause),
        }
    }

    /// Its numbers stay usable even if a task panicked beside them.
    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a status other than success and 429 means. Discord gives a code with every refusal of its own; without one,
/// something in between has answered, and its word does not count.
fn refusal(status: StatusCode, body: &Value) -> Attempt {
    let refused = match (status.as_u16(), body["code"].as_u64()) {
        (403, Some(50_001 | 50_013)) => HistoryRefusal::MissingPermission,
        (404, Some(10_003 | 10_004)) => HistoryRefusal::Gone,
        // Cloudflare's block speaks in Discord's form, and passes.
        (403, Some(40_333)) => return Attempt::Trouble("answered 403, code 40333".to_owned()),
        (400..=499, Some(_)) if status != StatusCode::UNAUTHORIZED => HistoryRefusal::Refused,
        _ => return Attempt::Trouble(format!("answered {status}")),
    };
    Attempt::Done(Err(refused))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Seconds with decimals, as headers have them.
fn seconds(text: Option<&str>) -> Option<Duration> {
    duration(text?.trim().parse().ok()?)
}

/// At most a day: a number beyond that is a fault.
fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|pause| *pause <= limits::REST_LIMIT_MAX)
}

/// The causes of an error, one behind the other. The address in it holds no secret.
fn words(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_discords_own_word_is_a_refusal() {
        let read = |status, body: Value| {
            let status = StatusCode::from_u16(status).expect("a status");
            match refusal(status, &body) {
                Attempt::Done(Err(refusal)) => Some(refusal),
                _ => None,
            }
        };
        let cases = [
            (403, json!({"code": 50001}), Some(HistoryRefusal::MissingPermission)),
            (403, json!({"code": 50013}), Some(HistoryRefusal::MissingPermission)),
            (403, json!({"code": 40333}), None),
            (404, json!({"code": 10003}), Some(HistoryRefusal::Gone)),
            (404, json!({"code": 10004}), Some(HistoryRefusal::Gone)),
            (404, json!({"code": 0}), Some(HistoryRefusal::Refused)),
            (400, json!({"code": 50035}), Some(HistoryRefusal::Refused)),
            (403, json!(null), None),
            (401, json!({"code": 0}), None),
            (500, json!({"code": 0}), None),
            (302, json!(null), None),
        ];
        for (status, body, wanted) in cases {
            assert_eq!(read(status, body.clone()), wanted, "{status} {body}");
        }
    }

    #[test]
    fn pauses_are_read_with_decimals_and_within_reason() {
        assert_eq!(seconds(Some("1.5")), Some(Duration::from_millis(1_500)));
        assert_eq!(seconds(Some(" 64 ")), Some(Duration::from_secs(64)));
        for wrong in [None, Some(""), Some("-1"), Some("NaN"), Some("inf"), Some("1e300")] {
            assert_eq!(seconds(wrong), None, "{wrong:?}");
        }
    }
}
