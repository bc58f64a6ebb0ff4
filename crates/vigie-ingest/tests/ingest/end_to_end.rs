//! Counts in the tables equal what was committed, however often it was delivered.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_ingest::Consumer;
use vigie_relay::Outbox;
use vigie_relay::transport::in_process;
use vigie_store::Store;
use vigie_store::question::{Audience, HourRange};

use crate::harness::{
    FIRST_MINUTE, LONG_AGO, Line, commit, copy_outbox, each_engine, guild, open_outbox, open_store,
    sessions, totals, voice, window,
};

const ALWAYS: HourRange = HourRange { from: 0, to: u32::MAX };

const PRODUCERS: u64 = 3;
const GUILDS: u64 = 5;
const MINUTES: u32 = 40;

/// Commits `MINUTES` windows of `GUILDS` guilds for each producer, every producer with guilds of its own.
async fn commit_all(outbox: &Outbox) {
    for producer in 1..=PRODUCERS {
        let name = format!("bot/{producer}");
        let guilds = producer * 100..producer * 100 + GUILDS;
        let named: Vec<_> = guilds.clone().map(guild).collect();
        outbox.commit(commit(&name, &named)).await.unwrap();
        for minute in FIRST_MINUTE..FIRST_MINUTE + MINUTES {
            let windows: Vec<_> = guilds.clone().map(|id| window(id, minute)).collect();
            outbox.commit(commit(&name, &windows)).await.unwrap();
        }
    }
}

const RECORDS: u64 = PRODUCERS * GUILDS * (MINUTES as u64 + 1);

fn all_guilds() -> impl Iterator<Item = u64> {
    (1..=PRODUCERS).flat_map(|producer| producer * 100..producer * 100 + GUILDS)
}

async fn assert_counted_once(store: &Store) {
    for id in all_guilds() {
        let totals = totals(store, id).await;
        let counted = (totals.messages, totals.commands, totals.active_members);
        assert_eq!(counted, (3 * u64::from(MINUTES), u64::from(MINUTES), 2), "guild {id}");
        assert!(store.guild(GuildId(id)).await.unwrap().is_some(), "guild {id} has its name");
    }
}

#[test]
fn everything_committed_is_counted_once_and_told() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let mut line = Line::start(&outbox, &store, 50);
        commit_all(&outbox).await;
        line.drained().await;
        assert_counted_once(&store).await;

        let stats = line.stats.read();
        assert_eq!((stats.records, stats.repeats), (RECORDS, 0));
        let guilds = PRODUCERS * GUILDS;
        let by_kind = [("activity window", guilds * u64::from(MINUTES)), ("guild", guilds)];
        assert_eq!(stats.records_by_kind, by_kind.into());
        assert!(stats.batches < RECORDS / 4, "windows share transactions: {stats:?}");
        assert!(stats.set_aside.is_empty() && stats.last_error.is_none(), "{stats:?}");
        assert!(stats.last_commit_unix_ms.is_some());
        let mut told = BTreeSet::new();
        while let Ok(guild) = line.committed.try_recv() {
            told.insert(guild.0);
        }
        assert_eq!(told, all_guilds().collect());
        line.stop().await;
        store.close().await;
    });
}

#[test]
fn killed_at_any_point_nothing_is_lost_or_doubled() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        commit_all(&outbox).await;
        for batches in 1..6 {
            let line = Line::start(&outbox, &store, 7);
            line.until(|line| line.stats.read().batches >= batches).await;
            line.kill().await;
        }
        let line = Line::start(&outbox, &store, 7);
        line.drained().await;
        line.stop().await;
        assert_counted_once(&store).await;
        store.close().await;
    });
}

#[test]
fn a_whole_outbox_delivered_again_changes_nothing() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let store = open_store(url).await;
        let outbox = open_outbox(&path);
        commit_all(&outbox).await;
        let copy = copy_outbox(&path, "copy.db");

        for (outbox, is_repeat) in [(outbox, false), (open_outbox(&copy), true)] {
            let line = Line::start(&outbox, &store, 50);
            line.drained().await;
            let stats = line.stats.read();
            let expected = if is_repeat { (0, RECORDS) } else { (RECORDS, 0) };
            assert_eq!((stats.records, stats.repeats), expected);
            line.stop().await;
            assert_counted_once(&store).await;
        }
        store.close().await;
    });
}

#[test]
fn voice_and_coverage_reach_their_tables_and_old_sessions_leave_them() {
    each_engine(async |url| {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(url).await;
        let outbox = open_outbox(&folder.path().join("outbox.db"));
        let line = Line::start(&outbox, &store, 50);
        outbox.commit(commit("bot/0", &voice(5))).await.unwrap();
        line.drained().await;
        let sums = store.voice_totals(GuildId(5), ALWAYS, Audience::Humans, None).await.unwrap();
        assert_eq!((sums.sums.time.total_ms, sums.members), (60_000, 1));
        let heard = store.coverage(GuildId(5), 0, i64::MAX).await.unwrap().heard_until;
        assert_eq!(heard, Some(UnixMs(i64::from(FIRST_MINUTE + 1) * 60_000)));
        line.stop().await;
        // Whoever starts next looks for sessions that are not kept any more.
        let line = Line::start(&outbox, &store, 50);
        let is_kept = |sessions: Vec<i64>| sessions.len() == 1 && sessions[0] > LONG_AGO;
        line.until_async(async || is_kept(sessions(&store, 5).await)).await;
        let sums = store.voice_totals(GuildId(5), ALWAYS, Audience::Humans, None).await.unwrap();
        assert_eq!(sums.sums.time.total_ms, 60_000);
        line.stop().await;
        store.close().await;
    });
}

#[test]
fn a_consumer_ends_when_its_publisher_is_gone() {
    each_engine(async |url| {
        let store = open_store(url).await;
        let (publisher, subscriber) = in_process(1);
        let (committed, _) = tokio::sync::broadcast::channel(1);
        drop(publisher);
        let consumer = Consumer::new(store.clone(), subscriber, committed);
        consumer.run(CancellationToken::new()).await.unwrap();
        store.close().await;
    });
}
