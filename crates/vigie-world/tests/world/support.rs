//! What the tests of this crate share.

use serde_json::Value;
use vigie_core::vocabulary::UnixMs;
use vigie_world::{Event, World, WorldConfig, payload};

/// A world that is quick to play in a debug build.
pub fn world(seed: u64, guild_count: u32, events_per_second: f64) -> World {
    World::new(WorldConfig {
        seed,
        guild_count,
        members_max: 5_000,
        events_per_second,
        history_days: 6,
        ..WorldConfig::default()
    })
}

/// A world in which people come and go all the time: ten joins a second.
pub fn busy_world(seed: u64, guild_count: u32) -> World {
    World::new(WorldConfig {
        seed,
        guild_count,
        members_min: 40,
        members_max: 3_000,
        events_per_second: 60.0,
        joins_per_hour: Some(36_000.0),
        history_days: 30,
        ..WorldConfig::default()
    })
}

/// Plays for a time and gives what happened.
pub fn play(world: &mut World, for_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let until = UnixMs(world.clock().0 + for_ms);
    world.play_until(until, &mut events);
    assert_eq!(world.clock(), until);
    events
}

/// The payload of an event, parsed.
pub fn payload_of(world: &World, event: &Event, content: bool) -> Value {
    let mut text = String::new();
    payload::event_data(world, event, &mut text, content);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{} {error}: {text}", event.name))
}

/// What a function writes, parsed.
pub fn written(write: impl FnOnce(&mut String)) -> Value {
    let mut text = String::new();
    write(&mut text);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A snowflake of a payload.
pub fn id(value: &Value) -> u64 {
    let text = value.as_str().unwrap_or_else(|| panic!("an id is a string, not {value}"));
    text.parse().unwrap_or_else(|_| panic!("an id is a number, not {text}"))
}
