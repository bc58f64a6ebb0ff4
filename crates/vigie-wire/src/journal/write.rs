//! Writing frames: on the way of every event, so nothing is allocated but the buffer, which is kept.

mod further;

use vigie_core::vocabulary::{
    Channel, ChannelId, Emoji, Fact, GuildFact, GuildId, HistoryPage, HistoryRefusal, MessageFact,
    MessageKind, Person, ReactionFact, UnixMs, VoiceFact,
};

use super::dictionary::Dictionary;
use super::flags::{self, bit};
use super::{GatewaySession, JOURNAL_VERSION, Step, tag};
use crate::hex;
use crate::varint::{Column, VARINT_BYTES_MAX, write, write_id, write_signed, write_text, zigzag};

/// The frame under way of one shard. About 60 KiB, and the longest frame so far.
#[derive(Debug)]
pub struct JournalWriter {
    bytes: Vec<u8>,
    now: i64,
    sequence: u64,
    message: u64,
    reacted: u64,
    said: Dictionary,
}

impl Default for JournalWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl JournalWriter {
    /// An empty frame.
    pub fn new() -> Self {
        Self {
            bytes: Vec::new(),
            now: 0,
            sequence: 0,
            message: 0,
            reacted: 0,
            said: Dictionary::new(),
        }
    }

    /// Appends a step: what was done at `now`, for the dispatch of this sequence (or after it).
    pub fn push(&mut self, now: UnixMs, sequence: u64, step: &Step<'_>) {
        match step {
            Step::Fact(fact) => self.push_fact(now, sequence, fact),
            Step::Wake => self.begin(now, sequence, tag::WAKE),
            Step::Flush => self.begin(now, sequence, tag::FLUSH),
            Step::Session(session) => {
                self.begin(now, sequence, tag::SESSION);
                write_session(session, &mut self.bytes);
            }
        }
    }

    /// Appends [`Step::Fact`] of a fact that stays with the caller.
    #[inline]
    pub fn push_fact(&mut self, now: UnixMs, sequence: u64, fact: &Fact<'_>) {
        if let Fact::Message(message) = fact {
            self.begin(now, sequence, tag::MESSAGE);
            self.message(message);
        } else {
            self.push_other(now, sequence, fact);
        }
    }

    /// The frame, and an empty one begins; nothing if there is none.
    pub fn take(&mut self) -> Vec<u8> {
        let frame = self.bytes.as_slice().to_vec();
        self.clear();
        frame
    }

    /// Throws the frame away.
    pub fn clear(&mut self) {
        self.bytes.clear();
        (self.now, self.sequence, self.message, self.reacted) = (0, 0, 0, 0);
        self.said.clear();
    }

    /// How many bytes the frame has.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    #[inline]
    fn begin(&mut self, now: UnixMs, sequence: u64, number: u8) {
        if self.bytes.is_empty() {
            self.bytes.push(JOURNAL_VERSION);
        }
        let later = now.0.wrapping_sub(self.now);
        let skipped = sequence.wrapping_sub(tag::expected(number, self.sequence));
        self.bytes.push(number | bit(skipped != 0, tag::SEQUENCE) | bit(later != 0, tag::NOW));
        if later != 0 {
            write_signed(later, &mut self.bytes);
        }
        if skipped != 0 {
            write_signed(skipped as i64, &mut self.bytes);
        }
        (self.now, self.sequence) = (now.0, sequence);
    }

    fn push_other(&mut self, now: UnixMs, sequence: u64, fact: &Fact<'_>) {
        self.begin(now, sequence, number_of(fact));
        match fact {
            Fact::Message(message) => self.message(message),
            Fact::Reaction(reaction) => self.reaction(reaction),
            Fact::ReactionsCleared(guild, message) => self.ids([guild.0, message.0]),
            Fact::Voice(voice) => self.voice(voice),
            Fact::Guild(guild) => self.guild(guild),
            Fact::GuildRemoved(guild) | Fact::GuildUnavailable(guild) => self.ids([guild.0]),
            Fact::SessionStarted(guilds) => {
                write(guilds.len() as u64, &mut self.bytes);
                let mut ids = Column::default();
                for guild in guilds {
                    ids.write(guild.0, &mut self.bytes);
                }
            }
            Fact::Heard => {}
            Fact::History(page) => self.history(page),
            Fact::HistoryRefused(channel, after, refusal) => {
                self.ids([channel.0, after.0]);
                self.bytes.push(refusal_number(*refusal));
            }
            Fact::Channel(guild, channel) => {
                self.ids([guild.0]);
                self.channel(channel);
            }
            Fact::ChannelDeleted(guild, channel) => self.ids([guild.0, channel.0]),
            Fact::UncountedMessage(guild, channel, message) => {
                self.place(*guild, *channel);
                write_signed(message.0.wrapping_sub(self.message) as i64, &mut self.bytes);
                self.message = message.0;
            }
            Fact::MemberJoined(..)
            | Fact::MemberLeft(..)
            | Fact::MemberUpdated(..)
            | Fact::Members(_)
            | Fact::Banned(..)
            | Fact::Unbanned(..)
            | Fact::Audit(..)
            | Fact::Audits(_)
            | Fact::Automod(..)
            | Fact::MessagesDeleted(..)
            | Fact::InviteCreated(..)
            | Fact::InviteDeleted(..)
            | Fact::Invites(_)
            | Fact::ReadingRefused(..)
            | Fact::GuildDetails(_)
            | Fact::Role(..)
            | Fact::RoleDeleted(..)
            | Fact::Emojis(..) => self.further(fact),
        }
    }

    fn ids<const N: usize>(&mut self, ids: [u64; N]) {
        for id in ids {
            write_id(id, &mut self.bytes);
        }
    }

    #[inline]
    fn message(&mut self, message: &MessageFact<'_>) {
        self.place(message.guild, message.channel);
        let distance = zigzag(message.message.0.wrapping_sub(self.message) as i64);
        self.message = message.message.0;
        let is_command = u8::from(message.kind == MessageKind::Command);
        write_with_bit(distance, is_command, &mut self.bytes);
        self.person(&message.author);
    }

    #[inline]
    fn place(&mut self, guild: GuildId, channel: ChannelId) {
        match self.said.place(guild, channel) {
            Some(number) => write(u64::from(number) + 1, &mut self.bytes),
            None => {
                self.bytes.push(0);
                self.ids([guild.0, channel.0]);
            }
        }
    }

    #[inline]
    fn person(&mut self, person: &Person<'_>) {
        let words = Words::of(person);
        match self.said.person(person.id.0, &self.bytes, |said| words.stand_at(said)) {
            Some(number) => write(u64::from(number) + 1, &mut self.bytes),
            None => words.write(person.id.0, &mut self.bytes),
        }
    }

    fn reaction(&mut self, reaction: &ReactionFact<'_>) {
        let (custom, name) = match &reaction.emoji {
            Emoji::Custom { id, name } => (Some(id.0), name.as_deref()),
            Emoji::Unicode(text) => (None, Some(text.as_ref())),
        };
        self.bytes.push(
            bit(reaction.added, flags::REACTION_ADDED)
                | bit(reaction.giver_person.is_some(), flags::REACTION_PERSON)
                | bit(reaction.message_author.is_some(), flags::REACTION_AUTHOR)
                | bit(custom.is_some(), flags::REACTION_CUSTOM)
                | bit(custom.is_some() && name.is_some(), flags::REACTION_NAMED),
        );
        self.place(reaction.guild, reaction.channel);
        write_signed(reaction.message.0.wrapping_sub(self.reacted) as i64, &mut self.bytes);
        self.reacted = reaction.message.0;
        write_id(reaction.giver.0, &mut self.bytes);
        if let Some(person) = &reaction.giver_person {
            self.person(person);
        }
        if let Some(author) = reaction.message_author {
            write_id(author.0, &mut self.bytes);
        }
        if let Some(id) = custom {
            write_id(id, &mut self.bytes);
        }
        if let Some(name) = name {
            write_text(name, &mut self.bytes);
        }
    }

    fn voice(&mut self, voice: &VoiceFact<'_>) {
        self.bytes.push(
            bit(voice.person.is_some(), flags::VOICE_PERSON)
                | bit(voice.channel.is_some(), flags::VOICE_CHANNEL),
        );
        self.place(voice.guild, voice.channel.unwrap_or_default());
        write_id(voice.member.0, &mut self.bytes);
        if let Some(person) = &voice.person {
            self.person(person);
        }
        self.bytes.push(voice.state.0);
    }

    fn guild(&mut self, guild: &GuildFact<'_>) {
        self.bytes.push(
            bit(guild.icon.is_some(), flags::GUILD_ICON)
                | bit(guild.member_count.is_some(), flags::GUILD_MEMBER_COUNT)
                | bit(guild.bot_joined_at.is_some(), flags::GUILD_BOT_JOINED_AT)
                | bit(guild.afk_channel.is_some(), flags::GUILD_AFK_CHANNEL)
                | bit(guild.voice_states.is_some(), flags::GUILD_VOICE_STATES),
        );
        write_id(guild.id.0, &mut self.bytes);
        write_text(&guild.name, &mut self.bytes);
        if let Some(icon) = &guild.icon {
            write_text(icon, &mut self.bytes);
        }
        write_id(guild.owner.0, &mut self.bytes);
        if let Some(count) = guild.member_count {
            write(u64::from(count), &mut self.bytes);
        }
        if let Some(at) = guild.bot_joined_at {
            write_signed(at.0, &mut self.bytes);
        }
        self.bytes.push(guild.premium_tier);
        write(u64::from(guild.boost_count), &mut self.bytes);
        if let Some(channel) = guild.afk_channel {
            write_id(channel.0, &mut self.bytes);
        }
        write(guild.channels.len() as u64, &mut self.bytes);
        for channel in &guild.channels {
            self.channel(channel);
        }
        if let Some(states) = &guild.voice_states {
            write(states.len() as u64, &mut self.bytes);
            for voice in states {
                self.voice(voice);
            }
        }
    }

    fn channel(&mut self, channel: &Channel<'_>) {
        write_id(channel.id.0, &mut self.bytes);
        self.bytes.push(
            bit(channel.name.is_some(), flags::CHANNEL_NAME)
                | bit(channel.parent.is_some(), flags::CHANNEL_PARENT)
                | bit(channel.last_message.is_some(), flags::CHANNEL_LAST_MESSAGE),
        );
        self.bytes.push(channel.kind.0);
        if let Some(name) = &channel.name {
            write_text(name, &mut self.bytes);
        }
        if let Some(parent) = channel.parent {
            write_id(parent.0, &mut self.bytes);
        }
        write_signed(i64::from(channel.position), &mut self.bytes);
        if let Some(message) = channel.last_message {
            write_id(message.0, &mut self.bytes);
        }
    }

    fn history(&mut self, page: &HistoryPage<'_>) {
        self.bytes.push(
            bit(page.newest.is_some(), flags::HISTORY_NEWEST) | bit(page.more, flags::HISTORY_MORE),
        );
        self.place(page.guild, page.channel);
        write_id(page.after.0, &mut self.bytes);
        if let Some(newest) = page.newest {
            write_id(newest.0, &mut self.bytes);
        }
        write(page.messages.len() as u64, &mut self.bytes);
        for message in &page.messages {
            self.message(message);
        }
    }
}

/// Appends the fields of a session.
pub(crate) fn write_session(session: &GatewaySession, out: &mut Vec<u8>) {
    write_text(&session.id, out);
    write_text(&session.resume_url, out);
    write(session.sequence, out);
    write(session.intents, out);
    write(u64::from(session.shard_count), out);
}

/// The number of a refusal.
fn refusal_number(refusal: HistoryRefusal) -> u8 {
    match refusal {
        HistoryRefusal::MissingPermission => 0,
        HistoryRefusal::Gone => 1,
        HistoryRefusal::Refused => 2,
    }
}

/// Appends 2 × `value` + `low` in LEB128, where `value` may have all its 64 bits.
#[inline]
fn write_with_bit(value: u64, low: u8, out: &mut Vec<u8>) {
    let first = (value as u8 & 0x3f) << 1 | low;
    match value >> 6 {
        0 => out.push(first),
        rest => {
            out.push(first | 0x80);
            write(rest, out);
        }
    }
}

/// What is written of a person beside the id.
struct Words<'a> {
    flags: u8,
    username: &'a str,
    display_name: Option<&'a str>,
    avatar: Option<&'a str>,
    /// The avatar, if it is a hash.
    packed: Option<[u8; hex::PACKED_BYTES]>,
}

impl<'a> Words<'a> {
    #[inline]
    fn of(person: &'a Person<'_>) -> Self {
        let display_name = person.display_name.as_deref();
        let avatar = person.avatar.as_deref();
        let animated = avatar.and_then(|avatar| avatar.strip_prefix("a_"));
        let packed = avatar.and_then(|avatar| hex::pack(animated.unwrap_or(avatar).as_bytes()));
        let flags = person.kind as u8
            | bit(display_name.is_some(), flags::PERSON_DISPLAY_NAME)
            | bit(avatar.is_some(), flags::PERSON_AVATAR)
            | bit(packed.is_some(), flags::PERSON_AVATAR_HEX)
            | bit(packed.is_some() && animated.is_some(), flags::PERSON_AVATAR_ANIMATED);
        Self { flags, username: &person.username, display_name, avatar, packed }
    }

    fn write(&self, id: u64, out: &mut Vec<u8>) {
        let mut head = [0; 10];
        head[1..9].copy_from_slice(&id.to_le_bytes());
        head[9] = self.flags;
        out.extend_from_slice(&head);
        write_text(self.username, out);
        if let Some(name) = self.display_name {
            write_text(name, out);
        }
        match (self.packed, self.avatar) {
            (Some(packed), _) => out.extend_from_slice(&packed),
            (None, Some(avatar)) => write_text(avatar, out),
            (None, None) => {}
        }
    }

    /// Whether `said` begins with the same words, after their id. Lengths above 127 are not looked into: they count as others.
    #[inline]
    fn stand_at(&self, said: &[u8]) -> bool {
        let Some((&flags, mut rest)) = said.split_first() else { return false };
        let plain = match self.packed {
            Some(_) => None,
            None => self.avatar,
        };
        flags == self.flags
            && [Some(self.username), self.display_name, plain]
                .into_iter()
                .flatten()
                .all(|text| strip_text(&mut rest, text))
            && self.packed.is_none_or(|packed| rest.starts_with(&packed))
    }
}

/// Whether `rest` begins with `text`, which is then stepped over.
#[inline]
fn strip_text(rest: &mut &[u8], text: &str) -> bool {
    let Some((&length, after)) = rest.split_first() else { return false };
    if length >= 0x80 || usize::from(length) != text.len() {
        return false;
    }
    match after.strip_prefix(text.as_bytes()) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn number_of(fact: &Fact<'_>) -> u8 {
    match fact {
        Fact::Message(_) => tag::MESSAGE,
        Fact::Reaction(_) => tag::REACTION,
        Fact::ReactionsCleared(..) => tag::REACTIONS_CLEARED,
        Fact::Voice(_) => tag::VOICE,
        Fact::Guild(_) => tag::GUILD,
        Fact::GuildRemoved(_) => tag::GUILD_REMOVED,
        Fact::GuildUnavailable(_) => tag::GUILD_UNAVAILABLE,
        Fact::SessionStarted(_) => tag::SESSION_STARTED,
        Fact::Heard => tag::HEARD,
        Fact::History(_) => tag::HISTORY,
        Fact::HistoryRefused(..) => tag::HISTORY_REFUSED,
        Fact::Channel(..) => tag::CHANNEL,
        Fact::ChannelDeleted(..) => tag::CHANNEL_DELETED,
        Fact::UncountedMessage(..) => tag::UNCOUNTED_MESSAGE,
        Fact::MemberJoined(..)
        | Fact::MemberLeft(..)
        | Fact::MemberUpdated(..)
        | Fact::Members(_)
        | Fact::Banned(..)
        | Fact::Unbanned(..)
        | Fact::Audit(..)
        | Fact::Audits(_)
        | Fact::Automod(..)
        | Fact::MessagesDeleted(..)
        | Fact::InviteCreated(..)
        | Fact::InviteDeleted(..)
        | Fact::Invites(_)
        | Fact::ReadingRefused(..)
        | Fact::GuildDetails(_)
        | Fact::Role(..)
        | Fact::RoleDeleted(..)
        | Fact::Emojis(..) => tag::FURTHER,
    }
}

// A number of 64 bits and one more still fits the longest varint: 70 bits.
const _: () = assert!((u64::BITS as usize) < 7 * VARINT_BYTES_MAX);
