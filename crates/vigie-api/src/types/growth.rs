//! Answers about who came, who went and who stayed: growth, retention, lifecycle, who went quiet, and where a member is from.
//!
//! Bots are left out, but for the member count, which is Discord's own. Example of a cohort:
//! `{"from":"2026-11-02T00:00:00Z","to":"2026-11-09T00:00:00Z","joined":40,"unheard":0,"complete":true,"coverage":1,
//! "weeks":[{"reached":40,"present":33,"active":28},{"reached":12,"present":9,"active":5}]}`

use serde::Serialize;
use utoipa::ToSchema;

use super::activity::{Card, MembersCard, Step};
use super::coverage::{Coverage, PartialBucket};
use super::invites::JoinOrigin;
use super::vocabulary::{Figure, Instant, MemberRef, Note, Period};

/// How a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepartureKind {
    /// By themselves, as far as anything tells. Without the audit log a kick looks like this too.
    Leave,
    /// Kicked.
    Kick,
    /// Banned.
    Ban,
    /// Removed as inactive.
    Prune,
    /// Not heard: they were here before a gap, and gone after it.
    Unseen,
}

/// Members over time, with joins and departures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Growth {
    /// What it is about.
    pub period: Period,
    /// What it is compared with.
    #[schema(required)]
    pub previous: Option<Period>,
    /// The number of members.
    pub members: MembersCard,
    /// Joins, rejoins included.
    pub joins: Card,
    /// Departures of every kind.
    pub departures: Card,
    /// Joins of people who had been here before.
    pub rejoins: u64,
    /// Departures by kind.
    pub departures_by_kind: DepartureCounts,
    /// How old the accounts were when they joined; only bands that occurred, the youngest first.
    pub account_ages: Vec<AccountAges>,
    /// Over time.
    pub series: GrowthSeries,
    /// Before this instant only those are known who were still here when the list of members was first read: joins are too few
    /// and departures are not known. `null` when nothing is known from before, or the period begins later.
    #[schema(required)]
    pub survivors_until: Option<Instant>,
    /// How much of the period was covered.
    pub coverage: Coverage,
}

/// Departures by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DepartureCounts {
    /// By themselves, as far as anything tells.
    pub leave: u64,
    /// Kicked.
    pub kick: u64,
    /// Banned.
    pub ban: u64,
    /// Removed as inactive.
    pub prune: u64,
    /// Not heard: gone after a gap.
    pub unseen: u64,
}

/// A band of account ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountAge {
    /// Less than a day.
    Day,
    /// A day or more, less than a week.
    Week,
    /// A week or more, less than 30 days.
    Month,
    /// 30 days or more, less than 365.
    Year,
    /// 365 days or more.
    Older,
}

/// Joins of accounts of one age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountAges {
    /// The age at the join.
    pub age: AccountAge,
    /// How many joins.
    pub joins: u64,
}

/// Members, joins and departures by bucket.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GrowthSeries {
    /// Bucket starts, unix seconds.
    pub t: Vec<i64>,
    /// Width of the buckets.
    pub step: Step,
    /// The last bucket is not over.
    pub partial_last: bool,
    /// Buckets of which a part was not covered.
    pub partial: Vec<PartialBucket>,
    /// Members at the end of each bucket, bots included; `null` = not known. Before `survivors_until` only those are counted who
    /// were still here when the list was read.
    pub members: Vec<Option<Figure>>,
    /// Joins; `null` = nothing of the bucket was covered.
    pub joins: Vec<Option<Figure>>,
    /// The part of them of people who had been here before.
    pub rejoins: Vec<Option<Figure>>,
    /// The part of them that was not heard, but found in the list of members later: only those who stayed until then.
    pub unheard: Vec<Option<Figure>>,
    /// Departures of every kind.
    pub departures: Vec<Option<Figure>>,
    /// By themselves, as far as anything tells.
    pub leaves: Vec<Option<Figure>>,
    /// Kicked.
    pub kicks: Vec<Option<Figure>>,
    /// Banned.
    pub bans: Vec<Option<Figure>>,
    /// Removed as inactive.
    pub prunes: Vec<Option<Figure>>,
    /// Not heard: gone after a gap.
    pub unseen: Vec<Option<Figure>>,
}

/// Of those who came together, how many stayed and how many were active, week after week.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Retention {
    /// What it is about: joins of this period.
    pub period: Period,
    /// What a cohort is: the joins of a `day`, `week` or `month` of the time zone.
    pub cohort: Step,
    /// How many weeks are told of each cohort.
    pub weeks: u32,
    /// The cohorts, the oldest first; those without joins too.
    pub cohorts: Vec<Cohort>,
    /// All cohorts together, week after week.
    pub total: Vec<CohortWeek>,
    /// How much of the time from the first cohort until now was covered, for joins, departures and activity.
    pub coverage: Coverage,
}

/// Those who joined together. Week `n` of a stay runs from `n` to `n + 1` times seven days after the join, from 0. Somebody who
/// joins twice is counted twice.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Cohort {
    /// First instant of its joins.
    pub from: Instant,
    /// First instant that no longer belongs to it.
    pub to: Instant,
    /// How many joined.
    pub joined: u64,
    /// Joins among them that were not heard, but found in the list of members later: of these only those are known who stayed
    /// until then, so that the shares of a cohort with many of them are too high.
    pub unheard: u64,
    /// It is over: nobody else can join it.
    pub complete: bool,
    /// Share of the cohort's own time in which joins were covered, 0 to 1.
    pub coverage: f64,
    /// Week after week.
    pub weeks: Vec<CohortWeek>,
}

/// One week of the stays of a cohort. Shares are parts of `reached`; the week is over for all once `reached` equals `joined`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CohortWeek {
    /// Joins whose week is over.
    pub reached: u64,
    /// Those of them who were members until the end of the week at least.
    pub present: u64,
    /// Those of them who were active in the week: wrote, reacted, or spent a minute or more in voice.
    pub active: u64,
}

/// Members by what they did from week to week (Monday to Sunday of the time zone). Active = wrote, reacted, or spent a minute or
/// more in voice.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Lifecycle {
    /// What it is about.
    pub period: Period,
    /// Starts of the weeks, unix seconds.
    pub t: Vec<i64>,
    /// The last week is not over.
    pub partial_last: bool,
    /// Weeks of which a part was not covered.
    pub partial: Vec<PartialBucket>,
    /// Active for the first time ever.
    pub new: Vec<Option<Figure>>,
    /// Active, and in the week before too.
    pub returning: Vec<Option<Figure>>,
    /// Active again after a week or more without anything.
    pub resurrected: Vec<Option<Figure>>,
    /// Active in the week before but not in this one, and still members as far as is known. Not part of the active ones.
    pub dormant: Vec<Option<Figure>>,
    /// Active in the week before but not in this one, and gone by its end. Not part of the active ones.
    pub left: Vec<Option<Figure>>,
    /// Joins in the week.
    pub joins: Vec<Option<Figure>>,
    /// How much of the period was covered.
    pub coverage: Coverage,
    /// What to know when reading it, such as a time zone off the hour answered from whole hours.
    #[schema(required)]
    pub note: Option<Note>,
}

/// One page of the members who were active and went quiet: the most active first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuietMembers {
    /// The stretch in which they were active.
    pub period: Period,
    /// They have been silent since this instant.
    pub silent_since: Instant,
    /// The members: most active days first, then most messages.
    pub rows: Vec<QuietMember>,
    /// Members on all pages.
    pub total_rows: u64,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How much of the period and of the silence was covered: who wrote where nothing could be heard looks quiet.
    pub coverage: Coverage,
}

/// One of them: still a member, as far as is known.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuietMember {
    /// Who.
    pub member: MemberRef,
    /// When they last did anything; `null` = not known to the minute.
    #[schema(required)]
    pub last_active_at: Option<Instant>,
    /// Days of the period (UTC) on which they were active.
    pub active_days: u32,
    /// Messages they wrote in the period.
    pub messages: u64,
    /// When they joined; `null` = not known.
    #[schema(required)]
    pub joined_at: Option<Instant>,
}

/// Where a member is from: every stay that is known, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberOrigin {
    /// When the account was made.
    pub account_created_at: Instant,
    /// They are a member now; `null` = not known.
    #[schema(required)]
    pub is_member: Option<bool>,
    /// Their stays, the newest first: at most 50.
    pub stays: Vec<MemberStay>,
    /// How many joins are attributed to invites of theirs, exactly or likely, ever.
    pub recruited: u64,
}

/// One stay.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MemberStay {
    /// When they joined; `null` = not known.
    #[schema(required)]
    pub joined_at: Option<Instant>,
    /// When they went; `null` while they stay.
    #[schema(required)]
    pub left_at: Option<Instant>,
    /// How it ended; `null` while they stay.
    #[schema(required)]
    pub departure: Option<DepartureKind>,
    /// The act of moderation that ended it: its `id`.
    #[schema(required)]
    pub departure_case: Option<String>,
    /// They had been here before.
    pub rejoined: bool,
    /// The join was heard; `false` = found in the list of members later.
    pub heard: bool,
    /// How old the account was at the join, in days; `null` where the join is not known.
    #[schema(required)]
    pub account_age_days: Option<u32>,
    /// How they came; `null` where nothing was seen of it.
    #[schema(required)]
    pub origin: Option<JoinOrigin>,
}
