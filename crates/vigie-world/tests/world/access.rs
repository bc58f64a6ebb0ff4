//! What our bot may see and read, and what is done to the world from outside.

use crate::support::{payload_of, play, world, written};
use vigie_core::vocabulary::{ChannelId, MessageId, UnixMs};
use vigie_world::payload::Refusal;
use vigie_world::{Event, Happening, Page, Permission, Purpose, World, WorldConfig, payload};

fn page(world: &World, channel: ChannelId) -> Result<usize, Refusal> {
    let mut text = String::new();
    payload::messages(world, channel, Page::Latest, 100, &mut text, false)?;
    let page: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    Ok(page.as_array().expect("a list").len())
}

/// A channel with an active thread that is written in.
fn home(world: &World) -> (ChannelId, ChannelId) {
    let threads = world.guilds()[0].active_threads();
    let is_talk = |thread: &&vigie_world::Channel| {
        let parent = thread.parent.and_then(|parent| world.channel(parent));
        parent.is_some_and(|(_, parent)| parent.purpose == Purpose::Talk)
    };
    let thread = threads.filter(is_talk).last().expect("a large guild has threads");
    (thread.parent.expect("a thread has a parent"), thread.id)
}

#[test]
fn a_channel_that_may_not_be_viewed_is_hidden_with_its_threads_and_comes_back_whole() {
    let mut world = world(61, 2, 300.0);
    let (channel, thread) = home(&world);
    assert!(page(&world, channel).is_ok_and(|messages| messages > 0));
    let mut out = Vec::new();
    assert!(world.set_permission(channel, Permission::ViewChannel, false, &mut out));
    assert!(!world.set_permission(channel, Permission::ViewChannel, false, &mut out));
    assert!(!world.set_permission(thread, Permission::ViewChannel, false, &mut out));
    let told = payload_of(&world, &out[0], false);
    assert_eq!((out.len(), out[0].name), (1, "CHANNEL_UPDATE"));
    assert_eq!(told["name"], "___hidden___");
    assert_eq!(told["last_message_id"], serde_json::Value::Null);
    let ours = world.application().id.0.to_string();
    assert_eq!(told["permission_overwrites"][0]["id"], ours);
    assert_eq!(told["permission_overwrites"][0]["deny"], "1024");
    for hidden in [channel, thread] {
        assert_eq!(page(&world, hidden), Err(Refusal::MissingAccess));
    }
    let guild = &world.guilds()[0];
    let created = written(|text| payload::guild_create(&world, guild, text));
    assert!(!created["threads"].to_string().contains(&thread.0.to_string()));
    let events = play(&mut world, 60_000);
    let is_there = |event: &&Event| event.what.channel() == Some(channel);
    assert!(events.iter().filter(is_there).count() > 5, "people go on talking");
    assert!(events.iter().filter(is_there).all(|event| !world.is_told(event)));
    assert!(events.iter().filter(|event| world.is_told(event)).count() * 2 > events.len());
    out.clear();
    assert!(world.set_permission(channel, Permission::ViewChannel, true, &mut out));
    let names: Vec<_> = out.iter().map(|event| event.name).collect();
    assert_eq!(names, ["CHANNEL_UPDATE", "THREAD_LIST_SYNC"]);
    let told = payload_of(&world, &out[0], false);
    let last = world.last_message_id(&world.guilds()[0], channel).expect("people talk here");
    assert_eq!(told["last_message_id"], last.0.to_string());
    let shown = payload_of(&world, &out[1], false);
    assert_eq!(shown["channel_ids"][0], channel.0.to_string());
    assert!(shown["threads"].to_string().contains(&thread.0.to_string()));
    assert!(out.iter().all(|event| world.is_told(event)));
}

#[test]
fn without_the_permission_to_read_it_history_is_an_empty_list() {
    let mut world = world(62, 2, 0.0);
    let (channel, thread) = home(&world);
    let mut out = Vec::new();
    assert!(world.set_permission(channel, Permission::ReadMessageHistory, false, &mut out));
    assert_eq!((page(&world, channel), page(&world, thread)), (Ok(0), Ok(0)));
    assert_eq!(payload_of(&world, &out[0], false)["permission_overwrites"][0]["deny"], "65536");
    assert!(world.set_permission(channel, Permission::ReadMessageHistory, true, &mut out));
    assert!(page(&world, channel).is_ok_and(|messages| messages > 0));
    assert_eq!(page(&world, ChannelId(9)), Err(Refusal::UnknownChannel));
    let guild = &world.guilds()[0];
    let category = guild.channel_for(Purpose::Category).expect("a heading").id;
    assert_eq!(page(&world, category), Err(Refusal::WrongChannelType));
    let hidden = guild.channel_for(Purpose::Hidden).expect("a large guild has one").id;
    assert_eq!(page(&world, hidden), Err(Refusal::MissingAccess));
    assert!(world.set_permission(hidden, Permission::ViewChannel, true, &mut out));
    let told = payload_of(&world, out.last().expect("told"), false);
    assert_eq!(told["channel_ids"][0], hidden.0.to_string());
    assert_eq!(page(&world, hidden), Ok(0));
}

#[test]
fn every_message_of_the_present_is_found_in_order_after_any_other() {
    let mut world = world(63, 3, 400.0);
    let events = play(&mut world, 60_000);
    for guild in world.guilds() {
        let deleted: Vec<MessageId> =
            world.truth().deleted().iter().map(|deleted| deleted.id).collect();
        let mut made = 0;
        for (channel, count) in world.live_messages(guild) {
            let written: Vec<u64> = events
                .iter()
                .filter_map(|event| match event.what {
                    Happening::MessageCreate(message) if message.channel == channel => {
                        Some(message.id)
                    }
                    _ => None,
                })
                .filter(|id| !deleted.contains(id))
                .map(|id| id.0)
                .collect();
            let gone = deleted.iter().filter(|id| {
                let is_it = |event: &&Event| match event.what {
                    Happening::MessageCreate(message) => {
                        message.id == **id && message.channel == channel
                    }
                    _ => false,
                };
                events.iter().any(|event| is_it(&event))
            });
            assert_eq!(count as usize, written.len() + gone.count());
            let Some(first) = written.first() else { continue };
            let (mut after, mut found) = (MessageId(first - 1), Vec::new());
            loop {
                let mut page = world.messages(channel, Page::After(after), 100);
                page.reverse();
                let Some(newest) = page.last() else { break };
                after = newest.message.id;
                found.extend(page.iter().map(|found| found.message.id.0));
            }
            assert_eq!(found, written);
            made += count;
        }
        assert!(made > 0);
    }
    assert_eq!(world.forgotten_messages(), 0);
}

#[test]
fn deleted_messages_are_named_and_not_found() {
    let mut world = world(64, 2, 300.0);
    let events = play(&mut world, 60_000);
    let gone = events.iter().filter(|event| event.name == "MESSAGE_DELETE").count();
    let truth = world.truth_at(world.clock());
    assert_eq!(truth.deleted().len(), gone);
    assert!(gone > 30, "{gone}");
    for deleted in truth.deleted() {
        assert!(deleted.deleted_at >= deleted.id.time());
        assert_eq!(world.message(deleted.channel, deleted.id), None);
    }
    let back = vigie_world::Truth::from_json(&truth.to_json()).expect("its own text");
    assert_eq!(back.of_guild(world.guilds()[0].id).deleted().len(), {
        let own = |deleted: &&vigie_world::DeletedMessage| deleted.guild == world.guilds()[0].id;
        truth.deleted().iter().filter(own).count()
    });
}

#[test]
fn a_moderator_throws_people_out_of_voice() {
    let config = world(65, 1, 200.0).config().clone();
    let start = UnixMs(config.start.0 + 13 * 3_600_000);
    let mut world = World::new(WorldConfig { start, ..config });
    play(&mut world, 20_000);
    let guild = world.guilds()[0].clone();
    let seated = world.voice_states(&guild).to_vec();
    assert!(seated.len() > 3, "{}", seated.len());
    let first = world.member(&guild, seated[0].member).user.id;
    let mut out = Vec::new();
    assert_eq!(world.disconnect_voice(guild.id, Some(first), &mut out), 1);
    assert_eq!(world.disconnect_voice(guild.id, Some(first), &mut out), 0);
    assert_eq!(payload_of(&world, &out[0], true)["channel_id"], serde_json::Value::Null);
    assert_eq!(world.disconnect_voice(guild.id, None, &mut out), seated.len() - 1);
    assert!(world.voice_states(&guild).is_empty());
    let truth = world.truth_at(world.clock());
    assert!(truth.sessions().all(|(_, session)| session.end_heard));
}
