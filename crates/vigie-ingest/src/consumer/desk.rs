//! Deliveries that wait to be applied, by stream: urgent lanes first, then whoever has waited longest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use vigie_relay::{Ack, Delivery};

/// A producer's lane.
pub(super) type Stream = (Arc<str>, u8);

/// All waiting deliveries of one stream, as one batch.
#[derive(Debug)]
pub(super) struct Work {
    pub stream: Stream,
    /// Ascending numbers, each once.
    pub entries: Vec<(u64, Bytes)>,
    /// One answer for each delivery in it.
    pub acks: Vec<Ack>,
}

/// Everything taken from the transport and not yet applied.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Waiting deliveries, for every stream that has some or is being applied.
    streams: BTreeMap<Stream, VecDeque<Delivery>>,
    /// Streams with waiting deliveries of which none is being applied, by lane and arrival.
    ready: BTreeSet<(u8, u64, Stream)>,
    ticket: u64,
    taken: usize,
}

impl Desk {
    /// Deliveries that wait or are being applied.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken == 0
    }

    pub(super) fn take(&mut self, delivery: Delivery) {
        self.taken += 1;
        let stream = (Arc::clone(&delivery.producer), delivery.lane);
        if let Some(waiting) = self.streams.get_mut(&stream) {
            waiting.push_back(delivery);
            return;
        }
        self.streams.insert(stream.clone(), VecDeque::from([delivery]));
        self.make_ready(stream);
    }

    /// The next batch; its stream gives no other until it is [released](Desk::release).
    pub(super) fn next_work(&mut self) -> Option<Work> {
        let (_, _, stream) = self.ready.pop_first()?;
        let waiting = self.streams.get_mut(&stream).map(std::mem::take).unwrap_or_default();
        let (mut entries, mut acks) = (Vec::new(), Vec::with_capacity(waiting.len()));
        let mut last_number = 0;
        for delivery in waiting {
            // A delivery that came again overlaps the first one.
            let new = delivery.entries.into_iter().filter(|(number, _)| *number > last_number);
            entries.extend(new);
            last_number = entries.last().map_or(0, |(number, _)| *number);
            acks.push(delivery.ack);
        }
        Some(Work { stream, entries, acks })
    }

    /// A stream's batch of that many deliveries has been applied, or has failed.
    pub(super) fn release(&mut self, stream: &Stream, deliveries: usize) {
        self.taken -= deliveries;
        if self.streams.get(stream).is_some_and(|waiting| !waiting.is_empty()) {
            self.make_ready(stream.clone());
        } else {
            self.streams.remove(stream);
        }
    }

    fn make_ready(&mut self, stream: Stream) {
        self.ready.insert((stream.1, self.ticket, stream));
        self.ticket += 1;
    }
}
