//! Writing the steps whose number does not fit the tag: members, moderation, invites, and what a guild has.

use vigie_core::vocabulary::{
    AuditEntry, AuditPage, AutomodFact, Fact, GuildDetailsFact, GuildEmojiFact, GuildId,
    HistoryRefusal, InviteFact, InviteList, MemberFact, MemberPage, Person, ReadingRequest,
    RoleFact, UnixMs,
};

use super::{JournalWriter, bit, flags, refusal_number, tag};
use crate::varint::{write, write_id, write_signed, write_text, write_text_if};

impl JournalWriter {
    /// Appends number and fields of such a fact; nothing of any other.
    pub(super) fn further(&mut self, fact: &Fact<'_>) {
        match fact {
            Fact::MemberJoined(guild, member) => {
                self.which(tag::MEMBER_JOINED, [guild.0]);
                self.member(member);
            }
            Fact::MemberLeft(guild, person) => self.of_person(tag::MEMBER_LEFT, *guild, person),
            Fact::MemberUpdated(guild, person, until) => {
                self.which(tag::MEMBER_UPDATED, [guild.0]);
                self.member_updated(person, *until);
            }
            Fact::Members(page) => self.members(page),
            Fact::Banned(guild, person) => self.of_person(tag::BANNED, *guild, person),
            Fact::Unbanned(guild, person) => self.of_person(tag::UNBANNED, *guild, person),
            Fact::Audit(guild, entry) => {
                self.which(tag::AUDIT, [guild.0]);
                self.entry(entry);
            }
            Fact::Audits(page) => self.audits(page),
            Fact::Automod(guild, fact) => {
                self.which(tag::AUTOMOD, [guild.0]);
                self.automod(fact);
            }
            Fact::MessagesDeleted(guild, channel, count) => {
                self.which(tag::MESSAGES_DELETED, [guild.0, channel.0]);
                write(u64::from(*count), &mut self.bytes);
            }
            Fact::InviteCreated(guild, invite) => {
                self.which(tag::INVITE_CREATED, [guild.0]);
                self.invite(invite);
            }
            Fact::InviteDeleted(guild, code) => {
                self.which(tag::INVITE_DELETED, [guild.0]);
                write_text(code, &mut self.bytes);
            }
            Fact::Invites(list) => self.invites(list),
            Fact::ReadingRefused(request, why) => self.reading_refused(*request, *why),
            Fact::GuildDetails(details) => self.details(details),
            Fact::Role(guild, role) => {
                self.which(tag::ROLE, [guild.0]);
                self.role(role);
            }
            Fact::RoleDeleted(guild, role) => self.which(tag::ROLE_DELETED, [guild.0, role.0]),
            Fact::Emojis(guild, emojis) => {
                self.which(tag::EMOJIS, [guild.0]);
                self.emojis(emojis);
            }
            Fact::Message(_)
            | Fact::UncountedMessage(..)
            | Fact::Reaction(_)
            | Fact::ReactionsCleared(..)
            | Fact::Voice(_)
            | Fact::Guild(_)
            | Fact::GuildRemoved(_)
            | Fact::GuildUnavailable(_)
            | Fact::SessionStarted(_)
            | Fact::Heard
            | Fact::History(_)
            | Fact::HistoryRefused(..)
            | Fact::Channel(..)
            | Fact::ChannelDeleted(..) => {}
        }
    }

    /// Appends the step's number and its first ids.
    fn which<const N: usize>(&mut self, number: u8, ids: [u64; N]) {
        self.bytes.push(number);
        self.ids(ids);
    }

    fn of_person(&mut self, number: u8, guild: GuildId, person: &Person<'_>) {
        self.which(number, [guild.0]);
        self.person(person);
    }

    fn member(&mut self, member: &MemberFact<'_>) {
        self.bytes.push(bit(member.rejoined, flags::MEMBER_REJOINED));
        self.person(&member.person);
        write_signed(member.joined_at.0, &mut self.bytes);
    }

    fn member_updated(&mut self, person: &Person<'_>, until: Option<UnixMs>) {
        self.bytes.push(bit(until.is_some(), flags::UPDATED_TIMED_OUT));
        self.person(person);
        if let Some(until) = until {
            write_signed(until.0, &mut self.bytes);
        }
    }

    fn members(&mut self, page: &MemberPage<'_>) {
        self.which(tag::MEMBERS, [page.guild.0, page.after.0]);
        let last = page.last.map(|last| last.0);
        self.page(last, page.more);
        write(page.members.len() as u64, &mut self.bytes);
        for member in &page.members {
            self.member(member);
        }
    }

    fn audits(&mut self, page: &AuditPage<'_>) {
        self.which(tag::AUDITS, [page.guild.0, page.after.0]);
        let newest = page.newest.map(|newest| newest.0);
        self.page(newest, page.more);
        write(page.entries.len() as u64, &mut self.bytes);
        for entry in &page.entries {
            self.entry(entry);
        }
        write(page.people.len() as u64, &mut self.bytes);
        for person in &page.people {
            self.person(person);
        }
    }

    /// Appends how far a page reaches, and whether another follows.
    fn page(&mut self, last: Option<u64>, more: bool) {
        self.bytes.push(bit(last.is_some(), flags::PAGE_LAST) | bit(more, flags::PAGE_MORE));
        if let Some(last) = last {
            write_id(last, &mut self.bytes);
        }
    }

    fn entry(&mut self, entry: &AuditEntry<'_>) {
        self.bytes.push(
            bit(entry.actor.is_some(), flags::ENTRY_ACTOR)
                | bit(entry.target.is_some(), flags::ENTRY_TARGET)
                | bit(entry.reason.is_some(), flags::ENTRY_REASON)
                | bit(entry.channel.is_some(), flags::ENTRY_CHANNEL)
                | bit(entry.count.is_some(), flags::ENTRY_COUNT)
                | bit(entry.rule.is_some(), flags::ENTRY_RULE),
        );
        write_id(entry.id.0, &mut self.bytes);
        write(u64::from(entry.action_type), &mut self.bytes);
        let actor = entry.actor.map(|actor| actor.0);
        for id in [actor, entry.target].into_iter().flatten() {
            write_id(id, &mut self.bytes);
        }
        write_text_if(entry.reason.as_deref(), &mut self.bytes);
        if let Some(channel) = entry.channel {
            write_id(channel.0, &mut self.bytes);
        }
        if let Some(count) = entry.count {
            write(u64::from(count), &mut self.bytes);
        }
        write_text_if(entry.rule.as_deref(), &mut self.bytes);
        write(entry.changes.len() as u64, &mut self.bytes);
        for change in &entry.changes {
            self.bytes.push(
                bit(change.role.is_some(), flags::CHANGE_ROLE)
                    | bit(change.old.is_some(), flags::CHANGE_OLD)
                    | bit(change.new.is_some(), flags::CHANGE_NEW),
            );
            write_text(&change.key, &mut self.bytes);
            if let Some(role) = change.role {
                write_id(role, &mut self.bytes);
            }
            write_text_if(change.old.as_deref(), &mut self.bytes);
            write_text_if(change.new.as_deref(), &mut self.bytes);
        }
    }

    fn automod(&mut self, fact: &AutomodFact) {
        self.bytes.push(
            bit(fact.channel.is_some(), flags::AUTOMOD_CHANNEL)
                | bit(fact.message.is_some(), flags::AUTOMOD_MESSAGE),
        );
        self.ids([fact.member.0, fact.rule]);
        self.bytes.push(fact.action_type);
        let channel = fact.channel.map(|channel| channel.0);
        let message = fact.message.map(|message| message.0);
        for id in [channel, message].into_iter().flatten() {
            write_id(id, &mut self.bytes);
        }
    }

    fn invite(&mut self, invite: &InviteFact<'_>) {
        self.bytes.push(
            bit(invite.channel.is_some(), flags::INVITE_CHANNEL)
                | bit(invite.inviter.is_some(), flags::INVITE_INVITER)
                | bit(invite.uses.is_some(), flags::INVITE_USES)
                | bit(invite.created_at.is_some(), flags::INVITE_CREATED_AT)
                | bit(invite.expires_at.is_some(), flags::INVITE_EXPIRES_AT)
                | bit(invite.temporary, flags::INVITE_TEMPORARY),
        );
        write_text(&invite.code, &mut self.bytes);
        if let Some(channel) = invite.channel {
            write_id(channel.0, &mut self.bytes);
        }
        if let Some(inviter) = &invite.inviter {
            self.person(inviter);
        }
        if let Some(uses) = invite.uses {
            write(u64::from(uses), &mut self.bytes);
        }
        write(u64::from(invite.max_uses), &mut self.bytes);
        for instant in [invite.created_at, invite.expires_at].into_iter().flatten() {
            write_signed(instant.0, &mut self.bytes);
        }
    }

    fn invites(&mut self, list: &InviteList<'_>) {
        self.which(tag::INVITES, [list.guild.0]);
        self.bytes.push(bit(list.vanity.is_some(), flags::INVITES_VANITY));
        write(list.invites.len() as u64, &mut self.bytes);
        for invite in &list.invites {
            self.invite(invite);
        }
        if let Some((code, uses)) = &list.vanity {
            write_text(code, &mut self.bytes);
            write(u64::from(*uses), &mut self.bytes);
        }
    }

    fn reading_refused(&mut self, request: ReadingRequest, why: HistoryRefusal) {
        let (guild, reading) = request.what();
        self.which(tag::READING_REFUSED, [guild.0]);
        self.bytes.push(reading as u8);
        match request {
            ReadingRequest::Invites { vanity, .. } => {
                self.bytes.push(bit(vanity, flags::INVITES_VANITY));
            }
            ReadingRequest::Audits { after, .. } => write_id(after.0, &mut self.bytes),
            ReadingRequest::Members { after, .. } => write_id(after.0, &mut self.bytes),
        }
        self.bytes.push(refusal_number(why));
    }

    fn details(&mut self, details: &GuildDetailsFact<'_>) {
        self.which(tag::GUILD_DETAILS, [details.guild.0]);
        self.bytes.push(bit(details.vanity.is_some(), flags::DETAILS_VANITY));
        write_text_if(details.vanity.as_deref(), &mut self.bytes);
        write(details.roles.len() as u64, &mut self.bytes);
        for role in &details.roles {
            self.role(role);
        }
        self.emojis(&details.emojis);
        write(details.features.len() as u64, &mut self.bytes);
        for feature in &details.features {
            write_text(feature, &mut self.bytes);
        }
        write(details.fields.len() as u64, &mut self.bytes);
        for (name, value) in &details.fields {
            self.bytes.push(bit(value.is_some(), flags::FIELD_VALUE));
            write_text(name, &mut self.bytes);
            write_text_if(value.as_deref(), &mut self.bytes);
        }
    }

    fn role(&mut self, role: &RoleFact<'_>) {
        self.bytes.push(bit(role.managed, flags::ROLE_MANAGED));
        write_id(role.id.0, &mut self.bytes);
        write_text(&role.name, &mut self.bytes);
        write(u64::from(role.color), &mut self.bytes);
        write_signed(i64::from(role.position), &mut self.bytes);
        write(role.permissions, &mut self.bytes);
    }

    fn emojis(&mut self, emojis: &[GuildEmojiFact<'_>]) {
        write(emojis.len() as u64, &mut self.bytes);
        for emoji in emojis {
            self.bytes.push(bit(emoji.animated, flags::EMOJI_ANIMATED));
            write_id(emoji.id.0, &mut self.bytes);
            write_text(&emoji.name, &mut self.bytes);
        }
    }
}
