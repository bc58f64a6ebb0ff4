//! Deeds on demand: somebody joins, is banned, a raid begins. What they are called at the control door.

use std::sync::Arc;

use serde::Deserialize;
use vigie_core::vocabulary::{GuildId, UserId};
use vigie_world::{Deed, Raid};

use crate::hub::Hub;
use crate::json::Id;

/// Body of `POST /_sim/deed`.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    guild_id: Id,
    #[serde(flatten)]
    deed: Name,
}

/// A deed by its name. Where nobody is named it happens to anybody; see [`Deed`].
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Name {
    Join { code: Option<String> },
    JoinByVanity,
    JoinByDiscovery,
    Rejoin,
    AddBot,
    RepeatJoin,
    Leave { user_id: Option<Id> },
    Kick { user_id: Option<Id> },
    Ban { user_id: Option<Id> },
    BanStranger,
    Unban { user_id: Option<Id> },
    Timeout { user_id: Option<Id> },
    LiftTimeout { user_id: Option<Id> },
    Prune,
    Nick,
    Roles,
    Automod,
    DeleteMessage,
    BotDeletesMessage,
    DeleteMessages,
    MoveVoice,
    DisconnectVoice,
    CreateInvite(Terms),
    DeleteInvite { code: Option<String> },
    ChangeRoles,
    ChangeEmojis,
    ChangeGuild,
    Rush { joins: u32, codes: u32 },
    Raid(RaidTimes),
}

/// How long an invite holds and for how many; without any of it, one of a usual kind.
#[derive(Debug, Deserialize)]
struct Terms {
    max_age_s: Option<u32>,
    max_uses: Option<u32>,
    #[serde(default)]
    temporary: bool,
}

/// A raid; what is not said is as usual.
#[derive(Debug, Deserialize)]
struct RaidTimes {
    members: u32,
    joins_within_ms: Option<u32>,
    bans_after_ms: Option<u32>,
    bans_within_ms: Option<u32>,
}

impl From<&Name> for Deed {
    fn from(name: &Name) -> Self {
        let user = |id: &Option<Id>| id.map(|id| UserId(id.0));
        let code = |code: &Option<String>| code.as_deref().map(Arc::from);
        match name {
            Name::Join { code: by } => Self::Join(code(by)),
            Name::JoinByVanity => Self::JoinByVanity,
            Name::JoinByDiscovery => Self::JoinByDiscovery,
            Name::Rejoin => Self::Rejoin,
            Name::AddBot => Self::AddBot,
            Name::RepeatJoin => Self::RepeatJoin,
            Name::Leave { user_id } => Self::Leave(user(user_id)),
            Name::Kick { user_id } => Self::Kick(user(user_id)),
            Name::Ban { user_id } => Self::Ban(user(user_id)),
            Name::BanStranger => Self::BanStranger,
            Name::Unban { user_id } => Self::Unban(user(user_id)),
            Name::Timeout { user_id } => Self::Timeout(user(user_id)),
            Name::LiftTimeout { user_id } => Self::LiftTimeout(user(user_id)),
            Name::Prune => Self::Prune,
            Name::Nick => Self::Nick,
            Name::Roles => Self::Roles,
            Name::Automod => Self::Automod,
            Name::DeleteMessage => Self::DeleteMessage,
            Name::BotDeletesMessage => Self::BotDeletesMessage,
            Name::DeleteMessages => Self::DeleteMessages,
            Name::MoveVoice => Self::MoveVoice,
            Name::DisconnectVoice => Self::DisconnectVoice,
            Name::CreateInvite(terms) => terms.deed(),
            Name::DeleteInvite { code: which } => Self::DeleteInvite(code(which)),
            Name::ChangeRoles => Self::ChangeRoles,
            Name::ChangeEmojis => Self::ChangeEmojis,
            Name::ChangeGuild => Self::ChangeGuild,
            Name::Rush { joins, codes } => Self::Rush { joins: *joins, codes: *codes },
            Name::Raid(times) => Self::Raid(times.raid()),
        }
    }
}

impl Terms {
    fn deed(&self) -> Deed {
        let Self { max_age_s, max_uses, temporary } = *self;
        if max_age_s.is_none() && max_uses.is_none() && !temporary {
            return Deed::CreateAnyInvite;
        }
        let (max_age_s, max_uses) = (max_age_s.unwrap_or(0), max_uses.unwrap_or(0));
        Deed::CreateInvite { max_age_s, max_uses, temporary }
    }
}

impl RaidTimes {
    fn raid(&self) -> Raid {
        let usual = Raid::of(self.members);
        Raid {
            members: self.members,
            joins_within_ms: self.joins_within_ms.unwrap_or(usual.joins_within_ms),
            bans_after_ms: self.bans_after_ms.unwrap_or(usual.bans_after_ms),
            bans_within_ms: self.bans_within_ms.unwrap_or(usual.bans_within_ms),
        }
    }
}

/// Does it, now. Gives whether it could be done, and how many events it told at once.
pub(crate) fn act_out(hub: &Hub, request: &Request) -> (bool, usize) {
    let (guild, deed) = (GuildId(request.guild_id.0), Deed::from(&request.deed));
    hub.act(|world, out| world.cause(guild, deed, out))
}
