//! Answers about one member.

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::Step;
use super::coverage::{Coverage, PartialBucket};
use super::growth::MemberOrigin;
use super::moderation::MemberModeration;
use super::vocabulary::{ChannelRef, Figure, HeatmapCells, Instant, MemberRef, Period};
use super::voice::VoiceMinutes;

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
    /// Acts of moderation on them and by them, ever.
    pub moderation: MemberModeration,
    /// Where they are from, whatever the period.
    pub origin: MemberOrigin,
    /// Messages over time.
    pub series: ValueSeries,
    /// Channels by messages.
    pub channels: Vec<MemberChannel>,
    /// When they write.
    pub heatmap: HeatmapCells,
    /// Their time in voice.
    pub voice: MemberVoice,
    /// What it is about.
    pub period: Period,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One line over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ValueSeries {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// One value per bucket; `null` = nothing could be heard in all of it.
    pub values: Vec<Option<Figure>>,
    /// Width of the buckets.
    pub step: Step,
    /// The last bucket is not over.
    pub partial_last: bool,
    /// Buckets of which a part could not be heard.
    pub partial: Vec<PartialBucket>,
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
    /// Minutes in voice.
    pub voice_minutes: Figure,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Figure,
    /// Days of the time zone with a message, a command, a reaction given, or a minute or more in voice.
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
    /// Minutes in voice.
    pub voice_minutes: Figure,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Figure,
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

/// A member's time in voice.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberVoice {
    /// In all and by state.
    pub minutes: VoiceMinutes,
    /// Sessions whose beginning was heard in the period.
    pub sessions: u64,
    /// Minutes per session; `null` without sessions.
    #[schema(required)]
    pub average_session_minutes: Option<Figure>,
    /// Place by minutes in voice, among the audience; `null` without any.
    #[schema(required)]
    pub rank: Option<u64>,
    /// Minutes over time.
    pub series: ValueSeries,
    /// Channels by minutes.
    pub channels: Vec<MemberVoiceChannel>,
    /// When they are in voice, in minutes.
    pub heatmap: HeatmapCells,
    /// Share of the period that was covered for voice, 0 to 1.
    pub coverage: f64,
}

/// One voice channel of a member.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberVoiceChannel {
    /// The channel.
    pub channel: ChannelRef,
    /// Minutes of the member in it.
    pub minutes: Figure,
    /// The active part of them.
    pub active_minutes: Figure,
    /// Part of the member's minutes, 0 to 1.
    pub share: f64,
}
