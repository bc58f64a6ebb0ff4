//! A cursor over bytes that are not to be trusted: every step is checked against what is left.

use vigie_core::vocabulary::AuthorKind;

use crate::DecodeError;
use crate::varint::{Column, VARINT_BYTES_MAX, unzigzag};

/// The bytes not read yet.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// An id on its own: 8 bytes.
    pub(crate) fn id(&mut self) -> Result<u64, DecodeError> {
        let (first, rest) = self.bytes.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(u64::from_le_bytes(*first))
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A LEB128 number in its shortest form.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for (index, byte) in self.bytes.iter().copied().enumerate().take(VARINT_BYTES_MAX) {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                let overlong = byte == 0 && index > 0;
                let overflows = index == VARINT_BYTES_MAX - 1 && byte > 1;
                if overlong || overflows {
                    return Err(DecodeError::BadNumber);
                }
                self.bytes = &self.bytes[index + 1..];
                return Ok(value);
            }
        }
        match self.bytes.len() {
            0..VARINT_BYTES_MAX => Err(DecodeError::Truncated),
            _ => Err(DecodeError::BadNumber),
        }
    }

    /// A number that fits 32 bits.
    pub(crate) fn varint_u32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::BadNumber)
    }

    pub(crate) fn signed(&mut self) -> Result<i64, DecodeError> {
        Ok(unzigzag(self.varint()?))
    }

    /// The next id of a column.
    pub(crate) fn delta(&mut self, column: &mut Column) -> Result<u64, DecodeError> {
        Ok(column.read(self.varint()?))
    }

    /// A signed number that fits 32 bits.
    pub(crate) fn signed_i32(&mut self) -> Result<i32, DecodeError> {
        i32::try_from(self.signed()?).map_err(|_| DecodeError::BadNumber)
    }

    /// A number of 64 bits and, below it in the same varint, one bit.
    #[inline]
    pub(crate) fn varint_with_bit(&mut self) -> Result<(u64, bool), DecodeError> {
        let first = self.u8()?;
        let low = u64::from(first >> 1 & 0x3f);
        let high = if first < 0x80 { 0 } else { self.varint()? };
        let overlong = first >= 0x80 && high == 0;
        if overlong || high >> (u64::BITS - 6) != 0 {
            return Err(DecodeError::BadNumber);
        }
        Ok((high << 6 | low, first & 1 != 0))
    }

    /// A text that stays where it is.
    pub(crate) fn str(&mut self) -> Result<&'a str, DecodeError> {
        let length = self.varint()?;
        let length = usize::try_from(length).map_err(|_| DecodeError::Truncated)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| DecodeError::BadText)
    }

    pub(crate) fn text(&mut self) -> Result<String, DecodeError> {
        self.str().map(str::to_owned)
    }

    /// A text that is there only when its flag says so.
    pub(crate) fn text_if(&mut self, present: bool) -> Result<Option<String>, DecodeError> {
        present.then(|| self.text()).transpose()
    }

    /// The length of a list whose entries take at least `entry_bytes_min` each.
    pub(crate) fn list_len(&mut self, entry_bytes_min: usize) -> Result<usize, DecodeError> {
        let claimed = self.varint()?;
        let possible = self.remaining() / entry_bytes_min;
        match usize::try_from(claimed) {
            Ok(length) if length <= possible => Ok(length),
            _ => Err(DecodeError::ListTooLong { claimed, possible: possible as u64 }),
        }
    }

    /// An author kind in a byte of its own.
    pub(crate) fn kind(&mut self) -> Result<AuthorKind, DecodeError> {
        let kind = self.u8()?;
        AuthorKind::from_u8(kind).ok_or(DecodeError::BadFlags(kind))
    }

    /// A minute of an hour.
    pub(crate) fn minute(&mut self) -> Result<u8, DecodeError> {
        match self.u8()? {
            minute @ 0..60 => Ok(minute),
            _ => Err(DecodeError::BadNumber),
        }
    }

    /// A byte of flags of which only those in `known` may be set.
    pub(crate) fn flags(&mut self, known: u8) -> Result<u8, DecodeError> {
        let flags = self.u8()?;
        if flags & !known != 0 {
            return Err(DecodeError::BadFlags(flags));
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varint(bytes: &[u8]) -> Result<u64, DecodeError> {
        Reader::new(bytes).varint()
    }

    #[test]
    fn numbers_are_read_in_their_shortest_form_only() {
        assert_eq!(varint(&[0]), Ok(0));
        assert_eq!(varint(&[0xac, 0x02]), Ok(300));
        assert_eq!(varint(&[0x80, 0x00]), Err(DecodeError::BadNumber));
        assert_eq!(varint(&[0x80]), Err(DecodeError::Truncated));
        assert_eq!(varint(&[]), Err(DecodeError::Truncated));
    }

    #[test]
    fn numbers_end_at_64_bits() {
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(varint(&max), Ok(u64::MAX));
        let over = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert_eq!(varint(&over), Err(DecodeError::BadNumber));
        assert_eq!(varint(&[0xff; 11]), Err(DecodeError::BadNumber));
    }

    #[test]
    fn a_bit_lies_below_a_number_in_its_shortest_form() {
        let read = |bytes: &[u8]| Reader::new(bytes).varint_with_bit();
        assert_eq!(read(&[0x01]), Ok((0, true)));
        assert_eq!(read(&[0x7e]), Ok((63, false)));
        assert_eq!(read(&[0x81, 0x01]), Ok((64, true)));
        assert_eq!(read(&[0x81, 0x00]), Err(DecodeError::BadNumber), "overlong");
        assert_eq!(read(&[0x81]), Err(DecodeError::Truncated));
        let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03];
        assert_eq!(read(&max), Ok((u64::MAX, true)));
        let over = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x04];
        assert_eq!(read(&over), Err(DecodeError::BadNumber));
    }

    #[test]
    fn a_list_is_refused_before_it_is_allocated() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3, 4];
        let refused = DecodeError::ListTooLong { claimed: u64::from(u32::MAX), possible: 2 };
        assert_eq!(Reader::new(&bytes).list_len(2), Err(refused));
    }

    #[test]
    fn a_text_longer_than_what_is_left_is_cut_short() {
        assert_eq!(Reader::new(&[5, b'a']).text(), Err(DecodeError::Truncated));
        assert_eq!(Reader::new(&[1, 0xff]).text(), Err(DecodeError::BadText));
    }
}
