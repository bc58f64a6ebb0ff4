//! What we ask Discord to send, derived from what is switched on. Nothing here is a privileged intent.

use twilight_gateway::Intents;
use vigie_core::Covers;

/// What is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// Messages and commands.
    pub messages: bool,
    /// Reactions.
    pub reactions: bool,
    /// Voice states.
    pub voice: bool,
}

/// The intents of an IDENTIFY. Source: Discord, "Gateway", List of Intents.
///
/// `GUILDS` always: without it nothing has a name. Messages are counted without their text, so that the privileged
/// MESSAGE_CONTENT is never asked for.
pub(crate) fn intents(collect: Collect) -> Intents {
    let mut intents = Intents::GUILDS;
    intents.set(Intents::GUILD_MESSAGES, collect.messages);
    intents.set(Intents::GUILD_MESSAGE_REACTIONS, collect.reactions);
    intents.set(Intents::GUILD_VOICE_STATES, collect.voice);
    intents
}

/// The families that a session of these intents tells of.
pub(crate) fn covers(intents: u64) -> Covers {
    let intents = Intents::from_bits_truncate(intents);
    Covers {
        messages: intents.contains(Intents::GUILD_MESSAGES),
        reactions: intents.contains(Intents::GUILD_MESSAGE_REACTIONS),
        voice: intents.contains(Intents::GUILD_VOICE_STATES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_switched_on_is_asked_for() {
        let bits =
            |messages, reactions, voice| intents(Collect { messages, reactions, voice }).bits();
        assert_eq!(bits(false, false, false), 1);
        assert_eq!(bits(true, false, false), 1 | 1 << 9);
        assert_eq!(bits(false, true, false), 1 | 1 << 10);
        assert_eq!(bits(false, false, true), 1 | 1 << 7);
        assert_eq!(bits(true, true, true), 1 | 1 << 7 | 1 << 9 | 1 << 10);
    }

    #[test]
    fn no_privileged_intent_is_ever_asked_for() {
        let privileged =
            Intents::GUILD_MEMBERS | Intents::GUILD_PRESENCES | Intents::MESSAGE_CONTENT;
        let everything = intents(Collect { messages: true, reactions: true, voice: true });
        assert!(!everything.intersects(privileged));
    }
}
