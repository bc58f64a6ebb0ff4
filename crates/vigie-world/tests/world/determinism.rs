//! The same seed makes the same bytes, today and in a year, on every machine.

use crate::support::{play, world};
use vigie_core::vocabulary::Fact;
use vigie_world::{AssetHash, World, WorldConfig, payload, picture};

/// FNV-1a: Fowler, Noll and Vo's hash of 64 bits.
struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn sum_of_a_world(seed: u64) -> u64 {
    let mut world = world(seed, 9, 200.0);
    let mut sum = Sum(0xcbf2_9ce4_8422_2325);
    let mut text = String::new();
    for event in play(&mut world, 60_000) {
        text.clear();
        payload::event_data(&world, &event, &mut text, true);
        sum.add(text.as_bytes());
    }
    for guild in world.guilds() {
        text.clear();
        payload::guild_create(&world, guild, &mut text);
        sum.add(text.as_bytes());
        for (at, fact) in world.history_facts(guild.id, 2).iter() {
            sum.add(&at.0.to_le_bytes());
            if let Fact::Message(message) = fact {
                sum.add(message.author.username.as_bytes());
            }
        }
    }
    sum.add(world.truth_at(world.clock()).to_json().as_bytes());
    sum.add(&picture::avatar_png(AssetHash { bits: u128::from(seed), animated: false }, 64));
    sum.0
}

#[test]
fn the_same_seed_makes_the_same_bytes_as_ever() {
    let sum = sum_of_a_world(1);
    assert_eq!(sum, sum_of_a_world(1));
    assert_ne!(sum, sum_of_a_world(2));
    // Changes only together with the words, shapes or rhythms of the world: then write the new sum here.
    assert_eq!(format!("{sum:016x}"), "c0db089efbfc402f");
}

#[test]
fn people_and_guilds_do_not_depend_on_the_start() {
    let early = World::new(WorldConfig::default());
    let start = vigie_core::vocabulary::UnixMs(early.config().start.0 + 40 * 86_400_000);
    let late = World::new(WorldConfig { start, ..WorldConfig::default() });
    for (one, two) in early.guilds().iter().zip(late.guilds()) {
        assert_eq!((one.id, &one.name, one.owner), (two.id, &two.name, two.owner));
        let ids = |guild: &vigie_world::Guild| -> Vec<u64> {
            guild.channels.iter().map(|channel| channel.id.0).collect()
        };
        assert_eq!(ids(one), ids(two));
        assert_eq!(early.member(one, 5).user, late.member(two, 5).user);
    }
}
