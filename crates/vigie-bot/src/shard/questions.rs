//! What a shard asks Discord's HTTP API: pages of history in one lane, what is read of guilds in another.

use vigie_core::PageRequest;
use vigie_core::vocabulary::{HistoryRefusal, ReadingRequest, UnixMs};

use super::ShardTask;
use crate::history;
use crate::readings::{self, Answer};
use crate::rest::Asker;
use crate::status::{RestLane, ShardState};

impl ShardTask {
    /// Asks for the next page of history, while the session stands: one at a time.
    pub(super) fn start_page(&mut self) {
        // While nothing can be kept, nothing more is asked for.
        if self.page.is_some() || self.state != ShardState::Ready || self.desk.is_full() {
            return;
        }
        let Some(request) = self.desk.page_wanted() else { return };
        let (rest, asker) = (self.rest.clone(), self.asker(RestLane::History));
        self.page =
            Some(Box::pin(async move { (request, history::page(rest, request, asker).await) }));
    }

    pub(super) fn page(&mut self, request: PageRequest, answer: Result<&str, &HistoryRefusal>) {
        self.page = None;
        let answer = answer.map_err(|refusal| *refusal);
        if let Err(refusal) = answer {
            tracing::info!(
                channel.id = request.channel.0,
                ?refusal,
                "history of a channel cannot be read"
            );
        }
        if let Some(reason) = self.desk.page(self.clock.now(), request, answer) {
            self.tallies.tally().set_aside(reason);
        }
        self.note_status();
    }

    /// Asks for what the core wants to know of a guild, while the session stands: one thing at a time, beside history. What it does
    /// not want any more (the guild was lost, the connection is away) is given up.
    pub(super) fn start_reading(&mut self, now: UnixMs) {
        if self.reading.is_some() && self.state == ShardState::Ready {
            let wanted = self.desk.reading_wanted(now);
            if wanted == self.reading_of {
                return;
            }
        }
        self.drop_reading();
        if self.state != ShardState::Ready || self.desk.is_full() {
            return;
        }
        let Some(request) = self.desk.reading_wanted(now) else { return };
        self.reading_of = Some(request);
        self.tallies.tally().shard.readings.current = Some(request.what());
        let (rest, asker) = (self.rest.clone(), self.asker(RestLane::Readings));
        self.reading =
            Some(Box::pin(async move { (request, readings::read(rest, request, asker).await) }));
    }

    fn drop_reading(&mut self) {
        if self.reading_of.take().is_some() {
            self.reading = None;
            let readings = &mut self.tallies.tally().shard.readings;
            (readings.current, readings.waiting_until_unix_ms) = (None, None);
        }
    }

    pub(super) fn reading(
        &mut self,
        request: ReadingRequest,
        answer: Result<&Answer, &HistoryRefusal>,
    ) {
        self.drop_reading();
        let answer = answer.map_err(|refusal| *refusal);
        let (guild, reading) = request.what();
        if let Err(refusal) = answer {
            tracing::info!(guild.id = guild.0, ?reading, ?refusal, "a guild cannot be read");
        }
        let unread = self.desk.reading(self.clock.now(), request, answer);
        let mut tally = self.tallies.tally();
        match answer {
            Ok(_) => tally.shard.readings.answered += 1,
            Err(_) => tally.shard.readings.refused += 1,
        }
        if let Some(reason) = unread {
            tally.set_aside(reason);
        }
        drop(tally);
        self.note_status();
    }

    fn asker(&self, lane: RestLane) -> Asker {
        Asker { lane, tallies: self.tallies.clone() }
    }
}
