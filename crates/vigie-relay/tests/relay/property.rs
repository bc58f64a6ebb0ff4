//! Any sequence of commits, answers, losses and crashes: every committed entry arrives at least once, in the order of
//! its stream, and is never forgotten before it was acknowledged; every producer finds the state that its commits have made.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use vigie_relay::{Commit, Delivery, Entry, Outbox, OutboxConfig, Recovery};

use crate::common::Line;

/// Entries of a delivery.
const BATCH: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    /// One commit: producer, lanes of its entries, whether it has a checkpoint, whether it has a journal frame.
    Commit(u8, Vec<u8>, bool, bool),
    /// Take the next delivery, if one can come, and answer it.
    Deliver(Reply),
    /// Stop and open again.
    Restart,
    /// Open a copy of the files as they are now; everything in memory is lost.
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Reply {
    Done,
    Retry,
    /// Applied by the consumer, but the answer is lost.
    Lost,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reply =
        prop_oneof![4 => Just(Reply::Done), 1 => Just(Reply::Retry), 1 => Just(Reply::Lost)];
    let step = prop_oneof![
        4 => (0..3u8, prop::collection::vec(0..3u8, 0..12), prop::bool::weighted(0.2), prop::bool::ANY)
            .prop_map(|(producer, lanes, flush, frame)| Step::Commit(producer, lanes, flush, frame)),
        5 => reply.prop_map(Step::Deliver),
        1 => Just(Step::Restart),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..60)
}

type Stream = (String, u8);

/// What must hold, as plain lists.
#[derive(Default)]
struct Truth {
    committed: BTreeMap<Stream, Vec<Bytes>>,
    /// Entries that the consumer holds, by the rule "a number seen before is a repeat".
    received: BTreeMap<Stream, Vec<Bytes>>,
    /// What each number that ever arrived stood for.
    seen: BTreeMap<(Stream, u64), Bytes>,
    cursors: BTreeMap<Stream, u64>,
    /// What each producer must find again.
    states: BTreeMap<String, Recovery>,
    serial: u64,
}

impl Truth {
    fn make(&mut self, producer: u8, lanes: &[u8], flush: bool, frame: bool) -> Commit {
        let producer = format!("bot/{producer}");
        let mut entries = Vec::new();
        for &lane in lanes {
            self.serial += 1;
            let bytes = Bytes::from(format!("{producer} {lane} {}", self.serial));
            self.committed.entry((producer.clone(), lane)).or_default().push(bytes.clone());
            entries.push(Entry { lane, bytes });
        }
        let text = Bytes::from(format!("{producer} {}", self.serial));
        let checkpoint = flush.then(|| text.clone());
        let journal = if frame { text } else { Bytes::new() };
        let state = self.states.entry(producer.clone()).or_default();
        if flush {
            *state = Recovery { checkpoint: checkpoint.clone(), ..Recovery::default() };
        }
        state.journal.extend(frame.then(|| journal.clone()));
        Commit { producer: producer.into(), entries, checkpoint, journal }
    }

    fn receive(&mut self, delivery: &Delivery) {
        let stream = (delivery.producer.to_string(), delivery.lane);
        let received = self.received.entry(stream.clone()).or_default();
        for (number, bytes) in &delivery.entries {
            let seen = self.seen.entry((stream.clone(), *number)).or_insert(bytes.clone());
            assert_eq!(seen, bytes, "{stream:?} number {number} stood for another entry");
            let cursor = self.cursors.entry(stream.clone()).or_default();
            if number > cursor {
                *cursor = *number;
                let next = &self.committed[&stream][received.len()];
                assert_eq!(next, bytes, "{stream:?} entry {number} came out of order");
                received.push(bytes.clone());
            }
        }
    }

    async fn check_states(&self, outbox: &Outbox) {
        for (producer, state) in &self.states {
            assert_eq!(&outbox.recover(producer).await.unwrap(), state, "{producer}");
        }
    }

    fn missing(&self) -> usize {
        let count =
            |lists: &BTreeMap<Stream, Vec<Bytes>>| lists.values().map(Vec::len).sum::<usize>();
        count(&self.committed) - count(&self.received)
    }
}

async fn play(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let mut truth = Truth::default();
    let mut line = Line::start(OutboxConfig::new(folder.path().join("0.db")), BATCH);
    for (index, step) in steps.into_iter().enumerate() {
        match step {
            Step::Commit(producer, lanes, flush, frame) => {
                let commit = truth.make(producer, &lanes, flush, frame);
                line.outbox.commit(commit).await.unwrap();
            }
            Step::Deliver(reply) if truth.missing() > 0 => {
                let delivery = line.subscriber.next().await.unwrap();
                answer(&mut truth, delivery, reply);
            }
            Step::Deliver(_) => {}
            Step::Restart => {
                line = Line::start(line.stop().await, BATCH);
                truth.check_states(&line.outbox).await;
            }
            Step::Crash => {
                let copy = folder.path().join(format!("{index}.db"));
                line = Line::start(line.crash(copy).await, BATCH);
                truth.check_states(&line.outbox).await;
            }
        }
    }
    while truth.missing() > 0 {
        let delivery = line.subscriber.next().await.expect("what is missing still comes");
        answer(&mut truth, delivery, Reply::Done);
    }
    let config = line.stop().await;
    assert_eq!(truth.received, truth.committed);
    // Whatever is still in the file is a repeat; what is next goes on with the next number.
    let line = Line::start(config, BATCH);
    let (stream, next) = (("bot/0".to_owned(), 1), truth.make(0, &[1], true, true));
    line.outbox.commit(next).await.unwrap();
    let mut line = line;
    while truth.received.get(&stream).map(Vec::len) != truth.committed.get(&stream).map(Vec::len) {
        let delivery = line.subscriber.next().await.unwrap();
        answer(&mut truth, delivery, Reply::Done);
    }
    truth.check_states(&line.outbox).await;
    line.stop().await;
}

fn answer(truth: &mut Truth, delivery: Delivery, reply: Reply) {
    match reply {
        Reply::Done => {
            truth.receive(&delivery);
            delivery.ack.done();
        }
        Reply::Retry => delivery.ack.retry("not now".to_owned()),
        Reply::Lost => {
            truth.receive(&delivery);
            drop(delivery);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_reordered_or_forgotten_too_early(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let played = async { tokio::time::timeout(Duration::from_secs(60), play(steps)).await };
        runtime.block_on(played).expect("what is missing still comes");
    }
}
