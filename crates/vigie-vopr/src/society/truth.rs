//! What truly happened: stays, acts and invites of every guild.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use vigie_core::vocabulary::{
    AuditId, AuthorKind, ChannelId, DepartureKind, ModerationAction, UnixMs, UserId,
};
use vigie_world::{Act, Invite, InviteEnd, Stay, Way, World};

/// All guilds.
#[derive(Clone, Debug)]
pub struct Truth {
    /// When the present began.
    pub start: UnixMs,
    /// Up to when it is known.
    pub clock: UnixMs,
    /// By guild.
    pub guilds: BTreeMap<u64, GuildTruth>,
}

/// One guild.
#[derive(Clone, Debug, Default)]
pub struct GuildTruth {
    /// Members at the end.
    pub members: u32,
    /// Stays that began or ended in what is recorded.
    pub stays: Vec<Stay>,
    /// Acts of moderation.
    pub acts: Vec<Act>,
    /// All invites there ever were.
    pub invites: Vec<Invite>,
}

impl Truth {
    /// Of a world of this process.
    pub fn of(world: &World) -> Self {
        let guild = |guild: &vigie_world::Guild| {
            let truth = GuildTruth {
                members: guild.member_count,
                stays: world.stays(guild.id).to_vec(),
                acts: world.acts(guild.id).to_vec(),
                invites: world.all_invites(guild.id).to_vec(),
            };
            (guild.id.0, truth)
        };
        let guilds = world.guilds().iter().map(guild).collect();
        Self { start: world.config().start, clock: world.clock(), guilds }
    }

    /// Of a simulator: the answer to `GET /_sim/society`.
    pub fn read(answer: &Value) -> Self {
        let guild = |(id, content): (&String, &Value)| {
            let list = |name: &str| content[name].as_array().cloned().unwrap_or_default();
            let truth = GuildTruth {
                members: content["members"].as_u64().unwrap() as u32,
                stays: list("stays").iter().map(stay).collect(),
                acts: list("acts").iter().map(act).collect(),
                invites: list("invites").iter().map(invite).collect(),
            };
            (id.parse().unwrap(), truth)
        };
        let guilds = answer["guilds"].as_object().unwrap().iter().map(guild).collect();
        let (start, clock) = (time(&answer["start_ms"]), time(&answer["clock_ms"]));
        Self { start: start.unwrap(), clock: clock.unwrap(), guilds }
    }
}

fn stay(value: &Value) -> Stay {
    let way = match value["way"].as_str().unwrap() {
        "before" => Way::Before,
        "invite" => Way::Invite(code(value)),
        "vanity" => Way::Vanity,
        "discovery" => Way::Discovery,
        "bot_added" => Way::BotAdded,
        other => panic!("{other} is no way to join"),
    };
    let departure = number(&value["departure"]).and_then(DepartureKind::from_u8);
    Stay {
        member: UserId(id(&value["member"]).unwrap()),
        kind: AuthorKind::from_u8(number(&value["kind"]).unwrap()).unwrap(),
        joined_at: time(&value["joined_ms"]).unwrap(),
        rejoined: value["rejoined"].as_bool().unwrap(),
        way,
        inviter: id(&value["inviter"]).map(UserId),
        left: time(&value["left_ms"]).map(|at| (at, departure.unwrap())),
    }
}

fn act(value: &Value) -> Act {
    Act {
        at: time(&value["at_ms"]).unwrap(),
        action: ModerationAction::from_u8(number(&value["action"]).unwrap()).unwrap(),
        target: id(&value["target"]).map(UserId),
        moderator: id(&value["moderator"]).map(UserId),
        reason: value["reason"].as_str().map(|text| text.to_owned().into()),
        channel: id(&value["channel"]).map(ChannelId),
        count: value["count"].as_u64().unwrap() as u32,
        until: time(&value["until_ms"]),
        audit: id(&value["audit"]).map(AuditId),
        names_moderator: value["names_moderator"].as_bool().unwrap(),
        told_at: time(&value["told_ms"]),
    }
}

fn invite(value: &Value) -> Invite {
    let end = match value["end"].as_str() {
        Some("used_up") => Some(InviteEnd::UsedUp),
        Some("deleted") => Some(InviteEnd::Deleted),
        _ => None,
    };
    let created_at = time(&value["created_ms"]).unwrap();
    let lasts_ms = time(&value["expires_ms"]).map_or(0, |at| at.0 - created_at.0);
    Invite {
        code: code(value),
        channel: ChannelId(id(&value["channel"]).unwrap()),
        inviter: UserId(id(&value["inviter"]).unwrap()),
        created_at,
        max_age_s: (lasts_ms / 1_000) as u32,
        max_uses: value["max_uses"].as_u64().unwrap() as u32,
        uses: value["uses"].as_u64().unwrap() as u32,
        temporary: false,
        ended: time(&value["ended_ms"]).map(|at| (at, end.unwrap())),
    }
}

fn code(value: &Value) -> Arc<str> {
    Arc::from(value["code"].as_str().unwrap())
}

fn id(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn number(value: &Value) -> Option<u8> {
    value.as_u64().map(|number| number as u8)
}

fn time(value: &Value) -> Option<UnixMs> {
    value.as_i64().map(UnixMs)
}
