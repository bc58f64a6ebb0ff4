//! What a producer finds again: its checkpoint and the frames written since, and what is said of damage.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use rusqlite::Connection;
use vigie_relay::limits::{CHECKPOINT_BYTES_MAX, FRAME_BYTES_MAX};
use vigie_relay::{Commit, DamagedPiece, Outbox, Recovery, RelayError};

use crate::common::{collect, commit, open};

const PRODUCER: &str = "bot/0";

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    Place { _folder: folder, path }
}

async fn frame(outbox: &Outbox, producer: &str, text: &str) {
    let journal = Bytes::copy_from_slice(text.as_bytes());
    let commit = Commit { producer: producer.into(), journal, ..Commit::default() };
    outbox.commit(commit).await.unwrap();
}

async fn checkpoint(outbox: &Outbox, producer: &str, text: &str) {
    let checkpoint = Some(Bytes::copy_from_slice(text.as_bytes()));
    let commit = Commit { producer: producer.into(), checkpoint, ..Commit::default() };
    outbox.commit(commit).await.unwrap();
}

/// "checkpoint | frame frame | damage".
fn words(recovery: &Recovery) -> String {
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let checkpoint = recovery.checkpoint.as_ref().map_or("-".to_owned(), text);
    let journal: Vec<_> = recovery.journal.iter().map(text).collect();
    let damage: Vec<_> = recovery.damage.iter().map(ToString::to_string).collect();
    [checkpoint, journal.join(" "), damage.join(", ")].join(" | ")
}

async fn check(outbox: &Outbox, producer: &str, expected: &str) {
    assert_eq!(words(&outbox.recover(producer).await.unwrap()), expected);
}

/// Changes the closed file behind its back.
fn tamper(path: &Path, sql: &str) {
    let database = Connection::open(path).unwrap();
    let changed = database.execute(sql, []).unwrap();
    assert!(changed > 0, "nothing was changed: {sql}");
}

#[tokio::test]
async fn a_checkpoint_ends_the_journal_and_the_frame_of_its_commit_follows_it() {
    let place = place();
    let outbox = open(&place.path);
    check(&outbox, PRODUCER, "- |  | ").await;
    frame(&outbox, PRODUCER, "a").await;
    frame(&outbox, PRODUCER, "b").await;
    check(&outbox, PRODUCER, "- | a b | ").await;
    let mut both = commit(PRODUCER, 1, 3);
    (both.checkpoint, both.journal) = (Some("state".into()), "c".into());
    outbox.commit(both).await.unwrap();
    frame(&outbox, PRODUCER, "d").await;
    frame(&outbox, "bot/1", "x").await;
    for _ in 0..2 {
        check(&outbox, PRODUCER, "state | c d | ").await;
        check(&outbox, "bot/1", "- | x | ").await;
    }
    outbox.close().await;
    let outbox = open(&place.path);
    check(&outbox, PRODUCER, "state | c d | ").await;
    frame(&outbox, PRODUCER, "e").await;
    check(&outbox, PRODUCER, "state | c d e | ").await;
    checkpoint(&outbox, PRODUCER, "later").await;
    check(&outbox, PRODUCER, "later |  | ").await;
    check(&outbox, "bot/1", "- | x | ").await;
    assert_eq!(outbox.stats().pending_entries, 3);
}

#[tokio::test]
async fn the_sums_of_what_is_held_and_what_was_written_are_kept_apart() {
    let place = place();
    let outbox = open(&place.path);
    frame(&outbox, PRODUCER, "12345").await;
    frame(&outbox, "bot/1", "123").await;
    assert_eq!(outbox.stats().journal_bytes, 8);
    checkpoint(&outbox, PRODUCER, "1234567").await;
    outbox.commit(commit(PRODUCER, 1, 2)).await.unwrap();
    let stats = outbox.stats();
    assert_eq!(stats.journal_bytes, 3);
    assert_eq!((stats.journal_bytes_written, stats.checkpoint_bytes_written), (8, 7));
    assert_eq!(stats.entry_bytes_written, stats.pending_bytes);
    outbox.close().await;
    let stats = open(&place.path).stats();
    assert_eq!((stats.journal_bytes, stats.journal_bytes_written), (3, 0));
}

#[tokio::test]
async fn a_damaged_frame_ends_the_journal_and_new_frames_follow_the_last_whole_one() {
    let place = place();
    let outbox = open(&place.path);
    checkpoint(&outbox, PRODUCER, "state").await;
    for text in ["a", "b", "c", "d", "ee"] {
        frame(&outbox, PRODUCER, text).await;
    }
    outbox.close().await;
    tamper(&place.path, "UPDATE journal SET bytes = x'6263' WHERE bytes = x'63'");
    let outbox = open(&place.path);
    let recovery = outbox.recover(PRODUCER).await.unwrap();
    let damage = "journal frame 3 damaged (2 bytes), journal frames from 4 on unusable (3 bytes)";
    assert_eq!(words(&recovery), format!("state | a b | {damage}"));
    assert_eq!(recovery.damage[0].what, DamagedPiece::Frame);
    check(&outbox, PRODUCER, "state | a b | ").await;
    assert_eq!(outbox.stats().journal_bytes, 2);
    frame(&outbox, PRODUCER, "f").await;
    outbox.close().await;
    check(&open(&place.path), PRODUCER, "state | a b f | ").await;
}

#[tokio::test]
async fn a_missing_frame_is_noticed_wherever_it_was() {
    for (missing, left) in [("a", "state |  |"), ("b", "state | a |"), ("c", "state | a b |")] {
        let place = place();
        let outbox = open(&place.path);
        checkpoint(&outbox, PRODUCER, "state").await;
        for text in ["a", "b", "c", "d"] {
            frame(&outbox, PRODUCER, text).await;
        }
        outbox.close().await;
        let sql = format!("DELETE FROM journal WHERE bytes = CAST('{missing}' AS BLOB)");
        tamper(&place.path, &sql);
        let found = words(&open(&place.path).recover(PRODUCER).await.unwrap());
        let (starts, says) = (found.starts_with(left), found.contains("missing"));
        assert!(starts && says, "{missing}: {found}");
    }
}

#[tokio::test]
async fn frames_mean_nothing_without_the_checkpoint_that_they_follow() {
    let place = place();
    let outbox = open(&place.path);
    checkpoint(&outbox, PRODUCER, "state").await;
    frame(&outbox, PRODUCER, "a").await;
    frame(&outbox, PRODUCER, "b").await;
    checkpoint(&outbox, "bot/1", "other").await;
    outbox.close().await;
    tamper(&place.path, "UPDATE producers SET checkpoint = x'00' WHERE name = 'bot/0'");
    let outbox = open(&place.path);
    let damage =
        "checkpoint damaged or lost (1 bytes), journal frames from 1 on unusable (2 bytes)";
    check(&outbox, PRODUCER, &format!("- |  | {damage}")).await;
    check(&outbox, PRODUCER, "- |  | ").await;
    check(&outbox, "bot/1", "other |  | ").await;
    frame(&outbox, PRODUCER, "c").await;
    outbox.close().await;
    check(&open(&place.path), PRODUCER, "- | c | ").await;
}

#[tokio::test]
async fn a_row_in_the_place_of_another_is_damage() {
    let place = place();
    let outbox = open(&place.path);
    frame(&outbox, PRODUCER, "a").await;
    frame(&outbox, PRODUCER, "b").await;
    outbox.close().await;
    let swap = "UPDATE journal SET (bytes, checksum) = (
        SELECT bytes, checksum FROM journal other WHERE other.key <> journal.key)";
    tamper(&place.path, swap);
    let found = words(&open(&place.path).recover(PRODUCER).await.unwrap());
    assert!(found.starts_with("- |  | journal frame 1 damaged"), "{found}");
}

#[tokio::test]
async fn pieces_that_are_too_large_are_refused_whole() {
    let place = place();
    let outbox = open(&place.path);
    let mut commit = commit(PRODUCER, 1, 1);
    commit.journal = vec![0; FRAME_BYTES_MAX + 1].into();
    let refused = outbox.commit(commit.clone()).await;
    assert!(matches!(refused, Err(RelayError::TooLarge { what: "journal frame", .. })));
    commit.journal = Bytes::new();
    commit.checkpoint = Some(vec![0; CHECKPOINT_BYTES_MAX + 1].into());
    let refused = outbox.commit(commit).await;
    assert!(matches!(refused, Err(RelayError::TooLarge { what: "checkpoint", .. })));
    assert_eq!(outbox.stats().pending_entries, 0);
}

/// A file of the first schema: bot/0 has 7 entries of lane 1 (6 to 12; 5 were delivered) and 2 of lane 0, bot/1 has 3.
#[tokio::test]
async fn a_file_of_the_first_version_opens_and_goes_on() {
    let place = place();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.db");
    std::fs::copy(fixture, &place.path).unwrap();
    let outbox = open(&place.path);
    assert_eq!((outbox.stats().pending_entries, outbox.salvaged()), (12, None));
    outbox.commit(commit(PRODUCER, 1, 1)).await.unwrap();
    frame(&outbox, PRODUCER, "a").await;
    outbox.close().await;
    let outbox = open(&place.path);
    check(&outbox, PRODUCER, "- | a | ").await;
    let arrived = collect(&outbox, 13).await;
    let numbers = arrived.numbers(PRODUCER, 1);
    assert_eq!(numbers[..7], [6, 7, 8, 9, 10, 11, 12]);
    assert!(numbers.len() == 8 && numbers[7] > 1 << 32, "{numbers:?}");
    assert_eq!(arrived.numbers(PRODUCER, 0), [1, 2]);
    assert_eq!(arrived.numbers("bot/1", 1), [1, 2, 3]);
    outbox.close().await;
    assert_eq!(open(&place.path).stats().pending_entries, 0);
}
