//! The parameters of questions about members: growth, retention, lifecycle, who went quiet.

use vigie_core::vocabulary::{ChannelId, UserId};
use vigie_store::question::{JoinSource, QuietCursor};

use super::invites::{CODE, INVITER, METHOD, code};
use super::lists::{Cursor, LIMIT, Place};
use super::query::Query;
use super::stats::{AUDIENCES, COMPARED, PERIOD, STEPS, StatsParams, ZONE};
use super::{Asked, Parameter, Shape, Word, words};
use crate::limits;
use crate::problem::Problem;
use crate::types::activity::Step;

const COHORT: Parameter = Parameter {
    name: "cohort",
    about: "What a cohort is: joins of a day, week or month of the time zone (default `week`).",
    shape: Shape::Words(words::<CohortWord>),
};
const WEEKS: Parameter = Parameter {
    name: "weeks",
    about: "How many weeks to follow (default 8).",
    shape: Shape::Number(1, limits::RETENTION_WEEKS_MAX),
};
const FIRST_CHANNEL: Parameter = Parameter {
    name: "first_channel",
    about: "Only members whose first act after joining was in this channel.",
    shape: Shape::Snowflake,
};
const SILENT_DAYS: Parameter = Parameter {
    name: "silent_days",
    about: "For how many days of the time zone they have been silent, today included (default 14).",
    shape: Shape::Number(1, limits::QUIET_DAYS_MAX),
};
const ACTIVE_DAYS: Parameter = Parameter {
    name: "active_days",
    about: "In how many days before that they were active (default 30).",
    shape: Shape::Number(1, limits::QUIET_DAYS_MAX),
};
const QUIET_CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the days stay those of the first page.",
    shape: Shape::Text("29678400_29688480_29708640_12_240_175928847299117063"),
};

/// What a cohort is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CohortWord(pub Step);

impl Word for CohortWord {
    const WORDS: &'static [(&'static str, Self)] =
        &[("week", Self(Step::Week)), ("day", Self(Step::Day)), ("month", Self(Step::Month))];
}

/// Parameters of `growth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrowthParams {
    /// Period, audience and comparison.
    pub stats: StatsParams,
    /// `step`; `None` = chosen here.
    pub step: Option<Step>,
}

impl Asked for GrowthParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD, AUDIENCES, COMPARED, STEPS];

    fn take(query: &Query) -> Result<Self, Problem> {
        let params = Self { stats: StatsParams::take(query)?, step: StatsParams::step(query)? };
        if params.step == Some(Step::Minute) {
            return Err(Problem::bad_parameter("step", "growth is told by hours at the finest")
                .remedy("ask with step=hour"));
        }
        Ok(params)
    }
}

/// Parameters of `retention`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionParams {
    /// The period of the joins.
    pub stats: StatsParams,
    /// `cohort`.
    pub cohort: Step,
    /// `weeks`.
    pub weeks: u32,
    /// `code`, `inviter`, `method`, `first_channel`.
    pub source: JoinSource,
}

impl Asked for RetentionParams {
    const TABLES: &'static [&'static [Parameter]] =
        &[PERIOD, &[COHORT, WEEKS, CODE, INVITER, METHOD, FIRST_CHANNEL]];

    fn take(query: &Query) -> Result<Self, Problem> {
        let cohort = query.word::<CohortWord>(COHORT.name)?.unwrap_or(CohortWord(Step::Week));
        let weeks = query.number(WEEKS.name, 1, limits::RETENTION_WEEKS_MAX)?;
        Ok(Self {
            stats: StatsParams::period(query, false)?,
            cohort: cohort.0,
            weeks: weeks.unwrap_or(limits::RETENTION_WEEKS_DEFAULT),
            source: JoinSource {
                code: code(query)?,
                inviter: query.snowflake(INVITER.name)?.map(UserId),
                method: query.word(METHOD.name)?,
                first_channel: query.snowflake(FIRST_CHANNEL.name)?.map(ChannelId),
            },
        })
    }
}

/// Parameters of `lifecycle`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleParams {
    /// The period.
    pub stats: StatsParams,
}

impl Asked for LifecycleParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD];

    fn take(query: &Query) -> Result<Self, Problem> {
        Ok(Self { stats: StatsParams::period(query, false)? })
    }
}

/// Parameters of `members/quiet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietParams {
    /// The zone; the period is not said.
    pub stats: StatsParams,
    /// `silent_days`.
    pub silent_days: u32,
    /// `active_days`.
    pub active_days: u32,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`: the last row, and the end of the silence on the first page.
    pub cursor: Option<Cursor<QuietPlace>>,
}

/// A row of a list of quiet members, and where the silence ended on its first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietPlace {
    /// The row.
    pub row: QuietCursor,
    /// The first minute after the silence.
    pub until: u32,
}

impl Place for QuietPlace {
    const LEN: usize = 4;

    fn numbers(&self) -> Vec<i64> {
        let QuietCursor { active_days, messages, member } = self.row;
        vec![
            i64::from(self.until),
            i64::from(active_days),
            i64::try_from(messages).unwrap_or(i64::MAX),
            member.0 as i64,
        ]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [until, active_days, messages, member] = numbers.try_into().ok()?;
        let row = QuietCursor {
            active_days: u32::try_from(active_days).ok()?,
            messages: messages as u64,
            member: UserId(member as u64),
        };
        Some(Self { row, until: u32::try_from(until).ok()? })
    }
}

impl Asked for QuietParams {
    const TABLES: &'static [&'static [Parameter]] =
        &[ZONE, &[SILENT_DAYS, ACTIVE_DAYS, LIMIT, QUIET_CURSOR]];

    fn take(query: &Query) -> Result<Self, Problem> {
        let days = |parameter: Parameter| query.number(parameter.name, 1, limits::QUIET_DAYS_MAX);
        Ok(Self {
            stats: StatsParams::period(query, false)?,
            silent_days: days(SILENT_DAYS)?.unwrap_or(limits::SILENT_DAYS_DEFAULT),
            active_days: days(ACTIVE_DAYS)?.unwrap_or(limits::ACTIVE_DAYS_DEFAULT),
            limit: query.number(LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(query)?,
        })
    }
}
