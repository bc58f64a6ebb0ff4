//! The words of the moderation family: who did what to whom, and why, as far as Discord tells.

use std::borrow::Cow;

use crate::vocabulary::{ChannelId, GuildId, MessageId, Person, UnixMs, UserId, snowflake_time};

/// An entry of a guild's audit log; its snowflake says when it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditId(pub u64);

impl AuditId {
    /// When the entry was made.
    pub fn time(self) -> UnixMs {
        snowflake_time(self.0)
    }
}

/// One audit entry, pushed (GUILD_AUDIT_LOG_ENTRY_CREATE) or read (`GET /guilds/{guild}/audit-logs`).
/// Source: Discord, "Audit Logs Resource", Audit Log Entry Object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditEntry<'a> {
    /// Its id: the key of the acts that it tells.
    pub id: AuditId,
    /// `action_type`: 20 kick, 21 prune, 22 ban, 23 unban, 24 member update, 25 roles, 26 move, 27 disconnect, 72 message delete,
    /// 73 bulk delete, 143 to 146 automod, 42 invite deleted.
    pub action_type: u16,
    /// `user_id`: who did it; `None` where Discord does not say.
    pub actor: Option<UserId>,
    /// `target_id`: a user for most types, a channel for 73; `None` for types without a target.
    pub target: Option<u64>,
    /// `reason`, as the moderator wrote it.
    pub reason: Option<Cow<'a, str>>,
    /// `options.channel_id`.
    pub channel: Option<ChannelId>,
    /// `options.count`, or `options.members_removed` for a prune.
    pub count: Option<u32>,
    /// `options.auto_moderation_rule_name`.
    pub rule: Option<Cow<'a, str>>,
    /// Of `changes`, those with the keys `communication_disabled_until`, `nick`, `mute`, `deaf`, `code` (of an invite), `$add` and
    /// `$remove`, in order. A role added or removed is one change each.
    pub changes: Vec<AuditChange<'a>>,
}

/// What an audit entry says of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditChange<'a> {
    /// `key`.
    pub key: Cow<'a, str>,
    /// The role, for `$add` and `$remove`.
    pub role: Option<u64>,
    /// Text as it is, numbers and truth values as they are written; `None` for anything else, absent or null.
    pub old: Option<Cow<'a, str>>,
    /// The same; the role's name for `$add` and `$remove`.
    pub new: Option<Cow<'a, str>>,
}

/// One page of a guild's audit log, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage<'a> {
    /// Where.
    pub guild: GuildId,
    /// The `after` that was asked: an answer to another question is ignored.
    pub after: AuditId,
    /// The newest entry on it, understood or not; `None` when it is empty. The next page begins after it.
    pub newest: Option<AuditId>,
    /// Whether the page was full, so that another follows.
    pub more: bool,
    /// The entries on it that can be read.
    pub entries: Vec<AuditEntry<'a>>,
    /// Names of actors and targets (`users`).
    pub people: Vec<Person<'a>>,
}

/// One AUTO_MODERATION_ACTION_EXECUTION: what a rule did. One hit of a rule gives one for each action.
/// Source: Discord, "Gateway Events", Auto Moderation Action Execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomodFact {
    /// Whose message, name or deed it was.
    pub member: UserId,
    /// `rule_id`.
    pub rule: u64,
    /// `action.type`: 1 block message, 2 alert, 3 timeout, 4 block interaction.
    pub action_type: u8,
    /// Where.
    pub channel: Option<ChannelId>,
    /// The message, where it was not blocked.
    pub message: Option<MessageId>,
}

/// What was done. The numbers are stored; the names are the API's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ModerationAction {
    /// Audit 22, GUILD_BAN_ADD.
    #[default]
    Ban = 0,
    /// Audit 23, GUILD_BAN_REMOVE.
    Unban = 1,
    /// Audit 20.
    Kick = 2,
    /// Audit 21: no target, `count` members.
    Prune = 3,
    /// Audit 24, `communication_disabled_until` set: holds until [`Case::until`], unless it is lifted before.
    Timeout = 4,
    /// Audit 24, `communication_disabled_until` cleared. That a timeout has run out is no event at Discord: the store works it out.
    TimeoutRemoved = 5,
    /// A warning given through Vigie.
    Warn = 6,
    /// Audit 72: somebody else's messages, `count` of them so far. Approximate: Discord merges entries, and leaves out what bots delete.
    MessageDelete = 7,
    /// Audit 73, MESSAGE_DELETE_BULK.
    MessageDeleteBulk = 8,
    /// Audit 25, by somebody else.
    RoleUpdate = 9,
    /// Audit 24, `nick`, by somebody else.
    Nick = 10,
    /// Audit 26: no target. Approximate: merged.
    VoiceMove = 11,
    /// Audit 27: no target. Approximate: merged.
    VoiceDisconnect = 12,
    /// AUTO_MODERATION_ACTION_EXECUTION, audit 143 to 146.
    Automod = 13,
    /// Audit 24, `mute` set or lifted by a moderator.
    VoiceMute = 14,
    /// Audit 24, `deaf` set or lifted by a moderator.
    VoiceDeafen = 15,
}

impl ModerationAction {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 16] = [
        Self::Ban,
        Self::Unban,
        Self::Kick,
        Self::Prune,
        Self::Timeout,
        Self::TimeoutRemoved,
        Self::Warn,
        Self::MessageDelete,
        Self::MessageDeleteBulk,
        Self::RoleUpdate,
        Self::Nick,
        Self::VoiceMove,
        Self::VoiceDisconnect,
        Self::Automod,
        Self::VoiceMute,
        Self::VoiceDeafen,
    ];

    /// The action of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value)).copied()
    }

    /// Whether Discord merges its audit entries (26, 27, 72), so that number and targets are approximate.
    pub fn is_approximate(self) -> bool {
        matches!(self, Self::MessageDelete | Self::VoiceMove | Self::VoiceDisconnect)
    }
}

/// Which kind of source tells an act. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CaseSource {
    /// A gateway event that names no moderator (GUILD_BAN_ADD …): the fact alone.
    #[default]
    Event = 0,
    /// An audit entry, pushed.
    AuditPushed = 1,
    /// An audit entry, read later.
    AuditRead = 2,
}

impl CaseSource {
    /// The source of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        [Self::Event, Self::AuditPushed, Self::AuditRead].get(usize::from(value)).copied()
    }
}

/// A moderation act as one source tells it. With an audit id its key is (guild, audit, action); without one it is a fact that waits for
/// its entry: the store joins the two, in whichever order they arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The entry that tells it; `None` for a fact without moderator.
    pub audit: Option<AuditId>,
    /// What.
    pub action: ModerationAction,
    /// How it is known.
    pub source: CaseSource,
    /// When: the entry's snowflake, else when it was heard.
    pub at: UnixMs,
    /// To whom.
    pub target: Option<UserId>,
    /// By whom: never guessed.
    pub moderator: Option<UserId>,
    /// Why, in the moderator's words.
    pub reason: Option<String>,
    /// Where.
    pub channel: Option<ChannelId>,
    /// How many messages or members.
    pub count: Option<u32>,
    /// When a timeout ends.
    pub until: Option<UnixMs>,
    /// What else there is to say: fields with old and new value.
    pub changes: Vec<Change>,
}

/// A field with its value before and after. Fields of cases: `nick`, `role_added` and `role_removed` (old: the role's id, new: its
/// name), `mute`, `deaf` (`true` or `false`), `rule` (new: its name or id), `automod_action` (new: the number).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Which field.
    pub field: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}
