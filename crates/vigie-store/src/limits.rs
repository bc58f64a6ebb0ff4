//! Every bound of the store: its name, its arithmetic, and what happens when it is reached.

/// Longest stored name of a guild, channel, member or emoji, in bytes of UTF-8. Discord allows 100 characters (guilds, channels)
/// and 32 (members, emojis), of at most 4 bytes: 400. Longer names are cut at a character boundary.
pub const NAME_BYTES_MAX: usize = 400;

/// Longest stored icon or avatar hash, in bytes. Discord's are 32 hexadecimal digits, with `a_` before animated ones: 34.
/// Longer ones are cut.
pub const HASH_BYTES_MAX: usize = 64;

/// Longest unicode emoji, in bytes. The longest sequence in use (a family with skin tones) has 41. Longer ones are cut, so that
/// texts which differ only after that are counted together.
pub const UNICODE_EMOJI_BYTES_MAX: usize = 64;

/// Longest search text, in bytes: the longest name that could match. Longer ones find nothing, because no stored name is as long.
pub const SEARCH_BYTES_MAX: usize = NAME_BYTES_MAX;

/// Most rows of one leaderboard page. A row is about 200 bytes in memory: 200 KB. A larger limit is lowered to this one.
pub const LEADERBOARD_ROWS_MAX: u32 = 1_000;

/// Most buckets of one question about distinct members: two years of days. More are refused.
pub const BUCKETS_MAX: usize = 800;

/// Most members or emojis that stand for themselves in a split series. A larger number is lowered to this one.
pub const SPLIT_TOP_MAX: u32 = 50;
