//! Making the conversation of every shard beforehand.

use std::sync::Arc;

use bytes::Bytes;
use vigie_core::vocabulary::UnixMs;
use vigie_world::{Event, World, payload};

use super::{FirehoseConfig, Totals};
use crate::gateway::compress::{Compression, Compressor};
use crate::gateway::connection::{Parameters, hello};
use crate::gateway::frame;
use crate::gateway::identify::{Identify, Shard};
use crate::gateway::intents::Intents;
use crate::gateway::ready;

/// The world is played in steps of this many milliseconds.
const STEP_MS: i64 = 100;

/// Everything one shard is sent, HELLO first: messages behind each other in one buffer.
#[derive(Default)]
pub(crate) struct Conversation {
    bytes: Bytes,
    /// Where each message ends.
    ends: Vec<usize>,
}

impl Conversation {
    /// Number of messages.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One message, without a copy.
    pub(crate) fn message(&self, index: usize) -> Bytes {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.bytes.slice(start..self.ends[index])
    }
}

/// The conversations of all shards, as text.
pub(crate) struct Hoard {
    pub(crate) plain: Arc<Vec<Conversation>>,
}

/// What [`make`] made.
pub(crate) struct Made {
    pub(crate) hoard: Hoard,
    pub(crate) totals: Totals,
    pub(crate) world: World,
}

/// A conversation in the making.
struct Draft {
    shard: Shard,
    text: String,
    ends: Vec<usize>,
    sequence: u64,
}

impl Draft {
    /// Adds a dispatch whose `d` the caller writes.
    fn dispatch(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        self.sequence += 1;
        frame::dispatch_head(&mut self.text, name, self.sequence);
        write(&mut self.text);
        self.text.push('}');
        self.ends.push(self.text.len());
    }
}

/// Plays the world and writes everything down.
pub(crate) fn make(config: &FirehoseConfig, gateway_url: &str) -> Made {
    let mut world = World::new(config.world.clone());
    let mut totals = Totals { guilds: world.guilds().len() as u64, ..Totals::default() };
    let mut drafts: Vec<Draft> =
        (0..config.shards).map(|id| open(&world, config, id, gateway_url)).collect();
    let mut events = Vec::new();
    while totals.events < config.events {
        events.clear();
        world.play_until(UnixMs(world.clock().0 + STEP_MS), &mut events);
        for event in events.iter().filter(|event| config.intents.allow(event.name)) {
            totals.events += 1;
            record(&world, config, event, &mut drafts);
        }
    }
    totals.count(world.truth());
    totals.bytes = drafts.iter().map(|draft| draft.text.len() as u64).sum();
    let close = |draft: Draft| Conversation { bytes: draft.text.into(), ends: draft.ends };
    let plain = Arc::new(drafts.into_iter().map(close).collect());
    Made { hoard: Hoard { plain }, totals, world }
}

/// HELLO, READY and the shard's guilds.
fn open(world: &World, config: &FirehoseConfig, id: u32, gateway_url: &str) -> Draft {
    let shard = Shard { id, count: config.shards };
    let text = frame::control(frame::opcode::HELLO, &hello(config.heartbeat_interval_ms));
    let ends = vec![text.len()];
    let mut draft = Draft { shard, text, ends, sequence: 0 };
    let identify = Identify {
        token: String::new(),
        intents: config.intents,
        shard,
        payload_compression: false,
    };
    let parameters = Parameters {
        version: 10,
        compression: Compression::Plain,
        gateway_url: gateway_url.to_owned(),
    };
    let session_id = format!("{id:032x}");
    let guild_ids = world.guilds().iter().map(|guild| guild.id);
    let ready = ready::write(world, &session_id, &identify, &parameters, guild_ids);
    draft.dispatch("READY", |out| out.push_str(&ready));
    for guild in world.guilds().iter().filter(|guild| shard.holds(guild.id)) {
        let write = match config.intents.contains(Intents::GUILD_VOICE_STATES) {
            true => payload::guild_create,
            false => payload::guild_create_without_voice,
        };
        draft.dispatch("GUILD_CREATE", |out| write(world, guild, out));
    }
    draft
}

fn record(world: &World, config: &FirehoseConfig, event: &Event, drafts: &mut [Draft]) {
    let content = config.intents.contains(Intents::MESSAGE_CONTENT);
    if let Some(draft) = drafts.iter_mut().find(|draft| draft.shard.holds(event.guild)) {
        draft.dispatch(event.name, |out| payload::event_data(world, event, out, content));
    }
}

/// The same conversations, compressed.
pub(crate) fn compress(plain: &[Conversation], compression: Compression) -> Arc<Vec<Conversation>> {
    Arc::new(plain.iter().map(|conversation| compress_one(conversation, compression)).collect())
}

fn compress_one(plain: &Conversation, compression: Compression) -> Conversation {
    let mut compressor = Compressor::new(compression).expect("a compressor needs memory only");
    let mut bytes = Vec::with_capacity(plain.bytes.len() / 4);
    let mut ends = Vec::with_capacity(plain.len());
    for index in 0..plain.len() {
        let message = plain.message(index);
        let text = std::str::from_utf8(&message).expect("conversations are written as text");
        let message = compressor.message(text).expect("compressing needs memory only");
        bytes.extend_from_slice(&message.into_data());
        ends.push(bytes.len());
    }
    Conversation { bytes: bytes.into(), ends }
}
