//! Columns of (channel, member): runs of one channel, then the members.

use vigie_core::vocabulary::{ChannelId, UserId};

use crate::DecodeError;
use crate::reader::Reader;
use crate::varint::{Column, write};

/// Appends the channels of `cells` in runs, then their members, each run from 0 again.
pub(crate) fn write_pairs<T>(
    cells: &[T],
    pair: impl Fn(&T) -> (ChannelId, UserId),
    out: &mut Vec<u8>,
) {
    let same_channel = |a: &T, b: &T| pair(a).0 == pair(b).0;
    let mut channels = Column::default();
    for run in cells.chunk_by(same_channel) {
        channels.write(pair(&run[0]).0.0, out);
        write(run.len() as u64, out);
    }
    for run in cells.chunk_by(same_channel) {
        let mut members = Column::default();
        for cell in run {
            members.write(pair(cell).1.0, out);
        }
    }
}

/// Reads what [`write_pairs`] has written of as many cells into them.
pub(crate) fn read_pairs<T>(
    reader: &mut Reader<'_>,
    cells: &mut [T],
    mut pair: impl FnMut(&mut T) -> (&mut ChannelId, &mut UserId),
) -> Result<(), DecodeError> {
    let mut channels = Column::default();
    let mut runs = Vec::new();
    let mut covered = 0;
    while covered < cells.len() {
        let distance = reader.varint()?;
        let run = reader.varint()?;
        // A run that goes on with the same channel, or holds nothing, would be a second way to write the same.
        let repeats = distance == 0 && covered > 0;
        if run == 0 || run > (cells.len() - covered) as u64 || repeats {
            return Err(DecodeError::BadRuns);
        }
        let channel = ChannelId(channels.read(distance));
        runs.push((channel, run as usize));
        covered += run as usize;
    }
    let mut cells = cells.iter_mut();
    for (channel, length) in runs {
        let mut members = Column::default();
        for cell in cells.by_ref().take(length) {
            let (its_channel, its_member) = pair(cell);
            *its_channel = channel;
            *its_member = UserId(reader.delta(&mut members)?);
        }
    }
    Ok(())
}
