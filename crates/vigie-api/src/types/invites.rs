//! Answers of the invites family: who brings people who stay, the book of invites, and each join with its evidence.
//!
//! Discord does not say by which invite somebody came: it is worked out from the counters of the invites. `exact` = nothing else
//! can have happened; `likely` = right in at least 19 of 20; `none` = not attributed, with the codes it may have been. Example:
//! `{"method":"uses_diff","confidence":"exact","code":"abc","inviter":{…},"candidates":[{"code":"abc","inviter":{…},"used":1,
//! "ended":false}],"burst":1}`

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::Coverage;
use super::growth::DepartureKind;
use super::vocabulary::{ChannelRef, Instant, MemberRef, Period, Snowflake};

/// By what a join was attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributionMethod {
    /// An invite for one use (or its last one) was used up.
    SingleUse,
    /// One code was used as often as members came.
    UsesDiff,
    /// The vanity address was used as often as members came.
    Vanity,
    /// Several codes were used: any of the candidates.
    Ambiguous,
    /// Nothing points to an invite, or the invites cannot be read.
    Unknown,
    /// A bot: added by somebody, without an invite.
    BotAdded,
}

/// How sure an attribution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Nothing else can have happened.
    Exact,
    /// Right in at least 19 of 20.
    Likely,
    /// Not attributed.
    None,
}

/// A code that may have brought a member.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteCandidate {
    /// The code.
    pub code: String,
    /// Who made it; `null` = not known, or nobody's own.
    #[schema(required)]
    pub inviter: Option<MemberRef>,
    /// How often it was used in the burst.
    pub used: u32,
    /// It ended in the burst: used up, or deleted.
    pub ended: bool,
}

/// How a member came, with the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JoinOrigin {
    /// By what it was attributed.
    pub method: AttributionMethod,
    /// How sure that is.
    pub confidence: Confidence,
    /// The code; `null` = not known.
    #[schema(required)]
    pub code: Option<String>,
    /// Who made the invite; may be known where the code is not, when all candidates are of one person.
    #[schema(required)]
    pub inviter: Option<MemberRef>,
    /// Every code that may have been used.
    pub candidates: Vec<InviteCandidate>,
    /// How many joins came together and were decided together.
    pub burst: u32,
}

/// Who brings people who stay.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteStats {
    /// What it is about: joins of this period.
    pub period: Period,
    /// Joins that were heard, bots left out.
    pub joins: u64,
    /// Those attributed `exact` or `likely`.
    pub attributed: u64,
    /// Joins by method and confidence, the most frequent first.
    pub methods: Vec<MethodCount>,
    /// Invites that can be used now.
    pub codes_active: u64,
    /// Codes to which a join of the period is attributed.
    pub codes_used: u64,
    /// Who made the invites, by joins: at most 100.
    pub recruiters: Vec<Recruiter>,
    /// How many recruiters there are in all.
    pub recruiters_total: u64,
    /// What the columns mean.
    pub rules: InviteRules,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// Joins of one method and confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MethodCount {
    /// By what they were attributed.
    pub method: AttributionMethod,
    /// How sure that is.
    pub confidence: Confidence,
    /// How many.
    pub joins: u64,
}

/// What the columns of the recruiters mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InviteRules {
    /// Somebody stayed who was still a member so many days after the join.
    pub stayed_days: u32,
}

/// One who brings people. Joins attributed `exact` or `likely`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Recruiter {
    /// Place, from 1.
    pub rank: u64,
    /// Who.
    pub inviter: MemberRef,
    /// Joins, all of the following.
    pub joins: u64,
    /// Those attributed exactly.
    pub exact: u64,
    /// Those attributed likely.
    pub likely: u64,
    /// Of `decided`: still members seven days after the join.
    pub stayed: u64,
    /// Joins whose seven days have passed.
    pub decided: u64,
    /// Wrote a message, and were seen since the join.
    pub spoke: u64,
    /// Have left since.
    pub left: u64,
    /// Had been here before.
    pub rejoined: u64,
    /// Came by an invite of their own.
    pub self_invited: u64,
}

/// One page of joins, the newest first, each with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteJoins {
    /// What it is about.
    pub period: Period,
    /// The joins, the newest first.
    pub rows: Vec<InviteJoin>,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One join.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteJoin {
    /// Who came.
    pub member: MemberRef,
    /// When.
    pub joined_at: Instant,
    /// When the account was made.
    pub account_created_at: Instant,
    /// They had been here before.
    pub rejoined: bool,
    /// The join was heard; `false` = found in the list of members later.
    pub heard: bool,
    /// When they went; `null` while they stay.
    #[schema(required)]
    pub left_at: Option<Instant>,
    /// How that stay ended; `null` while they stay.
    #[schema(required)]
    pub departure: Option<DepartureKind>,
    /// How they came; `null` where nothing was seen of it.
    #[schema(required)]
    pub origin: Option<JoinOrigin>,
}

/// Who brought whom: joins attributed `exact` or `likely`, each member under whoever brought them last. Parents come before
/// their children.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteTree {
    /// What it is about: joins of this period.
    pub period: Period,
    /// Members, those without a parent first.
    pub rows: Vec<InviteTreeRow>,
    /// There are more: the tree is cut at its depth or its size.
    pub truncated: bool,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One member of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteTreeRow {
    /// Who.
    pub member: MemberRef,
    /// Who brought them; `null` for those at the top.
    #[schema(required)]
    pub parent_id: Option<Snowflake>,
    /// Steps from the top, from 0.
    pub depth: u32,
    /// When they joined by that invite; `null` for those at the top.
    #[schema(required)]
    pub joined_at: Option<Instant>,
    /// They are still members; `null` for those at the top of whom nothing is known.
    #[schema(required)]
    pub is_member: Option<bool>,
    /// How many they brought themselves.
    pub brought: u64,
    /// How many are below them in all, as far as the tree reaches.
    pub below: u64,
}

/// Whether an invite can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InviteState {
    /// It can.
    Active,
    /// It has run out. Discord sends no event for that: it is worked out from `expires_at`.
    Expired,
    /// Deleted, used up, or found gone.
    Ended,
}

/// The book of invites.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InviteBook {
    /// Invites, those that can be used first, then the newest first: at most 1,000.
    pub rows: Vec<Invite>,
    /// How many there are of each state.
    pub active: u64,
    /// Those that have run out.
    pub expired: u64,
    /// Those that were deleted, used up, or found gone.
    pub ended: u64,
}

/// One invite.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Invite {
    /// Its code.
    pub code: String,
    /// It is the server's vanity address.
    pub vanity: bool,
    /// Whether it can be used.
    pub state: InviteState,
    /// Where it leads.
    #[schema(required)]
    pub channel: Option<ChannelRef>,
    /// Who made it; `null` = not known, or nobody's own.
    #[schema(required)]
    pub inviter: Option<MemberRef>,
    /// How often it was used, as Discord counts; `null` = not told.
    #[schema(required)]
    pub uses: Option<u32>,
    /// How often it may be used; `null` = without end.
    #[schema(required)]
    pub max_uses: Option<u32>,
    /// When it was made.
    #[schema(required)]
    pub created_at: Option<Instant>,
    /// When it runs out; `null` = never.
    #[schema(required)]
    pub expires_at: Option<Instant>,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Instant>,
    /// Who comes by it stays only while online.
    pub temporary: bool,
    /// Joins attributed to it, exactly or likely, ever.
    pub joins: u64,
}
