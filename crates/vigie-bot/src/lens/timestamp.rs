//! RFC 3339 instants, offsets honoured: Discord has been seen to write others than `+00:00`.

use vigie_core::vocabulary::UnixMs;

use crate::limits;

/// The instant that `text` names, whole milliseconds (the rest is cut); `None` for anything but RFC 3339.
pub(super) fn parse(text: &str) -> Option<UnixMs> {
    if text.len() > limits::TIMESTAMP_BYTES_MAX {
        return None;
    }
    let (date, rest) = text.as_bytes().split_at_checked(10)?;
    let (time, rest) = rest.split_at_checked(9)?;
    let ([date_dash, month_dash], [letter, hour_colon, minute_colon]) =
        ([date[4], date[7]], [time[0], time[3], time[6]]);
    if [date_dash, month_dash, letter, hour_colon, minute_colon] != *b"--T::" {
        return None;
    }
    let (year, month, day) = (number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?);
    let (hour, minute, second) = (number(&time[1..3])?, number(&time[4..6])?, number(&time[7..])?);
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (ms, rest) = fraction(rest)?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(UnixMs((seconds - offset_seconds(rest)?) * 1_000 + ms))
}

/// Milliseconds of `.833000…` where there is one, and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', digits @ ..] = rest else { return Some((0, rest)) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let ms = (0..3).fold(0, |ms, index| {
        let digit = if index < length { digits[index] - b'0' } else { 0 };
        ms * 10 + i64::from(digit)
    });
    Some((ms, &digits[length..]))
}

/// Seconds that the local time written is ahead of UTC.
fn offset_seconds(offset: &[u8]) -> Option<i64> {
    let sign = match offset {
        b"Z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(&offset[1..3])?, number(&offset[4..])?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
    })
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_FROM_YEAR_0_TO_1970: i64 = 719_528;
    // Leap years among 0 ..= year - 1; year 0 is one, when the calendar is carried back.
    let before = year - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) + 1;
    let day_of_year = (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1;
    year * 365 + leaps + day_of_year - DAYS_FROM_YEAR_0_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_their_offset() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("2022-01-17T15:32:05.833000+00:00", 1_642_433_525_833),
            ("2023-01-13T00:27:45.148+01:00", 1_673_566_065_148),
            ("2026-03-02T09:15:00-05:30", 1_772_462_700_000),
            ("2024-02-29T23:59:59.9999999Z", 1_709_251_199_999),
            ("2000-03-01T00:00:00.5Z", 951_868_800_500),
            ("1969-12-31T23:59:59.999Z", -1),
        ];
        for (text, ms) in cases {
            assert_eq!(parse(text), Some(UnixMs(ms)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "2022-01-17",
            "2022-01-17T15:32:05",
            "2022-01-17T15:32:05.Z",
            "2022-13-17T15:32:05Z",
            "2023-02-29T15:32:05Z",
            "2022-01-17T24:00:00Z",
            "2022-01-17T15:32:05+1:00",
            "2022-01-17T15:32:05+24:00",
            "2022-01-17T15:32:05.833000+00:00 and more",
            "２０２２-01-17T15:32:05Z",
            "1642433525",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
