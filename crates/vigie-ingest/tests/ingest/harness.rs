//! Empty databases of both engines, records whose sums are known, and a whole line from outbox to store.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, CoverageFamily,
    CoverageReason, CoverageSpan, CoverageState, GuildId, GuildRecord, Record, UnixMs, UserId,
    VoiceCell, VoiceSegment, VoiceSession, VoiceState, VoiceTime, VoiceWindow,
};
use vigie_ingest::{Consumer, IngestError, StatsReader};
use vigie_relay::transport::in_process;
use vigie_relay::{Commit, Entry, Outbox, OutboxConfig, RelayError, Sender, SenderConfig};
use vigie_store::question::{Audience, HourRange, Scope, Totals, VoiceSessionsQuestion};
use vigie_store::{Store, StoreConfig};

/// The address of the server, whose user may make databases.
const SERVER: &str = "VIGIE_TEST_POSTGRES_URL";

/// The minute of the first window: 2026-11-01 00:00 UTC.
pub const FIRST_MINUTE: u32 = 29_895_840;

/// 2020-01-01 00:00 UTC in Unix milliseconds: sessions of then are not kept.
pub const LONG_AGO: i64 = 1_577_836_800_000;

/// Runs a test on both engines, each time on the address of an empty database of its own.
pub fn each_engine(test: impl AsyncFn(&str)) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        test(&folder.path().join("store.db").display().to_string()).await;
        on_postgres(test).await;
    });
}

/// The database is dropped after the test, passed or not.
async fn on_postgres(test: impl AsyncFn(&str)) {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} is not set: run the tests with `cargo xtask test`"));
    let name =
        format!("vigie_ingest_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    execute(&server, &format!("CREATE DATABASE {name}")).await;
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    let outcome = AssertUnwindSafe(test(&format!("{host}/{name}"))).catch_unwind().await;
    execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Runs a statement behind the store's back.
pub async fn execute(url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = SqliteConnection::connect(&format!("sqlite:{url}")).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
}

pub async fn open_store(url: &str) -> Store {
    Store::open(&StoreConfig { url: url.to_owned(), connections_max: 2 }).await.unwrap()
}

pub fn open_outbox(path: &Path) -> Outbox {
    Outbox::open(OutboxConfig::new(path)).unwrap()
}

/// A window of one guild: two members, three messages and a command.
pub fn window(guild: u64, unix_minute: u32) -> Record {
    let cell = |member, messages, commands| ActivityCell {
        channel: ChannelId(guild / 2 + 1),
        member: UserId(member),
        kind: AuthorKind::Human,
        counts: ActivityCounts { messages, commands, ..ActivityCounts::default() },
    };
    let cells = vec![cell(7, 2, 0), cell(8, 1, 1)];
    Record::ActivityWindow(ActivityWindow {
        guild: GuildId(guild),
        unix_minute,
        cells,
        emojis: vec![],
    })
}

pub fn guild(id: u64) -> Record {
    Record::Guild(GuildRecord {
        id: GuildId(id),
        at: UnixMs(1_793_491_200_000),
        name: format!("guild {id}"),
        icon: None,
        owner: UserId(7),
        member_count: Some(2),
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        channels: vec![],
    })
}

/// A first sight of a guild, a minute of voice of one member, a session of 2020, and until when everything was heard.
pub fn voice(id: u64) -> Vec<Record> {
    let guild = GuildId(id);
    let minute = UnixMs(i64::from(FIRST_MINUTE) * 60_000);
    let mut time = VoiceTime::default();
    time.add(VoiceState::default(), 60_000);
    let (channel, member) = (ChannelId(id + 1), UserId(7));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    let session = |started_at: i64| VoiceSession {
        channel,
        member,
        kind: AuthorKind::Human,
        started_at: UnixMs(started_at),
        ended_at: UnixMs(started_at + 60_000),
        start_heard: true,
        end_heard: true,
        time,
        segments: vec![VoiceSegment { state: VoiceState::default(), duration_ms: 60_000 }],
    };
    let sight = CoverageFamily::ALL.map(|family| CoverageSpan {
        family,
        from: minute,
        until: None,
        state: CoverageState::Observed,
        reason: CoverageReason::None,
    });
    vec![
        Record::Coverage(guild, sight.to_vec()),
        Record::VoiceWindow(VoiceWindow {
            guild,
            unix_hour: FIRST_MINUTE / 60,
            cells: vec![VoiceCell { channel, member, time, ..VoiceCell::default() }],
            ..VoiceWindow::default()
        }),
        Record::VoiceSessions(guild, vec![session(LONG_AGO), session(now)]),
        Record::HeardUntil(UnixMs(minute.0 + 60_000)),
    ]
}

/// The sessions of a guild in the tables, by when they began.
pub async fn sessions(store: &Store, guild: u64) -> Vec<i64> {
    let question = VoiceSessionsQuestion {
        guild: GuildId(guild),
        from_ms: 0,
        to_ms: i64::MAX,
        audience: Audience::All,
        member: None,
        scope: Scope::Guild,
        after: None,
        limit: 10,
    };
    let rows = store.voice_sessions(&question).await.unwrap().rows;
    rows.iter().map(|row| row.session.started_at.0).collect()
}

/// One commit of records, each on its lane.
pub fn commit(producer: &str, records: &[Record]) -> Commit {
    let entries = records.iter().map(|record| {
        let mut bytes = Vec::new();
        vigie_wire::encode(record, &mut bytes);
        Entry { lane: record.lane() as u8, bytes: bytes.into() }
    });
    Commit { producer: producer.into(), entries: entries.collect(), ..Commit::default() }
}

/// Everything that the tables hold of a guild.
pub async fn totals(store: &Store, guild: u64) -> Totals {
    let range = HourRange { from: FIRST_MINUTE / 60, to: FIRST_MINUTE / 60 + 24 * 60 };
    store.totals(GuildId(guild), range, Audience::All, None).await.unwrap()
}

/// An outbox with everything behind it running.
pub struct Line {
    pub outbox: Outbox,
    pub stats: StatsReader,
    pub committed: broadcast::Receiver<GuildId>,
    stop: CancellationToken,
    sender: JoinHandle<Result<(), RelayError>>,
    consumer: JoinHandle<Result<(), IngestError>>,
}

impl Line {
    pub fn start(outbox: &Outbox, store: &Store, batch_entries_max: usize) -> Self {
        let (publisher, subscriber) = in_process(4);
        let stop = CancellationToken::new();
        let config = SenderConfig { batch_entries_max, retry_first_ms: 5, ..Default::default() };
        let sender = Sender::new(outbox.clone(), publisher, config);
        let (committed, receiver) = broadcast::channel(10_000);
        let consumer = Consumer::new(store.clone(), subscriber, committed);
        let stats = consumer.stats();
        Self {
            outbox: outbox.clone(),
            stats,
            committed: receiver,
            sender: tokio::spawn(sender.run(stop.clone())),
            consumer: tokio::spawn(consumer.run(stop.clone())),
            stop,
        }
    }

    /// Waits until everything committed has been acknowledged and forgotten.
    pub async fn drained(&self) {
        self.until(|line| line.outbox.stats().pending_entries == 0).await;
    }

    pub async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let wait = async {
            // The statistics have no bell.
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("{:?} {:?}", self.outbox.stats(), self.stats.read()));
    }

    /// Waits for something that the database must be asked about.
    pub async fn until_async(&self, condition: impl AsyncFn() -> bool) {
        let wait = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("{:?}", self.stats.read()));
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.sender.await.unwrap().unwrap();
        self.consumer.await.unwrap().unwrap();
    }

    /// Everything under way is lost at once, as when the process dies.
    pub async fn kill(self) {
        self.sender.abort();
        self.consumer.abort();
        let _ = (self.sender.await, self.consumer.await);
    }
}

/// A copy of an outbox's files, as a crash would leave them.
pub fn copy_outbox(path: &Path, name: &str) -> PathBuf {
    let copy = path.with_file_name(name);
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(log(path), log(&copy)).unwrap();
    copy
}
