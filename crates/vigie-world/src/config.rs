//! What a world is made from.

use vigie_core::vocabulary::UnixMs;

use crate::limits;

/// First instant a world may begin at (2024-07-01T00:00:00Z): its accounts are older than that.
const START_MIN_MS: i64 = 1_719_792_000_000;
/// Last instant a world may begin at (2100-01-01T00:00:00Z).
const START_MAX_MS: i64 = 4_102_444_800_000;

/// The seed and sizes of a world. Two equal configurations make the same world, to the last byte.
///
/// Ids, names and structure depend on the seed and the sizes only, never on `start`: a world begun tomorrow holds
/// the same people in the same guilds.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldConfig {
    /// What everything is derived from.
    pub seed: u64,
    /// Guilds, 1 to [`limits::GUILDS_MAX`].
    pub guild_count: u32,
    /// Members of the smallest guild, bots included.
    pub members_min: u32,
    /// Members of the largest guild, bots included.
    pub members_max: u32,
    /// Mean live events a second over all guilds; 0 for silence.
    pub events_per_second: f64,
    /// Whole UTC days of history before the day of `start`; that day's hours before `start` come on top.
    pub history_days: u32,
    /// Mean messages a guild and day over the history; `None` scales with each guild's members.
    pub history_messages_per_day: Option<f64>,
    /// Mean joins an hour of the present over all guilds; departures, moderation and invites go with them, at all hours
    /// alike. `None` follows the sizes and the hours of the guilds: about two joins a day for a thousand people.
    pub joins_per_hour: Option<f64>,
    /// The instant where history ends and the present begins.
    pub start: UnixMs,
}

impl Default for WorldConfig {
    /// Four guilds of 10 to 50,000 members with 60 days of history, one live event a second, at 2026-11-20T12:00Z.
    fn default() -> Self {
        Self {
            seed: 1,
            guild_count: 4,
            members_min: 10,
            members_max: 50_000,
            events_per_second: 1.0,
            history_days: 60,
            history_messages_per_day: None,
            joins_per_hour: None,
            start: UnixMs(1_795_176_000_000),
        }
    }
}

impl WorldConfig {
    /// The same with every value inside its bounds (see [`limits`]); what is not a number becomes 0.
    pub fn clamped(mut self) -> Self {
        self.guild_count = self.guild_count.clamp(1, limits::GUILDS_MAX);
        self.members_min = self.members_min.clamp(limits::MEMBERS_MIN, limits::MEMBERS_MAX);
        self.members_max = self.members_max.clamp(self.members_min, limits::MEMBERS_MAX);
        self.events_per_second = clamp_rate(self.events_per_second, limits::EVENTS_PER_SECOND_MAX);
        self.history_days = self.history_days.min(limits::HISTORY_DAYS_MAX);
        self.history_messages_per_day = self
            .history_messages_per_day
            .map(|rate| clamp_rate(rate, limits::HISTORY_MESSAGES_PER_DAY_MAX));
        self.joins_per_hour =
            self.joins_per_hour.map(|rate| clamp_rate(rate, limits::JOINS_PER_HOUR_MAX));
        self.start = UnixMs(self.start.0.clamp(START_MIN_MS, START_MAX_MS));
        self
    }
}

/// A rate between 0 and `max`; what is not a number becomes 0.
pub(crate) fn clamp_rate(rate: f64, max: f64) -> f64 {
    if rate.is_nan() { 0.0 } else { rate.clamp(0.0, max) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_values_are_brought_inside_the_bounds() {
        let config = WorldConfig {
            guild_count: 0,
            members_min: 0,
            members_max: 0,
            events_per_second: f64::NAN,
            history_days: u32::MAX,
            history_messages_per_day: Some(f64::INFINITY),
            start: UnixMs(i64::MIN),
            ..WorldConfig::default()
        }
        .clamped();
        assert_eq!((config.guild_count, config.members_min, config.members_max), (1, 3, 3));
        assert_eq!(config.events_per_second, 0.0);
        assert_eq!(config.history_days, limits::HISTORY_DAYS_MAX);
        assert_eq!(config.history_messages_per_day, Some(limits::HISTORY_MESSAGES_PER_DAY_MAX));
        assert_eq!(config.start, UnixMs(START_MIN_MS));
    }
}
