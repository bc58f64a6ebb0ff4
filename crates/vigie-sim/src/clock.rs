//! The world's clock: ours, times a speed.

use std::time::Instant;

use vigie_core::vocabulary::UnixMs;

/// Tells the world's time. It begins at the world's start when the simulator starts.
pub(crate) struct Clock {
    begun: Instant,
    start: UnixMs,
    speed: f64,
}

impl Clock {
    pub(crate) fn new(start: UnixMs, speed: f64) -> Self {
        let speed = if speed.is_finite() { speed.max(0.001) } else { 1.0 };
        Self { begun: Instant::now(), start, speed }
    }

    /// The world's present.
    pub(crate) fn now(&self) -> UnixMs {
        let elapsed_ms = self.begun.elapsed().as_secs_f64() * 1_000.0 * self.speed;
        UnixMs(self.start.0 + elapsed_ms as i64)
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }
}
