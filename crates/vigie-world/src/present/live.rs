//! One thing that happens in one guild.

use std::sync::Arc;

use vigie_core::vocabulary::{ChannelId, ChannelKind, MessageId, UnixMs, UserId};

use super::memory::LiveGuild;
use super::voice::Errand;
use crate::calendar::DAY_MS;
use crate::conversation::{
    BOT_MESSAGES, COMMANDS, Cast, Conversation, SYSTEM_MESSAGES, WEBHOOK_MESSAGES,
};
use crate::event::{Author, Change, Happening, Message, Reaction, Shape};
use crate::guild::{Access, Channel, Guild, Purpose, Thread};
use crate::history::count_reaction;
use crate::ids::IdLayout;
use crate::limits;
use crate::names::talk;
use crate::people::Population;
use crate::rng::Rng;

/// Shares of all events; the rest is typing.
const MESSAGES: f64 = 0.835;
const REACTIONS_ADDED: f64 = 0.08;
const REACTIONS_REMOVED: f64 = 0.01;
const EDITS: f64 = 0.012;
const DELETIONS: f64 = 0.005;
const VOICE: f64 = 0.042;
const NICKNAMES: f64 = 0.004;
const THREADS: f64 = 0.0012;
const TOPICS: f64 = 0.0008;
const BOOSTS: f64 = 0.000_05;

/// Conversations going on at once in a guild.
const CONVERSATIONS_MAX: usize = 4;
/// Share of the messages that go on with a conversation, where there is one.
const GOES_ON: f64 = 0.86;
/// Messages looked back for one to react to, to edit or to delete.
const LOOK_BACK: usize = 40;
/// Reactions that may still be taken back.
const GIVEN_MAX: usize = 24;

/// The making of one event.
pub(super) struct Step<'a> {
    pub(super) layout: &'a IdLayout,
    pub(super) rng: &'a mut Rng,
    pub(super) live: &'a mut LiveGuild,
    /// Messages from which on an old one makes room for a new one.
    pub(super) remembered_max: usize,
    pub(super) at: UnixMs,
    /// What is to be done soon.
    pub(super) arranged: &'a mut Vec<(UnixMs, Errand)>,
    /// What the audit log is to say of it.
    pub(super) notes: &'a mut Vec<Note>,
    pub(super) population: &'a Population,
}

/// Something about a step that the audit log tells.
#[derive(Clone, Debug)]
pub(super) enum Note {
    /// Somebody changed their own nickname: what it was, and is.
    OwnNick(UserId, Option<String>, Option<String>),
    /// A moderator muted or deafened this member in voice, or let them speak or hear again.
    Silenced(u32, Option<bool>, Option<bool>),
    /// A moderator disconnected somebody from voice.
    ThrownOut,
}

impl Step<'_> {
    /// What happens, and when: a message may come a millisecond late where ids are used up. `rhythm` is how busy voice is
    /// at this hour, 0 to 1.
    pub(super) fn happen(&mut self, guild: &mut Guild, rhythm: f64) -> (UnixMs, Happening) {
        let mut drawn = self.rng.unit();
        let mut is = |share: f64| {
            drawn -= share;
            drawn < 0.0
        };
        let happening = if is(MESSAGES) {
            None
        } else if is(REACTIONS_ADDED) {
            self.react(guild)
        } else if is(REACTIONS_REMOVED) {
            self.take_back()
        } else if is(EDITS) {
            self.edit(guild)
        } else if is(DELETIONS) {
            self.delete()
        } else if is(VOICE) {
            self.voice(guild, rhythm)
        } else if is(NICKNAMES) {
            Some(self.rename(guild))
        } else if is(THREADS) {
            self.open_thread(guild)
        } else if is(TOPICS) {
            self.change_topic(guild)
        } else if is(BOOSTS) {
            guild.boost_count += 1;
            Some(Happening::GuildUpdate)
        } else {
            let cast = self.cast(guild);
            let channel = cast.talk_channel(self.rng);
            Some(Happening::Typing(channel, cast.person(self.rng, channel)))
        };
        match happening {
            Some(happening) => (self.at, happening),
            // What cannot happen yet makes room for a message.
            None => self.write(guild),
        }
    }

    fn cast<'g>(&self, guild: &'g Guild) -> Cast<'g> {
        Cast::present(guild, self.at.0.div_euclid(7 * DAY_MS) as u64)
    }

    fn somebody(&mut self, guild: &Guild) -> u32 {
        let cast = self.cast(guild);
        let channel = cast.talk_channel(self.rng);
        cast.person(self.rng, channel)
    }

    /// Somebody changes their own nickname.
    fn rename(&mut self, guild: &mut Guild) -> Happening {
        let somebody = self.somebody(guild);
        let is_new = guild.roster.standing(somebody).is_none();
        let old = is_new.then(|| self.population.member(guild, somebody));
        let index = guild.roster.change_nick(somebody, self.rng);
        let member = self.population.member(guild, index);
        // Of who changed it before, the change before this one is what it was.
        let old = match old.filter(|_| index == somebody) {
            Some(old) => old.nick,
            None => self.population.nick_before(guild, index),
        };
        self.notes.push(Note::OwnNick(member.user.id, old, member.nick.clone()));
        Happening::MemberUpdate(Arc::new(member))
    }

    fn next_id(&mut self, guild: &Guild) -> u64 {
        self.live.last_id = self.layout.id_after(self.live.last_id, self.at, guild.index);
        self.live.last_id
    }

    fn write(&mut self, guild: &mut Guild) -> (UnixMs, Happening) {
        let id = MessageId(self.next_id(guild));
        let single = self.single(guild, id);
        let message = single.unwrap_or_else(|| self.converse(guild, id));
        let channel = guild.channel_mut(message.channel);
        if let Some(thread) = channel.and_then(|channel| channel.thread.as_mut()) {
            thread.message_count += 1;
        }
        self.live.remember(message, self.remembered_max);
        (id.time(), Happening::MessageCreate(message))
    }

    fn converse(&mut self, guild: &Guild, id: MessageId) -> Message {
        let cast = self.cast(guild);
        let going = self.live.conversations.len();
        let goes_on = going >= CONVERSATIONS_MAX || (going > 0 && self.rng.chance(GOES_ON));
        let place = if goes_on {
            self.rng.below(going as u64) as usize
        } else {
            self.live.conversations.push(Conversation::start(&cast, self.rng, self.at));
            going
        };
        let conversation = &mut self.live.conversations[place];
        let author = Author::Member(conversation.next_author(self.rng));
        let shape = conversation.shape(self.rng, id, author);
        let channel = conversation.channel;
        if conversation.left == 0 {
            self.live.conversations.swap_remove(place);
        }
        Message { id, channel, author, shape }
    }

    /// A message that is no part of a conversation.
    fn single(&mut self, guild: &Guild, id: MessageId) -> Option<Message> {
        let cast = self.cast(guild);
        let mut drawn = self.rng.unit();
        let mut is = |share: f64| {
            drawn -= share;
            drawn < 0.0
        };
        let message = |channel, author, shape| Some(Message { id, channel, author, shape });
        if is(BOT_MESSAGES) {
            let bot = cast.bot(self.rng)?;
            message(cast.talk_channel(self.rng), Author::Member(bot), Shape::Text)
        } else if is(WEBHOOK_MESSAGES) {
            let place = cast.webhook(self.rng)?;
            let channel = guild.webhooks[usize::from(place)].channel;
            message(channel, Author::Webhook(place), Shape::Text)
        } else if is(COMMANDS) {
            let bot = cast.bot(self.rng)?;
            let channel = cast.command_channel(self.rng);
            let by = cast.person(self.rng, channel);
            let menu = self.rng.chance(0.12);
            message(channel, Author::Member(bot), Shape::Command { by, menu })
        } else if is(SYSTEM_MESSAGES) {
            let channel = guild.system_channel()?;
            match self.rng.below(10) {
                0..7 => message(channel, Author::Member(cast.newcomer()), Shape::Joined),
                7..9 => self.pin(&cast, id),
                _ => {
                    let person = cast.person(self.rng, channel);
                    message(channel, Author::Member(person), Shape::Boosted)
                }
            }
        } else {
            None
        }
    }

    fn pin(&mut self, cast: &Cast<'_>, id: MessageId) -> Option<Message> {
        let pinned = self.recent()?;
        let author = Author::Member(cast.person(self.rng, pinned.channel));
        let shape = Shape::Pinned { to: pinned.id };
        Some(Message { id, channel: pinned.channel, author, shape })
    }

    /// A message of the last few, deleted ones and notices left out.
    fn recent(&mut self) -> Option<Message> {
        let count = self.live.messages.len().min(LOOK_BACK);
        let back = self.rng.below(count as u64) as usize;
        let live = self.live.messages.iter().rev().nth(back)?;
        (!live.deleted && live.message.counts_as().is_some()).then_some(live.message)
    }

    fn react(&mut self, guild: &Guild) -> Option<Happening> {
        let message = self.recent()?;
        let cast = self.cast(guild);
        let giver = cast.person(self.rng, message.channel);
        let shown = self.live.message_mut(message.id)?.reactions.first().map(|count| count.emoji);
        let emoji = match shown {
            Some(shown) if self.rng.chance(0.5) => shown,
            _ => cast.emoji(self.rng),
        };
        let reaction = Reaction {
            message: message.id,
            message_author: message.author,
            channel: message.channel,
            giver,
            emoji,
            burst: self.rng.chance(0.03),
        };
        let is_same = |given: &Reaction| {
            (given.message, given.giver, given.emoji) == (message.id, giver, emoji)
        };
        if message.author == Author::Member(giver) || self.live.given.iter().any(is_same) {
            return None;
        }
        self.count(&reaction, true);
        if self.live.given.len() >= GIVEN_MAX {
            self.live.given.pop_front();
        }
        self.live.given.push_back(reaction);
        Some(Happening::ReactionAdd(reaction))
    }

    fn take_back(&mut self) -> Option<Happening> {
        let place = self.rng.below(self.live.given.len() as u64) as usize;
        let reaction = self.live.given.remove(place)?;
        self.count(&reaction, false);
        Some(Happening::ReactionRemove(reaction))
    }

    fn count(&mut self, reaction: &Reaction, added: bool) {
        if let Some(live) = self.live.message_mut(reaction.message) {
            count_reaction(&mut live.reactions, reaction.emoji, reaction.burst, added);
        }
    }

    fn edit(&mut self, guild: &Guild) -> Option<Happening> {
        let message = self.recent()?;
        let is_person = matches!(message.author, Author::Member(index) if guild.is_person(index));
        if !is_person || self.rng.chance(0.4) {
            return Some(Happening::MessageUpdate(message, Change::EmbedResolved));
        }
        self.live.message_mut(message.id)?.edited_at = Some(self.at);
        Some(Happening::MessageUpdate(message, Change::Edited))
    }

    fn delete(&mut self) -> Option<Happening> {
        let message = self.recent()?;
        self.live.delete(message.id);
        Some(Happening::MessageDelete(message))
    }

    /// Opens a thread; archives the oldest one instead where there are too many.
    fn open_thread(&mut self, guild: &mut Guild) -> Option<Happening> {
        if guild.active_threads().count() >= limits::ACTIVE_THREADS_MAX {
            let oldest = guild.threads.iter_mut().find(|channel| channel.is_active_thread())?;
            let id = oldest.id;
            oldest.thread.as_mut()?.archived_at = Some(self.at);
            self.live.end_conversations(id);
            return Some(Happening::ThreadUpdate(id));
        }
        if guild.threads.len() >= limits::THREADS_MAX {
            // History of what was written live must stay.
            let is_done = |thread: &Channel| {
                !thread.is_active_thread() && self.live.last_message(thread.id).is_none()
            };
            let place = guild.threads.iter().position(is_done)?;
            guild.threads.remove(place);
        }
        let owner = self.somebody(guild);
        let is_home =
            |channel: &&Channel| matches!(channel.purpose, Purpose::Talk | Purpose::Forum);
        let homes: Vec<ChannelId> =
            guild.channels.iter().filter(is_home).map(|home| home.id).collect();
        let parent = self.rng.pick(&homes);
        let id = ChannelId(self.next_id(guild));
        let title = talk::thread_title(guild.community, guild.language, self.rng);
        guild.threads.push(Channel {
            id,
            kind: ChannelKind(11),
            name: title,
            parent: Some(parent),
            position: 0,
            topic: None,
            slow_mode_s: 0,
            purpose: Purpose::Thread,
            access: Access::FULL,
            thread: Some(Box::new(Thread {
                owner,
                created_at: self.at,
                archived_at: None,
                message_count: 0,
                member_count: 1,
            })),
        });
        Some(Happening::ThreadCreate(id))
    }

    fn change_topic(&mut self, guild: &mut Guild) -> Option<Happening> {
        let topic = talk::another_topic(guild.language, self.rng);
        let cast = self.cast(guild);
        let id = cast.talk_channel(self.rng);
        guild.channel_mut(id)?.topic = Some(topic);
        Some(Happening::ChannelUpdate(id))
    }
}
