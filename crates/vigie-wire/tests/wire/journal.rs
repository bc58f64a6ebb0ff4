//! Journal frames: every step that is written is read back, damage is refused, and a busy frame stays small.

use proptest::collection::vec;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Fact, GuildId, MessageFact, MessageId, MessageKind, Person, UnixMs,
    UserId,
};
use vigie_wire::DecodeError;
use vigie_wire::journal::{self, JournalWriter, Step};

use crate::arbitrary::facts::fact;
use crate::arbitrary::session;

type Entry = (UnixMs, u64, Step<'static>);

fn step() -> impl Strategy<Value = Step<'static>> {
    prop_oneof![
        12 => fact().prop_map(Step::Fact),
        1 => Just(Step::Wake),
        1 => Just(Step::Flush),
        1 => session().prop_map(Step::Session),
    ]
}

/// Steps as they come: close together, now and then not.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let now = prop_oneof![8 => 0..30_i64, 1 => -5_000..0_i64, 1 => any::<i64>()];
    let skip = prop_oneof![8 => 0..3_u64, 1 => any::<u64>()];
    vec((now, skip, step()), 0..24).prop_map(|steps| {
        let (mut now, mut sequence) = (1_795_176_007_250_i64, 7_u64);
        let mut entries = Vec::new();
        for (later, skip, step) in steps {
            now = now.wrapping_add(later);
            sequence = sequence.wrapping_add(skip);
            entries.push((UnixMs(now), sequence, step));
        }
        entries
    })
}

fn write(writer: &mut JournalWriter, entries: &[Entry]) -> Vec<u8> {
    for (now, sequence, step) in entries {
        writer.push(*now, *sequence, step);
    }
    writer.take()
}

fn read(frame: &[u8]) -> Result<Vec<Entry>, DecodeError> {
    // Texts are borrowed from the frame: made longer-lived by copying the frame once, for the comparison alone.
    let frame: &'static [u8] = frame.to_vec().leak();
    journal::read(frame).collect()
}

proptest! {
    #[test]
    fn every_step_written_is_the_step_read(frames in vec(entries(), 1..4)) {
        let mut writer = JournalWriter::new();
        for entries in frames {
            let frame = write(&mut writer, &entries);
            prop_assert!(writer.is_empty());
            prop_assert_eq!(read(&frame), Ok(entries));
        }
    }

    #[test]
    fn a_frame_thrown_away_leaves_no_trace(thrown in entries(), kept in entries()) {
        let mut writer = JournalWriter::new();
        for (now, sequence, step) in &thrown {
            writer.push(*now, *sequence, step);
        }
        writer.clear();
        prop_assert_eq!(write(&mut writer, &kept), write(&mut JournalWriter::new(), &kept));
    }

    #[test]
    fn a_frame_cut_short_gives_a_beginning_of_its_steps(
        entries in entries(),
        at in any::<prop::sample::Index>(),
    ) {
        let frame = write(&mut JournalWriter::new(), &entries);
        prop_assume!(!frame.is_empty());
        let cut = &frame[..at.index(frame.len())];
        let steps: Vec<_> = journal::read(cut).collect();
        let whole: Vec<_> = steps.iter().filter_map(|step| step.clone().ok()).collect();
        prop_assert_eq!(&whole[..], &entries[..whole.len()]);
        let errors = steps.iter().filter(|step| step.is_err()).count();
        prop_assert!(errors <= 1 && steps.iter().rev().skip(1).all(Result::is_ok));
    }

    #[test]
    fn damage_ends_the_reading_or_reads_as_other_steps(
        entries in entries(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut frame = write(&mut JournalWriter::new(), &entries);
        prop_assume!(!frame.is_empty());
        for (at, byte) in damage {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        let steps: Vec<_> = journal::read(&frame).collect();
        prop_assert!(steps.iter().rev().skip(1).all(Result::is_ok), "an error is the last");
        let read: Vec<_> = steps.into_iter().filter_map(Result::ok).collect();
        let mut writer = JournalWriter::new();
        for (now, sequence, step) in &read {
            writer.push(*now, *sequence, step);
        }
        let again = writer.take();
        let reread: Result<Vec<_>, _> = journal::read(&again).collect();
        prop_assert_eq!(reread, Ok(read));
    }

    #[test]
    fn any_bytes_end(bytes in vec(prop_oneof![0..50_u8, any::<u8>()], 0..300)) {
        let frame = [&[journal::JOURNAL_VERSION], bytes.as_slice()].concat();
        prop_assert!(journal::read(&frame).count() <= bytes.len().max(1));
    }
}

#[test]
fn unknown_versions_and_steps_are_named() {
    assert_eq!(journal::read(&[]).count(), 0);
    assert_eq!(read(&[2, 1]), Err(DecodeError::UnknownVersion(2)));
    assert_eq!(read(&[1, 0]), Err(DecodeError::UnknownKind(0)));
    assert_eq!(read(&[1, 31]), Err(DecodeError::UnknownKind(31)));
    assert_eq!(read(&[1, 18, 50]), Err(DecodeError::UnknownKind(50)));
    assert_eq!(
        read(&[1, 18, 12]),
        Err(DecodeError::UnknownKind(12)),
        "one that the tag has room for"
    );
    assert_eq!(read(&[1, 0x81]), Err(DecodeError::BadFlags(0x81)));
}

#[test]
fn a_place_or_person_that_was_not_said_is_refused() {
    // A message at place 1 of a frame that has named none, and by person 1.
    assert_eq!(read(&[1, 4, 1, 0, 1]), Err(DecodeError::BadNumber));
    let mut place = vec![1, 4, 0];
    place.extend([7; 16]);
    place.extend([0, 1]);
    assert_eq!(read(&place), Err(DecodeError::BadNumber));
}

#[test]
fn a_list_that_claims_too_much_is_refused_before_it_is_allocated() {
    let frame = [1, 11, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2];
    let refused = DecodeError::ListTooLong { claimed: u64::from(u32::MAX), possible: 2 };
    assert_eq!(read(&frame), Err(refused));
}

/// A message like Discord's: everybody with a hash for an avatar.
fn message(at: u64, member: u64) -> Fact<'static> {
    Fact::Message(MessageFact {
        guild: GuildId(613_425_648_685_547_541),
        channel: ChannelId(613_425_648_685_547_600 + at % 8),
        message: MessageId(((375_105_607_250 + at) << 22) + at * 7_919 % (1 << 22)),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(80_351_110_224_678_912 + member * 7_919),
            kind: AuthorKind::Human,
            username: format!("member{member:04}").into(),
            display_name: Some(format!("Member {member:04}").into()),
            avatar: Some(format!("{:032x}", u128::from(member) << 64 | 0xabcdef).into()),
        },
    })
}

#[test]
fn who_spoke_before_in_a_frame_is_not_named_again() {
    let mut writer = JournalWriter::new();
    let mut length = |at, member| {
        let before = writer.len();
        writer.push_fact(UnixMs(1_795_176_007_250 + at as i64), 1 + at, &message(at, member));
        writer.len() - before
    };
    assert!(length(0, 1) > 60);
    assert!(length(8, 1) <= 10, "the same place and person");
    assert!(length(16, 2) <= 65, "another person");
    assert!(length(24, 1) <= 10, "the first again");
}

#[test]
fn names_that_change_within_a_frame_are_written_again() {
    let renamed = |name: &'static str| {
        let Fact::Message(mut fact) = message(0, 1) else { unreachable!("it is a message") };
        fact.author.display_name = Some(name.into());
        Step::Fact(Fact::Message(fact))
    };
    let entries: Vec<Entry> = ["Ann", "Anne", "Ann", "Ann"]
        .into_iter()
        .enumerate()
        .map(|(at, name)| (UnixMs(at as i64), at as u64, renamed(name)))
        .collect();
    assert_eq!(read(&write(&mut JournalWriter::new(), &entries)), Ok(entries));
}
