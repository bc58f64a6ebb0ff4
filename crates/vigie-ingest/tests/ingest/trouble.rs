//! What cannot be stored is set aside and never holds up its lane; what the database fails comes again.

use vigie_core::vocabulary::Record;
use vigie_relay::{Commit, Entry};

use crate::harness::{
    FIRST_MINUTE, Line, commit, each_engine, execute, guild, open_outbox, open_store, totals,
    window,
};

fn raw(lane: u8, bytes: &'static [u8]) -> Commit {
    let entries = vec![Entry { lane, bytes: bytes.into() }];
    Commit { producer: "bot/0".into(), entries, ..Commit::default() }
}

fn windows(minutes: u32) -> Vec<Record> {
    (FIRST_MINUTE..FIRST_MINUTE + minutes).map(|minute| window(5, minute)).collect()
}

#[test]
fn entries_that_are_no_records_are_set_aside_by_reason() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let line = Line::start(&outbox, &store, 4);
        for bytes in [&b""[..], b"\xff\x01", b"\x01\xff", b"\x01\x03\x00\x00"] {
            outbox.commit(raw(1, bytes)).await.unwrap();
            outbox.commit(commit("bot/0", &windows(1))).await.unwrap();
        }
        outbox.commit(raw(1, b"")).await.unwrap(); // nothing after it
        line.drained().await;
        let stats = line.stats.read();
        let expected = [("cut short", 3), ("unknown kind", 1), ("unknown version", 1)];
        assert_eq!(stats.set_aside, expected.into());
        assert_eq!(stats.records, 4);
        assert_eq!(totals(&store, 5).await.messages, 4 * 3);
        line.stop().await;
        store.close().await;
    });
}

#[test]
fn records_that_the_store_refuses_are_set_aside_and_the_rest_is_stored() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let mut records = windows(10);
        records.insert(9, window(5, 3)); // a minute of 1970
        records.insert(4, window(u64::MAX, FIRST_MINUTE));
        records.insert(0, window(5, u32::MAX));
        outbox.commit(commit("bot/0", &records)).await.unwrap();
        let line = Line::start(&outbox, &store, 500);
        line.drained().await;
        let stats = line.stats.read();
        assert_eq!(stats.set_aside, [("refused by the store", 3)].into());
        assert_eq!((stats.records, stats.batches), (10, 1));
        assert_eq!(totals(&store, 5).await.messages, 30);
        line.stop().await;
        store.close().await;
    });
}

#[test]
fn a_record_that_the_database_refuses_is_found_among_the_others() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let refuse = if url.starts_with("postgres") {
            "ALTER TABLE guilds ADD CONSTRAINT refuse CHECK (guild_id <> 666)"
        } else {
            "CREATE TRIGGER refuse BEFORE INSERT ON guilds WHEN NEW.guild_id = 666
                BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        };
        execute(url, refuse).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let records: Vec<_> = [1, 2, 666, 3].map(guild).into();
        outbox.commit(commit("bot/0", &records)).await.unwrap();
        let line = Line::start(&outbox, &store, 500);
        line.drained().await;
        let stats = line.stats.read();
        assert_eq!(stats.set_aside, [("refused by the database", 1)].into());
        assert_eq!(stats.records, 3);
        let stored: Vec<_> = store.guilds().await.unwrap().iter().map(|row| row.id.0).collect();
        assert_eq!(stored, [1, 2, 3]);
        line.stop().await;
        store.close().await;
    });
}

#[test]
fn a_database_in_trouble_is_said_waited_for_and_caught_up_with() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let line = Line::start(&outbox, &store, 10);
        execute(url, "ALTER TABLE ingest_cursors RENAME TO away").await;
        outbox.commit(commit("bot/0", &windows(25))).await.unwrap();
        outbox.commit(commit("bot/1", &windows(25))).await.unwrap();
        line.until(|line| line.stats.read().failures >= 3).await;
        let troubled = line.stats.read();
        assert!(troubled.last_error.is_some_and(|words| words.contains("ingest_cursors")));
        assert_eq!((troubled.records, troubled.last_commit_unix_ms), (0, None));
        assert_eq!(outbox.stats().pending_entries, 50, "nothing is forgotten");

        execute(url, "ALTER TABLE away RENAME TO ingest_cursors").await;
        line.drained().await;
        let well = line.stats.read();
        assert_eq!((well.records, well.last_error), (50, None));
        assert_eq!(totals(&store, 5).await.messages, 2 * 25 * 3);
        line.stop().await;
        store.close().await;
    });
}
