//! A small PNG writer: true colour, the best of three filters for each row, and deflate with fixed codes.
//!
//! Sources: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)"; RFC 1950 (zlib); RFC 1951 (deflate).

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Longest and shortest match, and farthest distance, of deflate.
const MATCH_MAX: usize = 258;
const MATCH_MIN: usize = 4;
const DISTANCE_MAX: usize = 32_768;
/// Slots of the table of places where four bytes were last seen.
const SEEN_BITS: u32 = 13;

/// The PNG of a square of RGB pixels, row by row. `pixels` holds `size * size * 3` bytes.
pub(super) fn encode(size: u32, pixels: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(13);
    header.extend(size.to_be_bytes());
    header.extend(size.to_be_bytes());
    // Eight bits, true colour, and the only methods of compression, filter and order of rows.
    header.extend([8, 2, 0, 0, 0]);
    let mut out = Vec::with_capacity(1_024 + pixels.len() / 8);
    out.extend(SIGNATURE);
    chunk(*b"IHDR", &header, &mut out);
    chunk(*b"IDAT", &zlib(&filtered(size as usize * 3, pixels)), &mut out);
    chunk(*b"IEND", &[], &mut out);
    out
}

fn chunk(kind: [u8; 4], data: &[u8], out: &mut Vec<u8>) {
    out.extend((data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let sum = crc32(&out[from..]);
    out.extend(sum.to_be_bytes());
}

/// Each row with the filter (none, sub or up) whose bytes are smallest in sum.
fn filtered(stride: usize, pixels: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pixels.len() + pixels.len() / stride);
    let mut above = vec![0u8; stride];
    let mut tries = [(0u8, Vec::new()), (1, Vec::new()), (2, Vec::new())];
    for row in pixels.chunks_exact(stride) {
        for (filter, bytes) in &mut tries {
            bytes.clear();
            bytes.extend(row.iter().enumerate().map(|(place, &byte)| match *filter {
                0 => byte,
                1 => byte.wrapping_sub(if place < 3 { 0 } else { row[place - 3] }),
                _ => byte.wrapping_sub(above[place]),
            }));
        }
        let size = |bytes: &[u8]| -> u32 {
            bytes.iter().map(|&byte| u32::from((byte as i8).unsigned_abs())).sum()
        };
        let best = tries.iter().min_by_key(|(_, bytes)| size(bytes)).expect("three were tried");
        out.push(best.0);
        out.extend(&best.1);
        above.copy_from_slice(row);
    }
    out
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut bits = Bits { out: vec![0x78, 0x9c], held: 0, count: 0 };
    // One last block with fixed codes.
    bits.put(0b011, 3);
    deflate(data, &mut bits);
    bits.literal_or_length(256);
    bits.finish();
    let mut out = bits.out;
    out.extend(adler32(data).to_be_bytes());
    out
}

/// Greedy matching against the last place where the same four bytes were seen.
fn deflate(data: &[u8], bits: &mut Bits) {
    let mut seen = vec![usize::MAX; 1 << SEEN_BITS];
    let mut at = 0;
    while at < data.len() {
        let length = match data.get(at..at + MATCH_MIN) {
            Some(four) => {
                let word = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
                let slot = (word.wrapping_mul(0x9e37_79b1) >> (32 - SEEN_BITS)) as usize;
                let earlier = std::mem::replace(&mut seen[slot], at);
                matched(data, earlier, at).inspect(|&length| bits.repeat(length, at - earlier))
            }
            None => None,
        };
        match length {
            Some(length) => at += length,
            None => {
                bits.literal_or_length(u32::from(data[at]));
                at += 1;
            }
        }
    }
}

/// How long the bytes at `earlier` and at `at` are the same; `None` where it is not worth telling.
fn matched(data: &[u8], earlier: usize, at: usize) -> Option<usize> {
    if earlier == usize::MAX || at - earlier > DISTANCE_MAX {
        return None;
    }
    let most = MATCH_MAX.min(data.len() - at);
    let length = (0..most).take_while(|step| data[earlier + step] == data[at + step]).count();
    (length >= MATCH_MIN).then_some(length)
}

/// Deflate's stream of bits, lowest first.
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Codes are written with their highest bit first.
    fn code(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    /// The fixed code of a literal (0..=255), the end (256) or a length (257..=285): RFC 1951, section 3.2.6.
    fn literal_or_length(&mut self, symbol: u32) {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn repeat(&mut self, length: usize, distance: usize) {
        let (symbol, extra, extra_bits) = length_code(length as u32);
        self.literal_or_length(symbol);
        self.put(extra, extra_bits);
        let (symbol, extra, extra_bits) = distance_code(distance as u32);
        self.code(symbol, 5);
        self.put(extra, extra_bits);
    }

    fn finish(&mut self) {
        if self.count > 0 {
            self.out.push(self.held as u8);
        }
    }
}

/// Symbol, extra bits' value and their count of a length of 3 to 258 (RFC 1951, section 3.2.5).
fn length_code(length: u32) -> (u32, u32, u32) {
    if length == 258 {
        return (285, 0, 0);
    }
    let base = length - 3;
    if base < 8 {
        return (257 + base, 0, 0);
    }
    // From eight on there are four codes for every power of two.
    let extra_bits = base.ilog2() - 2;
    let group = (base >> extra_bits) & 3;
    (265 + (extra_bits - 1) * 4 + group, base & ((1 << extra_bits) - 1), extra_bits)
}

/// Symbol, extra bits' value and their count of a distance of 1 to 32,768.
fn distance_code(distance: u32) -> (u32, u32, u32) {
    let base = distance - 1;
    if base < 4 {
        return (base, 0, 0);
    }
    // From four on there are two codes for every power of two.
    let extra_bits = base.ilog2() - 1;
    let group = (base >> extra_bits) & 1;
    (2 + extra_bits * 2 + group, base & ((1 << extra_bits) - 1), extra_bits)
}

/// The checksum of chunks (PNG, annex D).
fn crc32(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = crc_table();
    !data
        .iter()
        .fold(u32::MAX, |sum, &byte| TABLE[((sum ^ u32::from(byte)) & 0xff) as usize] ^ (sum >> 8))
}

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut place = 0;
    while place < 256 {
        let mut sum = place as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
            bit += 1;
        }
        table[place] = sum;
        place += 1;
    }
    table
}

/// The checksum of zlib (RFC 1950, section 8.2).
fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1u32, 0u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (length, code) in
            [(3, (257, 0, 0)), (10, (264, 0, 0)), (11, (265, 0, 1)), (12, (265, 1, 1))]
        {
            assert_eq!(length_code(length), code);
        }
        assert_eq!(length_code(114), (279, 15, 4));
        assert_eq!(length_code(257), (284, 30, 5));
        assert_eq!(length_code(258), (285, 0, 0));
        for (distance, code) in [(1, (0, 0, 0)), (4, (3, 0, 0)), (5, (4, 0, 1)), (6, (4, 1, 1))] {
            assert_eq!(distance_code(distance), code);
        }
        assert_eq!(distance_code(32_768), (29, 8_191, 13));
    }
}
