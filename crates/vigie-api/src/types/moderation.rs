//! Answers of the moderation family: who did what to whom, why, and how that is known.
//!
//! What Discord does not tell is `null`: a moderator is never guessed. Acts whose audit entries Discord merges carry
//! `approximate`. Example of a row:
//! `{"id":"812","audit_id":"1422851…","action":"ban","approximate":false,"at":"2026-11-20T10:02:11.512Z","target":{…},
//! "moderator":{…},"reason":"spam","channel":null,"count":null,"timeout":null,"changes":[],"evidence":{"source":"audit_pushed",
//! "event_heard":true}}`

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Card, Step};
use super::coverage::{Coverage, PartialBucket};
use super::vocabulary::{ChannelRef, Figure, Instant, MemberRef, Period, Snowflake};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModerationAction {
    /// Banned.
    Ban,
    /// A ban lifted.
    Unban,
    /// Kicked.
    Kick,
    /// Inactive members removed: no target, `count` of them.
    Prune,
    /// Timed out until `timeout.until`.
    Timeout,
    /// A timeout lifted before its end.
    TimeoutRemoved,
    /// Warned through Vigie.
    Warn,
    /// Somebody else's messages deleted, one by one: `count` so far. Approximate.
    MessageDelete,
    /// Messages deleted at once.
    MessageDeleteBulk,
    /// Roles given or taken by somebody else.
    RoleUpdate,
    /// Nickname changed by somebody else.
    Nick,
    /// Moved to another voice channel: no target. Approximate.
    VoiceMove,
    /// Disconnected from voice: no target. Approximate.
    VoiceDisconnect,
    /// A rule of the automatic moderation acted.
    Automod,
    /// Muted in voice, or no longer.
    VoiceMute,
    /// Deafened in voice, or no longer.
    VoiceDeafen,
}

/// Which kind of source told an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseSource {
    /// A gateway event that names no moderator; its audit entry has not come (yet).
    Event,
    /// An entry of the audit log, as it was made.
    AuditPushed,
    /// An entry of the audit log, read later.
    AuditRead,
}

/// How an act is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseEvidence {
    /// Where it stands.
    pub source: CaseSource,
    /// The act itself was heard as a gateway event (not only told by the audit log).
    pub event_heard: bool,
}

/// How far a timeout has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutState {
    /// It holds.
    Running,
    /// It has run out by itself. Discord sends no event for that: it is worked out from `until`.
    Expired,
    /// It was lifted before.
    Lifted,
    /// Another timeout took its place.
    Replaced,
}

/// A timeout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Timeout {
    /// When it ends, or would have ended.
    pub until: Instant,
    /// How far it has come.
    pub state: TimeoutState,
    /// When it ended: by itself, lifted or replaced; `null` while it holds.
    #[schema(required)]
    pub ended_at: Option<Instant>,
}

/// A field that an act changed. Fields: `nick`; `role_added` and `role_removed` (`old`: the role's id, `new`: its name); `mute`,
/// `deaf` (`true` or `false`); `rule` (`new`: its name or id); `automod_action` (`new`: `block_message`, `alert`, `timeout`,
/// `block_interaction`, or Discord's number).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseChange {
    /// Which.
    pub field: String,
    /// Before.
    #[schema(required)]
    pub old: Option<String>,
    /// After.
    #[schema(required)]
    pub new: Option<String>,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModerationCase {
    /// Number of the act in this deployment, as a string.
    pub id: String,
    /// The audit entry that tells it; `null` while only the event is known.
    #[schema(required)]
    pub audit_id: Option<Snowflake>,
    /// What was done.
    pub action: ModerationAction,
    /// Discord merges entries of this kind: number and targets are approximate.
    pub approximate: bool,
    /// When.
    pub at: Instant,
    /// To whom; `null` where Discord names nobody.
    #[schema(required)]
    pub target: Option<MemberRef>,
    /// By whom; `null` = unknown.
    #[schema(required)]
    pub moderator: Option<MemberRef>,
    /// Why, in the moderator's words.
    #[schema(required)]
    pub reason: Option<String>,
    /// Where.
    #[schema(required)]
    pub channel: Option<ChannelRef>,
    /// How many messages or members.
    #[schema(required)]
    pub count: Option<u32>,
    /// Of a timeout: how long it holds.
    #[schema(required)]
    pub timeout: Option<Timeout>,
    /// What else it changed.
    pub changes: Vec<CaseChange>,
    /// How it is known.
    pub evidence: CaseEvidence,
}

/// One page of acts, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModerationCases {
    /// What it is about.
    pub period: Period,
    /// The acts, the newest first.
    pub rows: Vec<ModerationCase>,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One act with what surrounds it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModerationCasePage {
    /// The act.
    pub case: ModerationCase,
    /// Other acts on the same target, the newest first: at most 50.
    pub history: Vec<ModerationCase>,
    /// The stay of the target that the act ended (kick, ban, prune), where it ended one.
    #[schema(required)]
    pub ended_stay: Option<EndedStay>,
}

/// A stay that an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct EndedStay {
    /// When they had joined; `null` = not known.
    #[schema(required)]
    pub joined_at: Option<Instant>,
    /// When their departure was heard.
    pub left_at: Instant,
}

/// Acts in a period: by action, by moderator, over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModerationSummary {
    /// What it is about.
    pub period: Period,
    /// What it is compared with.
    #[schema(required)]
    pub previous: Option<Period>,
    /// Acts of all kinds. Messages deleted in one entry are one act.
    pub acts: Card,
    /// Acts whose moderator is not known.
    pub unknown_moderator: u64,
    /// By action, the most frequent first; only those that occurred.
    pub actions: Vec<ActionTotal>,
    /// By moderator, the busiest first, the unknown one among them: at most 100.
    pub moderators: Vec<ModeratorLoad>,
    /// Over time.
    pub series: ModerationSeries,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// One action in a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActionTotal {
    /// Which.
    pub action: ModerationAction,
    /// Discord merges its entries: approximate.
    pub approximate: bool,
    /// How often.
    pub value: u64,
    /// How often in the period compared with; `null` when it reaches back before the first data.
    #[schema(required)]
    pub previous: Option<u64>,
    /// Of bans: those lifted again by now; of timeouts: those lifted before their end. 0 for others.
    pub reversed: u64,
}

/// What one moderator did in a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModeratorLoad {
    /// Who; `null` = not known.
    #[schema(required)]
    pub moderator: Option<MemberRef>,
    /// Acts.
    pub value: u64,
    /// Part of all acts, 0 to 1.
    pub share: f64,
    /// By action, the most frequent first; only those that occurred.
    pub actions: Vec<ActionCount>,
    /// Their bans and timeouts that were lifted again, by anybody.
    pub reversed: u64,
}

/// How often one action occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActionCount {
    /// Which.
    pub action: ModerationAction,
    /// How often.
    pub value: u64,
}

/// Acts over time, one line per action.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModerationSeries {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// Width of the buckets.
    pub step: Step,
    /// The last bucket is not over.
    pub partial_last: bool,
    /// Buckets of which a part was not covered.
    pub partial: Vec<PartialBucket>,
    /// Actions that occurred, the most frequent first.
    pub lines: Vec<ActionLine>,
}

/// One action over time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ActionLine {
    /// Which.
    pub action: ModerationAction,
    /// One value per bucket; `null` = nothing of it was covered.
    pub values: Vec<Option<Figure>>,
}

/// What a member's page says of moderation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberModeration {
    /// Acts on them, ever, the newest first: at most 20; the others by `moderation/recent?target=`.
    pub received: Vec<ModerationCase>,
    /// There are more of them.
    pub more_received: bool,
    /// Acts by them, ever, the newest first: at most 20; the others by `moderation/recent?moderator=`.
    pub given: Vec<ModerationCase>,
    /// There are more of them.
    pub more_given: bool,
}
