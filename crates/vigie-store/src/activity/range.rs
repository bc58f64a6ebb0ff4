//! What a question's range means in the tables: known hours, whole days, edges, channels.

use vigie_core::vocabulary::ChannelId;

use crate::{
    db::Snapshot,
    query::Query,
    question::{HourRange, Scope},
    value::key,
};

const DAY_HOURS: u32 = 24;

/// First and last hour in which a guild has any activity or voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// First and last hour with voice; `None` where there never was any.
    pub(crate) voice: Option<(u32, u32)>,
}

/// A range as whole UTC days with the hours before and after them. Together they hold every hour of the range that has anything,
/// once, and no other hour that has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// Hours before the first whole day.
    pub(crate) head: HourRange,
    /// First whole day.
    pub(crate) first_day: u32,
    /// First day after the whole days.
    pub(crate) end_day: u32,
    /// Hours after the last whole day.
    pub(crate) tail: HourRange,
    /// Whether they hold everything that the guild ever had.
    pub(crate) is_everything: bool,
}

/// First and last hour with activity, first and last with voice.
type HoursSql = (Option<i32>, Option<i32>, Option<i32>, Option<i32>);

impl Known {
    /// Asks for the known hours of a guild: four steps into keys. `None` if there was never anything.
    pub(crate) async fn of(guild: i64, at: &mut Snapshot) -> sqlx::Result<Option<Self>> {
        let mut query = Query::default();
        let g = query.bind(guild);
        let bound = |bound: &str, table: &str| {
            format!("(SELECT {bound}(unix_hour) FROM {table} WHERE guild_id = {g})")
        };
        let statement = query.text(format!(
            "SELECT {}, {}, {}, {}",
            bound("MIN", "guild_activity_hourly"),
            bound("MAX", "guild_activity_hourly"),
            bound("MIN", "guild_voice_hourly"),
            bound("MAX", "guild_voice_hourly"),
        ));
        let row: Option<HoursSql> = statement.first(at).await?;
        let (first, last, first_voice, last_voice) = row.unwrap_or_default();
        let first = [first, first_voice].into_iter().flatten().min();
        let last = [last, last_voice].into_iter().flatten().max();
        let voice = first_voice.zip(last_voice);
        Ok(first.zip(last).map(|(first, last)| Self {
            first: first.unsigned_abs(),
            last: last.unsigned_abs(),
            voice: voice.map(|(first, last)| (first.unsigned_abs(), last.unsigned_abs())),
        }))
    }

    /// Whether there can be voice in the range.
    pub(crate) fn has_voice(self, range: HourRange) -> bool {
        self.voice.is_some_and(|(first, last)| range.from <= last && range.to > first)
    }

    /// The part of the range in which something can be; `None` if nothing can.
    ///
    /// A range that reaches beyond the known hours is widened to the end of their day: what it takes in is empty, and the day then
    /// counts as a whole one. (Only right while nothing is written meanwhile: hence within one snapshot.)
    pub(crate) fn pieces(self, range: HourRange) -> Option<Pieces> {
        if range.is_empty() || range.to <= self.first || range.from > self.last {
            return None;
        }
        let from =
            if range.from <= self.first { self.first - self.first % DAY_HOURS } else { range.from };
        let to =
            if range.to > self.last { (self.last / DAY_HOURS + 1) * DAY_HOURS } else { range.to };
        let first_day = from.div_ceil(DAY_HOURS);
        let end_day = (to / DAY_HOURS).max(first_day);
        let head_end = (first_day * DAY_HOURS).min(to);
        let tail_start = (end_day * DAY_HOURS).max(head_end);
        Some(Pieces {
            head: HourRange { from, to: head_end },
            first_day,
            end_day,
            tail: HourRange { from: tail_start, to: to.max(tail_start) },
            is_everything: range.from <= self.first && range.to > self.last,
        })
    }
}

/// The condition that keeps a column within a scope, beginning with AND; empty for the whole guild. `None` if no channel can match.
pub(crate) fn within(query: &mut Query, guild: &str, column: &str, scope: Scope) -> Option<String> {
    let mut bind = |ChannelId(channel)| key(channel).map(|channel| query.bind(channel));
    Some(match scope {
        Scope::Guild => String::new(),
        Scope::Channel(channel) => {
            let c = bind(channel)?;
            format!(" AND {column} = {c}")
        }
        // Two levels down: a category's channels and their threads.
        Scope::Under(channel) => {
            let c = bind(channel)?;
            format!(
                " AND {column} IN (SELECT CAST({c} AS BIGINT) \
                 UNION SELECT n.channel_id FROM channel_names n WHERE n.guild_id = {guild} AND (n.parent_id = {c} \
                 OR n.parent_id IN (SELECT p.channel_id FROM channel_names p WHERE p.guild_id = {guild} AND p.parent_id = {c})))"
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DAY_HOURS, HourRange, Known};

    proptest! {
        /// Every known hour of the range lies in exactly one piece, every known hour outside in none.
        #[test]
        fn pieces_hold_each_hour_once(first in 0_u32..200, length in 0_u32..200, from in 0_u32..450, to in 0_u32..450) {
            let known = Known { first, last: first + length, voice: None };
            let pieces = known.pieces(HourRange { from, to });
            for hour in known.first..=known.last {
                let held = pieces.map_or(0, |pieces| {
                    let whole = pieces.first_day * DAY_HOURS..pieces.end_day * DAY_HOURS;
                    [pieces.head.from..pieces.head.to, whole, pieces.tail.from..pieces.tail.to]
                        .iter()
                        .filter(|piece| piece.contains(&hour))
                        .count()
                });
                prop_assert_eq!(held, usize::from((from..to).contains(&hour)));
            }
            if let Some(pieces) = pieces {
                prop_assert_eq!(pieces.is_everything, (known.first..=known.last).all(|hour| (from..to).contains(&hour)));
            }
        }
    }
}
