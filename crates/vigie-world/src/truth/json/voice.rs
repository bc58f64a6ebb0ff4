//! The rows of voice and of deleted messages.

use serde::{Deserialize, Serialize};
use vigie_core::vocabulary::{
    ChannelId, GuildId, MessageId, MessageKind, UnixMs, UserId, VoiceMinute, VoiceSegment,
    VoiceSession, VoiceState as VoiceBits, VoiceTime,
};

use super::{Kind, Number};
use crate::truth::{CellKey, DeletedMessage, Truth, VoiceTotals};

/// Voice in one hour.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct VoiceRows {
    pub(super) peak: u32,
    pub(super) cells: Vec<VoiceRow>,
    pub(super) channel_peaks: Vec<PeakRow>,
    pub(super) minutes: Vec<(u8, u64, u64, u32)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct VoiceRow {
    channel: Number,
    member: Number,
    kind: Kind,
    sessions: u32,
    total_ms: u64,
    active_ms: u64,
    muted_ms: u64,
    deafened_ms: u64,
    streaming_ms: u64,
    video_ms: u64,
    suppressed_ms: u64,
    alone_ms: u64,
    afk_ms: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PeakRow {
    pub(super) channel: Number,
    pub(super) peak: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SessionRow {
    channel: Number,
    member: Number,
    kind: Kind,
    started_ms: i64,
    ended_ms: i64,
    start_heard: bool,
    end_heard: bool,
    segments: Vec<(u8, u64)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct DeletedRow {
    channel: Number,
    id: Number,
    author: Number,
    kind: Kind,
    counts_as: Option<CountsAs>,
    created_ms: i64,
    deleted_ms: i64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CountsAs {
    Message,
    Command,
}

impl VoiceRow {
    pub(super) fn write(key: CellKey, totals: &VoiceTotals) -> Self {
        let time = totals.time;
        Self {
            channel: Number(key.channel.0),
            member: Number(key.member.0),
            kind: totals.kind.into(),
            sessions: totals.sessions,
            total_ms: time.total_ms,
            active_ms: time.active_ms,
            muted_ms: time.muted_ms,
            deafened_ms: time.deafened_ms,
            streaming_ms: time.streaming_ms,
            video_ms: time.video_ms,
            suppressed_ms: time.suppressed_ms,
            alone_ms: time.alone_ms,
            afk_ms: time.afk_ms,
        }
    }

    fn read(self, guild: GuildId) -> (CellKey, VoiceTotals) {
        let (channel, member) = (ChannelId(self.channel.0), UserId(self.member.0));
        let time = VoiceTime {
            total_ms: self.total_ms,
            active_ms: self.active_ms,
            muted_ms: self.muted_ms,
            deafened_ms: self.deafened_ms,
            streaming_ms: self.streaming_ms,
            video_ms: self.video_ms,
            suppressed_ms: self.suppressed_ms,
            alone_ms: self.alone_ms,
            afk_ms: self.afk_ms,
        };
        let (kind, sessions) = (self.kind.into(), self.sessions);
        (CellKey { guild, channel, member }, VoiceTotals { kind, sessions, time })
    }
}

impl SessionRow {
    pub(super) fn write(session: &VoiceSession) -> Self {
        let segment = |segment: &VoiceSegment| (segment.state.0, segment.duration_ms);
        Self {
            channel: Number(session.channel.0),
            member: Number(session.member.0),
            kind: session.kind.into(),
            started_ms: session.started_at.0,
            ended_ms: session.ended_at.0,
            start_heard: session.start_heard,
            end_heard: session.end_heard,
            segments: session.segments.iter().map(segment).collect(),
        }
    }

    fn read(self) -> VoiceSession {
        let segment = |(bits, duration_ms)| VoiceSegment { state: VoiceBits(bits), duration_ms };
        let segments: Vec<VoiceSegment> = self.segments.into_iter().map(segment).collect();
        let mut time = VoiceTime::default();
        segments.iter().for_each(|segment| time.add(segment.state, segment.duration_ms));
        VoiceSession {
            channel: ChannelId(self.channel.0),
            member: UserId(self.member.0),
            kind: self.kind.into(),
            started_at: UnixMs(self.started_ms),
            ended_at: UnixMs(self.ended_ms),
            start_heard: self.start_heard,
            end_heard: self.end_heard,
            time,
            segments,
        }
    }
}

impl DeletedRow {
    pub(super) fn write(deleted: &DeletedMessage) -> Self {
        Self {
            channel: Number(deleted.channel.0),
            id: Number(deleted.id.0),
            author: Number(deleted.author.0),
            kind: deleted.kind.into(),
            counts_as: deleted.counts_as.map(|kind| match kind {
                MessageKind::Message => CountsAs::Message,
                MessageKind::Command => CountsAs::Command,
            }),
            created_ms: deleted.id.time().0,
            deleted_ms: deleted.deleted_at.0,
        }
    }

    fn read(self, guild: GuildId) -> DeletedMessage {
        DeletedMessage {
            guild,
            channel: ChannelId(self.channel.0),
            id: MessageId(self.id.0),
            author: UserId(self.author.0),
            kind: self.kind.into(),
            counts_as: self.counts_as.map(|kind| match kind {
                CountsAs::Message => MessageKind::Message,
                CountsAs::Command => MessageKind::Command,
            }),
            deleted_at: UnixMs(self.deleted_ms),
        }
    }
}

impl Truth {
    pub(super) fn read_voice(&mut self, guild: GuildId, unix_hour: u32, rows: VoiceRows) {
        for row in rows.cells {
            let (key, totals) = row.read(guild);
            self.add_voice(unix_hour, key, totals);
        }
        for row in rows.channel_peaks {
            self.add_voice_peak(unix_hour, guild, ChannelId(row.channel.0), row.peak);
        }
        for (minute, total_ms, active_ms, peak) in rows.minutes {
            let minute = VoiceMinute { minute, total_ms, active_ms, peak };
            self.add_voice_minute(unix_hour, guild, minute);
        }
    }

    pub(super) fn read_lists(
        &mut self,
        guild: GuildId,
        sessions: Vec<SessionRow>,
        deleted: Vec<DeletedRow>,
    ) {
        for row in sessions {
            self.add_voice_session(guild, row.read());
        }
        for row in deleted {
            self.add_deleted(row.read(guild));
        }
    }
}
