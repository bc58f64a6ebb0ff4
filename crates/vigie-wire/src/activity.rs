//! Family **activity**: the bytes of a window. Its cells are columns, sorted ids being small once subtracted.

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, Emoji, EmojiCount,
    EmojiId, GuildId, UserId,
};

use crate::reader::Reader;
use crate::varint::{Column, write, write_id, write_text};
use crate::{DecodeError, limits};

/// Bits of a cell's shape that say which counters are not 0.
const SHAPE_COUNTERS: u8 = 0b0001_1111;
/// Where the author kind lies in a cell's shape.
const SHAPE_KIND_SHIFT: u32 = 5;
/// Bit of a cell's shape: every counter that is not 0 is 1, and none is written.
const SHAPE_ONES: u8 = 0b1000_0000;

const EMOJI_UNICODE: u8 = 0;
const EMOJI_CUSTOM: u8 = 1;
const EMOJI_CUSTOM_NAMED: u8 = 2;

pub(crate) fn encode_window(window: &ActivityWindow, out: &mut Vec<u8>) {
    write_id(window.guild.0, out);
    write(u64::from(window.unix_minute), out);
    encode_cells(&window.cells, out);
    write(window.emojis.len() as u64, out);
    let mut ids = Column::default();
    for count in &window.emojis {
        encode_emoji(count, &mut ids, out);
    }
}

pub(crate) fn decode_window(reader: &mut Reader<'_>) -> Result<ActivityWindow, DecodeError> {
    let guild = GuildId(reader.id()?);
    let unix_minute = reader.varint_u32()?;
    let cells = decode_cells(reader)?;
    let length = reader.list_len(limits::EMOJI_BYTES_MIN)?;
    let mut ids = Column::default();
    let emojis = (0..length).map(|_| decode_emoji(reader, &mut ids)).collect::<Result<_, _>>()?;
    Ok(ActivityWindow { guild, unix_minute, cells, emojis })
}

fn encode_cells(cells: &[ActivityCell], out: &mut Vec<u8>) {
    write(cells.len() as u64, out);
    let same_channel = |a: &ActivityCell, b: &ActivityCell| a.channel == b.channel;
    let mut channels = Column::default();
    for run in cells.chunk_by(same_channel) {
        channels.write(run[0].channel.0, out);
        write(run.len() as u64, out);
    }
    for run in cells.chunk_by(same_channel) {
        let mut members = Column::default();
        for cell in run {
            members.write(cell.member.0, out);
        }
    }
    out.extend(cells.iter().map(shape));
    for cell in cells.iter().filter(|cell| shape(cell) & SHAPE_ONES == 0) {
        for count in counters(&cell.counts).into_iter().filter(|count| *count != 0) {
            write(u64::from(count), out);
        }
    }
}

fn decode_cells(reader: &mut Reader<'_>) -> Result<Vec<ActivityCell>, DecodeError> {
    let length = reader.list_len(limits::CELL_BYTES_MIN)?;
    let mut cells = Vec::with_capacity(length);
    let mut channels = Column::default();
    while cells.len() < length {
        let distance = reader.varint()?;
        let run = reader.varint()?;
        // A run that goes on with the same channel, or holds nothing, would be a second way to write the same.
        let repeats = distance == 0 && !cells.is_empty();
        if run == 0 || run > (length - cells.len()) as u64 || repeats {
            return Err(DecodeError::BadRuns);
        }
        let channel = ChannelId(channels.read(distance));
        let cell = ActivityCell { channel, ..ActivityCell::default() };
        cells.resize(cells.len() + run as usize, cell);
    }
    for run in cells.chunk_by_mut(|a, b| a.channel == b.channel) {
        let mut members = Column::default();
        for cell in run {
            cell.member = UserId(reader.delta(&mut members)?);
        }
    }
    decode_counts(reader, &mut cells)?;
    Ok(cells)
}

/// Reads the column of shapes and the counters that follow it.
fn decode_counts(reader: &mut Reader<'_>, cells: &mut [ActivityCell]) -> Result<(), DecodeError> {
    let shapes = reader.take(cells.len())?;
    for (cell, &bits) in cells.iter_mut().zip(shapes) {
        let kind = (bits & !SHAPE_ONES) >> SHAPE_KIND_SHIFT;
        cell.kind = AuthorKind::from_u8(kind).ok_or(DecodeError::BadFlags(bits))?;
        let mut counts = [0; 5];
        for (index, count) in counts.iter_mut().enumerate() {
            if bits & (1 << index) != 0 {
                *count = if bits & SHAPE_ONES != 0 { 1 } else { reader.varint_u32()? };
            }
        }
        let [messages, commands, reactions_added, reactions_removed, reactions_received] = counts;
        cell.counts = ActivityCounts {
            messages,
            commands,
            reactions_added,
            reactions_removed,
            reactions_received,
        };
        if shape(cell) != bits {
            return Err(DecodeError::BadFlags(bits));
        }
    }
    Ok(())
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
    let mut bits = 0;
    let mut highest = 0;
    for (index, count) in counters(&cell.counts).into_iter().enumerate() {
        bits |= u8::from(count != 0) << index;
        highest = highest.max(count);
    }
    let ones = if highest == 1 { SHAPE_ONES } else { 0 };
    bits | (cell.kind as u8) << SHAPE_KIND_SHIFT | ones
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
