//! The firehose pours exactly what it says, to a real client.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use twilight_gateway::{ConfigBuilder, Intents, Message, Shard, ShardId};
use vigie_sim::Compression;
use vigie_sim::firehose::{FirehoseConfig, serve};

/// What one shard heard.
#[derive(Default)]
struct Heard {
    guilds: u64,
    messages: u64,
    commands: u64,
    reactions: u64,
    sequence: u64,
}

/// twilight asks for zstd-stream.
async fn hear(gateway_url: String, id: ShardId, last_sequence: u64) -> Heard {
    let intents = Intents::GUILDS | Intents::GUILD_MESSAGES | Intents::GUILD_MESSAGE_REACTIONS;
    let config = ConfigBuilder::new("any".to_owned(), intents).proxy_url(gateway_url);
    let mut shard = Shard::with_config(id, config.build());
    let mut heard = Heard::default();
    while heard.sequence < last_sequence {
        let Some(Ok(Message::Text(text))) = shard.next().await else { continue };
        let event: serde_json::Value = serde_json::from_str(&text).unwrap();
        let Some(sequence) = event["s"].as_u64() else { continue };
        assert_eq!(sequence, heard.sequence + 1);
        heard.sequence = sequence;
        match (event["t"].as_str(), event["d"]["type"].as_u64()) {
            (Some("GUILD_CREATE"), _) => heard.guilds += 1,
            (Some("MESSAGE_CREATE"), Some(0 | 19)) => heard.messages += 1,
            (Some("MESSAGE_CREATE"), Some(20 | 23)) => heard.commands += 1,
            (Some("MESSAGE_REACTION_ADD"), _) => heard.reactions += 1,
            _ => {}
        }
    }
    heard
}

#[tokio::test]
async fn every_shard_hears_its_share_of_the_totals() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stop = CancellationToken::new();
    let config = FirehoseConfig { shards: 2, ..FirehoseConfig::new(20, 5_000) };
    let firehose = serve(config, stop.clone()).await.unwrap();
    let totals = firehose.totals();
    assert!(totals.events >= 5_000 && totals.messages > 3_000, "{totals:?}");
    firehose.prepare(Compression::Zstd).await;
    let shards = [0, 1].map(|id| {
        let last = firehose.last_sequence(id);
        tokio::spawn(hear(firehose.gateway_url(), ShardId::new(id, 2), last))
    });
    let mut sum = Heard::default();
    for shard in shards {
        let heard = tokio::time::timeout(Duration::from_secs(20), shard).await.unwrap().unwrap();
        sum.guilds += heard.guilds;
        sum.messages += heard.messages;
        sum.commands += heard.commands;
        sum.reactions += heard.reactions;
    }
    assert_eq!(
        (sum.guilds, sum.messages, sum.commands, sum.reactions),
        (totals.guilds, totals.messages, totals.commands, totals.reactions_added)
    );
    firehose.streamed(2).await;
    stop.cancel();
    firehose.stopped().await;
}
