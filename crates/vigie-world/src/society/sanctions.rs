//! What moderators and automatic moderation do to people.

use std::borrow::Cow;
use std::sync::Arc;

use vigie_core::vocabulary::{AuditId, DepartureKind, MessageId, ModerationAction, UnixMs, UserId};

use super::{Draft, Effect, Scene, Target};
use crate::event::Happening;
use crate::guild::Role;
use crate::limits;
use crate::members::NOBODY;
use crate::moderation::{AuditChange, AuditOptions, AuditValue, AutomodHit, action_type};
use crate::names::moderation::RULES;
use crate::people::{self, Member};

/// How long moderators time people out, in seconds: what the client offers.
const TIMEOUTS_S: [u32; 6] = [60, 300, 600, 3_600, 86_400, 604_800];
/// Share of the rule hits that also alert, and that also time out.
const ALERTS: f64 = 0.5;
const AUTOMATIC_TIMEOUTS: f64 = 0.2;
/// Days without a visit after which a prune removes members.
const PRUNE_DAYS: u32 = 30;

impl Scene<'_> {
    /// Somebody is banned, member or not.
    pub(super) fn ban(&mut self, who: Target, by: UserId, reason: Option<Cow<'static, str>>) {
        let mut draft = Draft::new(action_type::MEMBER_BAN_ADD, by, Some(who.user.0));
        draft.reason.clone_from(&reason);
        self.society.bans.insert(who.user, reason.clone());
        self.society.left.retain(|left| *left != who.user);
        let comes_first = self.entry_comes_first();
        let early = comes_first.then(|| self.audit_id(&mut draft, true));
        let was_member = self.is_member(who);
        let removed_first = was_member && self.rng.chance(0.3);
        if removed_first {
            self.depart(who, DepartureKind::Ban, 0);
        }
        self.tell(Happening::BanAdd(who.user));
        if was_member && !removed_first {
            self.depart(who, DepartureKind::Ban, 0);
        }
        let id = early.unwrap_or_else(|| self.audit_id(&mut draft, false));
        let mut act = self.act_of(ModerationAction::Ban, Some(by));
        (act.target, act.reason) = (Some(who.user), reason);
        self.act(Some(id), act);
    }

    pub(super) fn unban(&mut self, user: UserId) -> bool {
        if self.society.bans.remove(&user).is_none() {
            return false;
        }
        let by = self.moderator();
        let mut draft = Draft::new(action_type::MEMBER_BAN_REMOVE, by, Some(user.0));
        let comes_first = self.entry_comes_first();
        let early = comes_first.then(|| self.audit_id(&mut draft, true));
        self.tell(Happening::BanRemove(user));
        let id = early.unwrap_or_else(|| self.audit_id(&mut draft, false));
        let mut act = self.act_of(ModerationAction::Unban, Some(by));
        act.target = Some(user);
        self.act(Some(id), act);
        self.society.left.push(user);
        true
    }

    pub(super) fn kick(&mut self, who: Target) {
        let (by, reason) = (self.enforcer(), self.reason());
        let mut draft = Draft::new(action_type::MEMBER_KICK, by, Some(who.user.0));
        draft.reason.clone_from(&reason);
        let comes_first = self.entry_comes_first();
        let early = comes_first.then(|| self.audit_id(&mut draft, true));
        self.depart(who, DepartureKind::Kick, 0);
        let id = early.unwrap_or_else(|| self.audit_id(&mut draft, false));
        let mut act = self.act_of(ModerationAction::Kick, Some(by));
        (act.target, act.reason) = (Some(who.user), reason);
        self.act(Some(id), act);
    }

    /// These people are pruned.
    pub(super) fn prune(&mut self, who: &[Target]) {
        let (by, count) = (self.moderator(), who.len() as u32);
        let mut draft = Draft::new(action_type::MEMBER_PRUNE, by, None);
        draft.options.pruned = Some((PRUNE_DAYS, count));
        for target in who {
            let after_ms = self.rng.below(limits::PRUNE_TOLD_WITHIN_MS + 1);
            self.depart(*target, DepartureKind::Prune, after_ms);
        }
        let id = self.audit_id(&mut draft, false);
        let mut act = self.act_of(ModerationAction::Prune, Some(by));
        act.count = count;
        self.act(Some(id), act);
    }

    pub(super) fn time_out(&mut self, who: Target) {
        let (by, reason) = (self.enforcer(), self.reason());
        let mut until = UnixMs(self.at.0 + i64::from(self.rng.pick(&TIMEOUTS_S)) * 1_000);
        if self.is_past {
            // Nobody is timed out when the present begins.
            until.0 = until.0.min(self.population.start().0 - 1).max(self.at.0 + 1);
        }
        let mut draft = Draft::new(action_type::MEMBER_UPDATE, by, Some(who.user.0));
        draft.reason.clone_from(&reason);
        draft.changes = vec![self.until_change(self.running_timeout(who), Some(until))];
        let comes_first = self.entry_comes_first();
        let early = comes_first.then(|| self.audit_id(&mut draft, true));
        self.set_timeout(who, Some(until));
        let id = early.unwrap_or_else(|| self.audit_id(&mut draft, false));
        let mut act = self.act_of(ModerationAction::Timeout, Some(by));
        (act.target, act.reason, act.until) = (Some(who.user), reason, Some(until));
        self.act(Some(id), act);
    }

    /// Lifts a timeout that runs; `false` where none does.
    pub(super) fn lift_timeout(&mut self, who: Target) -> bool {
        let Some(until) = self.running_timeout(who) else { return false };
        let by = self.moderator();
        let mut draft = Draft::new(action_type::MEMBER_UPDATE, by, Some(who.user.0));
        draft.changes = vec![self.until_change(Some(until), None)];
        self.set_timeout(who, None);
        let id = self.audit_id(&mut draft, false);
        let mut act = self.act_of(ModerationAction::TimeoutRemoved, Some(by));
        act.target = Some(who.user);
        self.act(Some(id), act);
        true
    }

    /// Somebody whose timeout runs and who is there.
    pub(super) fn timed_out(&mut self) -> Option<Target> {
        let at = self.at;
        let running = self.society.timeouts.iter().filter(|(_, until)| until.0 > at.0 + 1_000);
        let running: Vec<UserId> = running.map(|(user, _)| *user).collect();
        let user = (!running.is_empty()).then(|| self.rng.pick(&running))?;
        Some(self.target(user)).filter(|target| self.is_member(*target))
    }

    /// A rule meets a message that somebody writes in a channel.
    pub(super) fn automod(&mut self, who: Target) {
        let talk = &self.guild.talk;
        let place = self.rng.below(talk.len() as u64) as usize;
        let channel = self.guild.channels[usize::from(talk[place].1)].id;
        let number = self.rng.below(RULES.len() as u64);
        let (name, trigger, keyword) = RULES[number as usize];
        let rule = self.layout.id(self.guild.created_at, self.guild.index) + 1 + number;
        let blocks = self.rng.chance(0.8);
        let alerts = !blocks || self.rng.chance(ALERTS);
        let times_out = matches!(trigger, 1 | 3) && self.rng.chance(AUTOMATIC_TIMEOUTS);
        let timeout_s = self.rng.pick(&TIMEOUTS_S[..3]);
        // Each action is told and audited apart.
        for (kind, audit_type, happens) in [
            (1, action_type::AUTOMOD_BLOCK, blocks),
            (2, action_type::AUTOMOD_FLAG, alerts),
            (3, action_type::AUTOMOD_TIMEOUT, times_out),
        ] {
            if !happens {
                continue;
            }
            let message = (!blocks).then(|| MessageId(self.layout.id(self.at, self.guild.index)));
            let hit = AutomodHit {
                member: who.user,
                rule,
                trigger,
                action_type: kind,
                channel,
                message,
                alert_channel: (kind == 2).then_some(channel),
                timeout_s: (kind == 3).then_some(timeout_s),
                keyword,
            };
            self.tell(Happening::Automod(Arc::new(hit)));
            let by = self.user(0);
            let mut draft = Draft::new(audit_type, by, Some(who.user.0));
            draft.options = AuditOptions {
                channel: Some(channel),
                rule: Some((name, trigger)),
                ..draft.options
            };
            let id = self.audit_id(&mut draft, false);
            let mut act = self.act_of(ModerationAction::Automod, Some(by));
            (act.target, act.channel) = (Some(who.user), Some(channel));
            self.act(Some(id), act);
        }
        if times_out {
            let until = UnixMs(self.at.0 + i64::from(timeout_s) * 1_000);
            self.set_timeout(who, Some(until));
            let mut act = self.act_of(ModerationAction::Timeout, None);
            (act.target, act.until) = (Some(who.user), Some(until));
            self.act(None, act);
        }
    }

    /// A moderator changes somebody's nickname; what it was and is now.
    pub(super) fn rename(&mut self, who: Target, old: Option<String>, new: Option<String>) {
        let by = self.moderator();
        let mut draft = Draft::new(action_type::MEMBER_UPDATE, by, Some(who.user.0));
        draft.changes = vec![text_change("nick", old, new)];
        let id = self.audit_id(&mut draft, false);
        let mut act = self.act_of(ModerationAction::Nick, Some(by));
        act.target = Some(who.user);
        self.act(Some(id), act);
    }

    /// Somebody changes their own nickname: an entry, but no act of moderation.
    pub(super) fn rename_self(&mut self, who: UserId, old: Option<String>, new: Option<String>) {
        let mut draft = Draft::new(action_type::MEMBER_UPDATE, who, Some(who.0));
        draft.changes = vec![text_change("nick", old, new)];
        self.audit(draft, false);
    }

    /// A moderator gives somebody a role that they do not have, or takes one that they have; `false` where there is none.
    pub(super) fn change_roles(&mut self, who: Target) -> bool {
        if who.index == NOBODY {
            return false;
        }
        let is_own =
            |role: &&Role| role.position > 0 && !role.is_managed() && role.permissions == 0;
        let roles: Vec<&Role> = self.guild.roles.iter().filter(is_own).collect();
        if roles.is_empty() {
            return false;
        }
        let role = self.rng.pick(&roles);
        let mut member = self.member(who.index);
        let has = member.roles.as_slice().contains(&role.id);
        // What somebody has when the present begins was given to them in the past.
        if !self.is_past {
            match has {
                true => member.roles.remove(role.id),
                false => member.roles.push(role.id),
            }
            if member.roles.as_slice().contains(&role.id) == has {
                return false;
            }
        }
        let by = self.moderator();
        let mut draft = Draft::new(action_type::MEMBER_ROLE_UPDATE, by, Some(who.user.0));
        let roles = Some(AuditValue::Roles(vec![(role.id, role.name.to_string())]));
        let key = if has == self.is_past { "$add" } else { "$remove" };
        draft.changes = vec![AuditChange { key, old: None, new: roles }];
        self.effects.push(Effect::Roles(who.index, member.roles));
        self.update(member);
        let id = self.audit_id(&mut draft, false);
        let mut act = self.act_of(ModerationAction::RoleUpdate, Some(by));
        act.target = Some(who.user);
        self.act(Some(id), act);
        true
    }

    /// A moderator mutes or deafens somebody in voice, or lets them speak or hear again.
    pub(super) fn silence(&mut self, who: UserId, mute: Option<bool>, deaf: Option<bool>) {
        let by = self.moderator();
        let mut draft = Draft::new(action_type::MEMBER_UPDATE, by, Some(who.0));
        let flags = [("deaf", deaf), ("mute", mute)];
        let changed = flags.into_iter().filter_map(|(key, new)| Some((key, new?)));
        draft.changes = changed
            .map(|(key, new)| AuditChange {
                key,
                old: Some(AuditValue::Flag(!new)),
                new: Some(AuditValue::Flag(new)),
            })
            .collect();
        let id = self.audit_id(&mut draft, false);
        let actions = [(ModerationAction::VoiceDeafen, deaf), (ModerationAction::VoiceMute, mute)];
        for (action, _) in actions.into_iter().filter(|(_, new)| new.is_some()) {
            let mut act = self.act_of(action, Some(by));
            act.target = Some(who);
            self.act(Some(id), act);
        }
    }

    /// An entry of a type that Discord merges, and its act where it is the first.
    pub(super) fn merged(&mut self, draft: Draft, action: ModerationAction) {
        let (by, channel) = (draft.by, draft.options.channel);
        let target = draft.target.map(UserId);
        let options = AuditOptions { count: Some(1), ..draft.options };
        let (id, is_first) = self.audit_merged(Draft { options, ..draft });
        if is_first {
            let mut act = self.act_of(action, by);
            (act.target, act.channel) = (target, channel);
            self.act(Some(id), act);
        }
    }

    /// Several people who may be pruned: who were never staff and are there.
    pub(super) fn inactive(&mut self, most: u64) -> Vec<Target> {
        let wanted = 3 + self.rng.below(most);
        let mut found: Vec<Target> = Vec::new();
        for _ in 0..wanted {
            let Some(target) = self.anybody() else { break };
            let is_regular = (0..people::regulars(self.guild).min(64))
                .any(|rank| people::regular_of_rank(self.guild, rank) == target.index);
            if !is_regular && !found.contains(&target) {
                found.push(target);
            }
        }
        found
    }

    fn audit_id(&mut self, draft: &mut Draft, comes_first: bool) -> AuditId {
        let empty = Draft::new(draft.action_type, UserId(0), None);
        self.audit(std::mem::replace(draft, empty), comes_first).id
    }

    fn running_timeout(&self, who: Target) -> Option<UnixMs> {
        self.society.timeouts.get(&who.user).copied().filter(|until| *until > self.at)
    }

    /// An end of a timeout as entries write it: in UTC most often.
    fn until_change(&mut self, old: Option<UnixMs>, new: Option<UnixMs>) -> AuditChange {
        let hours_east = u8::from(self.rng.chance(0.1));
        let value = |until: UnixMs| AuditValue::Time(until, hours_east);
        AuditChange {
            key: "communication_disabled_until",
            old: old.map(value),
            new: new.map(value),
        }
    }

    fn set_timeout(&mut self, who: Target, until: Option<UnixMs>) {
        match until {
            Some(until) => self.society.timeouts.insert(who.user, until),
            None => self.society.timeouts.remove(&who.user),
        };
        if who.index == NOBODY {
            return;
        }
        let mut member = self.member(who.index);
        member.timed_out_until = until;
        self.effects.push(Effect::TimedOut(who.index, until));
        self.update(member);
    }

    fn update(&mut self, member: Member) {
        self.tell(Happening::MemberUpdate(Arc::new(member)));
    }
}

fn text_change(key: &'static str, old: Option<String>, new: Option<String>) -> AuditChange {
    AuditChange { key, old: old.map(AuditValue::Text), new: new.map(AuditValue::Text) }
}
