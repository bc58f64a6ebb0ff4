//! A burst: the joins since the last decision, the reading that is to explain them, and when they are decided.

use crate::checkpoint::BookCheckpoint as Book;
use crate::invites::attribution::Evidence;
use crate::limits;
use crate::vocabulary::{
    Attribution, AttributionMethod, AuthorKind, Confidence, InviteList, MemberFact, Record, UnixMs,
    UserId,
};

/// What a decision led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing is to be read now.
    Done,
    /// The invites are to be read again.
    ReadAgain,
}

impl Book {
    /// Somebody came; gives whether the invites are to be read.
    pub(crate) fn join(
        &mut self,
        at: UnixMs,
        fact: &MemberFact<'_>,
        out: &mut Vec<Record>,
    ) -> bool {
        let (member, joined_at) = (fact.person.id, fact.joined_at);
        if self.is_repeat(member, joined_at) {
            return false;
        }
        if self.recent.len() >= limits::RECENT_JOINS_MAX {
            self.recent.remove(0);
        }
        self.recent.push((member, joined_at));
        if fact.person.kind == AuthorKind::Bot {
            // Whoever added it stands in the audit log; an invite it needs none.
            let added = Attribution {
                member,
                joined_at,
                method: AttributionMethod::BotAdded,
                confidence: Confidence::Exact,
                burst: 1,
                ..Attribution::default()
            };
            out.push(Record::Attributions(self.guild, vec![added]));
            return false;
        }
        self.pending.push((member, joined_at, at));
        if self.is_refused && at.0.saturating_sub(self.read_at.0) < limits::INVITES_RETRY_MS {
            self.tell_unknown(out);
            return false;
        }
        if self.pending.len() >= limits::PENDING_JOINS_MAX {
            // Too many for one decision: the uses of these joins can be told from later ones only by counting anew.
            self.tell_unknown(out);
            self.is_read = false;
            self.decide_at = None;
        }
        if self.is_wanted || self.decide_at.is_some() {
            return false;
        }
        self.reads = 0;
        self.decide_until = None;
        self.ask();
        true
    }

    /// The invites are to be read: who came until now has used theirs by then.
    pub(crate) fn ask(&mut self) {
        self.is_wanted = true;
        self.asked = self.pending.len() as u32;
        self.reads += 1;
        self.decide_at = None;
    }

    /// The answer to what was asked; gives whether to ask again.
    pub(crate) fn answer(
        &mut self,
        at: UnixMs,
        list: &InviteList<'_>,
        out: &mut Vec<Record>,
    ) -> bool {
        self.is_wanted = false;
        self.is_refused = false;
        self.update(at, list, out);
        if self.is_read && !self.pending.is_empty() {
            self.decide_at = Some(later(at, limits::INVITE_SETTLE_MS));
            self.decide_until = Some(later(at, limits::INVITE_SETTLE_MS_MAX));
            if let Some(ended_at) = self.codes.iter().filter_map(|code| code.ended_at).max() {
                self.await_audit(ended_at);
            }
            return false;
        }
        // Where counting begins. Who came while the answer was on its way may have been counted, or not: once more for them.
        let is_clean = self.pending.len() <= self.asked as usize;
        self.tell_unknown(out);
        self.count_anew();
        self.codes.retain(|code| code.ended_at.is_none());
        self.is_read = is_clean;
        match is_clean {
            true => self.reads = 0,
            false => self.ask(),
        }
        !is_clean
    }

    /// An invite ended: the audit log has a moment to say that somebody deleted it.
    pub(crate) fn await_audit(&mut self, at: UnixMs) {
        let audited = later(at, limits::INVITE_AUDIT_MS);
        self.decide_at = self.decide_at.map(|decide_at| decide_at.max(audited));
    }

    /// Shares out what was used among those who came, unless more is to be known.
    pub(crate) fn decide(&mut self, at: UnixMs, out: &mut Vec<Record>) -> Turn {
        if let Some((_, _, heard_at)) = self.pending.first().copied() {
            self.forget_ended(heard_at);
        }
        let evidence = Evidence::gather(self);
        let (joins, asked) = (self.pending.len() as u64, self.asked as usize);
        let mut decided = self.pending.len();
        if evidence.uses != joins {
            let has_late = asked < self.pending.len();
            if evidence.uses > joins && self.decide_until.is_some_and(|until| at < until) {
                // Somebody is still to be told of.
                self.decide_at = Some(later(at, limits::INVITE_SETTLE_MS));
                return Turn::Done;
            }
            // Uses may be counted late, or by those who came after the question.
            let reads_max = if has_late { limits::INVITE_READS_MAX } else { 2 };
            if self.reads < reads_max {
                self.ask();
                return Turn::ReadAgain;
            }
            // Uses of those who came after the question may be still to be counted: they wait for another reading.
            decided = asked.min(decided);
        }
        evidence.tell(self, &self.pending[..decided], out);
        self.pending.drain(..decided);
        self.conclude(at, out);
        if self.pending.is_empty() {
            return Turn::Done;
        }
        self.reads = 0;
        self.ask();
        Turn::ReadAgain
    }

    /// Whoever waits came in a way that cannot be known.
    pub(crate) fn tell_unknown(&mut self, out: &mut Vec<Record>) {
        let burst = self.pending.len() as u32;
        let unknown = |(member, joined_at, _): &(UserId, UnixMs, UnixMs)| Attribution {
            member: *member,
            joined_at: *joined_at,
            burst,
            ..Attribution::default()
        };
        for piece in self.pending.chunks(limits::RECORD_ATTRIBUTIONS_MAX) {
            out.push(Record::Attributions(self.guild, piece.iter().map(unknown).collect()));
        }
        self.pending.clear();
        self.asked = 0;
    }

    /// What is under way is not waited for; what was counted until now is no beginning to count from.
    pub(crate) fn forget_reading(&mut self) {
        self.is_read = false;
        self.is_wanted = false;
        self.decide_at = None;
        self.decide_until = None;
        self.asked = 0;
        self.reads = 0;
    }

    /// After a decision: counts from here, without what was used up.
    fn conclude(&mut self, at: UnixMs, out: &mut Vec<Record>) {
        let (mut used_up, is_sure) = (Vec::new(), self.audits);
        for code in self.codes.iter_mut().filter(|code| code.is_used_up()) {
            if is_sure && code.uses < code.max_uses {
                code.uses = code.max_uses;
                used_up.push(code.record(at));
            }
        }
        if !used_up.is_empty() {
            out.push(Record::Invites(self.guild, used_up));
        }
        self.codes.retain(|code| !code.is_used_up());
        self.count_anew();
        self.forget_ended(at);
        let since = self.read_at.0.saturating_sub(limits::JOIN_REPEAT_MS);
        self.recent.retain(|(_, joined_at)| joined_at.0 >= since);
        self.decide_at = None;
        self.decide_until = None;
        self.asked = 0;
        self.reads = 0;
    }

    /// Whether a join was told before, or lies so far before the last reading that its use was counted then.
    fn is_repeat(&self, member: UserId, joined_at: UnixMs) -> bool {
        joined_at.0 < self.read_at.0.saturating_sub(limits::JOIN_REPEAT_MS)
            || self.recent.contains(&(member, joined_at))
    }
}

fn later(at: UnixMs, ms: i64) -> UnixMs {
    UnixMs(at.0.saturating_add(ms))
}
