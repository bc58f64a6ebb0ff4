//! The judge: the same questions answered by a naive fold over the list of deeds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use vigie_core::vocabulary::{AuthorKind, ChannelId, UserId};

use crate::seed::{Deed, PLACES, Past};

/// Whose deeds count, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub audience: &'static str,
    pub channel: Option<ChannelId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub messages: u64,
    pub commands: u64,
    pub reactions: u64,
    pub active: u64,
    pub voice_ms: u64,
    pub active_voice_ms: u64,
}

impl Sum {
    pub fn of(&self, metric: &str) -> u64 {
        match metric {
            "messages" => self.messages,
            "commands" => self.commands,
            "reactions" => self.reactions,
            "active_members" => self.active,
            "voice_minutes" => self.voice_ms,
            "active_voice_minutes" => self.active_voice_ms,
            _ => panic!("{metric}"),
        }
    }
}

/// A figure of a metric as the API tells it: voice in minutes, rounded to 0.01.
pub fn told(metric: &str, value: u64) -> serde_json::Value {
    if !metric.contains("voice") {
        return value.into();
    }
    let hundredths = (value as f64 / 600.0).round();
    if hundredths % 100.0 == 0.0 {
        ((hundredths / 100.0) as u64).into()
    } else {
        (hundredths / 100.0).into()
    }
}

pub struct Judge {
    pub past: Past,
}

impl Judge {
    pub fn of(past: Past) -> Self {
        Self { past }
    }

    /// Deeds whose minute lies in a span of seconds.
    pub fn exact(&self, from: i64, to: i64, filter: Filter) -> Vec<Deed> {
        self.pick(filter, |deed| (from..to).contains(&(i64::from(deed.minute) * 60)))
    }

    /// Deeds whose hour of UTC begins in a span of seconds.
    pub fn hourly(&self, from: i64, to: i64, filter: Filter) -> Vec<Deed> {
        self.pick(filter, |deed| (from..to).contains(&(i64::from(deed.minute / 60) * 3_600)))
    }

    fn pick(&self, filter: Filter, when: impl Fn(&Deed) -> bool) -> Vec<Deed> {
        let wanted = |deed: &&Deed| {
            let who = match filter.audience {
                "bots" => deed.kind != AuthorKind::Human,
                "all" => true,
                _ => deed.kind == AuthorKind::Human,
            };
            who && filter.channel.is_none_or(|asked| under(deed.channel, asked)) && when(deed)
        };
        self.past.deeds.iter().filter(wanted).copied().collect()
    }
}

/// Whether a channel is another, or hangs anywhere below it.
pub fn under(channel: ChannelId, above: ChannelId) -> bool {
    let parent = PLACES.iter().find(|(id, _)| *id == channel).and_then(|(_, parent)| *parent);
    channel == above || parent.is_some_and(|parent| under(parent, above))
}

/// The channel that a thread counts for.
pub fn folded(channel: ChannelId) -> ChannelId {
    if channel == crate::seed::THREAD { crate::seed::GENERAL } else { channel }
}

pub fn sum(deeds: &[Deed]) -> Sum {
    let mut sum = Sum::default();
    let mut active = BTreeSet::new();
    let mut in_voice = BTreeMap::<UserId, u64>::new();
    for deed in deeds {
        sum.voice_ms += deed.voice.total_ms;
        sum.active_voice_ms += deed.voice.active_ms;
        *in_voice.entry(deed.member).or_default() += deed.voice.total_ms;
        sum.messages += u64::from(deed.counts.messages);
        sum.commands += u64::from(deed.counts.commands);
        sum.reactions += u64::from(deed.counts.reactions_added);
        if deed.counts.messages + deed.counts.reactions_added > 0 {
            active.insert(deed.member);
        }
    }
    active.extend(in_voice.into_iter().filter(|(_, ms)| *ms >= 60_000).map(|(member, _)| member));
    sum.active = active.len() as u64;
    sum
}

/// Messages by some key, largest first, equal ones by key.
pub fn ranked<K: Ord + Copy>(
    deeds: &[Deed],
    key: impl Fn(&Deed) -> K,
    value: impl Fn(&Deed) -> f64,
) -> Vec<(K, f64)> {
    let mut sums = BTreeMap::<K, f64>::new();
    for deed in deeds {
        *sums.entry(key(deed)).or_default() += value(deed);
    }
    let mut rows: Vec<(K, f64)> = sums.into_iter().filter(|(_, value)| *value > 0.0).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows
}

pub fn messages(deed: &Deed) -> f64 {
    f64::from(deed.counts.messages)
}

pub fn voice_minutes(deed: &Deed) -> f64 {
    deed.voice.total_ms as f64 / 60_000.0
}

pub fn member(deed: &Deed) -> UserId {
    deed.member
}

/// Weekday (0 = Monday) and hour, by jiff's own calendar.
pub fn weekday_and_hour(seconds: i64, zone: &str) -> (usize, usize) {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    let local = time.to_zoned(TimeZone::get(zone).unwrap());
    (local.weekday().to_monday_zero_offset() as usize, local.hour() as usize)
}

pub fn seconds(instant: &serde_json::Value) -> i64 {
    instant.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
}
