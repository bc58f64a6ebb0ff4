//! The past: days made again from their seeds whenever somebody asks.

mod changes;
mod day;
mod facts;
mod pages;
mod society;
mod voice;

use std::sync::Arc;

use vigie_core::vocabulary::{GuildId, UnixMs};

use crate::calendar::DAY_MS;
use crate::guild::Guild;
use crate::truth::{Truth, VoiceLog};
use crate::world::World;

pub(crate) use changes::{Changes, founding_emojis, late_role};
pub(crate) use day::Day;
pub use facts::{HistoryFacts, MergedHistory};
pub(crate) use pages::{DayCache, count_reaction};
pub use pages::{HistoricMessage, Page, ReactionCount};
pub(crate) use voice::seated;

impl World {
    /// Where history begins: midnight UTC, [`crate::WorldConfig::history_days`] before the day of the start.
    pub fn history_start(&self) -> UnixMs {
        UnixMs(self.first_day() * DAY_MS)
    }

    /// Days of history: the whole ones, and the part of the last one before the start where there is one.
    pub fn history_day_count(&self) -> u32 {
        let begun = self.config.start.0.rem_euclid(DAY_MS) > 0;
        self.config.history_days + u32::from(begun && self.config.history_days > 0)
    }

    /// When a day of history begins; day 0 is the oldest.
    pub fn history_day_start(&self, day_index: u32) -> UnixMs {
        UnixMs((self.first_day() + i64::from(day_index)) * DAY_MS)
    }

    /// What happened in a guild on a day of history, in the order of time. Empty for an unknown guild or a day beyond
    /// [`World::history_day_count`].
    pub fn history_facts(&self, guild: GuildId, day_index: u32) -> HistoryFacts<'_> {
        match self.guild(guild).filter(|_| day_index < self.history_day_count()) {
            Some(guild) => {
                let day = self.day_number(day_index);
                let (talk, voice) = (day::make(self, guild, day), voice::moments(self, guild, day));
                HistoryFacts::new(self, guild, talk, voice, society::of_day(self, guild, day))
            }
            None => HistoryFacts::empty(self, &self.guilds[0]),
        }
    }

    /// What happened in all guilds on a day of history, in the order of time.
    pub fn merged_history(&self, day_index: u32) -> MergedHistory<'_> {
        let facts = |guild: &Guild| self.history_facts(guild.id, day_index);
        MergedHistory::new(self.guilds.iter().map(facts).collect())
    }

    /// The true totals of a guild over its whole history, voice, people and moderators included; nothing for an unknown guild.
    pub fn history_truth(&self, guild: GuildId) -> Truth {
        let mut truth = Truth::new();
        let Some(guild) = self.guild(guild) else { return truth };
        let mut log = VoiceLog::default();
        for day_index in 0..self.history_day_count() {
            let day = day::make(self, guild, self.day_number(day_index));
            day.messages.iter().for_each(|message| truth.count_message(self.tally(guild), message));
            for moment in &day.reactions {
                truth.count_reaction(self.tally(guild), moment.at, &moment.reaction, moment.added);
            }
            let moments = voice::moments(self, guild, self.day_number(day_index));
            moments.iter().for_each(|moment| log.push(moment.at, &moment.state));
        }
        let whole = (UnixMs(self.history_start().0 - 1), self.config.start);
        log.read(self.tally(guild), &[whole], &mut truth);
        self.count_past_society(guild, &mut truth);
        truth
    }

    fn day_number(&self, day_index: u32) -> i64 {
        self.first_day() + i64::from(day_index)
    }

    fn first_day(&self) -> i64 {
        self.config.start.0.div_euclid(DAY_MS) - i64::from(self.config.history_days)
    }

    /// The day of a guild, from the cache where it is there.
    fn cached_day(&self, guild: &Guild, day: i64) -> Arc<Day> {
        let key = (guild.index, day);
        let found = self.days().get(key);
        match found {
            Some(day) => day,
            None => {
                let made = Arc::new(day::make(self, guild, day));
                self.days().put(key, &made);
                made
            }
        }
    }

    fn days(&self) -> std::sync::MutexGuard<'_, DayCache> {
        // A cache of what can be made again is never left half written.
        self.days.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
