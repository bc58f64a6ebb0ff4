//! The words of the questions: what one can ask of the store, and the rows that come back.
//!
//! All ranges are explicit and in UTC: hours or minutes counted from 1970. Time zones, labels and rounding belong to whoever asks.

mod coverage;
mod guild_changes;
mod invites;
mod members;
mod moderation;
mod voice;

use vigie_core::vocabulary::{
    ActivityCounts, AuthorKind, ChannelId, ChannelKind, Emoji, GuildId, UserId,
};

pub use coverage::{CoverageAnswer, CoverageHealth, LedgerCursor, LedgerPage, LedgerQuestion};
pub use guild_changes::{ChangeCursor, ChangePage, ChangeRow, ChangesQuestion, GuildChangeKind};
pub use invites::{
    InviteBook, InviteJoinsQuestion, InviteRow, InviteStats, InviteStatsQuestion, InviteTree,
    InviteTreeQuestion, JoinCursor, JoinEvidence, JoinPage, JoinRow, JoinSource, MethodCount,
    Recruiter, TreeNode,
};
pub use members::{
    Cohort, CohortWeek, Departures, GrowthBucket, LifecyclePeriod, MemberCount, MemberOrigin,
    QuietCursor, QuietMember, QuietPage, QuietQuestion, RetentionQuestion, StayRow, WEEK_MS,
};
pub use moderation::{
    CaseCursor, CaseDetail, CasePage, CaseRow, CasesQuestion, ModerationSummary, Moderator,
    ModeratorRow, TimeoutEnd,
};
pub use voice::{
    ACTIVE_VOICE_MS, MemberTotals, MemberVoice, VoiceChannelTotal, VoiceHourPoint,
    VoiceMinutePoint, VoicePeakPoint, VoiceSessionCursor, VoiceSessionPage, VoiceSessionRow,
    VoiceSessionsQuestion, VoiceSums, VoiceTotals,
};

/// A half-open range of UTC hours, counted from 1970: `from` is inside, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HourRange {
    /// First hour.
    pub from: u32,
    /// First hour after the range; a range with `to <= from` is empty.
    pub to: u32,
}

impl HourRange {
    /// Hours in the range.
    pub fn hours(self) -> u32 {
        self.to.saturating_sub(self.from)
    }

    /// Whether the range holds no hour at all.
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }
}

/// Whose activity is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Audience {
    /// People only.
    #[default]
    Humans,
    /// Bots and webhooks only.
    Bots,
    /// Everybody.
    All,
}

impl Audience {
    /// Whether authors of this kind belong to the audience.
    pub fn includes(self, kind: AuthorKind) -> bool {
        match self {
            Self::Humans => kind == AuthorKind::Human,
            Self::Bots => kind != AuthorKind::Human,
            Self::All => true,
        }
    }

    /// First and last stored number of the kinds in this audience.
    pub(crate) fn kinds(self) -> (i32, i32) {
        match self {
            Self::Humans => (0, 0),
            Self::Bots => (1, 2),
            Self::All => (0, 2),
        }
    }
}

/// Which channels are asked about. `None` and `Some(channel)` convert into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The whole guild.
    #[default]
    Guild,
    /// One channel or thread alone.
    Channel(ChannelId),
    /// A channel with its threads, or a category with its channels and their threads.
    Under(ChannelId),
}

impl From<Option<ChannelId>> for Scope {
    fn from(channel: Option<ChannelId>) -> Self {
        channel.map_or(Self::Guild, Self::Channel)
    }
}

impl From<ChannelId> for Scope {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}

/// Whether threads stand for themselves or count for the channel they hang under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Threads {
    /// A thread is a row of its own.
    #[default]
    Own,
    /// A thread's counts are added to its parent channel's (a thread whose parent is not known stays a row of its own).
    Folded,
}

/// How much each act weighs in the activity score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreWeights {
    /// Points for a message.
    pub messages: f64,
    /// Points for a reaction given.
    pub reactions: f64,
    /// Points for a minute of voice, in whatever state.
    pub voice_minutes: f64,
}

impl Default for ScoreWeights {
    /// 1 for a message, 0.5 for a minute of voice, 0.2 for a reaction given.
    fn default() -> Self {
        Self { messages: 1.0, reactions: 0.2, voice_minutes: 0.5 }
    }
}

/// Sums of the activity counters over any range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages.
    pub messages: u64,
    /// Commands.
    pub commands: u64,
    /// Reactions given.
    pub reactions_added: u64,
    /// Reactions taken back.
    pub reactions_removed: u64,
    /// Reactions received on own messages.
    pub reactions_received: u64,
}

impl Counts {
    /// Adds the counts of a window, hour or cell.
    pub fn add(&mut self, counts: &ActivityCounts) {
        self.messages += u64::from(counts.messages);
        self.commands += u64::from(counts.commands);
        self.reactions_added += u64::from(counts.reactions_added);
        self.reactions_removed += u64::from(counts.reactions_removed);
        self.reactions_received += u64::from(counts.reactions_received);
    }
}

/// The counts of a guild or channel over a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages.
    pub messages: u64,
    /// Commands.
    pub commands: u64,
    /// Reactions given.
    pub reactions_added: u64,
    /// Reactions taken back.
    pub reactions_removed: u64,
    /// Reactions received.
    pub reactions_received: u64,
    /// Distinct members who sent a message, gave a reaction, or spent a minute in voice ([`ACTIVE_VOICE_MS`]) in the range.
    pub active_members: u64,
}

/// What an hourly series is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Split {
    /// Not divided.
    #[default]
    None,
    /// By channel; threads stand for themselves.
    Channel,
    /// By kind of author.
    Kind,
    /// By member: the `top` members by messages (then reactions given), the others together as [`SplitKey::Other`].
    Member {
        /// How many members stand for themselves.
        top: u32,
    },
    /// By emoji: the `top` emojis by reactions given, the others together as [`SplitKey::Other`].
    /// Emojis are counted for everybody in the whole guild: audience and scope do not apply.
    Emoji {
        /// How many emojis stand for themselves.
        top: u32,
    },
}

/// Which part of a divided series a point belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SplitKey {
    /// Of an undivided series.
    All,
    /// One channel or thread.
    Channel(ChannelId),
    /// One kind of author.
    Kind(AuthorKind),
    /// One member.
    Member(UserId),
    /// One emoji.
    Emoji(Emoji<'static>),
    /// Everything that does not stand for itself.
    Other,
}

/// Counts of one hour, in one part of the series. Hours without any count are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourPoint {
    /// Hours since 1970.
    pub unix_hour: u32,
    /// The part of the series.
    pub key: SplitKey,
    /// The counts.
    pub counts: ActivityCounts,
}

/// Counts of one guild minute. Minutes without any count are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinutePoint {
    /// Minutes since 1970.
    pub unix_minute: u32,
    /// The counts.
    pub counts: ActivityCounts,
}

/// What a leaderboard ranks by. Only members with a value above zero are on a board.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Board {
    /// Messages.
    Messages,
    /// Reactions given.
    Reactions,
    /// Minutes in voice.
    Voice,
    /// Minutes in voice, neither AFK, nor deafened, nor alone.
    ActiveVoice,
    /// Weighted sum of messages, reactions given and minutes in voice.
    Activity {
        /// The weights.
        weights: ScoreWeights,
    },
}

/// The place in a leaderboard after which the next page starts: value and member of the last row seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeaderCursor {
    /// Value of the last row seen.
    pub value: f64,
    /// Member of the last row seen.
    pub member: UserId,
}

/// Who is first, second, third…
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderboardQuestion {
    /// Where.
    pub guild: GuildId,
    /// When.
    pub range: HourRange,
    /// Among whom.
    pub audience: Audience,
    /// By what.
    pub board: Board,
    /// In which channels.
    pub scope: Scope,
    /// Only members whose username or display name contains this, whatever the case. Ranks stay those of the whole board.
    pub search: Option<String>,
    /// Start after this row; `None` starts at the top.
    pub after: Option<LeaderCursor>,
    /// Rows at most (bounded by [`crate::limits::LEADERBOARD_ROWS_MAX`]).
    pub limit: u32,
}

impl LeaderboardQuestion {
    /// The first `limit` rows of a board over the whole guild, among people.
    pub fn new(guild: GuildId, range: HourRange, board: Board, limit: u32) -> Self {
        Self {
            guild,
            range,
            audience: Audience::Humans,
            board,
            scope: Scope::Guild,
            search: None,
            after: None,
            limit,
        }
    }
}

/// A page of a leaderboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaderboard {
    /// The rows, best first.
    pub rows: Vec<LeaderRow>,
    /// Rows on all pages (with a search: rows that match it).
    pub total_rows: u64,
    /// Sum of the values of the whole board, whatever the search: what a share is a share of.
    pub total_value: f64,
}

/// A member's place on a board.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderRow {
    /// From 1. Equal values are ranked by member id, the oldest account first, so that each rank exists once.
    pub rank: u64,
    /// Who.
    pub member: MemberRow,
    /// What they are ranked by.
    pub value: f64,
    /// Their counts in range and scope.
    pub counts: Counts,
    /// Their voice in range and scope.
    pub voice: MemberVoice,
}

/// A member's rank on a board, without names: what a trend needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Who.
    pub member: UserId,
    /// From 1.
    pub rank: u64,
    /// What they are ranked by.
    pub value: f64,
}

/// A channel and what happened in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTotal {
    /// Which; a channel that no record ever named has kind 255 and no name.
    pub channel: ChannelRow,
    /// How much.
    pub counts: Counts,
}

/// An emoji and how often it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmojiTotal {
    /// Which; custom emojis carry their last known name.
    pub emoji: Emoji<'static>,
    /// Reactions given with it.
    pub added: u64,
    /// Reactions taken back.
    pub removed: u64,
}

/// A guild as last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuildRow {
    /// Its id.
    pub id: GuildId,
    /// Its name.
    pub name: String,
    /// Icon hash.
    pub icon: Option<String>,
    /// Its owner.
    pub owner: UserId,
    /// Members, where known.
    pub member_count: Option<u32>,
    /// `false` once our bot was removed.
    pub is_active: bool,
    /// When our bot joined, where known (ms since 1970).
    pub bot_added_at_ms: Option<i64>,
    /// When our bot was removed (ms since 1970), while it is.
    pub bot_removed_at_ms: Option<i64>,
    /// Server boost level.
    pub premium_tier: u8,
    /// Boosts.
    pub boost_count: u32,
    /// First hour with any activity or voice (hours since 1970); `None` before any.
    pub first_activity_hour: Option<u32>,
    /// Last hour with any activity or voice (hours since 1970); `None` before any.
    pub last_activity_hour: Option<u32>,
}

/// Messages and voice of people in a guild on one UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuildDay {
    /// Which guild.
    pub guild: GuildId,
    /// Days since 1970.
    pub unix_day: u32,
    /// Messages.
    pub messages: u64,
    /// Time in voice, in milliseconds, summed over people.
    pub voice_ms: u64,
}

/// A channel, category or thread as last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its id.
    pub id: ChannelId,
    /// Its last known name; `None` if it was always hidden from us.
    pub name: Option<String>,
    /// Its type.
    pub kind: ChannelKind,
    /// Category of a channel, channel of a thread.
    pub parent: Option<ChannelId>,
    /// Sorting position.
    pub position: i32,
    /// Whether it is gone.
    pub deleted: bool,
}

/// A member as last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Their id.
    pub id: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// `username`; `None` if no payload ever named them.
    pub username: Option<String>,
    /// Nickname or global name.
    pub display_name: Option<String>,
    /// Avatar hash.
    pub avatar: Option<String>,
}

/// A member's whole story in a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDetail {
    /// Who.
    pub row: MemberRow,
    /// Start of the first minute in which they did something or were in voice (ms since 1970); `None` if they only received reactions.
    /// Voice counts minute by minute where it arrives so, else once its session has ended.
    pub first_seen_ms: Option<i64>,
    /// Start of the last minute in which they did something or were in voice (ms since 1970).
    pub last_seen_ms: Option<i64>,
    /// All that was ever counted of them.
    pub all_time: Counts,
    /// All their time in voice.
    pub all_time_voice: MemberVoice,
}
