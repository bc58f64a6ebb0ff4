//! Joins and departures, and the invites by which people come.

use std::sync::Arc;

use vigie_core::vocabulary::{AuthorKind, DepartureKind, UnixMs, UserId};

use super::{Draft, Effect, LEFT_MAX, Scene, Target};
use crate::calendar::{DAY_MS, HOUR_MS};
use crate::event::Happening;
use crate::invites::{Invite, InviteEnd};
use crate::limits;
use crate::members::{NOBODY, Stay, Way};
use crate::moderation::{AuditChange, AuditValue, action_type};
use crate::people::{Member, Roles};

/// Share of the joins that are told a moment after the invite was used.
const TOLD_LATER: f64 = 0.25;
/// Share of the invites that are deleted by their last use before GUILD_MEMBER_ADD is told.
const DELETED_FIRST: f64 = 0.45;
/// Shares of the joins without an invite, where a guild has these ways.
const BY_VANITY: f64 = 0.3;
const BY_DISCOVERY: f64 = 0.12;
/// Letters of codes.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// How long an invite holds, and for how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) max_age_s: u32,
    pub(crate) max_uses: u32,
    pub(crate) temporary: bool,
}

impl Scene<'_> {
    /// Somebody becomes a member. Gives whether they will leave when they go offline.
    pub(super) fn arrive(&mut self, who: Target, way: Way, rejoined: bool) -> bool {
        let member = self.newcomer(who, rejoined);
        let kind = if member.user.bot { AuthorKind::Bot } else { AuthorKind::Human };
        let delay_ms = match self.rng.chance(TOLD_LATER) {
            true => self.rng.below(limits::JOIN_TOLD_AFTER_MS_MAX + 1),
            false => 0,
        };
        let mut temporary = false;
        let ended = match &way {
            Way::Invite(code) => {
                let ended = self.use_invite(code);
                temporary = self.invite(code).is_some_and(|invite| invite.temporary);
                ended
            }
            Way::Vanity => {
                self.society.vanity.iter_mut().for_each(|vanity| vanity.uses += 1);
                None
            }
            _ => None,
        };
        let joined = Happening::MemberAdd(Arc::new(member));
        match ended {
            Some(deleted) if self.rng.chance(DELETED_FIRST) => {
                self.tell(deleted);
                self.tell_after(delay_ms, joined);
            }
            Some(deleted) => {
                let after_ms = delay_ms + self.rng.below(limits::JOIN_TOLD_AFTER_MS_MAX + 1);
                self.tell_after(delay_ms, joined);
                self.tell_after(after_ms, deleted);
            }
            None => self.tell_after(delay_ms, joined),
        }
        self.write_stay(who, kind, way, rejoined);
        temporary
    }

    /// The member as they are when they come: without a nickname, without roles.
    fn newcomer(&self, who: Target, rejoined: bool) -> Member {
        Member {
            guild: self.guild.id,
            index: who.index,
            user: self.population.stranger(self.guild, who.user),
            nick: None,
            roles: Roles::default(),
            joined_at: self.at,
            rejoined,
            timed_out_until: None,
            premium_since: None,
        }
    }

    fn write_stay(&mut self, who: Target, kind: AuthorKind, way: Way, rejoined: bool) {
        let (member, joined_at) = (who.user, self.at);
        let inviter = match &way {
            Way::Invite(code) => self.invite(code).map(|invite| invite.inviter),
            _ => None,
        };
        let stay = Stay { member, kind, joined_at, rejoined, way, inviter, left: None };
        self.society.open.insert(who.user, self.society.stays.len());
        self.society.stays.push(stay);
        if rejoined {
            self.society.left.retain(|left| *left != who.user);
        }
        let (user, index, joined_at) = (who.user, who.index, self.at);
        self.effects.push(Effect::Arrived { user, index, joined_at, rejoined });
    }

    /// Somebody is not a member any more; told after a while.
    pub(super) fn depart(&mut self, who: Target, how: DepartureKind, after_ms: u64) {
        let left = Some((self.at, how));
        match self.society.open.remove(&who.user) {
            Some(place) => self.society.stays[place].left = left,
            None if who.index != NOBODY => {
                let member = self.member(who.index);
                self.society.stays.push(Stay {
                    member: who.user,
                    kind: if member.user.bot { AuthorKind::Bot } else { AuthorKind::Human },
                    joined_at: member.joined_at,
                    rejoined: false,
                    way: Way::Before,
                    inviter: None,
                    left,
                });
            }
            None => return,
        }
        self.society.timeouts.remove(&who.user);
        if how != DepartureKind::Ban && self.society.left.len() < LEFT_MAX {
            self.society.left.push(who.user);
        }
        self.effects.push(Effect::Gone(who.index));
        self.tell_after(after_ms, Happening::MemberRemove(who.user));
    }

    /// A new account, made so many days before this instant.
    pub(super) fn account(&mut self, age_days: f64) -> UserId {
        let age_ms = (age_days * DAY_MS as f64) as i64 + 2 * HOUR_MS;
        // Accounts are older than any world's beginning by then.
        let made_at = UnixMs((self.at.0 - age_ms).max(1_425_168_000_000));
        loop {
            let made_at = UnixMs(made_at.0 + self.rng.below(3_600_000) as i64);
            let id = UserId(self.layout.id(made_at, self.guild.index) + self.rng.below(16));
            if !self.population.is_numbered(id) && self.society.accounts.insert(id) {
                return id;
            }
        }
    }

    /// How old an account is when its owner joins: weeks to years, and some a few days.
    pub(super) fn usual_age(&mut self) -> f64 {
        match self.rng.chance(0.08) {
            true => self.rng.unit() * 12.0,
            false => 20.0 + 2_400.0 * self.rng.unit() * self.rng.unit(),
        }
    }

    /// How the next person comes.
    pub(super) fn way(&mut self) -> Way {
        if self.society.vanity.is_some() && self.rng.chance(BY_VANITY) {
            return Way::Vanity;
        }
        let is_public = self.guild.features().contains(&"DISCOVERABLE");
        if is_public && self.rng.chance(BY_DISCOVERY) {
            return Way::Discovery;
        }
        let code = self.society.draw_invite(self.at, self.rng);
        Way::Invite(code.unwrap_or_else(|| self.create_invite(None, STANDING)))
    }

    pub(super) fn invite(&self, code: &str) -> Option<&Invite> {
        self.society.invite(code)
    }

    /// Counts a use; gives what is told where it was the last one.
    fn use_invite(&mut self, code: &Arc<str>) -> Option<Happening> {
        let at = self.at;
        let place = *self.society.codes.get(code)?;
        let invite = self.society.invites.get_mut(place)?;
        invite.uses += 1;
        let is_last = invite.max_uses > 0 && invite.uses >= invite.max_uses;
        if !is_last {
            return None;
        }
        invite.ended = Some((at, InviteEnd::UsedUp));
        Some(Happening::InviteDelete(invite.channel, Arc::clone(code)))
    }

    /// Somebody makes an invite: a member, or a moderator where nobody is named. Gives its code.
    pub(super) fn create_invite(&mut self, by: Option<UserId>, terms: Terms) -> Arc<str> {
        let inviter = match by {
            Some(by) => by,
            None if self.rng.chance(0.4) => self.moderator(),
            None => match self.anybody() {
                Some(member) => member.user,
                None => self.moderator(),
            },
        };
        let invite = self.new_invite(inviter, terms, self.at);
        let code = Arc::clone(&invite.code);
        let mut draft = Draft::new(action_type::INVITE_CREATE, inviter, None);
        draft.changes = invite_changes(&invite, true);
        self.society.add_invite(invite.clone());
        self.tell(Happening::InviteCreate(Arc::new(invite)));
        self.audit(draft, false);
        code
    }

    pub(super) fn new_invite(&mut self, inviter: UserId, terms: Terms, made: UnixMs) -> Invite {
        let channel = self.guild.system_channel().unwrap_or_default();
        let code = loop {
            let code: String =
                (0..8).map(|_| char::from(LETTERS[self.rng.below(62) as usize])).collect();
            if self.invite(&code).is_none() {
                break code;
            }
        };
        let Terms { max_age_s, max_uses, temporary } = terms;
        Invite {
            code: code.into(),
            channel,
            inviter,
            created_at: made,
            max_age_s,
            max_uses,
            uses: 0,
            temporary,
            ended: None,
        }
    }

    /// A moderator deletes an invite; `false` where it is not open.
    pub(super) fn delete_invite(&mut self, code: Option<&str>) -> bool {
        let (at, by) = (self.at, self.moderator());
        let open =
            |invite: &Invite| invite.is_open(at) && code.is_none_or(|code| *invite.code == *code);
        let count = self.society.invites.iter().filter(|invite| open(invite)).count() as u64;
        // One always stays.
        if count == 0 || (code.is_none() && count < 2) {
            return false;
        }
        let place = self.rng.below(count) as usize;
        let mut invites = self.society.invites.iter_mut().filter(|invite| open(invite));
        let Some(invite) = invites.nth(place) else { return false };
        invite.ended = Some((at, InviteEnd::Deleted));
        let invite = invite.clone();
        let mut draft = Draft::new(action_type::INVITE_DELETE, by, None);
        draft.changes = invite_changes(&invite, false);
        let comes_first = self.entry_comes_first();
        let deleted = Happening::InviteDelete(invite.channel, invite.code);
        if comes_first {
            self.audit(draft, true);
            self.tell(deleted);
        } else {
            self.tell(deleted);
            self.audit(draft, false);
        }
        true
    }

    /// What people choose when they make an invite.
    pub(super) fn terms(&mut self) -> Terms {
        const DAY_S: u32 = 86_400;
        let (max_age_s, max_uses, temporary) = match self.rng.below(20) {
            0..7 => (7 * DAY_S, 0, false),
            7..10 => (0, 0, false),
            10..15 => (DAY_S, 1, false),
            15..17 => (7 * DAY_S, 5 + self.rng.below(21) as u32, false),
            17..19 => (1_800, 0, false),
            _ => (DAY_S, 0, true),
        };
        Terms { max_age_s, max_uses, temporary }
    }
}

/// An invite without end.
pub(super) const STANDING: Terms = Terms { max_age_s: 0, max_uses: 0, temporary: false };

/// What an audit entry says of an invite made or deleted.
fn invite_changes(invite: &Invite, is_new: bool) -> Vec<AuditChange> {
    let change = |key, value| match is_new {
        true => AuditChange { key, old: None, new: Some(value) },
        false => AuditChange { key, old: Some(value), new: None },
    };
    vec![
        change("code", AuditValue::Text(invite.code.to_string())),
        change("channel_id", AuditValue::Id(invite.channel.0)),
        change("inviter_id", AuditValue::Id(invite.inviter.0)),
        change("uses", AuditValue::Number(u64::from(invite.uses))),
        change("max_uses", AuditValue::Number(u64::from(invite.max_uses))),
        change("max_age", AuditValue::Number(u64::from(invite.max_age_s))),
        change("temporary", AuditValue::Flag(invite.temporary)),
        change("flags", AuditValue::Number(0)),
    ]
}
