//! Answers of the activity family: overview, series, heatmap.

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::{Coverage, PartialBucket};
use super::vocabulary::{
    ChannelRef, Figure, HeatmapCells, MemberRef, Note, Period, Snowflake, Sparkline,
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Messages written.
    Messages,
    /// Commands given.
    Commands,
    /// Reactions given.
    Reactions,
    /// Members who wrote, reacted, or spent a minute or more in voice, each once per bucket.
    ActiveMembers,
    /// Minutes in voice, all of them.
    VoiceMinutes,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    ActiveVoiceMinutes,
    /// Members of the server at the end of each bucket, bots included.
    Members,
    /// Joins, rejoins included.
    Joins,
    /// Departures of every kind.
    Departures,
}

/// Width of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// One day of the time zone: 23 or 25 hours when clocks change.
    Day,
    /// Monday to Sunday in the time zone.
    Week,
    /// A month of the time zone.
    Month,
}

/// What a series is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Not divided.
    None,
    /// By channel.
    Channel,
    /// By category.
    Category,
    /// By member.
    Member,
    /// Humans, bots, webhooks.
    Kind,
    /// By emoji (reactions only).
    Emoji,
    /// By voice state (voice minutes only). States overlap: somebody may be muted and alone, so the lines do not add up.
    State,
}

/// The first screen of a server.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Overview {
    /// What it is about.
    pub period: Period,
    /// What it is compared with.
    #[schema(required)]
    pub previous: Option<Period>,
    /// The figures.
    pub cards: Cards,
    /// The ten busiest channels, by messages.
    pub top_channels: Vec<ChannelShare>,
    /// The ten busiest members, by messages.
    pub top_members: Vec<MemberShare>,
    /// The ten emojis most reacted with.
    pub top_emojis: Vec<EmojiValue>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// The figures of the overview.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Cards {
    /// Messages written.
    pub messages: Card,
    /// Commands given.
    pub commands: Card,
    /// Reactions given.
    pub reactions: Card,
    /// Members who wrote, reacted, or spent a minute or more in voice.
    pub active_members: Card,
    /// Minutes in voice.
    pub voice_minutes: Card,
    /// Minutes in voice that were neither AFK, nor deafened, nor alone.
    pub active_voice_minutes: Card,
    /// Members of the server.
    pub members: MembersCard,
    /// Joins, rejoins included; of the whole server, whatever the channel.
    pub joins: Card,
    /// Departures of every kind; of the whole server, whatever the channel.
    pub departures: Card,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Card {
    /// Value of the period.
    pub value: Figure,
    /// Value of the period compared with; `null` when it reaches back before the first data.
    #[schema(required)]
    pub previous: Option<Figure>,
    /// Change as a fraction (0.12 = 12 % more); `null` for the reason in `delta_note`. Where a part could not be heard, sums are
    /// compared per covered time.
    #[schema(required)]
    pub delta: Option<f64>,
    /// Why no change is told.
    #[schema(required)]
    pub delta_note: Option<DeltaNote>,
    /// Share of the period that was covered for this figure, 0 to 1.
    pub coverage: f64,
    /// The same of the period compared with.
    #[schema(required)]
    pub previous_coverage: Option<f64>,
    /// The period, bucket by bucket.
    pub sparkline: Sparkline,
}

/// Why no change is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeltaNote {
    /// Nothing is compared with.
    NotCompared,
    /// The period compared with begins before the first data.
    UnknownBefore,
    /// There was nothing in the period compared with.
    NothingBefore,
    /// Less than half of the period compared with was covered.
    BlindBefore,
    /// Less than half of the period itself was covered.
    Blind,
}

/// The number of members, bots included, as Discord counts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MembersCard {
    /// Members at the end of the period; `null` = not known.
    #[schema(required)]
    pub value: Option<u64>,
    /// Members when the period began; `null` = not known.
    #[schema(required)]
    pub before: Option<u64>,
    /// Change since the period began, in members; `null` = not known.
    #[schema(required)]
    pub change: Option<i64>,
    /// The value or what it is compared with counts only those who were still here when the list of members was read: there were
    /// more.
    pub survivors_only: bool,
    /// Members at the end of each bucket.
    pub sparkline: Sparkline,
}

/// A channel with its value and share.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelShare {
    /// The channel.
    pub channel: ChannelRef,
    /// Its value.
    pub value: u64,
    /// Its part of the whole, 0 to 1.
    pub share: f64,
    /// Its value in the period compared with.
    #[schema(required)]
    pub previous: Option<u64>,
}

/// A member with rank, value and share.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberShare {
    /// Place, from 1.
    pub rank: u64,
    /// The member.
    pub member: MemberRef,
    /// Their value.
    pub value: u64,
    /// Their part of the whole, 0 to 1.
    pub share: f64,
    /// Their value in the period compared with.
    #[schema(required)]
    pub previous: Option<u64>,
}

/// An emoji with its value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EmojiValue {
    /// The characters of a unicode emoji, `:name:` of a custom one.
    pub emoji: String,
    /// Id of a custom emoji.
    #[schema(required)]
    pub emoji_id: Option<Snowflake>,
    /// Last known name of a custom emoji.
    #[schema(required)]
    pub name: Option<String>,
    /// Reactions given with it.
    pub value: u64,
}

/// One or more lines over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Series {
    /// What it is about.
    pub period: Period,
    /// What is counted.
    pub metric: Metric,
    /// Width of the buckets.
    pub step: Step,
    /// What it is divided by.
    pub split: Split,
    /// Bucket starts, unix seconds. Buckets that have not begun are absent.
    pub t: Vec<i64>,
    /// The last bucket is not over.
    pub partial_last: bool,
    /// Buckets of which a part could not be heard; those of which nothing could are `null` in every line.
    pub partial: Vec<PartialBucket>,
    /// At most six lines, the largest first, and `other`.
    pub series: Vec<Line>,
    /// The line compared with; only without split.
    #[schema(required)]
    pub compare: Option<Comparison>,
    /// How much of the period was covered.
    pub coverage: Coverage,
    /// What to know when reading it, such as a time zone off the hour answered from whole hours.
    #[schema(required)]
    pub note: Option<Note>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// `all`, `other`, `none` (outside any category), an id, an emoji, or a kind.
    pub key: String,
    /// Name to show.
    pub label: String,
    /// The member, when split by member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberRef>,
    /// The channel or category, when split by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelRef>,
    /// One value per bucket; `null` = nothing could be heard in all of it.
    pub values: Vec<Option<Figure>>,
    /// Value of the whole period: the sum, but for active members, who count once, and for members: those at its end.
    pub total: Figure,
}

/// The line compared with, bucket by bucket.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    /// First instant.
    pub from: super::vocabulary::Instant,
    /// First instant that no longer belongs to it.
    pub to: super::vocabulary::Instant,
    /// As many values as the series has buckets.
    pub values: Vec<Option<Figure>>,
    /// Value of the whole period compared with.
    pub total: Figure,
    /// Share of it that was covered, 0 to 1.
    pub coverage: f64,
}

/// Weekday × hour.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Heatmap {
    /// What it is about.
    pub period: Period,
    /// What is counted.
    pub metric: Metric,
    /// The cells.
    #[serde(flatten)]
    pub cells: HeatmapCells,
    /// How much of the period was covered.
    pub coverage: Coverage,
    /// What to know when reading it, such as a time zone off the hour answered from whole hours.
    #[schema(required)]
    pub note: Option<Note>,
}
