//! `bench bans`: from the gateway's frame to the committed row of the ledger of moderation, in the quiet and in a raid under full load.
//!
//! The whole product runs as it does in production (bot, journal, outbox, sender, consumer, store), and so does an imaginary
//! Discord, in one process. Each ban is a frame of ours, played through the control door: its time begins before that request is
//! sent, and ends when another connection of the database sees the row, so that both ways are on the product's account.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tokio_util::sync::CancellationToken;
use vigie_bot::{Bot, BotConfig, Collect, switches};
use vigie_core::vocabulary::{UnixMs, snowflake_at};
use vigie_ingest::Consumer;
use vigie_relay::{Outbox, OutboxConfig, Sender, SenderConfig, transport};
use vigie_sim::{SimConfig, Simulator};
use vigie_store::{Store, StoreConfig};
use vigie_world::WorldConfig;

/// Size of the run.
#[derive(Args, Clone)]
pub struct Arguments {
    /// Engines to measure; PostgreSQL as VIGIE_TEST_POSTGRES_URL names it.
    #[arg(long, value_enum, default_value_t = Engine::Both)]
    engine: Engine,
    /// Guilds of the world.
    #[arg(long, default_value_t = 50)]
    guilds: u32,
    /// Live events a second beside the raid.
    #[arg(long, default_value_t = 2_000.0)]
    events_per_second: f64,
    /// Bans of the raid.
    #[arg(long, default_value_t = 1_000)]
    bans: u32,
    /// Seconds that the raid takes.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
}

/// What to measure on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
    Both,
}

/// Bans in the quiet, one after the other.
const IDLE_BANS: u32 = 200;
/// Between two of them.
const IDLE_PAUSE: Duration = Duration::from_millis(37);
/// How often the table is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(1);
/// How long the last row may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the shard must have had nothing to read before anything is measured.
const QUIET: Duration = Duration::from_secs(2);
/// What is asked for, in milliseconds: the 99th percentile in the quiet, and under load.
const TARGETS_MS: [f64; 2] = [50.0, 300.0];

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let engines = match arguments.engine {
        Engine::Both => vec![Engine::Sqlite, Engine::Postgres],
        one => vec![one],
    };
    for engine in engines {
        runtime.block_on(measure(arguments, engine))?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, engine: Engine) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = Database::create(engine, folder.path()).await?;
    let stop = CancellationToken::new();
    let stage = Stage::start(arguments, &database, folder.path(), &stop).await?;
    stage.wait_until_quiet().await?;
    let idle = stage.bans(IDLE_BANS, IDLE_PAUSE).await?;
    stage.traffic(arguments.events_per_second).await?;
    // The load is there before the raid begins.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let events_before = stage.events();
    let pause = Duration::from_secs(u64::from(arguments.seconds)) / arguments.bans;
    let begun = Instant::now();
    let raid = stage.bans(arguments.bans, pause).await?;
    let events = stage.events() - events_before;
    let rate = events as f64 / begun.elapsed().as_secs_f64();
    stage.traffic(0.0).await?;
    println!("{engine:?}, frame to committed row");
    print("  idle", idle, TARGETS_MS[0]);
    print(&format!("  raid at {rate:.0} events/s"), raid, TARGETS_MS[1]);
    stage.end(stop).await?;
    database.remove().await
}

fn print(what: &str, mut latencies: Vec<Duration>, target_ms: f64) {
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = ((latencies.len() as f64 * share).ceil() as usize).clamp(1, latencies.len());
        latencies[place - 1].as_secs_f64() * 1_000.0
    };
    let verdict = if at(0.99) <= target_ms { "within" } else { "ABOVE" };
    println!(
        "{what:<28} {:>6} bans: p50 {:>7.1} ms, p99 {:>7.1} ms, most {:>7.1} ms ({verdict} {target_ms:.0} ms)",
        latencies.len(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}

/// A database of its own for the run.
struct Database {
    url: String,
    server: Option<(String, String)>,
}

impl Database {
    async fn create(engine: Engine, folder: &std::path::Path) -> Result<Self> {
        if engine == Engine::Sqlite {
            let url = format!("sqlite://{}", folder.join("vigie.db").display());
            return Ok(Self { url, server: None });
        }
        let server = std::env::var("VIGIE_TEST_POSTGRES_URL")
            .context("VIGIE_TEST_POSTGRES_URL names no PostgreSQL: run `cargo xtask bench bans`")?;
        let name = format!("vigie_bench_{}", std::process::id());
        let mut connection = PgConnection::connect(&server).await?;
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        let (base, _) = server.rsplit_once('/').context("the address names no database")?;
        Ok(Self { url: format!("{base}/{name}"), server: Some((server.clone(), name)) })
    }

    async fn remove(self) -> Result<()> {
        if let Some((server, name)) = self.server {
            let mut connection = PgConnection::connect(&server).await?;
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            connection.execute(sqlx::AssertSqlSafe(sql)).await?;
        }
        Ok(())
    }
}

/// Looks at the table for new bans.
enum Watcher {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Watcher {
    async fn open(url: &str) -> Result<Self> {
        Ok(match url.starts_with("postgres") {
            true => Self::Postgres(PgConnection::connect(url).await?),
            false => Self::Sqlite(SqliteConnection::connect(url).await?),
        })
    }

    /// Numbers and targets of the bans above a number.
    async fn look(&mut self, guild: i64, after: i64) -> Result<Vec<(i64, i64)>> {
        const SQL: &str = "SELECT CAST(id AS BIGINT), target_id FROM moderation_logs \
            WHERE guild_id = $1 AND action = 0 AND id > $2 AND target_id IS NOT NULL ORDER BY id";
        Ok(match self {
            Self::Sqlite(connection) => {
                sqlx::query_as(SQL).bind(guild).bind(after).fetch_all(connection).await?
            }
            Self::Postgres(connection) => {
                sqlx::query_as(SQL).bind(guild).bind(after).fetch_all(connection).await?
            }
        })
    }
}

/// The product, and the Discord that it listens to.
struct Stage {
    simulator: Simulator,
    http: reqwest::Client,
    control: String,
    guild: u64,
    url: String,
    bot: Bot,
    outbox: Outbox,
    sender: tokio::task::JoinHandle<Result<(), vigie_relay::RelayError>>,
    consumer: tokio::task::JoinHandle<Result<(), vigie_ingest::IngestError>>,
    /// The next account that is banned.
    next: std::sync::atomic::AtomicU64,
}

impl Stage {
    async fn start(
        arguments: &Arguments,
        database: &Database,
        folder: &std::path::Path,
        stop: &CancellationToken,
    ) -> Result<Self> {
        let world = WorldConfig {
            guild_count: arguments.guilds,
            members_max: 5_000,
            events_per_second: 0.0,
            history_days: 0,
            start: now(),
            ..WorldConfig::default()
        };
        let guild = vigie_world::World::new(world.clone()).guilds()[0].id.0;
        let config = SimConfig { control: true, ..SimConfig::new(world) };
        let simulator = Simulator::start(config, stop.clone()).await?;
        let control = simulator.control_url().context("the control door is open")?;
        let store =
            Store::open(&StoreConfig { url: database.url.clone(), connections_max: 4 }).await?;
        let outbox = Outbox::open(OutboxConfig::new(folder.join("outbox.db")))?;
        let (publisher, subscriber) = transport::in_process(16);
        let (committed, _) = tokio::sync::broadcast::channel(1_024);
        let consumer = Consumer::new(store, subscriber, committed);
        let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
        let config = BotConfig {
            token: "bench".to_owned().into(),
            api_url: Some(simulator.api_url()),
            gateway_url: Some(simulator.gateway_url()),
            shard_count: None,
            collect: Collect::ALL,
            switches: switches::none(),
            flush_interval_ms: 60_000,
            journal_interval_ms: vigie_bot::limits::JOURNAL_INTERVAL_MS_DEFAULT,
            bot_name: "bench".to_owned(),
        };
        let (sender, consumer) =
            (tokio::spawn(sender.run(stop.clone())), tokio::spawn(consumer.run(stop.clone())));
        let bot = Bot::start(config, outbox.clone(), stop.clone()).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let next = std::sync::atomic::AtomicU64::new(snowflake_at(now()));
        let url = database.url.clone();
        Ok(Self { simulator, http, control, guild, url, bot, outbox, sender, consumer, next })
    }

    fn events(&self) -> u64 {
        self.bot.status_reader().status().shards.iter().map(|shard| shard.events).sum()
    }

    /// Waits until every guild was heard of and everything that is to be read of them was read and stored.
    async fn wait_until_quiet(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(300);
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < QUIET {
            let status = self.bot.status_reader().status();
            let is_quiet = status.shards.iter().all(|shard| {
                shard.guilds > 0
                    && shard.readings.current.is_none()
                    && shard.uncommitted_records == 0
            });
            if !is_quiet || self.outbox.stats().pending_entries > 0 {
                quiet_since = Instant::now();
            }
            ensure!(Instant::now() < deadline, "the service did not become quiet: {status:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn traffic(&self, events_per_second: f64) -> Result<()> {
        let body = json!({ "events_per_second": events_per_second });
        self.post("traffic", &body).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<()> {
        let request = self.http.post(format!("{}/{path}", self.control)).json(body);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// So many bans, one each `pause`; gives how long each took to its row.
    async fn bans(&self, count: u32, pause: Duration) -> Result<Vec<Duration>> {
        let sent: Arc<Mutex<HashMap<i64, Instant>>> = Arc::default();
        let watcher = tokio::spawn(watch(
            Watcher::open(&self.url).await?,
            self.guild as i64,
            Arc::clone(&sent),
            count as usize,
        ));
        let mut due = tokio::time::interval(pause);
        // A late one does not make the next ones come in a burst: the raid lasts as long as it was meant to, or longer.
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for _ in 0..count {
            due.tick().await;
            let user = self.next.fetch_add(1 << 22, std::sync::atomic::Ordering::Relaxed);
            sent.lock().expect("nobody panics with it").insert(user as i64, Instant::now());
            let d = json!({
                "guild_id": self.guild.to_string(),
                "user": {
                    "id": user.to_string(), "username": "raider", "discriminator": "0",
                    "global_name": null, "avatar": null,
                },
            });
            let guild = self.guild.to_string();
            let body = json!({ "guild_id": guild, "t": "GUILD_BAN_ADD", "d": d });
            self.post("dispatch", &body).await?;
        }
        tokio::time::timeout(PATIENCE, watcher).await.context("not every ban was stored")??
    }

    async fn end(self, stop: CancellationToken) -> Result<()> {
        stop.cancel();
        self.bot.run_to_end().await?;
        self.sender.await??;
        self.consumer.await??;
        self.simulator.stopped().await;
        Ok(())
    }
}

/// Looks until so many of the bans that were sent have their row.
async fn watch(
    mut watcher: Watcher,
    guild: i64,
    sent: Arc<Mutex<HashMap<i64, Instant>>>,
    count: usize,
) -> Result<Vec<Duration>> {
    let (mut after, mut latencies) = (0, Vec::with_capacity(count));
    while latencies.len() < count {
        let rows = watcher.look(guild, after).await?;
        let seen_at = Instant::now();
        for (id, target) in rows {
            after = after.max(id);
            let sent_at = sent.lock().expect("nobody panics with it").remove(&target);
            latencies.extend(sent_at.map(|at| seen_at - at));
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    Ok(latencies)
}

fn now() -> UnixMs {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    UnixMs(since.unwrap_or_default().as_millis() as i64)
}
