//! Drawing one of many by weight in constant time (Walker's alias method, as set up by Vose, 1991).

use crate::rng::Rng;

/// Weights made ready for drawing.
pub(crate) struct Weighted {
    /// Share of the draws of a slot that stay there, and where the others go.
    slots: Vec<(f64, u32)>,
}

impl Weighted {
    /// `weights` is not empty and holds positive numbers.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut slots: Vec<(f64, u32)> = weights.iter().map(|weight| (weight / mean, 0)).collect();
        let places = 0..slots.len() as u32;
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            places.partition(|&place| slots[place as usize].0 < 1.0);
        while let (Some(poor), Some(&rich)) = (small.pop(), large.last()) {
            slots[poor as usize].1 = rich;
            slots[rich as usize].0 -= 1.0 - slots[poor as usize].0;
            if slots[rich as usize].0 < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        // What is left is full, but for rounding.
        small.into_iter().chain(large).for_each(|place| slots[place as usize] = (1.0, place));
        Self { slots }
    }

    pub(crate) fn draw(&self, rng: &mut Rng) -> usize {
        let place = rng.below(self.slots.len() as u64) as usize;
        let (share, other) = self.slots[place];
        if rng.chance(share) { place } else { other as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_weights() {
        let weighted = Weighted::new(&[1.0, 6.0, 2.0, 1.0]);
        let mut seen = [0.0f64; 4];
        let mut rng = Rng::of(&[1]);
        (0..100_000).for_each(|_| seen[weighted.draw(&mut rng)] += 1e-4);
        for (seen, wanted) in seen.into_iter().zip([1.0, 6.0, 2.0, 1.0]) {
            assert!((seen - wanted).abs() < 0.1, "{seen} {wanted}");
        }
        assert_eq!(Weighted::new(&[3.0]).draw(&mut rng), 0);
    }
}
