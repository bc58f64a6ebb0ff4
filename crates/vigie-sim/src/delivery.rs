//! From what happens in the world to the sessions that hear it.

use std::time::Instant;

use vigie_world::{Author, Event, Happening, Message, World, payload};

use crate::gateway::frame::Dispatch;
use crate::gateway::intents::Intents;
use crate::gateway::session::Session;
use crate::hub::Hub;
use crate::sync::write;

impl Hub {
    /// Hands events to the sessions that hear them. The caller has the world locked since it made them: whoever asks the
    /// world for its truth afterwards knows that all of it is on its way. `text` is a buffer.
    pub(crate) fn deliver(&self, world: &World, events: &[Event], text: &mut String) {
        if events.is_empty() {
            return;
        }
        let (sessions, now) = (self.sessions(), Instant::now());
        for event in events {
            if self.outages.contains(event.guild) || !world.is_told(event) {
                self.counters.events_withheld.add(1);
                continue;
            }
            let hearers = sessions.iter().filter(|session| {
                session.shard.holds(event.guild) && session.intents.allow(event.name)
            });
            offer(world, event, hearers.map(AsRef::as_ref), now, text);
        }
        self.counters.events_played.add(events.len() as u64);
    }

    /// Does something to the world, now, and tells what Discord tells about it. Gives what it gave and how many events
    /// there were.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World, &mut Vec<Event>) -> T) -> (T, usize) {
        let mut world = write(&self.world);
        let mut events = Vec::new();
        let done = act(&mut world, &mut events);
        self.deliver(&world, &events, &mut String::new());
        (done, events.len())
    }
}

/// Writes an event at most twice, with content and without, however many hear it.
fn offer<'s>(
    world: &World,
    event: &Event,
    hearers: impl Iterator<Item = &'s Session>,
    now: Instant,
    text: &mut String,
) {
    let mut written: [Option<Dispatch>; 2] = [None, None];
    let exempt = is_own(world, event);
    for session in hearers {
        let content = exempt || session.intents.contains(Intents::MESSAGE_CONTENT);
        let dispatch = written[usize::from(content)].get_or_insert_with(|| {
            text.clear();
            payload::event_data(world, event, text, content);
            Dispatch::text(event.name, text.as_str()).at(event.at)
        });
        session.offer(event.guild, dispatch, now);
    }
}

/// Whether the event is a message of our own bot, whose words it is told without the intent. The world's people never
/// mention it, which would be the other exemption.
fn is_own(world: &World, event: &Event) -> bool {
    let author = match &event.what {
        Happening::MessageCreate(Message { author, .. })
        | Happening::MessageUpdate(Message { author, .. }, _) => author,
        _ => return false,
    };
    let own = world.guild(event.guild).map(|guild| Author::Member(guild.own_index()));
    own == Some(*author)
}
