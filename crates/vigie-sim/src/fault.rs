//! What can be made to go wrong, on demand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use vigie_core::vocabulary::{ChannelId, GuildId, UserId};
use vigie_world::{GuildPermission, Permission};

use crate::gateway::close_code::CloseCode;
use crate::gateway::frame::opcode;
use crate::gateway::intents::Intents;
use crate::gateway::link::{Control, Link};
use crate::gateway::session::Session;
use crate::hub::Hub;
use crate::json::Id;
use crate::ledger::Hiding;
use crate::limits::RECONNECT_GRACE_MS;

/// Body of `POST /_sim/fault`.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    #[serde(flatten)]
    fault: Fault,
    /// Only sessions of shards with this id; all when absent.
    #[serde(default)]
    shard: Option<u32>,
}

/// A fault. Times are in milliseconds, counts in dispatches of the world.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Fault {
    /// Op 7; a client that stays is closed with 4000 after a while.
    Reconnect,
    /// Op 9. Not resumable: the session is gone.
    InvalidSession { resumable: bool },
    /// A close frame with any code. Codes that Discord does not resume after end the session.
    Close { code: u16 },
    /// Op 1: the client has to beat at once.
    HeartbeatRequest,
    /// Heartbeats of the present connections are never answered again.
    NoHeartbeatAck,
    /// Nothing at all is sent for a while: what a client calls a zombie.
    Stall { ms: u64 },
    /// The TCP connection ends without a close frame.
    DropTcp,
    /// The session is forgotten; the connection goes on until it ends by itself, and RESUME is refused.
    ForgetSession,
    /// GUILD_DELETE with `unavailable`, then GUILD_CREATE. What happens meanwhile is in the truth but sent to nobody.
    GuildOutage { guild_id: Id, ms: u64 },
    /// Our bot loses a permission in a channel, or gets it: CHANNEL_UPDATE; what happens in a channel that it may not view
    /// is sent to nobody.
    Permission { guild_id: Id, channel_id: Id, permission: PermissionName, granted: bool },
    /// Our bot loses a permission in a whole guild, or gets it: GUILD_ROLE_UPDATE; what needs it is told to nobody and
    /// refused over REST.
    GuildPermission { guild_id: Id, permission: GuildPermissionName, granted: bool },
    /// The privileged intents that the application has from now on, as bits: for IDENTIFY and REST.
    PrivilegedIntents { bits: u64 },
    /// A moderator throws a member out of voice, or everybody in the guild.
    VoiceDisconnect {
        guild_id: Id,
        #[serde(default)]
        user_id: Option<Id>,
    },
    /// Every REST request is answered by 429 for a while.
    RateLimitStorm { ms: u64 },
    /// The next dispatches come twice, under two numbers.
    Duplicate {
        #[serde(default = "one")]
        count: u32,
    },
    /// The next pairs of dispatches come in exchanged order.
    Reorder {
        #[serde(default = "one")]
        count: u32,
    },
    /// The next dispatches never come; numbers stay without holes.
    Lose {
        #[serde(default = "one")]
        count: u32,
    },
}

fn one() -> u32 {
    1
}

/// The permissions that can be taken and given.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PermissionName {
    ViewChannel,
    ReadMessageHistory,
}

impl From<PermissionName> for Permission {
    fn from(name: PermissionName) -> Self {
        match name {
            PermissionName::ViewChannel => Self::ViewChannel,
            PermissionName::ReadMessageHistory => Self::ReadMessageHistory,
        }
    }
}

/// The permissions that can be taken and given in a whole guild.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GuildPermissionName {
    ViewAuditLog,
    ManageGuild,
    ManageChannels,
    BanMembers,
}

impl From<GuildPermissionName> for GuildPermission {
    fn from(name: GuildPermissionName) -> Self {
        match name {
            GuildPermissionName::ViewAuditLog => Self::ViewAuditLog,
            GuildPermissionName::ManageGuild => Self::ManageGuild,
            GuildPermissionName::ManageChannels => Self::ManageChannels,
            GuildPermissionName::BanMembers => Self::BanMembers,
        }
    }
}

/// Carries a fault out; returns how many sessions it met (of `voice_disconnect`: how many members left).
pub(crate) fn cause(hub: &Arc<Hub>, request: &Request) -> usize {
    match &request.fault {
        Fault::RateLimitStorm { ms } => {
            hub.limiter.storm(Duration::from_millis(*ms));
            return 0;
        }
        Fault::GuildOutage { guild_id, ms } => {
            return hub.begin_outage(GuildId(guild_id.0), Duration::from_millis(*ms));
        }
        Fault::Permission { guild_id, channel_id, permission, granted } => {
            let (guild, channel) = (GuildId(guild_id.0), ChannelId(channel_id.0));
            return set_permission(hub, guild, channel, (*permission).into(), *granted);
        }
        Fault::GuildPermission { guild_id, permission, granted } => {
            return set_guild_permission(hub, GuildId(guild_id.0), (*permission).into(), *granted);
        }
        Fault::PrivilegedIntents { bits } => {
            hub.set_privileged(Intents(*bits));
            return 0;
        }
        Fault::VoiceDisconnect { guild_id, user_id } => {
            let (guild, user) = (GuildId(guild_id.0), user_id.map(|id| UserId(id.0)));
            return hub.act(|world, out| world.disconnect_voice(guild, user, out)).0;
        }
        _ => {}
    }
    let mut sessions = hub.sessions();
    sessions.retain(|session| request.shard.is_none_or(|shard| session.shard.id == shard));
    for session in &sessions {
        strike(hub, session, &request.fault);
    }
    sessions.len()
}

/// Returns how many sessions were told.
fn set_permission(
    hub: &Hub,
    guild: GuildId,
    channel: ChannelId,
    permission: Permission,
    granted: bool,
) -> usize {
    let (changed, _) = hub.act(|world, out| {
        let is_there = world.channel(channel).is_some_and(|(home, _)| home.id == guild);
        let changed = is_there && world.set_permission(channel, permission, granted, out);
        if changed && permission == Permission::ViewChannel {
            hub.ledger.hide(guild, Hiding::Channel(channel), world.clock(), !granted);
        }
        changed
    });
    if changed { hearers(hub, guild) } else { 0 }
}

/// Returns how many sessions were told.
fn set_guild_permission(
    hub: &Hub,
    guild: GuildId,
    permission: GuildPermission,
    granted: bool,
) -> usize {
    let (changed, _) = hub.act(|world, out| {
        let changed = world.set_guild_permission(guild, permission, granted, out);
        if changed {
            hub.ledger.hide(guild, Hiding::Guild(permission), world.clock(), !granted);
        }
        changed
    });
    if changed { hearers(hub, guild) } else { 0 }
}

/// Sessions of the shard of a guild.
fn hearers(hub: &Hub, guild: GuildId) -> usize {
    hub.sessions().iter().filter(|session| session.shard.holds(guild)).count()
}

fn strike(hub: &Arc<Hub>, session: &Arc<Session>, fault: &Fault) {
    match *fault {
        Fault::Duplicate { count } => return session.disturb(count, 0, 0),
        Fault::Reorder { count } => return session.disturb(0, count, 0),
        Fault::Lose { count } => return session.disturb(0, 0, count),
        Fault::ForgetSession => return hub.end_session(&session.id),
        _ => {}
    }
    let link = session.link();
    match *fault {
        Fault::InvalidSession { resumable } => invalidate(hub, session, link.as_deref(), resumable),
        Fault::Close { code } => {
            if CloseCode(code).ends_session() {
                hub.end_session(&session.id);
            }
            if let Some(link) = link {
                link.close(CloseCode(code));
            }
        }
        _ => {
            if let Some(link) = link {
                disturb(hub, &link, fault);
            }
        }
    }
}

fn disturb(hub: &Hub, link: &Arc<Link>, fault: &Fault) {
    match *fault {
        Fault::Reconnect => {
            link.send(opcode::RECONNECT, "null");
            close_later(hub, Arc::clone(link));
        }
        Fault::HeartbeatRequest => link.send(opcode::HEARTBEAT, "null"),
        Fault::NoHeartbeatAck => link.stop_acknowledging(),
        Fault::Stall { ms } => link.tell(Control::Stall(Duration::from_millis(ms))),
        Fault::DropTcp => link.kill.cancel(),
        _ => {}
    }
}

fn invalidate(hub: &Hub, session: &Session, link: Option<&Link>, resumable: bool) {
    hub.counters.sessions_invalidated.add(1);
    if !resumable {
        hub.end_session(&session.id);
    }
    if let Some(link) = link {
        session.detach(link.id, Instant::now());
        link.invalidate(resumable);
    }
}

/// Ends a connection that stays in spite of op 7.
fn close_later(hub: &Hub, link: Arc<Link>) {
    let stop = hub.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(RECONNECT_GRACE_MS)) => {}
            () = stop.cancelled() => {}
        }
        link.close(CloseCode::UNKNOWN_ERROR);
    });
}
