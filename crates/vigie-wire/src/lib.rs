//! The frozen, versioned bytes of records. No IO.
//!
//! # Format, version 1
//!
//! A record is one version byte (`1`), one kind byte, then the fields of its kind, with nothing after them.
//! There is one way to write each record: bytes that decode encode to the same bytes again.
//!
//! | word | bytes |
//! |---|---|
//! | `u8` | one byte |
//! | `id` | 8 bytes, little endian |
//! | `varint` | LEB128: 7 bits a byte, least significant first, high bit = more follow; shortest form only; at most 10 bytes |
//! | `signed` | `varint` of the zigzag number: 0, -1, 1, -2 … are 0, 1, 2, 3 … |
//! | `delta` | `varint` of this id minus the previous one of its column, modulo 2^64; the first counts from 0 |
//! | `text` | `varint` of the length in bytes, then UTF-8 |
//! | `list` | `varint` of the number of entries, then the entries |
//!
//! | kind | record | fields |
//! |---|---|---|
//! | 1 | activity window | `id` guild, `varint` minutes since 1970, cells, `list` of emojis |
//! | 2 | guild | `id` guild, `signed` at, `u8` flags (1 icon, 2 member count, 4 bot joined at), `text` name, `text` icon?, `id` owner, `varint` member count?, `signed` bot joined at?, `u8` premium tier, `varint` boosts, `list` of channels |
//! | 3 | guild removed | `id` guild, `signed` at |
//! | 4 | channels | `id` guild, `list` of channels |
//! | 5 | members | `id` guild, `list` of members |
//! | 6 | voice window | `id` guild, `varint` hours since 1970, voice cells, `list` of voice minutes, `list` of peaks |
//! | 7 | voice sessions | `id` guild, `list` of voice sessions |
//! | 8 | coverage | `id` guild, `list` of spans |
//! | 9 | heard until | `signed` at |
//! | 10 | activity hour | `id` guild, `varint` hours since 1970, hour cells, `list` of minute sums, `list` of emojis |
//!
//! - **Cells** are columns. `varint` number of cells; runs of one channel until all cells are covered, each `delta` channel
//!   (never 0 but in the first run) and `varint` length (never 0); one `delta` member per cell, counted from 0 again in each
//!   run; one `u8` shape per cell; the counters. The shape's bits 0..4 say which of messages, commands, reactions added,
//!   removed and received are not 0; bits 5 and 6 are the author kind; bit 7 says that all of those are 1, and then none of
//!   them is written. Otherwise each is a `varint`, cell after cell. A cell of one message is one `delta` and one byte.
//! - **Emoji**: `u8` form (0 unicode, 1 custom, 2 custom with a name), `delta` id? (forms 1 and 2), `text`? (forms 0 and 2),
//!   `varint` added, `varint` removed.
//! - **Channel**: `delta` id, `u8` flags (1 name, 2 parent, 4 deleted), `u8` kind, `text` name?, `delta` parent?,
//!   `signed` position.
//! - **Member**: `delta` id, `u8` flags (bits 0 and 1 the author kind, 4 display name, 8 avatar), `text` username,
//!   `text` display name?, `text` avatar?.
//! - **Hour cells**: `varint` number of cells, channels and members as above; then for each cell when it was seen, `u8` shape, counters. **Seen**
//!   is one `u8` (0..59: in that minute alone; 60: never), or `u8` 64 + first minute and `u8` last minute. **Minute sum**: `u8` minute, `u8` shape, counters.
//! - **Voice cells**: `varint` number of cells, channels and members as above; then for each cell `varint` 4 × sessions + author
//!   kind, time. **Time**: `varint` total, `u8` shape (bits 0..6: some of it muted, deafened, streaming, video, suppressed, alone,
//!   AFK; bit 7: some of it active), then `varint` total minus active?, and total minus each of the states in this order?.
//! - **Voice minute**: `u8` minute, `varint` total, `varint` total minus active, `varint` peak. **Peak**: `delta` channel, `varint`.
//! - **Voice session**: `delta` channel, `delta` member, `u8` flags (bits 0 and 1 the author kind, 4 start heard, 8 end heard),
//!   `signed` start minus the one before, `signed` end minus start, time, `list` of segments (`u8` state, `varint` duration).
//! - **Span**: `u8` flags (bits 0 and 1 the family, 2 and 3 the state, 16 until), `u8` reason, `signed` from minus the one before,
//!   `signed` until minus from?.
//!
//! A new field or a changed one is a new version; the files in `tests/golden/` keep this one as it is. A new kind is not: a build that
//! does not know it refuses it by its number and reads all others.

#![deny(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type,
    missing_docs
)]

mod activity;
pub mod checkpoint;
mod coverage;
mod guilds;
mod hex;
pub mod journal;
pub mod limits;
mod merge;
mod reader;
mod runs;
mod varint;
mod voice;

use vigie_core::vocabulary::{GuildId, Record, UnixMs};

pub use crate::merge::merge;
use crate::reader::Reader;

/// The first byte of every record that [`encode`] writes.
pub const FORMAT_VERSION: u8 = 1;

/// The second byte: which record follows. Written for ever: a number is never used again for something else.
mod kind {
    pub(crate) const ACTIVITY_WINDOW: u8 = 1;
    pub(crate) const GUILD: u8 = 2;
    pub(crate) const GUILD_REMOVED: u8 = 3;
    pub(crate) const CHANNELS: u8 = 4;
    pub(crate) const MEMBERS: u8 = 5;
    pub(crate) const VOICE_WINDOW: u8 = 6;
    pub(crate) const VOICE_SESSIONS: u8 = 7;
    pub(crate) const COVERAGE: u8 = 8;
    pub(crate) const HEARD_UNTIL: u8 = 9;
    pub(crate) const ACTIVITY_HOUR: u8 = 10;
}

/// Appends the bytes of `record` to `out`.
///
/// Every record can be written; one of more than [`limits::RECORD_BYTES_MAX`] bytes would not be read back
/// (the core's bounds keep its records far below).
pub fn encode(record: &Record, out: &mut Vec<u8>) {
    out.push(FORMAT_VERSION);
    match record {
        Record::ActivityWindow(window) => {
            out.push(kind::ACTIVITY_WINDOW);
            activity::encode_window(window, out);
        }
        Record::Guild(guild) => {
            out.push(kind::GUILD);
            guilds::encode_guild(guild, out);
        }
        Record::GuildRemoved(guild, at) => {
            out.push(kind::GUILD_REMOVED);
            varint::write_id(guild.0, out);
            varint::write_signed(at.0, out);
        }
        Record::Channels(guild, channels) => {
            out.push(kind::CHANNELS);
            varint::write_id(guild.0, out);
            guilds::encode_channels(channels, out);
        }
        Record::Members(guild, members) => {
            out.push(kind::MEMBERS);
            varint::write_id(guild.0, out);
            guilds::encode_members(members, out);
        }
        Record::VoiceWindow(window) => {
            out.push(kind::VOICE_WINDOW);
            voice::encode_window(window, out);
        }
        Record::VoiceSessions(guild, sessions) => {
            out.push(kind::VOICE_SESSIONS);
            varint::write_id(guild.0, out);
            voice::encode_sessions(sessions, out);
        }
        Record::Coverage(guild, spans) => {
            out.push(kind::COVERAGE);
            varint::write_id(guild.0, out);
            coverage::encode_spans(spans, out);
        }
        Record::HeardUntil(at) => {
            out.push(kind::HEARD_UNTIL);
            varint::write_signed(at.0, out);
        }
        Record::ActivityHour(hour) => {
            out.push(kind::ACTIVITY_HOUR);
            activity::encode_hour(hour, out);
        }
        Record::Joins(..)
        | Record::Departures(..)
        | Record::MembersListed(..)
        | Record::Cases(..)
        | Record::Invites(..)
        | Record::Attributions(..)
        | Record::GuildDetails(..)
        | Record::Access(..) => unreachable!("the core does not make them yet"),
    }
}

/// Reads the one record that `bytes` are.
///
/// Never panics and never allocates more than a small multiple of `bytes.len()`, whatever the bytes.
///
/// # Errors
/// Any [`DecodeError`]: unknown version or kind, damaged bytes, bytes left over.
pub fn decode(bytes: &[u8]) -> Result<Record, DecodeError> {
    if bytes.len() > limits::RECORD_BYTES_MAX {
        return Err(DecodeError::TooLarge(bytes.len()));
    }
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    if version != FORMAT_VERSION {
        return Err(DecodeError::UnknownVersion(version));
    }
    let record = match reader.u8()? {
        kind::ACTIVITY_WINDOW => Record::ActivityWindow(activity::decode_window(&mut reader)?),
        kind::GUILD => Record::Guild(guilds::decode_guild(&mut reader)?),
        kind::GUILD_REMOVED => {
            Record::GuildRemoved(GuildId(reader.id()?), UnixMs(reader.signed()?))
        }
        kind::CHANNELS => {
            Record::Channels(GuildId(reader.id()?), guilds::decode_channels(&mut reader)?)
        }
        kind::MEMBERS => {
            Record::Members(GuildId(reader.id()?), guilds::decode_members(&mut reader)?)
        }
        kind::VOICE_WINDOW => Record::VoiceWindow(voice::decode_window(&mut reader)?),
        kind::VOICE_SESSIONS => {
            Record::VoiceSessions(GuildId(reader.id()?), voice::decode_sessions(&mut reader)?)
        }
        kind::COVERAGE => {
            Record::Coverage(GuildId(reader.id()?), coverage::decode_spans(&mut reader)?)
        }
        kind::HEARD_UNTIL => Record::HeardUntil(UnixMs(reader.signed()?)),
        kind::ACTIVITY_HOUR => Record::ActivityHour(activity::decode_hour(&mut reader)?),
        unknown => return Err(DecodeError::UnknownKind(unknown)),
    };
    match reader.remaining() {
        0 => Ok(record),
        left => Err(DecodeError::TrailingBytes(left)),
    }
}

/// Why bytes are not a record. Nothing of a refused input is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end in the middle of a record.
    #[error("the record is cut short: set it aside, its producer did not write it whole")]
    Truncated,
    /// The first byte names a version that this build does not know.
    #[error("record version {0} is unknown: a newer vigie wrote it, upgrade this one")]
    UnknownVersion(u8),
    /// The second byte names a kind that this build does not know.
    #[error("record kind {0} is unknown: a newer vigie wrote it, upgrade this one")]
    UnknownKind(u8),
    /// A number is too large for its field, or not in its shortest form.
    #[error("a number in the record does not fit its field: set it aside, its bytes are damaged")]
    BadNumber,
    /// A text is not UTF-8.
    #[error("a text in the record is not UTF-8: set it aside, its bytes are damaged")]
    BadText,
    /// A byte of flags has a value that is never written.
    #[error("the record has the unknown flags {0:#04x}: set it aside, its bytes are damaged")]
    BadFlags(u8),
    /// A list claims more entries than the bytes left can hold.
    #[error(
        "a list of the record claims {claimed} entries where {possible} are possible: \
         set it aside, its bytes are damaged"
    )]
    ListTooLong {
        /// Entries that the list claims.
        claimed: u64,
        /// Entries that the bytes left can hold.
        possible: u64,
    },
    /// The runs of a column do not cover its cells exactly.
    #[error("the channels of a window do not fit its cells: set it aside, its bytes are damaged")]
    BadRuns,
    /// Bytes follow the record.
    #[error("{0} bytes follow the record: set it aside, its bytes are damaged")]
    TrailingBytes(usize),
    /// The input is larger than [`limits::RECORD_BYTES_MAX`].
    #[error("a record of {0} bytes is larger than any that is written: set it aside")]
    TooLarge(usize),
}
