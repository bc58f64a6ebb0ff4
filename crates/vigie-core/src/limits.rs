//! Every bound of the core: its name, its arithmetic, and what happens when it is reached.
//!
//! One core serves one shard, which Discord wants to hold at most 2,500 guilds. With every bound reached at once a core
//! holds about 12 (cells) + 1.5 (spills) + 4.5 (emojis) + 9.4 (names told) + 9 (names to tell) + 2.2 (bots) = 39 MB for activity,
//! 23 (sessions) + 2.3 (ended) + 4 (their segments) + 26 (cells) = 55 MB for voice, and 2.9 (marks) + 1.5 (repeats) + 12 (gaps)
//! = 16 MB for coverage.

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

/// Most voice sessions followed at once: 2^16 of about 350 bytes (their places in the maps included) are 23 MB, and 67 MB more
/// if each of them had changed its state 64 times. A shard of 2,500 guilds has some thousands. When reached, further joins are
/// not followed and are counted in `CoreStats::voice_not_followed`.
pub const OPEN_SESSIONS_MAX: usize = 1 << 16;

/// Most segments of one voice session: 64 of 16 bytes are 1 kB. When reached, the shortest is merged into its neighbour: the
/// times by state stay exact, only the order of what followed what gets coarser.
pub const SEGMENTS_MAX: usize = 64;

/// Most ended voice sessions that wait for the flush: 2^14 of about 140 bytes are 2.3 MB. When reached: early flush.
pub const ENDED_SESSIONS_MAX: usize = 1 << 14;

/// Most segments of ended voice sessions that wait for the flush: 2^18 of 16 bytes are 4 MB. When reached: early flush.
pub const ENDED_SEGMENTS_MAX: usize = 1 << 18;

/// Most (hour, channel, member) cells of voice that wait for the flush: 2^16 of about 200 bytes are 13 MB. When reached: early
/// flush. A flush itself adds one for each open session and hour since the last one: with every session taken another 13 MB
/// for as long as it lasts, in each hour since the last flush.
pub const VOICE_CELLS_MAX: usize = 1 << 16;

/// Most voice cells in one record: 4,096 of at most 70 bytes stay below 300 kB on the wire.
pub const WINDOW_VOICE_CELLS_MAX: usize = 4_096;

/// Most voice sessions in one record: 512 with all their segments stay below 300 kB on the wire.
pub const RECORD_SESSIONS_MAX: usize = 512;

/// How far the clock may be put back between two facts before it is believed: within a minute, time stands still until the clock
/// has caught up. Further back, open voice sessions end where they are and begin again at the new time.
pub const CLOCK_BACK_MS_MAX: i64 = 60_000;

/// Longest silence between two facts that is still credited as voice: 12 hours. Discord answers a heartbeat every 41 seconds,
/// so more is no silence but a clock put forward: open sessions end at the last fact and begin again at the next.
pub const SILENCE_MS_MAX: i64 = 12 * 60 * 60_000;

/// How long after READY the guilds it named may be waited for before it is said what has been heard: 5 minutes, in which 2,500
/// GUILD_CREATEs come on the slowest of lines. Then they are taken for guilds in an outage since READY, and `HeardUntil` is told.
pub const LOG_IN_MS_MAX: i64 = 5 * 60_000;

/// How far back a message is known to be a repeat, by Discord's clock: 10 minutes. A live message older than that, compared
/// with the newest one heard, is held for a repeat and counted in `CoreStats::repeats`.
pub const MARK_HORIZON_MS: i64 = 10 * 60_000;

/// Most channels whose newest message is remembered: 2^17 of about 22 bytes are 2.9 MB; those without a message in the last
/// 10 minutes go at each flush, unless a guild is waited for that may need them. When reached, the older half goes, and the
/// newest message in it stands for all of them; a guild that has been waited for since before cannot be read again exactly,
/// and what it missed stays blind (`StateLost`).
pub const MARKS_MAX: usize = 1 << 17;

/// Messages by which a repeat is known: at least the last 2^15, at most twice as many, of 8 bytes: 0.5 MB. They are asked only
/// when a message is not newer than the newest of its channel; one older than all of them is then held for a repeat.
pub const RECENT_MESSAGES_MIN: usize = 1 << 15;

/// Reactions whose last word is remembered: at least the last 2^14, at most twice as many, of about 30 bytes: 1 MB. A repeat of
/// an older one is counted.
pub const RECENT_REACTIONS_MIN: usize = 1 << 14;

/// Most channels whose history waits to be read again: all that a table of 2^18 places takes, 6.6 MB, and 24 bytes for each in
/// its gap, 5.5 MB. Beyond, the channels of a gap are refused (`HistoryRefused`) and counted in `CatchUpStats::refused`: what
/// they missed stays blind.
pub const GAP_CHANNELS_MAX: usize = (1 << 18) / 8 * 7;

/// Most bytes kept of the reason in an audit entry: Discord's longest are 512 characters, of at most four bytes each. A longer one is
/// cut at a character's end.
pub const REASON_BYTES_MAX: usize = 2_048;

/// Most bytes kept of a guild's setting: its description has at most 300 characters. A longer one is cut at a character's end.
pub const DESCRIPTION_BYTES_MAX: usize = 1_200;

/// Most cases in one record: 100 of at most 69 kB (a reason, and 64 changes of two names each) stay below 7 MB on the wire. More
/// leave in several records.
pub const RECORD_CASES_MAX: usize = 100;

/// Most changes of one case. An entry that changes more roles at once tells the first.
pub const CASE_CHANGES_MAX: usize = 64;

/// Most stays in one record: 1,000 of at most 50 bytes. More leave in several.
pub const RECORD_JOINS_MAX: usize = 1_000;

/// Most roles in one record: 1,024 of at most 550 bytes are 560 kB; Discord allows 250. Those with the greatest ids are left out.
pub const RECORD_ROLES_MAX: usize = 1_024;

/// Most emojis in one record: 2,048 of at most 530 bytes are 1.1 MB; Discord allows 500. As above.
pub const RECORD_EMOJIS_MAX: usize = 2_048;

/// Most features in one record: 128 of at most 512 bytes. As above.
pub const RECORD_FEATURES_MAX: usize = 128;

/// Most timeouts remembered as told: 2^16 of 36 bytes are 2.4 MB. When reached those that are over go, else all: they are told again
/// when their members change, which the store knows for repeats.
pub const TIMEOUTS_MAX: usize = 1 << 16;

/// How long Discord keeps the entries of an audit log: 45 days.
pub const AUDIT_KEPT_MS: i64 = 45 * 24 * 60 * 60_000;

/// How much earlier than the last entry known reading begins again: entries are told up to two seconds late, and not in order.
pub const AUDIT_LATE_MS: i64 = 10_000;

/// Most stretches of one guild whose moderation waits for the audit log. When reached, the oldest stays blind.
pub const MODERATION_GAPS_MAX: usize = 64;

/// Most bytes of an invite's code: Discord's are 6 to 10 characters, vanity addresses at most 32. A longer one is not believed.
pub const INVITE_CODE_BYTES_MAX: usize = 64;

/// Most codes in one invite book: Discord allows 1,000. A guild with more is one whose invites cannot be read: nobody could say which
/// are left out.
pub const BOOK_CODES_MAX: usize = 4_096;

/// Most codes in all invite books together: 2^17 of about 180 bytes are 24 MB. When reached, further books are not kept, and the joins
/// of their guilds stay unattributed.
pub const INVITE_CODES_MAX: usize = 1 << 17;

/// Most joins of one guild that wait to be attributed: 2^11 of 24 bytes are 48 kB. When reached they stay unattributed, and
/// counting begins anew.
pub const PENDING_JOINS_MAX: usize = 1 << 11;

/// Most joins of one guild by which a repeat is known: 2^10 of 16 bytes are 16 kB. A repeat of an older one is attributed again,
/// which is never surer.
pub const RECENT_JOINS_MAX: usize = 1 << 10;

/// How long after the answer of a reading a burst is decided: Discord counts a use before it tells the join, which comes within some
/// hundred milliseconds; 2 seconds leave room for the slowest of lines.
pub const INVITE_SETTLE_MS: i64 = 2_000;

/// How long at most a join is waited for whose use was counted already.
pub const INVITE_SETTLE_MS_MAX: i64 = 5_000;

/// How long the audit log has to say that an invite was deleted by somebody: its entries are told within 2 seconds.
pub const INVITE_AUDIT_MS: i64 = 3_000;

/// How long an invite that ended may still have brought somebody: its end is told up to a second before the join it brought, and a
/// line that breaks off in between is back within a minute.
pub const INVITE_CANDIDATE_MS: i64 = 60_000;

/// How far Discord's clock and ours may differ where the times of invites are compared.
pub const INVITE_SKEW_MS: i64 = 60_000;

/// A join that lies so far before the last reading is a repeat, and no new one: 5 minutes are more than a dead line goes unnoticed.
pub const JOIN_REPEAT_MS: i64 = 5 * 60_000;

/// How often invites are read for one burst while people go on coming: those who came before the first of the last two readings are
/// decided then, the others make another burst.
pub const INVITE_READS_MAX: u32 = 8;

/// How long invites that could not be read are not asked for again.
pub const INVITES_RETRY_MS: i64 = 10 * 60_000;

/// Most candidates of one attribution: the most used ones.
pub const CANDIDATES_MAX: usize = 32;

/// Most attributions in one record: 512 with 32 candidates of at most 85 bytes stay below 1.5 MB on the wire.
pub const RECORD_ATTRIBUTIONS_MAX: usize = 512;

/// Most invites in one record: 1,000 of at most 150 bytes.
pub const RECORD_INVITES_MAX: usize = 1_000;

/// The longest beginning of `text` that has at most `bytes_max` bytes and ends with a whole character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

// One fact opens at most two cells and is counted before the bounds are looked at; every table holds at most as many
// entries as there are cells or emoji counts.
const _: () = assert!(CELLS_MAX + 2 <= table::ENTRIES_MAX);
const _: () = assert!(EMOJI_COUNTS_MAX < table::ENTRIES_MAX);
const _: () = assert!(NAMES_TO_TELL_MAX < table::ENTRIES_MAX);
const _: () = assert!(MARKS_MAX < table::ENTRIES_MAX);
const _: () = assert!(2 * RECENT_REACTIONS_MIN < table::ENTRIES_MAX);
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
