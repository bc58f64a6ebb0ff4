//! What is remembered of a guild while it is played.

use std::collections::VecDeque;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};

use crate::conversation::Conversation;
use crate::event::{Message, Reaction, VoiceState};
use crate::history::{HistoricMessage, ReactionCount};

/// A message played live.
#[derive(Clone, Debug)]
pub(crate) struct LiveMessage {
    pub(crate) message: Message,
    pub(crate) edited_at: Option<UnixMs>,
    pub(crate) deleted: bool,
    pub(crate) reactions: Vec<ReactionCount>,
}

impl LiveMessage {
    pub(crate) fn historic(&self) -> HistoricMessage {
        HistoricMessage {
            message: self.message,
            edited_at: self.edited_at,
            reactions: self.reactions.clone(),
        }
    }
}

/// The changing part of a guild; nothing is allocated before something happens there.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveGuild {
    /// The last id given.
    pub(super) last_id: u64,
    pub(super) conversations: Vec<Conversation>,
    /// Messages by rising id; bounded by [`crate::limits::LIVE_MESSAGES_MAX`].
    pub(super) messages: VecDeque<LiveMessage>,
    /// Reactions given lately, which may be taken back.
    pub(super) given: VecDeque<Reaction>,
    pub(super) voice: Vec<VoiceState>,
    /// The half hour it was worked out for, how awake the guild is, and how busy its voice: 1 at its busiest hour.
    pub(super) wakefulness: (i64, f32, f32),
    /// The last message written live in a channel, and how many there were.
    written: HashMap<ChannelId, (MessageId, u64), FxBuildHasher>,
}

impl LiveGuild {
    pub(crate) fn last_message(&self, channel: ChannelId) -> Option<MessageId> {
        self.written.get(&channel).map(|(last, _)| *last)
    }

    /// How many messages were written live, by rising channel.
    pub(crate) fn messages_by_channel(&self) -> Vec<(ChannelId, u64)> {
        let counts = self.written.iter().map(|(channel, (_, count))| (*channel, *count));
        let mut counts: Vec<_> = counts.collect();
        counts.sort_unstable();
        counts
    }

    pub(crate) fn remembered(
        &self,
        from: u64,
        before: u64,
    ) -> impl DoubleEndedIterator<Item = &LiveMessage> {
        let first = self.messages.partition_point(|live| live.message.id.0 < from);
        let end = self.messages.partition_point(|live| live.message.id.0 < before);
        self.messages.range(first..end.max(first))
    }

    pub(super) fn remember(&mut self, message: Message, most: usize) {
        if self.messages.len() >= most {
            self.messages.pop_front();
        }
        let told = self.written.entry(message.channel).or_insert((message.id, 0));
        *told = (message.id, told.1 + 1);
        self.messages.push_back(LiveMessage {
            message,
            edited_at: None,
            deleted: false,
            reactions: Vec::new(),
        });
    }

    pub(super) fn message_mut(&mut self, id: MessageId) -> Option<&mut LiveMessage> {
        let place = self.messages.binary_search_by_key(&id, |live| live.message.id).ok()?;
        self.messages.get_mut(place)
    }

    /// Nobody goes on talking there.
    pub(super) fn end_conversations(&mut self, channel: ChannelId) {
        self.conversations.retain(|conversation| conversation.channel != channel);
    }

    /// Deletes a message; reactions to it are not taken back any more.
    pub(super) fn delete(&mut self, id: MessageId) {
        if let Some(live) = self.message_mut(id) {
            live.deleted = true;
        }
        self.given.retain(|given| given.message != id);
    }
}
