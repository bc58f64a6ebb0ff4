//! Checkpoints: what is written is read back, in one way, and damage is refused.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::checkpoint::{
    ChannelGap, Checkpoint, GapCheckpoint, GuildCheckpoint, OpenVoiceSession,
};
use vigie_core::vocabulary::{ChannelId, GuildId, MessageId, UnixMs, UserId, VoiceState};
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
    assert_eq!(decode(&[2]), Err(DecodeError::UnknownVersion(2)));
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
