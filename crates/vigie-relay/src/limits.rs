//! Every bound of the relay: its arithmetic, and what happens when it is reached.

/// Largest single entry, in bytes. A window of 100,000 cells of 24 bytes is 2.4 MB, a guild with 1,500 channels about
/// 0.2 MB: six times the largest. Reached: the commit is refused with `EntryTooLarge`, nothing of it is written.
pub const ENTRY_BYTES_MAX: usize = 16 << 20;

/// Commits handed over and not yet durable. One per shard task is usual; 1,024 shards in a process are far above what
/// a machine runs. Reached: the next `commit` waits for its turn before it enters the queue.
pub const COMMITS_WAITING_MAX: usize = 1024;

/// Bytes after which a group of commits is closed and written, so that one transaction stays in the tens of
/// milliseconds (400 MB/s into the log, 8 MiB: 20 ms). Reached: the remaining commits form the next group.
pub const GROUP_BYTES_MAX: u64 = 8 << 20;

/// Undelivered bytes that an outbox holds unless configured otherwise: 1 GiB is over a day of the periodic records of
/// 1,000 busy guilds (1,000 × 500 B × 1,440 minutes = 0.7 GB). Reached: commits wait until deliveries have made room.
pub const PENDING_BYTES_DEFAULT: u64 = 1 << 30;

/// Bytes above the limit that only urgent commits may fill: a sixteenth of the limit, at least this many. 64 MiB hold
/// 300,000 bans and joins of 200 B. Reached: urgent commits wait as well.
pub const URGENT_RESERVE_PARTS: u64 = 16;

/// Least reserve of the urgent lane, in bytes: see [`URGENT_RESERVE_PARTS`].
pub const URGENT_RESERVE_BYTES_MIN: u64 = 1 << 20;

/// Bytes of entries that are merged in one transaction: read, merged and written in about 0.1 s, during which no commit
/// is written. Reached: the rest is merged in the next step, and commits go between.
pub const MERGE_STEP_BYTES: usize = 8 << 20;

/// Entries merged in one transaction: 64 Ki of the smallest, 10 B, bound the time of a step like its bytes do.
pub const MERGE_STEP_ENTRIES: usize = 1 << 16;

/// A merge that saves less than one part in this many is not written: it would cost more than it gains.
pub const MERGE_GAIN_PARTS: u64 = 16;

/// Everything is walked again for merging once one part in this many of the limit has been committed since the last
/// walk: 16 MiB of 1 GiB. Before: a commit without room waits for deliveries. A walk reads the whole backlog (1 GiB: 10
/// s, in steps), so that at the limit each byte committed costs 64 read.
pub const MERGE_AGAIN_PARTS: u64 = 64;

/// (producer, lane) pairs in one outbox: 32,768 shards with two lanes; 100 bytes of memory each, 6.5 MB.
/// Reached: commits that name a new pair are refused with `TooManyStreams`; known pairs go on.
pub const STREAMS_MAX: usize = 1 << 16;

/// Bits of an entry's number, and of a journal frame's; the id of the pair, or of the producer, takes the bits above
/// (17 of 63). Reached: commits to that pair are refused with `NumbersExhausted`.
pub const NUMBER_BITS: u32 = 46;

/// The greatest number of an entry: 2^32 below the end of the bits, more than one group of commits can hold.
pub const NUMBER_MAX: u64 = (1 << NUMBER_BITS) - (1 << 32);

/// Numbers by which every stream's line moves on with each second of the clock, used or not, so that an outbox that was
/// lost never gives a number again. 2^46 numbers last 272 years from 2026; the largest shard (2,500 guilds, a window of
/// each a minute) gives 42 a second. Reached as a mean over the life of a file that is then lost: its successor could
/// give numbers again.
pub const NUMBERS_PER_SECOND: u64 = 1 << 13;

/// Where that line begins: 2026-01-01T00:00:00Z, in milliseconds since 1970. An earlier clock counts as this instant.
pub const NUMBERS_FROM_UNIX_MS: i64 = 1_767_225_600_000;

/// Bytes of journal frames in one outbox at which its producers should flush, for a flush deletes a producer's frames:
/// 256 MiB is 10 s of 64 shards at 400 KB/s each, far above a minute of usual traffic (64 shards × 60 s × 20 KB/s = 77
/// MB). Reached: nothing is refused and nobody waits (a producer that waits could not flush); the producers see it in
/// `OutboxStats::journal_bytes`.
pub const JOURNAL_BYTES_MAX: u64 = 256 << 20;

/// Largest single journal frame, in bytes: 100 ms of facts at 160 MB/s. Reached: the commit is refused with `TooLarge`.
pub const FRAME_BYTES_MAX: usize = 16 << 20;

/// Largest checkpoint, in bytes: 2,500 guilds with 1,000 open cells of 24 bytes are 60 MB. Reached: the commit is
/// refused with `TooLarge`.
pub const CHECKPOINT_BYTES_MAX: usize = 128 << 20;

/// Entries of a stream that count as published from their commit on; beyond, it is written down, with an fsync, before
/// they are, once in so many numbers. Reached: entries further back in a backlog can still be merged. 1,024 are two
/// deliveries: in usual running nothing is written down, and a backlog that drains at 10,000 a second costs 10 fsyncs.
pub const OFFER_AHEAD: u64 = 1_024;

/// How long an acknowledged range waits for a commit to share its transaction with, in milliseconds. Reached: the
/// range is deleted in a transaction of its own, without an fsync (losing it only repeats a delivery).
pub const DELETE_DELAY_MS: u64 = 100;

/// Wait after a failed transaction before deletions are tried again without a commit, in milliseconds.
pub const FAILURE_PAUSE_MS: u64 = 1_000;

/// How soon after a damaged file was saved another may be, in milliseconds: each leaves the damaged one beside it.
/// Reached: what touches the damage fails with `Corrupt` until then.
pub const HEAL_PAUSE_MS: u64 = 60_000;

/// Pages (4 KiB) of write-ahead log after which it is folded into the file: 16 MiB. Each folding costs two fsyncs, so
/// the default of 1,000 pages would cost four times as many. Also the size the log is cut back to.
pub const LOG_PAGES: u32 = 4_096;

/// Free pages (4 KiB) kept inside the file for reuse: 16 MiB. Above: returned to the disk while idle.
pub const FREE_PAGES_KEPT: u32 = 4_096;

/// Free pages returned to the disk at a time: 1 MiB, about a millisecond, so that a commit never waits long behind it.
pub const FREE_PAGES_STEP: u32 = 256;

/// Entries in one delivery unless configured otherwise: what a store applies in one transaction of ≤ 100 ms.
/// Reached: the rest leaves in the next delivery.
pub const BATCH_ENTRIES_DEFAULT: usize = 500;

/// Bytes in one delivery unless configured otherwise (an entry larger than this travels alone): 1 MiB.
/// Reached: the rest leaves in the next delivery.
pub const BATCH_BYTES_DEFAULT: usize = 1 << 20;

/// Deliveries of the urgent lane under way at once; each is of another pair. Their own slots, so that a backlog of the
/// other lanes never takes them. Reached: the pair waits for a slot. Memory: 8 × 1 MiB.
pub const URGENT_DELIVERIES_MAX: usize = 8;

/// Deliveries of all other lanes under way at once; each is of another pair. Reached: the pair waits for a slot, in
/// turn with the others. Memory: 8 × 1 MiB.
pub const OTHER_DELIVERIES_MAX: usize = 8;

/// Urgent deliveries handed out in a row by the in-process transport while others wait; then one of the others goes.
pub const URGENT_RUN_MAX: u32 = 16;

/// First wait after a delivery was refused, in milliseconds; doubles with each further refusal of the same pair.
pub const RETRY_FIRST_MS: u64 = 100;

/// Longest wait between two deliveries of a refused pair, in milliseconds.
pub const RETRY_MAX_MS: u64 = 10_000;

/// How long a stopping sender waits for deliveries under way, in milliseconds. Reached: they are given up and will be
/// delivered again at the next start.
pub const STOP_WAIT_MS: u64 = 1_000;

/// Damaged outbox files kept beside the one in use, each as large as that. Reached: the oldest is removed.
pub const DAMAGED_FILES_MAX: usize = 3;
