//! What must have been heard, as the coverage ledger says.

use vigie_core::vocabulary::{CoverageFamily, CoverageState, GuildId, UnixMs};

use crate::storm::ledger::Ledger;

/// The ledger, and how exactly times are compared.
#[derive(Clone, Copy, Debug)]
pub struct Hearing<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// By how much the time of what has no time of its own may be off, in milliseconds.
    pub slack_ms: i64,
    /// Whether the list of members is read.
    pub lists_members: bool,
    /// Whether the audit log is read.
    pub reads_audits: bool,
}

impl Hearing<'_> {
    /// From when on a guild is known; `None` for never.
    pub fn begins(&self, guild: u64) -> Option<UnixMs> {
        self.ledger.begins(GuildId(guild), self.family(guild, CoverageFamily::Members))
    }

    /// Whether all of a stretch was heard live.
    pub fn heard(&self, guild: u64, family: CoverageFamily, from: UnixMs, to: UnixMs) -> bool {
        let family = self.family(guild, family);
        let (from, to) = (UnixMs(from.0 - 1), UnixMs(to.0 + 1));
        self.ledger.heard_parts(GuildId(guild), family, from, to) == [(from.0, to.0)]
    }

    /// Whether an instant is known: heard, or read again.
    pub fn is_known(&self, guild: u64, family: CoverageFamily, at: UnixMs) -> bool {
        let missed = self.ledger.missed(GuildId(guild), self.family(guild, family));
        let blind = missed.iter().filter(|span| span.state == CoverageState::Blind as u8);
        !blind.into_iter().any(|span| {
            span.from_ms - self.slack_ms <= at.0
                && at.0 <= span.until_ms.saturating_add(self.slack_ms)
        })
    }

    /// Whether anything of a guild was missed.
    pub fn is_whole(&self, guild: u64, family: CoverageFamily) -> bool {
        self.ledger.missed(GuildId(guild), self.family(guild, family)).is_empty()
    }

    /// The family itself; where the ledger does not have it, messages, which are heard by the same connection.
    fn family(&self, guild: u64, wanted: CoverageFamily) -> CoverageFamily {
        match self.ledger.begins(GuildId(guild), wanted) {
            Some(_) => wanted,
            None => CoverageFamily::Messages,
        }
    }
}
