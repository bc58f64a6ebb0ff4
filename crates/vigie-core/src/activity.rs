//! Family **activity**: counts of messages, commands and reactions by minute, channel and member.

use std::collections::BTreeMap;

use crate::CoreStats;
use crate::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, GuildId, MessageFact,
    MessageKind, ReactionFact, Record, UnixMs, UserId,
};

/// The windows that wait for their flush.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    cells: BTreeMap<(GuildId, u32, ChannelId, UserId), (AuthorKind, ActivityCounts)>,
}

impl Activity {
    pub(crate) fn message(&mut self, _now: UnixMs, fact: &MessageFact<'_>) {
        let minute = fact.message.time().unix_minute();
        let (kind, counts) =
            self.cells.entry((fact.guild, minute, fact.channel, fact.author.id)).or_default();
        *kind = (*kind).max(fact.author.kind);
        match fact.kind {
            MessageKind::Message => counts.messages += 1,
            MessageKind::Command => counts.commands += 1,
        }
    }

    pub(crate) fn reaction(&mut self, now: UnixMs, fact: &ReactionFact<'_>) {
        let minute = now.unix_minute();
        let (_, counts) =
            self.cells.entry((fact.guild, minute, fact.channel, fact.giver)).or_default();
        if !fact.added {
            counts.reactions_removed += 1;
            return;
        }
        counts.reactions_added += 1;
        if let Some(author) = fact.message_author {
            let (_, counts) =
                self.cells.entry((fact.guild, minute, fact.channel, author)).or_default();
            counts.reactions_received += 1;
        }
    }

    pub(crate) fn flush(&mut self, out: &mut Vec<Record>) {
        let mut windows: BTreeMap<(GuildId, u32), Vec<ActivityCell>> = BTreeMap::new();
        for ((guild, minute, channel, member), (kind, counts)) in std::mem::take(&mut self.cells) {
            let cell = ActivityCell { channel, member, kind, counts };
            windows.entry((guild, minute)).or_default().push(cell);
        }
        for ((guild, unix_minute), cells) in windows {
            let window = ActivityWindow { guild, unix_minute, cells, emojis: Vec::new() };
            out.push(Record::ActivityWindow(window));
        }
    }

    pub(crate) fn stats(&self) -> CoreStats {
        CoreStats { open_cells: self.cells.len() as u64, ..CoreStats::default() }
    }
}
