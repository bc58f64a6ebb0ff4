//! What the simulator counts about itself, for `GET /_sim/state`.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All of them, since the start.
#[derive(Default)]
pub(crate) struct Counters {
    /// WebSocket connections opened.
    pub(crate) connections: Counter,
    /// IDENTIFYs that made a session.
    pub(crate) identifies: Counter,
    /// RESUMEs that were granted.
    pub(crate) resumes: Counter,
    /// RESUMEs and IDENTIFYs answered by op 9 `false`, and op 9 by fault.
    pub(crate) sessions_invalidated: Counter,
    /// Events of the world played since traffic began.
    pub(crate) events_played: Counter,
    /// Of these, events of a guild in an outage: in the truth, but sent to nobody.
    pub(crate) events_withheld: Counter,
    /// Payloads played through the control door.
    pub(crate) events_dispatched: Counter,
    /// Requests for guild members (op 8).
    pub(crate) members_requests: Counter,
    /// Presence updates beyond 5 in 20 s.
    pub(crate) presences_ignored: Counter,
    /// REST requests.
    pub(crate) rest_requests: Counter,
    /// REST requests answered by 429.
    pub(crate) rest_limited: Counter,
}
