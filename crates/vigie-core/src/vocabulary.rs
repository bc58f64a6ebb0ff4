//! The words that every stage shares: ids, facts (what the gateway told) and records (what was made of it).
//!
//! There is no field for the text of a message anywhere in this file: what cannot be said cannot leak.

mod coverage;
mod guilds;
mod invites;
mod members;
mod merged;
mod moderation;
mod switches;
mod voice;

use std::borrow::Cow;

pub use coverage::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, HistoryPage, HistoryRefusal,
};
pub use guilds::{
    Access, GuildDetails, GuildDetailsFact, GuildEmojiFact, GuildEmojiRecord, Reading,
    ReadingRequest, RoleFact, RoleId, RoleRecord,
};
pub use invites::{
    Attribution, AttributionMethod, Candidate, Confidence, InviteFact, InviteList, InviteRecord,
};
pub use members::{Departure, DepartureKind, Join, MemberFact, MemberPage};
pub use merged::{ActivityHour, HourCell, MinuteSum};
pub use moderation::{
    AuditChange, AuditEntry, AuditId, AuditPage, AutomodFact, Case, CaseSource, Change,
    ModerationAction,
};
pub use switches::SWITCHABLE_EVENTS;
pub use voice::{
    VoiceCell, VoiceFact, VoiceMinute, VoicePeak, VoiceSegment, VoiceSession, VoiceState,
    VoiceTime, VoiceWindow,
};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub i64);

impl UnixMs {
    /// The minute this instant lies in, counted from 1970.
    pub fn unix_minute(self) -> u32 {
        self.0.div_euclid(60_000).clamp(0, i64::from(u32::MAX)) as u32
    }

    /// The UTC hour this instant lies in, counted from 1970.
    pub fn unix_hour(self) -> u32 {
        self.0.div_euclid(3_600_000).clamp(0, i64::from(u32::MAX)) as u32
    }
}

/// First millisecond of Discord's epoch (2015-01-01T00:00:00Z), from which snowflakes count.
/// Source: Discord, "API Reference", section Snowflakes.
pub const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// The instant written in a snowflake: `(id >> 22) + DISCORD_EPOCH_MS`.
pub fn snowflake_time(id: u64) -> UnixMs {
    UnixMs((id >> 22) as i64 + DISCORD_EPOCH_MS)
}

/// The smallest snowflake of an instant; instants before Discord's epoch give 0.
pub fn snowflake_at(time: UnixMs) -> u64 {
    (time.0.saturating_sub(DISCORD_EPOCH_MS).max(0) as u64) << 22
}

/// A server ("guild" in Discord's protocol).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuildId(pub u64);

/// A channel, category or thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u64);

/// A person, bot or webhook: whoever can write a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// A message; its snowflake says when it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

impl MessageId {
    /// When the message was written.
    pub fn time(self) -> UnixMs {
        snowflake_time(self.0)
    }
}

/// A custom emoji.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmojiId(pub u64);

/// What kind of author a [`UserId`] is. The numbers are stored: they never change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum AuthorKind {
    /// A person.
    #[default]
    Human = 0,
    /// An application's account (`author.bot`).
    Bot = 1,
    /// A webhook (`webhook_id` present).
    Webhook = 2,
}

impl AuthorKind {
    /// The kind of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Human),
            1 => Some(Self::Bot),
            2 => Some(Self::Webhook),
            _ => None,
        }
    }
}

/// Discord's channel type number (0 text, 2 voice, 4 category, 5 announcement, 10..12 threads, 13 stage, 15 forum, 16 media).
/// Source: Discord, "Channels Resource", Channel Types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKind(pub u8);

/// A reaction's emoji: custom (with an id) or unicode (without).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Emoji<'a> {
    /// A custom emoji; Discord may leave its name out (deleted emoji).
    Custom {
        /// Its id.
        id: EmojiId,
        /// Its last known name.
        name: Option<Cow<'a, str>>,
    },
    /// A unicode emoji, as the characters themselves.
    Unicode(Cow<'a, str>),
}

/// Whoever wrote or reacted, as the payload names them. Enough to make history readable, nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// Their id (a webhook's id for webhooks).
    pub id: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// `username`.
    pub username: Cow<'a, str>,
    /// Server nickname, else global name; `None` when neither is set.
    pub display_name: Option<Cow<'a, str>>,
    /// Avatar hash; `None` for the default avatar.
    pub avatar: Option<Cow<'a, str>>,
}

/// Whether a message counts as a message or as a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// MESSAGE_CREATE of type 0 or 19.
    Message,
    /// MESSAGE_CREATE of type 20 or 23.
    Command,
}

/// A message or command was written. A command belongs to the person who gave it, where Discord tells who did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFact<'a> {
    /// Where.
    pub guild: GuildId,
    /// Where; a thread counts as its own channel.
    pub channel: ChannelId,
    /// Which message; says when.
    pub message: MessageId,
    /// Message or command.
    pub kind: MessageKind,
    /// By whom.
    pub author: Person<'a>,
}

/// A reaction was added or taken back. Discord gives no time for it: it happened when it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionFact<'a> {
    /// Where.
    pub guild: GuildId,
    /// Where.
    pub channel: ChannelId,
    /// On which message.
    pub message: MessageId,
    /// Who gave it or took it back.
    pub giver: UserId,
    /// Names of the giver: present on additions, absent on removals.
    pub giver_person: Option<Person<'a>>,
    /// Who wrote the message: on additions, where Discord tells.
    pub message_author: Option<UserId>,
    /// Which emoji.
    pub emoji: Emoji<'a>,
    /// `true` for added, `false` for taken back.
    pub added: bool,
}

/// A channel, category or thread as a payload names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel<'a> {
    /// Its id.
    pub id: ChannelId,
    /// Its type.
    pub kind: ChannelKind,
    /// Its name; `None` when Discord hides it from us (obfuscated channel).
    pub name: Option<Cow<'a, str>>,
    /// Category of a channel, channel of a thread.
    pub parent: Option<ChannelId>,
    /// Sorting position among its siblings; 0 for threads.
    pub position: i32,
    /// The newest message at this instant, deleted or not; `None` where there never was one, or the payload does not say.
    pub last_message: Option<MessageId>,
}

/// A guild as GUILD_CREATE describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuildFact<'a> {
    /// Its id.
    pub id: GuildId,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Icon hash.
    pub icon: Option<Cow<'a, str>>,
    /// Its owner.
    pub owner: UserId,
    /// Members at this instant; GUILD_UPDATE does not say.
    pub member_count: Option<u32>,
    /// When our bot joined; GUILD_UPDATE does not say.
    pub bot_joined_at: Option<UnixMs>,
    /// Server boost level, 0..3.
    pub premium_tier: u8,
    /// Boosts.
    pub boost_count: u32,
    /// The voice channel into which idle members are moved.
    pub afk_channel: Option<ChannelId>,
    /// Channels, categories and active threads; empty on GUILD_UPDATE.
    pub channels: Vec<Channel<'a>>,
    /// Who is in voice at this instant (GUILD_CREATE); `None` on GUILD_UPDATE, which does not say.
    pub voice_states: Option<Vec<VoiceFact<'a>>>,
}

/// What the gateway told, in our own words: the input of the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// A message or command.
    Message(MessageFact<'a>),
    /// A message of a type that is not counted (somebody joined, something was pinned): its channel is answered for up to it.
    UncountedMessage(GuildId, ChannelId, MessageId),
    /// A reaction added or taken back.
    Reaction(ReactionFact<'a>),
    /// All reactions of a message, or all with one emoji, were removed at once: by whom and how many is not told.
    ReactionsCleared(GuildId, MessageId),
    /// Somebody joined voice, left, moved, or changed state.
    Voice(VoiceFact<'a>),
    /// A guild is there: at log-in, back from an outage, joined, or changed.
    Guild(Box<GuildFact<'a>>),
    /// Our bot was removed from the guild (never an outage).
    GuildRemoved(GuildId),
    /// Discord reports the guild unavailable: nothing of it is heard until its next GUILD_CREATE.
    GuildUnavailable(GuildId),
    /// READY: a new session that names these guilds. What happened since the last instant heard was missed.
    SessionStarted(Vec<GuildId>),
    /// A sign of life without content: everything sent until now has been heard.
    Heard,
    /// One page of history that was asked for.
    History(HistoryPage<'a>),
    /// History of this channel, asked for after this message, cannot be had.
    HistoryRefused(ChannelId, MessageId, HistoryRefusal),
    /// A channel or thread was made or changed.
    Channel(GuildId, Channel<'a>),
    /// A channel or thread was deleted: its last known name stays.
    ChannelDeleted(GuildId, ChannelId),
    /// Somebody came, or was there already: Discord may tell it again.
    MemberJoined(GuildId, MemberFact<'a>),
    /// Somebody is not a member any more, for whichever reason.
    MemberLeft(GuildId, Person<'a>),
    /// A member changed: their names, and until when they are timed out, if they are.
    MemberUpdated(GuildId, Person<'a>, Option<UnixMs>),
    /// A page of the list of members that was asked for.
    Members(MemberPage<'a>),
    /// GUILD_BAN_ADD: neither by whom nor why.
    Banned(GuildId, Person<'a>),
    /// GUILD_BAN_REMOVE.
    Unbanned(GuildId, Person<'a>),
    /// An entry of the audit log, pushed.
    Audit(GuildId, Box<AuditEntry<'a>>),
    /// A page of the audit log that was asked for.
    Audits(AuditPage<'a>),
    /// A rule of automatic moderation did something.
    Automod(GuildId, AutomodFact),
    /// So many messages of a channel were deleted at once.
    MessagesDeleted(GuildId, ChannelId, u32),
    /// An invite was made.
    InviteCreated(GuildId, InviteFact<'a>),
    /// An invite was deleted, or used for the last time. Never told when it runs out.
    InviteDeleted(GuildId, Cow<'a, str>),
    /// The invites that were asked for.
    Invites(InviteList<'a>),
    /// What was asked for cannot be had.
    ReadingRefused(ReadingRequest, HistoryRefusal),
    /// What a guild has and is, beside [`Fact::Guild`] of the same payload, which comes before it.
    GuildDetails(Box<GuildDetailsFact<'a>>),
    /// A role was made or changed.
    Role(GuildId, RoleFact<'a>),
    /// A role was deleted.
    RoleDeleted(GuildId, RoleId),
    /// The guild's emojis, all of them.
    Emojis(GuildId, Vec<GuildEmojiFact<'a>>),
}

/// Which lane of the outbox a record travels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Lane {
    /// Leaves at once.
    Urgent = 0,
    /// Leaves on its interval.
    Periodic = 1,
}

/// What the core makes of facts: the output of the core, the content of the outbox, the input of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Counts of one guild in one minute. Additive: a minute may arrive in several pieces.
    ActivityWindow(ActivityWindow),
    /// What many of them said about one guild and hour. Never made by the core: the outbox asks for it when it is full.
    ActivityHour(ActivityHour),
    /// A guild and its channels.
    Guild(GuildRecord),
    /// Our bot was removed from the guild at this instant.
    GuildRemoved(GuildId, UnixMs),
    /// Channels whose name, kind, parent or existence changed.
    Channels(GuildId, Vec<ChannelRecord>),
    /// Members whose names changed since they were last told.
    Members(GuildId, Vec<MemberRecord>),
    /// Voice of one guild in one hour. Additive but for the peaks.
    VoiceWindow(VoiceWindow),
    /// Voice sessions that have ended.
    VoiceSessions(GuildId, Vec<VoiceSession>),
    /// Stretches of a guild's coverage ledger.
    Coverage(GuildId, Vec<CoverageSpan>),
    /// All guilds of this producer: everything until this instant has been heard, or stands in the coverage ledger.
    HeardUntil(UnixMs),
    /// Stays that began, or were found in the list of members.
    Joins(GuildId, Vec<Join>),
    /// Stays that ended.
    Departures(GuildId, Vec<Departure>),
    /// The list of members was read whole: whoever is not in the reading that began at this instant had left before it.
    MembersListed(GuildId, UnixMs),
    /// Moderation acts, as sources tell them.
    Cases(GuildId, Vec<Case>),
    /// Invites that changed.
    Invites(GuildId, Vec<InviteRecord>),
    /// How members came.
    Attributions(GuildId, Vec<Attribution>),
    /// What a guild has and is.
    GuildDetails(GuildId, Box<GuildDetails>),
    /// What may be read of a guild, and what not.
    Access(GuildId, Vec<Access>),
}

impl Record {
    /// The lane of this kind of record.
    pub fn lane(&self) -> Lane {
        match self {
            Self::ActivityWindow(_)
            | Self::ActivityHour(_)
            | Self::Members(..)
            | Self::VoiceWindow(_)
            | Self::VoiceSessions(..)
            // In one lane with the counts: when "heard until" arrives, everything until then has arrived before it.
            | Self::Coverage(..)
            | Self::HeardUntil(_) => Lane::Periodic,
            Self::Guild(_)
            | Self::GuildRemoved(..)
            | Self::Channels(..)
            | Self::Joins(..)
            | Self::Departures(..)
            | Self::MembersListed(..)
            | Self::Cases(..)
            | Self::Invites(..)
            | Self::Attributions(..)
            | Self::GuildDetails(..)
            | Self::Access(..) => Lane::Urgent,
        }
    }

    /// The guild that this record is about; `None` for one about all guilds of its producer.
    pub fn guild(&self) -> Option<GuildId> {
        match self {
            Self::ActivityWindow(window) => Some(window.guild),
            Self::ActivityHour(hour) => Some(hour.guild),
            Self::VoiceWindow(window) => Some(window.guild),
            Self::Guild(guild) => Some(guild.id),
            Self::GuildRemoved(guild, _)
            | Self::Channels(guild, _)
            | Self::Members(guild, _)
            | Self::VoiceSessions(guild, _)
            | Self::Coverage(guild, _)
            | Self::Joins(guild, _)
            | Self::Departures(guild, _)
            | Self::MembersListed(guild, _)
            | Self::Cases(guild, _)
            | Self::Invites(guild, _)
            | Self::Attributions(guild, _)
            | Self::GuildDetails(guild, _)
            | Self::Access(guild, _) => Some(*guild),
            Self::HeardUntil(_) => None,
        }
    }
}

/// Counts of one guild in one minute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityWindow {
    /// Where.
    pub guild: GuildId,
    /// Minutes since 1970.
    pub unix_minute: u32,
    /// Counts by (channel, member), sorted by that pair, each pair once.
    pub cells: Vec<ActivityCell>,
    /// Reactions by emoji, sorted by emoji, each once.
    pub emojis: Vec<EmojiCount>,
}

/// What one member did in one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActivityCell {
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub member: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// How much.
    pub counts: ActivityCounts,
}

/// The counters of the activity family. All are counts of events; nothing is netted out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActivityCounts {
    /// Messages (types 0 and 19).
    pub messages: u32,
    /// Commands (types 20 and 23).
    pub commands: u32,
    /// Reactions given.
    pub reactions_added: u32,
    /// Reactions taken back.
    pub reactions_removed: u32,
    /// Reactions received on own messages (additions whose payload names the author).
    pub reactions_received: u32,
}

/// Reactions with one emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmojiCount {
    /// Which.
    pub emoji: Emoji<'static>,
    /// Given.
    pub added: u32,
    /// Taken back.
    pub removed: u32,
}

/// A guild, as it is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuildRecord {
    /// Its id.
    pub id: GuildId,
    /// When this was so.
    pub at: UnixMs,
    /// Its name.
    pub name: String,
    /// Icon hash.
    pub icon: Option<String>,
    /// Its owner.
    pub owner: UserId,
    /// Members, where known.
    pub member_count: Option<u32>,
    /// When our bot joined, where known.
    pub bot_joined_at: Option<UnixMs>,
    /// Server boost level.
    pub premium_tier: u8,
    /// Boosts.
    pub boost_count: u32,
    /// All its channels at that instant; empty when only the guild itself changed.
    pub channels: Vec<ChannelRecord>,
}

/// A channel, as it is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecord {
    /// Its id.
    pub id: ChannelId,
    /// Its type.
    pub kind: ChannelKind,
    /// Its name; `None` keeps the last known one.
    pub name: Option<String>,
    /// Category or parent channel.
    pub parent: Option<ChannelId>,
    /// Sorting position.
    pub position: i32,
    /// `true` once deleted; kind, name, parent and position then keep their last known values.
    pub deleted: bool,
}

/// A member's names, as they are to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// Who.
    pub id: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// `username`.
    pub username: String,
    /// Nickname or global name.
    pub display_name: Option<String>,
    /// Avatar hash.
    pub avatar: Option<String>,
}
