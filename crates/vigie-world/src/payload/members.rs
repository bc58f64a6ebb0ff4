//! Members who come and go, bans, and the lists of both.

use vigie_core::vocabulary::UserId;

use super::json::Json;
use super::people;
use crate::guild::Guild;
use crate::people::{Member, User};
use crate::world::World;

/// GUILD_MEMBER_ADD and GUILD_MEMBER_UPDATE.
pub(super) fn member_event(guild: &Guild, member: &Member, out: &mut String) {
    people::open_whole_member(member, out);
    Json(out).raw(r#","guild_id":"#).id(guild.id.0).raw("}");
}

/// GUILD_MEMBER_REMOVE, GUILD_BAN_ADD and GUILD_BAN_REMOVE: a guild and a user, and nothing else.
pub(super) fn user_event(world: &World, guild: &Guild, id: UserId, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"guild_id":"#).id(guild.id.0).raw(r#","user":"#);
    people::user(&account(world, guild, id), json.0);
    out.push('}');
}

/// Bans as "Get Guild Bans" lists them.
pub fn bans(world: &World, guild: &Guild, of: &[UserId], out: &mut String) {
    let reasons = &world.society(guild).bans;
    let banned = of.iter().filter_map(|user| Some((user, reasons.get(user)?)));
    Json(out).list(banned, |json, (user, reason)| {
        json.raw(r#"{"reason":"#).maybe_text(reason.as_deref()).raw(r#","user":"#);
        people::user(&account(world, guild, *user), json.0);
        json.raw("}");
    });
}

/// The account of somebody who is or was in a guild.
pub(super) fn account(world: &World, guild: &Guild, id: UserId) -> User {
    world.user(id).unwrap_or_else(|| world.population.stranger(guild, id))
}
