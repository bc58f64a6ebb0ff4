//! A day of history as facts: what the gateway would have told.

use std::borrow::Cow;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use vigie_core::vocabulary::{
    AuthorKind, Fact, MessageFact, MessageKind, Person, ReactionFact, UnixMs, UserId, VoiceFact,
};

use super::day::{Day, Moment};
use super::society;
use super::voice::VoiceMoment;
use crate::event::{Author, Happening, Message, Shape};
use crate::guild::Guild;
use crate::world::World;

/// What happened in a guild on a day, in the order of time.
pub struct HistoryFacts<'w> {
    world: &'w World,
    guild: &'w Guild,
    /// What people and moderators did.
    society: &'w [(UnixMs, Happening)],
    day: Day,
    voice: Vec<VoiceMoment>,
    people: HashMap<Author, Names, FxBuildHasher>,
    order: Vec<(UnixMs, Place)>,
}

#[derive(Clone, Copy)]
enum Place {
    Message(u32),
    Reaction(u32),
    Voice(u32),
    Society(u32),
}

struct Names {
    id: UserId,
    username: String,
    display_name: Option<String>,
    avatar: Option<String>,
}

impl<'w> HistoryFacts<'w> {
    pub(super) fn new(
        world: &'w World,
        guild: &'w Guild,
        day: Day,
        voice: Vec<VoiceMoment>,
        society: &'w [(UnixMs, Happening)],
    ) -> Self {
        let order = order(&day, &voice, society);
        let mut facts = Self { order, day, voice, society, ..Self::empty(world, guild) };
        let Self { day, voice, people, .. } = &mut facts;
        let mut meet = |author| {
            people.entry(author).or_insert_with(|| names(world, guild, author));
        };
        for message in &day.messages {
            match message.shape {
                Shape::Command { by, .. } => meet(Author::Member(by)),
                _ if message.counts_as().is_some() => meet(message.author),
                _ => {}
            }
        }
        for moment in &day.reactions {
            meet(Author::Member(moment.reaction.giver));
            meet(moment.reaction.message_author);
        }
        voice.iter().for_each(|moment| meet(Author::Member(moment.state.member)));
        facts
    }

    pub(super) fn empty(world: &'w World, guild: &'w Guild) -> Self {
        let (day, voice, order) = (Day::default(), Vec::new(), Vec::new());
        Self { world, guild, society: &[], day, voice, people: HashMap::default(), order }
    }

    /// The guild.
    pub fn guild(&self) -> &'w Guild {
        self.guild
    }

    /// Facts of the day.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The facts with their instants, by rising instant.
    pub fn iter(&self) -> impl Iterator<Item = (UnixMs, Fact<'_>)> {
        self.order.iter().map(|&(at, place)| (at, self.fact(place)))
    }

    fn fact(&self, place: Place) -> Fact<'_> {
        match place {
            Place::Message(place) => self.message(&self.day.messages[place as usize]),
            Place::Reaction(place) => self.reaction(&self.day.reactions[place as usize]),
            Place::Voice(place) => self.spoken(&self.voice[place as usize]),
            Place::Society(place) => {
                let (at, what) = &self.society[place as usize];
                society::fact(self.world, self.guild, *at, what)
            }
        }
    }

    fn message(&self, message: &Message) -> Fact<'_> {
        // A command belongs to the person who gave it.
        let (kind, author) = match message.shape {
            Shape::Command { by, .. } => (MessageKind::Command, Author::Member(by)),
            _ => (MessageKind::Message, message.author),
        };
        Fact::Message(MessageFact {
            guild: self.guild.id,
            channel: message.channel,
            message: message.id,
            kind,
            author: self.person(author),
        })
    }

    fn reaction(&self, moment: &Moment) -> Fact<'_> {
        let Moment { reaction, added, .. } = moment;
        let giver = self.person(Author::Member(reaction.giver));
        let named = (*added && reaction.names_author()).then_some(reaction.message_author);
        Fact::Reaction(ReactionFact {
            guild: self.guild.id,
            channel: reaction.channel,
            message: reaction.message,
            giver: giver.id,
            giver_person: added.then_some(giver),
            message_author: named.map(|author| self.people[&author].id),
            emoji: reaction.emoji.words(self.guild),
            added: *added,
        })
    }

    fn spoken(&self, moment: &VoiceMoment) -> Fact<'_> {
        let person = self.person(Author::Member(moment.state.member));
        Fact::Voice(VoiceFact {
            guild: self.guild.id,
            member: person.id,
            channel: moment.state.channel,
            state: moment.state.bits(),
            person: Some(person),
        })
    }

    fn person(&self, author: Author) -> Person<'_> {
        let names = &self.people[&author];
        let kind: AuthorKind = author.kind(self.guild);
        Person {
            id: names.id,
            kind,
            username: Cow::Borrowed(&names.username),
            display_name: names.display_name.as_deref().map(Cow::Borrowed),
            avatar: names.avatar.as_deref().map(Cow::Borrowed),
        }
    }
}

/// What happened in all guilds on a day, in the order of time.
pub struct MergedHistory<'w> {
    guilds: Vec<HistoryFacts<'w>>,
    order: Vec<(UnixMs, u32, Place)>,
}

impl<'w> MergedHistory<'w> {
    pub(super) fn new(guilds: Vec<HistoryFacts<'w>>) -> Self {
        let mut order: Vec<_> = guilds
            .iter()
            .enumerate()
            .flat_map(|(guild, facts)| {
                facts.order.iter().map(move |&(at, place)| (at, guild as u32, place))
            })
            .collect();
        order.sort_by_key(|&(at, guild, _)| (at, guild));
        Self { guilds, order }
    }

    /// Facts of the day.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The facts with their instants, by rising instant.
    pub fn iter(&self) -> impl Iterator<Item = (UnixMs, Fact<'_>)> {
        self.order.iter().map(|&(at, guild, place)| (at, self.guilds[guild as usize].fact(place)))
    }
}

fn order(
    day: &Day,
    voice: &[VoiceMoment],
    society: &[(UnixMs, Happening)],
) -> Vec<(UnixMs, Place)> {
    let counted = |(place, message): (usize, &Message)| {
        message.counts_as().map(|_| (message.id.time(), Place::Message(place as u32)))
    };
    let given = |(place, moment): (usize, &Moment)| (moment.at, Place::Reaction(place as u32));
    let mut order: Vec<_> = day.messages.iter().enumerate().filter_map(counted).collect();
    order.extend(day.reactions.iter().enumerate().map(given));
    let spoken = |(place, moment): (usize, &VoiceMoment)| (moment.at, Place::Voice(place as u32));
    order.extend(voice.iter().enumerate().map(spoken));
    let done =
        |(place, (at, _)): (usize, &(UnixMs, Happening))| (*at, Place::Society(place as u32));
    order.extend(society.iter().enumerate().map(done));
    order.sort_by_key(|(at, _)| *at);
    order
}

fn names(world: &World, guild: &Guild, author: Author) -> Names {
    match author {
        Author::Member(index) => {
            let member = world.population.founding_member(guild, index, 0);
            Names {
                id: member.user.id,
                username: member.user.username,
                display_name: member.nick.or(member.user.global_name),
                avatar: member.user.avatar.map(|hash| hash.to_string()),
            }
        }
        Author::Webhook(place) => {
            let webhook = &guild.webhooks[usize::from(place)];
            Names {
                id: webhook.id,
                username: webhook.name.to_owned(),
                display_name: None,
                avatar: Some(webhook.avatar.to_string()),
            }
        }
    }
}
