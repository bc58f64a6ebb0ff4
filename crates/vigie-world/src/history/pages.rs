//! Paging through the messages of a channel, as Discord's "Get Channel Messages" does.

use std::collections::BTreeMap;
use std::sync::Arc;

use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs, snowflake_time};

use super::day::Day;
use crate::calendar::DAY_MS;
use crate::event::{Author, Message, ReactionEmoji};
use crate::guild::Guild;
use crate::limits;
use crate::present::LiveMessage;
use crate::rng::hash;
use crate::world::World;

/// Which messages of a channel; the message named is left out, but by `Around`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Latest,
    /// The newest that are older.
    Before(MessageId),
    /// The oldest that are newer.
    After(MessageId),
    /// Half of them older, half of them newer, and the message itself.
    Around(MessageId),
}

/// A message as it is found later.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoricMessage {
    /// The message.
    pub message: Message,
    /// When it was last edited.
    pub edited_at: Option<UnixMs>,
    /// Its reactions, those taken back left out.
    pub reactions: Vec<ReactionCount>,
}

/// How many people reacted with an emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReactionCount {
    /// Which.
    pub emoji: ReactionEmoji,
    /// All of them.
    pub count: u32,
    /// Super reactions among them.
    pub bursts: u32,
}

impl World {
    /// A page of a channel or thread, newest first; at most [`limits::PAGE_MAX`] messages. Empty for an unknown
    /// channel. Messages played live are found until [`limits::LIVE_MESSAGES_MAX`] makes room for newer ones.
    pub fn messages(&self, channel: ChannelId, page: Page, limit: usize) -> Vec<HistoricMessage> {
        let Some((guild, _)) = self.channel(channel) else { return Vec::new() };
        let reader = Reader { world: self, guild, channel, limit: limit.min(limits::PAGE_MAX) };
        match page {
            Page::Latest => reader.older(u64::MAX, reader.limit),
            Page::Before(id) => reader.older(id.0, reader.limit),
            Page::After(id) => reader.newer(id.0, reader.limit),
            Page::Around(id) => {
                let mut page = reader.newer(id.0, reader.limit / 2);
                let rest = reader.limit - page.len();
                page.extend(reader.older(id.0.saturating_add(1), rest));
                page
            }
        }
    }

    /// One message of a channel or thread.
    pub fn message(&self, channel: ChannelId, id: MessageId) -> Option<HistoricMessage> {
        let (guild, _) = self.channel(channel)?;
        let reader = Reader { world: self, guild, channel, limit: 1 };
        reader.older(id.0.saturating_add(1), 1).pop().filter(|found| found.message.id == id)
    }

    /// `last_message_id` of a channel: played live, or in the last [`limits::LAST_MESSAGE_DAYS`] days of history.
    /// Older than that it is made up, as Discord allows, and stays the same; `None` where nobody ever wrote.
    pub fn last_message_id(&self, guild: &Guild, channel: ChannelId) -> Option<MessageId> {
        if let Some(last) = self.present.last_message(guild, channel) {
            return Some(last);
        }
        // A thread opened live has none but live messages.
        if snowflake_time(channel.0) >= self.config.start {
            return None;
        }
        let today = self.config.start.0.div_euclid(DAY_MS);
        let oldest = (today - i64::from(limits::LAST_MESSAGE_DAYS)).max(self.first_day());
        let days = (oldest..=today).rev().take_while(|_| self.config.history_days > 0);
        let mut found = days.map(|day| {
            let day = self.cached_day(guild, day);
            let mut here = day.messages.iter().rev().filter(|last| last.channel == channel);
            here.next().map(|last| last.id)
        });
        found.find_map(|last| last).or_else(|| {
            let age_ms = self.config.start.0 - snowflake_time(channel.0).0;
            let before_ms = DAY_MS * i64::from(limits::LAST_MESSAGE_DAYS + 1);
            let at = UnixMs(self.config.start.0 - before_ms.min(age_ms / 2));
            Some(MessageId(self.layout.id(at, guild.index)))
        })
    }
}

struct Reader<'a> {
    world: &'a World,
    guild: &'a Guild,
    channel: ChannelId,
    limit: usize,
}

impl Reader<'_> {
    /// Messages under an id, newest first.
    fn older(&self, before: u64, limit: usize) -> Vec<HistoricMessage> {
        let mut found: Vec<HistoricMessage> = self
            .world
            .present
            .remembered(self.guild, 0, before)
            .rev()
            .filter(|live| self.is_here(live))
            .take(limit)
            .map(LiveMessage::historic)
            .collect();
        let last_day = self.world.config.start.0.div_euclid(DAY_MS);
        let newest = snowflake_time(before).0.div_euclid(DAY_MS).min(last_day);
        let first_day = self.world.first_day();
        for day in (first_day..=newest).rev().take_while(|_| self.world.config.history_days > 0) {
            if found.len() >= limit {
                break;
            }
            let day = self.world.cached_day(self.guild, day);
            let end = day.messages.partition_point(|message| message.id.0 < before);
            let left = limit - found.len();
            let here = |message: &&Message| message.channel == self.channel;
            let page = day.messages[..end].iter().rev().filter(here).take(left);
            found.extend(page.map(|message| historic(&day, message)));
        }
        found
    }

    /// The oldest messages above an id, newest first.
    fn newer(&self, after: u64, limit: usize) -> Vec<HistoricMessage> {
        let mut found = Vec::new();
        let last_day = self.world.config.start.0.div_euclid(DAY_MS);
        let first_day = self.world.first_day();
        let oldest = snowflake_time(after).0.div_euclid(DAY_MS).max(first_day);
        for day in (oldest..=last_day).take_while(|_| self.world.config.history_days > 0) {
            if found.len() >= limit {
                break;
            }
            let day = self.world.cached_day(self.guild, day);
            let from = day.messages.partition_point(|message| message.id.0 <= after);
            let left = limit - found.len();
            let here = |message: &&Message| message.channel == self.channel;
            let page = day.messages[from..].iter().filter(here).take(left);
            found.extend(page.map(|message| historic(&day, message)));
        }
        let left = limit - found.len();
        let live = self.world.present.remembered(self.guild, after.saturating_add(1), u64::MAX);
        found.extend(live.filter(|live| self.is_here(live)).take(left).map(LiveMessage::historic));
        found.reverse();
        found
    }

    fn is_here(&self, live: &LiveMessage) -> bool {
        live.message.channel == self.channel && !live.deleted
    }
}

fn historic(day: &Day, message: &Message) -> HistoricMessage {
    let mut reactions: Vec<ReactionCount> = Vec::new();
    for moment in day.reactions.iter().filter(|moment| moment.reaction.message == message.id) {
        count_reaction(&mut reactions, moment.reaction.emoji, moment.reaction.burst, moment.added);
    }
    HistoricMessage { message: *message, edited_at: edited_at(message), reactions }
}

/// Moves the counts of a message by one reaction; emojis of no reaction are left out.
pub(crate) fn count_reaction(
    counts: &mut Vec<ReactionCount>,
    emoji: ReactionEmoji,
    burst: bool,
    added: bool,
) {
    let place = counts.iter().position(|count| count.emoji == emoji);
    let bursts = u32::from(burst);
    match (place, added) {
        (Some(place), true) => {
            counts[place].count += 1;
            counts[place].bursts += bursts;
        }
        (Some(place), false) => {
            counts[place].count -= 1;
            counts[place].bursts = counts[place].bursts.saturating_sub(bursts);
            if counts[place].count == 0 {
                counts.remove(place);
            }
        }
        (None, true) => counts.push(ReactionCount { emoji, count: 1, bursts }),
        (None, false) => {}
    }
}

/// One message of people in thirty was edited.
fn edited_at(message: &Message) -> Option<UnixMs> {
    let drawn = hash(&[message.id.0, 0xed17]);
    let is_edited = drawn.is_multiple_of(30) && matches!(message.author, Author::Member(_));
    let after_ms = 4_000 + (drawn >> 32) % 240_000;
    (is_edited && message.counts_as().is_some())
        .then(|| UnixMs(message.id.time().0 + after_ms as i64))
}

/// Days made lately. Bounded by [`limits::CACHED_DAY_MESSAGES_MAX`]: the half used longest ago is dropped beyond it.
#[derive(Debug, Default)]
pub(crate) struct DayCache {
    days: BTreeMap<(u32, i64), (u64, Arc<Day>)>,
    messages: usize,
    uses: u64,
}

impl DayCache {
    pub(crate) fn get(&mut self, key: (u32, i64)) -> Option<Arc<Day>> {
        self.uses += 1;
        let (used, day) = self.days.get_mut(&key)?;
        *used = self.uses;
        Some(Arc::clone(day))
    }

    pub(crate) fn put(&mut self, key: (u32, i64), day: &Arc<Day>) {
        self.uses += 1;
        if self.days.insert(key, (self.uses, Arc::clone(day))).is_none() {
            self.messages += weight(day);
        }
        if self.messages > limits::CACHED_DAY_MESSAGES_MAX {
            self.drop_half();
        }
    }

    fn drop_half(&mut self) {
        let mut uses: Vec<u64> = self.days.values().map(|(used, _)| *used).collect();
        let middle = uses.len() / 2;
        let (_, oldest_kept, _) = uses.select_nth_unstable(middle);
        let oldest_kept = *oldest_kept;
        self.days.retain(|_, (used, _)| *used >= oldest_kept);
        self.messages = self.days.values().map(|(_, day)| weight(day)).sum();
    }
}

/// An empty day still takes the room of a few messages.
fn weight(day: &Day) -> usize {
    day.messages.len() + day.reactions.len() + 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_stays_within_its_bound_and_keeps_what_is_used() {
        let mut cache = DayCache::default();
        let message = Message {
            id: MessageId(1),
            channel: ChannelId(1),
            author: Author::Member(0),
            shape: crate::event::Shape::Text,
        };
        let day = Arc::new(Day { messages: vec![message; 50_000], reactions: Vec::new() });
        for number in 0..100 {
            cache.put((0, number), &day);
            assert!(cache.get((0, 0)).is_some(), "the day used each time stays");
            assert!(cache.messages <= limits::CACHED_DAY_MESSAGES_MAX);
        }
        assert!(cache.get((0, 1)).is_none());
    }

    #[test]
    fn reactions_taken_back_leave_no_trace() {
        let (fire, mut counts) = (ReactionEmoji::Unicode(3), Vec::new());
        count_reaction(&mut counts, fire, true, true);
        count_reaction(&mut counts, fire, false, true);
        count_reaction(&mut counts, fire, true, false);
        assert_eq!(counts, [ReactionCount { emoji: fire, count: 1, bursts: 0 }]);
        count_reaction(&mut counts, fire, false, false);
        assert_eq!(counts, []);
    }
}
