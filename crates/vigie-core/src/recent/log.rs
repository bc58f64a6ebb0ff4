//! A list of ids in the order of their coming, asked rarely whether an id is in it.
//!
//! Ids come nearly sorted, so each block of the list knows its smallest and its largest: a question looks at the blocks that
//! could hold the id, mostly one. Writing costs a push.

/// Ids in a block.
const BLOCK: usize = 256;

/// The list; at most `2 * keep` ids.
#[derive(Debug)]
pub(crate) struct Log {
    /// How many are kept when the older ones are let go: a multiple of [`BLOCK`].
    keep: usize,
    ids: Vec<u64>,
    /// Smallest and largest id of each begun block.
    blocks: Vec<(u64, u64)>,
    /// The largest id that was let go because there were too many.
    horizon: u64,
}

impl Log {
    pub(crate) fn new(keep: usize) -> Self {
        let keep = keep.next_multiple_of(BLOCK);
        Self { keep, ids: Vec::new(), blocks: Vec::new(), horizon: 0 }
    }

    /// A list with this content.
    pub(crate) fn restore(keep: usize, ids: impl Iterator<Item = u64>, horizon: u64) -> Self {
        let mut log = Self::new(keep);
        ids.for_each(|id| log.push(id));
        log.horizon = horizon.max(log.horizon);
        log
    }

    /// Appends an id; the older half goes when there are too many.
    pub(crate) fn push(&mut self, id: u64) {
        if self.ids.len() == 2 * self.keep {
            self.horizon =
                self.blocks[..self.keep / BLOCK].iter().fold(self.horizon, |h, b| h.max(b.1));
            self.let_go(self.keep / BLOCK);
        }
        match self.blocks.last_mut() {
            Some(block) if !self.ids.len().is_multiple_of(BLOCK) => {
                *block = (id.min(block.0), id.max(block.1));
            }
            _ => self.blocks.push((id, id)),
        }
        self.ids.push(id);
    }

    /// Whether the id is in the list.
    pub(crate) fn contains(&self, id: u64) -> bool {
        let blocks = self.blocks.iter().zip(self.ids.chunks(BLOCK)).rev();
        let mut candidates = blocks.filter(|((low, high), _)| (*low..=*high).contains(&id));
        candidates.any(|(_, ids)| ids.contains(&id))
    }

    /// Lets go of the oldest blocks that hold nothing newer than `id`.
    pub(crate) fn forget_until(&mut self, id: u64) {
        let full = self.ids.len() / BLOCK;
        let old = self.blocks[..full].iter().take_while(|(_, high)| *high <= id).count();
        self.let_go(old);
        if self.ids.capacity() > 4 * self.ids.len() + BLOCK {
            self.ids.shrink_to(2 * self.ids.len());
            self.blocks.shrink_to(2 * self.blocks.len());
        }
    }

    pub(crate) fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// An id up to this one may have been let go because there were too many.
    pub(crate) fn horizon(&self) -> u64 {
        self.horizon
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.ids.capacity() * size_of::<u64>() + self.blocks.capacity() * size_of::<(u64, u64)>()
    }

    fn let_go(&mut self, blocks: usize) {
        self.ids.drain(..blocks * BLOCK);
        self.blocks.drain(..blocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_is_found_in_any_order_and_nothing_else() {
        let mut log = Log::new(1_024);
        // 7 has no factor in common with 2,000: every number comes once, and neighbours far apart.
        (0..2_000).for_each(|number| log.push(number * 7 % 2_000 * 2));
        for id in 0..4_001 {
            assert_eq!(log.contains(id), id % 2 == 0 && id < 4_000, "{id}");
        }
    }

    #[test]
    fn too_many_let_the_older_half_go_and_say_up_to_where() {
        let mut log = Log::new(512);
        (1..=1_024).for_each(|id| log.push(id));
        assert_eq!((log.ids().len(), log.horizon()), (1_024, 0));
        log.push(1_025);
        assert_eq!((log.ids().len(), log.horizon()), (513, 512));
        assert!(!log.contains(512) && log.contains(513) && log.contains(1_025));
    }

    #[test]
    fn old_ids_go_block_by_block_and_take_no_newer_one_along() {
        let mut log = Log::new(1_024);
        (0..600).for_each(|id| log.push(id));
        log.forget_until(255);
        assert!(!log.contains(255) && log.contains(256));
        log.forget_until(10_000);
        assert_eq!(log.ids().len(), 600 - 512, "the block that still fills stays");
        assert_eq!(log.horizon(), 0, "nothing was let go for want of room");
    }
}
