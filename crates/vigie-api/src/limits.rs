//! Every bound of this crate, with its arithmetic and what happens when it is reached.

use std::time::Duration;

/// Longest address (path and query). The longest one we make ourselves (a leaderboard with search and cursor) has about
/// 500 bytes. Reached: 414.
pub const URI_BYTES_MAX: usize = 8 * 1024;

/// Largest body: what switches an event on or off has 20 bytes. Reached: 413.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest time for an answer: the slowest question allowed (a search in a board of 100,000 members) takes less than a
/// second. Reached: 503.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// Most buckets of a series: two days of minutes (2,880), or nine years of days. More than a screen has pixels.
/// Reached: 422 naming `step`.
pub const SERIES_POINTS_MAX: usize = 3_300;

/// Longest period: twelve years, more than Discord is old. Reached: 422 naming `from`.
pub const PERIOD_HOURS_MAX: u32 = 12 * 366 * 24;

/// Lines of a series, `other` not counted: as many as an eye can tell apart.
pub const LINES_MAX: usize = 6;

/// Rows of a top list on the overview, and of members and threads on a channel's page.
pub const TOP_ROWS: u32 = 10;

/// Leaders of the period compared with that are read beside those of today. Whoever of today's is not among them is asked for
/// alone.
pub const BEFORE_ROWS: u32 = 200;

/// Channels on a member's page.
pub const MEMBER_CHANNELS_MAX: u32 = 20;

/// Rows of a leaderboard page when `limit` is not given.
pub const LEADERBOARD_ROWS_DEFAULT: u32 = 50;

/// Most rows of a leaderboard page: 500 rows are about 150 KB of JSON. Reached: 422 naming `limit`.
pub const LEADERBOARD_ROWS_MAX: u32 = 500;

/// Most rows of an exported leaderboard: about 10 MB of CSV. Reached: the export ends there, with `next_cursor` in the
/// header `Link`.
pub const EXPORT_ROWS_MAX: u32 = 100_000;

/// Longest `search` text, in characters: Discord's names have 32 at most. Reached: 422 naming `search`.
pub const SEARCH_CHARS_MAX: usize = 64;

/// Bytes of answers kept in memory: about 6,000 overviews of 10 KB. Reached: the least useful one is forgotten.
pub const ANSWER_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How long an answer is kept when no change of its server is signalled: bounds how stale an answer can be when another
/// process writes to the database.
pub const ANSWER_CACHE_TTL: Duration = Duration::from_secs(60);

/// Bytes of pictures kept in memory: about 4,000 avatars of 8 KB. Reached: the least useful one is forgotten.
pub const MEDIA_CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// How long a picture is kept in memory. Its address holds its hash, so it cannot change; absent ones may appear.
pub const MEDIA_CACHE_TTL: Duration = Duration::from_secs(60 * 60);

/// Largest picture: Discord's own limit for uploads of avatars is 10 MB, scaled to 512 pixels they have less than 1 MB.
/// Reached: 502.
pub const MEDIA_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Longest time to connect to where pictures come from, and to fetch one. Reached: 502.
pub const MEDIA_TIMEOUT: Duration = Duration::from_secs(10);

/// Pictures fetched at once. Reached: further ones wait for their turn within [`MEDIA_TIMEOUT`].
pub const MEDIA_FETCHES_MAX: usize = 32;

/// Live streams open at once: each is one task and one socket. Reached: 503.
pub const LIVE_STREAMS_MAX: usize = 1_000;

/// Shortest time between two signals of one live stream; changes in between are told together.
pub const LIVE_INTERVAL: Duration = Duration::from_secs(1);

/// Silence after which a live stream sends a comment, so that proxies and browsers keep it open.
pub const LIVE_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long open requests may go on after the server was told to stop. Reached: they are cut.
pub const SHUTDOWN_GRACE: Duration = Duration::from_millis(1_000);

/// Guilds kept with their channels' names: one has some 50 KB at most. Reached: the least used is asked for again.
pub const KNOWN_GUILDS_MAX: u64 = 1_000;

/// Smallest body worth compressing on the way: below, the headers weigh as much.
pub const COMPRESSED_BYTES_MIN: u64 = 1_024;

/// Concurrent questions for single hours by minutes: days of a zone off the hour begin within hours of UTC.
pub const MINUTE_QUESTIONS_AT_ONCE: usize = 8;

/// How long counts may be on their way: a flush leaves every minute, the sender and the ingest have as long again, and answers
/// are kept for as long once more. Reached: what came since the last sign of life counts as not heard.
pub const PENDING_MS: i64 = 3 * 60_000;

/// Stretches of each state that an answer tells: some 25 KB of JSON. Reached: the nearest ones are told as one, and
/// `merged` says so.
pub const STRETCHES_MAX: usize = 200;

/// Least share of a period that must be covered for a change to be told: below, the larger part of the answer would be guessed.
pub const COMPARED_SHARE_MIN: f64 = 0.5;

/// Rows of a page of the coverage ledger or of sessions when `limit` is not given.
pub const ROWS_DEFAULT: u32 = 100;

/// Rows of a page of moderation acts when `limit` is not given.
pub const CASES_DEFAULT: u32 = 50;

/// Most rows of such a page: 500 sessions of ten segments are about 500 KB of JSON. Reached: 422 naming `limit`.
pub const ROWS_MAX: u32 = 500;

/// Channels of the voice page: Discord allows 500 in a server, and deleted ones stay. Reached: the smallest are left out.
pub const VOICE_CHANNELS_MAX: u32 = 1_000;

/// Servers named by the status because they are not heard as they should: some 150 bytes each. Reached: the others are only
/// counted.
pub const STATUS_GUILDS_MAX: usize = 100;

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;

/// How long the database may take to say that it is there. Reached: the status says it is not.
pub const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Acts of moderation beside one act, on the same target.
pub const CASE_HISTORY_MAX: u32 = 50;

/// Acts of moderation on a member's page, of each kind (on them, by them).
pub const MEMBER_CASES_MAX: u32 = 20;

/// Moderators of the summary: a server has some dozens. Reached: those with fewest acts are left out.
pub const MODERATORS_MAX: u32 = 100;

/// How far back Discord keeps the audit log: acts older than the bot are known for that long.
pub const AUDIT_DAYS: u32 = 45;

/// Weeks that a cohort is followed when `weeks` is not given.
pub const RETENTION_WEEKS_DEFAULT: u32 = 8;

/// Most weeks that a cohort is followed: a year. Reached: 422 naming `weeks`.
pub const RETENTION_WEEKS_MAX: u32 = 52;

/// Most cohorts of one answer: two years of days are some 200 KB of JSON. Reached: 422 naming `cohort`.
pub const COHORTS_MAX: usize = 750;

/// Most weeks of a lifecycle: twelve years, the longest period.
pub const LIFECYCLE_WEEKS_MAX: usize = 630;

/// Days of silence when `silent_days` is not given.
pub const SILENT_DAYS_DEFAULT: u32 = 14;

/// Days before the silence in which somebody was active when `active_days` is not given.
pub const ACTIVE_DAYS_DEFAULT: u32 = 30;

/// Most days of silence, and before it. Reached: 422 naming the parameter.
pub const QUIET_DAYS_MAX: u32 = 365;

/// Longest code of an invite: vanity addresses have 25 characters at most, other codes 10. Reached: 422 naming `code`.
pub const INVITE_CODE_BYTES_MAX: usize = 64;

/// Invites of the book: Discord allows 1,000 in a server. Reached: the oldest that have ended are left out.
pub const INVITES_MAX: u32 = 1_000;

/// Recruiters of one answer. Reached: those with fewest joins are left out, and the total says how many there are.
pub const RECRUITERS_MAX: u32 = 100;

/// Days after a join at which it is asked whether the member stayed.
pub const STAYED_DAYS: u32 = 7;

/// Steps of the tree of invites when `depth` is not given.
pub const TREE_DEPTH_DEFAULT: u32 = 4;

/// Most steps of the tree. Reached: 422 naming `depth`.
pub const TREE_DEPTH_MAX: u32 = 10;

/// Most members of the tree: some 400 KB of JSON. Reached: the tree is cut and says so.
pub const TREE_NODES_MAX: u32 = 1_000;

/// Longest text looked for in reasons, in characters: Discord's have 512 at most. Reached: 422 naming `search`.
pub const REASON_SEARCH_CHARS_MAX: usize = 100;
