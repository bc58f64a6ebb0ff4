//! Reading again what was missed: which channels of which guild from which message to which, the oldest gap first.
//!
//! A channel's history ends where hearing began again: at the newest message that GUILD_CREATE named. A live message up to
//! that one is left to history, a later one is never taken from history: the two never overlap.

use std::collections::VecDeque;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::checkpoint::{ChannelGap, GapCheckpoint};
use crate::limits;
use crate::vocabulary::{
    ChannelId, CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId,
    HistoryRefusal, MessageId, UnixMs,
};
use crate::{CatchUpStats, PageRequest};

/// The gaps whose messages are still to be read again.
#[derive(Debug, Default)]
pub(crate) struct CatchUp {
    /// By their beginnings; each with at least one channel.
    gaps: VecDeque<Gap>,
    /// Every channel of them.
    channels: HashMap<ChannelId, Awaited, FxBuildHasher>,
    /// Channels of all gaps together; a channel counts once in each.
    left: usize,
    recovered: u64,
    pages: u64,
    refused: u64,
}

/// A stretch of one guild that was not heard.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) guild: GuildId,
    /// The key of its span in the ledger.
    pub(crate) from: UnixMs,
    pub(crate) until: UnixMs,
    pub(crate) reason: CoverageReason,
    pub(crate) channels: VecDeque<ChannelGap>,
    /// Why a part of it cannot be read.
    pub(crate) refused: Option<CoverageReason>,
}

/// A channel that is to be read.
#[derive(Clone, Copy, Debug, Default)]
struct Awaited {
    /// History brings the messages up to this one.
    until: MessageId,
    /// How many gaps it stands in.
    gaps: u32,
}

/// What became of a page.
#[derive(Debug)]
pub(crate) struct Turned {
    /// Messages later than this were heard.
    pub(crate) until: MessageId,
    /// The gap of which nothing is left to be read.
    pub(crate) finished: Option<Gap>,
}

impl CatchUp {
    /// Queues a gap with at least one channel. Channels beyond the bound are refused.
    pub(crate) fn queue(&mut self, mut gap: Gap) -> Option<Gap> {
        let room = limits::GAP_CHANNELS_MAX.saturating_sub(self.left);
        if gap.channels.len() > room {
            self.refused += (gap.channels.len() - room) as u64;
            gap.channels.truncate(room);
            gap.refused = gap.refused.or(Some(CoverageReason::HistoryRefused));
        }
        if gap.channels.is_empty() {
            return Some(gap);
        }
        self.left += gap.channels.len();
        for channel in &gap.channels {
            let awaited = self.channels.entry(channel.channel).or_default();
            awaited.until = channel.until.max(awaited.until);
            awaited.gaps += 1;
        }
        let twin = |other: &&mut Gap| (other.guild, other.from) == (gap.guild, gap.from);
        if let Some(twin) = self.gaps.iter_mut().find(twin) {
            // Lost twice in one instant: one span in the ledger.
            twin.until = gap.until.max(twin.until);
            twin.refused = twin.refused.or(gap.refused);
            twin.channels.append(&mut gap.channels);
            return None;
        }
        let position = self.gaps.partition_point(|other| other.from <= gap.from);
        // The page under way belongs to the first one.
        self.gaps.insert(position.max(1).min(self.gaps.len()), gap);
        None
    }

    /// The page to ask for next, of a guild of which it may be asked.
    pub(crate) fn next_page(&self, may_ask: impl Fn(GuildId) -> bool) -> Option<PageRequest> {
        let gap = self.gaps.iter().find(|gap| may_ask(gap.guild))?;
        let channel = gap.channels.front()?;
        Some(PageRequest { guild: gap.guild, channel: channel.channel, after: channel.after })
    }

    /// Whether a live message is left to history.
    #[inline]
    pub(crate) fn awaits(&self, channel: ChannelId, message: MessageId) -> bool {
        !self.channels.is_empty()
            && self.channels.get(&channel).is_some_and(|awaited| message <= awaited.until)
    }

    /// A page was read; `None` when nobody asked for it.
    pub(crate) fn turn(
        &mut self,
        channel: ChannelId,
        after: MessageId,
        newest: Option<MessageId>,
        more: bool,
    ) -> Option<Turned> {
        let (gap, position) = self.find(channel, after)?;
        self.pages += 1;
        let entry = &mut self.gaps[gap].channels[position];
        let until = entry.until;
        match newest {
            Some(newest) if more && newest > after && newest < until => {
                entry.after = newest;
                Some(Turned { until, finished: None })
            }
            _ => Some(Turned { until, finished: self.done(gap, position) }),
        }
    }

    /// A channel cannot be read; its gap, if nothing is left of it.
    pub(crate) fn refuse(
        &mut self,
        channel: ChannelId,
        after: MessageId,
        refusal: HistoryRefusal,
    ) -> Option<Gap> {
        let (gap, position) = self.find(channel, after)?;
        let reason = match refusal {
            HistoryRefusal::MissingPermission => Some(CoverageReason::MissingPermission),
            HistoryRefusal::Refused => Some(CoverageReason::HistoryRefused),
            HistoryRefusal::Gone => None,
        };
        if reason.is_some() {
            self.refused += 1;
            self.gaps[gap].refused = self.gaps[gap].refused.or(reason);
        }
        self.done(gap, position)
    }

    /// A guild is not ours any more: its gaps, which cannot be read now.
    pub(crate) fn remove(&mut self, guild: GuildId) -> Vec<Gap> {
        let gaps = std::mem::take(&mut self.gaps).into_iter();
        let (mut gone, left): (Vec<Gap>, Vec<Gap>) = gaps.partition(|gap| gap.guild == guild);
        self.gaps = left.into();
        for gap in &mut gone {
            gap.refused = Some(CoverageReason::Removed);
            self.refused += gap.channels.len() as u64;
            self.left -= gap.channels.len();
            gap.channels.iter().for_each(|channel| self.await_less(channel.channel));
        }
        gone
    }

    /// A message was counted that had been missed.
    pub(crate) fn count_recovered(&mut self) {
        self.recovered += 1;
    }

    pub(crate) fn stats(&self) -> CatchUpStats {
        let mut guilds: Vec<GuildId> = self.gaps.iter().map(|gap| gap.guild).collect();
        guilds.sort_unstable();
        guilds.dedup();
        CatchUpStats {
            guilds: guilds.len() as u64,
            channels: self.left as u64,
            recovered: self.recovered,
            pages: self.pages,
            refused: self.refused,
            oldest_from: self.gaps.iter().map(|gap| gap.from).min(),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let channels = self.gaps.iter().map(|gap| gap.channels.capacity()).sum::<usize>();
        self.gaps.capacity() * size_of::<Gap>()
            + channels * size_of::<ChannelGap>()
            + self.channels.allocation_size()
    }

    pub(crate) fn checkpoint(&self) -> Vec<GapCheckpoint> {
        let gap = |gap: &Gap| GapCheckpoint {
            guild: gap.guild,
            from: gap.from,
            until: gap.until,
            reason: gap.reason,
            channels: gap.channels.iter().copied().collect(),
            refused: gap.refused,
        };
        self.gaps.iter().map(gap).collect()
    }

    pub(crate) fn restore(gaps: &[GapCheckpoint]) -> Self {
        let mut catch_up = Self::default();
        for gap in gaps.iter().filter(|gap| !gap.channels.is_empty()) {
            for channel in &gap.channels {
                let awaited = catch_up.channels.entry(channel.channel).or_default();
                awaited.until = channel.until.max(awaited.until);
                awaited.gaps += 1;
            }
            catch_up.left += gap.channels.len();
            catch_up.gaps.push_back(Gap {
                guild: gap.guild,
                from: gap.from,
                until: gap.until,
                reason: gap.reason,
                channels: gap.channels.iter().copied().collect(),
                refused: gap.refused,
            });
        }
        catch_up
    }

    /// Where a channel waits for the page after this message: which gap, which of its channels.
    fn find(&self, channel: ChannelId, after: MessageId) -> Option<(usize, usize)> {
        if !self.channels.contains_key(&channel) {
            return None;
        }
        let here = |entry: &ChannelGap| (entry.channel, entry.after) == (channel, after);
        let place =
            |(gap, entry): (usize, &Gap)| Some((gap, entry.channels.iter().position(here)?));
        self.gaps.iter().enumerate().find_map(place)
    }

    /// Nothing more of a channel is to be read for this gap.
    fn done(&mut self, gap: usize, position: usize) -> Option<Gap> {
        let channel = self.gaps[gap].channels.remove(position)?;
        self.left -= 1;
        self.await_less(channel.channel);
        if !self.gaps[gap].channels.is_empty() {
            return None;
        }
        self.gaps.remove(gap)
    }

    fn await_less(&mut self, channel: ChannelId) {
        let Some(awaited) = self.channels.get_mut(&channel) else { return };
        awaited.gaps -= 1;
        if awaited.gaps == 0 {
            self.channels.remove(&channel);
        }
    }
}

impl Gap {
    /// Its stretch of the ledger, once nothing is left to be read.
    pub(crate) fn span(&self) -> CoverageSpan {
        let (state, reason) = match self.refused {
            None => (CoverageState::Recovered, self.reason),
            Some(reason) => (CoverageState::Blind, reason),
        };
        CoverageSpan {
            family: CoverageFamily::Messages,
            from: self.from,
            until: Some(self.until),
            state,
            reason,
        }
    }
}
