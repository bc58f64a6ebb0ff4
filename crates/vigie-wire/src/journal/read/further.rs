//! Reading the steps whose number does not fit the tag: members, moderation, invites, and what a guild has.

use std::borrow::Cow;

use vigie_core::vocabulary::{
    AuditChange, AuditEntry, AuditId, AuditPage, AutomodFact, EmojiId, Fact, GuildDetailsFact,
    GuildEmojiFact, GuildId, InviteFact, InviteList, MemberFact, MemberPage, Person, Reading,
    ReadingRequest, RoleFact, RoleId, UnixMs, UserId,
};

use super::{Steps, flags, tag};
use crate::{DecodeError, limits};

impl<'a> Steps<'a> {
    /// Reads number and fields of such a fact.
    pub(super) fn further(&mut self) -> Result<Fact<'a>, DecodeError> {
        Ok(match self.reader.u8()? {
            tag::MEMBER_JOINED => Fact::MemberJoined(self.guild_id()?, self.member()?),
            tag::MEMBER_LEFT => Fact::MemberLeft(self.guild_id()?, self.person()?),
            tag::MEMBER_UPDATED => self.member_updated()?,
            tag::MEMBERS => Fact::Members(self.members()?),
            tag::BANNED => Fact::Banned(self.guild_id()?, self.person()?),
            tag::UNBANNED => Fact::Unbanned(self.guild_id()?, self.person()?),
            tag::AUDIT => Fact::Audit(self.guild_id()?, Box::new(self.entry()?)),
            tag::AUDITS => Fact::Audits(self.audits()?),
            tag::AUTOMOD => Fact::Automod(self.guild_id()?, self.automod()?),
            tag::MESSAGES_DELETED => {
                let (guild, channel) = (self.guild_id()?, self.channel_id()?);
                Fact::MessagesDeleted(guild, channel, self.reader.varint_u32()?)
            }
            tag::INVITE_CREATED => Fact::InviteCreated(self.guild_id()?, self.invite()?),
            tag::INVITE_DELETED => Fact::InviteDeleted(self.guild_id()?, self.text()?),
            tag::INVITES => Fact::Invites(self.invites()?),
            tag::READING_REFUSED => {
                let request = self.request()?;
                Fact::ReadingRefused(request, self.refusal()?)
            }
            tag::GUILD_DETAILS => Fact::GuildDetails(Box::new(self.details()?)),
            tag::ROLE => Fact::Role(self.guild_id()?, self.role()?),
            tag::ROLE_DELETED => Fact::RoleDeleted(self.guild_id()?, RoleId(self.reader.id()?)),
            tag::EMOJIS => Fact::Emojis(self.guild_id()?, self.emojis()?),
            unknown => return Err(DecodeError::UnknownKind(unknown)),
        })
    }

    fn text_if(&mut self, present: bool) -> Result<Option<Cow<'a, str>>, DecodeError> {
        present.then(|| self.text()).transpose()
    }

    fn id_if(&mut self, present: bool) -> Result<Option<u64>, DecodeError> {
        present.then(|| self.reader.id()).transpose()
    }

    fn instant_if(&mut self, present: bool) -> Result<Option<UnixMs>, DecodeError> {
        present.then(|| self.reader.signed().map(UnixMs)).transpose()
    }

    fn count_if(&mut self, present: bool) -> Result<Option<u32>, DecodeError> {
        present.then(|| self.reader.varint_u32()).transpose()
    }

    /// Reads a list whose entries take at least so many bytes each.
    fn list<T>(
        &mut self,
        entry_bytes_min: usize,
        mut entry: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let length = self.reader.list_len(entry_bytes_min)?;
        (0..length).map(|_| entry(self)).collect()
    }

    fn member(&mut self) -> Result<MemberFact<'a>, DecodeError> {
        let rejoined = self.reader.flags(flags::MEMBER_REJOINED)? != 0;
        let person = self.person()?;
        Ok(MemberFact { person, joined_at: UnixMs(self.reader.signed()?), rejoined })
    }

    fn member_updated(&mut self) -> Result<Fact<'a>, DecodeError> {
        let guild = self.guild_id()?;
        let is_timed_out = self.reader.flags(flags::UPDATED_TIMED_OUT)? != 0;
        let person = self.person()?;
        Ok(Fact::MemberUpdated(guild, person, self.instant_if(is_timed_out)?))
    }

    fn members(&mut self) -> Result<MemberPage<'a>, DecodeError> {
        let (guild, after) = (self.guild_id()?, self.user_id()?);
        let (last, more) = self.page()?;
        let members = self.list(limits::JOURNAL_MEMBER_BYTES_MIN, Self::member)?;
        Ok(MemberPage { guild, after, last: last.map(UserId), more, members })
    }

    fn audits(&mut self) -> Result<AuditPage<'a>, DecodeError> {
        let (guild, after) = (self.guild_id()?, AuditId(self.reader.id()?));
        let (newest, more) = self.page()?;
        let entries = self.list(limits::JOURNAL_ENTRY_BYTES_MIN, Self::entry)?;
        let people: Vec<Person<'a>> = self.list(limits::JOURNAL_PERSON_BYTES_MIN, Self::person)?;
        Ok(AuditPage { guild, after, newest: newest.map(AuditId), more, entries, people })
    }

    /// Reads how far a page reaches, and whether another follows.
    fn page(&mut self) -> Result<(Option<u64>, bool), DecodeError> {
        let flags = self.reader.flags(flags::PAGE)?;
        let last = self.id_if(flags & flags::PAGE_LAST != 0)?;
        Ok((last, flags & flags::PAGE_MORE != 0))
    }

    fn entry(&mut self) -> Result<AuditEntry<'a>, DecodeError> {
        let flags = self.reader.flags(flags::ENTRY)?;
        let has = |flag| flags & flag != 0;
        let id = AuditId(self.reader.id()?);
        let action_type = u16::try_from(self.reader.varint()?);
        Ok(AuditEntry {
            id,
            action_type: action_type.map_err(|_| DecodeError::BadNumber)?,
            actor: self.id_if(has(flags::ENTRY_ACTOR))?.map(UserId),
            target: self.id_if(has(flags::ENTRY_TARGET))?,
            reason: self.text_if(has(flags::ENTRY_REASON))?,
            channel: has(flags::ENTRY_CHANNEL).then(|| self.channel_id()).transpose()?,
            count: self.count_if(has(flags::ENTRY_COUNT))?,
            rule: self.text_if(has(flags::ENTRY_RULE))?,
            changes: self.list(limits::JOURNAL_CHANGE_BYTES_MIN, Self::change)?,
        })
    }

    fn change(&mut self) -> Result<AuditChange<'a>, DecodeError> {
        let flags = self.reader.flags(flags::CHANGE)?;
        let has = |flag| flags & flag != 0;
        Ok(AuditChange {
            key: self.text()?,
            role: self.id_if(has(flags::CHANGE_ROLE))?,
            old: self.text_if(has(flags::CHANGE_OLD))?,
            new: self.text_if(has(flags::CHANGE_NEW))?,
        })
    }

    fn automod(&mut self) -> Result<AutomodFact, DecodeError> {
        let flags = self.reader.flags(flags::AUTOMOD)?;
        let has = |flag| flags & flag != 0;
        Ok(AutomodFact {
            member: self.user_id()?,
            rule: self.reader.id()?,
            action_type: self.reader.u8()?,
            channel: has(flags::AUTOMOD_CHANNEL).then(|| self.channel_id()).transpose()?,
            message: has(flags::AUTOMOD_MESSAGE).then(|| self.message_id()).transpose()?,
        })
    }

    fn invite(&mut self) -> Result<InviteFact<'a>, DecodeError> {
        let flags = self.reader.flags(flags::INVITE)?;
        let has = |flag| flags & flag != 0;
        Ok(InviteFact {
            code: self.text()?,
            channel: has(flags::INVITE_CHANNEL).then(|| self.channel_id()).transpose()?,
            inviter: has(flags::INVITE_INVITER).then(|| self.person()).transpose()?,
            uses: self.count_if(has(flags::INVITE_USES))?,
            max_uses: self.reader.varint_u32()?,
            created_at: self.instant_if(has(flags::INVITE_CREATED_AT))?,
            expires_at: self.instant_if(has(flags::INVITE_EXPIRES_AT))?,
            temporary: has(flags::INVITE_TEMPORARY),
        })
    }

    fn invites(&mut self) -> Result<InviteList<'a>, DecodeError> {
        let guild = self.guild_id()?;
        let has_vanity = self.reader.flags(flags::INVITES_VANITY)? != 0;
        let invites = self.list(limits::JOURNAL_INVITE_BYTES_MIN, Self::invite)?;
        let vanity = match has_vanity {
            true => Some((self.text()?, self.reader.varint_u32()?)),
            false => None,
        };
        Ok(InviteList { guild, invites, vanity })
    }

    fn request(&mut self) -> Result<ReadingRequest, DecodeError> {
        let guild: GuildId = self.guild_id()?;
        let reading = self.reader.u8()?;
        Ok(match Reading::from_u8(reading).ok_or(DecodeError::BadFlags(reading))? {
            Reading::Invites => {
                let vanity = self.reader.flags(flags::INVITES_VANITY)? != 0;
                ReadingRequest::Invites { guild, vanity }
            }
            Reading::AuditLog => {
                ReadingRequest::Audits { guild, after: AuditId(self.reader.id()?) }
            }
            Reading::Members => ReadingRequest::Members { guild, after: self.user_id()? },
        })
    }

    fn details(&mut self) -> Result<GuildDetailsFact<'a>, DecodeError> {
        let guild = self.guild_id()?;
        let has_vanity = self.reader.flags(flags::DETAILS_VANITY)? != 0;
        Ok(GuildDetailsFact {
            guild,
            vanity: self.text_if(has_vanity)?,
            roles: self.list(limits::JOURNAL_ROLE_BYTES_MIN, Self::role)?,
            emojis: self.emojis()?,
            features: self.list(limits::FEATURE_BYTES_MIN, Self::text)?,
            fields: self.list(limits::FIELD_BYTES_MIN, |steps| {
                let flags = steps.reader.flags(flags::FIELD_VALUE)?;
                Ok((steps.text()?, steps.text_if(flags & flags::FIELD_VALUE != 0)?))
            })?,
        })
    }

    fn role(&mut self) -> Result<RoleFact<'a>, DecodeError> {
        let managed = self.reader.flags(flags::ROLE_MANAGED)? != 0;
        Ok(RoleFact {
            id: RoleId(self.reader.id()?),
            name: self.text()?,
            color: self.reader.varint_u32()?,
            position: self.reader.signed_i32()?,
            permissions: self.reader.varint()?,
            managed,
        })
    }

    fn emojis(&mut self) -> Result<Vec<GuildEmojiFact<'a>>, DecodeError> {
        self.list(limits::JOURNAL_EMOJI_BYTES_MIN, |steps| {
            let animated = steps.reader.flags(flags::EMOJI_ANIMATED)? != 0;
            let id = EmojiId(steps.reader.id()?);
            Ok(GuildEmojiFact { id, name: steps.text()?, animated })
        })
    }
}
