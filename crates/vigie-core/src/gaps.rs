//! What happens when hearing breaks off and begins again: guilds lost, found, gone, and their history read again.

use std::collections::BTreeMap;

use crate::activity::Activity;
use crate::catch_up::Gap;
use crate::checkpoint::ChannelGap;
use crate::coverage::{self, Sight, Unheard};
use crate::vocabulary::{
    Channel, ChannelId, CoverageReason, CoverageState, GuildFact, GuildId, HistoryPage, MessageId,
    Record, UnixMs, snowflake_at,
};
use crate::{Core, Covers, limits};

impl Core {
    /// A guild is there, or changed.
    pub(crate) fn guild(&mut self, at: UnixMs, fact: &GuildFact<'_>, out: &mut Vec<Record>) {
        // Only GUILD_CREATE says who is in voice.
        let Some(voice_states) = &fact.voice_states else {
            if self.coverage.set_afk(fact.id, fact.afk_channel) {
                self.voice.set_afk(at, fact.id, fact.afk_channel);
            }
            return;
        };
        match self.coverage.see(fact.id, fact.afk_channel) {
            Sight::First => {
                out.push(coverage::observed(self.covers, fact.id, at));
                self.answer_all(at, fact);
                self.want_readings(at, fact.id, at);
            }
            Sight::Again => self.voice.set_afk(at, fact.id, fact.afk_channel),
            Sight::Back(unheard) => {
                self.guild_back(at, fact, &unheard, out);
                if self.covers.moderation && self.reads.audits {
                    let until = at.max(unheard.from);
                    self.readings.miss_moderation(fact.id, unheard.from, until, unheard.reason);
                }
                self.want_readings(at, fact.id, unheard.from);
            }
        }
        if self.covers.voice {
            let mut told = BTreeMap::new();
            for state in voice_states.iter().filter(|state| state.channel.is_some()) {
                told.insert(state.member, self.whereabouts(state));
            }
            self.voice.reconcile(at, fact.id, &told);
        }
    }

    /// Our bot is not in a guild any more.
    pub(crate) fn guild_removed(&mut self, at: UnixMs, guild: GuildId, out: &mut Vec<Record>) {
        self.voice.lose(at, guild);
        self.readings.remove(guild);
        self.invites.remove(guild);
        for gap in self.catch_up.remove(guild) {
            out.push(Record::Coverage(guild, vec![gap.span()]));
        }
        if let Some(unheard) = self.coverage.remove(guild) {
            out.push(coverage::blind(self.covers, guild, &unheard, Some(at)));
        }
        out.push(Record::GuildRemoved(guild, at));
    }

    /// Discord cannot serve a guild for now.
    pub(crate) fn guild_unavailable(&mut self, at: UnixMs, guild: GuildId, out: &mut Vec<Record>) {
        self.voice.lose(at, guild);
        self.reactions.forget_all();
        if self.coverage.expects(guild) {
            self.never_seen(at, guild, out);
        }
        let answered = self.answered(at);
        self.lose(guild, Unheard { from: at, reason: CoverageReason::GuildOutage, answered }, out);
    }

    /// A guild that is ours is not to be seen: not before, and not now.
    fn never_seen(&mut self, from: UnixMs, guild: GuildId, out: &mut Vec<Record>) {
        self.coverage.see(guild, None);
        out.push(coverage::observed(self.covers, guild, from));
        let reason = CoverageReason::GuildOutage;
        self.lose(guild, Unheard { from, reason, answered: MessageId::NEVER }, out);
    }

    /// READY named guilds that never came: Discord cannot serve them, although it does not say so. Whoever knows them from before
    /// must not take them for heard.
    pub(crate) fn give_up_overdue(&mut self, out: &mut Vec<Record>) {
        let Some(at) = self.heard_until else { return };
        let Some((since, guilds)) = self.coverage.overdue(at) else { return };
        for guild in guilds {
            self.voice.lose(at, guild);
            self.never_seen(since, guild, out);
        }
    }

    /// Other families are listened to from now on, in a session that is yet to begin: what was heard ended with the last fact.
    /// Told twice of the same, the ledger says the same.
    ///
    /// What is switched off is blind from there on. What is switched on is observed from there on, and blind until its guild is
    /// seen; of messages, that stretch is all that is read again.
    pub fn switch(&mut self, covers: Covers, out: &mut Vec<Record>) {
        let before = std::mem::replace(&mut self.covers, covers);
        let Some(at) = self.heard_until.filter(|_| before != covers) else { return };
        let (off, on) = (before.without(covers), covers.without(before));
        self.voice.lose_all(at);
        self.reactions.forget_all();
        self.invites.lose_all(at, out);
        let lost =
            Unheard { from: at, reason: CoverageReason::SessionLost, answered: self.answered(at) };
        let switched_off = Unheard { reason: CoverageReason::SwitchedOff, ..lost };
        for guild in self.coverage.guilds() {
            let unheard = self.coverage.lose_since(guild, lost, on.messages);
            if unheard.from < at {
                out.push(coverage::blind(off, guild, &unheard, Some(at)));
            }
            out.push(coverage::blind(off, guild, &switched_off, None));
            out.push(coverage::observed(on, guild, unheard.from));
            out.push(coverage::blind(covers, guild, &unheard, None));
        }
        out.retain(|record| !matches!(record, Record::Coverage(_, spans) if spans.is_empty()));
    }

    /// Another core may hear these guilds from now on: what waits leaves, and each guild is blind from the last fact on, until
    /// whoever hears it tells so.
    pub fn abandon(&mut self, out: &mut Vec<Record>) {
        let Some(at) = self.heard_until else { return };
        self.voice.lose_all(at);
        let (reason, answered) = (CoverageReason::StateLost, MessageId::NEVER);
        for guild in self.coverage.guilds() {
            self.lose(guild, Unheard { from: at, reason, answered }, out);
        }
        self.flush_until(Some(at), out);
    }

    /// A new session began: whatever happened since the last fact was missed, in every guild.
    pub(crate) fn session_started(
        &mut self,
        now: UnixMs,
        named: &[GuildId],
        out: &mut Vec<Record>,
    ) {
        let heard_until = self.heard_until.unwrap_or(now);
        self.voice.lose_all(heard_until);
        self.reactions.forget_all();
        let reason = CoverageReason::SessionLost;
        let unheard = Unheard { from: heard_until, reason, answered: self.answered(heard_until) };
        for guild in self.coverage.guilds() {
            self.lose(guild, unheard, out);
        }
        let mut named = named.to_vec();
        named.sort_unstable();
        let at = self.hear(now);
        self.coverage.expect(&named, at);
        for guild in self.coverage.guilds() {
            if named.binary_search(&guild).is_err() {
                self.guild_removed(at, guild, out);
            }
        }
    }

    /// A page of history arrived.
    pub(crate) fn history(&mut self, now: UnixMs, page: &HistoryPage<'_>) {
        let turned = self.catch_up.turn(page.channel, page.after, page.newest, page.more);
        let Some(turned) = turned else { return };
        for fact in &page.messages {
            let is_asked = page.after < fact.message && fact.message <= turned.until;
            if is_asked && self.messages.is_missing(fact.message) {
                self.names.hear_of(fact.guild, &fact.author);
                self.activity.message(now, fact);
                self.catch_up.count_recovered();
            }
        }
        if let Some(gap) = turned.finished {
            self.recovered.push((gap.guild, gap.span()));
        }
    }

    /// A guild is not heard any more: told at once.
    fn lose(&mut self, guild: GuildId, unheard: Unheard, out: &mut Vec<Record>) {
        if self.coverage.lose(guild, unheard) {
            self.invites.lose(unheard.from, guild, out);
            out.push(coverage::blind(self.covers, guild, &unheard, None));
        }
    }

    /// Up to which message channels without a mark are answered for now.
    fn answered(&self, now: UnixMs) -> MessageId {
        match self.messages.newest() {
            // No message was ever heard of, so that nothing but our clock says when it is.
            MessageId(0) => {
                MessageId(snowflake_at(UnixMs(now.0.saturating_sub(limits::MARK_HORIZON_MS))))
            }
            _ => self.messages.unmarked(),
        }
    }

    /// A guild is heard again: what of its messages was missed?
    fn guild_back(
        &mut self,
        at: UnixMs,
        fact: &GuildFact<'_>,
        unheard: &Unheard,
        out: &mut Vec<Record>,
    ) {
        let until = at.max(unheard.from);
        let is_readable = self.covers.messages && unheard.answered < MessageId::NEVER;
        let gap = is_readable.then(|| Gap {
            guild: fact.id,
            from: unheard.from,
            until,
            reason: unheard.reason,
            channels: self.missed(fact, unheard.answered).into(),
            refused: None,
        });
        let is_known = self.messages.still_knows(unheard.answered);
        self.answer_all(at, fact);
        let messages = match gap {
            Some(_) if !is_known => (CoverageState::Blind, CoverageReason::StateLost),
            Some(gap) => match self.catch_up.queue(gap) {
                // Nothing is left to be read.
                Some(gap) => (gap.span().state, gap.span().reason),
                None => (CoverageState::Blind, unheard.reason),
            },
            None => (CoverageState::Blind, unheard.reason),
        };
        out.push(coverage::back(self.covers, fact.id, unheard, until, messages));
    }

    /// The channels of a guild in which messages were missed, and which.
    fn missed(&self, fact: &GuildFact<'_>, answered: MessageId) -> Vec<ChannelGap> {
        let mut last: BTreeMap<ChannelId, MessageId> = BTreeMap::new();
        for (channel, message) in last_messages(fact) {
            last.insert(channel, message);
        }
        let gap = |(channel, until)| {
            let after = self.messages.mark(channel).unwrap_or(answered).max(answered);
            (after < until).then_some(ChannelGap { channel, after, until })
        };
        last.into_iter().filter_map(gap).collect()
    }

    /// From now on live messages are heard: up to the last ones that a guild names, others answer.
    fn answer_all(&mut self, now: UnixMs, fact: &GuildFact<'_>) {
        for (_, message) in last_messages(fact) {
            // One from the future would make repeats of all that comes after it.
            if Activity::is_plausible(now, message) {
                self.messages.hear_of(message);
            }
        }
        for (channel, message) in last_messages(fact) {
            self.messages.answer(channel, message);
        }
    }
}

/// The newest message of each channel and thread of a guild that has one.
fn last_messages(fact: &GuildFact<'_>) -> impl Iterator<Item = (ChannelId, MessageId)> {
    let channels = fact.channels.iter().filter(|channel| holds_messages(channel));
    channels.filter_map(|channel| Some((channel.id, channel.last_message?)))
}

/// Whether messages are written in a channel of this kind. In a forum (15) or media channel (16) only threads hold messages,
/// and what Discord names there is the newest thread; a category (4) or directory (14) holds none.
fn holds_messages(channel: &Channel<'_>) -> bool {
    !matches!(channel.kind.0, 4 | 14 | 15 | 16)
}
