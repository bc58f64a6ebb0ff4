//! Family **activity**: the bytes of a window. Its cells are columns, sorted ids being small once subtracted.

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, ActivityWindow, AuthorKind, Emoji, EmojiCount,
    EmojiId, GuildId, HourCell, MinuteSum,
};

use crate::reader::Reader;
use crate::runs::{read_pairs, write_pairs};
use crate::varint::{Column, write, write_id, write_text};
use crate::{DecodeError, limits};

/// Bits of a cell's shape that say which counters are not 0.
const SHAPE_COUNTERS: u8 = 0b0001_1111;
/// Where the author kind lies in a cell's shape.
const SHAPE_KIND_SHIFT: u32 = 5;
/// Bit of a cell's shape: every counter that is not 0 is 1, and none is written.
const SHAPE_ONES: u8 = 0b1000_0000;

/// In place of the minute in which a cell was seen: none.
const NEVER_SEEN: u8 = 60;
/// Bit of the first of several minutes.
const SEEN_SEVERAL: u8 = 64;

const EMOJI_UNICODE: u8 = 0;
const EMOJI_CUSTOM: u8 = 1;
const EMOJI_CUSTOM_NAMED: u8 = 2;

pub(crate) fn encode_window(window: &ActivityWindow, out: &mut Vec<u8>) {
    write_id(window.guild.0, out);
    write(u64::from(window.unix_minute), out);
    encode_cells(&window.cells, out);
    encode_emojis(&window.emojis, out);
}

pub(crate) fn decode_window(reader: &mut Reader<'_>) -> Result<ActivityWindow, DecodeError> {
    let guild = GuildId(reader.id()?);
    let unix_minute = reader.varint_u32()?;
    let cells = decode_cells(reader)?;
    Ok(ActivityWindow { guild, unix_minute, cells, emojis: decode_emojis(reader)? })
}

fn encode_cells(cells: &[ActivityCell], out: &mut Vec<u8>) {
    write(cells.len() as u64, out);
    write_pairs(cells, |cell| (cell.channel, cell.member), out);
    out.extend(cells.iter().map(shape));
    for cell in cells {
        write_counts(&cell.counts, shape(cell), out);
    }
}

fn decode_cells(reader: &mut Reader<'_>) -> Result<Vec<ActivityCell>, DecodeError> {
    let length = reader.list_len(limits::CELL_BYTES_MIN)?;
    let mut cells = vec![ActivityCell::default(); length];
    read_pairs(reader, &mut cells, |cell| (&mut cell.channel, &mut cell.member))?;
    let shapes = reader.take(length)?;
    for (cell, &bits) in cells.iter_mut().zip(shapes) {
        (cell.kind, cell.counts) = read_counts(reader, bits)?;
    }
    Ok(cells)
}

pub(crate) fn encode_hour(hour: &ActivityHour, out: &mut Vec<u8>) {
    write_id(hour.guild.0, out);
    write(u64::from(hour.unix_hour), out);
    write(hour.cells.len() as u64, out);
    write_pairs(&hour.cells, |cell| (cell.cell.channel, cell.cell.member), out);
    for HourCell { cell, seen } in &hour.cells {
        match *seen {
            None => out.push(NEVER_SEEN),
            Some((first, last)) if first == last => out.push(first),
            Some((first, last)) => out.extend([SEEN_SEVERAL | first, last]),
        }
        let bits = shape(cell);
        out.push(bits);
        write_counts(&cell.counts, bits, out);
    }
    write(hour.minutes.len() as u64, out);
    for sum in &hour.minutes {
        out.push(sum.minute);
        let bits = shape_of(sum.kind, &sum.counts);
        out.push(bits);
        write_counts(&sum.counts, bits, out);
    }
    encode_emojis(&hour.emojis, out);
}

pub(crate) fn decode_hour(reader: &mut Reader<'_>) -> Result<ActivityHour, DecodeError> {
    let guild = GuildId(reader.id()?);
    let unix_hour = reader.varint_u32()?;
    let length = reader.list_len(limits::HOUR_CELL_BYTES_MIN)?;
    let mut cells = vec![HourCell::default(); length];
    read_pairs(reader, &mut cells, |hour| (&mut hour.cell.channel, &mut hour.cell.member))?;
    for HourCell { cell, seen } in &mut cells {
        *seen = decode_seen(reader)?;
        let bits = reader.u8()?;
        (cell.kind, cell.counts) = read_counts(reader, bits)?;
    }
    let length = reader.list_len(limits::MINUTE_SUM_BYTES_MIN)?;
    let sum = |_| {
        let minute = reader.minute()?;
        let bits = reader.u8()?;
        let (kind, counts) = read_counts(reader, bits)?;
        Ok(MinuteSum { minute, kind, counts })
    };
    let minutes = (0..length).map(sum).collect::<Result<_, DecodeError>>()?;
    Ok(ActivityHour { guild, unix_hour, cells, minutes, emojis: decode_emojis(reader)? })
}

/// Reads when a cell was seen.
fn decode_seen(reader: &mut Reader<'_>) -> Result<Option<(u8, u8)>, DecodeError> {
    match reader.u8()? {
        NEVER_SEEN => Ok(None),
        only @ 0..NEVER_SEEN => Ok(Some((only, only))),
        several => {
            let (first, last) = (several.wrapping_sub(SEEN_SEVERAL), reader.minute()?);
            if first >= NEVER_SEEN || first == last {
                return Err(DecodeError::BadNumber);
            }
            Ok(Some((first, last)))
        }
    }
}

/// Appends the counters that are not 0, unless their shape says all.
fn write_counts(counts: &ActivityCounts, shape: u8, out: &mut Vec<u8>) {
    if shape & SHAPE_ONES != 0 {
        return;
    }
    for count in counters(counts).into_iter().filter(|count| *count != 0) {
        write(u64::from(count), out);
    }
}

/// Reads the counters of a shape.
fn read_counts(
    reader: &mut Reader<'_>,
    bits: u8,
) -> Result<(AuthorKind, ActivityCounts), DecodeError> {
    let kind = (bits & !SHAPE_ONES) >> SHAPE_KIND_SHIFT;
    let kind = AuthorKind::from_u8(kind).ok_or(DecodeError::BadFlags(bits))?;
    let mut counts = [0; 5];
    for (index, count) in counts.iter_mut().enumerate() {
        if bits & (1 << index) != 0 {
            *count = if bits & SHAPE_ONES != 0 { 1 } else { reader.varint_u32()? };
        }
    }
    let [messages, commands, reactions_added, reactions_removed, reactions_received] = counts;
    let counts = ActivityCounts {
        messages,
        commands,
        reactions_added,
        reactions_removed,
        reactions_received,
    };
    if shape_of(kind, &counts) != bits {
        return Err(DecodeError::BadFlags(bits));
    }
    Ok((kind, counts))
}

/// The counters in the order of their bits in the shape.
fn counters(counts: &ActivityCounts) -> [u32; 5] {
    [
        counts.messages,
        counts.commands,
        counts.reactions_added,
        counts.reactions_removed,
        counts.reactions_received,
    ]
}

fn shape(cell: &ActivityCell) -> u8 {
    shape_of(cell.kind, &cell.counts)
}

fn shape_of(kind: AuthorKind, counts: &ActivityCounts) -> u8 {
    let mut bits = 0;
    let mut highest = 0;
    for (index, count) in counters(counts).into_iter().enumerate() {
        bits |= u8::from(count != 0) << index;
        highest = highest.max(count);
    }
    let ones = if highest == 1 { SHAPE_ONES } else { 0 };
    bits | (kind as u8) << SHAPE_KIND_SHIFT | ones
}

fn encode_emojis(emojis: &[EmojiCount], out: &mut Vec<u8>) {
    write(emojis.len() as u64, out);
    let mut ids = Column::default();
    for count in emojis {
        encode_emoji(count, &mut ids, out);
    }
}

fn decode_emojis(reader: &mut Reader<'_>) -> Result<Vec<EmojiCount>, DecodeError> {
    let length = reader.list_len(limits::EMOJI_BYTES_MIN)?;
    let mut ids = Column::default();
    (0..length).map(|_| decode_emoji(reader, &mut ids)).collect()
}

fn encode_emoji(count: &EmojiCount, ids: &mut Column, out: &mut Vec<u8>) {
    match &count.emoji {
        Emoji::Unicode(text) => {
            out.push(EMOJI_UNICODE);
            write_text(text, out);
        }
        Emoji::Custom { id, name: None } => {
            out.push(EMOJI_CUSTOM);
            ids.write(id.0, out);
        }
        Emoji::Custom { id, name: Some(name) } => {
            out.push(EMOJI_CUSTOM_NAMED);
            ids.write(id.0, out);
            write_text(name, out);
        }
    }
    write(u64::from(count.added), out);
    write(u64::from(count.removed), out);
}

fn decode_emoji(reader: &mut Reader<'_>, ids: &mut Column) -> Result<EmojiCount, DecodeError> {
    let emoji = match reader.u8()? {
        EMOJI_UNICODE => Emoji::Unicode(reader.text()?.into()),
        EMOJI_CUSTOM => Emoji::Custom { id: EmojiId(reader.delta(ids)?), name: None },
        EMOJI_CUSTOM_NAMED => {
            let id = EmojiId(reader.delta(ids)?);
            Emoji::Custom { id, name: Some(reader.text()?.into()) }
        }
        form => return Err(DecodeError::BadFlags(form)),
    };
    Ok(EmojiCount { emoji, added: reader.varint_u32()?, removed: reader.varint_u32()? })
}

// A shape has room for five counters, four kinds and one bit.
const _: () = assert!(SHAPE_COUNTERS.count_ones() == SHAPE_KIND_SHIFT);
