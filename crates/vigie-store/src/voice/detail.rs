//! What a session's row holds of its states: the time by state and the segments, some 15 bytes and 4 for each segment.

use vigie_core::vocabulary::{VoiceSegment, VoiceState, VoiceTime};

use crate::value::{push_number, take_number};

/// First byte of a detail. One that begins otherwise is of another version, and read as absent.
const FORMAT: u8 = 1;

/// The format; the nine figures of the time; then each segment as its state and its duration. All numbers but the format and the states
/// are LEB128.
pub(super) fn pack(time: &VoiceTime, segments: &[VoiceSegment]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + 9 * 3 + segments.len() * 4);
    bytes.push(FORMAT);
    for figure in time.figures() {
        push_number(&mut bytes, figure);
    }
    for segment in segments {
        bytes.push(segment.state.0);
        push_number(&mut bytes, segment.duration_ms);
    }
    bytes
}

/// The inverse of [`pack`]; `None` if it is not of this version or is damaged.
pub(super) fn unpack(bytes: &[u8]) -> Option<(VoiceTime, Vec<VoiceSegment>)> {
    let (FORMAT, mut rest) = bytes.split_first().map(|(format, rest)| (*format, rest))? else {
        return None;
    };
    let mut figures = [0; 9];
    for figure in &mut figures {
        *figure = take_number(&mut rest)?;
    }
    let mut segments = Vec::new();
    while let Some((state, after)) = rest.split_first() {
        rest = after;
        segments
            .push(VoiceSegment { state: VoiceState(*state), duration_ms: take_number(&mut rest)? });
    }
    Some((VoiceTime::from_figures(figures), segments))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vigie_core::vocabulary::{VoiceSegment, VoiceState, VoiceTime};

    use super::{FORMAT, pack, unpack};

    proptest! {
        #[test]
        fn details_hold_what_was_packed(
            figures in prop::array::uniform9(any::<u64>()),
            segments in prop::collection::vec((any::<u8>(), any::<u64>()), 0..20),
        ) {
            let time = VoiceTime::from_figures(figures);
            let segments: Vec<_> = segments
                .into_iter()
                .map(|(state, duration_ms)| VoiceSegment { state: VoiceState(state), duration_ms })
                .collect();
            prop_assert_eq!(unpack(&pack(&time, &segments)), Some((time, segments)));
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
        assert_eq!(unpack(&[FORMAT, 0]), None);
    }
}
