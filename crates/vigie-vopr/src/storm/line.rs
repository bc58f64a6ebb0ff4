//! The line behind the bot: outbox, sender, a transport that misbehaves, consumer, store.
//!
//! Real code and a real file; only the transport's queue is watched over by `misbehave`, which loses, repeats and refuses
//! deliveries. Whatever it does, the rows must come out right.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_ingest::Consumer;
use vigie_relay::transport::{Delivery, Publisher, Subscriber};
use vigie_relay::{Outbox, Sender, SenderConfig, transport};
use vigie_store::{Store, StoreConfig};

/// How long the line may take to become empty, in real time.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(60);

/// The running tasks between an open outbox and the store.
pub struct Line {
    store: Store,
    dice: fastrand::Rng,
    /// The far side takes nothing.
    away: Arc<AtomicBool>,
    running: Option<Running>,
}

struct Running {
    outbox: Outbox,
    stop: CancellationToken,
    sender: JoinHandle<Result<(), vigie_relay::RelayError>>,
    consumer: JoinHandle<Result<(), vigie_ingest::IngestError>>,
    shim: JoinHandle<()>,
}

impl Line {
    /// Opens the store; nothing moves yet.
    pub async fn open(folder: &Path, seed: u64) -> Result<Self> {
        let url = format!("sqlite://{}", database(folder).display());
        let store = Store::open(&StoreConfig { url, connections_max: 2 }).await?;
        let dice = fastrand::Rng::with_seed(seed ^ 0x11e);
        Ok(Self { store, dice, away: Arc::default(), running: None })
    }

    /// Begins to move what the outbox holds.
    pub fn start(&mut self, outbox: &Outbox) {
        let (publisher, watched) = transport::in_process(4);
        let (onward, subscriber) = transport::in_process(4);
        let (committed, _) = broadcast::channel(16);
        let stop = CancellationToken::new();
        // Pauses are short because they are real time; their growth is tested where it is made.
        let config = SenderConfig { retry_first_ms: 1, retry_max_ms: 4, ..SenderConfig::default() };
        let sender = Sender::new(outbox.clone(), publisher, config);
        let consumer = Consumer::new(self.store.clone(), subscriber, committed);
        let dice = self.dice.fork();
        let shim = misbehave(watched, onward, Arc::clone(&self.away), dice);
        self.running = Some(Running {
            outbox: outbox.clone(),
            sender: tokio::spawn(sender.run(stop.clone())),
            consumer: tokio::spawn(consumer.run(stop.clone())),
            shim: tokio::spawn(shim),
            stop,
        });
    }

    /// Whether the far side takes anything.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// Ends the tasks as a kill does: whatever they were doing stays undone.
    pub async fn kill(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.sender.abort();
        running.consumer.abort();
        running.shim.abort();
        let _ = tokio::join!(running.sender, running.consumer, running.shim);
    }

    /// Waits until everything in the outbox is stored.
    pub async fn drain(&self) -> Result<()> {
        let Some(running) = &self.running else { return Ok(()) };
        let drained = async {
            while running.outbox.stats().pending_entries > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let context = "the outbox did not become empty";
        tokio::time::timeout(DRAIN_TIMEOUT, drained).await.context(context)
    }

    /// Ends everything in order.
    pub async fn close(mut self) -> Result<()> {
        if let Some(running) = self.running.take() {
            running.stop.cancel();
            running.sender.await??;
            running.consumer.await??;
            running.shim.abort();
        }
        Ok(())
    }
}

/// The database of a storm.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("vigie.db")
}

/// Passes deliveries on, but now and then loses one, brings one twice, or brings back an old one after newer ones.
async fn misbehave(
    mut watched: Subscriber,
    onward: Publisher,
    away: Arc<AtomicBool>,
    mut dice: fastrand::Rng,
) {
    let mut old: Option<Delivery> = None;
    while let Some(delivery) = watched.next().await {
        if away.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(1)).await;
            delivery.ack.retry("the far side is away".to_owned());
            continue;
        }
        match dice.u32(0..20) {
            0 => drop(delivery.ack),
            1 => delivery.ack.retry("refused for no reason".to_owned()),
            2 => {
                // Taken, but the answer is lost on its way back.
                let _ = pass(&onward, copy(&delivery)).await;
                drop(delivery.ack);
            }
            3 => {
                let _ = pass(&onward, copy(&delivery)).await;
                let _ = onward.publish(delivery).await;
            }
            4 => {
                old = Some(copy(&delivery));
                let _ = onward.publish(delivery).await;
            }
            5 => {
                if let Some(old) = old.take() {
                    let _ = pass(&onward, old).await;
                }
                let _ = onward.publish(delivery).await;
            }
            _ => {
                let _ = onward.publish(delivery).await;
            }
        }
    }
}

/// The same entries once more; nobody waits for the answer.
fn copy(delivery: &Delivery) -> Delivery {
    let (ack, _) = transport::ack();
    let Delivery { producer, lane, entries, .. } = delivery;
    Delivery { producer: Arc::clone(producer), lane: *lane, entries: entries.clone(), ack }
}

async fn pass(onward: &Publisher, delivery: Delivery) -> Result<(), vigie_relay::RelayError> {
    onward.publish(delivery).await
}
