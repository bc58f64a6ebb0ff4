//! The truth about people and moderators: who stayed how long, and what was done to whom.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{GuildId, UnixMs};

use super::Truth;
use crate::guild::Guild;
use crate::members::Stay;
use crate::moderation::Act;
use crate::world::World;

/// Of one guild.
#[derive(Clone, Debug, Default)]
pub(super) struct GuildSociety {
    pub(super) stays: Vec<Stay>,
    pub(super) acts: Vec<Act>,
    pub(super) member_count: Option<u32>,
}

/// Of all guilds.
pub(super) type Societies = BTreeMap<GuildId, GuildSociety>;

impl Truth {
    /// Stays that began or ended in the time of this truth, by guild, in the order in which they were first told of.
    pub fn stays(&self) -> impl Iterator<Item = (GuildId, &Stay)> + '_ {
        let guilds = self.societies.iter();
        guilds.flat_map(|(guild, society)| society.stays.iter().map(|stay| (*guild, stay)))
    }

    /// Acts of moderation in the time of this truth, by guild, in the order of time.
    pub fn acts(&self) -> impl Iterator<Item = (GuildId, &Act)> + '_ {
        let guilds = self.societies.iter();
        guilds.flat_map(|(guild, society)| society.acts.iter().map(|act| (*guild, act)))
    }

    /// Members of a guild at the end of the time of this truth, bots included; `None` where it does not say.
    pub fn member_count(&self, guild: GuildId) -> Option<u32> {
        self.societies.get(&guild)?.member_count
    }

    /// Adds a stay.
    pub fn add_stay(&mut self, guild: GuildId, stay: Stay) {
        self.societies.entry(guild).or_default().stays.push(stay);
    }

    /// Adds an act of moderation.
    pub fn add_act(&mut self, guild: GuildId, act: Act) {
        self.societies.entry(guild).or_default().acts.push(act);
    }

    /// Says how many members a guild has.
    pub fn set_member_count(&mut self, guild: GuildId, count: u32) {
        self.societies.entry(guild).or_default().member_count = Some(count);
    }

    pub(super) fn merge_societies(&mut self, other: &Self) {
        for (guild, more) in &other.societies {
            let kept = self.societies.entry(*guild).or_default();
            kept.stays.extend_from_slice(&more.stays);
            kept.acts.extend_from_slice(&more.acts);
            kept.member_count = more.member_count.or(kept.member_count);
        }
    }
}

impl World {
    /// Adds what people and moderators did in the present.
    pub(super) fn count_societies(&self, truth: &mut Truth) {
        let start = self.config.start;
        // Where nothing happened in the present, nothing is to be said.
        let lively = self.guilds.iter().filter(|guild| guild.society.is_some());
        for guild in lively {
            let is_present = |at: UnixMs| at >= start;
            self.count_society(guild, truth, is_present);
        }
        let guilds = self.guilds.iter();
        guilds.for_each(|guild| truth.set_member_count(guild.id, guild.member_count));
    }

    /// Adds what people and moderators of a guild did in history.
    pub(crate) fn count_past_society(&self, guild: &Guild, truth: &mut Truth) {
        let past = &self.past(guild).society;
        past.stays.iter().for_each(|stay| truth.add_stay(guild.id, stay.clone()));
        past.acts.iter().for_each(|act| truth.add_act(guild.id, act.clone()));
        truth.set_member_count(guild.id, guild.places);
    }

    fn count_society(&self, guild: &Guild, truth: &mut Truth, is_meant: impl Fn(UnixMs) -> bool) {
        let society = self.society(guild);
        let ended = |stay: &&Stay| stay.left.is_some_and(|(left_at, _)| is_meant(left_at));
        let stays = society.stays.iter().filter(|stay| is_meant(stay.joined_at) || ended(stay));
        stays.for_each(|stay| truth.add_stay(guild.id, stay.clone()));
        let acts = society.acts.iter().filter(|act| is_meant(act.at));
        acts.for_each(|act| truth.add_act(guild.id, act.clone()));
    }
}
