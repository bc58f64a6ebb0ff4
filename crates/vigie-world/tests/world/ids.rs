//! Ids are unique, grow with time and lead back to what they name.

use std::collections::BTreeSet;

use crate::support::{play, world};
use proptest::prelude::*;
use vigie_core::vocabulary::{ChannelId, Fact, GuildId, UnixMs, UserId, snowflake_time};
use vigie_world::{Happening, World, WorldConfig};

#[test]
fn message_ids_are_unique_and_grow_within_a_guild() {
    let mut world = world(21, 6, 20_000.0);
    let mut seen = BTreeSet::new();
    let mut last = std::collections::BTreeMap::<GuildId, u64>::new();
    for day in 0..world.history_day_count() {
        for guild in world.guilds() {
            for (_, fact) in world.history_facts(guild.id, day).iter() {
                if let Fact::Message(message) = fact {
                    assert!(seen.insert(message.message.0));
                    let before = last.insert(guild.id, message.message.0).unwrap_or(0);
                    assert!(message.message.0 > before);
                    assert!(message.message.time() < world.config().start);
                }
            }
        }
    }
    let events = play(&mut world, 3_000);
    assert!(events.is_sorted_by_key(|event| event.at));
    for event in events {
        if let Happening::MessageCreate(message) = event.what {
            assert!(seen.insert(message.id.0));
            let before = last.insert(event.guild, message.id.0).unwrap_or(0);
            assert!(message.id.0 > before);
            assert_eq!(message.id.time(), event.at);
        }
    }
}

#[test]
fn everything_is_found_by_its_id() {
    let world = world(22, 40, 1.0);
    let mut seen = BTreeSet::new();
    for guild in world.guilds() {
        assert_eq!(world.guild(guild.id).map(|found| found.index), Some(guild.index));
        assert!(seen.insert(guild.id.0));
        for channel in guild.channels.iter().chain(&guild.threads) {
            assert!(seen.insert(channel.id.0), "{}", channel.name);
            let (home, found) = world.channel(channel.id).expect("a channel");
            assert_eq!((home.id, found.id), (guild.id, channel.id));
        }
        guild.roles[1..].iter().for_each(|role| assert!(seen.insert(role.id.0)));
        guild.emojis.iter().for_each(|emoji| assert!(seen.insert(emoji.id.0)));
        guild.webhooks.iter().for_each(|webhook| assert!(seen.insert(webhook.id.0)));
    }
    assert!(world.guild(GuildId(1)).is_none());
    assert!(world.channel(ChannelId(u64::MAX)).is_none());
}

#[test]
fn members_are_found_by_their_account() {
    let world = world(23, 8, 1.0);
    for guild in world.guilds() {
        let mut seen = BTreeSet::new();
        for index in 0..guild.member_count {
            let member = world.member(guild, index);
            assert!(seen.insert(member.user.id), "nobody is there twice");
            assert_eq!(world.member_index(guild, member.user.id), Some(index));
            assert_eq!(member.user.bot, !guild.is_person(index));
            assert!(member.joined_at >= guild.created_at);
            assert!(member.joined_at < world.config().start);
            if index % 16 != 7 {
                assert_eq!(world.user(member.user.id).as_ref(), Some(&member.user));
            }
        }
        assert_eq!(world.member(guild, 0).user.id, guild.owner);
        let ours = world.member(guild, guild.member_count - 1).user;
        assert_eq!(ours.id, world.application().id);
    }
    assert_eq!(world.user(UserId(42)), None);
}

#[test]
fn members_are_listed_by_rising_id() {
    let world = world(24, 3, 1.0);
    let guild = &world.guilds()[2];
    let (mut after, mut listed) = (UserId(0), Vec::new());
    loop {
        let page = world.members_after(guild, after, 100);
        let Some(last) = page.last() else { break };
        after = last.user.id;
        listed.extend(page.iter().map(|member| member.user.id));
    }
    assert_eq!(listed.len(), guild.member_count as usize);
    assert!(listed.is_sorted());
}

#[test]
fn guilds_spread_over_shards() {
    let world = world(25, 400, 1.0);
    let mut shards = [0u32; 8];
    world.guilds().iter().for_each(|guild| shards[((guild.id.0 >> 22) % 8) as usize] += 1);
    assert!(shards.iter().all(|&guilds| (25..85).contains(&guilds)), "{shards:?}");
}

#[test]
fn a_world_can_be_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&world(26, 1, 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_configuration_makes_a_world_that_plays(
        seed: u64,
        guild_count in 0u32..60,
        members_min in 0u32..20_000,
        members_max in 0u32..200_000,
        rate in 0.0f64..3_000.0,
        history_days in 0u32..4,
        start in 0i64..5_000_000_000_000,
    ) {
        let mut world = World::new(WorldConfig {
            seed, guild_count, members_min, members_max, history_days,
            events_per_second: rate,
            history_messages_per_day: Some(50.0),
            joins_per_hour: Some(rate),
            start: UnixMs(start),
        });
        let events = play(&mut world, 700);
        prop_assert!(events.iter().all(|event| event.at >= world.config().start));
        for guild in world.guilds().iter().take(1) {
            prop_assert!(guild.created_at < world.config().start);
            prop_assert!(snowflake_time(guild.id.0) >= guild.created_at);
            for day in 0..world.history_day_count() {
                let facts = world.history_facts(guild.id, day);
                prop_assert!(facts.iter().all(|(at, _)| at < world.config().start));
            }
        }
    }
}
