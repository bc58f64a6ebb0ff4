//! What a session was really told: for each of its guilds, the stretches whose dispatches reached it.
//!
//! A stretch begins after the instant of a GUILD_CREATE and lasts until an outage or the end of the session. Of an ended
//! session only what was sent counts; and where its client came back with a number, only what it had received.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{GuildId, UnixMs};

use crate::limits::LOST_TOLD_MAX;

/// Why a stretch of a guild was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No session had been told the guild yet.
    NoSession,
    /// The session ended before a new one was told the guild.
    SessionLost,
    /// The guild was in an outage.
    Outage,
    /// The dispatch was lost by fault.
    Lost,
    /// The client is away and has not gone on with its session yet: it may still be told.
    AwaitingResume,
    /// Our bot may not view the channel.
    Permission,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoSession => "no_session",
            Self::SessionLost => "session_lost",
            Self::Outage => "outage",
            Self::Lost => "lost",
            Self::AwaitingResume => "awaiting_resume",
            Self::Permission => "permission",
        }
    }
}

/// A stretch of a guild that was told: what happened after `from`, up to and including `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) from: UnixMs,
    pub(crate) to: UnixMs,
    /// Why it ended.
    pub(crate) end: Reason,
}

/// The books of one session.
#[derive(Debug, Default)]
pub(crate) struct Books {
    told: BTreeMap<GuildId, Vec<Told>>,
    open: BTreeMap<GuildId, UnixMs>,
    lost: Vec<(GuildId, UnixMs)>,
    /// The instant of the last frame sent that had one.
    sent_at: Option<UnixMs>,
    ended_at: Option<UnixMs>,
    /// What the client had, where it said so after the end.
    received_at: Option<UnixMs>,
    /// Numbers and instants of the frames kept when the session ended.
    times: Vec<(u64, UnixMs)>,
}

impl Books {
    pub(crate) fn open(&mut self, guild: GuildId, at: UnixMs) {
        self.open.entry(guild).or_insert(at);
    }

    pub(crate) fn close(&mut self, guild: GuildId, at: UnixMs) {
        if let Some(from) = self.open.remove(&guild) {
            self.told.entry(guild).or_default().push(Told { from, to: at, end: Reason::Outage });
        }
    }

    pub(crate) fn lose(&mut self, guild: GuildId, at: UnixMs) {
        if self.lost.len() < LOST_TOLD_MAX {
            self.lost.push((guild, at));
        }
    }

    pub(crate) fn lost(&self) -> &[(GuildId, UnixMs)] {
        &self.lost
    }

    pub(crate) fn sent(&mut self, at: Option<UnixMs>) {
        self.sent_at = at.max(self.sent_at);
    }

    /// The session is over at this instant; `times` are those of the frames it kept.
    pub(crate) fn end(&mut self, at: UnixMs, times: Vec<(u64, UnixMs)>) {
        if self.ended_at.is_none() {
            self.ended_at = Some(at);
            self.times = times;
        }
    }

    /// The client of the ended session had its dispatches up to this number only.
    pub(crate) fn received(&mut self, sequence: u64, last: u64) {
        let before = self.times.partition_point(|(number, _)| *number <= sequence);
        let had = before.checked_sub(1).and_then(|place| self.times.get(place));
        if sequence < last {
            self.received_at = had.map(|(_, at)| *at).or(self.received_at);
        }
    }

    /// What was told of a guild up to `now`; `all_sent` says whether nothing waits to be sent, `connected` whether a client
    /// is there.
    pub(crate) fn told(
        &self,
        guild: GuildId,
        now: UnixMs,
        all_sent: bool,
        connected: bool,
    ) -> Vec<Told> {
        let sent_at = self.sent_at.unwrap_or(UnixMs(i64::MIN));
        let (until, end) = match self.ended_at {
            None if connected || all_sent => (now, Reason::SessionLost),
            None => (sent_at, Reason::AwaitingResume),
            Some(end) => {
                let sent = if all_sent { end } else { sent_at };
                (sent.min(self.received_at.unwrap_or(end)), Reason::SessionLost)
            }
        };
        let closed = self.told.get(&guild).into_iter().flatten().copied();
        let open = self.open.get(&guild).map(|&from| Told { from, to: now, end });
        let cut = closed.chain(open).filter(|told| told.from <= until);
        cut.map(|told| match told.to > until {
            true => Told { to: until, end, ..told },
            false => told,
        })
        .collect()
    }
}

/// The gaps between stretches from `start` to `now`, each with why it began.
pub(crate) fn gaps(mut told: Vec<Told>, start: UnixMs, now: UnixMs) -> Vec<Told> {
    told.sort_by_key(|told| told.from);
    let mut gaps = Vec::new();
    let (mut until, mut why) = (start, Reason::NoSession);
    for stretch in told {
        if stretch.from > until {
            gaps.push(Told { from: until, to: stretch.from, end: why });
        }
        if stretch.to >= until {
            (until, why) = (stretch.to, stretch.end);
        }
    }
    if until < now {
        gaps.push(Told { from: until, to: now, end: why });
    }
    gaps
}

/// The union of stretches, sorted and apart.
pub(crate) fn union(mut told: Vec<Told>) -> Vec<(UnixMs, UnixMs)> {
    told.sort_by_key(|told| told.from);
    let mut union: Vec<(UnixMs, UnixMs)> = Vec::new();
    for stretch in told.into_iter().filter(|told| told.from < told.to) {
        match union.last_mut() {
            Some(last) if last.1 >= stretch.from => last.1 = last.1.max(stretch.to),
            _ => union.push((stretch.from, stretch.to)),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: GuildId = GuildId(7);

    fn at(ms: i64) -> UnixMs {
        UnixMs(ms)
    }

    fn shown(books: &Books, now: i64, all_sent: bool) -> String {
        let gaps = gaps(books.told(GUILD, at(now), all_sent, false), at(0), at(now));
        let texts =
            gaps.iter().map(|gap| format!("{}-{} {}", gap.from.0, gap.to.0, gap.end.name()));
        texts.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn gaps_say_from_when_to_when_and_why() {
        let mut books = Books::default();
        assert_eq!(shown(&books, 10, true), "0-10 no_session");
        books.open(GUILD, at(10));
        assert_eq!(shown(&books, 90, true), "0-10 no_session");
        books.close(GUILD, at(40));
        books.open(GUILD, at(60));
        books.sent(Some(at(75)));
        assert_eq!(shown(&books, 90, true), "0-10 no_session, 40-60 outage");
        let waits = "0-10 no_session, 40-60 outage, 75-90 awaiting_resume";
        assert_eq!(shown(&books, 90, false), waits);
        books.end(at(80), vec![(1, at(10)), (2, at(60)), (3, at(70)), (4, at(75)), (5, at(78))]);
        assert_eq!(shown(&books, 90, true), "0-10 no_session, 40-60 outage, 80-90 session_lost");
        assert_eq!(shown(&books, 90, false), "0-10 no_session, 40-60 outage, 75-90 session_lost");
        books.received(3, 5);
        assert_eq!(shown(&books, 90, true), "0-10 no_session, 40-60 outage, 70-90 session_lost");
        books.received(1, 5);
        assert_eq!(shown(&books, 90, true), "0-10 no_session, 10-90 session_lost");
    }

    #[test]
    fn stretches_that_touch_are_one() {
        let told = |from, to| Told { from: at(from), to: at(to), end: Reason::Outage };
        let union = union(vec![told(5, 9), told(0, 3), told(3, 4), told(6, 7)]);
        assert_eq!(union, [(at(0), at(4)), (at(5), at(9))]);
    }
}
