//! How many members the guilds have, and how much they talk.

use crate::config::WorldConfig;
use crate::math;
use crate::rng::Rng;

/// Positions of the first four guilds between the largest and the smallest size, on a logarithmic scale: with
/// 10 to 50,000 members they have 50,000, about 4,000, about 300 and 10.
const FIRST_FOUR_SIZES: [f64; 4] = [0.0, 0.2965, 0.6006, 1.0];

/// How much busier than their size the first four are.
const FIRST_FOUR_VOICES: [f64; 4] = [1.0, 1.05, 0.95, 2.5];

/// Members of every guild: the first four as in [`FIRST_FOUR_SIZES`], the others by Zipf's law from half the largest
/// size down to the smallest.
pub(crate) fn sizes(config: &WorldConfig) -> Vec<u32> {
    let (min, max) = (f64::from(config.members_min), f64::from(config.members_max));
    let others = config.guild_count.saturating_sub(4);
    let top = (max / 2.0).max(min);
    let exponent = math::ln(top / min) / math::ln(f64::from(others.max(2)));
    let size = |index: u32| match FIRST_FOUR_SIZES.get(index as usize) {
        Some(position) => max * math::exp(position * math::ln(min / max)),
        None => top / math::pow(f64::from(index - 3), exponent),
    };
    (0..config.guild_count).map(|index| size(index).round().clamp(min, max) as u32).collect()
}

/// Mean messages a day of a guild of this size: large guilds talk less per head.
pub(super) fn daily_messages(seed: u64, index: u32, members: u32) -> f64 {
    let voice = match FIRST_FOUR_VOICES.get(index as usize) {
        Some(voice) => *voice,
        None => 0.5 + 1.1 * Rng::of(&[seed, 0x5a1d, u64::from(index)]).unit(),
    };
    11.8 * math::pow(f64::from(members), 0.57) * voice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_worlds_have_four_sizes_and_large_ones_follow_zipf() {
        let of = |guild_count| sizes(&WorldConfig { guild_count, ..WorldConfig::default() });
        assert_eq!(of(1), [50_000]);
        assert_eq!(of(4), [50_000, 4_002, 300, 10]);
        let many = of(1_000);
        assert!(many[4..].is_sorted_by(|one, two| one >= two));
        assert_eq!((many[4], many[999]), (25_000, 10));
        assert!(many[4..].iter().filter(|&&members| members < 100).count() > 700);
    }

    #[test]
    fn equal_bounds_make_equal_guilds() {
        let config = WorldConfig {
            guild_count: 7,
            members_min: 12,
            members_max: 12,
            ..WorldConfig::default()
        };
        assert_eq!(sizes(&config), [12; 7]);
    }
}
