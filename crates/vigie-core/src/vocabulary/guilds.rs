//! More words of the guilds family: roles, emojis, and what may be read of a guild.

use std::borrow::Cow;

use crate::vocabulary::{AuditId, EmojiId, GuildId, UnixMs, UserId};

/// A role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub u64);

/// A role as a payload names it (GUILD_CREATE, GUILD_UPDATE, GUILD_ROLE_CREATE, GUILD_ROLE_UPDATE).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleFact<'a> {
    /// Its id; that of the guild is everybody's.
    pub id: RoleId,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its colour, 0xRRGGBB; 0 for none.
    pub color: u32,
    /// Its rank.
    pub position: i32,
    /// Its permissions (bits).
    pub permissions: u64,
    /// Whether an integration manages it.
    pub managed: bool,
}

/// A guild's own emoji as a payload names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuildEmojiFact<'a> {
    /// Its id.
    pub id: EmojiId,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Whether it moves.
    pub animated: bool,
}

/// What GUILD_CREATE and GUILD_UPDATE say beside [`super::GuildFact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuildDetailsFact<'a> {
    /// Whose.
    pub guild: GuildId,
    /// All its roles.
    pub roles: Vec<RoleFact<'a>>,
    /// All its emojis.
    pub emojis: Vec<GuildEmojiFact<'a>>,
    /// `features`.
    pub features: Vec<Cow<'a, str>>,
    /// `vanity_url_code`.
    pub vanity: Option<Cow<'a, str>>,
    /// Further fields whose changes are told, by name: `description`, `verification_level`, `preferred_locale`, `afk_channel_id`,
    /// `system_channel_id`, `rules_channel_id`, `banner`, `mfa_level`. Text as it is, numbers as their digits.
    pub fields: Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>,
}

/// A role, as it is to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleRecord {
    /// Its id.
    pub id: RoleId,
    /// Its name; after deletion the last one.
    pub name: String,
    /// Its colour, 0xRRGGBB; 0 for none.
    pub color: u32,
    /// Its rank.
    pub position: i32,
    /// Its permissions (bits).
    pub permissions: u64,
    /// Whether an integration manages it.
    pub managed: bool,
    /// `true` once deleted; the other fields then keep their last known values.
    pub deleted: bool,
}

/// A guild's own emoji, as it is to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuildEmojiRecord {
    /// Its id.
    pub id: EmojiId,
    /// Its name.
    pub name: String,
    /// Whether it moves.
    pub animated: bool,
}

/// What a guild has and is, as it is to be stored. The store compares with what it holds, and keeps the differences as changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuildDetails {
    /// When this was so.
    pub at: UnixMs,
    /// Roles: all of them if `complete`, else those told.
    pub roles: Vec<RoleRecord>,
    /// All emojis, where told.
    pub emojis: Option<Vec<GuildEmojiRecord>>,
    /// `features`, sorted, where told.
    pub features: Option<Vec<String>>,
    /// Further fields, where told: name and value.
    pub fields: Vec<(String, Option<String>)>,
    /// Whether roles that are not named are gone.
    pub complete: bool,
}

/// What is read of a guild over REST beside messages. The numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reading {
    /// `GET /guilds/{guild}/audit-logs`: needs VIEW_AUDIT_LOG. Without it no moderator, no reason, no kick is known.
    #[default]
    AuditLog = 0,
    /// `GET /guilds/{guild}/invites` with uses: needs MANAGE_GUILD. Without it no join is attributed.
    Invites = 1,
    /// `GET /guilds/{guild}/members`: needs the privileged intent. Without it there is no growth before the bot came.
    Members = 2,
}

impl Reading {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::AuditLog, Self::Invites, Self::Members];

    /// The reading of a stored number; `None` for a number that was never written.
    pub fn from_u8(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value)).copied()
    }
}

/// Something about a guild that the core wants to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingRequest {
    /// Its invites, and the vanity address if it has one: answered by [`super::Fact::Invites`].
    Invites {
        /// Where.
        guild: GuildId,
        /// Whether to read the vanity address too.
        vanity: bool,
    },
    /// `GET /guilds/{guild}/audit-logs?after={after}&limit=100`: answered by [`super::Fact::Audits`].
    Audits {
        /// Where.
        guild: GuildId,
        /// The last entry known.
        after: AuditId,
    },
    /// `GET /guilds/{guild}/members?after={after}&limit=1000`: answered by [`super::Fact::Members`].
    Members {
        /// Where.
        guild: GuildId,
        /// The last member known.
        after: UserId,
    },
}

impl ReadingRequest {
    /// Which kind of reading it is, and of whom.
    pub fn what(self) -> (GuildId, Reading) {
        match self {
            Self::Invites { guild, .. } => (guild, Reading::Invites),
            Self::Audits { guild, .. } => (guild, Reading::AuditLog),
            Self::Members { guild, .. } => (guild, Reading::Members),
        }
    }
}

/// Whether something may be read of a guild, from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// What.
    pub reading: Reading,
    /// Since when.
    pub at: UnixMs,
    /// Whether it may.
    pub allowed: bool,
}
