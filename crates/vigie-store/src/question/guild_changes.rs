//! The words of questions about changes of a guild: what to write beside a chart.

use vigie_core::vocabulary::GuildId;

/// What changed about a guild. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum GuildChangeKind {
    /// Our bot came.
    BotAdded = 0,
    /// Our bot was removed.
    BotRemoved = 1,
    /// A field of the guild.
    Guild = 2,
    /// A role came.
    RoleAdded = 3,
    /// A field of a role.
    RoleChanged = 4,
    /// A role was deleted.
    RoleRemoved = 5,
    /// An emoji came.
    EmojiAdded = 6,
    /// A field of an emoji.
    EmojiChanged = 7,
    /// An emoji was deleted.
    EmojiRemoved = 8,
    /// A channel came.
    ChannelAdded = 9,
    /// A field of a channel.
    ChannelChanged = 10,
    /// A channel was deleted.
    ChannelRemoved = 11,
}

impl GuildChangeKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::BotAdded,
        Self::BotRemoved,
        Self::Guild,
        Self::RoleAdded,
        Self::RoleChanged,
        Self::RoleRemoved,
        Self::EmojiAdded,
        Self::EmojiChanged,
        Self::EmojiRemoved,
        Self::ChannelAdded,
        Self::ChannelChanged,
        Self::ChannelRemoved,
    ];

    /// The kind of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value)).copied()
    }
}

/// Which changes to list: latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesQuestion {
    /// Where.
    pub guild: GuildId,
    /// At this instant or later (ms since 1970).
    pub from_ms: i64,
    /// Before this instant (ms since 1970).
    pub to_ms: i64,
    /// Only these kinds; empty for all.
    pub kinds: Vec<GuildChangeKind>,
    /// Start after this row; `None` starts with the latest.
    pub after: Option<ChangeCursor>,
    /// Rows at most (bounded by [`crate::limits::CHANGE_ROWS_MAX`]).
    pub limit: u32,
}

/// The place in a list of changes after which the next page starts: the last row seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor {
    /// When it was noticed (ms since 1970).
    pub at_ms: i64,
    /// Its number.
    pub id: i64,
}

/// A page of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes, latest first.
    pub rows: Vec<ChangeRow>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<ChangeCursor>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number in these tables.
    pub id: i64,
    /// When it was noticed (ms since 1970).
    pub at_ms: i64,
    /// What kind.
    pub kind: GuildChangeKind,
    /// The role, emoji or channel; `None` for the guild itself.
    pub subject: Option<u64>,
    /// Its name then.
    pub subject_name: Option<String>,
    /// Which field; `None` where something came or went.
    pub field: Option<String>,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}
