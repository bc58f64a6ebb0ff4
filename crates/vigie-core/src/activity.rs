//! Family **activity**: counts of messages, commands and reactions by minute, channel and member.
//!
//! Three flat tables hold all open windows of all guilds, so that a hundred thousand quiet guilds cost what their cells
//! cost: a *window* is (guild, minute), a *place* is (window, channel), a *cell* is (place, member). A flush ranks windows,
//! then places, then sorts the cells by two numbers.

mod cell;
mod emojis;

use crate::activity::cell::{Cell, Counter};
use crate::activity::emojis::Emojis;
use crate::limits;
use crate::table::{Keyed, Table, hash_pair};
use crate::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, EmojiCount, GuildId,
    MessageFact, MessageId, MessageKind, ReactionFact, Record, UnixMs, UserId,
};

/// The windows that wait for their flush.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    windows: Table<Window>,
    places: Table<Place>,
    cells: Table<Cell>,
    /// Counts that a cell had no room for.
    spills: Vec<Spill>,
    emojis: Emojis,
    placed_by_arrival: u64,
}

/// One guild in one minute. Packed: four bytes of padding would be a quarter of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(Rust, packed(4))]
struct Window {
    guild: u64,
    minute: u32,
}

/// One channel in one window.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(Rust, packed(4))]
struct Place {
    channel: u64,
    window: u32,
}

/// What a cell held when one of its counters was full.
#[derive(Clone, Copy, Debug)]
struct Spill {
    cell: u32,
    counts: ActivityCounts,
}

impl Activity {
    /// Counts a message or command in the minute of its snowflake.
    pub(crate) fn message(&mut self, now: UnixMs, fact: &MessageFact<'_>) {
        let minute = self.minute_of(now, fact.message);
        let window = self.open_window(fact.guild, minute);
        let counter = match fact.kind {
            MessageKind::Message => Counter::MESSAGES,
            MessageKind::Command => Counter::COMMANDS,
        };
        self.count(window, fact.channel, fact.author.id, fact.author.kind, counter);
    }

    /// Counts a reaction, given or taken back, in the minute in which it was heard.
    pub(crate) fn reaction(&mut self, now: UnixMs, fact: &ReactionFact<'_>) {
        let window = self.open_window(fact.guild, now.unix_minute());
        let kind = fact.giver_person.as_ref().map_or(AuthorKind::Human, |person| person.kind);
        let counter = if fact.added { Counter::ADDED } else { Counter::REMOVED };
        self.count(window, fact.channel, fact.giver, kind, counter);
        if let Some(author) = fact.message_author
            && fact.added
        {
            self.count(window, fact.channel, author, AuthorKind::Human, Counter::RECEIVED);
        }
        self.emojis.count(window, &fact.emoji, fact.added);
    }

    /// Whether a bound is reached, so that a flush must come first.
    pub(crate) fn is_full(&self) -> bool {
        self.cells.len() >= limits::CELLS_MAX
            || self.spills.len() >= limits::SPILLS_MAX
            || self.emojis.is_full()
    }

    /// Pushes all windows to `out`, sorted by (guild, minute), and starts again.
    ///
    /// `kind_of` tells what is known of a member now: the kind of a cell is the highest of that and of what the cell heard.
    pub(crate) fn flush(&mut self, kind_of: impl Fn(UserId) -> AuthorKind, out: &mut Vec<Record>) {
        let window_ranks =
            sort_and_rank(self.windows.entries_mut(), |window| (window.guild, window.minute));
        for place in self.places.entries_mut() {
            place.window = window_ranks[place.window as usize];
        }
        let place_ranks =
            sort_and_rank(self.places.entries_mut(), |place| (place.window, place.channel));
        let spills = self.flush_spills(&place_ranks);
        for cell in self.cells.entries_mut() {
            cell.set_place(place_ranks[cell.place()]);
        }
        self.cells.entries_mut().sort_unstable_by_key(|cell| (cell.place(), cell.member()));
        let emojis = self.emojis.flush(&window_ranks);
        self.push_windows(&spills, emojis, kind_of, out);
        self.windows.reset();
        self.places.reset();
        self.cells.reset();
    }

    pub(crate) fn open_cells(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn open_windows(&self) -> usize {
        self.windows.len()
    }

    /// Messages whose snowflake could not be their time.
    pub(crate) fn placed_by_arrival(&self) -> u64 {
        self.placed_by_arrival
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.windows.heap_bytes()
            + self.places.heap_bytes()
            + self.cells.heap_bytes()
            + self.spills.capacity() * size_of::<Spill>()
            + self.emojis.heap_bytes()
    }

    /// The minute of a message: that of its snowflake, unless the snowflake cannot be a time.
    ///
    /// A message from the future would stay in every chart as its last day, for good; one from Discord's first day carries no
    /// snowflake. Both were heard now, so they are counted now, and that is counted too.
    fn minute_of(&mut self, now: UnixMs, message: MessageId) -> u32 {
        if Self::is_plausible(now, message) {
            return message.time().unix_minute();
        }
        self.placed_by_arrival += 1;
        now.unix_minute()
    }

    /// Whether a message, heard at `now`, can have been written when its snowflake says.
    pub(crate) fn is_plausible(now: UnixMs, message: MessageId) -> bool {
        let latest = now.0.saturating_add(limits::MESSAGE_AHEAD_MS_MAX);
        (limits::MESSAGE_TIME_MS_MIN..=latest).contains(&message.time().0)
    }

    fn open_window(&mut self, guild: GuildId, minute: u32) -> usize {
        let window = Window { guild: guild.0, minute };
        let found = self.windows.find(window.hash(), |other| *other == window);
        found.unwrap_or_else(|| self.windows.push(window))
    }

    /// Adds one to a counter of a cell.
    fn count(
        &mut self,
        window: usize,
        channel: ChannelId,
        member: UserId,
        kind: AuthorKind,
        counter: Counter,
    ) {
        let place = Place { channel: channel.0, window: window as u32 };
        let found = self.places.find(place.hash(), |other| *other == place);
        let place = found.unwrap_or_else(|| self.places.push(place));
        let cell = Cell::new(place, member);
        let found = self.cells.find(cell.hash(), |other| other.same_key(&cell));
        let position = found.unwrap_or_else(|| self.cells.push(cell));
        let cell = &mut self.cells.entries_mut()[position];
        cell.raise_kind(kind);
        if !cell.add(counter) {
            self.spills.push(Spill { cell: position as u32, counts: cell.take_counts() });
            assert!(cell.add(counter), "an empty counter has room");
        }
    }

    /// Takes the spills out, sorted by the (rank of the place, member) of their cells.
    fn flush_spills(&mut self, place_ranks: &[u32]) -> Vec<((usize, UserId), ActivityCounts)> {
        let cells = self.cells.entries();
        let key = |cell: &Cell| (place_ranks[cell.place()] as usize, cell.member());
        let mut spills: Vec<_> = std::mem::take(&mut self.spills)
            .into_iter()
            .map(|spill| (key(&cells[spill.cell as usize]), spill.counts))
            .collect();
        spills.sort_unstable_by_key(|(key, _)| *key);
        spills
    }

    /// Writes the sorted tables out as records, large windows in pieces.
    fn push_windows(
        &self,
        spills: &[((usize, UserId), ActivityCounts)],
        emojis: Vec<(u32, EmojiCount)>,
        kind_of: impl Fn(UserId) -> AuthorKind,
        out: &mut Vec<Record>,
    ) {
        let places = self.places.entries();
        let mut cells = self.cells.entries();
        let mut spills = spills.iter().peekable();
        let mut emojis = emojis.into_iter().peekable();
        for (rank, window) in self.windows.entries().iter().enumerate() {
            let in_window = |cell: &&Cell| places[cell.place()].window as usize == rank;
            let mut left = cells.iter().take_while(in_window).count();
            while left > 0 || emojis.peek().is_some_and(|(window, _)| *window as usize == rank) {
                let (piece, rest) = cells.split_at(left.min(limits::WINDOW_CELLS_MAX));
                (cells, left) = (rest, left - piece.len());
                let cell = |cell: &Cell| {
                    let mut counts = cell.counts();
                    let key = (cell.place(), cell.member());
                    while let Some((_, spilled)) = spills.next_if(|(spill, _)| *spill == key) {
                        add(&mut counts, spilled);
                    }
                    ActivityCell {
                        channel: ChannelId(places[cell.place()].channel),
                        member: cell.member(),
                        kind: cell.kind().max(kind_of(cell.member())),
                        counts,
                    }
                };
                let in_window = |(window, _): &(u32, EmojiCount)| *window as usize == rank;
                out.push(Record::ActivityWindow(ActivityWindow {
                    guild: GuildId(window.guild),
                    unix_minute: window.minute,
                    cells: piece.iter().map(cell).collect(),
                    emojis: std::iter::from_fn(|| emojis.next_if(in_window))
                        .take(limits::WINDOW_EMOJIS_MAX)
                        .map(|(_, count)| count)
                        .collect(),
                }));
            }
        }
    }
}

impl Keyed for Window {
    fn hash(&self) -> u64 {
        hash_pair(self.guild, u64::from(self.minute))
    }
}

impl Keyed for Place {
    fn hash(&self) -> u64 {
        hash_pair(self.channel, u64::from(self.window))
    }
}

/// Sorts `entries` by a key that is unique among them; returns the new position of each old one.
fn sort_and_rank<T: Copy, K: Ord>(entries: &mut [T], key: impl Fn(&T) -> K) -> Vec<u32> {
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    order.sort_unstable_by_key(|&position| key(&entries[position as usize]));
    let sorted: Vec<T> = order.iter().map(|&position| entries[position as usize]).collect();
    entries.copy_from_slice(&sorted);
    let mut ranks = vec![0; order.len()];
    for (rank, &position) in order.iter().enumerate() {
        ranks[position as usize] = rank as u32;
    }
    ranks
}

fn add(counts: &mut ActivityCounts, more: &ActivityCounts) {
    let pairs = [
        (&mut counts.messages, more.messages),
        (&mut counts.commands, more.commands),
        (&mut counts.reactions_added, more.reactions_added),
        (&mut counts.reactions_removed, more.reactions_removed),
        (&mut counts.reactions_received, more.reactions_received),
    ];
    for (count, more) in pairs {
        *count = count.saturating_add(more);
    }
}
