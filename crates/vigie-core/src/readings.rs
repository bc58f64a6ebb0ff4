//! What is to be read of guilds beside messages, and what is known of reading them: the audit log from the last entry known, the
//! members anew, the invites as often as somebody came.

use std::collections::BTreeMap;

use crate::checkpoint::SourcesCheckpoint;
use crate::limits;
use crate::vocabulary::{
    Access, AuditId, CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, Reading,
    ReadingRequest, Record, UnixMs, UserId, snowflake_at,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// What is asked for, one at most for each guild and kind: invites before audit logs before members, then in the order in which it
    /// came to be asked for.
    queue: BTreeMap<Place, ReadingRequest>,
    places: BTreeMap<(GuildId, Reading), Place>,
    last_number: u64,
    sources: BTreeMap<GuildId, Sources>,
}

/// A place in the queue: rank and number.
type Place = (u8, u64);

/// What is known of reading a guild.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sources {
    newest_audit: Option<AuditId>,
    members_began: Option<UnixMs>,
    has_vanity: bool,
    access: BTreeMap<Reading, bool>,
    audits_refused: Option<UnixMs>,
    moderation_gaps: Vec<(UnixMs, UnixMs, CoverageReason)>,
}

impl Readings {
    /// What to read next among the guilds that `may` be read.
    pub(crate) fn next(&self, may: impl Fn(GuildId) -> bool) -> Option<ReadingRequest> {
        self.queue.values().copied().find(|request| may(request.what().0))
    }

    /// Whether an answer is to something asked for.
    pub(crate) fn is_asked(&self, request: ReadingRequest) -> bool {
        let place = self.places.get(&request.what());
        place.is_some_and(|place| self.queue.get(place) == Some(&request))
    }

    /// Takes note that a guild has a vanity address, or none.
    pub(crate) fn set_vanity(&mut self, guild: GuildId, has_vanity: bool) {
        self.of(guild).has_vanity = has_vanity;
        if self.wants(guild, Reading::Invites) {
            self.want_invites(guild);
        }
    }

    /// The guild's invites are to be read.
    pub(crate) fn want_invites(&mut self, guild: GuildId) {
        let vanity = self.sources.get(&guild).is_some_and(|sources| sources.has_vanity);
        self.put(ReadingRequest::Invites { guild, vanity });
    }

    /// The guild's audit log is to be read from the last entry known, or as far back as Discord keeps it. Entries are told up to some
    /// seconds late, and older ones after newer ones: so some are read twice, which their ids make harmless.
    pub(crate) fn want_audits(&mut self, guild: GuildId, at: UnixMs, heard_until: UnixMs) {
        // A reading that is under way goes on until the present.
        if self.wants(guild, Reading::AuditLog) {
            return;
        }
        let kept = UnixMs(at.0.saturating_sub(limits::AUDIT_KEPT_MS));
        let from = match self.of(guild).newest_audit {
            Some(newest) => {
                let known = newest.time().min(heard_until);
                UnixMs(known.0.saturating_sub(limits::AUDIT_LATE_MS)).max(kept)
            }
            None => kept,
        };
        // Zero is no id.
        let after = AuditId(snowflake_at(from).max(1));
        self.put(ReadingRequest::Audits { guild, after });
    }

    /// The guild's members are to be read anew, in a reading that begins now.
    pub(crate) fn want_members(&mut self, guild: GuildId, at: UnixMs) {
        self.of(guild).members_began = Some(at);
        self.put(ReadingRequest::Members { guild, after: UserId(0) });
    }

    /// Moderation was not heard from one instant until another: to be told recovered once the audit log is read.
    pub(crate) fn miss_moderation(
        &mut self,
        guild: GuildId,
        from: UnixMs,
        until: UnixMs,
        reason: CoverageReason,
    ) {
        let gaps = &mut self.of(guild).moderation_gaps;
        // The oldest stays blind.
        if gaps.len() >= limits::MODERATION_GAPS_MAX {
            gaps.remove(0);
        }
        gaps.push((from, until, reason));
    }

    /// An audit entry was heard of.
    pub(crate) fn hear_audit(&mut self, guild: GuildId, id: AuditId) {
        let newest = &mut self.of(guild).newest_audit;
        *newest = (*newest).max(Some(id));
    }

    /// A page of the audit log was read: the next one, or what was missed is recovered.
    pub(crate) fn turn_audits(
        &mut self,
        guild: GuildId,
        after: AuditId,
        newest: Option<AuditId>,
        more: bool,
        out: &mut Vec<Record>,
    ) {
        self.take(guild, Reading::AuditLog);
        if let Some(newest) = newest {
            self.hear_audit(guild, newest);
        }
        match newest.filter(|newest| more && *newest > after) {
            Some(after) => self.put(ReadingRequest::Audits { guild, after }),
            None => {
                let gaps = std::mem::take(&mut self.of(guild).moderation_gaps);
                self.tell(guild, gaps, CoverageState::Recovered, None, out);
            }
        }
    }

    /// A page of members was read; when the reading is whole, gives when it began.
    pub(crate) fn turn_members(
        &mut self,
        guild: GuildId,
        after: UserId,
        last: Option<UserId>,
        more: bool,
    ) -> Option<UnixMs> {
        self.take(guild, Reading::Members);
        match last.filter(|last| more && *last > after) {
            Some(after) => {
                self.put(ReadingRequest::Members { guild, after });
                None
            }
            None => self.of(guild).members_began.take(),
        }
    }

    /// When the reading of members began that is under way.
    pub(crate) fn members_began(&self, guild: GuildId) -> Option<UnixMs> {
        self.sources.get(&guild)?.members_began
    }

    /// What was to be read is answered or refused, and is not asked for any more.
    pub(crate) fn take(&mut self, guild: GuildId, reading: Reading) {
        if let Some(place) = self.places.remove(&(guild, reading)) {
            self.queue.remove(&place);
        }
    }

    /// Whether a reading is asked for.
    pub(crate) fn wants(&self, guild: GuildId, reading: Reading) -> bool {
        self.places.contains_key(&(guild, reading))
    }

    /// Something may be read, or may not: told when it changes.
    pub(crate) fn note_access(
        &mut self,
        guild: GuildId,
        reading: Reading,
        at: UnixMs,
        allowed: bool,
        out: &mut Vec<Record>,
    ) {
        let before = self.of(guild).access.insert(reading, allowed);
        if before != Some(allowed) {
            out.push(Record::Access(guild, vec![Access { reading, at, allowed }]));
        }
    }

    /// The audit log may not be read: moderation is blind from now on, and what was missed stays so.
    pub(crate) fn refuse_audits(
        &mut self,
        guild: GuildId,
        at: UnixMs,
        reason: CoverageReason,
        out: &mut Vec<Record>,
    ) {
        let gaps = std::mem::take(&mut self.of(guild).moderation_gaps);
        self.tell(guild, gaps, CoverageState::Blind, Some(reason), out);
        let refused = &mut self.of(guild).audits_refused;
        if reason == CoverageReason::MissingPermission && refused.is_none() {
            *refused = Some(at);
            let (state, until) = (CoverageState::Blind, None);
            out.push(moderation(guild, CoverageSpan { from: at, until, state, reason, ..SPAN }));
        }
    }

    /// The audit log may be read again. `true` if it could not be.
    pub(crate) fn allow_audits(
        &mut self,
        guild: GuildId,
        at: UnixMs,
        out: &mut Vec<Record>,
    ) -> bool {
        let Some(from) = self.of(guild).audits_refused.take() else { return false };
        let reason = CoverageReason::MissingPermission;
        let (state, until) = (CoverageState::Blind, Some(at));
        out.push(moderation(guild, CoverageSpan { from, until, state, reason, ..SPAN }));
        true
    }

    fn tell(
        &self,
        guild: GuildId,
        gaps: Vec<(UnixMs, UnixMs, CoverageReason)>,
        state: CoverageState,
        reason_now: Option<CoverageReason>,
        out: &mut Vec<Record>,
    ) {
        let spans = gaps.into_iter().map(|(from, until, reason)| CoverageSpan {
            from,
            until: Some(until),
            state,
            reason: reason_now.unwrap_or(reason),
            ..SPAN
        });
        let spans: Vec<_> = spans.collect();
        if !spans.is_empty() {
            out.push(Record::Coverage(guild, spans));
        }
    }

    /// A guild is not ours any more.
    pub(crate) fn remove(&mut self, guild: GuildId) {
        for reading in Reading::ALL {
            self.take(guild, reading);
        }
        self.sources.remove(&guild);
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.queue.len() * (size_of::<ReadingRequest>() + 2 * size_of::<Place>() + 24) * 3 / 2
            + self.sources.len() * size_of::<(GuildId, Sources)>() * 3 / 2
    }

    pub(crate) fn checkpoint(&self) -> (Vec<ReadingRequest>, Vec<SourcesCheckpoint>) {
        let known = self.sources.iter().filter(|(_, one)| **one != Sources::default());
        let sources = known.map(|(&guild, one)| SourcesCheckpoint {
            guild,
            newest_audit: one.newest_audit,
            members_began: one.members_began,
            has_vanity: one.has_vanity,
            access: one.access.iter().map(|(&reading, &allowed)| (reading, allowed)).collect(),
            audits_refused: one.audits_refused,
            moderation_gaps: one.moderation_gaps.clone(),
        });
        (self.queue.values().copied().collect(), sources.collect())
    }

    pub(crate) fn restore(queue: &[ReadingRequest], sources: &[SourcesCheckpoint]) -> Self {
        let source = |one: &SourcesCheckpoint| {
            let sources = Sources {
                newest_audit: one.newest_audit,
                members_began: one.members_began,
                has_vanity: one.has_vanity,
                access: one.access.iter().copied().collect(),
                audits_refused: one.audits_refused,
                moderation_gaps: one.moderation_gaps.clone(),
            };
            (one.guild, sources)
        };
        let sources = sources.iter().map(source).collect();
        let mut readings = Self { sources, ..Self::default() };
        for request in queue {
            readings.put(*request);
        }
        readings
    }

    /// Asks for something, in place of what was asked for of the same guild and kind.
    fn put(&mut self, request: ReadingRequest) {
        let rank = match request.what().1 {
            Reading::Invites => 0,
            Reading::AuditLog => 1,
            Reading::Members => 2,
        };
        let next = (rank, self.last_number + 1);
        let place = *self.places.entry(request.what()).or_insert(next);
        self.last_number = self.last_number.max(place.1);
        self.queue.insert(place, request);
    }

    fn of(&mut self, guild: GuildId) -> &mut Sources {
        self.sources.entry(guild).or_default()
    }
}

/// What all spans told here have in common.
const SPAN: CoverageSpan = CoverageSpan {
    family: CoverageFamily::Moderation,
    from: UnixMs(0),
    until: None,
    state: CoverageState::Blind,
    reason: CoverageReason::None,
};

fn moderation(guild: GuildId, span: CoverageSpan) -> Record {
    Record::Coverage(guild, vec![span])
}
