//! Between our values and those of the tables: ids, names, counters.

use crate::limits::{COUNTER_MAX, SMALL_COUNTER_MAX};

/// The stored form of a snowflake; `None` for one that does not fit into 63 bits. Discord's will not reach the 64th before the
/// year 2084, so that such an id is a mistake or an attack, and is refused rather than wrapped into another's.
pub(crate) fn key(snowflake: u64) -> Option<i64> {
    i64::try_from(snowflake).ok()
}

/// The snowflake of a stored id.
pub(crate) fn id(stored: i64) -> u64 {
    stored as u64
}

/// A sum as it comes out of the tables, where nothing is ever negative.
pub(crate) fn sum(stored: i64) -> u64 {
    stored.max(0) as u64
}

/// A sum of one hour or minute, in the width of the vocabulary; stays at its maximum.
pub(crate) fn counter(stored: i64) -> u32 {
    u32::try_from(stored.max(0)).unwrap_or(u32::MAX)
}

/// A counter as an INT column takes it; stays at [`COUNTER_MAX`].
pub(crate) fn int(count: u64) -> i32 {
    count.min(COUNTER_MAX as u64) as i32
}

/// A counter as a SMALLINT column takes it; stays at [`SMALL_COUNTER_MAX`].
pub(crate) fn small_int(count: u64) -> i32 {
    count.min(SMALL_COUNTER_MAX as u64) as i32
}

/// Text that both engines can hold: without NUL, which PostgreSQL refuses, and not longer than `bytes_max`.
pub(crate) fn text(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace('\0', "")
}

/// Appends a number as LEB128.
pub(crate) fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a LEB128 number off the front; `None` if there is none.
pub(crate) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Text as it is searched: whatever the case.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The LIKE pattern of what contains a text. What is searched is stored folded the same way ([`folded`]), without NUL.
pub(crate) fn like_pattern(search: &str) -> String {
    let mut pattern = String::with_capacity(search.len() + 2);
    pattern.push('%');
    for character in search.to_lowercase().chars().filter(|c| *c != '\0') {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::{key, like_pattern, text};

    #[test]
    fn ids_of_64_bits_are_refused() {
        assert_eq!(key(i64::MAX as u64), Some(i64::MAX));
        assert_eq!(key(1 << 63), None);
        assert_eq!(key(u64::MAX), None);
    }

    #[test]
    fn a_search_is_no_pattern() {
        assert_eq!(like_pattern("100%_\\ÀB\0"), "%100\\%\\_\\\\àb%");
    }

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(text("aé", 2), "a");
        assert_eq!(text("aé", 3), "aé");
        assert_eq!(text("a\0b", 10), "ab");
        assert_eq!(text("", 0), "");
    }
}
