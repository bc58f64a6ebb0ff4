//! Snowflakes that remember their guild, and account ids that remember their number.
//!
//! A snowflake is 42 bits of milliseconds and 22 bits that Discord fills with worker and counter. Here the upper
//! ones of the 22 hold the guild's number, as many as the world needs, and the rest count within a millisecond: any
//! id leads to its guild without a table.

use vigie_core::vocabulary::{DISCORD_EPOCH_MS, UnixMs, UserId, snowflake_at};

use crate::rng::hash;

/// Bits of a snowflake below its milliseconds.
const LOW_BITS: u32 = 22;

/// Accounts are made over 2^38 ms (8.7 years) from 2015-05-01.
const ACCOUNT_BITS: u32 = 38;
const ACCOUNT_MASK: u64 = (1 << ACCOUNT_BITS) - 1;
const ACCOUNTS_FROM_MS: i64 = 1_430_438_400_000;
/// Two odd multipliers, and the half of the bits as shift: each step can be undone.
const ACCOUNT_MULTIPLIERS: [u64; 2] = [0x9e_3779_b97f_4a7d, 0xbf_5847_6d1c_e4e5];
const ACCOUNT_INVERSES: [u64; 2] =
    [inverse(ACCOUNT_MULTIPLIERS[0]), inverse(ACCOUNT_MULTIPLIERS[1])];
const ACCOUNT_SHIFT: u32 = ACCOUNT_BITS / 2;

/// How the 22 low bits are divided in one world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdLayout {
    counter_bits: u32,
}

impl IdLayout {
    pub(crate) fn new(guild_count: u32) -> Self {
        let guild_bits = u32::BITS - guild_count.saturating_sub(1).leading_zeros();
        Self { counter_bits: LOW_BITS - guild_bits }
    }

    /// The first id of a guild at an instant.
    pub(crate) fn id(&self, at: UnixMs, guild_index: u32) -> u64 {
        snowflake_at(at) | (u64::from(guild_index) << self.counter_bits)
    }

    /// The first id of the same guild at `at`, or the one after `last` where that is later: ids of a guild only grow.
    pub(crate) fn id_after(&self, last: u64, at: UnixMs, guild_index: u32) -> u64 {
        let first = self.id(at, guild_index);
        if first > last {
            return first;
        }
        let next = last + 1;
        if self.guild_index(next) == guild_index {
            next
        } else {
            self.id(UnixMs((last >> LOW_BITS) as i64 + DISCORD_EPOCH_MS + 1), guild_index)
        }
    }

    /// The guild that an id of guild, channel, role, emoji, webhook or message belongs to.
    pub(crate) fn guild_index(&self, id: u64) -> u32 {
        ((id & ((1 << LOW_BITS) - 1)) >> self.counter_bits) as u32
    }
}

/// The id of the account of this number (under 2^38).
pub(crate) fn user_id(seed: u64, number: u64) -> UserId {
    let mut spread = number.wrapping_add(account_key(seed)) & ACCOUNT_MASK;
    for multiplier in ACCOUNT_MULTIPLIERS {
        spread = spread.wrapping_mul(multiplier) & ACCOUNT_MASK;
        spread ^= spread >> ACCOUNT_SHIFT;
    }
    let low = account_low_bits(seed, number);
    UserId(snowflake_at(UnixMs(ACCOUNTS_FROM_MS + spread as i64)) | low)
}

/// The number of an account; `None` for an id that this world never gave.
pub(crate) fn user_number(seed: u64, id: UserId) -> Option<u64> {
    let made_at = (id.0 >> LOW_BITS).checked_sub((ACCOUNTS_FROM_MS - DISCORD_EPOCH_MS) as u64)?;
    if made_at > ACCOUNT_MASK {
        return None;
    }
    let mut spread = made_at;
    for inverse in ACCOUNT_INVERSES.into_iter().rev() {
        spread ^= spread >> ACCOUNT_SHIFT;
        spread = spread.wrapping_mul(inverse) & ACCOUNT_MASK;
    }
    let number = spread.wrapping_sub(account_key(seed)) & ACCOUNT_MASK;
    let low = id.0 & ((1 << LOW_BITS) - 1);
    (low == account_low_bits(seed, number)).then_some(number)
}

fn account_key(seed: u64) -> u64 {
    hash(&[seed, 0xacc0]) & ACCOUNT_MASK
}

fn account_low_bits(seed: u64, number: u64) -> u64 {
    hash(&[seed, 0xacc1, number]) >> (64 - LOW_BITS)
}

/// The inverse of an odd number modulo 2^64 (and so modulo 2^38), by Newton's iteration.
const fn inverse(odd: u64) -> u64 {
    let mut guess = odd;
    let mut round = 0;
    while round < 6 {
        guess = guess.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(guess)));
        round += 1;
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_core::vocabulary::snowflake_time;

    #[test]
    fn account_ids_lead_back_to_their_number() {
        let mut seen = std::collections::BTreeSet::new();
        for number in (0..2_000).chain(10_000_000..10_002_000) {
            let id = user_id(9, number);
            assert_eq!(user_number(9, id), Some(number));
            assert_eq!(user_number(9, UserId(id.0 ^ 1)), None);
            assert!(seen.insert(id));
        }
        assert_eq!(user_number(9, UserId(1)), None);
        assert_eq!(user_number(9, UserId(u64::MAX)), None);
    }

    #[test]
    fn ids_grow_within_a_guild_and_name_it() {
        for guild_count in [1, 2, 4, 50, 10_000, 100_000] {
            let layout = IdLayout::new(guild_count);
            let (guild, at) = (guild_count - 1, UnixMs(1_795_176_000_000));
            let mut last = 0;
            for _ in 0..200 {
                let id = layout.id_after(last, at, guild);
                assert!(id > last);
                assert_eq!(layout.guild_index(id), guild);
                last = id;
            }
            assert!(snowflake_time(last).0 - at.0 < 10, "{guild_count}");
        }
    }
}
