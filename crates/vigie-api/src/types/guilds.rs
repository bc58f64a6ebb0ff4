//! Answers about servers and their channels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::coverage::{Coverage, CoverageHealth, Family};
use super::vocabulary::{ChannelRef, Instant, Period, Snowflake, Sparkline};

/// All servers.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuildList {
    /// Servers, the most active of the last seven days first.
    pub guilds: Vec<Guild>,
}

/// How alive a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuildHealth {
    /// Something was counted in this hour or the last.
    Live,
    /// The bot is there, and nothing was counted lately.
    Quiet,
    /// The bot was removed, or nothing was counted for seven days.
    Stale,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Guild {
    /// Discord id.
    pub id: Snowflake,
    /// Name.
    pub name: String,
    /// Path of the icon on this server (`?size=` chooses its side).
    #[schema(required)]
    pub icon_url: Option<String>,
    /// Members when last told.
    #[schema(required)]
    pub member_count: Option<u32>,
    /// The bot is a member.
    pub is_active: bool,
    /// When the bot joined.
    #[schema(required)]
    pub bot_added_at: Option<Instant>,
    /// Time zone (IANA name) that the server's people read times in.
    pub time_zone: String,
    /// Messages by humans in the last seven days.
    pub messages_7d: u64,
    /// The same, day by day.
    pub sparkline: Sparkline,
    /// The hour in which something was last counted.
    #[schema(required)]
    pub last_activity_at: Option<Instant>,
    /// How alive it is.
    pub health: GuildHealth,
    /// Whether it is heard now.
    pub coverage: CoverageHealth,
}

/// The channels of a server.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelList {
    /// Channels, categories and threads, deleted ones included, in the order Discord shows them.
    pub channels: Vec<ChannelEntry>,
}

/// A channel in the list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChannelEntry {
    /// The channel.
    #[serde(flatten)]
    pub channel: ChannelRef,
    /// Sorting position among its siblings.
    pub position: i32,
}

/// What changed about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuildChangeKind {
    /// The bot came.
    BotAdded,
    /// The bot was removed.
    BotRemoved,
    /// A field of the server: `name`, `icon`, `owner_id`, `premium_tier`, `features`, `verification_level` …
    Guild,
    /// A role came.
    RoleAdded,
    /// A role changed: `name`, `color`, `permissions`.
    RoleChanged,
    /// A role was deleted.
    RoleRemoved,
    /// An emoji came.
    EmojiAdded,
    /// An emoji changed: `name`.
    EmojiChanged,
    /// An emoji was deleted.
    EmojiRemoved,
    /// A channel came.
    ChannelAdded,
    /// A channel changed: `name`, `parent_id`, `kind`.
    ChannelChanged,
    /// A channel was deleted.
    ChannelRemoved,
}

/// One page of the changes of a server, the newest first: what to write beside a chart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuildChanges {
    /// What it is about.
    pub period: Period,
    /// The changes, the newest first.
    pub rows: Vec<GuildChange>,
    /// Give it back as `cursor` for the next page; `null` on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How much of the period was covered: a change during a gap is told when it was noticed.
    pub coverage: Coverage,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuildChange {
    /// When it was noticed.
    pub at: Instant,
    /// What kind.
    pub kind: GuildChangeKind,
    /// The role, emoji or channel; `null` for the server itself.
    #[schema(required)]
    pub subject_id: Option<Snowflake>,
    /// Its last known name.
    #[schema(required)]
    pub subject: Option<String>,
    /// Which field changed; `null` where something came or went.
    #[schema(required)]
    pub field: Option<String>,
    /// Before.
    #[schema(required)]
    pub old: Option<String>,
    /// After.
    #[schema(required)]
    pub new: Option<String>,
}

/// The roles of a server.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RoleList {
    /// Roles, the highest first; deleted ones last.
    pub roles: Vec<Role>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Role {
    /// Discord id; that of the server is everybody's.
    pub id: Snowflake,
    /// Last known name.
    pub name: String,
    /// Colour as `#rrggbb`; `null` for none.
    #[schema(required)]
    pub color: Option<String>,
    /// Its rank: higher is above.
    pub position: i32,
    /// Its permissions, as Discord's bits in digits.
    pub permissions: String,
    /// An integration manages it.
    pub managed: bool,
    /// It is gone.
    pub deleted: bool,
}

/// What is read of a server over Discord's REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The audit log.
    AuditLog,
    /// The invites with their counters, and the vanity address.
    Invites,
    /// The list of members.
    Members,
}

/// What lets a reading happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The permission "View Audit Log" of the bot's role.
    ViewAuditLog,
    /// The permission "Manage Server" of the bot's role.
    ManageGuild,
    /// The privileged intent "Server Members", in Discord's developer portal and in the settings.
    ServerMembersIntent,
}

/// What cannot be known without a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Who acted.
    Moderators,
    /// Why.
    Reasons,
    /// Kicks and prunes: they look like people leaving.
    DepartureKinds,
    /// What happened while the bot was away.
    ModerationBackfill,
    /// By whose invite somebody came.
    Attributions,
    /// How often each invite was used.
    InviteUses,
    /// Who joined before the bot came.
    GrowthBefore,
    /// Who left while the bot was away.
    DeparturesMissed,
}

/// What may be read of a server, and what is missing without it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccessList {
    /// Every reading.
    pub readings: Vec<ReadingAccess>,
}

/// Whether something may be read.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReadingAccess {
    /// What.
    pub reading: Reading,
    /// Whether it may; `null` = not tried yet, or not wanted by the settings.
    #[schema(required)]
    pub allowed: Option<bool>,
    /// Since when that is so.
    #[schema(required)]
    pub since: Option<Instant>,
    /// What lets it happen.
    pub needs: Grant,
    /// What cannot be known without it.
    pub costs: Vec<Loss>,
    /// The family of figures that suffers.
    pub family: Family,
}

/// Which events are listened to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SwitchList {
    /// Every event that can be switched off.
    pub switches: Vec<Switch>,
}

/// Whether an event is listened to. Switching takes effect within five seconds; what came before is kept.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Switch {
    /// Discord's name of the event, such as `GUILD_BAN_ADD`.
    pub event: String,
    /// It is listened to here: on everywhere, and on in this server.
    pub on: bool,
    /// It is on everywhere (in all servers that do not switch it off).
    pub on_everywhere: bool,
    /// It is on in this server; `null` when all servers are asked about.
    #[schema(required)]
    pub on_here: Option<bool>,
}

/// What to switch an event to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchChange {
    /// Whether it is to be listened to.
    pub on: bool,
}
