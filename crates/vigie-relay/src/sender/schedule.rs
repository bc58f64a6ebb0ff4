//! Whose turn it is: pure bookkeeping of the sender, without IO.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::URGENT_LANE;
use crate::limits::{OTHER_DELIVERIES_MAX, URGENT_DELIVERIES_MAX};
use crate::outbox::{StreamId, Tip};

/// How long a refused stream rests: doubling from the first to the longest pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    pub first_ms: u64,
    pub max_ms: u64,
}

impl Pause {
    /// The pause after this many refusals in a row (1 for the first).
    fn after(self, in_a_row: u32) -> u64 {
        let doublings = in_a_row.saturating_sub(1).min(63);
        self.first_ms.saturating_mul(1 << doublings).min(self.max_ms)
    }
}

/// A stream may send its next batch: whatever follows number `after`.
#[derive(Debug)]
pub(super) struct Turn {
    pub stream: StreamId,
    pub producer: Arc<str>,
    pub lane: u8,
    pub after: u64,
}

/// What to say about a refusal.
#[derive(Debug)]
pub(super) struct Refused {
    pub producer: Arc<str>,
    pub lane: u8,
    pub in_a_row: u32,
    pub pause_ms: u64,
}

/// All streams known to the sender: idle, ready, under way or resting.
#[derive(Debug)]
pub(super) struct Schedule {
    pause: Pause,
    streams: BTreeMap<StreamId, Stream>,
    /// Ready streams by lane, and within a lane by when they became ready: everyone gets a turn.
    ready_urgent: BTreeSet<(u64, StreamId)>,
    ready_other: BTreeSet<(u8, u64, StreamId)>,
    resting: BTreeSet<(Instant, StreamId)>,
    /// Grows by one for each stream that becomes ready.
    ticket: u64,
    urgent_under_way: usize,
    other_under_way: usize,
}

#[derive(Debug)]
struct Stream {
    producer: Arc<str>,
    lane: u8,
    done_number: u64,
    last_number: u64,
    refused_in_a_row: u32,
    /// Ready, under way or resting; not to be made ready once more.
    is_busy: bool,
}

impl Schedule {
    pub(super) fn new(pause: Pause) -> Self {
        Self {
            pause,
            streams: BTreeMap::new(),
            ready_urgent: BTreeSet::new(),
            ready_other: BTreeSet::new(),
            resting: BTreeSet::new(),
            ticket: 0,
            urgent_under_way: 0,
            other_under_way: 0,
        }
    }

    /// A stream has new entries, or is told for the first time.
    pub(super) fn grown(&mut self, tip: Tip) {
        let stream = self.streams.entry(tip.stream).or_insert(Stream {
            producer: tip.producer,
            lane: tip.lane,
            done_number: tip.done_number,
            last_number: 0,
            refused_in_a_row: 0,
            is_busy: false,
        });
        stream.last_number = stream.last_number.max(tip.last_number);
        self.make_ready(tip.stream);
    }

    /// The next stream to send from, if a slot is free: urgent ones have slots of their own.
    pub(super) fn next_turn(&mut self, now: Instant) -> Option<Turn> {
        self.end_rests(now);
        if self.urgent_under_way < URGENT_DELIVERIES_MAX
            && let Some((_, id)) = self.ready_urgent.pop_first()
        {
            self.urgent_under_way += 1;
            return Some(self.turn(id));
        }
        if self.other_under_way < OTHER_DELIVERIES_MAX
            && let Some((_, _, id)) = self.ready_other.pop_first()
        {
            self.other_under_way += 1;
            return Some(self.turn(id));
        }
        None
    }

    /// The delivery under way was acknowledged up to this number.
    pub(super) fn done(&mut self, id: StreamId, last_number: u64) {
        let stream = self.end_delivery(id);
        stream.done_number = last_number;
        stream.refused_in_a_row = 0;
        stream.is_busy = false;
        self.make_ready(id);
    }

    /// The delivery under way was refused: the stream rests.
    pub(super) fn refused(&mut self, id: StreamId, now: Instant) -> Refused {
        let pause = self.pause;
        let stream = self.end_delivery(id);
        stream.refused_in_a_row = stream.refused_in_a_row.saturating_add(1);
        let in_a_row = stream.refused_in_a_row;
        let pause_ms = pause.after(in_a_row);
        let refused = Refused {
            producer: Arc::clone(&stream.producer),
            lane: stream.lane,
            in_a_row,
            pause_ms,
        };
        self.resting.insert((now + Duration::from_millis(pause_ms), id));
        refused
    }

    /// When the next rest is over.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.resting.first().map(|&(instant, _)| instant)
    }

    fn end_rests(&mut self, now: Instant) {
        while let Some(&(instant, id)) = self.resting.first() {
            if instant > now {
                return;
            }
            self.resting.pop_first();
            self.stream(id).is_busy = false;
            self.make_ready(id);
        }
    }

    fn make_ready(&mut self, id: StreamId) {
        let ticket = self.ticket;
        let stream = self.stream(id);
        if stream.is_busy || stream.last_number <= stream.done_number {
            return;
        }
        stream.is_busy = true;
        let lane = stream.lane;
        self.ticket += 1;
        if lane == URGENT_LANE {
            self.ready_urgent.insert((ticket, id));
        } else {
            self.ready_other.insert((lane, ticket, id));
        }
    }

    fn end_delivery(&mut self, id: StreamId) -> &mut Stream {
        if self.stream(id).lane == URGENT_LANE {
            self.urgent_under_way -= 1;
        } else {
            self.other_under_way -= 1;
        }
        self.stream(id)
    }

    fn turn(&mut self, id: StreamId) -> Turn {
        let stream = self.stream(id);
        let producer = Arc::clone(&stream.producer);
        Turn { stream: id, producer, lane: stream.lane, after: stream.done_number }
    }

    fn stream(&mut self, id: StreamId) -> &mut Stream {
        self.streams.get_mut(&id).expect("only streams that were told have turns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause() -> Pause {
        Pause { first_ms: 100, max_ms: 1_000 }
    }

    fn tip(id: u32, lane: u8, last_number: u64) -> Tip {
        let stream = StreamId::for_test(id);
        Tip { stream, producer: "bot/0".into(), lane, done_number: 0, last_number }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<_> = [1, 2, 3, 4, 5, 200].map(|n| pause().after(n)).to_vec();
        assert_eq!(pauses, [100, 200, 400, 800, 1_000, 1_000]);
    }

    #[test]
    fn a_stream_is_under_way_once() {
        let mut schedule = Schedule::new(pause());
        let now = Instant::now();
        schedule.grown(tip(1, 1, 5));
        let turn = schedule.next_turn(now).unwrap();
        schedule.grown(tip(1, 1, 9));
        assert!(schedule.next_turn(now).is_none());
        schedule.done(turn.stream, 5);
        assert_eq!(schedule.next_turn(now).unwrap().after, 5);
        schedule.done(turn.stream, 9);
        assert!(schedule.next_turn(now).is_none());
    }

    #[test]
    fn urgent_has_slots_of_its_own() {
        let mut schedule = Schedule::new(pause());
        let now = Instant::now();
        (1..100).for_each(|id| schedule.grown(tip(id, 1, 1)));
        let mut under_way = 0;
        while schedule.next_turn(now).is_some() {
            under_way += 1;
        }
        assert_eq!(under_way, OTHER_DELIVERIES_MAX);
        schedule.grown(tip(200, 0, 1));
        assert_eq!(schedule.next_turn(now).unwrap().lane, 0);
    }

    #[test]
    fn every_stream_of_a_lane_gets_its_turn() {
        let mut schedule = Schedule::new(pause());
        let now = Instant::now();
        (1..=20).for_each(|id| schedule.grown(tip(id, 1, 10)));
        let mut turns = BTreeMap::new();
        for _ in 0..60 {
            let turn = schedule.next_turn(now).unwrap();
            *turns.entry(turn.stream).or_insert(0) += 1;
            schedule.done(turn.stream, turn.after + 1);
        }
        assert_eq!(turns.len(), 20);
        assert!(turns.values().all(|&count| count == 3));
    }

    #[test]
    fn a_refused_stream_rests_and_an_acknowledged_one_starts_over() {
        let mut schedule = Schedule::new(pause());
        let now = Instant::now();
        schedule.grown(tip(1, 1, 5));
        let turn = schedule.next_turn(now).unwrap();
        assert_eq!(schedule.refused(turn.stream, now).pause_ms, 100);
        assert!(schedule.next_turn(now).is_none());
        let later = schedule.next_wake().unwrap();
        let turn = schedule.next_turn(later).unwrap();
        assert_eq!(schedule.refused(turn.stream, later).pause_ms, 200);
        let turn = schedule.next_turn(schedule.next_wake().unwrap()).unwrap();
        schedule.done(turn.stream, 1);
        let turn = schedule.next_turn(later).unwrap();
        assert_eq!(schedule.refused(turn.stream, later).in_a_row, 1);
    }
}
