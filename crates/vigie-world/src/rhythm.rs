//! When people are there: daily and weekly curves, by kind of community, in each guild's time zone.

use vigie_core::vocabulary::UnixMs;

use crate::calendar::TimeZone;

/// What a guild is about; it decides its channels, its words and its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Community {
    /// Players of a game: evenings, and weekends most of all.
    Game,
    /// Contributors of an open source project: working hours, quiet weekends.
    Project,
    /// An association: lunch breaks and evenings, busy before the weekend.
    Association,
    /// A few friends: late evenings.
    Friends,
    /// Students: afternoons and evenings, Sundays before Mondays.
    Study,
    /// Followers of creators: evenings, with one day of the week that stands out.
    Creators,
}

impl Community {
    /// All of them, in the order of their rhythms.
    pub const ALL: [Self; 6] =
        [Self::Game, Self::Project, Self::Association, Self::Friends, Self::Study, Self::Creators];
}

/// Hours of a week, from Monday 00:00.
const WEEK_HOURS: usize = 7 * 24;

/// Hour weights of a weekday and of a weekend day, and weights of the days from Monday.
struct Curve {
    weekday: [u8; 24],
    weekend: [u8; 24],
    days: [u8; 7],
}

/// The weekly curves of all communities, each of mean 1.
#[derive(Clone, Debug)]
pub(crate) struct Rhythms([[f32; WEEK_HOURS]; Community::ALL.len()]);

impl Rhythms {
    pub(crate) fn new() -> Self {
        Self(CURVES.each_ref().map(week))
    }

    /// How busy this hour is against the mean hour of the week.
    pub(crate) fn weight(&self, community: Community, zone: &TimeZone, at: UnixMs) -> f64 {
        let (weekday, hour) = zone.weekday_and_hour(at);
        f64::from(self.0[community as usize][weekday * 24 + hour])
    }

    /// The weight of the busiest hour.
    pub(crate) fn peak(&self, community: Community) -> f64 {
        f64::from(self.0[community as usize].iter().copied().fold(1.0, f32::max))
    }
}

fn week(curve: &Curve) -> [f32; WEEK_HOURS] {
    let mut hours = [0.0f64; WEEK_HOURS];
    for (at, hour) in hours.iter_mut().enumerate() {
        let (day, of_day) = (at / 24, at % 24);
        let shape = if day >= 5 { &curve.weekend } else { &curve.weekday };
        let total: u32 = shape.iter().map(|&weight| u32::from(weight)).sum();
        *hour = f64::from(shape[of_day]) / f64::from(total) * f64::from(curve.days[day]);
    }
    let mean = hours.iter().sum::<f64>() / WEEK_HOURS as f64;
    hours.map(|hour| (hour / mean) as f32)
}

/// The curves in the order of [`Community::ALL`].
const CURVES: [Curve; Community::ALL.len()] = [
    // Evenings, and weekends most of all.
    Curve {
        weekday: [
            38, 24, 14, 8, 5, 4, 5, 8, 11, 13, 15, 18, 22, 24, 26, 32, 42, 54, 64, 74, 84, 88, 78,
            58,
        ],
        weekend: [
            54, 38, 24, 14, 8, 6, 6, 9, 15, 24, 36, 46, 54, 60, 64, 68, 72, 76, 80, 86, 92, 92, 82,
            68,
        ],
        days: [86, 84, 88, 92, 112, 136, 128],
    },
    // Working hours.
    Curve {
        weekday: [
            10, 7, 5, 4, 4, 6, 12, 26, 54, 82, 92, 86, 62, 72, 90, 94, 84, 66, 46, 38, 36, 32, 24,
            16,
        ],
        weekend: [
            16, 10, 7, 5, 5, 6, 9, 16, 28, 42, 52, 54, 48, 48, 52, 54, 50, 44, 40, 40, 40, 36, 28,
            20,
        ],
        days: [118, 126, 128, 122, 100, 52, 48],
    },
    // Lunch breaks and evenings, planning on Fridays.
    Curve {
        weekday: [
            4, 2, 1, 1, 1, 3, 10, 22, 28, 26, 24, 32, 54, 42, 24, 22, 28, 42, 62, 76, 88, 74, 40,
            14,
        ],
        weekend: [
            6, 3, 1, 1, 1, 3, 9, 24, 46, 62, 66, 60, 44, 38, 40, 44, 52, 62, 72, 76, 70, 54, 32, 14,
        ],
        days: [92, 88, 96, 116, 134, 84, 108],
    },
    // Late evenings, from Fridays on.
    Curve {
        weekday: [
            36, 20, 8, 4, 2, 2, 6, 14, 16, 14, 16, 22, 40, 30, 20, 20, 26, 40, 54, 66, 82, 94, 88,
            62,
        ],
        weekend: [
            62, 46, 30, 14, 6, 3, 4, 8, 18, 32, 44, 50, 54, 50, 48, 50, 54, 60, 66, 74, 86, 94, 90,
            78,
        ],
        days: [78, 80, 86, 96, 128, 140, 112],
    },
    // Afternoons and evenings, Sundays before Mondays.
    Curve {
        weekday: [
            26, 14, 8, 5, 4, 5, 12, 24, 36, 42, 46, 48, 42, 52, 64, 72, 76, 72, 66, 74, 84, 82, 64,
            42,
        ],
        weekend: [
            28, 18, 10, 6, 4, 4, 6, 12, 24, 42, 58, 64, 58, 60, 70, 76, 78, 72, 64, 68, 74, 70, 54,
            38,
        ],
        days: [116, 120, 116, 108, 76, 70, 114],
    },
    // Evenings, live on Wednesdays and Fridays.
    Curve {
        weekday: [
            30, 18, 10, 6, 4, 4, 6, 12, 18, 20, 22, 26, 34, 32, 32, 36, 44, 58, 76, 94, 98, 86, 66,
            46,
        ],
        weekend: [
            44, 28, 16, 9, 6, 5, 6, 12, 22, 34, 44, 52, 58, 58, 58, 60, 62, 68, 78, 88, 90, 80, 66,
            54,
        ],
        days: [82, 84, 104, 88, 118, 130, 116],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DAY_MS, Daylight, HOUR_MS, day_of};

    #[test]
    fn every_week_has_mean_one_and_a_night() {
        let rhythms = Rhythms::new();
        for community in Community::ALL {
            let hours = &rhythms.0[community as usize];
            let mean = hours.iter().sum::<f32>() / WEEK_HOURS as f32;
            assert!((mean - 1.0).abs() < 1e-4, "{community:?} {mean}");
            assert!(hours[3] < 0.4 && rhythms.peak(community) > 1.5, "{community:?}");
        }
    }

    #[test]
    fn games_live_at_the_weekend_and_projects_at_work() {
        let rhythms = Rhythms::new();
        let day = |community: Community, day: usize| -> f32 {
            rhythms.0[community as usize][day * 24..(day + 1) * 24].iter().sum()
        };
        assert!(day(Community::Game, 5) > 1.3 * day(Community::Game, 1));
        assert!(day(Community::Project, 2) > 2.0 * day(Community::Project, 6));
    }

    #[test]
    fn the_curve_follows_the_guild_not_the_observer() {
        let rhythms = Rhythms::new();
        let tokyo =
            TimeZone { name: "Asia/Tokyo", standard_offset_minutes: 540, daylight: Daylight::None };
        let at = UnixMs(day_of(2026, 11, 20) * DAY_MS + 12 * HOUR_MS);
        let evening = rhythms.weight(Community::Game, &tokyo, at);
        let night = rhythms.weight(Community::Game, &tokyo, UnixMs(at.0 + 7 * HOUR_MS));
        assert!(evening > 5.0 * night, "{evening} {night}");
    }
}
