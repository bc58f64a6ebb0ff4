//! The consumer: takes deliveries, applies them to the store, acknowledges, and says which guilds have changed.
//!
//! Deliveries of one stream (producer and lane) are applied one after the other; all that gathered of it meanwhile
//! form the next batch. Different streams are applied side by side where the engine can, urgent ones first.

mod apply;
mod desk;
mod refusal;
mod retention;

use std::time::Duration;

use tokio::sync::broadcast;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::GuildId;
use vigie_relay::{Ack, Subscriber};
use vigie_store::{Engine, Store};

use crate::limits::{
    APPLYING_POSTGRES_MAX, APPLYING_SQLITE_MAX, DELIVERIES_TAKEN_MAX, PAUSE_FIRST_MS, PAUSE_MAX_MS,
    STOP_WAIT_MS,
};
use crate::{IngestError, StatsReader};
use apply::{Outcome, SetAside, apply};
use desk::Desk;

/// Brings deliveries into the store.
#[derive(Debug)]
pub struct Consumer {
    store: Store,
    subscriber: Subscriber,
    committed: broadcast::Sender<GuildId>,
    stats: StatsReader,
}

impl Consumer {
    /// A consumer that does nothing until it [runs](Consumer::run). Every guild that a committed batch was about is
    /// sent on `committed`, once a batch, after the commit.
    pub fn new(
        store: Store,
        subscriber: Subscriber,
        committed: broadcast::Sender<GuildId>,
    ) -> Self {
        Self { store, subscriber, committed, stats: StatsReader::default() }
    }

    /// Where to read what it has done.
    pub fn stats(&self) -> StatsReader {
        self.stats.clone()
    }

    /// Works until `stop` is cancelled (then transactions under way are finished, within
    /// [`STOP_WAIT_MS`]) or the publishing side is gone and everything is applied.
    /// Deliveries not applied then are left unacknowledged, and come again.
    /// Meanwhile, once an hour, it deletes what the store keeps for a while only.
    ///
    /// # Errors
    /// [`IngestError::Store`] when the store refuses a batch as a whole. Failures of the database are no errors here:
    /// they are tried again, and stand in the statistics meanwhile.
    pub async fn run(self, stop: CancellationToken) -> Result<(), IngestError> {
        let retention = retention::run(self.store.clone());
        tokio::select! {
            done = self.work(stop) => done,
            never = retention => match never {},
        }
    }

    async fn work(mut self, stop: CancellationToken) -> Result<(), IngestError> {
        let applying_max = match self.store.engine() {
            Engine::Sqlite => APPLYING_SQLITE_MAX,
            Engine::Postgres => APPLYING_POSTGRES_MAX,
        };
        let mut desk = Desk::default();
        let mut health = Health::default();
        let mut applying = JoinSet::new();
        let mut has_ended = false;
        while !stop.is_cancelled() {
            while !health.is_pausing()
                && applying.len() < applying_max
                && let Some(work) = desk.next_work()
            {
                applying.spawn(apply(self.store.clone(), work));
            }
            if has_ended && desk.is_empty() {
                return Ok(());
            }
            let takes_more = !has_ended && desk.taken() < DELIVERIES_TAKEN_MAX;
            tokio::select! {
                () = stop.cancelled() => {}
                delivery = self.subscriber.next(), if takes_more => match delivery {
                    Some(delivery) => desk.take(delivery),
                    None => has_ended = true,
                },
                Some(applied) = applying.join_next() => {
                    self.settle(joined(applied), &mut desk, &mut health)?;
                }
                () = health.pause_over(), if health.is_pausing() => health.end_pause(),
            }
        }
        self.finish(applying, desk, health).await
    }

    /// Answers the deliveries of a batch, and tells the world.
    fn settle(
        &self,
        outcome: Outcome,
        desk: &mut Desk,
        health: &mut Health,
    ) -> Result<(), IngestError> {
        let Outcome { stream, acks, set_aside, result } = outcome;
        desk.release(&stream, acks.len());
        match result {
            Ok(applied) => {
                health.well();
                let mut stats = self.stats.lock();
                stats.records += applied.applied;
                stats.repeats += applied.repeated;
                stats.batches += 1;
                for (kind, records) in applied.by_kind {
                    *stats.records_by_kind.entry(kind).or_default() += records;
                }
                stats.last_error = None;
                stats.last_commit_unix_ms = Some(apply::unix_ms());
                for SetAside { number, reason, words } in set_aside {
                    let (producer, lane) = (&stream.0, stream.1);
                    tracing::warn!(%producer, lane, number, reason, error = words, "Entry was set aside, it cannot be stored");
                    *stats.set_aside.entry(reason).or_default() += 1;
                }
                drop(stats);
                acks.into_iter().for_each(Ack::done);
                for guild in applied.guilds {
                    // Nobody may be listening; nothing depends on it.
                    let _ = self.committed.send(guild);
                }
                Ok(())
            }
            Err(error) if error.is_transient() => {
                let (words, pause_ms) = (error.to_string(), health.failed());
                // The first failure and then each doubling of their number: an outage does not flood the log.
                if health.failures_in_a_row.is_power_of_two() {
                    let failures = health.failures_in_a_row;
                    tracing::error!(error = %words, failures, pause_ms, "Batch was not stored, it will be tried again");
                }
                let mut stats = self.stats.lock();
                stats.failures += 1;
                stats.last_error = Some(words.clone());
                drop(stats);
                acks.into_iter().for_each(|ack| ack.retry(words.clone()));
                Ok(())
            }
            Err(error) => {
                let words = error.to_string();
                self.stats.lock().last_error = Some(words.clone());
                acks.into_iter().for_each(|ack| ack.retry(words.clone()));
                Err(IngestError::Store(error))
            }
        }
    }

    async fn finish(
        &self,
        mut applying: JoinSet<Outcome>,
        mut desk: Desk,
        mut health: Health,
    ) -> Result<(), IngestError> {
        let bound = Instant::now() + Duration::from_millis(STOP_WAIT_MS);
        while let Ok(Some(applied)) = tokio::time::timeout_at(bound, applying.join_next()).await {
            self.settle(joined(applied), &mut desk, &mut health)?;
        }
        Ok(())
    }
}

/// How the database fares: while it fails, work pauses, longer each time.
#[derive(Debug, Default)]
struct Health {
    failures_in_a_row: u32,
    pause_until: Option<Instant>,
}

impl Health {
    fn well(&mut self) {
        if self.failures_in_a_row > 0 {
            tracing::info!(failures = self.failures_in_a_row, "Database takes records again");
        }
        *self = Self::default();
    }

    /// Begins a pause; returns its length.
    fn failed(&mut self) -> u64 {
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        let doublings = (self.failures_in_a_row - 1).min(32);
        let pause_ms = (PAUSE_FIRST_MS << doublings).min(PAUSE_MAX_MS);
        self.pause_until = Some(Instant::now() + Duration::from_millis(pause_ms));
        pause_ms
    }

    fn is_pausing(&self) -> bool {
        self.pause_until.is_some()
    }

    async fn pause_over(&self) {
        if let Some(instant) = self.pause_until {
            tokio::time::sleep_until(instant).await;
        }
    }

    fn end_pause(&mut self) {
        self.pause_until = None;
    }
}

/// A batch's outcome; a panic while applying goes on here.
fn joined(applied: Result<Outcome, JoinError>) -> Outcome {
    applied.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => unreachable!("batches are aborted only when the set is dropped"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_double_until_the_longest_and_end_with_a_success() {
        let mut health = Health::default();
        let pauses: Vec<_> = (0..8).map(|_| health.failed()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert!(health.is_pausing());
        health.well();
        assert!(!health.is_pausing());
        assert_eq!(health.failed(), PAUSE_FIRST_MS);
    }
}
