//! Growth, cohorts, weeks and quiet members as files.

use axum::response::Response;
use serde::Serialize;
use vigie_core::vocabulary::UnixMs;

use super::{Column, Format, maybe, member_id, member_name, rows};
use crate::types::growth::{Cohort, CohortWeek, Growth, Lifecycle, QuietMember, QuietMembers};
use crate::types::vocabulary::{Figure, Instant};

/// One bucket of growth as a row.
#[derive(Serialize)]
struct GrowthRow {
    start: Instant,
    members: Option<Figure>,
    joins: Option<Figure>,
    rejoins: Option<Figure>,
    unheard: Option<Figure>,
    departures: Option<Figure>,
    leaves: Option<Figure>,
    kicks: Option<Figure>,
    bans: Option<Figure>,
    prunes: Option<Figure>,
    unseen: Option<Figure>,
}

/// One row per bucket.
pub fn growth(growth: &Growth, format: Format) -> Response {
    let series = &growth.series;
    let row = |(index, seconds): (usize, &i64)| GrowthRow {
        start: start(*seconds),
        members: series.members[index],
        joins: series.joins[index],
        rejoins: series.rejoins[index],
        unheard: series.unheard[index],
        departures: series.departures[index],
        leaves: series.leaves[index],
        kicks: series.kicks[index],
        bans: series.bans[index],
        prunes: series.prunes[index],
        unseen: series.unseen[index],
    };
    let buckets: Vec<GrowthRow> = series.t.iter().enumerate().map(row).collect();
    let columns: [Column<GrowthRow>; 11] = [
        ("start", |row| row.start.to_string()),
        ("members", |row| maybe(row.members)),
        ("joins", |row| maybe(row.joins)),
        ("rejoins", |row| maybe(row.rejoins)),
        ("unheard", |row| maybe(row.unheard)),
        ("departures", |row| maybe(row.departures)),
        ("leaves", |row| maybe(row.leaves)),
        ("kicks", |row| maybe(row.kicks)),
        ("bans", |row| maybe(row.bans)),
        ("prunes", |row| maybe(row.prunes)),
        ("unseen", |row| maybe(row.unseen)),
    ];
    rows(&buckets, &columns, ("growth", None), format)
}

/// One week of a cohort as a row.
#[derive(Serialize)]
struct CohortRow {
    from: Instant,
    to: Instant,
    joined: u64,
    unheard: u64,
    week: usize,
    #[serde(flatten)]
    counts: CohortWeek,
}

/// One row per cohort and week.
pub fn cohorts(cohorts: &[Cohort], format: Format) -> Response {
    let weeks = |cohort: &Cohort| {
        let Cohort { from, to, joined, unheard, .. } = *cohort;
        let counts = cohort.weeks.clone().into_iter().enumerate();
        counts.map(move |(week, counts)| CohortRow { from, to, joined, unheard, week, counts })
    };
    let all: Vec<CohortRow> = cohorts.iter().flat_map(weeks).collect();
    let columns: [Column<CohortRow>; 8] = [
        ("from", |row| row.from.to_string()),
        ("to", |row| row.to.to_string()),
        ("joined", |row| row.joined.to_string()),
        ("unheard", |row| row.unheard.to_string()),
        ("week", |row| row.week.to_string()),
        ("reached", |row| row.counts.reached.to_string()),
        ("present", |row| row.counts.present.to_string()),
        ("active", |row| row.counts.active.to_string()),
    ];
    rows(&all, &columns, ("retention", None), format)
}

/// One week as a row.
#[derive(Serialize)]
struct WeekRow {
    start: Instant,
    new: Option<Figure>,
    returning: Option<Figure>,
    resurrected: Option<Figure>,
    dormant: Option<Figure>,
    left: Option<Figure>,
    joins: Option<Figure>,
}

/// One row per week.
pub fn lifecycle(lifecycle: &Lifecycle, format: Format) -> Response {
    let row = |(index, seconds): (usize, &i64)| WeekRow {
        start: start(*seconds),
        new: lifecycle.new[index],
        returning: lifecycle.returning[index],
        resurrected: lifecycle.resurrected[index],
        dormant: lifecycle.dormant[index],
        left: lifecycle.left[index],
        joins: lifecycle.joins[index],
    };
    let weeks: Vec<WeekRow> = lifecycle.t.iter().enumerate().map(row).collect();
    let columns: [Column<WeekRow>; 7] = [
        ("start", |row| row.start.to_string()),
        ("new", |row| maybe(row.new)),
        ("returning", |row| maybe(row.returning)),
        ("resurrected", |row| maybe(row.resurrected)),
        ("dormant", |row| maybe(row.dormant)),
        ("left", |row| maybe(row.left)),
        ("joins", |row| maybe(row.joins)),
    ];
    rows(&weeks, &columns, ("lifecycle", None), format)
}

/// One row per member.
pub fn quiet(quiet: &QuietMembers, format: Format) -> Response {
    let columns: [Column<QuietMember>; 6] = [
        ("member_id", |row| member_id(Some(&row.member))),
        ("name", |row| member_name(Some(&row.member))),
        ("last_active_at", |row| maybe(row.last_active_at)),
        ("active_days", |row| row.active_days.to_string()),
        ("messages", |row| row.messages.to_string()),
        ("joined_at", |row| maybe(row.joined_at)),
    ];
    rows(&quiet.rows, &columns, ("quiet-members", quiet.next_cursor.as_deref()), format)
}

fn start(seconds: i64) -> Instant {
    Instant(UnixMs(seconds * 1_000))
}
