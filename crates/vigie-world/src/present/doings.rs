//! What is done to the world from outside: permissions taken and given, people thrown out of voice.

use vigie_core::vocabulary::{ChannelId, GuildId, UnixMs, UserId};

use crate::event::{Event, Happening, VoiceState};
use crate::guild::{Access, Permission};
use crate::voice;
use crate::world::World;

impl World {
    /// Gives our bot a permission in a channel, or takes it away, a millisecond from now; appends what Discord tells about it. `false` where
    /// nothing changes: an unknown channel, a thread (which follows its channel), a permission that is as wanted.
    pub fn set_permission(
        &mut self,
        channel: ChannelId,
        permission: Permission,
        granted: bool,
        out: &mut Vec<Event>,
    ) -> bool {
        let Some(index) = self.guild_of(channel.0).map(|guild| guild.index as usize) else {
            return false;
        };
        let found = self.guilds[index].channel_mut(channel);
        let Some(found) = found.filter(|channel| channel.thread.is_none()) else { return false };
        let Access { view_channel, read_message_history } = &mut found.access;
        let place = match permission {
            Permission::ViewChannel => view_channel,
            Permission::ReadMessageHistory => read_message_history,
        };
        if std::mem::replace(place, granted) == granted {
            return false;
        }
        let now = UnixMs(self.clock().0 + 1);
        out.push(self.record(index, now, Happening::ChannelUpdate(channel)));
        if permission == Permission::ViewChannel && granted {
            out.push(self.record(index, now, Happening::ThreadsShown(channel)));
        }
        true
    }

    /// A moderator throws a member out of voice, or everybody in a guild, a millisecond from now; appends the events. Gives how many left.
    pub fn disconnect_voice(
        &mut self,
        guild: GuildId,
        member: Option<UserId>,
        out: &mut Vec<Event>,
    ) -> usize {
        let Some(guild) = self.guild(guild) else { return 0 };
        let index = guild.index as usize;
        let only = member.map(|member| self.member_index(guild, member));
        let is_meant = |state: &VoiceState| only.is_none_or(|only| only == Some(state.member));
        let gone: Vec<VoiceState> =
            self.voice_states(guild).iter().copied().filter(is_meant).collect();
        let now = UnixMs(self.clock().0 + 1);
        self.present.guilds[index].voice.retain(|state| !is_meant(state));
        for state in &gone {
            out.push(self.record(index, now, Happening::VoiceState(voice::left(*state))));
            self.note_voice(index, now, None, out);
        }
        gone.len()
    }

    /// Whether our bot is told of an event: not where it may not view the channel, and not without the permission that the
    /// audit log, bans, invites or automatic moderation need. Voice is told wherever it is: Discord shows who is in a voice
    /// channel to those who do not see the channel, too.
    pub fn is_told(&self, event: &Event) -> bool {
        let Some(guild) = self.guild(event.guild) else { return false };
        let may = guild.permissions;
        match &event.what {
            Happening::Audit(_) => may.view_audit_log,
            Happening::BanAdd(_) | Happening::BanRemove(_) => may.view_audit_log || may.ban_members,
            Happening::InviteCreate(_) | Happening::InviteDelete(..) => may.manage_channels,
            Happening::Automod(_) => may.manage_guild,
            what => {
                let channel = what.channel().and_then(|channel| guild.channel(channel));
                channel.is_none_or(|channel| guild.access(channel).view_channel)
            }
        }
    }
}
