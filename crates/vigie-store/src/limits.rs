//! Every bound of the store: its name, its arithmetic, and what happens when it is reached.

use std::time::Duration;

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

/// Largest value of a counter of one minute, or of one member in one channel in one hour or day: what an INT column holds. Honest
/// traffic stays four orders below. The counter stays there when it is reached, instead of failing its whole batch for ever.
pub const COUNTER_MAX: i64 = i32::MAX as i64;

/// Largest value of what bots seldom do (commands and reactions) in one minute of one guild: what a SMALLINT column holds, 546 each
/// second. The counter stays there when it is reached; hours and days count on.
pub const SMALL_COUNTER_MAX: i64 = i16::MAX as i64;

/// First minute that can be stored: 2015-01-01, the epoch of Discord's snowflakes. Earlier windows are refused as invalid records.
pub const UNIX_MINUTE_MIN: u32 = 23_667_840;

/// First minute that cannot be stored any more: 2100-01-01. Later windows are refused as invalid records. With [`UNIX_MINUTE_MIN`]
/// it bounds the months, and with them the partitions that hostile windows could ask for, to 1,020 for each table.
pub const UNIX_MINUTE_END: u32 = 68_374_080;

/// Activity cells after which a transaction is ended and the batch goes on in another: at 50,000 cells/s (cells of many guilds, each a
/// row of its own in every table; those of one guild merge and take half as long) a transaction holds its locks for 100 ms. One record
/// with more cells is a transaction of its own.
pub const CELLS_PER_TRANSACTION_MAX: usize = 5_000;

/// Records after which a transaction is ended likewise. A guild with all its channels (500) and threads (1,000) is one record.
pub const RECORDS_PER_TRANSACTION_MAX: usize = 1_000;

/// How long a writer waits for SQLite's write lock, and an opening process for another's migrations. After that the call fails as
/// transient and is tried again by its caller.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long opening waits for a PostgreSQL server, and a question for a free connection. After that the call fails as transient.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections that apply batches to PostgreSQL: batches of different producers run side by side. More wait.
pub const POSTGRES_WRITERS_MAX: u32 = 4;

/// Days packed after each batch. A day of a very large guild (10,000 members active) takes 20 ms, so that a batch is at most 80 ms
/// longer for it; a backlog whose batches are shorter than four days of one guild never falls behind. Days left over are packed
/// after later batches, and questions read their rows meanwhile.
pub const PACKED_DAYS_PER_APPLY: usize = 4;

/// Packed days from which a question reads packs at all: for fewer, the engine's own grouping of the rows is as fast.
pub const PACKED_DAYS_WORTH: usize = 3;

/// Members asked for in one statement; more are asked for in several.
pub const MEMBERS_PER_STATEMENT: usize = 1_000;

/// Steps into keys, members times days, up to which the voice of some members is looked up one by one: about 5 ms. For more the days of
/// all members are read.
pub const MEMBER_STEPS_MAX: usize = 5_000;

/// Most rows of one page of voice sessions. A row is about 600 bytes in memory: 600 KB. A larger limit is lowered to this one.
pub const SESSION_ROWS_MAX: u32 = 1_000;

/// Most rows of one page of a coverage ledger. A larger limit is lowered to this one.
pub const LEDGER_ROWS_MAX: u32 = 1_000;

/// How long sessions are kept after their end: 30 days, in milliseconds. Then [`crate::Store::purge_voice_sessions`] deletes them; hours
/// and days stay.
pub const SESSIONS_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Sessions deleted in one transaction: 10 ms. More are deleted in several.
pub const PURGED_PER_TRANSACTION: u32 = 1_000;

/// Most stays of one member in one answer. A row is about 400 bytes in memory; more are not listed, the latest are.
pub const STAYS_MAX: u32 = 50;

/// Stays of one member that are looked at when records of theirs arrive, the latest first: what comes later can only be about the last
/// few. A list of members that tells an earlier one was out of date when it arrived: it is passed over.
pub const STAYS_LOADED_MAX: u32 = 8;

/// Most weeks for which a cohort is followed: a year. More are lowered to this; the weeks of a stay are the bits of one number.
pub const RETENTION_WEEKS_MAX: u32 = 53;

/// Most rows of one page of members who went quiet. A larger limit is lowered to this one.
pub const QUIET_ROWS_MAX: u32 = 1_000;

/// Most rows of one page of joins: about 1 KB each in memory with their evidence, 1 MB. A larger limit is lowered to this one.
pub const JOIN_ROWS_MAX: u32 = 1_000;

/// Most recruiters of one answer. A larger limit is lowered to this one.
pub const RECRUITERS_MAX: u32 = 1_000;

/// Most invites of one answer, those that can be used first: as many as Discord lets a guild have at once. More are counted, not listed.
pub const INVITE_ROWS_MAX: u32 = 1_000;

/// Most steps from the top of a tree of invites. Deeper ones are cut there, and the answer says so.
pub const TREE_DEPTH_MAX: u32 = 16;

/// Most members of a tree of invites: 250 bytes each in memory. Larger ones are cut there, and the answer says so.
pub const TREE_NODES_MAX: u32 = 2_000;

/// Longest stored code of an invite, in bytes. Discord's have up to 12 characters, vanity addresses up to 32. Longer ones are cut.
pub const CODE_BYTES_MAX: usize = 64;

/// Most candidates stored with a join; more are left out. Of a guild's codes (1,000 at most) a burst moves a few.
pub const CANDIDATES_MAX: usize = 50;

/// How far apart, in milliseconds, a departure and the moderation that caused it may be told: 10 s, either first.
pub const DEPARTURE_GRACE_MS: i64 = 10_000;

/// A departure of somebody who left less than this before (in milliseconds) and has not come back is the same one, told again.
pub const DEPARTURE_REPEAT_MS: i64 = 60_000;

/// A departure heard within this time (in milliseconds) after somebody was found missing is that departure, told late.
pub const UNSEEN_GRACE_MS: i64 = 10 * 60_000;

/// Departures looked at around one that changed, in milliseconds to either side: a chain of departures, each within the grace of the next,
/// is paired right up to this length.
pub const DEPARTURE_CHAIN_MS: i64 = 10 * 60_000;

/// Most rows of one page of acts of moderation: about 1 KB each in memory, 1 MB. A larger limit is lowered to this one.
pub const CASE_ROWS_MAX: u32 = 1_000;

/// Most moderators of one answer. A larger limit is lowered to this one.
pub const MODERATORS_MAX: u32 = 1_000;

/// Most changes stored with an act; more are left out. An entry of Discord's audit log has some dozens at most, one per field or role.
pub const CASE_CHANGES_MAX: usize = 100;

/// Longest stored text of a change, in bytes: Discord's names have up to 100 characters. Longer ones are cut.
pub const CASE_TEXT_BYTES_MAX: usize = 400;

/// Most rows of one page of changes of a guild. A larger limit is lowered to this one.
pub const CHANGE_ROWS_MAX: u32 = 1_000;

/// Longest stored reason of a moderation act, in bytes. Discord allows 512 characters of at most 4 bytes: 2,048. Longer ones are cut.
pub const REASON_BYTES_MAX: usize = 2_048;

/// How far apart, in milliseconds, a ban or unban and its entry in the audit log may be told: 10 minutes, unless the opposite was done between.
pub const BAN_GRACE_MS: i64 = 10 * 60_000;

/// How far our clock may be from Discord's, in milliseconds, together with the time that news take: what was heard this near to the time of
/// an entry may have been before or after it.
pub const CLOCK_GRACE_MS: i64 = 10_000;

/// Two facts that look alike, have no id of their own and come within this time (in milliseconds) of each other are one, told twice.
pub const FACT_REPEAT_MS: i64 = 100;

/// How far apart, in milliseconds, other acts and their entries may be told.
pub const CASE_GRACE_MS: i64 = 10_000;

/// Longest stored value of a further field of a guild, in bytes: a description has up to 300 characters; all features together about 2,000.
/// Longer ones are cut.
pub const FIELD_BYTES_MAX: usize = 4_096;

/// Longest stored name of such a field, in bytes: ours are half as long. Longer ones are cut.
pub const FIELD_NAME_BYTES_MAX: usize = 64;

/// How long the rows of a guild are kept after our bot was removed from it: 30 days, in milliseconds. Then [`crate::Store::purge_removed_guilds`]
/// deletes them.
pub const REMOVED_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A guild seen for the first time so soon (in milliseconds) after our bot joined it has just added it. Later it was there before we looked.
pub const BOT_ADDED_GRACE_MS: i64 = 10 * 60_000;
