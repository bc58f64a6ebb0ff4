//! Counting the world's own events.

use std::borrow::Cow;

use vigie_core::vocabulary::{ActivityCounts, AuthorKind, ChannelId, MessageKind, UnixMs, UserId};

use super::{Cell, CellKey, EmojiTotals, Truth, TruthEmoji};
use crate::calendar::HOUR_MS;
use crate::event::{Author, Event, Happening, Message, Reaction, ReactionEmoji, Shape};
use crate::guild::{Guild, Purpose};
use crate::people::Population;
use crate::world::World;

/// Whose events are counted.
#[derive(Clone, Copy)]
pub(crate) struct Tally<'a> {
    population: &'a Population,
    pub(super) guild: &'a Guild,
}

impl World {
    pub(crate) fn tally<'a>(&'a self, guild: &'a Guild) -> Tally<'a> {
        Tally::new(&self.population, guild)
    }
}

impl<'a> Tally<'a> {
    pub(crate) fn new(population: &'a Population, guild: &'a Guild) -> Self {
        Self { population, guild }
    }

    pub(super) fn user(&self, author: Author) -> UserId {
        match author {
            Author::Member(index) => self.member(index),
            Author::Webhook(place) => self.guild.webhooks[usize::from(place)].id,
        }
    }

    pub(super) fn member(&self, index: u32) -> UserId {
        self.population.user_id(self.guild, index)
    }

    pub(super) fn is_person(&self, index: u32) -> bool {
        self.guild.is_person(index)
    }

    pub(super) fn kind(&self, index: u32) -> AuthorKind {
        Author::Member(index).kind(self.guild)
    }

    pub(super) fn afk_channel(&self) -> Option<ChannelId> {
        self.guild.channel_for(Purpose::VoiceAfk).map(|channel| channel.id)
    }
}

impl Truth {
    pub(crate) fn count_event(&mut self, tally: Tally<'_>, event: &Event) {
        match &event.what {
            Happening::MessageCreate(message) => self.count_message(tally, message),
            Happening::ReactionAdd(reaction) => {
                self.count_reaction(tally, event.at, reaction, true);
            }
            Happening::ReactionRemove(reaction) => {
                self.count_reaction(tally, event.at, reaction, false);
            }
            Happening::MessageDelete(message) => self.delete_message(tally, message, event.at),
            // Nothing else is activity; voice has a log of its own.
            _ => {}
        }
    }

    pub(crate) fn count_message(&mut self, tally: Tally<'_>, message: &Message) {
        let mut counts = ActivityCounts::default();
        let author = match (message.counts_as(), message.shape) {
            (None, _) => return,
            (Some(MessageKind::Command), Shape::Command { by, .. }) => {
                counts.commands = 1;
                Author::Member(by)
            }
            _ => {
                counts.messages = 1;
                message.author
            }
        };
        self.count_cell(tally, message.id.time(), message.channel, author, counts);
    }

    pub(crate) fn count_reaction(
        &mut self,
        tally: Tally<'_>,
        at: UnixMs,
        reaction: &Reaction,
        added: bool,
    ) {
        let once = u32::from(added);
        let (added_count, removed_count) = (once, 1 - once);
        let given = ActivityCounts {
            reactions_added: added_count,
            reactions_removed: removed_count,
            ..ActivityCounts::default()
        };
        let channel = reaction.channel;
        self.count_cell(tally, at, channel, Author::Member(reaction.giver), given);
        if added && reaction.names_author() {
            let received = ActivityCounts { reactions_received: 1, ..ActivityCounts::default() };
            self.count_cell(tally, at, channel, reaction.message_author, received);
        }
        let name = reaction.emoji.name(tally.guild);
        let (emoji, name) = match (reaction.emoji, reaction.emoji.id(tally.guild)) {
            (ReactionEmoji::Custom(_), Some(id)) => {
                (TruthEmoji::Custom(id), Some(Cow::Borrowed(name)))
            }
            _ => (TruthEmoji::Unicode(Cow::Borrowed(name)), None),
        };
        let totals = EmojiTotals { name, added: added_count, removed: removed_count };
        self.add_emoji(unix_hour(at), tally.guild.id, emoji, totals);
    }

    fn count_cell(
        &mut self,
        tally: Tally<'_>,
        at: UnixMs,
        channel: ChannelId,
        author: Author,
        counts: ActivityCounts,
    ) {
        let key = CellKey { guild: tally.guild.id, channel, member: tally.user(author) };
        let kind: AuthorKind = author.kind(tally.guild);
        self.add(unix_hour(at), key, Cell { kind, counts });
    }
}

fn unix_hour(at: UnixMs) -> u32 {
    at.0.div_euclid(HOUR_MS).clamp(0, i64::from(u32::MAX)) as u32
}
