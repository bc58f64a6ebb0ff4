//! Every bound of the format: its name, its arithmetic, and what happens when it is reached.

use vigie_core::limits::{NAME_BYTES_MAX, RECORD_MEMBERS_MAX, WINDOW_CELLS_MAX, WINDOW_EMOJIS_MAX};

/// Largest record that is read; a larger input is refused unread. The core's bounds keep what is written far below: a
/// piece of a window takes at most 0.95 MB, a piece of names 1.6 MB (both asserted below), and a guild with Discord's 500 channels and
/// 1,000 active threads 0.8 MB.
pub const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Fewest bytes of a cell: one of member, one of shape. A list that claims more entries than the bytes left can hold is
/// refused before anything is allocated, so that one byte of input costs at most 20 bytes of heap in cells, and 60 in
/// any other list.
pub const CELL_BYTES_MIN: usize = 2;

/// Fewest bytes of an emoji: form, empty text, added, removed.
pub const EMOJI_BYTES_MIN: usize = 4;

/// Fewest bytes of a channel: id, flags, kind, position.
pub const CHANNEL_BYTES_MIN: usize = 4;

/// Fewest bytes of a member: id, flags, empty username.
pub const MEMBER_BYTES_MIN: usize = 3;

/// Most bytes of a cell: a run of its own (10 + 1), member 10, shape 1, five counters of 5.
const CELL_BYTES_MAX: usize = 47;
/// Most bytes of a text that the core lets through, its length included.
const TEXT_BYTES_MAX: usize = 2 + NAME_BYTES_MAX;
/// Most bytes of an emoji: form 1, id 10, text, two counters of 5.
const EMOJI_BYTES_MAX: usize = 21 + TEXT_BYTES_MAX;
/// Most bytes of a member: id 10, flags 1, three texts.
const MEMBER_BYTES_MAX: usize = 11 + 3 * TEXT_BYTES_MAX;

/// Guild, minute and the lengths of lists.
const HEADER_BYTES_MAX: usize = 64;

const _: () = {
    let window = WINDOW_CELLS_MAX * CELL_BYTES_MAX + WINDOW_EMOJIS_MAX * EMOJI_BYTES_MAX;
    assert!(window + HEADER_BYTES_MAX <= RECORD_BYTES_MAX);
    assert!(RECORD_MEMBERS_MAX * MEMBER_BYTES_MAX + HEADER_BYTES_MAX <= RECORD_BYTES_MAX);
};
