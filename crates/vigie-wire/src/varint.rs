//! Numbers and texts, written. Their reading is in `reader.rs`.

/// Longest varint: 64 bits in groups of 7.
pub(crate) const VARINT_BYTES_MAX: usize = 10;

/// Appends `value` in LEB128.
#[inline]
pub(crate) fn write(value: u64, out: &mut Vec<u8>) {
    if value < 0x80 {
        return out.push(value as u8);
    }
    let mut bytes = [0; VARINT_BYTES_MAX];
    let length = put(value, &mut bytes);
    // All ten at once and the rest taken back: a copy of known length is a few instructions, not a call.
    out.extend_from_slice(&bytes);
    out.truncate(out.len() - (VARINT_BYTES_MAX - length));
}

/// Writes `value` in LEB128 to the start of `bytes`, and tells how many bytes it takes.
#[inline]
fn put(mut value: u64, bytes: &mut [u8; VARINT_BYTES_MAX]) -> usize {
    let mut length = 0;
    while value >= 0x80 {
        bytes[length] = value as u8 | 0x80;
        value >>= 7;
        length += 1;
    }
    bytes[length] = value as u8;
    length + 1
}

/// Appends a signed number: zigzag, then LEB128.
#[inline]
pub(crate) fn write_signed(value: i64, out: &mut Vec<u8>) {
    write(zigzag(value), out);
}

/// Appends an id on its own, as 8 bytes: a snowflake of today would take 9 as a varint.
#[inline]
pub(crate) fn write_id(id: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&id.to_le_bytes());
}

/// Appends a length and the text.
#[inline]
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a text that is there; that it is, a flag says.
pub(crate) fn write_text_if(text: Option<&str>, out: &mut Vec<u8>) {
    if let Some(text) = text {
        write_text(text, out);
    }
}

/// `bit` if `set`.
pub(crate) fn flag(set: bool, bit: u8) -> u8 {
    if set { bit } else { 0 }
}

/// 0, -1, 1, -2 … as 0, 1, 2, 3 …
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// One column of ids, each written as its distance from the one before (modulo 2^64, so that any order can be written).
#[derive(Debug, Default)]
pub(crate) struct Column {
    previous: u64,
}

impl Column {
    /// Appends the next id of the column.
    pub(crate) fn write(&mut self, id: u64, out: &mut Vec<u8>) {
        write(id.wrapping_sub(self.previous), out);
        self.previous = id;
    }

    /// The next id of the column, from its distance.
    pub(crate) fn read(&mut self, distance: u64) -> u64 {
        self.previous = self.previous.wrapping_add(distance);
        self.previous
    }
}

/// One column of signed numbers, each written as its distance from the one before (modulo 2^64).
#[derive(Debug, Default)]
pub(crate) struct SignedColumn {
    previous: i64,
}

impl SignedColumn {
    /// Appends the next number of the column.
    pub(crate) fn write(&mut self, value: i64, out: &mut Vec<u8>) {
        write_signed(value.wrapping_sub(self.previous), out);
        self.previous = value;
    }

    /// The next number of the column, from its distance.
    pub(crate) fn read(&mut self, distance: i64) -> i64 {
        self.previous = self.previous.wrapping_add(distance);
        self.previous
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_covers_both_ends() {
        for value in [0, -1, 1, i64::MIN, i64::MAX, -1_234_567_890_123] {
            assert_eq!(unzigzag(zigzag(value)), value);
        }
        assert_eq!((zigzag(0), zigzag(-1), zigzag(1), zigzag(-2)), (0, 1, 2, 3));
    }

    #[test]
    fn the_longest_number_takes_ten_bytes() {
        let mut bytes = Vec::new();
        write(u64::MAX, &mut bytes);
        assert_eq!(bytes.len(), VARINT_BYTES_MAX);
    }
}
