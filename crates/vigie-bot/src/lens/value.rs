//! Single values: ids, texts, numbers, words. What is odd is told apart from what is absent, and never fails an event here.

use std::borrow::Cow;

use vigie_core::vocabulary::UnixMs;

use super::scan::{RawString, Scanner};
use super::{SetAside, timestamp};
use crate::limits;

/// A field of a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, but not a value of this type.
    Odd,
    /// There.
    Is(T),
}

impl<T> Given<T> {
    /// The value, or why the event cannot be read.
    #[inline]
    pub(super) fn or_set_aside(self, reason: &'static str) -> Result<T, SetAside> {
        self.ok().ok_or(SetAside { reason })
    }

    /// The value where there is one.
    #[inline]
    pub(super) fn ok(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Odd => None,
        }
    }
}

impl<'a> Scanner<'a> {
    /// An id: digits in a string, as documented, or a number, as some tools write it; never zero.
    #[inline]
    pub(super) fn id(&mut self) -> Given<u64> {
        let id = match self.peek() {
            b'"' => match self.string() {
                RawString { text, escaped: false } => parse_id(text.as_bytes()),
                RawString { text, escaped: true } => {
                    parse_id(unescape(text, beyond(limits::ID_DIGITS_MAX)).as_bytes())
                }
            },
            b'0'..=b'9' => parse_id(self.word().as_bytes()),
            _ => return if self.plain_word() == Some("null") { Given::Absent } else { Given::Odd },
        };
        id.map_or(Given::Odd, Given::Is)
    }

    /// A text, cut at a character boundary to at most `bytes_max` bytes; `None` for anything but a string.
    #[inline]
    pub(super) fn text(&mut self, bytes_max: usize) -> Option<Cow<'a, str>> {
        if self.peek() != b'"' {
            self.skip();
            return None;
        }
        let RawString { text, escaped } = self.string();
        Some(if escaped {
            Cow::Owned(unescape(text, bytes_max))
        } else {
            Cow::Borrowed(&text[..text.floor_char_boundary(bytes_max)])
        })
    }

    /// A name: a text that is not empty, cut to the limit of names.
    #[inline]
    pub(super) fn name(&mut self) -> Option<Cow<'a, str>> {
        self.text(limits::NAME_BYTES_MAX).filter(|name| !name.is_empty())
    }

    /// The hash of an image; what cannot be one (it would end up in an address) is as good as absent.
    #[inline]
    pub(super) fn hash(&mut self) -> Option<Cow<'a, str>> {
        self.text(beyond(limits::HASH_BYTES_MAX)).filter(|hash| is_hash(hash))
    }

    /// A whole number; `None` for anything else, fractions and exponents included.
    #[inline]
    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.peek() {
            b'0'..=b'9' | b'-' => self.word().parse().ok(),
            _ => {
                self.skip();
                None
            }
        }
    }

    /// A whole number that is not negative, plain or as digits in a string, as the options of audit entries and permissions are
    /// written; `None` for anything else.
    pub(super) fn number(&mut self) -> Option<u64> {
        match self.peek() {
            b'"' => {
                self.text(beyond(limits::ID_DIGITS_MAX)).and_then(|digits| parse_digits(&digits))
            }
            b'0'..=b'9' => parse_digits(self.word()),
            _ => {
                self.skip();
                None
            }
        }
    }

    /// The same, if it fits 32 bits.
    pub(super) fn count(&mut self) -> Option<u32> {
        self.number().and_then(|number| u32::try_from(number).ok())
    }

    /// An instant; `None` for anything but a text that is one.
    pub(super) fn instant(&mut self) -> Option<UnixMs> {
        self.text(beyond(limits::TIMESTAMP_BYTES_MAX)).and_then(|text| timestamp::parse(&text))
    }

    /// A text as it is, a number or a truth value as it is written, cut to the limit of names; `None` for anything else.
    pub(super) fn scalar(&mut self) -> Option<Cow<'a, str>> {
        match self.peek() {
            b'"' => self.text(limits::NAME_BYTES_MAX),
            b'0'..=b'9' | b'-' | b't' | b'f' => {
                let word = self.word();
                Some(Cow::Borrowed(&word[..word.floor_char_boundary(limits::NAME_BYTES_MAX)]))
            }
            _ => {
                self.skip();
                None
            }
        }
    }

    /// `true` for exactly `true`.
    #[inline]
    pub(super) fn is_true(&mut self) -> bool {
        self.plain_word() == Some("true")
    }

    /// `true` for anything but `false` and `null`: for flags that must not be missed when they are oddly written.
    #[inline]
    pub(super) fn is_set(&mut self) -> bool {
        !matches!(self.plain_word(), Some("false" | "null"))
    }

    /// The word (`true`, `false`, `null`) under the cursor; any other value is stepped over.
    #[inline]
    fn plain_word(&mut self) -> Option<&'a str> {
        if self.peek().is_ascii_lowercase() {
            return Some(self.word());
        }
        self.skip();
        None
    }
}

/// A cut that leaves more than `bytes_max` bytes of any longer text, whatever character stands there.
pub(super) fn beyond(bytes_max: usize) -> usize {
    bytes_max + char::MAX_LEN_UTF8
}

fn is_hash(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::HASH_BYTES_MAX
        // Without an early end the compiler makes vector instructions of it.
        && text.bytes().fold(true, |all, byte| all & (byte.is_ascii_alphanumeric() | (byte == b'_')))
}

/// The number written in 1 to 20 digits, zero among them; `None` for what does not fit 64 bits and for anything but digits.
fn parse_digits(digits: &str) -> Option<u64> {
    let are_digits =
        digits.len() <= limits::ID_DIGITS_MAX && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| are_digits)
}

/// The number written in 1 to 20 digits; `None` for zero, for what does not fit 64 bits and for anything but digits.
#[inline]
fn parse_id(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > limits::ID_DIGITS_MAX {
        return None;
    }
    // Snowflakes have 17 to 19 digits: a short head, then two groups of eight, each taken at once.
    let (head, groups) = digits.as_rchunks::<8>();
    let mut value = 0_u64;
    for &digit in head {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    for &group in groups {
        value = value.checked_mul(100_000_000)?.checked_add(eight_digits(group)?)?;
    }
    (value != 0).then_some(value)
}

/// The number written in eight digits.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(digits) ^ 0x3030_3030_3030_3030;
    // Each byte must be 0..=9: 0x0a + 0x76 is the first sum with the high bit set. A carry into the next byte needs a
    // byte of 0x8a or more, whose own high bit is refused anyway.
    if (word | word.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Digits to pairs, pairs to fours, fours to eight; the first digit is the lowest byte.
    let pairs = (word & 0x000f_000f_000f_000f) * 10 + ((word >> 8) & 0x000f_000f_000f_000f);
    let fours = (pairs & 0x0000_00ff_0000_00ff) * 100 + ((pairs >> 16) & 0x0000_00ff_0000_00ff);
    Some((fours & 0xffff_ffff) * 10_000 + (fours >> 32))
}

/// The text that `raw` stands for, cut at a character boundary to at most `bytes_max` bytes.
///
/// Half a surrogate pair and unknown escapes become U+FFFD: a name is never refused for them.
fn unescape(raw: &str, bytes_max: usize) -> String {
    let mut out = String::new();
    let mut rest = raw;
    loop {
        let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        // A character more than the limit is enough to see that it is passed.
        out.push_str(&rest[..plain.min(rest.floor_char_boundary(bytes_max + 4))]);
        rest = &rest[plain..];
        if rest.is_empty() || out.len() >= bytes_max {
            break;
        }
        let (character, length) = escape(rest);
        out.push(character);
        rest = &rest[length..];
    }
    out.truncate(out.floor_char_boundary(bytes_max));
    out
}

/// The character that the escape at the start of `rest` stands for, and the bytes it takes.
fn escape(rest: &str) -> (char, usize) {
    let mut characters = rest.chars().skip(1);
    let Some(kind) = characters.next() else { return (char::REPLACEMENT_CHARACTER, 1) };
    let plain = match kind {
        '"' | '\\' | '/' => kind,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode_escape(rest.as_bytes()),
        _ => return (char::REPLACEMENT_CHARACTER, 1 + kind.len_utf8()),
    };
    (plain, 2)
}

/// `\uXXXX`, or a pair of them for a character beyond the first plane.
fn unicode_escape(rest: &[u8]) -> (char, usize) {
    let Some(first) = code_unit(rest) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if let Some(character) = char::from_u32(first) {
        return (character, 6);
    }
    // RFC 8259, section 7: a high surrogate and a low one make one character.
    let second = code_unit(&rest[6..]).filter(|unit| (0xdc00..0xe000).contains(unit));
    match second {
        Some(low) if first < 0xdc00 => {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

fn code_unit(escape: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = escape else { return None };
    digits
        .first_chunk::<4>()?
        .iter()
        .try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_that_fit_and_are_not_zero() {
        for id in [1, 9, 10, 12_345_678, 123_456_789, 1_290_000_000_000_000_100, u64::MAX] {
            assert_eq!(parse_id(id.to_string().as_bytes()), Some(id));
        }
        assert_eq!(parse_id(b"00000000000000000007"), Some(7));
        for odd in
            ["", "0", "18446744073709551616", "99999999999999999999", "1 ", "-1", "+1", "12345678x"]
        {
            assert_eq!(parse_id(odd.as_bytes()), None, "{odd}");
        }
        for position in 0..19 {
            for wrong in [b'/', b':', 0, 0x80, 0xba, 0xff] {
                let mut digits = *b"1290000000000000100";
                digits[position] = wrong;
                assert_eq!(parse_id(&digits), None);
            }
        }
    }

    #[test]
    fn escapes_are_resolved_and_half_pairs_replaced() {
        let cases = [
            (r"a\nb", "a\nb"),
            (r#"\"\\\/\b\f\r\t"#, "\"\\/\u{8}\u{c}\r\t"),
            (r"\u00e9\ud83d\udd25", "é🔥"),
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\udd25", "\u{fffd}"),
            (r"\ud83d\ud83d\udd25", "\u{fffd}🔥"),
            (r"\u12", "\u{fffd}12"),
            (r"\uzzzz", "\u{fffd}zzzz"),
            (r"\é!", "\u{fffd}!"),
            (r"\", "\u{fffd}"),
        ];
        for (raw, text) in cases {
            assert_eq!(unescape(raw, 100), text, "{raw}");
        }
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(unescape(r"ab\u00e9", 3), "ab");
        assert_eq!(unescape(r"ab\u00e9c", 4), "abé");
        assert_eq!(unescape(r"ééé\n", 3), "é");
        assert_eq!(unescape(r"\néé", 4), "\né");
        assert_eq!(unescape(r"\n", 0), "");
    }
}
