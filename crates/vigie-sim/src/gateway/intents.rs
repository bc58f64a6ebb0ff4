//! Which events a session has asked for.
//!
//! Source: Discord, "Gateway", List of Intents.

/// Bits of IDENTIFY's `intents`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intents(pub u64);

impl Intents {
    /// Guilds, channels, threads, roles.
    pub const GUILDS: Self = Self(1);
    /// Members (privileged).
    pub const GUILD_MEMBERS: Self = Self(1 << 1);
    /// Who is in voice.
    pub const GUILD_VOICE_STATES: Self = Self(1 << 7);
    /// Presences (privileged).
    pub const GUILD_PRESENCES: Self = Self(1 << 8);
    /// Messages in guilds.
    pub const GUILD_MESSAGES: Self = Self(1 << 9);
    /// Reactions in guilds.
    pub const GUILD_MESSAGE_REACTIONS: Self = Self(1 << 10);
    /// Text, embeds, attachments, components and polls of messages (privileged).
    pub const MESSAGE_CONTENT: Self = Self(1 << 15);
    /// The three that have to be granted.
    pub const PRIVILEGED: Self =
        Self(Self::GUILD_MEMBERS.0 | Self::GUILD_PRESENCES.0 | Self::MESSAGE_CONTENT.0);
    /// Every documented bit; any other bit is refused with 4013.
    pub const ALL: Self = Self(53_608_447);

    /// Whether every bit of `other` is set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a session with these intents is sent events of this name from a guild.
    pub fn allow(self, event_name: &str) -> bool {
        match required(event_name) {
            Some(any_of) => self.intersects(any_of),
            None => true,
        }
    }
}

/// The intents of which one is needed for a guild's event; `None` when the event needs none.
pub fn required(event_name: &str) -> Option<Intents> {
    let bits: &[u8] = match event_name {
        "GUILD_CREATE"
        | "GUILD_UPDATE"
        | "GUILD_DELETE"
        | "CHANNEL_CREATE"
        | "CHANNEL_UPDATE"
        | "CHANNEL_DELETE"
        | "CHANNEL_PINS_UPDATE"
        | "VOICE_CHANNEL_STATUS_UPDATE"
        | "VOICE_CHANNEL_START_TIME_UPDATE" => &[0],
        "THREAD_MEMBERS_UPDATE" => &[0, 1],
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => &[1],
        "GUILD_AUDIT_LOG_ENTRY_CREATE" | "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" => &[2],
        "GUILD_EMOJIS_UPDATE" | "GUILD_STICKERS_UPDATE" => &[3],
        "WEBHOOKS_UPDATE" => &[5],
        "INVITE_CREATE" | "INVITE_DELETE" => &[6],
        "VOICE_STATE_UPDATE" | "VOICE_CHANNEL_EFFECT_SEND" => &[7],
        "PRESENCE_UPDATE" => &[8],
        "MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK" => &[9],
        "MESSAGE_POLL_VOTE_ADD" | "MESSAGE_POLL_VOTE_REMOVE" => &[24],
        "TYPING_START" => &[11],
        "AUTO_MODERATION_ACTION_EXECUTION" => &[21],
        _ => return required_by_prefix(event_name),
    };
    Some(Intents(bits.iter().fold(0, |mask, bit| mask | 1 << bit)))
}

fn required_by_prefix(event_name: &str) -> Option<Intents> {
    const FAMILIES: [(&str, u8); 9] = [
        ("THREAD_", 0),
        ("GUILD_ROLE_", 0),
        ("STAGE_INSTANCE_", 0),
        ("GUILD_SOUNDBOARD_SOUND", 3),
        ("INTEGRATION_", 4),
        ("GUILD_INTEGRATIONS_", 4),
        ("MESSAGE_REACTION_", 10),
        ("GUILD_SCHEDULED_EVENT_", 16),
        ("AUTO_MODERATION_RULE_", 20),
    ];
    FAMILIES
        .iter()
        .find(|(prefix, _)| event_name.starts_with(prefix))
        .map(|(_, bit)| Intents(1 << bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_mask_hears_what_the_list_says() {
        let base = Intents(3_147_471);
        for name in ["GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "THREAD_CREATE"] {
            assert!(base.allow(name), "{name}");
        }
        for name in ["TYPING_START", "PRESENCE_UPDATE", "WEBHOOKS_UPDATE"] {
            assert!(!base.allow(name), "{name}");
        }
        assert!(Intents(0).allow("INTERACTION_CREATE"));
        assert!(!Intents(0).allow("MESSAGE_REACTION_REMOVE_EMOJI"));
    }

    #[test]
    fn all_is_the_union_of_the_documented_bits() {
        let bits = (0..=16).chain([20, 21, 24, 25]);
        assert_eq!(Intents::ALL.0, bits.fold(0, |mask, bit| mask | 1u64 << bit));
    }
}
