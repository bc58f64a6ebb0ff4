//! One cell in 16 bytes: who, where, what kind, and five small counters that spill before they overflow.

use crate::table::{Keyed, hash_pair};
use crate::vocabulary::{ActivityCounts, AuthorKind, UserId};

/// What one member did in one place. Its key is (place, member).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    member: u64,
    /// The place's number above, the author kind in the lowest two bits.
    place_and_kind: u32,
    /// The five counters, each in its bits.
    packed: u32,
}

/// One of the five counters: which bits of `packed` it has. Together they fill 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    shift: u32,
    bits: u32,
}

impl Counter {
    pub(crate) const MESSAGES: Self = Self { shift: 0, bits: 8 };
    pub(crate) const ADDED: Self = Self { shift: 8, bits: 7 };
    pub(crate) const RECEIVED: Self = Self { shift: 15, bits: 7 };
    pub(crate) const COMMANDS: Self = Self { shift: 22, bits: 5 };
    pub(crate) const REMOVED: Self = Self { shift: 27, bits: 5 };

    const fn max(self) -> u32 {
        (1 << self.bits) - 1
    }
}

impl Cell {
    pub(crate) fn new(place: usize, member: UserId) -> Self {
        Self { member: member.0, place_and_kind: (place as u32) << 2, packed: 0 }
    }

    pub(crate) fn same_key(&self, other: &Self) -> bool {
        self.member == other.member && self.place() == other.place()
    }

    pub(crate) fn member(&self) -> UserId {
        UserId(self.member)
    }

    pub(crate) fn place(&self) -> usize {
        (self.place_and_kind >> 2) as usize
    }

    pub(crate) fn set_place(&mut self, place: u32) {
        self.place_and_kind = place << 2 | self.place_and_kind & 3;
    }

    pub(crate) fn kind(&self) -> AuthorKind {
        AuthorKind::from_u8(self.place_and_kind as u8 & 3).expect("only kinds are written here")
    }

    /// Raises the kind; the highest one heard stays.
    pub(crate) fn raise_kind(&mut self, kind: AuthorKind) {
        let kind = kind.max(self.kind());
        self.place_and_kind = self.place_and_kind & !3 | kind as u32;
    }

    /// Adds one; `false` when the counter has no room left, and then nothing is changed.
    #[must_use]
    pub(crate) fn add(&mut self, counter: Counter) -> bool {
        let room = self.get(counter) < counter.max();
        if room {
            self.packed += 1 << counter.shift;
        }
        room
    }

    /// The counts so far.
    pub(crate) fn counts(&self) -> ActivityCounts {
        ActivityCounts {
            messages: self.get(Counter::MESSAGES),
            commands: self.get(Counter::COMMANDS),
            reactions_added: self.get(Counter::ADDED),
            reactions_removed: self.get(Counter::REMOVED),
            reactions_received: self.get(Counter::RECEIVED),
        }
    }

    /// The counts so far; the cell starts again at 0.
    pub(crate) fn take_counts(&mut self) -> ActivityCounts {
        let counts = self.counts();
        self.packed = 0;
        counts
    }

    fn get(&self, counter: Counter) -> u32 {
        self.packed >> counter.shift & counter.max()
    }
}

impl Keyed for Cell {
    fn hash(&self) -> u64 {
        hash_pair(self.member, self.place() as u64)
    }
}

const _: () = assert!(size_of::<Cell>() == 16);

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTERS: [Counter; 5] =
        [Counter::MESSAGES, Counter::ADDED, Counter::RECEIVED, Counter::COMMANDS, Counter::REMOVED];

    #[test]
    fn the_counters_share_the_word_without_overlap() {
        let masks = COUNTERS.map(|counter| counter.max() << counter.shift);
        assert_eq!(masks.iter().fold(0, |all, mask| all | mask), u32::MAX);
        assert_eq!(masks.iter().map(|mask| mask.count_ones()).sum::<u32>(), 32);
    }

    #[test]
    fn a_full_counter_refuses_and_leaves_the_others_alone() {
        for counter in COUNTERS {
            let mut cell = Cell::new(7, UserId(100));
            for other in COUNTERS {
                assert!(cell.add(other));
            }
            for _ in 1..counter.max() {
                assert!(cell.add(counter));
            }
            assert!(!cell.add(counter));
            assert_eq!(cell.get(counter), counter.max());
            let others = COUNTERS.into_iter().filter(|other| *other != counter);
            assert!(others.into_iter().all(|other| cell.get(other) == 1));
        }
    }

    #[test]
    fn kind_and_place_share_a_word() {
        let mut cell = Cell::new(0x3fff_ffff, UserId(u64::MAX));
        cell.raise_kind(AuthorKind::Webhook);
        cell.raise_kind(AuthorKind::Bot);
        assert_eq!((cell.place(), cell.kind()), (0x3fff_ffff, AuthorKind::Webhook));
        cell.set_place(5);
        assert_eq!((cell.place(), cell.kind()), (5, AuthorKind::Webhook));
    }
}
