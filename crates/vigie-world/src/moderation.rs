//! Moderation: what was truly done, and the audit log that tells of it.

use std::borrow::Cow;

use vigie_core::vocabulary::{
    AuditId, ChannelId, GuildId, MessageId, ModerationAction, UnixMs, UserId,
};

use crate::guild::RoleId;
use crate::limits;
use crate::world::World;

/// Discord's numbers of audit entries. Source: Discord, "Audit Logs Resource", Audit Log Events.
pub(crate) mod action_type {
    pub(crate) const GUILD_UPDATE: u16 = 1;
    pub(crate) const MEMBER_KICK: u16 = 20;
    pub(crate) const MEMBER_PRUNE: u16 = 21;
    pub(crate) const MEMBER_BAN_ADD: u16 = 22;
    pub(crate) const MEMBER_BAN_REMOVE: u16 = 23;
    pub(crate) const MEMBER_UPDATE: u16 = 24;
    pub(crate) const MEMBER_ROLE_UPDATE: u16 = 25;
    pub(crate) const MEMBER_MOVE: u16 = 26;
    pub(crate) const MEMBER_DISCONNECT: u16 = 27;
    pub(crate) const BOT_ADD: u16 = 28;
    pub(crate) const ROLE_CREATE: u16 = 30;
    pub(crate) const ROLE_UPDATE: u16 = 31;
    pub(crate) const ROLE_DELETE: u16 = 32;
    pub(crate) const INVITE_CREATE: u16 = 40;
    pub(crate) const INVITE_DELETE: u16 = 42;
    pub(crate) const EMOJI_CREATE: u16 = 60;
    pub(crate) const MESSAGE_DELETE: u16 = 72;
    pub(crate) const MESSAGE_BULK_DELETE: u16 = 73;
    pub(crate) const AUTOMOD_BLOCK: u16 = 143;
    pub(crate) const AUTOMOD_FLAG: u16 = 144;
    pub(crate) const AUTOMOD_TIMEOUT: u16 = 145;
}

/// An act of moderation, as it truly was. Entries that Discord merges are one act, whose count grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: UnixMs,
    /// What.
    pub action: ModerationAction,
    /// To whom; `None` for acts without a target (prune, voice move and disconnect, bulk deletion).
    pub target: Option<UserId>,
    /// By whom: a moderator, a bot, or `None` for automatic moderation's own doing.
    pub moderator: Option<UserId>,
    /// Why, as the moderator wrote it.
    pub reason: Option<Cow<'static, str>>,
    /// Where.
    pub channel: Option<ChannelId>,
    /// How many messages or members.
    pub count: u32,
    /// When a timeout ends.
    pub until: Option<UnixMs>,
    /// The audit entry that tells it; `None` where Discord writes none (what bots delete one by one, timeouts by automatic
    /// moderation beside its own entry).
    pub audit: Option<AuditId>,
    /// Whether that entry names the moderator.
    pub names_moderator: bool,
    /// From when on the audit log holds the entry: up to [`limits::AUDIT_TOLD_AFTER_MS_MAX`] after the act.
    pub told_at: Option<UnixMs>,
}

/// An entry of a guild's audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id: the snowflake of the act.
    pub id: AuditId,
    /// Discord's number of what was done.
    pub action_type: u16,
    /// `user_id`: who did it, where Discord says.
    pub actor: Option<UserId>,
    /// `target_id`.
    pub target: Option<u64>,
    /// `reason`.
    pub reason: Option<Cow<'static, str>>,
    /// `options`.
    pub options: AuditOptions,
    /// `changes`.
    pub changes: Vec<AuditChange>,
    /// When it was written: pushed then, and found over REST from then on.
    pub told_at: UnixMs,
    /// Who did it, told or not.
    pub(crate) by: Option<UserId>,
}

/// The options of an audit entry, where they are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditOptions {
    /// `channel_id`.
    pub channel: Option<ChannelId>,
    /// `count`.
    pub count: Option<u32>,
    /// `delete_member_days` and `members_removed`.
    pub pruned: Option<(u32, u32)>,
    /// `auto_moderation_rule_name` and `auto_moderation_rule_trigger_type`.
    pub rule: Option<(&'static str, u8)>,
}

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditChange {
    /// `key`.
    pub key: &'static str,
    /// `old_value`.
    pub old: Option<AuditValue>,
    /// `new_value`.
    pub new: Option<AuditValue>,
}

/// A value of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditValue {
    /// Text.
    Text(String),
    /// A snowflake, which is text too.
    Id(u64),
    /// A number.
    Number(u64),
    /// True or false.
    Flag(bool),
    /// A time, written with this many hours east of UTC: Discord does not always write UTC.
    Time(UnixMs, u8),
    /// Roles: their ids and names.
    Roles(Vec<(RoleId, String)>),
}

/// One thing that a rule of automatic moderation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomodHit {
    /// Whose message it was.
    pub member: UserId,
    /// The rule.
    pub rule: u64,
    /// `rule_trigger_type`.
    pub trigger: u8,
    /// `action.type`: 1 block message, 2 alert, 3 timeout.
    pub action_type: u8,
    /// Where the message was written.
    pub channel: ChannelId,
    /// The message, where it was not blocked.
    pub message: Option<MessageId>,
    /// The channel that is alerted.
    pub alert_channel: Option<ChannelId>,
    /// Seconds of a timeout.
    pub timeout_s: Option<u32>,
    /// The word that it met.
    pub keyword: &'static str,
}

/// Which entries of an audit log are asked for. Source: Discord, "Get Guild Audit Log".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// `user_id`.
    pub actor: Option<UserId>,
    /// `action_type`.
    pub action_type: Option<u16>,
    /// `before`: newest first.
    pub before: Option<AuditId>,
    /// `after`: oldest first.
    pub after: Option<AuditId>,
    /// `limit`, at most [`limits::AUDIT_PAGE_MAX`]; 0 for Discord's default of 50.
    pub limit: usize,
}

impl World {
    /// The whole audit log of a guild, by rising id: also what is not told yet, and what is older than Discord keeps.
    pub fn audit_log(&self, guild: GuildId) -> &[AuditEntry] {
        self.guild(guild).map_or(&[], |guild| &self.society(guild).audit)
    }

    /// A page of a guild's audit log as it stands now: what was written by now, and not longer ago than Discord keeps it.
    pub fn audit_page(&self, guild: GuildId, query: AuditQuery) -> Vec<&AuditEntry> {
        self.audit_page_at(guild, query, self.clock())
    }

    pub(crate) fn audit_page_at(
        &self,
        guild: GuildId,
        query: AuditQuery,
        now: UnixMs,
    ) -> Vec<&AuditEntry> {
        let limit = if query.limit == 0 { 50 } else { query.limit.min(limits::AUDIT_PAGE_MAX) };
        let oldest = now.0 - limits::AUDIT_KEPT_MS;
        let is_meant = |entry: &&AuditEntry| {
            let is_kept = entry.told_at <= now && entry.id.time().0 >= oldest;
            let is_asked = query.before.is_none_or(|before| entry.id < before)
                && query.after.is_none_or(|after| entry.id > after)
                && query.actor.is_none_or(|actor| entry.actor == Some(actor))
                && query.action_type.is_none_or(|wanted| entry.action_type == wanted);
            is_kept && is_asked
        };
        let log = self.audit_log(guild);
        match query.after {
            Some(after) if query.before.is_none() => {
                let from = log.partition_point(|entry| entry.id <= after);
                log[from..].iter().filter(is_meant).take(limit).collect()
            }
            _ => {
                let to = query
                    .before
                    .map_or(log.len(), |before| log.partition_point(|entry| entry.id < before));
                log[..to].iter().rev().filter(is_meant).take(limit).collect()
            }
        }
    }

    /// Who is banned from a guild, by rising id, and why.
    pub fn bans(
        &self,
        guild: GuildId,
    ) -> impl Iterator<Item = (UserId, Option<&Cow<'static, str>>)> + '_ {
        let bans = self.guild(guild).map(|guild| &self.society(guild).bans);
        bans.into_iter().flatten().map(|(user, reason)| (*user, reason.as_ref()))
    }

    /// All acts of moderation of a guild, in the order of time.
    pub fn acts(&self, guild: GuildId) -> &[Act] {
        self.guild(guild).map_or(&[], |guild| &self.society(guild).acts)
    }
}
