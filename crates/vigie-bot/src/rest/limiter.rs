//! When a request may leave: one pace for the whole process, Discord's own refusals, and the bound on requests in vain.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::limits;

/// What Discord limits together: one kind of request about one channel or guild. Source: Discord, "Rate Limits".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// Messages of this channel.
    Messages(u64),
    /// The audit log of this guild.
    AuditLog(u64),
    /// The invites of this guild.
    Invites(u64),
    /// The vanity address of this guild.
    Vanity(u64),
    /// The members of this guild.
    Members(u64),
}

/// The right to send requests, shared by all shards of the process.
#[derive(Debug)]
pub(super) struct Limiter {
    /// When the next request may leave at the earliest, by our own pace.
    next_at: Instant,
    /// Nothing leaves before this: Discord's global limit, or too many requests in vain.
    blocked_until: Instant,
    /// Buckets whose limit is used up, and until when.
    buckets: HashMap<Bucket, Instant>,
    /// Requests in vain since `vain_since`.
    vain: u32,
    vain_since: Instant,
}

impl Limiter {
    pub(super) fn new(now: Instant) -> Self {
        Self { next_at: now, blocked_until: now, buckets: HashMap::new(), vain: 0, vain_since: now }
    }

    /// The moment at which a request of `bucket` may leave: it is the caller's, who asks again if that is not yet.
    /// `Ok` takes the place; `Err` says until when to wait.
    pub(super) fn take_turn(&mut self, now: Instant, bucket: Bucket) -> Result<(), Instant> {
        let bucket_at = self.buckets.get(&bucket).copied().unwrap_or(now);
        let at = self.next_at.max(self.blocked_until).max(bucket_at);
        if at > now {
            return Err(at);
        }
        self.buckets.remove(&bucket);
        self.next_at = now + limits::REST_PACE;
        Ok(())
    }

    /// Discord says that the bucket's limit is used up.
    pub(super) fn pause_bucket(&mut self, now: Instant, bucket: Bucket, pause: Duration) {
        if self.buckets.len() >= limits::REST_BUCKETS_MAX {
            self.buckets.retain(|_, until| *until > now);
        }
        // Still full of pauses that run: then all wait, which asks for less, never for more.
        if self.buckets.len() >= limits::REST_BUCKETS_MAX {
            return self.pause_all(now, pause);
        }
        self.buckets.insert(bucket, now + pause);
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

    fn turns(limiter: &mut Limiter, from: Instant, span: Duration, bucket: Bucket) -> u32 {
        let (mut now, mut turns) = (from, 0);
        while now < from + span {
            match limiter.take_turn(now, bucket) {
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
        let taken = turns(&mut limiter, now, Duration::from_secs(10), Bucket::Messages(1));
        assert!((280..=300).contains(&taken), "{taken} requests in ten seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_waits_alone_and_all_wait_together() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        let second = Duration::from_secs(1);
        limiter.pause_bucket(now, Bucket::Messages(7), second);
        assert_eq!(limiter.take_turn(now, Bucket::Messages(7)), Err(now + second));
        assert_eq!(limiter.take_turn(now, Bucket::AuditLog(7)), Ok(()));
        limiter.pause_all(now, 2 * second);
        assert_eq!(limiter.take_turn(now + second, Bucket::Messages(8)), Err(now + 2 * second));
        assert_eq!(limiter.take_turn(now + 2 * second, Bucket::Messages(7)), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_requests_in_vain_end_for_the_rest_of_their_span() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        for _ in 1..limits::REST_VAIN_MAX {
            limiter.in_vain(now);
        }
        assert_eq!(limiter.take_turn(now, Bucket::Messages(1)), Ok(()));
        limiter.in_vain(now + Duration::from_secs(9));
        assert_eq!(
            limiter.take_turn(now + Duration::from_secs(9), Bucket::Messages(1)),
            Err(now + limits::REST_VAIN_SPAN)
        );
        // The next span begins with the next request in vain.
        limiter.in_vain(now + limits::REST_VAIN_SPAN);
        assert_eq!(limiter.take_turn(now + limits::REST_VAIN_SPAN, Bucket::Messages(1)), Ok(()));
    }
}
