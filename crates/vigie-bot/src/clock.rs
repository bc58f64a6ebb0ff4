//! The shell's clock: it runs evenly, and only Discord's own times correct it.
//!
//! A wall clock jumps (NTP steps, suspended machines, people), and a jump would move what is counted. So the wall clock is
//! read once, to anchor a monotonic one. From then on evidence decides: the snowflakes of live messages are Discord's time,
//! and a message can be late, but never early.
//!
//! - **Behind**: a message from more than [`AHEAD_MS_MAX`] in the future sets the clock forward to it, when it is near
//!   ([`CREDIBLE_MS`]) or the wall clock now agrees with it (the machine slept). One that neither is needs
//!   [`FAR_MESSAGES`] in a row that say the same.
//! - **Ahead**: when every one of [`LATE_MESSAGES`] live messages over at least [`LATE_SPAN_MS`] is later than
//!   [`LATE_MS_MAX`], the clock goes back by the least of their delays. A single prompt message ends such a row.

use vigie_core::vocabulary::UnixMs;

/// How far in the future a message may be before the clock is taken to be behind: clocks kept by NTP, and Discord's own
/// machines among each other, differ by less.
pub const AHEAD_MS_MAX: i64 = 2_000;

/// How far in the future a single message is believed, and how near the wall clock must be to count as agreeing.
pub const CREDIBLE_MS: i64 = 10 * 60_000;

/// How many messages in a row must say that the clock is far behind.
pub const FAR_MESSAGES: u32 = 8;

/// How late a message may be before the clock is suspected to be ahead: deliveries take far less than a second.
pub const LATE_MS_MAX: i64 = 5_000;

/// How many messages in a row must be late.
pub const LATE_MESSAGES: u32 = 32;

/// How long that row must have lasted: a backlog that is read in one go says nothing about the clock.
pub const LATE_SPAN_MS: i64 = 10_000;

/// A monotonic clock anchored at the time of day. All instants in milliseconds; the caller reads the devices.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The time of day when the monotonic clock showed 0.
    anchor_ms: i64,
    far: Row,
    late: Row,
}

/// Messages in a row that say the same of the clock.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    messages: u32,
    since_ms: i64,
    /// The smallest error that any of them shows.
    least_ms: i64,
}

impl Row {
    fn add(&mut self, monotonic_ms: i64, error_ms: i64) {
        if self.messages == 0 {
            *self = Self { messages: 0, since_ms: monotonic_ms, least_ms: error_ms };
        }
        self.messages += 1;
        self.least_ms = self.least_ms.min(error_ms);
    }
}

impl Clock {
    /// A clock that shows `wall` while the monotonic one shows `monotonic_ms`.
    pub fn new(monotonic_ms: i64, wall: UnixMs) -> Self {
        let anchor_ms = wall.0.saturating_sub(monotonic_ms);
        Self { anchor_ms, far: Row::default(), late: Row::default() }
    }

    /// The time of day.
    pub fn now(&self, monotonic_ms: i64) -> UnixMs {
        UnixMs(self.anchor_ms.saturating_add(monotonic_ms))
    }

    /// Hears of a message written at `written`; one that did not just arrive (`is_live` is false) can only show that the
    /// clock is behind. `wall` reads the machine's clock and is only asked when it matters. Gives the milliseconds by which
    /// the clock was set, if it was.
    pub fn message(
        &mut self,
        monotonic_ms: i64,
        written: UnixMs,
        is_live: bool,
        wall: impl FnOnce() -> UnixMs,
    ) -> Option<i64> {
        let delay_ms = self.now(monotonic_ms).0.saturating_sub(written.0);
        if delay_ms < -AHEAD_MS_MAX {
            self.late = Row::default();
            return self.behind(monotonic_ms, delay_ms.saturating_neg(), || {
                wall().0.saturating_sub(written.0).saturating_abs() <= CREDIBLE_MS
            });
        }
        if !is_live {
            return None;
        }
        self.far = Row::default();
        if delay_ms <= LATE_MS_MAX {
            self.late = Row::default();
            return None;
        }
        self.late.add(monotonic_ms, delay_ms);
        let lasted_ms = monotonic_ms.saturating_sub(self.late.since_ms);
        if self.late.messages < LATE_MESSAGES || lasted_ms < LATE_SPAN_MS {
            return None;
        }
        Some(self.set(self.late.least_ms.saturating_neg()))
    }

    fn behind(
        &mut self,
        monotonic_ms: i64,
        error_ms: i64,
        wall_agrees: impl FnOnce() -> bool,
    ) -> Option<i64> {
        if error_ms <= CREDIBLE_MS || wall_agrees() {
            return Some(self.set(error_ms));
        }
        self.far.add(monotonic_ms, error_ms);
        (self.far.messages >= FAR_MESSAGES).then(|| self.set(self.far.least_ms))
    }

    fn set(&mut self, by_ms: i64) -> i64 {
        self.anchor_ms = self.anchor_ms.saturating_add(by_ms);
        (self.far, self.late) = (Row::default(), Row::default());
        by_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some time in 2026.
    const START: i64 = 1_790_000_000_000;

    fn no_wall() -> UnixMs {
        unreachable!("the wall clock is only asked about messages from far ahead")
    }

    #[test]
    fn one_message_from_the_future_sets_it_forward() {
        let mut clock = Clock::new(500, UnixMs(START));
        assert_eq!(clock.message(1_500, UnixMs(START + 3_000), true, no_wall), None);
        assert_eq!(clock.message(1_500, UnixMs(START + 3_001), true, no_wall), Some(2_001));
        assert_eq!(clock.now(1_500), UnixMs(START + 3_001));
    }

    #[test]
    fn after_a_night_asleep_one_message_is_enough_when_the_wall_clock_agrees() {
        let night = 8 * 3_600_000;
        let mut clock = Clock::new(0, UnixMs(START));
        let woken = || UnixMs(START + night + 900);
        assert_eq!(clock.message(1_000, UnixMs(START + night), true, woken), Some(night - 1_000));
    }

    #[test]
    fn an_impossible_snowflake_alone_moves_nothing() {
        let mut clock = Clock::new(0, UnixMs(START));
        for _ in 0..100 {
            assert_eq!(clock.message(1_000, UnixMs(i64::MAX), true, || UnixMs(START)), None);
            assert_eq!(clock.message(1_000, UnixMs(START + 900), true, no_wall), None);
        }
        assert_eq!(clock.now(1_000), UnixMs(START + 1_000));
    }

    #[test]
    fn a_machine_that_started_in_1970_is_set_right_by_messages_alone() {
        let mut clock = Clock::new(0, UnixMs(0));
        let set: Vec<_> = (1..=8)
            .map(|n| clock.message(n * 100, UnixMs(START + n * 100 - 40), true, || UnixMs(n * 100)))
            .collect();
        assert_eq!(set[..7], [None; 7]);
        assert_eq!(set[7], Some(START - 40));
    }

    #[test]
    fn a_clock_ahead_goes_back_by_the_least_delay() {
        let mut clock = Clock::new(0, UnixMs(START + 60_000));
        let mut set = None;
        for n in 0..31 {
            let delay = if n == 17 { 80 } else { 300 };
            assert_eq!(
                clock.message(n * 400, UnixMs(START + n * 400 - delay), true, no_wall),
                None
            );
        }
        set = set.or(clock.message(12_400, UnixMs(START + 12_300), true, no_wall));
        assert_eq!(set, Some(-60_080));
    }

    #[test]
    fn a_backlog_read_in_one_go_says_nothing_of_the_clock() {
        let mut clock = Clock::new(0, UnixMs(START));
        for n in 0..10_000 {
            let written = UnixMs(START - 60_000 + n * 5);
            assert_eq!(clock.message(60_000 + n / 10, written, true, no_wall), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the wall clock did before the start and does afterwards: a stream of messages with ordinary delays
        /// brings the clock near Discord's time and keeps it there.
        #[test]
        fn ordinary_traffic_keeps_it_near_the_truth(
            error_ms in prop_oneof![-400_000_000_i64..400_000_000, -20_000_i64..20_000],
            delays in prop::collection::vec((10_i64..1_500, 50_i64..2_000), 120..200),
            walls in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 200),
        ) {
            let mut clock = Clock::new(0, UnixMs(START + error_ms));
            let mut now_ms = 0;
            for (n, (&(delay, pause), wall)) in delays.iter().zip(&walls).enumerate() {
                now_ms += pause;
                clock.message(now_ms, UnixMs(START + now_ms - delay), true, || UnixMs(START + wall));
                let off = clock.now(now_ms).0 - (START + now_ms);
                if n > 110 {
                    prop_assert!((-AHEAD_MS_MAX - 1_500..=LATE_MS_MAX).contains(&off), "{off} ms off");
                }
            }
        }

        /// A clock within its tolerance is never touched.
        #[test]
        fn a_right_clock_is_left_alone(
            error_ms in -500_i64..3_000,
            delays in prop::collection::vec(10_i64..1_500, 200),
        ) {
            let mut clock = Clock::new(0, UnixMs(START + error_ms));
            for (now_ms, delay) in (0..).step_by(300).zip(delays) {
                let written = UnixMs(START + now_ms - delay);
                prop_assert_eq!(clock.message(now_ms, written, true, no_wall), None);
            }
        }
    }
}
