//! Whatever is written is read back; whatever is read never panics and was written in the one way there is.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, ChannelKind,
    ChannelRecord, Emoji, EmojiCount, EmojiId, GuildId, GuildRecord, MemberRecord, Record, UnixMs,
    UserId,
};
use vigie_wire::{DecodeError, FORMAT_VERSION, decode, encode};

fn bytes_of(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    bytes
}

/// Ids as they come: often close to each other, sometimes at the ends.
fn id() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 613_425_648_685_547_000_u64..613_425_648_685_547_009,
        4 => any::<u64>(),
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}

/// Counts as they come: mostly 0 and 1.
fn count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0), 4 => Just(1), 2 => 2..1_000_u32, 1 => any::<u32>()]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{0,9}", 1 => any::<String>()]
}

fn kind() -> impl Strategy<Value = AuthorKind> {
    (0..3_u8).prop_map(|kind| AuthorKind::from_u8(kind).expect("0..2 are kinds"))
}

fn cell() -> impl Strategy<Value = ActivityCell> {
    let counts = (count(), count(), count(), count(), count());
    (id(), id(), kind(), counts).prop_map(|(channel, member, kind, counts)| {
        let (messages, commands, reactions_added, reactions_removed, reactions_received) = counts;
        ActivityCell {
            channel: ChannelId(channel),
            member: UserId(member),
            kind,
            counts: ActivityCounts {
                messages,
                commands,
                reactions_added,
                reactions_removed,
                reactions_received,
            },
        }
    })
}

fn emoji() -> impl Strategy<Value = EmojiCount> {
    let emoji = prop_oneof![
        text().prop_map(|text| Emoji::Unicode(text.into())),
        (id(), option::of(text()))
            .prop_map(|(id, name)| Emoji::Custom { id: EmojiId(id), name: name.map(Into::into) }),
    ];
    (emoji, count(), count()).prop_map(|(emoji, added, removed)| EmojiCount {
        emoji,
        added,
        removed,
    })
}

fn window() -> impl Strategy<Value = Record> {
    (id(), any::<u32>(), vec(cell(), 0..40), vec(emoji(), 0..8), any::<bool>()).prop_map(
        |(guild, unix_minute, mut cells, emojis, sorted)| {
            if sorted {
                cells.sort_by_key(|cell| (cell.channel, cell.member));
            }
            let guild = GuildId(guild);
            Record::ActivityWindow(ActivityWindow { guild, unix_minute, cells, emojis })
        },
    )
}

fn channel() -> impl Strategy<Value = ChannelRecord> {
    let name = option::of(text());
    (id(), any::<u8>(), name, option::of(id()), any::<i32>(), any::<bool>()).prop_map(
        |(id, kind, name, parent, position, deleted)| ChannelRecord {
            id: ChannelId(id),
            kind: ChannelKind(kind),
            name,
            parent: parent.map(ChannelId),
            position,
            deleted,
        },
    )
}

fn guild() -> impl Strategy<Value = Record> {
    let names = (text(), option::of(text()));
    let counts = (option::of(any::<u32>()), option::of(any::<i64>()), any::<u8>(), any::<u32>());
    (id(), any::<i64>(), names, id(), counts, vec(channel(), 0..20)).prop_map(
        |(id, at, (name, icon), owner, counts, channels)| {
            let (member_count, bot_joined_at, premium_tier, boost_count) = counts;
            Record::Guild(GuildRecord {
                id: GuildId(id),
                at: UnixMs(at),
                name,
                icon,
                owner: UserId(owner),
                member_count,
                bot_joined_at: bot_joined_at.map(UnixMs),
                premium_tier,
                boost_count,
                channels,
            })
        },
    )
}

fn member() -> impl Strategy<Value = MemberRecord> {
    (id(), kind(), text(), option::of(text()), option::of(text())).prop_map(
        |(id, kind, username, display_name, avatar)| MemberRecord {
            id: UserId(id),
            kind,
            username,
            display_name,
            avatar,
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        4 => window(),
        2 => guild(),
        1 => (id(), any::<i64>())
            .prop_map(|(guild, at)| Record::GuildRemoved(GuildId(guild), UnixMs(at))),
        2 => (id(), vec(channel(), 0..20))
            .prop_map(|(guild, channels)| Record::Channels(GuildId(guild), channels)),
        2 => (id(), vec(member(), 0..20))
            .prop_map(|(guild, members)| Record::Members(GuildId(guild), members)),
    ]
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
        kind in 0..7_u8,
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
    assert_eq!(decode(&[1, 6]), Err(DecodeError::UnknownKind(6)));
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
