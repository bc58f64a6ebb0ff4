//! Answers about servers and their channels.

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::CoverageHealth;
use super::vocabulary::{ChannelRef, Instant, Snowflake, Sparkline};

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
