//! Growth, retention, lifecycle and silence, against a plain fold over what an imagined guild's people did, in weeks cut in three zones
//! whose clocks change meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, Attribution, AttributionMethod, AuthorKind,
    ChannelId, Confidence, Departure, GuildId, GuildRecord, Join, Record, UnixMs, UserId,
    VoiceCell, VoiceMinute, VoiceTime, VoiceWindow,
};

use super::harness::{apply, each_engine};
use crate::{
    Store,
    question::{
        Audience, Cohort, HourRange, JoinSource, LifecyclePeriod, QuietQuestion, RetentionQuestion,
        WEEK_MS,
    },
};

const GUILD: GuildId = GuildId(77);
const HOUR_MS: i64 = 3_600_000;

/// Monday 2026-09-28 00:00 UTC, in hours since 1970.
const START: i64 = 20_724 * 24;
const HOURS: i64 = 9 * 7 * 24;
const PEOPLE: u64 = 60;

/// Starts of local weeks as hours since START: Paris goes back an hour on October 25th, New York on November 1st, and Sydney has gone
/// forward an hour on October 4th.
const ZONES: [(&str, [i64; 9]); 3] = [
    ("Europe/Paris", [-2, 166, 334, 502, 671, 839, 1_007, 1_175, 1_343]),
    ("America/New_York", [4, 172, 340, 508, 676, 845, 1_013, 1_181, 1_349]),
    ("Australia/Sydney", [-10, 157, 325, 493, 661, 829, 997, 1_165, 1_333]),
];

/// One stay of somebody, as it happened.
#[derive(Clone, Debug)]
struct Stay {
    member: u64,
    since: i64,
    left: Option<i64>,
    code: Option<&'static str>,
}

/// What happened.
#[derive(Default)]
struct Past {
    stays: Vec<Stay>,
    /// Hour, member, messages, voice in milliseconds, channel.
    acts: Vec<(i64, u64, u32, u64, u64)>,
    records: Vec<Record>,
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// People come, talk more or less, leave and come back.
fn past(seed: u64) -> Past {
    let mut dice = Dice(seed);
    let mut past = Past::default();
    let start_ms = START * HOUR_MS;
    past.records.push(Record::Guild(GuildRecord {
        id: GUILD,
        at: UnixMs(start_ms - 20 * HOUR_MS),
        name: "imagined".into(),
        icon: None,
        owner: UserId(1),
        member_count: Some(100),
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        channels: Vec::new(),
    }));
    for member in 1..=PEOPLE {
        let mut at = start_ms + dice.roll(HOURS as u64) as i64 * HOUR_MS / 2 - 15 * HOUR_MS;
        loop {
            at += dice.roll(500 * HOUR_MS as u64) as i64;
            if at > start_ms + HOURS * HOUR_MS {
                break;
            }
            let lasts = dice.roll(700 * HOUR_MS as u64) as i64;
            let left = (dice.roll(3) > 0).then_some(at + lasts + 1);
            let left = left.filter(|left| *left < start_ms + HOURS * HOUR_MS);
            let code = [None, Some("aaa"), Some("bbb")][dice.roll(3) as usize];
            past.stays.push(Stay { member, since: at, left, code });
            let Some(left) = left else { break };
            at = left + 2 * HOUR_MS;
        }
    }
    for hour in START..START + HOURS {
        for _ in 0..dice.roll(3) {
            let member = 1 + dice.roll(PEOPLE) * dice.roll(PEOPLE) / PEOPLE;
            let channel = 10 + dice.roll(2);
            let (messages, voice) = match dice.roll(4) {
                0 => (0, 20_000),
                1 => (0, 90_000),
                2 => (0, 0),
                _ => (1 + dice.roll(3) as u32, 0),
            };
            past.acts.push((hour, member, messages, voice, channel));
        }
    }
    tell(&mut past);
    past
}

/// The records of what happened, in the order of time.
fn tell(past: &mut Past) {
    let mut told: Vec<(i64, Record)> = Vec::new();
    for stay in &past.stays {
        let (member, kind) = (UserId(stay.member), AuthorKind::Human);
        let join =
            Join { member, kind, joined_at: UnixMs(stay.since), rejoined: false, listed: None };
        told.push((stay.since, Record::Joins(GUILD, vec![join])));
        if let Some(left) = stay.left {
            let departure = Departure { member, kind, left_at: UnixMs(left) };
            told.push((left, Record::Departures(GUILD, vec![departure])));
        }
        if let Some(code) = stay.code {
            let attribution = Attribution {
                member,
                joined_at: UnixMs(stay.since),
                method: AttributionMethod::UsesDiff,
                confidence: Confidence::Exact,
                code: Some(code.into()),
                inviter: Some(UserId(500)),
                candidates: Vec::new(),
                burst: 1,
            };
            told.push((stay.since, Record::Attributions(GUILD, vec![attribution])));
        }
    }
    for (hour, member, messages, voice, channel) in &past.acts {
        let (channel, member) = (ChannelId(*channel), UserId(*member));
        let counts = ActivityCounts {
            messages: *messages,
            reactions_received: 1,
            ..ActivityCounts::default()
        };
        let mut time = VoiceTime::default();
        time.add(Default::default(), *voice);
        let unix_hour = *hour as u32;
        let activity = ActivityWindow {
            guild: GUILD,
            unix_minute: unix_hour * 60,
            cells: vec![ActivityCell { channel, member, counts, ..ActivityCell::default() }],
            emojis: Vec::new(),
        };
        told.push((hour * HOUR_MS, Record::ActivityWindow(activity)));
        if *voice > 0 {
            let window = VoiceWindow {
                guild: GUILD,
                unix_hour,
                cells: vec![VoiceCell {
                    channel,
                    member,
                    sessions: 1,
                    time,
                    ..VoiceCell::default()
                }],
                minutes: vec![VoiceMinute { total_ms: *voice, peak: 1, ..VoiceMinute::default() }],
                peaks: Vec::new(),
            };
            told.push((hour * HOUR_MS, Record::VoiceWindow(window)));
        }
    }
    told.sort_by_key(|(at, _)| *at);
    past.records.extend(told.into_iter().map(|(_, record)| record));
}

impl Past {
    /// Wrote, or spent a minute in voice, in these hours.
    fn is_active(&self, member: u64, from: i64, to: i64) -> bool {
        let acts = || {
            let mine = self.acts.iter().filter(|act| act.1 == member);
            mine.filter(|act| (from..to).contains(&act.0))
        };
        acts().any(|act| act.2 > 0) || acts().map(|act| act.3).sum::<u64>() >= 60_000
    }

    fn members(&self) -> BTreeSet<u64> {
        self.acts.iter().map(|act| act.1).chain(self.stays.iter().map(|stay| stay.member)).collect()
    }

    fn is_gone(&self, member: u64, by: i64) -> bool {
        let stays = || self.stays.iter().filter(|stay| stay.member == member);
        let left = stays().filter_map(|stay| stay.left).filter(|left| *left < by).max();
        let joined = stays().map(|stay| stay.since).filter(|since| *since < by).max();
        left.is_some_and(|left| joined.is_none_or(|joined| joined < left))
    }

    fn first_channel(&self, stay: &Stay) -> Option<u64> {
        let end = stay.left.map_or(i64::MAX, |left| left / HOUR_MS + 1);
        let range = stay.since / HOUR_MS..end;
        let mine = |act: &&(i64, u64, u32, u64, u64)| {
            act.1 == stay.member && range.contains(&act.0) && (act.2 > 0 || act.3 > 0)
        };
        let first = self.acts.iter().filter(mine).map(|act| act.0).min()?;
        let mut channels: BTreeMap<u64, u64> = BTreeMap::new();
        // A channel counts by what was done in it on that day, of the kind with which it began.
        let here = |channel: u64, is_voice: bool| {
            let mut acts = self.acts.iter().filter(mine).filter(|act| act.0 == first);
            acts.any(|act| act.4 == channel && if is_voice { act.3 > 0 } else { act.2 > 0 })
        };
        let that_day =
            |act: &&(i64, u64, u32, u64, u64)| act.1 == stay.member && act.0 / 24 == first / 24;
        for act in self.acts.iter().filter(that_day) {
            for (is_voice, count) in [(false, u64::from(act.2)), (true, u64::from(act.3 > 0))] {
                if here(act.4, is_voice) {
                    *channels.entry(act.4).or_default() += count;
                }
            }
        }
        channels
            .into_iter()
            .max_by_key(|(channel, acts)| (*acts, std::cmp::Reverse(*channel)))
            .map(|(channel, _)| channel)
    }

    fn cohort(
        &self,
        from: i64,
        to: i64,
        weeks: u32,
        until: i64,
        only: &dyn Fn(&Stay) -> bool,
    ) -> Cohort {
        let mut cohort =
            Cohort { weeks: vec![Default::default(); weeks as usize], ..Cohort::default() };
        let in_range = |stay: &&Stay| (from..to).contains(&stay.since) && only(stay);
        for stay in self.stays.iter().filter(in_range) {
            cohort.joins += 1;
            for (week, counts) in (0_i64..).zip(&mut cohort.weeks) {
                let end = stay.since + (week + 1) * WEEK_MS;
                if end > until {
                    break;
                }
                counts.reached += 1;
                counts.present += u64::from(stay.left.is_none_or(|left| left >= end));
                let first = stay.since / HOUR_MS + week * 168;
                let last = stay.left.map_or(i64::MAX, |left| left / HOUR_MS + 1).min(first + 168);
                counts.active += u64::from(self.is_active(stay.member, first, last));
            }
        }
        cohort
    }

    fn period(&self, before: (i64, i64), now: (i64, i64)) -> LifecyclePeriod {
        let mut period = LifecyclePeriod::default();
        for member in self.members() {
            let (was, is) =
                (self.is_active(member, before.0, before.1), self.is_active(member, now.0, now.1));
            let did =
                |act: &&(i64, u64, u32, u64, u64)| act.1 == member && (act.2 > 0 || act.3 > 0);
            let first = self.acts.iter().filter(did).map(|act| act.0).min();
            match (was, is) {
                (true, true) => period.returning += 1,
                (false, true) if first.is_some_and(|first| first >= now.0) => period.new += 1,
                (false, true) => period.resurrected += 1,
                (true, false) if self.is_gone(member, now.1 * HOUR_MS) => period.left += 1,
                (true, false) => period.dormant += 1,
                (false, false) => {}
            }
        }
        let joined = |stay: &&Stay| (now.0 * HOUR_MS..now.1 * HOUR_MS).contains(&stay.since);
        period.joins = self.stays.iter().filter(joined).count() as u64;
        period
    }
}

#[test]
fn answers_about_members_agree_with_a_plain_fold() {
    each_engine(async |store| {
        let past = past(2_026);
        // In two batches: the days of the first are packed, those of the second partly not.
        let (first, second) = past.records.split_at(past.records.len() * 2 / 3);
        apply(&store, "bot/0", 1, first).await.unwrap();
        for number in 0..20 {
            // Every batch packs a few days.
            let again = &past.records[..1];
            apply(&store, "bot/packer", number + 1, again).await.unwrap();
            store.pack_days_before(START as u32 / 24 + 35).await;
        }
        apply(&store, "bot/0", first.len() as u64 + 1, second).await.unwrap();
        for (zone, weeks) in ZONES {
            let bounds: Vec<i64> = weeks.iter().map(|hour| START + hour).collect();
            retention(&store, &past, zone, &bounds).await;
            lifecycle(&store, &past, zone, &bounds).await;
            growth(&store, &past, zone, &bounds).await;
            quiet(&store, &past, zone, &bounds).await;
        }
    });
}

async fn retention(store: &Store, past: &Past, zone: &str, bounds: &[i64]) {
    let bounds_ms: Vec<i64> = bounds.iter().map(|hour| hour * HOUR_MS).collect();
    let until_ms = (START + HOURS) * HOUR_MS - 1_234;
    type Only = Box<dyn Fn(&Past, &Stay) -> bool>;
    let sources: [(JoinSource, Only); 6] = [
        (JoinSource::default(), Box::new(|_, _| true)),
        (
            JoinSource { code: Some("aaa".into()), ..JoinSource::default() },
            Box::new(|_, stay| stay.code == Some("aaa")),
        ),
        (
            JoinSource { inviter: Some(UserId(500)), ..JoinSource::default() },
            Box::new(|_, stay| stay.code.is_some()),
        ),
        (
            JoinSource { method: Some(AttributionMethod::Unknown), ..JoinSource::default() },
            Box::new(|_, stay| stay.code.is_none()),
        ),
        (
            JoinSource {
                method: Some(AttributionMethod::UsesDiff),
                code: Some("bbb".into()),
                ..JoinSource::default()
            },
            Box::new(|_, stay| stay.code == Some("bbb")),
        ),
        (
            JoinSource { first_channel: Some(ChannelId(11)), ..JoinSource::default() },
            Box::new(|past, stay| past.first_channel(stay) == Some(11)),
        ),
    ];
    for (source, only) in sources {
        let question = RetentionQuestion {
            guild: GUILD,
            bounds_ms: bounds_ms.clone(),
            weeks: 6,
            until_ms,
            source: source.clone(),
        };
        let answer = store.retention(&question).await.unwrap();
        let only = |stay: &Stay| only(past, stay);
        let expected: Vec<Cohort> = bounds_ms
            .windows(2)
            .map(|pair| past.cohort(pair[0], pair[1], 6, until_ms, &only))
            .collect();
        assert_eq!(answer, expected, "{zone} {source:?}");
        assert!(expected.iter().any(|cohort| cohort.weeks[0].active > 0), "{source:?}");
    }
}

async fn lifecycle(store: &Store, past: &Past, zone: &str, bounds: &[i64]) {
    let hours: Vec<u32> = bounds.iter().map(|hour| *hour as u32).collect();
    let answer = store.lifecycle(GUILD, &hours).await.unwrap();
    let expected: Vec<LifecyclePeriod> = bounds
        .windows(3)
        .map(|three| past.period((three[0], three[1]), (three[1], three[2])))
        .collect();
    assert_eq!(answer, expected, "{zone}");
    let all = expected.iter().fold([0; 5], |sum, p| {
        [
            sum[0] + p.new,
            sum[1] + p.returning,
            sum[2] + p.resurrected,
            sum[3] + p.dormant,
            sum[4] + p.left,
        ]
    });
    assert!(all.iter().all(|count| *count > 0), "{all:?}");
}

async fn growth(store: &Store, past: &Past, zone: &str, bounds: &[i64]) {
    let bounds: Vec<i64> = bounds.iter().map(|hour| hour * HOUR_MS).collect();
    let answer = store.growth(GUILD, &bounds, Audience::Humans).await.unwrap();
    for (bucket, pair) in answer.iter().zip(bounds.windows(2)) {
        let within = |at: i64| (pair[0]..pair[1]).contains(&at);
        let joins = past.stays.iter().filter(|stay| within(stay.since));
        let rejoins = joins.clone().filter(|stay| {
            past.stays.iter().any(|other| other.member == stay.member && other.since < stay.since)
        });
        let left = past.stays.iter().filter(|stay| stay.left.is_some_and(within)).count() as u64;
        assert_eq!(bucket.joins, joins.count() as u64, "{zone}");
        assert_eq!(bucket.rejoins, rejoins.count() as u64, "{zone}");
        assert_eq!((bucket.departures.leave, bucket.departures.total()), (left, left), "{zone}");
        assert_eq!(bucket.unheard, 0);
        let come = past.stays.iter().filter(|stay| stay.since < pair[1]).count();
        let gone = past.stays.iter().filter(|stay| stay.left.is_some_and(|left| left < pair[1]));
        let members = bucket.members.unwrap();
        let told = 100 + come as u64 - gone.count() as u64;
        assert_eq!((members.members, members.survivors_only), (told, false), "{zone}");
    }
}

async fn quiet(store: &Store, past: &Past, zone: &str, bounds: &[i64]) {
    for (active, silent) in [((0, 4), (4, 5)), ((2, 5), (6, 8))] {
        let range = |(from, to): (usize, usize)| HourRange {
            from: bounds[from] as u32,
            to: bounds[to] as u32,
        };
        let (a, s) = (range(active), range(silent));
        let hours = |range: HourRange| (i64::from(range.from), i64::from(range.to));
        let mut expected = Vec::new();
        for member in past.members() {
            let was = past.is_active(member, hours(a).0, hours(a).1);
            let is = past.is_active(member, hours(s).0, hours(s).1);
            if was && !is && !past.is_gone(member, i64::MAX) {
                let days = (a.from / 24..=a.to / 24).filter(|day| {
                    let day = i64::from(*day) * 24;
                    past.is_active(member, day.max(hours(a).0), (day + 24).min(hours(a).1))
                });
                let mine = past.acts.iter().filter(|act| act.1 == member);
                let messages: u32 = mine
                    .filter(|act| (hours(a).0..hours(a).1).contains(&act.0))
                    .map(|act| act.2)
                    .sum();
                expected.push((days.count() as u32, u64::from(messages), member));
            }
        }
        expected.sort_by_key(|row| (std::cmp::Reverse(row.0), std::cmp::Reverse(row.1), row.2));
        let mut question =
            QuietQuestion { guild: GUILD, active: a, silent: s, after: None, limit: 3 };
        let mut found = Vec::new();
        loop {
            let page = store.quiet_members(&question).await.unwrap();
            assert_eq!(page.total_rows, expected.len() as u64, "{zone}");
            found.extend(
                page.rows.iter().map(|row| (row.active_days, row.messages, row.member.id.0)),
            );
            question.after = page.next;
            if question.after.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{zone}");
        assert!(found.len() > 3);
    }
}
