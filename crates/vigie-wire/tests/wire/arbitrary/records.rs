//! Arbitrary records.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, ActivityWindow, ChannelId, ChannelKind,
    ChannelRecord, CoverageFamily, CoverageReason, CoverageSpan, CoverageState, Emoji, EmojiCount,
    EmojiId, GuildId, GuildRecord, HourCell, MemberRecord, MinuteSum, Record, UnixMs, UserId,
    VoiceCell, VoiceMinute, VoicePeak, VoiceSession, VoiceWindow,
};

use super::{count, duration, id, kind, segment, text, time};

fn cell() -> impl Strategy<Value = ActivityCell> {
    let counts = (count(), count(), count(), count(), count());
    (id(), id(), kind(), counts).prop_map(|(channel, member, kind, counts)| {
        let (messages, commands, reactions_added, reactions_removed, reactions_received) = counts;
        ActivityCell {
            channel: ChannelId(channel),
            member: UserId(member),
            kind,
            counts: ActivityCounts {
                messages,
                commands,
                reactions_added,
                reactions_removed,
                reactions_received,
            },
        }
    })
}

fn emoji() -> impl Strategy<Value = EmojiCount> {
    let emoji = prop_oneof![
        text().prop_map(|text| Emoji::Unicode(text.into())),
        (id(), option::of(text()))
            .prop_map(|(id, name)| Emoji::Custom { id: EmojiId(id), name: name.map(Into::into) }),
    ];
    (emoji, count(), count()).prop_map(|(emoji, added, removed)| EmojiCount {
        emoji,
        added,
        removed,
    })
}

fn window() -> impl Strategy<Value = Record> {
    (id(), any::<u32>(), vec(cell(), 0..40), vec(emoji(), 0..8), any::<bool>()).prop_map(
        |(guild, unix_minute, mut cells, emojis, sorted)| {
            if sorted {
                cells.sort_by_key(|cell| (cell.channel, cell.member));
            }
            let guild = GuildId(guild);
            Record::ActivityWindow(ActivityWindow { guild, unix_minute, cells, emojis })
        },
    )
}

fn channel() -> impl Strategy<Value = ChannelRecord> {
    let name = option::of(text());
    (id(), any::<u8>(), name, option::of(id()), any::<i32>(), any::<bool>()).prop_map(
        |(id, kind, name, parent, position, deleted)| ChannelRecord {
            id: ChannelId(id),
            kind: ChannelKind(kind),
            name,
            parent: parent.map(ChannelId),
            position,
            deleted,
        },
    )
}

fn guild() -> impl Strategy<Value = Record> {
    let names = (text(), option::of(text()));
    let counts = (option::of(any::<u32>()), option::of(any::<i64>()), any::<u8>(), any::<u32>());
    (id(), any::<i64>(), names, id(), counts, vec(channel(), 0..20)).prop_map(
        |(id, at, (name, icon), owner, counts, channels)| {
            let (member_count, bot_joined_at, premium_tier, boost_count) = counts;
            Record::Guild(GuildRecord {
                id: GuildId(id),
                at: UnixMs(at),
                name,
                icon,
                owner: UserId(owner),
                member_count,
                bot_joined_at: bot_joined_at.map(UnixMs),
                premium_tier,
                boost_count,
                channels,
            })
        },
    )
}

fn member() -> impl Strategy<Value = MemberRecord> {
    (id(), kind(), text(), option::of(text()), option::of(text())).prop_map(
        |(id, kind, username, display_name, avatar)| MemberRecord {
            id: UserId(id),
            kind,
            username,
            display_name,
            avatar,
        },
    )
}

fn counts() -> impl Strategy<Value = ActivityCounts> {
    cell().prop_map(|cell| cell.counts)
}

fn hour() -> impl Strategy<Value = Record> {
    let seen = option::of((0..60_u8, 0..60_u8));
    let cell = (cell(), seen).prop_map(|(cell, seen)| HourCell { cell, seen });
    let sum = (0..60_u8, kind(), counts()).prop_map(|(minute, kind, counts)| MinuteSum {
        minute,
        kind,
        counts,
    });
    (id(), any::<u32>(), vec(cell, 0..20), vec(sum, 0..20), vec(emoji(), 0..8)).prop_map(
        |(guild, unix_hour, cells, minutes, emojis)| {
            let guild = GuildId(guild);
            Record::ActivityHour(ActivityHour { guild, unix_hour, cells, minutes, emojis })
        },
    )
}

fn voice_window() -> impl Strategy<Value = Record> {
    let cell = (id(), id(), kind(), count(), time()).prop_map(
        |(channel, member, kind, sessions, time)| VoiceCell {
            channel: ChannelId(channel),
            member: UserId(member),
            kind,
            sessions,
            time,
        },
    );
    let minute = (0..60_u8, duration(), duration(), count()).prop_map(
        |(minute, total_ms, active_ms, peak)| VoiceMinute { minute, total_ms, active_ms, peak },
    );
    let peak =
        (id(), count()).prop_map(|(channel, peak)| VoicePeak { channel: ChannelId(channel), peak });
    (id(), any::<u32>(), vec(cell, 0..20), vec(minute, 0..8), vec(peak, 0..8)).prop_map(
        |(guild, unix_hour, cells, minutes, peaks)| {
            let guild = GuildId(guild);
            Record::VoiceWindow(VoiceWindow { guild, unix_hour, cells, minutes, peaks })
        },
    )
}

pub fn voice_session() -> impl Strategy<Value = VoiceSession> {
    let instants = (any::<i64>(), any::<i64>(), any::<bool>(), any::<bool>());
    (id(), id(), kind(), instants, time(), vec(segment(), 0..6)).prop_map(
        |(channel, member, kind, instants, time, segments)| VoiceSession {
            channel: ChannelId(channel),
            member: UserId(member),
            kind,
            started_at: UnixMs(instants.0),
            ended_at: UnixMs(instants.1),
            start_heard: instants.2,
            end_heard: instants.3,
            time,
            segments,
        },
    )
}

pub fn reason() -> impl Strategy<Value = CoverageReason> {
    (0..7_u8).prop_map(|reason| CoverageReason::from_u8(reason).expect("0..6 are reasons"))
}

pub fn span() -> impl Strategy<Value = CoverageSpan> {
    let family = (0..5_u8).prop_map(|at| CoverageFamily::from_u8(at).expect("0..4 are families"));
    let state = (0..3_u8).prop_map(|at| CoverageState::from_u8(at).expect("0..2 are states"));
    (family, any::<i64>(), option::of(any::<i64>()), state, reason()).prop_map(
        |(family, from, until, state, reason)| CoverageSpan {
            family,
            from: UnixMs(from),
            until: until.map(UnixMs),
            state,
            reason,
        },
    )
}

/// Any record of any kind.
pub fn record() -> BoxedStrategy<Record> {
    prop_oneof![
        4 => window(),
        2 => guild(),
        1 => (id(), any::<i64>())
            .prop_map(|(guild, at)| Record::GuildRemoved(GuildId(guild), UnixMs(at))),
        2 => (id(), vec(channel(), 0..20))
            .prop_map(|(guild, channels)| Record::Channels(GuildId(guild), channels)),
        2 => (id(), vec(member(), 0..20))
            .prop_map(|(guild, members)| Record::Members(GuildId(guild), members)),
        3 => hour(),
        3 => voice_window(),
        2 => (id(), vec(voice_session(), 0..6))
            .prop_map(|(guild, sessions)| Record::VoiceSessions(GuildId(guild), sessions)),
        2 => (id(), vec(span(), 0..9))
            .prop_map(|(guild, spans)| Record::Coverage(GuildId(guild), spans)),
        1 => any::<i64>().prop_map(|at| Record::HeardUntil(UnixMs(at))),
        8 => super::families::record(),
    ]
    .boxed()
}
