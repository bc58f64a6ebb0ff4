//! The words of coverage: what could be heard, what was read again later, and what could not be had.

use crate::vocabulary::{ChannelId, GuildId, MessageFact, MessageId, UnixMs};

/// What is covered or not: the families that differ in whether Discord lets them be read again. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CoverageFamily {
    /// Messages and commands: Discord's history can be read again.
    #[default]
    Messages = 0,
    /// Reactions: what was missed is gone.
    Reactions = 1,
    /// Voice: what was missed is gone.
    Voice = 2,
    /// Joins and departures: what was missed is gone, but for those who are there when the list of members is read.
    Members = 3,
    /// Moderation: Discord's audit log can be read again for 45 days.
    Moderation = 4,
}

impl CoverageFamily {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Messages, Self::Reactions, Self::Voice, Self::Members, Self::Moderation];

    /// The family of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        [Self::Messages, Self::Reactions, Self::Voice, Self::Members, Self::Moderation]
            .get(usize::from(value))
            .copied()
    }
}

/// How well a stretch of time is known. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CoverageState {
    /// Heard as it happened.
    #[default]
    Observed = 0,
    /// Not heard, but read again from Discord's history.
    Recovered = 1,
    /// Not heard, and not (or not yet) read again.
    Blind = 2,
}

impl CoverageState {
    /// The state of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Observed),
            1 => Some(Self::Recovered),
            2 => Some(Self::Blind),
            _ => None,
        }
    }
}

/// Why a stretch was not heard. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CoverageReason {
    /// It was heard.
    #[default]
    None = 0,
    /// The connection was away for longer than Discord keeps what was missed (RESUME refused), or the bot was stopped for that long.
    SessionLost = 1,
    /// Discord reported the guild unavailable.
    GuildOutage = 2,
    /// The bot was not in the guild.
    Removed = 3,
    /// What was kept of the bot's own state was lost or damaged.
    StateLost = 4,
    /// It could not be read again: a permission is missing (VIEW_CHANNEL or READ_MESSAGE_HISTORY).
    MissingPermission = 5,
    /// It could not be read again: Discord refused for another reason.
    HistoryRefused = 6,
    /// The family was switched off in the settings.
    SwitchedOff = 7,
}

impl CoverageReason {
    /// The reason of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::None),
            1 => Some(Self::SessionLost),
            2 => Some(Self::GuildOutage),
            3 => Some(Self::Removed),
            4 => Some(Self::StateLost),
            5 => Some(Self::MissingPermission),
            6 => Some(Self::HistoryRefused),
            7 => Some(Self::SwitchedOff),
            _ => None,
        }
    }
}

/// One stretch of a guild's coverage ledger. Its key is (guild, family, `from`): a later record of the same key replaces it.
///
/// The ledger holds one open `Observed` span from the first sight of the guild (or from the return of the bot), and closed or
/// open `Blind` spans over it, which may become `Recovered`. What is neither is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageSpan {
    /// What.
    pub family: CoverageFamily,
    /// From this instant.
    pub from: UnixMs,
    /// Until this instant, not included; `None` while it goes on.
    pub until: Option<UnixMs>,
    /// How well it is known.
    pub state: CoverageState,
    /// Why it was not heard.
    pub reason: CoverageReason,
}

/// One page of a channel's history, as asked for by [`crate::PageRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage<'a> {
    /// Where.
    pub guild: GuildId,
    /// Where.
    pub channel: ChannelId,
    /// The `after` that was asked: an answer to another question is ignored.
    pub after: MessageId,
    /// The newest message on the page, counted or not; `None` when the page is empty. The next page begins after it.
    pub newest: Option<MessageId>,
    /// Whether the page was full, so that another follows.
    pub more: bool,
    /// The messages and commands on it, oldest first.
    pub messages: Vec<MessageFact<'a>>,
}

/// Why a channel's history could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryRefusal {
    /// VIEW_CHANNEL or READ_MESSAGE_HISTORY is missing.
    MissingPermission,
    /// The channel is gone: nothing of it can be read any more.
    Gone,
    /// Another refusal that repeating does not cure.
    Refused,
}
