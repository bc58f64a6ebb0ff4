//! Every bound of this crate: its arithmetic, and what happens when it is reached.

use std::time::Duration;

/// Digits of the greatest 64-bit number: a longer id is not an id.
pub const ID_DIGITS_MAX: usize = 20;

/// Bytes kept of a name. Discord's longest are of 100 characters (guilds, channels), each at most 4 bytes.
/// A longer one is cut at a character boundary.
pub const NAME_BYTES_MAX: usize = 100 * 4;

/// Bytes of an image hash: today `a_` and 32 hexadecimal digits, doubled for what may come.
/// A longer one is taken for absent: cut, it would name another image.
pub const HASH_BYTES_MAX: usize = 2 * 34;

/// Bytes kept of an RFC 3339 time: `2022-01-17T15:32:05.833000+00:00` has 32. A longer one is taken for absent.
pub const TIMESTAMP_BYTES_MAX: usize = 40;

/// Channels and threads read from one payload: Discord allows 500 channels and 1,000 active threads in a guild, with
/// room for higher limits. Later ones are left out; their own events name them when they change.
pub const CHANNELS_PER_GUILD_MAX: usize = 8_192;

/// Voice states read from one payload: more people than Discord lets be in voice in one guild (500 channels of 99, a stage of
/// 10,000). Later ones are left out: they are heard of when their state changes.
pub const VOICE_STATES_PER_GUILD_MAX: usize = 1 << 16;

/// Roles read from one payload: Discord allows 250 in a guild, four times that for what may come. Later ones are left out.
pub const ROLES_PER_GUILD_MAX: usize = 1_024;

/// Emojis read from one payload: Discord allows 250 still and 250 moving ones in a guild, four times that for what may come.
/// Later ones are left out.
pub const EMOJIS_PER_GUILD_MAX: usize = 2_048;

/// Features read of one guild: some 50 are documented, a guild has about half. Later ones are left out.
pub const FEATURES_PER_GUILD_MAX: usize = 128;

/// Bytes kept of a guild's description: 300 characters of at most 4 bytes. A longer one is cut at a character boundary.
pub const DESCRIPTION_BYTES_MAX: usize = 300 * 4;

/// Bytes kept of the reason in an audit entry: 512 characters of at most 4 bytes. A longer one is cut at a character boundary.
pub const REASON_BYTES_MAX: usize = 512 * 4;

/// Changes kept of one audit entry: a role added or removed is one, and a guild has 250 roles; some more for other fields.
/// Later ones are left out.
pub const AUDIT_CHANGES_MAX: usize = 512;

/// Entries of the audit log asked for at once: the most that Discord gives.
pub const AUDIT_PAGE_ENTRIES: u32 = 100;

/// People read from one page of the audit log: an actor and a target for each entry, doubled. Later ones are left out.
pub const AUDIT_PAGE_PEOPLE_MAX: usize = 4 * AUDIT_PAGE_ENTRIES as usize;

/// Members asked for at once: the most that Discord gives.
pub const MEMBERS_PAGE: u32 = 1_000;

/// Invites read of one guild: Discord allows 1,000, four times that for what may come. Later ones are left out.
pub const INVITES_PER_GUILD_MAX: usize = 4_096;

/// Bytes of an invite's code: today 8 to 16, and up to 32 for a vanity address; doubled for what may come. A longer one is taken for
/// absent: cut, it would name another invite.
pub const INVITE_CODE_BYTES_MAX: usize = 64;

/// Shards in one process: 4,096 × 2,500 guilds are ten million; a task and its buffers take some 100 KiB each.
/// More: the bot does not start.
pub const SHARDS_MAX: u32 = 4_096;

/// Guilds that a shard remembers in order to tell their number: Discord puts at most 2,500 on one, simulators more;
/// 16 bytes each, 16 MiB. Later ones are counted like all others, only not in that number.
pub const GUILDS_PER_SHARD_MAX: usize = 1 << 20;

/// How often `GET /gateway/bot` is tried before the start is given up.
pub const DISCOVERY_ATTEMPTS: u32 = 3;

/// Pause before the second attempt; doubled for each later one. All attempts together pause 1.5 s.
pub const DISCOVERY_PAUSE: Duration = Duration::from_millis(500);

/// How long one attempt may take.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Milliseconds by which the machine's clock may differ from the server's when the bot starts: the server tells whole
/// seconds, and the answer takes time. Beyond: the server's is taken.
pub const CLOCK_OFF_MS_MAX: i64 = 5_000;

/// Pause before the third of several connections in a row that closed before a session stood (the second comes at
/// once); doubled for each further one.
pub const RECONNECT_PAUSE: Duration = Duration::from_millis(1_000);

/// How often that pause is doubled: up to 64 s. A gateway in trouble is not knocked at more often, by any shard.
pub const RECONNECT_DOUBLINGS_MAX: u32 = 6;

/// Bytes of records that a shard holds while they cannot be committed (the outbox is full or the disk fails).
/// Reached: the shard reads no further frames, so that Discord holds them back and, when this lasts longer than a
/// heartbeat, closes the connection; a resume then brings what was missed. The heap stays bounded.
pub const UNCOMMITTED_BYTES_MAX: usize = 8 << 20;

/// Pause after the first commit that failed; doubled for each further failure, up to the next bound.
pub const COMMIT_PAUSE: Duration = Duration::from_millis(500);

/// Longest pause between two attempts to commit.
pub const COMMIT_PAUSE_MAX: Duration = Duration::from_secs(30);

/// How long a stopping shard waits for the gateway's close frame; it may never come. Reached: the socket is dropped.
pub const CLOSE_WAIT: Duration = Duration::from_millis(1_000);

/// How long a stopping shard waits for its last commit: thousands of fsyncs. Reached: `BotError::OutboxStuck`.
pub const LAST_COMMIT_WAIT: Duration = Duration::from_secs(10);

/// Messages asked for at once when a channel's history is read again: the most that Discord gives.
pub const HISTORY_PAGE_MESSAGES: u32 = 100;

/// Bytes of one answer of the HTTP API. The longest is a page of history: 100 messages of at most some 100 KiB each (4,000 characters, ten
/// embeds of 6,000 in all, ten attachments), three times over; 1,000 members or invites are 3 MiB. Beyond: what was asked for counts as
/// refused.
pub const REST_BODY_BYTES_MAX: usize = 32 << 20;

/// Time between two requests, over all shards: 30 a second, 60 % of the 50 that Discord allows a bot, so that
/// what the bot is there for always finds room.
pub const REST_PACE: Duration = Duration::from_millis(34);

/// Buckets whose used-up limits are remembered: one channel and one guild per shard are read at a time, a guild's invites with its
/// vanity address, so that this is never met. Reached: all requests wait for the next such limit.
pub const REST_BUCKETS_MAX: usize = 4 * SHARDS_MAX as usize;

/// Requests answered with 401, 403 or 429 within [`REST_VAIN_SPAN`]: half of the 10,000 for which Discord bars an
/// address. Reached: no request leaves until the span is over.
pub const REST_VAIN_MAX: u32 = 5_000;

/// The span in which Discord counts them.
pub const REST_VAIN_SPAN: Duration = Duration::from_secs(600);

/// How long one request may take.
pub const REST_TIMEOUT: Duration = Duration::from_secs(30);

/// Pause after a request that met trouble (no network, a server's fault); doubled for each further one.
pub const REST_PAUSE: Duration = Duration::from_millis(1_000);

/// Longest such pause. The request is repeated for ever: what is missing stays missing until it is read.
pub const REST_PAUSE_MAX: Duration = Duration::from_secs(60);

/// Longest pause that is believed of a rate limit; beyond it the answer counts as giving none.
pub const REST_LIMIT_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Milliseconds after which what was heard is durable at the latest, unless configured otherwise. A power cut loses this
/// much at most, and the next RESUME brings it again.
pub const JOURNAL_INTERVAL_MS_DEFAULT: u32 = 100;

/// How far the wall clock must have run ahead of ours for the machine to have slept meanwhile: steps of NTP are smaller.
pub const SLEEP_MS_MIN: i64 = 10_000;

/// As an interval: no journal is kept. Only for measuring what it costs; a kill then loses what was heard since the last flush.
#[doc(hidden)]
pub const JOURNAL_OFF: u32 = u32::MAX;

/// Bytes of journal that make a commit due at once: at 45 bytes a message 5,800 messages, so that a frame stays far below
/// the outbox's own bound even while a slow commit is under way.
pub const FRAME_BYTES: usize = 256 << 10;

/// Bytes journaled by one shard since its last checkpoint: 16 MiB are 370,000 messages, a minute of 6,000 a second, which
/// a restart reads in about half a second. Reached: an early flush, the same counts in more pieces.
pub const JOURNAL_BYTES_MAX: u64 = 16 << 20;

/// Room made for a checkpoint before it is written: most fit.
pub const CHECKPOINT_BYTES_USUAL: usize = 16 << 10;
