//! Parameters, parsed once into types that cannot be wrong; every error names its parameter.
//!
//! A parameter is described in one place ([`Parameter`]): the OpenAPI document and the check for unknown names both read
//! it. A name that a route does not know is an error, so that a typing mistake is not taken for a default.

pub mod body;
pub mod invites;
pub mod lists;
pub mod members;
pub mod moderation;
pub mod path;
pub mod query;
pub mod stats;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter as OpenApiParameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::problem::Problem;
use crate::types::activity::{Metric, Split, Step};
use crate::types::coverage::Family;
use crate::types::leaderboards::Board;
use query::Query;

/// A closed set of words that a parameter can take.
pub trait Word: Copy + Sized + 'static {
    /// Every word with its meaning, the default first where there is one.
    const WORDS: &'static [(&'static str, Self)];

    /// The value of a word.
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
    }
}

/// What a query parameter looks like, for the document and for the check of names.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Name in the query.
    pub name: &'static str,
    /// What it means, and its default.
    pub about: &'static str,
    /// What it may hold.
    pub shape: Shape,
}

/// What a parameter may hold.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// Text, for example this.
    Text(&'static str),
    /// A whole number between these.
    Number(u32, u32),
    /// A Discord id.
    Snowflake,
}

/// The words of a closed set, for [`Shape::Words`].
pub fn words<T: Word>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(name, _)| *name).collect()
}

impl Parameter {
    /// The parameter as the OpenAPI document describes it.
    pub fn document(&self, place: ParameterIn) -> OpenApiParameter {
        let required = if place == ParameterIn::Path { Required::True } else { Required::False };
        let schema = match self.shape {
            Shape::Words(words) => {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words()))
            }
            Shape::Text(example) => {
                ObjectBuilder::new().schema_type(Type::String).examples([example])
            }
            Shape::Number(least, most) => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(least))
                .maximum(Some(most)),
            Shape::Snowflake => {
                ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]{1,20}$"))
            }
        };
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(place)
            .required(required)
            .description(Some(self.about))
            .schema(Some(schema))
            .build()
    }
}

/// The query of a route: what it may hold, and how it is read.
pub trait Asked: Sized {
    /// Every parameter.
    const TABLES: &'static [&'static [Parameter]];

    /// Takes the parameters out of a query that holds no others.
    ///
    /// # Errors
    /// The first one that cannot be read.
    fn take(query: &Query) -> Result<Self, Problem>;
}

/// Extracts the query of a route.
#[derive(Clone, Copy, Debug)]
pub struct Ask<T>(pub T);

impl<S: Send + Sync, T: Asked> FromRequestParts<S> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(T::TABLES)?;
        T::take(&query).map(Self)
    }
}

impl<T: Asked> IntoParams for Ask<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        stats::document(T::TABLES)
    }
}

/// No parameters at all.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Asked for Nothing {
    const TABLES: &'static [&'static [Parameter]] = &[];

    fn take(_: &Query) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl Word for Metric {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("messages", Self::Messages),
        ("commands", Self::Commands),
        ("reactions", Self::Reactions),
        ("active_members", Self::ActiveMembers),
        ("voice_minutes", Self::VoiceMinutes),
        ("active_voice_minutes", Self::ActiveVoiceMinutes),
        ("members", Self::Members),
        ("joins", Self::Joins),
        ("departures", Self::Departures),
    ];
}

/// The step asked for: `None` = chosen by the server.
impl Word for Option<Step> {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", None),
        ("minute", Some(Step::Minute)),
        ("hour", Some(Step::Hour)),
        ("day", Some(Step::Day)),
        ("week", Some(Step::Week)),
        ("month", Some(Step::Month)),
    ];
}

impl Word for Split {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("channel", Self::Channel),
        ("category", Self::Category),
        ("member", Self::Member),
        ("kind", Self::Kind),
        ("emoji", Self::Emoji),
        ("state", Self::State),
    ];
}

impl Word for Board {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("messages", Self::Messages),
        ("voice", Self::Voice),
        ("reactions", Self::Reactions),
        ("activity", Self::Activity),
    ];
}

impl Word for Family {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("messages", Self::Messages),
        ("reactions", Self::Reactions),
        ("voice", Self::Voice),
        ("members", Self::Members),
        ("moderation", Self::Moderation),
    ];
}

/// Whose activity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudienceWord {
    /// People.
    Humans,
    /// Bots and webhooks.
    Bots,
    /// Everyone.
    All,
}

impl Word for AudienceWord {
    const WORDS: &'static [(&'static str, Self)] =
        &[("humans", Self::Humans), ("bots", Self::Bots), ("all", Self::All)];
}

/// What the period is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// As much time immediately before.
    Previous,
    /// The same dates one year earlier.
    PreviousYear,
    /// Nothing.
    None,
}

impl Word for Compare {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("previous", Self::Previous),
        ("previous_year", Self::PreviousYear),
        ("none", Self::None),
    ];
}

/// A period by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// The last 24 hours, the one that runs included.
    Hours24,
    /// So many days of the time zone, today included.
    Days(u32),
    /// Since midnight.
    Today,
    /// Since Monday.
    Week,
    /// Since the first of the month.
    Month,
    /// Since the first data.
    All,
}

impl Range {
    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, range)| *range == self).map_or("7d", |(word, _)| word)
    }
}

impl Word for Range {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("24h", Self::Hours24),
        ("7d", Self::Days(7)),
        ("30d", Self::Days(30)),
        ("90d", Self::Days(90)),
        ("today", Self::Today),
        ("week", Self::Week),
        ("month", Self::Month),
        ("all", Self::All),
    ];
}
