//! Every active member of every day of a range, day after day: what cohorts, lifecycles and silence are worked out from.
//!
//! Whole days are read from their packs where they have one, else from the daily rows; the hours before and after them from the hourly
//! rows. A month is in memory at a time.

use super::{
    members::stretches,
    packed::{self, Pack},
    range::{Known, Pieces},
};
use crate::{
    db::Snapshot,
    query::Query,
    question::{Audience, HourRange, MemberVoice},
    value::sum,
    voice::VoiceDay,
};

const DAY_HOURS: u32 = 24;

/// All hours of a day.
const WHOLE_DAY: u32 = (1 << DAY_HOURS) - 1;

/// Days read at a time.
const DAYS_AT_A_TIME: u32 = 31;

/// What a member did on a day, within the hours asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acts {
    pub(crate) member: i64,
    /// Bit h: a message or a reaction was given in hour h of the day.
    pub(crate) active_hours: u32,
    pub(crate) messages: u64,
}

/// A day of a range.
pub(crate) struct Day<'a> {
    /// Days since 1970.
    pub(crate) day: u32,
    /// The hours asked for (bits).
    pub(crate) hours: u32,
    /// Members who did anything, by id, each once.
    pub(crate) acts: &'a [Acts],
    /// Members in voice, by id, each once; of the whole day, whatever the hours asked for.
    pub(crate) voices: &'a [VoiceDay],
}

/// Shows each day of a range in which anything happened, in no order of days.
pub(crate) async fn each(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    visit: &mut (dyn FnMut(&Day<'_>) + Send),
) -> sqlx::Result<()> {
    let Some(known) = Known::of(guild, at).await? else { return Ok(()) };
    let Some(pieces) = known.pieces(range) else { return Ok(()) };
    for edge in [pieces.head, pieces.tail] {
        if !edge.is_empty() {
            let acts = of_hours(at, guild, edge, audience).await?;
            let day = edge.from / DAY_HOURS;
            let mut voices = Vec::new();
            if known.has_voice(edge) {
                voices = voices_of(at, guild, (day, day + 1), audience)
                    .await?
                    .pop()
                    .unwrap_or_default()
                    .1;
            }
            let hours = (edge.from % DAY_HOURS..edge.from % DAY_HOURS + edge.hours())
                .fold(0, |bits, hour| bits | 1 << hour);
            visit(&Day { day, hours, acts: &acts, voices: &voices });
        }
    }
    let mut first = pieces.first_day;
    while first < pieces.end_day {
        let end = (first + DAYS_AT_A_TIME).min(pieces.end_day);
        let whole = Pieces { first_day: first, end_day: end, ..pieces };
        days(at, guild, &whole, audience, known, visit).await?;
        first = end;
    }
    Ok(())
}

/// Whole days.
async fn days(
    at: &mut Snapshot,
    guild: i64,
    pieces: &Pieces,
    audience: Audience,
    known: Known,
    visit: &mut (dyn FnMut(&Day<'_>) + Send),
) -> sqlx::Result<()> {
    let packs = packed::of(at, guild, pieces.first_day..pieces.end_day).await?;
    let (low, high) = audience.kinds();
    for (day, pack) in &packs {
        let (acts, voices) = asked(pack, low, high);
        visit(&Day { day: *day, hours: WHOLE_DAY, acts: &acts, voices: &voices });
    }
    let packed: Vec<u32> = packs.into_iter().map(|(day, _)| day).collect();
    for (from, to) in stretches(pieces, &packed) {
        let range = HourRange { from: from * DAY_HOURS, to: to * DAY_HOURS };
        let mut voices = Vec::new();
        if known.has_voice(range) {
            voices = voices_of(at, guild, (from, to), audience).await?;
        }
        let rows = of_days(at, guild, (from, to), audience).await?;
        for day in from..to {
            let acts = on_day(&rows, day);
            let voices = on_day(&voices, day);
            if !acts.is_empty() || !voices.is_empty() {
                visit(&Day { day, hours: WHOLE_DAY, acts, voices });
            }
        }
    }
    Ok(())
}

/// What there is of a day.
fn on_day<T>(days: &[(u32, Vec<T>)], day: u32) -> &[T] {
    days.binary_search_by_key(&day, |(day, _)| *day).map_or(&[], |place| &days[place].1)
}

/// The members of a pack whose kind is asked for.
fn asked(pack: &Pack, low: i32, high: i32) -> (Vec<Acts>, Vec<VoiceDay>) {
    let is_asked = |kind: i32| (low..=high).contains(&kind);
    let acts = pack.members.iter().filter(|member| is_asked(member.kind));
    let acts = acts.map(|member| Acts {
        member: member.member,
        active_hours: member.active_hours.unsigned_abs(),
        messages: member.sums.0[0],
    });
    let voices = pack.voices.iter().filter(|voice| is_asked(voice.kind)).cloned();
    (acts.collect(), voices.collect())
}

/// Day or hour, member, active hours or whether it was an active one, messages.
type ActsSql = (i32, i64, i32, i32);

/// The rows of whole days, by day, then member.
async fn of_days(
    at: &mut Snapshot,
    guild: i64,
    (from, to): (u32, u32),
    audience: Audience,
) -> sqlx::Result<Vec<(u32, Vec<Acts>)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(from), query.bind(to));
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let statement = query.text(format!(
        "SELECT unix_day, member_id, active_hours, messages FROM member_activity_daily \
         WHERE guild_id = {g} AND unix_day >= {from} AND unix_day < {to} AND kind BETWEEN {low} AND {high} \
         ORDER BY unix_day, member_id"
    ));
    let rows: Vec<ActsSql> = statement.all(at).await?;
    let of_member = |rows: &[ActsSql]| {
        let mut acts = Acts { member: rows[0].1, ..Acts::default() };
        for (_, _, hours, messages) in rows {
            acts.active_hours |= hours.unsigned_abs();
            acts.messages += sum(i64::from(*messages));
        }
        acts
    };
    let of_day = |rows: &[ActsSql]| {
        let members = rows.chunk_by(|a, b| a.1 == b.1).map(of_member);
        (rows[0].0.unsigned_abs(), members.collect())
    };
    Ok(rows.chunk_by(|a, b| a.0 == b.0).map(of_day).collect())
}

/// The rows of some hours of one day, by member.
async fn of_hours(
    at: &mut Snapshot,
    guild: i64,
    hours: HourRange,
    audience: Audience,
) -> sqlx::Result<Vec<Acts>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(hours.from), query.bind(hours.to));
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let statement = query.text(format!(
        "SELECT unix_hour, member_id, CASE WHEN messages > 0 OR reactions_added > 0 THEN 1 ELSE 0 END AS is_active, messages \
         FROM member_activity_hourly WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to} AND kind BETWEEN {low} AND {high}"
    ));
    let mut rows: Vec<ActsSql> = statement.all(at).await?;
    rows.sort_unstable_by_key(|row| row.1);
    let of_member = |rows: &[ActsSql]| {
        let mut acts = Acts { member: rows[0].1, ..Acts::default() };
        for (hour, _, is_active, messages) in rows {
            acts.active_hours |= is_active.unsigned_abs() << (hour % DAY_HOURS as i32);
            acts.messages += sum(i64::from(*messages));
        }
        acts
    };
    Ok(rows.chunk_by(|a, b| a.1 == b.1).map(of_member).collect())
}

/// Hour, member, kind, milliseconds, active milliseconds, sessions.
type VoiceSql = (i32, i64, i32, i32, i32, i32);

/// The members in voice on each of these days, by day, then member.
async fn voices_of(
    at: &mut Snapshot,
    guild: i64,
    (from, to): (u32, u32),
    audience: Audience,
) -> sqlx::Result<Vec<(u32, Vec<VoiceDay>)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(from * DAY_HOURS), query.bind(to * DAY_HOURS));
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let statement = query.text(format!(
        "SELECT unix_hour, member_id, kind, total_ms, active_ms, sessions FROM voice_hourly \
         WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to} AND kind BETWEEN {low} AND {high}"
    ));
    let mut rows: Vec<VoiceSql> = statement.all(at).await?;
    let day_of = |row: &VoiceSql| row.0.unsigned_abs() / DAY_HOURS;
    rows.sort_unstable_by_key(|row| (day_of(row), row.1, row.0));
    let of_member = |rows: &[VoiceSql]| {
        let mut day = VoiceDay { member: rows[0].1, ..VoiceDay::default() };
        for (hour, _, kind, total_ms, active_ms, sessions) in rows {
            let voice = MemberVoice {
                total_ms: sum(i64::from(*total_ms)),
                active_ms: sum(i64::from(*active_ms)),
                sessions: sum(i64::from(*sessions)),
            };
            day.add((hour.unsigned_abs() % DAY_HOURS) as u8, *kind, voice);
        }
        day
    };
    let of_day = |rows: &[VoiceSql]| {
        (day_of(&rows[0]), rows.chunk_by(|a, b| a.1 == b.1).map(of_member).collect())
    };
    Ok(rows.chunk_by(|a, b| day_of(a) == day_of(b)).map(of_day).collect())
}
