//! Checkpoints: what is written is read back, in one way, and damage is refused.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::checkpoint::{
    BookCheckpoint, ChannelGap, Checkpoint, CodeCheckpoint, GapCheckpoint, GuildCheckpoint,
    OpenVoiceSession, SourcesCheckpoint,
};
use vigie_core::vocabulary::{
    AuditId, ChannelId, CoverageReason, GuildId, MessageId, Reading, ReadingRequest, UnixMs,
    UserId, VoiceState,
};
use vigie_wire::DecodeError;
use vigie_wire::checkpoint::{CHECKPOINT_VERSION, ShardCheckpoint, decode, encode};

use crate::arbitrary::records::reason;
use crate::arbitrary::{id, kind, segment, session, time};

fn bytes_of(checkpoint: &ShardCheckpoint) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(checkpoint, &mut bytes);
    bytes
}

fn guild() -> impl Strategy<Value = GuildCheckpoint> {
    let unheard = option::of((any::<i64>(), reason(), id()));
    (id(), option::of(id()), unheard).prop_map(|(id, afk_channel, unheard)| GuildCheckpoint {
        id: GuildId(id),
        afk_channel: afk_channel.map(ChannelId),
        unheard: unheard.map(|(since, reason, newest)| (UnixMs(since), reason, MessageId(newest))),
    })
}

fn voice() -> impl Strategy<Value = OpenVoiceSession> {
    let instants = (any::<i64>(), any::<i64>(), any::<bool>());
    (id(), id(), id(), kind(), instants, any::<u8>(), time(), vec(segment(), 0..5)).prop_map(
        |(guild, channel, member, kind, instants, state, time, segments)| OpenVoiceSession {
            guild: GuildId(guild),
            channel: ChannelId(channel),
            member: UserId(member),
            kind,
            started_at: UnixMs(instants.0),
            start_heard: instants.2,
            credited_until: UnixMs(instants.1),
            state: VoiceState(state),
            time,
            segments,
        },
    )
}

fn gap() -> impl Strategy<Value = GapCheckpoint> {
    let channel = (id(), id(), id()).prop_map(|(channel, after, until)| ChannelGap {
        channel: ChannelId(channel),
        after: MessageId(after),
        until: MessageId(until),
    });
    let instants = (any::<i64>(), any::<i64>());
    (id(), instants, reason(), vec(channel, 0..5), option::of(reason())).prop_map(
        |(guild, (from, until), reason, channels, refused)| GapCheckpoint {
            guild: GuildId(guild),
            from: UnixMs(from),
            until: UnixMs(until),
            reason,
            channels,
            refused,
        },
    )
}

fn core() -> BoxedStrategy<Checkpoint> {
    let heads = (option::of(any::<i64>()), id(), id(), id());
    let automated = vec((id().prop_map(UserId), kind()), 0..5);
    let marks = vec((id().prop_map(ChannelId), id().prop_map(MessageId)), 0..9);
    let messages = vec(id().prop_map(MessageId), 0..9);
    let reactions =
        vec((id().prop_map(MessageId), id().prop_map(UserId), any::<u32>(), any::<bool>()), 0..9);
    let lists = (marks, messages, reactions);
    (heads, vec(guild(), 0..6), automated, vec(voice(), 0..5), lists, vec(gap(), 0..4))
        .prop_map(|(heads, guilds, automated, voice, lists, gaps)| Checkpoint {
            heard_until: heads.0.map(UnixMs),
            newest_message: MessageId(heads.1),
            guilds,
            automated,
            voice,
            marks: lists.0,
            marks_horizon: MessageId(heads.2),
            recent_messages: lists.1,
            recent_horizon: MessageId(heads.3),
            recent_reactions: lists.2,
            gaps,
            ..Checkpoint::default()
        })
        .boxed()
}

fn checkpoint() -> impl Strategy<Value = ShardCheckpoint> {
    (core(), option::of(session())).prop_map(|(core, session)| ShardCheckpoint { core, session })
}

proptest! {
    #[test]
    fn a_checkpoint_written_is_the_checkpoint_read(checkpoint in checkpoint()) {
        prop_assert_eq!(decode(&bytes_of(&checkpoint)), Ok(checkpoint));
    }

    #[test]
    fn a_checkpoint_cut_short_is_refused(
        checkpoint in checkpoint(),
        at in any::<prop::sample::Index>(),
    ) {
        let bytes = bytes_of(&checkpoint);
        prop_assert!(decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn damage_is_refused_or_reads_as_another_checkpoint(
        checkpoint in checkpoint(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = bytes_of(&checkpoint);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(other) = decode(&bytes) {
            prop_assert_eq!(bytes_of(&other), bytes);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_are_the_one_way_to_write_a_checkpoint(
        flags in 0..4_u8,
        body in vec(prop_oneof![4 => 0..3_u8, 1 => any::<u8>()], 0..300),
    ) {
        let bytes = [&[CHECKPOINT_VERSION, flags], body.as_slice()].concat();
        if let Ok(checkpoint) = decode(&bytes) {
            prop_assert_eq!(bytes_of(&checkpoint), bytes);
        }
    }
}

#[test]
fn unknown_versions_are_named() {
    assert_eq!(decode(&[]), Err(DecodeError::Truncated));
    assert_eq!(decode(&[3]), Err(DecodeError::UnknownVersion(3)));
    let mut bytes = bytes_of(&ShardCheckpoint::default());
    bytes.push(0);
    assert_eq!(decode(&bytes), Err(DecodeError::TrailingBytes(1)));
}

#[test]
fn ten_minutes_of_a_busy_shard_cost_five_bytes_a_message() {
    // 100 messages a second in 500 channels.
    let message = |at: u64| MessageId(((375_105_607_250 + at * 10) << 22) + at * 7_919 % (1 << 12));
    let core = Checkpoint {
        recent_messages: (0..60_000).map(message).collect(),
        marks: (0..500)
            .map(|at| (ChannelId(7_000_000_000_000 * at), message(59_000 + at)))
            .collect(),
        ..Checkpoint::default()
    };
    let bytes = bytes_of(&ShardCheckpoint { core, session: None }).len();
    assert!(bytes <= 5 * 60_000, "{bytes} bytes");
}

/// A checkpoint with something of each part of version 2.
fn families() -> ShardCheckpoint {
    let guild = GuildId(1_187_654_321_098_765_432);
    let at = |ms: i64| UnixMs(1_795_000_020_000 + ms);
    let code = CodeCheckpoint {
        code: "hTz4kQ".to_owned(),
        channel: Some(ChannelId(5)),
        inviter: Some(UserId(6)),
        uses_before: 3,
        uses: 4,
        max_uses: 5,
        expires_at: Some(at(9)),
        ended_at: Some(at(10)),
        is_deleted: true,
        ..CodeCheckpoint::default()
    };
    let vanity =
        CodeCheckpoint { code: "engine".to_owned(), is_vanity: true, ..CodeCheckpoint::default() };
    let book = BookCheckpoint {
        guild,
        is_read: true,
        read_at: at(1),
        codes: vec![vanity, code],
        pending: vec![(UserId(7), at(2), at(3))],
        recent: vec![(UserId(7), at(2)), (UserId(8), at(-5))],
        decide_at: Some(at(4)),
        decide_until: None,
        reads: 2,
        asked: 1,
        is_wanted: true,
        is_refused: false,
        audits: true,
    };
    let sources = SourcesCheckpoint {
        guild,
        newest_audit: Some(AuditId(9)),
        members_began: None,
        has_vanity: true,
        access: vec![(Reading::AuditLog, true), (Reading::Members, false)],
        audits_refused: Some(at(6)),
        moderation_gaps: vec![(at(7), at(8), CoverageReason::SessionLost)],
    };
    let core = Checkpoint {
        readings: vec![
            ReadingRequest::Invites { guild, vanity: true },
            ReadingRequest::Audits { guild, after: AuditId(9) },
            ReadingRequest::Members { guild, after: UserId(0) },
        ],
        sources: vec![sources],
        timeouts: vec![(guild, UserId(4), at(11))],
        books: vec![book, BookCheckpoint { guild: GuildId(u64::MAX), ..BookCheckpoint::default() }],
        ..Checkpoint::default()
    };
    ShardCheckpoint { core, session: None }
}

#[test]
fn what_the_families_remember_is_read_as_it_was_written_and_never_cut_short() {
    let bytes = bytes_of(&families());
    assert_eq!(bytes[0], 2);
    assert_eq!(decode(&bytes), Ok(families()));
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(bytes_of(&ShardCheckpoint::default())[0], 1, "without them nothing changes");
    // A version 2 that version 1 could have written is none.
    let mut empty = bytes_of(&ShardCheckpoint::default());
    empty[0] = 2;
    empty.extend([0; 4]);
    assert_eq!(decode(&empty), Err(DecodeError::UnknownVersion(2)));
}
