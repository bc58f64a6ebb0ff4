//! Days of members, packed: what `member_activity_daily` and `voice_hourly` say of one guild and one UTC day, in one value of some 14
//! bytes a member, and some 12 for each that was in voice.
//!
//! A month of a guild of 50,000 members is half a million daily rows, which take SQLite a quarter of a second to group; the same
//! month packed is read and folded in a few milliseconds. Packs are a copy: made from the rows once a day is over, thrown away in
//! the transaction that changes a row of the day, and never needed for an answer to be right.

use std::ops::Range;

use super::{
    fold::{Absorb as _, ActivityFold, Sums},
    sums::COUNTERS,
};
use crate::{
    Store,
    db::{Pools, Snapshot, on},
    limits::{PACKED_DAYS_PER_APPLY, UNIX_MINUTE_MIN},
    query::Query,
    upsert::{Merge, Upsert, Values},
    value::{push_number, take_number},
    voice::{self, VoiceDay, VoiceFold},
};

/// What a member did in a guild on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MemberDay {
    pub(super) member: i64,
    pub(super) kind: i32,
    /// Bit h: active in hour h of the day.
    pub(super) active_hours: i32,
    pub(super) sums: Sums,
}

/// What one day of a guild holds, members sorted by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pack {
    pub(super) members: Vec<MemberDay>,
    pub(crate) voices: Vec<VoiceDay>,
}

/// First byte of a pack. One that begins otherwise is of a version that is not known, and read as absent.
const FORMAT: u8 = 2;

/// First byte of the packs made before there was voice: the members alone. They stay right, as voice of their day would drop them.
const FORMAT_WITHOUT_VOICE: u8 = 1;

/// Notes in the batch's transaction that these days changed, which drops their packs.
pub(super) fn changed(fold: &ActivityFold, voice: &VoiceFold) -> Upsert {
    let of_activity = fold.days.iter().map(|row| (row.key.0, row.key.1));
    let of_voice = voice.days.iter().map(|row| (row.key.0, row.key.1));
    let mut days: Vec<(i64, i32)> = of_activity.chain(of_voice).collect();
    days.sort_unstable();
    days.dedup();
    Upsert {
        table: "packed_days",
        key: "guild_id, unix_day",
        columns: vec![
            ("guild_id", Values::Big(days.iter().map(|day| day.0).collect())),
            ("unix_day", Values::Int(days.iter().map(|day| day.1).collect())),
            ("changes", Values::Big(vec![1; days.len()])),
        ],
        merge: &[Merge::Sum("changes"), Merge::Replace("packed")],
    }
}

/// The packs of a guild's days in a range, by day.
pub(super) async fn of(
    at: &mut Snapshot,
    guild: i64,
    days: Range<u32>,
) -> sqlx::Result<Vec<(u32, Pack)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(days.start), query.bind(days.end));
    let statement = query.text(format!(
        "SELECT unix_day, packed FROM packed_days \
         WHERE guild_id = {g} AND unix_day >= {from} AND unix_day < {to} AND packed IS NOT NULL ORDER BY unix_day"
    ));
    let rows: Vec<(i32, Vec<u8>)> = statement.all(at).await?;
    let read =
        rows.into_iter().filter_map(|(day, packed)| Some((day.unsigned_abs(), unpack(&packed)?)));
    Ok(read.collect())
}

impl Store {
    /// Packs a few of the days before this one that are not packed: as many after each batch as keep pace with any backlog. A failure
    /// costs nothing but speed, and is told to the log.
    pub(crate) async fn pack_days_before(&self, day: u32) {
        match pack_due(&self.write, day).await {
            Ok(0) => {}
            Ok(days) => tracing::debug!(days, "packed the members' days"),
            Err(error) => {
                tracing::warn!(%error, "the members' days could not be packed; questions about them stay slow");
            }
        }
    }
}

/// Packs the oldest due days; gives how many were looked at.
async fn pack_due(write: &Pools, before: u32) -> sqlx::Result<usize> {
    let mut query = Query::default();
    // Both bounds are there for the plan: they make the partial index the obvious way.
    let (from, before) = (query.bind(UNIX_MINUTE_MIN / 60 / 24), query.bind(before));
    let statement = query.text(format!(
        "SELECT guild_id, unix_day FROM packed_days WHERE packed IS NULL AND unix_day >= {from} AND unix_day < {before} \
         ORDER BY unix_day, guild_id LIMIT {PACKED_DAYS_PER_APPLY}"
    ));
    let due: Vec<(i64, i32)> = statement.all_now(write).await?;
    for (guild, day) in &due {
        pack_one(write, *guild, *day).await?;
    }
    Ok(due.len())
}

/// Packs one day, unless it changes meanwhile.
async fn pack_one(write: &Pools, guild: i64, day: i32) -> sqlx::Result<()> {
    let mut at = write.snapshot().await?;
    let mut query = Query::default();
    let (g, d) = (query.bind(guild), query.bind(day));
    let statement = query
        .text(format!("SELECT changes FROM packed_days WHERE guild_id = {g} AND unix_day = {d}"));
    let Some((changes,)) = statement.first::<(i64,)>(&mut at).await? else {
        return Ok(());
    };
    let members = rows_of_day(&mut at, guild, day).await?;
    let voices = voice::rows_of_day(&mut at, guild, day).await?;
    let packed = pack(&Pack { members, voices });
    on!(at, tx => tx.commit().await?);
    let sql =
        "UPDATE packed_days SET packed = $4 WHERE guild_id = $1 AND unix_day = $2 AND changes = $3";
    on!(write, pool => {
        sqlx::query(sql).bind(guild).bind(day).bind(changes).bind(packed).execute(pool).await?;
    });
    Ok(())
}

/// The members of a day, by id, from the rows: in the order of their key, where one member's channels are next to each other.
async fn rows_of_day(at: &mut Snapshot, guild: i64, day: i32) -> sqlx::Result<Vec<MemberDay>> {
    let mut query = Query::default();
    let (g, d) = (query.bind(guild), query.bind(day));
    let statement = query.text(format!(
        "SELECT member_id, kind, active_hours, {COUNTERS} FROM member_activity_daily \
         WHERE guild_id = {g} AND unix_day = {d} ORDER BY member_id"
    ));
    let rows: Vec<DayRow> = statement.all(at).await?;
    let mut members: Vec<MemberDay> = Vec::new();
    for row in rows {
        let counters = [row.3, row.4, row.5, row.6, row.7];
        let sums = Sums(counters.map(|count| u64::from(count.unsigned_abs())));
        match members.last_mut().filter(|last| last.member == row.0) {
            Some(last) => {
                last.kind = last.kind.max(row.1);
                last.active_hours |= row.2;
                last.sums.absorb(sums);
            }
            None => {
                members.push(MemberDay { member: row.0, kind: row.1, active_hours: row.2, sums });
            }
        }
    }
    Ok(members)
}

/// Member, kind, active hours, counters.
type DayRow = (i64, i32, i32, i32, i32, i32, i32, i32);

/// A pack as bytes: the format; the number of members; for each the id as distance from the one before, the kind (2 bits) with a bit for
/// each counter that is not zero, the active hours, and those counters; then those in voice. All numbers but the format and the kind's
/// byte are LEB128.
fn pack(pack: &Pack) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + pack.members.len() * 16 + pack.voices.len() * 14);
    bytes.push(FORMAT);
    push_number(&mut bytes, pack.members.len() as u64);
    let mut before = 0;
    for member in &pack.members {
        push_number(&mut bytes, (member.member - before) as u64);
        before = member.member;
        let counters = member.sums.0;
        let present = (0..counters.len()).filter(|at| counters[*at] > 0);
        bytes.push(present.fold(member.kind as u8 & 3, |bits, at| bits | 4 << at));
        push_number(&mut bytes, u64::from(member.active_hours.unsigned_abs()));
        for count in counters.into_iter().filter(|count| *count > 0) {
            push_number(&mut bytes, count);
        }
    }
    voice::pack_days(&pack.voices, &mut bytes);
    bytes
}

/// A pack of these bytes; `None` if it is of an unknown version.
fn unpack(bytes: &[u8]) -> Option<Pack> {
    let (format, mut rest) = bytes.split_first().map(|(format, rest)| (*format, rest))?;
    let length = match format {
        FORMAT => take_number(&mut rest)?,
        FORMAT_WITHOUT_VOICE => u64::MAX,
        _ => return None,
    };
    let mut members = Vec::with_capacity(rest.len() / 12);
    let mut before = 0_i64;
    while !rest.is_empty() && (members.len() as u64) < length {
        before = before.checked_add(i64::try_from(take_number(&mut rest)?).ok()?)?;
        let (bits, after) = rest.split_first()?;
        rest = after;
        let active_hours = i32::try_from(take_number(&mut rest)?).ok()?;
        let mut sums = Sums::default();
        for (at, count) in sums.0.iter_mut().enumerate() {
            if bits & 4 << at != 0 {
                *count = take_number(&mut rest)?;
            }
        }
        members.push(MemberDay { member: before, kind: i32::from(bits & 3), active_hours, sums });
    }
    Some(Pack { members, voices: voice::unpack_days(rest)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FORMAT, FORMAT_WITHOUT_VOICE, MemberDay, Pack, Sums, pack, unpack};
    use crate::voice::tests::days;

    fn members() -> impl Strategy<Value = Vec<MemberDay>> {
        let counters =
            prop::array::uniform5(prop_oneof![Just(0_u64), 1..300_u64, Just(i32::MAX as u64)]);
        let day = (0..3_i32, 0..1_i32 << 24, counters);
        prop::collection::btree_map(0..i64::MAX, day, 0..50).prop_map(|members| {
            let of = |(member, (kind, active_hours, counters))| MemberDay {
                member,
                kind,
                active_hours,
                sums: Sums(counters),
            };
            members.into_iter().map(of).collect()
        })
    }

    proptest! {
        #[test]
        fn packs_hold_what_was_packed(members in members(), voices in days()) {
            let packed = Pack { members, voices };
            prop_assert_eq!(unpack(&pack(&packed)), Some(packed));
        }

        #[test]
        fn packs_from_before_there_was_voice_are_read(members in members()) {
            let without = Pack { members, voices: Vec::new() };
            let mut bytes = pack(&without);
            let length = if without.members.len() < 128 { 1 } else { 2 };
            bytes.drain(1..=length);
            bytes[0] = FORMAT_WITHOUT_VOICE;
            prop_assert_eq!(unpack(&bytes), Some(without));
        }

        #[test]
        fn any_bytes_are_read_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            bytes.insert(0, FORMAT);
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn other_versions_are_absent() {
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[FORMAT + 1]), None);
        assert_eq!(unpack(&[FORMAT, 0]), Some(Pack::default()));
        assert_eq!(unpack(&[FORMAT_WITHOUT_VOICE]), Some(Pack::default()));
    }
}
