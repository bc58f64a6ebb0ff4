//! The lenses: our own reading of gateway frames. Tolerant, borrowed, one pass, only the fields that are used.
//!
//! - Unknown and odd fields never fail an event. A needed field that is missing or of the wrong type sets the event
//!   aside under a stable name, and the shard goes on.
//! - Ids may be strings of digits (as documented) or numbers; zero is never an id.
//! - Of a key that comes twice the last one counts, as with most readers of JSON.
//! - The time is linear in the text and the memory is what is returned, whatever the text (the module `scan` says how).
//! - The text of a message is never looked at.

mod audit;
mod blocks;
mod channel;
mod details;
mod guild;
mod history;
mod invites;
mod members;
mod message;
mod moderation;
mod reaction;
mod reasons;
mod scan;
mod session;
mod timestamp;
mod user;
mod value;
mod voice;

use std::borrow::Cow;

use vigie_core::vocabulary::{ChannelId, Fact, GuildId, MessageId};

pub use self::audit::read_audits;
pub use self::history::read_history;
pub use self::invites::read_invites;
pub use self::members::read_members;
pub(crate) use self::reasons::OFF_REASONS;
use self::scan::Scanner;

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// One fact: nearly always.
    Fact(Fact<'a>),
    /// Any number of facts, in order.
    Facts(Vec<Fact<'a>>),
    /// Read and understood, but it carries no counts; the reason is one of a closed list of names
    /// (`message.type_7`, `event.TYPING_START`).
    NotCounted(&'static str),
    /// As [`Read::NotCounted`], but a message of a guild: the core minds that it was there.
    Uncounted(&'static str, GuildId, ChannelId, MessageId),
    /// Not an event: the connection's own talk (hello, heartbeats, reconnects).
    Control,
}

/// The frame cannot be read. The reason is one of a closed list of names (`message.missing_channel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("set aside: {reason}")]
pub struct SetAside {
    /// Why: fit for a metric's label.
    pub reason: &'static str,
}

/// Reads one gateway frame: `{"t": …, "s": …, "op": …, "d": …}`, in any order, with or without spaces.
///
/// # Errors
/// [`SetAside`] when the frame is broken or lacks what its event needs.
pub fn read(frame: &str) -> Result<Read<'_>, SetAside> {
    let mut scanner = Scanner::new(frame, 0);
    let (mut op, mut name, mut data_at) = (None, None, None);
    if !scanner.enter(b'{') {
        return Err(reasons::MALFORMED);
    }
    while let Some(key) = scanner.key() {
        match key {
            b"op" => op = scanner.integer(),
            b"t" => name = scanner.text(NAME_BYTES_MAX),
            b"d" => {
                // Discord writes the data last: then it is read where it stands.
                if let (Some(0), Some(name)) = (op, &name) {
                    return event(name, &mut scanner, true);
                }
                data_at = Some(scanner.at());
                scanner.skip();
            }
            _ => scanner.skip(),
        }
    }
    if let Some(broken) = scanner.broken() {
        return Err(broken);
    }
    if op.ok_or(reasons::MISSING_OP)? != 0 {
        return Ok(Read::Control);
    }
    let name = name.ok_or(reasons::MISSING_EVENT)?;
    match data_at {
        Some(at) => event(&name, &mut Scanner::new(frame, at), false),
        // No event has a list for data: reads as missing where data is needed.
        None => read_event(&name, "[]"),
    }
}

/// The name of the event that a frame is; `None` for the connection's own talk, and for what is broken before the name.
pub(crate) fn event_name(frame: &str) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner::new(frame, 0);
    if !scanner.enter(b'{') {
        return None;
    }
    scanner.key_where(|key| key == b"t")?;
    scanner.text(NAME_BYTES_MAX)
}

/// Reads the data of one event: the `d` of a frame whose `t` is `name`.
///
/// # Errors
/// [`SetAside`] when the data is broken or lacks what the event needs.
pub fn read_event<'a>(name: &str, data: &'a str) -> Result<Read<'a>, SetAside> {
    event(name, &mut Scanner::new(data, 0), false)
}

/// A little more than the longest event name: a longer one is unknown whatever follows.
const NAME_BYTES_MAX: usize = 64;

/// The event names that are read, each with its lens; all others are known by name only, and their data is not looked
/// at. `in_frame`: the data stands in a frame whose end is to be seen too.
#[inline]
fn event<'a>(name: &str, scanner: &mut Scanner<'a>, in_frame: bool) -> Result<Read<'a>, SetAside> {
    let read = match name {
        "MESSAGE_CREATE" => message::read(scanner),
        "MESSAGE_REACTION_ADD" => reaction::read(scanner, true),
        "MESSAGE_REACTION_REMOVE" => reaction::read(scanner, false),
        "GUILD_CREATE" => guild::read(scanner, true),
        "GUILD_UPDATE" => guild::read(scanner, false),
        "GUILD_DELETE" => guild::read_deleted(scanner),
        "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" => {
            channel::read(scanner)
        }
        "CHANNEL_DELETE" | "THREAD_DELETE" => channel::read_deleted(scanner),
        "THREAD_LIST_SYNC" => channel::read_thread_list(scanner),
        // These two say that reactions went, but not how many nor whose.
        "MESSAGE_REACTION_REMOVE_ALL" | "MESSAGE_REACTION_REMOVE_EMOJI" => {
            reaction::read_cleared(scanner)
        }
        "VOICE_STATE_UPDATE" => voice::read(scanner),
        "GUILD_MEMBER_ADD" => members::read_added(scanner),
        "GUILD_MEMBER_UPDATE" => members::read_updated(scanner),
        "GUILD_MEMBER_REMOVE" => members::read_removed(scanner),
        "GUILD_BAN_ADD" => moderation::read_ban(scanner, true),
        "GUILD_BAN_REMOVE" => moderation::read_ban(scanner, false),
        "GUILD_AUDIT_LOG_ENTRY_CREATE" => audit::read(scanner),
        "AUTO_MODERATION_ACTION_EXECUTION" => moderation::read_automod(scanner),
        "MESSAGE_DELETE_BULK" => moderation::read_deleted(scanner),
        "INVITE_CREATE" => invites::read_created(scanner),
        "INVITE_DELETE" => invites::read_deleted(scanner),
        "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" => details::read_role_event(scanner),
        "GUILD_ROLE_DELETE" => details::read_role_deleted(scanner),
        "GUILD_EMOJIS_UPDATE" => details::read_emojis_event(scanner),
        "READY" => session::read_ready(scanner),
        "RESUMED" => session::read_resumed(scanner),
        other => return Ok(Read::NotCounted(reasons::event(other))),
    };
    // Nothing is left but the end of the frame; a text without it is broken.
    while in_frame && scanner.key().is_some() {
        scanner.skip();
    }
    // What is broken lacks things for that reason: it goes before whatever the lens missed.
    match scanner.broken() {
        Some(broken) => Err(broken),
        None => read,
    }
}
