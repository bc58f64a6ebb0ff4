//! The cases of a batch: entries of the audit log, and facts that events tell without moderator or reason.

use vigie_core::vocabulary::{Case, GuildId};

use super::changes;
use crate::{
    limits::REASON_BYTES_MAX,
    value::{key, text},
};

/// A row of `moderation_logs` without guild: an entry, a fact, or both in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// `None` before it is written.
    pub(super) id: Option<i64>,
    pub(super) audit: Option<i64>,
    pub(super) action: i32,
    pub(super) at: i64,
    pub(super) target: Option<i64>,
    pub(super) moderator: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) channel: Option<i64>,
    pub(super) count: Option<i32>,
    pub(super) until: Option<i64>,
    pub(super) source: i32,
    /// When the fact was heard; `None` of an entry alone.
    pub(super) heard: Option<i64>,
    pub(super) changes: Vec<u8>,
}

/// The cases of a batch: guild and row, in the order in which they were told.
#[derive(Debug, Default)]
pub(crate) struct ModerationFold {
    pub(super) rows: Vec<(i64, Row)>,
}

impl ModerationFold {
    /// Acts as sources tell them.
    pub(crate) fn cases(&mut self, guild: GuildId, cases: &[Case]) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for case in cases {
            let audit = case
                .audit
                .map(|audit| key(audit.0).ok_or("an audit entry's id does not fit into 63 bits"));
            let target = case
                .target
                .map(|target| key(target.0).ok_or("a target's id does not fit into 63 bits"));
            let audit = audit.transpose()?;
            let row = Row {
                id: None,
                audit,
                action: i32::from(case.action as u8),
                at: case.at.0,
                target: target.transpose()?,
                moderator: case.moderator.and_then(|moderator| key(moderator.0)),
                reason: case.reason.as_deref().map(|reason| text(reason, REASON_BYTES_MAX)),
                channel: case.channel.and_then(|channel| key(channel.0)),
                count: case.count.map(|count| i32::try_from(count).unwrap_or(i32::MAX)),
                until: case.until.map(|until| until.0),
                source: i32::from(case.source as u8),
                heard: audit.is_none().then_some(case.at.0),
                changes: changes::pack(&case.changes),
            };
            self.rows.push((guild, row));
        }
        Ok(())
    }
}
