//! The voice records of a batch, merged in memory: each key is written once.

use vigie_core::vocabulary::{GuildId, UnixMs, VoiceCell, VoiceSession, VoiceWindow};

use super::detail;
use crate::{
    activity::{
        Absorb, ActivityFold, EverSums, MemberSums, MinuteVoice, Row, is_storable_minute, merge,
    },
    question::MemberVoice,
    value::key,
};

/// Hours of a day.
const DAY_HOURS: i32 = 24;

/// The peaks of a whole guild stand under this channel: no snowflake is zero.
pub(crate) const WHOLE_GUILD: i64 = 0;

/// Sessions, then the nine figures of time in the order of `VoiceTime::figures`.
pub(crate) type Figures = [u64; 10];

/// Merged rows of each table of the family, each sorted by its key.
#[derive(Debug, Default)]
pub(crate) struct VoiceFold {
    /// `voice_hourly`: guild, hour, channel, member.
    pub(crate) hours: Vec<Row<(i64, i32, i64, i64), MemberFigures>>,
    /// `voice_daily`: guild, day, member, channel.
    pub(crate) days: Vec<Row<(i64, i32, i64, i64), MemberFigures>>,
    /// `guild_voice_hourly`: guild, hour, kind.
    pub(crate) guilds: Vec<Row<(i64, i32, i32), Figures>>,
    /// `channel_voice_hourly`: guild, hour, channel, kind.
    pub(crate) channels: Vec<Row<(i64, i32, i64, i32), Figures>>,
    /// `voice_peaks_hourly`: guild, hour, channel.
    pub(crate) peaks: Vec<Row<(i64, i32, i64), Peak>>,
    /// `voice_sessions`: guild, start, member, channel.
    pub(crate) sessions: Vec<Row<(i64, i64, i64, i64), SessionWrite>>,
    /// The part of `member_stats` that is about voice: guild, member.
    members: Vec<EverRow>,
}

/// A part of a row of `member_stats`: guild, member.
pub(crate) type EverRow = Row<(i64, i64), EverSums>;

/// A member's figures, their kind, and in which hours of the day they are (bits, of days only).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MemberFigures {
    pub(crate) kind: i32,
    pub(crate) hours: i32,
    pub(crate) figures: Figures,
}

/// Most people at once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Peak(pub(crate) u32);

/// What a session's row holds beside its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SessionWrite {
    pub(crate) kind: i32,
    pub(crate) ended_at_ms: i64,
    pub(crate) start_heard: bool,
    pub(crate) end_heard: bool,
    pub(crate) detail: Vec<u8>,
}

impl Absorb for Figures {
    fn absorb(&mut self, other: Self) {
        for (mine, others) in self.iter_mut().zip(other) {
            *mine += others;
        }
    }
}

impl Absorb for MemberFigures {
    fn absorb(&mut self, other: Self) {
        self.kind = self.kind.max(other.kind);
        self.hours |= other.hours;
        self.figures.absorb(other.figures);
    }
}

impl Absorb for Peak {
    fn absorb(&mut self, other: Self) {
        self.0 = self.0.max(other.0);
    }
}

/// The later telling wins.
impl Absorb for SessionWrite {
    fn absorb(&mut self, other: Self) {
        *self = other;
    }
}

impl VoiceFold {
    /// Takes in a window; its minutes go to the rows that they share with the activity. After an error the folds hold a part of it and
    /// must be thrown away.
    pub(crate) fn window(
        &mut self,
        window: &VoiceWindow,
        activity: &mut ActivityFold,
    ) -> Result<(), &'static str> {
        if !is_storable_hour(window.unix_hour) {
            return Err("its hour lies outside the years 2015 to 2099");
        }
        let guild = key(window.guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        let hour = window.unix_hour as i32;
        // A piece of one minute says when its members were there; of a longer one, the sessions will.
        let seen = match window.minutes.as_slice() {
            [only] => Some(hour * 60 + i32::from(only.minute)),
            _ => None,
        };
        for cell in &window.cells {
            self.cell(guild, hour, cell, seen)?;
        }
        let mut people = 0;
        for minute in &window.minutes {
            if minute.minute > 59 {
                return Err("a minute lies outside its hour");
            }
            let voice = MinuteVoice {
                total_ms: bounded(minute.total_ms),
                active_ms: bounded(minute.active_ms),
                peak: u64::from(minute.peak),
            };
            if voice != MinuteVoice::default() {
                activity.voice_minute(guild, hour * 60 + i32::from(minute.minute), voice);
            }
            people = minute.peak.max(people);
        }
        self.peak((guild, hour, WHOLE_GUILD), people);
        for peak in &window.peaks {
            let channel = key(peak.channel.0).ok_or("a channel's id does not fit into 63 bits")?;
            if channel == WHOLE_GUILD {
                return Err("a channel's id is zero");
            }
            self.peak((guild, hour, channel), peak.peak);
        }
        Ok(())
    }

    fn peak(&mut self, key: (i64, i32, i64), people: u32) {
        if people > 0 {
            self.peaks.push(Row { key, value: Peak(people) });
        }
    }

    fn cell(
        &mut self,
        guild: i64,
        hour: i32,
        cell: &VoiceCell,
        seen: Option<i32>,
    ) -> Result<(), &'static str> {
        let channel = key(cell.channel.0).ok_or("a channel's id does not fit into 63 bits")?;
        let member = key(cell.member.0).ok_or("a member's id does not fit into 63 bits")?;
        let mut figures = [u64::from(cell.sessions); 10];
        for (figure, time) in figures[1..].iter_mut().zip(cell.time.figures()) {
            *figure = bounded(time);
        }
        if figures == Figures::default() {
            return Ok(());
        }
        let kind = i32::from(cell.kind as u8);
        let value = MemberFigures { kind, hours: 0, figures };
        self.hours.push(Row { key: (guild, hour, channel, member), value });
        self.channels.push(Row { key: (guild, hour, channel, kind), value: figures });
        let voice =
            MemberVoice { total_ms: figures[1], active_ms: figures[2], sessions: figures[0] };
        let activity =
            MemberSums { kind, seen: seen.map(|minute| (minute, minute)), ..MemberSums::default() };
        self.members.push(Row { key: (guild, member), value: EverSums { activity, voice } });
        Ok(())
    }

    /// Takes in sessions that have ended.
    pub(crate) fn sessions(
        &mut self,
        guild: GuildId,
        sessions: &[VoiceSession],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for session in sessions {
            let channel =
                key(session.channel.0).ok_or("a channel's id does not fit into 63 bits")?;
            let member = key(session.member.0).ok_or("a member's id does not fit into 63 bits")?;
            let (first, last) = (minute_of(session.started_at)?, minute_of(session.ended_at)?);
            if session.ended_at < session.started_at {
                return Err("a session ends before it begins");
            }
            let kind = i32::from(session.kind as u8);
            self.sessions.push(Row {
                key: (guild, session.started_at.0, member, channel),
                value: SessionWrite {
                    kind,
                    ended_at_ms: session.ended_at.0,
                    start_heard: session.start_heard,
                    end_heard: session.end_heard,
                    detail: detail::pack(&session.time, &session.segments),
                },
            });
            let activity = MemberSums { kind, seen: Some((first, last)), ..MemberSums::default() };
            let value = EverSums { activity, voice: MemberVoice::default() };
            self.members.push(Row { key: (guild, member), value });
        }
        Ok(())
    }

    /// Sorts and merges everything, makes the coarser rows from the finer ones, and gives away what belongs to `member_stats`.
    pub(crate) fn finish(mut self) -> (Self, Vec<EverRow>) {
        merge(&mut self.hours);
        merge(&mut self.channels);
        merge(&mut self.peaks);
        merge(&mut self.sessions);
        merge(&mut self.members);
        self.days = self.hours.iter().map(day_of).collect();
        merge(&mut self.days);
        let of_guild = |row: &Row<(i64, i32, i64, i32), Figures>| Row {
            key: (row.key.0, row.key.1, row.key.3),
            value: row.value,
        };
        self.guilds = self.channels.iter().map(of_guild).collect();
        merge(&mut self.guilds);
        let members = std::mem::take(&mut self.members);
        (self, members)
    }
}

fn day_of(
    row: &Row<(i64, i32, i64, i64), MemberFigures>,
) -> Row<(i64, i32, i64, i64), MemberFigures> {
    let (guild, hour, channel, member) = row.key;
    Row {
        key: (guild, hour / DAY_HOURS, member, channel),
        value: MemberFigures { hours: 1 << (hour % DAY_HOURS), ..row.value },
    }
}

/// Whether windows of this hour can be stored.
pub(crate) fn is_storable_hour(unix_hour: u32) -> bool {
    is_storable_minute(unix_hour.saturating_mul(60))
}

fn minute_of(at: UnixMs) -> Result<i32, &'static str> {
    let minute = at.unix_minute();
    if !is_storable_minute(minute) {
        return Err("a session lies outside the years 2015 to 2099");
    }
    Ok(minute as i32)
}

/// Milliseconds of one cell or minute: no more than 32 bits hold, so that no sum of a batch runs over.
fn bounded(ms: u64) -> u64 {
    ms.min(u64::from(u32::MAX))
}
