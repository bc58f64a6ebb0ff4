//! How much a client may send: 120 payloads in 60 s, 5 presence updates in 20 s.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits::{PRESENCES_MAX, PRESENCES_WINDOW_MS, SENDS_MAX, SENDS_WINDOW_MS};

/// At most `max` events in any window of this length.
pub(crate) struct SlidingWindow {
    max: usize,
    window: Duration,
    times: VecDeque<Instant>,
}

impl SlidingWindow {
    pub(crate) fn new(max: usize, window_ms: u64) -> Self {
        Self { max, window: Duration::from_millis(window_ms), times: VecDeque::with_capacity(max) }
    }

    /// The bound on all payloads of one connection.
    pub(crate) fn sends() -> Self {
        Self::new(SENDS_MAX, SENDS_WINDOW_MS)
    }

    /// The bound on presence updates of one connection.
    pub(crate) fn presences() -> Self {
        Self::new(PRESENCES_MAX, PRESENCES_WINDOW_MS)
    }

    /// Takes one place; `false` when none is left.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        while self.times.front().is_some_and(|first| now.duration_since(*first) >= self.window) {
            self.times.pop_front();
        }
        if self.times.len() >= self.max {
            return false;
        }
        self.times.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_one_by_one_as_the_window_slides() {
        let mut window = SlidingWindow::new(2, 1_000);
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert!(window.take(at(0)));
        assert!(window.take(at(600)));
        assert!(!window.take(at(999)));
        assert!(window.take(at(1_000)));
        assert!(!window.take(at(1_500)));
        assert!(window.take(at(1_600)));
    }
}
