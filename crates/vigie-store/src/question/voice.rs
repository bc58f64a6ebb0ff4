//! The words of questions about voice: how long, how many at once, and one session after the other.

use vigie_core::vocabulary::{AuthorKind, ChannelId, GuildId, UserId, VoiceSession, VoiceTime};

use super::{Audience, ChannelRow, MemberRow, Scope, SplitKey};

/// Voice in a period from which on a member counts as active, in milliseconds: one minute, in all channels together.
pub const ACTIVE_VOICE_MS: u64 = 60_000;

/// Time in voice and sessions over any range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceSums {
    /// Milliseconds, in all and by state; summed over members.
    pub time: VoiceTime,
    /// Sessions whose beginning was heard in the range.
    pub sessions: u64,
}

impl VoiceSums {
    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        let (mine, others) = (self.time.figures(), other.time.figures());
        self.time = VoiceTime::from_figures(std::array::from_fn(|at| mine[at] + others[at]));
        self.sessions += other.sessions;
    }
}

/// Voice of a guild or channel over a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceTotals {
    /// Time and sessions.
    pub sums: VoiceSums,
    /// Distinct members with any time in voice in the range.
    pub members: u64,
    /// Most people at once: in the guild, or in the channel asked about. `None` without any, and for several channels
    /// ([`crate::question::Scope::Under`]), whose peaks do not add up.
    pub peak: Option<VoicePeakPoint>,
}

/// One member's voice over a range: what boards rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberVoice {
    /// From join to leave, in milliseconds.
    pub total_ms: u64,
    /// Neither AFK, nor deafened, nor alone, in milliseconds.
    pub active_ms: u64,
    /// Sessions whose beginning was heard.
    pub sessions: u64,
}

/// Voice of one hour, in one part of a series. Hours without any are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceHourPoint {
    /// Hours since 1970.
    pub unix_hour: u32,
    /// The part of the series.
    pub key: SplitKey,
    /// Time and sessions of that hour.
    pub voice: VoiceSums,
}

/// Voice of one guild minute, people only. Minutes without any are not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoiceMinutePoint {
    /// Minutes since 1970.
    pub unix_minute: u32,
    /// Sum over all people, in milliseconds.
    pub total_ms: u64,
    /// The active part of it.
    pub active_ms: u64,
    /// Most people at once, in all channels together.
    pub peak: u32,
}

/// Most people at once in one hour, in a channel or the whole guild.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoicePeakPoint {
    /// Hours since 1970.
    pub unix_hour: u32,
    /// The channel; `None` for the whole guild. Of a whole guild's peak it is not said in which channels the people were.
    pub channel: Option<ChannelId>,
    /// How many.
    pub people: u32,
}

/// A channel and the voice in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceChannelTotal {
    /// Which; a channel that no record ever named has kind 255 and no name.
    pub channel: ChannelRow,
    /// Time and sessions.
    pub voice: VoiceSums,
    /// Most people at once in the range, in the first hour that had as many; `None` if there were only bots, or one member is asked about.
    pub peak: Option<VoicePeakPoint>,
}

/// Which ended sessions to list: those that began in a range, latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceSessionsQuestion {
    /// Where.
    pub guild: GuildId,
    /// Begun at this instant or later (ms since 1970).
    pub from_ms: i64,
    /// Begun before this instant (ms since 1970).
    pub to_ms: i64,
    /// Whose.
    pub audience: Audience,
    /// Only of this member.
    pub member: Option<UserId>,
    /// In which channels.
    pub scope: Scope,
    /// Start after this row; `None` starts with the latest.
    pub after: Option<VoiceSessionCursor>,
    /// Rows at most (bounded by [`crate::limits::SESSION_ROWS_MAX`]).
    pub limit: u32,
}

/// The place in a list of sessions after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceSessionCursor {
    /// Its beginning (ms since 1970).
    pub started_at_ms: i64,
    /// Its member.
    pub member: UserId,
    /// Its channel.
    pub channel: ChannelId,
}

/// A page of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoiceSessionPage {
    /// The sessions, latest beginning first; those that began together by member and channel.
    pub rows: Vec<VoiceSessionRow>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<VoiceSessionCursor>,
}

/// One session, named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceSessionRow {
    /// Who.
    pub member: MemberRow,
    /// Where.
    pub channel: ChannelRow,
    /// The session as it was recorded.
    pub session: VoiceSession,
}

/// One member's counts and voice over a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberTotals {
    /// Who.
    pub member: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// Messages, commands, reactions.
    pub counts: super::Counts,
    /// Voice.
    pub voice: MemberVoice,
}
