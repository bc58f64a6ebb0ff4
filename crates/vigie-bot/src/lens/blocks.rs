//! Classifying JSON text in blocks of 64 bytes: bit `i` of a mask speaks of byte `i` of its block.
//!
//! Three ways that give the same answer: AVX2 where the machine has it, SSE2 on every other x86_64, plain arithmetic
//! elsewhere. The idea is Langdale and Lemire's ("Parsing Gigabytes of JSON per Second", VLDB Journal 28, 2019).

/// Bytes in a block.
pub(super) const BLOCK_BYTES: usize = 64;

/// Blocks classified in one call: enough to spread its cost, few enough for small frames.
pub(super) const WINDOW_BLOCKS: usize = 8;

/// What one block says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Quotes that open or close a string.
    pub(super) quotes: u64,
    /// Every backslash.
    pub(super) backslashes: u64,
    /// Brackets of all kinds outside strings.
    pub(super) brackets: u64,
    /// Brackets and commas outside strings.
    pub(super) structure: u64,
}

/// What a block inherits from the one before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carry {
    /// All ones inside a string, else zero.
    in_string: u64,
    /// 1 if the first byte is escaped, else 0.
    escaped: u64,
}

/// The ways to classify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Classifier {
    /// 32 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 16 bytes at a time; every x86_64 machine can.
    #[cfg(target_arch = "x86_64")]
    Sse2,
    /// 8 bytes at a time in plain arithmetic; every machine can.
    #[cfg(any(test, not(target_arch = "x86_64")))]
    Portable,
}

/// The body of the functions that classify a window. A macro, because the compiler inlines a function only into others
/// made for the same processor features.
macro_rules! fill {
    ($rest:ident, $window:ident, $carry:ident, $classify:ident, $parity:ident) => {{
        let (blocks, tail) = $rest.as_chunks::<BLOCK_BYTES>();
        let mut carry = *$carry;
        let mut filled = 0;
        for (place, block) in $window.iter_mut().zip(blocks) {
            let classes = $classify(block);
            let quotes = classes.quotes & !escaped_bytes(classes.backslashes, &mut carry.escaped);
            *place = Masks::new(&classes, quotes, $parity(quotes), &mut carry);
            filled += 1;
        }
        if filled < WINDOW_BLOCKS && !tail.is_empty() {
            let mut block = [b' '; BLOCK_BYTES];
            block[..tail.len()].copy_from_slice(tail);
            let classes = $classify(&block);
            let quotes = classes.quotes & !escaped_bytes(classes.backslashes, &mut carry.escaped);
            $window[filled] = Masks::new(&classes, quotes, $parity(quotes), &mut carry);
            filled += 1;
        }
        *$carry = carry;
        filled
    }};
}

impl Classifier {
    /// The fastest way that this machine can do.
    #[inline]
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("pclmulqdq") { Self::Avx2 } else { Self::Sse2 }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Portable
    }

    /// Classifies the first blocks of `text` into `window`, and tells how many. The last may be shorter: it is taken to
    /// end in spaces.
    #[inline]
    pub(super) fn classify(
        self,
        text: &[u8],
        window: &mut [Masks; WINDOW_BLOCKS],
        carry: &mut Carry,
    ) -> usize {
        match self {
            // SAFETY: `best`, the only place that makes this variant, has seen that the machine has both features.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { fill_avx2(text, window, carry) },
            // SAFETY: SSE2 is part of the x86_64 baseline: every machine that this is compiled for has it.
            #[cfg(target_arch = "x86_64")]
            Self::Sse2 => unsafe { fill_sse2(text, window, carry) },
            #[cfg(any(test, not(target_arch = "x86_64")))]
            Self::Portable => fill!(text, window, carry, classes_portable, parity),
        }
    }
}

impl Masks {
    #[inline(always)]
    fn new(classes: &Classes, quotes: u64, parity: u64, carry: &mut Carry) -> Self {
        // An odd number of quotes up to and with a byte: it lies in a string, or opens one.
        let in_string = parity ^ carry.in_string;
        carry.in_string = ((in_string as i64) >> 63) as u64;
        Self {
            quotes,
            backslashes: classes.backslashes,
            brackets: classes.brackets & !in_string,
            structure: classes.structure & !in_string,
        }
    }
}

/// The bytes that a backslash before them escapes. `carry` goes in and out: is the first byte escaped.
#[inline(always)]
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

/// Bit `i` of the answer: whether the number of bits set in `bits` up to and with bit `i` is odd.
#[inline(always)]
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Where the bytes of interest stand in one block, strings not yet considered.
struct Classes {
    quotes: u64,
    backslashes: u64,
    brackets: u64,
    /// Brackets and commas.
    structure: u64,
}

/// The bit that tells `[`, `]` from `{`, `}` in ASCII; setting it makes one comparison do for both.
const CURLY_BIT: u8 = 0x20;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,pclmulqdq")]
fn fill_avx2(text: &[u8], window: &mut [Masks; WINDOW_BLOCKS], carry: &mut Carry) -> usize {
    fill!(text, window, carry, classes_avx2, parity_clmul)
}

/// [`parity`] in one multiplication: without carries, by all ones, it adds every bit to all those above it.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn parity_clmul(bits: u64) -> u64 {
    use std::arch::x86_64::{
        _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set1_epi8,
    };
    let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits as i64), _mm_set1_epi8(-1));
    _mm_cvtsi128_si64(product) as u64
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn classes_avx2(block: &[u8; BLOCK_BYTES]) -> Classes {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };
    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        let (low, high) = (_mm256_movemask_epi8(low) as u32, _mm256_movemask_epi8(high) as u32);
        u64::from(low) | u64::from(high) << 32
    }
    #[inline]
    #[target_feature(enable = "avx2")]
    fn equal(bytes: __m256i, wanted: u8) -> __m256i {
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted as i8))
    }
    #[inline]
    #[target_feature(enable = "avx2")]
    fn brackets(bytes: __m256i) -> __m256i {
        let curly = _mm256_or_si256(bytes, _mm256_set1_epi8(CURLY_BIT as i8));
        _mm256_or_si256(equal(curly, b'{'), equal(curly, b'}'))
    }

    let start = block.as_ptr().cast::<__m256i>();
    // SAFETY: the block is 64 readable bytes, twice 32; these loads need no alignment.
    let (low, high) = unsafe { (_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1))) };
    let (low_brackets, high_brackets) = (brackets(low), brackets(high));
    Classes {
        quotes: bits(equal(low, b'"'), equal(high, b'"')),
        backslashes: bits(equal(low, b'\\'), equal(high, b'\\')),
        brackets: bits(low_brackets, high_brackets),
        structure: bits(
            _mm256_or_si256(low_brackets, equal(low, b',')),
            _mm256_or_si256(high_brackets, equal(high, b',')),
        ),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn fill_sse2(text: &[u8], window: &mut [Masks; WINDOW_BLOCKS], carry: &mut Carry) -> usize {
    fill!(text, window, carry, classes_sse2, parity)
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn classes_sse2(block: &[u8; BLOCK_BYTES]) -> Classes {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    #[inline]
    #[target_feature(enable = "sse2")]
    fn equal(bytes: __m128i, wanted: u8) -> __m128i {
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted as i8))
    }
    #[inline]
    #[target_feature(enable = "sse2")]
    fn bits(bytes: __m128i, shift: usize) -> u64 {
        u64::from(_mm_movemask_epi8(bytes) as u32) << shift
    }

    let mut classes = Classes { quotes: 0, backslashes: 0, brackets: 0, structure: 0 };
    for (index, sixteen) in block.as_chunks::<16>().0.iter().enumerate() {
        let shift = index * 16;
        // SAFETY: `sixteen` is a reference to 16 readable bytes; this load needs no alignment.
        let bytes = unsafe { _mm_loadu_si128(sixteen.as_ptr().cast()) };
        let curly = _mm_or_si128(bytes, _mm_set1_epi8(CURLY_BIT as i8));
        let brackets = _mm_or_si128(equal(curly, b'{'), equal(curly, b'}'));
        classes.quotes |= bits(equal(bytes, b'"'), shift);
        classes.backslashes |= bits(equal(bytes, b'\\'), shift);
        classes.brackets |= bits(brackets, shift);
        classes.structure |= bits(_mm_or_si128(brackets, equal(bytes, b',')), shift);
    }
    classes
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn classes_portable(block: &[u8; BLOCK_BYTES]) -> Classes {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    fn equal(word: u64, wanted: u8) -> u64 {
        let difference = word ^ (ONES * u64::from(wanted));
        // The high bit of each byte is set exactly where the byte of `difference` is zero: adding 0x7f to its low seven
        // bits never carries into the next byte.
        !(((difference & LOW_SEVEN) + LOW_SEVEN) | difference | LOW_SEVEN)
    }
    fn bits(high_bits: u64, shift: usize) -> u64 {
        // Gathers the eight high bits into the top byte: byte k has weight 2^8k, times 2^7(8-k) is 2^(56+k), and no two
        // of the 64 partial products meet on one bit, so that nothing carries.
        ((high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << shift
    }

    let mut classes = Classes { quotes: 0, backslashes: 0, brackets: 0, structure: 0 };
    for (index, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let shift = index * 8;
        let word = u64::from_le_bytes(*eight);
        let curly = word | (ONES * u64::from(CURLY_BIT));
        classes.quotes |= bits(equal(word, b'"'), shift);
        classes.backslashes |= bits(equal(word, b'\\'), shift);
        let brackets = equal(curly, b'{') | equal(curly, b'}');
        classes.brackets |= bits(brackets, shift);
        classes.structure |= bits(brackets | equal(word, b','), shift);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, byte by byte: is it a quote, a backslash, a bracket, structure.
    fn naive(text: &[u8]) -> Vec<[bool; 4]> {
        let (mut in_string, mut escaped) = (false, false);
        text.iter()
            .map(|&byte| {
                let quote = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                in_string ^= quote;
                let bracket = !in_string && b"{[]}".contains(&byte);
                let structure = bracket || !in_string && byte == b',';
                [quote, byte == b'\\', bracket, structure]
            })
            .collect()
    }

    /// What a classifier says of a whole text, window by window.
    fn classify(classifier: Classifier, text: &[u8]) -> Vec<[bool; 4]> {
        let mut carry = Carry::default();
        let mut bytes = Vec::new();
        for rest in text.chunks(WINDOW_BLOCKS * BLOCK_BYTES) {
            let mut window = [Masks::default(); WINDOW_BLOCKS];
            let filled = classifier.classify(rest, &mut window, &mut carry);
            assert_eq!(filled, rest.len().div_ceil(BLOCK_BYTES));
            for masks in &window[..filled] {
                let of = [masks.quotes, masks.backslashes, masks.brackets, masks.structure];
                bytes.extend((0..BLOCK_BYTES).map(|bit| of.map(|mask| mask >> bit & 1 == 1)));
            }
        }
        assert!(bytes[text.len()..].iter().all(|of| *of == [false; 4]), "padding is spaces");
        bytes.truncate(text.len());
        bytes
    }

    fn assert_all_agree(text: &[u8]) {
        let naive = naive(text);
        let mut classifiers = vec![Classifier::Portable, Classifier::best()];
        #[cfg(target_arch = "x86_64")]
        classifiers.push(Classifier::Sse2);
        for classifier in classifiers {
            assert!(classify(classifier, text) == naive, "{classifier:?} differs");
        }
    }

    fn json_bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => prop::sample::select(br#""\{}[],:"#.to_vec()),
            1 => any::<u8>(),
        ];
        prop::collection::vec(byte, 0..1_300)
    }

    proptest! {
        #[test]
        fn every_classifier_says_what_the_definition_says(
            bytes in prop::collection::vec(any::<u8>(), 0..700),
            json in json_bytes(),
        ) {
            assert_all_agree(&bytes);
            assert_all_agree(&json);
        }
    }

    #[test]
    fn runs_of_backslashes_pair_up_across_blocks() {
        for length in 0..140 {
            let text = format!("[\"{}\",1]", "\\".repeat(length));
            assert_all_agree(text.as_bytes());
        }
    }
}
