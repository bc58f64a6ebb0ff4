//! Writing the invites family: one statement for each table, rows in the order of their keys.

use super::fold::InvitesFold;
use crate::{
    activity::big,
    db::Conn,
    upsert::{Merge, Upsert, Values},
};

/// Writes what the fold holds.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &InvitesFold) -> sqlx::Result<()> {
    invites(fold).run(conn).await?;
    joins(fold).run(conn).await
}

/// Of an invite that ended nothing is told but what is known: the rest keeps its value.
fn invites(fold: &InvitesFold) -> Upsert {
    let rows = &fold.invites;
    let of = |value: fn(&super::fold::Invite) -> Option<i64>| {
        Values::MaybeBig(rows.iter().map(|row| value(&row.value)).collect())
    };
    Upsert {
        table: "invites",
        key: "guild_id, code",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("code", Values::Text(rows.iter().map(|row| Some(row.key.1.clone())).collect())),
            ("told_at_ms", big(rows, |row| row.value.told_at)),
            ("is_vanity", Values::Bool(rows.iter().map(|row| row.value.is_vanity).collect())),
            ("channel_id", of(|invite| invite.channel)),
            ("inviter_id", of(|invite| invite.inviter)),
            ("uses", Values::MaybeInt(rows.iter().map(|row| row.value.uses).collect())),
            ("max_uses", Values::Int(rows.iter().map(|row| row.value.max_uses).collect())),
            ("created_at_ms", of(|invite| invite.created_at)),
            ("expires_at_ms", of(|invite| invite.expires_at)),
            ("ended_at_ms", of(|invite| invite.ended_at)),
            ("temporary", Values::Bool(rows.iter().map(|row| row.value.temporary).collect())),
        ],
        merge: &[
            Merge::Replace("told_at_ms"),
            Merge::ReplaceIf("is_vanity", "excluded.ended_at_ms IS NULL"),
            Merge::ReplaceKnown("channel_id"),
            Merge::ReplaceKnown("inviter_id"),
            Merge::ReplaceKnown("uses"),
            Merge::ReplaceIf("max_uses", "excluded.ended_at_ms IS NULL"),
            Merge::ReplaceKnown("created_at_ms"),
            Merge::ReplaceKnown("expires_at_ms"),
            Merge::Replace("ended_at_ms"),
            Merge::ReplaceIf("temporary", "excluded.ended_at_ms IS NULL"),
            Merge::Only("excluded.told_at_ms >= invites.told_at_ms"),
        ],
    }
}

/// What is told later replaces what is not surer.
fn joins(fold: &InvitesFold) -> Upsert {
    let rows = &fold.joins;
    let codes = rows.iter().map(|row| row.value.code.clone()).collect();
    Upsert {
        table: "invite_tracking",
        key: "guild_id, member_id, joined_at_ms",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("member_id", big(rows, |row| row.key.1)),
            ("joined_at_ms", big(rows, |row| row.key.2)),
            ("method", Values::Int(rows.iter().map(|row| row.value.method).collect())),
            ("confidence", Values::Int(rows.iter().map(|row| row.value.confidence).collect())),
            ("code", Values::Text(codes)),
            ("inviter_id", Values::MaybeBig(rows.iter().map(|row| row.value.inviter).collect())),
            ("burst", Values::Int(rows.iter().map(|row| row.value.burst).collect())),
            (
                "candidates",
                Values::Bytes(rows.iter().map(|row| row.value.candidates.clone()).collect()),
            ),
        ],
        merge: &[
            Merge::Replace("method"),
            Merge::Replace("confidence"),
            Merge::Replace("code"),
            Merge::Replace("inviter_id"),
            Merge::Replace("burst"),
            Merge::Replace("candidates"),
            Merge::Only("excluded.confidence >= invite_tracking.confidence"),
        ],
    }
}
