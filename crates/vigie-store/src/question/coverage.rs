//! The words of questions about coverage: since when a guild is heard, until when, and what was missed between.

use vigie_core::vocabulary::{CoverageFamily, CoverageSpan, GuildId, UnixMs};

/// What of a range was heard. What lies between `observed_from` and `heard_until` and in no span was heard as it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageAnswer {
    /// Since when each family is heard, in the order of [`CoverageFamily::ALL`]; `None` for never.
    pub observed_from: [Option<UnixMs>; CoverageFamily::ALL.len()],
    /// Until when the bot that hears this guild is known to have heard everything; `None` before it said so for the first time.
    /// After that instant nothing is known yet.
    pub heard_until: Option<UnixMs>,
    /// Recovered and blind spans that overlap the range, by family, then beginning; not cut at the range, possibly overlapping each
    /// other (blind wins). All of them: an outage adds three.
    pub spans: Vec<CoverageSpan>,
}

/// Which stretches of a guild's ledger to list: recovered and blind ones that overlap a range, latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerQuestion {
    /// Where.
    pub guild: GuildId,
    /// Ended after this instant (ms since 1970), or not at all yet.
    pub from_ms: i64,
    /// Begun before this instant (ms since 1970).
    pub to_ms: i64,
    /// Only of this family.
    pub family: Option<CoverageFamily>,
    /// Start after this row; `None` starts with the latest.
    pub after: Option<LedgerCursor>,
    /// Rows at most (bounded by [`crate::limits::LEDGER_ROWS_MAX`]).
    pub limit: u32,
}

/// The place in a ledger after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerCursor {
    /// Its beginning (ms since 1970).
    pub from_ms: i64,
    /// Its family.
    pub family: CoverageFamily,
}

/// A page of a guild's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerPage {
    /// The spans, latest beginning first; those that began together by family.
    pub spans: Vec<CoverageSpan>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<LedgerCursor>,
}

/// How well a guild is heard at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageHealth {
    /// Which guild.
    pub guild: GuildId,
    /// Since when anything of it is heard; `None` for never.
    pub observed_from: Option<UnixMs>,
    /// See [`CoverageAnswer::heard_until`].
    pub heard_until: Option<UnixMs>,
    /// Beginning of the earliest blind span that still goes on; `None` if the guild is heard.
    pub blind_since: Option<UnixMs>,
    /// Closed blind spans of messages that history may still fill: their number.
    pub recovering: u64,
}
