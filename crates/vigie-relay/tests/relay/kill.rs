//! A process killed at any instant: what was committed is there, whole, and the numbers go on.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytes::Bytes;
use vigie_relay::Outbox;

use crate::common::{collect, commit, open};

/// Set for the child process that is to be killed: the path of its outbox.
const CHILD_OUTBOX: &str = "VIGIE_RELAY_TEST_CHILD_OUTBOX";

/// Entries of each commit of the child.
const ENTRIES: u64 = 7;

/// Commits without end, printing how many commits are durable, until it is killed. Each has entries and a frame that
/// names it; every tenth is a checkpoint, every third of the others has a frame alone.
async fn commit_until_killed(path: &Path) {
    let outbox = open(path);
    for index in 0u64.. {
        let entries = if has_entries(index) { ENTRIES as usize } else { 0 };
        let mut next = commit("bot/0", 1, entries);
        next.journal = format!("{index}").into();
        next.checkpoint = index.is_multiple_of(10).then(|| format!("{index}").into());
        outbox.commit(next).await.unwrap();
        let line = format!("\ndurable {}\n", index + 1);
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    }
}

fn has_entries(index: u64) -> bool {
    index.is_multiple_of(10) || !index.is_multiple_of(3)
}

/// How many of the child's commits are there, by its state: it must be whole.
async fn commits_there(outbox: &Outbox) -> u64 {
    let recovery = outbox.recover("bot/0").await.unwrap();
    let number = |bytes: &Bytes| std::str::from_utf8(bytes).unwrap().parse::<u64>().unwrap();
    let first =
        recovery.checkpoint.as_ref().map(number).expect("the first commit has a checkpoint");
    let frames: Vec<_> = recovery.journal.iter().map(number).collect();
    assert_eq!(frames, (first..first + frames.len() as u64).collect::<Vec<_>>());
    assert!((1..=10).contains(&frames.len()), "{frames:?}");
    assert_eq!(recovery.damage, []);
    first + frames.len() as u64
}

/// Starts this very test as a child, kills it after some commits; returns the last number that it reported.
fn kill_a_child(path: &Path, after_reports: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_killed_process_loses_no_commit", "--nocapture"])
        .env(CHILD_OUTBOX, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut reports = std::iter::from_fn(|| lines.next())
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("durable ")?.parse().ok());
    let mut last = reports.nth(after_reports - 1).expect("the child commits");
    child.kill().unwrap();
    if let Some(later) = reports.last() {
        last = later;
    }
    child.wait().unwrap();
    last
}

#[tokio::test]
async fn a_killed_process_loses_no_commit() {
    if let Some(path) = std::env::var_os(CHILD_OUTBOX) {
        return commit_until_killed(&PathBuf::from(path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let mut last = 0;
    for after_reports in [1, 10, 35, 200] {
        let reported = kill_a_child(&path, after_reports);
        let outbox = open(&path);
        let commits = commits_there(&outbox).await;
        // The commit under way may have become durable without being reported.
        assert!(
            commits == reported || commits == reported + 1,
            "{reported} reported, {commits} there"
        );
        let pending = outbox.stats().pending_entries;
        let with_entries = (0..commits).filter(|&index| has_entries(index)).count() as u64;
        assert_eq!(pending, with_entries * ENTRIES, "entries and state are of the same commits");
        let arrived = collect(&outbox, pending as usize).await;
        assert_eq!(arrived.places("bot/0", 1), (1..=pending).collect::<Vec<_>>());
        let numbers = arrived.numbers("bot/0", 1);
        assert!(numbers[0] > last, "numbers never go back");
        last = numbers[pending as usize - 1];
        outbox.close().await;
    }
}

#[tokio::test]
async fn files_copied_between_two_commits_open_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = open(&path);
    outbox.commit(commit("bot/0", 1, 300)).await.unwrap();
    outbox.commit(commit("bot/0", 0, 4)).await.unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(folder.path().join("outbox.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    drop(outbox);

    let outbox = open(&copy);
    assert_eq!(outbox.stats().pending_entries, 304);
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    let arrived = collect(&outbox, 305).await;
    assert_eq!(arrived.numbers("bot/0", 1).len(), 301);
    assert!(arrived.numbers("bot/0", 1).is_sorted());
    assert_eq!(arrived.places("bot/0", 0), [1, 2, 3, 4]);
}
