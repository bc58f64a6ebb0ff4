//! Messages and reactions.

use vigie_core::vocabulary::UnixMs;

use super::json::Json;
use super::people;
use super::plain;
use super::words::{self, Words};
use crate::event::{Author, Change, Message, Reaction, ReactionEmoji, Shape};
use crate::guild::Guild;
use crate::history::{HistoricMessage, ReactionCount};
use crate::names::communities::COMMANDS;
use crate::people::Member;
use crate::rng::hash;
use crate::world::World;

/// How a message is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a dispatch: with its guild, its channel's type and its author's member.
    Gateway,
    /// By the REST API, or inside another message.
    Rest,
}

/// The telling of messages of a guild.
#[derive(Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) world: &'a World,
    pub(super) guild: &'a Guild,
    pub(super) content: bool,
    pub(super) form: Form,
}

impl Telling<'_> {
    /// MESSAGE_UPDATE: the whole message again.
    pub(super) fn changed(&self, message: &Message, change: Change, at: UnixMs, out: &mut String) {
        let edited_at = (change == Change::Edited).then_some(at);
        self.message(&HistoricMessage { edited_at, ..plain(*message) }, out);
    }

    /// The message object.
    pub(super) fn message(&self, told: &HistoricMessage, out: &mut String) {
        let message = &told.message;
        let author = match message.author {
            Author::Member(index) => Some(self.world.member(self.guild, index)),
            Author::Webhook(_) => None,
        };
        Json(out).raw(r#"{"id":"#).id(message.id.0).raw(r#","channel_id":"#).id(message.channel.0);
        self.author(message, author.as_ref(), out);
        self.words(told, out);
        let json = &mut Json(out);
        json.raw(r#","pinned":false,"type":"#).number(u64::from(message.shape.type_number()));
        json.raw(r#","flags":0"#);
        self.shape(message, author.as_ref(), out);
        self.reactions(&told.reactions, out);
        if self.form == Form::Gateway {
            self.place(message, author.as_ref(), out);
        }
        out.push('}');
    }

    fn author(&self, message: &Message, author: Option<&Member>, out: &mut String) {
        out.push_str(r#","author":"#);
        match (author, message.author) {
            (Some(member), _) => people::user(&member.user, out),
            (None, Author::Webhook(place)) => {
                people::webhook_author(&self.guild.webhooks[usize::from(place)], out);
            }
            // A member author was looked up above.
            (None, Author::Member(_)) => out.push_str("null"),
        }
    }

    /// Content, timestamps, mentions, attachments, embeds and components.
    fn words(&self, told: &HistoricMessage, out: &mut String) {
        let message = &told.message;
        let words = Words::of(self.guild, message);
        let (attachment, embed, buttons) =
            (words.has_attachment, words.has_embed, words.has_buttons);
        let mentioned = words.mentions.map(|index| self.world.member(self.guild, index));
        let json = &mut Json(out);
        json.raw(r#","content":""#);
        if self.content {
            words.write(self.guild, message, mentioned.as_ref().map(|one| one.user.id.0), json);
        }
        json.raw(r#"","timestamp":"#).time(message.id.time());
        json.raw(r#","edited_timestamp":"#).maybe_time(told.edited_at);
        json.raw(r#","tts":false,"mention_everyone":false,"mentions":"#);
        json.list(&mentioned, |json, one| {
            people::mention(one, self.form == Form::Gateway, json.0);
        });
        let shown = |has: bool| (has && self.content).then_some(message);
        json.raw(r#","mention_roles":[],"attachments":"#);
        json.list(shown(attachment), |json, message| words::attachment(message, json));
        json.raw(r#","embeds":"#);
        json.list(shown(embed), |json, message| words::embed(message, json));
        json.raw(r#","components":"#);
        json.raw(if shown(buttons).is_some() { words::BUTTONS } else { "[]" });
    }

    /// What the message refers to.
    fn shape(&self, message: &Message, author: Option<&Member>, out: &mut String) {
        match message.shape {
            Shape::Joined | Shape::Boosted => {}
            Shape::Text => match message.author {
                Author::Webhook(place) => {
                    let id = self.guild.webhooks[usize::from(place)].id.0;
                    Json(out).raw(r#","webhook_id":"#).id(id);
                }
                Author::Member(_) => nonce(message, out),
            },
            Shape::Reply { to, to_author } => {
                nonce(message, out);
                self.reference(message, to.0, out);
                out.push_str(r#","referenced_message":"#);
                let answered = Message {
                    id: to,
                    channel: message.channel,
                    author: to_author,
                    shape: Shape::Text,
                };
                let inner = Telling { form: Form::Rest, ..*self };
                inner.message(&plain(answered), out);
            }
            Shape::Pinned { to } => self.reference(message, to.0, out),
            Shape::Command { by, menu } => self.interaction(message, author, by, menu, out),
        }
    }

    fn reference(&self, message: &Message, to: u64, out: &mut String) {
        let json = &mut Json(out);
        json.raw(r#","message_reference":{"type":0,"channel_id":"#).id(message.channel.0);
        json.raw(r#","message_id":"#).id(to);
        json.raw(r#","guild_id":"#).id(self.guild.id.0).raw("}");
    }

    /// The answer to a command names its application twice, and who gave the command.
    fn interaction(
        &self,
        message: &Message,
        author: Option<&Member>,
        by: u32,
        menu: bool,
        out: &mut String,
    ) {
        let application = author.map_or(0, |member| member.user.id.0);
        let invoker = self.world.member(self.guild, by);
        let id = message.id.0 - (240 << 22);
        let name = COMMANDS[(hash(&[message.id.0, 0xc0]) % COMMANDS.len() as u64) as usize];
        let json = &mut Json(out);
        json.raw(r#","application_id":"#).id(application);
        json.raw(r#","webhook_id":"#).id(application);
        json.raw(r#","interaction":{"id":"#).id(id).raw(r#","type":2,"name":"#).text(name);
        json.raw(r#","user":"#);
        people::user(&invoker.user, json.0);
        json.raw(r#"},"interaction_metadata":{"id":"#).id(id).raw(r#","type":2,"user":"#);
        people::user(&invoker.user, json.0);
        json.raw(r#","authorizing_integration_owners":{"0":"#).id(self.guild.id.0);
        json.raw(r#"},"name":"#).text(name);
        json.raw(r#","command_type":"#).raw(if menu { "3" } else { "1" }).raw("}");
    }

    fn reactions(&self, reactions: &[ReactionCount], out: &mut String) {
        if reactions.is_empty() {
            return;
        }
        let json = &mut Json(out);
        json.raw(r#","reactions":"#).list(reactions, |json, count| {
            let (all, bursts) = (u64::from(count.count), u64::from(count.bursts));
            json.raw(r#"{"emoji":"#);
            emoji(self.guild, count.emoji, json);
            json.raw(r#","count":"#).number(all);
            json.raw(r#","count_details":{"burst":"#).number(bursts);
            json.raw(r#","normal":"#).number(all.saturating_sub(bursts));
            json.raw(r#"},"burst_colors":[],"me_burst":false,"burst_me":false,"me":false,"burst_count":"#);
            json.number(bursts).raw("}");
        });
    }

    fn place(&self, message: &Message, author: Option<&Member>, out: &mut String) {
        let kind = self.guild.channel(message.channel).map_or(0, |channel| channel.kind.0);
        let json = &mut Json(out);
        json.raw(r#","guild_id":"#).id(self.guild.id.0);
        json.raw(r#","channel_type":"#).number(u64::from(kind));
        if let Some(member) = author {
            out.push_str(r#","member":"#);
            people::partial_member(member, out);
        }
    }
}

/// The client's own number of a message, a little older than its id.
fn nonce(message: &Message, out: &mut String) {
    Json(out).raw(r#","nonce":"#).id(message.id.0 - (73 << 22));
}

/// MESSAGE_REACTION_ADD or MESSAGE_REACTION_REMOVE.
pub(super) fn reaction(
    world: &World,
    guild: &Guild,
    reaction: &Reaction,
    added: bool,
    out: &mut String,
) {
    let giver = world.member(guild, reaction.giver);
    let json = &mut Json(out);
    json.raw(r#"{"user_id":"#).id(giver.user.id.0);
    json.raw(r#","channel_id":"#).id(reaction.channel.0);
    json.raw(r#","message_id":"#).id(reaction.message.0);
    json.raw(r#","guild_id":"#).id(guild.id.0);
    if added {
        json.raw(r#","member":"#);
        people::member(&giver, json.0);
    }
    json.raw(r#","emoji":"#);
    emoji(guild, reaction.emoji, json);
    if let (true, Author::Member(index)) = (added, reaction.message_author) {
        json.raw(r#","message_author_id":"#).id(world.population.user_id(guild, index).0);
    }
    json.raw(r#","burst":"#).flag(reaction.burst);
    if added && reaction.burst {
        json.raw(r##","burst_colors":["#ffcc00","#ff7700"]"##);
    }
    json.raw(r#","type":"#).raw(if reaction.burst { "1}" } else { "0}" });
}

fn emoji(guild: &Guild, emoji: ReactionEmoji, json: &mut Json<'_>) {
    json.raw(r#"{"id":"#).maybe_id(emoji.id(guild).map(|id| id.0));
    json.raw(r#","name":"#).text(emoji.name(guild));
    if let ReactionEmoji::Custom(place) = emoji {
        let animated = guild.emojis.get(usize::from(place)).is_some_and(|own| own.animated);
        json.raw(r#","animated":"#).flag(animated);
    }
    json.raw("}");
}
