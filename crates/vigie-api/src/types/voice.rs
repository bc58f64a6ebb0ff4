//! Answers of the voice family: totals, channels, concurrency, sessions.

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Card, Step};
use super::coverage::{Coverage, PartialBucket};
use super::vocabulary::{ChannelRef, Figure, Instant, MemberRef, Note, Period};

/// What somebody in voice does. States overlap: somebody may be muted and alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoiceState {
    /// Muted, by oneself or by a moderator.
    Muted,
    /// Deafened, by oneself or by a moderator.
    Deafened,
    /// Streaming a screen.
    Streaming,
    /// With the camera on.
    Video,
    /// In the audience of a stage.
    Suppressed,
    /// Without another person in the channel.
    Alone,
    /// In the AFK channel.
    Afk,
}

/// Minutes in voice (rounded to 0.01), in all and by state. States overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct VoiceMinutes {
    /// From join to leave.
    pub total: Figure,
    /// Neither AFK, nor deafened, nor alone.
    pub active: Figure,
    /// Muted.
    pub muted: Figure,
    /// Deafened.
    pub deafened: Figure,
    /// Streaming a screen.
    pub streaming: Figure,
    /// With the camera on.
    pub video: Figure,
    /// In the audience of a stage.
    pub suppressed: Figure,
    /// Without another person in the channel.
    pub alone: Figure,
    /// In the AFK channel.
    pub afk: Figure,
}

/// Voice in a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Voice {
    /// What it is about.
    pub period: Period,
    /// What it is compared with.
    #[schema(required)]
    pub previous: Option<Period>,
    /// Minutes in voice.
    pub voice_minutes: Card,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Card,
    /// Sessions whose beginning was heard: joins and moves.
    pub sessions: Card,
    /// Minutes per session: what was heard of them, divided by the beginnings that were heard; `null` without any.
    #[schema(required)]
    pub average_session_minutes: Option<Figure>,
    /// The same in the period compared with.
    #[schema(required)]
    pub previous_average_session_minutes: Option<Figure>,
    /// Members with any time in voice.
    pub members: u64,
    /// In all and by state.
    pub minutes: VoiceMinutes,
    /// Channels by minutes, the largest first.
    pub channels: Vec<VoiceChannel>,
    /// Most people at once; `null` without any, for several channels together but not all, and for another audience than
    /// people.
    #[schema(required)]
    pub peak: Option<VoicePeak>,
    /// How many are in voice together, by hour of the day and weekday.
    pub concurrency: Concurrency,
    /// Minutes over time.
    pub series: VoiceSeries,
    /// How much of the period was covered.
    pub coverage: Coverage,
    /// What to know when reading it, such as a time zone off the hour answered from whole hours.
    #[schema(required)]
    pub note: Option<Note>,
}

/// One voice or stage channel.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoiceChannel {
    /// The channel.
    pub channel: ChannelRef,
    /// In all and by state.
    pub minutes: VoiceMinutes,
    /// Sessions whose beginning was heard.
    pub sessions: u64,
    /// Part of all minutes, 0 to 1.
    pub share: f64,
    /// Most people at once; `null` for another audience than people.
    #[schema(required)]
    pub peak: Option<u32>,
}

/// Most people at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoicePeak {
    /// How many.
    pub people: u32,
    /// The first hour in which so many were there.
    pub hour: Instant,
}

/// How many are in voice together. An average is time in voice divided by covered time: 2.5 = two and a half on average;
/// `null` where nothing of that hour was covered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Concurrency {
    /// 24 averages, by hour of the day in the time zone.
    pub average_by_hour: Vec<Option<Figure>>,
    /// 24 peaks; empty where `peak` is not told.
    pub peak_by_hour: Vec<u32>,
    /// Averages, 7 rows of 24: Monday first.
    pub average: Vec<Vec<Option<Figure>>>,
    /// Peaks, 7 rows of 24: Monday first; empty where `peak` is not told.
    pub peak: Vec<Vec<u32>>,
}

/// Minutes in voice over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoiceSeries {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// All minutes; `null` = nothing could be heard in all of the bucket.
    pub total: Vec<Option<Figure>>,
    /// Those that were neither AFK, nor deafened, nor alone.
    pub active: Vec<Option<Figure>>,
    /// Width of the buckets.
    pub step: Step,
    /// The last bucket is not over.
    pub partial_last: bool,
    /// Buckets of which a part could not be heard.
    pub partial: Vec<PartialBucket>,
}

/// One page of the sessions that have ended, the newest first. Sessions are kept for 30 days; their minutes stay.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoiceSessions {
    /// What it is about.
    pub period: Period,
    /// Sessions that began in the period, the newest first.
    pub rows: Vec<VoiceSession>,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One member in one channel, from join (or move in) to leave (or move out), as far as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoiceSession {
    /// Who.
    pub member: MemberRef,
    /// Where.
    pub channel: ChannelRef,
    /// The join, or the first instant heard of.
    pub from: Instant,
    /// The leave, or the last instant heard of.
    pub to: Instant,
    /// `false` when it was under way before it was first heard of.
    pub start_heard: bool,
    /// `false` when it ended, or went on, where nothing could be heard.
    pub end_heard: bool,
    /// In all and by state.
    pub minutes: VoiceMinutes,
    /// What followed what, together as long as the session.
    pub segments: Vec<VoiceSegment>,
}

/// A stretch of a session in one state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoiceSegment {
    /// What held during it; empty = heard and speaking as usual.
    pub states: Vec<VoiceState>,
    /// How long, in milliseconds.
    pub duration_ms: u64,
}
