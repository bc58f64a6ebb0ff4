//! A list of small entries with an index over their keys, in as few bytes as will do.
//!
//! Entries lie one after another in the order of their arrival; the index is open addressing over 32-bit slots (a
//! position and a tag of the hash), filled to 7/8 and grown by a quarter, so that it costs 4.6 to 5.8 bytes an entry
//! where a table of powers of two costs up to 11. Nothing is ever removed one by one: the whole is reset at a flush, and
//! keeps the memory that recent flushes needed.
//!
//! Hashes are fixed, not seeded: the core has no dice. Ids are Discord's, not a visitor's to choose.

/// An entry that knows its key.
pub(crate) trait Keyed {
    /// Hash of the key.
    fn hash(&self) -> u64;
}

/// The list and its index.
#[derive(Debug)]
pub(crate) struct Table<T> {
    entries: Vec<T>,
    /// 0 is free; else a tag of the hash above, position + 1 below. As many as the load asks for, any number.
    slots: Vec<u32>,
    /// Entries to keep memory for: the most of the last flushes, forgotten by an eighth each time.
    kept: usize,
}

/// Most entries of a table: what the position bits of a slot can say.
pub(crate) const ENTRIES_MAX: usize = (1 << POSITION_BITS) - 1;

/// Entries that are not worth giving back.
const FEW: usize = 16;

/// Bits of a slot that hold a position. The 12 bits left for the tag send one wrong look in 4,096 to the entries.
const POSITION_BITS: u32 = 20;
const POSITION_MASK: u32 = (1 << POSITION_BITS) - 1;

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: Vec::new(), kept: 0 }
    }
}

impl<T: Keyed> Table<T> {
    /// Position of the entry with this hash for which `same` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, same: impl Fn(&T) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let tag = tag(hash);
        let mut slot = self.first_slot(hash);
        loop {
            let value = self.slots[slot];
            if value == 0 {
                return None;
            }
            let position = (value & POSITION_MASK) as usize - 1;
            if value & !POSITION_MASK == tag && same(&self.entries[position]) {
                return Some(position);
            }
            slot = self.next_slot(slot);
        }
    }

    /// Appends an entry that [`Table::find`] did not find; returns its position.
    pub(crate) fn push(&mut self, entry: T) -> usize {
        assert!(self.entries.len() < ENTRIES_MAX, "a bound of limits.rs flushes long before");
        let position = self.entries.len();
        if (position + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        self.link(entry.hash(), position);
        if position == self.entries.capacity() {
            // An eighth more, where Vec would double.
            self.entries.reserve_exact((position / 8).max(4));
        }
        self.entries.push(entry);
        position
    }

    /// Forgets all entries and keeps the memory that recent use justifies.
    pub(crate) fn reset(&mut self) {
        self.kept = self.entries.len().max(self.kept - self.kept.div_ceil(8));
        self.entries.clear();
        if self.entries.capacity() > 2 * self.kept + FEW {
            self.entries.shrink_to(self.kept);
        }
        self.reset_slots();
    }

    /// Gives all entries away; keeps the memory of the index only, as [`Table::reset`] does.
    pub(crate) fn take(&mut self) -> Vec<T> {
        self.kept = self.entries.len().max(self.kept - self.kept.div_ceil(8));
        self.reset_slots();
        std::mem::take(&mut self.entries)
    }

    fn reset_slots(&mut self) {
        let slots_kept = self.kept * 4 / 3;
        if self.slots.len() > 2 * slots_kept + FEW {
            self.slots = vec![0; slots_kept];
        } else {
            self.slots.fill(0);
        }
    }

    fn grow(&mut self) {
        let length = (self.slots.len() + self.slots.len() / 4).max(8);
        self.slots = vec![0; length];
        for position in 0..self.entries.len() {
            self.link(self.entries[position].hash(), position);
        }
    }

    /// Writes a position into the first free slot of its hash.
    fn link(&mut self, hash: u64, position: usize) {
        let mut slot = self.first_slot(hash);
        while self.slots[slot] != 0 {
            slot = self.next_slot(slot);
        }
        self.slots[slot] = tag(hash) | (position as u32 + 1);
    }

    /// Spreads the upper half of the hash over the slots, whatever their number.
    fn first_slot(&self, hash: u64) -> usize {
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    fn next_slot(&self, slot: usize) -> usize {
        if slot + 1 == self.slots.len() { 0 } else { slot + 1 }
    }
}

impl<T> Table<T> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entries(&self) -> &[T] {
        &self.entries
    }

    /// The entries, to be changed in place. Changing a key is allowed only before [`Table::reset`].
    pub(crate) fn entries_mut(&mut self) -> &mut [T] {
        &mut self.entries
    }

    /// Bytes held, by capacity (not what entries own elsewhere).
    pub(crate) fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<T>() + self.slots.capacity() * size_of::<u32>()
    }
}

/// Hash of two numbers: one widening multiplication, both halves of the product folded.
#[inline]
pub(crate) fn hash_pair(a: u64, b: u64) -> u64 {
    // Digits of pi, as odd as they come.
    let product = u128::from(a ^ 0x243f_6a88_85a3_08d3) * u128::from(b ^ 0x1319_8a2e_0370_7345);
    product as u64 ^ (product >> 64) as u64
}

fn tag(hash: u64) -> u32 {
    (hash as u32) << POSITION_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Number(u64);

    impl Keyed for Number {
        fn hash(&self) -> u64 {
            hash_pair(self.0, 0)
        }
    }

    fn filled(count: u64) -> Table<Number> {
        let mut table = Table::default();
        add(&mut table, count);
        table
    }

    fn add(table: &mut Table<Number>, count: u64) {
        for number in 0..count {
            assert_eq!(table.find(Number(number).hash(), |entry| entry.0 == number), None);
            assert_eq!(table.push(Number(number)), number as usize);
        }
    }

    #[test]
    fn everything_pushed_is_found_and_nothing_else() {
        let table = filled(10_000);
        for number in 0..20_000 {
            let found = table.find(Number(number).hash(), |entry| entry.0 == number);
            assert_eq!(found, (number < 10_000).then_some(number as usize));
        }
    }

    #[test]
    fn an_entry_costs_little_more_than_itself() {
        for count in [1_000, 10_000, 33_333, 100_000] {
            let bytes = filled(count).heap_bytes() as f64 / count as f64;
            assert!(bytes < 8.0 * 1.13 + 5.8, "{bytes} bytes an entry at {count}");
        }
    }

    #[test]
    fn memory_is_kept_for_the_next_flush_and_a_burst_is_forgotten() {
        let mut table = filled(10_000);
        let burst = table.heap_bytes();
        table.reset();
        assert_eq!(table.heap_bytes(), burst);
        for _ in 0..60 {
            add(&mut table, 100);
            table.reset();
        }
        assert!(table.heap_bytes() < burst / 20, "{} of {burst}", table.heap_bytes());
        let steady = table.heap_bytes();
        add(&mut table, 100);
        assert_eq!(table.heap_bytes(), steady);
    }

    #[test]
    fn an_idle_table_gives_nearly_everything_back() {
        let mut table = filled(10_000);
        for _ in 0..100 {
            table.reset();
        }
        assert!(table.heap_bytes() <= FEW * (8 + 4), "{}", table.heap_bytes());
    }
}
