//! The coverage records of a batch, merged in memory over what the tables know of their guilds.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, Record, UnixMs,
};

use crate::value::key;

/// Key of a row: guild, family, beginning, whether it is a gap.
pub(crate) type SpanKey = (i64, i32, i64, bool);

/// The rest of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) until: Option<i64>,
    pub(crate) state: i32,
    pub(crate) reason: i32,
}

/// Who hears a guild, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hearing {
    pub(crate) producer: String,
    pub(crate) since: i64,
}

/// What the tables know of the guilds that a batch [concerns].
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Their observed spans, and those of their gaps that are open or may still be recovered.
    pub(crate) spans: BTreeMap<SpanKey, Span>,
    pub(crate) hearings: BTreeMap<i64, Hearing>,
    /// Until when each producer has heard everything.
    pub(crate) heard_until: BTreeMap<String, i64>,
}

/// Coverage records, merged in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct CoverageFold {
    producer: String,
    known: Known,
    changed: BTreeSet<SpanKey>,
    hearings_changed: BTreeSet<i64>,
    heard_until: Option<i64>,
}

/// The guilds of which the tables must be asked first: those told of anew or removed.
pub(crate) fn concerns(records: &[(u64, Record)]) -> Vec<i64> {
    let is_observed = |span: &CoverageSpan| span.state == CoverageState::Observed;
    let concerned = records.iter().filter_map(|(_, record)| match record {
        Record::Coverage(guild, spans) if spans.iter().any(is_observed) => key(guild.0),
        Record::GuildRemoved(guild, _) => key(guild.0),
        _ => None,
    });
    let mut guilds: Vec<i64> = concerned.collect();
    guilds.sort_unstable();
    guilds.dedup();
    guilds
}

impl CoverageFold {
    /// An empty fold over what is known.
    pub(crate) fn new(producer: &str, known: Known) -> Self {
        Self { producer: producer.to_owned(), known, ..Self::default() }
    }

    /// Everything of this producer's guilds has been heard until this instant.
    pub(crate) fn heard_until(&mut self, at: UnixMs) {
        self.heard_until = self.heard_until.max(Some(at.0));
        let head = self.known.heard_until.entry(self.producer.clone()).or_insert(at.0);
        *head = at.0.max(*head);
    }

    /// Spans of a guild.
    pub(crate) fn spans(
        &mut self,
        guild: GuildId,
        spans: &[CoverageSpan],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        // All families of one first sight are compared with the sight before it.
        let before = self.known.hearings.get(&guild).cloned();
        for span in spans {
            if span.until.is_some_and(|until| until < span.from) {
                return Err("a span ends before it begins");
            }
            match span.state {
                CoverageState::Observed => self.observed(guild, span, before.as_ref()),
                CoverageState::Recovered | CoverageState::Blind => {
                    let row = row(span.until.map(|until| until.0), span.state, span.reason);
                    self.put((guild, family(span.family), span.from.0, true), row);
                }
            }
        }
        Ok(())
    }

    fn observed(&mut self, guild: i64, span: &CoverageSpan, before: Option<&Hearing>) {
        let (family, from) = (family(span.family), span.from.0);
        let since = before.map_or(from, |hearing| hearing.since.max(from));
        self.known.hearings.insert(guild, Hearing { producer: self.producer.clone(), since });
        self.hearings_changed.insert(guild);
        let first = self.observed_from(guild, family);
        let is_earliest = first.is_none_or(|first| from < first);
        if is_earliest {
            let observed = row(None, CoverageState::Observed, CoverageReason::None);
            self.put((guild, family, from, false), observed);
        }
        let Some(first) = first.filter(|_| !is_earliest) else { return };
        if first == from || before.is_some_and(|hearing| hearing.since == from) {
            return;
        }
        let mut is_told = false;
        for (key, gap) in self.gaps(guild, family).into_iter().filter(|(key, _)| key.2 < from) {
            is_told |= gap.until.is_none();
            let until = gap.until.or(Some(from));
            self.put(key, Span { until, reason: given_up(family, gap.reason, LOST), ..gap });
        }
        let heard = before.and_then(|hearing| self.known.heard_until.get(&hearing.producer));
        let head = heard.copied().unwrap_or(first).max(first);
        if !is_told && head < from {
            self.put(
                (guild, family, head, true),
                row(Some(from), CoverageState::Blind, CoverageReason::StateLost),
            );
        }
    }

    /// Our bot was removed from a guild.
    pub(crate) fn guild_removed(&mut self, guild: GuildId, at: UnixMs) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        // This record may overtake, or be overtaken by, those of the other lane.
        let back = self.known.hearings.get(&guild).map(|hearing| hearing.since);
        let until = back.filter(|since| *since > at.0);
        for family in CoverageFamily::ALL.map(family) {
            if self.observed_from(guild, family).is_none_or(|first| first > at.0) {
                continue;
            }
            for (key, gap) in self.gaps(guild, family) {
                if key.2 < at.0 {
                    let until = gap.until.or(Some(at.0));
                    let reason = given_up(family, gap.reason, REFUSED);
                    self.put(key, Span { until, reason, ..gap });
                }
            }
            let removed = row(until, CoverageState::Blind, CoverageReason::Removed);
            self.put((guild, family, at.0, true), removed);
        }
        Ok(())
    }

    fn put(&mut self, key: SpanKey, span: Span) {
        self.known.spans.insert(key, span);
        self.changed.insert(key);
    }

    fn observed_from(&self, guild: i64, family: i32) -> Option<i64> {
        let of_family = self.of_family(guild, family);
        of_family.filter(|(key, _)| !key.3).map(|(key, _)| key.2).next()
    }

    /// Gaps that are open, or may still be recovered.
    fn gaps(&self, guild: i64, family: i32) -> Vec<(SpanKey, Span)> {
        let of_family = self.of_family(guild, family);
        of_family
            .filter(|(key, span)| {
                let is_pending = span.reason != given_up(family, span.reason, LOST);
                key.3 && span.state == BLIND && (span.until.is_none() || is_pending)
            })
            .collect()
    }

    fn of_family(&self, guild: i64, family: i32) -> impl Iterator<Item = (SpanKey, Span)> {
        let whole = (guild, family, i64::MIN, false)..=(guild, family, i64::MAX, true);
        self.known.spans.range(whole).map(|(key, span)| (*key, *span))
    }

    /// Rows of the ledger to write, by key.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (SpanKey, Span)> {
        self.changed.iter().map(|key| (*key, self.known.spans[key]))
    }

    /// Who hears which guild, to write, by guild.
    pub(crate) fn hearings(&self) -> impl Iterator<Item = (i64, &Hearing)> {
        self.hearings_changed.iter().map(|guild| (*guild, &self.known.hearings[guild]))
    }

    /// The producer of the batch, with the instant until which it has heard everything, if it says so.
    pub(crate) fn head(&self) -> Option<(&str, i64)> {
        self.heard_until.map(|at| (self.producer.as_str(), at))
    }
}

const BLIND: i32 = CoverageState::Blind as i32;
const LOST: i32 = CoverageReason::StateLost as i32;
const REFUSED: i32 = CoverageReason::HistoryRefused as i32;

/// The reason of a gap of messages that nobody will recover any more; other reasons stay.
fn given_up(family: i32, reason: i32, instead: i32) -> i32 {
    let is_pending = family == CoverageFamily::Messages as i32 && RECOVERABLE.contains(&reason);
    if is_pending { instead } else { reason }
}

/// Reasons of gaps whose messages history may still bring.
pub(crate) const RECOVERABLE: [i32; 2] =
    [CoverageReason::SessionLost as i32, CoverageReason::GuildOutage as i32];

fn family(family: CoverageFamily) -> i32 {
    i32::from(family as u8)
}

fn row(until: Option<i64>, state: CoverageState, reason: CoverageReason) -> Span {
    Span { until, state: i32::from(state as u8), reason: i32::from(reason as u8) }
}
