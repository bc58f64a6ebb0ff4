//! Answers about one channel.

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Comparison;
use super::members::ValueSeries;
use super::vocabulary::{ChannelRef, Coverage, HeatmapCells, Instant, MemberRef, Period};

/// A channel's page. A category's figures are those of its channels; a channel's own threads are counted in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelPage {
    /// Which.
    pub channel: ChannelRef,
    /// Figures of the period.
    pub totals: ChannelTotals,
    /// Figures of the period compared with; `null` when it reaches back before the first data.
    #[schema(required)]
    pub previous: Option<ChannelTotals>,
    /// Part of the server's messages, 0 to 1.
    pub share_of_guild: f64,
    /// The hour in which something was last counted in it, ever.
    #[schema(required)]
    pub last_activity_at: Option<Instant>,
    /// Messages over time.
    pub series: ValueSeries,
    /// The line compared with.
    #[schema(required)]
    pub compare: Option<Comparison>,
    /// The members who wrote most.
    pub members: Vec<ChannelMember>,
    /// Threads (of a category: channels) by messages.
    pub threads: Vec<ChannelThread>,
    /// When it is used.
    pub heatmap: HeatmapCells,
    /// What it is about.
    pub period: Period,
    /// How much of the period was observed.
    pub coverage: Coverage,
}

/// Figures of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelTotals {
    /// Messages written.
    pub messages: u64,
    /// Commands given.
    pub commands: u64,
    /// Reactions given.
    pub reactions: u64,
    /// Members who wrote or reacted.
    pub active_members: u64,
}

/// One member of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelMember {
    /// Place, from 1.
    pub rank: u64,
    /// Who.
    pub member: MemberRef,
    /// Their messages in it.
    pub value: u64,
    /// Part of the channel's messages, 0 to 1.
    pub share: f64,
}

/// One thread of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelThread {
    /// The thread.
    pub channel: ChannelRef,
    /// Its messages.
    pub value: u64,
}
