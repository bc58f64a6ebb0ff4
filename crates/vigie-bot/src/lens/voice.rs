//! VOICE_STATE_UPDATE, and the voice states of a GUILD_CREATE: who is where in voice, and how.
//! Source: Discord, "Voice Resource", Voice State Object.

use vigie_core::vocabulary::{ChannelId, Fact, GuildId, Person, UserId, VoiceFact, VoiceState};

use super::scan::Scanner;
use super::user::Member;
use super::value::Given;
use super::{Read, SetAside, reasons};
use crate::limits;

/// The fields of a voice state that are read.
#[derive(Default)]
pub(super) struct Voice<'a> {
    guild: Given<u64>,
    channel: Given<u64>,
    user: Given<u64>,
    member: Option<Member<'a>>,
    /// By state, by oneself and by a moderator apart: either is enough.
    flags: [bool; FLAGS.len()],
}

/// The flags of a voice state, and what each means.
const FLAGS: [(&[u8], VoiceState); 7] = [
    (b"mute", VoiceState::MUTED),
    (b"self_mute", VoiceState::MUTED),
    (b"deaf", VoiceState::DEAFENED),
    (b"self_deaf", VoiceState::DEAFENED),
    (b"self_stream", VoiceState::STREAMING),
    (b"self_video", VoiceState::VIDEO),
    (b"suppress", VoiceState::SUPPRESSED),
];

/// Reads the `d` of a VOICE_STATE_UPDATE; the cursor is on it.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>) -> Result<Read<'a>, SetAside> {
    let voice = Voice::read(scanner).ok_or(reasons::MISSING_DATA)?;
    // Calls between friends belong to no guild.
    if voice.guild == Given::Absent {
        return Ok(Read::NotCounted("voice.direct"));
    }
    let guild = GuildId(voice.guild.or_set_aside("voice.missing_guild")?);
    Ok(Read::Fact(Fact::Voice(voice.into_fact(guild)?)))
}

/// Reads an array of voice states into `states`, in place of what was there; what cannot be read is left out.
pub(super) fn read_list<'a>(scanner: &mut Scanner<'a>, states: &mut Vec<Voice<'a>>) {
    states.clear();
    if !scanner.enter(b'[') {
        return;
    }
    while scanner.element() {
        if let Some(voice) = Voice::read(scanner)
            && states.len() < limits::VOICE_STATES_PER_GUILD_MAX
        {
            states.push(voice);
        }
    }
}

/// The facts of a guild's list: those who are in a channel. Names that a state does not bring are looked for in `members`, the
/// guild's own list, whose other entries are not kept.
pub(super) fn into_facts<'a>(
    states: Vec<Voice<'a>>,
    guild: GuildId,
    members: Option<Scanner<'a>>,
) -> Vec<VoiceFact<'a>> {
    let facts = states.into_iter().filter_map(|voice| voice.into_fact(guild).ok());
    let mut facts: Vec<_> = facts.filter(|fact| fact.channel.is_some()).collect();
    if let Some(mut members) = members
        && facts.iter().any(|fact| fact.person.is_none())
    {
        name(&mut facts, &mut members);
    }
    facts
}

/// Gives names to the facts that lack them. Of a member that is listed twice the last entry counts.
fn name<'a>(facts: &mut [VoiceFact<'a>], members: &mut Scanner<'a>) {
    let nameless = facts.iter().filter(|fact| fact.person.is_none());
    let mut people: Vec<(u64, Option<Person<'a>>)> =
        nameless.map(|fact| (fact.member.0, None)).collect();
    people.sort_unstable_by_key(|(id, _)| *id);
    people.dedup_by_key(|(id, _)| *id);
    if !members.enter(b'[') {
        return;
    }
    while members.element() {
        let Some(member) = Member::read(members) else { continue };
        let Some(id) = member.user.as_ref().and_then(|user| user.id.ok()) else { continue };
        if let Ok(place) = people.binary_search_by_key(&id, |(id, _)| *id)
            && let Some(person) = member.into_person(id)
        {
            people[place].1 = Some(person);
        }
    }
    for fact in facts.iter_mut().filter(|fact| fact.person.is_none()) {
        let place = people.binary_search_by_key(&fact.member.0, |(id, _)| *id);
        fact.person = place.ok().and_then(|place| people[place].1.clone());
    }
}

impl<'a> Voice<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Option<Self> {
        if !scanner.enter(b'{') {
            return None;
        }
        let mut voice = Self::default();
        while let Some(key) = scanner.key() {
            match key {
                b"guild_id" => voice.guild = scanner.id(),
                b"channel_id" => voice.channel = scanner.id(),
                b"user_id" => voice.user = scanner.id(),
                b"member" => voice.member = Member::read(scanner),
                key => match FLAGS.iter().position(|(name, _)| *name == key) {
                    Some(flag) => voice.flags[flag] = scanner.is_true(),
                    None => scanner.skip(),
                },
            }
        }
        Some(voice)
    }

    fn into_fact(self, guild: GuildId) -> Result<VoiceFact<'a>, SetAside> {
        let member = self.user.or_set_aside("voice.missing_user")?;
        let channel = match self.channel {
            Given::Absent => None,
            given => Some(ChannelId(given.or_set_aside("voice.missing_channel")?)),
        };
        let set = FLAGS.iter().zip(self.flags).filter(|(_, is_set)| *is_set);
        let state = set.fold(VoiceState::default(), |all, ((_, state), _)| all.with(*state));
        let person: Option<Person<'a>> = self.member.and_then(|own| own.into_person(member));
        Ok(VoiceFact { guild, member: UserId(member), person, channel, state })
    }
}
