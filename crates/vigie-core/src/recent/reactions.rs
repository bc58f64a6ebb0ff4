//! The last word on every recent reaction: given, or taken back.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use crate::limits;
use crate::table::{Keyed, Table, hash_pair};
use crate::vocabulary::{Emoji, MessageId, ReactionFact, UserId};

/// Last words, in the order in which their reactions were first heard of.
#[derive(Debug, Default)]
pub(crate) struct Reactions {
    words: Table<Word>,
}

/// One member's reaction with one emoji on one message.
#[derive(Clone, Copy, Debug)]
struct Word {
    message: u64,
    member: u64,
    emoji: u32,
    added: bool,
}

impl Reactions {
    /// Whether a reaction says something that its last word did not; from now on it is the last word.
    pub(crate) fn is_new(&mut self, fact: &ReactionFact<'_>) -> bool {
        if fact.message == MessageId(0) {
            return true;
        }
        let word = Word {
            message: fact.message.0,
            member: fact.giver.0,
            emoji: hash_emoji(&fact.emoji),
            added: fact.added,
        };
        if let Some(position) = self.words.find(word.hash(), |other| other.same_key(&word)) {
            let known = &mut self.words.entries_mut()[position];
            return std::mem::replace(&mut known.added, word.added) != word.added;
        }
        self.remember(word);
        true
    }

    /// All reactions of a message were removed, or all with one emoji: whose they were is not known any more.
    pub(crate) fn forget(&mut self, message: MessageId) {
        if self.words.entries().iter().any(|word| word.message == message.0) {
            self.retain(|_, word| word.message != message.0);
        }
    }

    /// Reactions may have been taken back unheard.
    pub(crate) fn forget_all(&mut self) {
        self.words.reset();
    }

    /// All that is remembered, oldest first.
    pub(crate) fn checkpoint(&self) -> Vec<(MessageId, UserId, u32, bool)> {
        let tuple = |w: &Word| (MessageId(w.message), UserId(w.member), w.emoji, w.added);
        self.words.entries().iter().map(tuple).collect()
    }

    pub(crate) fn restore(words: &[(MessageId, UserId, u32, bool)]) -> Self {
        let mut reactions = Self::default();
        for &(message, member, emoji, added) in words {
            reactions.remember(Word { message: message.0, member: member.0, emoji, added });
        }
        reactions
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.words.heap_bytes()
    }

    fn remember(&mut self, word: Word) {
        if self.words.len() >= 2 * limits::RECENT_REACTIONS_MIN {
            self.retain(|position, _| position >= limits::RECENT_REACTIONS_MIN);
        }
        self.words.push(word);
    }

    fn retain(&mut self, keep: impl Fn(usize, &Word) -> bool) {
        let words = self.words.take();
        for (position, word) in words.into_iter().enumerate() {
            if keep(position, &word) {
                self.words.push(word);
            }
        }
    }
}

impl Word {
    fn same_key(&self, other: &Self) -> bool {
        (self.message, self.member, self.emoji) == (other.message, other.member, other.emoji)
    }
}

impl Keyed for Word {
    fn hash(&self) -> u64 {
        hash_pair(self.message, self.member ^ u64::from(self.emoji) << 32)
    }
}

/// 32 bits of an emoji: two emojis of one member on one message agree in them once in 2^32.
fn hash_emoji(emoji: &Emoji<'_>) -> u32 {
    let mut hasher = FxHasher::default();
    match emoji {
        // A custom emoji is its id: its name may be told or not.
        Emoji::Custom { id, .. } => (1_u8, id.0).hash(&mut hasher),
        Emoji::Unicode(text) => hasher.write(text.as_bytes()),
    }
    (hash_pair(hasher.finish(), 0) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{ChannelId, GuildId};

    fn reaction(message: usize, added: bool) -> ReactionFact<'static> {
        ReactionFact {
            guild: GuildId(1),
            channel: ChannelId(10),
            message: MessageId(message as u64),
            giver: UserId(100),
            giver_person: None,
            message_author: None,
            emoji: Emoji::Unicode("👍".into()),
            added,
        }
    }

    #[test]
    fn at_the_bound_the_older_half_is_forgotten_and_a_copy_forgets_the_same() {
        let mut reactions = Reactions::default();
        let bound = 2 * limits::RECENT_REACTIONS_MIN;
        (1..=bound).for_each(|message| assert!(reactions.is_new(&reaction(message, true))));
        let mut copy = Reactions::restore(&reactions.checkpoint());
        for reactions in [&mut reactions, &mut copy] {
            assert!(!reactions.is_new(&reaction(1, true)));
            assert!(reactions.is_new(&reaction(bound + 1, true)));
            assert!(reactions.is_new(&reaction(1, true)), "forgotten");
            assert!(!reactions.is_new(&reaction(bound, true)), "remembered");
        }
    }
}
