//! Names of members, told when they changed; and which ids are bots and webhooks.
//!
//! A payload names its author every time; a record needs to only when the names are new. Told names are remembered as 64
//! bits: 32 of (guild, user), 32 of the names. What that costs in certainty, with all 917,504 places taken:
//! - Two members of the same first 32 bits (about 98 pairs of all) are told again whenever they take turns. Harmless.
//! - Of these, a pair whose names agree in their 32 bits too (once in 2^32 pairs) hides the second one's names until the
//!   table is next forgotten.
//! - A new name that agrees with the old one in its 32 bits (once in 2^32 changes) stays unseen until the next change.

use std::hash::{Hash as _, Hasher as _};

use hashbrown::{HashMap, HashTable};
use rustc_hash::{FxBuildHasher, FxHasher};

use super::short;
use crate::limits;
use crate::table::{Keyed, Table, hash_pair};
use crate::vocabulary::{AuthorKind, GuildId, MemberRecord, Person, Record, UserId};

/// What was told, what is to be told, and who is no human.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Half (guild, user), half names: see the module's documentation.
    told: HashTable<u64>,
    to_tell: Table<ToTell>,
    automated: HashMap<UserId, AuthorKind, FxBuildHasher>,
}

#[derive(Debug)]
struct ToTell {
    guild: GuildId,
    member: MemberRecord,
}

impl Names {
    /// Takes note of a person as a payload of `guild` names them.
    pub(crate) fn hear(&mut self, guild: GuildId, person: &Person<'_>) {
        let kind = self.learn_kind(person);
        if self.is_new(guild, person, kind) {
            self.tell_later(guild, person, kind);
        }
    }

    /// Takes note of a person as history names them: without the nickname, so only of those of whom nothing was told yet.
    pub(crate) fn hear_of(&mut self, guild: GuildId, person: &Person<'_>) {
        let kind = self.learn_kind(person);
        let key = hash_pair(guild.0, person.id.0) >> 32;
        let is_told = self.told.find(spread(key), |entry| entry >> 32 == key).is_some();
        if !is_told && self.is_new(guild, person, kind) {
            self.tell_later(guild, person, kind);
        }
    }

    /// Bots and webhooks, by id.
    pub(crate) fn automated(&self) -> Vec<(UserId, AuthorKind)> {
        let mut automated: Vec<_> = self.automated.iter().map(|(id, kind)| (*id, *kind)).collect();
        automated.sort_unstable();
        automated
    }

    /// Names of nobody, with these bots and webhooks known.
    pub(crate) fn restore(automated: &[(UserId, AuthorKind)]) -> Self {
        Self { automated: automated.iter().copied().collect(), ..Self::default() }
    }

    /// Members whose names wait for the flush.
    pub(crate) fn to_tell(&self) -> usize {
        self.to_tell.len()
    }

    /// The kind of a member, as far as it was heard: human unless something else was.
    pub(crate) fn kind_of(&self, user: UserId) -> AuthorKind {
        self.automated.get(&user).copied().unwrap_or_default()
    }

    /// Whether a bound is reached, so that a flush must come first.
    pub(crate) fn is_full(&self) -> bool {
        self.to_tell.len() >= limits::NAMES_TO_TELL_MAX
    }

    /// Pushes the names that changed to `out`, by guild and then by member.
    pub(crate) fn flush(&mut self, out: &mut Vec<Record>) {
        let mut members = self.to_tell.take();
        members.sort_unstable_by_key(|entry| (entry.guild, entry.member.id));
        let mut members = members.into_iter().peekable();
        while let Some(guild) = members.peek().map(|entry| entry.guild) {
            let piece = std::iter::from_fn(|| members.next_if(|entry| entry.guild == guild))
                .take(limits::RECORD_MEMBERS_MAX)
                .map(|entry| entry.member);
            out.push(Record::Members(guild, piece.collect()));
        }
    }

    /// Members remembered as told.
    pub(crate) fn told(&self) -> usize {
        self.told.len()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let texts = self.to_tell.entries().iter().map(|entry| heap_bytes(&entry.member));
        self.told.allocation_size()
            + self.automated.allocation_size()
            + self.to_tell.heap_bytes()
            + texts.sum::<usize>()
    }

    /// The highest kind heard of a person, this time included.
    fn learn_kind(&mut self, person: &Person<'_>) -> AuthorKind {
        let known = self.kind_of(person.id);
        if person.kind <= known {
            return known;
        }
        if self.automated.len() >= limits::AUTOMATED_MAX {
            self.automated.clear();
        }
        self.automated.insert(person.id, person.kind);
        person.kind
    }

    /// Whether these names differ from those told last; from now on they count as told.
    fn is_new(&mut self, guild: GuildId, person: &Person<'_>, kind: AuthorKind) -> bool {
        let key = hash_pair(guild.0, person.id.0) >> 32;
        let names = hash_names(person, kind);
        let same_key = |entry: &u64| entry >> 32 == key;
        if let Some(entry) = self.told.find_mut(spread(key), same_key) {
            let is_new = *entry as u32 != names;
            *entry = key << 32 | u64::from(names);
            return is_new;
        }
        if self.told.len() >= limits::NAMES_TOLD_MAX {
            self.told.clear();
        }
        let entry = key << 32 | u64::from(names);
        self.told.insert_unique(spread(key), entry, |entry| spread(entry >> 32));
        true
    }

    /// Puts names on the list for the flush, over those that wait there already.
    fn tell_later(&mut self, guild: GuildId, person: &Person<'_>, kind: AuthorKind) {
        let member = MemberRecord {
            id: person.id,
            kind,
            username: short(&person.username),
            display_name: person.display_name.as_deref().map(short),
            avatar: person.avatar.as_deref().map(short),
        };
        let entry = ToTell { guild, member };
        let same = |other: &ToTell| other.guild == guild && other.member.id == person.id;
        match self.to_tell.find(entry.hash(), same) {
            Some(position) => self.to_tell.entries_mut()[position] = entry,
            None => _ = self.to_tell.push(entry),
        }
    }
}

impl Keyed for ToTell {
    fn hash(&self) -> u64 {
        hash_pair(self.guild.0, self.member.id.0)
    }
}

/// 32 bits, over all the 64 that the table looks at.
fn spread(key: u64) -> u64 {
    hash_pair(key, 0)
}

fn hash_names(person: &Person<'_>, kind: AuthorKind) -> u32 {
    let mut hasher = FxHasher::default();
    (kind, &person.username, &person.display_name, &person.avatar).hash(&mut hasher);
    (hash_pair(hasher.finish(), 0) >> 32) as u32
}

fn heap_bytes(member: &MemberRecord) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
    member.username.capacity() + optional(&member.display_name) + optional(&member.avatar)
}
