//! What each member did in voice in a range: the sums that boards rank, and who spent enough time to count as active.

use std::collections::HashMap;

use super::packed::VoiceDay;
use crate::{
    activity::{self, Known, Pieces, lookup, stretches, within},
    db::Snapshot,
    query::Query,
    question::{ACTIVE_VOICE_MS, Audience, HourRange, MemberVoice, Scope},
    value::sum,
};

const DAY_HOURS: u32 = 24;

/// All hours of a day.
const WHOLE_DAY: u32 = (1 << DAY_HOURS) - 1;

/// A member's voice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemberVoiceSum {
    pub(crate) member: i64,
    pub(crate) kind: i32,
    pub(crate) voice: MemberVoice,
}

/// Member, kind, milliseconds, active milliseconds, sessions.
type MemberSql = (i64, i32, i64, i64, i64);

const COLUMNS: &str = "total_ms, active_ms, sessions";

const SUMS: &str = "CAST(SUM(total_ms) AS BIGINT) AS total_ms, CAST(SUM(active_ms) AS BIGINT) AS active_ms, \
    CAST(SUM(sessions) AS BIGINT) AS sessions";

fn member(row: MemberSql) -> MemberVoiceSum {
    let voice = MemberVoice { total_ms: sum(row.2), active_ms: sum(row.3), sessions: sum(row.4) };
    MemberVoiceSum { member: row.0, kind: row.1, voice }
}

/// The sums of all members with any voice in a range, in no order: from packs of its days, and from the rows of the others.
pub(crate) async fn sums<'a>(
    at: &mut Snapshot,
    guild: i64,
    pieces: &Pieces,
    packs: impl Iterator<Item = (u32, &'a [VoiceDay])>,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<MemberVoiceSum>> {
    let (low, high) = audience.kinds();
    let mut members: HashMap<i64, MemberVoiceSum> = HashMap::new();
    let mut add = |sum: MemberVoiceSum| {
        let empty = MemberVoiceSum { voice: MemberVoice::default(), ..sum };
        let member = members.entry(sum.member).or_insert(empty);
        member.kind = member.kind.max(sum.kind);
        member.voice.total_ms += sum.voice.total_ms;
        member.voice.active_ms += sum.voice.active_ms;
        member.voice.sessions += sum.voice.sessions;
    };
    let mut packed = Vec::new();
    for (day, voices) in packs {
        packed.push(day);
        for voice in voices.iter().filter(|voice| (low..=high).contains(&voice.kind)) {
            add(MemberVoiceSum { member: voice.member, kind: voice.kind, voice: voice.voice });
        }
    }
    let mut query = Query::default();
    let Some(parts) = parts(&mut query, guild, pieces, &packed, audience, scope) else {
        return Ok(Vec::new());
    };
    if !parts.is_empty() {
        let union = parts.join(" UNION ALL ");
        let statement = query.text(format!(
            "SELECT member_id, MAX(kind) AS kind, {SUMS} FROM ({union}) AS piece GROUP BY member_id"
        ));
        let rows: Vec<MemberSql> = statement.all(at).await?;
        rows.into_iter().map(member).for_each(&mut add);
    }
    Ok(members.into_values().collect())
}

/// The rows of a range that are not packed, as SELECTs with the guild as `$1`; `None` if nothing can match.
fn parts(
    query: &mut Query,
    guild: i64,
    pieces: &Pieces,
    packed: &[u32],
    audience: Audience,
    scope: Scope,
) -> Option<Vec<String>> {
    let g = query.bind(guild);
    let (low, high) = audience.kinds();
    let kinds = format!("kind BETWEEN {} AND {}", query.bind(low), query.bind(high));
    let within = within(query, &g, "channel_id", scope)?;
    let mut rows = |table: &str, column: &str, from: u32, to: u32| {
        let (from, to) = (query.bind(from), query.bind(to));
        format!(
            "SELECT member_id, kind, {COLUMNS} FROM {table} \
             WHERE guild_id = {g} AND {column} >= {from} AND {column} < {to} AND {kinds}{within}"
        )
    };
    let mut parts: Vec<String> = stretches(pieces, packed)
        .into_iter()
        .map(|(from, to)| rows("voice_daily", "unix_day", from, to))
        .collect();
    for hours in [pieces.head, pieces.tail] {
        if !hours.is_empty() {
            parts.push(rows("voice_hourly", "unix_hour", hours.from, hours.to));
        }
    }
    Some(parts)
}

/// Where the lookup of a few members finds them.
const ROWS: lookup::Rows =
    lookup::Rows { daily: "voice_daily", hourly: "voice_hourly", columns: COLUMNS, sums: SUMS };

/// The sums of a few members, looked up one by one.
pub(crate) async fn sums_of(
    at: &mut Snapshot,
    guild: i64,
    pieces: &Pieces,
    asked: &[i64],
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<MemberVoiceSum>> {
    let Some(statement) = lookup::statement(ROWS, guild, pieces, asked, audience, scope) else {
        return Ok(Vec::new());
    };
    let rows: Vec<MemberSql> = statement.all(at).await?;
    Ok(rows.into_iter().map(member).collect())
}

/// How many members have any time in voice in a range.
pub(super) async fn count(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<u64> {
    let known = Known::of(guild, at).await?.filter(|known| known.has_voice(range));
    let Some(pieces) = known.and_then(|known| known.pieces(range)) else {
        return Ok(0);
    };
    let packs = match scope {
        Scope::Guild => activity::packs(at, guild, &pieces).await?,
        _ => Vec::new(),
    };
    let packs = packs.iter().map(|(day, pack)| (*day, pack.voices.as_slice()));
    let sums = sums(at, guild, &pieces, packs, audience, scope).await?;
    Ok(sums.iter().filter(|sum| sum.voice.total_ms > 0).count() as u64)
}

/// For each range the members who spent [`ACTIVE_VOICE_MS`] or more in it, in no order. The ranges rise; `pieces` hold all days that any range touches,
/// whole.
pub(crate) async fn reaching<'a>(
    at: &mut Snapshot,
    guild: i64,
    ranges: &[HourRange],
    pieces: &Pieces,
    packs: impl Iterator<Item = (u32, &'a [VoiceDay])>,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<Vec<i64>>> {
    let mut time = Time { ranges, spent: vec![HashMap::new(); ranges.len()] };
    let (low, high) = audience.kinds();
    let mut packed = Vec::new();
    for (day, voices) in packs {
        packed.push(day);
        let asked = voices.iter().filter(|voice| (low..=high).contains(&voice.kind));
        time.day(day, &asked);
    }
    // Days that lie in no range or whole in one are told by one row each, the others by their hours.
    let days = stretches(pieces, &packed);
    let is_cut = |day: u32| {
        let within = day * DAY_HOURS + 1..(day + 1) * DAY_HOURS;
        ranges.iter().any(|range| within.contains(&range.from) || within.contains(&range.to))
    };
    for (from, to) in days {
        let all: Vec<u32> = (from..to).collect();
        for days in all.chunk_by(|a, b| is_cut(*a) == is_cut(*b)) {
            let (from, to) = (days[0], days[days.len() - 1] + 1);
            let rows = if is_cut(from) {
                let hours = ("voice_hourly", "unix_hour", from * DAY_HOURS, to * DAY_HOURS);
                rows(at, guild, hours, audience, scope).await?
            } else {
                let days = ("voice_daily", "unix_day", from, to);
                let rows = rows(at, guild, days, audience, scope).await?;
                rows.into_iter().map(|row| (row.0 * DAY_HOURS as i32, row.1, row.2)).collect()
            };
            for (hour, member, ms) in rows {
                time.add(hour.unsigned_abs(), member, sum(i64::from(ms)));
            }
        }
    }
    Ok(time.reaching())
}

/// Table, its column of time, from, to.
type Stretch = (&'static str, &'static str, u32, u32);

async fn rows(
    at: &mut Snapshot,
    guild: i64,
    (table, column, from, to): Stretch,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<(i32, i64, i32)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(from), query.bind(to));
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let Some(within) = within(&mut query, &g, "channel_id", scope) else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT {column}, member_id, total_ms FROM {table} \
         WHERE guild_id = {g} AND {column} >= {from} AND {column} < {to} AND kind BETWEEN {low} AND {high}{within}"
    ));
    statement.all(at).await
}

/// Time of members in ranges, under construction.
struct Time<'a> {
    ranges: &'a [HourRange],
    spent: Vec<HashMap<i64, u64>>,
}

impl Time<'_> {
    fn day<'v>(&mut self, day: u32, voices: &(impl Iterator<Item = &'v VoiceDay> + Clone)) {
        let start = day * DAY_HOURS;
        for (range, spent) in self.ranges.iter().zip(&mut self.spent) {
            if range.is_empty() || range.to <= start || range.from >= start + DAY_HOURS {
                continue;
            }
            let from_first = WHOLE_DAY << range.from.saturating_sub(start);
            let until_last = WHOLE_DAY >> (start + DAY_HOURS).saturating_sub(range.to);
            let hours = WHOLE_DAY & from_first & until_last;
            for voice in voices.clone() {
                let ms = voice.within(hours);
                if ms > 0 {
                    *spent.entry(voice.member).or_default() += ms;
                }
            }
        }
    }

    fn add(&mut self, hour: u32, member: i64, ms: u64) {
        // The ranges rise and do not overlap.
        let at = self.ranges.partition_point(|range| range.to <= hour);
        if self.ranges.get(at).is_some_and(|range| range.from <= hour) {
            *self.spent[at].entry(member).or_default() += ms;
        }
    }

    fn reaching(self) -> Vec<Vec<i64>> {
        let reached = |spent: HashMap<i64, u64>| {
            let long = spent.into_iter().filter(|(_, ms)| *ms >= ACTIVE_VOICE_MS);
            long.map(|(member, _)| member).collect()
        };
        self.spent.into_iter().map(reached).collect()
    }
}
