//! Family **activity**: minute windows gathered into hours.

use std::borrow::Cow;
use std::collections::BTreeMap;

use vigie_core::limits::{WINDOW_CELLS_MAX, WINDOW_EMOJIS_MAX};
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, ActivityWindow, AuthorKind, ChannelId, Emoji,
    EmojiCount, EmojiId, GuildId, HourCell, MinuteSum, UserId,
};

/// Most events in one fold: as long as all counters together are not above it, each of them fits.
pub(super) const EVENTS_MAX: u64 = u32::MAX as u64;

/// What was gathered of one hour.
#[derive(Debug, Default)]
pub(super) struct HourFold {
    cells: BTreeMap<(ChannelId, UserId, AuthorKind), HourCell>,
    minutes: BTreeMap<(u8, AuthorKind), ActivityCounts>,
    emojis: BTreeMap<EmojiKey, [u32; 2]>,
    /// Of all counters together: none of them is above it.
    events: u64,
}

/// An emoji without its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum EmojiKey {
    Custom(EmojiId),
    Unicode(String),
}

/// The name that each custom emoji was last told under.
#[derive(Debug, Default)]
pub(super) struct EmojiNames(BTreeMap<(GuildId, EmojiId), String>);

impl EmojiNames {
    pub(super) fn hear(&mut self, guild: GuildId, emojis: &[EmojiCount]) {
        for count in emojis {
            if let Emoji::Custom { id, name: Some(name) } = &count.emoji {
                self.0.insert((guild, *id), name.clone().into_owned());
            }
        }
    }

    fn emoji(&self, guild: GuildId, key: EmojiKey) -> Emoji<'static> {
        match key {
            EmojiKey::Custom(id) => {
                Emoji::Custom { id, name: self.0.get(&(guild, id)).cloned().map(Cow::Owned) }
            }
            EmojiKey::Unicode(text) => Emoji::Unicode(text.into()),
        }
    }
}

impl HourFold {
    /// Takes in a window of this hour; `false`, and nothing is taken, if a counter might not hold the sum.
    pub(super) fn window(&mut self, window: &ActivityWindow) -> bool {
        if !self.has_room(events_of_window(window)) {
            return false;
        }
        let minute = (window.unix_minute % 60) as u8;
        for cell in window.cells.iter().filter(|cell| cell.counts != ActivityCounts::default()) {
            add(self.minutes.entry((minute, cell.kind)).or_default(), &cell.counts);
            self.cell(cell, is_seen(&cell.counts).then_some((minute, minute)));
        }
        self.count_emojis(&window.emojis);
        true
    }

    /// Takes in another piece of this hour, as above.
    pub(super) fn hour(&mut self, hour: &ActivityHour) -> bool {
        if !self.has_room(events_of_hour(hour)) {
            return false;
        }
        for HourCell { cell, seen } in &hour.cells {
            self.cell(cell, *seen);
        }
        for sum in &hour.minutes {
            add(self.minutes.entry((sum.minute, sum.kind)).or_default(), &sum.counts);
        }
        self.count_emojis(&hour.emojis);
        true
    }

    /// The records that say it.
    pub(super) fn pieces(
        self,
        guild: GuildId,
        unix_hour: u32,
        names: &EmojiNames,
    ) -> impl Iterator<Item = ActivityHour> {
        let mut cells = self.cells.into_values();
        let mut emojis = self.emojis.into_iter().map(move |(key, [added, removed])| EmojiCount {
            emoji: names.emoji(guild, key),
            added,
            removed,
        });
        let minutes = self.minutes.into_iter();
        let mut minutes: Vec<_> =
            minutes.map(|((minute, kind), counts)| MinuteSum { minute, kind, counts }).collect();
        std::iter::from_fn(move || {
            let piece = ActivityHour {
                guild,
                unix_hour,
                cells: cells.by_ref().take(WINDOW_CELLS_MAX).collect(),
                minutes: std::mem::take(&mut minutes),
                emojis: emojis.by_ref().take(WINDOW_EMOJIS_MAX).collect(),
            };
            let is_over =
                piece.cells.is_empty() && piece.minutes.is_empty() && piece.emojis.is_empty();
            (!is_over).then_some(piece)
        })
    }

    /// Whether no counter can overflow with so many events more.
    fn has_room(&mut self, more: u64) -> bool {
        let events = self.events.saturating_add(more);
        if events <= EVENTS_MAX {
            self.events = events;
        }
        events <= EVENTS_MAX
    }

    fn cell(&mut self, cell: &ActivityCell, seen: Option<(u8, u8)>) {
        let place = self.cells.entry((cell.channel, cell.member, cell.kind)).or_insert(HourCell {
            cell: ActivityCell { counts: ActivityCounts::default(), ..*cell },
            seen: None,
        });
        add(&mut place.cell.counts, &cell.counts);
        place.seen = match (place.seen, seen) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    fn count_emojis(&mut self, emojis: &[EmojiCount]) {
        for count in emojis {
            let key = match &count.emoji {
                Emoji::Custom { id, .. } => EmojiKey::Custom(*id),
                Emoji::Unicode(text) => EmojiKey::Unicode(text.clone().into_owned()),
            };
            let [added, removed] = self.emojis.entry(key).or_default();
            *added = added.saturating_add(count.added);
            *removed = removed.saturating_add(count.removed);
        }
    }
}

/// All counters of a window together.
pub(super) fn events_of_window(window: &ActivityWindow) -> u64 {
    let cells: u64 = window.cells.iter().map(|cell| events_of(&cell.counts)).sum();
    cells.saturating_add(reactions_of(&window.emojis))
}

/// All counters of an hour together.
pub(super) fn events_of_hour(hour: &ActivityHour) -> u64 {
    let cells: u64 = hour.cells.iter().map(|cell| events_of(&cell.cell.counts)).sum();
    let minutes: u64 = hour.minutes.iter().map(|sum| events_of(&sum.counts)).sum();
    cells.saturating_add(minutes).saturating_add(reactions_of(&hour.emojis))
}

fn events_of(counts: &ActivityCounts) -> u64 {
    counters(counts).into_iter().map(u64::from).sum()
}

fn reactions_of(emojis: &[EmojiCount]) -> u64 {
    emojis.iter().map(|count| u64::from(count.added) + u64::from(count.removed)).sum()
}

/// Whether all ids are of those that `fits` lets through.
pub(super) fn all_fit<T>(
    cells: &[T],
    emojis: &[EmojiCount],
    cell: impl Fn(&T) -> &ActivityCell,
    fits: impl Fn(u64) -> bool,
) -> bool {
    cells.iter().map(cell).all(|cell| fits(cell.channel.0) && fits(cell.member.0))
        && emojis.iter().all(|count| match &count.emoji {
            Emoji::Custom { id, .. } => fits(id.0),
            Emoji::Unicode(_) => true,
        })
}

/// Did anything at all; receiving a reaction is nothing that one does.
fn is_seen(counts: &ActivityCounts) -> bool {
    counters(counts)[..4].iter().any(|count| *count > 0)
}

fn counters(counts: &ActivityCounts) -> [u32; 5] {
    [
        counts.messages,
        counts.commands,
        counts.reactions_added,
        counts.reactions_removed,
        counts.reactions_received,
    ]
}

/// Adds counters; `HourFold::has_room` has seen that the sums fit.
fn add(sum: &mut ActivityCounts, more: &ActivityCounts) {
    sum.messages = sum.messages.saturating_add(more.messages);
    sum.commands = sum.commands.saturating_add(more.commands);
    sum.reactions_added = sum.reactions_added.saturating_add(more.reactions_added);
    sum.reactions_removed = sum.reactions_removed.saturating_add(more.reactions_removed);
    sum.reactions_received = sum.reactions_received.saturating_add(more.reactions_received);
}
