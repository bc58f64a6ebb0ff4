//! Every bound of this crate: its arithmetic, and what happens when it is reached.

/// Guilds in one world. The number of a guild takes at most 17 of the 22 low bits of a snowflake (2^17 = 131,072),
/// which leaves 32 ids per guild and millisecond. [`crate::WorldConfig`] is clamped to it.
pub const GUILDS_MAX: u32 = 100_000;

/// Members in one guild. The configuration is clamped to it.
pub const MEMBERS_MAX: u32 = 1_000_000;

/// Fewest members in one guild: an owner, a second person and our bot. The configuration is clamped to it.
pub const MEMBERS_MIN: u32 = 3;

/// Days of history: two years and a margin. The configuration is clamped to it.
pub const HISTORY_DAYS_MAX: u32 = 800;

/// Mean messages a guild and day of history; 200,000 are 2.3 a second. The configuration is clamped to it.
pub const HISTORY_MESSAGES_PER_DAY_MAX: f64 = 200_000.0;

/// Live events a second over all guilds. At 100,000 the busiest of 100,000 guilds makes about 8 a millisecond,
/// under the 32 ids it has; faster worlds are clamped to it.
pub const EVENTS_PER_SECOND_MAX: f64 = 100_000.0;

/// Events one call of [`crate::World::play_until`] makes: about 100 MB of events. Beyond it the call returns early
/// with its clock at the last event made; calling again goes on.
pub const EVENTS_PER_PLAY_MAX: usize = 1_000_000;

/// Live messages remembered for paging over all guilds: 1,000,000 × 120 bytes = 120 MB. Beyond it a guild that has more
/// than its even share forgets its oldest for each new one, so that twice as many are kept at most;
/// [`crate::World::forgotten_messages`] counts them.
pub const LIVE_MESSAGES_MAX: usize = 1_000_000;

/// Live messages that one guild keeps in any case, however many guilds there are.
pub const LIVE_MESSAGES_PER_GUILD_MIN: usize = 1_000;

/// Messages of regenerated days kept for paging: 600,000 × 48 bytes, plus their reactions, ≈ 35 MB.
/// The days used longest ago are dropped, and made again when asked for.
pub const CACHED_DAY_MESSAGES_MAX: usize = 600_000;

/// Messages of one page, as in Discord ("Get Channel Messages"); larger limits are clamped to it.
pub const PAGE_MAX: usize = 100;

/// Days looked back for a channel's `last_message_id`. A channel quiet for longer tells an id of no message, which
/// Discord allows ("may not point to an existing or valid message").
pub const LAST_MESSAGE_DAYS: u32 = 2;

/// Active threads in one guild: making another one archives the oldest. Discord's own bound is 1,000.
pub const ACTIVE_THREADS_MAX: usize = 60;

/// Threads remembered in one guild, archived ones included; the oldest archived thread without live messages is forgotten
/// first, and where there is none, no other is opened.
pub const THREADS_MAX: usize = 400;

/// Members of one guild whose nickname or roles changed live; beyond it only those change again.
pub const CHANGED_MEMBERS_MAX: usize = 4_096;

/// Members in voice at once in one guild; beyond it somebody leaves before the next one joins.
pub const VOICE_MEMBERS_MAX: usize = 160;

/// Things due soon in voice (who comes back, a bot that follows) over all guilds: 100,000 × 100 bytes = 10 MB. Beyond it
/// they do not happen.
pub const VOICE_ERRANDS_MAX: usize = 100_000;

/// Changes of voice states kept for the truth: 4,000,000 × 32 bytes = 128 MB, half a day of 100 a second. Beyond it the
/// older half, up to a whole hour, is forgotten, and [`crate::Truth::complete_from_hour`] says so; the newest hour stays.
pub const VOICE_CHANGES_MAX: usize = 4_000_000;

/// Deleted messages that the truth names: 200,000 × 64 bytes = 13 MB. Up to twice as many are kept, then the oldest are
/// forgotten.
pub const DELETED_MAX: usize = 200_000;

/// Cells of live truth: 8,000,000 × 56 bytes ≈ 450 MB, about a day of 2,000 events a second over 50 guilds.
/// Beyond it the oldest hour is forgotten and [`crate::Truth::complete_from_hour`] says since when it is whole.
pub const TRUTH_CELLS_MAX: usize = 8_000_000;

/// Smallest side of a picture, in pixels.
pub const PICTURE_SIZE_MIN: u32 = 16;

/// Largest side of a picture, in pixels: 512 × 512 × 3 = 786 KB before compression.
pub const PICTURE_SIZE_MAX: u32 = 512;

/// People who join one guild in the present: 400,000 × 120 bytes = 48 MB. Beyond it nobody new joins there.
pub const JOINERS_MAX: u32 = 400_000;

/// Stays, acts of moderation and audit entries kept of one guild, each: 400,000 × 200 bytes = 80 MB. Beyond it no member
/// joins or leaves there and no moderator does anything.
pub const DEEDS_PER_GUILD_MAX: usize = 400_000;

/// Invites of one guild that can be used at once, as at Discord (error 30016). Beyond it none is made.
pub const INVITES_MAX: usize = 1_000;

/// Longest time from a use of an invite to GUILD_MEMBER_ADD.
pub const JOIN_TOLD_AFTER_MS_MAX: u64 = 800;

/// Longest time from an act to its audit entry.
pub const AUDIT_TOLD_AFTER_MS_MAX: u64 = 2_000;

/// Longest time between the first and the last GUILD_MEMBER_REMOVE of a prune.
pub const PRUNE_TOLD_WITHIN_MS: u64 = 1_500;

/// How long an audit entry of type 26, 27 or 72 takes in further acts of the same moderator at the same place.
pub const AUDIT_MERGED_WITHIN_MS: i64 = 300_000;

/// How long Discord keeps audit entries: 45 days.
pub const AUDIT_KEPT_MS: i64 = 45 * 86_400_000;

/// Entries of one page of the audit log, as in Discord.
pub const AUDIT_PAGE_MAX: usize = 100;

/// What is due among members and moderators (entries to be told, raids under way) over all guilds: 2,000,000 × 100 bytes
/// = 200 MB. Beyond it what is told later is told at once, and what was to be done is not done.
pub const SOCIETY_ERRANDS_MAX: usize = 2_000_000;

/// Members of one raid. Larger ones are clamped to it.
pub const RAID_MEMBERS_MAX: u32 = 20_000;

/// Mean joins an hour over all guilds. The configuration is clamped to it.
pub const JOINS_PER_HOUR_MAX: f64 = 3_600_000.0;
