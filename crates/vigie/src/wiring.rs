//! Everything is built here, by hand, in order: store, outbox, transport, consumer, sender, bot, HTTP door.

use crate::config::{self, Settings};
use crate::switches;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_api::{Api, ApiConfig, PipelineStatus, RestartOutcome};
use vigie_bot::desk::write_checkpoint;
use vigie_bot::status::Restart;
use vigie_bot::{Bot, BotConfig, BotStatus, Collect, ShardStatus, StatusReader, Switches};
use vigie_core::checkpoint::Checkpoint;
use vigie_core::vocabulary::GuildId;
use vigie_ingest::Consumer;
use vigie_relay::{Commit, Merge, Outbox, OutboxConfig, Sender, SenderConfig, transport};
use vigie_store::{Store, StoreConfig};
use vigie_wire::checkpoint::ShardCheckpoint;

/// Deliveries that may wait between sender and consumer; each is a bounded batch.
const DELIVERIES_IN_FLIGHT: usize = 16;

/// Guild changes that a slow reader of the live signal may fall behind before it is told to ask again.
const CHANGES_BUFFERED: usize = 1024;

/// How long an orderly end waits for the outbox to drain; what is left goes at the next start.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(1_000);

/// The part without a bot: what a loader of history needs, too.
pub struct Pipeline {
    /// The database.
    pub store: Store,
    /// Where records wait until they are stored.
    pub outbox: Outbox,
    outbox_file: PathBuf,
    /// Guilds whose stored numbers changed.
    pub committed: broadcast::Sender<GuildId>,
    consumer_stats: vigie_ingest::StatsReader,
    stop: CancellationToken,
    sender: JoinHandle<Result<(), vigie_relay::RelayError>>,
    consumer: JoinHandle<Result<(), vigie_ingest::IngestError>>,
}

impl Pipeline {
    /// Opens database and outbox and starts to move records from one to the other.
    ///
    /// # Errors
    /// A folder that cannot be made, a database that cannot be reached or migrated, an outbox in use or damaged.
    pub async fn start(settings: &Settings) -> Result<Self> {
        std::fs::create_dir_all(&settings.data_dir).with_context(|| {
            format!("cannot make the folder {} (data_dir)", settings.data_dir.display())
        })?;
        let store = Store::open(&StoreConfig {
            url: settings.database_url(),
            connections_max: settings.store.connections_max,
        })
        .await
        .context("cannot open the database; is it running, and is database_url right?")?;
        let outbox_file = settings.data_dir.join("outbox.db");
        let outbox = Outbox::open(OutboxConfig {
            pending_bytes_max: settings.outbox.pending_bytes_max,
            merge: Some(Arc::new(MergeRecords)),
            ..OutboxConfig::new(&outbox_file)
        })
        .context("cannot open the outbox in data_dir; does another vigie use this folder?")?;
        if let Some(saved) = outbox.salvaged() {
            tracing::error!(
                moved_to = %saved.moved_to.display(),
                entries_kept = saved.entries_kept,
                entries_lost = saved.entries_lost,
                "the outbox was damaged: what could be read of it goes on, the damaged file was moved aside"
            );
        }
        let (publisher, subscriber) = transport::in_process(DELIVERIES_IN_FLIGHT);
        let (committed, _) = broadcast::channel(CHANGES_BUFFERED);
        let consumer = Consumer::new(store.clone(), subscriber, committed.clone());
        let consumer_stats = consumer.stats();
        let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
        let stop = CancellationToken::new();
        Ok(Self {
            store,
            outbox,
            outbox_file,
            committed,
            consumer_stats,
            sender: tokio::spawn(sender.run(stop.clone())),
            consumer: tokio::spawn(consumer.run(stop.clone())),
            stop,
        })
    }

    /// Waits until every committed record is stored, or the time is up; says which.
    pub async fn drained(&self, timeout: Duration) -> bool {
        let mut committed = self.committed.subscribe();
        let drained = async {
            while self.outbox.stats().pending_entries > 0 {
                // A commit wakes at once; the interval covers the acknowledgement that follows it.
                let _ = tokio::time::timeout(Duration::from_millis(20), committed.recv()).await;
            }
        };
        tokio::time::timeout(timeout, drained).await.is_ok()
    }

    /// Ends sender and consumer after what is pending is stored, or after a bounded wait.
    pub async fn stop(self) -> Result<()> {
        if !self.drained(DRAIN_TIMEOUT).await {
            tracing::warn!("The outbox still holds records; they will be stored at the next start");
        }
        self.stop.cancel();
        self.sender.await.context("the sender panicked")??;
        self.consumer.await.context("the consumer panicked")??;
        Ok(())
    }
}

/// Pipeline, bot and HTTP door: the whole product in one process.
pub struct Service {
    pipeline: Pipeline,
    bot: Bot,
    address: SocketAddr,
    stop_bot: CancellationToken,
    stop_api: CancellationToken,
    api: JoinHandle<Result<(), vigie_api::ApiError>>,
}

impl Service {
    /// Logs in and opens the HTTP door on a listener that is bound already (so that a taken port is found first).
    ///
    /// # Errors
    /// Whatever the bot needs and does not get (token, intents, network).
    pub async fn start(
        settings: &Settings,
        pipeline: Pipeline,
        listener: TcpListener,
        demo: bool,
    ) -> Result<Self> {
        let stop_bot = CancellationToken::new();
        let stop_api = CancellationToken::new();
        let (switches, _) = switches::follow(pipeline.store.clone(), stop_bot.clone()).await?;
        let config = bot_config(settings, switches);
        let bot = Bot::start(config, pipeline.outbox.clone(), stop_bot.clone()).await?;
        let address = listener.local_addr()?;
        let api = Api::new(
            ApiConfig {
                cdn_url: settings.discord.cdn_url.clone(),
                demo,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            pipeline.store.clone(),
            pipeline.committed.clone(),
            status_source(&pipeline, &bot),
        )?;
        let api = tokio::spawn(api.serve(listener, stop_api.clone()));
        Ok(Self { pipeline, bot, address, stop_bot, stop_api, api })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How the bot is doing, while it runs.
    pub fn bot_status(&self) -> StatusReader {
        self.bot.status_reader()
    }

    /// Runs until `stop` is cancelled or a part ends; then ends all parts in order, so that nothing counted is lost.
    pub async fn run(mut self, stop: CancellationToken) -> Result<()> {
        let bot_end = self.bot.run_to_end();
        tokio::pin!(bot_end);
        let outcome = tokio::select! {
            () = stop.cancelled() => None,
            ended = &mut bot_end => Some(ended.map_err(anyhow::Error::from)),
            ended = &mut self.api => Some(flatten(ended, "HTTP door")),
            ended = &mut self.pipeline.sender => Some(flatten(ended, "sender")),
            ended = &mut self.pipeline.consumer => Some(flatten(ended, "consumer")),
        };
        let stopped = outcome.is_none();
        self.stop_bot.cancel();
        if stopped {
            bot_end.await?;
            self.stop_api.cancel();
            self.pipeline.stop().await?;
            return flatten(self.api.await, "HTTP door");
        }
        match outcome {
            Some(Err(error)) => Err(error),
            _ => bail!("a part of the service ended without being asked to"),
        }
    }
}

/// How the outbox makes room at its limit: it knows no records, the wire format does.
struct MergeRecords;

impl Merge for MergeRecords {
    fn merge(&self, _lane: u8, entries: &[Bytes]) -> Option<Vec<Bytes>> {
        let entries: Vec<&[u8]> = entries.iter().map(|entry| &entry[..]).collect();
        Some(vigie_wire::merge(&entries)?.into_iter().map(Bytes::from).collect())
    }
}

/// Leaves a past behind for the bot to begin with, as if it had been running and were starting again.
///
/// # Errors
/// The outbox's.
pub async fn remember_past(settings: &Settings, outbox: &Outbox, core: Checkpoint) -> Result<()> {
    let checkpoint = write_checkpoint(&ShardCheckpoint { core, session: None });
    let commit = Commit {
        producer: format!("{}/0", settings.discord.bot_name).into(),
        entries: Vec::new(),
        checkpoint: Some(checkpoint),
        journal: Bytes::new(),
    };
    outbox.commit(commit).await.context("cannot write into the outbox")
}

fn flatten<E: std::error::Error + Send + Sync + 'static>(
    ended: Result<Result<(), E>, tokio::task::JoinError>,
    part: &str,
) -> Result<()> {
    ended
        .with_context(|| format!("the {part} panicked"))?
        .with_context(|| format!("the {part} ended"))
}

fn bot_config(settings: &Settings, switches: watch::Receiver<Arc<Switches>>) -> BotConfig {
    let discord = &settings.discord;
    BotConfig {
        token: discord.token.clone(),
        api_url: config::given(&discord.api_url),
        gateway_url: config::given(&discord.gateway_url),
        shard_count: (discord.shard_count > 0).then_some(discord.shard_count),
        collect: collect(settings),
        switches,
        flush_interval_ms: settings.collect.flush_interval_ms,
        journal_interval_ms: settings.collect.journal_interval_ms,
        bot_name: discord.bot_name.clone(),
    }
}

fn collect(settings: &Settings) -> Collect {
    Collect {
        messages: settings.collect.messages,
        reactions: settings.collect.reactions,
        voice: settings.collect.voice,
        members: settings.collect.members,
        moderation: settings.collect.moderation,
        invites: settings.collect.invites,
    }
}

/// How the parts are doing, in the words of the HTTP door: it knows neither bot nor outbox.
fn status_source(pipeline: &Pipeline, bot: &Bot) -> Arc<dyn Fn() -> PipelineStatus + Send + Sync> {
    let bot = bot.status_reader();
    let (outbox, outbox_file) = (pipeline.outbox.clone(), pipeline.outbox_file.clone());
    let consumer = pipeline.consumer_stats.clone();
    Arc::new(move || {
        let (bot, outbox, consumer) = (bot.status(), outbox.stats(), consumer.read());
        let (journal, catch_up) = (journal(&bot), catch_up(&bot));
        PipelineStatus {
            shards: bot.shards.iter().map(shard).collect(),
            journal,
            catch_up,
            readings: readings(&bot),
            outbox: vigie_api::Outbox {
                pending_entries: outbox.pending_entries,
                pending_bytes: outbox.pending_bytes,
                oldest_pending_unix_ms: outbox.oldest_pending_unix_ms,
                file_bytes: std::fs::metadata(&outbox_file).map_or(0, |file| file.len()),
            },
            ingest: vigie_api::Ingest {
                records: consumer.records,
                repeats: consumer.repeats,
                set_aside: consumer.set_aside.values().sum(),
                last_commit_unix_ms: consumer.last_commit_unix_ms,
            },
            events: vigie_api::Events { counted: bot.counted, set_aside: bot.set_aside },
        }
    })
}

/// What all connections read that no event tells.
fn readings(bot: &BotStatus) -> vigie_api::Readings {
    let each = bot.shards.iter().map(|shard| &shard.readings);
    vigie_api::Readings {
        current: each.clone().filter_map(|readings| readings.current).collect(),
        answered: each.clone().map(|readings| readings.answered).sum(),
        refused: each.clone().map(|readings| readings.refused).sum(),
        requests: each.clone().map(|readings| readings.requests).sum(),
        waiting_until_unix_ms: each.filter_map(|readings| readings.waiting_until_unix_ms).min(),
    }
}

fn shard(shard: &ShardStatus) -> vigie_api::Shard {
    let outcome = match shard.restart {
        Restart::First | Restart::Resuming => None,
        Restart::Resumed => Some(RestartOutcome::Resumed),
        Restart::NewSession => Some(RestartOutcome::NewSession),
        Restart::StateLost => Some(RestartOutcome::StateLost),
    };
    vigie_api::Shard {
        id: shard.id,
        state: shard.state.as_str().to_owned(),
        guilds: shard.guilds,
        latency_ms: shard.latency_ms,
        events: shard.events,
        last_event_unix_ms: shard.last_event_unix_ms,
        heard_until_unix_ms: shard.heard_until_unix_ms,
        last_restart: outcome.map(|outcome| vigie_api::Restart { outcome }),
    }
}

/// What all shards keep for a restart.
fn journal(bot: &BotStatus) -> vigie_api::Journal {
    vigie_api::Journal {
        bytes: bot.shards.iter().map(|shard| shard.journal_bytes).sum(),
        checkpoint_unix_ms: bot.shards.iter().filter_map(|shard| shard.checkpoint_unix_ms).min(),
    }
}

/// What all shards are reading again.
fn catch_up(bot: &BotStatus) -> vigie_api::CatchUp {
    let mut all = vigie_api::CatchUp::default();
    for one in bot.shards.iter().map(|shard| &shard.catch_up) {
        all.guilds += one.guilds;
        all.channels += one.channels;
        all.recovered += one.recovered;
        all.pages += one.pages;
        all.requests += one.requests;
        all.refused += one.refused;
        let oldest = [all.oldest_from_unix_ms, one.oldest_from_unix_ms];
        all.oldest_from_unix_ms = oldest.into_iter().flatten().min();
        all.waiting_until_unix_ms = all.waiting_until_unix_ms.max(one.waiting_until_unix_ms);
    }
    all
}
