//! Acts of moderation as the client is told of them.

use vigie_core::vocabulary::{self as core, UnixMs};
use vigie_store::question::{CaseRow, TimeoutEnd};

use crate::names::{self, Channels};
use crate::types::moderation::{
    CaseChange, CaseEvidence, CaseSource, ModerationAction, ModerationCase, Timeout, TimeoutState,
};
use crate::types::vocabulary::{Instant, Snowflake};

/// One act at an instant: whether a timeout still holds depends on it.
pub fn case(row: &CaseRow, channels: &Channels, now: UnixMs) -> ModerationCase {
    ModerationCase {
        id: row.id.to_string(),
        audit_id: row.audit.map(|id| Snowflake(id.0)),
        action: action(row.action),
        approximate: row.action.is_approximate(),
        at: Instant(UnixMs(row.at_ms)),
        target: row.target.as_ref().map(names::member),
        moderator: row.moderator.as_ref().map(names::member),
        reason: row.reason.clone(),
        channel: row.channel.map(|id| channels.named(id)),
        count: row.count,
        timeout: timeout(row, now),
        changes: row.changes.iter().map(change).collect(),
        evidence: CaseEvidence { source: source(row.source), event_heard: row.is_heard },
    }
}

/// How long a timeout holds. That it has run out is no event at Discord: it is worked out here.
fn timeout(row: &CaseRow, now: UnixMs) -> Option<Timeout> {
    let until = row.until_ms.filter(|_| row.action == core::ModerationAction::Timeout)?;
    // What came after the end did not end it.
    let ended = row.timeout_end.filter(|(at, _)| *at < until);
    let (state, at) = match ended {
        Some((at, TimeoutEnd::Lifted)) => (TimeoutState::Lifted, Some(at)),
        Some((at, TimeoutEnd::Replaced)) => (TimeoutState::Replaced, Some(at)),
        None if until <= now.0 => (TimeoutState::Expired, Some(until)),
        None => (TimeoutState::Running, None),
    };
    let instant = |ms: i64| Instant(UnixMs(ms));
    Some(Timeout { until: instant(until), state, ended_at: at.map(instant) })
}

fn change(change: &core::Change) -> CaseChange {
    let new = match change.field.as_str() {
        "automod_action" => change.new.as_deref().map(automod_action),
        _ => change.new.clone(),
    };
    CaseChange { field: change.field.clone(), old: change.old.clone(), new }
}

/// What a rule did. Source: Discord, "Auto Moderation", Action Types.
fn automod_action(number: &str) -> String {
    let word = match number {
        "1" => "block_message",
        "2" => "alert",
        "3" => "timeout",
        "4" => "block_interaction",
        other => other,
    };
    word.to_owned()
}

fn source(source: core::CaseSource) -> CaseSource {
    match source {
        core::CaseSource::Event => CaseSource::Event,
        core::CaseSource::AuditPushed => CaseSource::AuditPushed,
        core::CaseSource::AuditRead => CaseSource::AuditRead,
    }
}

/// The action of the core's word.
pub fn action(action: core::ModerationAction) -> ModerationAction {
    use core::ModerationAction as Core;
    match action {
        Core::Ban => ModerationAction::Ban,
        Core::Unban => ModerationAction::Unban,
        Core::Kick => ModerationAction::Kick,
        Core::Prune => ModerationAction::Prune,
        Core::Timeout => ModerationAction::Timeout,
        Core::TimeoutRemoved => ModerationAction::TimeoutRemoved,
        Core::Warn => ModerationAction::Warn,
        Core::MessageDelete => ModerationAction::MessageDelete,
        Core::MessageDeleteBulk => ModerationAction::MessageDeleteBulk,
        Core::RoleUpdate => ModerationAction::RoleUpdate,
        Core::Nick => ModerationAction::Nick,
        Core::VoiceMove => ModerationAction::VoiceMove,
        Core::VoiceDisconnect => ModerationAction::VoiceDisconnect,
        Core::Automod => ModerationAction::Automod,
        Core::VoiceMute => ModerationAction::VoiceMute,
        Core::VoiceDeafen => ModerationAction::VoiceDeafen,
    }
}
