//! Invites and the vanity address.

use vigie_core::vocabulary::ChannelId;

use super::json::Json;
use super::members::account;
use super::people;
use crate::guild::Guild;
use crate::invites::{Invite, Vanity};
use crate::world::World;

/// INVITE_CREATE.
pub(super) fn created(world: &World, guild: &Guild, invite: &Invite, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"channel_id":"#).id(invite.channel.0);
    json.raw(r#","code":"#).text(&invite.code);
    json.raw(r#","guild_id":"#).id(guild.id.0);
    json.raw(r#","inviter":"#);
    people::user(&account(world, guild, invite.inviter), json.0);
    metadata(invite, json);
    json.raw(r#","type":0,"flags":0,"expires_at":"#).maybe_time(invite.expires_at()).raw("}");
}

/// INVITE_DELETE.
pub(super) fn deleted(guild: &Guild, channel: ChannelId, code: &str, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"channel_id":"#).id(channel.0);
    json.raw(r#","guild_id":"#).id(guild.id.0);
    json.raw(r#","code":"#).text(code).raw("}");
}

/// Invites as "Get Guild Invites" lists them; uses, limits and times only with MANAGE_GUILD.
pub fn invites(
    world: &World,
    guild: &Guild,
    invites: &[&Invite],
    with_metadata: bool,
    out: &mut String,
) {
    Json(out).list(invites, |json, invite| {
        json.raw(r#"{"type":0,"code":"#).text(&invite.code);
        json.raw(r#","inviter":"#);
        people::user(&account(world, guild, invite.inviter), json.0);
        json.raw(r#","expires_at":"#).maybe_time(invite.expires_at());
        json.raw(r#","flags":0,"guild_id":"#).id(guild.id.0);
        json.raw(r#","guild":{"id":"#).id(guild.id.0).raw(r#","name":"#).text(&guild.name);
        json.raw(r#","splash":null,"banner":null,"description":null,"icon":"#).hash(guild.icon);
        json.raw(r#","features":"#).list(guild.features(), |json, feature| {
            json.text(feature);
        });
        json.raw(r#","verification_level":1,"vanity_url_code":"#);
        json.maybe_text(guild.vanity_code().as_deref());
        json.raw(r#","nsfw_level":0,"nsfw":false,"premium_subscription_count":"#);
        json.number(u64::from(guild.boost_count));
        json.raw(r#","premium_tier":"#).number(u64::from(guild.premium_tier));
        json.raw(r#"},"channel":{"id":"#).id(invite.channel.0);
        let channel = guild.channel(invite.channel);
        let name = channel.map_or("", |channel| &*channel.name);
        let kind = channel.map_or(0, |channel| channel.kind.0);
        json.raw(r#","type":"#).number(u64::from(kind)).raw(r#","name":"#).text(name).raw("}");
        if with_metadata {
            metadata(invite, json);
        }
        json.raw("}");
    });
}

/// The vanity address as "Get Guild Vanity URL" answers.
pub fn vanity(vanity: Option<&Vanity>, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"code":"#).maybe_text(vanity.map(|vanity| &*vanity.code));
    json.raw(r#","uses":"#).number(vanity.map_or(0, |vanity| u64::from(vanity.uses))).raw("}");
}

fn metadata(invite: &Invite, json: &mut Json<'_>) {
    json.raw(r#","created_at":"#).time(invite.created_at);
    json.raw(r#","max_age":"#).number(u64::from(invite.max_age_s));
    json.raw(r#","max_uses":"#).number(u64::from(invite.max_uses));
    json.raw(r#","temporary":"#).flag(invite.temporary);
    json.raw(r#","uses":"#).number(u64::from(invite.uses));
}
