//! What a frame has said already: people and places by number. Fixed size, no probing: where two share a slot the later one stays, and
//! the other is written again when it comes back.

use vigie_core::vocabulary::{ChannelId, GuildId};

/// Slots of people: 2^11 of 24 bytes are 48 KiB a shard.
const PEOPLE_SLOTS_LOG2: u32 = 11;
/// Slots of places: 2^9 of 24 bytes are 12 KiB a shard.
const PLACES_SLOTS_LOG2: u32 = 9;

/// Where a person's words begin: after the number 0 and the id.
const WORDS_AFTER: usize = 1 + size_of::<u64>();

/// The numbers of what the frame under way has said.
#[derive(Debug)]
pub(super) struct Dictionary {
    people: Box<[PersonSlot]>,
    places: Box<[PlaceSlot]>,
    people_count: u32,
    places_count: u32,
    /// The frame under way; slots of another frame are empty.
    frame: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct PersonSlot {
    id: u64,
    /// Where in the frame their words stand.
    at: u32,
    number: u32,
    frame: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct PlaceSlot {
    guild: GuildId,
    channel: ChannelId,
    number: u32,
    frame: u32,
}

impl Dictionary {
    pub(super) fn new() -> Self {
        Self {
            people: vec![PersonSlot::default(); 1 << PEOPLE_SLOTS_LOG2].into(),
            places: vec![PlaceSlot::default(); 1 << PLACES_SLOTS_LOG2].into(),
            people_count: 0,
            places_count: 0,
            frame: 1,
        }
    }

    /// Forgets everything: a new frame begins.
    pub(super) fn clear(&mut self) {
        (self.people_count, self.places_count) = (0, 0);
        self.frame = self.frame.wrapping_add(1);
        if self.frame == 0 {
            // Slots of the first frames would pass for those of the coming ones.
            self.people.fill(PersonSlot::default());
            self.places.fill(PlaceSlot::default());
            self.frame = 1;
        }
    }

    /// The number of a place that the frame has named; else it is remembered under the next one.
    #[inline]
    pub(super) fn place(&mut self, guild: GuildId, channel: ChannelId) -> Option<u32> {
        let slot =
            &mut self.places[slot_of(channel.0 ^ guild.0.rotate_left(32), PLACES_SLOTS_LOG2)];
        if slot.frame == self.frame && slot.channel == channel && slot.guild == guild {
            return Some(slot.number);
        }
        *slot = PlaceSlot { guild, channel, number: self.places_count, frame: self.frame };
        self.places_count += 1;
        None
    }

    /// The number of a person if `is_same` of what the frame has said of them, after the id; else they are remembered under the
    /// next one, as being written to the end of `frame`.
    #[inline]
    pub(super) fn person(
        &mut self,
        id: u64,
        frame: &[u8],
        is_same: impl FnOnce(&[u8]) -> bool,
    ) -> Option<u32> {
        let slot = &mut self.people[slot_of(id, PEOPLE_SLOTS_LOG2)];
        if slot.frame == self.frame
            && slot.id == id
            && frame.get(slot.at as usize..).is_some_and(is_same)
        {
            return Some(slot.number);
        }
        let number = self.people_count;
        self.people_count += 1;
        // Beyond 4 GiB nobody is remembered, everybody is written out.
        if let Ok(at) = u32::try_from(frame.len() + WORDS_AFTER) {
            *slot = PersonSlot { id, at, number, frame: self.frame };
        }
        None
    }
}

/// The slot of an id: the high bits of a product depend on all bits of the id.
#[inline]
fn slot_of(id: u64, log2: u32) -> usize {
    (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - log2)) as usize
}
