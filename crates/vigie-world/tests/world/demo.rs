//! The four communities of the default world look like communities.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{play, world};
use vigie_core::vocabulary::{AuthorKind, Fact, MessageKind, UnixMs};
use vigie_world::{Community, Guild, Happening, World, WorldConfig, payload};

/// What a guild's history adds up to.
#[derive(Default)]
struct Story {
    facts: usize,
    /// Messages of each day.
    days: Vec<u32>,
    /// Messages by local weekday (Monday first) and by local hour.
    weekdays: [u32; 7],
    hours: [u32; 24],
    /// Messages of people, all days and the last seven whole ones.
    authors: BTreeMap<u64, u32>,
    last_week: BTreeSet<u64>,
    kinds: BTreeMap<AuthorKind, u32>,
    commands: u32,
    reactions: u32,
}

fn story(world: &World, guild: &Guild) -> Story {
    let mut story = Story::default();
    for day in 0..world.history_day_count() {
        let facts = world.history_facts(guild.id, day);
        let mut messages = 0;
        for (at, fact) in facts.iter() {
            match fact {
                Fact::Message(message) if message.kind == MessageKind::Message => {
                    messages += 1;
                    *story.kinds.entry(message.author.kind).or_default() += 1;
                    let (weekday, hour) = guild.time_zone.weekday_and_hour(at);
                    story.weekdays[weekday] += 1;
                    story.hours[hour] += 1;
                    if message.author.kind == AuthorKind::Human {
                        *story.authors.entry(message.author.id.0).or_default() += 1;
                        if (53..60).contains(&day) {
                            story.last_week.insert(message.author.id.0);
                        }
                    }
                }
                Fact::Message(_) => story.commands += 1,
                Fact::Reaction(_) => story.reactions += 1,
                _ => continue,
            }
            story.facts += 1;
        }
        story.days.push(messages);
    }
    story
}

fn stories(world: &World) -> Vec<Story> {
    world.guilds().iter().map(|guild| story(world, guild)).collect()
}

#[test]
fn four_communities_of_their_sizes_live_in_their_zones() {
    let world = World::new(WorldConfig::default());
    let guilds: Vec<_> = world
        .guilds()
        .iter()
        .map(|guild| (guild.community, guild.member_count, guild.time_zone.name, guild.locale))
        .collect();
    assert_eq!(guilds[0], (Community::Game, 50_000, "America/New_York", "en-US"));
    assert_eq!((guilds[1].0, guilds[1].2), (Community::Project, "Europe/Berlin"));
    assert!((3_900..4_100).contains(&guilds[1].1), "{guilds:?}");
    assert_eq!((guilds[2].0, guilds[2].3), (Community::Association, "fr"));
    assert!((290..310).contains(&guilds[2].1), "{guilds:?}");
    assert_eq!((guilds[3].0, guilds[3].1), (Community::Friends, 10));
}

#[test]
fn sixty_days_are_as_busy_as_they_should_be() {
    let world = World::new(WorldConfig::default());
    let stories = stories(&world);
    let facts: usize = stories.iter().map(|story| story.facts).sum();
    assert!((400_000..500_000).contains(&facts), "{facts}");
    let game = &stories[0];
    let daily = game.days[..60].iter().sum::<u32>() / 60;
    assert!((4_000..6_000).contains(&daily), "{daily}");
    assert!((1_300..1_900).contains(&game.last_week.len()), "{}", game.last_week.len());
    assert!(game.authors.len() > 6_000, "{}", game.authors.len());
    let friends = &stories[3];
    assert_eq!(friends.authors.len(), world.guilds()[3].human_count as usize);
    assert!((60..180).contains(&(friends.days.iter().sum::<u32>() / 60)));
}

#[test]
fn weeks_nights_growth_and_special_days_can_be_seen() {
    let world = World::new(WorldConfig::default());
    let stories = stories(&world);
    let (game, project) = (&stories[0], &stories[1]);
    assert!(game.weekdays[5] > game.weekdays[1] * 5 / 4, "{:?}", game.weekdays);
    assert!(project.weekdays[2] > project.weekdays[6] * 2, "{:?}", project.weekdays);
    for story in &stories {
        let night = story.hours[3..6].iter().sum::<u32>();
        let evening = story.hours[18..21].iter().sum::<u32>();
        assert!(evening > 4 * night, "{:?}", story.hours);
    }
    let sum = |days: &[u32]| days.iter().sum::<u32>();
    assert!(sum(&game.days[46..60]) * 100 > sum(&game.days[..14]) * 115, "{:?}", game.days);
    let special = game.days.iter().max().copied().unwrap_or_default();
    let mean = sum(&game.days) / game.days.len() as u32;
    assert!(special > 2 * mean, "{:?}", game.days);
}

#[test]
fn people_bots_webhooks_commands_and_reactions_have_their_shares() {
    let world = World::new(WorldConfig::default());
    let game = &stories(&world)[0];
    let messages: u32 = game.kinds.values().sum();
    let share = |count: u32| f64::from(count) / f64::from(messages);
    let of = |kind| share(game.kinds.get(&kind).copied().unwrap_or(0));
    assert!((0.02..0.045).contains(&of(AuthorKind::Bot)), "{:?}", game.kinds);
    assert!((0.006..0.016).contains(&of(AuthorKind::Webhook)), "{:?}", game.kinds);
    assert!((0.02..0.045).contains(&share(game.commands)), "{}", game.commands);
    assert!((0.09..0.2).contains(&share(game.reactions)), "{}", game.reactions);
    let mut counts: Vec<u32> = game.authors.values().copied().collect();
    counts.sort_unstable_by(|one, two| two.cmp(one));
    let top: u32 = counts[..counts.len() / 100].iter().sum();
    let all: u32 = counts.iter().sum();
    let top_share = f64::from(top) / f64::from(all);
    assert!((0.3..0.75).contains(&top_share), "one in a hundred writes {top_share}");
    assert!(f64::from(counts[0]) / f64::from(all) < 0.06, "{}", counts[0]);
}

#[test]
fn people_have_names_and_most_have_faces() {
    let world = World::new(WorldConfig::default());
    let guild = &world.guilds()[0];
    let mut usernames = BTreeSet::new();
    let (mut faces, mut nicks, mut named) = (0, 0, 0);
    for index in 0..2_000 {
        let member = world.member(guild, index);
        let allowed = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._".contains(letter)
        };
        assert!(member.user.username.chars().all(allowed), "{}", member.user.username);
        assert!((2..=32).contains(&member.user.username.len()));
        for shown in [&member.nick, &member.user.global_name].into_iter().flatten() {
            assert!((1..=32).contains(&shown.chars().count()), "{shown}");
            assert_eq!(shown.trim(), shown);
        }
        faces += u32::from(member.user.avatar.is_some());
        nicks += u32::from(member.nick.is_some());
        named += u32::from(member.user.global_name.is_some());
        usernames.insert(member.user.username);
    }
    assert!(usernames.len() > 1_850, "{}", usernames.len());
    assert!((1_400..1_700).contains(&faces) && (100..300).contains(&nicks), "{faces} {nicks}");
    assert!((1_550..1_750).contains(&named), "{named}");
}

#[test]
fn the_present_goes_on_in_the_rhythm_of_the_guilds() {
    let config = WorldConfig { events_per_second: 40.0, history_days: 2, ..WorldConfig::default() };
    let mut shares = Vec::new();
    // 20:00 in New York, then 10:00 in Berlin.
    for hour in [1, 9] {
        let start = UnixMs(config.start.0 - 12 * 3_600_000 + hour * 3_600_000);
        let mut world = World::new(WorldConfig { start, ..config.clone() });
        let mut events = Vec::new();
        world.play_until(UnixMs(start.0 + 120_000), &mut events);
        let project = world.guilds()[1].id;
        let of_project = events.iter().filter(|event| event.guild == project).count();
        shares.push(of_project as f64 / events.len() as f64);
    }
    assert!(shares[1] > 2.0 * shares[0], "{shares:?}");
}

#[test]
fn conversations_come_in_bursts() {
    let config = WorldConfig { events_per_second: 2.0, guild_count: 1, ..WorldConfig::default() };
    let mut world = World::new(config);
    let mut events = Vec::new();
    let until = UnixMs(world.clock().0 + 600_000);
    world.play_until(until, &mut events);
    let channels: Vec<_> = events
        .iter()
        .filter_map(|event| match event.what {
            Happening::MessageCreate(message) => Some(message.channel),
            _ => None,
        })
        .collect();
    // In a channel where somebody has just written, somebody else writes soon.
    let answered = channels.windows(6).filter(|next| next[1..].contains(&next[0])).count();
    assert!(answered * 10 > channels.len() * 7, "{answered} of {}", channels.len());
}

#[test]
fn messages_have_the_size_of_real_ones() {
    let mut world = world(44, 6, 500.0);
    let mut text = String::new();
    let mut sizes = Vec::new();
    for event in play(&mut world, 6_000) {
        if event.name == "MESSAGE_CREATE" {
            text.clear();
            payload::event_data(&world, &event, &mut text, true);
            sizes.push(text.len());
        }
    }
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((1_000..1_400).contains(&mean), "{mean}");
    assert!(sizes.iter().all(|size| (500..5_500).contains(size)));
}
