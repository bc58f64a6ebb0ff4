//! Making one day of one guild out of its seed.

use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};

use crate::calendar::{DAY_MS, HOUR_MS};
use crate::conversation::{
    BOT_MESSAGES, COMMANDS, CONVERSATION_MEAN, Cast, Conversation, SYSTEM_MESSAGES,
    WEBHOOK_MESSAGES,
};
use crate::event::{Author, Message, Reaction, Shape};
use crate::guild::Guild;
use crate::rng::Rng;
use crate::world::World;

/// Mean pause within a conversation, and share of the pauses that are eight times longer.
const PAUSE_MS: f64 = 21_000.0;
const LONG_PAUSES: f64 = 0.06;
/// Share of the messages that somebody reacts to, and mean reactions beyond the first.
const REACTED: f64 = 0.062;
const MORE_REACTIONS: f64 = 0.75;
/// The same of announcements.
const ANNOUNCEMENT_REACTED: f64 = 0.6;
const MORE_ANNOUNCEMENT_REACTIONS: f64 = 7.0;
/// Mean time from a message to a reaction.
const REACTION_DELAY_MS: f64 = 150_000.0;
/// Share of the reactions that are taken back, and of those that are super reactions.
const TAKEN_BACK: f64 = 0.08;
const BURSTS: f64 = 0.03;

/// What happened in a guild on a day.
#[derive(Debug, Default)]
pub(crate) struct Day {
    /// Messages by rising id.
    pub(crate) messages: Vec<Message>,
    /// Reactions by rising time.
    pub(crate) reactions: Vec<Moment>,
}

/// A reaction given or taken back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) at: UnixMs,
    pub(crate) reaction: Reaction,
    pub(crate) added: bool,
}

/// A message before the others of the day are known.
struct Draft {
    at: i64,
    channel: ChannelId,
    author: Author,
    kind: DraftKind,
}

enum DraftKind {
    /// Part of the conversation at this place.
    Talk(u32),
    Alone(Shape),
    Pin,
}

/// The day of a guild, counted from 1970; it ends where the present begins.
pub(crate) fn make(world: &World, guild: &Guild, day: i64) -> Day {
    let start = world.config.start.0;
    let (from, to) = (day * DAY_MS, ((day + 1) * DAY_MS).min(start));
    let mut rng = Rng::of(&[guild.seed, 0xd41, day as u64]);
    let mut maker = Maker {
        world,
        cast: Cast::past(
            guild,
            day.div_euclid(7) as u64,
            world.population.joined_before(guild, UnixMs(from)),
        ),
        to,
        drafts: Vec::new(),
        conversations: Vec::new(),
    };
    let busy = day_factor(guild, start.div_euclid(DAY_MS) - day) * (0.86 + 0.28 * rng.unit());
    for hour in 0..24 {
        let at = from + hour * HOUR_MS;
        if at < to {
            maker.make_hour(&mut rng, UnixMs(at), busy);
        }
    }
    maker.finish(&mut rng)
}

/// The trend of the guild and its special day, with a little of it left on the day after.
pub(super) fn day_factor(guild: &Guild, days_ago: i64) -> f64 {
    let trend = (1.0 - guild.growth * days_ago as f64 / 60.0).max(0.25);
    let (special, times) = guild.special_day;
    match i64::from(special) - days_ago {
        0 => trend * times,
        1 => trend * (1.0 + 0.3 * (times - 1.0)),
        _ => trend,
    }
}

struct Maker<'a> {
    world: &'a World,
    cast: Cast<'a>,
    to: i64,
    drafts: Vec<Draft>,
    conversations: Vec<Conversation>,
}

impl Maker<'_> {
    fn make_hour(&mut self, rng: &mut Rng, at: UnixMs, busy: f64) {
        let guild = self.cast.guild;
        let rhythm = self.world.rhythms.weight(guild.community, &guild.time_zone, at);
        let expected = guild.daily_messages / 24.0 * rhythm * busy * (0.8 + 0.4 * rng.unit());
        let singles = BOT_MESSAGES + WEBHOOK_MESSAGES + COMMANDS + SYSTEM_MESSAGES;
        for _ in 0..rng.arrivals(expected * (1.0 - singles) / CONVERSATION_MEAN) {
            self.talk(rng, at);
        }
        for _ in 0..rng.arrivals(expected * singles) {
            let at = at.0 + rng.below(HOUR_MS as u64) as i64;
            if at < self.to {
                let draft = self.single(rng, at);
                self.drafts.extend(draft);
            }
        }
    }

    fn talk(&mut self, rng: &mut Rng, hour: UnixMs) {
        let mut at = hour.0 + rng.below(HOUR_MS as u64) as i64;
        let mut conversation = Conversation::start(&self.cast, rng, UnixMs(at));
        let place = self.conversations.len() as u32;
        while conversation.left > 0 && at < self.to {
            let author = Author::Member(conversation.next_author(rng));
            let kind = DraftKind::Talk(place);
            self.drafts.push(Draft { at, channel: conversation.channel, author, kind });
            let pause = if rng.chance(LONG_PAUSES) { 8.0 * PAUSE_MS } else { PAUSE_MS };
            at += 900 + (rng.waiting() * pause) as i64;
        }
        self.conversations.push(conversation);
    }

    fn single(&self, rng: &mut Rng, at: i64) -> Option<Draft> {
        let cast = &self.cast;
        let singles = BOT_MESSAGES + WEBHOOK_MESSAGES + COMMANDS + SYSTEM_MESSAGES;
        let drawn = rng.unit() * singles;
        let alone = |channel, author, shape| {
            Some(Draft { at, channel, author, kind: DraftKind::Alone(shape) })
        };
        if drawn < BOT_MESSAGES {
            let bot = cast.bot(rng)?;
            return alone(cast.talk_channel(rng), Author::Member(bot), Shape::Text);
        }
        if drawn < BOT_MESSAGES + WEBHOOK_MESSAGES {
            let place = cast.webhook(rng)?;
            let webhook = &cast.guild.webhooks[usize::from(place)];
            return alone(webhook.channel, Author::Webhook(place), Shape::Text);
        }
        if drawn < BOT_MESSAGES + WEBHOOK_MESSAGES + COMMANDS {
            let bot = cast.bot(rng)?;
            let channel = cast.command_channel(rng);
            let by = cast.person(rng, channel);
            let menu = rng.chance(0.12);
            return alone(channel, Author::Member(bot), Shape::Command { by, menu });
        }
        let channel = cast.guild.system_channel()?;
        match rng.below(10) {
            0..7 => alone(channel, Author::Member(cast.newcomer()), Shape::Joined),
            7..9 => {
                let channel = cast.talk_channel(rng);
                let author = Author::Member(cast.person(rng, channel));
                Some(Draft { at, channel, author, kind: DraftKind::Pin })
            }
            _ => alone(channel, Author::Member(cast.person(rng, channel)), Shape::Boosted),
        }
    }

    /// Puts the drafts in order, gives them ids, and lets people react.
    fn finish(mut self, rng: &mut Rng) -> Day {
        self.drafts.sort_by_key(|draft| draft.at);
        let guild = self.cast.guild;
        let mut day = Day { messages: Vec::with_capacity(self.drafts.len()), ..Day::default() };
        let mut last = 0;
        for draft in std::mem::take(&mut self.drafts) {
            last = self.world.layout.id_after(last, UnixMs(draft.at), guild.index);
            let id = MessageId(last);
            let shape = match draft.kind {
                DraftKind::Talk(place) => {
                    self.conversations[place as usize].shape(rng, id, draft.author)
                }
                DraftKind::Alone(shape) => shape,
                DraftKind::Pin => {
                    let here = |message: &&Message| message.channel == draft.channel;
                    let Some(pinned) = day.messages.iter().rev().find(here) else { continue };
                    Shape::Pinned { to: pinned.id }
                }
            };
            let message = Message { id, channel: draft.channel, author: draft.author, shape };
            self.react(rng, &message, &mut day.reactions);
            day.messages.push(message);
        }
        day.reactions.sort_by_key(|moment| moment.at);
        day
    }

    fn react(&self, rng: &mut Rng, message: &Message, out: &mut Vec<Moment>) {
        let (share, more) = match message.author {
            Author::Webhook(_) => (ANNOUNCEMENT_REACTED, MORE_ANNOUNCEMENT_REACTIONS),
            Author::Member(_) => (REACTED, MORE_REACTIONS),
        };
        if message.counts_as().is_none() || !rng.chance(share) {
            return;
        }
        let most = self.cast.guild.human_count / 2;
        let favourite = self.cast.emoji(rng);
        let from = out.len();
        for _ in 0..(1 + rng.failures(more)).min(most) {
            let giver = self.cast.person(rng, message.channel);
            let emoji = if rng.chance(0.7) { favourite } else { self.cast.emoji(rng) };
            let given =
                |moment: &Moment| moment.reaction.giver == giver && moment.reaction.emoji == emoji;
            let at = message.id.time().0 + 1_500 + (rng.waiting() * REACTION_DELAY_MS) as i64;
            let is_own = message.author == Author::Member(giver);
            if at >= self.to || is_own || out[from..].iter().any(given) {
                continue;
            }
            let reaction = Reaction {
                message: message.id,
                message_author: message.author,
                channel: message.channel,
                giver,
                emoji,
                burst: rng.chance(BURSTS),
            };
            out.push(Moment { at: UnixMs(at), reaction, added: true });
            let back = at + 2_000 + (rng.waiting() * 20_000.0) as i64;
            if rng.chance(TAKEN_BACK) && back < self.to {
                out.push(Moment { at: UnixMs(back), reaction, added: false });
            }
        }
    }
}
