//! Family **voice**: the bytes of hours and sessions. Times of a whole minute or of a whole session cost one byte a state.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, GuildId, UnixMs, UserId, VoiceCell, VoiceMinute, VoicePeak,
    VoiceSegment, VoiceSession, VoiceState, VoiceTime, VoiceWindow,
};

use crate::reader::Reader;
use crate::runs::{read_pairs, write_pairs};
use crate::varint::{Column, SignedColumn, write, write_id, write_signed};
use crate::{DecodeError, limits};

const SESSION_KIND: u8 = 3;
const SESSION_START_HEARD: u8 = 4;
const SESSION_END_HEARD: u8 = 8;
const SESSION_FLAGS: u8 = SESSION_KIND | SESSION_START_HEARD | SESSION_END_HEARD;

pub(crate) fn encode_window(window: &VoiceWindow, out: &mut Vec<u8>) {
    write_id(window.guild.0, out);
    write(u64::from(window.unix_hour), out);
    write(window.cells.len() as u64, out);
    write_pairs(&window.cells, |cell| (cell.channel, cell.member), out);
    for cell in &window.cells {
        write(u64::from(cell.sessions) << 2 | cell.kind as u64, out);
        write_time(&cell.time, out);
    }
    write(window.minutes.len() as u64, out);
    for minute in &window.minutes {
        out.push(minute.minute);
        write(minute.total_ms, out);
        write(minute.total_ms.wrapping_sub(minute.active_ms), out);
        write(u64::from(minute.peak), out);
    }
    write(window.peaks.len() as u64, out);
    let mut channels = Column::default();
    for peak in &window.peaks {
        channels.write(peak.channel.0, out);
        write(u64::from(peak.peak), out);
    }
}

pub(crate) fn decode_window(reader: &mut Reader<'_>) -> Result<VoiceWindow, DecodeError> {
    let guild = GuildId(reader.id()?);
    let unix_hour = reader.varint_u32()?;
    let length = reader.list_len(limits::VOICE_CELL_BYTES_MIN)?;
    let mut cells = vec![VoiceCell::default(); length];
    read_pairs(reader, &mut cells, |cell| (&mut cell.channel, &mut cell.member))?;
    for cell in &mut cells {
        let word = reader.varint()?;
        let kind = (word & 3) as u8;
        cell.kind = AuthorKind::from_u8(kind).ok_or(DecodeError::BadFlags(kind))?;
        cell.sessions = u32::try_from(word >> 2).map_err(|_| DecodeError::BadNumber)?;
        cell.time = read_time(reader)?;
    }
    let length = reader.list_len(limits::VOICE_MINUTE_BYTES_MIN)?;
    let minute = |_| {
        let minute = reader.minute()?;
        let total_ms = reader.varint()?;
        let active_ms = total_ms.wrapping_sub(reader.varint()?);
        Ok(VoiceMinute { minute, total_ms, active_ms, peak: reader.varint_u32()? })
    };
    let minutes = (0..length).map(minute).collect::<Result<_, DecodeError>>()?;
    let length = reader.list_len(limits::VOICE_PEAK_BYTES_MIN)?;
    let mut channels = Column::default();
    let peak = |_| {
        let channel = ChannelId(reader.delta(&mut channels)?);
        Ok(VoicePeak { channel, peak: reader.varint_u32()? })
    };
    let peaks = (0..length).map(peak).collect::<Result<_, DecodeError>>()?;
    Ok(VoiceWindow { guild, unix_hour, cells, minutes, peaks })
}

pub(crate) fn encode_sessions(sessions: &[VoiceSession], out: &mut Vec<u8>) {
    write(sessions.len() as u64, out);
    let (mut channels, mut members) = (Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    for session in sessions {
        channels.write(session.channel.0, out);
        members.write(session.member.0, out);
        let start = if session.start_heard { SESSION_START_HEARD } else { 0 };
        let end = if session.end_heard { SESSION_END_HEARD } else { 0 };
        out.push(session.kind as u8 | start | end);
        starts.write(session.started_at.0, out);
        write_signed(session.ended_at.0.wrapping_sub(session.started_at.0), out);
        write_time(&session.time, out);
        write_segments(&session.segments, out);
    }
}

pub(crate) fn decode_sessions(reader: &mut Reader<'_>) -> Result<Vec<VoiceSession>, DecodeError> {
    let length = reader.list_len(limits::VOICE_SESSION_BYTES_MIN)?;
    let (mut channels, mut members) = (Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    let session = |_| {
        let channel = ChannelId(reader.delta(&mut channels)?);
        let member = UserId(reader.delta(&mut members)?);
        let flags = reader.flags(SESSION_FLAGS)?;
        let kind = AuthorKind::from_u8(flags & SESSION_KIND).ok_or(DecodeError::BadFlags(flags))?;
        let started_at = starts.read(reader.signed()?);
        Ok(VoiceSession {
            channel,
            member,
            kind,
            started_at: UnixMs(started_at),
            ended_at: UnixMs(started_at.wrapping_add(reader.signed()?)),
            start_heard: flags & SESSION_START_HEARD != 0,
            end_heard: flags & SESSION_END_HEARD != 0,
            time: read_time(reader)?,
            segments: read_segments(reader)?,
        })
    };
    (0..length).map(session).collect()
}

/// The seven states of a time, each with its bit of the shape.
const STATES: u8 = 0b0111_1111;
/// Bit of the shape: some of it is active.
const ACTIVE: u8 = 0b1000_0000;

/// Appends the whole, the shape, and how much less than the whole each part is.
pub(crate) fn write_time(time: &VoiceTime, out: &mut Vec<u8>) {
    let [total, active, states @ ..] = time.figures();
    write(total, out);
    let mut shape = if active == 0 { 0 } else { ACTIVE };
    for (index, figure) in states.iter().enumerate() {
        shape |= u8::from(*figure != 0) << index;
    }
    out.push(shape);
    for figure in [active].into_iter().chain(states).filter(|figure| *figure != 0) {
        write(total.wrapping_sub(figure), out);
    }
}

pub(crate) fn read_time(reader: &mut Reader<'_>) -> Result<VoiceTime, DecodeError> {
    let total = reader.varint()?;
    let shape = reader.u8()?;
    let mut figures = [0; 9];
    figures[0] = total;
    // The bit of the active part is the highest, its figure the first.
    let bits = [ACTIVE].into_iter().chain((0..STATES.count_ones()).map(|index| 1 << index));
    for (figure, bit) in figures[1..].iter_mut().zip(bits) {
        if shape & bit == 0 {
            continue;
        }
        *figure = total.wrapping_sub(reader.varint()?);
        if *figure == 0 {
            return Err(DecodeError::BadFlags(shape));
        }
    }
    Ok(VoiceTime::from_figures(figures))
}

pub(crate) fn write_segments(segments: &[VoiceSegment], out: &mut Vec<u8>) {
    write(segments.len() as u64, out);
    for segment in segments {
        out.push(segment.state.0);
        write(segment.duration_ms, out);
    }
}

pub(crate) fn read_segments(reader: &mut Reader<'_>) -> Result<Vec<VoiceSegment>, DecodeError> {
    let length = reader.list_len(limits::VOICE_SEGMENT_BYTES_MIN)?;
    let segment = |_| {
        let state = VoiceState(reader.u8()?);
        Ok(VoiceSegment { state, duration_ms: reader.varint()? })
    };
    (0..length).map(segment).collect()
}
