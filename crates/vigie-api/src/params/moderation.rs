//! The parameters of questions about moderation and about changes of a server.

use vigie_core::vocabulary::{ModerationAction, UserId};
use vigie_store::question::{CaseCursor, ChangeCursor, GuildChangeKind, Moderator};

use super::lists::{Cursor, LIMIT, Place};
use super::query::{Query, short, snowflake};
use super::stats::{COMPARED, PERIOD, PERIOD_ALL, StatsParams};
use super::{Asked, Parameter, Shape, Word, words};
use crate::limits;
use crate::problem::Problem;

const CASES_LIMIT: Parameter = Parameter { about: "Rows of a page (default 50).", ..LIMIT };
const CASE_CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the page before; the period stays the one of the first page.",
    shape: Shape::Text("29678400_29688480_1795178040000_812"),
};
const ACTION: Parameter = Parameter {
    name: "action",
    about: "Only these actions, divided by commas: `ban`, `unban`, `kick`, `prune`, `timeout`, `timeout_removed`, `warn`, \
            `message_delete`, `message_delete_bulk`, `role_update`, `nick`, `voice_move`, `voice_disconnect`, `automod`, \
            `voice_mute`, `voice_deafen` (default: all).",
    shape: Shape::Text("ban,kick,timeout"),
};
const MODERATOR: Parameter = Parameter {
    name: "moderator",
    about: "Only acts of this member (a Discord id), or `unknown` for those whose moderator is not known.",
    shape: Shape::Text("175928847299117063"),
};
const TARGET: Parameter =
    Parameter { name: "target", about: "Only acts on this member.", shape: Shape::Snowflake };
const SEARCH: Parameter = Parameter {
    name: "search",
    about: "Only acts whose reason holds this text, whatever the case.",
    shape: Shape::Text("spam"),
};
const KIND: Parameter = Parameter {
    name: "kind",
    about: "Only changes of this kind (default: all).",
    shape: Shape::Words(words::<GuildChangeKind>),
};

impl Word for ModerationAction {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("ban", Self::Ban),
        ("unban", Self::Unban),
        ("kick", Self::Kick),
        ("prune", Self::Prune),
        ("timeout", Self::Timeout),
        ("timeout_removed", Self::TimeoutRemoved),
        ("warn", Self::Warn),
        ("message_delete", Self::MessageDelete),
        ("message_delete_bulk", Self::MessageDeleteBulk),
        ("role_update", Self::RoleUpdate),
        ("nick", Self::Nick),
        ("voice_move", Self::VoiceMove),
        ("voice_disconnect", Self::VoiceDisconnect),
        ("automod", Self::Automod),
        ("voice_mute", Self::VoiceMute),
        ("voice_deafen", Self::VoiceDeafen),
    ];
}

/// Parameters of `moderation/recent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasesParams {
    /// The period; the longest one unless said.
    pub stats: StatsParams,
    /// `action`; none = all.
    pub actions: Vec<ModerationAction>,
    /// `moderator`.
    pub moderator: Option<Moderator>,
    /// `target`.
    pub target: Option<UserId>,
    /// `search`.
    pub search: Option<String>,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor<CaseCursor>>,
}

impl Place for CaseCursor {
    const LEN: usize = 2;

    fn numbers(&self) -> Vec<i64> {
        vec![self.at_ms, self.id]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [at_ms, id] = numbers.try_into().ok()?;
        Some(Self { at_ms, id })
    }
}

impl Asked for CasesParams {
    const TABLES: &'static [&'static [Parameter]] =
        &[PERIOD_ALL, &[ACTION, MODERATOR, TARGET, SEARCH, CASES_LIMIT, CASE_CURSOR]];

    fn take(query: &Query) -> Result<Self, Problem> {
        let search = query.text(SEARCH.name).map(str::trim).filter(|text| !text.is_empty());
        if search.is_some_and(|text| text.chars().count() > limits::REASON_SEARCH_CHARS_MAX) {
            let most = limits::REASON_SEARCH_CHARS_MAX;
            let detail = format!("the text to search for may have {most} characters at most");
            return Err(Problem::bad_parameter(SEARCH.name, detail));
        }
        Ok(Self {
            stats: StatsParams::period(query, true)?,
            actions: actions(query)?,
            moderator: match query.text(MODERATOR.name) {
                None => None,
                Some("unknown") => Some(Moderator::Unknown),
                Some(id) => Some(Moderator::Known(UserId(snowflake(MODERATOR.name, id)?))),
            },
            target: query.snowflake(TARGET.name)?.map(UserId),
            search: search.map(str::to_owned),
            limit: query.number(CASES_LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(query)?,
        })
    }
}

/// The parameter [`ACTION`], each action once.
fn actions(query: &Query) -> Result<Vec<ModerationAction>, Problem> {
    let Some(text) = query.text(ACTION.name) else { return Ok(Vec::new()) };
    let mut actions = Vec::new();
    for word in text.split(',') {
        let action = ModerationAction::of(word).ok_or_else(|| {
            let detail = format!("`{}` is not an action it knows", short(word));
            Problem::bad_parameter(ACTION.name, detail)
                .remedy(format!("give some of {}", words::<ModerationAction>().join(", ")))
        })?;
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    Ok(actions)
}

/// Parameters of `moderation/summary`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryParams {
    /// The period and what it is compared with.
    pub stats: StatsParams,
}

impl Asked for SummaryParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD, COMPARED];

    fn take(query: &Query) -> Result<Self, Problem> {
        Ok(Self { stats: StatsParams::take(query)? })
    }
}

impl Word for GuildChangeKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("bot_added", Self::BotAdded),
        ("bot_removed", Self::BotRemoved),
        ("guild", Self::Guild),
        ("role_added", Self::RoleAdded),
        ("role_changed", Self::RoleChanged),
        ("role_removed", Self::RoleRemoved),
        ("emoji_added", Self::EmojiAdded),
        ("emoji_changed", Self::EmojiChanged),
        ("emoji_removed", Self::EmojiRemoved),
        ("channel_added", Self::ChannelAdded),
        ("channel_changed", Self::ChannelChanged),
        ("channel_removed", Self::ChannelRemoved),
    ];
}

/// Parameters of `changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesParams {
    /// The period.
    pub stats: StatsParams,
    /// `kind`.
    pub kind: Option<GuildChangeKind>,
    /// `limit`; `None` = not said.
    pub limit: Option<u32>,
    /// `cursor`.
    pub cursor: Option<Cursor<ChangeCursor>>,
}

impl Place for ChangeCursor {
    const LEN: usize = 2;

    fn numbers(&self) -> Vec<i64> {
        vec![self.at_ms, self.id]
    }

    fn of(numbers: &[i64]) -> Option<Self> {
        let [at_ms, id] = numbers.try_into().ok()?;
        Some(Self { at_ms, id })
    }
}

impl Asked for ChangesParams {
    const TABLES: &'static [&'static [Parameter]] = &[PERIOD, &[KIND, LIMIT, CASE_CURSOR]];

    fn take(query: &Query) -> Result<Self, Problem> {
        Ok(Self {
            stats: StatsParams::period(query, false)?,
            kind: query.word(KIND.name)?,
            limit: query.number(LIMIT.name, 1, limits::ROWS_MAX)?,
            cursor: Cursor::take(query)?,
        })
    }
}
