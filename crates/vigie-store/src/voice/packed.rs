//! A day's voice by member, as it stands in the packs of days (`activity/packed.rs`).

use crate::{
    db::Snapshot,
    query::Query,
    question::{ACTIVE_VOICE_MS, MemberVoice},
    value::{push_number, sum, take_number},
};

/// What a member did in voice on one day, in all channels together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct VoiceDay {
    pub(crate) member: i64,
    pub(crate) kind: i32,
    pub(crate) voice: MemberVoice,
    /// Bit h: hour h alone makes the member active ([`ACTIVE_VOICE_MS`]).
    pub(crate) full_hours: u32,
    /// The other hours with voice, and how many milliseconds.
    pub(crate) parts: Vec<(u8, u32)>,
}

impl VoiceDay {
    /// Adds an hour's voice in one channel. All of one member's hours come in the order of the hours.
    pub(crate) fn add(&mut self, hour: u8, kind: i32, voice: MemberVoice) {
        self.kind = self.kind.max(kind);
        self.voice.total_ms += voice.total_ms;
        self.voice.active_ms += voice.active_ms;
        self.voice.sessions += voice.sessions;
        if self.full_hours & 1 << hour != 0 {
            return;
        }
        let part = self.parts.pop_if(|part| part.0 == hour).map_or(0, |part| u64::from(part.1));
        let ms = part + voice.total_ms;
        if ms >= ACTIVE_VOICE_MS {
            self.full_hours |= 1 << hour;
        } else if ms > 0 {
            self.parts.push((hour, ms as u32));
        }
    }

    /// The hours with any time in voice (bits).
    pub(crate) fn present_hours(&self) -> u32 {
        self.parts.iter().fold(self.full_hours, |bits, part| bits | 1 << part.0)
    }

    /// Milliseconds in these hours (bits), or at least [`ACTIVE_VOICE_MS`] where there are more.
    pub(crate) fn within(&self, hours: u32) -> u64 {
        if self.full_hours & hours != 0 {
            return ACTIVE_VOICE_MS;
        }
        let parts = self.parts.iter().filter(|part| hours & 1 << part.0 != 0);
        parts.map(|part| u64::from(part.1)).sum()
    }
}

/// The members in voice on a day, by id, from the rows.
pub(crate) async fn rows_of_day(
    at: &mut Snapshot,
    guild: i64,
    day: i32,
) -> sqlx::Result<Vec<VoiceDay>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(day * 24), query.bind((day + 1) * 24));
    let statement = query.text(format!(
        "SELECT member_id, unix_hour, kind, total_ms, active_ms, sessions FROM voice_hourly \
         WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to} ORDER BY member_id, unix_hour"
    ));
    let rows: Vec<(i64, i32, i32, i32, i32, i32)> = statement.all(at).await?;
    let mut days: Vec<VoiceDay> = Vec::new();
    for (member, hour, kind, total_ms, active_ms, sessions) in rows {
        if days.last().is_none_or(|last| last.member != member) {
            days.push(VoiceDay { member, ..VoiceDay::default() });
        }
        let voice = MemberVoice {
            total_ms: sum(i64::from(total_ms)),
            active_ms: sum(i64::from(active_ms)),
            sessions: sum(i64::from(sessions)),
        };
        if let Some(last) = days.last_mut() {
            last.add((hour % 24) as u8, kind, voice);
        }
    }
    Ok(days)
}

/// Members, sorted by id, as bytes: for each the id as distance from the one before, the kind, milliseconds, active milliseconds,
/// sessions, the full hours, the number of other hours, and these with their milliseconds. All numbers are LEB128.
pub(crate) fn pack_days(days: &[VoiceDay], bytes: &mut Vec<u8>) {
    let mut before = 0;
    for day in days {
        push_number(bytes, (day.member - before) as u64);
        before = day.member;
        push_number(bytes, u64::from(day.kind.unsigned_abs()));
        push_number(bytes, day.voice.total_ms);
        push_number(bytes, day.voice.active_ms);
        push_number(bytes, day.voice.sessions);
        push_number(bytes, u64::from(day.full_hours));
        push_number(bytes, day.parts.len() as u64);
        for (hour, ms) in &day.parts {
            push_number(bytes, u64::from(*hour));
            push_number(bytes, u64::from(*ms));
        }
    }
}

/// The inverse of [`pack_days`]; `None` for bytes that it does not write.
pub(crate) fn unpack_days(mut rest: &[u8]) -> Option<Vec<VoiceDay>> {
    let mut days = Vec::with_capacity(rest.len() / 12);
    let mut before = 0_i64;
    while !rest.is_empty() {
        let mut number = || take_number(&mut rest);
        before = before.checked_add(i64::try_from(number()?).ok()?)?;
        let kind = i32::try_from(number()?).ok()?;
        let voice = MemberVoice { total_ms: number()?, active_ms: number()?, sessions: number()? };
        let full_hours = u32::try_from(number()?).ok()?;
        let length = number()?;
        let mut parts = Vec::new();
        for _ in 0..length {
            let hour = u8::try_from(number()?).ok().filter(|hour| *hour < 24)?;
            parts.push((hour, u32::try_from(number()?).ok()?));
        }
        days.push(VoiceDay { member: before, kind, voice, full_hours, parts });
    }
    Some(days)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::VoiceDay;
    use crate::question::{ACTIVE_VOICE_MS, MemberVoice};

    /// Any days.
    pub(crate) fn days() -> impl Strategy<Value = Vec<VoiceDay>> {
        let hours = prop::collection::vec((0..24_u8, 0..90_000_u64), 0..6);
        let day = (0..3_i32, hours, 0..9_u64);
        prop::collection::btree_map(0..i64::MAX, day, 0..20).prop_map(|members| {
            let of = |(member, (kind, hours, sessions))| {
                let mut day = VoiceDay { member, ..VoiceDay::default() };
                let mut hours: Vec<(u8, u64)> = hours;
                hours.sort_unstable();
                for (hour, total_ms) in hours {
                    day.add(
                        hour,
                        kind,
                        MemberVoice { total_ms, active_ms: total_ms / 2, sessions },
                    );
                }
                day
            };
            members.into_iter().map(of).collect()
        })
    }

    #[test]
    fn hours_of_several_channels_add_up() {
        let mut day = VoiceDay::default();
        for (hour, total_ms) in
            [(3, 20_000), (3, 30_000), (4, 59_999), (5, 30_000), (5, 30_000), (5, 1)]
        {
            day.add(hour, 0, MemberVoice { total_ms, ..MemberVoice::default() });
        }
        assert_eq!(day.parts, [(3, 50_000), (4, 59_999)]);
        assert_eq!(day.full_hours, 1 << 5);
        assert_eq!(day.voice.total_ms, 170_000);
        assert_eq!(day.within(0b11000), 109_999);
        assert_eq!(day.within(1 << 3), 50_000);
        assert_eq!(day.within(1 << 5), ACTIVE_VOICE_MS);
        assert_eq!(day.within(1), 0);
    }
}
