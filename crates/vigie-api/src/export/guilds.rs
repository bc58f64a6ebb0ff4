//! Changes of a server and its roles as files.

use axum::response::Response;

use super::{Column, Format, maybe, rows, word};
use crate::types::guilds::{GuildChange, GuildChanges, Role};

/// One row per change.
pub fn changes(changes: &GuildChanges, format: Format) -> Response {
    let columns: [Column<GuildChange>; 7] = [
        ("at", |row| row.at.to_string()),
        ("kind", |row| word(row.kind)),
        ("subject_id", |row| maybe(row.subject_id.map(|id| id.0))),
        ("subject", |row| row.subject.clone().unwrap_or_default()),
        ("field", |row| row.field.clone().unwrap_or_default()),
        ("old", |row| row.old.clone().unwrap_or_default()),
        ("new", |row| row.new.clone().unwrap_or_default()),
    ];
    rows(&changes.rows, &columns, ("changes", changes.next_cursor.as_deref()), format)
}

/// One row per role.
pub fn roles(roles: &[Role], format: Format) -> Response {
    let columns: [Column<Role>; 7] = [
        ("role_id", |row| row.id.0.to_string()),
        ("name", |row| row.name.clone()),
        ("color", |row| row.color.clone().unwrap_or_default()),
        ("position", |row| row.position.to_string()),
        ("permissions", |row| row.permissions.clone()),
        ("managed", |row| row.managed.to_string()),
        ("deleted", |row| row.deleted.to_string()),
    ];
    rows(roles, &columns, ("roles", None), format)
}
