//! Messages that were deleted live: what nobody finds in history afterwards.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, GuildId, MessageId, MessageKind, UnixMs, UserId,
};

use super::{Tally, Truth};
use crate::event::{Author, Message, Shape};
use crate::limits;
use crate::world::World;

/// A message that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedMessage {
    /// Where.
    pub guild: GuildId,
    /// Where.
    pub channel: ChannelId,
    /// Which; says when it was written.
    pub id: MessageId,
    /// Whom it counts for: its author, or who gave the command.
    pub author: UserId,
    /// Person, bot or webhook.
    pub kind: AuthorKind,
    /// As what it was counted, if at all.
    pub counts_as: Option<MessageKind>,
    /// When it was deleted.
    pub deleted_at: UnixMs,
}

impl World {
    /// Writes down messages that were deleted at once.
    pub(crate) fn truth_of_deleted(&mut self, index: usize, at: UnixMs, messages: &[Message]) {
        let tally = Tally::new(&self.population, &self.guilds[index]);
        messages.iter().for_each(|message| self.truth.delete_message(tally, message, at));
    }
}

impl Truth {
    /// Adds a deleted message.
    pub fn add_deleted(&mut self, deleted: DeletedMessage) {
        self.deleted.push(deleted);
    }

    /// Deleted messages in the order of their deletion, those of the last [`limits::DELETED_MAX`] at least.
    pub fn deleted(&self) -> &[DeletedMessage] {
        &self.deleted
    }

    pub(super) fn delete_message(&mut self, tally: Tally<'_>, message: &Message, at: UnixMs) {
        let author = match message.shape {
            Shape::Command { by, .. } => Author::Member(by),
            _ => message.author,
        };
        self.add_deleted(DeletedMessage {
            guild: tally.guild.id,
            channel: message.channel,
            id: message.id,
            author: tally.user(author),
            kind: author.kind(tally.guild),
            counts_as: message.counts_as(),
            deleted_at: at,
        });
    }

    pub(super) fn bound_deleted(&mut self) {
        if self.deleted.len() > 2 * limits::DELETED_MAX {
            self.deleted.drain(..self.deleted.len() - limits::DELETED_MAX);
        }
    }
}
