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

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::RangeInclusive;
    use vigie_relay::transport::ack;

    fn delivery(producer: &str, lane: u8, numbers: RangeInclusive<u64>) -> Delivery {
        let entries = numbers.map(|number| (number, Bytes::new())).collect();
        Delivery { producer: producer.into(), lane, entries, ack: ack().0 }
    }

    fn next(desk: &mut Desk) -> Option<(String, u8, Vec<u64>, usize)> {
        let Work { stream, entries, acks } = desk.next_work()?;
        let numbers = entries.into_iter().map(|(number, _)| number).collect();
        Some((stream.0.to_string(), stream.1, numbers, acks.len()))
    }

    #[test]
    fn urgent_lanes_first_then_in_order_of_arrival() {
        let mut desk = Desk::default();
        for (producer, lane) in [("b", 1), ("a", 1), ("c", 0), ("d", 2)] {
            desk.take(delivery(producer, lane, 1..=1));
        }
        let order: Vec<_> = std::iter::from_fn(|| next(&mut desk)).map(|work| work.0).collect();
        assert_eq!(order, ["c", "b", "a", "d"]);
    }

    #[test]
    fn what_gathers_of_a_stream_is_its_next_batch_without_the_overlap() {
        let mut desk = Desk::default();
        desk.take(delivery("a", 1, 1..=3));
        assert_eq!(next(&mut desk), Some(("a".into(), 1, vec![1, 2, 3], 1)));
        desk.take(delivery("a", 1, 1..=5));
        desk.take(delivery("a", 1, 2..=4));
        desk.take(delivery("a", 1, 4..=7));
        assert_eq!(next(&mut desk), None, "the stream is being applied");
        assert_eq!(desk.taken(), 4);
        desk.release(&("a".into(), 1), 1);
        assert_eq!(next(&mut desk), Some(("a".into(), 1, (1..=7).collect(), 3)));
        desk.release(&("a".into(), 1), 3);
        assert!(desk.is_empty() && next(&mut desk).is_none());
    }
}
