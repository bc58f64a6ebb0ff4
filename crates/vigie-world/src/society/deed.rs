//! What can be done in a guild, on demand or by itself.

use std::sync::Arc;

use vigie_core::vocabulary::UserId;

/// Something that somebody does. Where nobody is named it happens to anybody: a person who is there, joined a few seconds
/// ago or more, and is no moderator.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Somebody joins, by the invite of this code or by what people come by.
    Join(Option<Arc<str>>),
    /// Somebody joins by the vanity address.
    JoinByVanity,
    /// Somebody joins by the list of public guilds, without any invite.
    JoinByDiscovery,
    /// Somebody who left comes back.
    Rejoin,
    /// A moderator adds a bot.
    AddBot,
    /// Discord tells of a member again as if they had just joined.
    RepeatJoin,
    /// Somebody leaves.
    Leave(Option<UserId>),
    /// Somebody is kicked.
    Kick(Option<UserId>),
    /// Somebody is banned.
    Ban(Option<UserId>),
    /// Somebody is banned who is no member.
    BanStranger,
    /// A ban is lifted.
    Unban(Option<UserId>),
    /// Somebody is timed out.
    Timeout(Option<UserId>),
    /// A timeout is lifted before its end.
    LiftTimeout(Option<UserId>),
    /// Members who were away for long are removed, several at once.
    Prune,
    /// A moderator changes somebody's nickname.
    Nick,
    /// A moderator gives somebody a role, or takes one away.
    Roles,
    /// A rule of automatic moderation meets somebody's message.
    Automod,
    /// A moderator deletes somebody's message.
    DeleteMessage,
    /// A bot deletes somebody's message: no audit entry.
    BotDeletesMessage,
    /// A moderator deletes several messages at once.
    DeleteMessages,
    /// A moderator moves somebody to another voice channel.
    MoveVoice,
    /// A moderator disconnects somebody from voice.
    DisconnectVoice,
    /// Somebody makes an invite: so long in seconds (0 for ever), for so many (0 for all), only while they are online.
    CreateInvite {
        /// `max_age`.
        max_age_s: u32,
        /// `max_uses`.
        max_uses: u32,
        /// `temporary`.
        temporary: bool,
    },
    /// Somebody makes an invite of a usual kind.
    CreateAnyInvite,
    /// A moderator deletes an invite.
    DeleteInvite(Option<Arc<str>>),
    /// A role is made, changed or deleted.
    ChangeRoles,
    /// An emoji is added.
    ChangeEmojis,
    /// The guild gets another description.
    ChangeGuild,
    /// Several people join in the same second, by several invites.
    Rush {
        /// How many people.
        joins: u32,
        /// By how many invites, at most.
        codes: u32,
    },
    /// Strangers pour in and are banned.
    Raid(Raid),
    /// The owner of this account joins by the invite of this code.
    JoinAs {
        /// The account.
        user: UserId,
        /// The code.
        code: Arc<str>,
    },
    /// Somebody is banned by this moderator for this reason.
    BanAs {
        /// Who.
        user: UserId,
        /// By whom.
        by: UserId,
        /// Why.
        reason: &'static str,
    },
}

/// A raid. Times are in milliseconds from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raid {
    /// How many join.
    pub members: u32,
    /// Within which time.
    pub joins_within_ms: u32,
    /// When the bans begin: two seconds after the last join at least.
    pub bans_after_ms: u32,
    /// Within which time all are banned.
    pub bans_within_ms: u32,
}

impl Raid {
    /// So many people within half a minute, banned within seconds a minute later, twenty a second.
    pub fn of(members: u32) -> Self {
        Self {
            members,
            joins_within_ms: 30_000,
            bans_after_ms: 75_000,
            bans_within_ms: members.saturating_mul(50).max(1_000),
        }
    }
}
