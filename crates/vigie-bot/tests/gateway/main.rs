//! The bot against a gateway whose every word the test speaks: log-in, resumes, refusals, hostile frames, the way into
//! the outbox, and the end.

mod fake;
mod history;
mod readings;
mod refusals;
mod restarts;
mod sessions;
mod switches;

use std::sync::{Arc, Once};
use std::time::Duration;

use fake::{Connection, Fake, TOKEN};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_bot::{
    Bot, BotConfig, BotError, BotStatus, Collect, ShardState, ShardStatus, StatusReader, limits,
};
use vigie_core::vocabulary::{GuildId, Record};
use vigie_relay::{Faults, Outbox, OutboxConfig, Sender, SenderConfig, Subscriber, transport};

/// Longer than any step of a test takes, on any machine: only a test that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running bot and everything that it touches.
struct Stage {
    fake: Fake,
    outbox: Outbox,
    reader: StatusReader,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), BotError>>,
    records: Subscriber,
    /// Everything delivered so far.
    delivered: Vec<Record>,
    _folder: TempDir,
}

impl Stage {
    /// Starts a bot on a fresh server.
    async fn start() -> Self {
        Self::start_with(Fake::start().await, |_| {}).await
    }

    async fn start_with(fake: Fake, change: impl FnOnce(&mut BotConfig)) -> Self {
        Self::start_on(fake, change, None).await
    }

    /// Starts a bot on a disk that fails as told.
    async fn start_on(
        fake: Fake,
        change: impl FnOnce(&mut BotConfig),
        faults: Option<Arc<dyn Faults>>,
    ) -> Self {
        install_tls();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("outbox.sqlite");
        let outbox =
            Outbox::open(OutboxConfig { faults, ..OutboxConfig::new(path) }).expect("opens");
        let (publisher, records) = transport::in_process(16);
        tokio::spawn(
            Sender::new(outbox.clone(), publisher, SenderConfig::default())
                .run(CancellationToken::new()),
        );
        let stop = CancellationToken::new();
        let mut config = config(&fake.api_url());
        change(&mut config);
        let bot = Bot::start(config, outbox.clone(), stop.clone()).await.expect("starts");
        let reader = bot.status_reader();
        let ended = tokio::spawn(bot.run_to_end());
        let delivered = Vec::new();
        Self { fake, outbox, reader, stop, ended, records, delivered, _folder: folder }
    }

    /// Ends the process, well or by a kill, and starts the next one on what it left behind.
    async fn next_process(mut self, end: End) -> Self {
        match end {
            End::Stop => {
                self.stop.cancel();
                within(&mut self.ended).await.expect("no panic").expect("ends well");
            }
            // The bot is dropped with its task, at whatever it was.
            End::Kill => {
                self.ended.abort();
                within(&mut self.ended).await.expect_err("aborted");
            }
        }
        self.stop = CancellationToken::new();
        let config = config(&self.fake.api_url());
        let bot = Bot::start(config, self.outbox.clone(), self.stop.clone()).await.expect("starts");
        self.reader = bot.status_reader();
        self.ended = tokio::spawn(bot.run_to_end());
        self
    }

    /// Waits until the status is as wanted.
    async fn until(&self, wanted: impl Fn(&ShardStatus) -> bool) {
        within(async {
            while !wanted(&self.status().shards[0]) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
    }

    fn status(&self) -> BotStatus {
        self.reader.status()
    }

    /// The next records that arrive behind the outbox, with their producer.
    async fn delivered(&mut self) -> (String, Vec<Record>) {
        let delivery = within(self.records.next()).await.expect("the sender runs");
        let decode = |bytes: &[u8]| vigie_wire::decode(bytes).expect("own bytes");
        let records: Vec<Record> =
            delivery.entries.iter().map(|(_, bytes)| decode(bytes)).collect();
        self.delivered.extend_from_slice(&records);
        delivery.ack.done();
        (delivery.producer.to_string(), records)
    }

    /// Waits until everything sent on `connection` so far has been handled, by sending one guild more.
    async fn settle(&mut self, connection: &mut Connection) {
        let marker = MARKER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        connection.dispatch("GUILD_CREATE", &guild(marker));
        loop {
            let (_, records) = self.delivered().await;
            if records.iter().any(|record| record.guild() == Some(GuildId(marker))) {
                return;
            }
        }
    }

    /// Asks the bot to end and gives everything that it ever handed to the outbox.
    async fn end(mut self) -> Vec<Record> {
        self.stop.cancel();
        within(&mut self.ended).await.expect("no panic").expect("ends well");
        while self.outbox.stats().pending_entries > 0 {
            tokio::select! {
                _ = self.delivered() => {}
                // An acknowledged entry leaves the outbox a moment after the delivery.
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
        self.delivered
    }
}

/// How a process ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    Kill,
}

static MARKER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1_000);

async fn within<F: IntoFuture>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}

/// What the program does in its main function.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .expect("the first to install one");
    });
}

fn config(api_url: &str) -> BotConfig {
    BotConfig {
        token: TOKEN.to_owned().into(),
        api_url: Some(api_url.to_owned()),
        gateway_url: None,
        shard_count: None,
        collect: Collect { messages: true, reactions: true, voice: true, ..Collect::NOTHING },
        switches: vigie_bot::switches::none(),
        flush_interval_ms: 60_000,
        journal_interval_ms: limits::JOURNAL_INTERVAL_MS_DEFAULT,
        bot_name: "test".to_owned(),
    }
}

fn guild(id: u64) -> Value {
    json!({"id": id.to_string(), "name": "Guild", "owner_id": "5", "member_count": 3, "channels": []})
}

fn message(id: u64) -> Value {
    json!({
        "id": id.to_string(), "type": 0, "guild_id": "77", "channel_id": "78", "content": "",
        "author": {"id": "79", "username": "ada"},
    })
}

/// Messages counted in windows of guild 77.
fn messages_in(records: &[Record]) -> u64 {
    let windows = records.iter().filter_map(|record| match record {
        Record::ActivityWindow(window) if window.guild == GuildId(77) => Some(window),
        _ => None,
    });
    windows.flat_map(|window| &window.cells).map(|cell| u64::from(cell.counts.messages)).sum()
}

/// An id of now, as messages have, number `n` of this test.
fn id_now(n: u64) -> u64 {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    let now = vigie_core::vocabulary::UnixMs(since_1970.as_millis() as i64);
    vigie_core::vocabulary::snowflake_at(now) + n
}

#[tokio::test]
async fn logs_in_counts_and_commits_everything_at_the_end() {
    let mut stage = Stage::start().await;
    let (mut connection, identify) = within(stage.fake.logged_in()).await;
    assert!(connection.uri.starts_with("/?v=10&encoding=json"), "{}", connection.uri);
    assert_eq!(identify["token"], format!("Bot {TOKEN}"));
    assert_eq!(identify["intents"], 1 | 1 << 3 | 1 << 7 | 1 << 9 | 1 << 10);
    assert_eq!(identify["shard"], json!([0, 1]));
    assert_eq!(identify["properties"]["browser"], "vigie");

    connection.dispatch("GUILD_CREATE", &guild(77));
    let (producer, records) = stage.delivered().await;
    assert_eq!(producer, "test/0");
    assert!(matches!(&records[..], [Record::Guild(guild)] if guild.id == GuildId(77)));

    for n in 0..250 {
        connection.dispatch("MESSAGE_CREATE", &message(id_now(n)));
    }
    connection.dispatch("TYPING_START", &json!({}));
    stage.settle(&mut connection).await;
    let status = stage.status();
    // READY, two guilds, 250 messages.
    assert_eq!(status.counted, 253);
    assert_eq!(status.set_aside["event.TYPING_START"], 1);
    assert_eq!(status.shards[0].state, ShardState::Ready);
    assert_eq!(status.shards[0].guilds, 2);
    // READY, two guilds, 250 messages, typing.
    assert_eq!(status.shards[0].events, 254);
    assert!(status.shards[0].last_event_unix_ms.is_some());

    let reader = stage.reader.clone();
    let closing = tokio::spawn(async move { connection.closed().await });
    assert_eq!(messages_in(&stage.end().await), 250);
    // The session stays, for the next process to resume.
    assert_eq!(within(closing).await.expect("no panic"), Some(4000));
    assert_eq!(reader.status().shards[0].state, ShardState::Stopped);
}

#[tokio::test]
async fn windows_leave_on_their_interval() {
    let mut stage =
        Stage::start_with(Fake::start().await, |config| config.flush_interval_ms = 100).await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    while messages_in(&stage.delivered) == 0 {
        stage.delivered().await;
    }
    stage.end().await;
}

#[tokio::test]
async fn hostile_frames_are_accounted_for_and_the_shard_goes_on() {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    for text in [
        "not json at all",
        "{\"t\":\"MESSAGE_CREATE\",\"s\":900,\"op\":0,\"d\":{\"id\":",
        "{\"op\":77,\"d\":null}",
        "",
        "[]",
    ] {
        connection.text(text.to_owned());
    }
    connection.dispatch("MESSAGE_CREATE", &json!({"guild_id": "77", "type": 0, "channel_id": []}));
    connection.dispatch("MESSAGE_CREATE", &json!("a string"));
    connection.dispatch("GUILD_CREATE", &json!({"id": "0"}));
    connection.dispatch("NEVER_SEEN", &json!(null));
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    connection.dispatch(
        "MESSAGE_CREATE",
        &json!({"content": "x".repeat(1 << 20), "type": 7, "guild_id": 77}),
    );
    stage.settle(&mut connection).await;

    let status = stage.status();
    let expected = [
        ("event.other", 1),
        ("frame.missing_data", 1),
        ("frame.truncated", 1),
        // The client library cannot find an operation code in three of them.
        ("frame.unreadable", 3),
        ("guild.missing_id", 1),
        ("message.missing_channel", 1),
        ("message.type_7", 1),
    ];
    let expected = expected.map(|(reason, count)| (reason.to_owned(), count));
    assert_eq!(status.set_aside, expected.into());
    assert_eq!(status.counted, 3);
    assert_eq!(messages_in(&stage.end().await), 1);
}

#[tokio::test]
async fn each_shard_has_its_own_place_and_producer() {
    let mut stage =
        Stage::start_with(Fake::start().await, |config| config.shard_count = Some(3)).await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        let connection = within(stage.fake.connection()).await;
        connection.hello(45_000);
        connections.push((0, connection));
    }
    for (shard, connection) in &mut connections {
        let identify = within(connection.heard(2)).await;
        *shard = identify["shard"][0].as_u64().expect("a number");
        connection.ready(&stage.fake.gateway_url());
    }
    connections.sort_by_key(|(shard, _)| *shard);
    for (shard, connection) in &mut connections {
        connection.dispatch("GUILD_CREATE", &guild(100 + *shard));
        let id = GuildId(100 + *shard);
        loop {
            let (producer, records) = stage.delivered().await;
            if records.iter().any(|record| matches!(record, Record::Guild(guild) if guild.id == id))
            {
                assert_eq!(producer, format!("test/{shard}"));
                break;
            }
        }
    }
    let status = stage.status();
    assert_eq!(
        status.shards.iter().map(|shard| (shard.id, shard.guilds)).collect::<Vec<_>>(),
        [(0, 1), (1, 1), (2, 1)]
    );
    stage.end().await;
}

#[tokio::test]
async fn ends_although_the_gateway_never_answers_the_close() {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    stage.settle(&mut connection).await;
    // The server keeps the line but reads and answers nothing any more: its task waits here for ever.
    let stalled = connection.stall();
    stage.stop.cancel();
    within(&mut stage.ended).await.expect("no panic").expect("ends well");
    drop(stalled);
}

#[tokio::test]
async fn an_outbox_that_is_gone_ends_the_bot() {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    stage.settle(&mut connection).await;
    stage.outbox.clone().close().await;
    connection.dispatch("GUILD_CREATE", &guild(77));
    let error = within(&mut stage.ended).await.expect("no panic").expect_err("cannot go on");
    assert!(matches!(error, BotError::Outbox { shard: 0, .. }), "{error}");
}
