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
//! what is read is. A text that ends too early is always noticed.

use super::{SetAside, reasons};

/// A forward cursor over JSON text.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// Where the next value, key or punctuation is expected; never before `block`.
    at: usize,
    /// Offset of the block that `masks` speaks of.
    block: usize,
    masks: Masks,
    carry: Carry,
    /// Blocks classified so far: what the tests of linear time count.
    #[cfg(test)]
    pub(super) blocks: usize,
}

/// The raw content of a JSON string: between the quotes, escapes not resolved.
pub(super) struct RawString<'a> {
    /// The text between the quotes.
    pub(super) text: &'a str,
    /// Whether there is any backslash in it.
    pub(super) escaped: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner at byte `at` of `text`, which must lie outside any string and on a character boundary.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        let mut scanner = Self {
            text,
            at,
            block: at,
            masks: Masks::default(),
            carry: Carry::default(),
            #[cfg(test)]
            blocks: 0,
        };
        scanner.load();
        scanner
    }

    /// Where the cursor stands.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Steps over white space and tells the byte under the cursor.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, SetAside> {
        // Control characters count as white space: no JSON has them here.
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if byte > b' ' {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(reasons::TRUNCATED)
    }

    /// Steps into an object (`{`) or array (`[`); any other value is stepped over, and the answer is `false`.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8) -> Result<bool, SetAside> {
        if self.peek()? == bracket {
            self.at += 1;
            return Ok(true);
        }
        self.skip()?;
        Ok(false)
    }

    /// The next key of the object entered, with the cursor on its value; `None` steps out of the object.
    ///
    /// Keys are compared as they are written: one written with escapes is an unknown key.
    #[inline]
    pub(super) fn key(&mut self) -> Result<Option<&'a [u8]>, SetAside> {
        let mut byte = self.peek()?;
        if byte == b',' {
            self.at += 1;
            byte = self.peek()?;
        }
        if byte != b'"' {
            self.at += 1;
            return if byte == b'}' { Ok(None) } else { Err(reasons::MALFORMED) };
        }
        let start = self.at + 1;
        let end = self.seek(start, |masks| masks.quotes)?;
        self.at = end + 1;
        if self.peek()? != b':' {
            return Err(reasons::MALFORMED);
        }
        self.at += 1;
        self.peek()?;
        Ok(Some(&self.text.as_bytes()[start..end]))
    }

    /// Whether the array entered has another element, with the cursor on it; `false` steps out of the array.
    #[inline]
    pub(super) fn element(&mut self) -> Result<bool, SetAside> {
        let mut byte = self.peek()?;
        if byte == b',' {
            self.at += 1;
            byte = self.peek()?;
        }
        if byte == b']' {
            self.at += 1;
        }
        Ok(byte != b']')
    }

    /// Steps over the value under the cursor, whatever it is.
    #[inline]
    pub(super) fn skip(&mut self) -> Result<(), SetAside> {
        if matches!(self.peek()?, b'{' | b'[') {
            return self.skip_container();
        }
        self.at = self.seek(self.at, |masks| masks.structure)?;
        Ok(())
    }

    /// The string under the cursor; the caller has seen its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<RawString<'a>, SetAside> {
        let start = self.at + 1;
        let mut escaped = false;
        let end = self.seek(start, |masks| {
            escaped |= masks.backslashes != 0;
            masks.quotes
        })?;
        self.at = end + 1;
        let text = &self.text[start..end];
        // The mask spoke of whole blocks, which may hold a neighbour's backslash.
        Ok(RawString { text, escaped: escaped && text.as_bytes().contains(&b'\\') })
    }

    /// The text of the number or word (`true`, `null`) under the cursor.
    #[inline]
    pub(super) fn word(&mut self) -> Result<&'a str, SetAside> {
        let start = self.at;
        self.at = self.seek(start, |masks| masks.structure)?;
        Ok(self.text[start..self.at].trim_ascii_end())
    }

    /// Steps over the object or array under the cursor.
    fn skip_container(&mut self) -> Result<(), SetAside> {
        let mut depth = 0_usize;
        let mut from = self.at;
        loop {
            let mut brackets = from_offset(self.masks.brackets, from - self.block);
            while brackets != 0 {
                let bit = brackets & brackets.wrapping_neg();
                if self.masks.opens & bit != 0 {
                    depth += 1;
                } else {
                    // Never below zero: the first bracket seen is the opening one under the cursor.
                    depth -= 1;
                    if depth == 0 {
                        self.at = self.block + bit.trailing_zeros() as usize + 1;
                        return Ok(());
                    }
                }
                brackets ^= bit;
            }
            self.advance()?;
            from = from.max(self.block);
        }
    }

    /// The first byte at or after `from` whose bit is set in the mask picked.
    #[inline]
    fn seek(
        &mut self,
        from: usize,
        mut pick: impl FnMut(&Masks) -> u64,
    ) -> Result<usize, SetAside> {
        let mut bits = from_offset(pick(&self.masks), from - self.block);
        while bits == 0 {
            self.advance()?;
            bits = from_offset(pick(&self.masks), from.saturating_sub(self.block));
        }
        Ok(self.block + bits.trailing_zeros() as usize)
    }

    /// Classifies the next block; an error at the end of the text.
    #[inline]
    fn advance(&mut self) -> Result<(), SetAside> {
        if self.block + BLOCK_BYTES >= self.text.len() {
            return Err(reasons::TRUNCATED);
        }
        self.block += BLOCK_BYTES;
        self.load();
        Ok(())
    }

    fn load(&mut self) {
        #[cfg(test)]
        {
            self.blocks += 1;
        }
        let rest = &self.text.as_bytes()[self.block..];
        let classes = match rest.first_chunk::<BLOCK_BYTES>() {
            Some(block) => classify(block),
            None => {
                let mut block = [b' '; BLOCK_BYTES];
                block[..rest.len()].copy_from_slice(rest);
                classify(&block)
            }
        };
        self.masks = Masks::of(&classes, &mut self.carry);
    }
}

const BLOCK_BYTES: usize = 64;

/// `mask` without the bits below `offset`, which may lie beyond the block.
#[inline]
fn from_offset(mask: u64, offset: usize) -> u64 {
    if offset < BLOCK_BYTES { mask & (u64::MAX << offset) } else { 0 }
}

/// What one block says once strings are told from structure.
#[derive(Default)]
struct Masks {
    /// Quotes that open or close a string.
    quotes: u64,
    /// Every backslash.
    backslashes: u64,
    /// `{` and `[` outside strings.
    opens: u64,
    /// Brackets of all kinds outside strings.
    brackets: u64,
    /// Brackets and commas outside strings.
    structure: u64,
}

/// What a block inherits from the one before it.
#[derive(Default)]
struct Carry {
    /// All ones inside a string, else zero.
    in_string: u64,
    /// 1 if the first byte is escaped, else 0.
    escaped: u64,
}

impl Masks {
    #[inline]
    fn of(classes: &Classes, carry: &mut Carry) -> Self {
        let quotes = classes.quotes & !escaped_bytes(classes.backslashes, &mut carry.escaped);
        // Bit i of the running parity of quotes tells whether byte i lies in a string (its opening quote included).
        let mut in_string = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            in_string ^= in_string << shift;
        }
        in_string ^= carry.in_string;
        carry.in_string = ((in_string as i64) >> 63) as u64;

        let brackets = (classes.opens | classes.closes) & !in_string;
        Self {
            quotes,
            backslashes: classes.backslashes,
            opens: classes.opens & !in_string,
            brackets,
            structure: brackets | (classes.commas & !in_string),
        }
    }
}

/// The bytes that a backslash before them escapes. `carry` goes in and out: is the first byte escaped.
#[inline]
fn escaped_bytes(backslashes: u64, carry: &mut u64) -> u64 {
    if backslashes == 0 {
        return std::mem::take(carry);
    }
    let mut escaped = *carry;
    // From the left, each backslash that is not itself escaped escapes the byte after it.
    let mut rest = backslashes & !escaped;
    *carry = 0;
    while rest != 0 {
        let bit = rest & rest.wrapping_neg();
        *carry = bit >> 63;
        escaped |= bit << 1;
        rest &= !(bit | (bit << 1));
    }
    escaped
}

/// Where the bytes of interest stand in one block, strings not yet considered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Classes {
    quotes: u64,
    backslashes: u64,
    opens: u64,
    closes: u64,
    commas: u64,
}

/// The bit that tells `[`, `]` from `{`, `}` in ASCII; setting it makes one comparison do for both.
const CURLY_BIT: u8 = 0x20;

#[cfg(target_arch = "x86_64")]
#[inline]
fn classify(block: &[u8; BLOCK_BYTES]) -> Classes {
    // SAFETY: SSE2 is part of the x86_64 baseline, so that every machine this is compiled for has it.
    unsafe { classify_sse2(block) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn classify(block: &[u8; BLOCK_BYTES]) -> Classes {
    classify_portable(block)
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn classify_sse2(block: &[u8; BLOCK_BYTES]) -> Classes {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    #[inline]
    #[target_feature(enable = "sse2")]
    fn equal(bytes: __m128i, wanted: u8, shift: usize) -> u64 {
        let mask = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted as i8)));
        u64::from(mask as u32) << shift
    }

    let mut classes = Classes::default();
    for (index, sixteen) in block.as_chunks::<16>().0.iter().enumerate() {
        let shift = index * 16;
        // SAFETY: `sixteen` is a reference to 16 bytes, all of them readable; this load needs no alignment.
        let bytes = unsafe { _mm_loadu_si128(sixteen.as_ptr().cast()) };
        let curly = _mm_or_si128(bytes, _mm_set1_epi8(CURLY_BIT as i8));
        classes.quotes |= equal(bytes, b'"', shift);
        classes.backslashes |= equal(bytes, b'\\', shift);
        classes.commas |= equal(bytes, b',', shift);
        classes.opens |= equal(curly, b'{', shift);
        classes.closes |= equal(curly, b'}', shift);
    }
    classes
}

/// The same in plain arithmetic, eight bytes at a time, for targets without SSE2.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn classify_portable(block: &[u8; BLOCK_BYTES]) -> Classes {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    fn equal(word: u64, wanted: u8, shift: usize) -> u64 {
        let difference = word ^ (ONES * u64::from(wanted));
        // The high bit of each byte of `equal` is set exactly where the byte of `difference` is zero: adding 0x7f to
        // its low seven bits never carries into the next byte.
        let equal = !(((difference & LOW_SEVEN) + LOW_SEVEN) | difference | LOW_SEVEN);
        // Gathers those eight bits into the top byte: byte k has weight 2^8k, times 2^7(8-k) is 2^(56+k), and no two of
        // the 64 partial products meet on one bit, so nothing carries.
        ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << shift
    }

    let mut classes = Classes::default();
    for (index, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let shift = index * 8;
        let word = u64::from_le_bytes(*eight);
        let curly = word | (ONES * u64::from(CURLY_BIT));
        classes.quotes |= equal(word, b'"', shift);
        classes.backslashes |= equal(word, b'\\', shift);
        classes.commas |= equal(word, b',', shift);
        classes.opens |= equal(curly, b'{', shift);
        classes.closes |= equal(curly, b'}', shift);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, byte by byte: what the masks of a whole text must be.
    fn naive(text: &[u8]) -> Vec<(bool, bool, bool)> {
        let (mut in_string, mut escaped) = (false, false);
        text.iter()
            .map(|&byte| {
                let quote = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                in_string ^= quote;
                let outside = !in_string;
                let open = outside && matches!(byte, b'{' | b'[');
                let structure = open || outside && matches!(byte, b'}' | b']' | b',');
                (quote, open, structure)
            })
            .collect()
    }

    fn json_bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => prop::sample::select(br#""\{}[],:"#.to_vec()),
            1 => any::<u8>(),
        ];
        prop::collection::vec(byte, 0..300)
    }

    proptest! {
        #[test]
        fn both_classifiers_agree(bytes in prop::collection::vec(any::<u8>(), 64), json in json_bytes()) {
            let random: &[u8; 64] = bytes.first_chunk().expect("64 bytes were asked for");
            prop_assert_eq!(classify(random), classify_portable(random));
            for block in json.as_chunks::<64>().0 {
                prop_assert_eq!(classify(block), classify_portable(block));
            }
        }

        #[test]
        fn masks_mean_what_they_say(json in json_bytes()) {
            let mut carry = Carry::default();
            let naive = naive(&json);
            for (index, chunk) in json.chunks(64).enumerate() {
                let mut block = [b' '; 64];
                block[..chunk.len()].copy_from_slice(chunk);
                let masks = Masks::of(&classify(&block), &mut carry);
                for offset in 0..chunk.len() {
                    let at = |mask: u64| mask >> offset & 1 == 1;
                    let seen = (at(masks.quotes), at(masks.opens), at(masks.structure));
                    prop_assert_eq!(seen, naive[index * 64 + offset]);
                }
            }
        }
    }

    /// Blocks classified while stepping over the whole of `text`, which may be broken.
    fn blocks(text: &str) -> usize {
        let mut scanner = Scanner::new(text, 0);
        let _ = scanner.skip();
        scanner.blocks
    }

    #[test]
    fn every_block_is_classified_once_however_hostile_the_text() {
        let n = 100_000;
        for text in [
            format!("{}{}", "[".repeat(n), "]".repeat(n)),
            "[".repeat(n),
            format!("[\"{}\"]", "\\\\".repeat(n)),
            format!("[\"{}", "\\\"".repeat(n)),
            format!("{{\"a\":{}}}", " ".repeat(n)),
            format!("[{}]", "{},".repeat(n)),
        ] {
            assert!(blocks(&text) <= text.len() / 64 + 1, "{}", &text[..10]);
        }
    }

    #[test]
    fn nested_values_are_stepped_over_whole() {
        let text = r#" {"a":[1,{"b":"}]\"\\"}],"c":{}} ,7"#;
        let mut scanner = Scanner::new(text, 0);
        scanner.skip().expect("the object ends");
        assert_eq!(&text[scanner.at()..], " ,7");
    }
}
