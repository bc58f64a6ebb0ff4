//! Words that several answers share.

use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};
use vigie_core::vocabulary::UnixMs;

/// A Discord id as it travels in JSON: a string of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snowflake(pub u64);

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Snowflake {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]{1,20}$"))
            .description(Some("A Discord id, as a string of digits."))
            .build()
            .into()
    }
}

impl ToSchema for Snowflake {}

/// An instant as it travels in JSON: RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub UnixMs);

impl Instant {
    /// The first instant of an hour counted from 1970.
    pub fn of_hour(unix_hour: u32) -> Self {
        Self(UnixMs(i64::from(unix_hour) * 3_600_000))
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = jiff::Timestamp::from_millisecond(self.0.0).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{time}")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("An instant, RFC 3339 in UTC."))
            .build()
            .into()
    }
}

impl ToSchema for Instant {}

/// The stretch of time that an answer is about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Period {
    /// First instant.
    pub from: Instant,
    /// First instant that no longer belongs to it. May lie at most an hour ahead: the hour that runs now.
    pub to: Instant,
    /// Time zone (IANA name) in which days, weeks and months are cut.
    pub tz: String,
    /// The word it was asked by: `24h`, `7d`, `30d`, `90d`, `today`, `week`, `month`, `all`; absent for `from`..`to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<&'static str>,
}

/// A number of a chart or a total: a count, or minutes in voice. Minutes are kept by the millisecond and told rounded to
/// 0.01 (0.6 seconds); a sum is rounded once, so it may differ from the sum of its rounded parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Figure(f64);

impl Figure {
    /// A count.
    pub fn count(count: u64) -> Self {
        Self(count as f64)
    }

    /// Minutes of so many milliseconds, rounded to 0.01.
    pub fn minutes(ms: u64) -> Self {
        Self((ms.saturating_add(300) / 600) as f64 / 100.0)
    }

    /// Any number, rounded to 0.01; one that is no number is 0.
    pub fn rounded(value: f64) -> Self {
        let rounded = (value * 100.0).round() / 100.0;
        Self(if rounded.is_finite() { rounded } else { 0.0 })
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole numbers travel as integers: `12`, never `12.0`.
        if self.0.fract() == 0.0 && self.0.abs() < 9e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl PartialSchema for Figure {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("A count, or minutes rounded to 0.01."))
            .build()
            .into()
    }
}

impl ToSchema for Figure {}

/// What to know when reading an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The time zone is not a whole number of hours from UTC. Figures are kept by UTC hour, and an hour counts where it begins.
    WholeHours,
}

/// Person, bot or webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// A person.
    Human,
    /// An application's account.
    Bot,
    /// A webhook.
    Webhook,
}

/// Whoever writes or reacts, with the last known names.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberRef {
    /// Discord id.
    pub id: Snowflake,
    /// User name; the id where none is known.
    pub name: String,
    /// Server nickname or global name.
    #[schema(required)]
    pub display_name: Option<String>,
    /// Path of the picture on this server (`?size=` chooses its side); `null` for the default picture.
    #[schema(required)]
    pub avatar_url: Option<String>,
    /// Person, bot or webhook.
    pub kind: MemberKind,
}

/// What kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelType {
    /// Text channel.
    Text,
    /// Voice channel.
    Voice,
    /// Category.
    Category,
    /// Announcement channel.
    Announcement,
    /// Thread, or post of a forum.
    Thread,
    /// Stage channel.
    Stage,
    /// Forum.
    Forum,
    /// Media channel.
    Media,
    /// Anything newer.
    Other,
}

/// A channel, category or thread, with the last known names.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelRef {
    /// Discord id.
    pub id: Snowflake,
    /// Last known name; `null` when it was never told.
    #[schema(required)]
    pub name: Option<String>,
    /// What kind of channel.
    pub kind: ChannelType,
    /// Category of a channel, channel of a thread.
    #[schema(required)]
    pub parent_id: Option<Snowflake>,
    /// Last known name of the parent.
    #[schema(required)]
    pub parent_name: Option<String>,
    /// The channel is gone.
    pub deleted: bool,
}

/// A small series for a sparkline. `null` = nothing could be heard in all of the bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Sparkline {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// Values; as many as `t`.
    pub v: Vec<Option<Figure>>,
}

/// Weekday × hour.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeatmapCells {
    /// Sums, 7 rows of 24: Monday first, hours in the time zone.
    pub cells: Vec<Vec<Figure>>,
    /// How many such hours of the period were covered, in hours and parts of them: divide by it for an average. 0 = nothing is
    /// known of that hour.
    pub hours: Vec<Vec<Figure>>,
    /// Largest cell.
    pub max: Figure,
}
