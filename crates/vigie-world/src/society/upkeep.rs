//! What moderators do to messages, to people in voice, to nicknames, roles and emojis, and to the guild itself.

use std::borrow::Cow;
use std::sync::Arc;

use vigie_core::vocabulary::{ChannelId, EmojiId, MessageId, ModerationAction, UnixMs, UserId};

use super::present::pick;
use super::{Draft, Target};
use crate::event::{Author, Event, Happening, Message, VoiceState};
use crate::guild::{GuildEmoji, GuildPermission, Role, RoleId};
use crate::moderation::{AuditChange, AuditOptions, AuditValue, action_type};
use crate::names::emoji::CUSTOM;
use crate::names::moderation::passing_roles;
use crate::names::talk;
use crate::voice;
use crate::world::World;

/// Messages looked back for one to delete.
const LOOK_BACK: usize = 60;
/// Roles that come and go in one guild, and emojis, at most.
const PASSING_ROLES_MAX: usize = 3;
const EMOJIS_MAX: usize = 50;

impl World {
    /// A moderator deletes somebody's message, or a bot does, of which no audit entry tells.
    pub(super) fn delete_message(
        &mut self,
        index: usize,
        at: UnixMs,
        by_bot: bool,
        out: &mut Vec<Event>,
    ) -> bool {
        let guild = &self.guilds[index];
        let mut recent = self.present.recent_messages(index, LOOK_BACK);
        // Who deletes their own message leaves no entry, and neither does who deletes a webhook's here.
        recent
            .retain(|message| matches!(message.author, Author::Member(by) if guild.is_person(by)));
        let Some(message) = pick(&mut self.society_play.rng, &recent) else { return false };
        let Author::Member(author) = message.author else { return false };
        let author = self.population.user_id(guild, author);
        let bot = self.scene(index, at, out, |scene| scene.moderation_bot());
        if by_bot && bot.is_none() {
            return false;
        }
        self.present.delete(index, &[message.id]);
        out.push(self.record(index, at, Happening::MessageDelete(message)));
        self.scene(index, at, out, |scene| {
            let channel = Some(message.channel);
            if by_bot {
                let mut act = scene.act_of(ModerationAction::MessageDelete, bot);
                (act.target, act.channel) = (Some(author), channel);
                return scene.act(None, act);
            }
            let by = scene.moderator();
            if by == author {
                return;
            }
            let mut draft = Draft::new(action_type::MESSAGE_DELETE, by, Some(author.0));
            draft.options.channel = channel;
            scene.merged(draft, ModerationAction::MessageDelete);
        });
        true
    }

    /// A moderator deletes the newest messages of a channel at once.
    pub(super) fn delete_messages(
        &mut self,
        index: usize,
        at: UnixMs,
        out: &mut Vec<Event>,
    ) -> bool {
        let recent = self.present.recent_messages(index, LOOK_BACK);
        let Some(first) = pick(&mut self.society_play.rng, &recent) else { return false };
        let wanted = 2 + self.society_play.rng.below(28) as usize;
        let here = |message: &&Message| message.channel == first.channel;
        let gone: Vec<Message> = recent.iter().filter(here).take(wanted).copied().collect();
        let ids: Arc<[MessageId]> = gone.iter().map(|message| message.id).collect();
        // Discord takes two at least.
        if ids.len() < 2 {
            return false;
        }
        self.present.delete(index, &ids);
        let count = ids.len() as u32;
        let channel = first.channel;
        self.truth_of_deleted(index, at, &gone);
        out.push(self.record(index, at, Happening::MessageDeleteBulk(channel, ids)));
        self.scene(index, at, out, |scene| {
            let by = scene.enforcer();
            let mut draft = Draft::new(action_type::MESSAGE_BULK_DELETE, by, Some(channel.0));
            draft.options = AuditOptions { count: Some(count), ..draft.options };
            let id = scene.audit(draft, false).id;
            let mut act = scene.act_of(ModerationAction::MessageDeleteBulk, Some(by));
            (act.channel, act.count) = (Some(channel), count);
            scene.act(Some(id), act);
        });
        true
    }

    /// Somebody in voice who may be moved or thrown out.
    fn seated(&mut self, index: usize) -> Option<VoiceState> {
        let guild = &self.guilds[index];
        let states: Vec<VoiceState> = self.voice_states(guild).to_vec();
        let people: Vec<VoiceState> =
            states.into_iter().filter(|state| guild.is_person(state.member)).collect();
        pick(&mut self.society_play.rng, &people)
    }

    /// A moderator moves somebody to another voice channel.
    pub(super) fn move_voice(&mut self, index: usize, at: UnixMs, out: &mut Vec<Event>) -> bool {
        let Some(state) = self.seated(index) else { return false };
        let guild = &self.guilds[index];
        let room = voice::room(guild, state.channel, &mut self.society_play.rng);
        let Some(room) = room else { return false };
        let moved = voice::moved(guild, state, room);
        self.present.reseat(index, moved);
        out.push(self.record(index, at, Happening::VoiceState(moved)));
        self.note_voice(index, at, Some(room), out);
        true
    }

    /// A moderator disconnects somebody from voice.
    pub(super) fn throw_out(&mut self, index: usize, at: UnixMs, out: &mut Vec<Event>) -> bool {
        let Some(state) = self.seated(index) else { return false };
        let gone = voice::left(state);
        self.present.reseat(index, gone);
        out.push(self.record(index, at, Happening::VoiceState(gone)));
        self.note_voice(index, at, None, out);
        true
    }

    /// Writes down that a moderator moved somebody to a room, or disconnected them.
    pub(crate) fn note_voice(
        &mut self,
        index: usize,
        at: UnixMs,
        room: Option<ChannelId>,
        out: &mut Vec<Event>,
    ) {
        self.scene(index, at, out, |scene| {
            let (number, action) = match room {
                Some(_) => (action_type::MEMBER_MOVE, ModerationAction::VoiceMove),
                None => (action_type::MEMBER_DISCONNECT, ModerationAction::VoiceDisconnect),
            };
            let by = scene.moderator();
            let mut draft = Draft::new(number, by, None);
            draft.options.channel = room;
            scene.merged(draft, action);
        });
    }

    /// A moderator changes somebody's nickname.
    pub(super) fn rename_somebody(
        &mut self,
        index: usize,
        at: UnixMs,
        out: &mut Vec<Event>,
    ) -> bool {
        let somebody =
            self.scene(index, at, out, |scene| scene.anybody().filter(|who| who.index != 0));
        let Some(Target { user, index: member }) = somebody else { return false };
        let guild = &mut self.guilds[index];
        let old = self.population.member(guild, member).nick;
        if guild.roster.change_nick(member, &mut self.society_play.rng) != member {
            return false;
        }
        let member = self.population.member(&self.guilds[index], member);
        if member.nick == old {
            return false;
        }
        let new = member.nick.clone();
        out.push(self.record(index, at, Happening::MemberUpdate(Arc::new(member))));
        let who = Target { user, index: 0 };
        self.scene(index, at, out, |scene| scene.rename(who, old, new));
        true
    }

    /// A role is made, changed or deleted.
    pub(super) fn change_guild_roles(
        &mut self,
        index: usize,
        at: UnixMs,
        out: &mut Vec<Event>,
    ) -> bool {
        let guild = &mut self.guilds[index];
        let founding = usize::from(guild.founding_roles);
        let passing = guild.roles.len() - founding;
        let rng = &mut self.society_play.rng;
        let makes = passing == 0 || (passing < PASSING_ROLES_MAX && rng.chance(0.4));
        let (number, target, what, change) = if makes {
            let names = passing_roles(guild.language);
            let is_new =
                |(name, _): &&(&str, u32)| guild.roles.iter().all(|role| role.name != *name);
            let Some((name, color)) = names.iter().find(is_new) else { return false };
            let role = Role {
                id: RoleId(self.layout.id(at, guild.index)),
                name: Cow::Borrowed(name),
                color: *color,
                position: guild.roles.len() as i32,
                permissions: 0,
                bot: None,
                is_booster: false,
            };
            guild.roles.push(role.clone());
            let change = text_change("name", None, Some((*name).to_owned()));
            (action_type::ROLE_CREATE, role.id, Happening::RoleCreate(Arc::new(role)), change)
        } else {
            let place = founding + rng.below(passing as u64) as usize;
            if rng.chance(0.4) {
                let role = guild.roles.remove(place);
                let change = text_change("name", Some(role.name.to_string()), None);
                (action_type::ROLE_DELETE, role.id, Happening::RoleDelete(role.id), change)
            } else {
                let role = &mut guild.roles[place];
                let old = role.name.to_string();
                role.name = Cow::Owned(format!("{} {}", old.trim_end_matches(" ★"), "★"));
                role.color ^= 0x0f_0f0f;
                let change = text_change("name", Some(old), Some(role.name.to_string()));
                let role = role.clone();
                (action_type::ROLE_UPDATE, role.id, Happening::RoleUpdate(Arc::new(role)), change)
            }
        };
        out.push(self.record(index, at, what));
        self.note_change(index, at, (number, target.0, change), out);
        true
    }

    /// An emoji is added.
    pub(super) fn add_emoji(&mut self, index: usize, at: UnixMs, out: &mut Vec<Event>) -> bool {
        let guild = &mut self.guilds[index];
        let is_new = |(name, _): &&(&str, bool)| guild.emojis.iter().all(|own| own.name != *name);
        let unused = CUSTOM.iter().find(is_new).filter(|_| guild.emojis.len() < EMOJIS_MAX);
        let Some((name, animated)) = unused else { return false };
        let id = EmojiId(self.layout.id(at, guild.index));
        guild.emojis.push(GuildEmoji { id, name, animated: *animated });
        let all: Arc<[GuildEmoji]> = guild.emojis.as_slice().into();
        out.push(self.record(index, at, Happening::EmojisUpdate(all)));
        let change = text_change("name", None, Some((*name).to_owned()));
        self.note_change(index, at, (action_type::EMOJI_CREATE, id.0, change), out);
        true
    }

    /// The guild gets another description, or another name where it has none.
    pub(super) fn change_guild(&mut self, index: usize, at: UnixMs, out: &mut Vec<Event>) -> bool {
        let guild = &mut self.guilds[index];
        let change = if guild.features().contains(&"COMMUNITY") {
            let words = talk::another_topic(guild.language, &mut self.society_play.rng);
            let old = guild.description.replace(Cow::Borrowed(words));
            text_change("description", old.map(Cow::into_owned), Some(words.to_owned()))
        } else {
            let old = guild.name.clone();
            guild.name = match old.strip_suffix(" ★") {
                Some(plain) => plain.to_owned(),
                None => format!("{old} ★"),
            };
            text_change("name", Some(old), Some(guild.name.clone()))
        };
        let id = guild.id.0;
        out.push(self.record(index, at, Happening::GuildUpdate));
        self.note_change(index, at, (action_type::GUILD_UPDATE, id, change), out);
        true
    }

    /// An entry of a change to the guild, which is no moderation.
    fn note_change(
        &mut self,
        index: usize,
        at: UnixMs,
        (number, target, change): (u16, u64, AuditChange),
        out: &mut Vec<Event>,
    ) {
        self.scene(index, at, out, |scene| {
            let by = scene.user(0);
            let mut draft = Draft::new(number, by, Some(target));
            draft.changes = vec![change];
            scene.audit(draft, false);
        });
    }

    /// Somebody changed their own nickname.
    pub(crate) fn note_own_nick(
        &mut self,
        index: usize,
        at: UnixMs,
        (who, old, new): (UserId, Option<String>, Option<String>),
        out: &mut Vec<Event>,
    ) {
        if old != new {
            self.scene(index, at, out, |scene| scene.rename_self(who, old, new));
        }
    }

    /// A moderator muted or deafened somebody in voice.
    pub(crate) fn note_silenced(
        &mut self,
        index: usize,
        at: UnixMs,
        (member, mute, deaf): (u32, Option<bool>, Option<bool>),
        out: &mut Vec<Event>,
    ) {
        self.scene(index, at, out, |scene| {
            let who = scene.user(member);
            scene.silence(who, mute, deaf);
        });
    }

    /// Gives our bot a permission that holds for a whole guild, or takes it away, a millisecond from now; appends what
    /// Discord tells: GUILD_ROLE_UPDATE of our bot's role. `false` where nothing changes.
    pub fn set_guild_permission(
        &mut self,
        guild: vigie_core::vocabulary::GuildId,
        permission: GuildPermission,
        granted: bool,
        out: &mut Vec<Event>,
    ) -> bool {
        let Some(index) = self.guild(guild).map(|guild| guild.index as usize) else { return false };
        let ours = self.application.id;
        let guild = &mut self.guilds[index];
        let place = match permission {
            GuildPermission::ViewAuditLog => &mut guild.permissions.view_audit_log,
            GuildPermission::ManageGuild => &mut guild.permissions.manage_guild,
            GuildPermission::ManageChannels => &mut guild.permissions.manage_channels,
            GuildPermission::BanMembers => &mut guild.permissions.ban_members,
        };
        if std::mem::replace(place, granted) == granted {
            return false;
        }
        let all = crate::guild::GuildPermissions::ALL.bits();
        let bits = guild.permissions.bits();
        let role = guild.roles.iter_mut().find(|role| role.bot == Some(ours));
        if let Some(role) = role {
            role.permissions = role.permissions & !all | bits;
            let role = Arc::new(role.clone());
            let at = UnixMs(self.clock().0 + 1);
            out.push(self.record(index, at, Happening::RoleUpdate(role)));
        }
        true
    }
}

fn text_change(key: &'static str, old: Option<String>, new: Option<String>) -> AuditChange {
    AuditChange { key, old: old.map(AuditValue::Text), new: new.map(AuditValue::Text) }
}
