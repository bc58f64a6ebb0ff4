//! Recruiters, invites, joins and the tree as files.

use axum::response::Response;

use super::{Column, Format, maybe, member_id, member_name, rows, word};
use crate::types::invites::{
    Invite, InviteBook, InviteJoin, InviteJoins, InviteTree, InviteTreeRow, JoinOrigin, Recruiter,
};

/// One row per recruiter.
pub fn recruiters(recruiters: &[Recruiter], format: Format) -> Response {
    let columns: [Column<Recruiter>; 12] = [
        ("rank", |row| row.rank.to_string()),
        ("inviter_id", |row| member_id(Some(&row.inviter))),
        ("name", |row| member_name(Some(&row.inviter))),
        ("joins", |row| row.joins.to_string()),
        ("exact", |row| row.exact.to_string()),
        ("likely", |row| row.likely.to_string()),
        ("stayed", |row| row.stayed.to_string()),
        ("decided", |row| row.decided.to_string()),
        ("spoke", |row| row.spoke.to_string()),
        ("left", |row| row.left.to_string()),
        ("rejoined", |row| row.rejoined.to_string()),
        ("self_invited", |row| row.self_invited.to_string()),
    ];
    rows(recruiters, &columns, ("recruiters", None), format)
}

/// One row per join; candidates as `code:used`, divided by blanks.
pub fn invite_joins(joins: &InviteJoins, format: Format) -> Response {
    fn of(row: &InviteJoin, cell: impl Fn(&JoinOrigin) -> String) -> String {
        row.origin.as_ref().map_or(String::new(), cell)
    }
    let columns: [Column<InviteJoin>; 15] = [
        ("joined_at", |row| row.joined_at.to_string()),
        ("member_id", |row| member_id(Some(&row.member))),
        ("name", |row| member_name(Some(&row.member))),
        ("account_created_at", |row| row.account_created_at.to_string()),
        ("rejoined", |row| row.rejoined.to_string()),
        ("heard", |row| row.heard.to_string()),
        ("left_at", |row| maybe(row.left_at)),
        ("departure", |row| row.departure.map_or(String::new(), word)),
        ("method", |row| of(row, |origin| word(origin.method))),
        ("confidence", |row| of(row, |origin| word(origin.confidence))),
        ("code", |row| of(row, |origin| origin.code.clone().unwrap_or_default())),
        ("inviter_id", |row| of(row, |origin| member_id(origin.inviter.as_ref()))),
        ("inviter", |row| of(row, |origin| member_name(origin.inviter.as_ref()))),
        ("candidates", |row| {
            let told = |origin: &JoinOrigin| {
                let each = origin.candidates.iter().map(|one| format!("{}:{}", one.code, one.used));
                each.collect::<Vec<_>>().join(" ")
            };
            of(row, told)
        }),
        ("burst", |row| of(row, |origin| origin.burst.to_string())),
    ];
    rows(&joins.rows, &columns, ("joins", joins.next_cursor.as_deref()), format)
}

/// One row per member of the tree.
pub fn invite_tree(tree: &InviteTree, format: Format) -> Response {
    let columns: [Column<InviteTreeRow>; 8] = [
        ("member_id", |row| member_id(Some(&row.member))),
        ("name", |row| member_name(Some(&row.member))),
        ("parent_id", |row| maybe(row.parent_id.map(|id| id.0))),
        ("depth", |row| row.depth.to_string()),
        ("joined_at", |row| maybe(row.joined_at)),
        ("is_member", |row| maybe(row.is_member)),
        ("brought", |row| row.brought.to_string()),
        ("below", |row| row.below.to_string()),
    ];
    rows(&tree.rows, &columns, ("invite-tree", None), format)
}

/// One row per invite.
pub fn invite_book(book: &InviteBook, format: Format) -> Response {
    let columns: [Column<Invite>; 14] = [
        ("code", |row| row.code.clone()),
        ("vanity", |row| row.vanity.to_string()),
        ("state", |row| word(row.state)),
        ("channel_id", |row| maybe(row.channel.as_ref().map(|channel| channel.id.0))),
        ("channel", |row| maybe(row.channel.as_ref().and_then(|channel| channel.name.clone()))),
        ("inviter_id", |row| member_id(row.inviter.as_ref())),
        ("inviter", |row| member_name(row.inviter.as_ref())),
        ("uses", |row| maybe(row.uses)),
        ("max_uses", |row| maybe(row.max_uses)),
        ("created_at", |row| maybe(row.created_at)),
        ("expires_at", |row| maybe(row.expires_at)),
        ("ended_at", |row| maybe(row.ended_at)),
        ("temporary", |row| row.temporary.to_string()),
        ("joins", |row| row.joins.to_string()),
    ];
    rows(&book.rows, &columns, ("invites", None), format)
}
