//! A process killed at any instant: what was committed is there, and the numbers go on.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{collect, commit, open};

/// Set for the child process that is to be killed: the path of its outbox.
const CHILD_OUTBOX: &str = "VIGIE_RELAY_TEST_CHILD_OUTBOX";

/// Commits without end, printing how many entries are durable, until it is killed.
async fn commit_until_killed(path: &Path) {
    let outbox = open(path);
    let mut durable = 0;
    loop {
        outbox.commit(commit("bot/0", 1, 7)).await.unwrap();
        durable += 7;
        let line = format!("\ndurable {durable}\n");
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    }
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
    for after_reports in [1, 10, 200] {
        let reported = kill_a_child(&path, after_reports);
        let outbox = open(&path);
        let pending = outbox.stats().pending_entries;
        // The commit under way may have become durable without being reported.
        assert!(
            pending == reported || pending == reported + 7,
            "{reported} reported, {pending} there"
        );
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
