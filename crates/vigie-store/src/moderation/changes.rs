//! What an act changed, as bytes of its row.

use vigie_core::vocabulary::Change;

use crate::{
    limits::{CASE_CHANGES_MAX, CASE_TEXT_BYTES_MAX},
    value::{push_number, take_number, text},
};

/// First byte. What begins otherwise is of another version, and read as absent.
const FORMAT: u8 = 1;

/// The format; then field, value before and value after of each change: a text is one more than its length and its bytes, 0 is none.
/// Lengths are LEB128.
pub(crate) fn pack(changes: &[Change]) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    for change in changes.iter().take(CASE_CHANGES_MAX) {
        push_text(&mut bytes, Some(&change.field));
        push_text(&mut bytes, change.old.as_deref());
        push_text(&mut bytes, change.new.as_deref());
    }
    bytes
}

/// The inverse of [`pack`]; `None` if it is not of this version or is damaged.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<Change>> {
    let (FORMAT, mut rest) = bytes.split_first().map(|(format, rest)| (*format, rest))? else {
        return None;
    };
    let mut changes = Vec::new();
    while !rest.is_empty() {
        let field = take_text(&mut rest)??;
        let (old, new) = (take_text(&mut rest)?, take_text(&mut rest)?);
        changes.push(Change { field, old, new });
    }
    Some(changes)
}

fn push_text(bytes: &mut Vec<u8>, value: Option<&str>) {
    let Some(value) = value else { return push_number(bytes, 0) };
    let value = text(value, CASE_TEXT_BYTES_MAX);
    push_number(bytes, value.len() as u64 + 1);
    bytes.extend(value.as_bytes());
}

/// Takes a text off the front: `None` if the bytes are damaged, `Some(None)` for none.
#[allow(clippy::option_option, reason = "damaged is not absent")]
fn take_text(bytes: &mut &[u8]) -> Option<Option<String>> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let Some(length) = length.checked_sub(1) else { return Some(None) };
    let (value, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(value).ok().map(|value| Some(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vigie_core::vocabulary::Change;

    use super::{FORMAT, pack, unpack};

    proptest! {
        #[test]
        fn changes_are_what_was_packed(
            all in prop::collection::vec(("[a-z_]{0,12}", prop::option::of("\\PC{0,20}"), prop::option::of("\\PC{0,20}")), 0..6),
        ) {
            let change = |(field, old, new)| Change { field, old, new };
            let changes: Vec<_> = all.into_iter().map(change).collect();
            prop_assert_eq!(unpack(&pack(&changes)), Some(changes));
        }

        #[test]
        fn any_bytes_are_read_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            bytes.insert(0, FORMAT);
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn other_versions_are_absent() {
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[FORMAT + 1]), None);
        assert_eq!(unpack(&[FORMAT]), Some(Vec::new()));
    }
}
