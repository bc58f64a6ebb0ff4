//! At the limit: periodic entries are merged and then wait, urgent ones have a reserve, journals never wait; and nothing
//! is counted twice, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::task::JoinHandle;
use vigie_relay::limits::URGENT_RESERVE_BYTES_MIN;
use vigie_relay::{
    Commit, Delivery, Entry, Fault, Faults, Merge, Outbox, OutboxConfig, RelayError,
};

use crate::common::{Line, commit, open, open_with_room, sizes};

/// Entries are "name count": merging adds the counts of each name.
struct Sums;

fn parse(bytes: &[u8]) -> (String, u64) {
    let text = std::str::from_utf8(bytes).unwrap();
    let (name, count) = text.split_once(' ').unwrap();
    (name.to_owned(), count.parse().unwrap())
}

impl Merge for Sums {
    fn merge(&self, lane: u8, entries: &[Bytes]) -> Option<Vec<Bytes>> {
        assert_ne!(lane, 0, "urgent entries stay as they are");
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for (name, count) in entries.iter().map(|bytes| parse(bytes)) {
            *sums.entry(name).or_default() += count;
        }
        let is_less = sums.len() < entries.len();
        is_less
            .then(|| sums.into_iter().map(|(name, sum)| format!("{name} {sum}").into()).collect())
    }
}

fn count(producer: &str, lane: u8, names: impl IntoIterator<Item = u64>) -> Commit {
    let entry = |name| Entry { lane, bytes: format!("guild-{name} 1").into() };
    let entries = names.into_iter().map(entry).collect();
    Commit { producer: producer.into(), entries, ..Commit::default() }
}

/// What the far side holds: the sums of what it has not seen before.
#[derive(Debug, Default)]
struct Far {
    cursors: BTreeMap<(String, u8), u64>,
    sums: BTreeMap<(String, u8, String), u64>,
}

impl Far {
    fn apply(&mut self, delivery: &Delivery) {
        let stream = (delivery.producer.to_string(), delivery.lane);
        let cursor = self.cursors.entry(stream.clone()).or_default();
        for (number, bytes) in &delivery.entries {
            if number > cursor {
                *cursor = *number;
                let (name, count) = parse(bytes);
                *self.sums.entry((stream.0.clone(), stream.1, name)).or_default() += count;
            }
        }
    }
}

fn add(sums: &mut BTreeMap<(String, u8, String), u64>, commit: &Commit) {
    for entry in &commit.entries {
        let (name, count) = parse(&entry.bytes);
        *sums.entry((commit.producer.to_string(), entry.lane, name)).or_default() += count;
    }
}

fn config(folder: &tempfile::TempDir, pending_bytes_max: u64) -> OutboxConfig {
    let path = folder.path().join("outbox.db");
    OutboxConfig { pending_bytes_max, merge: Some(Arc::new(Sums)), ..OutboxConfig::new(path) }
}

async fn drain(line: &mut Line, far: &mut Far) {
    while line.outbox.stats().pending_entries > 0 {
        let next = tokio::time::timeout(Duration::from_millis(20), line.subscriber.next());
        let Ok(Some(delivery)) = next.await else { continue };
        far.apply(&delivery);
        delivery.ack.done();
    }
    assert_eq!(line.outbox.salvaged(), None, "what merging leaves is no damage");
}

#[tokio::test]
async fn an_outage_without_end_is_merged_and_not_one_count_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody takes anything: of 100,000 entries 4,000 fit.
    let outbox = Outbox::open(config(&folder, 40_000)).unwrap();
    let mut truth = BTreeMap::new();
    for round in 0..200 {
        let commit = count("bot/0", 1, (0..500).map(|place| (place + round) % 50));
        add(&mut truth, &commit);
        outbox.commit(commit).await.unwrap();
    }
    let stats = outbox.stats();
    assert!(stats.pending_bytes < 50_000, "{stats:?}");
    assert!(stats.merged_bytes > 500_000, "{stats:?}");
    outbox.close().await;
    let (mut line, mut far) = (Line::start(config(&folder, 40_000), 500), Far::default());
    drain(&mut line, &mut far).await;
    assert_eq!(far.sums, truth);
    line.stop().await;
}

#[tokio::test]
async fn what_may_have_been_published_stays_as_it_is_across_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut line = Line::start(config(&folder, 60_000), 100);
    let (mut truth, mut far) = (BTreeMap::new(), Far::default());
    let backlog = count("bot/0", 1, (0..5_000).map(|place| place % 7));
    add(&mut truth, &backlog);
    line.outbox.commit(backlog).await.unwrap();
    // Two deliveries are stored, of the second the answer is lost, a third is on its way: then the power goes.
    let first = line.subscriber.next().await.unwrap();
    far.apply(&first);
    first.ack.done();
    let second = line.subscriber.next().await.unwrap();
    far.apply(&second);
    let config = line.crash(folder.path().join("copy.db")).await;
    drop(second);
    let outbox = Outbox::open(config.clone()).unwrap();
    for _ in 0..20 {
        let more = count("bot/0", 1, (0..500).map(|place| place % 7));
        add(&mut truth, &more);
        outbox.commit(more).await.unwrap();
    }
    assert!(outbox.stats().merged_bytes > 30_000, "{:?}", outbox.stats());
    outbox.close().await;
    let mut line = Line::start(config, 100);
    drain(&mut line, &mut far).await;
    assert_eq!(far.sums, truth);
    line.stop().await;
}

#[tokio::test]
async fn an_outbox_that_is_full_when_it_opens_merges_what_it_finds() {
    let folder = tempfile::tempdir().unwrap();
    let without = OutboxConfig { merge: None, ..config(&folder, 60_000) };
    let outbox = Outbox::open(without).unwrap();
    outbox.commit(count("bot/0", 1, (0..7_000).map(|place| place % 7))).await.unwrap();
    assert!(outbox.stats().pending_bytes > 60_000);
    outbox.close().await;
    let outbox = Outbox::open(config(&folder, 60_000)).unwrap();
    outbox.commit(count("bot/0", 1, 0..5)).await.unwrap();
    // All but the first 1,024, which the earlier process may have published.
    assert_eq!(outbox.stats().pending_entries, 1_024 + 7 + 5);
}

#[tokio::test]
async fn urgent_commits_and_journals_do_not_wait_when_periodic_ones_do() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open_with_room(&folder.path().join("outbox.db"), sizes(10));
    outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
    let waiting = wait_for_room(&outbox, commit("bot/0", 1, 1)).await;
    outbox.commit(commit("bot/1", 0, 3)).await.unwrap();
    let frame = Commit { producer: "bot/1".into(), journal: "f".into(), ..Commit::default() };
    outbox.commit(frame.clone()).await.unwrap();
    // The reserve has an end as well.
    let mut large = commit("bot/1", 0, 1);
    large.entries[0].bytes = vec![0; URGENT_RESERVE_BYTES_MIN as usize].into();
    outbox.commit(large).await.unwrap();
    let urgent = wait_for_room(&outbox, commit("bot/2", 0, 1)).await;
    outbox.commit(frame).await.unwrap();
    assert_eq!(outbox.recover("bot/1").await.unwrap().journal.len(), 2);
    assert_eq!(outbox.stats().pending_entries, 14);
    outbox.close().await;
    for waiting in [waiting, urgent] {
        assert!(matches!(waiting.await.unwrap(), Err(RelayError::Closed)));
    }
}

#[tokio::test]
async fn a_producer_s_frames_stay_in_order_behind_its_commit_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = open_with_room(&path, sizes(1));
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    let mut flush = commit("bot/0", 1, 1);
    flush.checkpoint = Some("state".into());
    let flush = wait_for_room(&outbox, flush).await;
    let frame = Commit { producer: "bot/0".into(), journal: "after".into(), ..Commit::default() };
    let frame = wait_for_room(&outbox, frame).await;
    crate::common::collect(&outbox, 2).await;
    flush.await.unwrap().unwrap();
    frame.await.unwrap().unwrap();
    let recovery = outbox.recover("bot/0").await.unwrap();
    assert_eq!(
        (recovery.checkpoint, recovery.journal),
        (Some("state".into()), vec!["after".into()])
    );
}

/// Hands over a commit that has to wait, and returns when it does.
async fn wait_for_room(outbox: &Outbox, commit: Commit) -> JoinHandle<Result<(), RelayError>> {
    let before = outbox.stats().commits_waiting;
    let waiting = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.commit(commit).await }
    });
    while outbox.stats().commits_waiting <= before {
        tokio::task::yield_now().await;
    }
    // Any commit of another producer is answered after the thread has seen the one that waits.
    let other = Commit { producer: "other".into(), journal: "x".into(), ..Commit::default() };
    outbox.commit(other).await.unwrap();
    assert!(!waiting.is_finished());
    waiting
}

/// Fails as many transactions as it is told.
#[derive(Default)]
struct Failing {
    full: AtomicU64,
    broken: AtomicU64,
}

impl Faults for Failing {
    fn before_transaction(&self) -> Option<Fault> {
        let take = |left: &AtomicU64| {
            left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
                .is_ok()
        };
        if take(&self.full) {
            return Some(Fault::DiskFull);
        }
        take(&self.broken).then_some(Fault::Io)
    }
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_nothing_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Arc::new(Failing::default());
    let path = folder.path().join("outbox.db");
    let config = OutboxConfig { faults: Some(faults.clone()), ..OutboxConfig::new(&path) };
    let outbox = Outbox::open(config).unwrap();
    let mut flush = commit("bot/0", 1, 5);
    (flush.checkpoint, flush.journal) = (Some("state".into()), "f".into());
    faults.full.store(1, Ordering::Release);
    let refused = outbox.commit(flush.clone()).await;
    assert!(matches!(refused, Err(RelayError::DiskFull { .. })), "{refused:?}");
    faults.broken.store(1, Ordering::Release);
    let refused = outbox.commit(flush.clone()).await;
    assert!(matches!(refused, Err(RelayError::Database { .. })), "{refused:?}");
    assert_eq!(outbox.stats().pending_entries, 0);
    assert_eq!(outbox.recover("bot/0").await.unwrap(), vigie_relay::Recovery::default());
    outbox.commit(flush).await.unwrap();
    outbox.close().await;
    let outbox = open(&path);
    let recovery = outbox.recover("bot/0").await.unwrap();
    assert_eq!((recovery.checkpoint, recovery.journal), (Some("state".into()), vec!["f".into()]));
    assert_eq!(outbox.stats().pending_entries, 5);
}

#[tokio::test]
async fn a_merge_that_fails_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Arc::new(Failing::default());
    let config = OutboxConfig { faults: Some(faults.clone()), ..config(&folder, 10_000) };
    let outbox = Outbox::open(config).unwrap();
    outbox.commit(count("bot/0", 1, (0..1_500).map(|place| place % 9))).await.unwrap();
    faults.full.store(1, Ordering::Release);
    // It waits for the merge, whose first attempt fails; itself it is written.
    outbox.commit(count("bot/0", 1, 0..5)).await.unwrap();
    assert_eq!(faults.full.load(Ordering::Acquire), 0);
    assert_eq!(outbox.stats().pending_entries, 14);
}

#[derive(Clone, Debug)]
enum Step {
    /// Producer, lane, how many entries of how many guilds.
    Commit(u8, u8, u64, u64),
    /// So many deliveries, each answered with done, refused, or stored with the answer lost.
    Deliver(Vec<u8>),
    Restart,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let entries = prop_oneof![2 => 1..20u64, 2 => 300..900u64];
    let step = prop_oneof![
        8 => (0..2u8, 0..3u8, entries, 1..40u64).prop_map(|(p, l, n, g)| Step::Commit(p, l, n, g)),
        2 => prop::collection::vec(0..5u8, 1..6).prop_map(Step::Deliver),
        1 => Just(Step::Restart),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..40)
}

/// A commit that waits for room while the steps go on.
type Waiting = (JoinHandle<Result<(), RelayError>>, Commit);

/// Takes note of a commit that has ended; `None` while it waits.
async fn settle(
    waiting: Waiting,
    truth: &mut BTreeMap<(String, u8, String), u64>,
) -> Option<Waiting> {
    let (task, commit) = waiting;
    while_unfinished(&task).await;
    if !task.is_finished() {
        return Some((task, commit));
    }
    match task.await.unwrap() {
        Ok(()) => add(truth, &commit),
        Err(error) => assert!(matches!(error, RelayError::Closed), "{error}"),
    }
    None
}

/// Gives a commit the time that one takes which need not wait for room.
async fn while_unfinished(task: &JoinHandle<Result<(), RelayError>>) {
    let finished = async {
        while !task.is_finished() {
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(30), finished).await;
}

/// One answer: 0 refused, 1 stored but the answer lost, else done. `false` when nothing comes.
async fn deliver(line: &mut Line, far: &mut Far, reply: u8) -> bool {
    let next = tokio::time::timeout(Duration::from_millis(20), line.subscriber.next());
    let Ok(Some(delivery)) = next.await else { return false };
    if reply == 0 {
        delivery.ack.retry("not now".to_owned());
        return true;
    }
    far.apply(&delivery);
    if reply > 1 {
        delivery.ack.done();
    }
    true
}

async fn play(steps: Vec<Step>, pending_bytes_max: u64) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let (mut truth, mut far, mut merged) = (BTreeMap::new(), Far::default(), 0);
    let mut line = Line::start(config(&folder, pending_bytes_max), 60);
    let mut waiting: Option<Waiting> = None;
    for (index, step) in steps.into_iter().enumerate() {
        if let Some(before) = waiting.take() {
            waiting = settle(before, &mut truth).await;
        }
        match step {
            Step::Commit(producer, lane, entries, guilds) if waiting.is_none() => {
                let names = (0..entries).map(|place| place % guilds);
                let commit = count(&format!("bot/{producer}"), lane, names);
                let (outbox, copy) = (line.outbox.clone(), commit.clone());
                let task = tokio::spawn(async move { outbox.commit(copy).await });
                // It may have to wait for room: then the steps go on meanwhile.
                waiting = settle((task, commit), &mut truth).await;
            }
            Step::Commit(..) => {}
            Step::Deliver(replies) => {
                for reply in replies {
                    deliver(&mut line, &mut far, reply).await;
                }
            }
            Step::Crash if waiting.is_none() => {
                merged += line.outbox.stats().merged_bytes;
                let copy = folder.path().join(format!("{index}.db"));
                line = Line::start(line.crash(copy).await, 60);
            }
            Step::Restart | Step::Crash => {
                merged += line.outbox.stats().merged_bytes;
                let config = line.stop().await;
                if let Some((task, commit)) = waiting.take()
                    && task.await.unwrap().is_ok()
                {
                    add(&mut truth, &commit);
                }
                line = Line::start(config, 60);
            }
        }
    }
    while waiting.is_some() || line.outbox.stats().pending_entries > 0 {
        deliver(&mut line, &mut far, 2).await;
        if let Some(before) = waiting.take() {
            waiting = settle(before, &mut truth).await;
        }
    }
    merged += line.outbox.stats().merged_bytes;
    assert_eq!(line.outbox.salvaged(), None, "what merging leaves is no damage");
    line.stop().await;
    assert_eq!(far.sums, truth);
    merged
}

#[test]
fn merging_never_changes_what_the_far_side_adds_up() {
    let merged = AtomicU64::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 16,
        source_file: Some(file!()),
        ..ProptestConfig::default()
    });
    let cases = (steps(), prop_oneof![Just(6_000), Just(30_000)]);
    let result = runner.run(&cases, |(steps, pending_bytes_max)| {
        let played = play(steps, pending_bytes_max);
        let played = async { tokio::time::timeout(Duration::from_secs(60), played).await };
        let bytes = runtime.block_on(played).expect("what is missing still comes");
        merged.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    });
    result.unwrap();
    assert!(merged.load(Ordering::Relaxed) > 0, "nothing was ever merged");
}
