//! Voice that waits for its flush: time by hour, channel and member; the guild by minute; peaks.

use std::collections::BTreeMap;
use std::iter;

use crate::limits;
use crate::vocabulary::{
    AuthorKind, ChannelId, GuildId, Record, UnixMs, UserId, VoiceCell, VoiceMinute, VoicePeak,
    VoiceState, VoiceWindow,
};

pub(crate) const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What has been credited since the last flush.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    cells: BTreeMap<CellKey, VoiceCell>,
    /// By (guild, minutes since 1970).
    minutes: BTreeMap<(GuildId, u32), VoiceMinute>,
    /// By (guild, hours since 1970, channel).
    peaks: BTreeMap<(GuildId, u32, ChannelId), u32>,
}

/// Guild, hours since 1970, channel, member.
type CellKey = (GuildId, u32, ChannelId, UserId);

/// Who spends time, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presence {
    pub(crate) guild: GuildId,
    pub(crate) channel: ChannelId,
    pub(crate) member: UserId,
    pub(crate) kind: AuthorKind,
}

impl Windows {
    /// Credits `from..until`, spent in one state, to its hours, and a person's also to its minutes.
    pub(crate) fn credit(
        &mut self,
        presence: &Presence,
        state: VoiceState,
        from: UnixMs,
        until: UnixMs,
    ) {
        for (from, until) in split(from, until, HOUR_MS) {
            self.cell(presence, from).time.add(state, (until.0 - from.0) as u64);
        }
        if presence.kind != AuthorKind::Human {
            return;
        }
        for (from, until) in split(from, until, MINUTE_MS) {
            let duration_ms = (until.0 - from.0) as u64;
            let minute = self.minute(presence.guild, from);
            minute.total_ms += duration_ms;
            if state.is_active() {
                minute.active_ms += duration_ms;
            }
        }
    }

    /// Counts a session whose beginning was heard.
    pub(crate) fn begin(&mut self, presence: &Presence, at: UnixMs) {
        self.cell(presence, at).sessions += 1;
    }

    /// So many people were in one channel at this instant.
    pub(crate) fn peak(&mut self, guild: GuildId, channel: ChannelId, at: UnixMs, people: u32) {
        if people > 0 {
            let peak = self.peaks.entry((guild, at.unix_hour(), channel)).or_default();
            *peak = people.max(*peak);
        }
    }

    /// So many people were in one channel all through `from..until`.
    pub(crate) fn stay(
        &mut self,
        guild: GuildId,
        channel: ChannelId,
        people: u32,
        from: UnixMs,
        until: UnixMs,
    ) {
        for (from, _) in split(from, until, HOUR_MS) {
            self.peak(guild, channel, from, people);
        }
    }

    /// So many people were in all channels of a guild together at this instant.
    pub(crate) fn guild_peak(&mut self, guild: GuildId, at: UnixMs, people: u32) {
        if people > 0 {
            let minute = self.minute(guild, at);
            minute.peak = people.max(minute.peak);
        }
    }

    /// So many people were in all channels of a guild together all through `from..until`.
    pub(crate) fn guild_stay(&mut self, guild: GuildId, people: u32, from: UnixMs, until: UnixMs) {
        for (from, _) in split(from, until, MINUTE_MS) {
            self.guild_peak(guild, from, people);
        }
    }

    /// Pushes one record for each guild and hour, more when it is large, and starts again.
    pub(crate) fn flush(&mut self, out: &mut Vec<Record>) {
        let mut cells = std::mem::take(&mut self.cells).into_iter().peekable();
        let mut minutes = std::mem::take(&mut self.minutes).into_iter().peekable();
        let mut peaks = std::mem::take(&mut self.peaks).into_iter().peekable();
        loop {
            let keys = [
                cells.peek().map(|((guild, hour, ..), _)| (*guild, *hour)),
                minutes.peek().map(|((guild, minute), _)| (*guild, minute / 60)),
                peaks.peek().map(|((guild, hour, _), _)| (*guild, *hour)),
            ];
            let Some(key) = keys.into_iter().flatten().min() else { return };
            let cell_here = |((guild, hour, ..), _): &(CellKey, _)| (*guild, *hour) == key;
            let minute_here = |((guild, minute), _): &((_, u32), _)| (*guild, minute / 60) == key;
            let peak_here = |((guild, hour, _), _): &((_, u32, _), _)| (*guild, *hour) == key;
            out.push(Record::VoiceWindow(VoiceWindow {
                guild: key.0,
                unix_hour: key.1,
                cells: iter::from_fn(|| cells.next_if(cell_here))
                    .take(limits::WINDOW_VOICE_CELLS_MAX)
                    .map(|(_, cell)| cell)
                    .collect(),
                minutes: iter::from_fn(|| minutes.next_if(minute_here))
                    .map(|(_, minute)| minute)
                    .collect(),
                peaks: iter::from_fn(|| peaks.next_if(peak_here))
                    .map(|((_, _, channel), peak)| VoicePeak { channel, peak })
                    .collect(),
            }));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.minutes.is_empty() && self.peaks.is_empty()
    }

    /// Cells that wait.
    pub(crate) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Bytes held, as far as ordered maps let it be known: they are at least half full.
    pub(crate) fn heap_bytes(&self) -> usize {
        let cells = self.cells.len() * size_of::<(CellKey, VoiceCell)>();
        let minutes = self.minutes.len() * size_of::<((GuildId, u32), VoiceMinute)>();
        let peaks = self.peaks.len() * size_of::<((GuildId, u32, ChannelId), u32)>();
        (cells + minutes + peaks) * 3 / 2
    }

    fn cell(&mut self, presence: &Presence, at: UnixMs) -> &mut VoiceCell {
        let Presence { guild, channel, member, kind } = *presence;
        let key = (guild, at.unix_hour(), channel, member);
        let cell = self.cells.entry(key).or_default();
        cell.channel = channel;
        cell.member = member;
        cell.kind = kind.max(cell.kind);
        cell
    }

    fn minute(&mut self, guild: GuildId, at: UnixMs) -> &mut VoiceMinute {
        let unix_minute = at.unix_minute();
        let minute = self.minutes.entry((guild, unix_minute)).or_default();
        minute.minute = (unix_minute % 60) as u8;
        minute
    }
}

/// `from..until` cut at every multiple of `width_ms`; nothing when it is empty.
fn split(from: UnixMs, until: UnixMs, width_ms: i64) -> impl Iterator<Item = (UnixMs, UnixMs)> {
    let mut from = from.0;
    iter::from_fn(move || {
        if from >= until.0 {
            return None;
        }
        let bound = (from.div_euclid(width_ms) + 1).saturating_mul(width_ms);
        let piece = (UnixMs(from), UnixMs(bound.min(until.0)));
        from = piece.1.0;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(from: i64, until: i64) -> Vec<(i64, i64)> {
        split(UnixMs(from), UnixMs(until), 100).map(|(from, until)| (from.0, until.0)).collect()
    }

    #[test]
    fn a_stretch_is_cut_at_every_bound_and_nothing_is_lost() {
        assert_eq!(pieces(150, 320), [(150, 200), (200, 300), (300, 320)]);
        assert_eq!(pieces(100, 200), [(100, 200)]);
        assert_eq!(pieces(-50, 50), [(-50, 0), (0, 50)]);
        assert_eq!(pieces(100, 100), []);
        assert_eq!(pieces(100, 50), []);
    }
}
