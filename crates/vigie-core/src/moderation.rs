//! Family **moderation**: what events and audit entries tell of moderators' acts, each source as a case of its own. Which fact
//! belongs to which entry the store finds out, for entries come later, and corrections days later.
//! Source: Discord, "Audit Logs Resource", Audit Log Events.

mod instant;

use std::collections::BTreeMap;

use crate::limits;
use crate::vocabulary::{
    AuditChange, AuditEntry, AutomodFact, Case, CaseSource, Change, ChannelId, GuildId,
    ModerationAction, Record, UnixMs, UserId,
};

/// Timeouts told lately, by which an update that names one again is known.
#[derive(Debug, Default)]
pub(crate) struct Timeouts {
    until: BTreeMap<(GuildId, UserId), UnixMs>,
}

impl Timeouts {
    /// Whether a member's timeout is news; from now on it is not.
    fn is_new(&mut self, at: UnixMs, guild: GuildId, member: UserId, until: UnixMs) -> bool {
        if self.until.len() >= limits::TIMEOUTS_MAX {
            self.until.retain(|_, until| *until > at);
        }
        if self.until.len() >= limits::TIMEOUTS_MAX {
            self.until.clear();
        }
        self.until.insert((guild, member), until) != Some(until)
    }

    fn forget(&mut self, guild: GuildId, member: UserId) {
        self.until.remove(&(guild, member));
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.until.len() * size_of::<((GuildId, UserId), UnixMs)>() * 3 / 2
    }

    pub(crate) fn checkpoint(&self) -> Vec<(GuildId, UserId, UnixMs)> {
        self.until.iter().map(|(&(guild, member), &until)| (guild, member, until)).collect()
    }

    pub(crate) fn restore(timeouts: &[(GuildId, UserId, UnixMs)]) -> Self {
        let until = timeouts.iter().map(|&(guild, member, until)| ((guild, member), until));
        Self { until: until.collect() }
    }

    /// The case of a member who is, by an event that names no moderator, timed out until an instant; `None` if that was told, or is
    /// over.
    pub(crate) fn told(
        &mut self,
        at: UnixMs,
        guild: GuildId,
        member: UserId,
        until: Option<UnixMs>,
    ) -> Option<Case> {
        let Some(until) = until.filter(|until| *until > at) else {
            self.forget(guild, member);
            return None;
        };
        self.is_new(at, guild, member, until).then(|| Case {
            until: Some(until),
            ..fact(ModerationAction::Timeout, at, Some(member))
        })
    }
}

/// A case that an event tells, without moderator.
pub(crate) fn fact(action: ModerationAction, at: UnixMs, target: Option<UserId>) -> Case {
    Case { action, at, target, source: CaseSource::Event, ..Case::default() }
}

/// The case of an execution of a rule.
pub(crate) fn automod(at: UnixMs, fact_told: &AutomodFact) -> Case {
    let rule = change("rule", None, Some(&fact_told.rule.to_string()));
    let action = change("automod_action", None, Some(&fact_told.action_type.to_string()));
    Case {
        channel: fact_told.channel,
        changes: vec![rule, action],
        ..fact(ModerationAction::Automod, at, Some(fact_told.member))
    }
}

/// The case of messages deleted at once.
pub(crate) fn messages_deleted(at: UnixMs, channel: ChannelId, count: u32) -> Case {
    Case {
        channel: Some(channel),
        count: Some(count),
        ..fact(ModerationAction::MessageDeleteBulk, at, None)
    }
}

/// The cases that an audit entry tells: none, one, or one for each field of a member that was changed.
pub(crate) fn cases(entry: &AuditEntry<'_>, source: CaseSource) -> Vec<Case> {
    let case = Case {
        audit: Some(entry.id),
        source,
        at: entry.id.time(),
        moderator: entry.actor,
        reason: entry.reason.as_deref().map(|text| cut(text, limits::REASON_BYTES_MAX)),
        channel: entry.channel,
        count: entry.count,
        ..Case::default()
    };
    let target = entry.target.map(UserId);
    // What one does to oneself is no moderation.
    let by_another = target.is_none() || entry.actor != target;
    let one = |action, target| vec![Case { action, target, ..case.clone() }];
    match entry.action_type {
        20 => one(ModerationAction::Kick, target),
        21 => one(ModerationAction::Prune, None),
        22 => one(ModerationAction::Ban, target),
        23 => one(ModerationAction::Unban, target),
        24 if by_another => {
            let changes = entry.changes.iter();
            changes.filter_map(|change| member_case(&case, target, change)).collect()
        }
        25 if by_another => {
            let changes: Vec<_> = entry
                .changes
                .iter()
                .filter_map(role_change)
                .take(limits::CASE_CHANGES_MAX)
                .collect();
            let mut case = Case { action: ModerationAction::RoleUpdate, target, ..case };
            case.changes = changes;
            vec![case]
        }
        26 => one(ModerationAction::VoiceMove, None),
        27 => one(ModerationAction::VoiceDisconnect, None),
        72 => one(ModerationAction::MessageDelete, target),
        73 => {
            let channel = entry.target.map(ChannelId).or(entry.channel);
            let action = ModerationAction::MessageDeleteBulk;
            vec![Case { action, channel, ..case }]
        }
        kind @ 143..=146 => {
            let rule = entry.rule.as_deref().map(|rule| change("rule", None, Some(rule)));
            let number = (kind - 142).to_string();
            let action = change("automod_action", None, Some(&number));
            let changes = rule.into_iter().chain([action]).collect();
            vec![Case { action: ModerationAction::Automod, target, changes, ..case }]
        }
        _ => Vec::new(),
    }
}

/// The case of one changed field of a member.
fn member_case(case: &Case, target: Option<UserId>, changed: &AuditChange<'_>) -> Option<Case> {
    let case = Case { target, ..case.clone() };
    let (old, new) = (changed.old.as_deref(), changed.new.as_deref());
    let field = |action, field| {
        Some(Case { action, changes: vec![change(field, old, new)], ..case.clone() })
    };
    match &*changed.key {
        "communication_disabled_until" => {
            let until = new.and_then(instant::parse).filter(|until| *until > case.at);
            let action = match until {
                Some(_) => ModerationAction::Timeout,
                None => ModerationAction::TimeoutRemoved,
            };
            Some(Case { action, until, ..case })
        }
        "nick" => field(ModerationAction::Nick, "nick"),
        "mute" => field(ModerationAction::VoiceMute, "mute"),
        "deaf" => field(ModerationAction::VoiceDeafen, "deaf"),
        _ => None,
    }
}

fn role_change(changed: &AuditChange<'_>) -> Option<Change> {
    let field = match &*changed.key {
        "$add" => "role_added",
        "$remove" => "role_removed",
        _ => return None,
    };
    let role = changed.role?.to_string();
    Some(change(field, Some(&role), changed.new.as_deref()))
}

fn change(field: &str, old: Option<&str>, new: Option<&str>) -> Change {
    let short = |text: &str| cut(text, limits::NAME_BYTES_MAX);
    Change { field: field.to_owned(), old: old.map(short), new: new.map(short) }
}

fn cut(text: &str, bytes_max: usize) -> String {
    limits::cut(text, bytes_max).to_owned()
}

/// Pushes cases, in as many records as it takes.
pub(crate) fn push(guild: GuildId, cases: Vec<Case>, out: &mut Vec<Record>) {
    let mut cases = cases.into_iter().peekable();
    while cases.peek().is_some() {
        let piece = cases.by_ref().take(limits::RECORD_CASES_MAX).collect();
        out.push(Record::Cases(guild, piece));
    }
}
