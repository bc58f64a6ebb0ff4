//! Journal frames: what a shard was told since its last checkpoint, so that a restart can tell its core again.
//!
//! # Format, version 1
//!
//! A frame is one version byte (`1`), then steps until its end. It can be read without any other frame. The words are those of the
//! crate; numbers that hardly change from one step to the next are written as what they changed by, and whoever spoke before in the
//! same frame by number.
//!
//! | word | bytes |
//! |---|---|
//! | step | `u8` tag (bits 0..4 its number below, 5: the sequence is written, 6: the instant is written), `signed` instant minus that of the step before?, `signed` sequence minus the expected one?, the fields |
//! | place | `varint` 0, `id` guild, `id` channel; or `varint` 1 + its number among the places of the frame so far |
//! | person | `varint` 0, `id`, `u8` flags (bits 0 and 1 the author kind, 4 display name, 8 avatar, 16 the avatar is 32 hex digits, 32 and `a_` before them), `text` username, `text` display name?, `text` or 16 bytes avatar?; or `varint` 1 + their number among the people of the frame so far |
//! | message | `varint` 2 × (id minus that of the message before, zigzag) + 1 for a command — place, then this, then the author as a person |
//!
//! Instant and sequence count from 0 in each frame; the sequence expected is one more than that of the step before for a fact, and
//! the same for everything else.
//!
//! | number | step | fields |
//! |---|---|---|
//! | 1 | wake | |
//! | 2 | flush | |
//! | 3 | session | `text` id, `text` resume address, `varint` sequence, `varint` intents, `varint` number of shards |
//! | 4 | message | place, message |
//! | 5 | reaction | `u8` flags (1 added, 2 names of the giver, 4 author of the message, 8 custom emoji, 16 name of a custom emoji), place, `signed` message minus that of the reaction before, `id` giver, person?, `id` author?, `id` emoji?, `text`? |
//! | 6 | reactions cleared | `id` guild, `id` message |
//! | 7 | voice | voice (`u8` flags (1 names, 2 channel), place, `id` member, person?, `u8` state) |
//! | 8 | guild | `u8` flags (1 icon, 2 member count, 4 bot joined at, 8 AFK channel, 16 voice states), `id`, `text` name, `text` icon?, `id` owner, `varint` member count?, `signed` bot joined at?, `u8` premium tier, `varint` boosts, `id` AFK channel?, `list` of channels, `list` of voice? |
//! | 9 | guild removed | `id` guild |
//! | 10 | guild unavailable | `id` guild |
//! | 11 | session started | `list` of `delta` guild |
//! | 12 | heard | |
//! | 13 | history | `u8` flags (1 newest, 2 more), place, `id` after, `id` newest?, `list` of place and message |
//! | 14 | history refused | `id` channel, `id` after, `u8` why (0 permission, 1 gone, 2 refused) |
//! | 15 | channel | `id` guild, channel (`id`, `u8` flags (1 name, 2 parent, 4 last message), `u8` kind, `text` name?, `id` parent?, `signed` position, `id` last message?) |
//! | 16 | channel deleted | `id` guild, `id` channel |
//! | 17 | message not counted | place, `signed` id minus that of the message before |
//! | 18 | further | `u8` one of the numbers below, which the tag has no room for, then its fields |
//! | 32 | member joined | `id` guild, member (`u8` 1 if rejoined, person, `signed` joined at) |
//! | 33 | member left | `id` guild, person |
//! | 34 | member updated | `id` guild, `u8` 1 if timed out, person, `signed` until? |
//! | 35 | members | `id` guild, `id` after, page (`u8` flags (1 last, 2 more), `id` last?), `list` of member |
//! | 36 | banned | `id` guild, person |
//! | 37 | unbanned | `id` guild, person |
//! | 38 | audit entry | `id` guild, entry (`u8` flags (1 actor, 2 target, 4 reason, 8 channel, 16 count, 32 rule), `id`, `varint` type, `id` actor?, `id` target?, `text` reason?, `id` channel?, `varint` count?, `text` rule?, `list` of `u8` flags (1 role, 2 old, 4 new), `text` key, `id` role?, `text` old?, `text` new?) |
//! | 39 | audit entries | `id` guild, `id` after, page, `list` of entry, `list` of person |
//! | 40 | automod | `id` guild, `u8` flags (1 channel, 2 message), `id` member, `id` rule, `u8` action, `id` channel?, `id` message? |
//! | 41 | messages deleted | `id` guild, `id` channel, `varint` number |
//! | 42 | invite created | `id` guild, invite (`u8` flags (1 channel, 2 inviter, 4 uses, 8 created at, 16 expires at, 32 temporary), `text` code, `id` channel?, person?, `varint` uses?, `varint` most uses, `signed` created at?, `signed` expires at?) |
//! | 43 | invite deleted | `id` guild, `text` code |
//! | 44 | invites | `id` guild, `u8` 1 if there is a vanity address, `list` of invite, `text` vanity?, `varint` its uses? |
//! | 45 | reading refused | `id` guild, `u8` reading, `u8` 1 if the vanity address was asked for (invites) or `id` after (others), `u8` why, as in 14 |
//! | 46 | guild details | `id` guild, `u8` 1 if there is a vanity address, `text` vanity?, `list` of role, `list` of emoji, `list` of `text` feature, `list` of `u8` 1 if it has a value, `text` name, `text` value? |
//! | 47 | role | `id` guild, role (`u8` 1 if managed, `id`, `text` name, `varint` colour, `signed` position, `varint` permissions) |
//! | 48 | role deleted | `id` guild, `id` role |
//! | 49 | emojis | `id` guild, `list` of emoji (`u8` 1 if animated, `id`, `text` name) |

mod dictionary;
mod read;
mod write;

use vigie_core::vocabulary::{Fact, UnixMs};

pub use self::read::Steps;
pub(crate) use self::read::read_session;
pub use self::write::JournalWriter;
pub(crate) use self::write::write_session;
use crate::DecodeError;

/// The first byte of every frame that [`JournalWriter`] writes.
pub const JOURNAL_VERSION: u8 = 1;

/// What happened to a core: one call of one of its methods, or a change of the session that it is fed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// `Core::handle` with this fact.
    Fact(Fact<'a>),
    /// `Core::wake`.
    Wake,
    /// `Core::flush`.
    Flush,
    /// The gateway session is now this one.
    Session(GatewaySession),
}

/// A session at Discord's gateway that can be resumed. Source: Discord, "Gateway", Resuming.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewaySession {
    /// READY's `session_id`.
    pub id: String,
    /// READY's `resume_gateway_url`.
    pub resume_url: String,
    /// The last sequence that was handled of it.
    pub sequence: u64,
    /// The intents it was opened with: a session of others is not to be resumed.
    pub intents: u64,
    /// The number of shards it was opened with: nor is one of another layout.
    pub shard_count: u32,
}

/// The steps of a frame, in order: the instant given to the core, the sequence of the dispatch, the step. Ends after an error.
///
/// Texts are borrowed from the frame. Never panics and never allocates more than a small multiple of `frame.len()`,
/// whatever the bytes.
pub fn read(frame: &[u8]) -> Steps<'_> {
    Steps::new(frame)
}

/// What [`read()`] yields.
pub type StepRead<'a> = Result<(UnixMs, u64, Step<'a>), DecodeError>;

/// Bits and numbers of a frame.
mod tag {
    /// Bits of the step's number.
    pub(super) const NUMBER: u8 = 0b0001_1111;
    /// The sequence is not the expected one and is written.
    pub(super) const SEQUENCE: u8 = 1 << 5;
    /// The instant is not that of the step before and is written.
    pub(super) const NOW: u8 = 1 << 6;

    pub(super) const WAKE: u8 = 1;
    pub(super) const FLUSH: u8 = 2;
    pub(super) const SESSION: u8 = 3;
    pub(super) const MESSAGE: u8 = 4;
    pub(super) const REACTION: u8 = 5;
    pub(super) const REACTIONS_CLEARED: u8 = 6;
    pub(super) const VOICE: u8 = 7;
    pub(super) const GUILD: u8 = 8;
    pub(super) const GUILD_REMOVED: u8 = 9;
    pub(super) const GUILD_UNAVAILABLE: u8 = 10;
    pub(super) const SESSION_STARTED: u8 = 11;
    pub(super) const HEARD: u8 = 12;
    pub(super) const HISTORY: u8 = 13;
    pub(super) const HISTORY_REFUSED: u8 = 14;
    pub(super) const CHANNEL: u8 = 15;
    pub(super) const CHANNEL_DELETED: u8 = 16;
    pub(super) const UNCOUNTED_MESSAGE: u8 = 17;
    /// The number stands in the byte after sequence and instant.
    pub(super) const FURTHER: u8 = 18;

    pub(super) const MEMBER_JOINED: u8 = 32;
    pub(super) const MEMBER_LEFT: u8 = 33;
    pub(super) const MEMBER_UPDATED: u8 = 34;
    pub(super) const MEMBERS: u8 = 35;
    pub(super) const BANNED: u8 = 36;
    pub(super) const UNBANNED: u8 = 37;
    pub(super) const AUDIT: u8 = 38;
    pub(super) const AUDITS: u8 = 39;
    pub(super) const AUTOMOD: u8 = 40;
    pub(super) const MESSAGES_DELETED: u8 = 41;
    pub(super) const INVITE_CREATED: u8 = 42;
    pub(super) const INVITE_DELETED: u8 = 43;
    pub(super) const INVITES: u8 = 44;
    pub(super) const READING_REFUSED: u8 = 45;
    pub(super) const GUILD_DETAILS: u8 = 46;
    pub(super) const ROLE: u8 = 47;
    pub(super) const ROLE_DELETED: u8 = 48;
    pub(super) const EMOJIS: u8 = 49;

    /// The sequence expected after `previous`.
    pub(super) fn expected(number: u8, previous: u64) -> u64 {
        match number {
            WAKE | FLUSH | SESSION => previous,
            _ => previous.wrapping_add(1),
        }
    }
}

/// Bits of flags.
mod flags {
    pub(super) const PERSON_KIND: u8 = 3;
    pub(super) const PERSON_DISPLAY_NAME: u8 = 4;
    pub(super) const PERSON_AVATAR: u8 = 8;
    pub(super) const PERSON_AVATAR_HEX: u8 = 16;
    pub(super) const PERSON_AVATAR_ANIMATED: u8 = 32;
    pub(super) const PERSON: u8 = 63;

    pub(super) const REACTION_ADDED: u8 = 1;
    pub(super) const REACTION_PERSON: u8 = 2;
    pub(super) const REACTION_AUTHOR: u8 = 4;
    pub(super) const REACTION_CUSTOM: u8 = 8;
    pub(super) const REACTION_NAMED: u8 = 16;
    pub(super) const REACTION: u8 = 31;

    pub(super) const VOICE_PERSON: u8 = 1;
    pub(super) const VOICE_CHANNEL: u8 = 2;
    pub(super) const VOICE: u8 = 3;

    pub(super) const GUILD_ICON: u8 = 1;
    pub(super) const GUILD_MEMBER_COUNT: u8 = 2;
    pub(super) const GUILD_BOT_JOINED_AT: u8 = 4;
    pub(super) const GUILD_AFK_CHANNEL: u8 = 8;
    pub(super) const GUILD_VOICE_STATES: u8 = 16;
    pub(super) const GUILD: u8 = 31;

    pub(super) const HISTORY_NEWEST: u8 = 1;
    pub(super) const HISTORY_MORE: u8 = 2;
    pub(super) const HISTORY: u8 = 3;

    pub(super) const CHANNEL_NAME: u8 = 1;
    pub(super) const CHANNEL_PARENT: u8 = 2;
    pub(super) const CHANNEL_LAST_MESSAGE: u8 = 4;
    pub(super) const CHANNEL: u8 = 7;

    pub(super) const MEMBER_REJOINED: u8 = 1;
    pub(super) const UPDATED_TIMED_OUT: u8 = 1;

    pub(super) const PAGE_LAST: u8 = 1;
    pub(super) const PAGE_MORE: u8 = 2;
    pub(super) const PAGE: u8 = 3;

    pub(super) const ENTRY_ACTOR: u8 = 1;
    pub(super) const ENTRY_TARGET: u8 = 2;
    pub(super) const ENTRY_REASON: u8 = 4;
    pub(super) const ENTRY_CHANNEL: u8 = 8;
    pub(super) const ENTRY_COUNT: u8 = 16;
    pub(super) const ENTRY_RULE: u8 = 32;
    pub(super) const ENTRY: u8 = 63;

    pub(super) const CHANGE_ROLE: u8 = 1;
    pub(super) const CHANGE_OLD: u8 = 2;
    pub(super) const CHANGE_NEW: u8 = 4;
    pub(super) const CHANGE: u8 = 7;

    pub(super) const AUTOMOD_CHANNEL: u8 = 1;
    pub(super) const AUTOMOD_MESSAGE: u8 = 2;
    pub(super) const AUTOMOD: u8 = 3;

    pub(super) const INVITE_CHANNEL: u8 = 1;
    pub(super) const INVITE_INVITER: u8 = 2;
    pub(super) const INVITE_USES: u8 = 4;
    pub(super) const INVITE_CREATED_AT: u8 = 8;
    pub(super) const INVITE_EXPIRES_AT: u8 = 16;
    pub(super) const INVITE_TEMPORARY: u8 = 32;
    pub(super) const INVITE: u8 = 63;

    pub(super) const INVITES_VANITY: u8 = 1;
    pub(super) const DETAILS_VANITY: u8 = 1;
    pub(super) const FIELD_VALUE: u8 = 1;
    pub(super) const ROLE_MANAGED: u8 = 1;
    pub(super) const EMOJI_ANIMATED: u8 = 1;

    pub(super) use crate::varint::flag as bit;
}
