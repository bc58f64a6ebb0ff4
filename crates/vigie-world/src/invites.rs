//! Invites: who made them, how often they were used, and how they end.

use std::sync::Arc;

use vigie_core::vocabulary::{ChannelId, GuildId, UnixMs, UserId};

use crate::members::Way;
use crate::world::World;

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Its code.
    pub code: Arc<str>,
    /// Where it leads.
    pub channel: ChannelId,
    /// Who made it.
    pub inviter: UserId,
    /// When.
    pub created_at: UnixMs,
    /// How long it holds, in seconds; 0 for ever.
    pub max_age_s: u32,
    /// How often it may be used; 0 for without end.
    pub max_uses: u32,
    /// How often it was used.
    pub uses: u32,
    /// Whether members who came by it leave when they go offline.
    pub temporary: bool,
    /// When and how it ended, but for running out.
    pub ended: Option<(UnixMs, InviteEnd)>,
}

/// How an invite ended. That it ran out is told by [`Invite::expires_at`] and by no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteEnd {
    /// Its last use: INVITE_DELETE, before or after GUILD_MEMBER_ADD.
    UsedUp,
    /// Somebody deleted it: INVITE_DELETE and an audit entry 42.
    Deleted,
}

/// The vanity address of a guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanity {
    /// Its code.
    pub code: Arc<str>,
    /// How often it was used.
    pub uses: u32,
}

impl Invite {
    /// When it runs out.
    pub fn expires_at(&self) -> Option<UnixMs> {
        let lasts_ms = i64::from(self.max_age_s) * 1_000;
        (lasts_ms > 0).then(|| UnixMs(self.created_at.0 + lasts_ms))
    }

    /// Whether it can be used at an instant.
    pub fn is_open(&self, at: UnixMs) -> bool {
        let has_ended = self.ended.is_some_and(|(ended_at, _)| ended_at <= at);
        !has_ended && self.created_at <= at && self.expires_at().is_none_or(|end| end > at)
    }
}

impl World {
    /// All invites that a guild ever had, oldest first, those that ended included.
    pub fn all_invites(&self, guild: GuildId) -> &[Invite] {
        self.guild(guild).map_or(&[], |guild| &self.society(guild).invites)
    }

    /// The invites of a guild that can be used now, as "Get Guild Invites" lists them, without the vanity address.
    pub fn invites(&self, guild: GuildId) -> Vec<&Invite> {
        let now = self.clock();
        self.all_invites(guild).iter().filter(|invite| invite.is_open(now)).collect()
    }

    /// The vanity address of a guild and its counter, where it has one.
    pub fn vanity(&self, guild: GuildId) -> Option<&Vanity> {
        self.guild(guild).and_then(|guild| self.society(guild).vanity.as_ref())
    }

    /// The invites and the vanity address as they were at an instant of history.
    pub(crate) fn invites_at(&self, guild: GuildId, at: UnixMs) -> (Vec<Invite>, Option<Vanity>) {
        let later = |way: &Way| {
            let stays = self.stays(guild).iter();
            stays.filter(|stay| stay.joined_at > at && stay.way == *way).count() as u32
        };
        let open = self.all_invites(guild).iter().filter(|invite| invite.is_open(at));
        let invites = open.map(|invite| {
            let uses = invite.uses - later(&Way::Invite(Arc::clone(&invite.code)));
            Invite { uses, ended: None, ..invite.clone() }
        });
        let vanity = self.vanity(guild).map(|vanity| Vanity {
            uses: vanity.uses - later(&Way::Vanity),
            code: Arc::clone(&vanity.code),
        });
        (invites.collect(), vanity)
    }
}
