//! The truth of members, moderation and invites, for the judge: `GET /_sim/society`.

use serde_json::{Map, Value, json};
use vigie_core::vocabulary::GuildId;
use vigie_world::{Act, Guild, Invite, InviteEnd, Stay, Way, World};

/// Everything of one guild, or of all. Numbers of actions, kinds and departures are those of the core's vocabulary; what has
/// no value is left out.
pub(crate) fn truth(world: &World, only: Option<GuildId>) -> Value {
    let wanted = world.guilds().iter().filter(|guild| only.is_none_or(|only| only == guild.id));
    let guilds: Map<String, Value> =
        wanted.map(|guild| (guild.id.0.to_string(), of_guild(world, guild))).collect();
    json!({
        "start_ms": world.config().start.0,
        "clock_ms": world.clock().0,
        "guilds": guilds,
    })
}

fn of_guild(world: &World, guild: &Guild) -> Value {
    let stays: Vec<Value> = world.stays(guild.id).iter().map(stay).collect();
    let acts: Vec<Value> = world.acts(guild.id).iter().map(act).collect();
    let invites: Vec<Value> = world.all_invites(guild.id).iter().map(invite).collect();
    let vanity = world.vanity(guild.id);
    without_nulls(json!({
        "members": guild.member_count,
        "stays": stays,
        "acts": acts,
        "invites": invites,
        "vanity": vanity.map(|vanity| json!({ "code": &*vanity.code, "uses": vanity.uses })),
    }))
}

fn stay(stay: &Stay) -> Value {
    let (way, code) = match &stay.way {
        Way::Before => ("before", None),
        Way::Invite(code) => ("invite", Some(&**code)),
        Way::Vanity => ("vanity", None),
        Way::Discovery => ("discovery", None),
        Way::BotAdded => ("bot_added", None),
    };
    without_nulls(json!({
        "member": stay.member.0.to_string(),
        "kind": stay.kind as u8,
        "joined_ms": stay.joined_at.0,
        "rejoined": stay.rejoined,
        "way": way,
        "code": code,
        "inviter": stay.inviter.map(|id| id.0.to_string()),
        "left_ms": stay.left.map(|(at, _)| at.0),
        "departure": stay.left.map(|(_, kind)| kind as u8),
    }))
}

fn act(act: &Act) -> Value {
    without_nulls(json!({
        "at_ms": act.at.0,
        "action": act.action as u8,
        "target": act.target.map(|id| id.0.to_string()),
        "moderator": act.moderator.map(|id| id.0.to_string()),
        "names_moderator": act.names_moderator,
        "reason": act.reason,
        "channel": act.channel.map(|id| id.0.to_string()),
        "count": act.count,
        "until_ms": act.until.map(|until| until.0),
        "audit": act.audit.map(|id| id.0.to_string()),
        "told_ms": act.told_at.map(|at| at.0),
    }))
}

fn invite(invite: &Invite) -> Value {
    let end = invite.ended.map(|(_, end)| match end {
        InviteEnd::UsedUp => "used_up",
        InviteEnd::Deleted => "deleted",
    });
    without_nulls(json!({
        "code": &*invite.code,
        "channel": invite.channel.0.to_string(),
        "inviter": invite.inviter.0.to_string(),
        "created_ms": invite.created_at.0,
        "expires_ms": invite.expires_at().map(|at| at.0),
        "max_uses": invite.max_uses,
        "uses": invite.uses,
        "ended_ms": invite.ended.map(|(at, _)| at.0),
        "end": end,
    }))
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
