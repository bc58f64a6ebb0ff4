//! Answers about one member.

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Step;
use super::vocabulary::{ChannelRef, Coverage, HeatmapCells, Instant, MemberRef, Period};

/// A member's page.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberPage {
    /// Who.
    pub member: MemberRef,
    /// First instant at which something of theirs was counted, ever.
    #[schema(required)]
    pub first_seen: Option<Instant>,
    /// Last such instant.
    #[schema(required)]
    pub last_seen: Option<Instant>,
    /// Place by messages in the period, among the audience; `null` without messages.
    #[schema(required)]
    pub rank: Option<u64>,
    /// Figures of the period.
    pub totals: MemberTotals,
    /// Figures since the first data.
    pub all_time: MemberAllTime,
    /// Messages over time.
    pub series: ValueSeries,
    /// Channels by messages.
    pub channels: Vec<MemberChannel>,
    /// When they write.
    pub heatmap: HeatmapCells,
    /// What it is about.
    pub period: Period,
    /// How much of the period was observed.
    pub coverage: Coverage,
}

/// One line of messages over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ValueSeries {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// One value per bucket; `null` = before the first data of the server.
    pub values: Vec<Option<u64>>,
    /// Width of the buckets.
    pub step: Step,
    /// The last bucket is not over.
    pub partial_last: bool,
}

/// Figures of one member in the period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberTotals {
    /// Messages written.
    pub messages: u64,
    /// Commands given.
    pub commands: u64,
    /// Reactions given.
    pub reactions_given: u64,
    /// Reactions received on own messages.
    pub reactions_received: u64,
    /// Days of the time zone with a message, command or reaction given.
    pub active_days: u32,
}

/// Figures of one member since the first data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberAllTime {
    /// Messages written.
    pub messages: u64,
    /// Commands given.
    pub commands: u64,
    /// Reactions given.
    pub reactions_given: u64,
    /// Reactions received on own messages.
    pub reactions_received: u64,
}

/// One channel of a member.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberChannel {
    /// The channel.
    pub channel: ChannelRef,
    /// Messages of the member in it.
    pub value: u64,
    /// Part of the member's messages, 0 to 1.
    pub share: f64,
}
