//! The rows of stays and acts of moderation.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use vigie_core::vocabulary::{
    AuditId, ChannelId, DepartureKind, GuildId, ModerationAction, UnixMs, UserId,
};

use super::{Kind, Number, Whole};
use crate::members::{Stay, Way};
use crate::moderation::Act;
use crate::truth::Truth;

#[derive(Serialize, Deserialize)]
pub(super) struct StayRow {
    member: Number,
    kind: Kind,
    joined_ms: i64,
    rejoined: bool,
    way: WayName,
    code: Option<String>,
    inviter: Option<Number>,
    left_ms: Option<i64>,
    how: Option<HowName>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WayName {
    Before,
    Invite,
    Vanity,
    Discovery,
    BotAdded,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowName {
    Leave,
    Kick,
    Ban,
    Prune,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ActRow {
    at_ms: i64,
    action: u8,
    target: Option<Number>,
    moderator: Option<Number>,
    reason: Option<Cow<'static, str>>,
    channel: Option<Number>,
    count: u32,
    until_ms: Option<i64>,
    audit: Option<Number>,
    names_moderator: bool,
    told_ms: Option<i64>,
}

impl StayRow {
    fn write(stay: &Stay) -> Self {
        let (way, code) = match &stay.way {
            Way::Before => (WayName::Before, None),
            Way::Invite(code) => (WayName::Invite, Some(code.to_string())),
            Way::Vanity => (WayName::Vanity, None),
            Way::Discovery => (WayName::Discovery, None),
            Way::BotAdded => (WayName::BotAdded, None),
        };
        Self {
            member: Number(stay.member.0),
            kind: stay.kind.into(),
            joined_ms: stay.joined_at.0,
            rejoined: stay.rejoined,
            way,
            code,
            inviter: stay.inviter.map(|inviter| Number(inviter.0)),
            left_ms: stay.left.map(|(left_at, _)| left_at.0),
            how: stay.left.map(|(_, how)| match how {
                DepartureKind::Kick => HowName::Kick,
                DepartureKind::Ban => HowName::Ban,
                DepartureKind::Prune => HowName::Prune,
                // The world sees everybody leave.
                DepartureKind::Leave | DepartureKind::Unseen => HowName::Leave,
            }),
        }
    }

    fn read(self) -> Stay {
        let how = match self.how {
            Some(HowName::Kick) => DepartureKind::Kick,
            Some(HowName::Ban) => DepartureKind::Ban,
            Some(HowName::Prune) => DepartureKind::Prune,
            Some(HowName::Leave) | None => DepartureKind::Leave,
        };
        Stay {
            member: UserId(self.member.0),
            kind: self.kind.into(),
            joined_at: UnixMs(self.joined_ms),
            rejoined: self.rejoined,
            way: match self.way {
                WayName::Before => Way::Before,
                WayName::Invite => Way::Invite(self.code.unwrap_or_default().into()),
                WayName::Vanity => Way::Vanity,
                WayName::Discovery => Way::Discovery,
                WayName::BotAdded => Way::BotAdded,
            },
            inviter: self.inviter.map(|inviter| UserId(inviter.0)),
            left: self.left_ms.map(|left| (UnixMs(left), how)),
        }
    }
}

impl ActRow {
    fn write(act: &Act) -> Self {
        let user = |user: UserId| Number(user.0);
        Self {
            at_ms: act.at.0,
            action: act.action as u8,
            target: act.target.map(user),
            moderator: act.moderator.map(user),
            reason: act.reason.clone(),
            channel: act.channel.map(|channel| Number(channel.0)),
            count: act.count,
            until_ms: act.until.map(|until| until.0),
            audit: act.audit.map(|audit| Number(audit.0)),
            names_moderator: act.names_moderator,
            told_ms: act.told_at.map(|told_at| told_at.0),
        }
    }

    /// `None` for an action that does not exist.
    fn read(self) -> Option<Act> {
        let user = |number: Number| UserId(number.0);
        Some(Act {
            at: UnixMs(self.at_ms),
            action: ModerationAction::from_u8(self.action)?,
            target: self.target.map(user),
            moderator: self.moderator.map(user),
            reason: self.reason,
            channel: self.channel.map(|channel| ChannelId(channel.0)),
            count: self.count,
            until: self.until_ms.map(UnixMs),
            audit: self.audit.map(|audit| AuditId(audit.0)),
            names_moderator: self.names_moderator,
            told_at: self.told_ms.map(UnixMs),
        })
    }
}

impl Truth {
    pub(super) fn add_society_to(&self, whole: &mut Whole) {
        for (guild, stay) in self.stays() {
            whole.guild(guild).stays.push(StayRow::write(stay));
        }
        for (guild, act) in self.acts() {
            whole.guild(guild).acts.push(ActRow::write(act));
        }
        for guild in self.societies.keys() {
            whole.guild(*guild).members = self.member_count(*guild);
        }
    }

    pub(super) fn read_society(
        &mut self,
        guild: GuildId,
        members: Option<u32>,
        stays: Vec<StayRow>,
        acts: Vec<ActRow>,
    ) {
        if let Some(members) = members {
            self.set_member_count(guild, members);
        }
        stays.into_iter().for_each(|row| self.add_stay(guild, row.read()));
        acts.into_iter().filter_map(ActRow::read).for_each(|act| self.add_act(guild, act));
    }
}
