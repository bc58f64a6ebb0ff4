//! When a request may leave: one pace for the whole process, Discord's own refusals, and the bound on requests in vain.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::limits;

/// The right to send requests, shared by all shards of the process.
#[derive(Debug)]
pub(super) struct Limiter {
    /// When the next request may leave at the earliest, by our own pace.
    next_at: Instant,
    /// Nothing leaves before this: Discord's global limit, or too many requests in vain.
    blocked_until: Instant,
    /// Channels whose limit is used up, and until when.
    channels: HashMap<u64, Instant>,
    /// Requests in vain since `vain_since`.
    vain: u32,
    vain_since: Instant,
}

impl Limiter {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            next_at: now,
            blocked_until: now,
            channels: HashMap::new(),
            vain: 0,
            vain_since: now,
        }
    }

    /// The moment at which a request about `channel` may leave: it is the caller's, who asks again if that is not yet.
    /// `Ok` takes the place; `Err` says until when to wait.
    pub(super) fn take_turn(&mut self, now: Instant, channel: u64) -> Result<(), Instant> {
        let channel_at = self.channels.get(&channel).copied().unwrap_or(now);
        let at = self.next_at.max(self.blocked_until).max(channel_at);
        if at > now {
            return Err(at);
        }
        self.channels.remove(&channel);
        self.next_at = now + limits::REST_PACE;
        Ok(())
    }

    /// Discord says that the channel's limit is used up.
    pub(super) fn pause_channel(&mut self, now: Instant, channel: u64, pause: Duration) {
        if self.channels.len() >= limits::REST_CHANNELS_MAX {
            self.channels.retain(|_, until| *until > now);
        }
        // Still full of pauses that run: then all wait, which asks for less, never for more.
        if self.channels.len() >= limits::REST_CHANNELS_MAX {
            return self.pause_all(now, pause);
        }
        self.channels.insert(channel, now + pause);
    }

    /// Discord says that the bot's own limit is used up.
    pub(super) fn pause_all(&mut self, now: Instant, pause: Duration) {
        self.blocked_until = self.blocked_until.max(now + pause);
    }

    /// A request was answered with 401, 403 or 429: Discord bars an address that collects too many of them.
    pub(super) fn in_vain(&mut self, now: Instant) {
        if now.duration_since(self.vain_since) >= limits::REST_VAIN_SPAN {
            (self.vain, self.vain_since) = (0, now);
        }
        self.vain += 1;
        if self.vain >= limits::REST_VAIN_MAX {
            let until = self.vain_since + limits::REST_VAIN_SPAN;
            self.blocked_until = self.blocked_until.max(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(limiter: &mut Limiter, from: Instant, span: Duration, channel: u64) -> u32 {
        let (mut now, mut turns) = (from, 0);
        while now < from + span {
            match limiter.take_turn(now, channel) {
                Ok(()) => turns += 1,
                Err(at) => now = at,
            }
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn all_shards_together_keep_the_pace() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        let taken = turns(&mut limiter, now, Duration::from_secs(10), 1);
        assert!((280..=300).contains(&taken), "{taken} requests in ten seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_channel_waits_alone_and_all_wait_together() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        let second = Duration::from_secs(1);
        limiter.pause_channel(now, 7, second);
        assert_eq!(limiter.take_turn(now, 7), Err(now + second));
        assert_eq!(limiter.take_turn(now, 8), Ok(()));
        limiter.pause_all(now, 2 * second);
        assert_eq!(limiter.take_turn(now + second, 8), Err(now + 2 * second));
        assert_eq!(limiter.take_turn(now + 2 * second, 7), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_requests_in_vain_end_for_the_rest_of_their_span() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        for _ in 1..limits::REST_VAIN_MAX {
            limiter.in_vain(now);
        }
        assert_eq!(limiter.take_turn(now, 1), Ok(()));
        limiter.in_vain(now + Duration::from_secs(9));
        assert_eq!(
            limiter.take_turn(now + Duration::from_secs(9), 1),
            Err(now + limits::REST_VAIN_SPAN)
        );
        // The next span begins with the next request in vain.
        limiter.in_vain(now + limits::REST_VAIN_SPAN);
        assert_eq!(limiter.take_turn(now + limits::REST_VAIN_SPAN, 1), Ok(()));
    }
}
