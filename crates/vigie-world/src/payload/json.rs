//! The few ways of writing JSON that payloads need, without building anything in between.

use std::fmt::Write as _;

use vigie_core::vocabulary::UnixMs;

use crate::calendar::{push_timestamp, push_timestamp_in};
use crate::guild::AssetHash;

/// Appends to a string.
pub(super) struct Json<'a>(pub(super) &'a mut String);

impl Json<'_> {
    /// Text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    /// A snowflake: a number in quotes.
    pub(super) fn id(&mut self, id: u64) -> &mut Self {
        self.0.push('"');
        self.number(id);
        self.0.push('"');
        self
    }

    /// A snowflake or null.
    pub(super) fn maybe_id(&mut self, id: Option<u64>) -> &mut Self {
        match id {
            Some(id) => self.id(id),
            None => self.raw("null"),
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.raw(std::str::from_utf8(&digits[at..]).expect("digits are ASCII"))
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, flag: bool) -> &mut Self {
        self.raw(if flag { "true" } else { "false" })
    }

    /// A string, with what JSON wants escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push('"');
        self.inside(text);
        self.0.push('"');
        self
    }

    /// The inside of a string.
    pub(super) fn inside(&mut self, text: &str) -> &mut Self {
        let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
        let mut rest = text;
        while let Some(odd) = rest.bytes().position(|byte| !is_plain(byte)) {
            self.0.push_str(&rest[..odd]);
            match rest.as_bytes()[odd] {
                b'"' => self.0.push_str("\\\""),
                b'\\' => self.0.push_str("\\\\"),
                control => {
                    write!(self.0, "\\u{control:04x}").expect("a string takes everything");
                }
            }
            rest = &rest[odd + 1..];
        }
        self.0.push_str(rest);
        self
    }

    /// A string or null.
    pub(super) fn maybe_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// The hash of a picture or null.
    pub(super) fn hash(&mut self, hash: Option<AssetHash>) -> &mut Self {
        let Some(AssetHash { bits, animated }) = hash else { return self.raw("null") };
        let mut digits = [0u8; 32];
        for (place, digit) in digits.iter_mut().enumerate() {
            let nibble = (bits >> (124 - 4 * place)) as usize & 0xf;
            *digit = b"0123456789abcdef"[nibble];
        }
        self.raw(if animated { "\"a_" } else { "\"" });
        self.raw(std::str::from_utf8(&digits).expect("digits are ASCII")).raw("\"")
    }

    /// A timestamp.
    pub(super) fn time(&mut self, at: UnixMs) -> &mut Self {
        self.0.push('"');
        push_timestamp(at, self.0);
        self.0.push('"');
        self
    }

    /// A timestamp, written so many hours east of UTC, under ten.
    pub(super) fn time_in(&mut self, at: UnixMs, hours_east: u8) -> &mut Self {
        self.0.push('"');
        push_timestamp_in(at, hours_east, self.0);
        self.0.push('"');
        self
    }

    /// A timestamp or null.
    pub(super) fn maybe_time(&mut self, at: Option<UnixMs>) -> &mut Self {
        match at {
            Some(at) => self.time(at),
            None => self.raw("null"),
        }
    }

    /// Items between brackets.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Json<'_>, T),
    ) -> &mut Self {
        self.0.push('[');
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            write(&mut Json(self.0), item);
        }
        self.0.push(']');
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_read_back() {
        let odd = "a \"b\" \\ c\n\u{1}é🔥";
        let mut out = String::new();
        Json(&mut out).list([odd, ""], |json, text| {
            json.text(text);
        });
        let back: Vec<String> = serde_json::from_str(&out).expect("JSON");
        assert_eq!(back, [odd, ""]);
        for number in [0, 7, 10, u64::MAX] {
            out.clear();
            Json(&mut out).number(number);
            assert_eq!(out, number.to_string());
        }
    }

    #[test]
    fn hashes_are_written_as_they_are_shown() {
        let hash = AssetHash { bits: 0x12ab << 100, animated: true };
        let mut out = String::new();
        Json(&mut out).hash(Some(hash));
        assert_eq!(out, format!("\"{hash}\""));
    }
}
