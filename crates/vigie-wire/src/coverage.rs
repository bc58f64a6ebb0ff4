//! Coverage: the bytes of stretches of a guild's ledger.

use vigie_core::vocabulary::{CoverageFamily, CoverageReason, CoverageSpan, CoverageState, UnixMs};

use crate::reader::Reader;
use crate::varint::{SignedColumn, write, write_signed};
use crate::{DecodeError, limits};

/// The low bits of the family; it has one more at [`FAMILY_HIGH`], since there are more than four.
const FAMILY_LOW: u8 = 0b11;
const STATE_SHIFT: u32 = 2;
const STATE: u8 = 0b1100;
const HAS_UNTIL: u8 = 1 << 4;
const FAMILY_HIGH: u8 = 1 << 5;
/// How far the family's third bit is moved to lie at [`FAMILY_HIGH`].
const FAMILY_HIGH_SHIFT: u32 = 3;

pub(crate) fn encode_spans(spans: &[CoverageSpan], out: &mut Vec<u8>) {
    write(spans.len() as u64, out);
    let mut starts = SignedColumn::default();
    for span in spans {
        let until = if span.until.is_some() { HAS_UNTIL } else { 0 };
        let family = span.family as u8;
        let family = family & FAMILY_LOW | (family & !FAMILY_LOW) << FAMILY_HIGH_SHIFT;
        out.push(family | (span.state as u8) << STATE_SHIFT | until);
        out.push(span.reason as u8);
        starts.write(span.from.0, out);
        if let Some(until) = span.until {
            write_signed(until.0.wrapping_sub(span.from.0), out);
        }
    }
}

pub(crate) fn decode_spans(reader: &mut Reader<'_>) -> Result<Vec<CoverageSpan>, DecodeError> {
    let length = reader.list_len(limits::SPAN_BYTES_MIN)?;
    let mut starts = SignedColumn::default();
    (0..length).map(|_| decode_span(reader, &mut starts)).collect()
}

fn decode_span(
    reader: &mut Reader<'_>,
    starts: &mut SignedColumn,
) -> Result<CoverageSpan, DecodeError> {
    let flags = reader.flags(FAMILY_LOW | FAMILY_HIGH | STATE | HAS_UNTIL)?;
    let bad = DecodeError::BadFlags(flags);
    let family = flags & FAMILY_LOW | (flags & FAMILY_HIGH) >> FAMILY_HIGH_SHIFT;
    let family = CoverageFamily::from_u8(family).ok_or(bad)?;
    let state = CoverageState::from_u8((flags & STATE) >> STATE_SHIFT).ok_or(bad)?;
    let reason = reader.u8()?;
    let reason = CoverageReason::from_u8(reason).ok_or(DecodeError::BadFlags(reason))?;
    let from = starts.read(reader.signed()?);
    let until = if flags & HAS_UNTIL == 0 {
        None
    } else {
        Some(UnixMs(from.wrapping_add(reader.signed()?)))
    };
    Ok(CoverageSpan { family, from: UnixMs(from), until, state, reason })
}
