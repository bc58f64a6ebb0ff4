//! The scanner under the lenses: one forward pass over the text, 64 bytes at a time.
//!
//! Each block is classified once into bit masks (bit `i` speaks of byte `i`): unescaped quotes, and the brackets and
//! commas that stand outside strings. Finding the end of a string or of a whole nested value is then arithmetic on
//! masks, so that the parts of a payload nobody asks for cost next to nothing, whatever they hold.
//!
//! The idea of classifying JSON by blocks is Langdale and Lemire's ("Parsing Gigabytes of JSON per Second", VLDB
//! Journal 28, 2019). Bounds: every block is classified once and every byte stepped over once, there is no recursion
//! and no allocation, so the time is linear in the text and the memory constant, however hostile the text.
//!
//! The scanner is lenient: what it steps over is not checked to be JSON (brackets of one kind may close another), only
//! what is read is. Errors are sticky: a scanner that has found the text broken yields no further keys or elements, so
//! that every loop over it ends, and says so when asked ([`Scanner::broken`]). Whoever reads with it asks at the end.

use super::blocks::{BLOCK_BYTES, Carry, Classifier, Masks, WINDOW_BLOCKS};
use super::{SetAside, reasons};

/// A forward cursor over JSON text.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Where the next value, key or punctuation is expected; never before `block`, never beyond the text.
    at: usize,
    /// Offset of the block that `masks` speaks of.
    block: usize,
    masks: Masks,
    /// The blocks classified last, among them that one.
    window: [Masks; WINDOW_BLOCKS],
    /// Offset of the first of them.
    window_start: usize,
    carry: Carry,
    classifier: Classifier,
    broken: Option<SetAside>,
    /// Windows classified so far: what the tests of linear time count.
    #[cfg(test)]
    windows: usize,
}

/// The raw content of a JSON string: between the quotes, escapes not resolved.
#[derive(Default)]
pub(super) struct RawString<'a> {
    /// The text between the quotes.
    pub(super) text: &'a str,
    /// Whether there is any backslash in it.
    pub(super) escaped: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner at byte `at` of `text`, which must lie outside any string and on a character boundary.
    // Inlined, so that it is built where it stays.
    #[inline(always)]
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        let mut scanner = Self {
            text,
            at,
            block: at,
            masks: Masks::default(),
            window: [Masks::default(); WINDOW_BLOCKS],
            window_start: at,
            carry: Carry::default(),
            classifier: Classifier::best(),
            broken: None,
            #[cfg(test)]
            windows: 0,
        };
        scanner.classify();
        scanner
    }

    /// Another scanner of the same text, at byte `at`, which must lie as for [`Scanner::new`].
    pub(super) fn again(&self, at: usize) -> Self {
        Self::new(self.text, at)
    }

    /// Where the cursor stands.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What was found wrong with the text so far.
    pub(super) fn broken(&self) -> Option<SetAside> {
        self.broken
    }

    /// Steps over white space and tells the byte under the cursor; 0 at the end of the text.
    #[inline]
    pub(super) fn peek(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.peek_far(),
        }
    }

    /// Steps into an object (`{`) or array (`[`); any other value is stepped over, and the answer is `false`.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8) -> bool {
        if self.peek() == bracket {
            self.at += 1;
            return true;
        }
        self.skip();
        false
    }

    /// The next key of the object entered, with the cursor on its value; `None` steps out of the object.
    ///
    /// Keys are compared as they are written: one written with escapes is an unknown key.
    #[inline]
    pub(super) fn key(&mut self) -> Option<&'a [u8]> {
        self.key_where(|_| true)
    }

    /// The next key of the object entered that is `wanted`, with the cursor on its value; the others are stepped over.
    /// `None` steps out of the object.
    ///
    /// This loop is where the time goes. Each step waits for the cursor of the one before, so that the cursor and the
    /// masks are kept in variables, and what Discord does not write (white space) is left to branches never taken.
    #[inline]
    pub(super) fn key_where(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Option<&'a [u8]> {
        let bytes = self.text.as_bytes();
        let (mut at, mut block, mut masks) = (self.at, self.block, self.masks);
        loop {
            let start = if bytes.get(at..at + 2) == Some(b",\"") {
                at + 2
            } else {
                self.at = at;
                self.find_key()?
            };
            let end = match first_bit(masks.quotes, start, block) {
                Some(end) => end,
                None => {
                    let end = self.seek_far(start, |masks| masks.quotes)?;
                    (block, masks) = (self.block, self.masks);
                    end
                }
            };
            at = end + 1;
            if bytes.get(at) != Some(&b':') {
                at = self.find_colon(at)?;
            }
            at += 1;
            let key = &bytes[start..end];
            if wanted(key) {
                self.at = at;
                return Some(key);
            }
            at = match first_bit(masks.structure, at, block) {
                // A bracket or comma where the value should stand is the start of a nested value, or no value.
                Some(end) if end > at && bytes[at] > b' ' => end,
                _ => {
                    self.at = at;
                    self.skip();
                    (block, masks) = (self.block, self.masks);
                    self.at
                }
            };
        }
    }

    /// Whether the array entered has another element, with the cursor on it; `false` steps out of the array.
    #[inline]
    pub(super) fn element(&mut self) -> bool {
        let mut byte = self.peek();
        if byte == b',' {
            self.at += 1;
            byte = self.peek();
        }
        if byte == b']' {
            self.at += 1;
        }
        byte != b']' && self.broken.is_none()
    }

    /// Steps over the value under the cursor, whatever it is.
    #[inline]
    pub(super) fn skip(&mut self) {
        if is_opening(self.peek()) {
            // Most lists of a message are empty.
            match self.text.as_bytes().get(self.at + 1) {
                Some(b']' | b'}') => self.at += 2,
                _ => self.skip_container(),
            }
        } else if let Some(end) = self.seek(self.at, |masks| masks.structure) {
            if end == self.at {
                // A comma or closing bracket where a value should stand; going on would not move the cursor.
                return self.fail(reasons::MALFORMED);
            }
            self.at = end;
        }
    }

    /// The string under the cursor; the caller has seen its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> RawString<'a> {
        let start = self.at + 1;
        let first = self.block;
        let Some(end) = self.seek(start, |masks| masks.quotes) else { return RawString::default() };
        self.at = end + 1;
        let text = &self.text[start..end];
        // Within one block its mask says at once that there is no backslash, as is usual.
        let certain = self.block == first && self.masks.backslashes == 0;
        RawString { text, escaped: !certain && memchr::memchr(b'\\', text.as_bytes()).is_some() }
    }

    /// The text of the number or word (`true`, `null`) under the cursor.
    #[inline]
    pub(super) fn word(&mut self) -> &'a str {
        let start = self.at;
        let Some(end) = self.seek(start, |masks| masks.structure) else { return "" };
        self.at = end;
        self.text[start..end].trim_ascii_end()
    }

    /// Steps over the object or array under the cursor.
    #[inline(never)]
    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        let mut from = self.at;
        loop {
            let mut brackets = from_offset(self.masks.brackets, from - self.block);
            while brackets != 0 {
                let bit = brackets & brackets.wrapping_neg();
                let at = self.block + bit.trailing_zeros() as usize;
                if is_opening(self.text.as_bytes()[at]) {
                    depth += 1;
                } else {
                    // Never below zero: the first bracket seen is the opening one under the cursor.
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return;
                    }
                }
                brackets ^= bit;
            }
            if !self.advance() {
                return;
            }
            from = from.max(self.block);
        }
    }

    /// White space, or the end of the text.
    #[cold]
    fn peek_far(&mut self) -> u8 {
        // Control characters count as white space: no JSON has them here.
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if byte > b' ' {
                return byte;
            }
            self.at += 1;
        }
        self.fail(reasons::TRUNCATED);
        0
    }

    /// Where the next key begins, after its quote, past white space; `None` steps out of the object.
    #[inline(never)]
    fn find_key(&mut self) -> Option<usize> {
        let mut byte = self.peek();
        if byte == b',' {
            self.at += 1;
            byte = self.peek();
        }
        match byte {
            b'"' => return Some(self.at + 1),
            b'}' => self.at += 1,
            _ => self.fail(reasons::MALFORMED),
        }
        None
    }

    /// Where the colon after a key stands, past white space.
    #[inline(never)]
    fn find_colon(&mut self, at: usize) -> Option<usize> {
        self.at = at;
        if self.peek() == b':' {
            return Some(self.at);
        }
        self.fail(reasons::MALFORMED);
        None
    }

    /// Notes the first thing found wrong, and leaves nothing more to read.
    #[cold]
    fn fail(&mut self, reason: SetAside) {
        self.broken.get_or_insert(reason);
        self.at = self.text.len();
    }

    /// The first byte at or after `from` whose bit is set in the mask picked; `None` if there is none.
    #[inline]
    fn seek(&mut self, from: usize, pick: fn(&Masks) -> u64) -> Option<usize> {
        match first_bit(pick(&self.masks), from, self.block) {
            None => self.seek_far(from, pick),
            found => found,
        }
    }

    /// The same beyond the current block.
    #[inline(always)]
    fn seek_far(&mut self, from: usize, pick: impl Fn(&Masks) -> u64) -> Option<usize> {
        while self.advance() {
            let from = from.max(self.block);
            if let Some(found) = first_bit(pick(&self.masks), from, self.block) {
                return Some(found);
            }
        }
        None
    }

    /// Goes on to the next block; `false` at the end of the text, which then is too short.
    #[inline]
    fn advance(&mut self) -> bool {
        self.block += BLOCK_BYTES;
        if self.block >= self.text.len() {
            self.block -= BLOCK_BYTES;
            self.fail(reasons::TRUNCATED);
            return false;
        }
        match self.window.get((self.block - self.window_start) / BLOCK_BYTES) {
            Some(masks) => self.masks = *masks,
            None => self.classify(),
        }
        true
    }

    /// Classifies a window of blocks from `block` on.
    #[inline(never)]
    fn classify(&mut self) {
        self.window_start = self.block;
        let rest = &self.text.as_bytes()[self.block..];
        self.classifier.classify(rest, &mut self.window, &mut self.carry);
        self.masks = self.window[0];
        #[cfg(test)]
        {
            self.windows += 1;
        }
    }
}

/// The first byte at or after `from` whose bit is set in `mask`, the mask of the block at `block`.
#[inline(always)]
fn first_bit(mask: u64, from: usize, block: usize) -> Option<usize> {
    // Frames are far below 4 GiB: the difference fits.
    let bits = mask & u64::MAX.checked_shl((from - block) as u32)?;
    (bits != 0).then(|| block + bits.trailing_zeros() as usize)
}

/// `mask` without the bits below `offset`, which may lie beyond the block.
#[inline]
fn from_offset(mask: u64, offset: usize) -> u64 {
    if offset < BLOCK_BYTES { mask & (u64::MAX << offset) } else { 0 }
}

/// Tells `[` and `{` from `]` and `}`.
#[inline]
fn is_opening(bracket: u8) -> bool {
    matches!(bracket, b'[' | b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_classified_once_however_hostile_the_text() {
        let n = 100_000;
        for text in [
            format!("{}{}", "[".repeat(n), "]".repeat(n)),
            "[".repeat(n),
            format!("[\"{}\"]", "\\\\".repeat(n)),
            format!("[\"{}", "\\\"".repeat(n)),
            format!("{{\"a\":{}}}", " ".repeat(n)),
            format!("[{}]", "{},".repeat(n)),
        ] {
            let mut scanner = Scanner::new(&text, 0);
            scanner.skip();
            let once = text.len().div_ceil(WINDOW_BLOCKS * BLOCK_BYTES);
            assert!(scanner.windows <= once, "{}…", &text[..10]);
        }
    }

    #[test]
    fn nested_values_are_stepped_over_whole() {
        let text = r#" {"a":[1,{"b":"}]\"\\"}],"c":{}} ,7"#;
        let mut scanner = Scanner::new(text, 0);
        scanner.skip();
        assert_eq!(&text[scanner.at()..], " ,7");
    }
}
