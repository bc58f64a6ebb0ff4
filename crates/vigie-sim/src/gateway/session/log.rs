//! The log of a session: dispatches by number, which are the replay buffer and the send queue, and what is done to them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use vigie_core::vocabulary::GuildId;
use vigie_world::{World, payload};

use crate::gateway::frame::{Body, Dispatch, Frame, GuildCreate};
use crate::gateway::heard::Books;
use crate::gateway::intents::Intents;
use crate::gateway::link::Link;
use crate::limits::TOLD_BYTES_MAX;

/// What a session keeps under its lock.
pub(super) struct Log {
    /// The last number given.
    pub(super) sequence: u64,
    /// The last number handed to the attached connection.
    pub(super) sent: u64,
    pub(super) frames: VecDeque<Frame>,
    /// Guilds that GUILD_CREATE has not told yet.
    pub(super) untold: VecDeque<GuildId>,
    /// Guilds whose events are sent.
    pub(super) available: HashSet<GuildId>,
    pub(super) loaded: bool,
    pub(super) link: Option<Arc<Link>>,
    pub(super) detached_at: Instant,
    pub(super) resumes: u32,
    pub(super) mischief: Mischief,
    pub(super) books: Books,
    /// Bytes of the GUILD_CREATEs kept as text.
    pub(super) told_bytes: usize,
}

/// Faults against the order and completeness of dispatches, as counts of dispatches still to be affected.
#[derive(Default)]
pub(super) struct Mischief {
    pub(super) duplicate: u32,
    pub(super) reorder: u32,
    pub(super) lose: u32,
    pub(super) held: Option<Dispatch>,
}

impl Log {
    /// The number of the oldest frame kept; the next number when none is.
    pub(super) fn first_kept(&self) -> u64 {
        self.frames.front().map_or(self.sequence + 1, |frame| frame.sequence)
    }

    pub(super) fn push(&mut self, dispatch: Dispatch, now: Instant) {
        self.sequence += 1;
        self.frames.push_back(Frame { sequence: self.sequence, at: now, dispatch });
    }

    /// GUILD_CREATE, as the guild is at this instant of the world.
    pub(super) fn tell(&mut self, world: &World, guild: GuildId, intents: Intents, now: Instant) {
        self.available.insert(guild);
        self.books.open(guild, world.clock());
        let voice = intents.contains(Intents::GUILD_VOICE_STATES);
        let mut create = GuildCreate { guild, voice, text: None };
        let mut text = String::new();
        create.write(world, &mut text);
        self.told_bytes += text.len();
        create.text = Some(text.into());
        let body = Body::GuildCreate(create);
        let dispatch = Dispatch { name: "GUILD_CREATE".into(), body, at: Some(world.clock()) };
        self.push(dispatch, now);
    }

    /// Drops the texts of GUILD_CREATEs that were sent, the oldest first, while there are too many.
    pub(super) fn thin(&mut self) {
        let sent = self.sent;
        for frame in self.frames.iter_mut().take_while(|frame| frame.sequence <= sent) {
            if self.told_bytes <= TOLD_BYTES_MAX {
                return;
            }
            self.told_bytes -= told_bytes(frame);
            if let Body::GuildCreate(create) = &mut frame.dispatch.body {
                create.text = None;
            }
        }
    }

    pub(super) fn play(&mut self, guild: GuildId, dispatch: &Dispatch, now: Instant) {
        if self.mischief.lose > 0 {
            self.mischief.lose -= 1;
            if let Some(at) = dispatch.at {
                self.books.lose(guild, at);
            }
            return;
        }
        if self.mischief.reorder > 0 && self.mischief.held.is_none() {
            self.mischief.reorder -= 1;
            self.mischief.held = Some(dispatch.clone());
            return;
        }
        self.push(dispatch.clone(), now);
        if let Some(held) = self.mischief.held.take() {
            self.push(held, now);
        }
        if self.mischief.duplicate > 0 {
            self.mischief.duplicate -= 1;
            self.push(dispatch.clone(), now);
        }
    }
}

/// Bytes of a GUILD_CREATE kept as text.
pub(super) fn told_bytes(frame: &Frame) -> usize {
    match &frame.dispatch.body {
        Body::GuildCreate(GuildCreate { text: Some(text), .. }) => text.len(),
        _ => 0,
    }
}

impl GuildCreate {
    /// Writes the `d`: as it was, where that is still known.
    pub(crate) fn write(&self, world: &World, out: &mut String) {
        match (&self.text, world.guild(self.guild), self.voice) {
            (Some(text), _, _) => out.push_str(text),
            (None, Some(guild), true) => payload::guild_create(world, guild, out),
            (None, Some(guild), false) => payload::guild_create_without_voice(world, guild, out),
            (None, None, _) => out.push_str("{}"),
        }
    }
}

/// What stands for a guild in an outage. Source: Discord, "Gateway Events", Guild Delete.
pub(super) fn outage(guild: GuildId) -> Dispatch {
    Dispatch::text("GUILD_DELETE", format!(r#"{{"id":"{}","unavailable":true}}"#, guild.0))
}
