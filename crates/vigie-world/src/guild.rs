//! Guilds and what they are made of: channels, threads, roles, emojis, webhooks.

mod build;
mod sizes;
mod threads;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use vigie_core::vocabulary::{
    Channel as ChannelWords, ChannelId, ChannelKind, EmojiId, GuildFact, GuildId, UnixMs, UserId,
};

use crate::calendar::TimeZone;
use crate::members::Roster;
use crate::names::Language;
use crate::rhythm::Community;
use crate::society::{Past, Society};

pub(crate) use build::build;
pub(crate) use sizes::sizes;

/// A role's id; that of `@everyone` is its guild's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub u64);

/// The hash of a picture: 32 hexadecimal digits, after `a_` for a moving one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetHash {
    /// The digits as a number.
    pub bits: u128,
    /// Whether the picture moves.
    pub animated: bool,
}

impl AssetHash {
    /// Reads the form that [`fmt::Display`] writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (animated, digits) = match text.strip_prefix("a_") {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let whole = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !whole {
            return None;
        }
        let bits = u128::from_str_radix(digits, 16).ok()?;
        Some(Self { bits, animated })
    }
}

impl fmt::Display for AssetHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{:032x}", if self.animated { "a_" } else { "" }, self.bits)
    }
}

/// A guild. Its members are made when asked for: see [`crate::World::member`].
#[derive(Clone, Debug)]
pub struct Guild {
    /// Its id: `(id >> 22) % shards` spreads evenly.
    pub id: GuildId,
    /// Its place in [`crate::World::guilds`].
    pub index: u32,
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: Option<Cow<'static, str>>,
    /// Its icon, where it has one.
    pub icon: Option<AssetHash>,
    /// Its owner: the member of index 0.
    pub owner: UserId,
    /// What it is about.
    pub community: Community,
    /// Where most of its members live.
    pub time_zone: TimeZone,
    /// Discord's name of its language (`preferred_locale`).
    pub locale: &'static str,
    /// Members who are there now, bots included.
    pub member_count: u32,
    /// Members when the present began, bots included: their indexes. Those under [`Guild::human_count`] are people, the rest
    /// bots, ours last. Who joined since has an index far above; who left keeps theirs.
    pub places: u32,
    /// People among them.
    pub human_count: u32,
    /// When it was made.
    pub created_at: UnixMs,
    /// When our bot joined.
    pub bot_joined_at: UnixMs,
    /// Its roles by rising position, `@everyone` first.
    pub roles: Vec<Role>,
    /// Its categories and channels in the order of the list, threads left out.
    pub channels: Vec<Channel>,
    /// Its threads, oldest first, archived ones included.
    pub threads: Vec<Channel>,
    /// Its own emojis.
    pub emojis: Vec<GuildEmoji>,
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
    /// Boost level, 0 to 3.
    pub premium_tier: u8,
    /// Boosts.
    pub boost_count: u32,
    /// Mean messages a day at the start of the present.
    pub daily_messages: f64,
    pub(crate) language: Language,
    /// The number of the first account of its own; see [`crate::people`].
    pub(crate) first_user: u64,
    /// The bots' account numbers, ours last.
    pub(crate) bots: Vec<u8>,
    /// Where people talk: rising weight up to and including this channel, and its place in `channels`.
    pub(crate) talk: Vec<(u32, u16)>,
    /// Share by which the daily messages change over 60 days.
    pub(crate) growth: f64,
    /// Days before the present of one special day, and how many times busier it was.
    pub(crate) special_day: (u32, f64),
    /// What a day of this guild is seeded with.
    pub(crate) seed: u64,
    /// Roles and emojis when the present began: the first ones of their lists.
    pub(crate) founding_roles: u16,
    pub(crate) founding_emojis: u8,
    /// What our bot may do in the guild as a whole.
    pub permissions: GuildPermissions,
    /// Who came, went and changed since the present began.
    pub(crate) roster: Roster,
    /// What history left behind in people, invites and audit entries; made when first asked for.
    pub(crate) past: OnceLock<Box<Past>>,
    /// The same, as it became in the present; not there before something happened.
    pub(crate) society: Option<Box<Society>>,
}

/// Permissions of our bot that hold for a guild as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuildPermissions {
    /// VIEW_AUDIT_LOG: the audit log, its entries as they are written, bans.
    pub view_audit_log: bool,
    /// MANAGE_GUILD: uses of invites, the vanity address, automatic moderation.
    pub manage_guild: bool,
    /// MANAGE_CHANNELS: invites made and deleted.
    pub manage_channels: bool,
    /// BAN_MEMBERS: bans.
    pub ban_members: bool,
}

impl GuildPermissions {
    /// All of them.
    pub const ALL: Self =
        Self { view_audit_log: true, manage_guild: true, manage_channels: true, ban_members: true };

    /// Their bits, as a role has them.
    pub(crate) fn bits(self) -> u64 {
        u64::from(self.ban_members) << 2
            | u64::from(self.manage_channels) << 4
            | u64::from(self.manage_guild) << 5
            | u64::from(self.view_audit_log) << 7
    }
}

impl Guild {
    /// The channel or thread of this id.
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.channels
            .iter()
            .find(|channel| channel.id == id)
            .or_else(|| self.thread_place(id).map(|place| &self.threads[place]))
    }

    /// What our bot may do in a channel or thread: in a thread, what it may do in the channel of the thread.
    pub fn access(&self, channel: &Channel) -> Access {
        let parent = channel.parent.filter(|_| channel.thread.is_some());
        let home = parent.and_then(|parent| self.channel(parent));
        home.map_or(channel.access, |home| home.access)
    }

    /// The threads that are not archived.
    pub fn active_threads(&self) -> impl Iterator<Item = &Channel> {
        self.threads.iter().filter(|channel| channel.is_active_thread())
    }

    /// The first channel of this purpose.
    pub fn channel_for(&self, purpose: Purpose) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.purpose == purpose)
    }

    /// Where Discord greets newcomers: the first channel that people talk in.
    pub fn system_channel(&self) -> Option<ChannelId> {
        self.channel_for(Purpose::Talk).map(|channel| channel.id)
    }

    /// The features that Discord would list.
    pub fn features(&self) -> &'static [&'static str] {
        match self.places {
            0..500 => &[],
            500..10_000 => &["COMMUNITY", "NEWS"],
            _ => &[
                "COMMUNITY",
                "NEWS",
                "DISCOVERABLE",
                "ANIMATED_ICON",
                "INVITE_SPLASH",
                "WELCOME_SCREEN_ENABLED",
                "VANITY_URL",
            ],
        }
    }

    /// The code of its vanity address, where it has one.
    pub fn vanity_code(&self) -> Option<String> {
        if !self.features().contains(&"VANITY_URL") {
            return None;
        }
        let letters = self.name.chars().filter(char::is_ascii_alphanumeric).take(16);
        Some(letters.collect::<String>().to_lowercase())
    }

    /// The guild in the words of the core, archived threads included: what a loader of history tells first.
    pub fn fact(&self) -> GuildFact<'_> {
        GuildFact {
            id: self.id,
            name: Cow::Borrowed(&self.name),
            icon: self.icon.map(|hash| Cow::Owned(hash.to_string())),
            owner: self.owner,
            member_count: Some(self.member_count),
            bot_joined_at: Some(self.bot_joined_at),
            premium_tier: self.premium_tier,
            boost_count: self.boost_count,
            afk_channel: self.afk_channel(),
            voice_states: None,
            channels: self.channels.iter().chain(&self.threads).map(Channel::words).collect(),
        }
    }

    /// The voice channel into which idle members are moved.
    pub fn afk_channel(&self) -> Option<ChannelId> {
        let afk = |channel: &&Channel| channel.purpose == Purpose::VoiceAfk;
        self.channels.iter().find(afk).map(|channel| channel.id)
    }

    pub(crate) fn channel_mut(&mut self, id: ChannelId) -> Option<&mut Channel> {
        match self.thread_place(id) {
            Some(place) => self.threads.get_mut(place),
            None => self.channels.iter_mut().find(|channel| channel.id == id),
        }
    }

    fn thread_place(&self, id: ChannelId) -> Option<usize> {
        self.threads.binary_search_by_key(&id, |thread| thread.id).ok()
    }
}

/// What a channel is for; it decides who writes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A heading of the channel list.
    Category,
    /// Everybody talks.
    Talk,
    /// Everybody reads.
    ReadOnly,
    /// A webhook announces.
    Announcements,
    /// A webhook reports.
    Feed,
    /// People give commands to bots.
    Commands,
    /// Posts, each a thread.
    Forum,
    /// Voice.
    Voice,
    /// Where those who left their keyboard are moved to.
    VoiceAfk,
    /// Stage.
    Stage,
    /// Our bot may not see it: Discord tells an obfuscated shape of it.
    Hidden,
    /// A thread.
    Thread,
}

/// A category, channel or thread.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its type number.
    pub kind: ChannelKind,
    /// Its true name, also where our bot is not told it.
    pub name: Cow<'static, str>,
    /// Category of a channel, channel of a thread.
    pub parent: Option<ChannelId>,
    /// Position among its siblings.
    pub position: i32,
    /// Its topic.
    pub topic: Option<&'static str>,
    /// Seconds between two messages of a member.
    pub slow_mode_s: u16,
    /// What it is for.
    pub purpose: Purpose,
    /// What our bot may do there; threads follow their parent: see [`Guild::access`].
    pub access: Access,
    /// What only threads have.
    pub thread: Option<Box<Thread>>,
}

/// What our bot may do in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// VIEW_CHANNEL: without it nothing of the channel is told.
    pub view_channel: bool,
    /// READ_MESSAGE_HISTORY: without it its history is an empty list.
    pub read_message_history: bool,
}

impl Access {
    /// All of it.
    pub const FULL: Self = Self { view_channel: true, read_message_history: true };
}

/// One of the permissions of [`GuildPermissions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuildPermission {
    /// VIEW_AUDIT_LOG.
    ViewAuditLog,
    /// MANAGE_GUILD.
    ManageGuild,
    /// MANAGE_CHANNELS.
    ManageChannels,
    /// BAN_MEMBERS.
    BanMembers,
}

/// One of the permissions of [`Access`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// VIEW_CHANNEL.
    ViewChannel,
    /// READ_MESSAGE_HISTORY.
    ReadMessageHistory,
}

impl Channel {
    /// Whether our bot is only told an obfuscated shape of it. Of threads see [`Guild::access`].
    pub fn is_hidden(&self) -> bool {
        !self.access.view_channel
    }

    /// Whether it is a thread that is not archived.
    pub fn is_active_thread(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| thread.archived_at.is_none())
    }

    /// The channel in the words of the core.
    pub fn words(&self) -> ChannelWords<'_> {
        ChannelWords {
            id: self.id,
            kind: self.kind,
            name: (!self.is_hidden()).then_some(Cow::Borrowed(&*self.name)),
            parent: self.parent,
            position: self.position,
            last_message: None,
        }
    }
}

/// What only threads have.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Index of the member who opened it.
    pub owner: u32,
    /// When it was opened.
    pub created_at: UnixMs,
    /// When it was archived.
    pub archived_at: Option<UnixMs>,
    /// Messages, roughly.
    pub message_count: u32,
    /// Members, at most 50 as Discord tells.
    pub member_count: u8,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: Cow<'static, str>,
    /// Colour, 0xRRGGBB.
    pub color: u32,
    /// Position, 0 for `@everyone`.
    pub position: i32,
    /// Permission bits.
    pub permissions: u64,
    /// The bot it was made for.
    pub bot: Option<UserId>,
    /// Whether it is that of the boosters.
    pub is_booster: bool,
}

impl Role {
    /// Whether members with it are listed apart.
    pub fn is_hoisted(&self) -> bool {
        self.permissions != 0 && self.position > 0 && self.bot.is_none()
    }

    /// Whether an integration manages it.
    pub fn is_managed(&self) -> bool {
        self.bot.is_some() || self.is_booster
    }
}

/// A guild's own emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuildEmoji {
    /// Its id.
    pub id: EmojiId,
    /// Its name.
    pub name: &'static str,
    /// Whether it moves.
    pub animated: bool,
}

/// A webhook.
#[derive(Clone, Copy, Debug)]
pub struct Webhook {
    /// Its id: the author id of its messages.
    pub id: UserId,
    /// Its name.
    pub name: &'static str,
    /// Its avatar.
    pub avatar: AssetHash,
    /// Where it writes.
    pub channel: ChannelId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_read_back_as_they_are_written() {
        for hash in
            [AssetHash { bits: 7, animated: false }, AssetHash { bits: u128::MAX, animated: true }]
        {
            assert_eq!(AssetHash::parse(&hash.to_string()), Some(hash));
        }
        for odd in
            ["", "a_", "+0000000000000000000000000000000", "00", &"g".repeat(32), &"0".repeat(33)]
        {
            assert_eq!(AssetHash::parse(odd), None, "{odd}");
        }
    }
}
