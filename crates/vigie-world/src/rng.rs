//! Dice that never change: SplitMix64, and the few draws the world needs.
//!
//! Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014; constants as in
//! Vigna's public-domain `splitmix64.c`. Written here so that no library's version can change a world.

use crate::math;

/// The golden ratio in 64 bits: SplitMix64's step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finaliser: a bijection that spreads every bit.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One number out of several: the seed of whatever they name.
pub(crate) const fn hash(parts: &[u64]) -> u64 {
    let mut state = STEP;
    let mut at = 0;
    while at < parts.len() {
        state = mix(state ^ parts[at].wrapping_add(STEP)).wrapping_add(STEP);
        at += 1;
    }
    mix(state)
}

/// A stream of dice.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream that belongs to these numbers.
    pub(crate) const fn of(parts: &[u64]) -> Self {
        Self(hash(parts))
    }

    /// Sixty-four bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number under `bound`; 0 for a bound of 0. (Lemire's multiply-shift; its bias is under bound / 2^64.)
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// `true` in the given share of cases.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of the items. `items` is never empty here: word lists and structures are written that way.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// Waiting time of mean 1 (exponential).
    pub(crate) fn waiting(&mut self) -> f64 {
        -math::ln(1.0 - self.unit())
    }

    /// How many arrivals fall into a time in which `mean` are expected (Poisson, by counting waiting times).
    pub(crate) fn arrivals(&mut self, mean: f64) -> u32 {
        let mut left = mean - self.waiting();
        let mut count = 0;
        while left > 0.0 {
            count += 1;
            left -= self.waiting();
        }
        count
    }

    /// Failures before the first success, of mean `mean` (geometric).
    pub(crate) fn failures(&mut self, mean: f64) -> u32 {
        (self.waiting() * mean_to_scale(mean)) as u32
    }

    /// A rank in `0..count`, rank r drawn in proportion to 1 / (r + 3): Zipf's law with Mandelbrot's shift, so that
    /// the first ranks do not drown the others.
    pub(crate) fn zipf(&mut self, count: u32) -> u32 {
        /// Half a rank less than the shift: the area under the curve stands for the sum.
        const SHIFT: f64 = 2.5;
        if count < 2 {
            return 0;
        }
        let span = math::ln((f64::from(count) + SHIFT) / SHIFT);
        let rank = SHIFT * math::exp(self.unit() * span) - SHIFT;
        (rank as u32).min(count - 1)
    }
}

/// The scale of an exponential whose floor has this mean: `1 / ln(1 + 1 / mean)`.
fn mean_to_scale(mean: f64) -> f64 {
    if mean <= 0.0 { 0.0 } else { 1.0 / math::ln(1.0 + 1.0 / mean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_seed_zero_are_those_of_the_reference() {
        let mut rng = Rng(0);
        assert_eq!(rng.bits(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(rng.bits(), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(rng.bits(), 0x06c4_5d18_8009_454f);
    }

    #[test]
    fn draws_have_the_means_they_say() {
        let mut rng = Rng::of(&[7]);
        let rounds = 40_000;
        let mean = |sum: f64| sum / f64::from(rounds);
        let waiting = mean((0..rounds).map(|_| rng.waiting()).sum());
        let arrivals = mean((0..rounds).map(|_| f64::from(rng.arrivals(3.5))).sum());
        let failures = mean((0..rounds).map(|_| f64::from(rng.failures(4.0))).sum());
        assert!((waiting - 1.0).abs() < 0.03, "{waiting}");
        assert!((arrivals - 3.5).abs() < 0.05, "{arrivals}");
        assert!((failures - 4.0).abs() < 0.1, "{failures}");
    }

    #[test]
    fn zipf_prefers_low_ranks_and_stays_in_range() {
        let mut rng = Rng::of(&[8]);
        let mut seen = [0u32; 10];
        for _ in 0..20_000 {
            seen[rng.zipf(10) as usize] += 1;
        }
        assert!(seen[0] > 2 * seen[5] && seen[9] > 0, "{seen:?}");
        assert_eq!((rng.zipf(0), rng.zipf(1), rng.below(0)), (0, 0, 0));
    }
}
