//! The names under which events are accounted for that carry no counts. The list is closed: these names are labels of
//! metrics, so that no payload can invent one.

use vigie_core::vocabulary::SWITCHABLE_EVENTS;

use super::SetAside;

/// The text ends inside a value.
pub(super) const TRUNCATED: SetAside = SetAside { reason: "frame.truncated" };
/// What is to be read is not JSON.
pub(super) const MALFORMED: SetAside = SetAside { reason: "frame.malformed" };
/// The frame has no operation code.
pub(super) const MISSING_OP: SetAside = SetAside { reason: "frame.missing_op" };
/// A dispatch without an event name.
pub(super) const MISSING_EVENT: SetAside = SetAside { reason: "frame.missing_event" };
/// An event of ours whose data is not an object.
pub(super) const MISSING_DATA: SetAside = SetAside { reason: "frame.missing_data" };

/// A page of history that is no list.
pub(super) const NOT_A_LIST: SetAside = SetAside { reason: "history.not_a_list" };

/// The reason for an event that no family reads; unknown names share one.
pub(super) fn event(name: &str) -> &'static str {
    match EVENTS.binary_search_by(|known| known["event.".len()..].cmp(name)) {
        Ok(index) => EVENTS[index],
        Err(_) => "event.other",
    }
}

/// The reason for a message of a type that is not counted (joins, boosts, pins…).
/// Source: Discord, "Messages Resource", Message Types.
pub(super) fn message_type(number: i64) -> &'static str {
    let known = usize::try_from(number).ok().and_then(|index| MESSAGE_TYPES.get(index));
    known.copied().unwrap_or("message.type_other")
}

macro_rules! message_types {
    ($($number:literal)*) => { [$(concat!("message.type_", $number)),*] };
}

/// Types up to 46 are documented; as many again may come.
const MESSAGE_TYPES: [&str; 93] = message_types!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41
    42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80
    81 82 83 84 85 86 87 88 89 90 91 92
);

macro_rules! events {
    ($($name:literal)*) => { &[$(concat!("event.", $name)),*] };
}

macro_rules! off {
    ($($name:literal)*) => { [$(concat!("off.", $name)),*] };
}

/// The reasons for events that are switched off, in the order of [`SWITCHABLE_EVENTS`].
pub(crate) const OFF_REASONS: [&str; SWITCHABLE_EVENTS.len()] = off!(
    "AUTO_MODERATION_ACTION_EXECUTION"
    "CHANNEL_CREATE"
    "CHANNEL_DELETE"
    "CHANNEL_UPDATE"
    "GUILD_AUDIT_LOG_ENTRY_CREATE"
    "GUILD_BAN_ADD"
    "GUILD_BAN_REMOVE"
    "GUILD_EMOJIS_UPDATE"
    "GUILD_MEMBER_ADD"
    "GUILD_MEMBER_REMOVE"
    "GUILD_MEMBER_UPDATE"
    "GUILD_ROLE_CREATE"
    "GUILD_ROLE_DELETE"
    "GUILD_ROLE_UPDATE"
    "GUILD_UPDATE"
    "INVITE_CREATE"
    "INVITE_DELETE"
    "MESSAGE_CREATE"
    "MESSAGE_DELETE_BULK"
    "MESSAGE_REACTION_ADD"
    "MESSAGE_REACTION_REMOVE"
    "MESSAGE_REACTION_REMOVE_ALL"
    "MESSAGE_REACTION_REMOVE_EMOJI"
    "THREAD_CREATE"
    "THREAD_DELETE"
    "THREAD_LIST_SYNC"
    "THREAD_UPDATE"
    "VOICE_STATE_UPDATE"
);

/// Events with a name that no family reads, in alphabetical order. A single MESSAGE_DELETE says neither who deleted nor whose message it
/// was: what of it is moderation, the audit log tells.
/// Source: Discord, "Gateway Events", Receive Events.
const EVENTS: &[&str] = events!(
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE"
    "AUTO_MODERATION_RULE_CREATE"
    "AUTO_MODERATION_RULE_DELETE"
    "AUTO_MODERATION_RULE_UPDATE"
    "CHANNEL_INFO"
    "CHANNEL_PINS_UPDATE"
    "ENTITLEMENT_CREATE"
    "ENTITLEMENT_DELETE"
    "ENTITLEMENT_UPDATE"
    "GUILD_APPLIED_BOOSTS_UPDATE"
    "GUILD_INTEGRATIONS_UPDATE"
    "GUILD_JOIN_REQUEST_CREATE"
    "GUILD_JOIN_REQUEST_DELETE"
    "GUILD_JOIN_REQUEST_UPDATE"
    "GUILD_MEMBERS_CHUNK"
    "GUILD_SCHEDULED_EVENT_CREATE"
    "GUILD_SCHEDULED_EVENT_DELETE"
    "GUILD_SCHEDULED_EVENT_UPDATE"
    "GUILD_SCHEDULED_EVENT_USER_ADD"
    "GUILD_SCHEDULED_EVENT_USER_REMOVE"
    "GUILD_SOUNDBOARD_SOUNDS_UPDATE"
    "GUILD_SOUNDBOARD_SOUND_CREATE"
    "GUILD_SOUNDBOARD_SOUND_DELETE"
    "GUILD_SOUNDBOARD_SOUND_UPDATE"
    "GUILD_STICKERS_UPDATE"
    "INTEGRATION_CREATE"
    "INTEGRATION_DELETE"
    "INTEGRATION_UPDATE"
    "INTERACTION_CREATE"
    "MESSAGE_DELETE"
    "MESSAGE_POLL_VOTE_ADD"
    "MESSAGE_POLL_VOTE_REMOVE"
    "MESSAGE_UPDATE"
    "PRESENCE_UPDATE"
    "RATE_LIMITED"
    "SOUNDBOARD_SOUNDS"
    "STAGE_INSTANCE_CREATE"
    "STAGE_INSTANCE_DELETE"
    "STAGE_INSTANCE_UPDATE"
    "SUBSCRIPTION_CREATE"
    "SUBSCRIPTION_DELETE"
    "SUBSCRIPTION_UPDATE"
    "THREAD_MEMBERS_UPDATE"
    "THREAD_MEMBER_UPDATE"
    "TYPING_START"
    "USER_UPDATE"
    "VOICE_CHANNEL_EFFECT_SEND"
    "VOICE_CHANNEL_START_TIME_UPDATE"
    "VOICE_CHANNEL_STATUS_UPDATE"
    "VOICE_SERVER_UPDATE"
    "WEBHOOKS_UPDATE"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_closed_lists() {
        assert!(EVENTS.is_sorted(), "binary search needs order");
        assert_eq!(event("TYPING_START"), "event.TYPING_START");
        for unknown in ["", "typing_start", "TYPING_START ", "\u{0}", "other"] {
            assert_eq!(event(unknown), "event.other");
        }
        for (index, name) in MESSAGE_TYPES.iter().enumerate() {
            assert_eq!(*name, format!("message.type_{index}"));
        }
        assert_eq!(message_type(7), "message.type_7");
        for unknown in [-1, 93, i64::MIN, i64::MAX] {
            assert_eq!(message_type(unknown), "message.type_other");
        }
    }
}
