//! IDENTIFY: what it must say, and how often it may be said.
//!
//! Source: Discord, "Gateway Events", Identify; "Gateway", Sharding and Session Start Limit.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use vigie_core::vocabulary::GuildId;

use super::close_code::CloseCode;
use super::intents::Intents;
use crate::limits::{IDENTIFY_TOLERANCE_MS, SHARDS_MAX};

/// Length of the window of the session start limit: 24 hours.
const STARTS_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// A shard of a bot: which part of its guilds it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard {
    /// From 0.
    pub id: u32,
    /// How many there are.
    pub count: u32,
}

impl Shard {
    /// The one shard of a bot that does not shard.
    pub const WHOLE: Self = Self { id: 0, count: 1 };

    /// Whether this shard is sent the events of a guild: `(guild_id >> 22) % count == id`.
    pub fn holds(self, guild: GuildId) -> bool {
        (guild.0 >> 22) % u64::from(self.count) == u64::from(self.id)
    }
}

/// IDENTIFY as sent.
#[derive(Deserialize)]
struct Payload<'a> {
    token: String,
    #[serde(borrow)]
    properties: &'a RawValue,
    intents: Option<u64>,
    shard: Option<[i64; 2]>,
    #[serde(default)]
    compress: bool,
}

/// IDENTIFY, decoded and valid in itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identify {
    pub(crate) token: String,
    pub(crate) intents: Intents,
    pub(crate) shard: Shard,
    pub(crate) payload_compression: bool,
}

/// What the simulator grants.
pub(crate) struct Rules<'a> {
    /// Accepted tokens; empty accepts any.
    pub(crate) tokens: &'a [String],
    /// Privileged intents that are switched on for the application.
    pub(crate) privileged: Intents,
    /// Most guilds that one shard may hold.
    pub(crate) guilds_per_shard_max: u32,
}

impl Identify {
    /// Decodes and checks everything but the budget. `guilds` are all guilds of the bot.
    pub(crate) fn read(
        d: &str,
        rules: &Rules<'_>,
        guilds: impl Iterator<Item = GuildId>,
    ) -> Result<Self, CloseCode> {
        let Ok(payload) = serde_json::from_str::<Payload<'_>>(d) else {
            return Err(CloseCode::DECODE_ERROR);
        };
        if !payload.properties.get().starts_with('{') {
            return Err(CloseCode::DECODE_ERROR);
        }
        let token = bare_token(&payload.token);
        if !accepts(rules.tokens, token) {
            return Err(CloseCode::AUTHENTICATION_FAILED);
        }
        let Some(intents) = payload.intents.map(Intents).filter(|i| Intents::ALL.contains(*i))
        else {
            return Err(CloseCode::INVALID_INTENTS);
        };
        if !rules.privileged.contains(Intents(intents.0 & Intents::PRIVILEGED.0)) {
            return Err(CloseCode::DISALLOWED_INTENTS);
        }
        let Some(shard) = read_shard(payload.shard) else {
            return Err(CloseCode::INVALID_SHARD);
        };
        let held = guilds.filter(|guild| shard.holds(*guild)).count();
        if held > rules.guilds_per_shard_max as usize
            || (shard.count == 1 && held == rules.guilds_per_shard_max as usize)
        {
            return Err(CloseCode::SHARDING_REQUIRED);
        }
        let token = token.to_owned();
        Ok(Self { token, intents, shard, payload_compression: payload.compress })
    }
}

/// The token without twilight's `Bot ` in front.
pub(crate) fn bare_token(token: &str) -> &str {
    token.strip_prefix("Bot ").unwrap_or(token).trim()
}

/// Whether a bare token logs in.
pub(crate) fn accepts(tokens: &[String], token: &str) -> bool {
    !token.is_empty() && (tokens.is_empty() || tokens.iter().any(|known| known == token))
}

fn read_shard(shard: Option<[i64; 2]>) -> Option<Shard> {
    let Some([id, count]) = shard else { return Some(Shard::WHOLE) };
    let (id, count) = (u32::try_from(id).ok()?, u32::try_from(count).ok()?);
    (id < count && count <= SHARDS_MAX).then_some(Shard { id, count })
}

/// What is left of a bot's session start limit, as `GET /gateway/bot` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StartLimit {
    pub(crate) total: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_after_ms: u64,
    pub(crate) max_concurrency: u32,
}

/// Session starts of every bot: by bucket (one per 5 s) and by day (1,000).
pub(crate) struct IdentifyBudget {
    starts_max: u32,
    max_concurrency: u32,
    interval: Duration,
    bots: HashMap<String, BotBudget>,
}

struct BotBudget {
    since: Instant,
    used: u32,
    /// When each bucket (`shard_id % max_concurrency`) was last used.
    buckets: HashMap<u32, Instant>,
}

/// What the budget says to an IDENTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    /// Go on.
    Granted,
    /// The bucket was used less than 5 s ago: op 9 `false`.
    TooSoon,
    /// The day's starts are used up: Discord ends all sessions and resets the token.
    Exhausted,
}

impl IdentifyBudget {
    pub(crate) fn new(starts_max: u32, max_concurrency: u32, interval_ms: u64) -> Self {
        let interval = Duration::from_millis(interval_ms.saturating_sub(IDENTIFY_TOLERANCE_MS));
        let max_concurrency = max_concurrency.max(1);
        Self { starts_max, max_concurrency, interval, bots: HashMap::new() }
    }

    /// Takes one start of the shard's bucket.
    pub(crate) fn spend(&mut self, token: &str, shard: Shard, now: Instant) -> Spent {
        let bot = self.bots.entry(token.to_owned()).or_insert_with(|| BotBudget {
            since: now,
            used: 0,
            buckets: HashMap::new(),
        });
        bot.renew(now);
        let bucket = shard.id % self.max_concurrency;
        let last = bot.buckets.get(&bucket);
        if last.is_some_and(|last| now.duration_since(*last) < self.interval) {
            return Spent::TooSoon;
        }
        if bot.used >= self.starts_max {
            return Spent::Exhausted;
        }
        bot.used += 1;
        bot.buckets.insert(bucket, now);
        Spent::Granted
    }

    /// What is left.
    pub(crate) fn left(&mut self, token: &str, now: Instant) -> StartLimit {
        let (total, max_concurrency) = (self.starts_max, self.max_concurrency);
        let Some(bot) = self.bots.get_mut(token) else {
            return StartLimit { total, remaining: total, reset_after_ms: 0, max_concurrency };
        };
        bot.renew(now);
        let reset_after = STARTS_WINDOW.saturating_sub(now.duration_since(bot.since));
        StartLimit {
            total,
            remaining: total.saturating_sub(bot.used),
            reset_after_ms: reset_after.as_millis() as u64,
            max_concurrency,
        }
    }
}

impl BotBudget {
    fn renew(&mut self, now: Instant) {
        if now.duration_since(self.since) >= STARTS_WINDOW {
            self.since = now;
            self.used = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(d: &str) -> Result<Identify, CloseCode> {
        let rules = Rules {
            tokens: &["good".to_owned()],
            privileged: Intents::GUILD_MEMBERS,
            guilds_per_shard_max: 3,
        };
        Identify::read(d, &rules, (1..=4).map(|n| GuildId(n << 22)))
    }

    fn with(intents: u64, shard: &str) -> String {
        format!(r#"{{"token":"Bot good","properties":{{}},"intents":{intents},"shard":{shard}}}"#)
    }

    #[test]
    fn each_fault_has_its_close_code() {
        let cases = [
            ("[]".to_owned(), CloseCode::DECODE_ERROR),
            (r#"{"token":"good","properties":1,"intents":1}"#.to_owned(), CloseCode::DECODE_ERROR),
            (
                r#"{"token":"bad","properties":{},"intents":1}"#.to_owned(),
                CloseCode::AUTHENTICATION_FAILED,
            ),
            (r#"{"token":"good","properties":{}}"#.to_owned(), CloseCode::INVALID_INTENTS),
            (with(1 << 30, "[0,2]"), CloseCode::INVALID_INTENTS),
            (with(1 << 15, "[0,2]"), CloseCode::DISALLOWED_INTENTS),
            (with(1, "[2,2]"), CloseCode::INVALID_SHARD),
            (with(1, "[-1,2]"), CloseCode::INVALID_SHARD),
            (with(1, "null"), CloseCode::SHARDING_REQUIRED),
        ];
        for (d, code) in cases {
            assert_eq!(read(&d), Err(code), "{d}");
        }
        let identify = read(&with(3, "[1,2]")).unwrap();
        assert_eq!(identify.token, "good");
        assert_eq!(identify.shard, Shard { id: 1, count: 2 });
    }

    #[test]
    fn buckets_and_the_daily_limit_are_spent_apart() {
        let mut budget = IdentifyBudget::new(3, 2, 5_000);
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let shard = |id| Shard { id, count: 8 };
        assert_eq!(budget.spend("a", shard(0), at(0)), Spent::Granted);
        assert_eq!(budget.spend("a", shard(1), at(1)), Spent::Granted);
        assert_eq!(budget.spend("a", shard(2), at(4_000)), Spent::TooSoon);
        assert_eq!(budget.spend("b", shard(2), at(4_000)), Spent::Granted);
        assert_eq!(budget.spend("a", shard(2), at(5_000)), Spent::Granted);
        assert_eq!(budget.left("a", at(5_000)).remaining, 0);
        assert_eq!(budget.spend("a", shard(3), at(20_000)), Spent::Exhausted);
        assert_eq!(budget.spend("a", shard(3), at(86_400_000)), Spent::Granted);
    }
}
