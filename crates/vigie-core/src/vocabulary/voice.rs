//! The words of the voice family.

use crate::vocabulary::{AuthorKind, ChannelId, GuildId, Person, UnixMs, UserId};

/// Where a member is in voice, and how: one VOICE_STATE_UPDATE, or one entry of GUILD_CREATE's `voice_states`.
/// Source: Discord, "Voice Resource", Voice State Object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceFact<'a> {
    /// Where.
    pub guild: GuildId,
    /// Who.
    pub member: UserId,
    /// Their names, where the payload tells them; `None` says nothing about whether they are a person or a bot.
    pub person: Option<Person<'a>>,
    /// The voice or stage channel; `None` once they left.
    pub channel: Option<ChannelId>,
    /// What the payload says of their state: never [`VoiceState::ALONE`] or [`VoiceState::AFK`], which the core works out.
    pub state: VoiceState,
}

/// A set of voice states. The bits are stored: they never change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoiceState(pub u8);

impl VoiceState {
    /// `self_mute` or `mute`.
    pub const MUTED: Self = Self(1);
    /// `self_deaf` or `deaf`.
    pub const DEAFENED: Self = Self(1 << 1);
    /// `self_stream`.
    pub const STREAMING: Self = Self(1 << 2);
    /// `self_video`.
    pub const VIDEO: Self = Self(1 << 3);
    /// `suppress`: in the audience of a stage.
    pub const SUPPRESSED: Self = Self(1 << 4);
    /// No other person is in the channel; bots are no company.
    pub const ALONE: Self = Self(1 << 5);
    /// In the guild's AFK channel.
    pub const AFK: Self = Self(1 << 6);

    /// Whether all states of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether time in this state is active: neither AFK, nor deafened, nor alone.
    pub fn is_active(self) -> bool {
        self.0 & (Self::AFK.0 | Self::DEAFENED.0 | Self::ALONE.0) == 0
    }
}

/// Time in voice, in milliseconds, in all and by state. States overlap: somebody may be muted and alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceTime {
    /// From join to leave.
    pub total_ms: u64,
    /// Neither AFK, nor deafened, nor alone.
    pub active_ms: u64,
    /// Muted, by oneself or by a moderator.
    pub muted_ms: u64,
    /// Deafened, by oneself or by a moderator.
    pub deafened_ms: u64,
    /// Streaming a screen.
    pub streaming_ms: u64,
    /// With the camera on.
    pub video_ms: u64,
    /// In the audience of a stage.
    pub suppressed_ms: u64,
    /// Without another person in the channel.
    pub alone_ms: u64,
    /// In the AFK channel.
    pub afk_ms: u64,
}

impl VoiceTime {
    /// Adds `duration_ms` spent in `state`.
    pub fn add(&mut self, state: VoiceState, duration_ms: u64) {
        self.total_ms += duration_ms;
        if state.is_active() {
            self.active_ms += duration_ms;
        }
        let by_state = [
            (VoiceState::MUTED, &mut self.muted_ms),
            (VoiceState::DEAFENED, &mut self.deafened_ms),
            (VoiceState::STREAMING, &mut self.streaming_ms),
            (VoiceState::VIDEO, &mut self.video_ms),
            (VoiceState::SUPPRESSED, &mut self.suppressed_ms),
            (VoiceState::ALONE, &mut self.alone_ms),
            (VoiceState::AFK, &mut self.afk_ms),
        ];
        for (bit, counter) in by_state {
            if state.contains(bit) {
                *counter += duration_ms;
            }
        }
    }

    /// The nine figures, in the order of the fields.
    pub fn figures(&self) -> [u64; 9] {
        [
            self.total_ms,
            self.active_ms,
            self.muted_ms,
            self.deafened_ms,
            self.streaming_ms,
            self.video_ms,
            self.suppressed_ms,
            self.alone_ms,
            self.afk_ms,
        ]
    }

    /// The inverse of [`VoiceTime::figures`].
    pub fn from_figures(figures: [u64; 9]) -> Self {
        let [
            total_ms,
            active_ms,
            muted_ms,
            deafened_ms,
            streaming_ms,
            video_ms,
            suppressed_ms,
            alone_ms,
            afk_ms,
        ] = figures;
        Self {
            total_ms,
            active_ms,
            muted_ms,
            deafened_ms,
            streaming_ms,
            video_ms,
            suppressed_ms,
            alone_ms,
            afk_ms,
        }
    }
}

/// Voice of one guild in one UTC hour, since the last flush. Additive but for the peaks, of which the highest holds: an hour
/// arrives in many pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoiceWindow {
    /// Where.
    pub guild: GuildId,
    /// Hours since 1970.
    pub unix_hour: u32,
    /// Time by (channel, member), sorted by that pair, each pair once.
    pub cells: Vec<VoiceCell>,
    /// The guild by minute, sorted, each minute once; people only.
    pub minutes: Vec<VoiceMinute>,
    /// Most people at once by channel, sorted by channel, each once.
    pub peaks: Vec<VoicePeak>,
}

/// What one member spent in one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceCell {
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// Sessions whose beginning was heard in this hour: joins and moves in.
    pub sessions: u32,
    /// How long.
    pub time: VoiceTime,
}

/// A guild's voice in one minute: people only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceMinute {
    /// Minute of the hour, 0 to 59.
    pub minute: u8,
    /// Sum over all people, in milliseconds.
    pub total_ms: u64,
    /// The active part of it.
    pub active_ms: u64,
    /// Most people at once, in all channels together.
    pub peak: u32,
}

/// Most people at once in one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoicePeak {
    /// Where.
    pub channel: ChannelId,
    /// How many.
    pub peak: u32,
}

/// One member in one voice or stage channel, from join (or move in) to leave (or move out), as far as it was heard.
/// Its key is (guild, member, channel, `started_at`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceSession {
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub member: UserId,
    /// Person or bot.
    pub kind: AuthorKind,
    /// The join, or the first instant heard of.
    pub started_at: UnixMs,
    /// The leave, or the last instant heard of.
    pub ended_at: UnixMs,
    /// `false` when it was under way before it was first heard of.
    pub start_heard: bool,
    /// `false` when it ended, or went on, where nothing could be heard.
    pub end_heard: bool,
    /// The whole of it by state.
    pub time: VoiceTime,
    /// What followed what, together as long as the session. Above a bound of the core short segments are merged into their
    /// neighbours: `time` stays exact.
    pub segments: Vec<VoiceSegment>,
}

/// A stretch of a session in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceSegment {
    /// The state.
    pub state: VoiceState,
    /// How long.
    pub duration_ms: u64,
}
