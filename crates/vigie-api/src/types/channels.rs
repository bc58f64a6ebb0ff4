//! Answers about one channel.

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Comparison;
use super::coverage::Coverage;
use super::members::ValueSeries;
use super::vocabulary::{ChannelRef, Figure, HeatmapCells, Instant, MemberRef, Period};
use super::voice::{VoiceMinutes, VoicePeak};

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
    /// Time in voice in it.
    pub voice: ChannelVoice,
    /// What it is about.
    pub period: Period,
    /// Share of the period compared with that was covered, 0 to 1.
    #[schema(required)]
    pub previous_coverage: Option<f64>,
    /// How much of the period was covered.
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
    /// Members who wrote, reacted, or spent a minute or more in voice.
    pub active_members: u64,
    /// Minutes in voice.
    pub voice_minutes: Figure,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Figure,
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

/// Time in voice in one channel (of a category: in all of its channels).
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelVoice {
    /// In all and by state.
    pub minutes: VoiceMinutes,
    /// Sessions whose beginning was heard in the period.
    pub sessions: u64,
    /// Minutes per session; `null` without sessions.
    #[schema(required)]
    pub average_session_minutes: Option<Figure>,
    /// Most people at once; `null` without any, of a category, and for another audience than people.
    #[schema(required)]
    pub peak: Option<VoicePeak>,
    /// Minutes in the period compared with; `null` when it reaches back before voice was first heard.
    #[schema(required)]
    pub previous_minutes: Option<Figure>,
    /// Minutes over time.
    pub series: ValueSeries,
    /// Members by minutes.
    pub members: Vec<ChannelVoiceMember>,
    /// When it is used, in minutes.
    pub heatmap: HeatmapCells,
    /// Share of the period that was covered for voice, 0 to 1.
    pub coverage: f64,
}

/// One member of a voice channel.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelVoiceMember {
    /// Place, from 1.
    pub rank: u64,
    /// Who.
    pub member: MemberRef,
    /// Their minutes in it.
    pub minutes: Figure,
    /// The active part of them.
    pub active_minutes: Figure,
    /// Part of the channel's minutes, 0 to 1.
    pub share: f64,
}
