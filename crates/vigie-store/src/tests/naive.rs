//! The judge: keeps every cell it was given and answers by looking at all of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, ChannelKind,
    ChannelRecord, Emoji, EmojiCount, EmojiId, GuildId, MemberRecord, Record, UserId, VoiceCell,
    VoiceMinute, VoicePeak, VoiceTime, VoiceWindow,
};

use crate::question::{Audience, Counts, HourRange, MemberVoice, Scope};

/// First hour of the imagined days: 2026-10-30 00:00, so that two days later another partition begins.
pub(super) const BASE_HOUR: u32 = 20_756 * 24;

/// Hours in which anything is imagined to happen.
pub(super) const HOURS: u32 = 130;

/// Members: those whose id divides by 4 are bots, the one after the last is a webhook.
pub(super) const MEMBERS: u64 = 9;

/// A category, two channels in it, a thread of each, and a channel that is never named.
pub(super) const CATEGORY: u64 = 10;
pub(super) const CHANNELS: [(u64, u8, Option<u64>); 5] = [
    (CATEGORY, 4, None),
    (11, 0, Some(CATEGORY)),
    (12, 0, None),
    (13, 11, Some(11)),
    (14, 12, Some(12)),
];
pub(super) const NAMELESS: u64 = 15;

/// The kind of an imagined member.
pub(super) fn kind(member: UserId) -> AuthorKind {
    match member.0 {
        MEMBERS => AuthorKind::Webhook,
        bot if bot % 4 == 0 => AuthorKind::Bot,
        _ => AuthorKind::Human,
    }
}

/// Names of an imagined member; the last one is never named.
pub(super) fn member_records() -> Vec<MemberRecord> {
    (1..MEMBERS)
        .map(|id| MemberRecord {
            id: UserId(id),
            kind: kind(UserId(id)),
            username: format!("user_{id}"),
            display_name: (id % 2 == 0).then(|| format!("Élan {id}%")),
            avatar: None,
        })
        .collect()
}

/// The imagined channels.
pub(super) fn channel_records() -> Vec<ChannelRecord> {
    CHANNELS
        .iter()
        .map(|(id, kind, parent)| ChannelRecord {
            id: ChannelId(*id),
            kind: ChannelKind(*kind),
            name: Some(format!("channel-{id}")),
            parent: parent.map(ChannelId),
            position: 0,
            deleted: false,
        })
        .collect()
}

/// One cell and the minute in which it happened.
pub(super) type Counted = (u32, ActivityCell);

/// One cell of voice, its hour, and its minute where that is told.
pub(super) type Spoken = (u32, VoiceCell, Option<u32>);

/// Everything that ever happened in a guild.
#[derive(Clone, Debug, Default)]
pub(super) struct Naive {
    cells: Vec<Counted>,
    emojis: Vec<(u32, EmojiCount)>,
    voices: Vec<Spoken>,
    pub(super) voice_windows: Vec<VoiceWindow>,
}

impl Naive {
    pub(super) fn of(windows: &[ActivityWindow], voices: &[VoiceWindow]) -> Self {
        let mut naive = Self { voice_windows: voices.to_vec(), ..Self::default() };
        for window in voices {
            let minute = match window.minutes.as_slice() {
                [only] => Some(window.unix_hour * 60 + u32::from(only.minute)),
                _ => None,
            };
            naive.voices.extend(window.cells.iter().map(|cell| (window.unix_hour, *cell, minute)));
        }
        for window in windows {
            let minute = window.unix_minute;
            naive.cells.extend(window.cells.iter().map(|cell| (minute, *cell)));
            let emojis = window.emojis.iter().cloned();
            naive.emojis.extend(emojis.map(|count| (minute, count)));
        }
        naive
    }

    /// The cells of a question.
    pub(super) fn asked(&self, range: HourRange, audience: Audience, scope: Scope) -> Vec<Counted> {
        let asked = self.cells.iter().filter(|(minute, cell)| {
            (range.from..range.to).contains(&(minute / 60))
                && audience.includes(cell.kind)
                && in_scope(cell.channel.0, scope)
                && cell.counts != ActivityCounts::default()
        });
        asked.copied().collect()
    }

    /// The cells of voice of a question.
    pub(super) fn voices(&self, range: HourRange, audience: Audience, scope: Scope) -> Vec<Spoken> {
        let asked = self.voices.iter().filter(|(hour, cell, _)| {
            (range.from..range.to).contains(hour)
                && audience.includes(cell.kind)
                && in_scope(cell.channel.0, scope)
                && (cell.time != VoiceTime::default() || cell.sessions > 0)
        });
        asked.copied().collect()
    }

    /// Reactions by emoji, of a range.
    pub(super) fn emojis(&self, range: HourRange) -> BTreeMap<Emoji<'static>, (u64, u64)> {
        let mut sums: BTreeMap<_, (u64, u64)> = BTreeMap::new();
        let asked = self
            .emojis
            .iter()
            .filter(|(minute, _)| (range.from..range.to).contains(&(minute / 60)));
        for (_, count) in asked {
            let sum = sums.entry(count.emoji.clone()).or_default();
            sum.0 += u64::from(count.added);
            sum.1 += u64::from(count.removed);
        }
        sums
    }
}

pub(super) fn in_scope(channel: u64, scope: Scope) -> bool {
    let parent = |id: u64| {
        let known = CHANNELS.iter().find(|known| known.0 == id);
        known.and_then(|known| known.2)
    };
    match scope {
        Scope::Guild => true,
        Scope::Channel(asked) => channel == asked.0,
        Scope::Under(asked) => {
            let up = parent(channel);
            channel == asked.0 || up == Some(asked.0) || up.and_then(parent) == Some(asked.0)
        }
    }
}

/// Sums of cells by any key.
pub(super) fn by<K: Ord>(cells: &[Counted], key: impl Fn(&Counted) -> K) -> BTreeMap<K, Counts> {
    let mut sums: BTreeMap<K, Counts> = BTreeMap::new();
    for counted in cells {
        sums.entry(key(counted)).or_default().add(&counted.1.counts);
    }
    sums
}

/// Voice by member.
pub(super) fn spoken(voices: &[Spoken]) -> BTreeMap<UserId, MemberVoice> {
    let mut sums: BTreeMap<UserId, MemberVoice> = BTreeMap::new();
    for (_, cell, _) in voices {
        let sum = sums.entry(cell.member).or_default();
        sum.total_ms += cell.time.total_ms;
        sum.active_ms += cell.time.active_ms;
        sum.sessions += u64::from(cell.sessions);
    }
    sums
}

/// Distinct active members: a message, a reaction given, or a minute of voice.
pub(super) fn active(cells: &[Counted], voices: &[Spoken]) -> u64 {
    let is_active = |counts: &ActivityCounts| counts.messages > 0 || counts.reactions_added > 0;
    let active = cells.iter().filter(|(_, cell)| is_active(&cell.counts));
    let mut members: BTreeSet<_> = active.map(|(_, cell)| cell.member).collect();
    let long = spoken(voices).into_iter().filter(|(_, voice)| voice.total_ms >= 60_000);
    members.extend(long.map(|(member, _)| member));
    members.len() as u64
}

/// A member's place on a board.
pub(super) type Ranked = (UserId, f64, Counts, MemberVoice);

/// Members by value, best first, those of equal value by id; none without any value.
pub(super) fn ranked(
    cells: &[Counted],
    voices: &[Spoken],
    value: impl Fn(&Counts, &MemberVoice) -> f64,
) -> Vec<Ranked> {
    let counts = by(cells, |(_, cell)| cell.member);
    let voices = spoken(voices);
    let members: BTreeSet<UserId> = counts.keys().chain(voices.keys()).copied().collect();
    let mut rows: Vec<_> = members
        .into_iter()
        .map(|member| {
            let counts = counts.get(&member).copied().unwrap_or_default();
            let voice = voices.get(&member).copied().unwrap_or_default();
            (member, value(&counts, &voice), counts, voice)
        })
        .filter(|row| row.1 > 0.0)
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows
}

/// Windows of voice of one guild, in half of the cases none: pieces of the same hour may repeat, time may be zero.
pub(super) fn voices() -> impl Strategy<Value = Vec<VoiceWindow>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec(voice_window(), 1..40)]
}

fn voice_window() -> impl Strategy<Value = VoiceWindow> {
    let cell = (0_u32..3, prop::array::uniform9(0_u64..45_000));
    let cells = prop::collection::btree_map((10_u64..16, 1..=MEMBERS), cell, 0..6);
    let minutes =
        prop::collection::btree_map(0_u8..60, (0_u64..90_000, 0_u64..50_000, 0_u32..5), 0..3);
    let peaks = prop::collection::btree_map(10_u64..16, 0_u32..5, 0..4);
    (0..HOURS, cells, minutes, peaks).prop_map(|(hour, cells, minutes, peaks)| VoiceWindow {
        guild: GuildId(0),
        unix_hour: BASE_HOUR + hour,
        cells: cells
            .into_iter()
            .map(|((channel, member), (sessions, figures))| VoiceCell {
                channel: ChannelId(channel),
                member: UserId(member),
                kind: kind(UserId(member)),
                sessions,
                // A third is no time at all.
                time: if figures[0] < 15_000 {
                    VoiceTime::default()
                } else {
                    VoiceTime::from_figures(figures)
                },
            })
            .collect(),
        minutes: minutes
            .into_iter()
            .map(|(minute, (total_ms, active_ms, peak))| VoiceMinute {
                minute,
                total_ms,
                active_ms,
                peak,
            })
            .collect(),
        peaks: peaks
            .into_iter()
            .map(|(channel, peak)| VoicePeak { channel: ChannelId(channel), peak })
            .collect(),
    })
}

/// Windows of one guild: pieces of the same minute may repeat, counts may be zero.
pub(super) fn windows() -> impl Strategy<Value = Vec<ActivityWindow>> {
    prop::collection::vec(window(), 1..40)
}

fn window() -> impl Strategy<Value = ActivityWindow> {
    let cells = prop::collection::btree_map((10_u64..16, 1..=MEMBERS), counts(), 0..8);
    let emojis = prop::collection::btree_map(emoji(), (0_u32..4, 0_u32..3), 0..3);
    // Few hours and few minutes, so that rows meet.
    let minute =
        (0..HOURS, 0_u32..3).prop_map(|(hour, minute)| (BASE_HOUR + hour) * 60 + minute * 29);
    (minute, cells, emojis).prop_map(|(unix_minute, cells, emojis)| ActivityWindow {
        guild: GuildId(0),
        unix_minute,
        cells: cells
            .into_iter()
            .map(|((channel, member), counts)| ActivityCell {
                channel: ChannelId(channel),
                member: UserId(member),
                kind: kind(UserId(member)),
                counts,
            })
            .collect(),
        emojis: emojis
            .into_iter()
            .map(|(emoji, (added, removed))| EmojiCount { emoji, added, removed })
            .collect(),
    })
}

fn counts() -> impl Strategy<Value = ActivityCounts> {
    let count = || prop_oneof![3 => Just(0_u32), 2 => 1_u32..5];
    (count(), count(), count(), count(), count()).prop_map(|counts| ActivityCounts {
        messages: counts.0,
        commands: counts.1,
        reactions_added: counts.2,
        reactions_removed: counts.3,
        reactions_received: counts.4,
    })
}

fn emoji() -> impl Strategy<Value = Emoji<'static>> {
    let custom = (1_u64..4).prop_map(|id| Emoji::Custom { id: EmojiId(id), name: None });
    let unicode = prop_oneof![Just("👍"), Just("👍🏽"), Just("❤️"), Just("e")];
    prop_oneof![custom, unicode.prop_map(|text| Emoji::Unicode(text.into()))]
}

/// The windows as records of a guild, after the names of its members and channels.
pub(super) fn records(
    guild: GuildId,
    windows: &[ActivityWindow],
    voices: &[VoiceWindow],
) -> Vec<Record> {
    let mut records =
        vec![Record::Members(guild, member_records()), Record::Channels(guild, channel_records())];
    let of_activity = windows
        .iter()
        .map(|window| Record::ActivityWindow(ActivityWindow { guild, ..window.clone() }));
    let of_voice =
        voices.iter().map(|window| Record::VoiceWindow(VoiceWindow { guild, ..window.clone() }));
    // Alternating, as far as both go.
    let longest = windows.len().max(voices.len());
    let (mut activity, mut voice) = (of_activity, of_voice);
    for _ in 0..longest {
        records.extend(activity.next());
        records.extend(voice.next());
    }
    records
}
