//! Every question about voice, against the judge.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{ChannelId, GuildId, UserId, VoiceTime};

use super::{
    naive::{MEMBERS, Naive, Spoken, in_scope, spoken},
    questions::Case,
};
use crate::{
    Store, StoreError,
    question::{
        Audience, HourRange, Scope, Split, SplitKey, VoiceChannelTotal, VoiceHourPoint,
        VoiceMinutePoint, VoicePeakPoint, VoiceSums,
    },
};

pub(super) async fn check(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    check_totals(store, guild, case, naive).await;
    check_splits(store, guild, case, naive).await;
    check_minutes(store, guild, case, naive).await;
    check_peaks(store, guild, case, naive).await;
    check_channels(store, guild, case, naive).await;
    check_members(store, guild, case, naive).await;
}

async fn check_totals(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let voices = naive.voices(case.range, case.audience, case.scope);
    let found = store.voice_totals(guild, case.range, case.audience, case.scope).await.unwrap();
    assert_eq!(found.sums, by(&voices, |_| ()).remove(&()).unwrap_or_default(), "{case:?}");
    let members = spoken(&voices).into_values().filter(|voice| voice.total_ms > 0).count();
    assert_eq!(found.members, members as u64, "{case:?}");
    let mut peaks = peaks(naive, case.range, case.scope);
    peaks.sort_by_key(|peak| (std::cmp::Reverse(peak.people), peak.unix_hour));
    let best = peaks.first().copied().filter(|_| !matches!(case.scope, Scope::Under(_)));
    assert_eq!(found.peak, best, "{case:?}");
}

async fn check_splits(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let voices = naive.voices(case.range, case.audience, case.scope);
    let mut best: Vec<_> = spoken(&voices).into_iter().collect();
    best.retain(|(_, voice)| voice.total_ms > 0);
    best.sort_by_key(|(member, voice)| (std::cmp::Reverse(voice.total_ms), *member));
    let best: Vec<UserId> = best.into_iter().take(2).map(|row| row.0).collect();
    for split in [Split::None, Split::Channel, Split::Kind, Split::Member { top: 2 }] {
        let expected = by(&voices, |(hour, cell, _)| {
            let key = match split {
                Split::None | Split::Emoji { .. } => SplitKey::All,
                Split::Channel => SplitKey::Channel(cell.channel),
                Split::Kind => SplitKey::Kind(cell.kind),
                Split::Member { .. } if best.contains(&cell.member) => {
                    SplitKey::Member(cell.member)
                }
                Split::Member { .. } => SplitKey::Other,
            };
            (*hour, key)
        });
        let asked = store.voice_hourly(guild, case.range, case.audience, case.scope, split);
        assert_eq!(points(asked.await.unwrap()), Vec::from_iter(expected), "{split:?} {case:?}");
    }
    let emojis = Split::Emoji { top: 1 };
    let refused =
        store.voice_hourly(guild, case.range, case.audience, case.scope, emojis).await.unwrap_err();
    assert!(matches!(refused, StoreError::InvalidQuestion { .. }));
}

async fn check_minutes(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let mut expected: BTreeMap<u32, VoiceMinutePoint> = BTreeMap::new();
    for window in naive.voice_windows.iter().filter(|window| within(case.range, window.unix_hour)) {
        for minute in &window.minutes {
            let unix_minute = window.unix_hour * 60 + u32::from(minute.minute);
            let point = expected.entry(unix_minute).or_default();
            point.unix_minute = unix_minute;
            point.total_ms += minute.total_ms;
            point.active_ms += minute.active_ms;
            point.peak = point.peak.max(minute.peak);
        }
    }
    expected.retain(|_, point| point.total_ms > 0 || point.peak > 0);
    let (from, to) = (case.range.from.saturating_mul(60), case.range.to.saturating_mul(60));
    let found = store.voice_minutely(guild, from, to).await.unwrap();
    assert_eq!(found, Vec::from_iter(expected.into_values()), "{case:?}");
}

async fn check_peaks(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let found = store.voice_peaks(guild, case.range, case.scope).await.unwrap();
    assert_eq!(found, peaks(naive, case.range, case.scope), "{case:?}");
}

/// Peaks by hour and channel; of the whole guild by hour alone.
fn peaks(naive: &Naive, range: HourRange, scope: Scope) -> Vec<VoicePeakPoint> {
    let mut peaks: BTreeMap<(u32, Option<ChannelId>), u32> = BTreeMap::new();
    for window in naive.voice_windows.iter().filter(|window| within(range, window.unix_hour)) {
        let mut told: Vec<_> =
            window.peaks.iter().map(|peak| (Some(peak.channel), peak.peak)).collect();
        told.retain(|(channel, _)| channel.is_some_and(|channel| in_scope(channel.0, scope)));
        if scope == Scope::Guild {
            told = window.minutes.iter().map(|minute| (None, minute.peak)).collect();
        }
        for (channel, people) in told {
            let highest = peaks.entry((window.unix_hour, channel)).or_default();
            *highest = people.max(*highest);
        }
    }
    peaks.retain(|_, people| *people > 0);
    let point = |((unix_hour, channel), people)| VoicePeakPoint { unix_hour, channel, people };
    peaks.into_iter().map(point).collect()
}

async fn check_channels(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    let voices = naive.voices(case.range, case.audience, case.scope);
    let asked = store.voice_channels(guild, case.range, case.audience, case.scope, 3);
    let found = asked.await.unwrap();
    let mut expected = best_channels(&voices);
    expected.truncate(3);
    assert_eq!(totals(&found), expected, "{case:?}");
    for total in found {
        let mut own = peaks(naive, case.range, Scope::Channel(total.channel.id));
        own.sort_by_key(|peak| (std::cmp::Reverse(peak.people), peak.unix_hour));
        assert_eq!(total.peak, own.first().copied(), "{case:?}");
    }
}

async fn check_members(store: &Store, guild: GuildId, case: &Case, naive: &Naive) {
    for member in (1..=MEMBERS).map(UserId) {
        let mine = |scope| {
            let mut voices = naive.voices(case.range, Audience::All, scope);
            voices.retain(|(_, cell, _)| cell.member == member);
            voices
        };
        let hours = store.member_voice_hours(guild, member, case.range, case.scope).await.unwrap();
        let expected = by(&mine(case.scope), |(hour, ..)| (*hour, SplitKey::All));
        assert_eq!(points(hours), Vec::from_iter(expected), "{case:?}");
        let channels = store.member_voice_channels(guild, member, case.range).await.unwrap();
        assert_eq!(totals(&channels), best_channels(&mine(Scope::Guild)), "{case:?}");
    }
}

fn within(range: HourRange, hour: u32) -> bool {
    (range.from..range.to).contains(&hour)
}

fn points(points: Vec<VoiceHourPoint>) -> Vec<((u32, SplitKey), VoiceSums)> {
    points.into_iter().map(|point| ((point.unix_hour, point.key), point.voice)).collect()
}

fn totals(rows: &[VoiceChannelTotal]) -> Vec<(ChannelId, VoiceSums)> {
    rows.iter().map(|row| (row.channel.id, row.voice)).collect()
}

fn best_channels(voices: &[Spoken]) -> Vec<(ChannelId, VoiceSums)> {
    let mut rows = Vec::from_iter(by(voices, |(_, cell, _)| cell.channel));
    rows.sort_by_key(|(channel, voice)| {
        (std::cmp::Reverse((voice.time.total_ms, voice.sessions)), *channel)
    });
    rows
}

/// Sums of cells by any key.
fn by<K: Ord>(voices: &[Spoken], key: impl Fn(&Spoken) -> K) -> BTreeMap<K, VoiceSums> {
    let mut sums: BTreeMap<K, VoiceSums> = BTreeMap::new();
    for voice in voices {
        let (mine, cell) = (sums.entry(key(voice)).or_default(), &voice.1);
        let figures: Vec<u64> =
            mine.time.figures().iter().zip(cell.time.figures()).map(|(a, b)| a + b).collect();
        mine.time = VoiceTime::from_figures(figures.try_into().unwrap());
        mine.sessions += u64::from(cell.sessions);
    }
    sums
}
