//! The ledger of moderation against what imagined moderators did: however late, often and disordered it is told, each act is one row.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id},
};
use vigie_core::vocabulary::{
    AuditId, Case, CaseSource, Change, ChannelId, GuildId, ModerationAction, Record, UnixMs,
    UserId, snowflake_at,
};

use super::harness::{apply, each_engine, fresh_number};
use crate::{
    Store,
    db::{Engine, on},
};

/// 2026-10-01 00:00.
const START: i64 = 1_790_812_800_000;

const MODERATOR: UserId = UserId(99);

/// A row as it should be: action, target or channel, instant, moderator, count, end, whether the fact was heard.
type Row = (i32, i64, i64, Option<i64>, Option<i32>, Option<i64>, bool);

/// What is imagined to happen next: to whom, after how many seconds, what, and how it is told.
type Step = (u64, i64, u8, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((1_u64..5, 1_i64..400, 0_u8..12, any::<u8>()), 1..60)
}

/// Moderators at work, and what is heard and read of it.
struct Imagined {
    now: i64,
    audit: u64,
    /// When anything was last done to a target that could be taken for another act.
    last: BTreeMap<u64, i64>,
    banned: BTreeMap<u64, bool>,
    /// Facts in the order in which they are heard.
    facts: Vec<(i64, Case)>,
    entries: Vec<Case>,
    truth: Vec<Row>,
}

impl Imagined {
    fn new() -> Self {
        Self {
            now: START,
            audit: 0,
            last: BTreeMap::new(),
            banned: BTreeMap::new(),
            facts: Vec::new(),
            entries: Vec::new(),
            truth: Vec::new(),
        }
    }

    fn step(&mut self, (target, seconds, what, told): Step) {
        self.now += seconds * 1_000;
        // Two acts that could be one for want of news are further apart than they could be told.
        let last = self.last.get(&target).copied().unwrap_or(i64::MIN / 2);
        let is_clear = self.now - last > 11 * 60_000;
        let is_banned = self.banned.get(&target).copied().unwrap_or(false);
        match what {
            0..=3 if is_clear => {
                let action =
                    if is_banned { ModerationAction::Unban } else { ModerationAction::Ban };
                self.banned.insert(target, !is_banned);
                self.last.insert(target, self.now);
                self.act(target, action, told, None);
                if told & 64 != 0 && told & 2 != 0 {
                    self.tell_again(target, action);
                }
            }
            // Banned for the sake of deleting messages, and let in again at once.
            4 | 5 if is_clear && !is_banned => {
                self.last.insert(target, self.now);
                self.act(target, ModerationAction::Ban, told, None);
                self.now += 50 + i64::from(told);
                self.act(target, ModerationAction::Unban, told, None);
            }
            6 => {
                let until = self.now + 3_600_000;
                self.act(target, ModerationAction::Timeout, told, Some(until));
                if told & 64 != 0 && told & 2 != 0 {
                    self.tell_again(target, ModerationAction::Timeout);
                }
            }
            7 => self.act(target, ModerationAction::Kick, 1, None),
            8 if self.now - last > 60_000 => {
                self.last.insert(target, self.last.get(&target).copied().unwrap_or(0).max(last));
                self.act(target, ModerationAction::MessageDeleteBulk, told, None);
                self.now += 30_000;
            }
            9 => {
                // One hit of a rule, two measures.
                self.automod(target, told, 1);
                self.automod(target, told, 2);
                self.now += 30_000;
            }
            10 => self.merged(target, told),
            _ => {}
        }
    }

    /// An act that is told as the bits say: 1 by its entry, 2 by an event; by one of both in any case.
    fn act(&mut self, target: u64, action: ModerationAction, told: u8, until: Option<i64>) {
        let is_bulk = action == ModerationAction::MessageDeleteBulk;
        let case = Case {
            action,
            at: UnixMs(self.now),
            target: (!is_bulk).then_some(UserId(target)),
            channel: is_bulk.then_some(ChannelId(target)),
            count: is_bulk.then_some(7),
            until: until.map(UnixMs),
            ..Case::default()
        };
        self.tell(target, &case, told);
    }

    fn automod(&mut self, target: u64, told: u8, measure: u8) {
        let change =
            Change { field: "automod_action".into(), old: None, new: Some(measure.to_string()) };
        let case = Case {
            action: ModerationAction::Automod,
            at: UnixMs(self.now),
            target: Some(UserId(target)),
            changes: vec![change],
            ..Case::default()
        };
        self.tell(target, &case, told);
    }

    fn tell(&mut self, subject: u64, case: &Case, told: u8) {
        let is_entered = told & 1 != 0 || told & 2 == 0;
        let is_heard = told & 2 != 0;
        // News take up to two seconds, and our clock is up to three behind.
        let heard = self.now + i64::from(told >> 2 & 15) * 300 - 2_500;
        if is_heard {
            // What is heard is heard in order.
            let heard = heard.max(self.facts.last().map_or(i64::MIN, |last| last.0));
            self.facts.push((heard, Case { at: UnixMs(heard), ..case.clone() }));
        }
        let heard = is_heard.then(|| self.facts.last().map_or(0, |last| last.0));
        if is_entered {
            self.audit += 1;
            self.entries.push(Case {
                audit: Some(AuditId(snowflake_at(case.at) + self.audit)),
                source: CaseSource::AuditPushed,
                moderator: Some(MODERATOR),
                ..case.clone()
            });
        }
        self.truth.push((
            case.action as i32,
            subject as i64,
            if is_entered { case.at.0 } else { heard.unwrap_or(case.at.0) },
            is_entered.then_some(MODERATOR.0 as i64),
            case.count.map(|count| count as i32),
            case.until.map(|until| until.0),
            is_heard,
        ));
    }

    /// Discord says the last thing heard again.
    fn tell_again(&mut self, target: u64, action: ModerationAction) {
        let is_it = |case: &Case| case.target == Some(UserId(target)) && case.action == action;
        if let Some((at, case)) = self.facts.last().filter(|(_, case)| is_it(case)).cloned() {
            self.facts.push((at + 700, Case { at: UnixMs(at + 700), ..case }));
            self.now += 1_000;
        }
    }

    /// An entry into which Discord merges what follows.
    fn merged(&mut self, target: u64, told: u8) {
        self.audit += 1;
        let most = i32::from(told % 5) + 1;
        for count in 1..=most {
            self.entries.push(Case {
                audit: Some(AuditId(snowflake_at(UnixMs(self.now)) + self.audit)),
                action: ModerationAction::MessageDelete,
                source: CaseSource::AuditRead,
                at: UnixMs(self.now),
                target: Some(UserId(target)),
                moderator: Some(MODERATOR),
                count: Some(count as u32),
                ..Case::default()
            });
        }
        self.truth.push((
            ModerationAction::MessageDelete as i32,
            target as i64,
            self.now,
            Some(MODERATOR.0 as i64),
            Some(most),
            None,
            false,
        ));
    }
}

/// All rows of a guild's ledger, in order.
async fn stored(store: &Store, guild: GuildId) -> Vec<Row> {
    let sql = "SELECT action, COALESCE(target_id, channel_id), at_ms, moderator_id, count, until_ms, heard_ms IS NOT NULL \
        FROM moderation_logs WHERE guild_id = $1";
    let mut rows: Vec<Row> = on!(&store.read, pool => {
        sqlx::query_as(sql).bind(guild.0 as i64).fetch_all(pool).await.unwrap()
    });
    rows.sort_unstable();
    rows
}

#[test]
fn each_act_is_one_row_however_it_is_told() {
    each_engine(async |store| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for case in 0..150_u64 {
            let strategy = (steps(), prop::collection::vec(1_usize..40, 1..20), any::<u64>());
            let (steps, pieces, order) = strategy.new_tree(&mut runner).unwrap().current();
            let guild = GuildId(1_000 + case);
            let mut imagined = Imagined::new();
            steps.iter().for_each(|step| imagined.step(*step));
            let told = disordered(&imagined, order);
            let producer = format!("bot/{}", fresh_number());
            let (mut from, mut number) = (0, 1);
            for piece in pieces.iter().cycle() {
                let to = (from + piece).min(told.len());
                // A batch holds several records.
                let records: Vec<Record> = told[from..to]
                    .chunks(3)
                    .map(|cases| Record::Cases(guild, cases.to_vec()))
                    .collect();
                apply(&store, &producer, number, &records).await.unwrap();
                number += records.len() as u64;
                from = to;
                if from == told.len() {
                    break;
                }
            }
            imagined.truth.sort_unstable();
            let stored = stored(&store, guild).await;
            assert_eq!(stored, imagined.truth, "case {case}: {steps:?}\n{told:#?}");
        }
    });
}

/// Facts in their order; among them, before and after, the entries in any order, some of them twice.
fn disordered(imagined: &Imagined, mut dice: u64) -> Vec<Case> {
    let mut roll = move || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize
    };
    let mut told: Vec<Case> = imagined.facts.iter().map(|(_, case)| case.clone()).collect();
    for entry in &imagined.entries {
        for again in 0..=usize::from(roll() % 4 == 0) {
            let source = if again == 0 { entry.source } else { CaseSource::AuditRead };
            let place = roll() % (told.len() + 1);
            told.insert(place, Case { source, ..entry.clone() });
        }
    }
    told
}

/// Counts the statements that the driver tells of.
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_raid_is_a_bounded_number_of_statements() {
    each_engine(async |store| {
        let guild = GuildId(77);
        let facts: Vec<Case> = (0..1_000_i64)
            .map(|at| Case {
                action: ModerationAction::Ban,
                at: UnixMs(START + at * 10),
                target: Some(UserId(1_000 + at as u64)),
                ..Case::default()
            })
            .collect();
        let entries: Vec<Case> = facts
            .iter()
            .map(|fact| Case {
                audit: Some(AuditId(snowflake_at(fact.at) + 1)),
                source: CaseSource::AuditPushed,
                moderator: Some(MODERATOR),
                ..fact.clone()
            })
            .collect();
        let counted = Arc::new(AtomicUsize::new(0));
        // SQLite works on a thread of its own, of which this does not hear; the statements are the same.
        let guard = tracing::subscriber::set_default(Statements(counted.clone()));
        for (first, cases) in [(1, facts), (1_001, entries)] {
            let records: Vec<Record> =
                cases.into_iter().map(|case| Record::Cases(guild, vec![case])).collect();
            apply(&store, "bot/0", first, &records).await.unwrap();
        }
        drop(guard);
        let counted = counted.load(Ordering::Relaxed);
        match store.engine() {
            Engine::Postgres => assert!((10..60).contains(&counted), "{counted}"),
            Engine::Sqlite => assert!(counted < 60, "{counted}"),
        }
        let rows = stored(&store, guild).await;
        assert_eq!(rows.len(), 1_000);
        assert!(rows.iter().all(|row| row.3 == Some(MODERATOR.0 as i64) && row.6));
    });
}
