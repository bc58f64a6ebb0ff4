//! Moderation acts and the load per moderator as files.

use axum::response::Response;

use super::{Column, Format, maybe, member_id, member_name, rows, word};
use crate::types::moderation::{CaseChange, ModerationCase, ModerationCases, ModeratorLoad};

/// One row per act; changes as `field: old -> new`, divided by semicolons.
pub fn cases(cases: &ModerationCases, format: Format) -> Response {
    fn change(change: &CaseChange) -> String {
        let side = |side: &Option<String>| side.clone().unwrap_or_default();
        format!("{}: {} -> {}", change.field, side(&change.old), side(&change.new))
    }
    let columns: [Column<ModerationCase>; 17] = [
        ("at", |row| row.at.to_string()),
        ("id", |row| row.id.clone()),
        ("audit_id", |row| maybe(row.audit_id.map(|id| id.0))),
        ("action", |row| word(row.action)),
        ("approximate", |row| row.approximate.to_string()),
        ("target_id", |row| member_id(row.target.as_ref())),
        ("target", |row| member_name(row.target.as_ref())),
        ("moderator_id", |row| member_id(row.moderator.as_ref())),
        ("moderator", |row| member_name(row.moderator.as_ref())),
        ("reason", |row| row.reason.clone().unwrap_or_default()),
        ("channel_id", |row| maybe(row.channel.as_ref().map(|channel| channel.id.0))),
        ("count", |row| maybe(row.count)),
        ("until", |row| maybe(row.timeout.map(|timeout| timeout.until))),
        ("timeout_state", |row| row.timeout.map_or(String::new(), |timeout| word(timeout.state))),
        ("changes", |row| row.changes.iter().map(change).collect::<Vec<_>>().join("; ")),
        ("source", |row| word(row.evidence.source)),
        ("event_heard", |row| row.evidence.event_heard.to_string()),
    ];
    rows(&cases.rows, &columns, ("moderation", cases.next_cursor.as_deref()), format)
}

/// One row per moderator; actions as `action:count`, divided by blanks.
pub fn summary(moderators: &[ModeratorLoad], format: Format) -> Response {
    let columns: [Column<ModeratorLoad>; 6] = [
        ("moderator_id", |row| member_id(row.moderator.as_ref())),
        ("moderator", |row| member_name(row.moderator.as_ref())),
        ("acts", |row| row.value.to_string()),
        ("share", |row| format!("{:.6}", row.share)),
        ("reversed", |row| row.reversed.to_string()),
        ("actions", |row| {
            let each = row.actions.iter().map(|one| format!("{}:{}", word(one.action), one.value));
            each.collect::<Vec<_>>().join(" ")
        }),
    ];
    rows(moderators, &columns, ("moderators", None), format)
}
