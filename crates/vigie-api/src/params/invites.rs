//! The parameters of questions about invites: who brings people, joins with their evidence, who brought whom.

use vigie_core::vocabulary::{AttributionMethod, Confidence, UserId};
use vigie_store::question::{JoinCursor, JoinSource};

use super::lists::{Cursor, LIMIT, Place};
use super::query::Query;
use super::stats::{AUDIENCES, PERIOD, StatsParams};
use super::{Asked, Parameter, Shape, Word, words};
use crate::limits;
use crate::problem::Problem;

/// `code`.
pub const CODE: Parameter = Parameter {
    name: "code",
    about: "Only joins attributed to this code, exactly or likely.",
    shape: Shape::Text("discord-rust"),
};
/// `inviter`.
pub const INVITER: Parameter = Parameter {
    name: "inviter",
    about: "Only joins attributed to an invite of this member, exactly or likely.",
    shape: Shape::Snowflake,
};
/// `method`.
pub const METHOD: Parameter = Parameter {
    name: "method",
    about: "Only joins attributed by this method; `unknown` holds those of which nothing was seen too.",
    shape: Shape::Words(words::<AttributionMethod>),
};
const CONFIDENCE: Parameter = Parameter {
    name: "confidence",
    about: "Only joins attributed as surely as this; `none` holds those of which nothing was seen too.",
    shape: Shape::Words(words::<Confidence>),
};
const JOIN_CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the period stays the one of the first page.",
    shape: Shape::Text("29678400_29688480_1795178040000_175928847299117063"),
};
const MEMBER: Parameter =
    Parameter { name: "member", about: "Only this member's joins.", shape: Shape::Snowflake };
const ROOT: Parameter =
    Parameter { name: "root", about: "Only what is below this member.", shape: Shape::Snowflake };
const DEPTH: Parameter = Parameter {
    name: "depth",
    about: "Steps from the top at most (default 4).",
    shape: Shape::Number(1, limits::TREE_DEPTH_MAX),
};

impl Word for AttributionMethod {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("single_use", Self::SingleUse),
        ("uses_diff", Self::UsesDiff),
        ("vanity", Self::Vanity),
        ("ambiguous", Self::Ambiguous),
        ("unknown", Self::Unknown),
        ("bot_added", Self::BotAdded),
    ];
}

impl Word for Confidence {
    const WORDS: &'static [(&'static str, Self)] =
        &[("exact", Self::Exact), ("likely", Self::Likely), ("none", Self::None)];
}

/// The parameter [`CODE`].
///
/// # Errors
/// It is longer than any code, or holds what no code holds.
pub fn code(query: &Query) -> Result<Option<String>, Problem> {
    let Some(code) = query.text(CODE.name) else { return Ok(None) };
    let is_code = code.len() <= limits::INVITE_CODE_BYTES_MAX
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_code {
        return Err(Problem::bad_parameter(CODE.name, "this is not the code of an invite")
            .remedy("give what stands behind discord.gg/"));
    }
    Ok(Some(code.to_owned()))
}

/// Parameters of `invite-stats`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteStatsParams {
    /// The period.
    pub stats: StatsParams,
}

impl Asked for InviteStatsParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD];

    fn take(query: &Query) -> Result<Self, Problem> {
        Ok(Self { stats: StatsParams::period(query, false)? })
    }
}

/// Parameters of `invites/joins`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinsParams {
    /// The period.
    pub stats: StatsParams,
    /// `member`.
    pub member: Option<UserId>,
    /// `code`, `inviter`, `method`.
    pub source: JoinSource,
    /// `confidence`.
    pub confidence: Option<Confidence>,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor<JoinCursor>>,
}

impl Place for JoinCursor {
    const LEN: usize = 2;

    fn numbers(&self) -> Vec<i64> {
        vec![self.joined_at_ms, self.member.0 as i64]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [joined_at_ms, member] = numbers.try_into().ok()?;
        Some(Self { joined_at_ms, member: UserId(member as u64) })
    }
}

impl Asked for JoinsParams {
    const TABLES: &'static [&'static [Parameter]] =
        &[PERIOD, AUDIENCES, &[MEMBER, CODE, INVITER, METHOD, CONFIDENCE, LIMIT, JOIN_CURSOR]];

    fn take(query: &Query) -> Result<Self, Problem> {
        Ok(Self {
            stats: StatsParams::period(query, false)?,
            member: query.snowflake(MEMBER.name)?.map(UserId),
            source: JoinSource {
                code: code(query)?,
                inviter: query.snowflake(INVITER.name)?.map(UserId),
                method: query.word(METHOD.name)?,
                first_channel: None,
            },
            confidence: query.word(CONFIDENCE.name)?,
            limit: query.number(LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(query)?,
        })
    }
}

/// Parameters of `invites/tree`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeParams {
    /// The period.
    pub stats: StatsParams,
    /// `root`.
    pub root: Option<UserId>,
    /// `depth`.
    pub depth: u32,
}

impl Asked for TreeParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD, &[ROOT, DEPTH]];

    fn take(query: &Query) -> Result<Self, Problem> {
        let depth = query.number(DEPTH.name, 1, limits::TREE_DEPTH_MAX)?;
        Ok(Self {
            stats: StatsParams::period(query, false)?,
            root: query.snowflake(ROOT.name)?.map(UserId),
            depth: depth.unwrap_or(limits::TREE_DEPTH_DEFAULT),
        })
    }
}
