//! twilight, the library of our own bot, with its zstd stream: it logs in, counts, and survives op 7 without loss.

use std::time::Duration;

use serde_json::json;
use twilight_gateway::{
    ConfigBuilder, Event, EventTypeFlags, Intents, Shard, ShardId, StreamExt as _,
};
use twilight_http::Client as HttpClient;
use twilight_model::channel::message::MessageType;

use crate::support::Sim;

#[derive(Default)]
struct Heard {
    ready: u32,
    resumed: u32,
    guilds: u32,
    messages: u64,
    reactions_added: u64,
    reactions_removed: u64,
}

impl Heard {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Ready(_) => self.ready += 1,
            Event::Resumed => self.resumed += 1,
            Event::GuildCreate(_) => self.guilds += 1,
            Event::MessageCreate(message) => {
                self.messages +=
                    u64::from(matches!(message.kind, MessageType::Regular | MessageType::Reply));
            }
            Event::ReactionAdd(_) => self.reactions_added += 1,
            Event::ReactionRemove(_) => self.reactions_removed += 1,
            _ => {}
        }
    }
}

#[tokio::test]
async fn twilight_reads_every_guild_and_message_and_resumes_without_loss() {
    let sim = Sim::start().await;
    let intents = Intents::GUILDS | Intents::GUILD_MESSAGES | Intents::GUILD_MESSAGE_REACTIONS;
    let config = ConfigBuilder::new("any".to_owned(), intents)
        .proxy_url(sim.simulator.gateway_url())
        .build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    let mut heard = Heard::default();
    while heard.guilds < 3 {
        heard.count(&next(&mut shard).await);
    }
    for round in 1..=2 {
        sim.play(500).await;
        assert_eq!(sim.fault(json!({ "kind": "reconnect" })).await, 1);
        while heard.resumed < round {
            heard.count(&next(&mut shard).await);
        }
    }
    let sums = sim.sums();
    assert!(sums.messages > 700);
    // Everything was replayed before RESUMED but what was on its way when the connection was left.
    while heard.messages < sums.messages || heard.reactions_added < sums.reactions_added {
        heard.count(&next(&mut shard).await);
    }
    assert_eq!((heard.ready, heard.guilds, heard.messages), (1, 3, sums.messages));
    assert_eq!(heard.reactions_added, sums.reactions_added);
    assert_eq!(heard.reactions_removed, sums.reactions_removed);
    assert_eq!(sim.state().await["counters"]["identifies"], 1);
    assert_eq!(sim.state().await["sessions"][0]["compression"], "zstd-stream");
}

async fn next(shard: &mut Shard) -> Event {
    let next = shard.next_event(EventTypeFlags::all());
    let event = tokio::time::timeout(Duration::from_secs(15), next).await.expect("silence");
    event.expect("the stream goes on").expect("every payload is understood")
}

#[tokio::test]
async fn twilight_reads_what_the_rest_api_says() {
    let sim = Sim::start().await;
    let address = sim.simulator.address().to_string();
    let client = HttpClient::builder().proxy(address, true).token("any".to_owned()).build();
    let gateway = client.gateway().authed().await.unwrap().model().await.unwrap();
    assert_eq!((gateway.url, gateway.shards), (sim.simulator.gateway_url(), 1));
    let me = client.current_user().await.unwrap().model().await.unwrap();
    assert!(me.bot);
    let world = vigie_world::World::new(crate::support::config().world);
    let guild = &world.guilds()[0];
    let id = twilight_model::id::Id::new(guild.id.0);
    let told = client.guild(id).await.unwrap().model().await.unwrap();
    assert_eq!((told.name, told.roles.len()), (guild.name.clone(), guild.roles.len()));
    let channels = client.guild_channels(id).await.unwrap().models().await.unwrap();
    let members = client.guild_members(id).limit(50).await.unwrap().models().await.unwrap();
    assert_eq!(members.len(), 50.min(guild.member_count as usize));
    let channel = channels.iter().find(|channel| channel.last_message_id.is_some()).unwrap().id;
    let messages =
        client.channel_messages(channel).limit(20).await.unwrap().models().await.unwrap();
    assert!(!messages.is_empty());
    let missing = client.channel(twilight_model::id::Id::new(1)).await.unwrap_err();
    assert!(missing.to_string().contains("404"), "{missing}");
}
