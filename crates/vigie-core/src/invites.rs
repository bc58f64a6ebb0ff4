//! Family **invites**: the invite book of each guild, and by which code somebody came.
//!
//! Discord does not say by which invite a member joined. What it says is how often each was used: the invites are read once after
//! somebody joined, and what moved since the last reading is shared out among those who came meanwhile (a *burst*).
//!
//! **Why `exact` is exact.** A use is counted before its join is told, and the join is told within the settle time. So whatever uses a
//! reading shows were made by joins heard until that time has passed: if there are as many uses as joins, each of them came by a
//! code, and if one code alone moved, by that one. Joins without an invite, other codes that ended unseen, and joins that came
//! after the reading can only make the joins more than the uses, which is never exact. A code that is gone counts as used up only
//! where the audit log would say that somebody deleted it.
//!
//! A burst is decided by what was heard, never by the clock alone: on a line that is dead without knowing it, a join may be
//! on its way.

mod attribution;
mod book;
mod burst;

use std::collections::{BTreeMap, VecDeque};

use crate::checkpoint::{BookCheckpoint as Book, CodeCheckpoint as Code};
use crate::invites::burst::Turn;
use crate::limits;
use crate::vocabulary::{
    ChannelId, GuildId, InviteFact, InviteList, MemberFact, Record, UnixMs, UserId,
};

/// The invite books of a shard. A book is its own checkpoint: plain data.
#[derive(Debug, Default)]
pub(crate) struct Invites {
    books: BTreeMap<GuildId, Book>,
    /// Bursts whose reading was answered: when they are decided.
    due: BTreeMap<GuildId, UnixMs>,
    /// Guilds whose invites are to be read, not yet fetched by [`Invites::take_wanted`].
    wanted: VecDeque<GuildId>,
    /// Codes of all books together.
    codes: usize,
}

impl Invites {
    pub(crate) fn restore(books: &[Book]) -> Self {
        let due = books.iter().filter_map(|book| Some((book.guild, book.decide_at?)));
        Self {
            due: due.collect(),
            codes: books.iter().map(|book| book.codes.len()).sum(),
            books: books.iter().map(|book| (book.guild, book.clone())).collect(),
            wanted: VecDeque::new(),
        }
    }

    pub(crate) fn checkpoint(&self) -> Vec<Book> {
        self.books.values().cloned().collect()
    }

    /// A guild is seen for the first time, or heard again: what is in its book has to be read before a join can be attributed.
    pub(crate) fn see(&mut self, guild: GuildId) {
        let book = self.books.entry(guild).or_insert_with(|| Book { guild, ..Book::default() });
        // Who came after a question that is still open may not be in its answer.
        let asked = book.is_wanted.then_some(book.asked);
        book.forget_reading();
        book.is_refused = false;
        book.ask();
        book.asked = asked.unwrap_or(book.asked);
        self.wanted.push_back(guild);
        self.due.remove(&guild);
    }

    /// A guild is not heard any more: joins that wait cannot be attributed, as others may have been missed.
    pub(crate) fn lose(&mut self, _at: UnixMs, guild: GuildId, out: &mut Vec<Record>) {
        if let Some(book) = self.books.get_mut(&guild) {
            book.tell_unknown(out);
            book.forget_reading();
        }
        self.due.remove(&guild);
        self.wanted.retain(|other| *other != guild);
    }

    /// As [`Invites::lose`], of all guilds.
    pub(crate) fn lose_all(&mut self, at: UnixMs, out: &mut Vec<Record>) {
        for guild in self.books.keys().copied().collect::<Vec<_>>() {
            self.lose(at, guild, out);
        }
    }

    /// A guild is not ours any more.
    pub(crate) fn remove(&mut self, guild: GuildId) {
        let book = self.books.remove(&guild);
        self.codes -= book.map_or(0, |book| book.codes.len());
        self.due.remove(&guild);
        self.wanted.retain(|other| *other != guild);
    }

    /// Somebody came, or is said to have come again.
    pub(crate) fn joined(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        fact: &MemberFact<'_>,
        out: &mut Vec<Record>,
    ) {
        let book = self.books.entry(guild).or_insert_with(|| Book { guild, ..Book::default() });
        if book.join(at, fact, out) {
            self.wanted.push_back(guild);
        }
        if book.decide_at.is_none() {
            self.due.remove(&guild);
        }
    }

    /// An invite was made.
    pub(crate) fn created(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        fact: &InviteFact<'_>,
        out: &mut Vec<Record>,
    ) {
        let Some(book) = self.books.get_mut(&guild) else { return };
        let before = book.codes.len();
        if self.codes < limits::INVITE_CODES_MAX {
            book.create(at, fact, out);
        }
        self.codes += book.codes.len() - before;
    }

    /// An invite was deleted, or used for the last time.
    pub(crate) fn deleted(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        code: &str,
        out: &mut Vec<Record>,
    ) {
        let Some(book) = self.books.get_mut(&guild) else { return };
        book.end(at, code, out);
        self.note_due(guild);
    }

    /// The audit log says that somebody deleted an invite: it was not used up.
    pub(crate) fn deleted_by_hand(&mut self, at: UnixMs, guild: GuildId, code: &str) {
        let Some(book) = self.books.get_mut(&guild) else { return };
        let before = book.codes.len();
        if self.codes < limits::INVITE_CODES_MAX {
            book.condemn(at, code);
        }
        self.codes += book.codes.len() - before;
    }

    /// A channel was deleted, and its invites with it: the audit log does not name them.
    pub(crate) fn channel_deleted(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        channel: ChannelId,
        out: &mut Vec<Record>,
    ) {
        let Some(book) = self.books.get_mut(&guild) else { return };
        book.end_channel(at, channel, out);
        self.note_due(guild);
    }

    /// Whether the audit log of a guild can be heard and read.
    pub(crate) fn set_audits(&mut self, guild: GuildId, allowed: bool) {
        let book = self.books.entry(guild).or_insert_with(|| Book { guild, ..Book::default() });
        book.audits = allowed;
    }

    /// The invites that were asked for.
    pub(crate) fn read(&mut self, at: UnixMs, list: &InviteList<'_>, out: &mut Vec<Record>) {
        let Some(book) = self.books.get_mut(&list.guild) else { return };
        if !book.is_wanted {
            return;
        }
        let others = self.codes - book.codes.len();
        let is_complete = list.invites.iter().all(|invite| invite.uses.is_some());
        let has_room = list.invites.len() < limits::BOOK_CODES_MAX
            && others + list.invites.len() < limits::INVITE_CODES_MAX;
        if !is_complete || !has_room {
            return self.refused(at, list.guild, out);
        }
        if book.answer(at, list, out) {
            self.wanted.push_back(list.guild);
        }
        self.codes = others + book.codes.len();
        self.note_due(list.guild);
    }

    /// The invites cannot be read: no join is attributed, until a later one finds that they can.
    pub(crate) fn refused(&mut self, at: UnixMs, guild: GuildId, out: &mut Vec<Record>) {
        let Some(book) = self.books.get_mut(&guild) else { return };
        book.tell_unknown(out);
        book.forget_reading();
        book.is_refused = true;
        book.read_at = at;
        self.codes -= book.codes.len();
        book.codes = Vec::new();
        self.due.remove(&guild);
    }

    /// Decides the bursts that are due once everything until `heard` has been heard.
    #[inline]
    pub(crate) fn settle(&mut self, heard: UnixMs, out: &mut Vec<Record>) {
        if !self.due.is_empty() {
            self.settle_due(heard, out);
        }
    }

    /// The next guild whose invites are to be read.
    pub(crate) fn take_wanted(&mut self) -> Option<GuildId> {
        self.wanted.pop_front()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let book = |book: &Book| {
            let code = |code: &Code| size_of::<Code>() + code.code.capacity();
            book.codes.iter().map(code).sum::<usize>()
                + book.pending.capacity() * size_of::<(UserId, UnixMs, UnixMs)>()
                + book.recent.capacity() * size_of::<(UserId, UnixMs)>()
        };
        self.books.values().map(book).sum::<usize>()
            + self.books.len() * size_of::<(GuildId, Book)>() * 3 / 2
    }

    fn settle_due(&mut self, heard: UnixMs, out: &mut Vec<Record>) {
        // One far away was set before the clock was put back.
        let is_due = |at: UnixMs| at <= heard || at.0 - heard.0 > limits::CLOCK_BACK_MS_MAX;
        let due = self.due.iter().filter(|(_, at)| is_due(**at));
        for guild in due.map(|(guild, _)| *guild).collect::<Vec<_>>() {
            let Some(book) = self.books.get_mut(&guild) else { continue };
            let before = book.codes.len();
            if book.decide(heard, out) == Turn::ReadAgain {
                self.wanted.push_back(guild);
            }
            self.codes -= before - book.codes.len();
            self.note_due(guild);
        }
    }

    /// Takes note of when a guild's burst is decided.
    fn note_due(&mut self, guild: GuildId) {
        match self.books.get(&guild).and_then(|book| book.decide_at) {
            Some(at) => _ = self.due.insert(guild, at),
            None => _ = self.due.remove(&guild),
        }
    }
}
