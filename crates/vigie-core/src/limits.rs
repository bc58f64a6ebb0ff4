//! Every bound of the core: its name, its arithmetic, and what happens when it is reached.
//!
//! One core serves one shard, which Discord wants to hold at most 2,500 guilds. With every bound reached at once a core
//! holds about 12 (cells) + 1.5 (spills) + 4.5 (emojis) + 9.4 (names told) + 9 (names to tell) + 2.2 (bots) = 39 MB.

use crate::table;

/// One minute: the width of a window.
pub const FLUSH_INTERVAL_MS_DEFAULT: u32 = 60_000;

/// How long after the end of a flush interval the flush waits for frames still in flight. A frame later than this is
/// not lost: it makes a second piece of its minute, which the store adds.
pub const FLUSH_GRACE_MS: i64 = 500;

/// How far the snowflake of a message may lie ahead of our clock: 10 minutes, which is more than two clocks kept by NTP
/// ever differ by. A message further ahead is placed by arrival and counted in `CoreStats::messages_placed_by_arrival`.
pub const MESSAGE_AHEAD_MS_MAX: i64 = 10 * 60_000;

/// Earliest instant that the snowflake of a message may name: the second day of Discord's epoch, 2015-01-02, months before
/// Discord opened to the public. An id below (0, 1, 2 …) is no snowflake: placed by arrival and counted as above.
pub const MESSAGE_TIME_MS_MIN: i64 = crate::vocabulary::DISCORD_EPOCH_MS + 24 * 60 * 60_000;

/// Most open cells: 2^19 of about 22 bytes are 12 MB, and 31 MB if each stood alone in its guild, with a window and a place
/// of 18 bytes each. That is 8,700 different (channel, member) pairs a second for a minute. When reached, everything is
/// flushed early: the same counts in more pieces.
pub const CELLS_MAX: usize = 1 << 19;

/// Most spills waiting: 2^16 of 24 bytes are 1.5 MB; each stands for at least 31 events. When reached: early flush.
pub const SPILLS_MAX: usize = 1 << 16;

/// Most open (window, emoji) counts: 2^16 of about 23 bytes, and as many names of about 46, are 4.5 MB at the very worst.
/// When reached: early flush.
pub const EMOJI_COUNTS_MAX: usize = 1 << 16;

/// Most bytes of emoji texts: at 8 bytes a name this is more than `EMOJI_COUNTS_MAX` ever asks for, so it only meets
/// senders who rename an emoji with each reaction. When reached: early flush.
pub const EMOJI_TEXT_BYTES_MAX: usize = 1 << 20;

/// Most cells in one record: a larger window leaves in several, each below 400 kB on the wire.
pub const WINDOW_CELLS_MAX: usize = 8_192;

/// Most emojis in one record; as above.
pub const WINDOW_EMOJIS_MAX: usize = 1_024;

/// Most members in one record of names; as above.
pub const RECORD_MEMBERS_MAX: usize = 1_000;

/// Most bytes of any name or hash that is kept. Discord's longest are 100 characters (guilds, channels), 400 bytes at
/// four each. A longer one is cut at a character's end.
pub const NAME_BYTES_MAX: usize = 512;

/// Most members remembered as told: all that a table of 2^20 places takes before it doubles; 9.4 MB. When reached, all are
/// forgotten, so that names are told again as people speak: more records, the same content.
pub const NAMES_TOLD_MAX: usize = (1 << 20) / 8 * 7;

/// Most members whose names wait for the flush: 2^15 of about 270 bytes are 9 MB. When reached, the names leave early; the
/// counts stay.
pub const NAMES_TO_TELL_MAX: usize = 1 << 15;

/// Most bots and webhooks remembered by id: all that a table of 2^17 places takes; 2.2 MB. When reached, all are forgotten:
/// until one of them writes again, its reactions count as a human's.
pub const AUTOMATED_MAX: usize = (1 << 17) / 8 * 7;

/// The longest beginning of `text` that has at most `bytes_max` bytes and ends with a whole character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

// One fact opens at most two cells and is counted before the bounds are looked at; every table holds at most as many
// entries as there are cells or emoji counts.
const _: () = assert!(CELLS_MAX + 2 <= table::ENTRIES_MAX);
const _: () = assert!(EMOJI_COUNTS_MAX < table::ENTRIES_MAX);
const _: () = assert!(NAMES_TO_TELL_MAX < table::ENTRIES_MAX);
// Spans of the emoji texts are 32-bit.
const _: () = assert!(EMOJI_TEXT_BYTES_MAX + NAME_BYTES_MAX < u32::MAX as usize);

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(cut("vigie", 10), "vigie");
        assert_eq!(cut("vigie", 3), "vig");
        assert_eq!(cut("héé", 3), "hé");
        assert_eq!(cut("héé", 2), "h");
    }
}
