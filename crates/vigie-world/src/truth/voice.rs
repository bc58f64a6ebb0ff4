//! What truth holds of voice: time by member and channel, people by minute, peaks, and every session.

use std::collections::BTreeSet;

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, GuildId, VoiceMinute, VoiceSession, VoiceTime,
};

use super::{CellKey, Difference, Hour, Truth};

/// Minutes of an hour.
const MINUTES: i64 = 60;

/// What somebody spent in a voice channel in one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceTotals {
    /// Person or bot.
    pub kind: AuthorKind,
    /// Sessions begun in the hour: joins and moves in.
    pub sessions: u32,
    /// How long, by state.
    pub time: VoiceTime,
}

impl Truth {
    /// Adds to the time of a member.
    pub fn add_voice(&mut self, unix_hour: u32, key: CellKey, totals: VoiceTotals) {
        let kept = self.voice_cell(unix_hour, key, totals.kind);
        kept.sessions += totals.sessions;
        let mut figures = kept.time.figures();
        figures.iter_mut().zip(totals.time.figures()).for_each(|(sum, more)| *sum += more);
        kept.time = VoiceTime::from_figures(figures);
    }

    /// Adds to the minute of a guild; of peaks the higher one stays.
    pub fn add_voice_minute(&mut self, unix_hour: u32, guild: GuildId, minute: VoiceMinute) {
        let hour = self.hours.entry(unix_hour).or_default();
        let kept = hour
            .minutes
            .entry((guild, minute.minute))
            .or_insert(VoiceMinute { minute: minute.minute, ..VoiceMinute::default() });
        kept.total_ms += minute.total_ms;
        kept.active_ms += minute.active_ms;
        kept.peak = kept.peak.max(minute.peak);
    }

    /// Raises the peak of a channel.
    pub fn add_voice_peak(&mut self, unix_hour: u32, guild: GuildId, room: ChannelId, peak: u32) {
        self.voice_peak(unix_hour, guild, room, peak);
    }

    /// Adds a session.
    pub fn add_voice_session(&mut self, guild: GuildId, session: VoiceSession) {
        self.voice_sessions(guild).push(session);
    }

    /// Time in voice, sorted by hour and key.
    pub fn voice(&self) -> impl Iterator<Item = (u32, CellKey, VoiceTotals)> + '_ {
        self.hours.iter().flat_map(|(&unix_hour, hour)| {
            let mut cells: Vec<_> = hour.voice.iter().map(|(&key, &cell)| (key, cell)).collect();
            cells.sort_unstable_by_key(|(key, _)| *key);
            cells.into_iter().map(move |(key, cell)| (unix_hour, key, cell))
        })
    }

    /// People in voice by minute, sorted by hour, guild and minute.
    pub fn voice_minutes(&self) -> impl Iterator<Item = (u32, GuildId, VoiceMinute)> + '_ {
        self.hours.iter().flat_map(|(&unix_hour, hour)| {
            let mut minutes: Vec<_> =
                hour.minutes.iter().map(|((guild, _), minute)| (*guild, *minute)).collect();
            minutes.sort_unstable_by_key(|(guild, minute)| (*guild, minute.minute));
            minutes.into_iter().map(move |(guild, minute)| (unix_hour, guild, minute))
        })
    }

    /// Most people at once by channel, sorted by hour, guild and channel.
    pub fn voice_peaks(&self) -> impl Iterator<Item = (u32, GuildId, ChannelId, u32)> + '_ {
        self.hours.iter().flat_map(|(&unix_hour, hour)| {
            let mut peaks: Vec<_> =
                hour.peaks.iter().map(|(place, peak)| (*place, *peak)).collect();
            peaks.sort_unstable();
            peaks.into_iter().map(move |((guild, room), peak)| (unix_hour, guild, room, peak))
        })
    }

    /// Most people at once in a guild in an hour.
    pub fn voice_guild_peak(&self, unix_hour: u32, guild: GuildId) -> u32 {
        let minutes = self.hours.get(&unix_hour).into_iter().flat_map(|hour| &hour.minutes);
        let own = minutes.filter(|((of, _), _)| *of == guild);
        own.map(|(_, minute)| minute.peak).max().unwrap_or(0)
    }

    /// Sessions by guild, in the order in which they ended, those under way last.
    pub fn sessions(&self) -> impl Iterator<Item = (GuildId, &VoiceSession)> + '_ {
        self.sessions.iter().flat_map(|(guild, list)| list.iter().map(|one| (*guild, one)))
    }

    pub(super) fn voice_cell(
        &mut self,
        unix_hour: u32,
        key: CellKey,
        kind: AuthorKind,
    ) -> &mut VoiceTotals {
        let kept = self.hours.entry(unix_hour).or_default().voice.entry(key).or_default();
        kept.kind = kind;
        kept
    }

    /// The minute, counted from 1970, of a guild.
    pub(super) fn voice_minute(&mut self, minute: i64, guild: GuildId) -> &mut VoiceMinute {
        let hour = self.hours.entry(minute.div_euclid(MINUTES) as u32).or_default();
        let minute = minute.rem_euclid(MINUTES) as u8;
        let fresh = VoiceMinute { minute, ..VoiceMinute::default() };
        hour.minutes.entry((guild, minute)).or_insert(fresh)
    }

    pub(super) fn voice_peak(&mut self, hour: u32, guild: GuildId, room: ChannelId, peak: u32) {
        let kept = self.hours.entry(hour).or_default().peaks.entry((guild, room)).or_default();
        *kept = peak.max(*kept);
    }

    pub(super) fn voice_sessions(&mut self, guild: GuildId) -> &mut Vec<VoiceSession> {
        self.sessions.entry(guild).or_default()
    }

    pub(super) fn merge_voice(&mut self, other: &Self) {
        other.voice().for_each(|(hour, key, totals)| self.add_voice(hour, key, totals));
        for (hour, guild, minute) in other.voice_minutes() {
            self.add_voice_minute(hour, guild, minute);
        }
        for (hour, guild, room, peak) in other.voice_peaks() {
            self.voice_peak(hour, guild, room, peak);
        }
        for (guild, session) in other.sessions() {
            self.add_voice_session(guild, session.clone());
        }
    }
}

/// Where two hours of voice disagree; a cell of zeros is the same as none.
pub(super) fn diff(unix_hour: u32, ours: &Hour, theirs: &Hour, out: &mut Vec<Difference>) {
    let keys: BTreeSet<CellKey> = ours.voice.keys().chain(theirs.voice.keys()).copied().collect();
    let spent = |hour: &Hour, key: &CellKey| {
        let is_something =
            |totals: &VoiceTotals| totals.sessions > 0 || totals.time != VoiceTime::default();
        hour.voice.get(key).copied().filter(is_something)
    };
    for key in keys {
        let (ours, theirs) = (spent(ours, &key), spent(theirs, &key));
        if ours != theirs {
            out.push(Difference::Voice { unix_hour, key, ours, theirs });
        }
    }
    let rooms: BTreeSet<_> = ours.peaks.keys().chain(theirs.peaks.keys()).copied().collect();
    for (guild, room) in rooms {
        let peak = |hour: &Hour| hour.peaks.get(&(guild, room)).copied().unwrap_or(0);
        let (ours, theirs) = (peak(ours), peak(theirs));
        if ours != theirs {
            out.push(Difference::VoicePeak { unix_hour, guild, channel: room, ours, theirs });
        }
    }
    let minutes: BTreeSet<_> = ours.minutes.keys().chain(theirs.minutes.keys()).copied().collect();
    for (guild, minute) in minutes {
        let fresh = VoiceMinute { minute, ..VoiceMinute::default() };
        let of = |hour: &Hour| hour.minutes.get(&(guild, minute)).copied().unwrap_or(fresh);
        let (ours, theirs) = (of(ours), of(theirs));
        if ours != theirs {
            out.push(Difference::VoiceMinute { unix_hour, guild, ours, theirs });
        }
    }
}
