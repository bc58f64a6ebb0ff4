//! Reading frames.

mod further;

use std::borrow::Cow;

use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, Emoji, EmojiId, Fact, GuildFact, GuildId,
    HistoryPage, HistoryRefusal, MessageFact, MessageId, MessageKind, Person, ReactionFact, UnixMs,
    UserId, VoiceFact, VoiceState,
};

use super::{GatewaySession, JOURNAL_VERSION, Step, StepRead, flags, tag};
use crate::reader::Reader;
use crate::varint::{Column, unzigzag};
use crate::{DecodeError, hex, limits};

/// The steps of one frame; see [`super::read()`].
#[derive(Debug)]
pub struct Steps<'a> {
    reader: Reader<'a>,
    /// Where reading has come to; nothing is read before `Version` and after `Ended`.
    stage: Stage,
    now: i64,
    sequence: u64,
    message: u64,
    reacted: u64,
    people: Vec<Person<'a>>,
    places: Vec<(GuildId, ChannelId)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Version,
    Steps,
    Ended,
}

impl<'a> Iterator for Steps<'a> {
    type Item = StepRead<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.stage == Stage::Ended || self.reader.remaining() == 0 {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.stage = Stage::Ended;
        }
        Some(read)
    }
}

impl<'a> Steps<'a> {
    pub(super) fn new(frame: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(frame),
            stage: Stage::Version,
            now: 0,
            sequence: 0,
            message: 0,
            reacted: 0,
            people: Vec::new(),
            places: Vec::new(),
        }
    }

    fn read(&mut self) -> StepRead<'a> {
        if self.stage == Stage::Version {
            let version = self.reader.u8()?;
            if version != JOURNAL_VERSION {
                return Err(DecodeError::UnknownVersion(version));
            }
            self.stage = Stage::Steps;
        }
        let tag = self.reader.u8()?;
        let number = tag & tag::NUMBER;
        if tag & !(tag::NUMBER | tag::SEQUENCE | tag::NOW) != 0 {
            return Err(DecodeError::BadFlags(tag));
        }
        if tag & tag::NOW != 0 {
            self.now = self.now.wrapping_add(self.reader.signed()?);
        }
        let skipped = if tag & tag::SEQUENCE != 0 { self.reader.signed()? } else { 0 };
        self.sequence = tag::expected(number, self.sequence).wrapping_add_signed(skipped);
        let step = match number {
            tag::WAKE => Step::Wake,
            tag::FLUSH => Step::Flush,
            tag::SESSION => Step::Session(read_session(&mut self.reader)?),
            number => Step::Fact(self.fact(number)?),
        };
        Ok((UnixMs(self.now), self.sequence, step))
    }

    fn fact(&mut self, number: u8) -> Result<Fact<'a>, DecodeError> {
        Ok(match number {
            tag::MESSAGE => Fact::Message(self.message()?),
            tag::REACTION => Fact::Reaction(self.reaction()?),
            tag::REACTIONS_CLEARED => Fact::ReactionsCleared(self.guild_id()?, self.message_id()?),
            tag::VOICE => Fact::Voice(self.voice()?),
            tag::GUILD => Fact::Guild(Box::new(self.guild()?)),
            tag::GUILD_REMOVED => Fact::GuildRemoved(self.guild_id()?),
            tag::GUILD_UNAVAILABLE => Fact::GuildUnavailable(self.guild_id()?),
            tag::SESSION_STARTED => {
                let length = self.reader.list_len(1)?;
                let mut ids = Column::default();
                let guilds = (0..length).map(|_| self.reader.delta(&mut ids).map(GuildId));
                Fact::SessionStarted(guilds.collect::<Result<_, _>>()?)
            }
            tag::HEARD => Fact::Heard,
            tag::HISTORY => Fact::History(self.history()?),
            tag::HISTORY_REFUSED => {
                Fact::HistoryRefused(self.channel_id()?, self.message_id()?, self.refusal()?)
            }
            tag::CHANNEL => Fact::Channel(self.guild_id()?, self.channel()?),
            tag::CHANNEL_DELETED => Fact::ChannelDeleted(self.guild_id()?, self.channel_id()?),
            tag::UNCOUNTED_MESSAGE => {
                let (guild, channel) = self.place()?;
                self.message = self.message.wrapping_add_signed(self.reader.signed()?);
                Fact::UncountedMessage(guild, channel, MessageId(self.message))
            }
            tag::FURTHER => self.further()?,
            unknown => return Err(DecodeError::UnknownKind(unknown)),
        })
    }

    fn guild_id(&mut self) -> Result<GuildId, DecodeError> {
        self.reader.id().map(GuildId)
    }

    fn channel_id(&mut self) -> Result<ChannelId, DecodeError> {
        self.reader.id().map(ChannelId)
    }

    fn message_id(&mut self) -> Result<MessageId, DecodeError> {
        self.reader.id().map(MessageId)
    }

    fn user_id(&mut self) -> Result<UserId, DecodeError> {
        self.reader.id().map(UserId)
    }

    fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        self.reader.str().map(Cow::Borrowed)
    }

    fn refusal(&mut self) -> Result<HistoryRefusal, DecodeError> {
        match self.reader.u8()? {
            0 => Ok(HistoryRefusal::MissingPermission),
            1 => Ok(HistoryRefusal::Gone),
            2 => Ok(HistoryRefusal::Refused),
            unknown => Err(DecodeError::BadFlags(unknown)),
        }
    }

    fn place(&mut self) -> Result<(GuildId, ChannelId), DecodeError> {
        match self.reader.varint()? {
            0 => {
                let place = (self.guild_id()?, self.channel_id()?);
                self.places.push(place);
                Ok(place)
            }
            number => nth(&self.places, number).copied(),
        }
    }

    fn person(&mut self) -> Result<Person<'a>, DecodeError> {
        let number = self.reader.varint()?;
        if number == 0 {
            let person = self.new_person()?;
            self.people.push(person);
            return Ok(self.people.last().expect("pushed just now").clone());
        }
        nth(&self.people, number).cloned()
    }

    fn new_person(&mut self) -> Result<Person<'a>, DecodeError> {
        let id = self.user_id()?;
        let flags = self.reader.flags(flags::PERSON)?;
        let has = |flag| flags & flag != 0;
        let kind = AuthorKind::from_u8(flags & flags::PERSON_KIND);
        let kind = kind.ok_or(DecodeError::BadFlags(flags))?;
        let username = self.text()?;
        let display_name = has(flags::PERSON_DISPLAY_NAME).then(|| self.text()).transpose()?;
        let avatar = match (has(flags::PERSON_AVATAR_HEX), has(flags::PERSON_AVATAR)) {
            (true, _) => {
                let prefix = if has(flags::PERSON_AVATAR_ANIMATED) { "a_" } else { "" };
                let packed = self.reader.take(hex::PACKED_BYTES)?;
                let packed = packed.try_into().expect("as many bytes as were taken");
                Some(Cow::Owned(hex::unpack(prefix, packed)))
            }
            (false, true) => Some(self.text()?),
            (false, false) => None,
        };
        Ok(Person { id, kind, username, display_name, avatar })
    }

    fn message(&mut self) -> Result<MessageFact<'a>, DecodeError> {
        let (guild, channel) = self.place()?;
        let (distance, is_command) = self.reader.varint_with_bit()?;
        self.message = self.message.wrapping_add_signed(unzigzag(distance));
        Ok(MessageFact {
            guild,
            channel,
            message: MessageId(self.message),
            kind: if is_command { MessageKind::Command } else { MessageKind::Message },
            author: self.person()?,
        })
    }

    fn reaction(&mut self) -> Result<ReactionFact<'a>, DecodeError> {
        let flags = self.reader.flags(flags::REACTION)?;
        let has = |flag| flags & flag != 0;
        let (guild, channel) = self.place()?;
        self.reacted = self.reacted.wrapping_add_signed(self.reader.signed()?);
        let giver = self.user_id()?;
        let giver_person = has(flags::REACTION_PERSON).then(|| self.person()).transpose()?;
        let message_author = has(flags::REACTION_AUTHOR).then(|| self.user_id()).transpose()?;
        let emoji = if has(flags::REACTION_CUSTOM) {
            let id = EmojiId(self.reader.id()?);
            let name = has(flags::REACTION_NAMED).then(|| self.text()).transpose()?;
            Emoji::Custom { id, name }
        } else {
            Emoji::Unicode(self.text()?)
        };
        Ok(ReactionFact {
            guild,
            channel,
            message: MessageId(self.reacted),
            giver,
            giver_person,
            message_author,
            emoji,
            added: has(flags::REACTION_ADDED),
        })
    }

    fn voice(&mut self) -> Result<VoiceFact<'a>, DecodeError> {
        let flags = self.reader.flags(flags::VOICE)?;
        let (guild, channel) = self.place()?;
        let member = self.user_id()?;
        let has_person = flags & flags::VOICE_PERSON != 0;
        let person = has_person.then(|| self.person()).transpose()?;
        let channel = (flags & flags::VOICE_CHANNEL != 0).then_some(channel);
        Ok(VoiceFact { guild, member, person, channel, state: VoiceState(self.reader.u8()?) })
    }

    fn guild(&mut self) -> Result<GuildFact<'a>, DecodeError> {
        let flags = self.reader.flags(flags::GUILD)?;
        let has = |flag| flags & flag != 0;
        let id = self.guild_id()?;
        let name = self.text()?;
        let icon = has(flags::GUILD_ICON).then(|| self.text()).transpose()?;
        let owner = self.user_id()?;
        let count = has(flags::GUILD_MEMBER_COUNT).then(|| self.reader.varint_u32());
        let member_count = count.transpose()?;
        let joined = has(flags::GUILD_BOT_JOINED_AT).then(|| self.reader.signed().map(UnixMs));
        let bot_joined_at = joined.transpose()?;
        let premium_tier = self.reader.u8()?;
        let boost_count = self.reader.varint_u32()?;
        let afk_channel = has(flags::GUILD_AFK_CHANNEL).then(|| self.channel_id()).transpose()?;
        let length = self.reader.list_len(limits::JOURNAL_CHANNEL_BYTES_MIN)?;
        let channels = (0..length).map(|_| self.channel()).collect::<Result<_, _>>()?;
        let voice_states =
            has(flags::GUILD_VOICE_STATES).then(|| self.voice_states()).transpose()?;
        Ok(GuildFact {
            id,
            name,
            icon,
            owner,
            member_count,
            bot_joined_at,
            premium_tier,
            boost_count,
            afk_channel,
            channels,
            voice_states,
        })
    }

    fn voice_states(&mut self) -> Result<Vec<VoiceFact<'a>>, DecodeError> {
        let length = self.reader.list_len(limits::JOURNAL_VOICE_BYTES_MIN)?;
        (0..length).map(|_| self.voice()).collect()
    }

    fn channel(&mut self) -> Result<Channel<'a>, DecodeError> {
        let id = self.channel_id()?;
        let flags = self.reader.flags(flags::CHANNEL)?;
        let has = |flag| flags & flag != 0;
        let kind = ChannelKind(self.reader.u8()?);
        let name = has(flags::CHANNEL_NAME).then(|| self.text()).transpose()?;
        let parent = has(flags::CHANNEL_PARENT).then(|| self.channel_id()).transpose()?;
        let position = self.reader.signed_i32()?;
        let last = has(flags::CHANNEL_LAST_MESSAGE).then(|| self.message_id());
        Ok(Channel { id, kind, name, parent, position, last_message: last.transpose()? })
    }

    fn history(&mut self) -> Result<HistoryPage<'a>, DecodeError> {
        let flags = self.reader.flags(flags::HISTORY)?;
        let (guild, channel) = self.place()?;
        let after = self.message_id()?;
        let has_newest = flags & flags::HISTORY_NEWEST != 0;
        let newest = has_newest.then(|| self.message_id()).transpose()?;
        let length = self.reader.list_len(limits::JOURNAL_MESSAGE_BYTES_MIN)?;
        let messages = (0..length).map(|_| self.message()).collect::<Result<_, _>>()?;
        let more = flags & flags::HISTORY_MORE != 0;
        Ok(HistoryPage { guild, channel, after, newest, more, messages })
    }
}

/// Reads the fields of a session.
pub(crate) fn read_session(reader: &mut Reader<'_>) -> Result<GatewaySession, DecodeError> {
    Ok(GatewaySession {
        id: reader.text()?,
        resume_url: reader.text()?,
        sequence: reader.varint()?,
        intents: reader.varint()?,
        shard_count: reader.varint_u32()?,
    })
}

/// What was said under this number, counted from 1.
fn nth<T>(said: &[T], number: u64) -> Result<&T, DecodeError> {
    let index = usize::try_from(number - 1).map_err(|_| DecodeError::BadNumber)?;
    said.get(index).ok_or(DecodeError::BadNumber)
}
