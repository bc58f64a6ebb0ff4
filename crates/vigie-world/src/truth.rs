//! The true totals, counted from the world's own events: never from a payload, never by the core.
//!
//! The JSON form, all ids as strings, everything sorted:
//! `{"guilds":{"<id>":{"hours":{"<hours since 1970>":{"cells":[{"channel":"…","member":"…","kind":"human","messages":1,
//! "commands":0,"reactions_added":0,"reactions_removed":0,"reactions_received":0}],"emojis":[{"emoji":"🔥","id":null,
//! "added":1,"removed":0}]}}}}}`, with `"complete_from_hour": n` beside `guilds` once old hours were forgotten.
//!
//! Hours in which somebody was in voice also hold `"voice":{"peak":2,"cells":[{"channel":"…","member":"…","kind":"human",
//! "sessions":1,"total_ms":1,"active_ms":0,"muted_ms":0,"deafened_ms":0,"streaming_ms":0,"video_ms":0,"suppressed_ms":0,
//! "alone_ms":1,"afk_ms":0}],"channel_peaks":[{"channel":"…","peak":2}],"minutes":[[minute of the hour,total_ms,active_ms,
//! peak]]}`: bots have cells, but no part in peaks and minutes. Beside `hours` a guild may have
//! - `"sessions":[{"channel":"…","member":"…","kind":"human","started_ms":1,"ended_ms":2,"start_heard":true,"end_heard":true,
//!   "segments":[[state bits,duration_ms]]}]`: a session under way ends at the instant asked for, with `end_heard` false; one
//!   that was under way when the present began has `start_heard` false. Bits as of the core's vocabulary.
//! - `"deleted":[{"channel":"…","id":"…","author":"…","kind":"human","counts_as":"message"|"command"|null,"created_ms":1,
//!   "deleted_ms":2}]`: messages that were deleted live, which no page of history holds. A command's author is who gave it.
//! - `"members":n`: members at the instant asked for, bots included.
//! - `"stays":[{"member":"…","kind":"human","joined_ms":1,"rejoined":false,"way":"before"|"invite"|"vanity"|"discovery"|
//!   "bot_added","code":"…"|null,"inviter":"…"|null,"left_ms":2|null,"how":"leave"|"kick"|"ban"|"prune"|null}]`: members who
//!   came or left in the present. GUILD_MEMBER_ADD follows `joined_ms` within 800 ms.
//! - `"acts":[{"at_ms":1,"action":0,"target":"…"|null,"moderator":"…"|null,"reason":"…"|null,"channel":"…"|null,"count":1,
//!   "until_ms":2|null,"audit":"…"|null,"names_moderator":true,"told_ms":3|null}]`: acts of moderation, with the numbers of
//!   the core's vocabulary. Without `audit` no entry tells of it; `told_ms` says when the entry is written, and
//!   `names_moderator` whether it says by whom.

mod count;
mod deleted;
mod json;
mod society;
mod voice;
mod voice_log;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use vigie_core::vocabulary::{
    ActivityCounts, AuthorKind, ChannelId, EmojiId, GuildId, UserId, VoiceMinute, VoiceSession,
};

pub(crate) use count::Tally;
pub use deleted::DeletedMessage;
pub use json::TruthError;
use society::Societies;
pub use voice::VoiceTotals;
pub use voice_log::Stretch;
pub(crate) use voice_log::VoiceLog;

/// True totals by guild, hour, channel and member, and by guild, hour and emoji.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    hours: BTreeMap<u32, Hour>,
    cells: usize,
    complete_from_hour: Option<u32>,
    sessions: BTreeMap<GuildId, Vec<VoiceSession>>,
    deleted: Vec<DeletedMessage>,
    societies: Societies,
}

#[derive(Clone, Debug, Default)]
struct Hour {
    cells: HashMap<CellKey, Cell, FxBuildHasher>,
    emojis: HashMap<(GuildId, TruthEmoji), EmojiTotals, FxBuildHasher>,
    voice: HashMap<CellKey, VoiceTotals, FxBuildHasher>,
    minutes: HashMap<(GuildId, u8), VoiceMinute, FxBuildHasher>,
    peaks: HashMap<(GuildId, ChannelId), u32, FxBuildHasher>,
}

/// Who did something where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// Guild.
    pub guild: GuildId,
    /// Channel or thread.
    pub channel: ChannelId,
    /// Person, bot or webhook.
    pub member: UserId,
}

/// How much they did in one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// The counts.
    pub counts: ActivityCounts,
}

/// What tells one emoji from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TruthEmoji {
    /// A unicode emoji, as its characters.
    Unicode(Cow<'static, str>),
    /// A custom emoji, by its id.
    Custom(EmojiId),
}

/// Reactions with one emoji in one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmojiTotals {
    /// The name of a custom emoji, where known; it is not compared.
    pub name: Option<Cow<'static, str>>,
    /// Given.
    pub added: u32,
    /// Taken back.
    pub removed: u32,
}

/// One place where two truths disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Counts of a member in a channel and hour.
    Cell {
        /// Hours since 1970.
        unix_hour: u32,
        /// Who and where.
        key: CellKey,
        /// In the truth asked; `None` where it has no such cell.
        ours: Option<Cell>,
        /// In the truth compared with.
        theirs: Option<Cell>,
    },
    /// Counts of an emoji in an hour.
    Emoji {
        /// Hours since 1970.
        unix_hour: u32,
        /// Where.
        guild: GuildId,
        /// Which.
        emoji: TruthEmoji,
        /// Added and removed in the truth asked.
        ours: (u32, u32),
        /// Added and removed in the truth compared with.
        theirs: (u32, u32),
    },
    /// Time of a member in a voice channel and hour.
    Voice {
        /// Hours since 1970.
        unix_hour: u32,
        /// Who and where.
        key: CellKey,
        /// In the truth asked; `None` where it has none.
        ours: Option<VoiceTotals>,
        /// In the truth compared with.
        theirs: Option<VoiceTotals>,
    },
    /// Most people at once in a voice channel in an hour.
    VoicePeak {
        /// Hours since 1970.
        unix_hour: u32,
        /// Where.
        guild: GuildId,
        /// Where.
        channel: ChannelId,
        /// In the truth asked.
        ours: u32,
        /// In the truth compared with.
        theirs: u32,
    },
    /// People in voice in a minute of a guild.
    VoiceMinute {
        /// Hours since 1970.
        unix_hour: u32,
        /// Where.
        guild: GuildId,
        /// In the truth asked.
        ours: VoiceMinute,
        /// In the truth compared with.
        theirs: VoiceMinute,
    },
}

/// Sums over all hours and members of a guild.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Messages.
    pub messages: u64,
    /// Commands.
    pub commands: u64,
    /// Reactions given.
    pub reactions_added: u64,
    /// Reactions taken back.
    pub reactions_removed: u64,
    /// Reactions received by a named author.
    pub reactions_received: u64,
}

impl Truth {
    /// A truth of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to the counts of a member. The kind of a cell is the one last told.
    pub fn add(&mut self, unix_hour: u32, key: CellKey, cell: Cell) {
        let hour = self.hours.entry(unix_hour).or_default();
        let before = hour.cells.len();
        let kept = hour.cells.entry(key).or_default();
        kept.kind = cell.kind;
        add_counts(&mut kept.counts, &cell.counts);
        self.cells += hour.cells.len() - before;
    }

    /// Adds to the counts of an emoji.
    pub fn add_emoji(
        &mut self,
        unix_hour: u32,
        guild: GuildId,
        emoji: TruthEmoji,
        totals: EmojiTotals,
    ) {
        let hour = self.hours.entry(unix_hour).or_default();
        let kept = hour.emojis.entry((guild, emoji)).or_default();
        kept.added += totals.added;
        kept.removed += totals.removed;
        if totals.name.is_some() {
            kept.name = totals.name;
        }
    }

    /// Adds everything of another truth.
    pub fn merge(&mut self, other: &Self) {
        for (&unix_hour, hour) in &other.hours {
            hour.cells.iter().for_each(|(&key, &cell)| self.add(unix_hour, key, cell));
            hour.emojis.iter().for_each(|((guild, emoji), totals)| {
                self.add_emoji(unix_hour, *guild, emoji.clone(), totals.clone());
            });
        }
        self.merge_voice(other);
        self.deleted.extend_from_slice(&other.deleted);
        self.merge_societies(other);
        self.complete_from_hour = self.complete_from_hour.max(other.complete_from_hour);
    }

    /// The part of one guild.
    #[must_use]
    pub fn of_guild(&self, guild: GuildId) -> Self {
        let mut part = self.clone();
        for hour in part.hours.values_mut() {
            hour.cells.retain(|key, _| key.guild == guild);
            hour.emojis.retain(|(of, _), _| *of == guild);
            hour.voice.retain(|key, _| key.guild == guild);
            hour.minutes.retain(|(of, _), _| *of == guild);
            hour.peaks.retain(|(of, _), _| *of == guild);
        }
        part.cells = part.hours.values().map(|hour| hour.cells.len()).sum();
        part.sessions.retain(|of, _| *of == guild);
        part.deleted.retain(|deleted| deleted.guild == guild);
        part.societies.retain(|of, _| *of == guild);
        part
    }

    /// The first hour that is whole; `None` while nothing was forgotten.
    pub fn complete_from_hour(&self) -> Option<u32> {
        self.complete_from_hour
    }

    /// Cells kept: one per hour, guild, channel and member.
    pub fn cell_count(&self) -> usize {
        self.cells
    }

    /// Forgets every hour before this one.
    pub fn forget_before(&mut self, unix_hour: u32) {
        let kept = self.hours.split_off(&unix_hour);
        let forgotten = std::mem::replace(&mut self.hours, kept);
        if !forgotten.is_empty() {
            self.cells = self.hours.values().map(|hour| hour.cells.len()).sum();
            self.complete_from_hour = self.complete_from_hour.max(Some(unix_hour));
        }
    }

    /// Forgets the oldest hours until at most `cells_max` cells are left; the newest hour always stays.
    pub(crate) fn bound(&mut self, cells_max: usize) {
        self.bound_deleted();
        while self.cells > cells_max && self.hours.len() > 1 {
            let Some(second) = self.hours.keys().nth(1).copied() else { return };
            self.forget_before(second);
        }
    }

    /// All cells, sorted by hour and key.
    pub fn cells(&self) -> impl Iterator<Item = (u32, CellKey, Cell)> + '_ {
        self.hours.iter().flat_map(|(&unix_hour, hour)| {
            sorted_cells(hour).into_iter().map(move |(key, cell)| (unix_hour, key, cell))
        })
    }

    /// All emojis, sorted by hour, guild and emoji.
    pub fn emojis(&self) -> impl Iterator<Item = (u32, GuildId, &TruthEmoji, &EmojiTotals)> + '_ {
        self.hours.iter().flat_map(|(&unix_hour, hour)| {
            sorted_emojis(hour)
                .into_iter()
                .map(move |(guild, emoji, totals)| (unix_hour, guild, emoji, totals))
        })
    }

    /// The sums of one guild.
    pub fn sums(&self, guild: GuildId) -> Sums {
        let mut sums = Sums::default();
        let own = |key: &CellKey| key.guild == guild;
        self.hours
            .values()
            .flat_map(|hour| hour.cells.iter())
            .filter(|(key, _)| own(key))
            .for_each(|(_, cell)| {
                sums.messages += u64::from(cell.counts.messages);
                sums.commands += u64::from(cell.counts.commands);
                sums.reactions_added += u64::from(cell.counts.reactions_added);
                sums.reactions_removed += u64::from(cell.counts.reactions_removed);
                sums.reactions_received += u64::from(cell.counts.reactions_received);
            });
        sums
    }

    /// Every place where `other` says something else, sorted; empty where both agree. Names of emojis do not matter,
    /// a cell or emoji of zeros is the same as none, and hours that either has forgotten are not compared. Nor are
    /// sessions, deleted messages, stays and acts, which add nothing to what the hours hold.
    pub fn diff(&self, other: &Self) -> Vec<Difference> {
        let from = self.complete_from_hour.max(other.complete_from_hour).unwrap_or(0);
        let hours: BTreeSet<u32> = self
            .hours
            .keys()
            .chain(other.hours.keys())
            .copied()
            .filter(|&hour| hour >= from)
            .collect();
        let nothing = Hour::default();
        let mut differences = Vec::new();
        for unix_hour in hours {
            let ours = self.hours.get(&unix_hour).unwrap_or(&nothing);
            let theirs = other.hours.get(&unix_hour).unwrap_or(&nothing);
            diff_cells(unix_hour, ours, theirs, &mut differences);
            diff_emojis(unix_hour, ours, theirs, &mut differences);
            voice::diff(unix_hour, ours, theirs, &mut differences);
        }
        differences
    }
}

fn add_counts(sum: &mut ActivityCounts, more: &ActivityCounts) {
    sum.messages += more.messages;
    sum.commands += more.commands;
    sum.reactions_added += more.reactions_added;
    sum.reactions_removed += more.reactions_removed;
    sum.reactions_received += more.reactions_received;
}

fn sorted_cells(hour: &Hour) -> Vec<(CellKey, Cell)> {
    let mut cells: Vec<_> = hour.cells.iter().map(|(&key, &cell)| (key, cell)).collect();
    cells.sort_unstable_by_key(|(key, _)| *key);
    cells
}

fn sorted_emojis(hour: &Hour) -> Vec<(GuildId, &TruthEmoji, &EmojiTotals)> {
    let mut emojis: Vec<_> =
        hour.emojis.iter().map(|((guild, emoji), totals)| (*guild, emoji, totals)).collect();
    emojis.sort_unstable_by(|one, two| (one.0, one.1).cmp(&(two.0, two.1)));
    emojis
}

fn diff_cells(unix_hour: u32, ours: &Hour, theirs: &Hour, out: &mut Vec<Difference>) {
    let keys: BTreeSet<CellKey> = ours.cells.keys().chain(theirs.cells.keys()).copied().collect();
    let counted = |hour: &Hour, key: &CellKey| {
        hour.cells.get(key).copied().filter(|cell| cell.counts != ActivityCounts::default())
    };
    for key in keys {
        let (ours, theirs) = (counted(ours, &key), counted(theirs, &key));
        if ours != theirs {
            out.push(Difference::Cell { unix_hour, key, ours, theirs });
        }
    }
}

fn diff_emojis(unix_hour: u32, ours: &Hour, theirs: &Hour, out: &mut Vec<Difference>) {
    let keys: BTreeSet<&(GuildId, TruthEmoji)> =
        ours.emojis.keys().chain(theirs.emojis.keys()).collect();
    let totals = |hour: &Hour, key: &(GuildId, TruthEmoji)| {
        hour.emojis.get(key).map_or((0, 0), |totals| (totals.added, totals.removed))
    };
    for key in keys {
        let (ours, theirs) = (totals(ours, key), totals(theirs, key));
        if ours != theirs {
            let (guild, emoji) = key.clone();
            out.push(Difference::Emoji { unix_hour, guild, emoji, ours, theirs });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(member: u64) -> CellKey {
        CellKey { guild: GuildId(1), channel: ChannelId(2), member: UserId(member) }
    }

    fn messages(messages: u32) -> Cell {
        let counts = ActivityCounts { messages, ..ActivityCounts::default() };
        Cell { kind: AuthorKind::Human, counts }
    }

    fn fire(added: u32) -> EmojiTotals {
        EmojiTotals { name: None, added, removed: 0 }
    }

    #[test]
    fn equal_truths_do_not_differ_however_they_were_counted() {
        let (mut one, mut two) = (Truth::new(), Truth::new());
        one.add(5, key(3), messages(2));
        two.add(5, key(3), messages(1));
        two.add(5, key(3), messages(1));
        two.add(6, key(4), messages(0));
        assert_eq!(one.diff(&two), []);
        assert_eq!(one.sums(GuildId(1)).messages, 2);
    }

    #[test]
    fn differences_name_their_place() {
        let (mut one, mut two) = (Truth::new(), Truth::new());
        let emoji = TruthEmoji::Unicode("🔥".into());
        one.add(5, key(3), messages(2));
        one.add_emoji(5, GuildId(1), emoji.clone(), fire(1));
        two.add(5, key(3), messages(3));
        let (ours, theirs) = (Some(messages(2)), Some(messages(3)));
        assert_eq!(
            one.diff(&two),
            [
                Difference::Cell { unix_hour: 5, key: key(3), ours, theirs },
                Difference::Emoji {
                    unix_hour: 5,
                    guild: GuildId(1),
                    emoji,
                    ours: (1, 0),
                    theirs: (0, 0)
                },
            ]
        );
    }

    #[test]
    fn merging_adds_and_forgetting_says_so() {
        let mut one = Truth::new();
        one.add(5, key(3), messages(2));
        one.add(6, key(3), messages(1));
        one.merge(&one.clone());
        assert_eq!(one.sums(GuildId(1)).messages, 6);
        assert_eq!((one.cell_count(), one.complete_from_hour()), (2, None));
        one.bound(1);
        assert_eq!((one.cell_count(), one.complete_from_hour()), (1, Some(6)));
        let mut other = Truth::new();
        other.add(6, key(3), messages(2));
        assert_eq!(one.diff(&other), []);
    }
}
