//! Checkpoints: what a shard must remember over a restart, its core's state and the session it was fed from.
//!
//! # Format, version 1
//!
//! One version byte (`1`), then these, in this order, and nothing after them. The words are those of the crate.
//!
//! | part | bytes |
//! |---|---|
//! | flags | `u8` (1 heard until, 2 session) |
//! | heard until | `signed`? |
//! | newest message | `id` |
//! | session | as in a journal? |
//! | guilds | `list` of `delta` id, `u8` flags (1 AFK channel, 2 unheard), `delta` AFK channel?, `signed` since?, `u8` reason?, `delta` newest message? |
//! | automated | `list` of `delta` id, `u8` author kind |
//! | voice | `list` of `delta` guild, `delta` channel, `delta` member, `u8` flags (bits 0 and 1 the author kind, 4 start heard), `signed` started at minus the one before, `signed` credited until minus started at, `u8` state, time, `list` of segments |
//! | marks | `id` horizon, `list` of `delta` channel, `signed` message minus the one before |
//! | recent messages | `id` horizon, `list` of `signed` message minus the one before |
//! | recent reactions | `list` of `signed` message minus the one before, `signed` member minus the one before, `varint` 2 × hash + 1 for added |
//! | gaps | `list` of `delta` guild, `signed` from minus the one before, `signed` until minus from, `u8` reason, `u8` 0 or 1 + reason of the refusal, `list` of `delta` channel, `delta` after, `delta` until minus after |
//!
//! # Format, version 2
//!
//! As version 1, then these. It is written only where one of them is not empty: each checkpoint has one way to be written.
//!
//! | part | bytes |
//! |---|---|
//! | readings | `list` of `u8` reading, `id` guild, `u8` vanity (invites) or `id` after (the others) |
//! | sources | `list` of `id` guild, `u8` flags (1 newest audit entry, 2 members, 4 vanity, 8 audit log refused), `id` entry?, `signed` members began?, `signed` refused since?, `list` of `u8` reading and `u8` allowed, `list` of `signed` from, `signed` until, `u8` reason |
//! | timeouts | `list` of `id` guild, `id` member, `signed` until |
//! | books | `list` of `id` guild, `u8` flags (1 read, 2 wanted, 4 refused, 8 audits, 16 decide at, 32 decide until), `signed` read at, `signed` decide at?, `signed` decide until?, `varint` reads, `varint` asked, `list` of codes, `list` of `id` member, `signed` joined at, `signed` heard at, `list` of `id` member, `signed` joined at |
//!
//! A code is `u8` flags (1 vanity, 2 channel, 4 inviter, 8 created, 16 expires, 32 temporary, 64 ended, 128 deleted), `text` code, `id`
//! channel?, `id` inviter?, `varint` uses before, `varint` uses, `varint` uses at most, `signed` created?, `signed` expires?, `signed` ended?.
//!
//! Columns go through the whole list of their part. Recent messages lie close together in time: such an id takes 4 or 5 bytes.

mod families;

use vigie_core::checkpoint::{
    ChannelGap, Checkpoint, GapCheckpoint, GuildCheckpoint, OpenVoiceSession,
};
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, CoverageReason, GuildId, MessageId, UnixMs, UserId, VoiceState,
};

use crate::journal::{self, GatewaySession};
use crate::reader::Reader;
use crate::varint::{Column, SignedColumn, write, write_id, write_signed};
use crate::voice::{read_segments, read_time, write_segments, write_time};
use crate::{DecodeError, limits};

/// The first byte of a checkpoint that [`encode`] writes where the parts of version 2 are empty.
pub const CHECKPOINT_VERSION: u8 = 1;

/// The first byte of all others.
pub const CHECKPOINT_VERSION_FAMILIES: u8 = 2;

/// What a shard remembers over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardCheckpoint {
    /// The core.
    pub core: Checkpoint,
    /// The session to resume; `None` before the first.
    pub session: Option<GatewaySession>,
}

const HEARD_UNTIL: u8 = 1;
const SESSION: u8 = 2;

const GUILD_AFK_CHANNEL: u8 = 1;
const GUILD_UNHEARD: u8 = 2;

const VOICE_KIND: u8 = 3;
const VOICE_START_HEARD: u8 = 4;

/// Appends the bytes of `checkpoint` to `out`.
pub fn encode(checkpoint: &ShardCheckpoint, out: &mut Vec<u8>) {
    let core = &checkpoint.core;
    let is_old = families::are_empty(core);
    out.push(if is_old { CHECKPOINT_VERSION } else { CHECKPOINT_VERSION_FAMILIES });
    let heard = if core.heard_until.is_some() { HEARD_UNTIL } else { 0 };
    out.push(heard | if checkpoint.session.is_some() { SESSION } else { 0 });
    if let Some(at) = core.heard_until {
        write_signed(at.0, out);
    }
    write_id(core.newest_message.0, out);
    if let Some(session) = &checkpoint.session {
        journal::write_session(session, out);
    }
    encode_guilds(&core.guilds, out);
    write(core.automated.len() as u64, out);
    let mut ids = Column::default();
    for (id, kind) in &core.automated {
        ids.write(id.0, out);
        out.push(*kind as u8);
    }
    encode_voice(&core.voice, out);
    encode_recent(core, out);
    encode_gaps(&core.gaps, out);
    if !is_old {
        families::encode(core, out);
    }
}

/// Reads the one checkpoint that `bytes` are.
///
/// Never panics and never allocates more than a small multiple of `bytes.len()`, whatever the bytes.
///
/// # Errors
/// Any [`DecodeError`]: unknown version, damaged bytes, bytes left over.
pub fn decode(bytes: &[u8]) -> Result<ShardCheckpoint, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    if !(CHECKPOINT_VERSION..=CHECKPOINT_VERSION_FAMILIES).contains(&version) {
        return Err(DecodeError::UnknownVersion(version));
    }
    let flags = reader.flags(HEARD_UNTIL | SESSION)?;
    let heard = (flags & HEARD_UNTIL != 0).then(|| reader.signed().map(UnixMs));
    let heard_until = heard.transpose()?;
    let newest_message = MessageId(reader.id()?);
    let session = (flags & SESSION != 0).then(|| journal::read_session(&mut reader)).transpose()?;
    let mut core = Checkpoint {
        heard_until,
        newest_message,
        guilds: decode_guilds(&mut reader)?,
        automated: decode_automated(&mut reader)?,
        voice: decode_voice(&mut reader)?,
        marks_horizon: MessageId(reader.id()?),
        marks: decode_marks(&mut reader)?,
        recent_horizon: MessageId(reader.id()?),
        recent_messages: decode_messages(&mut reader)?,
        recent_reactions: decode_reactions(&mut reader)?,
        gaps: decode_gaps(&mut reader)?,
        ..Checkpoint::default()
    };
    if version == CHECKPOINT_VERSION_FAMILIES {
        families::decode(&mut reader, &mut core)?;
        if families::are_empty(&core) {
            return Err(DecodeError::UnknownVersion(version));
        }
    }
    match reader.remaining() {
        0 => Ok(ShardCheckpoint { core, session }),
        left => Err(DecodeError::TrailingBytes(left)),
    }
}

/// Appends marks, recent messages and recent reactions.
fn encode_recent(core: &Checkpoint, out: &mut Vec<u8>) {
    write_id(core.marks_horizon.0, out);
    write(core.marks.len() as u64, out);
    let (mut channels, mut messages) = (Column::default(), SignedColumn::default());
    for (channel, message) in &core.marks {
        channels.write(channel.0, out);
        messages.write(message.0 as i64, out);
    }
    write_id(core.recent_horizon.0, out);
    write(core.recent_messages.len() as u64, out);
    let mut messages = SignedColumn::default();
    for message in &core.recent_messages {
        messages.write(message.0 as i64, out);
    }
    write(core.recent_reactions.len() as u64, out);
    let (mut messages, mut members) = (SignedColumn::default(), SignedColumn::default());
    for (message, member, emoji, added) in &core.recent_reactions {
        messages.write(message.0 as i64, out);
        members.write(member.0 as i64, out);
        write(u64::from(*emoji) << 1 | u64::from(*added), out);
    }
}

fn encode_guilds(guilds: &[GuildCheckpoint], out: &mut Vec<u8>) {
    write(guilds.len() as u64, out);
    let (mut ids, mut afk_channels, mut messages) =
        (Column::default(), Column::default(), Column::default());
    for guild in guilds {
        ids.write(guild.id.0, out);
        let afk = if guild.afk_channel.is_some() { GUILD_AFK_CHANNEL } else { 0 };
        out.push(afk | if guild.unheard.is_some() { GUILD_UNHEARD } else { 0 });
        if let Some(channel) = guild.afk_channel {
            afk_channels.write(channel.0, out);
        }
        if let Some((since, reason, newest)) = guild.unheard {
            write_signed(since.0, out);
            out.push(reason as u8);
            messages.write(newest.0, out);
        }
    }
}

fn decode_guilds(reader: &mut Reader<'_>) -> Result<Vec<GuildCheckpoint>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_GUILD_BYTES_MIN)?;
    let (mut ids, mut afk_channels, mut messages) =
        (Column::default(), Column::default(), Column::default());
    let guild = |_| {
        let id = GuildId(reader.delta(&mut ids)?);
        let flags = reader.flags(GUILD_AFK_CHANNEL | GUILD_UNHEARD)?;
        let has = |flag| flags & flag != 0;
        let afk = has(GUILD_AFK_CHANNEL).then(|| reader.delta(&mut afk_channels).map(ChannelId));
        let afk_channel = afk.transpose()?;
        let unheard = if has(GUILD_UNHEARD) {
            let since = UnixMs(reader.signed()?);
            let reason = reason(reader.u8()?)?;
            Some((since, reason, MessageId(reader.delta(&mut messages)?)))
        } else {
            None
        };
        Ok(GuildCheckpoint { id, afk_channel, unheard })
    };
    (0..length).map(guild).collect()
}

fn decode_automated(reader: &mut Reader<'_>) -> Result<Vec<(UserId, AuthorKind)>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_AUTOMATED_BYTES_MIN)?;
    let mut ids = Column::default();
    let one = |_| Ok((UserId(reader.delta(&mut ids)?), reader.kind()?));
    (0..length).map(one).collect()
}

fn encode_voice(sessions: &[OpenVoiceSession], out: &mut Vec<u8>) {
    write(sessions.len() as u64, out);
    let (mut guilds, mut channels, mut members) =
        (Column::default(), Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    for session in sessions {
        guilds.write(session.guild.0, out);
        channels.write(session.channel.0, out);
        members.write(session.member.0, out);
        out.push(session.kind as u8 | if session.start_heard { VOICE_START_HEARD } else { 0 });
        starts.write(session.started_at.0, out);
        write_signed(session.credited_until.0.wrapping_sub(session.started_at.0), out);
        out.push(session.state.0);
        write_time(&session.time, out);
        write_segments(&session.segments, out);
    }
}

fn decode_voice(reader: &mut Reader<'_>) -> Result<Vec<OpenVoiceSession>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_VOICE_BYTES_MIN)?;
    let (mut guilds, mut channels, mut members) =
        (Column::default(), Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    let session = |_| {
        let guild = GuildId(reader.delta(&mut guilds)?);
        let channel = ChannelId(reader.delta(&mut channels)?);
        let member = UserId(reader.delta(&mut members)?);
        let flags = reader.flags(VOICE_KIND | VOICE_START_HEARD)?;
        let kind = AuthorKind::from_u8(flags & VOICE_KIND).ok_or(DecodeError::BadFlags(flags))?;
        let started_at = starts.read(reader.signed()?);
        Ok(OpenVoiceSession {
            guild,
            channel,
            member,
            kind,
            started_at: UnixMs(started_at),
            start_heard: flags & VOICE_START_HEARD != 0,
            credited_until: UnixMs(started_at.wrapping_add(reader.signed()?)),
            state: VoiceState(reader.u8()?),
            time: read_time(reader)?,
            segments: read_segments(reader)?,
        })
    };
    (0..length).map(session).collect()
}

fn decode_marks(reader: &mut Reader<'_>) -> Result<Vec<(ChannelId, MessageId)>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_MARK_BYTES_MIN)?;
    let (mut channels, mut messages) = (Column::default(), SignedColumn::default());
    let mark = |_| {
        let channel = ChannelId(reader.delta(&mut channels)?);
        Ok((channel, MessageId(messages.read(reader.signed()?) as u64)))
    };
    (0..length).map(mark).collect()
}

fn decode_messages(reader: &mut Reader<'_>) -> Result<Vec<MessageId>, DecodeError> {
    let length = reader.list_len(1)?;
    let mut messages = SignedColumn::default();
    (0..length).map(|_| Ok(MessageId(messages.read(reader.signed()?) as u64))).collect()
}

type RecentReaction = (MessageId, UserId, u32, bool);

fn decode_reactions(reader: &mut Reader<'_>) -> Result<Vec<RecentReaction>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_REACTION_BYTES_MIN)?;
    let (mut messages, mut members) = (SignedColumn::default(), SignedColumn::default());
    let reaction = |_| {
        let message = MessageId(messages.read(reader.signed()?) as u64);
        let member = UserId(members.read(reader.signed()?) as u64);
        let word = reader.varint()?;
        let emoji = u32::try_from(word >> 1).map_err(|_| DecodeError::BadNumber)?;
        Ok((message, member, emoji, word & 1 != 0))
    };
    (0..length).map(reaction).collect()
}

fn encode_gaps(gaps: &[GapCheckpoint], out: &mut Vec<u8>) {
    write(gaps.len() as u64, out);
    let (mut guilds, mut channels, mut messages) =
        (Column::default(), Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    for gap in gaps {
        guilds.write(gap.guild.0, out);
        starts.write(gap.from.0, out);
        write_signed(gap.until.0.wrapping_sub(gap.from.0), out);
        out.push(gap.reason as u8);
        out.push(gap.refused.map_or(0, |reason| 1 + reason as u8));
        write(gap.channels.len() as u64, out);
        for channel in &gap.channels {
            channels.write(channel.channel.0, out);
            messages.write(channel.after.0, out);
            write(channel.until.0.wrapping_sub(channel.after.0), out);
        }
    }
}

fn decode_gaps(reader: &mut Reader<'_>) -> Result<Vec<GapCheckpoint>, DecodeError> {
    let length = reader.list_len(limits::CHECKPOINT_GAP_BYTES_MIN)?;
    let (mut guilds, mut channels, mut messages) =
        (Column::default(), Column::default(), Column::default());
    let mut starts = SignedColumn::default();
    let gap = |_| {
        let guild = GuildId(reader.delta(&mut guilds)?);
        let from = starts.read(reader.signed()?);
        let until = UnixMs(from.wrapping_add(reader.signed()?));
        let why = reason(reader.u8()?)?;
        let refused = match reader.u8()? {
            0 => None,
            number => Some(reason(number - 1)?),
        };
        let length = reader.list_len(limits::CHECKPOINT_CHANNEL_GAP_BYTES_MIN)?;
        let channel = |_| {
            let channel = ChannelId(reader.delta(&mut channels)?);
            let after = reader.delta(&mut messages)?;
            let until = MessageId(after.wrapping_add(reader.varint()?));
            Ok(ChannelGap { channel, after: MessageId(after), until })
        };
        let channels = (0..length).map(channel).collect::<Result<_, DecodeError>>()?;
        Ok(GapCheckpoint { guild, from: UnixMs(from), until, reason: why, channels, refused })
    };
    (0..length).map(gap).collect()
}

fn reason(number: u8) -> Result<CoverageReason, DecodeError> {
    CoverageReason::from_u8(number).ok_or(DecodeError::BadFlags(number))
}
