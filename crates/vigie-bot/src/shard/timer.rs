//! The time of a shard: its clock on the machine's devices, and the one timer that wakes it.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, Sleep};
use vigie_core::vocabulary::{MessageId, UnixMs};

use crate::clock::Clock;
use crate::limits;

/// The wall clock. An instant before 1970 counts as 1970.
pub(crate) fn wall() -> UnixMs {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMs(since_1970.as_millis() as i64)
}

/// A [`Clock`] on the machine's devices.
#[derive(Debug)]
pub(super) struct ShardClock {
    clock: Clock,
    started: Instant,
    /// By how much the wall clock was behind Discord's time at the start.
    off_ms: i64,
}

impl ShardClock {
    /// Begins at the wall clock's time and what that is behind.
    pub(super) fn new(off_ms: i64) -> Self {
        let now = UnixMs(wall().0.saturating_add(off_ms));
        Self { clock: Clock::new(0, now), started: Instant::now(), off_ms }
    }

    pub(super) fn now(&self) -> UnixMs {
        self.clock.now(self.monotonic_ms())
    }

    /// Hears of a message; gives by how many milliseconds the clock was set, if it was.
    pub(super) fn message(&mut self, message: MessageId, is_live: bool) -> Option<i64> {
        let monotonic_ms = self.monotonic_ms();
        let set = self.clock.message(monotonic_ms, message.time(), is_live, wall);
        if let Some(by_ms) = set {
            tracing::warn!(by_ms, "the clock was wrong and is set by Discord's");
        }
        set
    }

    /// A connection begins. A monotonic clock stands still while the machine sleeps; after that there is none that lives on, so
    /// this is where the time of day is believed again if it has run ahead.
    pub(super) fn connecting(&mut self) {
        let wall = UnixMs(wall().0.saturating_add(self.off_ms));
        let ahead_ms = wall.0.saturating_sub(self.now().0);
        if ahead_ms > limits::SLEEP_MS_MIN {
            tracing::warn!(ahead_ms, "the machine slept: the clock is set forward");
            self.clock = Clock::new(self.monotonic_ms(), wall);
        }
    }

    fn monotonic_ms(&self) -> i64 {
        self.started.elapsed().as_millis() as i64
    }
}

/// The timer of the next thing to do, which is an instant of the shard's clock.
pub(super) struct Alarm {
    deadline: Option<UnixMs>,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    pub(super) fn new() -> Self {
        Self { deadline: None, sleep: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }

    pub(super) fn set(&mut self, deadline: Option<UnixMs>, now: UnixMs) {
        if deadline == self.deadline {
            return;
        }
        self.deadline = deadline;
        if let Some(deadline) = deadline {
            let wait_ms = deadline.0.saturating_sub(now.0).max(0);
            self.sleep.as_mut().reset(Instant::now() + Duration::from_millis(wait_ms as u64));
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.deadline.is_some()
    }

    /// Forgets the deadline: [`Alarm::set`] then starts the timer anew, even for the same one. Needed when it rang, and
    /// when the clock was set.
    pub(super) fn clear(&mut self) {
        self.deadline = None;
    }

    pub(super) async fn ring(&mut self) {
        self.sleep.as_mut().await;
    }
}
