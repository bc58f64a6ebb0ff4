//! REST rate limits: buckets by route and top-level id, and a global one per bot.
//!
//! Source: Discord, "Rate Limits". Discord does not publish the sizes of its buckets; those of [`bucket_size`] are choices.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::limits::REST_BUCKETS_MAX;
use crate::sync::lock;

/// Requests that one bucket allows in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BucketSize {
    pub(crate) requests: u32,
    pub(crate) period: Duration,
}

/// What the limits say to one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Served, with these bucket headers (none when limits are off).
    Pass(Option<BucketState>),
    /// 429 of the route's bucket.
    BucketEmpty(BucketState),
    /// 429 of the whole bot; carries how long to wait.
    Global(Duration),
}

/// A bucket as the `X-RateLimit-*` headers describe it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BucketState {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_after: Duration,
    /// 32 hex digits: the same for all routes that share a bucket.
    pub(crate) bucket: String,
}

/// The limits of all bots.
pub(crate) struct RateLimiter {
    enabled: bool,
    per_second: u32,
    storm_until: Mutex<Option<Instant>>,
    windows: Mutex<HashMap<u64, Window>>,
}

struct Window {
    used: u32,
    ends: Instant,
}

impl RateLimiter {
    pub(crate) fn new(enabled: bool, per_second: u32) -> Self {
        let storm_until = Mutex::new(None);
        Self { enabled, per_second, storm_until, windows: Mutex::new(HashMap::new()) }
    }

    /// Fault: every request is answered by a global 429 for a while.
    pub(crate) fn storm(&self, duration: Duration) {
        *lock(&self.storm_until) = Some(Instant::now() + duration);
    }

    /// Counts one request. `route` is the path's template, `major` its top-level id.
    pub(crate) fn check(&self, token: &str, route: &str, major: &str, now: Instant) -> Verdict {
        if let Some(until) = *lock(&self.storm_until)
            && until > now
        {
            return Verdict::Global(until - now);
        }
        if !self.enabled {
            return Verdict::Pass(None);
        }
        let mut windows = lock(&self.windows);
        if windows.len() >= REST_BUCKETS_MAX {
            windows.retain(|_, window| window.ends > now);
        }
        let second = Duration::from_secs(1);
        let global = window(&mut windows, key(&[token]), second, now);
        if global.used >= self.per_second {
            return Verdict::Global(global.ends - now);
        }
        let size = bucket_size(route);
        let bucket = window(&mut windows, key(&[token, route, major]), size.period, now);
        let empty = bucket.used >= size.requests;
        if !empty {
            bucket.used += 1;
        }
        let state = BucketState {
            limit: size.requests,
            remaining: size.requests - bucket.used,
            reset_after: bucket.ends - now,
            bucket: format!("{:016x}{:016x}", key(&[route]), key(&["bucket", route])),
        };
        if empty {
            return Verdict::BucketEmpty(state);
        }
        window(&mut windows, key(&[token]), second, now).used += 1;
        Verdict::Pass(Some(state))
    }
}

/// How much the bucket of a route allows.
fn bucket_size(route: &str) -> BucketSize {
    let (requests, seconds) = match route {
        "/channels/{channel}/messages" => (10, 1),
        "/guilds/{guild}/members" | "/guilds/{guild}/members/search" => (10, 10),
        "/guilds/{guild}/audit-logs" | "/guilds/{guild}/invites" | "/guilds/{guild}/vanity-url" => {
            (5, 5)
        }
        // Discord's header says 5, too; bots have seen one a minute of guilds with many bans.
        "/guilds/{guild}/bans" => (5, 5),
        "/gateway/bot" | "/gateway" => (20, 5),
        _ => (30, 10),
    };
    BucketSize { requests, period: Duration::from_secs(seconds) }
}

fn window(
    windows: &mut HashMap<u64, Window>,
    key: u64,
    period: Duration,
    now: Instant,
) -> &mut Window {
    let window = windows.entry(key).or_insert(Window { used: 0, ends: now + period });
    if window.ends <= now {
        *window = Window { used: 0, ends: now + period };
    }
    window
}

fn key(parts: &[&str]) -> u64 {
    // Fixed keys: bucket names stay the same from run to run.
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = "/channels/{channel}/messages";

    #[test]
    fn buckets_empty_one_by_one_and_fill_again() {
        let limiter = RateLimiter::new(true, 1_000);
        let now = Instant::now();
        for used in 1..=10 {
            let Verdict::Pass(Some(state)) = limiter.check("t", MESSAGES, "1", now) else {
                panic!("refused after {used}")
            };
            assert_eq!(state.remaining, 10 - used);
            assert_eq!(state.bucket.len(), 32);
        }
        assert!(matches!(limiter.check("t", MESSAGES, "1", now), Verdict::BucketEmpty(_)));
        assert!(matches!(limiter.check("t", MESSAGES, "2", now), Verdict::Pass(_)));
        assert!(matches!(limiter.check("u", MESSAGES, "1", now), Verdict::Pass(_)));
        let later = now + Duration::from_secs(1);
        assert!(matches!(limiter.check("t", MESSAGES, "1", later), Verdict::Pass(_)));
    }

    #[test]
    fn the_global_limit_covers_all_routes_and_storms_cover_everybody() {
        let limiter = RateLimiter::new(true, 3);
        let now = Instant::now();
        for n in 0..3 {
            assert!(matches!(limiter.check("t", "/a", &n.to_string(), now), Verdict::Pass(_)));
        }
        assert!(matches!(limiter.check("t", "/b", "", now), Verdict::Global(_)));
        assert!(matches!(limiter.check("u", "/b", "", now), Verdict::Pass(_)));
        limiter.storm(Duration::from_secs(5));
        assert!(matches!(limiter.check("u", "/b", "", now), Verdict::Global(_)));
    }
}
