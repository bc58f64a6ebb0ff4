//! What the sender promises: order, repetition until acknowledged, urgent first, bounded memory, a prompt end.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_relay::limits::OTHER_DELIVERIES_MAX;
use vigie_relay::transport::in_process;
use vigie_relay::{Outbox, RelayError, Sender, SenderConfig, Subscriber};

use crate::common::{Arrived, ENTRY_BYTES, collect, commit, open};

/// An outbox in a folder of its own with a running sender, and the place where deliveries arrive.
struct Line {
    outbox: Outbox,
    subscriber: Subscriber,
    stop: CancellationToken,
    running: JoinHandle<Result<(), RelayError>>,
    _folder: tempfile::TempDir,
}

fn line(config: SenderConfig) -> Line {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(&folder.path().join("outbox.db"));
    let (publisher, subscriber) = in_process(64);
    let stop = CancellationToken::new();
    let sender = Sender::new(outbox.clone(), publisher, config);
    let running = tokio::spawn(sender.run(stop.clone()));
    Line { outbox, subscriber, stop, running, _folder: folder }
}

fn small_batches() -> SenderConfig {
    SenderConfig { batch_entries_max: 10, retry_first_ms: 5, ..SenderConfig::default() }
}

#[tokio::test]
async fn wakes_on_commit_and_delivers_in_order_within_both_bounds() {
    let mut line = line(small_batches());
    let mut arrived = Arrived::default();
    for _ in 0..5 {
        line.outbox.commit(commit("bot/0", 1, 25)).await.unwrap();
        while !arrived.total().is_multiple_of(25) || arrived.total() == 0 {
            let delivery = line.subscriber.next().await.unwrap();
            arrived.take(&delivery);
            delivery.ack.done();
        }
        let delivery = line.subscriber.try_next();
        assert!(delivery.is_none(), "nothing is delivered twice unasked");
        line.outbox.commit(commit("bot/0", 1, 25)).await.unwrap();
        for _ in 0..3 {
            let delivery = line.subscriber.next().await.unwrap();
            arrived.take(&delivery);
            delivery.ack.done();
        }
    }
    assert_eq!(arrived.places("bot/0", 1), (1..=arrived.total() as u64).collect::<Vec<_>>());
    assert_eq!(arrived.largest_delivery, 10);
}

#[tokio::test]
async fn a_batch_holds_the_bytes_allowed_but_always_one_entry() {
    let bytes = ENTRY_BYTES * 3;
    let mut line = line(SenderConfig { batch_bytes_max: bytes, ..SenderConfig::default() });
    line.outbox.commit(commit("bot/0", 1, 7)).await.unwrap();
    let mut large = commit("bot/0", 1, 1);
    large.entries[0].bytes = vec![1; bytes * 10].into();
    line.outbox.commit(large).await.unwrap();
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 8 {
        let delivery = line.subscriber.next().await.unwrap();
        sizes.push(delivery.entries.len());
        delivery.ack.done();
    }
    assert_eq!(sizes, [3, 3, 1, 1]);
}

#[tokio::test]
async fn refused_and_unanswered_deliveries_come_again() {
    let mut line = line(small_batches());
    line.outbox.commit(commit("bot/0", 1, 15)).await.unwrap();
    let mut first = None;
    for round in 0..6 {
        let delivery = line.subscriber.next().await.unwrap();
        let numbers: Vec<_> = delivery.entries.iter().map(|(number, _)| *number).collect();
        let first = *first.get_or_insert(numbers[0]);
        assert_eq!(numbers, (first..first + 10).collect::<Vec<_>>(), "round {round}");
        if round % 2 == 0 {
            delivery.ack.retry("the database is away".to_owned());
        } else {
            drop(delivery);
        }
    }
    assert_eq!(line.outbox.stats().pending_entries, 15, "nothing is forgotten before its time");
    let first = first.unwrap();
    for expected in [first, first + 10] {
        let delivery = line.subscriber.next().await.unwrap();
        assert_eq!(delivery.entries[0].0, expected);
        delivery.ack.done();
    }
}

#[tokio::test]
async fn one_refused_stream_does_not_hold_up_the_others() {
    let mut line = line(small_batches());
    line.outbox.commit(commit("bad/0", 1, 5)).await.unwrap();
    line.outbox.commit(commit("good/0", 1, 100)).await.unwrap();
    let mut arrived = Arrived::default();
    while arrived.numbers("good/0", 1).len() < 100 {
        let delivery = line.subscriber.next().await.unwrap();
        if &*delivery.producer == "bad/0" {
            delivery.ack.retry("never".to_owned());
            continue;
        }
        arrived.take(&delivery);
        delivery.ack.done();
    }
    assert_eq!(arrived.places("good/0", 1), (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_hour_of_backlog_neither_starves_urgent_entries_nor_fills_the_memory() {
    const BATCH_BYTES: usize = 64 << 10;
    let mut line = line(SenderConfig { batch_bytes_max: BATCH_BYTES, ..SenderConfig::default() });
    // 16 shards of 30 guilds, a window of 600 B of each in every minute: 17 MB.
    for shard in 0..16 {
        let mut hour = commit(&format!("bot/{shard}"), 1, 60 * 30);
        let window = bytes::Bytes::from(vec![b'w'; 600]);
        hour.entries.iter_mut().for_each(|entry| entry.bytes = window.clone());
        line.outbox.commit(hour).await.unwrap();
    }
    // Nobody answers: what is under way stays within the slots, whatever the backlog.
    let mut unanswered = Vec::new();
    while unanswered.len() < OTHER_DELIVERIES_MAX {
        unanswered.push(line.subscriber.next().await.unwrap());
    }
    let producers: BTreeSet<_> = unanswered.iter().map(|d| d.producer.clone()).collect();
    assert_eq!(producers.len(), OTHER_DELIVERIES_MAX, "one delivery of a stream at a time");
    let sizes = unanswered.iter().flat_map(|delivery| &delivery.entries).map(|entry| entry.1.len());
    let bytes: usize = sizes.sum();
    assert!(bytes <= OTHER_DELIVERIES_MAX * BATCH_BYTES, "{bytes} bytes under way");
    line.outbox.commit(commit("bot/7", 0, 3)).await.unwrap();
    let urgent = line.subscriber.next().await.unwrap();
    assert_eq!((urgent.lane, urgent.entries.len()), (0, 3), "only the urgent one still comes");
    urgent.ack.done();
    assert!(line.subscriber.try_next().is_none());
    for delivery in unanswered {
        delivery.ack.done();
    }
    // While the backlog drains, each urgent commit overtakes all but what is already under way.
    for _ in 0..20 {
        line.outbox.commit(commit("bot/7", 0, 1)).await.unwrap();
        let mut others = 0;
        loop {
            let delivery = line.subscriber.next().await.unwrap();
            let is_urgent = delivery.lane == 0;
            delivery.ack.done();
            if is_urgent {
                break;
            }
            others += 1;
        }
        assert!(others <= 40, "{others} deliveries before the urgent one");
    }
}

#[tokio::test]
async fn stopping_takes_the_answers_under_way_but_does_not_wait_for_ever() {
    let Line { outbox, mut subscriber, stop, running, _folder } =
        line(SenderConfig { stop_wait_ms: 50, ..small_batches() });
    outbox.commit(commit("bot/0", 1, 5)).await.unwrap();
    outbox.commit(commit("bot/1", 1, 5)).await.unwrap();
    let first = subscriber.next().await.unwrap();
    let second = subscriber.next().await.unwrap();
    stop.cancel();
    first.ack.done();
    running.await.unwrap().unwrap();
    second.ack.done(); // too late: it will come again
    let again = collect(&outbox, 5).await;
    assert_eq!(again.places(&second.producer, 1), [1, 2, 3, 4, 5]);
    assert_eq!(again.total(), 5);
    drop(subscriber);
}

#[tokio::test]
async fn an_outbox_has_one_sender_and_a_sender_needs_a_receiver() {
    let line = line(small_batches());
    line.outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    let (publisher, _subscriber) = in_process(1);
    let second = Sender::new(line.outbox.clone(), publisher, SenderConfig::default());
    tokio::task::yield_now().await;
    let refused = second.run(CancellationToken::new()).await;
    assert!(matches!(refused, Err(RelayError::SenderRunning)));
    drop(line.subscriber);
    line.outbox.commit(commit("bot/1", 1, 1)).await.unwrap();
    let ended = line.running.await.unwrap();
    assert!(matches!(ended, Err(RelayError::TransportClosed)));
}

#[tokio::test(start_paused = true)]
async fn pauses_after_refusals_double_up_to_the_longest() {
    let config = SenderConfig { retry_first_ms: 100, retry_max_ms: 1_000, ..small_batches() };
    let mut line = line(config);
    line.outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let delivery = line.subscriber.next().await.unwrap();
        let refused_at = tokio::time::Instant::now();
        delivery.ack.retry("not now".to_owned());
        let delivery = line.subscriber.next().await.unwrap();
        pauses.push(refused_at.elapsed());
        delivery.ack.retry("not now".to_owned());
    }
    let expected = [100, 400, 1_000, 1_000, 1_000, 1_000, 1_000];
    for (pause, expected) in pauses.iter().zip(expected.map(Duration::from_millis)) {
        assert!(*pause >= expected && *pause < expected * 3 / 2, "{pauses:?}");
    }
}
