//! Gateway messages as text: `{"t":…,"s":…,"op":…,"d":…}`, in this order and without spaces, which readers of headers rely on.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use vigie_core::vocabulary::{GuildId, UnixMs};

/// Gateway opcodes. Source: Discord, "Opcodes and Status Codes".
pub(crate) mod opcode {
    pub(crate) const HEARTBEAT: u8 = 1;
    pub(crate) const IDENTIFY: u8 = 2;
    pub(crate) const PRESENCE_UPDATE: u8 = 3;
    pub(crate) const VOICE_STATE_UPDATE: u8 = 4;
    pub(crate) const RESUME: u8 = 6;
    pub(crate) const RECONNECT: u8 = 7;
    pub(crate) const REQUEST_GUILD_MEMBERS: u8 = 8;
    pub(crate) const INVALID_SESSION: u8 = 9;
    pub(crate) const HELLO: u8 = 10;
    pub(crate) const HEARTBEAT_ACK: u8 = 11;
    pub(crate) const REQUEST_SOUNDBOARD_SOUNDS: u8 = 31;
    pub(crate) const REQUEST_CHANNEL_INFO: u8 = 43;
}

/// A dispatch without its number: what sessions share.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
    /// Event name, escaped for JSON.
    pub(crate) name: Cow<'static, str>,
    /// Its `d`.
    pub(crate) body: Body,
    /// When it happened in the world; `None` for what the world did not bring.
    pub(crate) at: Option<UnixMs>,
}

/// The `d` of a dispatch.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// As text, shared by all sessions that are sent it.
    Text(Arc<str>),
    /// GUILD_CREATE as it was when it took its place among the dispatches.
    GuildCreate(GuildCreate),
    /// GUILD_MEMBERS_CHUNK, written when it is sent, for the same reason.
    Members(Arc<MembersChunk>),
}

/// One GUILD_CREATE.
#[derive(Clone, Debug)]
pub(crate) struct GuildCreate {
    pub(crate) guild: GuildId,
    /// Whether voice states are told.
    pub(crate) voice: bool,
    /// `None` once it was sent and there were too many of them: a replay writes it anew.
    pub(crate) text: Option<Arc<str>>,
}

/// One GUILD_MEMBERS_CHUNK of all members of a guild.
#[derive(Debug)]
pub(crate) struct MembersChunk {
    pub(crate) guild: GuildId,
    /// Indexes of those who were members when they were asked for: whoever left since is told to have left after it.
    pub(crate) members: Box<[u32]>,
    pub(crate) index: u32,
    pub(crate) count: u32,
    /// `nonce`, as JSON text.
    pub(crate) nonce: Option<String>,
}

impl Dispatch {
    pub(crate) fn text(name: impl Into<Cow<'static, str>>, d: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), body: Body::Text(d.into()), at: None }
    }

    /// The same, at an instant of the world.
    pub(crate) fn at(self, at: UnixMs) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// A dispatch of one session: numbered and kept for replay.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) sequence: u64,
    pub(crate) at: Instant,
    pub(crate) dispatch: Dispatch,
}

/// Writes the start of a dispatch, up to its `d`; the caller appends the `d` and `}`.
pub(crate) fn dispatch_head(out: &mut String, name: &str, sequence: u64) {
    // Writing to a String cannot fail.
    let _ = write!(out, r#"{{"t":"{name}","s":{sequence},"op":0,"d":"#);
}

/// A message that is no dispatch.
pub(crate) fn control(op: u8, d: &str) -> String {
    format!(r#"{{"t":null,"s":null,"op":{op},"d":{d}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_first_and_without_spaces() {
        let mut text = String::new();
        dispatch_head(&mut text, "READY", 7);
        assert_eq!(text, r#"{"t":"READY","s":7,"op":0,"d":"#);
        assert_eq!(control(11, "null"), r#"{"t":null,"s":null,"op":11,"d":null}"#);
    }
}
