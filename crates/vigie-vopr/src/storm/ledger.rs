//! The coverage ledger as the database has it, asked about instants.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{CoverageFamily, CoverageState, GuildId, UnixMs};

use crate::rows::Span;

/// Spans by guild and family.
#[derive(Debug, Default)]
pub struct Ledger {
    spans: BTreeMap<(u64, u8), Vec<Span>>,
}

/// Whether what happened at an instant must have been counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It must.
    Yes,
    /// It must not.
    No,
    /// It happened in the very millisecond in which a span begins or ends.
    Edge,
}

impl Ledger {
    /// From the rows.
    pub fn new(rows: &[Span]) -> Self {
        let mut ledger = Self::default();
        for row in rows {
            ledger.spans.entry((row.guild, row.family)).or_default().push(*row);
        }
        ledger
    }

    /// Whether what happened at `at` was heard live.
    pub fn heard(&self, guild: GuildId, family: CoverageFamily, at: UnixMs) -> Heard {
        let Some(spans) = self.spans.get(&(guild.0, family as u8)) else { return Heard::No };
        if spans.iter().any(|span| span.from_ms == at.0 || span.until_ms == at.0) {
            return Heard::Edge;
        }
        let holds = |span: &&Span| span.from_ms < at.0 && at.0 < span.until_ms;
        let observed = spans.iter().filter(|span| span.state == CoverageState::Observed as u8);
        let missed = spans.iter().filter(|span| span.state != CoverageState::Observed as u8);
        match (observed.clone().any(|span| holds(&span)), missed.clone().any(|span| holds(&span))) {
            (true, false) => Heard::Yes,
            _ => Heard::No,
        }
    }

    /// From when on a guild is in the ledger.
    pub fn begins(&self, guild: GuildId, family: CoverageFamily) -> Option<UnixMs> {
        let spans = self.spans.get(&(guild.0, family as u8))?;
        let observed = spans.iter().filter(|span| span.state == CoverageState::Observed as u8);
        observed.map(|span| UnixMs(span.from_ms)).min()
    }

    /// What was not heard live, in order: recovered or blind.
    pub fn missed(&self, guild: GuildId, family: CoverageFamily) -> Vec<Span> {
        let spans = self.spans.get(&(guild.0, family as u8)).map(Vec::as_slice).unwrap_or_default();
        let missed = spans.iter().filter(|span| span.state != CoverageState::Observed as u8);
        missed.copied().collect()
    }

    /// The parts of `from..to` that were heard live.
    pub fn heard_parts(
        &self,
        guild: GuildId,
        family: CoverageFamily,
        from: UnixMs,
        to: UnixMs,
    ) -> Vec<(i64, i64)> {
        let Some(begins) = self.begins(guild, family) else { return Vec::new() };
        let mut parts = vec![(from.0.max(begins.0), to.0)];
        for span in self.missed(guild, family) {
            parts = parts
                .into_iter()
                .flat_map(|(a, b)| [(a, b.min(span.from_ms)), (a.max(span.until_ms), b)])
                .filter(|(a, b)| a < b)
                .collect();
        }
        parts.retain(|(a, b)| a < b);
        parts
    }
}
