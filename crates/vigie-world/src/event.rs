//! What happens: typed events, small enough to be made by the million.

use std::borrow::Cow;
use std::sync::Arc;

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Emoji, EmojiId, GuildId, MessageId, MessageKind, UnixMs, UserId,
    VoiceState as VoiceBits,
};

use crate::guild::{Guild, GuildEmoji, Role, RoleId};
use crate::invites::Invite;
use crate::moderation::{AuditEntry, AutomodHit};
use crate::names::emoji::UNICODE;
use crate::people::Member;

/// One dispatch of the gateway, before it is written as JSON by [`crate::payload::event_data`].
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Where.
    pub guild: GuildId,
    /// The dispatch name (`t`).
    pub name: &'static str,
    /// When.
    pub at: UnixMs,
    /// What.
    pub what: Happening,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// MESSAGE_CREATE.
    MessageCreate(Message),
    /// MESSAGE_UPDATE.
    MessageUpdate(Message, Change),
    /// MESSAGE_DELETE.
    MessageDelete(Message),
    /// MESSAGE_REACTION_ADD.
    ReactionAdd(Reaction),
    /// MESSAGE_REACTION_REMOVE.
    ReactionRemove(Reaction),
    /// TYPING_START by the member of this index.
    Typing(ChannelId, u32),
    /// THREAD_CREATE.
    ThreadCreate(ChannelId),
    /// THREAD_UPDATE: archived.
    ThreadUpdate(ChannelId),
    /// CHANNEL_UPDATE: another topic, or another permission of our bot.
    ChannelUpdate(ChannelId),
    /// THREAD_LIST_SYNC: our bot may see a channel again, and with it its active threads.
    ThreadsShown(ChannelId),
    /// GUILD_UPDATE: one boost more, another name, another description.
    GuildUpdate,
    /// GUILD_MEMBER_ADD: somebody joined, or is there already and told again.
    MemberAdd(Arc<Member>),
    /// GUILD_MEMBER_REMOVE: somebody left, for whichever reason.
    MemberRemove(UserId),
    /// GUILD_MEMBER_UPDATE: another nickname, other roles, timed out or not any more.
    MemberUpdate(Arc<Member>),
    /// GUILD_BAN_ADD.
    BanAdd(UserId),
    /// GUILD_BAN_REMOVE.
    BanRemove(UserId),
    /// GUILD_AUDIT_LOG_ENTRY_CREATE: the entry as it was when it was written.
    Audit(Arc<AuditEntry>),
    /// AUTO_MODERATION_ACTION_EXECUTION.
    Automod(Arc<AutomodHit>),
    /// MESSAGE_DELETE_BULK.
    MessageDeleteBulk(ChannelId, Arc<[MessageId]>),
    /// INVITE_CREATE.
    InviteCreate(Arc<Invite>),
    /// INVITE_DELETE: deleted or used up; never because it ran out.
    InviteDelete(ChannelId, Arc<str>),
    /// GUILD_ROLE_CREATE.
    RoleCreate(Arc<Role>),
    /// GUILD_ROLE_UPDATE.
    RoleUpdate(Arc<Role>),
    /// GUILD_ROLE_DELETE.
    RoleDelete(RoleId),
    /// GUILD_EMOJIS_UPDATE: all of them.
    EmojisUpdate(Arc<[GuildEmoji]>),
    /// VOICE_STATE_UPDATE.
    VoiceState(VoiceState),
}

impl Happening {
    /// The dispatch name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageCreate(_) => "MESSAGE_CREATE",
            Self::MessageUpdate(..) => "MESSAGE_UPDATE",
            Self::MessageDelete(_) => "MESSAGE_DELETE",
            Self::ReactionAdd(_) => "MESSAGE_REACTION_ADD",
            Self::ReactionRemove(_) => "MESSAGE_REACTION_REMOVE",
            Self::Typing(..) => "TYPING_START",
            Self::ThreadCreate(_) => "THREAD_CREATE",
            Self::ThreadUpdate(_) => "THREAD_UPDATE",
            Self::ChannelUpdate(_) => "CHANNEL_UPDATE",
            Self::ThreadsShown(_) => "THREAD_LIST_SYNC",
            Self::GuildUpdate => "GUILD_UPDATE",
            Self::MemberAdd(_) => "GUILD_MEMBER_ADD",
            Self::MemberRemove(_) => "GUILD_MEMBER_REMOVE",
            Self::MemberUpdate(_) => "GUILD_MEMBER_UPDATE",
            Self::BanAdd(_) => "GUILD_BAN_ADD",
            Self::BanRemove(_) => "GUILD_BAN_REMOVE",
            Self::Audit(_) => "GUILD_AUDIT_LOG_ENTRY_CREATE",
            Self::Automod(_) => "AUTO_MODERATION_ACTION_EXECUTION",
            Self::MessageDeleteBulk(..) => "MESSAGE_DELETE_BULK",
            Self::InviteCreate(_) => "INVITE_CREATE",
            Self::InviteDelete(..) => "INVITE_DELETE",
            Self::RoleCreate(_) => "GUILD_ROLE_CREATE",
            Self::RoleUpdate(_) => "GUILD_ROLE_UPDATE",
            Self::RoleDelete(_) => "GUILD_ROLE_DELETE",
            Self::EmojisUpdate(_) => "GUILD_EMOJIS_UPDATE",
            Self::VoiceState(_) => "VOICE_STATE_UPDATE",
        }
    }

    /// The channel or thread that must be visible for it; `None` where none must.
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::MessageCreate(message)
            | Self::MessageUpdate(message, _)
            | Self::MessageDelete(message) => Some(message.channel),
            Self::ReactionAdd(reaction) | Self::ReactionRemove(reaction) => Some(reaction.channel),
            Self::Typing(channel, _)
            | Self::ThreadCreate(channel)
            | Self::ThreadUpdate(channel)
            | Self::ThreadsShown(channel)
            | Self::MessageDeleteBulk(channel, _) => Some(*channel),
            _ => None,
        }
    }
}

/// Why a message was told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its author edited it at the instant of the event.
    Edited,
    /// Discord resolved an embed; nothing was edited.
    EmbedResolved,
}

/// A message, without its words: they are made from its id when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, which says when.
    pub id: MessageId,
    /// Where.
    pub channel: ChannelId,
    /// By whom.
    pub author: Author,
    /// Of what kind.
    pub shape: Shape,
}

impl Message {
    /// Whether and how it counts: types 0 and 19 as messages, 20 and 23 as commands, all others not at all.
    pub fn counts_as(&self) -> Option<MessageKind> {
        match self.shape {
            Shape::Text | Shape::Reply { .. } => Some(MessageKind::Message),
            Shape::Command { .. } => Some(MessageKind::Command),
            Shape::Pinned { .. } | Shape::Joined | Shape::Boosted => None,
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Author {
    /// The member of this index, person or bot.
    Member(u32),
    /// The webhook at this place in [`Guild::webhooks`].
    Webhook(u8),
}

impl Author {
    /// Person, bot or webhook.
    pub fn kind(&self, guild: &Guild) -> AuthorKind {
        match self {
            Self::Member(index) if guild.is_person(*index) => AuthorKind::Human,
            Self::Member(_) => AuthorKind::Bot,
            Self::Webhook(_) => AuthorKind::Webhook,
        }
    }
}

/// The kind of a message: Discord's message types, as far as the world plays them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Type 0.
    Text,
    /// Type 19: an answer to a message of type 0 in the same channel.
    Reply {
        /// The message answered.
        to: MessageId,
        /// Its author.
        to_author: Author,
    },
    /// Type 20, or 23 where it came from a context menu: a bot's answer to a command.
    Command {
        /// Index of the person who gave it.
        by: u32,
        /// Whether it came from a context menu.
        menu: bool,
    },
    /// Type 6: a message was pinned.
    Pinned {
        /// Which.
        to: MessageId,
    },
    /// Type 7: a member joined.
    Joined,
    /// Type 8: a member boosted the guild.
    Boosted,
}

impl Shape {
    /// Discord's number of the message type.
    pub fn type_number(&self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Pinned { .. } => 6,
            Self::Joined => 7,
            Self::Boosted => 8,
            Self::Reply { .. } => 19,
            Self::Command { menu: false, .. } => 20,
            Self::Command { menu: true, .. } => 23,
        }
    }
}

/// A reaction given or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// To which message.
    pub message: MessageId,
    /// Who wrote that message.
    pub message_author: Author,
    /// Where.
    pub channel: ChannelId,
    /// Index of the member who reacts.
    pub giver: u32,
    /// With which emoji.
    pub emoji: ReactionEmoji,
    /// Whether it is a super reaction.
    pub burst: bool,
}

impl Reaction {
    /// Whether Discord names the author of the message: it does, but for webhooks, which have no account.
    pub fn names_author(&self) -> bool {
        matches!(self.message_author, Author::Member(_))
    }
}

/// An emoji that people react with, by its place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReactionEmoji {
    /// A unicode emoji.
    Unicode(u8),
    /// One of [`Guild::emojis`].
    Custom(u8),
}

impl ReactionEmoji {
    /// The characters of a unicode emoji or the name of a custom one.
    pub fn name(&self, guild: &Guild) -> &'static str {
        match *self {
            Self::Unicode(place) => UNICODE[usize::from(place) % UNICODE.len()],
            Self::Custom(place) => guild.emojis.get(usize::from(place)).map_or("", |own| own.name),
        }
    }

    /// The id of a custom emoji.
    pub fn id(&self, guild: &Guild) -> Option<EmojiId> {
        match *self {
            Self::Unicode(_) => None,
            Self::Custom(place) => guild.emojis.get(usize::from(place)).map(|own| own.id),
        }
    }

    /// The emoji in the words of the core.
    pub fn words(&self, guild: &Guild) -> Emoji<'static> {
        let name = Cow::Borrowed(self.name(guild));
        match self.id(guild) {
            Some(id) => Emoji::Custom { id, name: Some(name) },
            None => Emoji::Unicode(name),
        }
    }
}

/// Where a member is in voice, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceState {
    /// Index of the member.
    pub member: u32,
    /// The voice or stage channel; `None` once left.
    pub channel: Option<ChannelId>,
    /// What the session id is made from; another one after each join.
    pub session: u64,
    /// Muted by themselves.
    pub self_mute: bool,
    /// Deafened by themselves.
    pub self_deaf: bool,
    /// Sharing a screen.
    pub self_stream: bool,
    /// Camera on.
    pub self_video: bool,
    /// Muted by a moderator.
    pub mute: bool,
    /// Deafened by a moderator.
    pub deaf: bool,
    /// In the audience of a stage.
    pub suppress: bool,
    /// Since when they ask to speak on a stage.
    pub request_to_speak: Option<UnixMs>,
}

impl VoiceState {
    /// The state as the core names it: without what follows from the channel and from the others in it.
    pub fn bits(&self) -> VoiceBits {
        let all = [
            (self.mute || self.self_mute, VoiceBits::MUTED),
            (self.deaf || self.self_deaf, VoiceBits::DEAFENED),
            (self.self_stream, VoiceBits::STREAMING),
            (self.self_video, VoiceBits::VIDEO),
            (self.suppress, VoiceBits::SUPPRESSED),
        ];
        let set = all.into_iter().filter(|(is_set, _)| *is_set);
        set.fold(VoiceBits::default(), |bits, (_, bit)| bits.with(bit))
    }
}
