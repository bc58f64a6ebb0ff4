//! The measured process: logs in, counts until all is counted, reports what it used.

use super::{Kind, Report};
use crate::usage;
use anyhow::{Context, Result};
use clap::Args;
use futures_util::StreamExt;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use twilight_gateway::{ConfigBuilder, Intents, Message, Shard, ShardId};
use vigie_bot::limits::{JOURNAL_INTERVAL_MS_DEFAULT, JOURNAL_OFF};
use vigie_bot::{Bot, BotConfig, Collect};
use vigie_core::vocabulary::Record;
use vigie_relay::{Outbox, OutboxConfig, Sender, SenderConfig};

/// What it is told by the bench.
#[derive(Args)]
pub struct Arguments {
    /// What to measure.
    #[arg(long)]
    kind: Kind,
    /// REST address of the firehose.
    #[arg(long)]
    api_url: String,
    /// Gateway address of the firehose.
    #[arg(long)]
    gateway_url: String,
    /// Events that count: the baseline ends when it has counted so many.
    #[arg(long)]
    counted: u64,
    /// Dispatches in all: our bot ends when it has heard so many.
    #[arg(long)]
    dispatches: u64,
}

/// How often the bot is asked how far it is.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Runs and prints the report as JSON.
pub fn run(arguments: &Arguments) -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let report = runtime.block_on(async {
        match arguments.kind {
            Kind::Vigie => vigie(arguments, JOURNAL_INTERVAL_MS_DEFAULT).await,
            Kind::WithoutJournal => vigie(arguments, JOURNAL_OFF).await,
            Kind::Baseline => baseline(arguments).await,
        }
    })?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

async fn vigie(arguments: &Arguments, journal_interval_ms: u32) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let outbox = Outbox::open(OutboxConfig {
        pending_bytes_max: u64::MAX >> 1,
        ..OutboxConfig::new(folder.path().join("outbox.db"))
    })?;
    let stop = CancellationToken::new();
    let config = BotConfig {
        token: "bench".to_owned().into(),
        api_url: Some(arguments.api_url.clone()),
        gateway_url: Some(arguments.gateway_url.clone()),
        shard_count: None,
        collect: Collect::ALL,
        switches: vigie_bot::switches::none(),
        flush_interval_ms: 60_000,
        journal_interval_ms,
        bot_name: "bench".to_owned(),
    };
    let bot = Bot::start(config, outbox.clone(), stop.clone()).await?;
    let status = bot.status_reader();
    let heard = || status.status().shards.iter().map(|shard| shard.events).sum::<u64>();
    while heard() < arguments.dispatches {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    stop.cancel();
    bot.run_to_end().await?;
    let mut report = report(0)?;
    let stats = outbox.stats();
    report.written =
        [stats.entry_bytes_written, stats.journal_bytes_written, stats.checkpoint_bytes_written];
    // What stands in the outbox is the proof that it counted; reading it back is no part of the measurement.
    report.counted = counted(outbox).await?;
    Ok(report)
}

fn report(counted: u64) -> Result<Report> {
    let (cpu_seconds, peak_mib) = (usage::cpu_seconds()?, usage::peak_memory_mib()?);
    Ok(Report { counted, cpu_seconds, peak_mib, written: [0; 3] })
}

/// Messages, commands and reactions in the outbox, which is empty afterwards.
async fn counted(outbox: Outbox) -> Result<u64> {
    let (publisher, mut subscriber) = vigie_relay::transport::in_process(16);
    let stop = CancellationToken::new();
    let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
    let sender = tokio::spawn(sender.run(stop.clone()));
    let mut sum = 0;
    while outbox.stats().pending_entries > 0 {
        let delivery = tokio::time::timeout(POLL_INTERVAL, subscriber.next()).await;
        let Ok(Some(delivery)) = delivery else { continue };
        for (_, bytes) in &delivery.entries {
            if let Record::ActivityWindow(window) = vigie_wire::decode(bytes)? {
                let counts = window.cells.iter().map(|cell| cell.counts);
                sum += counts
                    .map(|c| {
                        u64::from(c.messages + c.commands + c.reactions_added + c.reactions_removed)
                    })
                    .sum::<u64>();
            }
        }
        delivery.ack.done();
    }
    stop.cancel();
    sender.await??;
    Ok(sum)
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    d: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    guild_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    channel_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    author: Option<User<'a>>,
    #[serde(borrow, default)]
    user_id: Option<Cow<'a, str>>,
    #[serde(default)]
    r#type: Option<u8>,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Guild, channel, member.
type Key = (u64, u64, u64);

async fn baseline(arguments: &Arguments) -> Result<Report> {
    let intents = Intents::GUILDS | Intents::GUILD_MESSAGES | Intents::GUILD_MESSAGE_REACTIONS;
    let config = ConfigBuilder::new("bench".to_owned(), intents)
        .proxy_url(arguments.gateway_url.clone())
        .build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    let mut cells: HashMap<Key, u32> = HashMap::new();
    let mut counted = 0;
    while counted < arguments.counted {
        let message = shard.next().await.context("the gateway ended the stream")?;
        let Ok(Message::Text(text)) = message else { continue };
        if let Some(key) = key(&text) {
            *cells.entry(key).or_default() += 1;
            counted += 1;
        }
    }
    anyhow::ensure!(!cells.is_empty(), "nothing was counted");
    report(counted)
}

fn key(text: &str) -> Option<Key> {
    // The name first: parsing the data of events that do not count would be unfair to the baseline.
    let name = twilight_gateway_name(text)?;
    if !matches!(name, "MESSAGE_CREATE" | "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE") {
        return None;
    }
    let frame: Frame<'_> = serde_json::from_str(text).ok()?;
    let data = frame.d?;
    if frame.t? == "MESSAGE_CREATE" && !matches!(data.r#type?, 0 | 19 | 20 | 23) {
        return None;
    }
    let member = data.author.map(|author| author.id).or(data.user_id)?;
    Some((data.guild_id?.parse().ok()?, data.channel_id?.parse().ok()?, member.parse().ok()?))
}

fn twilight_gateway_name(text: &str) -> Option<&str> {
    let rest = text.split_once("\"t\":\"")?.1;
    rest.split_once('"').map(|(name, _)| name)
}
