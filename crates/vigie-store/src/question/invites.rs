//! The words of questions about invites: who brings people who stay, the book of invites, each join with its evidence.

use vigie_core::vocabulary::{
    AttributionMethod, Candidate, ChannelId, Confidence, DepartureKind, GuildId, InviteRecord,
    UserId,
};

use super::{Audience, MemberRow};

/// Joins that came in one way: all conditions that are given hold. The default is all joins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinSource {
    /// Attributed to this code, exactly or likely.
    pub code: Option<String>,
    /// Attributed to an invite of this member, exactly or likely.
    pub inviter: Option<UserId>,
    /// Attributed by this method; [`AttributionMethod::Unknown`] holds those of which nothing was told too.
    pub method: Option<AttributionMethod>,
    /// Their first act after joining (a message, a reaction or voice) was in this channel. Only of retention.
    pub first_channel: Option<ChannelId>,
}

/// How somebody came, and why it is thought so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinEvidence {
    /// By what it was attributed.
    pub method: AttributionMethod,
    /// How sure it is.
    pub confidence: Confidence,
    /// The code.
    pub code: Option<String>,
    /// Who made that invite.
    pub inviter: Option<MemberRow>,
    /// Each code that may have been used.
    pub candidates: Vec<Candidate>,
    /// How many joins were decided together.
    pub burst: u32,
}

/// Who brings people: joins of people in a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteStatsQuestion {
    /// Where.
    pub guild: GuildId,
    /// Joined at this instant or later (ms since 1970).
    pub from_ms: i64,
    /// Joined before this instant (ms since 1970).
    pub to_ms: i64,
    /// Now: whoever joined less than [`super::WEEK_MS`] before has not yet stayed for seven days.
    pub until_ms: i64,
    /// Recruiters at most (bounded by [`crate::limits::RECRUITERS_MAX`]).
    pub limit: u32,
}

/// Who brings people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteStats {
    /// Joins that were heard, attributed or not.
    pub joins: u64,
    /// The same by method and confidence, the most frequent first. Joins of which nothing was told are unknown.
    pub methods: Vec<MethodCount>,
    /// Those who made the invites, most joins first, then the oldest account.
    pub recruiters: Vec<Recruiter>,
    /// How many recruiters there are in all.
    pub recruiters_total: u64,
    /// Codes to which a join is attributed, exactly or likely.
    pub codes_used: u64,
    /// Codes that can be used now: neither ended nor run out.
    pub codes_active: u64,
}

/// Joins of one method and confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodCount {
    /// By what they were attributed.
    pub method: AttributionMethod,
    /// How sure that is.
    pub confidence: Confidence,
    /// How many.
    pub joins: u64,
}

/// One who brings people. Joins attributed exactly or likely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recruiter {
    /// Who.
    pub inviter: MemberRow,
    /// Joins attributed exactly.
    pub exact: u64,
    /// Joins attributed likely.
    pub likely: u64,
    /// Joins seven days and more ago.
    pub decided: u64,
    /// Those of `decided` whose stay lasted seven days at least.
    pub stayed: u64,
    /// Wrote a message, and were seen since the join.
    pub spoke: u64,
    /// Their stay has ended.
    pub left: u64,
    /// Had been here before.
    pub rejoined: u64,
    /// Came by an invite of their own.
    pub self_invited: u64,
}

/// Which joins to list: latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteJoinsQuestion {
    /// Where.
    pub guild: GuildId,
    /// Joined at this instant or later (ms since 1970).
    pub from_ms: i64,
    /// Joined before this instant (ms since 1970).
    pub to_ms: i64,
    /// Whose.
    pub audience: Audience,
    /// Only of this member.
    pub member: Option<UserId>,
    /// Which came this way (the first channel does not apply).
    pub source: JoinSource,
    /// Only those attributed as surely as this; [`Confidence::None`] holds those of which nothing was told too.
    pub confidence: Option<Confidence>,
    /// Start after this row; `None` starts with the latest.
    pub after: Option<JoinCursor>,
    /// Rows at most (bounded by [`crate::limits::JOIN_ROWS_MAX`]).
    pub limit: u32,
}

/// The place in a list of joins after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinCursor {
    /// When they joined (ms since 1970).
    pub joined_at_ms: i64,
    /// Who.
    pub member: UserId,
}

/// A page of joins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinPage {
    /// The joins, latest first; those of the same instant by member.
    pub rows: Vec<JoinRow>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<JoinCursor>,
}

/// One join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRow {
    /// Who came.
    pub member: MemberRow,
    /// When (ms since 1970).
    pub joined_at_ms: i64,
    /// Whether it was heard; `false` for one found in the list of members.
    pub is_heard: bool,
    /// Whether they had been here before.
    pub rejoined: bool,
    /// When they went (ms since 1970); `None` while they stay.
    pub left_at_ms: Option<i64>,
    /// How they went; `None` while they stay.
    pub departure: Option<DepartureKind>,
    /// How they came; `None` where nothing was told of it.
    pub evidence: Option<JoinEvidence>,
}

/// The book of invites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteBook {
    /// Those that can be used first, then the latest made first, then by code.
    pub rows: Vec<InviteRow>,
    /// How many can be used.
    pub active: u64,
    /// How many have run out. Discord sends no event for that.
    pub expired: u64,
    /// How many were deleted, used up, or found gone.
    pub ended: u64,
}

/// One invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteRow {
    /// The invite as it was last told.
    pub invite: InviteRecord,
    /// Who made it.
    pub inviter: Option<MemberRow>,
    /// Joins attributed to it, exactly or likely, ever.
    pub joins: u64,
}

/// Who brought whom: joins attributed exactly or likely in a stretch of time, each member under whoever brought them last in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteTreeQuestion {
    /// Where.
    pub guild: GuildId,
    /// Joined at this instant or later (ms since 1970).
    pub from_ms: i64,
    /// Joined before this instant (ms since 1970).
    pub to_ms: i64,
    /// Only what is below this member; `None` starts with all who were brought by nobody, those who brought most first.
    pub root: Option<UserId>,
    /// Steps from the top at most (bounded by [`crate::limits::TREE_DEPTH_MAX`]).
    pub depth: u32,
    /// Members at most (bounded by [`crate::limits::TREE_NODES_MAX`]).
    pub limit: u32,
}

/// Who brought whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InviteTree {
    /// Members, parents before their children: level after level.
    pub nodes: Vec<TreeNode>,
    /// Whether there are more: the tree was cut at its depth or its size.
    pub is_cut: bool,
}

/// One member of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeNode {
    /// Who.
    pub member: MemberRow,
    /// Who brought them; `None` at the top.
    pub parent: Option<UserId>,
    /// Steps from the top.
    pub depth: u32,
    /// When they joined by that invite (ms since 1970); `None` at the top.
    pub joined_at_ms: Option<i64>,
    /// Whether that stay lasts; at the top whether any does; `None` where nothing tells.
    pub is_member: Option<bool>,
    /// How many they brought themselves, in the tree or cut from it.
    pub brought: u64,
    /// How many are below them in the tree.
    pub below: u64,
}
