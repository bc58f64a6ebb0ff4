//! What the relay's tests share: commits with readable bytes, and a consumer that remembers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_relay::transport::in_process;
use vigie_relay::{
    Commit, Delivery, Entry, Outbox, OutboxConfig, RelayError, Sender, SenderConfig, Subscriber,
};

/// Bytes of one entry made by [`commit`].
pub const ENTRY_BYTES: usize = 64;

pub fn open(path: &Path) -> Outbox {
    open_with_room(path, 1 << 30)
}

pub fn open_with_room(path: &Path, pending_bytes_max: u64) -> Outbox {
    Outbox::open(OutboxConfig { pending_bytes_max, ..OutboxConfig::new(path) }).unwrap()
}

pub fn commit(producer: &str, lane: u8, entries: usize) -> Commit {
    let entry = Entry { lane, bytes: Bytes::from_static(&[b'e'; ENTRY_BYTES]) };
    Commit { producer: producer.into(), entries: vec![entry; entries], ..Commit::default() }
}

/// Bytes of that many entries.
pub fn sizes(entries: u64) -> u64 {
    entries * ENTRY_BYTES as u64
}

/// Everything that arrived, in order of arrival.
#[derive(Debug, Default)]
pub struct Arrived {
    streams: BTreeMap<(String, u8), Vec<(u64, Bytes)>>,
    pub largest_delivery: usize,
}

impl Arrived {
    pub fn take(&mut self, delivery: &Delivery) {
        let stream = (delivery.producer.to_string(), delivery.lane);
        self.streams.entry(stream).or_default().extend(delivery.entries.iter().cloned());
        self.largest_delivery = self.largest_delivery.max(delivery.entries.len());
    }

    pub fn numbers(&self, producer: &str, lane: u8) -> Vec<u64> {
        let stream = self.streams.get(&(producer.to_owned(), lane));
        stream.into_iter().flatten().map(|(number, _)| *number).collect()
    }

    /// The numbers with the first as 1: within one process a stream's numbers follow each other.
    pub fn places(&self, producer: &str, lane: u8) -> Vec<u64> {
        let numbers = self.numbers(producer, lane);
        numbers.iter().map(|number| number - numbers[0] + 1).collect()
    }

    pub fn total(&self) -> usize {
        self.streams.values().map(Vec::len).sum()
    }
}

/// Runs a sender and acknowledges everything until that many entries have arrived and been forgotten.
pub async fn collect(outbox: &Outbox, entries: usize) -> Arrived {
    let (publisher, mut subscriber) = in_process(4);
    let stop = CancellationToken::new();
    let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
    let running = tokio::spawn(sender.run(stop.clone()));
    let mut arrived = Arrived::default();
    while arrived.total() < entries {
        let delivery = subscriber.next().await.unwrap();
        arrived.take(&delivery);
        delivery.ack.done();
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    arrived
}

/// An outbox with a running sender that can be stopped, and killed.
pub struct Line {
    config: OutboxConfig,
    pub outbox: Outbox,
    pub subscriber: Subscriber,
    stop: CancellationToken,
    running: JoinHandle<Result<(), RelayError>>,
}

impl Line {
    /// With deliveries of at most so many entries.
    pub fn start(config: OutboxConfig, batch_entries_max: usize) -> Self {
        let outbox = Outbox::open(config.clone()).unwrap();
        let (publisher, subscriber) = in_process(2);
        let stop = CancellationToken::new();
        let pauses = SenderConfig { retry_first_ms: 1, retry_max_ms: 4, ..SenderConfig::default() };
        let sizes = SenderConfig { batch_entries_max, stop_wait_ms: 1, ..pauses };
        let running = tokio::spawn(Sender::new(outbox.clone(), publisher, sizes).run(stop.clone()));
        Self { config, outbox, subscriber, stop, running }
    }

    pub async fn stop(self) -> OutboxConfig {
        self.stop.cancel();
        drop(self.subscriber);
        self.running.await.unwrap().unwrap();
        self.outbox.close().await;
        self.config
    }

    /// The copy is made while the thread rests between two transactions or in one: a torn copy of the log is what a
    /// crash leaves, so only whole transactions count.
    pub async fn crash(self, copy: PathBuf) -> OutboxConfig {
        self.running.abort();
        let _ = self.running.await;
        let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
        std::fs::copy(&self.config.path, &copy).unwrap();
        std::fs::copy(log(&self.config.path), log(&copy)).unwrap();
        self.outbox.close().await;
        OutboxConfig { path: copy, ..self.config }
    }
}
