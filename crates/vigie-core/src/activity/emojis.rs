//! Reactions by window and emoji.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use crate::limits;
use crate::table::{Keyed, Table, hash_pair};
use crate::vocabulary::{Emoji, EmojiCount, EmojiId};

/// The emojis heard since the last flush, and how often in which window.
#[derive(Debug, Default)]
pub(crate) struct Emojis {
    names: Table<Name>,
    /// The texts of all names, one after another: no allocation of its own for any of them.
    text: String,
    text_kept: usize,
    counts: Table<Count>,
}

/// An emoji: custom by its id, unicode by its text.
#[derive(Clone, Copy, Debug)]
struct Name {
    hash: u64,
    id: Option<EmojiId>,
    text: Option<Span>,
}

/// Where in the text arena.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    length: u32,
}

/// How often in one window.
#[derive(Clone, Copy, Debug)]
struct Count {
    window: u32,
    emoji: u32,
    added: u32,
    removed: u32,
}

impl Emojis {
    /// Counts one reaction.
    pub(crate) fn count(&mut self, window: usize, emoji: &Emoji<'_>, added: bool) {
        let emoji = self.open_name(emoji) as u32;
        let window = window as u32;
        let new = Count { window, emoji, added: 0, removed: 0 };
        let same = |count: &Count| count.emoji == emoji && count.window == window;
        let found = self.counts.find(new.hash(), same);
        let position = found.unwrap_or_else(|| self.counts.push(new));
        let count = &mut self.counts.entries_mut()[position];
        let counter = if added { &mut count.added } else { &mut count.removed };
        *counter = counter.saturating_add(1);
    }

    /// Whether a bound is reached, so that a flush must come first.
    pub(crate) fn is_full(&self) -> bool {
        self.counts.len() >= limits::EMOJI_COUNTS_MAX
            || self.text.len() >= limits::EMOJI_TEXT_BYTES_MAX
    }

    /// Takes everything out, sorted by (rank of the window, emoji).
    pub(crate) fn flush(&mut self, window_ranks: &[u32]) -> Vec<(u32, EmojiCount)> {
        let count = |count: &Count| {
            let emoji = self.emoji(&self.names.entries()[count.emoji as usize]);
            let flushed = EmojiCount { emoji, added: count.added, removed: count.removed };
            (window_ranks[count.window as usize], flushed)
        };
        let mut flushed: Vec<_> = self.counts.entries().iter().map(count).collect();
        flushed.sort_unstable_by(|a, b| (a.0, &a.1.emoji).cmp(&(b.0, &b.1.emoji)));
        self.reset();
        flushed
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.names.heap_bytes() + self.counts.heap_bytes() + self.text.capacity()
    }

    /// The number of an emoji; a custom one takes the latest name it came with.
    fn open_name(&mut self, emoji: &Emoji<'_>) -> usize {
        match emoji {
            Emoji::Unicode(text) => {
                let text = limits::cut(text, limits::NAME_BYTES_MAX);
                let hash = hash_text(text);
                let same = |name: &Name| name.id.is_none() && self.text(name) == Some(text);
                self.names.find(hash, same).unwrap_or_else(|| {
                    let text = Some(self.append(text));
                    self.names.push(Name { hash, id: None, text })
                })
            }
            Emoji::Custom { id, name } => {
                let hash = hash_pair(id.0, 1);
                let found = self.names.find(hash, |name| name.id == Some(*id));
                let position = found
                    .unwrap_or_else(|| self.names.push(Name { hash, id: Some(*id), text: None }));
                let text = name.as_deref().map(|name| limits::cut(name, limits::NAME_BYTES_MAX));
                if let Some(text) = text
                    && self.text(&self.names.entries()[position]) != Some(text)
                {
                    self.names.entries_mut()[position].text = Some(self.append(text));
                }
                position
            }
        }
    }

    fn append(&mut self, text: &str) -> Span {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Span { start, length: text.len() as u32 }
    }

    fn text(&self, name: &Name) -> Option<&str> {
        let Span { start, length } = name.text?;
        Some(&self.text[start as usize..(start + length) as usize])
    }

    fn emoji(&self, name: &Name) -> Emoji<'static> {
        let text = self.text(name).map(|text| text.to_owned().into());
        match name.id {
            Some(id) => Emoji::Custom { id, name: text },
            None => Emoji::Unicode(text.unwrap_or_default()),
        }
    }

    fn reset(&mut self) {
        self.names.reset();
        self.counts.reset();
        self.text_kept = self.text.len().max(self.text_kept - self.text_kept.div_ceil(8));
        self.text.clear();
        if self.text.capacity() > 4 * self.text_kept + 256 {
            self.text.shrink_to(self.text_kept);
        }
    }
}

impl Keyed for Name {
    fn hash(&self) -> u64 {
        self.hash
    }
}

impl Keyed for Count {
    fn hash(&self) -> u64 {
        hash_pair(u64::from(self.emoji), u64::from(self.window))
    }
}

fn hash_text(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hash_pair(hasher.finish(), 0)
}
