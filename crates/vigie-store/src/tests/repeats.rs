//! Repeats never count twice, pieces always add up, and what cannot be stored is refused whole.

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, GuildId, Record, UserId,
};

use super::{
    harness::{apply, each_engine},
    naive::BASE_HOUR,
};
use crate::{
    Batch, Store, StoreError,
    limits::{COUNTER_MAX, SMALL_COUNTER_MAX, UNIX_MINUTE_END, UNIX_MINUTE_MIN},
    question::{Audience, HourRange, Split},
};

const ALWAYS: HourRange = HourRange { from: 0, to: u32::MAX };

fn window(guild: u64, unix_minute: u32, channel: u64, member: u64, messages: u32) -> Record {
    Record::ActivityWindow(ActivityWindow {
        guild: GuildId(guild),
        unix_minute,
        cells: vec![ActivityCell {
            channel: ChannelId(channel),
            member: UserId(member),
            kind: AuthorKind::Human,
            counts: ActivityCounts { messages, ..ActivityCounts::default() },
        }],
        emojis: Vec::new(),
    })
}

async fn messages(store: &Store, guild: u64) -> u64 {
    let totals = store.totals(GuildId(guild), ALWAYS, Audience::All, None).await;
    totals.unwrap().messages
}

#[test]
fn the_same_entries_count_once() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60;
        let records: Vec<_> = (0..6).map(|at| window(7, minute + at, 1, 2, 1)).collect();
        let first = apply(&store, "bot/0", 1, &records[..4]).await.unwrap();
        assert_eq!((first.applied, first.repeated), (4, 0));
        assert_eq!(first.guilds, [GuildId(7)]);
        let again = apply(&store, "bot/0", 1, &records[..4]).await.unwrap();
        assert_eq!((again.applied, again.repeated), (0, 4));
        let overlapping = apply(&store, "bot/0", 3, &records[2..]).await.unwrap();
        assert_eq!((overlapping.applied, overlapping.repeated), (2, 2));
        assert_eq!(messages(&store, 7).await, 6);
        // Another producer counts its own numbers, and so does another lane.
        apply(&store, "bot/1", 1, &records[..1]).await.unwrap();
        let lane = Batch { producer: "bot/0", lane: 0, records: &[(1, records[0].clone())] };
        store.apply(&lane).await.unwrap();
        assert_eq!(messages(&store, 7).await, 8);
    });
}

#[test]
fn pieces_of_a_minute_add_up() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60 + 5;
        for entry in 1..=3 {
            apply(&store, "bot/0", entry, &[window(7, minute, 1, 2, 2)]).await.unwrap();
        }
        let points =
            store.minutely(GuildId(7), minute, minute + 1, Audience::Humans).await.unwrap();
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].counts.messages, 6);
        let member = store.member(GuildId(7), UserId(2)).await.unwrap().unwrap();
        assert_eq!(member.all_time.messages, 6);
    });
}

#[test]
fn batches_of_any_length_are_stored() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60;
        // More records than a transaction takes, and more rows than a statement of SQLite.
        let records: Vec<_> =
            (0..2_500_u32).map(|at| window(7, minute + at, 1, u64::from(at) + 1, 1)).collect();
        let applied = apply(&store, "bot/0", 1, &records).await.unwrap();
        assert_eq!(applied.applied, 2_500);
        assert_eq!(messages(&store, 7).await, 2_500);
        let range = HourRange { from: BASE_HOUR, to: BASE_HOUR + 50 };
        let totals = store.totals(GuildId(7), range, Audience::Humans, None).await.unwrap();
        assert_eq!(totals.active_members, 2_500);
        let points = store.hourly(GuildId(7), range, Audience::Humans, None, Split::None).await;
        assert_eq!(points.unwrap().len(), 42);
    });
}

#[test]
fn what_cannot_be_stored_is_refused_whole() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60;
        let good = || window(7, minute, 1, 2, 1);
        let wrong = [
            window(1 << 63, minute, 1, 2, 1),
            window(7, minute, u64::MAX, 2, 1),
            window(7, minute, 1, 1 << 63, 1),
            window(7, UNIX_MINUTE_MIN - 1, 1, 2, 1),
            window(7, UNIX_MINUTE_END, 1, 2, 1),
            window(7, u32::MAX, 1, 2, 1),
        ];
        for record in wrong {
            let error = apply(&store, "bot/0", 1, &[good(), record]).await.unwrap_err();
            assert!(matches!(error, StoreError::InvalidRecord { entry: 2, .. }), "{error}");
            assert!(!error.is_transient());
            assert_eq!(messages(&store, 7).await, 0);
        }
        apply(&store, "bot/0", 1, &[good()]).await.unwrap();
        assert_eq!(messages(&store, 7).await, 1);
    });
}

#[test]
fn counters_stop_at_their_maximum() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60;
        for entry in 1..=3 {
            apply(&store, "bot/0", entry, &[window(7, minute, 1, 2, u32::MAX)]).await.unwrap();
        }
        let points = store.minutely(GuildId(7), 0, u32::MAX, Audience::All).await.unwrap();
        assert_eq!(i64::from(points[0].counts.messages), COUNTER_MAX);
        assert_eq!(messages(&store, 7).await, 3 * u64::from(u32::MAX));
        // What bots seldom do has less room in a minute, and as much in an hour.
        let Record::ActivityWindow(mut bots) = window(8, minute, 1, 2, 0) else { unreachable!() };
        bots.cells[0].kind = AuthorKind::Bot;
        bots.cells[0].counts.commands = 30_000;
        for entry in 4..=5 {
            apply(&store, "bot/0", entry, &[Record::ActivityWindow(bots.clone())]).await.unwrap();
        }
        let points = store.minutely(GuildId(8), 0, u32::MAX, Audience::Bots).await.unwrap();
        assert_eq!(i64::from(points[0].counts.commands), SMALL_COUNTER_MAX);
        let totals = store.totals(GuildId(8), ALWAYS, Audience::Bots, None).await.unwrap();
        assert_eq!(totals.commands, 60_000);
    });
}

/// Several producers at once, on new months: partitions are made once, no transaction is lost.
#[test]
fn producers_write_side_by_side() {
    each_engine(async |store| {
        let minute = BASE_HOUR * 60;
        let tasks = (0..4_u64).map(|producer| {
            let store = store.clone();
            async move {
                for entry in 1..=20_u64 {
                    let month = (entry % 5) as u32 * 45_000;
                    let records: Vec<_> =
                        (0..20).map(|member| window(7, minute + month, 1, member, 1)).collect();
                    let first = 1 + (entry - 1) * 20;
                    apply(&store, &format!("bot/{producer}"), first, &records).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(tasks).await;
        assert_eq!(messages(&store, 7).await, 4 * 20 * 20);
    });
}
