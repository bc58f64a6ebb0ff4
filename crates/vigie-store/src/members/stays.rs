//! One member's stays, and what an act makes of them.

use vigie_core::vocabulary::DepartureKind;

use super::fold::Act;
use crate::limits::{DEPARTURE_CHAIN_MS, DEPARTURE_REPEAT_MS, STAYS_LOADED_MAX, UNSEEN_GRACE_MS};

/// Stored numbers of the kinds of departure.
pub(super) const LEAVE: i32 = DepartureKind::Leave as i32;
pub(super) const UNSEEN: i32 = DepartureKind::Unseen as i32;

/// A row of `member_stays` without guild and member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) since: i64,
    pub(super) is_join_known: bool,
    pub(super) kind: i32,
    pub(super) rejoined: bool,
    pub(super) is_heard: bool,
    pub(super) listed: Option<i64>,
    pub(super) left_at: Option<i64>,
    pub(super) departure: Option<i32>,
    pub(super) case: Option<i64>,
    /// When they were found missing; `None` where the departure was heard.
    pub(super) unseen: Option<i64>,
}

/// The last stays of a member, by their beginning, and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Stays {
    stays: Vec<Stay>,
    /// Beginnings of rows that are to be deleted.
    pub(super) deleted: Vec<i64>,
    /// Beginnings of rows that changed.
    changed: Vec<i64>,
    /// An instant at which something happened that decides how a stay ended.
    pub(super) touched: Vec<i64>,
}

impl Stays {
    /// Stays as they are stored, in the order of their beginnings.
    pub(super) fn of(stays: Vec<Stay>) -> Self {
        Self { stays, ..Self::default() }
    }

    /// Rows to write.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Stay> {
        self.stays.iter().filter(|stay| self.changed.contains(&stay.since))
    }

    /// What happens next.
    pub(super) fn play(&mut self, act: Act) {
        match act {
            Act::Join { since, kind, rejoined, listed } => {
                self.join(Stay {
                    since,
                    is_join_known: true,
                    kind,
                    rejoined,
                    is_heard: listed.is_none(),
                    listed,
                    ..Stay::default()
                });
            }
            Act::Departure { at, kind } => self.depart(at, kind),
        }
    }

    fn join(&mut self, join: Stay) {
        if let Some(at) = self.stays.iter().position(|stay| stay.since == join.since) {
            self.told_again(at, &join);
        } else if let Some(at) = self.end_of(&join) {
            self.begin_known(at, join);
        } else if !self.is_outdated(&join) {
            self.begin(join);
        }
    }

    /// A join that is known already, or a stay of unknown beginning that ended in the very millisecond of this join.
    fn told_again(&mut self, at: usize, join: &Stay) {
        let before = self.stays[at];
        let stay = &mut self.stays[at];
        stay.kind = stay.kind.max(join.kind);
        stay.rejoined |= join.rejoined;
        stay.is_heard |= join.is_heard;
        stay.listed = stay.listed.max(join.listed);
        // Who was thought to be missing is there.
        let is_back = stay.unseen.is_some_and(|unseen| join.listed.is_none_or(|at| at > unseen));
        if is_back || !stay.is_join_known {
            stay.is_join_known = true;
            (stay.left_at, stay.departure, stay.case, stay.unseen) = (None, None, None, None);
        }
        if self.stays[at] != before {
            self.changed.push(join.since);
        }
    }

    /// The stay whose end was heard while the list that has this join was read.
    fn end_of(&self, join: &Stay) -> Option<usize> {
        let listed = join.listed?;
        let ended = |stay: &Stay| stay.left_at.is_some_and(|at| at >= listed && at > join.since);
        let at = self.stays.iter().position(|stay| !stay.is_join_known && ended(stay))?;
        let is_next = !self.stays[..at].iter().any(|stay| stay.since > join.since);
        is_next.then_some(at)
    }

    fn begin_known(&mut self, at: usize, join: Stay) {
        let ended = self.stays.remove(at);
        self.deleted.push(ended.since);
        self.changed.retain(|since| *since != ended.since);
        let rejoined = join.rejoined || ended.rejoined;
        let kind = join.kind.max(ended.kind);
        self.put(Stay {
            since: join.since,
            is_join_known: true,
            is_heard: false,
            listed: join.listed,
            rejoined,
            kind,
            ..ended
        });
    }

    /// Whether something later is known already.
    fn is_outdated(&self, join: &Stay) -> bool {
        let later = |stay: &&Stay| stay.since > join.since;
        match join.listed {
            None => self.stays.iter().filter(later).any(|stay| stay.left_at.is_none()),
            Some(listed) => {
                let is_truncated = self.stays.len() >= STAYS_LOADED_MAX as usize
                    && self.stays.first().is_some_and(|first| first.since > join.since);
                let is_newer = |stay: &Stay| {
                    stay.is_join_known || stay.left_at.is_none_or(|left| left >= listed)
                };
                is_truncated || self.stays.iter().filter(later).any(is_newer)
            }
        }
    }

    fn begin(&mut self, mut join: Stay) {
        let open: Vec<usize> =
            (0..self.stays.len()).filter(|at| self.stays[*at].left_at.is_none()).collect();
        for at in open {
            let stay = &mut self.stays[at];
            stay.left_at = Some(join.since.max(stay.since));
            stay.departure = Some(UNSEEN);
            stay.unseen = stay.left_at;
            self.changed.push(stay.since);
            self.touched.push(join.since);
        }
        join.rejoined |= !self.stays.is_empty();
        let near = |stay: &Stay| {
            stay.left_at.is_some_and(|left| (left - join.since).abs() <= DEPARTURE_CHAIN_MS)
        };
        if self.stays.iter().any(near) {
            self.touched.push(join.since);
        }
        self.put(join);
    }

    fn depart(&mut self, at: i64, kind: i32) {
        if let Some(stay) = self.stays.iter_mut().rfind(|stay| stay.left_at.is_none()) {
            stay.kind = stay.kind.max(kind);
            stay.left_at = Some(at.max(stay.since));
            stay.departure = Some(LEAVE);
            self.changed.push(stay.since);
            self.touched.push(at.max(stay.since));
            return;
        }
        if let Some(last) = self.stays.iter_mut().max_by_key(|stay| stay.left_at) {
            let since_left = at - last.left_at.unwrap_or(last.since);
            if last.unseen.is_some_and(|unseen| (at - unseen).abs() < UNSEEN_GRACE_MS) {
                last.left_at = Some(at.max(last.since));
                (last.departure, last.case, last.unseen) = (Some(LEAVE), None, None);
                self.changed.push(last.since);
                self.touched.push(at.max(last.since));
                return;
            }
            if since_left.abs() < DEPARTURE_REPEAT_MS {
                return;
            }
        }
        let rejoined = !self.stays.is_empty();
        self.touched.push(at);
        self.put(Stay {
            since: at,
            kind,
            rejoined,
            left_at: Some(at),
            departure: Some(LEAVE),
            ..Stay::default()
        });
    }

    /// Puts a stay in its place; one that begins in the same millisecond is the same row.
    fn put(&mut self, stay: Stay) {
        self.changed.push(stay.since);
        self.deleted.retain(|since| *since != stay.since);
        let at = self.stays.partition_point(|other| other.since < stay.since);
        match self.stays.get_mut(at).filter(|other| other.since == stay.since) {
            Some(other) => *other = stay,
            None => self.stays.insert(at, stay),
        }
    }
}
