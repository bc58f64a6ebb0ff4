//! Arbitrary words of the vocabulary, as they come and at their ends.

pub mod facts;
pub mod families;
pub mod records;

use proptest::prelude::*;
use vigie_core::vocabulary::{AuthorKind, VoiceSegment, VoiceState, VoiceTime};
use vigie_wire::journal::GatewaySession;

/// Ids as they come: often close to each other, sometimes at the ends.
pub fn id() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 613_425_648_685_547_000_u64..613_425_648_685_547_009,
        4 => any::<u64>(),
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}

/// Counts as they come: mostly 0 and 1.
pub fn count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0), 4 => Just(1), 2 => 2..1_000_u32, 1 => any::<u32>()]
}

/// Milliseconds as they come: often none or a whole minute.
pub fn duration() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 4 => Just(60_000), 4 => 0..3_600_000_u64, 1 => any::<u64>()]
}

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{0,9}", 1 => any::<String>()]
}

/// Avatars as they come: hashes, animated ones, and what is none.
pub fn avatar() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[0-9a-f]{32}",
        1 => "a_[0-9a-f]{32}",
        1 => "(a_)?[0-9a-fA-Fg]{31,33}",
        1 => text(),
    ]
}

pub fn kind() -> impl Strategy<Value = AuthorKind> {
    (0..3_u8).prop_map(|kind| AuthorKind::from_u8(kind).expect("0..2 are kinds"))
}

pub fn time() -> impl Strategy<Value = VoiceTime> {
    proptest::array::uniform9(duration()).prop_map(VoiceTime::from_figures)
}

pub fn segment() -> impl Strategy<Value = VoiceSegment> {
    (any::<u8>(), duration())
        .prop_map(|(state, duration_ms)| VoiceSegment { state: VoiceState(state), duration_ms })
}

pub fn session() -> impl Strategy<Value = GatewaySession> {
    ("[a-z0-9]{0,32}", any::<String>(), any::<u64>(), any::<u64>(), any::<u32>()).prop_map(
        |(id, resume_url, sequence, intents, shard_count)| GatewaySession {
            id,
            resume_url,
            sequence,
            intents,
            shard_count,
        },
    )
}
