//! The parameters that every question about activity takes, and those of single questions.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter as OpenApiParameter, ParameterIn};
use vigie_core::vocabulary::{ChannelId, UserId};

use super::query::Query;
use super::{AudienceWord, Compare, Parameter, Range, Shape, words};
use crate::limits;
use crate::period::{LATEST_MINUTE, Span};
use crate::problem::Problem;
use crate::types::activity::{Metric, Split, Step};

const RANGE: Parameter = Parameter {
    name: "range",
    about: "The period by name, up to now (default `7d`). `7d`, `30d` and `90d` are days of the time zone, today \
            included; `today`, `week` and `month` begin at midnight, Monday and the first; `24h` is the last 24 hours.",
    shape: Shape::Words(words::<Range>),
};
const FROM: Parameter = Parameter {
    name: "from",
    about: "First instant (RFC 3339) or first day (YYYY-MM-DD in the time zone), instead of `range`.",
    shape: Shape::Text("2026-11-01"),
};
const TO: Parameter = Parameter {
    name: "to",
    about: "First instant that no longer belongs (RFC 3339), or last day, included (YYYY-MM-DD in the time zone). \
            Default: now.",
    shape: Shape::Text("2026-11-20"),
};
const TZ: Parameter = Parameter {
    name: "tz",
    about: "Time zone (IANA name) in which days, weeks, months and hours of the day are cut (default UTC).",
    shape: Shape::Text("Europe/Paris"),
};
const AUDIENCE: Parameter = Parameter {
    name: "audience",
    about: "Whose activity counts (default `humans`); webhooks count as bots.",
    shape: Shape::Words(words::<AudienceWord>),
};
const CHANNEL: Parameter = Parameter {
    name: "channel",
    about: "Only this channel with its threads, or this category with its channels.",
    shape: Shape::Snowflake,
};
const COMPARE: Parameter = Parameter {
    name: "compare",
    about: "What to compare with (default `previous`: as much time immediately before, whole days of the time zone \
            where the period is made of days).",
    shape: Shape::Words(words::<Compare>),
};

const RANGE_ALL: Parameter = Parameter {
    about: "The period by name, up to now (default `all`: since the first data).",
    ..RANGE
};

/// The period of a question.
pub const PERIOD: &[Parameter] = &[RANGE, FROM, TO, TZ];
/// The period of a list that is told from the newest row on, whatever its age.
pub const PERIOD_ALL: &[Parameter] = &[RANGE_ALL, FROM, TO, TZ];
/// What a period is compared with.
pub const COMPARED: &[Parameter] = &[COMPARE];
/// Whose joins count.
pub const AUDIENCES: &[Parameter] = &[AUDIENCE];
/// The zone alone.
pub const ZONE: &[Parameter] = &[TZ];
/// Width of the buckets.
pub const STEPS: &[Parameter] = &[STEP];

/// Parameters of every question about activity.
pub const STATS: &[Parameter] = &[RANGE, FROM, TO, TZ, AUDIENCE, CHANNEL, COMPARE];

const METRIC: Parameter = Parameter {
    name: "metric",
    about: "What is counted (default `messages`).",
    shape: Shape::Words(words::<Metric>),
};
const STEP: Parameter = Parameter {
    name: "step",
    about: "Width of a bucket (default `auto`).",
    shape: Shape::Words(words::<Option<Step>>),
};
const SPLIT: Parameter = Parameter {
    name: "split",
    about: "What the series is divided by (default `none`).",
    shape: Shape::Words(words::<Split>),
};
const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Rows of a page (default 50).",
    shape: Shape::Number(1, limits::LEADERBOARD_ROWS_MAX),
};
const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the period stays the one of the first page.",
    shape: Shape::Text("29678400_29688480_812_175928847299117063"),
};
const SEARCH: Parameter = Parameter {
    name: "search",
    about: "Only members whose name or display name holds this text, whatever the case.",
    shape: Shape::Text("ada"),
};

/// Further parameters of a series.
pub const SERIES: &[Parameter] = &[METRIC, STEP, SPLIT];
/// Further parameters of a heatmap.
pub const HEATMAP: &[Parameter] = &[METRIC];
/// Further parameters of a leaderboard.
pub const LEADERBOARD: &[Parameter] = &[LIMIT, CURSOR, SEARCH];

/// What every question about activity says, as it was asked: the period is not resolved yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatsParams {
    /// `range`.
    pub range: Option<Range>,
    /// `from`, as written.
    pub from: Option<String>,
    /// `to`, as written.
    pub to: Option<String>,
    /// `tz`, as written.
    pub tz: Option<String>,
    /// `audience`.
    pub audience: AudienceWord,
    /// `channel`.
    pub channel: Option<ChannelId>,
    /// `compare`.
    pub compare: Compare,
}

impl StatsParams {
    /// Takes the common parameters out of a query.
    ///
    /// # Errors
    /// The first one that cannot be read.
    pub fn take(query: &Query) -> Result<Self, Problem> {
        let text = |name: &str| query.text(name).map(str::to_owned);
        Ok(Self {
            range: query.word(RANGE.name)?,
            from: text(FROM.name),
            to: text(TO.name),
            tz: text(TZ.name),
            audience: query.word(AUDIENCE.name)?.unwrap_or(AudienceWord::Humans),
            channel: query.snowflake(CHANNEL.name)?.map(ChannelId),
            compare: query.word(COMPARE.name)?.unwrap_or(Compare::Previous),
        })
    }
}

impl StatsParams {
    /// The period of a list that nothing is compared with; the longest one where none is said and `all` is set.
    ///
    /// # Errors
    /// The first parameter that cannot be read.
    pub fn period(query: &Query, all: bool) -> Result<Self, Problem> {
        let mut params = Self { compare: Compare::None, ..Self::take(query)? };
        if all && params.range.is_none() && params.from.is_none() && params.to.is_none() {
            params.range = Some(Range::All);
        }
        Ok(params)
    }

    /// `step`; `None` = chosen by the server.
    ///
    /// # Errors
    /// It is not a step.
    pub fn step(query: &Query) -> Result<Option<Step>, Problem> {
        Ok(query.word(STEP.name)?.unwrap_or(None))
    }
}

/// Parameters of `stats/series`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesParams {
    /// The common ones.
    pub stats: StatsParams,
    /// `metric`.
    pub metric: Metric,
    /// `step`; `None` = chosen here.
    pub step: Option<Step>,
    /// `split`.
    pub split: Split,
}

/// Parameters of `stats/heatmap`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeatmapParams {
    /// The common ones.
    pub stats: StatsParams,
    /// `metric`.
    pub metric: Metric,
}

/// Parameters of a leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderboardParams {
    /// The common ones.
    pub stats: StatsParams,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor>,
    /// `search`.
    pub search: Option<String>,
}

/// Where a page of a leaderboard begins (after this value and member), and the period of its first page: later pages must
/// not see it move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    /// Value of the last row of the page before.
    pub value: f64,
    /// Member of that row.
    pub member: UserId,
    /// The period of the first page.
    pub span: Span,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_{}_{}", self.span.from, self.span.to, self.value, self.member.0)
    }
}

impl Cursor {
    /// Reads a cursor; `None` for one that was not given out here.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('_').collect();
        let [from, to, value, member] = parts[..] else { return None };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(from) && digits(to) && digits(member)) {
            return None;
        }
        let span = read_span(from.parse().ok()?, to.parse().ok()?)?;
        let value = value.parse::<f64>().ok().filter(|value| value.is_finite())?;
        let member = member.parse::<u64>().ok().filter(|id| i64::try_from(*id).is_ok())?;
        Some(Self { value, member: UserId(member), span })
    }
}

/// The period of a first page, as a cursor tells it; `None` for one that no first page can have.
pub fn read_span(from: i64, to: i64) -> Option<Span> {
    let span = Span { from: u32::try_from(from).ok()?, to: u32::try_from(to).ok()? };
    let bounded = span.from < span.to && span.to <= LATEST_MINUTE;
    (bounded && (span.to - span.from) / 60 <= limits::PERIOD_HOURS_MAX).then_some(span)
}

impl<S: Send + Sync> FromRequestParts<S> for StatsParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS])?;
        Self::take(&query)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SeriesParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS, SERIES])?;
        let params = Self {
            stats: StatsParams::take(&query)?,
            metric: query.word(METRIC.name)?.unwrap_or(Metric::Messages),
            step: query.word(STEP.name)?.unwrap_or(None),
            split: query.word(SPLIT.name)?.unwrap_or(Split::None),
        };
        if params.split == Split::Emoji && params.metric != Metric::Reactions {
            return Err(Problem::bad_parameter(SPLIT.name, "only reactions have emojis")
                .remedy("ask with metric=reactions"));
        }
        if params.split == Split::Emoji && params.stats.channel.is_some() {
            return Err(Problem::bad_parameter(
                SPLIT.name,
                "emojis are counted per server, not per channel",
            )
            .remedy("ask without channel"));
        }
        let people = matches!(params.metric, Metric::Members | Metric::Joins | Metric::Departures);
        if people && params.split != Split::None {
            return Err(Problem::bad_parameter(SPLIT.name, "joins and departures are not divided")
                .remedy("ask with split=none, or ask `growth` for departures by kind"));
        }
        if people && params.stats.channel.is_some() {
            return Err(Problem::bad_parameter(
                CHANNEL.name,
                "members belong to the whole server, not to a channel",
            )
            .remedy("ask without channel"));
        }
        let voice = matches!(params.metric, Metric::VoiceMinutes | Metric::ActiveVoiceMinutes);
        if params.split == Split::State && !voice {
            return Err(Problem::bad_parameter(SPLIT.name, "only time in voice has states")
                .remedy("ask with metric=voice_minutes"));
        }
        Ok(params)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for HeatmapParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS, HEATMAP])?;
        let metric = query.word(METRIC.name)?.unwrap_or(Metric::Messages);
        if metric == Metric::Members {
            return Err(Problem::bad_parameter(METRIC.name, "members do not add up over hours")
                .remedy("ask with metric=joins"));
        }
        Ok(Self { stats: StatsParams::take(&query)?, metric })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LeaderboardParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS, LEADERBOARD])?;
        let limit = query.number(LIMIT.name, 1, limits::LEADERBOARD_ROWS_MAX)?;
        let cursor = query.text(CURSOR.name).map(|text| {
            Cursor::read(text).ok_or_else(|| {
                Problem::bad_parameter(CURSOR.name, "this is not a cursor given out here")
                    .remedy("give `next_cursor` of the page before, or nothing for the first page")
            })
        });
        let search = query.text(SEARCH.name).map(str::trim).filter(|text| !text.is_empty());
        if search.is_some_and(|text| text.chars().count() > limits::SEARCH_CHARS_MAX) {
            let most = limits::SEARCH_CHARS_MAX;
            let detail = format!("the text to search for may have {most} characters at most");
            return Err(Problem::bad_parameter(SEARCH.name, detail));
        }
        Ok(Self {
            stats: StatsParams::take(&query)?,
            limit,
            cursor: cursor.transpose()?,
            search: search.map(str::to_owned),
        })
    }
}

impl IntoParams for StatsParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS])
    }
}

impl IntoParams for SeriesParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS, SERIES])
    }
}

impl IntoParams for HeatmapParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS, HEATMAP])
    }
}

impl IntoParams for LeaderboardParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS, LEADERBOARD])
    }
}

/// Tables of parameters as the OpenAPI document describes them.
pub fn document(tables: &[&[Parameter]]) -> Vec<OpenApiParameter> {
    let all = tables.iter().flat_map(|table| table.iter());
    all.map(|parameter| parameter.document(ParameterIn::Query)).collect()
}
