//! Family **coverage**: which guilds are heard, since when one is not, and the stretches that say so.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::GuildCheckpoint;
use crate::vocabulary::{
    ChannelId, CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, MessageId,
    Record, UnixMs, snowflake_at,
};
use crate::{Covers, limits};

/// The guilds of this core.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    guilds: BTreeMap<GuildId, GuildState>,
    /// How many of them are not heard.
    unheard: usize,
    /// Guilds that READY named and of which nothing is known yet: until they are seen nothing is said to have been heard, so
    /// that nobody who knows one of them takes the time before its first sight for heard.
    expected: BTreeSet<GuildId>,
    expected_since: UnixMs,
}

#[derive(Clone, Copy, Debug, Default)]
struct GuildState {
    afk: Option<ChannelId>,
    unheard: Option<Unheard>,
}

/// Nothing is heard of a guild.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unheard {
    pub(crate) from: UnixMs,
    pub(crate) reason: CoverageReason,
    /// Up to this message channels without a mark were answered for by then; [`MessageId::NEVER`] for a guild that was never
    /// heard, so that nothing says where reading would have to begin.
    pub(crate) answered: MessageId,
}

impl MessageId {
    /// Newer than every message.
    pub(crate) const NEVER: Self = Self(u64::MAX);
}

/// How a guild that is there was known before.
#[derive(Debug)]
pub(crate) enum Sight {
    /// Not at all.
    First,
    /// It has been heard all the time.
    Again,
    /// It has not been heard for a while.
    Back(Unheard),
}

impl Coverage {
    /// A guild is there, with all that GUILD_CREATE says.
    pub(crate) fn see(&mut self, guild: GuildId, afk: Option<ChannelId>) -> Sight {
        let state = GuildState { afk, unheard: None };
        self.expected.remove(&guild);
        match self.guilds.insert(guild, state) {
            None => Sight::First,
            Some(GuildState { unheard: None, .. }) => Sight::Again,
            Some(GuildState { unheard: Some(unheard), .. }) => {
                self.unheard -= 1;
                Sight::Back(unheard)
            }
        }
    }

    /// A guild changed its AFK channel; `false` when it is not known.
    pub(crate) fn set_afk(&mut self, guild: GuildId, afk: Option<ChannelId>) -> bool {
        let Some(state) = self.guilds.get_mut(&guild) else { return false };
        state.afk = afk;
        true
    }

    pub(crate) fn afk(&self, guild: GuildId) -> Option<ChannelId> {
        self.guilds.get(&guild)?.afk
    }

    /// A known guild is not heard any more; `false` when it is unknown or was not heard before.
    pub(crate) fn lose(&mut self, guild: GuildId, unheard: Unheard) -> bool {
        let Some(state) = self.guilds.get_mut(&guild) else { return false };
        if state.unheard.is_some() {
            return false;
        }
        state.unheard = Some(unheard);
        self.unheard += 1;
        true
    }

    /// As [`Coverage::lose`]; gives since when the guild is not heard, which may be for longer. `reads_anew`: its messages were not
    /// listened to until now, and are read again from there on, wherever its channels were answered for.
    pub(crate) fn lose_since(
        &mut self,
        guild: GuildId,
        unheard: Unheard,
        reads_anew: bool,
    ) -> Unheard {
        self.lose(guild, unheard);
        let Some(state) = self.guilds.get_mut(&guild) else { return unheard };
        let since = state.unheard.get_or_insert(unheard);
        if reads_anew && since.answered < MessageId::NEVER {
            since.answered = MessageId(snowflake_at(since.from));
        }
        *since
    }

    /// READY named these guilds, sorted, at an instant; the unknown ones among them are to be seen soon.
    pub(crate) fn expect(&mut self, named: &[GuildId], at: UnixMs) {
        let unknown = named.iter().filter(|guild| !self.guilds.contains_key(guild));
        self.expected = unknown.copied().collect();
        self.expected_since = at;
    }

    /// Whether a guild has been expected since READY.
    pub(crate) fn expects(&self, guild: GuildId) -> bool {
        self.expected.contains(&guild)
    }

    /// Whether every guild that READY named has been seen, or given up.
    pub(crate) fn is_complete(&self) -> bool {
        self.expected.is_empty()
    }

    /// The guilds that are no longer worth waiting for, and since when they were expected.
    pub(crate) fn overdue(&self, at: UnixMs) -> Option<(UnixMs, Vec<GuildId>)> {
        let waited_ms = at.0.saturating_sub(self.expected_since.0);
        let is_over = !self.is_complete() && waited_ms > limits::LOG_IN_MS_MAX;
        is_over.then(|| (self.expected_since, self.expected.iter().copied().collect()))
    }

    /// A guild is not ours any more; since when it had not been heard, if it had not.
    pub(crate) fn remove(&mut self, guild: GuildId) -> Option<Unheard> {
        self.expected.remove(&guild);
        let unheard = self.guilds.remove(&guild)?.unheard?;
        self.unheard -= 1;
        Some(unheard)
    }

    /// All guilds, sorted.
    pub(crate) fn guilds(&self) -> Vec<GuildId> {
        self.guilds.keys().copied().collect()
    }

    /// All guilds and all that are expected, sorted.
    pub(crate) fn known(&self) -> Vec<GuildId> {
        let mut guilds: Vec<_> = self.guilds.keys().chain(&self.expected).copied().collect();
        guilds.sort_unstable();
        guilds
    }

    pub(crate) fn knows_any(&self) -> bool {
        !self.guilds.is_empty()
    }

    pub(crate) fn is_unheard(&self, guild: GuildId) -> bool {
        self.unheard_since(guild).is_some()
    }

    /// Whether history will bring what is written in a guild now: it is not heard, and can be read again.
    pub(crate) fn is_left_to_history(&self, guild: GuildId) -> bool {
        self.unheard_since(guild).is_some_and(|unheard| unheard.answered < MessageId::NEVER)
    }

    fn unheard_since(&self, guild: GuildId) -> Option<Unheard> {
        if self.unheard == 0 {
            return None;
        }
        self.guilds.get(&guild)?.unheard
    }

    /// The guilds that are not heard.
    pub(crate) fn unheard(&self) -> impl Iterator<Item = &Unheard> {
        let states = if self.unheard > 0 { Some(self.guilds.values()) } else { None };
        states.into_iter().flatten().filter_map(|state| state.unheard.as_ref())
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.guilds.len() * size_of::<(GuildId, GuildState)>() * 3 / 2
    }

    pub(crate) fn checkpoint(&self) -> Vec<GuildCheckpoint> {
        let known = self.guilds.iter().map(|(&id, state)| GuildCheckpoint {
            id,
            afk_channel: state.afk,
            unheard: state.unheard.map(|u| (u.from, u.reason, u.answered)),
        });
        let expected = self.expected.iter().map(|&id| GuildCheckpoint {
            id,
            afk_channel: None,
            unheard: Some((self.expected_since, CoverageReason::None, MessageId::NEVER)),
        });
        let mut guilds: Vec<_> = known.chain(expected).collect();
        guilds.sort_unstable_by_key(|guild| guild.id);
        guilds
    }

    pub(crate) fn restore(guilds: &[GuildCheckpoint]) -> Self {
        let mut coverage = Self::default();
        for guild in guilds {
            match guild.unheard {
                Some((since, CoverageReason::None, _)) => {
                    coverage.expected.insert(guild.id);
                    coverage.expected_since = since;
                }
                Some((from, reason, answered)) => {
                    coverage.see(guild.id, guild.afk_channel);
                    coverage.lose(guild.id, Unheard { from, reason, answered });
                }
                None => _ = coverage.see(guild.id, guild.afk_channel),
            }
        }
        coverage
    }
}

/// A guild is heard from now on, in every family listened to.
pub(crate) fn observed(covers: Covers, guild: GuildId, from: UnixMs) -> Record {
    let span = |family| CoverageSpan {
        family,
        from,
        until: None,
        state: CoverageState::Observed,
        reason: CoverageReason::None,
    };
    Record::Coverage(guild, covers.families().map(span).collect())
}

/// A guild is, or was, not heard, in every family listened to.
pub(crate) fn blind(
    covers: Covers,
    guild: GuildId,
    unheard: &Unheard,
    until: Option<UnixMs>,
) -> Record {
    let span = |family| CoverageSpan {
        family,
        from: unheard.from,
        until,
        state: CoverageState::Blind,
        reason: unheard.reason,
    };
    Record::Coverage(guild, covers.families().map(span).collect())
}

/// A guild is heard again: as [`blind`], but the messages are what became of them.
pub(crate) fn back(
    covers: Covers,
    guild: GuildId,
    unheard: &Unheard,
    until: UnixMs,
    messages: (CoverageState, CoverageReason),
) -> Record {
    let span = |family| {
        let blind = (CoverageState::Blind, unheard.reason);
        let (state, reason) = if family == CoverageFamily::Messages { messages } else { blind };
        CoverageSpan { family, from: unheard.from, until: Some(until), state, reason }
    };
    Record::Coverage(guild, covers.families().map(span).collect())
}
