//! The parameters of lists that are read page by page: sessions, and the gaps of the coverage ledger.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter as OpenApiParameter, ParameterIn};
use vigie_core::vocabulary::{ChannelId, CoverageFamily, UserId};
use vigie_store::question::{LedgerCursor, VoiceSessionCursor};

use super::query::Query;
use super::stats::{STATS, StatsParams, document, read_span};
use super::{Parameter, Shape, words};
use crate::limits;
use crate::period::Span;
use crate::problem::Problem;
use crate::types::coverage::Family;

/// `limit` of a list.
pub const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Rows of a page (default 100).",
    shape: Shape::Number(1, limits::ROWS_MAX),
};
const SESSION_CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the period stays the one of the first page.",
    shape: Shape::Text("29678400_29688480_1795178040000_175928847299117063_41771983423143937"),
};
const GAP_CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the period stays the one of the first page.",
    shape: Shape::Text("29678400_29688480_1795178040000_0"),
};
const MEMBER: Parameter =
    Parameter { name: "member", about: "Only this member's sessions.", shape: Shape::Snowflake };
const FAMILY: Parameter = Parameter {
    name: "family",
    about: "Only gaps of this family (default: all); the totals are told of all.",
    shape: Shape::Words(words::<Family>),
};

/// Further parameters of the list of sessions.
pub const SESSIONS: &[Parameter] = &[LIMIT, SESSION_CURSOR, MEMBER];
/// Further parameters of the coverage ledger.
pub const LEDGER: &[Parameter] = &[LIMIT, GAP_CURSOR, FAMILY];

/// Parameters of `voice/sessions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionsParams {
    /// The common ones.
    pub stats: StatsParams,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor<VoiceSessionCursor>>,
    /// `member`.
    pub member: Option<UserId>,
}

/// Parameters of `coverage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerParams {
    /// The common ones.
    pub stats: StatsParams,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor<LedgerCursor>>,
    /// `family`.
    pub family: Option<Family>,
}

/// Where a page begins, and the period of the first page: later pages must not see it move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor<T> {
    /// The last row of the page before.
    pub after: T,
    /// The period of the first page.
    pub span: Span,
}

/// A row in a list, as numbers that find it again.
pub trait Place: Sized {
    /// How many numbers.
    const LEN: usize;

    /// The numbers, none below zero.
    fn numbers(&self) -> Vec<i64>;

    /// The row of these numbers, as many as [`Place::LEN`] and none below zero; `None` for numbers that no row has.
    fn of(numbers: &[i64]) -> Option<Self>;
}

impl<T: Place> std::fmt::Display for Cursor<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.span.from, self.span.to)?;
        self.after.numbers().into_iter().try_for_each(|number| write!(f, "_{number}"))
    }
}

impl<T: Place> Cursor<T> {
    /// Reads a cursor; `None` for one that was not given out here.
    pub fn read(text: &str) -> Option<Self> {
        let numbers = numbers(text)?;
        let (span, after) = numbers.split_at_checked(2)?;
        let after = Some(after).filter(|after| after.len() == T::LEN)?;
        Some(Self { after: T::of(after)?, span: read_span(span[0], span[1])? })
    }

    /// The parameter `cursor` of a query.
    ///
    /// # Errors
    /// It was not given out here.
    pub fn take(query: &Query) -> Result<Option<Self>, Problem> {
        let read = |text| Self::read(text).ok_or_else(bad_cursor);
        query.text("cursor").map(read).transpose()
    }
}

impl Place for VoiceSessionCursor {
    const LEN: usize = 3;

    fn numbers(&self) -> Vec<i64> {
        vec![self.started_at_ms, self.member.0 as i64, self.channel.0 as i64]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [started_at_ms, member, channel] = numbers.try_into().ok()?;
        Some(Self {
            started_at_ms,
            member: UserId(member as u64),
            channel: ChannelId(channel as u64),
        })
    }
}

impl Place for LedgerCursor {
    const LEN: usize = 2;

    fn numbers(&self) -> Vec<i64> {
        vec![self.from_ms, i64::from(self.family as u8)]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [from_ms, family] = numbers.try_into().ok()?;
        let family = CoverageFamily::from_u8(u8::try_from(family).ok()?)?;
        Some(Self { from_ms, family })
    }
}

/// Numbers that a database can hold, divided by `_`.
fn numbers(text: &str) -> Option<Vec<i64>> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let read = |part: &str| part.parse::<i64>().ok().filter(|_| digits(part));
    text.split('_').map(read).collect()
}

fn bad_cursor() -> Problem {
    Problem::bad_parameter("cursor", "this is not a cursor given out here")
        .remedy("give `next_cursor` of the page before, or nothing for the first page")
}

impl<S: Send + Sync> FromRequestParts<S> for SessionsParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS, SESSIONS])?;
        Ok(Self {
            stats: StatsParams::take(&query)?,
            limit: query.number(LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(&query)?,
            member: query.snowflake(MEMBER.name)?.map(UserId),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LedgerParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await?;
        query.only(&[STATS, LEDGER])?;
        Ok(Self {
            stats: StatsParams::take(&query)?,
            limit: query.number(LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(&query)?,
            family: query.word(FAMILY.name)?,
        })
    }
}

impl IntoParams for SessionsParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS, SESSIONS])
    }
}

impl IntoParams for LedgerParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<OpenApiParameter> {
        document(&[STATS, LEDGER])
    }
}
