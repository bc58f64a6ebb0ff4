//! Facts of the families members, moderation, invites and guilds: each is taken to where it belongs.

use crate::vocabulary::{
    AuditEntry, AuditPage, CaseSource, CoverageReason, Fact, GuildId, HistoryRefusal, InviteList,
    MemberFact, MemberPage, ModerationAction, Person, Reading, ReadingRequest, Record, UnixMs,
};
use crate::{Core, guilds, members, moderation};

impl Core {
    /// Takes a fact of these families, heard at `now`; others are passed over.
    pub(crate) fn handle_more(&mut self, now: UnixMs, fact: Fact<'_>, out: &mut Vec<Record>) {
        match fact {
            // What was asked for is no sign of life from the gateway.
            Fact::Members(page) => self.members_read(&page, out),
            Fact::Audits(page) => self.audits_read(now, &page, out),
            Fact::Invites(list) => self.invites_read(now, &list, out),
            Fact::ReadingRefused(request, refusal) => {
                self.reading_refused(now, request, refusal, out);
            }
            heard => {
                let at = self.hear(now);
                self.handle_heard(at, heard, out);
            }
        }
    }

    /// Hands on which invites are to be read.
    pub(crate) fn queue_invites(&mut self, now: UnixMs, out: &mut Vec<Record>) {
        while let Some(guild) = self.invites.take_wanted() {
            if self.reads.invites {
                self.readings.want_invites(guild);
            } else {
                self.invites.refused(now, guild, out);
            }
        }
    }

    fn handle_heard(&mut self, at: UnixMs, fact: Fact<'_>, out: &mut Vec<Record>) {
        match fact {
            Fact::MemberJoined(guild, fact) => self.member_joined(at, guild, &fact, out),
            Fact::MemberLeft(guild, person) => {
                self.names.hear_of(guild, &person);
                let kind = self.names.kind_of(person.id);
                out.push(members::departure(at, guild, &person, kind));
            }
            Fact::MemberUpdated(guild, person, until) => {
                self.names.hear(guild, &person);
                let case = self.timeouts.told(at, guild, person.id, until);
                moderation::push(guild, case.into_iter().collect(), out);
            }
            Fact::Banned(guild, person) => {
                self.struck(at, guild, &person, ModerationAction::Ban, out);
            }
            Fact::Unbanned(guild, person) => {
                self.struck(at, guild, &person, ModerationAction::Unban, out);
            }
            Fact::Audit(guild, entry) => self.audit(at, guild, &entry, out),
            Fact::Automod(guild, told) => {
                moderation::push(guild, vec![moderation::automod(at, &told)], out);
            }
            Fact::MessagesDeleted(guild, channel, count) => {
                let case = moderation::messages_deleted(at, channel, count);
                moderation::push(guild, vec![case], out);
            }
            Fact::InviteCreated(guild, invite) => {
                if let Some(inviter) = &invite.inviter {
                    self.names.hear_of(guild, inviter);
                }
                self.invites.created(at, guild, &invite, out);
            }
            Fact::InviteDeleted(guild, code) => self.invites.deleted(at, guild, &code, out),
            Fact::GuildDetails(details) => {
                self.readings.set_vanity(details.guild, details.vanity.is_some());
                out.push(guilds::details::all(at, &details));
            }
            Fact::Role(guild, role) => out.push(guilds::details::role(at, guild, &role)),
            Fact::RoleDeleted(guild, role) => {
                out.push(guilds::details::role_deleted(at, guild, role));
            }
            Fact::Emojis(guild, emojis) => {
                out.push(guilds::details::emojis(at, guild, &emojis));
            }
            _ => {}
        }
    }

    fn member_joined(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        fact: &MemberFact<'_>,
        out: &mut Vec<Record>,
    ) {
        self.names.hear(guild, &fact.person);
        out.push(members::join(guild, fact));
        self.invites.joined(at, guild, fact, out);
    }

    fn struck(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        person: &Person<'_>,
        action: ModerationAction,
        out: &mut Vec<Record>,
    ) {
        self.names.hear_of(guild, person);
        moderation::push(guild, vec![moderation::fact(action, at, Some(person.id))], out);
    }

    /// An entry of the audit log was pushed: which also says that the log may be read.
    fn audit(&mut self, at: UnixMs, guild: GuildId, entry: &AuditEntry<'_>, out: &mut Vec<Record>) {
        if self.readings.allow_audits(guild, at, out) && self.reads.audits {
            self.readings.note_access(guild, Reading::AuditLog, at, true, out);
            self.invites.set_audits(guild, true);
            self.readings.want_audits(guild, at, at);
        }
        self.readings.hear_audit(guild, entry.id);
        // 42: somebody deleted an invite.
        if entry.action_type == 42 {
            let codes = entry.changes.iter().filter(|change| change.key == "code");
            for code in codes.filter_map(|change| change.old.as_deref()) {
                self.invites.deleted_by_hand(at, guild, code);
            }
        }
        let cases = moderation::cases(entry, CaseSource::AuditPushed);
        for case in cases.iter().filter(|case| case.action == ModerationAction::Timeout) {
            if let Some(member) = case.target {
                self.timeouts.told(at, guild, member, case.until);
            }
        }
        moderation::push(guild, cases, out);
    }

    fn audits_read(&mut self, now: UnixMs, page: &AuditPage<'_>, out: &mut Vec<Record>) {
        let (guild, after) = (page.guild, page.after);
        if !self.readings.is_asked(ReadingRequest::Audits { guild, after }) {
            return;
        }
        for person in &page.people {
            self.names.hear_of(guild, person);
        }
        let cases =
            page.entries.iter().flat_map(|entry| moderation::cases(entry, CaseSource::AuditRead));
        moderation::push(guild, cases.collect(), out);
        self.readings.note_access(guild, Reading::AuditLog, now, true, out);
        self.readings.allow_audits(guild, now, out);
        self.invites.set_audits(guild, true);
        self.readings.turn_audits(guild, after, page.newest, page.more, out);
    }

    fn members_read(&mut self, page: &MemberPage<'_>, out: &mut Vec<Record>) {
        let (guild, after) = (page.guild, page.after);
        if !self.readings.is_asked(ReadingRequest::Members { guild, after }) {
            return;
        }
        let Some(began) = self.readings.members_began(guild) else { return };
        for member in &page.members {
            self.names.hear(guild, &member.person);
        }
        members::listed(guild, began, &page.members, out);
        self.readings.note_access(guild, Reading::Members, began, true, out);
        if let Some(began) = self.readings.turn_members(guild, after, page.last, page.more) {
            out.push(Record::MembersListed(guild, began));
        }
    }

    fn invites_read(&mut self, now: UnixMs, list: &InviteList<'_>, out: &mut Vec<Record>) {
        let guild = list.guild;
        if !self.readings.wants(guild, Reading::Invites) {
            return;
        }
        self.readings.take(guild, Reading::Invites);
        for inviter in list.invites.iter().filter_map(|invite| invite.inviter.as_ref()) {
            self.names.hear_of(guild, inviter);
        }
        // Without MANAGE_GUILD there is the list, but not how often each was used.
        let allowed =
            list.invites.is_empty() || list.invites.iter().any(|invite| invite.uses.is_some());
        self.readings.note_access(guild, Reading::Invites, now, allowed, out);
        self.invites.read(now, list, out);
    }

    fn reading_refused(
        &mut self,
        now: UnixMs,
        request: ReadingRequest,
        refusal: HistoryRefusal,
        out: &mut Vec<Record>,
    ) {
        let (guild, reading) = request.what();
        if !self.readings.is_asked(request) {
            return;
        }
        self.readings.take(guild, reading);
        if refusal == HistoryRefusal::MissingPermission {
            self.readings.note_access(guild, reading, now, false, out);
        }
        match reading {
            Reading::AuditLog => {
                let reason = match refusal {
                    HistoryRefusal::MissingPermission => CoverageReason::MissingPermission,
                    HistoryRefusal::Gone | HistoryRefusal::Refused => {
                        CoverageReason::HistoryRefused
                    }
                };
                self.invites.set_audits(guild, false);
                self.readings.refuse_audits(guild, now, reason, out);
            }
            Reading::Invites => self.invites.refused(now, guild, out),
            Reading::Members => {}
        }
    }

    /// A guild is heard, for the first time or again after a stretch in which it was not: what no event tells is to be read.
    pub(crate) fn want_readings(&mut self, at: UnixMs, guild: GuildId, heard_until: UnixMs) {
        if self.reads.audits {
            self.readings.want_audits(guild, at, heard_until);
        }
        if self.reads.members {
            self.readings.want_members(guild, at);
        }
        self.invites.see(guild);
    }
}
