//! The words of questions about moderation: who did what to whom. Instants are milliseconds since 1970.

use vigie_core::vocabulary::{
    AuditId, CaseSource, Change, ChannelId, GuildId, ModerationAction, UserId,
};

use super::MemberRow;

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moderator {
    /// Nobody knows.
    Unknown,
    /// This member.
    Known(UserId),
}

/// Which acts to list: latest first. All conditions that are given hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasesQuestion {
    /// Where.
    pub guild: GuildId,
    /// At this instant or later.
    pub from_ms: i64,
    /// Before this instant.
    pub to_ms: i64,
    /// Only these actions; empty for all.
    pub actions: Vec<ModerationAction>,
    /// Only by them.
    pub moderator: Option<Moderator>,
    /// Only to them.
    pub target: Option<UserId>,
    /// Only those whose reason contains this, whatever the case.
    pub search: Option<String>,
    /// Start after this row; `None` starts with the latest.
    pub after: Option<CaseCursor>,
    /// Rows at most (bounded by [`crate::limits::CASE_ROWS_MAX`]).
    pub limit: u32,
}

/// The place in a list of acts after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseCursor {
    /// When it was.
    pub at_ms: i64,
    /// Its number.
    pub id: i64,
}

/// A page of acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasePage {
    /// The acts, latest first.
    pub rows: Vec<CaseRow>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<CaseCursor>,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its number in these tables. A fact and its audit entry are one row, whichever came first; two that turn out to be one keep one of
    /// their numbers.
    pub id: i64,
    /// The audit entry that tells it; `None` for a fact that waits for its entry.
    pub audit: Option<AuditId>,
    /// What.
    pub action: ModerationAction,
    /// When.
    pub at_ms: i64,
    /// To whom.
    pub target: Option<MemberRow>,
    /// By whom; `None` where nobody knows.
    pub moderator: Option<MemberRow>,
    /// Why.
    pub reason: Option<String>,
    /// Where.
    pub channel: Option<ChannelId>,
    /// How many messages or members.
    pub count: Option<u32>,
    /// When a timeout ends, or would have ended.
    pub until_ms: Option<i64>,
    /// What came to a timeout before its end, and when; `None` where nothing did.
    pub timeout_end: Option<(i64, TimeoutEnd)>,
    /// How it is known.
    pub source: CaseSource,
    /// Whether an event told the fact itself.
    pub is_heard: bool,
    /// What else it changed.
    pub changes: Vec<Change>,
}

/// What came to a timeout before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutEnd {
    /// It was lifted.
    Lifted,
    /// Another took its place.
    Replaced,
}

/// One act with what surrounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDetail {
    /// The act.
    pub case: CaseRow,
    /// Other acts on the same target, latest first.
    pub history: Vec<CaseRow>,
    /// The stay of the target that it ended: when it began, where that is known, and when it ended.
    pub ended_stay: Option<(Option<i64>, i64)>,
}

/// Acts of a range, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModerationSummary {
    /// Bucket by bucket, how often each action occurred, in the order of their numbers; those that did not are not listed.
    pub buckets: Vec<Vec<(ModerationAction, u64)>>,
    /// Who acted, most acts first, then the oldest account; those of nobody known are one row, which is always listed.
    pub moderators: Vec<ModeratorRow>,
    /// Of the bans those that were lifted again, of the timeouts those that were lifted before their end.
    pub reversed: Vec<(ModerationAction, u64)>,
}

/// What one moderator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeratorRow {
    /// Who; `None` where nobody knows.
    pub moderator: Option<MemberRow>,
    /// How often each action, in the order of their numbers.
    pub actions: Vec<(ModerationAction, u64)>,
    /// Their bans that were lifted again and timeouts that were lifted before their end, by anybody.
    pub reversed: u64,
}
