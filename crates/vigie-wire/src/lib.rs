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
//! | 11 | joins | `id` guild, `list` of joins |
//! | 12 | departures | `id` guild, `list` of `delta` member, `u8` author kind, `signed` left at minus the one before |
//! | 13 | members listed | `id` guild, `signed` began |
//! | 14 | cases | `id` guild, `list` of cases |
//! | 15 | invites | `id` guild, `list` of invites |
//! | 16 | attributions | `id` guild, `list` of attributions |
//! | 17 | guild details | `id` guild, `signed` at, `u8` flags (1 emojis, 2 features, 4 complete), `list` of roles, `list` of guild emojis?, `list` of `text` feature?, `list` of fields |
//! | 18 | access | `id` guild, `list` of `u8` flags (bits 0 and 1 the reading, 4 allowed), `signed` at minus the one before |
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
//! - **Span**: `u8` flags (bits 0, 1 and 5 the family, 2 and 3 the state, 16 until), `u8` reason, `signed` from minus the one before,
//!   `signed` until minus from?.
//! - **Join**: `delta` member, `u8` flags (bits 0 and 1 the author kind, 4 rejoined, 8 listed), `signed` joined at minus the one before,
//!   `signed` listed minus the listed before?.
//! - **Case**: `u8` flags (1 audit, 2 target, 4 moderator, 8 reason, 16 channel, 32 count, 64 until), `u8` action, `u8` source,
//!   `signed` at minus the one before, `signed` audit?, target? and moderator?, each minus the one before modulo 2^64, `text` reason?,
//!   `delta` channel?, `varint` count?, `signed` until minus at?, `list` of `u8` flags (1 old, 2 new), `text` field, `text` old?,
//!   `text` new?.
//! - **Invite**: `u8` flags (1 vanity, 2 channel, 4 inviter, 8 uses, 16 created at, 32 expires at, 64 ended at, 128 temporary),
//!   `text` code, `signed` at minus the one before, `delta` channel?, `delta` inviter?, `varint` uses?, `varint` most uses, `signed`
//!   created?, expires? and ended at?, each minus at.
//! - **Attribution**: `delta` member, `signed` joined at minus the one before, `u8` flags (bits 0 and 1 the confidence, 4 code,
//!   8 inviter), `u8` method, `text` code?, `delta` inviter?, `varint` burst, `list` of candidates (`u8` flags (1 inviter, 2 ended),
//!   `text` code, `delta` inviter?, `varint` used). The inviters of attributions and candidates are one column.
//! - **Role**: `delta` id, `u8` flags (1 managed, 2 deleted), `text` name, `varint` colour, `signed` position, `varint` permissions.
//!   **Guild emoji**: `delta` id, `u8` 1 if animated, `text` name. **Field**: `u8` 1 if it has a value, `text` name, `text` value?.
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
mod guild_details;
mod guilds;
mod hex;
mod invites;
pub mod journal;
pub mod limits;
mod members;
mod merge;
mod moderation;
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
    pub(crate) const JOINS: u8 = 11;
    pub(crate) const DEPARTURES: u8 = 12;
    pub(crate) const MEMBERS_LISTED: u8 = 13;
    pub(crate) const CASES: u8 = 14;
    pub(crate) const INVITES: u8 = 15;
    pub(crate) const ATTRIBUTIONS: u8 = 16;
    pub(crate) const GUILD_DETAILS: u8 = 17;
    pub(crate) const ACCESS: u8 = 18;
}

/// Appends the bytes of `record` to `out`.
///
/// Every record can be written; one of more than [`limits::RECORD_BYTES_MAX`] bytes would not be read back
/// (the core's bounds keep its records far below).
pub fn encode(record: &Record, out: &mut Vec<u8>) {
    out.extend([FORMAT_VERSION, kind_of(record)]);
    // About one guild, whose id comes first; a window has it in its own fields, and "heard until" is about none.
    match record {
        Record::ActivityWindow(window) => activity::encode_window(window, out),
        Record::ActivityHour(hour) => activity::encode_hour(hour, out),
        Record::VoiceWindow(window) => voice::encode_window(window, out),
        Record::Guild(guild) => guilds::encode_guild(guild, out),
        Record::HeardUntil(at) => varint::write_signed(at.0, out),
        Record::GuildRemoved(guild, at) | Record::MembersListed(guild, at) => {
            varint::write_id(guild.0, out);
            varint::write_signed(at.0, out);
        }
        Record::Channels(guild, channels) => {
            varint::write_id(guild.0, out);
            guilds::encode_channels(channels, out);
        }
        Record::Members(guild, members) => {
            varint::write_id(guild.0, out);
            guilds::encode_members(members, out);
        }
        Record::VoiceSessions(guild, sessions) => {
            varint::write_id(guild.0, out);
            voice::encode_sessions(sessions, out);
        }
        Record::Coverage(guild, spans) => {
            varint::write_id(guild.0, out);
            coverage::encode_spans(spans, out);
        }
        Record::Joins(guild, joins) => {
            varint::write_id(guild.0, out);
            members::encode_joins(joins, out);
        }
        Record::Departures(guild, departures) => {
            varint::write_id(guild.0, out);
            members::encode_departures(departures, out);
        }
        Record::Cases(guild, cases) => {
            varint::write_id(guild.0, out);
            moderation::encode_cases(cases, out);
        }
        Record::Invites(guild, invites) => {
            varint::write_id(guild.0, out);
            invites::encode_invites(invites, out);
        }
        Record::Attributions(guild, attributions) => {
            varint::write_id(guild.0, out);
            invites::encode_attributions(attributions, out);
        }
        Record::GuildDetails(guild, details) => {
            varint::write_id(guild.0, out);
            guild_details::encode_details(details, out);
        }
        Record::Access(guild, accesses) => {
            varint::write_id(guild.0, out);
            guild_details::encode_access(accesses, out);
        }
    }
}

/// The number of a record's kind.
fn kind_of(record: &Record) -> u8 {
    match record {
        Record::ActivityWindow(_) => kind::ACTIVITY_WINDOW,
        Record::Guild(_) => kind::GUILD,
        Record::GuildRemoved(..) => kind::GUILD_REMOVED,
        Record::Channels(..) => kind::CHANNELS,
        Record::Members(..) => kind::MEMBERS,
        Record::VoiceWindow(_) => kind::VOICE_WINDOW,
        Record::VoiceSessions(..) => kind::VOICE_SESSIONS,
        Record::Coverage(..) => kind::COVERAGE,
        Record::HeardUntil(_) => kind::HEARD_UNTIL,
        Record::ActivityHour(_) => kind::ACTIVITY_HOUR,
        Record::Joins(..) => kind::JOINS,
        Record::Departures(..) => kind::DEPARTURES,
        Record::MembersListed(..) => kind::MEMBERS_LISTED,
        Record::Cases(..) => kind::CASES,
        Record::Invites(..) => kind::INVITES,
        Record::Attributions(..) => kind::ATTRIBUTIONS,
        Record::GuildDetails(..) => kind::GUILD_DETAILS,
        Record::Access(..) => kind::ACCESS,
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
    let number = reader.u8()?;
    let record = decode_fields(number, &mut reader)?;
    match reader.remaining() {
        0 => Ok(record),
        left => Err(DecodeError::TrailingBytes(left)),
    }
}

/// Reads the fields of the kind of this number.
fn decode_fields(number: u8, reader: &mut Reader<'_>) -> Result<Record, DecodeError> {
    Ok(match number {
        kind::ACTIVITY_WINDOW => Record::ActivityWindow(activity::decode_window(reader)?),
        kind::GUILD => Record::Guild(guilds::decode_guild(reader)?),
        kind::VOICE_WINDOW => Record::VoiceWindow(voice::decode_window(reader)?),
        kind::HEARD_UNTIL => Record::HeardUntil(UnixMs(reader.signed()?)),
        kind::ACTIVITY_HOUR => Record::ActivityHour(activity::decode_hour(reader)?),
        kind::GUILD_REMOVED..=kind::ACCESS => {
            let guild = GuildId(reader.id()?);
            decode_of_guild(number, guild, reader)?
        }
        unknown => return Err(DecodeError::UnknownKind(unknown)),
    })
}

/// Reads what follows the id of a guild.
fn decode_of_guild(
    number: u8,
    guild: GuildId,
    reader: &mut Reader<'_>,
) -> Result<Record, DecodeError> {
    Ok(match number {
        kind::GUILD_REMOVED => Record::GuildRemoved(guild, UnixMs(reader.signed()?)),
        kind::CHANNELS => Record::Channels(guild, guilds::decode_channels(reader)?),
        kind::MEMBERS => Record::Members(guild, guilds::decode_members(reader)?),
        kind::VOICE_SESSIONS => Record::VoiceSessions(guild, voice::decode_sessions(reader)?),
        kind::COVERAGE => Record::Coverage(guild, coverage::decode_spans(reader)?),
        kind::JOINS => Record::Joins(guild, members::decode_joins(reader)?),
        kind::DEPARTURES => Record::Departures(guild, members::decode_departures(reader)?),
        kind::MEMBERS_LISTED => Record::MembersListed(guild, UnixMs(reader.signed()?)),
        kind::CASES => Record::Cases(guild, moderation::decode_cases(reader)?),
        kind::INVITES => Record::Invites(guild, invites::decode_invites(reader)?),
        kind::ATTRIBUTIONS => Record::Attributions(guild, invites::decode_attributions(reader)?),
        kind::GUILD_DETAILS => {
            Record::GuildDetails(guild, Box::new(guild_details::decode_details(reader)?))
        }
        kind::ACCESS => Record::Access(guild, guild_details::decode_access(reader)?),
        unknown => return Err(DecodeError::UnknownKind(unknown)),
    })
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
