//! The members records of a batch: what happened in each guild, in its order.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{Departure, GuildId, Join, UnixMs};

use crate::{activity::is_storable_minute, value::key};

/// Something about one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A stay began at this instant, or was found to have begun.
    Join { since: i64, kind: i32, rejoined: bool, listed: Option<i64> },
    /// A stay ended.
    Departure { at: i64, kind: i32 },
}

/// What is told of a guild until its list of members was read whole, or until the end of the batch.
#[derive(Debug, Default)]
pub(super) struct Phase {
    /// Member and act, in the order in which they were told.
    pub(super) acts: Vec<(i64, Act)>,
    /// The beginning of the reading that ended it.
    pub(super) listed: Option<i64>,
}

/// The members records of a batch.
#[derive(Debug, Default)]
pub(crate) struct MembersFold {
    guilds: BTreeMap<i64, Vec<Phase>>,
    /// Discord's member counts: guild, instant.
    pub(super) counts: BTreeMap<(i64, i64), i32>,
}

impl MembersFold {
    /// Stays that began.
    pub(crate) fn joins(&mut self, guild: GuildId, joins: &[Join]) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for join in joins {
            let member = key(join.member.0).ok_or("a member's id does not fit into 63 bits")?;
            let act = Act::Join {
                since: instant(join.joined_at)?,
                kind: i32::from(join.kind as u8),
                rejoined: join.rejoined,
                listed: join.listed.map(instant).transpose()?,
            };
            self.phase(guild).acts.push((member, act));
        }
        Ok(())
    }

    /// Stays that ended.
    pub(crate) fn departures(
        &mut self,
        guild: GuildId,
        departures: &[Departure],
    ) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        for departure in departures {
            let member =
                key(departure.member.0).ok_or("a member's id does not fit into 63 bits")?;
            let act = Act::Departure {
                at: instant(departure.left_at)?,
                kind: i32::from(departure.kind as u8),
            };
            self.phase(guild).acts.push((member, act));
        }
        Ok(())
    }

    /// The list of members was read whole.
    pub(crate) fn listed(&mut self, guild: GuildId, began: UnixMs) -> Result<(), &'static str> {
        let guild = key(guild.0).ok_or("the guild's id does not fit into 63 bits")?;
        let began = instant(began)?;
        self.phase(guild).listed = Some(began);
        Ok(())
    }

    /// Discord told how many members a guild has, if it did. What is refused here is refused with the guild itself.
    pub(crate) fn count(&mut self, guild: GuildId, at: UnixMs, members: Option<u32>) {
        if let (Some(guild), Ok(at), Some(members)) = (key(guild.0), instant(at), members) {
            self.counts.insert((guild, at), i32::try_from(members).unwrap_or(i32::MAX));
        }
    }

    /// The phase that goes on.
    fn phase(&mut self, guild: i64) -> &mut Phase {
        let phases = self.guilds.entry(guild).or_default();
        if phases.last().is_none_or(|last| last.listed.is_some()) {
            phases.push(Phase::default());
        }
        phases.last_mut().expect("one was pushed if there was none")
    }

    /// The phases of each guild, one after the other: what is yielded together concerns different guilds.
    pub(super) fn rounds(&self) -> impl Iterator<Item = Vec<(i64, &Phase)>> {
        let longest = self.guilds.values().map(Vec::len).max().unwrap_or(0);
        (0..longest).map(|at| {
            let phases = self.guilds.iter();
            phases.filter_map(|(guild, phases)| Some((*guild, phases.get(at)?))).collect()
        })
    }
}

/// An instant that can be stored.
fn instant(at: UnixMs) -> Result<i64, &'static str> {
    if at.0 < 0 || !is_storable_minute(at.unix_minute()) {
        return Err("an instant lies outside the years 2015 to 2099");
    }
    Ok(at.0)
}
