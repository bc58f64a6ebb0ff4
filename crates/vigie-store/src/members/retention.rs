//! Of those who joined together, how many stayed and how many were active, week after week.
//!
//! The stays of all cohorts are held by member, and every day of the weeks after them is gone through once, with the members who were active
//! on it in the same order.

use std::collections::{BTreeMap, HashMap};

use vigie_core::vocabulary::AttributionMethod;

use super::growth::{check_bounds, first_sample};
use crate::{
    Store, StoreError,
    activity::days::{self, Day},
    db::Snapshot,
    limits::{MEMBERS_PER_STATEMENT, RETENTION_WEEKS_MAX},
    query::Query,
    question::{
        ACTIVE_VOICE_MS, Audience, Cohort, CohortWeek, HourRange, JoinSource, RetentionQuestion,
        WEEK_MS,
    },
    value::key,
};

const DAY_HOURS: u32 = 24;
const WEEK_HOURS: u32 = 7 * DAY_HOURS;
const HOUR_MS: i64 = 3_600_000;

/// All hours of a day.
const WHOLE_DAY: u32 = (1 << DAY_HOURS) - 1;

impl Store {
    /// How many of each cohort stayed and were active, week after week.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are too many ([`crate::limits::BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn retention(&self, question: &RetentionQuestion) -> Result<Vec<Cohort>, StoreError> {
        let bounds = &question.bounds_ms;
        check_bounds(bounds)?;
        let weeks = question.weeks.min(RETENTION_WEEKS_MAX);
        let empty =
            Cohort { weeks: vec![CohortWeek::default(); weeks as usize], ..Cohort::default() };
        let mut cohorts = vec![empty; bounds.len().saturating_sub(1)];
        let Some(guild) = key(question.guild.0).filter(|_| !cohorts.is_empty()) else {
            return Ok(cohorts);
        };
        let mut at = self.read.snapshot().await?;
        let range = (bounds[0], bounds[bounds.len() - 1]);
        let mut stays = stays(&mut at, guild, range, &question.source).await?;
        let (first, last) =
            (stays.iter().map(|s| s.hour).min(), stays.iter().map(|s| s.hour).max());
        if let (Some(first), Some(last)) = (first, last) {
            let until = hour_of(question.until_ms).saturating_add(1);
            let end = last.saturating_add(weeks * WEEK_HOURS).min(until);
            acts(&mut at, guild, HourRange { from: first, to: end }, weeks, &mut stays).await?;
        }
        if let Some(channel) = question.source.first_channel {
            let channel = key(channel.0).unwrap_or(-1);
            keep_first_channel(&mut at, guild, channel, &mut stays).await?;
        }
        for stay in &stays {
            let place = bounds.partition_point(|bound| *bound <= stay.since);
            if let Some(cohort) = place.checked_sub(1).and_then(|at| cohorts.get_mut(at)) {
                stay.count(cohort, question.until_ms);
            }
        }
        Ok(cohorts)
    }
}

/// A stay of a cohort, and in which of its weeks the member was active.
#[derive(Clone, Debug)]
struct Stay {
    member: i64,
    since: i64,
    left: Option<i64>,
    is_heard: bool,
    /// The UTC hour of the join.
    hour: u32,
    /// The first UTC hour after that of the departure.
    end_hour: u32,
    /// Bit n: active in week n.
    active: u64,
    /// The first hour with a message, a reaction or voice.
    first: Option<u32>,
}

impl Stay {
    fn count(&self, cohort: &mut Cohort, until_ms: i64) {
        cohort.joins += 1;
        cohort.unheard += u64::from(!self.is_heard);
        for (week, counts) in cohort.weeks.iter_mut().enumerate() {
            let end = self.since + (week as i64 + 1) * WEEK_MS;
            if end > until_ms {
                break;
            }
            counts.reached += 1;
            counts.present += u64::from(self.left.is_none_or(|left| left >= end));
            counts.active += u64::from(self.active & 1 << week != 0);
        }
    }
}

/// Member, join, departure, whether it was heard.
type StaySql = (i64, i64, Option<i64>, bool);

/// The stays of people that began in a range of instants in this way, by member, then beginning.
async fn stays(
    at: &mut Snapshot,
    guild: i64,
    (from, to): (i64, i64),
    source: &JoinSource,
) -> sqlx::Result<Vec<Stay>> {
    let heard_from = first_sample(at, guild).await?.unwrap_or(0);
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(from), query.bind(to));
    let of_source = conditions(&mut query, &g, source);
    let statement = query.text(format!(
        "SELECT s.member_id, s.since_ms, s.left_at_ms, s.is_heard FROM member_stays s \
         WHERE s.guild_id = {g} AND s.since_ms >= {from} AND s.since_ms < {to} AND s.is_join_known AND s.kind = 0{of_source}"
    ));
    let rows: Vec<StaySql> = statement.all(at).await?;
    let stay = |(member, since, left, is_heard): StaySql| Stay {
        member,
        since,
        left,
        is_heard: is_heard && since >= heard_from,
        hour: hour_of(since),
        end_hour: left.map_or(u32::MAX, |left| hour_of(left) + 1),
        active: 0,
        first: None,
    };
    let mut stays: Vec<Stay> = rows.into_iter().map(stay).collect();
    stays.sort_unstable_by_key(|stay| (stay.member, stay.since));
    Ok(stays)
}

fn hour_of(ms: i64) -> u32 {
    u32::try_from(ms.div_euclid(HOUR_MS)).unwrap_or(0)
}

/// The conditions that keep the stays `s` to those that began in this way, each beginning with AND.
pub(crate) fn conditions(query: &mut Query, guild: &str, source: &JoinSource) -> String {
    let mut of_join = String::new();
    if let Some(code) = &source.code {
        let code = query.bind(code.clone());
        of_join.push_str(&format!(" AND o.code = {code} AND o.confidence > 0"));
    }
    if let Some(inviter) = source.inviter {
        let inviter = query.bind(key(inviter.0).unwrap_or(-1));
        of_join.push_str(&format!(" AND o.inviter_id = {inviter} AND o.confidence > 0"));
    }
    let tracked = |of_join: &str, condition: &str| {
        format!(
            " AND {condition} (SELECT 1 FROM invite_tracking o WHERE o.guild_id = {guild} AND o.member_id = s.member_id \
             AND o.joined_at_ms = s.since_ms{of_join})"
        )
    };
    let mut conditions = String::new();
    match source.method {
        // Of these nothing may have been told at all.
        Some(AttributionMethod::Unknown) => {
            conditions = tracked(" AND o.method <> 0", "NOT EXISTS");
        }
        Some(method) => {
            let method = query.bind(i32::from(method as u8));
            of_join.push_str(&format!(" AND o.method = {method}"));
        }
        None => {}
    }
    if !of_join.is_empty() {
        conditions.push_str(&tracked(&of_join, "EXISTS"));
    }
    conditions
}

/// Notes in which of their weeks the members were active.
async fn acts(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    weeks: u32,
    stays: &mut [Stay],
) -> sqlx::Result<()> {
    // Time in voice in weeks in which it was less than what makes active on each day.
    let mut spent: HashMap<(usize, u32), u64> = HashMap::new();
    let mut visit = |day: &Day<'_>| {
        let acts = day.acts.iter().map(|acts| (acts.member, acts));
        matched(stays, acts, |_, stay, acts| {
            note(stay, day, weeks, |_, hours| acts.active_hours & hours != 0);
            first_act(stay, day, acts.active_hours);
        });
        let voices = day.voices.iter().map(|voice| (voice.member, voice));
        matched(stays, voices, |place, stay, voice| {
            note(stay, day, weeks, |week, hours| {
                let ms = voice.within(hours);
                if ms > 0 && ms < ACTIVE_VOICE_MS {
                    *spent.entry((place, week)).or_default() += ms;
                }
                ms >= ACTIVE_VOICE_MS
            });
            first_act(stay, day, voice.present_hours());
        });
    };
    days::each(at, guild, range, Audience::Humans, &mut visit).await?;
    for ((place, week), ms) in spent {
        if ms >= ACTIVE_VOICE_MS {
            stays[place].active |= 1 << week;
        }
    }
    Ok(())
}

/// Goes through the stays (by member) and what there is of members (by member, each once) side by side.
fn matched<'a, T: 'a>(
    stays: &mut [Stay],
    members: impl Iterator<Item = (i64, &'a T)>,
    mut each: impl FnMut(usize, &mut Stay, &'a T),
) {
    let mut place = 0;
    for (member, what) in members {
        while stays.get(place).is_some_and(|stay| stay.member < member) {
            place += 1;
        }
        let mut same = place;
        while stays.get(same).is_some_and(|stay| stay.member == member) {
            each(same, &mut stays[same], what);
            same += 1;
        }
    }
}

/// The hours of a day (bits) that lie in a range of hours and were asked for.
fn hours_within(day: &Day<'_>, from: u32, to: u32) -> u32 {
    let start = day.day * DAY_HOURS;
    let end = start + DAY_HOURS;
    let from_first = WHOLE_DAY << from.saturating_sub(start).min(DAY_HOURS);
    let until_last = WHOLE_DAY >> end.saturating_sub(to).min(DAY_HOURS);
    day.hours & WHOLE_DAY & from_first & until_last
}

/// Notes the weeks of a stay that a day lies in (two at most), where the member was active in those hours of it.
fn note(stay: &mut Stay, day: &Day<'_>, weeks: u32, mut is_active: impl FnMut(u32, u32) -> bool) {
    let first_week = (day.day * DAY_HOURS).saturating_sub(stay.hour) / WEEK_HOURS;
    for week in first_week..(first_week + 2).min(weeks) {
        let from = stay.hour + week * WEEK_HOURS;
        let hours = hours_within(day, from, (from + WEEK_HOURS).min(stay.end_hour));
        if hours != 0 && stay.active & 1 << week == 0 && is_active(week, hours) {
            stay.active |= 1 << week;
        }
    }
}

/// Notes the first hour of a stay in which anything was done.
fn first_act(stay: &mut Stay, day: &Day<'_>, hours: u32) {
    let hours = hours & hours_within(day, stay.hour, stay.end_hour);
    if hours != 0 {
        let first = day.day * DAY_HOURS + hours.trailing_zeros();
        stay.first = Some(stay.first.map_or(first, |known| known.min(first)));
    }
}

/// Keeps the stays whose first act was in this channel: of several channels in that hour the one with most
/// acts on that day, then the oldest one.
async fn keep_first_channel(
    at: &mut Snapshot,
    guild: i64,
    channel: i64,
    stays: &mut Vec<Stay>,
) -> sqlx::Result<()> {
    let mut asked: Vec<(i64, u32)> =
        stays.iter().filter_map(|stay| Some((stay.member, stay.first?))).collect();
    asked.sort_unstable();
    asked.dedup();
    let mut channels: BTreeMap<(i64, u32), (i64, std::cmp::Reverse<i64>)> = BTreeMap::new();
    for piece in asked.chunks(MEMBERS_PER_STATEMENT) {
        let mut query = Query::default();
        let g = query.bind(guild);
        let mut row = |(member, hour): &(i64, u32)| {
            let (member, hour) = (query.bind(*member), query.bind(*hour));
            format!("(CAST({member} AS BIGINT), CAST({hour} AS INT))")
        };
        let list: Vec<String> = piece.iter().map(&mut row).collect();
        let rows = |table: &str, hours: &str, value: &str| {
            format!(
                "SELECT asked.id AS member_id, asked.hour, m.channel_id, {value} AS acts FROM asked CROSS JOIN {table} m \
                 WHERE m.guild_id = {g} AND m.unix_day = asked.hour / 24 AND m.member_id = asked.id AND (m.{hours} >> (asked.hour % 24)) & 1 = 1"
            )
        };
        let acts = rows("member_activity_daily", "active_hours", "m.messages + m.reactions_added");
        let voice = rows("voice_daily", "hours", "m.sessions");
        let statement = query.text(format!(
            "WITH asked(id, hour) AS (VALUES {}) SELECT member_id, hour, channel_id, CAST(SUM(acts) AS BIGINT) AS acts \
             FROM ({acts} UNION ALL {voice}) AS piece GROUP BY member_id, hour, channel_id",
            list.join(", ")
        ));
        let rows: Vec<(i64, i32, i64, i64)> = statement.all(at).await?;
        for (member, hour, channel, acts) in rows {
            let place = channels.entry((member, hour.unsigned_abs()));
            let value = (acts, std::cmp::Reverse(channel));
            place.and_modify(|best| *best = value.max(*best)).or_insert(value);
        }
    }
    stays.retain(|stay| {
        let first = stay.first.and_then(|hour| channels.get(&(stay.member, hour)));
        first.is_some_and(|(_, first)| first.0 == channel)
    });
    Ok(())
}
