//! What we ask Discord to send, derived from what is collected and what is switched off.

use twilight_gateway::Intents;
use vigie_core::Covers;

use crate::switches::Switches;

/// What is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// Messages and commands.
    pub messages: bool,
    /// Reactions.
    pub reactions: bool,
    /// Voice states.
    pub voice: bool,
    /// Joins and departures, and the list of members: needs the privileged intent GUILD_MEMBERS.
    pub members: bool,
    /// Bans, the audit log, automatic moderation.
    pub moderation: bool,
    /// Invites, made, deleted and used.
    pub invites: bool,
}

impl Collect {
    /// Everything.
    pub const ALL: Self = Self {
        messages: true,
        reactions: true,
        voice: true,
        members: true,
        moderation: true,
        invites: true,
    };

    /// Nothing.
    pub const NOTHING: Self = Self {
        messages: false,
        reactions: false,
        voice: false,
        members: false,
        moderation: false,
        invites: false,
    };
}

/// An intent, whether it is wanted, and the events for which it is.
type Wanted = (Intents, fn(&Collect) -> bool, &'static [&'static str]);

/// Source: Discord, "Gateway", List of Intents.
const WANTED: [Wanted; 8] = [
    (
        Intents::GUILD_MEMBERS,
        |collect| collect.members,
        &["GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "GUILD_MEMBER_UPDATE"],
    ),
    (
        Intents::GUILD_MODERATION,
        |collect| collect.moderation,
        &["GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "GUILD_BAN_REMOVE"],
    ),
    // The names of emojis, as the names of all else, are asked for whatever is collected.
    (Intents::GUILD_EMOJIS_AND_STICKERS, |_| true, &["GUILD_EMOJIS_UPDATE"]),
    (Intents::GUILD_INVITES, |collect| collect.invites, &["INVITE_CREATE", "INVITE_DELETE"]),
    (Intents::GUILD_VOICE_STATES, |collect| collect.voice, &["VOICE_STATE_UPDATE"]),
    // It brings MESSAGE_DELETE_BULK as well, of which the audit log tells too.
    (Intents::GUILD_MESSAGES, |collect| collect.messages, &["MESSAGE_CREATE"]),
    (
        Intents::GUILD_MESSAGE_REACTIONS,
        |collect| collect.reactions,
        &[
            "MESSAGE_REACTION_ADD",
            "MESSAGE_REACTION_REMOVE",
            "MESSAGE_REACTION_REMOVE_ALL",
            "MESSAGE_REACTION_REMOVE_EMOJI",
        ],
    ),
    (
        Intents::AUTO_MODERATION_EXECUTION,
        |collect| collect.moderation,
        &["AUTO_MODERATION_ACTION_EXECUTION"],
    ),
];

/// The intents of an IDENTIFY: those of what is collected, without those of which every event is switched off everywhere.
///
/// `GUILDS` always: without it nothing has a name. Messages are counted without their text, so that the privileged
/// MESSAGE_CONTENT is never asked for. Of the privileged ones only GUILD_MEMBERS is, and only where members are collected.
pub(crate) fn intents(collect: Collect, switches: &Switches) -> Intents {
    let wanted = WANTED.iter().filter(|(_, is_collected, events)| {
        is_collected(&collect) && !events.iter().all(|event| switches.is_off_everywhere(event))
    });
    wanted.fold(Intents::GUILDS, |all, (intent, ..)| all | *intent)
}

/// The families that a session of these intents tells of.
pub(crate) fn covers(intents: u64) -> Covers {
    let intents = Intents::from_bits_truncate(intents);
    Covers {
        messages: intents.contains(Intents::GUILD_MESSAGES),
        reactions: intents.contains(Intents::GUILD_MESSAGE_REACTIONS),
        voice: intents.contains(Intents::GUILD_VOICE_STATES),
        members: intents.contains(Intents::GUILD_MEMBERS),
        moderation: intents.contains(Intents::GUILD_MODERATION),
    }
}

#[cfg(test)]
mod tests {
    use vigie_core::vocabulary::{GuildId, SWITCHABLE_EVENTS};

    use super::*;

    #[test]
    fn only_what_is_collected_is_asked_for() {
        let bits = |change: fn(&mut Collect)| {
            let mut collect = Collect::NOTHING;
            change(&mut collect);
            intents(collect, &Switches::default()).bits()
        };
        let names = 1 | 1 << 3;
        assert_eq!(bits(|_| {}), names);
        assert_eq!(bits(|collect| collect.messages = true), names | 1 << 9);
        assert_eq!(bits(|collect| collect.reactions = true), names | 1 << 10);
        assert_eq!(bits(|collect| collect.voice = true), names | 1 << 7);
        assert_eq!(bits(|collect| collect.members = true), names | 1 << 1);
        assert_eq!(bits(|collect| collect.moderation = true), names | 1 << 2 | 1 << 21);
        assert_eq!(bits(|collect| collect.invites = true), names | 1 << 6);
        let all = intents(Collect::ALL, &Switches::default()).bits();
        assert_eq!(
            all,
            1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 21
        );
    }

    #[test]
    fn one_privileged_intent_is_asked_for_and_only_for_members() {
        let privileged =
            Intents::GUILD_MEMBERS | Intents::GUILD_PRESENCES | Intents::MESSAGE_CONTENT;
        let all = intents(Collect::ALL, &Switches::default());
        assert_eq!(all & privileged, Intents::GUILD_MEMBERS);
        let without = intents(Collect { members: false, ..Collect::ALL }, &Switches::default());
        assert!(!without.intersects(privileged));
    }

    #[test]
    fn an_intent_goes_when_all_its_events_are_off_everywhere() {
        let off = |rows: &[(u64, &'static str)]| {
            let switches = Switches::off(rows.iter().map(|(guild, name)| (GuildId(*guild), *name)));
            intents(Collect::ALL, &switches)
        };
        assert!(off(&[(0, "INVITE_CREATE")]).contains(Intents::GUILD_INVITES));
        assert!(
            off(&[(0, "INVITE_CREATE"), (7, "INVITE_DELETE")]).contains(Intents::GUILD_INVITES)
        );
        let both = off(&[(0, "INVITE_CREATE"), (0, "INVITE_DELETE")]);
        assert!(!both.contains(Intents::GUILD_INVITES));
        let all = SWITCHABLE_EVENTS.map(|name| (0, name));
        assert_eq!(off(&all), Intents::GUILDS);
    }
}
