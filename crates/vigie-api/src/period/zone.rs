//! A time zone, and the calendar in it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::{Minute, Shift};
use crate::params::query::short;
use crate::problem::Problem;

/// A time zone with its IANA name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// Reads the parameter `tz`.
    pub fn read(name: Option<&str>) -> Result<Self, Problem> {
        let Some(name) = name else { return Ok(Self::utc()) };
        let bad = || {
            Problem::bad_parameter("tz", format!("`{}` is not a time zone it knows", short(name)))
                .remedy("give an IANA name such as Europe/Paris")
        };
        let zone = TimeZone::get(name).map_err(|_| bad())?;
        let name = zone.iana_name().ok_or_else(bad)?.to_owned();
        Ok(Self { name, zone })
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Minutes to add to UTC at this minute.
    pub fn offset_minutes(&self, minute: Minute) -> i32 {
        self.zone.to_offset(timestamp(minute)).seconds() / 60
    }

    /// Whether hours of this zone begin with hours of UTC, at both ends of a span.
    pub fn on_the_hour(&self, from: Minute, to: Minute) -> bool {
        self.offset_minutes(from) % 60 == 0 && self.offset_minutes(to) % 60 == 0
    }

    /// Weekday (0 = Monday) and hour of the day.
    pub fn weekday_and_hour(&self, minute: Minute) -> (usize, usize) {
        let local = i64::from(minute) + i64::from(self.offset_minutes(minute));
        let day = local.div_euclid(24 * 60);
        // 1970-01-01 was a Thursday, three days after a Monday.
        let weekday = (day + 3).rem_euclid(7);
        (weekday as usize, (local.rem_euclid(24 * 60) / 60) as usize)
    }

    /// Days since 1970 on the calendar of the zone.
    pub fn day_number(&self, minute: Minute) -> i64 {
        (i64::from(minute) + i64::from(self.offset_minutes(minute))).div_euclid(24 * 60)
    }

    /// Start of the zone's hour that this minute lies in.
    pub fn hour_start(&self, minute: Minute) -> Minute {
        let local = i64::from(minute) + i64::from(self.offset_minutes(minute));
        minute.saturating_sub(local.rem_euclid(60) as u32)
    }

    /// Start of the zone's hour after the one that this minute lies in.
    pub fn next_hour(&self, minute: Minute) -> Minute {
        let next = self.hour_start(minute + 60);
        // Clocks that change by half an hour can make an hour shorter than an hour.
        if next > minute { next } else { minute + 60 }
    }

    /// First minute of the day this minute lies in, moved by so many days.
    pub fn day_start(&self, minute: Minute, days: i32) -> Minute {
        let date = self.local(minute).date();
        self.midnight(date.saturating_add(days.days()))
    }

    /// First minute of the week (Monday) that this minute lies in.
    pub fn week_start(&self, minute: Minute) -> Minute {
        let date = self.local(minute).date();
        let since_monday = i32::from(date.weekday().to_monday_zero_offset());
        self.midnight(date.saturating_sub(since_monday.days()))
    }

    /// First minute of the Monday after the week that this minute lies in.
    pub fn next_week(&self, minute: Minute) -> Minute {
        self.day_start(self.week_start(minute), 7)
    }

    /// First minute of the month that this minute lies in.
    pub fn month_start(&self, minute: Minute) -> Minute {
        self.midnight(self.local(minute).date().first_of_month())
    }

    /// First minute of the month after the one that this minute lies in.
    pub fn next_month(&self, minute: Minute) -> Minute {
        let first = self.local(minute).date().first_of_month();
        self.midnight(first.saturating_add(1.month()))
    }

    /// Whether a day begins with this minute.
    pub fn is_midnight(&self, minute: Minute) -> bool {
        self.day_start(minute, 0) == minute
    }

    /// Days on the calendar between two minutes.
    pub fn days_between(&self, from: Minute, to: Minute) -> i32 {
        (self.day_number(to) - self.day_number(from)) as i32
    }

    /// Moves a minute back.
    pub fn shift(&self, minute: Minute, shift: Shift) -> Minute {
        let local = self.local(minute);
        let earlier = match shift {
            Shift::Minutes(minutes) => return minute.saturating_sub(minutes),
            Shift::Days(days) => local.datetime().saturating_sub(days.days()),
            Shift::Year => local.datetime().saturating_sub(1.year()),
        };
        match self.zone.to_ambiguous_zoned(earlier).compatible() {
            Ok(zoned) => minute_of(&zoned),
            Err(_) => 0,
        }
    }

    /// Reads an instant, or a day, which stands for its first minute.
    pub fn read_start(&self, parameter: &str, text: &str) -> Result<Minute, Problem> {
        match self.read_time(parameter, text)? {
            Written::Day(date) => Ok(self.midnight(date)),
            Written::Instant(time) => Ok(bounded(time.as_second().div_euclid(60))),
        }
    }

    /// Reads an instant, rounded up to an hour of the zone, or a day, which stands for its end.
    pub fn read_end(&self, parameter: &str, text: &str) -> Result<Minute, Problem> {
        match self.read_time(parameter, text)? {
            Written::Day(date) => Ok(self.midnight(date.saturating_add(1.day()))),
            Written::Instant(time) => {
                let seconds = time.as_second() + i64::from(time.subsec_nanosecond() > 0);
                let minute = bounded((seconds + 59).div_euclid(60));
                let start = self.hour_start(minute);
                Ok(if start == minute { minute } else { self.next_hour(minute) })
            }
        }
    }

    fn read_time(&self, parameter: &str, text: &str) -> Result<Written, Problem> {
        if text.len() == 10
            && let Ok(date) = text.parse::<Date>()
        {
            return Ok(Written::Day(date));
        }
        // A `+` that was not percent-encoded arrives as a space.
        if let Ok(time) = text.replace(' ', "+").parse::<Timestamp>() {
            return Ok(Written::Instant(time));
        }
        let detail = format!("`{}` is neither an instant nor a day", short(text));
        Err(Problem::bad_parameter(parameter, detail)
            .remedy("give RFC 3339 (2026-11-01T08:00:00Z) or a day (2026-11-01)"))
    }

    fn local(&self, minute: Minute) -> Zoned {
        timestamp(minute).to_zoned(self.zone.clone())
    }

    /// First minute of a day; where clocks skip midnight, the first that exists.
    fn midnight(&self, date: Date) -> Minute {
        let start = date.to_zoned(self.zone.clone()).and_then(|zoned| zoned.start_of_day());
        // Only days at the very ends of the calendar have no instant.
        let end = if date.year() < 1970 { 0 } else { LATEST_MINUTE };
        start.map_or(end, |zoned| minute_of(&zoned))
    }
}

enum Written {
    Instant(Timestamp),
    Day(Date),
}

fn timestamp(minute: Minute) -> Timestamp {
    Timestamp::from_second(i64::from(minute) * 60).unwrap_or(Timestamp::MAX)
}

fn minute_of(zoned: &Zoned) -> Minute {
    bounded(zoned.timestamp().as_second().div_euclid(60))
}

/// Far ends of the calendar are brought to where additions cannot overflow.
fn bounded(minute: i64) -> Minute {
    minute.clamp(0, i64::from(LATEST_MINUTE)) as u32
}

/// The year 5137: beyond any clock, and far enough from the end of the numbers and of the calendar to add to it.
pub const LATEST_MINUTE: Minute = 1_666_000_000;
