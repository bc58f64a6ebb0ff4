//! The life of a guild beside talk: people come and go, moderators act, invites are made and used, and an audit log is kept.
//!
//! A [`Scene`] lets one thing happen at one instant. It writes down the truth, and what Discord tells of it and when: the
//! audit entry up to two seconds after the act, GUILD_MEMBER_ADD a moment after the invite was used. [`past`] plays scenes
//! into the history of a guild, [`present`] into what goes on.

mod comings;
mod deed;
mod errands;
mod past;
mod present;
mod sanctions;
mod upkeep;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;
use vigie_core::vocabulary::{AuditId, ModerationAction, UnixMs, UserId};

use crate::event::Happening;
use crate::guild::Guild;
use crate::ids::IdLayout;
use crate::invites::{Invite, Vanity};
use crate::limits;
use crate::members::{NOBODY, Stay};
use crate::moderation::{Act, AuditChange, AuditEntry, AuditOptions};
use crate::names::moderation::reasons;
use crate::people::{self, Member, Population, Roles};
use crate::rng::Rng;
use crate::world::World;

pub use deed::{Deed, Raid};
pub(crate) use errands::{Due, SocietyPlay};

/// Share of the acts that a bot does.
const BY_BOT: f64 = 0.18;
/// Share of the entries that do not name who did it.
const UNNAMED: f64 = 0.02;
/// Share of the entries that are written at once, and of the acts that are told after their entry.
const AT_ONCE: f64 = 0.15;
const ENTRY_FIRST: f64 = 0.5;
/// Who left and may come back: so many are remembered.
const LEFT_MAX: usize = 2_000;

/// What people, moderators and invites of a guild have come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Society {
    pub(crate) invites: Vec<Invite>,
    /// The place of an invite by its code, and the places of those that may be open.
    codes: HashMap<Arc<str>, usize, FxBuildHasher>,
    open_invites: Vec<usize>,
    pub(crate) vanity: Option<Vanity>,
    /// By rising id, those that are not told yet included.
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) bans: BTreeMap<UserId, Option<Cow<'static, str>>>,
    pub(crate) stays: Vec<Stay>,
    pub(crate) acts: Vec<Act>,
    /// The open stay of who has one.
    open: HashMap<UserId, usize, FxBuildHasher>,
    /// Who left and was not banned, and may come back.
    left: Vec<UserId>,
    /// Timeouts that were not lifted, with their end.
    timeouts: BTreeMap<UserId, UnixMs>,
    /// Accounts that were made for people who joined.
    pub(crate) accounts: HashSet<UserId, FxBuildHasher>,
    last_audit: u64,
}

/// The past of a guild.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// What it had come to when the present began.
    pub(crate) society: Society,
    /// What Discord told of it, in the order of time.
    pub(crate) events: Vec<(UnixMs, Happening)>,
}

/// What a scene does to the members of the present.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    Arrived { user: UserId, index: u32, joined_at: UnixMs, rejoined: bool },
    Gone(u32),
    Roles(u32, Roles),
    TimedOut(u32, Option<UnixMs>),
}

/// Somebody, with their place; [`NOBODY`] for who left before the present began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) user: UserId,
    pub(crate) index: u32,
}

/// One thing that happens in one guild at one instant.
pub(crate) struct Scene<'a> {
    pub(crate) layout: &'a IdLayout,
    pub(crate) population: &'a Population,
    pub(crate) guild: &'a Guild,
    pub(crate) society: &'a mut Society,
    pub(crate) rng: &'a mut Rng,
    pub(crate) at: UnixMs,
    pub(crate) is_past: bool,
    /// What Discord tells, and when.
    pub(crate) told: &'a mut Vec<(UnixMs, Happening)>,
    pub(crate) effects: &'a mut Vec<Effect>,
}

/// An audit entry before it is written.
pub(crate) struct Draft {
    pub(crate) action_type: u16,
    pub(crate) by: Option<UserId>,
    pub(crate) target: Option<u64>,
    pub(crate) reason: Option<Cow<'static, str>>,
    pub(crate) options: AuditOptions,
    pub(crate) changes: Vec<AuditChange>,
}

impl Draft {
    pub(crate) fn new(action_type: u16, by: UserId, target: Option<u64>) -> Self {
        let (reason, options, changes) = (None, AuditOptions::default(), Vec::new());
        Self { action_type, by: Some(by), target, reason, options, changes }
    }
}

impl Society {
    pub(crate) fn add_invite(&mut self, invite: Invite) {
        self.codes.insert(Arc::clone(&invite.code), self.invites.len());
        self.open_invites.push(self.invites.len());
        self.invites.push(invite);
    }

    pub(crate) fn invite(&self, code: &str) -> Option<&Invite> {
        self.invites.get(*self.codes.get(code)?)
    }

    /// The code of an open invite: older ones more often.
    fn draw_invite(&mut self, at: UnixMs, rng: &mut Rng) -> Option<Arc<str>> {
        loop {
            let rank = rng.zipf(self.open_invites.len() as u32) as usize;
            let invite = &self.invites[*self.open_invites.get(rank)?];
            if invite.is_open(at) {
                return Some(Arc::clone(&invite.code));
            }
            self.open_invites.remove(rank);
        }
    }

    /// Whether there is no room for more.
    pub(crate) fn is_full(&self) -> bool {
        let most = limits::DEEDS_PER_GUILD_MAX;
        self.stays.len() >= most || self.acts.len() >= most || self.audit.len() >= most
    }
}

impl World {
    /// What a guild has come to: now, or when the present began where nothing has happened since.
    pub(crate) fn society<'a>(&'a self, guild: &'a Guild) -> &'a Society {
        guild.society.as_deref().unwrap_or_else(|| &self.past(guild).society)
    }

    pub(crate) fn past<'a>(&'a self, guild: &'a Guild) -> &'a Past {
        guild.past.get_or_init(|| Box::new(past::make(self, guild)))
    }
}

impl Scene<'_> {
    /// What Discord tells after a while.
    pub(crate) fn tell_after(&mut self, delay_ms: u64, what: Happening) {
        self.told.push((UnixMs(self.at.0 + delay_ms as i64), what));
    }

    pub(crate) fn tell(&mut self, what: Happening) {
        self.tell_after(0, what);
    }

    /// A member as they are at this instant.
    pub(crate) fn member(&self, index: u32) -> Member {
        match self.is_past {
            true => self.population.founding_member(self.guild, index, 0),
            false => self.population.member(self.guild, index),
        }
    }

    pub(crate) fn user(&self, index: u32) -> UserId {
        self.population.user_id(self.guild, index)
    }

    /// Somebody with their place, whoever they are.
    pub(crate) fn target(&self, user: UserId) -> Target {
        let index = match self.is_past {
            true => self.population.founder(self.guild, user),
            false => self.population.index(self.guild, user),
        };
        Target { user, index: index.unwrap_or(NOBODY) }
    }

    pub(crate) fn is_member(&self, target: Target) -> bool {
        match self.is_past {
            // Of those who are gone when the present begins, who has an open stay is there.
            true => target.index != NOBODY || self.society.open.contains_key(&target.user),
            false => self.guild.is_member(target.index),
        }
    }

    /// A person who is there, and no moderator: somebody who came lately more often than not.
    pub(crate) fn anybody(&mut self) -> Option<Target> {
        for _ in 0..8 {
            let recent = match self.is_past || self.rng.chance(0.5) {
                true => None,
                false => self.guild.roster.recent(self.rng),
            };
            let people = match self.is_past {
                true => self.population.joined_before(self.guild, self.at),
                false => self.guild.human_count,
            };
            let index = recent.unwrap_or_else(|| self.rng.below(u64::from(people)) as u32);
            let is_staff = people::moderators(self.guild).any(|moderator| moderator == index);
            let target = Target { user: self.user(index), index };
            if !is_staff && self.is_member(target) && self.is_settled(index) {
                return Some(target);
            }
        }
        None
    }

    /// Whether somebody has been there long enough that their join was told.
    fn is_settled(&self, index: u32) -> bool {
        let standing = self.guild.roster.standing(index).filter(|_| !self.is_past);
        let joined_at = standing.and_then(|standing| standing.joined_at);
        joined_at.is_none_or(|joined_at| {
            joined_at.0 + 2 * limits::JOIN_TOLD_AFTER_MS_MAX as i64 <= self.at.0
        })
    }

    /// A person of the staff.
    pub(crate) fn moderator(&mut self) -> UserId {
        let count = people::moderators(self.guild).count() as u32;
        let rank = self.rng.zipf(count) as usize;
        let index = people::moderators(self.guild).nth(rank).unwrap_or(0);
        self.user(index)
    }

    /// The bot that moderates: the first of the guild's, where it has another one than ours.
    pub(crate) fn moderation_bot(&self) -> Option<UserId> {
        let has_one = self.guild.human_count + 1 < self.guild.places;
        has_one.then(|| self.user(self.guild.human_count))
    }

    /// A moderator, or the bot that moderates.
    pub(crate) fn enforcer(&mut self) -> UserId {
        match self.moderation_bot() {
            Some(bot) if self.rng.chance(BY_BOT) => bot,
            _ => self.moderator(),
        }
    }

    pub(crate) fn reason(&mut self) -> Option<Cow<'static, str>> {
        let reasons = reasons(self.guild.language);
        self.rng.chance(0.7).then(|| Cow::Borrowed(self.rng.pick(reasons)))
    }

    /// Whether the entry of an act is written before the act is told.
    pub(crate) fn entry_comes_first(&mut self) -> bool {
        self.rng.chance(AT_ONCE * ENTRY_FIRST)
    }

    /// Writes an audit entry: told at once if it comes first, else up to two seconds later.
    pub(crate) fn audit(&mut self, draft: Draft, comes_first: bool) -> &AuditEntry {
        let last = self.society.last_audit;
        self.society.last_audit = self.layout.id_after(last, self.at, self.guild.index);
        let delay_ms = match comes_first || self.rng.chance(AT_ONCE) {
            true => 0,
            false => self.rng.below(limits::AUDIT_TOLD_AFTER_MS_MAX + 1),
        };
        let is_named = !self.rng.chance(UNNAMED);
        let entry = AuditEntry {
            id: AuditId(self.society.last_audit),
            action_type: draft.action_type,
            actor: draft.by.filter(|_| is_named),
            target: draft.target,
            reason: draft.reason,
            options: draft.options,
            changes: draft.changes,
            told_at: UnixMs(self.at.0 + delay_ms as i64),
            by: draft.by,
        };
        self.tell_after(delay_ms, Happening::Audit(Arc::new(entry.clone())));
        self.society.audit.push(entry);
        let last = self.society.audit.len() - 1;
        &self.society.audit[last]
    }

    /// Writes an entry of a type that Discord merges: `false` where an older one takes it in, which tells nothing.
    pub(crate) fn audit_merged(&mut self, draft: Draft) -> (AuditId, bool) {
        let oldest = self.at.0 - limits::AUDIT_MERGED_WITHIN_MS;
        let mut lately =
            self.society.audit.iter_mut().rev().take_while(|entry| entry.id.time().0 >= oldest);
        let same = lately.find(|entry| {
            entry.action_type == draft.action_type
                && entry.by == draft.by
                && entry.target == draft.target
                && entry.options.channel == draft.options.channel
        });
        let Some(entry) = same else { return (self.audit(draft, false).id, true) };
        entry.options.count = entry.options.count.map(|count| count + 1);
        let id = entry.id;
        let mut acts = self.society.acts.iter_mut().rev();
        if let Some(act) = acts.find(|act| act.audit == Some(id)) {
            act.count += 1;
        }
        (id, false)
    }

    /// Writes an act down that an audit entry tells.
    pub(crate) fn act(&mut self, id: Option<AuditId>, act: Act) {
        let entry = id.and_then(|id| {
            let place = self.society.audit.binary_search_by_key(&id, |entry| entry.id).ok()?;
            self.society.audit.get(place)
        });
        let names_moderator = entry.is_some_and(|entry| entry.actor.is_some());
        let told_at = entry.map(|entry| entry.told_at);
        self.society.acts.push(Act { audit: id, names_moderator, told_at, ..act });
    }

    /// An act of this instant by somebody.
    pub(crate) fn act_of(&self, action: ModerationAction, moderator: Option<UserId>) -> Act {
        Act {
            at: self.at,
            action,
            target: None,
            moderator,
            reason: None,
            channel: None,
            count: 1,
            until: None,
            audit: None,
            names_moderator: false,
            told_at: None,
        }
    }
}
