//! What is known of a guild's invites: kept current by readings and events; what runs out is worked out.

use crate::checkpoint::{BookCheckpoint as Book, CodeCheckpoint as Code};
use crate::limits;
use crate::vocabulary::{ChannelId, InviteFact, InviteList, InviteRecord, Record, UnixMs};

impl Book {
    /// An invite was made: it has never been used.
    pub(crate) fn create(&mut self, at: UnixMs, fact: &InviteFact<'_>, out: &mut Vec<Record>) {
        let is_bounded = fact.code.len() <= limits::INVITE_CODE_BYTES_MAX;
        if !is_bounded || self.codes.len() >= limits::BOOK_CODES_MAX {
            return;
        }
        let mut code = Code::of(fact);
        match self.place(&fact.code) {
            // Told again, or after a reading that had it: what was counted stays.
            Ok(place) if self.codes[place].ended_at.is_none() => {
                let known = &self.codes[place];
                (code.uses, code.uses_before) = (known.uses, known.uses_before);
                code.is_deleted = known.is_deleted;
                if code == *known {
                    return;
                }
                self.codes[place] = code;
            }
            Ok(_) => return,
            Err(place) => self.codes.insert(place, code),
        }
        if let Ok(place) = self.place(&fact.code) {
            out.push(Record::Invites(self.guild, vec![self.codes[place].record(at)]));
        }
    }

    /// An invite is gone: by somebody's hand, or by its last use.
    pub(crate) fn end(&mut self, at: UnixMs, code: &str, out: &mut Vec<Record>) {
        let Ok(place) = self.place(code) else {
            // The store may know it.
            let code = limits::cut(code, limits::INVITE_CODE_BYTES_MAX).to_owned();
            let record = InviteRecord { code, at, ended_at: Some(at), ..InviteRecord::default() };
            out.push(Record::Invites(self.guild, vec![record]));
            return;
        };
        self.await_audit(at);
        let code = &mut self.codes[place];
        if code.ended_at.is_none() {
            code.ended_at = Some(at);
            out.push(Record::Invites(self.guild, vec![code.record(at)]));
        }
        if self.pending.is_empty() {
            self.forget_ended(at);
        }
    }

    /// Somebody deleted an invite. One that is not known yet may still be on an answer that is on its way.
    pub(crate) fn condemn(&mut self, at: UnixMs, code: &str) {
        match self.place(code) {
            Ok(place) => self.codes[place].is_deleted = true,
            Err(place) if is_code(code) && self.codes.len() < limits::BOOK_CODES_MAX => {
                let code = code.to_owned();
                let ended_at = Some(at);
                self.codes
                    .insert(place, Code { code, ended_at, is_deleted: true, ..Code::default() });
            }
            Err(_) => {}
        }
    }

    /// The invites of a channel are gone with it.
    pub(crate) fn end_channel(&mut self, at: UnixMs, channel: ChannelId, out: &mut Vec<Record>) {
        let mut ended = Vec::new();
        for code in self.codes.iter_mut().filter(|code| code.channel == Some(channel)) {
            code.is_deleted = true;
            if code.ended_at.is_none() {
                code.ended_at = Some(at);
                ended.push(code.record(at));
            }
        }
        self.tell(&ended, out);
    }

    /// The book after a reading: what is new, what moved, what is gone.
    pub(crate) fn update(&mut self, at: UnixMs, list: &InviteList<'_>, out: &mut Vec<Record>) {
        let (mut told, mut listed) = (Vec::new(), Vec::new());
        for fact in list.invites.iter().filter(|fact| is_code(&fact.code)) {
            let mut code = Code::of(fact);
            listed.push(code.code.clone());
            let known = self.place(&code.code);
            match known {
                Ok(place) => {
                    let known = &self.codes[place];
                    // Uses are only ever added: a lower number is an older one.
                    code.uses = known.uses.max(code.uses);
                    code.uses_before = known.uses_before;
                    // It may end again by what ended it once.
                    code.is_deleted = known.is_deleted;
                }
                // One that should have been known says nothing of when it was used.
                Err(_) if code.created_at.is_none_or(|made| !self.is_after_reading(made)) => {
                    code.uses_before = code.uses;
                }
                Err(_) => code.uses_before = 0,
            }
            self.put(known, code, at, &mut told);
        }
        if let Some((vanity, uses)) = list.vanity.as_ref().filter(|(code, _)| is_code(code)) {
            let known = self.place(vanity);
            let before = known.ok().map(|place| self.codes[place].uses_before);
            listed.push(vanity.to_string());
            let code = Code {
                code: vanity.to_string(),
                is_vanity: true,
                uses: *uses,
                uses_before: before.unwrap_or(*uses),
                ..Code::default()
            };
            self.put(known, code, at, &mut told);
        }
        listed.sort_unstable();
        self.find_missing(at, &listed, list.vanity.is_some(), &mut told);
        self.tell(&told, out);
        self.read_at = at;
    }

    /// Counts from here: what was used until now has been shared out, or belongs to nobody who was heard.
    pub(crate) fn count_anew(&mut self) {
        self.codes.iter_mut().for_each(|code| code.uses_before = code.uses);
    }

    /// Forgets what ended so long before an instant that nobody who joins then can have come by it.
    pub(crate) fn forget_ended(&mut self, at: UnixMs) {
        let since = at.0.saturating_sub(limits::INVITE_CANDIDATE_MS);
        self.codes.retain(|code| code.ended_at.is_none_or(|ended| ended.0 >= since));
    }

    fn put(
        &mut self,
        place: Result<usize, usize>,
        code: Code,
        at: UnixMs,
        told: &mut Vec<InviteRecord>,
    ) {
        match place {
            Ok(place) if self.codes[place] == code => {}
            Ok(place) => {
                told.push(code.record(at));
                self.codes[place] = code;
            }
            Err(place) => {
                told.push(code.record(at));
                self.codes.insert(place, code);
            }
        }
    }

    /// Ends what is not listed any more.
    fn find_missing(
        &mut self,
        at: UnixMs,
        listed: &[String],
        vanity_told: bool,
        told: &mut Vec<InviteRecord>,
    ) {
        let newest = at.0.saturating_sub(limits::INVITE_SKEW_MS);
        for code in self.codes.iter_mut().filter(|code| code.ended_at.is_none()) {
            let is_listed = listed.binary_search(&code.code).is_ok();
            // One that was made while the answer was on its way cannot be on it; the next one lists it.
            let is_new = code.created_at.is_some_and(|made| made.0 >= newest);
            // A vanity counter that could not be read says nothing.
            if is_listed || (code.is_vanity && !vanity_told) {
                continue;
            }
            // Gone, or not there yet, or deleted unseen: nothing follows from it but that it may have been used.
            code.is_deleted |= is_new || !self.audits;
            let expired = code.expires_at.filter(|expires_at| *expires_at <= at);
            code.ended_at = Some(at);
            told.push(InviteRecord { ended_at: Some(expired.unwrap_or(at)), ..code.record(at) });
        }
    }

    /// Whether an invite can have been made after the last reading, as far as clocks agree.
    fn is_after_reading(&self, made: UnixMs) -> bool {
        made.0 >= self.read_at.0.saturating_sub(limits::INVITE_SKEW_MS)
    }

    fn place(&self, code: &str) -> Result<usize, usize> {
        self.codes.binary_search_by(|other| other.code.as_str().cmp(code))
    }

    fn tell(&self, records: &[InviteRecord], out: &mut Vec<Record>) {
        let pieces = records.chunks(limits::RECORD_INVITES_MAX);
        out.extend(pieces.map(|piece| Record::Invites(self.guild, piece.to_vec())));
    }
}

impl Code {
    fn of(fact: &InviteFact<'_>) -> Self {
        Self {
            code: fact.code.to_string(),
            is_vanity: false,
            channel: fact.channel,
            inviter: fact.inviter.as_ref().map(|inviter| inviter.id),
            uses_before: 0,
            uses: fact.uses.unwrap_or(0),
            max_uses: fact.max_uses,
            created_at: fact.created_at,
            expires_at: fact.expires_at,
            temporary: fact.temporary,
            ended_at: None,
            is_deleted: false,
        }
    }

    /// Whether it is gone, and nothing but its last use can have ended it, unless somebody deleted it unseen.
    pub(crate) fn is_used_up(&self) -> bool {
        let Some(ended_at) = self.ended_at else { return false };
        let has_expired =
            |expires_at: UnixMs| expires_at.0 <= ended_at.0.saturating_add(limits::INVITE_SKEW_MS);
        self.max_uses > 0 && !self.is_deleted && !self.expires_at.is_some_and(has_expired)
    }

    pub(crate) fn record(&self, at: UnixMs) -> InviteRecord {
        InviteRecord {
            code: self.code.clone(),
            at,
            is_vanity: self.is_vanity,
            channel: self.channel,
            inviter: self.inviter,
            uses: Some(self.uses),
            max_uses: self.max_uses,
            created_at: self.created_at,
            expires_at: self.expires_at,
            ended_at: self.ended_at,
            temporary: self.temporary,
        }
    }
}

fn is_code(code: &str) -> bool {
    (1..=limits::INVITE_CODE_BYTES_MAX).contains(&code.len())
}
