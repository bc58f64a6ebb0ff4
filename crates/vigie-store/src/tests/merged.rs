//! An hour that was merged on its way makes the same rows as the minutes that it stands for.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sqlx::Row as _;
use vigie_core::vocabulary::{
    ActivityCounts, ActivityHour, ActivityWindow, EmojiCount, GuildId, HourCell, MinuteSum, Record,
};

use super::{
    harness::{apply, each_engine, fresh_number},
    naive::windows,
};
use crate::{Store, db::Db};

/// The tables of the family, the column of the guild left out.
const TABLES: [(&str, &str); 7] = [
    (
        "metrics_snapshots",
        "unix_minute, messages, commands, reactions_added, reactions_removed, reactions_received, \
      bot_messages, webhook_messages, bot_commands, bot_reactions_added, bot_reactions_removed, bot_reactions_received",
    ),
    (
        "member_activity_hourly",
        "unix_hour, channel_id, member_id, kind, messages, commands, reactions_added, reactions_removed, \
      reactions_received",
    ),
    (
        "member_activity_daily",
        "unix_day, member_id, channel_id, kind, hours, active_hours, messages, commands, reactions_added",
    ),
    (
        "guild_activity_hourly",
        "unix_hour, kind, messages, commands, reactions_added, reactions_removed, reactions_received",
    ),
    (
        "channel_activity_hourly",
        "unix_hour, channel_id, kind, messages, commands, reactions_added, reactions_removed",
    ),
    ("emoji_hourly", "unix_hour, emoji_id, unicode, reactions_added, reactions_removed"),
    (
        "member_stats",
        "user_id, kind, messages, commands, reactions_added, reactions_removed, reactions_received, \
      first_seen_minute, last_seen_minute",
    ),
];

#[test]
fn a_merged_hour_makes_the_rows_of_its_minutes() {
    each_engine(async |store| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for _ in 0..20 {
            let windows = windows().new_tree(&mut runner).unwrap().current();
            let one = GuildId(50_000 + u64::from(fresh_number()));
            let other = GuildId(50_000 + u64::from(fresh_number()));
            let minutes: Vec<_> = windows
                .iter()
                .map(|window| {
                    Record::ActivityWindow(ActivityWindow { guild: one, ..window.clone() })
                })
                .collect();
            apply(&store, &format!("bot/{}", one.0), 1, &minutes).await.unwrap();
            apply(&store, &format!("bot/{}", other.0), 1, &merged(other, &windows)).await.unwrap();
            for (table, columns) in TABLES {
                let (one, other) = (
                    rows(&store, table, columns, one).await,
                    rows(&store, table, columns, other).await,
                );
                assert_eq!(one, other, "{table} {windows:?}");
            }
        }
    });
}

/// One record for each hour.
fn merged(guild: GuildId, windows: &[ActivityWindow]) -> Vec<Record> {
    let mut hours: BTreeMap<u32, Vec<&ActivityWindow>> = BTreeMap::new();
    for window in windows {
        hours.entry(window.unix_minute / 60).or_default().push(window);
    }
    let merged = hours.into_iter().map(|(unix_hour, windows)| {
        let mut hour = ActivityHour { guild, unix_hour, ..ActivityHour::default() };
        let mut cells: BTreeMap<_, HourCell> = BTreeMap::new();
        let mut minutes: BTreeMap<_, MinuteSum> = BTreeMap::new();
        let mut emojis: BTreeMap<_, EmojiCount> = BTreeMap::new();
        for window in windows {
            let minute = (window.unix_minute % 60) as u8;
            for cell in &window.cells {
                let mine = cells.entry((cell.channel, cell.member, cell.kind)).or_default();
                let counts = add(mine.cell.counts, cell.counts);
                mine.cell = *cell;
                mine.cell.counts = counts;
                let done = ActivityCounts { reactions_received: 0, ..cell.counts };
                if done != ActivityCounts::default() {
                    let (first, last) = mine.seen.unwrap_or((minute, minute));
                    mine.seen = Some((first.min(minute), last.max(minute)));
                }
                let whole = minutes.entry((minute, cell.kind)).or_insert(MinuteSum {
                    minute,
                    kind: cell.kind,
                    ..MinuteSum::default()
                });
                whole.counts = add(whole.counts, cell.counts);
            }
            for count in &window.emojis {
                let mine = emojis.entry(count.emoji.clone()).or_insert(EmojiCount {
                    emoji: count.emoji.clone(),
                    added: 0,
                    removed: 0,
                });
                mine.added += count.added;
                mine.removed += count.removed;
            }
        }
        hour.cells = cells.into_values().collect();
        hour.minutes = minutes.into_values().collect();
        hour.emojis = emojis.into_values().collect();
        Record::ActivityHour(hour)
    });
    merged.collect()
}

fn add(a: ActivityCounts, b: ActivityCounts) -> ActivityCounts {
    ActivityCounts {
        messages: a.messages + b.messages,
        commands: a.commands + b.commands,
        reactions_added: a.reactions_added + b.reactions_added,
        reactions_removed: a.reactions_removed + b.reactions_removed,
        reactions_received: a.reactions_received + b.reactions_received,
    }
}

/// A guild's rows of a table, as texts.
async fn rows(store: &Store, table: &str, columns: &str, guild: GuildId) -> Vec<String> {
    let texts: Vec<_> = columns
        .split(", ")
        .map(|column| format!("COALESCE(CAST({} AS TEXT), '-')", column.trim()))
        .collect();
    let sql = format!(
        "SELECT {} AS line FROM {table} WHERE guild_id = {} ORDER BY 1",
        texts.join(" || '|' || "),
        guild.0
    );
    let sql = sqlx::AssertSqlSafe(sql);
    let mut lines: Vec<String> = match &store.read {
        Db::Lite(pool) => {
            let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
            rows.iter().map(|row| row.get("line")).collect()
        }
        Db::Pg(pool) => {
            let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
            rows.iter().map(|row| row.get("line")).collect()
        }
    };
    lines.sort();
    lines
}
