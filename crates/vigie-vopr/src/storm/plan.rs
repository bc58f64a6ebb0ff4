//! What goes wrong, and when: drawn from the seed before anything runs.

use std::ops::Range;

use vigie_core::vocabulary::UnixMs;
use vigie_world::{Deed, Raid};

/// One storm.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// Guilds of the world.
    pub guilds: u32,
    /// Members of the largest guild.
    pub members_max: u32,
    /// Live events a second over all guilds.
    pub events_per_second: f64,
    /// Joins an hour over all guilds; `None` for as many as come by themselves.
    pub joins_per_hour: Option<f64>,
    /// When it begins.
    pub start: UnixMs,
    /// When the last trouble is over; a quiet end follows.
    pub end: UnixMs,
    /// Milliseconds between two flushes.
    pub flush_interval_ms: u32,
    /// Bytes of undelivered records on disk before periodic ones are merged.
    pub pending_bytes_max: u64,
    /// The troubles, by time.
    pub troubles: Vec<(UnixMs, Trouble)>,
    /// What people do beside what happens by itself, by time: in which guild, and what.
    pub deeds: Vec<(UnixMs, u32, Deed)>,
}

/// Something that goes wrong. Durations in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The connection breaks; the client is back after a while.
    Drop {
        /// How long.
        away_ms: i64,
    },
    /// Op 7: the client comes back at once.
    Reconnect,
    /// Op 9, not resumable: the session is gone.
    SessionGone {
        /// How long until it logs in anew.
        away_ms: i64,
    },
    /// Nothing arrives for a while, then the client takes the connection for dead and comes back.
    Stall {
        /// How long.
        silent_ms: i64,
    },
    /// The process is killed; it starts again after a while. `torn`: the last commit reaches the disk in part.
    Kill {
        /// How long until it starts again.
        away_ms: i64,
        /// Whether a write is under way.
        torn: bool,
    },
    /// The process is stopped in order and starts again after a while.
    Stop {
        /// How long until it starts again.
        away_ms: i64,
    },
    /// Discord reports one guild unavailable for a while.
    Outage {
        /// Its place in the world.
        guild: u32,
        /// How long.
        for_ms: i64,
    },
    /// Commits fail for a while: the disk is full.
    DiskFull {
        /// How long.
        for_ms: i64,
    },
    /// The far side takes nothing for a while.
    StoreAway {
        /// How long.
        for_ms: i64,
    },
    /// The wall clock jumps.
    ClockJump {
        /// How far, forward or back.
        by_ms: i64,
    },
    /// Each of the next dispatches comes twice, under two numbers.
    Repeats {
        /// How many dispatches.
        count: u32,
    },
    /// Requests for history are refused with 429 for a while.
    RateLimits {
        /// How long.
        for_ms: i64,
    },
    /// The consumer dies and starts again.
    ConsumerDies,
}

/// How long a storm lasts at most, without its quiet end.
const DURATION_MS: Range<i64> = 60_000..900_000;

/// Longer than Discord keeps what a session missed.
const TOO_LONG_MS: Range<i64> = 185_000..400_000;

impl Plan {
    /// The storm of a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed ^ 0x5703_4d00);
        // Storms begin at any minute of an hour, so that some of them cross its end; the day is one without meaning.
        let start = UnixMs(1_795_176_000_000 + dice.i64(0..3_600_000));
        let duration_ms = dice.i64(DURATION_MS);
        let end = UnixMs(start.0 + duration_ms);
        let guilds = dice.u32(1..=4);
        let mut troubles: Vec<_> = (0..dice.usize(1..=10))
            .map(|_| {
                let at = UnixMs(start.0 + dice.i64(5_000..duration_ms));
                (at, Trouble::draw(&mut dice, guilds))
            })
            .collect();
        troubles.sort_by_key(|(at, _)| *at);
        let plan = Self {
            seed,
            guilds,
            members_max: 300,
            events_per_second: f64::from(dice.u32(1..=30)),
            joins_per_hour: None,
            start,
            end,
            flush_interval_ms: [2_000, 10_000, 60_000][dice.usize(0..3)],
            pending_bytes_max: [4 << 10, 64 << 10, 1 << 30][dice.usize(0..3)],
            troubles,
            deeds: Vec::new(),
        };
        // People come and go more often than in years of such guilds, and sometimes many at once.
        let joins_per_hour = Some(f64::from(dice.u32(20..=400)));
        let mut deeds: Vec<_> = (0..dice.usize(0..=8))
            .map(|_| {
                let at = UnixMs(start.0 + dice.i64(5_000..duration_ms));
                (at, dice.u32(0..guilds), draw_deed(&mut dice))
            })
            .collect();
        deeds.sort_by_key(|(at, ..)| *at);
        Self { joins_per_hour, deeds, ..plan }
    }
}

/// Something that many people do at once, or that seldom happens by itself.
fn draw_deed(dice: &mut fastrand::Rng) -> Deed {
    match dice.u32(0..10) {
        0..=2 => Deed::Rush { joins: dice.u32(2..=30), codes: dice.u32(1..=4) },
        3 => Deed::Raid(Raid {
            members: dice.u32(5..=120),
            joins_within_ms: dice.u32(500..20_000),
            bans_after_ms: 30_000,
            bans_within_ms: dice.u32(500..20_000),
        }),
        4 => Deed::CreateInvite {
            max_age_s: [0, 120, 600][dice.usize(0..3)],
            max_uses: dice.u32(0..=3),
            temporary: dice.bool(),
        },
        5 => Deed::Prune,
        6 => Deed::AddBot,
        7 => Deed::Rejoin,
        8 => Deed::RepeatJoin,
        _ => Deed::JoinByVanity,
    }
}

impl Trouble {
    fn draw(dice: &mut fastrand::Rng, guilds: u32) -> Self {
        // Mostly short, so that the session can be resumed; sometimes too long for that.
        let away_ms = match dice.u32(0..4) {
            0 => dice.i64(TOO_LONG_MS),
            1 => dice.i64(10_000..150_000),
            _ => dice.i64(50..10_000),
        };
        let for_ms = dice.i64(100..120_000);
        match dice.u32(0..16) {
            0 => Self::Drop { away_ms },
            1 => Self::Reconnect,
            2 => Self::SessionGone { away_ms: away_ms.min(60_000) },
            3 => Self::Stall { silent_ms: dice.i64(1_000..90_000) },
            4..=6 => Self::Kill { away_ms, torn: dice.bool() },
            7 => Self::Stop { away_ms },
            8 | 9 => Self::Outage { guild: dice.u32(0..guilds), for_ms: for_ms * 2 },
            10 => Self::DiskFull { for_ms },
            11 => Self::StoreAway { for_ms: for_ms * 3 },
            12 => Self::ClockJump { by_ms: dice.i64(-7_200_000..7_200_000) },
            13 => Self::Repeats { count: dice.u32(1..200) },
            14 => Self::RateLimits { for_ms },
            _ => Self::ConsumerDies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_draws_the_same_storm() {
        for seed in 0..50 {
            assert_eq!(format!("{:?}", Plan::of(seed)), format!("{:?}", Plan::of(seed)));
        }
    }

    #[test]
    fn every_trouble_is_drawn_by_some_seed() {
        let drawn = |kind: fn(&Trouble) -> bool| {
            (0..200).any(|seed| Plan::of(seed).troubles.iter().any(|(_, trouble)| kind(trouble)))
        };
        assert!(drawn(|trouble| matches!(trouble, Trouble::Kill { torn: true, .. })));
        assert!(drawn(|trouble| matches!(trouble, Trouble::SessionGone { .. })));
        assert!(drawn(|trouble| matches!(trouble, Trouble::ClockJump { by_ms } if *by_ms < 0)));
        assert!(drawn(|trouble| matches!(trouble, Trouble::ConsumerDies)));
    }
}
