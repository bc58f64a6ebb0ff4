//! What a desk wants to ask Discord's HTTP API, and what it makes of the answers.

use vigie_core::PageRequest;
use vigie_core::vocabulary::{Fact, HistoryRefusal, ReadingRequest, UnixMs};

use super::Desk;
use crate::lens::{self, SetAside};
use crate::readings::Answer;

impl Desk {
    /// The page of history to ask for now; the same one until [`Desk::page`] has its answer.
    pub fn page_wanted(&self) -> Option<PageRequest> {
        self.core.next_page()
    }

    /// Counts a page that was asked for: the answer as Discord wrote it, or why there is none. Gives the reason for which a
    /// page could not be read.
    pub fn page(
        &mut self,
        now: UnixMs,
        request: PageRequest,
        answer: Result<&str, HistoryRefusal>,
    ) -> Option<&'static str> {
        let refused = |refusal| Fact::HistoryRefused(request.channel, request.after, refusal);
        let is_off = self.switches.is_off(request.guild, "MESSAGE_CREATE");
        let (fact, unread) = match answer.map(|text| lens::read_history(text, &request)) {
            Ok(Ok(mut page)) => {
                // Answered for, not counted.
                page.messages.retain(|_| !is_off);
                (Fact::History(page), None)
            }
            Ok(Err(SetAside { reason })) => (refused(HistoryRefusal::Refused), Some(reason)),
            Err(refusal) => (refused(refusal), None),
        };
        self.fact(now, self.sequence(), fact);
        self.keep_bounds(now);
        unread
    }

    /// What to read of a guild now; the same until [`Desk::reading`] has its answer. Nothing while the connection is away: what is read
    /// would be ahead of what is heard. What nobody wants to know, because its events are switched off, is refused here.
    pub fn reading_wanted(&mut self, now: UnixMs) -> Option<ReadingRequest> {
        if self.away.is_some() {
            return None;
        }
        let mut refused = None;
        loop {
            let request = self.core.next_reading()?;
            if !self.switches.forbids(request) {
                return Some(request);
            }
            if refused == Some(request) {
                return None;
            }
            self.reading(now, request, Err(HistoryRefusal::Refused));
            refused = Some(request);
        }
    }

    /// Hears what was read: the answer as Discord wrote it, or why there is none. Gives the reason for which an answer could not be
    /// read.
    pub fn reading(
        &mut self,
        now: UnixMs,
        request: ReadingRequest,
        answer: Result<&Answer, HistoryRefusal>,
    ) -> Option<&'static str> {
        let (fact, unread) = match answer.map(|answer| answer.fact(request)) {
            Ok(Ok(fact)) => (fact, None),
            Ok(Err(SetAside { reason })) => {
                (Fact::ReadingRefused(request, HistoryRefusal::Refused), Some(reason))
            }
            Err(refusal) => (Fact::ReadingRefused(request, refusal), None),
        };
        self.fact(now, self.sequence(), fact);
        self.keep_bounds(now);
        unread
    }
}
