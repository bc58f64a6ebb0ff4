//! Accounts and members.

use vigie_core::vocabulary::{ChannelId, UnixMs};

use super::json::Json;
use crate::guild::{Guild, Webhook};
use crate::people::{Member, User};
use crate::rng::hash;
use crate::world::World;

/// A user object.
pub fn user(user: &User, out: &mut String) {
    open_user(user, out);
    out.push('}');
}

/// A guild member object with its user, as the REST API and most events give it.
pub fn member(member: &Member, out: &mut String) {
    open_member(member, out);
    out.push_str(r#","user":"#);
    user(&member.user, out);
    out.push('}');
}

/// The same of a member in voice, which says what a moderator silenced.
pub(super) fn member_in_voice(member: &Member, mute: bool, deaf: bool, out: &mut String) {
    open_silenced_member(member, mute, deaf, out);
    out.push_str(r#","user":"#);
    user(&member.user, out);
    out.push('}');
}

/// Our own user, as READY and `/users/@me` tell it.
pub fn current_user(world: &World, out: &mut String) {
    open_user(&world.application().user, out);
    out.push_str(r#","mfa_enabled":true,"verified":true,"email":null,"locale":"en-US"}"#);
}

/// A guild member object without its user, as messages give it.
pub(super) fn partial_member(member: &Member, out: &mut String) {
    open_member(member, out);
    out.push('}');
}

/// A mentioned user; with its partial member on the gateway.
pub(super) fn mention(member: &Member, with_member: bool, out: &mut String) {
    open_user(&member.user, out);
    if with_member {
        out.push_str(r#","member":"#);
        partial_member(member, out);
    }
    out.push('}');
}

/// The author of a webhook's message.
pub(super) fn webhook_author(webhook: &Webhook, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(webhook.id.0);
    json.raw(r#","username":"#).text(webhook.name);
    json.raw(r#","avatar":"#).hash(Some(webhook.avatar));
    json.raw(
        r#","discriminator":"0000","bot":true,"global_name":null,"public_flags":0,"flags":0}"#,
    );
}

/// TYPING_START.
pub(super) fn typing(
    world: &World,
    guild: &Guild,
    channel: ChannelId,
    index: u32,
    at: UnixMs,
    out: &mut String,
) {
    let who = world.member(guild, index);
    let json = &mut Json(out);
    json.raw(r#"{"channel_id":"#).id(channel.0);
    json.raw(r#","guild_id":"#).id(guild.id.0);
    json.raw(r#","user_id":"#).id(who.user.id.0);
    json.raw(r#","timestamp":"#).number(at.0.max(0) as u64 / 1_000);
    json.raw(r#","member":"#);
    member(&who, out);
    out.push('}');
}

/// A member with their user, whose last brace is still to come.
pub(super) fn open_whole_member(member: &Member, out: &mut String) {
    open_member(member, out);
    out.push_str(r#","user":"#);
    user(&member.user, out);
}

fn open_user(user: &User, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(user.id.0);
    json.raw(r#","username":"#).text(&user.username);
    // Bots kept their four digits.
    match user.bot {
        true => {
            json.raw(r#","discriminator":""#).number(1_000 + hash(&[user.id.0]) % 9_000).raw("\"")
        }
        false => json.raw(r#","discriminator":"0""#),
    };
    json.raw(r#","global_name":"#).maybe_text(user.global_name.as_deref());
    json.raw(r#","avatar":"#).hash(user.avatar);
    json.raw(
        r#","public_flags":0,"flags":0,"banner":null,"accent_color":null,"avatar_decoration_data":null,"collectibles":null,"primary_guild":null"#,
    );
    if user.bot {
        json.raw(r#","bot":true"#);
    }
}

fn open_member(member: &Member, out: &mut String) {
    open_silenced_member(member, false, false, out);
}

fn open_silenced_member(member: &Member, mute: bool, deaf: bool, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"avatar":null,"banner":null,"communication_disabled_until":"#);
    json.maybe_time(member.timed_out_until);
    // DID_REJOIN is the first flag.
    json.raw(r#","flags":"#).number(u64::from(member.rejoined));
    json.raw(r#","joined_at":"#).time(member.joined_at);
    json.raw(r#","nick":"#).maybe_text(member.nick.as_deref());
    json.raw(r#","pending":false,"premium_since":"#).maybe_time(member.premium_since);
    json.raw(r#","roles":"#).list(member.roles.as_slice(), |json, role| {
        json.id(role.0);
    });
    json.raw(r#","mute":"#).flag(mute).raw(r#","deaf":"#).flag(deaf);
    json.raw(r#","avatar_decoration_data":null,"collectibles":null"#);
}
