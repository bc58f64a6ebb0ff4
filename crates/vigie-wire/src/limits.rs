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

/// Most voice sessions in one merged record, eight segments counting as one more: at some 40 bytes a session and 4 a segment it is
/// below 160 kB. More stand in several records.
pub const MERGED_SESSIONS_MAX: usize = 4_096;

/// Most stretches of coverage in one merged record, of at most 22 bytes each: 90 kB. More stand in several records.
pub const MERGED_SPANS_MAX: usize = 4_096;

/// Fewest bytes of a cell of an hour: member, shape, whether it was seen.
pub const HOUR_CELL_BYTES_MIN: usize = 3;

/// Fewest bytes of a sum of a minute: minute, shape.
pub const MINUTE_SUM_BYTES_MIN: usize = 2;

/// Fewest bytes of a voice cell: member, sessions and kind, time of 2. One byte costs at most 26 bytes of heap.
pub const VOICE_CELL_BYTES_MIN: usize = 4;

/// Fewest bytes of a minute of voice: minute, three numbers.
pub const VOICE_MINUTE_BYTES_MIN: usize = 4;

/// Fewest bytes of a channel's peak: channel, number.
pub const VOICE_PEAK_BYTES_MIN: usize = 2;

/// Fewest bytes of a voice session: channel, member, flags, start, duration, time of 2, no segments.
pub const VOICE_SESSION_BYTES_MIN: usize = 8;

/// Fewest bytes of a segment: state, duration.
pub const VOICE_SEGMENT_BYTES_MIN: usize = 2;

/// Fewest bytes of a stretch of coverage: flags, reason, from.
pub const SPAN_BYTES_MIN: usize = 3;

/// Fewest bytes of a join: member, flags, joined at.
pub const JOIN_BYTES_MIN: usize = 3;

/// Fewest bytes of a departure: member, kind, left at.
pub const DEPARTURE_BYTES_MIN: usize = 3;

/// Fewest bytes of a case: flags, action, source, at, no changes. One byte costs at most 32 bytes of heap.
pub const CASE_BYTES_MIN: usize = 5;

/// Fewest bytes of a change of a case: flags, empty field.
pub const CHANGE_BYTES_MIN: usize = 2;

/// Fewest bytes of an invite: flags, empty code, at, most uses. One byte costs at most 38 bytes of heap.
pub const INVITE_BYTES_MIN: usize = 4;

/// Fewest bytes of an attribution: member, joined at, flags, method, burst, no candidates.
pub const ATTRIBUTION_BYTES_MIN: usize = 6;

/// Fewest bytes of a candidate: flags, empty code, used.
pub const CANDIDATE_BYTES_MIN: usize = 3;

/// Fewest bytes of a role: id, flags, empty name, colour, position, permissions.
pub const ROLE_BYTES_MIN: usize = 6;

/// Fewest bytes of a guild's own emoji: id, flags, empty name.
pub const GUILD_EMOJI_BYTES_MIN: usize = 3;

/// Fewest bytes of a feature: an empty text.
pub const FEATURE_BYTES_MIN: usize = 1;

/// Fewest bytes of a field of a guild: flags, empty name.
pub const FIELD_BYTES_MIN: usize = 2;

/// Fewest bytes of what may be read of a guild: flags, at.
pub const ACCESS_BYTES_MIN: usize = 2;

/// Fewest bytes of a guild in a checkpoint: id, flags.
pub const CHECKPOINT_GUILD_BYTES_MIN: usize = 2;

/// Fewest bytes of a bot or webhook in a checkpoint: id, kind.
pub const CHECKPOINT_AUTOMATED_BYTES_MIN: usize = 2;

/// Fewest bytes of an open voice session: guild, channel, member, flags, start, credited, state, time of 2, no segments.
pub const CHECKPOINT_VOICE_BYTES_MIN: usize = 10;

/// Fewest bytes of a mark: channel, message.
pub const CHECKPOINT_MARK_BYTES_MIN: usize = 2;

/// Fewest bytes of a recent reaction: message, member, emoji.
pub const CHECKPOINT_REACTION_BYTES_MIN: usize = 3;

/// Fewest bytes of a gap: guild, from, until, two reasons, no channels.
pub const CHECKPOINT_GAP_BYTES_MIN: usize = 6;

/// Fewest bytes of a channel of a gap: channel, after, until.
pub const CHECKPOINT_CHANNEL_GAP_BYTES_MIN: usize = 3;

/// Fewest bytes of a channel in a journal: id, flags, kind, position.
pub const JOURNAL_CHANNEL_BYTES_MIN: usize = 11;

/// Fewest bytes of a voice state in a journal: flags, place, member, state.
pub const JOURNAL_VOICE_BYTES_MIN: usize = 11;

/// Fewest bytes of a message in a journal: place, message, author, each by number. A list that claims more is refused before
/// anything is allocated: one byte costs at most 48 bytes of heap.
pub const JOURNAL_MESSAGE_BYTES_MIN: usize = 3;

/// Fewest bytes of a member in a journal's page: flags, person by number, joined at. One byte costs at most 46 bytes of heap, an avatar
/// said before included.
pub const JOURNAL_MEMBER_BYTES_MIN: usize = 3;

/// Fewest bytes of a person in a journal: their number.
pub const JOURNAL_PERSON_BYTES_MIN: usize = 1;

/// Fewest bytes of an audit entry in a journal: flags, id, type, no changes.
pub const JOURNAL_ENTRY_BYTES_MIN: usize = 11;

/// Fewest bytes of a change in a journal: flags, empty key.
pub const JOURNAL_CHANGE_BYTES_MIN: usize = 2;

/// Fewest bytes of an invite in a journal: flags, empty code, most uses.
pub const JOURNAL_INVITE_BYTES_MIN: usize = 3;

/// Fewest bytes of a role in a journal: flags, id, empty name, colour, position, permissions.
pub const JOURNAL_ROLE_BYTES_MIN: usize = 13;

/// Fewest bytes of a guild's own emoji in a journal: flags, id, empty name.
pub const JOURNAL_EMOJI_BYTES_MIN: usize = 10;

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
