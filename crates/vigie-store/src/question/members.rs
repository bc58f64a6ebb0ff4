//! The words of questions about members: who came, who went, who stayed, who went quiet.
//!
//! A *stay* runs from a join to a departure. Instants are milliseconds since 1970; cuts in time zones are made by whoever asks.

use vigie_core::vocabulary::{DepartureKind, GuildId, UserId};

use super::{HourRange, JoinEvidence, JoinSource, MemberRow};

/// Milliseconds of a week of a stay.
pub const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// Joins, departures and members of one bucket. Joins and departures are those of the audience, the member count is of everybody, as
/// Discord counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrowthBucket {
    /// Joins, rejoins included.
    pub joins: u64,
    /// The part of them that was not heard, but found in the list of members later: of these only those are known who stayed until then.
    pub unheard: u64,
    /// The part of them of members who had been here before.
    pub rejoins: u64,
    /// Departures by kind.
    pub departures: Departures,
    /// Members at the end of the bucket; `None` where nothing tells.
    pub members: Option<MemberCount>,
}

/// How many members there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberCount {
    /// Members, bots included.
    pub members: u64,
    /// Before Discord first told a member count: only those are counted who were still here when the list of members was read.
    pub survivors_only: bool,
}

/// Departures by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Departures {
    /// By themselves, as far as anything tells.
    pub leave: u64,
    /// Kicked.
    pub kick: u64,
    /// Banned.
    pub ban: u64,
    /// Pruned.
    pub prune: u64,
    /// Not heard: gone after a gap.
    pub unseen: u64,
}

impl Departures {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.leave + self.kick + self.ban + self.prune + self.unseen
    }

    /// Those of one kind.
    pub fn of(&mut self, kind: DepartureKind) -> &mut u64 {
        match kind {
            DepartureKind::Leave => &mut self.leave,
            DepartureKind::Kick => &mut self.kick,
            DepartureKind::Ban => &mut self.ban,
            DepartureKind::Prune => &mut self.prune,
            DepartureKind::Unseen => &mut self.unseen,
        }
    }
}

/// Of those who joined together, how many stayed and how many were active, week after week: people only.
///
/// Week n of a stay runs from n to n + 1 times [`WEEK_MS`] after its join; activity, which is kept by hours, counts from the UTC hour
/// of the join on. Somebody who joins twice is counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionQuestion {
    /// Where.
    pub guild: GuildId,
    /// Cohort i holds the joins from `bounds_ms[i]` until before `bounds_ms[i + 1]`; at most [`crate::limits::BUCKETS_MAX`] cohorts.
    pub bounds_ms: Vec<i64>,
    /// How many weeks to follow (bounded by [`crate::limits::RETENTION_WEEKS_MAX`]).
    pub weeks: u32,
    /// Nothing is known after this instant: a week that ends later is not over.
    pub until_ms: i64,
    /// Only joins that came this way.
    pub source: JoinSource,
}

/// Those who joined in one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cohort {
    /// Joins, those that were not heard included.
    pub joins: u64,
    /// Joins that were not heard, but found in the list of members later: only those are known who stayed until then, so that the
    /// shares of a cohort with many of them are too high.
    pub unheard: u64,
    /// Week after week, as many as were asked for.
    pub weeks: Vec<CohortWeek>,
}

/// One week of the stays of a cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CohortWeek {
    /// Joins whose week is over: the week is complete once all are.
    pub reached: u64,
    /// Those of them whose stay went on until the end of the week at least.
    pub present: u64,
    /// Those of them who were active in the week while the stay lasted, whether or not it went on until the week's end.
    pub active: u64,
}

/// What became of the active members from one period (a week, usually) to the next. People only. Every active member of the period is
/// new, returning or resurrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LifecyclePeriod {
    /// Active, and first seen to do anything in this period.
    pub new: u64,
    /// Active in this period and in the one before.
    pub returning: u64,
    /// Active, first seen earlier, and not active in the period before.
    pub resurrected: u64,
    /// Active in the period before but not in this one, and still members at its end as far as is known.
    pub dormant: u64,
    /// Active in the period before but not in this one, and gone by its end.
    pub left: u64,
    /// Joins of people in the period.
    pub joins: u64,
}

/// Who was active in one stretch of time and did nothing in a later one, though still a member as far as is known. People only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietQuestion {
    /// Where.
    pub guild: GuildId,
    /// Active in it.
    pub active: HourRange,
    /// Not active in it.
    pub silent: HourRange,
    /// Start after this row; `None` starts with the most active.
    pub after: Option<QuietCursor>,
    /// Rows at most (bounded by [`crate::limits::QUIET_ROWS_MAX`]).
    pub limit: u32,
}

/// The place after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietCursor {
    /// Its active days.
    pub active_days: u32,
    /// Its messages.
    pub messages: u64,
    /// Its member.
    pub member: UserId,
}

/// A page of members who went quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietPage {
    /// The members: most active days first, then most messages, then the oldest account.
    pub rows: Vec<QuietMember>,
    /// Rows on all pages.
    pub total_rows: u64,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<QuietCursor>,
}

/// One who went quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietMember {
    /// Who.
    pub member: MemberRow,
    /// UTC days of the active stretch on which they were active.
    pub active_days: u32,
    /// Messages in the active stretch.
    pub messages: u64,
    /// Start of the last minute in which they did anything (ms since 1970), where it is known.
    pub last_seen_ms: Option<i64>,
    /// When they joined, where it is known.
    pub joined_at_ms: Option<i64>,
}

/// Where a member is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberOrigin {
    /// Whether they are a member now; `None` where nothing tells.
    pub is_member: Option<bool>,
    /// Their stays, the latest first (at most [`crate::limits::STAYS_MAX`]).
    pub stays: Vec<StayRow>,
    /// Joins attributed to invites of theirs, exactly or likely, ever.
    pub recruited: u64,
}

/// One stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayRow {
    /// When it began; `None` where only its end was heard.
    pub joined_at_ms: Option<i64>,
    /// Whether the join was heard; `false` for one found in the list of members.
    pub is_heard: bool,
    /// Whether they had been here before.
    pub rejoined: bool,
    /// When it ended; `None` while it lasts.
    pub left_at_ms: Option<i64>,
    /// How it ended; `None` while it lasts.
    pub departure: Option<DepartureKind>,
    /// The moderation case that ended it (`moderation_logs.id`).
    pub departure_case: Option<i64>,
    /// How they came; `None` where nothing was told of it.
    pub evidence: Option<JoinEvidence>,
}
