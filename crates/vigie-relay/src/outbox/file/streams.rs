//! What is known of the streams without asking the file: counters, names, ages, and what was acknowledged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::checksum;
use crate::RelayError;
use crate::limits::{
    NUMBER_BITS, NUMBER_MAX, NUMBERS_FROM_UNIX_MS, NUMBERS_PER_SECOND, STREAMS_MAX,
};
use crate::outbox::writer::{Acknowledged, Tip};

/// A (producer, lane) pair in this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamId(pub(super) u32);

#[cfg(test)]
impl StreamId {
    /// An id out of thin air, for tests of the bookkeeping.
    pub(crate) fn for_test(id: u32) -> Self {
        Self(id)
    }
}

/// A stream's row in `counters`, and the age of its first entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    pub last_number: u64,
    pub forgotten_number: u64,
    pub pending_entries: u64,
    pub pending_bytes: u64,
    /// No entry above this number was ever handed to the sender, in whatever process: it is durable before they are.
    pub offered_number: u64,
    pub oldest_unix_ms: Option<i64>,
}

impl Counters {
    /// The checksum of a stream's row: of the pair that it names, and of every number in it.
    pub(super) fn checksum(&self, id: StreamId, (producer, lane): (&str, u8)) -> i64 {
        let numbers = [
            u64::from(lane),
            self.last_number,
            self.forgotten_number,
            self.pending_entries,
            self.pending_bytes,
            self.offered_number,
        ];
        let bytes: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
        checksum(producer.as_bytes(), u64::from(id.0), &bytes)
    }

    /// Whether these can be the counters of a stream at all; what else they are is for the entries to say.
    pub(super) fn is_plausible(&self) -> bool {
        let is_ordered = self.forgotten_number <= self.last_number;
        is_ordered && self.last_number <= NUMBER_MAX && self.pending_entries <= self.last_number
    }
}

#[derive(Debug)]
pub(super) struct Stream {
    pub producer: Arc<str>,
    pub lane: u8,
    pub counters: Counters,
    /// Entries up to this number may have been published, here or in an earlier process: they stay as they are.
    pub offered_number: u64,
}

/// A range of a stream that is acknowledged and still in the file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub last_number: u64,
    pub entries: u64,
    pub bytes: u64,
}

/// All streams of an outbox and the sums over them.
#[derive(Debug, Default)]
pub(super) struct Streams {
    by_id: BTreeMap<StreamId, Stream>,
    by_name: HashMap<(Arc<str>, u8), StreamId>,
    /// Instant of the first pending entry of each stream that has one.
    oldest: BTreeSet<(i64, StreamId)>,
    pub acknowledged: BTreeMap<StreamId, Done>,
    pub pending_entries: u64,
    pub pending_bytes: u64,
}

impl Streams {
    pub(super) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.by_id.get(&id)
    }

    /// A stream that the outbox itself has named.
    pub(super) fn known(&self, id: StreamId) -> &Stream {
        self.by_id.get(&id).expect("ids are only made with their stream")
    }

    pub(super) fn find(&self, producer: &Arc<str>, lane: u8) -> Option<StreamId> {
        self.by_name.get(&(Arc::clone(producer), lane)).copied()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = StreamId> {
        self.by_id.keys().copied()
    }

    /// Streams with entries, the one that waits longest first.
    pub(super) fn by_age(&self) -> impl Iterator<Item = StreamId> {
        self.oldest.iter().map(|&(_, id)| id)
    }

    pub(super) fn oldest_unix_ms(&self) -> Option<i64> {
        self.oldest.first().map(|&(unix_ms, _)| unix_ms)
    }

    /// Takes in a stream as it stands in the file.
    pub(super) fn load(&mut self, id: StreamId, mut stream: Stream) {
        let counters = std::mem::take(&mut stream.counters);
        stream.offered_number = counters.offered_number;
        self.by_name.insert((Arc::clone(&stream.producer), stream.lane), id);
        self.by_id.insert(id, stream);
        self.adopt(id, counters);
    }

    /// The stream's id; a new one for a new pair.
    pub(super) fn id_for(&mut self, producer: &Arc<str>, lane: u8) -> Result<StreamId, RelayError> {
        if let Some(id) = self.find(producer, lane) {
            return Ok(id);
        }
        // Not the count: a stream whose first transaction failed has left a hole, if the process then restarted.
        let id = self.by_id.last_key_value().map_or(1, |(last, _)| last.0 + 1);
        if id as usize > STREAMS_MAX {
            return Err(RelayError::TooManyStreams { max: STREAMS_MAX });
        }
        let (id, counters) = (StreamId(id), Counters::default());
        let producer = Arc::clone(producer);
        self.by_name.insert((Arc::clone(&producer), lane), id);
        self.by_id.insert(id, Stream { producer, lane, counters, offered_number: 0 });
        Ok(id)
    }

    /// Replaces a stream's counters and carries the difference into the sums.
    pub(super) fn adopt(&mut self, id: StreamId, new: Counters) {
        let stream = self.by_id.get_mut(&id).expect("counters are only made for known streams");
        let old = std::mem::replace(&mut stream.counters, new);
        self.pending_entries += new.pending_entries;
        self.pending_entries -= old.pending_entries;
        self.pending_bytes += new.pending_bytes;
        self.pending_bytes -= old.pending_bytes;
        if let Some(unix_ms) = old.oldest_unix_ms {
            self.oldest.remove(&(unix_ms, id));
        }
        if let Some(unix_ms) = new.oldest_unix_ms {
            self.oldest.insert((unix_ms, id));
        }
    }

    /// Entries that the sender has not been told are done with.
    pub(super) fn undone_entries(&self, id: StreamId) -> u64 {
        let done = self.acknowledged.get(&id).map_or(0, |done| done.entries);
        self.get(id).map_or(0, |stream| stream.counters.pending_entries.saturating_sub(done))
    }

    /// Remembers that entries up to a number were handed to the sender.
    pub(super) fn note_offered(&mut self, id: StreamId, number: u64) {
        if let Some(stream) = self.by_id.get_mut(&id) {
            stream.offered_number = stream.offered_number.max(number);
        }
    }

    pub(super) fn note_acknowledged(&mut self, range: Acknowledged) {
        let done = self.acknowledged.entry(range.stream).or_default();
        done.last_number = done.last_number.max(range.last_number);
        done.entries += range.entries;
        done.bytes += range.bytes;
    }

    pub(super) fn tip(&self, id: StreamId) -> Tip {
        let stream = self.known(id);
        let acknowledged = self.acknowledged.get(&id).map_or(0, |done| done.last_number);
        Tip {
            stream: id,
            producer: Arc::clone(&stream.producer),
            lane: stream.lane,
            done_number: stream.counters.forgotten_number.max(acknowledged),
            last_number: stream.counters.last_number,
        }
    }

    /// Keeps what this process knows better than a file that was saved from damage: the pairs and their ids, the numbers
    /// that were given, and how far each was acknowledged.
    pub(super) fn remember(&mut self, before: &Self) {
        for (&id, stream) in &before.by_id {
            if !self.by_id.contains_key(&id) {
                let (producer, lane) = (Arc::clone(&stream.producer), stream.lane);
                let counters = Counters::default();
                self.load(id, Stream { producer, lane, counters, offered_number: 0 });
            }
            let last_number = before.known(id).counters.last_number;
            let mut counters = self.known(id).counters;
            counters.last_number = counters.last_number.max(last_number);
            counters.offered_number = counters.last_number;
            self.adopt(id, counters);
            self.note_offered(id, last_number);
        }
    }
}

/// The place of an entry: stream above, number below.
pub(super) fn key(stream: StreamId, number: u64) -> i64 {
    (i64::from(stream.0) << NUMBER_BITS) | number as i64
}

/// The number of the entry at a place.
pub(super) fn number_of(key: i64) -> u64 {
    key as u64 & ((1 << NUMBER_BITS) - 1)
}

/// The least number that a stream may begin with when the file is opened at this instant.
///
/// Whatever became of the file before (deleted, restored from a copy, cut short by damage), every number given by an
/// earlier process lies below: the number line moves on by itself, [`NUMBERS_PER_SECOND`] a second, faster than any
/// stream gives numbers over time. So no number ever stands for two different entries.
pub(super) fn base_number(unix_ms: i64) -> u64 {
    let since_ms = unix_ms.saturating_sub(NUMBERS_FROM_UNIX_MS).max(0) as u64;
    (since_ms * NUMBERS_PER_SECOND / 1_000).min(NUMBER_MAX)
}
