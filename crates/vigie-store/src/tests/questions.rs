//! Every question, against the judge, over imagined records.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, ChannelId, GuildId, Record, UserId, VoiceWindow,
};

use super::{
    harness::{apply, each_engine, fresh_number},
    naive::{
        self, BASE_HOUR, CATEGORY, CHANNELS, Counted, HOURS, MEMBERS, NAMELESS, Naive, Ranked,
        Spoken, active, by, kind, ranked, records, spoken, voices, windows,
    },
    voice,
};
use crate::{
    Store,
    db::on,
    question::{
        Audience, Board, Counts, HourRange, LeaderCursor, LeaderboardQuestion, MemberTotals,
        MemberVoice, Scope, ScoreWeights, Split, SplitKey, Threads,
    },
};

/// One imagined guild, and what is asked of it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    windows: Vec<ActivityWindow>,
    voices: Vec<VoiceWindow>,
    pub(super) range: HourRange,
    pub(super) audience: Audience,
    pub(super) scope: Scope,
    bounds: Vec<u32>,
    weights: ScoreWeights,
}

fn case() -> impl Strategy<Value = Case> {
    let hour = || BASE_HOUR - 30..BASE_HOUR + HOURS + 30;
    let range = prop_oneof![
        1 => Just(HourRange { from: 0, to: u32::MAX }),
        4 => (hour(), hour()).prop_map(|(from, to)| HourRange { from, to }),
    ];
    let audience = prop_oneof![Just(Audience::Humans), Just(Audience::Bots), Just(Audience::All)];
    let channel = 10_u64..16;
    let scope = prop_oneof![
        2 => Just(Scope::Guild),
        1 => channel.clone().prop_map(|id| Scope::Channel(ChannelId(id))),
        1 => channel.prop_map(|id| Scope::Under(ChannelId(id))),
    ];
    let bounds = prop::collection::btree_set(hour(), 2..8);
    let weights = prop_oneof![
        Just(ScoreWeights::default()),
        Just(ScoreWeights { messages: 0.5, reactions: 3.0, voice_minutes: 0.25 })
    ];
    (windows(), voices(), range, audience, scope, bounds, weights).prop_map(
        |(windows, voices, range, audience, scope, bounds, weights)| Case {
            windows,
            voices,
            range,
            audience,
            scope,
            bounds: bounds.into_iter().collect(),
            weights,
        },
    )
}

/// Cases of each engine: the same ones in each run, so that a failure comes back.
const CASES: u32 = 40;

#[test]
fn every_question_agrees_with_a_naive_fold() {
    each_engine(async |store| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for _ in 0..CASES {
            let case = case().new_tree(&mut runner).unwrap().current();
            check(&store, &case).await;
        }
        // The cases went through packed days as well as through rows.
        let packed = packed_days(&store).await;
        assert!(packed > i64::from(CASES), "{packed}");
    });
}

async fn packed_days(store: &Store) -> i64 {
    let sql = "SELECT COUNT(*) FROM packed_days WHERE packed IS NOT NULL";
    on!(&store.read, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

async fn check(store: &Store, case: &Case) {
    let number = fresh_number();
    let guild = GuildId(1_000 + u64::from(number));
    let records = records(guild, &case.windows, &case.voices);
    // In three batches, so that rows meet in the tables as well as in memory.
    let third = records.len().div_ceil(3);
    for (index, piece) in records.chunks(third).enumerate() {
        let first = 1 + (index * third) as u64;
        apply(store, &format!("bot/{number}"), first, piece).await.unwrap();
    }
    let naive = Naive::of(&case.windows, &case.voices);
    check_sums(store, guild, case, &naive).await;
    check_splits(store, guild, case, &naive).await;
    check_minutes(store, guild, case, &naive).await;
    check_boards(store, guild, case, &naive).await;
    check_channels(store, guild, case, &naive).await;
    check_emojis(store, guild, case, &naive).await;
    check_members(store, guild, case, &naive).await;
    check_member_totals(store, guild, case, &naive).await;
    voice::check(store, guild, case, &naive).await;
}

async fn check_sums(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let asked = naive.asked(case.range, case.audience, case.scope);
    let totals = store.totals(guild, case.range, case.audience, case.scope).await.unwrap();
    let sums = by(&asked, |_| ()).remove(&()).unwrap_or_default();
    assert_eq!(totals.messages, sums.messages, "{case:?}");
    assert_eq!(totals.commands, sums.commands);
    assert_eq!(totals.reactions_added, sums.reactions_added);
    assert_eq!(totals.reactions_removed, sums.reactions_removed);
    assert_eq!(totals.reactions_received, sums.reactions_received);
    let voices = naive.voices(case.range, case.audience, case.scope);
    assert_eq!(totals.active_members, active(&asked, &voices), "{case:?}");
    let buckets = store.active_by_bucket(guild, &case.bounds, case.audience, case.scope);
    let expected: Vec<u64> = case
        .bounds
        .windows(2)
        .map(|pair| HourRange { from: pair[0], to: pair[1] })
        .map(|bucket| {
            let voices = naive.voices(bucket, case.audience, case.scope);
            active(&naive.asked(bucket, case.audience, case.scope), &voices)
        })
        .collect();
    assert_eq!(buckets.await.unwrap(), expected, "{case:?}");
}

async fn check_splits(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let asked = naive.asked(case.range, case.audience, case.scope);
    let best: Vec<UserId> = {
        let mut rows =
            ranked(&asked, &[], |counts, _| (counts.messages + counts.reactions_added) as f64);
        rows.sort_by_key(|(member, _, counts, _)| {
            (std::cmp::Reverse((counts.messages, counts.reactions_added)), *member)
        });
        rows.into_iter().take(2).map(|row| row.0).collect()
    };
    let member = |member: UserId| match best.contains(&member) {
        true => SplitKey::Member(member),
        false => SplitKey::Other,
    };
    for split in [Split::None, Split::Channel, Split::Kind, Split::Member { top: 2 }] {
        let expected = by(&asked, |(minute, cell)| {
            let key = match split {
                Split::None | Split::Emoji { .. } => SplitKey::All,
                Split::Channel => SplitKey::Channel(cell.channel),
                Split::Kind => SplitKey::Kind(cell.kind),
                Split::Member { .. } => member(cell.member),
            };
            (minute / 60, key)
        });
        let points =
            store.hourly(guild, case.range, case.audience, case.scope, split).await.unwrap();
        let found: Vec<_> = points
            .into_iter()
            .map(|point| {
                let mut counts = Counts::default();
                counts.add(&point.counts);
                ((point.unix_hour, point.key), counts)
            })
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{split:?} {case:?}");
    }
}

async fn check_minutes(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let asked = naive.asked(case.range, case.audience, Scope::Guild);
    let expected = by(&asked, |(minute, _)| *minute);
    let (from, to) = (case.range.from.saturating_mul(60), case.range.to.saturating_mul(60));
    let points = store.minutely(guild, from, to, case.audience).await.unwrap();
    let found: Vec<_> = points
        .into_iter()
        .map(|point| {
            let mut counts = Counts::default();
            counts.add(&point.counts);
            (point.unix_minute, counts)
        })
        .collect();
    assert_eq!(found, Vec::from_iter(expected), "{case:?}");
}

async fn check_boards(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let asked = naive.asked(case.range, case.audience, case.scope);
    let voices = naive.voices(case.range, case.audience, case.scope);
    let weights = case.weights;
    let boards = [
        Board::Messages,
        Board::Reactions,
        Board::Voice,
        Board::ActiveVoice,
        Board::Activity { weights },
    ];
    for board in boards {
        let expected = ranked(&asked, &voices, |counts, voice| value(board, counts, voice));
        let total: f64 = expected.iter().map(|row| row.1).sum();
        let mut question = LeaderboardQuestion {
            audience: case.audience,
            scope: case.scope,
            ..LeaderboardQuestion::new(guild, case.range, board, 3)
        };
        let mut found = Vec::new();
        loop {
            let page = store.leaderboard(&question).await.unwrap();
            assert_eq!(page.total_rows, expected.len() as u64, "{case:?}");
            assert!((page.total_value - total).abs() < 1e-6, "{case:?}");
            let Some(last) = page.rows.last() else { break };
            question.after = Some(LeaderCursor { value: last.value, member: last.member.id });
            found.extend(page.rows);
        }
        assert_eq!(found.len(), expected.len(), "{board:?} {case:?}");
        for (index, (row, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(row.rank, index as u64 + 1);
            assert_eq!((row.member.id, row.counts), (expected.0, expected.2), "{board:?} {case:?}");
            assert_eq!(row.voice, expected.3, "{board:?} {case:?}");
            assert!((row.value - expected.1).abs() < 1e-9);
            assert_eq!(row.member.kind, kind(row.member.id));
            let is_named = row.member.id.0 < MEMBERS;
            assert_eq!(row.member.username.is_some(), is_named);
        }
        let everybody: Vec<UserId> = (1..=MEMBERS + 1).map(UserId).collect();
        let standings = store.standings(&question, &everybody).await.unwrap();
        let standings: Vec<_> = standings.into_iter().map(|s| (s.rank, s.member)).collect();
        let expected: Vec<_> = (1..).zip(expected.iter().map(|row| row.0)).collect();
        assert_eq!(standings, expected);
    }
    let board = Board::Activity { weights };
    let expected = ranked(&asked, &voices, |counts, voice| value(board, counts, voice));
    check_search(store, guild, case, &expected).await;
}

/// What a board ranks by.
fn value(board: Board, counts: &Counts, voice: &MemberVoice) -> f64 {
    let messages = counts.messages as f64;
    let reactions = counts.reactions_added as f64;
    let minutes = voice.total_ms as f64 / 60_000.0;
    match board {
        Board::Messages => messages,
        Board::Reactions => reactions,
        Board::Voice => minutes,
        Board::ActiveVoice => voice.active_ms as f64 / 60_000.0,
        Board::Activity { weights } => {
            messages * weights.messages
                + reactions * weights.reactions
                + minutes * weights.voice_minutes
        }
    }
}

/// All members, and few of them, whose ways through the tables differ.
async fn check_member_totals(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let counts = by(&naive.asked(case.range, case.audience, case.scope), |(_, cell)| cell.member);
    let voices = spoken(&naive.voices(case.range, case.audience, case.scope));
    for members in [vec![UserId(2), UserId(3), UserId(MEMBERS)], (1..=2_000).map(UserId).collect()]
    {
        let known = members.iter().filter(|id| counts.contains_key(id) || voices.contains_key(id));
        let expected: Vec<_> = known
            .map(|member| MemberTotals {
                member: *member,
                kind: kind(*member),
                counts: counts.get(member).copied().unwrap_or_default(),
                voice: voices.get(member).copied().unwrap_or_default(),
            })
            .collect();
        let asked = store.member_totals(guild, &members, case.range, case.audience, case.scope);
        assert_eq!(asked.await.unwrap(), expected, "{case:?}");
    }
}

async fn check_search(store: &Store, guild: GuildId, case: &Case, expected: &[Ranked]) {
    type Matches = fn(u64) -> bool;
    let searches: [(&str, Matches); 5] = [
        ("USER_", |id| id < MEMBERS),
        ("user_3", |id| id == 3),
        ("éLAN", |id| id % 2 == 0 && id < MEMBERS),
        ("4%", |id| id == 4),
        ("r%3", |_| false),
    ];
    for (search, matches) in searches {
        let question = LeaderboardQuestion {
            audience: case.audience,
            scope: case.scope,
            search: Some(search.into()),
            ..LeaderboardQuestion::new(
                guild,
                case.range,
                Board::Activity { weights: case.weights },
                50,
            )
        };
        let page = store.leaderboard(&question).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|row| (row.rank, row.member.id)).collect();
        let expected: Vec<_> = (1..)
            .zip(expected.iter().map(|row| row.0))
            .filter(|(_, member)| matches(member.0))
            .collect();
        assert_eq!(page.total_rows, expected.len() as u64);
        assert_eq!(found, expected, "{search} {case:?}");
    }
}

async fn check_channels(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let asked = naive.asked(case.range, case.audience, Scope::Guild);
    for threads in [Threads::Own, Threads::Folded] {
        let expected = best_channels(by(&asked, |(_, cell)| place(cell.channel, threads)));
        let found = store.top_channels(guild, case.range, case.audience, threads, 4).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|row| (row.channel.id, row.counts)).collect();
        assert_eq!(found, expected.into_iter().take(4).collect::<Vec<_>>(), "{case:?}");
    }
    for parent in [11, 12, CATEGORY, NAMELESS] {
        let is_thread = |channel: ChannelId| {
            CHANNELS
                .iter()
                .any(|known| known.0 == channel.0 && known.1 > 9 && known.2 == Some(parent))
        };
        let cells: Vec<_> =
            asked.iter().copied().filter(|(_, cell)| is_thread(cell.channel)).collect();
        let expected = best_channels(by(&cells, |(_, cell)| cell.channel));
        let found =
            store.threads(guild, ChannelId(parent), case.range, case.audience).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|row| (row.channel.id, row.counts)).collect();
        assert_eq!(found, expected, "{case:?}");
    }
    let always = HourRange { from: 0, to: u32::MAX };
    let ever = naive.asked(always, Audience::All, case.scope);
    let spoken = naive.voices(always, Audience::All, case.scope);
    let hours = ever.iter().map(|(minute, _)| minute / 60);
    let last = hours.chain(spoken.iter().map(|(hour, ..)| *hour)).max();
    assert_eq!(store.last_activity(guild, case.scope).await.unwrap(), last);
}

/// The channel that a cell counts for.
fn place(channel: ChannelId, threads: Threads) -> ChannelId {
    let known = CHANNELS.iter().find(|known| known.0 == channel.0);
    match (threads, known) {
        (Threads::Folded, Some((_, 10..=12, Some(parent)))) => ChannelId(*parent),
        _ => channel,
    }
}

fn best_channels(sums: BTreeMap<ChannelId, Counts>) -> Vec<(ChannelId, Counts)> {
    let mut rows = Vec::from_iter(sums);
    rows.sort_by_key(|(channel, counts)| {
        (std::cmp::Reverse((counts.messages, counts.reactions_added)), *channel)
    });
    rows
}

async fn check_emojis(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let expected = naive.emojis(case.range);
    let tops = store.top_emojis(guild, case.range, 100).await.unwrap();
    let found: BTreeMap<_, _> =
        tops.iter().map(|row| (row.emoji.clone(), (row.added, row.removed))).collect();
    assert_eq!(found, expected);
    assert!(tops.is_sorted_by(|a, b| a.added >= b.added));
    let split = Split::Emoji { top: 2 };
    let points = store.hourly(guild, case.range, case.audience, case.scope, split).await.unwrap();
    let mut sums: BTreeMap<SplitKey, u64> = BTreeMap::new();
    for point in points {
        *sums.entry(point.key).or_default() += u64::from(point.counts.reactions_added);
    }
    let mut parts: BTreeMap<SplitKey, u64> = BTreeMap::new();
    for (index, row) in tops.into_iter().enumerate() {
        let key = if index < 2 { SplitKey::Emoji(row.emoji) } else { SplitKey::Other };
        *parts.entry(key).or_default() += row.added;
    }
    assert_eq!(sums, parts, "{case:?}");
}

async fn check_members(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let always = HourRange { from: 0, to: u32::MAX };
    for id in 1..=MEMBERS + 1 {
        let member = UserId(id);
        let mine = |range, scope| {
            let mut cells = naive.asked(range, Audience::All, scope);
            cells.retain(|(_, cell)| cell.member == member);
            cells
        };
        let asked = mine(case.range, case.scope);
        let points = store.member_hours(guild, member, case.range, case.scope).await.unwrap();
        let found: Vec<_> = points
            .into_iter()
            .map(|point| {
                let mut counts = Counts::default();
                counts.add(&point.counts);
                (point.unix_hour, counts)
            })
            .collect();
        assert_eq!(found, Vec::from_iter(by(&asked, |(minute, _)| minute / 60)), "{case:?}");
        let asked = mine(case.range, Scope::Guild);
        let expected = best_channels(by(&asked, |(_, cell)| place(cell.channel, Threads::Folded)));
        let found =
            store.member_channels(guild, member, case.range, Threads::Folded).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|row| (row.channel.id, row.counts)).collect();
        assert_eq!(found, expected, "{case:?}");
        let mut spoken = naive.voices(always, Audience::All, Scope::Guild);
        spoken.retain(|(_, cell, _)| cell.member == member);
        check_detail(store, guild, member, &mine(always, Scope::Guild), &spoken).await;
    }
}

async fn check_detail(
    store: &Store,
    guild: GuildId,
    member: UserId,
    ever: &[Counted],
    voices: &[Spoken],
) {
    let detail = store.member(guild, member).await.unwrap();
    let is_named = naive::member_records().iter().any(|record| record.id == member);
    assert_eq!(detail.is_some(), is_named || !ever.is_empty() || !voices.is_empty());
    let Some(detail) = detail else { return };
    let acted = ever.iter().filter(|(_, cell)| {
        let counts = cell.counts;
        counts.messages + counts.commands + counts.reactions_added + counts.reactions_removed > 0
    });
    let spoke = voices.iter().filter_map(|(_, _, minute)| *minute);
    let minutes = acted.map(|(minute, _)| *minute).chain(spoke);
    let minutes: Vec<i64> = minutes.map(|minute| i64::from(minute) * 60_000).collect();
    assert_eq!(detail.first_seen_ms, minutes.iter().copied().min());
    assert_eq!(detail.last_seen_ms, minutes.iter().copied().max());
    assert_eq!(detail.all_time, by(ever, |_| ()).remove(&()).unwrap_or_default());
    assert_eq!(detail.all_time_voice, spoken(voices).remove(&member).unwrap_or_default());
    assert_eq!(detail.row.kind, kind(member));
}

#[test]
fn nothing_known_is_an_empty_answer() {
    each_engine(async |store| {
        let (guild, all) = (GuildId(5), HourRange { from: 0, to: u32::MAX });
        assert_eq!(store.totals(guild, all, Audience::All, None).await.unwrap().messages, 0);
        let question = LeaderboardQuestion::new(guild, all, Board::Messages, 10);
        assert_eq!(store.leaderboard(&question).await.unwrap().total_rows, 0);
        assert!(store.guild(guild).await.unwrap().is_none());
        assert!(store.guilds().await.unwrap().is_empty());
        assert!(store.member(guild, UserId(1)).await.unwrap().is_none());
        let beyond = GuildId(u64::MAX);
        assert!(store.channels(beyond).await.unwrap().is_empty());
        assert_eq!(
            store.active_by_bucket(beyond, &[1, 2, 3], Audience::All, None).await.unwrap(),
            [0, 0]
        );
        assert!(store.active_by_bucket(guild, &[2, 1], Audience::All, None).await.is_err());
        let weights = ScoreWeights { messages: f64::NAN, reactions: 1.0, voice_minutes: 0.0 };
        let question = LeaderboardQuestion::new(guild, all, Board::Activity { weights }, 10);
        assert!(store.leaderboard(&question).await.is_err());
    });
}

/// A day that was packed and then changed is answered from its rows, and packed again later.
#[test]
fn late_windows_are_in_the_answer_at_once() {
    each_engine(async |store| {
        let guild = GuildId(7);
        let message = |day: u32, member: u64| {
            let cell = ActivityCell {
                channel: ChannelId(1),
                member: UserId(member),
                counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
                ..ActivityCell::default()
            };
            Record::ActivityWindow(ActivityWindow {
                guild,
                unix_minute: (BASE_HOUR + day * 24) * 60,
                cells: vec![cell],
                emojis: Vec::new(),
            })
        };
        let past: Vec<_> = (0..9).map(|day| message(day, 1)).collect();
        apply(&store, "bot/0", 1, &past).await.unwrap();
        apply(&store, "bot/0", 10, &[message(9, 1)]).await.unwrap();
        assert_eq!(packed_days(&store).await, 8);
        let range = HourRange { from: BASE_HOUR, to: BASE_HOUR + 8 * 24 };
        let question = LeaderboardQuestion::new(guild, range, Board::Messages, 10);
        for (entry, packed) in [(11, 9), (12, 9)] {
            apply(&store, "bot/0", entry, &[message(3, entry)]).await.unwrap();
            let board = store.leaderboard(&question).await.unwrap();
            assert_eq!(board.total_rows, entry - 9);
            assert!(board.total_value == 8.0 + (entry - 10) as f64);
            let totals = store.totals(guild, range, Audience::All, None).await.unwrap();
            assert_eq!(totals.active_members, entry - 9);
            // A window of the last day lets the days before it be packed.
            apply(&store, "bot/1", entry, &[message(9, 1)]).await.unwrap();
            assert_eq!(packed_days(&store).await, packed);
            assert_eq!(store.leaderboard(&question).await.unwrap().total_rows, entry - 9);
        }
    });
}
