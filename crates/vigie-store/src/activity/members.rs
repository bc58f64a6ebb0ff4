//! What each member did in a range: the sums that boards rank and that distinct members are counted from.

use std::collections::HashMap;

use super::{
    fold::{Absorb as _, Sums},
    lookup,
    packed::{self, Pack},
    range::{Known, Pieces, within},
    sums::{COUNTERS, CountsSql, SUMS},
};
use crate::{
    db::Snapshot,
    limits::PACKED_DAYS_WORTH,
    query::{Query, Statement},
    question::{Audience, Counts, HourRange, MemberVoice, Scope},
    value, voice,
};

/// A member's sums in a range.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberSum {
    pub(super) member: i64,
    pub(super) kind: i32,
    pub(super) counts: Counts,
    pub(super) voice: MemberVoice,
}

/// Whether a question needs the members' voice: it is not read for those that do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    Needed,
    /// It is zero in the answer, unless it costs nothing.
    NotNeeded,
}

/// The sums of all members with any count, or any voice where that is needed, in a range, in no order.
pub(super) async fn sums(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
    voice: Voice,
) -> sqlx::Result<Vec<MemberSum>> {
    let Some(known) = Known::of(guild, at).await? else {
        return Ok(Vec::new());
    };
    let Some(pieces) = known.pieces(range) else {
        return Ok(Vec::new());
    };
    if pieces.is_everything && scope == Scope::Guild {
        return ever(at, guild, audience).await;
    }
    let packs = match scope {
        Scope::Guild => packs(at, guild, &pieces).await?,
        _ => Vec::new(),
    };
    let packed: Vec<u32> = packs.iter().map(|(day, _)| *day).collect();
    let Some(statement) = grouped(guild, &pieces, &packed, audience, scope) else {
        return Ok(Vec::new());
    };
    let rows: Vec<MemberSql> = statement.all(at).await?;
    let rows = rows.into_iter().map(sum);
    let sums = if packs.is_empty() { rows.collect() } else { with_packs(rows, &packs, audience) };
    if voice == Voice::NotNeeded || !known.has_voice(range) {
        return Ok(sums);
    }
    let packs = packs.iter().map(|(day, pack)| (*day, pack.voices.as_slice()));
    let voices = voice::sums(at, guild, &pieces, packs, audience, scope).await?;
    Ok(with_voices(sums, voices))
}

fn with_voices(mut sums: Vec<MemberSum>, voices: Vec<voice::MemberVoiceSum>) -> Vec<MemberSum> {
    let places: HashMap<i64, usize> = sums.iter().map(|sum| sum.member).zip(0..).collect();
    for voice::MemberVoiceSum { member, kind, voice } in voices {
        match places.get(&member) {
            Some(at) => {
                sums[*at].kind = kind.max(sums[*at].kind);
                sums[*at].voice = voice;
            }
            None => sums.push(MemberSum { member, kind, counts: Counts::default(), voice }),
        }
    }
    sums
}

/// The voice of these members in a range, by member: looked up one by one where they are few, else found among all.
pub(super) async fn voices_of(
    at: &mut Snapshot,
    guild: i64,
    asked: &[i64],
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<HashMap<i64, voice::MemberVoiceSum>> {
    let known = Known::of(guild, at).await?.filter(|known| known.has_voice(range));
    let Some(pieces) = known.and_then(|known| known.pieces(range)) else {
        return Ok(HashMap::new());
    };
    let sums = if lookup::is_few(asked, &pieces) {
        voice::sums_of(at, guild, &pieces, asked, audience, scope).await?
    } else {
        let packs = match scope {
            Scope::Guild => packs(at, guild, &pieces).await?,
            _ => Vec::new(),
        };
        let packs = packs.iter().map(|(day, pack)| (*day, pack.voices.as_slice()));
        voice::sums(at, guild, &pieces, packs, audience, scope).await?
    };
    Ok(sums.into_iter().map(|sum| (sum.member, sum)).collect())
}

/// The packs of the range's whole days; none if too few are packed to be worth it.
pub(crate) async fn packs(
    at: &mut Snapshot,
    guild: i64,
    pieces: &Pieces,
) -> sqlx::Result<Vec<(u32, Pack)>> {
    let days = pieces.first_day..pieces.end_day;
    if days.len() < PACKED_DAYS_WORTH {
        return Ok(Vec::new());
    }
    let half = days.len() / 2;
    let packs = packed::of(at, guild, days).await?;
    Ok(if packs.len() < half { Vec::new() } else { packs })
}

/// All-time sums, which are kept.
async fn ever(at: &mut Snapshot, guild: i64, audience: Audience) -> sqlx::Result<Vec<MemberSum>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    let statement = query.text(format!(
        "SELECT user_id AS member_id, kind, {COUNTERS}, voice_ms, active_voice_ms, voice_sessions FROM member_stats \
         WHERE guild_id = {g} AND kind BETWEEN {low} AND {high}"
    ));
    let rows: Vec<EverSql> = statement.all(at).await?;
    let ever = |(member, kind, a, b, c, d, e, total_ms, active_ms, sessions): EverSql| {
        let voice = MemberVoice {
            total_ms: value::sum(total_ms),
            active_ms: value::sum(active_ms),
            sessions: value::sum(sessions),
        };
        MemberSum { voice, ..sum((member, kind, a, b, c, d, e)) }
    };
    Ok(rows.into_iter().map(ever).collect())
}

/// The same with voice.
type EverSql = (i64, i32, i64, i64, i64, i64, i64, i64, i64, i64);

/// Rows grouped by member: the whole days that are not packed, and the hours before and after them. `None` if nothing can match.
fn grouped(
    guild: i64,
    pieces: &Pieces,
    packed: &[u32],
    audience: Audience,
    scope: Scope,
) -> Option<Statement> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (low, high) = audience.kinds();
    let kinds = format!("kind BETWEEN {} AND {}", query.bind(low), query.bind(high));
    let within = within(&mut query, &g, "channel_id", scope)?;
    let mut rows = |table: &str, column: &str, from: u32, to: u32| {
        let (from, to) = (query.bind(from), query.bind(to));
        format!(
            "SELECT member_id, kind, {COUNTERS} FROM {table} \
             WHERE guild_id = {g} AND {column} >= {from} AND {column} < {to} AND {kinds}{within}"
        )
    };
    let mut parts: Vec<String> = stretches(pieces, packed)
        .into_iter()
        .map(|(from, to)| rows("member_activity_daily", "unix_day", from, to))
        .collect();
    for hours in [pieces.head, pieces.tail] {
        if !hours.is_empty() {
            parts.push(rows("member_activity_hourly", "unix_hour", hours.from, hours.to));
        }
    }
    if parts.is_empty() {
        // Everything is packed: a stretch that holds nothing.
        parts.push(rows("member_activity_daily", "unix_day", 0, 0));
    }
    let union = parts.join(" UNION ALL ");
    Some(query.text(format!(
        "SELECT member_id, MAX(kind) AS kind, {SUMS} FROM ({union}) AS piece GROUP BY member_id"
    )))
}

/// The stretches of whole days that are not packed.
pub(crate) fn stretches(pieces: &Pieces, packed: &[u32]) -> Vec<(u32, u32)> {
    let mut stretches: Vec<(u32, u32)> = Vec::new();
    for day in (pieces.first_day..pieces.end_day).filter(|day| packed.binary_search(day).is_err()) {
        match stretches.last_mut().filter(|last| last.1 == day) {
            Some(last) => last.1 = day + 1,
            None => stretches.push((day, day + 1)),
        }
    }
    stretches
}

fn with_packs(
    rows: impl Iterator<Item = MemberSum>,
    packs: &[(u32, Pack)],
    audience: Audience,
) -> Vec<MemberSum> {
    let (low, high) = audience.kinds();
    let mut members: HashMap<i64, (i32, Sums)> = HashMap::new();
    let days = packs.iter().flat_map(|(_, pack)| &pack.members);
    for day in days.filter(|day| (low..=high).contains(&day.kind)) {
        let (kind, sums) = members.entry(day.member).or_default();
        *kind = day.kind.max(*kind);
        sums.absorb(day.sums);
    }
    for row in rows {
        let (kind, sums) = members.entry(row.member).or_default();
        *kind = row.kind.max(*kind);
        sums.absorb(Sums::from(row.counts));
    }
    let member = |(member, (kind, sums)): (i64, (i32, Sums))| MemberSum {
        member,
        kind,
        counts: sums.counts(),
        voice: MemberVoice::default(),
    };
    members.into_iter().map(member).collect()
}

/// Member, kind and counters, by position: there are up to as many rows as members, and finding columns by their names would take as
/// long as reading them.
pub(super) type MemberSql = (i64, i32, i64, i64, i64, i64, i64);

/// The sums of a row, without voice.
pub(super) fn sum(row: MemberSql) -> MemberSum {
    MemberSum {
        member: row.0,
        kind: row.1,
        counts: CountsSql::of([row.2, row.3, row.4, row.5, row.6]).counts(),
        voice: MemberVoice::default(),
    }
}
