//! The invites records of a batch, merged in memory: each key is written once.

use vigie_core::vocabulary::{Attribution, GuildId, InviteRecord, UnixMs};

use super::evidence;
use crate::{
    activity::{Absorb, Row, merge},
    limits::CODE_BYTES_MAX,
    value::{key, text},
};

/// Merged rows of each table of the family, each sorted by its key.
#[derive(Debug, Default)]
pub(crate) struct InvitesFold {
    /// `invites`: guild, code.
    pub(super) invites: Vec<Row<(i64, String), Invite>>,
    /// `invite_tracking`: guild, member, join.
    pub(super) joins: Vec<Row<(i64, i64, i64), Tracked>>,
}

/// An invite without its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Invite {
    pub(super) told_at: i64,
    pub(super) is_vanity: bool,
    pub(super) channel: Option<i64>,
    pub(super) inviter: Option<i64>,
    pub(super) uses: Option<i32>,
    pub(super) max_uses: i32,
    pub(super) created_at: Option<i64>,
    pub(super) expires_at: Option<i64>,
    pub(super) ended_at: Option<i64>,
    pub(super) temporary: bool,
}

/// How a join was attributed, without its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tracked {
    pub(super) method: i32,
    pub(super) confidence: i32,
    pub(super) code: Option<String>,
    pub(super) inviter: Option<i64>,
    pub(super) burst: i32,
    pub(super) candidates: Vec<u8>,
}

/// What is told later wins; of an invite that ended it is only told what is known.
impl Absorb for Invite {
    fn absorb(&mut self, later: Self) {
        if later.told_at < self.told_at {
            return;
        }
        let before = std::mem::replace(self, later);
        self.channel = self.channel.or(before.channel);
        self.inviter = self.inviter.or(before.inviter);
        self.uses = self.uses.or(before.uses);
        self.created_at = self.created_at.or(before.created_at);
        self.expires_at = self.expires_at.or(before.expires_at);
        if self.ended_at.is_some() {
            self.is_vanity = before.is_vanity;
            self.max_uses = before.max_uses;
            self.temporary = before.temporary;
        }
    }
}

/// What is told later wins, unless it is less sure.
impl Absorb for Tracked {
    fn absorb(&mut self, later: Self) {
        if later.confidence >= self.confidence {
            *self = later;
        }
    }
}

impl InvitesFold {
    /// Invites that changed.
    pub(crate) fn invites(
        &mut self,
        guild: GuildId,
        invites: &[InviteRecord],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for invite in invites {
            let value = Invite {
                told_at: invite.at.0,
                is_vanity: invite.is_vanity,
                channel: invite.channel.and_then(|channel| key(channel.0)),
                inviter: invite.inviter.and_then(|inviter| key(inviter.0)),
                uses: invite.uses.map(count),
                max_uses: count(invite.max_uses),
                created_at: invite.created_at.map(ms),
                expires_at: invite.expires_at.map(ms),
                ended_at: invite.ended_at.map(ms),
                temporary: invite.temporary,
            };
            self.invites.push(Row { key: (guild, text(&invite.code, CODE_BYTES_MAX)), value });
        }
        Ok(())
    }

    /// How members came.
    pub(crate) fn attributions(
        &mut self,
        guild: GuildId,
        attributions: &[Attribution],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for join in attributions {
            let member = key(join.member.0).ok_or("a member's id does not fit into 63 bits")?;
            let value = Tracked {
                method: i32::from(join.method as u8),
                confidence: i32::from(join.confidence as u8),
                code: join.code.as_deref().map(|code| text(code, CODE_BYTES_MAX)),
                inviter: join.inviter.and_then(|inviter| key(inviter.0)),
                burst: count(join.burst),
                candidates: evidence::pack(&join.candidates),
            };
            self.joins.push(Row { key: (guild, member, join.joined_at.0), value });
        }
        Ok(())
    }

    /// Sorts and merges everything.
    pub(crate) fn finish(mut self) -> Self {
        merge(&mut self.invites);
        merge(&mut self.joins);
        self
    }
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn ms(at: UnixMs) -> i64 {
    at.0
}
