//! What a burst has to go by, and what it says of each join.

use crate::checkpoint::{BookCheckpoint as Book, CodeCheckpoint as Code};
use crate::limits;
use crate::vocabulary::{
    Attribution, AttributionMethod, Candidate, Confidence, Record, UnixMs, UserId,
};

/// What moved since the last decision.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// How often codes were used, for sure, all together.
    pub(crate) uses: u64,
    /// Codes that were used, for sure, the most used first.
    moved: Vec<Moved>,
    /// Codes that ended and may have been used before.
    doubtful: Vec<Moved>,
}

#[derive(Clone, Debug)]
struct Moved {
    candidate: Candidate,
    is_vanity: bool,
    /// How often it can have been used since, if it is gone and was used up.
    used_up: Option<u64>,
}

impl Evidence {
    pub(crate) fn gather(book: &Book) -> Self {
        let mut evidence = Self { uses: 0, moved: Vec::new(), doubtful: Vec::new() };
        for code in &book.codes {
            let counted = code.uses.saturating_sub(code.uses_before);
            let rest = code.max_uses.saturating_sub(code.uses_before);
            let used_up = (code.is_used_up() && is_credible(book, code)).then_some(rest);
            let used = match used_up {
                Some(rest) if book.audits => rest,
                _ => counted,
            };
            if used > 0 {
                evidence.uses += u64::from(used);
                evidence.moved.push(Moved::new(code, used, used_up));
            } else if code.ended_at.is_some() {
                evidence.doubtful.push(Moved::new(code, 0, used_up));
            }
        }
        // Stable: by code where uses are equal.
        evidence.moved.sort_by_key(|moved| std::cmp::Reverse(moved.candidate.used));
        evidence
    }

    /// Tells how each of these joins came.
    pub(crate) fn tell(
        &self,
        book: &Book,
        joins: &[(UserId, UnixMs, UnixMs)],
        out: &mut Vec<Record>,
    ) {
        let found = self.judge(book.pending.len() as u64);
        let attribution = |(member, joined_at, _): &(UserId, UnixMs, UnixMs)| Attribution {
            member: *member,
            joined_at: *joined_at,
            ..found.clone()
        };
        for piece in joins.chunks(limits::RECORD_ATTRIBUTIONS_MAX) {
            out.push(Record::Attributions(book.guild, piece.iter().map(attribution).collect()));
        }
    }

    /// What holds for each of so many joins.
    fn judge(&self, joins: u64) -> Attribution {
        let all = self.moved.iter().chain(&self.doubtful);
        let candidates: Vec<_> = all.map(|moved| moved.candidate.clone()).collect();
        let burst = joins as u32;
        let mut found = Attribution { burst, ..Attribution::default() };
        let (method, confidence) = match (self.moved.as_slice(), self.doubtful.as_slice()) {
            ([], []) => (AttributionMethod::Unknown, Confidence::None),
            ([only], _) if self.uses == joins => (only.method(joins), Confidence::Exact),
            // Without the audit log nobody would say that somebody deleted it.
            ([], [only]) if only.used_up == Some(joins) => {
                (AttributionMethod::SingleUse, Confidence::Likely)
            }
            ([only], _) if self.is_likely(only, joins) => (only.method(joins), Confidence::Likely),
            ([first, ..], _) if self.is_likely(first, joins) => {
                (AttributionMethod::Ambiguous, Confidence::Likely)
            }
            _ => (AttributionMethod::Ambiguous, Confidence::None),
        };
        (found.method, found.confidence) = (method, confidence);
        if confidence > Confidence::None
            && let Some(first) = candidates.first()
        {
            (found.code, found.inviter) = (Some(first.code.clone()), first.inviter);
        } else if self.uses >= joins {
            // Whichever code it was: they are one person's.
            let mut inviters = self.moved.iter().map(|moved| moved.candidate.inviter);
            let first = inviters.next().flatten();
            found.inviter = first.filter(|_| inviters.all(|other| other == first));
        }
        found.candidates = candidates;
        found.candidates.truncate(limits::CANDIDATES_MAX);
        found
    }

    /// Whether at least 19 of 20 of the joins came by a code.
    fn is_likely(&self, moved: &Moved, joins: u64) -> bool {
        u64::from(moved.candidate.used) * 20 >= joins.max(self.uses) * 19
    }
}

/// Whether the end of a code that looks used up is believed to be its last use: the audit log would say otherwise; without it,
/// only if somebody came at that moment.
fn is_credible(book: &Book, code: &Code) -> bool {
    let ended_at = code.ended_at.unwrap_or_default().0;
    let is_close =
        |heard_at: UnixMs| heard_at.0.saturating_sub(ended_at).abs() <= limits::INVITE_SETTLE_MS;
    book.audits || book.pending.iter().any(|(.., heard_at)| is_close(*heard_at))
}

impl Moved {
    fn new(code: &Code, used: u32, used_up: Option<u32>) -> Self {
        let candidate = Candidate {
            code: code.code.clone(),
            inviter: code.inviter,
            used,
            ended: code.ended_at.is_some(),
        };
        Self { candidate, is_vanity: code.is_vanity, used_up: used_up.map(u64::from) }
    }

    /// How a join is attributed to this code alone.
    fn method(&self, joins: u64) -> AttributionMethod {
        match self.is_vanity {
            true => AttributionMethod::Vanity,
            false if self.used_up.is_some() && joins == 1 => AttributionMethod::SingleUse,
            false => AttributionMethod::UsesDiff,
        }
    }
}
