//! Who talks with whom and where: shared by history and present.

use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};

use crate::event::{Author, ReactionEmoji, Shape};
use crate::guild::{Guild, Purpose};
use crate::names::emoji::UNICODE;
use crate::people;
use crate::rng::{Rng, hash};

/// Most people in one conversation.
const PEOPLE_MAX: usize = 6;
/// Mean messages after the first.
const LENGTH_MEAN: f64 = 4.4;
/// Mean messages of a conversation.
pub(crate) const CONVERSATION_MEAN: f64 = 1.0 + LENGTH_MEAN;
/// Share of the draws that bring somebody who hardly ever writes.
const VISITORS: f64 = 0.075;
/// Share of the draws that bring a regular of the channel rather than of the guild.
const CHANNEL_REGULARS: f64 = 0.4;
/// Share of the draws that bring somebody who joined lately.
const NEWCOMERS: f64 = 0.02;
/// Of the newcomers of the present so many write rather than those of history.
const JOINERS: f64 = 0.7;
/// How often somebody else is looked for in the place of who is gone.
const REPLACED_MAX: u32 = 20;
/// Share of conversations held in a thread, where there is an active one.
const IN_THREADS: f64 = 0.11;
/// Share of the messages by somebody else than the last author that use the reply function.
const REPLIES: f64 = 0.24;

/// Singles: messages that are no part of a conversation, as shares of all messages.
pub(crate) const BOT_MESSAGES: f64 = 0.03;
pub(crate) const WEBHOOK_MESSAGES: f64 = 0.01;
pub(crate) const COMMANDS: f64 = 0.03;
pub(crate) const SYSTEM_MESSAGES: f64 = 0.008;

/// Who is there in a guild at a time.
pub(crate) struct Cast<'a> {
    pub(crate) guild: &'a Guild,
    regulars: u32,
    joined: u32,
    week: u64,
    /// Whether people come and go: the past is always made as if nobody had since.
    is_present: bool,
}

impl<'a> Cast<'a> {
    /// The cast of a week of history (counted from 1970), in which so many of the guild's people have joined.
    pub(crate) fn past(guild: &'a Guild, week: u64, joined: u32) -> Self {
        let joined = joined.clamp(1, guild.human_count);
        Self { guild, regulars: people::regulars(guild), joined, week, is_present: false }
    }

    /// The cast of a week of the present.
    pub(crate) fn present(guild: &'a Guild, week: u64) -> Self {
        let joined = guild.human_count;
        Self { guild, regulars: people::regulars(guild), joined, week, is_present: true }
    }

    fn is_gone(&self, person: u32) -> bool {
        self.is_present && self.guild.roster.is_gone(person)
    }

    /// Somebody who writes in this channel: never who is gone.
    pub(crate) fn person(&self, rng: &mut Rng, channel: ChannelId) -> u32 {
        let first = self.anybody(rng, channel);
        if !self.is_gone(first) {
            return first;
        }
        let mut others = (0..REPLACED_MAX).map(|_| self.anybody(rng, channel));
        // The owner never leaves.
        others.find(|other| !self.is_gone(*other)).unwrap_or(0)
    }

    fn anybody(&self, rng: &mut Rng, channel: ChannelId) -> u32 {
        let fresh = self.joined.saturating_sub(people::old_members(self.guild));
        if rng.chance(NEWCOMERS) {
            if self.is_present
                && rng.chance(JOINERS)
                && let Some(joiner) = self.guild.roster.recent(rng)
            {
                return joiner;
            }
            if fresh > 0 {
                let lately = (fresh / 20).max(4).min(fresh);
                return self.joined - 1 - rng.below(u64::from(lately)) as u32;
            }
        }
        if rng.chance(VISITORS) {
            return rng.below(u64::from(self.joined)) as u32;
        }
        let mut rank = rng.zipf(self.regulars);
        if rng.chance(CHANNEL_REGULARS) {
            rank = ((u64::from(rank) + hash(&[channel.0])) % u64::from(self.regulars)) as u32;
        }
        // Two thirds of the regulars take weeks off: the next one who never does stands in.
        let is_away = !rank.is_multiple_of(3)
            && hash(&[self.guild.seed, u64::from(rank), self.week]) % 100 < 34;
        if is_away {
            rank = rank.next_multiple_of(3) % self.regulars;
        }
        people::regular_of_rank(self.guild, rank)
    }

    /// Who joined last, of those who are there.
    pub(crate) fn newcomer(&self) -> u32 {
        let mut newest = (0..self.joined).rev().take(REPLACED_MAX as usize);
        newest.find(|index| !self.is_gone(*index)).unwrap_or(0)
    }

    /// Where a conversation is held.
    pub(crate) fn place(&self, rng: &mut Rng, at: UnixMs) -> ChannelId {
        if rng.chance(IN_THREADS)
            && let Some(thread) = self.thread(rng, at)
        {
            return thread;
        }
        self.talk_channel(rng)
    }

    /// A channel by its share of the talk.
    pub(crate) fn talk_channel(&self, rng: &mut Rng) -> ChannelId {
        let talk = &self.guild.talk;
        let total = talk.last().map_or(0, |(total, _)| *total);
        let drawn = rng.below(u64::from(total)) as u32;
        let place = talk.partition_point(|(total, _)| *total <= drawn).min(talk.len() - 1);
        self.guild.channels[usize::from(talk[place].1)].id
    }

    /// Where commands are given.
    pub(crate) fn command_channel(&self, rng: &mut Rng) -> ChannelId {
        match self.guild.channel_for(Purpose::Commands) {
            Some(channel) if rng.chance(0.75) => channel.id,
            _ => self.talk_channel(rng),
        }
    }

    /// One of the guild's bots other than ours.
    pub(crate) fn bot(&self, rng: &mut Rng) -> Option<u32> {
        let others = self.guild.bots.len() as u64 - 1;
        (others > 0).then(|| self.guild.human_count + rng.below(others) as u32)
    }

    /// One of the guild's webhooks, by its place.
    pub(crate) fn webhook(&self, rng: &mut Rng) -> Option<u8> {
        let count = self.guild.webhooks.len() as u64;
        (count > 0).then(|| rng.below(count) as u8)
    }

    /// An emoji to react with: each guild has its favourites, its own ones among them.
    pub(crate) fn emoji(&self, rng: &mut Rng) -> ReactionEmoji {
        let own = u32::from(self.guild.founding_emojis);
        if own > 0 && rng.chance(0.24) {
            return ReactionEmoji::Custom(rng.zipf(own) as u8);
        }
        let shift = self.guild.seed % 5;
        let drawn = u64::from(rng.zipf(UNICODE.len() as u32));
        ReactionEmoji::Unicode(((drawn + shift) % UNICODE.len() as u64) as u8)
    }

    fn thread(&self, rng: &mut Rng, at: UnixMs) -> Option<ChannelId> {
        let threads = &self.guild.threads;
        // Threads are sorted by their making: look back from the newest one that is there.
        let made = threads.partition_point(|thread| {
            thread.thread.as_ref().is_some_and(|thread| thread.created_at <= at)
        });
        let back = rng.below(8) as usize;
        let thread = threads[..made].iter().rev().nth(back)?;
        let is_open = thread
            .thread
            .as_ref()
            .is_some_and(|thread| thread.archived_at.is_none_or(|archived_at| archived_at > at));
        is_open.then_some(thread.id)
    }
}

/// A few people answering each other in a channel.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) channel: ChannelId,
    people: [u32; PEOPLE_MAX],
    people_count: u8,
    /// Messages still to come.
    pub(crate) left: u32,
    last: u32,
    answerable: Option<(MessageId, Author)>,
}

impl Conversation {
    pub(crate) fn start(cast: &Cast<'_>, rng: &mut Rng, at: UnixMs) -> Self {
        let channel = cast.place(rng, at);
        let left = 1 + rng.failures(LENGTH_MEAN);
        let wanted = (2 + rng.failures(0.9) as usize).min(PEOPLE_MAX).min(left as usize);
        let mut people = [0; PEOPLE_MAX];
        people[..wanted].iter_mut().for_each(|person| *person = cast.person(rng, channel));
        let last = people[0];
        Self { channel, people, people_count: wanted as u8, left, last, answerable: None }
    }

    /// Whether somebody takes part in it.
    pub(crate) fn includes(&self, person: u32) -> bool {
        self.last == person || self.people[..usize::from(self.people_count)].contains(&person)
    }

    /// Who writes next.
    pub(crate) fn next_author(&mut self, rng: &mut Rng) -> u32 {
        let count = u64::from(self.people_count.max(1));
        let mut author = self.people[rng.below(count) as usize];
        if author == self.last && rng.chance(0.6) {
            author = self.people[rng.below(count) as usize];
        }
        self.left = self.left.saturating_sub(1);
        self.last = author;
        author
    }

    /// The kind of the message just written, now that its id is known.
    pub(crate) fn shape(&mut self, rng: &mut Rng, id: MessageId, author: Author) -> Shape {
        let answers = rng.chance(REPLIES);
        match self.answerable {
            Some((to, to_author)) if answers && to_author != author => {
                Shape::Reply { to, to_author }
            }
            _ => {
                self.answerable = Some((id, author));
                Shape::Text
            }
        }
    }
}
