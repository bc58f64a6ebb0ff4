//! Pages of a channel, in every direction, are the messages that were told.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{play, world};
use vigie_core::vocabulary::{ChannelId, Fact, MessageId};
use vigie_world::{Change, Guild, Happening, HistoricMessage, Page, World};

/// The ids of everything that counts in a channel, oldest first, as history and the events tell it.
fn told(
    world: &World,
    guild: &Guild,
    live: &[vigie_world::Event],
) -> BTreeMap<ChannelId, Vec<u64>> {
    let mut told = BTreeMap::<ChannelId, Vec<u64>>::new();
    for day in 0..world.history_day_count() {
        for (_, fact) in world.history_facts(guild.id, day).iter() {
            if let Fact::Message(message) = fact {
                told.entry(message.channel).or_default().push(message.message.0);
            }
        }
    }
    for event in live.iter().filter(|event| event.guild == guild.id) {
        match event.what {
            Happening::MessageCreate(message) if message.counts_as().is_some() => {
                told.entry(message.channel).or_default().push(message.id.0);
            }
            Happening::MessageDelete(message) => {
                let ids = told.entry(message.channel).or_default();
                ids.retain(|&id| id != message.id.0);
            }
            _ => {}
        }
    }
    told
}

/// The ids of a page that count.
fn ids(page: &[HistoricMessage]) -> Vec<u64> {
    let counts = |found: &&HistoricMessage| found.message.counts_as().is_some();
    page.iter().filter(counts).map(|found| found.message.id.0).collect()
}

fn walk(world: &World, channel: ChannelId, limit: usize, forward: bool) -> Vec<u64> {
    let mut walked = Vec::new();
    let mut page = match forward {
        true => Page::After(MessageId(0)),
        false => Page::Latest,
    };
    loop {
        let found = world.messages(channel, page, limit);
        assert!(found.is_sorted_by(|one, two| one.message.id > two.message.id), "newest first");
        let (Some(newest), Some(oldest)) = (found.first(), found.last()) else { return walked };
        page = match forward {
            true => Page::After(newest.message.id),
            false => Page::Before(oldest.message.id),
        };
        let mut here = ids(&found);
        if forward {
            here.reverse();
        }
        walked.extend(here);
    }
}

#[test]
fn walking_back_and_forth_meets_every_message_once() {
    let mut world = world(31, 3, 60.0);
    let live = play(&mut world, 120_000);
    let guild = world.guilds()[2].clone();
    let told = told(&world, &guild, &live);
    assert!(told.len() > 6, "{}", told.len());
    for (&channel, wanted) in &told {
        assert_eq!(&walk(&world, channel, 37, true), wanted);
        let mut back = walk(&world, channel, 100, false);
        back.reverse();
        assert_eq!(&back, wanted);
    }
}

#[test]
fn a_page_around_a_message_holds_it_in_the_middle() {
    let mut world = world(32, 3, 60.0);
    play(&mut world, 500_000);
    let channel = world.guilds()[2].system_channel().expect("a channel to talk in");
    let all = world.messages(channel, Page::Latest, 100);
    let middle = all[50].message.id;
    let around = world.messages(channel, Page::Around(middle), 11);
    let wanted: Vec<_> = all[45..56].iter().map(|found| found.message.id).collect();
    assert_eq!(around.iter().map(|found| found.message.id).collect::<Vec<_>>(), wanted);
    assert_eq!(world.message(channel, middle).map(|found| found.message.id), Some(middle));
    assert_eq!(world.message(channel, MessageId(middle.0 - 1)), None);
    assert_eq!(world.messages(channel, Page::Latest, 0), []);
    assert_eq!(world.messages(ChannelId(5), Page::Latest, 10), []);
}

#[test]
fn the_cache_does_not_change_what_is_found() {
    let (warm, cold) = (world(33, 3, 0.0), world(33, 3, 0.0));
    let channel = warm.guilds()[1].system_channel().expect("a channel to talk in");
    walk(&warm, channel, 100, true);
    let before = warm.messages(channel, Page::Latest, 50)[49].message.id;
    let page = Page::Before(before);
    assert_eq!(warm.messages(channel, page, 100), cold.messages(channel, page, 100));
}

#[test]
fn edits_and_reactions_are_found_later() {
    let mut world = world(34, 2, 200.0);
    let live = play(&mut world, 30_000);
    let mut edited = BTreeMap::new();
    let mut given = BTreeMap::<MessageId, i64>::new();
    let mut deleted = BTreeSet::new();
    for event in &live {
        match event.what {
            Happening::MessageUpdate(message, Change::Edited) => {
                edited.insert(message.id, event.at);
            }
            Happening::ReactionAdd(reaction) => *given.entry(reaction.message).or_default() += 1,
            Happening::ReactionRemove(reaction) => {
                *given.entry(reaction.message).or_default() -= 1;
            }
            Happening::MessageDelete(message) => {
                deleted.insert(message.id);
            }
            _ => {}
        }
    }
    let mut seen = (0, 0);
    for event in &live {
        let Happening::MessageCreate(message) = event.what else { continue };
        let found = world.message(message.channel, message.id);
        assert_eq!(found.is_none(), deleted.contains(&message.id));
        let Some(found) = found else { continue };
        assert_eq!(found.edited_at, edited.get(&message.id).copied());
        let reactions: u32 = found.reactions.iter().map(|count| count.count).sum();
        assert_eq!(i64::from(reactions), given.get(&message.id).copied().unwrap_or(0));
        seen.0 += u32::from(found.edited_at.is_some());
        seen.1 += reactions;
    }
    assert!(seen.0 > 5 && seen.1 > 100, "{seen:?}");
}

#[test]
fn the_last_message_of_a_channel_is_its_newest_page() {
    let mut world = world(35, 3, 30.0);
    play(&mut world, 20_000);
    for guild in world.guilds() {
        let channel = guild.system_channel().expect("a channel to talk in");
        let newest = &world.messages(channel, Page::Latest, 1)[0];
        let last = world.last_message_id(guild, channel).expect("people talk here");
        assert!(last >= newest.message.id, "a deleted message stays the last one");
    }
}
