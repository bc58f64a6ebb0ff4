//! What the rows must say: the world's own events, less what the ledger calls missed and Discord does not tell again.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{
    ChannelId, CoverageFamily, GuildId, MessageId, MessageKind, UnixMs, snowflake_time,
};
use vigie_world::{Author, Event, Guild, Happening, Message, Reaction, Shape, World};

use super::ledger::{Heard, Ledger};
use crate::totals::{Counts, Totals};

/// Where and who: guild, hour since 1970, channel, member.
type Cell = (u64, u64, u64, u64);

/// Least and most that a row may say; they differ only where a millisecond or a deletion leaves it open.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    least: Counts,
    most: Counts,
}

/// The activity that must be stored.
pub struct Expected<'w> {
    world: &'w World,
    ledger: &'w Ledger,
    /// Reactions are told without a time: after a replay over the end of an hour they are compared in sum.
    reactions_by_hour: bool,
    deleted: BTreeSet<MessageId>,
    cells: BTreeMap<Cell, Bounds>,
    emojis: BTreeMap<(u64, u64, String), [[u64; 2]; 2]>,
}

const MESSAGES: usize = 0;
const COMMANDS: usize = 1;
const ADDED: usize = 2;
const REMOVED: usize = 3;
const RECEIVED: usize = 4;

impl<'w> Expected<'w> {
    /// Folds what happened.
    pub fn new(
        world: &'w World,
        happened: &[Event],
        ledger: &'w Ledger,
        reactions_by_hour: bool,
        is_vague: impl Fn(GuildId, UnixMs) -> bool,
    ) -> Self {
        let deleted = happened.iter().flat_map(|event| match &event.what {
            Happening::MessageDelete(message) => vec![message.id],
            Happening::MessageDeleteBulk(_, ids) => ids.to_vec(),
            _ => Vec::new(),
        });
        let deleted = deleted.collect();
        let (cells, emojis) = (BTreeMap::new(), BTreeMap::new());
        let mut expected = Self { world, ledger, reactions_by_hour, deleted, cells, emojis };
        for event in happened {
            let Some(guild) = world.guild(event.guild) else { continue };
            match &event.what {
                Happening::MessageCreate(message) => expected.message(guild, message),
                Happening::ReactionAdd(reaction) => {
                    let heard = expected.heard(guild, event.at, &is_vague);
                    expected.reaction(guild, event.at, reaction, true, heard);
                }
                Happening::ReactionRemove(reaction) => {
                    let heard = expected.heard(guild, event.at, &is_vague);
                    expected.reaction(guild, event.at, reaction, false, heard);
                }
                _ => {}
            }
        }
        expected
    }

    /// What the rows say otherwise, as sentences.
    pub fn differences(&self, stored: &Totals) -> Vec<String> {
        let mut found = Vec::new();
        let mut rows: BTreeMap<Cell, Counts> = BTreeMap::new();
        for ((guild, hour, channel, member, _), counts) in &stored.cells {
            let [messages, commands, reactions @ ..] = *counts;
            let mut add = |hour: u64, counts: Counts| {
                let row = rows.entry((*guild, hour, *channel, *member)).or_default();
                row.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            };
            add(*hour, [messages, commands, 0, 0, 0]);
            let hour = if self.reactions_by_hour { *hour } else { 0 };
            add(hour, [0, 0, reactions[0], reactions[1], reactions[2]]);
        }
        let keys: BTreeSet<Cell> = self.cells.keys().chain(rows.keys()).copied().collect();
        for key in keys {
            let bounds = self.cells.get(&key).copied().unwrap_or_default();
            let row = rows.get(&key).copied().unwrap_or_default();
            let fits = (0..5).all(|at| (bounds.least[at]..=bounds.most[at]).contains(&row[at]));
            if !fits {
                let Bounds { least, most } = bounds;
                found.push(format!("cell (guild, hour, channel, member) {key:?}: truth {least:?}..={most:?}, stored {row:?}"));
            }
        }
        let mut emoji_rows: BTreeMap<(u64, u64, String), [u64; 2]> = BTreeMap::new();
        for ((guild, hour, emoji), counts) in &stored.emojis {
            let hour = if self.reactions_by_hour { *hour } else { 0 };
            let row = emoji_rows.entry((*guild, hour, emoji.clone())).or_default();
            row.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        for (key, [least, most]) in &self.emojis {
            let row = emoji_rows.remove(key).unwrap_or_default();
            if !(0..2).all(|at| (least[at]..=most[at]).contains(&row[at])) {
                found.push(format!("emoji {key:?}: truth {least:?}..={most:?}, stored {row:?}"));
            }
        }
        found.extend(
            emoji_rows
                .iter()
                .map(|(key, row)| format!("emoji {key:?}: truth none, stored {row:?}")),
        );
        found
    }

    fn message(&mut self, guild: &Guild, message: &Message) {
        let counter = match message.counts_as() {
            Some(MessageKind::Message) => MESSAGES,
            Some(MessageKind::Command) => COMMANDS,
            None => return,
        };
        let at = snowflake_time(message.id.0);
        let author = match message.shape {
            Shape::Command { by, .. } => Author::Member(by),
            _ => message.author,
        };
        let heard = self.ledger.heard(guild.id, CoverageFamily::Messages, at);
        let is_before =
            self.ledger.begins(guild.id, CoverageFamily::Messages).is_none_or(|begins| at < begins);
        let (least, most) = match heard {
            Heard::Yes => (1, 1),
            Heard::No if is_before => (0, 0),
            // Read again from history, unless somebody had deleted it by then.
            Heard::No | Heard::Edge if !is_before => {
                (u64::from(!self.deleted.contains(&message.id)), 1)
            }
            _ => (0, 1),
        };
        let hour = u64::from(at.unix_hour());
        self.count(guild, hour, message.channel, author, counter, (least, most));
    }

    /// Whether a reaction must have been counted. `is_vague`: a replay hides when exactly an outage began or ended.
    fn heard(
        &self,
        guild: &Guild,
        at: UnixMs,
        is_vague: impl Fn(GuildId, UnixMs) -> bool,
    ) -> Heard {
        match is_vague(guild.id, at) {
            true => Heard::Edge,
            false => self.ledger.heard(guild.id, CoverageFamily::Reactions, at),
        }
    }

    fn reaction(
        &mut self,
        guild: &Guild,
        at: UnixMs,
        reaction: &Reaction,
        added: bool,
        heard: Heard,
    ) {
        let (least, most) = match heard {
            Heard::Yes => (1, 1),
            Heard::No => (0, 0),
            Heard::Edge => (0, 1),
        };
        let hour = if self.reactions_by_hour { u64::from(at.unix_hour()) } else { 0 };
        let counter = if added { ADDED } else { REMOVED };
        let giver = Author::Member(reaction.giver);
        self.count(guild, hour, reaction.channel, giver, counter, (least, most));
        if added && reaction.names_author() {
            let author = reaction.message_author;
            self.count(guild, hour, reaction.channel, author, RECEIVED, (least, most));
        }
        let emoji = match reaction.emoji.id(guild) {
            Some(id) => id.0.to_string(),
            None => reaction.emoji.name(guild).to_owned(),
        };
        let bounds = self.emojis.entry((guild.id.0, hour, emoji)).or_default();
        bounds[0][usize::from(!added)] += least;
        bounds[1][usize::from(!added)] += most;
    }

    fn count(
        &mut self,
        guild: &Guild,
        hour: u64,
        channel: ChannelId,
        author: Author,
        counter: usize,
        (least, most): (u64, u64),
    ) {
        let member = match author {
            Author::Member(index) => self.world.member(guild, index).user.id.0,
            Author::Webhook(place) => guild.webhooks[usize::from(place)].id.0,
        };
        let bounds = self.cells.entry((guild.id.0, hour, channel.0, member)).or_default();
        bounds.least[counter] += least;
        bounds.most[counter] += most;
    }
}

/// Guilds by their ids, for sentences.
pub fn guild_ids(world: &World) -> Vec<GuildId> {
    world.guilds().iter().map(|guild| guild.id).collect()
}
