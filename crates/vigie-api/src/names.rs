//! Rows of the store as the client names them: members, channels, emojis.

use std::collections::HashMap;

use vigie_core::vocabulary::{AuthorKind, ChannelId, ChannelKind, Emoji, GuildId, UserId};
use vigie_store::question::{ChannelRow, MemberRow};

use crate::types::activity::EmojiValue;
use crate::types::vocabulary::{ChannelRef, ChannelType, MemberKind, MemberRef, Snowflake};

/// A member with the last known names.
pub fn member(row: &MemberRow) -> MemberRef {
    MemberRef {
        id: Snowflake(row.id.0),
        name: row.username.clone().unwrap_or_else(|| row.id.0.to_string()),
        display_name: row.display_name.clone(),
        avatar_url: row.avatar.as_deref().map(|hash| avatar_path(row.id, hash)),
        kind: match row.kind {
            AuthorKind::Human => MemberKind::Human,
            AuthorKind::Bot => MemberKind::Bot,
            AuthorKind::Webhook => MemberKind::Webhook,
        },
    }
}

/// A member of whom only the id is known.
pub fn unnamed_member(id: UserId) -> MemberRef {
    MemberRef {
        id: Snowflake(id.0),
        name: id.0.to_string(),
        display_name: None,
        avatar_url: None,
        kind: MemberKind::Human,
    }
}

/// The path of a member's picture on this server.
fn avatar_path(member: UserId, hash: &str) -> String {
    format!("/media/avatars/{}/{hash}.png", member.0)
}

/// The path of a server's icon on this server.
pub fn icon_path(guild: GuildId, hash: &str) -> String {
    format!("/media/icons/{}/{hash}.png", guild.0)
}

/// What to call a member in a legend.
pub fn label(member: &MemberRef) -> String {
    member.display_name.clone().unwrap_or_else(|| member.name.clone())
}

/// The channels of a server, to be looked up by id.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    rows: HashMap<ChannelId, ChannelRow>,
}

impl Channels {
    /// Takes the rows of the store.
    pub fn new(rows: Vec<ChannelRow>) -> Self {
        Self { rows: rows.into_iter().map(|row| (row.id, row)).collect() }
    }

    /// The row of a channel.
    pub fn row(&self, id: ChannelId) -> Option<&ChannelRow> {
        self.rows.get(&id)
    }

    /// All rows, in the order Discord shows them: categories and channels outside by position, channels under their
    /// category, threads under their channel; the deleted last among their siblings.
    pub fn in_order(&self) -> Vec<&ChannelRow> {
        let mut rows: Vec<&ChannelRow> = self.rows.values().collect();
        rows.sort_by_cached_key(|row| self.place(row));
        rows
    }

    /// The channel with its names; a channel that was never told has none.
    pub fn named(&self, id: ChannelId) -> ChannelRef {
        let Some(row) = self.rows.get(&id) else {
            return ChannelRef {
                id: Snowflake(id.0),
                name: None,
                kind: ChannelType::Other,
                parent_id: None,
                parent_name: None,
                deleted: false,
            };
        };
        let parent = row.parent.and_then(|parent| self.rows.get(&parent));
        ChannelRef {
            id: Snowflake(id.0),
            name: row.name.clone(),
            kind: channel_type(row.kind),
            parent_id: row.parent.map(|parent| Snowflake(parent.0)),
            parent_name: parent.and_then(|parent| parent.name.clone()),
            deleted: row.deleted,
        }
    }

    /// The channel that a channel's figures are folded into: a thread counts for the channel it hangs under.
    pub fn folded(&self, id: ChannelId) -> ChannelId {
        match self.rows.get(&id) {
            Some(row) if channel_type(row.kind) == ChannelType::Thread => row.parent.unwrap_or(id),
            _ => id,
        }
    }

    /// The category that a channel's figures are folded into; `None` outside any.
    pub fn category(&self, id: ChannelId) -> Option<ChannelId> {
        let channel = self.rows.get(&self.folded(id))?;
        if channel_type(channel.kind) == ChannelType::Category {
            return Some(channel.id);
        }
        channel.parent
    }

    /// Position of each ancestor from the top, then the channel's own: sorts a tree into reading order.
    fn place(&self, row: &ChannelRow) -> Vec<(bool, i32, u64)> {
        let mut place = vec![(row.deleted, row.position, row.id.0)];
        let mut parent = row.parent;
        // Three levels exist (category, channel, thread); the bound keeps a ring of parents from turning forever.
        for _ in 0..3 {
            let Some(above) = parent.and_then(|id| self.rows.get(&id)) else { break };
            place.push((above.deleted, above.position, above.id.0));
            parent = above.parent;
        }
        place.reverse();
        place
    }
}

/// Discord's channel type number in words. Source: Discord, "Channels Resource", Channel Types.
pub fn channel_type(kind: ChannelKind) -> ChannelType {
    match kind.0 {
        0 => ChannelType::Text,
        2 => ChannelType::Voice,
        4 => ChannelType::Category,
        5 => ChannelType::Announcement,
        10..=12 => ChannelType::Thread,
        13 => ChannelType::Stage,
        15 => ChannelType::Forum,
        16 => ChannelType::Media,
        _ => ChannelType::Other,
    }
}

/// What to call a channel in a legend.
pub fn channel_label(channel: &ChannelRef) -> String {
    channel.name.clone().unwrap_or_else(|| channel.id.0.to_string())
}

/// An emoji with its value.
pub fn emoji(emoji: &Emoji<'_>, value: u64) -> EmojiValue {
    match emoji {
        Emoji::Unicode(text) => {
            EmojiValue { emoji: text.to_string(), emoji_id: None, name: None, value }
        }
        Emoji::Custom { id, name } => {
            let name = name.as_ref().map(ToString::to_string);
            EmojiValue {
                emoji: format!(":{}:", name.as_deref().unwrap_or("emoji")),
                emoji_id: Some(Snowflake(id.0)),
                name,
                value,
            }
        }
    }
}
