//! A twilight client that logs in with `compress=zlib-stream`, counts what it hears, and prints one line of JSON.
//!
//! `vigie-foreign-twilight-zlib --gateway ws://127.0.0.1:7700 [--token any] [--until SIM_END]`
//!
//! Every payload is parsed into twilight's own types; one that cannot be is an error in the line. The dispatch named by
//! `--until` ends the count.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use serde_json::{Value, json};
use twilight_gateway::{
    ConfigBuilder, Event, EventTypeFlags, Intents, Message, Shard, ShardId, parse,
};
use twilight_model::channel::message::MessageType;

#[derive(Default)]
struct Counted {
    ready: u32,
    resumed: u32,
    guilds: u32,
    messages: BTreeMap<String, u64>,
    reactions_added: u64,
    reactions_removed: u64,
    errors: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let gateway = argument("--gateway").expect("--gateway ws://host:port says where");
    let token = argument("--token").unwrap_or_else(|| "any".to_owned());
    let until = argument("--until").unwrap_or_else(|| "SIM_END".to_owned());
    let intents = Intents::GUILDS | Intents::GUILD_MESSAGES | Intents::GUILD_MESSAGE_REACTIONS;
    let config = ConfigBuilder::new(token, intents).proxy_url(gateway).build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    let mut counted = Counted::default();
    while let Some(item) = shard.next().await {
        match item {
            Ok(Message::Text(text)) => {
                if name(&text) == Some(until.clone()) {
                    break;
                }
                counted.read(text);
            }
            Ok(Message::Close(_)) => {}
            Err(error) => counted.errors.push(error.to_string()),
        }
    }
    println!("{}", counted.line());
}

impl Counted {
    fn read(&mut self, text: String) {
        match parse(text, EventTypeFlags::all()) {
            Ok(Some(event)) => self.count(event.into()),
            Ok(None) => {}
            Err(error) => self.errors.push(error.to_string()),
        }
    }

    fn count(&mut self, event: Event) {
        match event {
            Event::Ready(_) => self.ready += 1,
            Event::Resumed => self.resumed += 1,
            Event::GuildCreate(_) => self.guilds += 1,
            Event::MessageCreate(message)
                if matches!(message.kind, MessageType::Regular | MessageType::Reply) =>
            {
                let guild = message.guild_id.map_or(0, twilight_model::id::Id::get);
                *self.messages.entry(guild.to_string()).or_default() += 1;
            }
            Event::ReactionAdd(_) => self.reactions_added += 1,
            Event::ReactionRemove(_) => self.reactions_removed += 1,
            _ => {}
        }
    }

    fn line(&self) -> Value {
        json!({
            "client": "twilight",
            "ready": self.ready,
            "resumed": self.resumed,
            "guilds": self.guilds,
            "messages": self.messages,
            "reactions_added": self.reactions_added,
            "reactions_removed": self.reactions_removed,
            "errors": self.errors,
        })
    }
}

fn name(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value["t"].as_str().map(str::to_owned)
}

/// The word after `name` on the command line.
fn argument(name: &str) -> Option<String> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)
}
