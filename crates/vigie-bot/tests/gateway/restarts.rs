//! Ends of the process, and what the next one does: nothing is lost while Discord resumes, and what is lost is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use vigie_bot::Restart;
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageState, GuildId, MessageId, Record, UnixMs,
};
use vigie_relay::{Fault, Faults};

use crate::fake::{Connection, Fake};
use crate::{End, Stage, guild, id_now, message, messages_in, within};

/// Says messages `from..to` with the sequences that follow READY and the guild.
fn say_messages(connection: &mut Connection, ids: &[u64], from: u64, to: u64) {
    for n in from..to {
        connection.dispatch_as(n + 3, "MESSAGE_CREATE", &message(ids[n as usize]));
    }
}

/// Logs in, hears of guild 77.
async fn logged_in(stage: &mut Stage) -> Connection {
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    connection.dispatch("GUILD_CREATE", &guild(77));
    connection
}

async fn counted(stage: &Stage, count: u64) {
    within(async {
        while stage.status().counted < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
}

async fn journaled(stage: &Stage) {
    within(async {
        while stage.outbox.stats().journal_bytes == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Ends a process after 20 messages, lets 10 more pass, and gives what the next process makes of a resume.
async fn resumes_after(end: End) {
    let mut stage = Stage::start().await;
    let mut connection = logged_in(&mut stage).await;
    let ids: Vec<u64> = (0..30).map(id_now).collect();
    say_messages(&mut connection, &ids, 0, 20);
    counted(&stage, 22).await;
    // The session at least has become durable.
    journaled(&stage).await;
    let mut stage = stage.next_process(end).await;
    assert_eq!(stage.status().shards[0].restart, Restart::default());

    let mut resumed = within(stage.fake.connection()).await;
    resumed.hello(45_000);
    let resume = within(resumed.heard(6)).await;
    assert_eq!(resume["session_id"], "session-1");
    let position = resume["seq"].as_u64().expect("a number");
    // A stop keeps everything; a kill at most what was heard in the last tenth of a second is asked for again.
    match end {
        End::Stop => assert_eq!(position, 22),
        End::Kill => assert!((1..=22).contains(&position), "{position}"),
    }
    assert_eq!(stage.status().shards[0].restart, Restart::Resuming);
    stage.until(|shard| shard.replaying).await;
    if position < 2 {
        resumed.dispatch_as(2, "GUILD_CREATE", &guild(77));
    }
    say_messages(&mut resumed, &ids, position.saturating_sub(2), 30);
    resumed.dispatch_as(33, "RESUMED", &json!({"_trace": []}));
    stage.until(|shard| shard.restart == Restart::Resumed && !shard.replaying).await;
    assert_eq!(stage.status().shards[0].guilds, 1);
    let records = stage.end().await;
    assert_eq!(messages_in(&records), 30);
    let blind = |record: &Record| match record {
        Record::Coverage(_, spans) => spans.iter().any(|span| span.state == CoverageState::Blind),
        _ => false,
    };
    assert!(!records.iter().any(blind), "nothing was missed");
}

#[tokio::test]
async fn a_stop_and_a_start_resume_where_it_stopped() {
    resumes_after(End::Stop).await;
}

#[tokio::test]
async fn a_kill_and_a_start_resume_where_the_journal_ends() {
    resumes_after(End::Kill).await;
}

#[tokio::test]
async fn what_was_heard_is_durable_long_before_its_flush() {
    let mut stage = Stage::start().await;
    let mut connection = logged_in(&mut stage).await;
    stage.settle(&mut connection).await;
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    counted(&stage, 4).await;
    // The flush is a minute away.
    journaled(&stage).await;
    stage.end().await;
}

#[tokio::test]
async fn a_session_that_discord_has_forgotten_leaves_a_blind_stretch() {
    let mut stage = Stage::start().await;
    let mut connection = logged_in(&mut stage).await;
    let ids: Vec<u64> = (0..5).map(id_now).collect();
    say_messages(&mut connection, &ids, 0, 5);
    counted(&stage, 7).await;
    let mut stage = stage.next_process(End::Stop).await;

    let mut refused = within(stage.fake.connection()).await;
    refused.hello(45_000);
    within(refused.heard(6)).await;
    refused.say(&json!({"t": null, "s": null, "op": 9, "d": false}));
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(45_000);
    within(connection.heard(2)).await;
    let url = stage.fake.gateway_url();
    connection.ready_with(&url, &[77]);
    connection.dispatch("GUILD_CREATE", &guild(77));
    stage.until(|shard| shard.restart == Restart::NewSession).await;
    stage.settle(&mut connection).await;
    let records = stage.end().await;
    assert_eq!(messages_in(&records), 5);
    let spans = records.iter().filter_map(|record| match record {
        Record::Coverage(guild, spans) if *guild == GuildId(77) => Some(spans),
        _ => None,
    });
    let blind: Vec<_> = spans
        .flatten()
        .filter(|span| span.reason == CoverageReason::SessionLost && span.until.is_some())
        .map(|span| (span.family, span.state))
        .collect();
    // The guild has no channel in which anything could have been missed.
    assert!(blind.contains(&(CoverageFamily::Messages, CoverageState::Recovered)), "{blind:?}");
    assert!(blind.contains(&(CoverageFamily::Reactions, CoverageState::Blind)), "{blind:?}");
    assert!(blind.contains(&(CoverageFamily::Voice, CoverageState::Blind)), "{blind:?}");
}

/// A disk that is full for the first transactions.
#[derive(Debug)]
struct FullAtFirst(AtomicU32);

impl Faults for FullAtFirst {
    fn before_transaction(&self) -> Option<Fault> {
        let left =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.is_ok().then_some(Fault::DiskFull)
    }
}

#[tokio::test]
async fn a_disk_that_is_full_for_a_while_loses_nothing() {
    let disk = Arc::new(FullAtFirst(AtomicU32::new(3)));
    let faults: Arc<dyn Faults> = disk.clone();
    let mut stage = Stage::start_on(Fake::start().await, |_| {}, Some(faults)).await;
    let mut connection = logged_in(&mut stage).await;
    let ids: Vec<u64> = (0..10).map(id_now).collect();
    say_messages(&mut connection, &ids, 0, 10);
    counted(&stage, 12).await;
    stage.settle(&mut connection).await;
    assert_eq!(disk.0.load(Ordering::Relaxed), 0, "it was full three times");
    assert_eq!(messages_in(&stage.end().await), 10);
}

/// A disk that is full for as long as it is said to be.
#[derive(Debug, Default)]
struct Full(AtomicBool);

impl Faults for Full {
    fn before_transaction(&self) -> Option<Fault> {
        self.0.load(Ordering::Relaxed).then_some(Fault::DiskFull)
    }
}

/// A guild whose record takes about 800 kB.
fn large_guild(id: u64) -> Value {
    let mut guild = guild(id);
    let channel = |n: u64| {
        let name = "x".repeat(400);
        json!({"id": (id * 10_000 + n).to_string(), "type": 0, "name": name})
    };
    guild["channels"] = (0..2_000).map(channel).collect();
    guild
}

/// When guild 77 was blind, as far as it was told.
fn blind_from(records: &[Record]) -> Vec<UnixMs> {
    let spans = records.iter().filter_map(|record| match record {
        Record::Coverage(guild, spans) if *guild == GuildId(77) => Some(spans),
        _ => None,
    });
    let blind = spans.flatten().filter(|span| span.state == CoverageState::Blind);
    blind.map(|span| span.from).collect()
}

fn wall() -> UnixMs {
    MessageId(id_now(0)).time()
}

#[tokio::test]
async fn what_waited_in_the_socket_while_the_disk_was_full_is_not_heard_when_it_is_read() {
    let disk = Arc::new(Full::default());
    let faults: Arc<dyn Faults> = disk.clone();
    let mut stage = Stage::start_on(Fake::start().await, |_| {}, Some(faults)).await;
    let mut connection = logged_in(&mut stage).await;
    stage.settle(&mut connection).await;
    disk.0.store(true, Ordering::Relaxed);
    // More than a shard holds: the last of these waits in the socket, until Discord hangs up.
    for n in 0..12 {
        connection.dispatch("GUILD_CREATE", &large_guild(200 + n));
    }
    within(async {
        let mut before = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let counted = stage.status().counted;
            if counted > 4 && counted == before {
                break;
            }
            before = counted;
        }
    })
    .await;
    assert!(stage.status().counted < 15, "it reads on although nothing can be kept");
    drop(connection);
    let hung_up = wall();
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    disk.0.store(false, Ordering::Relaxed);

    let refused = within(stage.fake.connection()).await;
    refused.hello(45_000);
    refused.say(&json!({"t": null, "s": null, "op": 9, "d": false}));
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(45_000);
    within(connection.heard(2)).await;
    let url = stage.fake.gateway_url();
    connection.ready_with(&url, &[77]);
    connection.dispatch("GUILD_CREATE", &guild(77));
    stage.settle(&mut connection).await;
    let records = stage.end().await;
    let from = blind_from(&records);
    assert!(!from.is_empty() && from.iter().all(|from| *from <= hung_up), "{from:?} {hung_up:?}");
}

#[tokio::test]
async fn after_the_disk_was_full_time_goes_on_once_a_heartbeat_is_answered() {
    let disk = Arc::new(Full::default());
    let faults: Arc<dyn Faults> = disk.clone();
    let mut stage = Stage::start_on(Fake::start().await, |_| {}, Some(faults)).await;
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(1_000);
    within(connection.heard(2)).await;
    let url = stage.fake.gateway_url();
    connection.ready(&url);
    connection.dispatch("GUILD_CREATE", &guild(77));
    disk.0.store(true, Ordering::Relaxed);
    for n in 0..12 {
        connection.dispatch("GUILD_CREATE", &large_guild(200 + n));
    }
    counted(&stage, 6).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    disk.0.store(false, Ordering::Relaxed);
    counted(&stage, 14).await;
    let all_read = wall();
    let answers = async {
        loop {
            connection.heard(1).await;
            connection.say(&json!({"t": null, "s": null, "op": 11, "d": null}));
        }
    };
    let goes_on = stage.until(|shard| shard.heard_until_unix_ms >= Some(all_read.0));
    tokio::select! {
        () = goes_on => {}
        () = answers => {}
    }
    let records = stage.end().await;
    assert!(blind_from(&records).is_empty(), "nothing was missed");
}

#[tokio::test]
async fn a_start_that_only_resumes_needs_no_session_start() {
    let mut stage = Stage::start().await;
    let mut connection = logged_in(&mut stage).await;
    stage.settle(&mut connection).await;
    stage.fake.info.lock().expect("not poisoned")["session_start_limit"]["remaining"] = json!(0);
    let mut stage = stage.next_process(End::Stop).await;
    let mut resumed = within(stage.fake.connection()).await;
    resumed.hello(45_000);
    assert_eq!(within(resumed.heard(6)).await["session_id"], "session-1");
    stage.end().await;
}
