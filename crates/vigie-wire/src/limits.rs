//! Every bound of the format: its name, its arithmetic, and what happens when it is reached.

/// Largest record that is read; a larger input is refused unread.
///
/// The core cuts its lists long before: a window piece holds at most 8,192 cells of at most 46 bytes (377 kB) and 1,024
/// emojis of at most 544 bytes (557 kB), a piece of names 1,000 members of at most 1.6 kB (1.6 MB); a guild has at most
/// 500 channels and 1,000 active threads of at most 544 bytes (816 kB).
pub const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Fewest bytes of a cell: one of member, one of shape. A list that claims more entries than the bytes left divided by
/// this is refused before anything is allocated; so one byte of input costs at most 20 bytes of heap.
pub const CELL_BYTES_MIN: usize = 2;

/// Fewest bytes of an emoji: form, empty text, added, removed.
pub const EMOJI_BYTES_MIN: usize = 4;

/// Fewest bytes of a channel: id, flags, kind, position.
pub const CHANNEL_BYTES_MIN: usize = 4;

/// Fewest bytes of a member: id, flags, empty username.
pub const MEMBER_BYTES_MIN: usize = 3;
