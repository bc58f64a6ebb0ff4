//! Days, weekdays and time zones by arithmetic: the world knows no clock and no tables.
//!
//! Days to dates: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain).

use vigie_core::vocabulary::UnixMs;

/// Milliseconds in an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// When clocks are put forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daylight {
    /// Never.
    None,
    /// European Union: last Sunday of March to last Sunday of October, at 01:00 UTC.
    Europe,
    /// United States and Canada: second Sunday of March to first Sunday of November, at 02:00 local time.
    NorthAmerica,
}

/// A time zone: its IANA name, and the arithmetic of its offset in our years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone {
    /// IANA name.
    pub name: &'static str,
    /// Minutes east of UTC in winter.
    pub standard_offset_minutes: i32,
    /// When clocks are put forward by an hour.
    pub daylight: Daylight,
}

impl TimeZone {
    /// Minutes east of UTC at this instant.
    pub fn offset_minutes(&self, at: UnixMs) -> i32 {
        let forward = match self.daylight {
            Daylight::None => false,
            Daylight::Europe => {
                let year = date(at.0.div_euclid(DAY_MS)).0;
                let from = last_sunday(year, 3) * DAY_MS + HOUR_MS;
                let to = last_sunday(year, 10) * DAY_MS + HOUR_MS;
                (from..to).contains(&at.0)
            }
            Daylight::NorthAmerica => {
                let winter = at.0 + i64::from(self.standard_offset_minutes) * 60_000;
                let year = date(winter.div_euclid(DAY_MS)).0;
                let from = (first_sunday(year, 3) + 7) * DAY_MS + 2 * HOUR_MS;
                // 02:00 by summer clocks is 01:00 by winter ones.
                let to = first_sunday(year, 11) * DAY_MS + HOUR_MS;
                (from..to).contains(&winter)
            }
        };
        self.standard_offset_minutes + if forward { 60 } else { 0 }
    }

    /// Local weekday (Monday is 0) and hour at this instant.
    pub fn weekday_and_hour(&self, at: UnixMs) -> (usize, usize) {
        let local = at.0 + i64::from(self.offset_minutes(at)) * 60_000;
        let day = local.div_euclid(DAY_MS);
        (weekday(day), (local.rem_euclid(DAY_MS) / HOUR_MS) as usize)
    }
}

/// Weekday of a day counted from 1970; Monday is 0.
pub(crate) fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// Year, month and day of a day counted from 1970.
pub(crate) fn date(day: i64) -> (i64, u32, u32) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day_of_month = (of_year - (153 * month_index + 2) / 5 + 1) as u32;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_month)
}

/// The day counted from 1970 of a date.
pub(crate) fn day_of(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_index = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let of_year = (153 * month_index + 2) / 5 + i64::from(day) - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Writes `2026-03-02T09:15:00.123000+00:00`, the form of Discord's timestamps.
pub(crate) fn push_timestamp(at: UnixMs, out: &mut String) {
    let (year, month, day) = date(at.0.div_euclid(DAY_MS));
    let of_day = at.0.rem_euclid(DAY_MS) as u32;
    let mut text = *b"0000-00-00T00:00:00.000000+00:00";
    let mut put = |from: usize, digits: usize, mut value: u32| {
        for place in (from..from + digits).rev() {
            text[place] = b'0' + (value % 10) as u8;
            value /= 10;
        }
    };
    put(0, 4, year.clamp(0, 9_999) as u32);
    put(5, 2, month);
    put(8, 2, day);
    put(11, 2, of_day / 3_600_000);
    put(14, 2, of_day / 60_000 % 60);
    put(17, 2, of_day / 1_000 % 60);
    put(20, 3, of_day % 1_000);
    out.push_str(std::str::from_utf8(&text).expect("digits and punctuation are ASCII"));
}

/// The same instant as a clock so many hours east of UTC shows it, under ten: `2026-03-02T10:15:00.123000+01:00`.
pub(crate) fn push_timestamp_in(at: UnixMs, hours_east: u8, out: &mut String) {
    push_timestamp(UnixMs(at.0 + i64::from(hours_east) * HOUR_MS), out);
    if hours_east > 0 {
        out.truncate(out.len() - "00:00".len());
        out.push('0');
        out.push(char::from(b'0' + hours_east % 10));
        out.push_str(":00");
    }
}

fn first_sunday(year: i64, month: u32) -> i64 {
    let first = day_of(year, month, 1);
    first + (6 - weekday(first) as i64)
}

fn last_sunday(year: i64, month: u32) -> i64 {
    // March and October, the months asked for, both have 31 days.
    let last = day_of(year, month, 31);
    last - (weekday(last) as i64 + 1) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for day in (-1_000..40_000).step_by(17) {
            let (year, month, of_month) = date(day);
            assert_eq!(day_of(year, month, of_month), day);
        }
        assert_eq!(date(20_777), (2026, 11, 20));
        assert_eq!(weekday(20_777), 4);
    }

    #[test]
    fn timestamps_read_as_discord_writes_them() {
        let mut out = String::new();
        push_timestamp(UnixMs(1_772_442_000_123), &mut out);
        assert_eq!(out, "2026-03-02T09:00:00.123000+00:00");
        out.clear();
        push_timestamp_in(UnixMs(1_772_442_000_123), 1, &mut out);
        assert_eq!(out, "2026-03-02T10:00:00.123000+01:00");
    }

    #[test]
    fn clocks_change_when_they_should() {
        let paris = TimeZone {
            name: "Europe/Paris",
            standard_offset_minutes: 60,
            daylight: Daylight::Europe,
        };
        let at = |y, m, d, h: i64| UnixMs(day_of(y, m, d) * DAY_MS + h * HOUR_MS);
        assert_eq!(paris.offset_minutes(at(2026, 3, 29, 0)), 60);
        assert_eq!(paris.offset_minutes(at(2026, 3, 29, 1)), 120);
        assert_eq!(paris.offset_minutes(at(2026, 10, 25, 0)), 120);
        assert_eq!(paris.offset_minutes(at(2026, 10, 25, 1)), 60);
        let york = TimeZone {
            name: "America/New_York",
            standard_offset_minutes: -300,
            daylight: Daylight::NorthAmerica,
        };
        assert_eq!(york.offset_minutes(at(2026, 3, 8, 6)), -300);
        assert_eq!(york.offset_minutes(at(2026, 3, 8, 7)), -240);
        assert_eq!(york.offset_minutes(at(2026, 11, 1, 5)), -240);
        assert_eq!(york.offset_minutes(at(2026, 11, 1, 6)), -300);
    }
}
