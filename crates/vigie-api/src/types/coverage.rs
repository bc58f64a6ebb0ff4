//! Answers about coverage: what could be heard, what was read again later, and what could not be had.

use serde::Serialize;
use utoipa::ToSchema;

use super::vocabulary::{Instant, Period};

/// What is covered or not: the families that differ in whether Discord lets them be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Messages and commands.
    Messages,
    /// Reactions.
    Reactions,
    /// Voice.
    Voice,
    /// Joins and departures.
    Members,
    /// Moderation acts.
    Moderation,
}

/// How well a stretch of time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// Heard as it happened.
    Observed,
    /// Not heard, but read again from Discord's history.
    Recovered,
    /// Not heard, and not (or not yet) read again.
    Blind,
}

/// Why a stretch was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageReason {
    /// It was heard.
    None,
    /// The connection was away for longer than Discord keeps what was missed.
    SessionLost,
    /// Discord reported the server unavailable.
    GuildOutage,
    /// The bot was not in the server.
    Removed,
    /// What was kept of the bot's own state was lost or damaged.
    StateLost,
    /// It could not be read again: the bot may not see a channel or its history.
    MissingPermission,
    /// It could not be read again: Discord refused for another reason.
    HistoryRefused,
    /// The family was switched off in the settings.
    SwitchedOff,
    /// Before this family was first listened to in the server.
    NotInstalled,
    /// Nothing has been heard for more than three minutes: the bot may be stopped or cut off.
    NotHeard,
}

/// How much of a period was covered: heard as it happened, or read again later.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// Share of the period up to now in which everything that the answer rests on was covered, 0 to 1, rounded to 0.0001 and
    /// below 1 as soon as anything is missing. The last three minutes count as covered while their counts are on the way.
    pub ratio: f64,
    /// The families that the answer rests on, each with its own share.
    pub families: Vec<FamilyCoverage>,
    /// Stretches of the period that could not be heard, by family and beginning: at most 200.
    pub blind: Vec<Stretch>,
    /// Stretches that were not heard, but read again: at most 200.
    pub recovered: Vec<Stretch>,
    /// There were more stretches: the nearest ones are told as one. Shares are exact all the same.
    pub merged: bool,
}

/// How much of a period was covered for one family.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct FamilyCoverage {
    /// Which.
    pub family: Family,
    /// Share of the period up to now that was covered, 0 to 1.
    pub ratio: f64,
}

/// A stretch of time in which a family was not heard as it happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Stretch {
    /// First instant.
    pub from: Instant,
    /// First instant heard again, or the end of the period.
    pub to: Instant,
    /// What was not heard.
    pub family: Family,
    /// `blind` or `recovered`.
    pub state: CoverageState,
    /// Why.
    pub reason: CoverageReason,
}

/// A bucket of a series of which a part could not be heard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartialBucket {
    /// Which bucket, from 0.
    pub index: u32,
    /// Share of it (of what has passed of it) that was covered, 0 to 1.
    pub covered: f64,
}

/// Whether a server is heard now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageHealth {
    /// It is heard, and nothing waits to be read again.
    Ok,
    /// It is heard, and messages that were missed are being read again.
    Recovering,
    /// It is not heard now.
    Blind,
    /// Nothing was ever heard of it.
    Unknown,
}

/// A server's coverage ledger over a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Ledger {
    /// What it is about.
    pub period: Period,
    /// Whether the server is heard now.
    pub health: CoverageHealth,
    /// Everything until this instant has been heard, or stands in the ledger; `null` before the first sign of life.
    #[schema(required)]
    pub heard_until: Option<Instant>,
    /// Totals by family.
    pub families: Vec<FamilyTotals>,
    /// The same as with every other answer: ratio and stretches, for all families.
    pub coverage: Coverage,
    /// The gaps that touch the period, the newest first.
    pub rows: Vec<LedgerRow>,
    /// Gaps on all pages.
    pub total_rows: u64,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// How well one family is known over a period, in milliseconds. Together they are the part of the period that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct FamilyTotals {
    /// Which.
    pub family: Family,
    /// Since when it is listened to; `null` = never.
    #[schema(required)]
    pub observed_from: Option<Instant>,
    /// Heard as it happened; the last three minutes included while their counts are on the way.
    pub observed_ms: u64,
    /// Not heard, but read again.
    pub recovered_ms: u64,
    /// Not heard, and not (or not yet) read again.
    pub blind_ms: u64,
    /// The part of `blind_ms` from before the family was first listened to.
    pub not_installed_ms: u64,
    /// Share that was observed or recovered, 0 to 1.
    pub ratio: f64,
    /// Gaps that touch the period.
    pub gaps: u64,
    /// Those that go on, or whose messages are still being read again.
    pub open_gaps: u64,
}

/// One gap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct LedgerRow {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends; `null` while it goes on.
    #[schema(required)]
    pub to: Option<Instant>,
    /// How long it is, or has been until now, in milliseconds.
    pub duration_ms: u64,
    /// What was not heard.
    pub family: Family,
    /// `blind` or `recovered`.
    pub state: CoverageState,
    /// Why.
    pub reason: CoverageReason,
    /// Its messages or moderation acts are still being read again.
    pub recovering: bool,
}
