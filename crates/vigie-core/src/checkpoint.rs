//! What a core has to remember over a restart: plain data, written and read by the wire format.
//!
//! Counts are not in it: a checkpoint is taken right after a flush, when no window is open. Everything is sorted, so that equal
//! cores make equal checkpoints.

use crate::vocabulary::{
    AuditId, AuthorKind, ChannelId, CoverageReason, GuildId, MessageId, Reading, ReadingRequest,
    UnixMs, UserId, VoiceSegment, VoiceState, VoiceTime,
};

/// The state of a core between two flushes. [`crate::Core::checkpoint`] makes it, [`crate::Core::restore`] takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last sign of life from Discord; `None` before the first.
    pub heard_until: Option<UnixMs>,
    /// The newest message heard of, in any guild: what time it is by Discord's clock.
    pub newest_message: MessageId,
    /// The guilds, by id.
    pub guilds: Vec<GuildCheckpoint>,
    /// Bots and webhooks known by id, sorted.
    pub automated: Vec<(UserId, AuthorKind)>,
    /// Open voice sessions, sorted by (guild, member).
    pub voice: Vec<OpenVoiceSession>,
    /// The newest message answered for in each channel, for channels with recent messages; sorted by channel.
    pub marks: Vec<(ChannelId, MessageId)>,
    /// In a channel without a mark everything up to this message is answered for: above 0 only once marks had to be let go.
    pub marks_horizon: MessageId,
    /// Messages counted lately, in the order of their counting: a repeat is known by them.
    pub recent_messages: Vec<MessageId>,
    /// The newest of the counted messages that `recent_messages` had to let go; 0 while there is none.
    pub recent_horizon: MessageId,
    /// Reactions counted lately, oldest first: message, member, hash of the emoji, and whether the last word was "added".
    pub recent_reactions: Vec<(MessageId, UserId, u32, bool)>,
    /// Gaps whose messages are still to be read again, oldest first.
    pub gaps: Vec<GapCheckpoint>,
    /// What is still to be read of guilds, in the order in which it will be.
    pub readings: Vec<ReadingRequest>,
    /// What is known of reading guilds, by id: those of which anything is.
    pub sources: Vec<SourcesCheckpoint>,
    /// Timeouts told lately and not over yet: guild, member, and until when; sorted.
    pub timeouts: Vec<(GuildId, UserId, UnixMs)>,
    /// The invite books, by guild.
    pub books: Vec<BookCheckpoint>,
}

/// What is known of reading a guild beside messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcesCheckpoint {
    /// Which.
    pub guild: GuildId,
    /// The newest audit entry heard of; `None` before the first.
    pub newest_audit: Option<AuditId>,
    /// When the reading of its members began that is under way.
    pub members_began: Option<UnixMs>,
    /// Whether it has a vanity address.
    pub has_vanity: bool,
    /// What was told of what may be read: one for each reading that was answered or refused, sorted.
    pub access: Vec<(Reading, bool)>,
    /// Since when its audit log may not be read.
    pub audits_refused: Option<UnixMs>,
    /// Stretches of moderation that become recovered once the audit log is read to its end, in order: from, until, and why they
    /// were not heard.
    pub moderation_gaps: Vec<(UnixMs, UnixMs, CoverageReason)>,
}

/// The invite book of a guild.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookCheckpoint {
    /// Whose.
    pub guild: GuildId,
    /// Whether it was read since the guild has been heard: joins can be attributed.
    pub is_read: bool,
    /// When it was read last.
    pub read_at: UnixMs,
    /// Its codes, sorted, those that ended lately among them.
    pub codes: Vec<CodeCheckpoint>,
    /// Joins that wait to be attributed: member, when they joined, and when that was heard; in order.
    pub pending: Vec<(UserId, UnixMs, UnixMs)>,
    /// Joins heard lately, by which a repeat is known, in order: member, and when they joined.
    pub recent: Vec<(UserId, UnixMs)>,
    /// When the burst is decided; `None` while an answer is waited for, or nothing is.
    pub decide_at: Option<UnixMs>,
    /// When the burst is decided at the latest; `None` without one.
    pub decide_until: Option<UnixMs>,
    /// How often the book was read for the burst.
    pub reads: u32,
    /// Of `pending`, how many were heard before the reading was asked for that is under way or was answered last.
    pub asked: u32,
    /// Whether a reading is under way.
    pub is_wanted: bool,
    /// Whether it may not be read, or without uses.
    pub is_refused: bool,
    /// Whether the audit log tells who deletes an invite.
    pub audits: bool,
}

/// A code of an invite book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeCheckpoint {
    /// The code.
    pub code: String,
    /// Whether it is the vanity address.
    pub is_vanity: bool,
    /// Where it leads.
    pub channel: Option<ChannelId>,
    /// Who made it.
    pub inviter: Option<UserId>,
    /// How often it was used when the last burst was decided.
    pub uses_before: u32,
    /// How often it was used when it was last read.
    pub uses: u32,
    /// How often it may be used; 0 for without end.
    pub max_uses: u32,
    /// When it was made, where known.
    pub created_at: Option<UnixMs>,
    /// When it runs out; `None` for never.
    pub expires_at: Option<UnixMs>,
    /// Whether it gives a stay only while online.
    pub temporary: bool,
    /// When it ended; `None` while it is there.
    pub ended_at: Option<UnixMs>,
    /// Whether somebody is known to have deleted it.
    pub is_deleted: bool,
}

/// What is remembered of a guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuildCheckpoint {
    /// Which.
    pub id: GuildId,
    /// The voice channel into which idle members are moved.
    pub afk_channel: Option<ChannelId>,
    /// From when on it has not been heard, why, and the message up to which channels without a mark are answered for; `None`
    /// while it is heard. [`CoverageReason::None`]: READY named it then, and it has not been seen yet.
    pub unheard: Option<(UnixMs, CoverageReason, MessageId)>,
}

/// A voice session that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenVoiceSession {
    /// Where.
    pub guild: GuildId,
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// The join, or the first instant heard of.
    pub started_at: UnixMs,
    /// Whether the join was heard.
    pub start_heard: bool,
    /// The instant up to which its time has left in records.
    pub credited_until: UnixMs,
    /// What Discord said of its state, and whether the channel is the AFK channel; never [`VoiceState::ALONE`].
    pub state: VoiceState,
    /// The whole of it until `credited_until`, by state.
    pub time: VoiceTime,
    /// What followed what until `credited_until`.
    pub segments: Vec<VoiceSegment>,
}

/// A stretch of one guild whose messages are still to be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapCheckpoint {
    /// Which guild.
    pub guild: GuildId,
    /// Where the blind span begins: its key in the ledger.
    pub from: UnixMs,
    /// Where it ends.
    pub until: UnixMs,
    /// Why it was not heard.
    pub reason: CoverageReason,
    /// Channels still to be read, in the order in which they will be.
    pub channels: Vec<ChannelGap>,
    /// Why a part of it cannot be read; `None` while nothing was refused.
    pub refused: Option<CoverageReason>,
}

/// Messages of one channel still to be read: those after `after`, up to and with `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelGap {
    /// Which channel or thread.
    pub channel: ChannelId,
    /// The last message answered for.
    pub after: MessageId,
    /// The last message that was missed: what came later was heard.
    pub until: MessageId,
}
