//! Discord's JSON, written straight into a reused string: the shapes of late 2026.
//!
//! Every function appends one object. With `content: false` the words are left out as Discord leaves them out for an
//! application without the MESSAGE_CONTENT intent: `content` empty, `embeds`, `attachments` and `components` without
//! items. Sources: Discord, "Gateway Events", "Message", "Guild", "Channels" and "User" resources.

mod guild;
mod invites;
mod json;
mod members;
mod message;
mod moderation;
mod people;
mod words;

use vigie_core::vocabulary::ChannelId;

use crate::event::{Event, Happening};
use crate::guild::Guild;
use crate::history::{HistoricMessage, Page};
use crate::world::World;

pub use guild::{
    channel, emoji, guild, guild_create, guild_create_without_voice, role, voice_state,
};
pub use invites::{invites, vanity};
use json::Json;
pub use members::bans;
use message::{Form, Telling};
pub use moderation::audit_log;
pub use people::{current_user, member, user};

/// The `d` of a dispatch. Writes nothing for an event of another world's guild.
pub fn event_data(world: &World, event: &Event, out: &mut String, content: bool) {
    let Some(guild) = world.guild(event.guild) else { return };
    match &event.what {
        Happening::MessageCreate(message) => {
            let telling = Telling { world, guild, content, form: Form::Gateway };
            telling.message(&plain(*message), out);
        }
        Happening::MessageUpdate(message, change) => {
            let telling = Telling { world, guild, content, form: Form::Gateway };
            telling.changed(message, *change, event.at, out);
        }
        Happening::MessageDelete(message) => {
            let json = &mut Json(out);
            json.raw(r#"{"id":"#).id(message.id.0);
            json.raw(r#","channel_id":"#).id(message.channel.0);
            json.raw(r#","guild_id":"#).id(guild.id.0).raw("}");
        }
        Happening::ReactionAdd(reaction) => message::reaction(world, guild, reaction, true, out),
        Happening::ReactionRemove(reaction) => {
            message::reaction(world, guild, reaction, false, out);
        }
        Happening::Typing(channel, member) => {
            people::typing(world, guild, *channel, *member, event.at, out);
        }
        Happening::ThreadCreate(id) => guild::changed_channel(world, guild, *id, true, out),
        Happening::ThreadUpdate(id) | Happening::ChannelUpdate(id) => {
            guild::changed_channel(world, guild, *id, false, out);
        }
        Happening::ThreadsShown(id) => guild::thread_list(world, guild, *id, out),
        Happening::GuildUpdate => guild::guild_update(guild, out),
        Happening::MemberAdd(member) | Happening::MemberUpdate(member) => {
            members::member_event(guild, member, out);
        }
        Happening::MemberRemove(user) | Happening::BanAdd(user) | Happening::BanRemove(user) => {
            members::user_event(world, guild, *user, out);
        }
        Happening::Audit(entry) => moderation::entry_event(guild, entry, out),
        Happening::Automod(hit) => moderation::automod_event(guild, hit, content, out),
        Happening::MessageDeleteBulk(channel, ids) => {
            let json = &mut Json(out);
            json.raw(r#"{"ids":"#).list(ids.iter(), |json, id| {
                json.id(id.0);
            });
            json.raw(r#","channel_id":"#).id(channel.0);
            json.raw(r#","guild_id":"#).id(guild.id.0).raw("}");
        }
        Happening::InviteCreate(invite) => invites::created(world, guild, invite, out),
        Happening::InviteDelete(channel, code) => invites::deleted(guild, *channel, code, out),
        Happening::RoleCreate(role) | Happening::RoleUpdate(role) => {
            guild::role_event(guild, role, out);
        }
        Happening::RoleDelete(role) => {
            let json = &mut Json(out);
            json.raw(r#"{"guild_id":"#).id(guild.id.0);
            json.raw(r#","role_id":"#).id(role.0).raw("}");
        }
        Happening::EmojisUpdate(emojis) => guild::emojis_event(guild, emojis, out),
        Happening::VoiceState(state) => guild::voice_state_update(world, guild, state, out),
    }
}

/// A page of a channel's messages as the REST API gives it to our bot: a list, newest first.
///
/// # Errors
/// Why Discord would refuse; nothing is written then.
pub fn messages(
    world: &World,
    channel: ChannelId,
    page: Page,
    limit: usize,
    out: &mut String,
    content: bool,
) -> Result<(), Refusal> {
    let (guild, home) = world.channel(channel).ok_or(Refusal::UnknownChannel)?;
    let access = guild.access(home);
    if !access.view_channel {
        return Err(Refusal::MissingAccess);
    }
    // Categories, directories, forums and media channels hold none themselves.
    if matches!(home.kind.0, 4 | 14..=16) {
        return Err(Refusal::WrongChannelType);
    }
    let found = match access.read_message_history {
        true => world.messages(channel, page, limit),
        false => Vec::new(),
    };
    Json(out).list(&found, |json, found| message(world, guild, found, json.0, content));
    Ok(())
}

/// Why Discord refuses to tell the messages of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 404, code 10003.
    UnknownChannel,
    /// 403, code 50001.
    MissingAccess,
    /// 400, code 50024.
    WrongChannelType,
}

/// A message as the REST API gives it.
pub fn message(
    world: &World,
    guild: &Guild,
    message: &HistoricMessage,
    out: &mut String,
    content: bool,
) {
    Telling { world, guild, content, form: Form::Rest }.message(message, out);
}

fn plain(message: crate::event::Message) -> HistoricMessage {
    HistoricMessage { message, edited_at: None, reactions: Vec::new() }
}
