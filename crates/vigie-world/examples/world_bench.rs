//! How fast the world is made, played and told, on one core: `cargo run --release -p vigie-world --example world_bench`.
#![allow(clippy::print_stdout, reason = "a bench reports on its standard output")]

use std::time::Instant;

use vigie_core::vocabulary::{Fact, UnixMs};
use vigie_world::{AssetHash, Event, World, WorldConfig, payload, picture};

fn main() {
    history();
    for guild_count in [4, 50, 1_000, 10_000, 100_000] {
        present(guild_count);
    }
    let hash = AssetHash { bits: 77 << 64, animated: false };
    measure("avatars of 128 pixels", || {
        (0..200).filter(|_| !picture::avatar_png(hash, 128).is_empty()).count()
    });
}

fn is_social(fact: &Fact<'_>) -> bool {
    !matches!(fact, Fact::Message(_) | Fact::Reaction(_) | Fact::Voice(_))
}

/// The backfill and the judge of a demo.
fn history() {
    let world = World::new(WorldConfig::default());
    measure("history facts", || {
        let days = 0..world.history_day_count();
        let guilds = world.guilds().iter().map(|guild| guild.id);
        guilds
            .flat_map(|guild| days.clone().map(move |day| (guild, day)))
            .map(|(guild, day)| world.history_facts(guild, day).iter().count())
            .sum()
    });
    measure("history facts, merged", || {
        (0..world.history_day_count()).map(|day| world.merged_history(day).iter().count()).sum()
    });
    let world = World::new(WorldConfig::default());
    measure("past of people and moderators, events told", || {
        let days = 0..world.history_day_count();
        let told =
            |day| world.merged_history(day).iter().filter(|(_, fact)| is_social(fact)).count();
        days.map(told).sum()
    });
    let mut cells = 0;
    measure("history truth, cells", || {
        cells = world.guilds().iter().map(|guild| world.history_truth(guild.id).cell_count()).sum();
        cells
    });
}

fn present(guild_count: u32) {
    let config = WorldConfig { guild_count, events_per_second: 2_000.0, ..WorldConfig::default() };
    println!("{guild_count} guilds:");
    let mut world = None;
    measure("  guilds made", || {
        world = Some(World::new(config));
        guild_count as usize
    });
    let Some(mut world) = world else { return };
    let mut events: Vec<Event> = Vec::new();
    measure("  events played", || {
        (0..300)
            .map(|_| {
                events.clear();
                world.play_until(UnixMs(world.clock().0 + 1_000), &mut events);
                events.len()
            })
            .sum()
    });
    events.clear();
    world.play_until(UnixMs(world.clock().0 + 50_000), &mut events);
    let mut text = String::new();
    let mut bytes = 0;
    measure("  payloads written", || {
        for event in &events {
            text.clear();
            payload::event_data(&world, event, &mut text, true);
            bytes += text.len();
        }
        events.len()
    });
    println!("  {} bytes a payload", bytes / events.len().max(1));
    measure("  guilds told", || {
        for guild in world.guilds() {
            text.clear();
            payload::guild_create(&world, guild, &mut text);
        }
        world.guilds().len()
    });
}

fn measure(what: &str, run: impl FnOnce() -> usize) {
    let begun = Instant::now();
    let count = run();
    let seconds = begun.elapsed().as_secs_f64();
    println!("{what}: {count} in {:.1} ms, {:.0}/s", seconds * 1e3, count as f64 / seconds);
}
