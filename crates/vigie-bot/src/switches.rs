//! Events that are switched off, everywhere or in one guild: what they say is dropped at the first step, and counted by its reason
//! (`off.TYPE`). What is off everywhere is not even subscribed to, from the next log-in on ([`crate::intents`]).

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;
use vigie_core::vocabulary::{Fact, GuildId, Reading, ReadingRequest, SWITCHABLE_EVENTS as EVENTS};

use crate::lens::{self, Read};

/// What is switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    everywhere: Set,
    /// Guilds with something off in them.
    guilds: HashMap<GuildId, Set>,
}

/// Events, bit by bit in the order of [`EVENTS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set(u32);

const _: () = assert!(EVENTS.len() <= u32::BITS as usize);

/// An event that can be switched off, by its place among [`EVENTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event(usize);

/// Switches of which none is ever off.
pub fn none() -> watch::Receiver<Arc<Switches>> {
    watch::channel(Arc::default()).1
}

impl Switches {
    /// These events are off, each in its guild; guild 0 stands for everywhere. A name that is not among
    /// [`SWITCHABLE_EVENTS`](vigie_core::vocabulary::SWITCHABLE_EVENTS) is passed over.
    pub fn off<'a>(rows: impl IntoIterator<Item = (GuildId, &'a str)>) -> Self {
        let mut switches = Self::default();
        for (guild, name) in rows {
            let Some(event) = Event::named(name) else { continue };
            match guild {
                GuildId(0) => switches.everywhere.add(event),
                guild => switches.guilds.entry(guild).or_default().add(event),
            }
        }
        switches
    }

    /// Whether nothing is off.
    pub fn is_empty(&self) -> bool {
        self.everywhere == Set::default() && self.guilds.is_empty()
    }

    /// Whether the event of this name is off in a guild, or everywhere.
    pub fn is_off(&self, guild: GuildId, name: &str) -> bool {
        Event::named(name).is_some_and(|event| self.has(guild, event))
    }

    /// Whether the event of this name is off everywhere.
    pub(crate) fn is_off_everywhere(&self, name: &str) -> bool {
        Event::named(name).is_some_and(|event| self.everywhere.has(event))
    }

    /// What is left of what `frame` says.
    ///
    /// A message that is dropped still moves its channel's mark: else the channel would look changed after a gap, and be read again.
    pub(crate) fn sift<'a>(&self, frame: &str, read: Read<'a>) -> Read<'a> {
        if self.is_empty() {
            return read;
        }
        let event = lens::event_name(frame).and_then(|name| Event::named(&name));
        let is_off = |fact: &Fact<'_>| {
            event.filter(|event| guild_of(fact).is_some_and(|guild| self.has(guild, *event)))
        };
        match read {
            Read::Fact(fact) => match is_off(&fact) {
                Some(event) => dropped(&fact, event),
                None => Read::Fact(self.without_voice(fact)),
            },
            Read::Facts(facts) => match facts.first().and_then(is_off) {
                Some(event) => Read::NotCounted(event.reason()),
                None => {
                    let facts = facts.into_iter().map(|fact| self.without_voice(fact));
                    Read::Facts(facts.collect())
                }
            },
            other => other,
        }
    }

    /// Whether nobody wants to know what a reading would tell.
    pub(crate) fn forbids(&self, request: ReadingRequest) -> bool {
        let (guild, reading) = request.what();
        let is_off = |name| self.is_off(guild, name);
        match reading {
            Reading::AuditLog => is_off("GUILD_AUDIT_LOG_ENTRY_CREATE"),
            Reading::Invites => is_off("INVITE_CREATE") && is_off("INVITE_DELETE"),
            Reading::Members => is_off("GUILD_MEMBER_ADD"),
        }
    }

    /// A guild is seen without those in voice where voice is off.
    fn without_voice<'a>(&self, mut fact: Fact<'a>) -> Fact<'a> {
        if let Fact::Guild(guild) = &mut fact
            && let Some(states) = &mut guild.voice_states
            && self.is_off(guild.id, "VOICE_STATE_UPDATE")
        {
            states.clear();
        }
        fact
    }

    fn has(&self, guild: GuildId, event: Event) -> bool {
        self.everywhere.has(event) || self.guilds.get(&guild).is_some_and(|off| off.has(event))
    }
}

impl Set {
    fn add(&mut self, event: Event) {
        self.0 |= 1 << event.0;
    }

    fn has(self, event: Event) -> bool {
        self.0 & 1 << event.0 != 0
    }
}

impl Event {
    fn named(name: &str) -> Option<Self> {
        EVENTS.binary_search(&name).ok().map(Self)
    }

    /// Under which it is counted when it is dropped.
    fn reason(self) -> &'static str {
        lens::OFF_REASONS[self.0]
    }
}

fn dropped<'a>(fact: &Fact<'_>, event: Event) -> Read<'a> {
    match fact {
        Fact::Message(fact) => {
            Read::Uncounted(event.reason(), fact.guild, fact.channel, fact.message)
        }
        _ => Read::NotCounted(event.reason()),
    }
}

/// The guild that an event is about; `None` for the facts that no event of a guild brings.
fn guild_of(fact: &Fact<'_>) -> Option<GuildId> {
    Some(match fact {
        Fact::Message(fact) => fact.guild,
        Fact::Reaction(fact) => fact.guild,
        Fact::Voice(fact) => fact.guild,
        Fact::Guild(fact) => fact.id,
        Fact::GuildDetails(fact) => fact.guild,
        Fact::UncountedMessage(guild, ..)
        | Fact::ReactionsCleared(guild, _)
        | Fact::GuildRemoved(guild)
        | Fact::GuildUnavailable(guild)
        | Fact::Channel(guild, _)
        | Fact::ChannelDeleted(guild, _)
        | Fact::MemberJoined(guild, _)
        | Fact::MemberLeft(guild, _)
        | Fact::MemberUpdated(guild, ..)
        | Fact::Banned(guild, _)
        | Fact::Unbanned(guild, _)
        | Fact::Audit(guild, _)
        | Fact::Automod(guild, _)
        | Fact::MessagesDeleted(guild, ..)
        | Fact::InviteCreated(guild, _)
        | Fact::InviteDeleted(guild, _)
        | Fact::Role(guild, _)
        | Fact::RoleDeleted(guild, _)
        | Fact::Emojis(guild, _) => *guild,
        Fact::SessionStarted(_)
        | Fact::Heard
        | Fact::History(_)
        | Fact::HistoryRefused(..)
        | Fact::Members(_)
        | Fact::Audits(_)
        | Fact::Invites(_)
        | Fact::ReadingRefused(..) => return None,
    })
}

#[cfg(test)]
mod tests {
    use vigie_core::vocabulary::AuditId;

    use super::*;

    fn sifted(switches: &Switches, frame: &str) -> String {
        match switches.sift(frame, lens::read(frame).expect("a frame")) {
            Read::NotCounted(reason) => reason.to_owned(),
            Read::Uncounted(reason, _, _, message) => format!("{reason} {}", message.0),
            Read::Fact(_) => "fact".to_owned(),
            Read::Facts(facts) => format!("{} facts", facts.len()),
            Read::Control => "control".to_owned(),
        }
    }

    fn frame(name: &str, guild: u64, rest: &str) -> String {
        format!(r#"{{"t":"{name}","s":1,"op":0,"d":{{"guild_id":"{guild}",{rest}}}}}"#)
    }

    #[test]
    fn every_event_has_its_reason_and_they_are_in_order() {
        assert!(EVENTS.is_sorted(), "binary search needs order");
        for (index, name) in EVENTS.iter().enumerate() {
            assert_eq!(Event(index).reason(), format!("off.{name}"));
        }
    }

    #[test]
    fn what_is_off_is_dropped_in_its_guild_or_everywhere() {
        let user = r#""user":{"id":"3","username":"ada"}"#;
        let (here, there) = (frame("GUILD_BAN_ADD", 7, user), frame("GUILD_BAN_ADD", 8, user));
        let none = Switches::default();
        assert_eq!(sifted(&none, &here), "fact");
        let in_seven = Switches::off([(GuildId(7), "GUILD_BAN_ADD"), (GuildId(7), "NOBODY_KNOWS")]);
        assert_eq!(sifted(&in_seven, &here), "off.GUILD_BAN_ADD");
        assert_eq!(sifted(&in_seven, &there), "fact");
        assert_eq!(sifted(&in_seven, &frame("GUILD_BAN_REMOVE", 7, user)), "fact");
        let everywhere = Switches::off([(GuildId(0), "GUILD_BAN_ADD")]);
        assert_eq!(sifted(&everywhere, &here), "off.GUILD_BAN_ADD");
        assert_eq!(sifted(&everywhere, &there), "off.GUILD_BAN_ADD");
        assert!(Switches::off([(GuildId(7), "READY")]).is_empty(), "READY cannot be off");
    }

    #[test]
    fn a_message_dropped_still_moves_its_channels_mark() {
        let message = r#""id":"9","channel_id":"5","type":0,"author":{"id":"3","username":"ada"}"#;
        let off = Switches::off([(GuildId(7), "MESSAGE_CREATE")]);
        assert_eq!(sifted(&off, &frame("MESSAGE_CREATE", 7, message)), "off.MESSAGE_CREATE 9");
        let data_first = r#"{"d":{"guild_id":"7","id":"9","channel_id":"5","type":0,"author":{"id":"3"}},"op":0,"t":"MESSAGE_CREATE"}"#;
        assert_eq!(sifted(&off, data_first), "off.MESSAGE_CREATE 9");
    }

    #[test]
    fn a_guild_is_seen_without_those_in_voice_where_voice_is_off() {
        let frame = r#"{"t":"GUILD_CREATE","s":1,"op":0,"d":{"id":"7","name":"n","owner_id":"2","voice_states":[{"user_id":"3","channel_id":"4"}]}}"#;
        for (off, wanted) in [(7, 0), (0, 0), (8, 1)] {
            let switches = Switches::off([(GuildId(off), "VOICE_STATE_UPDATE")]);
            let read = switches.sift(frame, lens::read(frame).expect("a guild"));
            let Read::Fact(Fact::Guild(guild)) = read else { panic!("a guild") };
            assert_eq!(guild.voice_states.map(|states| states.len()), Some(wanted));
        }
    }

    #[test]
    fn what_nobody_wants_to_know_is_not_read() {
        let guild = GuildId(7);
        let audits = ReadingRequest::Audits { guild, after: AuditId(1) };
        let invites = ReadingRequest::Invites { guild, vanity: false };
        let off =
            Switches::off([(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE"), (guild, "INVITE_CREATE")]);
        assert!(off.forbids(audits) && !off.forbids(invites));
        let off = Switches::off([(guild, "INVITE_DELETE"), (GuildId(0), "INVITE_CREATE")]);
        assert!(off.forbids(invites) && !off.forbids(audits));
    }
}
