//! What is due when among members and moderators, and how often something happens by itself.

use std::collections::BTreeMap;

use vigie_core::vocabulary::UnixMs;

use super::Deed;
use crate::config::WorldConfig;
use crate::event::Happening;
use crate::guild::Guild;
use crate::limits;
use crate::present::Weighted;
use crate::rng::Rng;

const NS_PER_MS: i64 = 1_000_000;
const HOUR_NS: f64 = 3.6e12;
/// How much busier than the mean the busiest hour may be: hours are made quieter by leaving things out.
pub(crate) const BUSIEST: f64 = 4.0;

/// What happens by itself, and how often against a join.
const DEEDS: &[(f64, Deed)] = &[
    (0.93, Deed::Join(None)),
    (0.07, Deed::Rejoin),
    (0.004, Deed::AddBot),
    (0.05, Deed::RepeatJoin),
    (0.55, Deed::Leave(None)),
    (0.03, Deed::Kick(None)),
    (0.05, Deed::Ban(None)),
    (0.005, Deed::BanStranger),
    (0.015, Deed::Unban(None)),
    (0.09, Deed::Timeout(None)),
    (0.02, Deed::LiftTimeout(None)),
    (0.002, Deed::Prune),
    (0.03, Deed::Nick),
    (0.1, Deed::Roles),
    (0.1, Deed::Automod),
    (0.22, Deed::DeleteMessage),
    (0.12, Deed::BotDeletesMessage),
    (0.03, Deed::DeleteMessages),
    (0.05, Deed::MoveVoice),
    (0.04, Deed::DisconnectVoice),
    (0.3, Deed::CreateAnyInvite),
    (0.04, Deed::DeleteInvite(None)),
    (0.01, Deed::ChangeRoles),
    (0.01, Deed::ChangeEmojis),
    (0.005, Deed::ChangeGuild),
    (0.003, Deed::Rush { joins: 6, codes: 3 }),
];
/// Raids against joins.
const RAIDS: f64 = 0.000_4;

/// Joins a day that a guild has by itself: about two for a thousand people.
pub(crate) fn joins_per_day(guild: &Guild) -> f64 {
    f64::from(guild.human_count) * 0.001_8 + 0.03
}

/// Something that is due.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// Discord tells something.
    Tell(Happening),
    /// Somebody does something.
    Do(Deed),
}

/// The play of members and moderators over all guilds.
pub(crate) struct SocietyPlay {
    pub(crate) rng: Rng,
    /// When something happens by itself the next time; `None` for never.
    next_ns: Option<i64>,
    /// Things that happen in a nanosecond.
    rate_per_ns: f64,
    /// Whether they happen at all hours alike.
    pub(crate) is_steady: bool,
    weighted: Weighted,
    due: BTreeMap<(i64, u64), (u32, Due)>,
    arranged: u64,
}

impl SocietyPlay {
    pub(crate) fn new(config: &WorldConfig, guilds: &[Guild]) -> Self {
        let joins: Vec<f64> = guilds.iter().map(joins_per_day).collect();
        let natural = joins.iter().sum::<f64>() / 24.0;
        let joins_per_hour = config.joins_per_hour.unwrap_or(natural);
        let deeds: f64 = DEEDS.iter().map(|(weight, _)| weight).sum::<f64>() + RAIDS;
        let is_steady = config.joins_per_hour.is_some();
        let drawn = if is_steady { 1.0 } else { BUSIEST };
        let mut play = Self {
            rng: Rng::of(&[config.seed, 0x50c1]),
            next_ns: Some((config.start.0 + 1) * NS_PER_MS),
            rate_per_ns: joins_per_hour * deeds * drawn / HOUR_NS,
            is_steady,
            weighted: Weighted::new(&joins),
            due: BTreeMap::new(),
            arranged: 0,
        };
        play.wait();
        play
    }

    /// Goes on after a silence.
    pub(crate) fn resume(&mut self, clock: UnixMs) {
        self.next_ns = Some((clock.0 + 1) * NS_PER_MS);
        self.wait();
    }

    /// Draws the time until something happens by itself.
    pub(crate) fn wait(&mut self) {
        let pause_ns = self.rng.waiting() / self.rate_per_ns;
        // A pause longer than a century is silence.
        self.next_ns = match pause_ns < 3.2e18 {
            true => self.next_ns.and_then(|last| last.checked_add(pause_ns as i64)),
            false => None,
        };
    }

    /// When something happens by itself.
    pub(crate) fn next(&self) -> Option<UnixMs> {
        Some(UnixMs(self.next_ns?.div_euclid(NS_PER_MS)))
    }

    /// A guild, and what happens there.
    pub(crate) fn draw(&mut self) -> (usize, Deed) {
        let guild = self.weighted.draw(&mut self.rng);
        let total = DEEDS.iter().map(|(weight, _)| weight).sum::<f64>() + RAIDS;
        let mut drawn = self.rng.unit() * total;
        let deed = DEEDS.iter().find(|(weight, _)| {
            drawn -= weight;
            drawn < 0.0
        });
        let raid = || Deed::Raid(super::Raid::of(25 + self.rng.below(200) as u32));
        let deed = deed.map(|(_, deed)| deed.clone());
        (guild, deed.unwrap_or_else(raid))
    }

    /// When the next errand is due.
    pub(crate) fn next_due(&self) -> Option<UnixMs> {
        self.due.keys().next().map(|(at, _)| UnixMs(*at))
    }

    pub(crate) fn take_due(&mut self) -> Option<(u32, Due)> {
        self.due.pop_first().map(|(_, due)| due)
    }

    /// Arranges something; gives it back where there is no room.
    pub(crate) fn arrange(&mut self, at: UnixMs, guild: usize, due: Due) -> Result<(), Due> {
        if self.due.len() >= limits::SOCIETY_ERRANDS_MAX {
            return Err(due);
        }
        self.due.insert((at.0, self.arranged), (guild as u32, due));
        self.arranged += 1;
        Ok(())
    }
}
