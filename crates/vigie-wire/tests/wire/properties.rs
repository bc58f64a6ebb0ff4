//! Whatever is written is read back; whatever is read never panics and was written in the one way there is.

use proptest::collection::vec;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, Record, UserId,
};
use vigie_wire::{DecodeError, FORMAT_VERSION, decode, encode};

use crate::arbitrary::records::record;

fn bytes_of(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    bytes
}

proptest! {
    #[test]
    fn a_record_written_is_the_record_read(record in record()) {
        prop_assert_eq!(decode(&bytes_of(&record)), Ok(record));
    }

    #[test]
    fn a_record_cut_short_is_refused(record in record(), at in any::<prop::sample::Index>()) {
        let bytes = bytes_of(&record);
        prop_assert!(decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn bytes_after_a_record_are_refused(record in record(), more in vec(any::<u8>(), 1..9)) {
        let mut bytes = bytes_of(&record);
        bytes.extend(&more);
        prop_assert_eq!(decode(&bytes), Err(DecodeError::TrailingBytes(more.len())));
    }

    #[test]
    fn any_bytes_are_refused_or_are_the_one_way_to_write_a_record(
        kind in 0..20_u8,
        body in vec(prop_oneof![0..4_u8, any::<u8>()], 0..200),
    ) {
        let bytes = [&[FORMAT_VERSION, kind], body.as_slice()].concat();
        if let Ok(record) = decode(&bytes) {
            prop_assert_eq!(bytes_of(&record), bytes);
        }
    }

    #[test]
    fn damage_is_refused_or_reads_as_another_record(
        record in record(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = bytes_of(&record);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(other) = decode(&bytes) {
            prop_assert_eq!(bytes_of(&other), bytes);
        }
    }
}

#[test]
fn unknown_versions_and_kinds_are_named() {
    assert_eq!(decode(&[]), Err(DecodeError::Truncated));
    assert_eq!(decode(&[0]), Err(DecodeError::UnknownVersion(0)));
    assert_eq!(decode(&[2, 1]), Err(DecodeError::UnknownVersion(2)));
    assert_eq!(decode(&[1]), Err(DecodeError::Truncated));
    assert_eq!(decode(&[1, 0]), Err(DecodeError::UnknownKind(0)));
    assert_eq!(decode(&[1, 19]), Err(DecodeError::UnknownKind(19)));
}

#[test]
fn a_record_larger_than_any_is_refused_unread() {
    let size = vigie_wire::limits::RECORD_BYTES_MAX + 1;
    assert_eq!(decode(&vec![FORMAT_VERSION; size]), Err(DecodeError::TooLarge(size)));
}

#[test]
fn a_list_that_claims_too_much_is_refused_before_it_is_allocated() {
    let mut bytes = vec![FORMAT_VERSION, 5, 0, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    let refused = DecodeError::ListTooLong { claimed: u64::MAX, possible: 0 };
    assert_eq!(decode(&bytes), Err(refused));
}

#[test]
fn runs_must_cover_the_cells_in_the_one_way_there_is() {
    // Guild, minute, two cells, then the runs; members, shapes and no emojis follow.
    let window = |runs: &[u8]| {
        let mut bytes = vec![FORMAT_VERSION, 1, 9, 0, 0, 0, 0, 0, 0, 0, 7, 2];
        bytes.extend(runs);
        bytes.extend([4, 5, 0x81, 0x81, 0]);
        decode(&bytes)
    };
    assert!(window(&[6, 2]).is_ok());
    assert!(window(&[6, 1, 1, 1]).is_ok());
    assert_eq!(window(&[6, 1, 0, 1]), Err(DecodeError::BadRuns), "the same channel goes on");
    assert_eq!(window(&[6, 0, 1, 2]), Err(DecodeError::BadRuns), "a run of nothing");
    assert_eq!(window(&[6, 3]), Err(DecodeError::BadRuns), "more than there are");
}

#[test]
fn flags_that_are_never_written_are_refused() {
    let cell =
        |shape| decode(&[FORMAT_VERSION, 1, 9, 0, 0, 0, 0, 0, 0, 0, 7, 1, 6, 1, 4, shape, 0]);
    assert!(cell(0x81).is_ok());
    assert_eq!(cell(0xe1), Err(DecodeError::BadFlags(0xe1)), "no such kind");
    assert_eq!(cell(0x80), Err(DecodeError::BadFlags(0x80)), "nothing is 1");
    assert_eq!(cell(0x01), Err(DecodeError::BadFlags(0x01)), "a counter of 0");
    let channel = |flags| decode(&[FORMAT_VERSION, 4, 9, 0, 0, 0, 0, 0, 0, 0, 1, 4, flags, 0, 0]);
    assert!(channel(4).is_ok());
    assert_eq!(channel(8), Err(DecodeError::BadFlags(8)));
}

#[test]
fn a_full_window_of_plain_messages_costs_nine_bytes_a_cell() {
    // Ids spread evenly over what Discord has given out so far.
    let cell = |member: u64| ActivityCell {
        channel: ChannelId(613_425_648_685_547_600 + member % 8),
        member: UserId(member.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 4),
        kind: AuthorKind::Human,
        counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
    };
    let mut cells: Vec<_> = (0..8_192).map(cell).collect();
    cells.sort_by_key(|cell| (cell.channel, cell.member));
    let window = ActivityWindow { cells, ..ActivityWindow::default() };
    let bytes = bytes_of(&Record::ActivityWindow(window)).len();
    assert!(bytes <= 9 * 8_192, "{bytes} bytes");
}
