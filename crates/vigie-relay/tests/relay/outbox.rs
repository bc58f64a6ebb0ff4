//! What an outbox promises about its file: durable, numbered without a gap, one owner, clear refusals.

use std::path::Path;

use vigie_relay::limits::ENTRY_BYTES_MAX;
use vigie_relay::{Outbox, OutboxConfig, RelayError};

use crate::common::{collect, commit, open, open_with_room, sizes};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn open_error(path: &Path) -> RelayError {
    Outbox::open(OutboxConfig::new(path)).unwrap_err()
}

#[tokio::test]
async fn numbers_go_on_after_everything_was_delivered_and_the_process_restarted() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let mut last = 0;
    for _ in 0..3 {
        let outbox = open(&path);
        outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
        outbox.commit(commit("bot/1", 1, 2)).await.unwrap();
        let delivered = collect(&outbox, 12).await;
        assert_eq!(delivered.places("bot/0", 1), (1..=10).collect::<Vec<_>>());
        let numbers = delivered.numbers("bot/0", 1);
        assert!(numbers[0] > last, "numbers never go back");
        last = numbers[9];
        outbox.close().await;
        let reopened = open(&path);
        assert_eq!(reopened.stats().pending_entries, 0, "everything acknowledged is forgotten");
        reopened.close().await;
    }
}

#[tokio::test]
async fn lanes_and_producers_are_numbered_by_themselves() {
    let folder = folder();
    let outbox = open(&folder.path().join("outbox.db"));
    for _ in 0..3 {
        outbox.commit(commit("bot/0", 0, 1)).await.unwrap();
        outbox.commit(commit("bot/0", 1, 2)).await.unwrap();
        outbox.commit(commit("bot/1", 0, 3)).await.unwrap();
    }
    let delivered = collect(&outbox, 18).await;
    assert_eq!(delivered.places("bot/0", 0), [1, 2, 3]);
    assert_eq!(delivered.places("bot/0", 1), [1, 2, 3, 4, 5, 6]);
    assert_eq!(delivered.places("bot/1", 0), (1..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_committed_is_there_after_reopening() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let outbox = open(&path);
    outbox.commit(commit("bot/0", 1, 100)).await.unwrap();
    let before = outbox.stats();
    assert_eq!((before.pending_entries, before.pending_bytes), (100, sizes(100)));
    outbox.close().await;
    let outbox = open(&path);
    let after = outbox.stats();
    assert_eq!((after.pending_entries, after.pending_bytes), (100, sizes(100)));
    assert_eq!(after.oldest_pending_unix_ms, before.oldest_pending_unix_ms);
    assert!(after.oldest_pending_unix_ms.is_some());
}

#[tokio::test]
async fn commits_that_gather_share_a_transaction() {
    let folder = folder();
    let outbox = open(&folder.path().join("outbox.db"));
    let mut commits = tokio::task::JoinSet::new();
    for shard in 0..500 {
        let outbox = outbox.clone();
        commits.spawn(async move { outbox.commit(commit(&format!("bot/{shard}"), 1, 1)).await });
    }
    while let Some(done) = commits.join_next().await {
        done.unwrap().unwrap();
    }
    let stats = outbox.stats();
    assert_eq!(stats.pending_entries, 500);
    assert!(stats.durable_transactions < 250, "{stats:?}");
}

#[tokio::test]
async fn two_owners_never_share_a_file() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let outbox = open(&path);
    assert!(matches!(open_error(&path), RelayError::Locked { .. }));
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    assert!(matches!(open_error(&path), RelayError::Locked { .. }));
    outbox.close().await;
    open(&path).close().await;
}

#[tokio::test]
async fn wrong_files_are_refused_by_name() {
    let folder = folder();
    let foreign = folder.path().join("foreign.db");
    let database = rusqlite::Connection::open(&foreign).unwrap();
    database.execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").unwrap();
    drop(database);
    assert!(matches!(open_error(&foreign), RelayError::NotAnOutbox { .. }));

    let newer = folder.path().join("newer.db");
    open(&newer).close().await;
    let database = rusqlite::Connection::open(&newer).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    assert!(matches!(open_error(&newer), RelayError::NewerSchema { found: 99, known: 2, .. }));

    let nowhere = folder.path().join("missing").join("outbox.db");
    assert!(matches!(open_error(&nowhere), RelayError::Open { .. }));
    let words = open_error(&nowhere).to_string();
    assert!(words.contains("missing") && words.contains("folder exists"), "{words}");
}

#[tokio::test]
async fn a_lost_entry_is_found_out_told_and_does_not_stop_the_others() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let outbox = open(&path);
    outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
    outbox.commit(commit("bot/1", 1, 3)).await.unwrap();
    outbox.close().await;
    let database = rusqlite::Connection::open(&path).unwrap();
    let sql =
        "DELETE FROM entries WHERE key = (SELECT key FROM entries ORDER BY key LIMIT 1 OFFSET 3)";
    database.execute(sql, []).unwrap();
    drop(database);
    let outbox = open(&path);
    assert_eq!(outbox.salvaged(), None, "nothing shows before it is read");
    let arrived = collect(&outbox, 12).await;
    assert_eq!(arrived.places("bot/0", 1), [1, 2, 3, 5, 6, 7, 8, 9, 10]);
    assert_eq!(arrived.places("bot/1", 1), [1, 2, 3]);
    let salvage = outbox.salvaged().unwrap();
    assert_eq!((salvage.entries_kept, salvage.entries_lost), (12, Some(1)));
    assert!(salvage.moved_to.exists());
}

#[tokio::test]
async fn a_lost_end_of_a_stream_is_told_once_and_new_entries_follow() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let outbox = open(&path);
    outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
    outbox.close().await;
    let database = rusqlite::Connection::open(&path).unwrap();
    let sql = "DELETE FROM entries WHERE key = (SELECT max(key) FROM entries)";
    database.execute(sql, []).unwrap();
    drop(database);
    let outbox = open(&path);
    let arrived = collect(&outbox, 9).await;
    assert_eq!(arrived.places("bot/0", 1), (1..=9).collect::<Vec<_>>());
    outbox.commit(commit("bot/0", 1, 2)).await.unwrap();
    let later = collect(&outbox, 2).await;
    assert!(later.numbers("bot/0", 1)[0] > arrived.numbers("bot/0", 1)[8] + 1);
    assert_eq!(outbox.salvaged().unwrap().entries_lost, Some(1));
    outbox.close().await;
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let aside = names.filter(|name| name.contains("damaged") && !name.ends_with("-wal"));
    assert_eq!(aside.count(), 1, "the same damage is not saved twice");
}

#[tokio::test]
async fn an_oversized_entry_is_refused_and_the_rest_goes_on() {
    let folder = folder();
    let outbox = open(&folder.path().join("outbox.db"));
    let mut oversized = commit("bot/0", 1, 2);
    oversized.entries[1].bytes = vec![0; ENTRY_BYTES_MAX + 1].into();
    let refused = outbox.commit(oversized).await;
    assert!(matches!(refused, Err(RelayError::EntryTooLarge { .. })));
    assert_eq!(outbox.stats().pending_entries, 0);
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
}

#[tokio::test]
async fn a_full_outbox_makes_commits_wait_until_deliveries_make_room() {
    let folder = folder();
    let outbox = open_with_room(&folder.path().join("outbox.db"), sizes(10));
    outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
    let waiting = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.commit(commit("bot/1", 1, 5)).await }
    });
    while outbox.stats().full_episodes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(outbox.stats().commits_waiting, 1);
    assert!(!waiting.is_finished());

    let delivered = collect(&outbox, 15).await;
    waiting.await.unwrap().unwrap();
    assert_eq!(delivered.numbers("bot/0", 1).len(), 10);
    assert_eq!(delivered.numbers("bot/1", 1).len(), 5);
    assert_eq!(outbox.stats().full_episodes, 1);
}

#[tokio::test]
async fn closing_answers_those_who_wait_for_room() {
    let folder = folder();
    let path = folder.path().join("outbox.db");
    let outbox = open_with_room(&path, 1);
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    let waiting = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.commit(commit("bot/0", 1, 1)).await }
    });
    while outbox.stats().commits_waiting == 0 {
        tokio::task::yield_now().await;
    }
    let other = outbox.clone();
    outbox.close().await;
    assert!(matches!(waiting.await.unwrap(), Err(RelayError::Closed)));
    assert!(matches!(other.commit(commit("bot/0", 1, 1)).await, Err(RelayError::Closed)));
    assert_eq!(open(&path).stats().pending_entries, 1);
}
