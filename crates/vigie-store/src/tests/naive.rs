//! The judge: keeps every cell it was given and answers by looking at all of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, ChannelKind,
    ChannelRecord, Emoji, EmojiCount, EmojiId, GuildId, MemberRecord, Record, UserId,
};

use crate::question::{Audience, Counts, HourRange, Scope, ScoreWeights};

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

/// One cell and when it happened.
type Counted = (u32, ActivityCell);

/// Everything that ever happened in a guild.
#[derive(Clone, Debug, Default)]
pub(super) struct Naive {
    cells: Vec<Counted>,
    emojis: Vec<(u32, EmojiCount)>,
}

impl Naive {
    pub(super) fn of(windows: &[ActivityWindow]) -> Self {
        let mut naive = Self::default();
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

fn in_scope(channel: u64, scope: Scope) -> bool {
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

/// Distinct active members.
pub(super) fn active(cells: &[Counted]) -> u64 {
    let is_active = |counts: &ActivityCounts| counts.messages > 0 || counts.reactions_added > 0;
    let active = cells.iter().filter(|(_, cell)| is_active(&cell.counts));
    active.map(|(_, cell)| cell.member).collect::<BTreeSet<_>>().len() as u64
}

/// Members by value, best first, those of equal value by id; none without any value.
pub(super) fn ranked(cells: &[Counted], weights: ScoreWeights) -> Vec<(UserId, f64, Counts)> {
    let value = |counts: &Counts| {
        counts.messages as f64 * weights.messages
            + counts.reactions_added as f64 * weights.reactions
    };
    let sums = by(cells, |(_, cell)| cell.member);
    let mut rows: Vec<_> = sums
        .into_iter()
        .map(|(member, counts)| (member, value(&counts), counts))
        .filter(|row| row.1 > 0.0)
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows
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
pub(super) fn records(guild: GuildId, windows: &[ActivityWindow]) -> Vec<Record> {
    let mut records =
        vec![Record::Members(guild, member_records()), Record::Channels(guild, channel_records())];
    records.extend(
        windows
            .iter()
            .map(|window| Record::ActivityWindow(ActivityWindow { guild, ..window.clone() })),
    );
    records
}
