//! People come and go and moderators act in the present.

use std::sync::Arc;

use vigie_core::vocabulary::{DepartureKind, GuildId, UnixMs, UserId};

use super::comings::{STANDING, Terms};
use super::errands::BUSIEST;
use super::{Deed, Due, Effect, Raid, Scene, Target};
use crate::calendar::HOUR_MS;
use crate::event::{Event, Happening};
use crate::limits;
use crate::members::{JOINED_BOTS_FROM, JOINERS_FROM, Way};
use crate::moderation::action_type;
use crate::names::communities::BOTS;
use crate::names::moderation::raid_reason;
use crate::rng::Rng;
use crate::voice;
use crate::world::World;

impl World {
    /// Does something in a guild, a millisecond from now; appends what Discord tells at once. What it tells later, and what
    /// follows from it, comes with [`World::play_until`], in silence too. `false` where it cannot be done: nobody is there to
    /// whom it could happen, the guild is unknown, or too much was done there already.
    pub fn cause(&mut self, guild: GuildId, deed: Deed, out: &mut Vec<Event>) -> bool {
        let Some(index) = self.guild(guild).map(|guild| guild.index as usize) else { return false };
        let at = UnixMs(self.clock().0 + 1);
        let done = self.perform(index, at, deed, out);
        self.present.advance(at);
        done
    }

    /// Something happens by itself.
    pub(crate) fn play_society(&mut self, at: UnixMs, out: &mut Vec<Event>) {
        let (index, deed) = self.society_play.draw();
        self.society_play.wait();
        let guild = &self.guilds[index];
        if !self.society_play.is_steady {
            let weight = self.rhythms.weight(guild.community, &guild.time_zone, at);
            if !self.society_play.rng.chance(weight / BUSIEST) {
                return;
            }
        }
        let is_small = guild.human_count < 100;
        if is_small && matches!(deed, Deed::Raid(_) | Deed::Prune | Deed::AddBot) {
            return;
        }
        self.perform(index, at, deed, out);
    }

    /// What was due.
    pub(crate) fn run_society_errand(&mut self, at: UnixMs, out: &mut Vec<Event>) {
        match self.society_play.take_due() {
            Some((guild, Due::Tell(what))) => out.push(self.record(guild as usize, at, what)),
            Some((guild, Due::Do(deed))) => {
                self.perform(guild as usize, at, deed, out);
            }
            None => {}
        }
    }

    fn perform(&mut self, index: usize, at: UnixMs, deed: Deed, out: &mut Vec<Event>) -> bool {
        if self.society(&self.guilds[index]).is_full() {
            return false;
        }
        match deed {
            Deed::DeleteMessage => self.delete_message(index, at, false, out),
            Deed::BotDeletesMessage => self.delete_message(index, at, true, out),
            Deed::DeleteMessages => self.delete_messages(index, at, out),
            Deed::MoveVoice => self.move_voice(index, at, out),
            Deed::DisconnectVoice => self.throw_out(index, at, out),
            Deed::Nick => self.rename_somebody(index, at, out),
            Deed::ChangeRoles => self.change_guild_roles(index, at, out),
            Deed::ChangeEmojis => self.add_emoji(index, at, out),
            Deed::ChangeGuild => self.change_guild(index, at, out),
            Deed::Rush { joins, codes } => self.rush(index, at, joins, codes),
            Deed::Raid(raid) => self.raid(index, at, raid, out),
            Deed::AddBot => self.add_bot(index, at, out),
            deed => {
                let mut leaves_soon = None;
                let done =
                    self.scene(index, at, out, |scene| scene.perform(&deed, &mut leaves_soon));
                if let Some((user, after_ms)) = leaves_soon {
                    self.arrange_deed(index, UnixMs(at.0 + after_ms), Deed::Leave(Some(user)));
                }
                done
            }
        }
    }

    /// Lets a scene happen, and hands out what is told now.
    pub(super) fn scene<T>(
        &mut self,
        index: usize,
        at: UnixMs,
        out: &mut Vec<Event>,
        act: impl FnOnce(&mut Scene<'_>) -> T,
    ) -> T {
        let mut society = match self.guilds[index].society.take() {
            Some(society) => society,
            None => Box::new(self.past(&self.guilds[index]).society.clone()),
        };
        let (mut told, mut effects) = (Vec::new(), Vec::new());
        let done = act(&mut Scene {
            layout: &self.layout,
            population: &self.population,
            guild: &self.guilds[index],
            society: &mut society,
            rng: &mut self.society_play.rng,
            at,
            is_past: false,
            told: &mut told,
            effects: &mut effects,
        });
        self.guilds[index].society = Some(society);
        for effect in effects {
            self.take_effect(index, at, effect, out);
        }
        for (due, what) in told {
            let later = if due > at {
                self.society_play.arrange(due, index, Due::Tell(what))
            } else {
                Err(Due::Tell(what))
            };
            if let Err(Due::Tell(what)) = later {
                out.push(self.record(index, at, what));
            }
        }
        done
    }

    fn take_effect(&mut self, index: usize, at: UnixMs, effect: Effect, out: &mut Vec<Event>) {
        let guild = &mut self.guilds[index];
        match effect {
            Effect::Arrived { user, index, joined_at, rejoined } => {
                guild.roster.arrive(user, index, joined_at, rejoined);
                guild.member_count += 1;
            }
            Effect::Gone(member) => {
                guild.roster.leave(member);
                guild.member_count -= 1;
                if let Some(state) = self.present.forget_member(index, member) {
                    let left = Happening::VoiceState(voice::left(state));
                    out.push(self.record(index, at, left));
                }
            }
            Effect::Roles(member, roles) => guild.roster.standing_mut(member).roles = Some(roles),
            Effect::TimedOut(member, until) => {
                guild.roster.standing_mut(member).timed_out_until = until;
            }
        }
    }

    fn arrange_deed(&mut self, index: usize, at: UnixMs, deed: Deed) {
        // Where there is no room it is not done.
        let _ = self.society_play.arrange(at, index, Due::Do(deed));
    }

    /// Several people join within a second, by some of the invites.
    fn rush(&mut self, index: usize, at: UnixMs, joins: u32, codes: u32) -> bool {
        let joins = joins.clamp(1, limits::RAID_MEMBERS_MAX);
        let guild = &self.guilds[index];
        let open = self.society(guild).invites.iter().filter(|invite| invite.is_open(at));
        let has_room = |invite: &&crate::invites::Invite| invite.max_uses == 0;
        let open: Vec<Arc<str>> = open
            .filter(has_room)
            .take(codes.max(1) as usize)
            .map(|invite| Arc::clone(&invite.code))
            .collect();
        if open.is_empty() {
            return false;
        }
        for _ in 0..joins {
            let after_ms = 1 + self.society_play.rng.below(999) as i64;
            let code = Arc::clone(&open[self.society_play.rng.below(open.len() as u64) as usize]);
            self.arrange_deed(index, UnixMs(at.0 + after_ms), Deed::Join(Some(code)));
        }
        true
    }

    /// Strangers pour in by one invite and are banned: when all have come, one after the other.
    fn raid(&mut self, index: usize, at: UnixMs, raid: Raid, out: &mut Vec<Event>) -> bool {
        let members = raid.members.clamp(1, limits::RAID_MEMBERS_MAX);
        let (code, by) = self.scene(index, at, out, |scene| {
            let code = match scene.way() {
                Way::Invite(code) if scene.invite(&code).is_some_and(|one| one.max_uses == 0) => {
                    code
                }
                _ => scene.standing_invite(),
            };
            (code, scene.enforcer())
        });
        let joins_within = i64::from(raid.joins_within_ms.max(1));
        let bans_from = i64::from(raid.bans_after_ms).max(joins_within + 2_000);
        let bans_within = i64::from(raid.bans_within_ms.max(1));
        let why = raid_reason(self.guilds[index].language);
        for place in 0..i64::from(members) {
            let user = self.scene(index, at, out, |scene| {
                let age = scene.rng.unit() * 9.0;
                scene.account(age)
            });
            let joins = at.0 + 1 + self.society_play.rng.below(joins_within as u64) as i64;
            let bans = at.0 + bans_from + place * bans_within / i64::from(members);
            let code = Arc::clone(&code);
            self.arrange_deed(index, UnixMs(joins), Deed::JoinAs { user, code });
            self.arrange_deed(index, UnixMs(bans), Deed::BanAs { user, by, reason: why });
        }
        true
    }

    fn add_bot(&mut self, index: usize, at: UnixMs, out: &mut Vec<Event>) -> bool {
        let guild = &self.guilds[index];
        let others = BOTS.len() as u64 - 1;
        let number = 1 + self.society_play.rng.below(others);
        let user = self.population.numbered(number);
        if self.population.index(guild, user).is_some() {
            return false;
        }
        let who = Target { user, index: JOINED_BOTS_FROM + number as u32 };
        self.scene(index, at, out, |scene| {
            let by = scene.moderator();
            scene.arrive(who, Way::BotAdded, false);
            scene.audit(super::Draft::new(action_type::BOT_ADD, by, Some(user.0)), false);
        });
        true
    }
}

impl Scene<'_> {
    /// Does what needs no more than the members, the invites and the audit log.
    fn perform(&mut self, deed: &Deed, leaves_soon: &mut Option<(UserId, i64)>) -> bool {
        match deed {
            Deed::Join(code) => {
                let way = match code {
                    Some(code) => match self.invite(code).filter(|one| one.is_open(self.at)) {
                        Some(_) => Way::Invite(Arc::clone(code)),
                        None => return false,
                    },
                    None => self.way(),
                };
                self.join(way, leaves_soon)
            }
            Deed::JoinByVanity if self.society.vanity.is_none() => false,
            Deed::JoinByVanity => self.join(Way::Vanity, leaves_soon),
            Deed::JoinByDiscovery => self.join(Way::Discovery, leaves_soon),
            Deed::JoinAs { user, code } => self.join_as(*user, Way::Invite(Arc::clone(code))),
            Deed::Rejoin => self.rejoin(),
            Deed::RepeatJoin => self.on_somebody(None, |scene, who| {
                let member = scene.member(who.index);
                scene.tell(Happening::MemberAdd(Arc::new(member)));
                true
            }),
            Deed::Leave(user) => self.on_somebody(*user, |scene, who| {
                scene.depart(who, DepartureKind::Leave, 0);
                true
            }),
            Deed::CreateInvite { max_age_s, max_uses, temporary } => {
                let (max_age_s, max_uses, temporary) = (*max_age_s, *max_uses, *temporary);
                self.make_invite(Terms { max_age_s, max_uses, temporary })
            }
            Deed::CreateAnyInvite => {
                let terms = self.terms();
                self.make_invite(terms)
            }
            Deed::DeleteInvite(code) => self.delete_invite(code.as_deref()),
            deed => self.sanction(deed),
        }
    }

    /// Does what moderators do to people.
    fn sanction(&mut self, deed: &Deed) -> bool {
        match deed {
            Deed::Kick(user) => self.on_somebody(*user, |scene, who| {
                scene.kick(who);
                true
            }),
            Deed::Ban(user) => self.on_somebody(*user, |scene, who| {
                let (by, reason) = (scene.enforcer(), scene.reason());
                scene.ban(who, by, reason);
                true
            }),
            Deed::BanAs { user, by, reason } => {
                let who = self.target(*user);
                let bans = self.is_member(who);
                if bans {
                    self.ban(who, *by, Some((*reason).into()));
                }
                bans
            }
            Deed::BanStranger => self.ban_stranger(),
            Deed::Unban(user) => {
                let banned: Vec<UserId> = self.society.bans.keys().copied().collect();
                let user = user.or_else(|| (!banned.is_empty()).then(|| self.rng.pick(&banned)));
                user.is_some_and(|user| self.unban(user))
            }
            Deed::Timeout(user) => self.on_somebody(*user, |scene, who| {
                scene.time_out(who);
                true
            }),
            Deed::LiftTimeout(user) => {
                let who = user.map(|user| self.target(user)).or_else(|| self.timed_out());
                who.is_some_and(|who| self.is_member(who) && self.lift_timeout(who))
            }
            Deed::Prune => {
                let who = self.inactive(24);
                if !who.is_empty() {
                    self.prune(&who);
                }
                !who.is_empty()
            }
            Deed::Roles => self.on_somebody(None, Scene::change_roles),
            Deed::Automod => self.on_somebody(None, |scene, who| {
                scene.automod(who);
                true
            }),
            // The world itself does the rest.
            _ => false,
        }
    }

    /// Something happens to somebody who is there: the one named, or anybody.
    fn on_somebody(
        &mut self,
        user: Option<UserId>,
        act: impl FnOnce(&mut Self, Target) -> bool,
    ) -> bool {
        let who = match user {
            Some(user) => Some(self.target(user)),
            None => self.anybody(),
        };
        let ours = self.guild.own_index();
        let can_be = |who: &Target| self.is_member(*who) && who.index != 0 && who.index != ours;
        match who.filter(can_be) {
            Some(who) => act(self, who),
            None => false,
        }
    }

    fn join(&mut self, way: Way, leaves_soon: &mut Option<(UserId, i64)>) -> bool {
        let Some(index) = self.guild.roster.next_joiner() else { return false };
        let age = self.usual_age();
        let user = self.account(age);
        let temporary = self.arrive(Target { user, index }, way, false);
        if temporary {
            // They go offline within some hours.
            *leaves_soon = Some((user, HOUR_MS / 4 + self.rng.below(4 * HOUR_MS as u64) as i64));
        }
        true
    }

    fn join_as(&mut self, user: UserId, way: Way) -> bool {
        let Some(index) = self.guild.roster.next_joiner() else { return false };
        let is_closed = match &way {
            Way::Invite(code) => self.invite(code).is_none_or(|invite| !invite.is_open(self.at)),
            _ => false,
        };
        if is_closed {
            return false;
        }
        self.arrive(Target { user, index }, way, false);
        true
    }

    fn rejoin(&mut self) -> bool {
        let left: Vec<UserId> = {
            let gone = self.society.left.iter().rev().take(200).copied();
            gone.filter(|user| !self.society.bans.contains_key(user)).collect()
        };
        if left.is_empty() {
            return false;
        }
        let user = self.rng.pick(&left);
        let known = self.population.index(self.guild, user);
        if known.is_some_and(|index| self.guild.is_member(index)) {
            return false;
        }
        let Some(index) = known.or_else(|| self.guild.roster.next_joiner()) else { return false };
        debug_assert!(index >= JOINERS_FROM || index < self.guild.places);
        let way = self.way();
        self.arrive(Target { user, index }, way, true);
        true
    }

    fn ban_stranger(&mut self) -> bool {
        let age = self.usual_age();
        let left = self.society.left.last().copied().filter(|_| self.rng.chance(0.6));
        let user = left.unwrap_or_else(|| self.account(age));
        let who = self.target(user);
        if self.is_member(who) || self.society.bans.contains_key(&user) {
            return false;
        }
        let (by, reason) = (self.moderator(), self.reason());
        self.ban(who, by, reason);
        true
    }

    fn make_invite(&mut self, terms: Terms) -> bool {
        let at = self.at;
        let open = self.society.invites.iter().filter(|invite| invite.is_open(at)).count();
        if open >= limits::INVITES_MAX {
            return false;
        }
        self.create_invite(None, terms);
        true
    }

    /// The code of an invite without end; a new one where there is none.
    fn standing_invite(&mut self) -> Arc<str> {
        let at = self.at;
        let endless = |invite: &&crate::invites::Invite| invite.is_open(at) && invite.max_uses == 0;
        let found = self.society.invites.iter().find(endless).map(|one| Arc::clone(&one.code));
        found.unwrap_or_else(|| self.create_invite(None, STANDING))
    }
}

/// One of the items, by its place; `None` of none.
pub(super) fn pick<T: Copy>(rng: &mut Rng, items: &[T]) -> Option<T> {
    (!items.is_empty()).then(|| rng.pick(items))
}
