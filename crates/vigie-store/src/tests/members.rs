//! Stays: what an imagined guild's people do, heard, missed and found again, against what is stored of it.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use vigie_core::vocabulary::{
    AuthorKind, Departure, DepartureKind, GuildId, Join, ModerationAction, Record, UnixMs, UserId,
};

use super::harness::{apply, each_engine, fresh_number};
use crate::{
    Store,
    db::{Db, on},
    members::{self, MembersFold, Touched},
};

/// 2026-10-01 00:00.
const START: i64 = 1_790_812_800_000;

/// A row of `member_stays`: whether the join is known, heard, rejoined, listed, left, departure, found missing.
type Row = (bool, bool, bool, Option<i64>, Option<i64>, Option<i32>, Option<i64>);

/// What is imagined to happen: who, after how many seconds, and what.
type Step = (u64, i64, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((1_u64..8, 61_i64..500, 0_u8..16), 1..120)
}

/// People who come and go, and what an ideal observer knows of it.
struct Imagined {
    guild: GuildId,
    now: i64,
    /// Who is there, since when.
    present: BTreeMap<u64, i64>,
    known: BTreeMap<(u64, i64), Row>,
    records: Vec<Record>,
    cases: Vec<(i32, u64, i64)>,
    is_deaf: bool,
}

impl Imagined {
    fn new(guild: GuildId) -> Self {
        // Three were there before anybody listened.
        let present = [1_u64, 2, 3].map(|member| (member, START - 1_000_000 * member as i64));
        Self {
            guild,
            now: START,
            present: present.into(),
            known: BTreeMap::new(),
            records: Vec::new(),
            cases: Vec::new(),
            is_deaf: false,
        }
    }

    fn step(&mut self, (member, seconds, what): Step) {
        self.now += seconds * 1_000;
        match (what, self.present.contains_key(&member)) {
            (0..=6, false) => self.join(member),
            (0..=2, true) => self.leave(member, None),
            (3, true) => self.leave(member, Some(ModerationAction::Kick)),
            (4, true) => self.leave(member, Some(ModerationAction::Ban)),
            (5 | 6, true) if !self.is_deaf => self.tell_join(member),
            // Heard by nobody, until the list is read.
            (7, _) => self.is_deaf = true,
            (8, _) if self.is_deaf => self.list(),
            _ => {}
        }
    }

    fn join(&mut self, member: u64) {
        self.present.insert(member, self.now);
        if !self.is_deaf {
            self.tell_join(member);
        }
    }

    fn tell_join(&mut self, member: u64) {
        let since = self.present[&member];
        self.tell(member, since, None);
        let before = self.known.keys().any(|key| key.0 == member && key.1 < since);
        let row = self
            .known
            .entry((member, since))
            .or_insert((true, true, before, None, None, None, None));
        row.1 = true;
    }

    fn tell(&mut self, member: u64, since: i64, listed: Option<i64>) {
        let join = Join {
            member: UserId(member),
            kind: AuthorKind::Human,
            joined_at: UnixMs(since),
            rejoined: false,
            listed: listed.map(UnixMs),
        };
        self.records.push(Record::Joins(self.guild, vec![join]));
    }

    fn leave(&mut self, member: u64, by: Option<ModerationAction>) {
        let Some(since) = self.present.remove(&member) else { return };
        let kind = match by {
            Some(ModerationAction::Kick) => DepartureKind::Kick,
            Some(ModerationAction::Ban) => DepartureKind::Ban,
            _ => DepartureKind::Leave,
        };
        if let Some(action) = by {
            // Written down a little before or after.
            let at = self.now + [-9_000, 400, 9_000][member as usize % 3];
            let at = if self.is_deaf { self.now } else { at };
            self.cases.push((action as i32, member, at));
        }
        if self.is_deaf {
            return;
        }
        let departure = Departure {
            member: UserId(member),
            kind: AuthorKind::Human,
            left_at: UnixMs(self.now),
        };
        let again = Departure { left_at: UnixMs(self.now + 20_000), ..departure };
        self.records.push(Record::Departures(self.guild, vec![departure, again]));
        let end = (Some(self.now), Some(kind as i32), None);
        match self.known.get_mut(&(member, since)) {
            Some(row) => (row.4, row.5, row.6) = end,
            None => {
                let before = self.known.keys().any(|key| key.0 == member);
                let row = (false, false, before, None, end.0, end.1, end.2);
                self.known.insert((member, self.now), row);
            }
        }
    }

    /// The list is read while a member leaves.
    fn list(&mut self) {
        self.is_deaf = false;
        let began = self.now;
        for (member, since) in self.present.clone() {
            self.tell(member, since, Some(began));
            let before = self.known.keys().any(|key| key.0 == member && key.1 < since);
            let row = self
                .known
                .entry((member, since))
                .or_insert((true, false, before, None, None, None, None));
            row.3 = Some(began);
            // A stay of theirs that was missed ended before this one began.
            let open = self.known.range_mut((member, i64::MIN)..(member, since));
            for (_, row) in open.filter(|(_, row)| row.4.is_none()) {
                (row.4, row.5, row.6) = (Some(since), Some(4), Some(since));
            }
        }
        self.now += 1_000;
        if let Some(member) = self.present.keys().next().copied() {
            self.leave(member, None);
        }
        self.records.push(Record::MembersListed(self.guild, UnixMs(began)));
        for ((member, since), row) in &mut self.known {
            if row.4.is_none() && self.present.get(member) != Some(since) {
                (row.4, row.5, row.6) = (Some(began), Some(4), Some(began));
            }
        }
    }

    /// Who was only found missing went when they were kicked or banned.
    fn finish(mut self) -> Self {
        let mut cases = self.cases.clone();
        cases.sort_by_key(|case| case.2);
        for ((member, since), row) in &mut self.known {
            let Some(unseen) = row.6 else { continue };
            let during =
                |case: &&(i32, u64, i64)| case.1 == *member && case.2 > *since && case.2 <= unseen;
            if let Some((action, _, at)) = cases.iter().find(during) {
                let is_ban = *action == ModerationAction::Ban as i32;
                (row.4, row.5) = (Some(*at), Some(if is_ban { 2 } else { 1 }));
            }
        }
        self
    }
}

/// Puts a case into the ledger and has the stays told of it.
async fn tell_case(store: &Store, guild: GuildId, (action, member, at): (i32, u64, i64)) {
    let sql = "INSERT INTO moderation_logs (guild_id, action, at_ms, target_id, source) VALUES ($1, $2, $3, $4, 0)";
    let target = (member != 0).then_some(member as i64);
    on!(&store.write, pool => {
        let query = sqlx::query(sql).bind(guild.0 as i64).bind(action).bind(at).bind(target);
        query.execute(pool).await.unwrap();
    });
    let touched = match target {
        Some(target) => {
            Touched { members: vec![(guild.0 as i64, target, at)], ..Touched::default() }
        }
        None => Touched { prunes: vec![(guild.0 as i64, at)], ..Touched::default() },
    };
    let fold = MembersFold::default();
    match &store.write {
        Db::Lite(pool) => {
            let mut tx = pool.begin().await.unwrap();
            members::write(&mut Db::Lite(&mut *tx), &fold, touched).await.unwrap();
            tx.commit().await.unwrap();
        }
        Db::Pg(pool) => {
            let mut tx = pool.begin().await.unwrap();
            members::write(&mut Db::Pg(&mut *tx), &fold, touched).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// All stays of a guild: member, beginning, the rest.
async fn stored(store: &Store, guild: GuildId) -> BTreeMap<(u64, i64), Row> {
    let sql = "SELECT member_id, since_ms, is_join_known, is_heard, rejoined, listed_ms, left_at_ms, departure, unseen_ms \
        FROM member_stays WHERE guild_id = $1";
    type Sql = (i64, i64, bool, bool, bool, Option<i64>, Option<i64>, Option<i32>, Option<i64>);
    let rows: Vec<Sql> = on!(&store.read, pool => {
        sqlx::query_as(sql).bind(guild.0 as i64).fetch_all(pool).await.unwrap()
    });
    let row = |row: Sql| ((row.0 as u64, row.1), (row.2, row.3, row.4, row.5, row.6, row.7, row.8));
    rows.into_iter().map(row).collect()
}

#[test]
fn stays_are_what_happened_however_it_is_told() {
    each_engine(async |store| {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for case in 0..60_u64 {
            let strategy = (steps(), prop::collection::vec(1_usize..30, 1..20), any::<u64>());
            let (steps, pieces, order) = strategy.new_tree(&mut runner).unwrap().current();
            let guild = GuildId(1_000 + case);
            let mut imagined = Imagined::new(guild);
            steps.iter().for_each(|step| imagined.step(*step));
            let imagined = imagined.finish();
            let producer = format!("bot/{}", fresh_number());
            let (mut from, mut number) = (0, 1);
            let mut cases = imagined.cases.clone();
            let mut pieces = pieces.iter().cycle();
            // The entries of the ledger come before, among and after what they explain.
            let mut dice = order;
            while from < imagined.records.len() || !cases.is_empty() {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if !cases.is_empty() && (dice >> 33) % 3 == 0 {
                    let place = (dice >> 40) as usize % cases.len();
                    tell_case(&store, guild, cases.remove(place)).await;
                }
                let to = (from + pieces.next().unwrap()).min(imagined.records.len());
                let piece = &imagined.records[from..to];
                apply(&store, &producer, number, piece).await.unwrap();
                number += piece.len() as u64;
                from = to;
            }
            let stored = stored(&store, guild).await;
            assert_eq!(stored, imagined.known, "case {case}: {steps:?}");
        }
    });
}

/// Tells what is told in this order, `+5` for a join 5 s after the start, `-9` for a departure, `k8`, `b8`, `p8` for a kick, ban or prune,
/// and checks the stays: beginning, end and kind.
async fn check(store: &Store, told: &str, expected: &str) {
    let guild = GuildId(u64::from(fresh_number()) + 10_000);
    let producer = format!("bot/{}", fresh_number());
    for (number, word) in (1..).zip(told.split_whitespace()) {
        let (what, seconds) = word.split_at(1);
        let at = START + seconds.parse::<i64>().unwrap() * 1_000;
        let record = match what {
            "+" => Record::Joins(
                guild,
                vec![Join {
                    member: UserId(7),
                    kind: AuthorKind::Human,
                    joined_at: UnixMs(at),
                    rejoined: false,
                    listed: None,
                }],
            ),
            "-" => Record::Departures(
                guild,
                vec![Departure { member: UserId(7), kind: AuthorKind::Human, left_at: UnixMs(at) }],
            ),
            _ => {
                let (action, member) = match what {
                    "k" => (ModerationAction::Kick, 7),
                    "b" => (ModerationAction::Ban, 7),
                    _ => (ModerationAction::Prune, 0),
                };
                tell_case(store, guild, (action as i32, member, at)).await;
                continue;
            }
        };
        apply(store, &producer, number, &[record]).await.unwrap();
    }
    let stays = stored(store, guild).await;
    let seconds = |at: i64| (at - START) / 1_000;
    let text: Vec<String> = stays
        .iter()
        .map(|((_, since), row)| {
            let kind = row.5.and_then(|kind| DepartureKind::from_u8(kind as u8));
            let left = row.4.map(|at| format!("-{}", seconds(at))).unwrap_or_default();
            let since = if row.0 { format!("{}", seconds(*since)) } else { "?".into() };
            format!("{since}{left}{}", kind.map(|kind| format!(" {kind:?}")).unwrap_or_default())
        })
        .collect();
    assert_eq!(text.join(", "), expected, "{told}");
}

#[test]
fn departures_are_told_apart() {
    each_engine(async |store| {
        for (told, expected) in [
            ("+1 -100", "1-100 Leave"),
            ("-100", "?-100 Leave"),
            ("-100 -159", "?-100 Leave"),
            ("-100 -160", "?-100 Leave, ?-160 Leave"),
            ("+1 -100 k95", "1-100 Kick"),
            ("+1 k110 -100", "1-100 Kick"),
            ("+1 -100 k111", "1-100 Leave"),
            ("+1 -100 b90 k99", "1-100 Kick"),
            ("+1 -100 b99 k101", "1-100 Ban"),
            ("+1 -100 p91", "1-100 Prune"),
            ("p91 +1 -100", "1-100 Prune"),
            ("+1 p91 b108 -100", "1-100 Ban"),
            ("+1 p89 -100", "1-100 Leave"),
            // One kick ends one stay.
            ("+1 -100 +103 -106 k104", "1-100 Leave, 103-106 Kick"),
            ("+1 k104 -100 +103 -106", "1-100 Leave, 103-106 Kick"),
            // A join lies between.
            ("+1 -100 +103 k105", "1-100 Leave, 103"),
            ("k105 +1 -100 +103", "1-100 Leave, 103"),
            ("+96 -100 k95", "96-100 Leave"),
            // Two kicks, two stays.
            ("+1 -100 +101 -104 k100 k104", "1-100 Kick, 101-104 Kick"),
            ("k104 k100 +1 -100 +101 -104", "1-100 Kick, 101-104 Kick"),
            // A departure that was missed.
            ("+1 +200", "1-200 Unseen, 200"),
            ("+1 +200 k150", "1-150 Kick, 200"),
            ("b150 +1 +200", "1-150 Ban, 200"),
            // Told again.
            ("+1 +1 -100 +1 -100", "1-100 Leave"),
        ] {
            check(&store, told, expected).await;
        }
    });
}
