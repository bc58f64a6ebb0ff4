//! The words of merged records: what many records said, in fewer bytes, when the way to the store has been cut for long.

use crate::vocabulary::{ActivityCell, ActivityCounts, AuthorKind, EmojiCount, GuildId};

/// Activity of one guild in one UTC hour: what the store keeps of the minute windows that it stands for, all of it.
/// Additive: an hour may arrive in several pieces, and beside minute windows of the same hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityHour {
    /// Where.
    pub guild: GuildId,
    /// Hours since 1970.
    pub unix_hour: u32,
    /// Counts by (channel, member, kind), sorted by these, each once.
    pub cells: Vec<HourCell>,
    /// The guild's sums by (minute, kind), sorted by these, each once. They are about all cells of the hour, whichever piece
    /// holds those.
    pub minutes: Vec<MinuteSum>,
    /// Reactions by emoji, sorted by emoji, each once.
    pub emojis: Vec<EmojiCount>,
}

/// What one member did in one channel in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourCell {
    /// Where, who and how much.
    pub cell: ActivityCell,
    /// First and last minute of the hour (0 to 59) in which the member did something here: wrote, gave a command, gave a reaction
    /// or took one back. `None` while they only received reactions.
    pub seen: Option<(u8, u8)>,
}

/// What all authors of one kind did in a guild in one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinuteSum {
    /// Minute of the hour, 0 to 59.
    pub minute: u8,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// How much.
    pub counts: ActivityCounts,
}
