//! Counters in rows and statements: one list of names for all questions.

use sqlx::FromRow;
use vigie_core::vocabulary::ActivityCounts;

use crate::{
    question::Counts,
    value::{counter, sum},
};

/// The counters' columns.
pub(crate) const COUNTERS: &str =
    "messages, commands, reactions_added, reactions_removed, reactions_received";

/// Their sums, under the same names, as BIGINT on both engines (PostgreSQL would make NUMERIC of BIGINT sums); NULL without rows.
pub(crate) const SUMS: &str = "CAST(SUM(messages) AS BIGINT) AS messages, CAST(SUM(commands) AS BIGINT) AS commands, \
    CAST(SUM(reactions_added) AS BIGINT) AS reactions_added, CAST(SUM(reactions_removed) AS BIGINT) AS reactions_removed, \
    CAST(SUM(reactions_received) AS BIGINT) AS reactions_received";

/// Counters of a row; missing ones are zero.
#[derive(Clone, Copy, Debug, Default, FromRow)]
pub(crate) struct CountsSql {
    pub(crate) messages: Option<i64>,
    pub(crate) commands: Option<i64>,
    pub(crate) reactions_added: Option<i64>,
    pub(crate) reactions_removed: Option<i64>,
    pub(crate) reactions_received: Option<i64>,
}

impl CountsSql {
    /// Of counters read by position.
    pub(crate) fn of(counts: [i64; 5]) -> Self {
        let [messages, commands, added, removed, received] = counts.map(Some);
        Self {
            messages,
            commands,
            reactions_added: added,
            reactions_removed: removed,
            reactions_received: received,
        }
    }

    /// As sums over any range.
    pub(crate) fn counts(self) -> Counts {
        Counts {
            messages: sum(self.messages.unwrap_or(0)),
            commands: sum(self.commands.unwrap_or(0)),
            reactions_added: sum(self.reactions_added.unwrap_or(0)),
            reactions_removed: sum(self.reactions_removed.unwrap_or(0)),
            reactions_received: sum(self.reactions_received.unwrap_or(0)),
        }
    }

    /// As counts of one hour or minute.
    pub(crate) fn activity(self) -> ActivityCounts {
        ActivityCounts {
            messages: counter(self.messages.unwrap_or(0)),
            commands: counter(self.commands.unwrap_or(0)),
            reactions_added: counter(self.reactions_added.unwrap_or(0)),
            reactions_removed: counter(self.reactions_removed.unwrap_or(0)),
            reactions_received: counter(self.reactions_received.unwrap_or(0)),
        }
    }
}
