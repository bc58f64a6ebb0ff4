//! The sender: reads bounded batches from the outbox, publishes them, and lets the outbox forget what was acknowledged.
//!
//! One delivery of a stream is under way at a time, which keeps its order; many streams are under way at once. It wakes
//! on commits, answers and ends of pauses, never on a clock. Memory: at most
//! ([`URGENT_DELIVERIES_MAX`](crate::limits::URGENT_DELIVERIES_MAX) +
//! [`OTHER_DELIVERIES_MAX`](crate::limits::OTHER_DELIVERIES_MAX)) × `batch_bytes_max`, however long the backlog.

mod schedule;

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::RelayError;
use crate::limits::{
    BATCH_BYTES_DEFAULT, BATCH_ENTRIES_DEFAULT, RETRY_FIRST_MS, RETRY_MAX_MS, STOP_WAIT_MS,
};
use crate::outbox::{Acknowledged, Outbox};
use crate::transport::{Answer, Delivery, Publisher, ack};
use schedule::{Pause, Schedule, Turn};

/// Sizes and pauses of a [`Sender`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderConfig {
    /// Entries in one delivery at most (at least one travels).
    pub batch_entries_max: usize,
    /// Bytes in one delivery at most; a larger entry travels alone.
    pub batch_bytes_max: usize,
    /// Pause after a refused delivery; doubles with each refusal in a row of the same stream.
    pub retry_first_ms: u64,
    /// Longest pause.
    pub retry_max_ms: u64,
    /// How long stopping waits for the answers to deliveries under way.
    pub stop_wait_ms: u64,
}

impl Default for SenderConfig {
    fn default() -> Self {
        Self {
            batch_entries_max: BATCH_ENTRIES_DEFAULT,
            batch_bytes_max: BATCH_BYTES_DEFAULT,
            retry_first_ms: RETRY_FIRST_MS,
            retry_max_ms: RETRY_MAX_MS,
            stop_wait_ms: STOP_WAIT_MS,
        }
    }
}

/// Carries the outbox's entries to the transport, at least once, each stream in order.
#[derive(Debug)]
pub struct Sender {
    outbox: Outbox,
    publisher: Publisher,
    config: SenderConfig,
}

impl Sender {
    /// A sender that does nothing until it [runs](Sender::run).
    pub fn new(outbox: Outbox, publisher: Publisher, config: SenderConfig) -> Self {
        Self { outbox, publisher, config }
    }

    /// Delivers until `stop` is cancelled, then waits up to `stop_wait_ms` for deliveries under way.
    ///
    /// # Errors
    /// `SenderRunning` when the outbox already has a sender; `TransportClosed` when nobody receives any more; `Closed`
    /// when the outbox was closed. An outbox that cannot be read for now is no error: it is asked again after a pause.
    pub async fn run(self, stop: CancellationToken) -> Result<(), RelayError> {
        let _claim = self.outbox.claim_sender()?;
        let pause =
            Pause { first_ms: self.config.retry_first_ms, max_ms: self.config.retry_max_ms };
        let mut schedule = Schedule::new(pause);
        for tip in self.outbox.survey().await? {
            schedule.grown(tip);
        }
        let mut deliveries = JoinSet::new();
        while !stop.is_cancelled() {
            while let Some(turn) = schedule.next_turn(Instant::now()) {
                deliveries.spawn(self.delivery(turn));
            }
            let pause_over = schedule.next_wake();
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox.committed() => {
                    self.outbox.take_tips().into_iter().for_each(|tip| schedule.grown(tip));
                }
                Some(delivered) = deliveries.join_next() => {
                    self.settle(joined(delivered), &mut schedule, stop.is_cancelled())?;
                }
                () = until(pause_over), if pause_over.is_some() => {}
            }
        }
        self.finish(deliveries, schedule).await
    }

    /// Reads, publishes, and waits for the answer.
    fn delivery(&self, turn: Turn) -> impl Future<Output = Result<Delivered, RelayError>> + use<> {
        let (outbox, publisher, config) =
            (self.outbox.clone(), self.publisher.clone(), self.config);
        async move {
            let Turn { stream, producer, lane, after } = turn;
            let (entries_max, bytes_max) = (config.batch_entries_max, config.batch_bytes_max);
            let batch = match outbox.read(stream, after, entries_max, bytes_max).await {
                Ok(batch) => batch,
                Err(error) if error.may_pass() => {
                    let range = Acknowledged { stream, last_number: after, entries: 0, bytes: 0 };
                    return Ok(Delivered { range, answer: Answer::Retry(error.to_string()) });
                }
                Err(error) => return Err(error),
            };
            let (last_number, count) = (batch.last_number, batch.entries.len() as u64);
            let range = Acknowledged { stream, last_number, entries: count, bytes: batch.bytes };
            if count == 0 {
                return Ok(Delivered { range, answer: Answer::Done });
            }
            let (ack, answered) = ack();
            let entries = batch.entries;
            publisher.publish(Delivery { producer, lane, entries, ack }).await?;
            Ok(Delivered { range, answer: answered.wait().await })
        }
    }

    fn settle(
        &self,
        delivered: Result<Delivered, RelayError>,
        schedule: &mut Schedule,
        is_stopping: bool,
    ) -> Result<(), RelayError> {
        let Delivered { range, answer } = match delivered {
            Ok(delivered) => delivered,
            // The other side may stop first: what it did not answer is delivered again at the next start.
            Err(RelayError::TransportClosed) if is_stopping => return Ok(()),
            Err(error) => return Err(error),
        };
        match answer {
            Answer::Done => {
                self.outbox.acknowledge(range);
                schedule.done(range.stream, range.last_number);
            }
            Answer::Retry(reason) => {
                let refused = schedule.refused(range.stream, Instant::now());
                // The first refusal and then each doubling of their number: an outage does not flood the log.
                if refused.in_a_row.is_power_of_two() {
                    let (producer, lane) = (&refused.producer, refused.lane);
                    let (in_a_row, pause_ms) = (refused.in_a_row, refused.pause_ms);
                    tracing::warn!(%producer, lane, %reason, in_a_row, pause_ms, "Delivery was refused, it will be repeated");
                }
            }
        }
        Ok(())
    }

    async fn finish(
        &self,
        mut deliveries: JoinSet<Result<Delivered, RelayError>>,
        mut schedule: Schedule,
    ) -> Result<(), RelayError> {
        let bound = Instant::now() + Duration::from_millis(self.config.stop_wait_ms);
        loop {
            match tokio::time::timeout_at(bound, deliveries.join_next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(delivered)) => self.settle(joined(delivered), &mut schedule, true)?,
                Err(_) => {
                    tracing::info!(
                        given_up = deliveries.len(),
                        "Sender stopped before all answers came"
                    );
                    return Ok(());
                }
            }
        }
    }
}

/// A delivery that was answered.
#[derive(Debug)]
struct Delivered {
    range: Acknowledged,
    answer: Answer,
}

/// A delivery's own result; a panic inside goes on here.
fn joined(
    delivered: Result<Result<Delivered, RelayError>, tokio::task::JoinError>,
) -> Result<Delivered, RelayError> {
    delivered.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => unreachable!("deliveries are aborted only when the set is dropped"),
    })
}

async fn until(instant: Option<Instant>) {
    if let Some(instant) = instant {
        tokio::time::sleep_until(instant).await;
    }
}
