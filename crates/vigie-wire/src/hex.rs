//! Avatar hashes: 32 hexadecimal digits in 16 bytes.

/// Bytes of a packed hash.
pub(crate) const PACKED_BYTES: usize = 16;

/// One in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The low half of each byte.
const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;
/// What lies between `9` and `a`, less one.
const LETTERS: u64 = 0x27;

/// The bytes that `text` writes in 32 lower-case hexadecimal digits; `None` for any other text.
#[inline]
pub(crate) fn pack(text: &[u8]) -> Option<[u8; PACKED_BYTES]> {
    let digits: &[u8; 2 * PACKED_BYTES] = text.try_into().ok()?;
    let mut packed = [0; PACKED_BYTES];
    let (groups, _) = digits.as_chunks::<8>();
    for (four, group) in packed.as_chunks_mut::<4>().0.iter_mut().zip(groups) {
        *four = pack_eight(u64::from_le_bytes(*group))?.to_le_bytes();
    }
    Some(packed)
}

/// The inverse of [`pack`], after `prefix`.
pub(crate) fn unpack(prefix: &str, packed: &[u8; PACKED_BYTES]) -> String {
    let mut text = String::with_capacity(prefix.len() + 2 * PACKED_BYTES);
    text.push_str(prefix);
    for byte in packed {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(half + if half > 9 { b'a' - 10 } else { b'0' }));
        }
    }
    text
}

/// Eight digits, the first in the lowest byte, as four bytes.
#[inline]
fn pack_eight(digits: u64) -> Option<u32> {
    // The low half of a letter counts from 1; bit 6 tells letters from figures.
    let halves = (digits & LOW) + 9 * ((digits >> 6) & ONES);
    let is_letter = ((halves + 6 * ONES) >> 4) & ONES;
    let written = halves + u64::from(b'0') * ONES + LETTERS * is_letter;
    if halves & !LOW != 0 || written != digits {
        return None;
    }
    let bytes = (halves << 4 | halves >> 8) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
    Some((pairs | pairs >> 16) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_as_it_was() {
        for text in ["0123456789abcdef0123456789abcdef", "ffffffffffffffff0000000000000000"] {
            let packed = pack(text.as_bytes()).expect("a hash");
            assert_eq!(unpack("", &packed), text);
            assert_eq!(unpack("a_", &packed), format!("a_{text}"));
        }
        let packed = pack(b"0123456789abcdef0123456789abcdef").expect("a hash");
        assert_eq!(packed[..8], [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    }

    #[test]
    fn only_32_lower_case_digits_are_a_hash() {
        for length in [0, 31, 33] {
            assert_eq!(pack(&vec![b'0'; length]), None, "{length} digits");
        }
        for byte in 0..=u8::MAX {
            for place in 0..32 {
                let mut text = [b'7'; 32];
                text[place] = byte;
                let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                assert_eq!(pack(&text).is_some(), is_digit, "{byte:#04x} at {place}");
            }
        }
    }
}
