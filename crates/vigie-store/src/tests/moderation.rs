//! Facts of moderation and entries of the audit log: one row for each act, in whatever order and batches they arrive.

use vigie_core::vocabulary::{
    AuditId, AuthorKind, Case, CaseSource, Change, ChannelId, Departure, GuildId, Join,
    ModerationAction, Record, UnixMs, UserId,
};

use super::harness::{apply, each_engine, fresh_number};
use crate::{Store, db::on};

/// 2026-10-01 00:00.
const START: i64 = 1_790_812_800_000;

/// A word as a case: a letter for the action (small for a fact, capital for an entry), seconds, then `/` and the end of a timeout, `=` and
/// a number, or `:` and what a rule did. Entries of one action and second are the same; one of an even second names no moderator with `?`.
fn case(word: &str) -> Case {
    let (letter, rest) = word.split_at(1);
    let action = match letter.to_ascii_lowercase().as_str() {
        "b" => ModerationAction::Ban,
        "u" => ModerationAction::Unban,
        "k" => ModerationAction::Kick,
        "t" => ModerationAction::Timeout,
        "d" => ModerationAction::MessageDeleteBulk,
        "m" => ModerationAction::MessageDelete,
        "a" => ModerationAction::Automod,
        _ => panic!("{word}"),
    };
    let is_entry = letter.chars().all(char::is_uppercase);
    let (rest, is_unknown) = match rest.strip_suffix('?') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let place = rest.find(['/', '=', ':']).unwrap_or(rest.len());
    let (seconds, more) = rest.split_at(place);
    let seconds: i64 = seconds.parse().unwrap();
    let value = |sign: char| more.strip_prefix(sign).map(|value| value.parse::<i64>().unwrap());
    let is_bulk = action == ModerationAction::MessageDeleteBulk;
    let change = |value: i64| Change {
        field: "automod_action".into(),
        old: None,
        new: Some(value.to_string()),
    };
    Case {
        audit: is_entry.then_some(AuditId(1_000 * seconds as u64 + action as u64)),
        action,
        source: if is_entry { CaseSource::AuditPushed } else { CaseSource::Event },
        at: UnixMs(START + seconds * 1_000),
        target: (!is_bulk).then_some(UserId(7)),
        moderator: (is_entry && !is_unknown).then_some(UserId(9)),
        reason: is_entry.then(|| "rude".into()),
        channel: is_bulk.then_some(ChannelId(11)),
        count: value('=').map(|count| count as u32),
        until: value('/').map(|until| UnixMs(START + until * 1_000)),
        changes: value(':').map(change).into_iter().collect(),
    }
}

/// The ledger of a guild: action, seconds, how it is known, number.
async fn ledger(store: &Store, guild: GuildId) -> String {
    type Sql = (i32, i64, Option<i64>, Option<i64>, Option<i64>, Option<i32>, Option<String>);
    let sql = "SELECT action, at_ms, audit_id, moderator_id, heard_ms, count, reason FROM moderation_logs WHERE guild_id = $1 \
        ORDER BY at_ms, action, audit_id IS NOT NULL";
    let rows: Vec<Sql> = on!(&store.read, pool => {
        sqlx::query_as(sql).bind(guild.0 as i64).fetch_all(pool).await.unwrap()
    });
    let row = |(action, at, audit, moderator, heard, count, reason): Sql| {
        let action = ModerationAction::from_u8(action as u8).unwrap();
        let mut text = format!("{action:?} {}", (at - START) / 1_000);
        for (is_so, word) in [
            (heard.is_some(), " heard"),
            (audit.is_some(), " entry"),
            (moderator == Some(9), " known"),
        ] {
            if is_so {
                text.push_str(word);
            }
        }
        assert_eq!(reason.is_some(), audit.is_some());
        count.map_or(text.clone(), |count| format!("{text} {count}"))
    };
    rows.into_iter().map(row).collect::<Vec<_>>().join(", ")
}

/// Orders of so many things: all of few, some of many.
fn orders(things: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for at in 0..things {
        let insert = |order: &Vec<usize>| {
            (0..=order.len())
                .map(|place| {
                    let mut order = order.clone();
                    order.insert(place, at);
                    order
                })
                .collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(insert).collect();
    }
    let step = orders.len().div_ceil(24);
    orders.into_iter().step_by(step).collect()
}

/// Checks what is told in several orders, one by one and all at once.
async fn check(store: &Store, told: &str, expected: &str) {
    let words: Vec<&str> = told.split_whitespace().collect();
    for (number, order) in orders(words.len()).into_iter().enumerate() {
        let guild = GuildId(u64::from(fresh_number()) + 100_000);
        let cases = order.iter().map(|at| Record::Cases(guild, vec![case(words[*at])]));
        let cases: Vec<Record> = cases.collect();
        let producer = format!("bot/{}", fresh_number());
        let size = 1 + number % words.len();
        for (at, piece) in cases.chunks(size).enumerate() {
            apply(store, &producer, 1 + (at * size) as u64, piece).await.unwrap();
        }
        assert_eq!(ledger(store, guild).await, expected, "{told} in the order {order:?} by {size}");
    }
}

#[test]
fn a_fact_and_its_entry_are_one_row_in_any_order() {
    each_engine(async |store| {
        for (told, expected) in [
            ("b100", "Ban 100 heard"),
            ("B100", "Ban 100 entry known"),
            ("b100 B101", "Ban 101 heard entry known"),
            ("b100 B101 B101", "Ban 101 heard entry known"),
            ("b100 b105 B101", "Ban 101 heard entry known"),
            ("b100 B690", "Ban 690 heard entry known"),
            ("b100 B701", "Ban 100 heard, Ban 701 entry known"),
            // Two entries are two acts.
            ("b100 B101 B102", "Ban 101 heard entry known, Ban 102 entry known"),
            // Something opposite lies between.
            ("b100 u300 B500", "Ban 100 heard, Unban 300 heard, Ban 500 entry known"),
            (
                "b100 B101 u200 U200 b300 B302",
                "Ban 101 heard entry known, Unban 200 heard entry known, Ban 302 heard entry known",
            ),
            // Timeouts are known by their end.
            ("t500/900 T100/900", "Timeout 100 heard entry known"),
            ("t500/900 T500/901", "Timeout 500 heard, Timeout 500 entry known"),
            ("t500/900 t700/900", "Timeout 500 heard"),
            // Several bulk deletions may look alike.
            ("d100=5 D104=5", "MessageDeleteBulk 104 heard entry known 5"),
            ("d100=5 D104=6", "MessageDeleteBulk 100 heard 5, MessageDeleteBulk 104 entry known 6"),
            ("d100=5 d103=5", "MessageDeleteBulk 100 heard 5, MessageDeleteBulk 103 heard 5"),
            (
                "d100=5 d103=5 D104=5",
                "MessageDeleteBulk 100 heard 5, MessageDeleteBulk 104 heard entry known 5",
            ),
            // Merged entries grow.
            ("M100=1 M100=3 M100=2", "MessageDelete 100 entry known 3"),
            // A rule does several things at once.
            ("a100:1 a100:3 A101:3", "Automod 100 heard, Automod 101 heard entry known"),
            ("a100:1 A111:1", "Automod 100 heard, Automod 111 entry known"),
            // Told twice at once: one hit. Two hits, two entries: both stay.
            ("a100:1 a100:1", "Automod 100 heard"),
            ("a100:1 a100:1 A101:1", "Automod 101 heard entry known"),
            (
                "a100:1 a102:1 A101:1 A103:1",
                "Automod 101 heard entry known, Automod 103 heard entry known",
            ),
            // Who did it becomes known later.
            ("K100? K100", "Kick 100 entry known"),
        ] {
            check(&store, told, expected).await;
        }
    });
}

#[test]
fn a_departure_points_to_the_row_that_ended_it() {
    each_engine(async |store| {
        let member = UserId(7);
        let kind = AuthorKind::Human;
        let joined_at = UnixMs(START);
        for (told, expected) in [
            ("b100 B101", (2, true)),
            ("B101 b100", (2, true)),
            ("K99", (1, true)),
            ("b300", (0, false)),
            ("K101 u103", (1, true)),
            // Heard late, in a replay, together with the departure.
            ("B20 b101", (2, true)),
        ] {
            for is_first in [true, false] {
                let guild = GuildId(u64::from(fresh_number()) + 100_000);
                let join = Join { member, kind, joined_at, rejoined: false, listed: None };
                let left_at = UnixMs(START + 100_000);
                let mut records = vec![
                    Record::Joins(guild, vec![join]),
                    Record::Departures(guild, vec![Departure { member, kind, left_at }]),
                ];
                let place = if is_first { 1 } else { 2 };
                for word in told.split_whitespace().rev() {
                    records.insert(place, Record::Cases(guild, vec![case(word)]));
                }
                let producer = format!("bot/{}", fresh_number());
                for (number, record) in (1..).zip(records) {
                    apply(&store, &producer, number, &[record]).await.unwrap();
                }
                let sql = "SELECT s.departure, c.id IS NOT NULL FROM member_stays s \
                    LEFT JOIN moderation_logs c ON c.id = s.departure_case WHERE s.guild_id = $1";
                let row: (i32, bool) = on!(&store.read, pool => {
                    sqlx::query_as(sql).bind(guild.0 as i64).fetch_one(pool).await.unwrap()
                });
                assert_eq!(row, expected, "{told} {is_first}");
            }
        }
    });
}

#[test]
fn a_raid_of_a_thousand_bans_is_one_batch() {
    each_engine(async |store| {
        let guild = GuildId(5);
        let of = |word: &str, at: u64| Case { target: Some(UserId(at)), ..case(word) };
        let facts: Vec<Case> = (1..=1_000).map(|at| of("b100", at)).collect();
        let entry = |at: u64| Case { audit: Some(AuditId(10_000 + at)), ..of("B101", at) };
        let entries: Vec<Case> = (1..=1_000).map(entry).collect();
        let joins: Vec<Join> = (1..=1_000)
            .map(|at| Join {
                member: UserId(at),
                kind: AuthorKind::Human,
                joined_at: UnixMs(START + at as i64),
                rejoined: false,
                listed: None,
            })
            .collect();
        let departures = (1..=1_000).map(|at| Departure {
            member: UserId(at),
            kind: AuthorKind::Human,
            left_at: UnixMs(START + 100_000 + at as i64),
        });
        let departures: Vec<Departure> = departures.collect();
        let records = [
            Record::Joins(guild, joins),
            Record::Cases(guild, facts),
            Record::Departures(guild, departures),
        ];
        apply(&store, "bot/0", 1, &records).await.unwrap();
        apply(&store, "bot/0", 4, &[Record::Cases(guild, entries)]).await.unwrap();
        let sql = "SELECT COUNT(*), COUNT(c.audit_id), COUNT(c.heard_ms) FROM member_stays s \
            JOIN moderation_logs c ON c.id = s.departure_case AND c.target_id = s.member_id WHERE s.guild_id = $1 AND s.departure = 2";
        let counts: (i64, i64, i64) = on!(&store.read, pool => {
            sqlx::query_as(sql).bind(5_i64).fetch_one(pool).await.unwrap()
        });
        assert_eq!(counts, (1_000, 1_000, 1_000));
    });
}
