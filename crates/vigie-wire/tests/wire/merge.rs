//! Merged records mean the same to a store, take fewer bytes, and stand in an order that is safe.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, CoverageFamily,
    CoverageReason, CoverageSpan, CoverageState, Emoji, EmojiCount, EmojiId, GuildId, MemberRecord,
    Record, UnixMs, UserId, VoiceCell, VoiceMinute, VoicePeak, VoiceSession, VoiceState, VoiceTime,
    VoiceWindow,
};
use vigie_wire::{decode, encode, limits, merge};

use crate::arbitrary::{families, kind};

/// Guild, hour, channel, member.
type MemberHour = (u64, u32, u64, u64);

/// Five sums, and the first and last minute seen.
type HourSums = ([u64; 5], Option<(u32, u32)>);

/// All that a store keeps of records, in plain maps.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    hours: BTreeMap<MemberHour, HourSums>,
    kinds: BTreeMap<MemberHour, AuthorKind>,
    /// Guild, hour, channel, kind.
    channels: BTreeMap<(u64, u32, u64, AuthorKind), [u64; 5]>,
    /// Guild, minute, kind.
    minutes: BTreeMap<(u64, u32, AuthorKind), [u64; 5]>,
    /// Guild, hour, emoji.
    emojis: BTreeMap<(u64, u32, Result<u64, String>), [u64; 2]>,
    emoji_names: BTreeMap<(u64, u64), String>,
    members: BTreeMap<(u64, u64), MemberRecord>,
    /// Kind, sessions, nine times.
    voice: BTreeMap<MemberHour, (AuthorKind, u64, [u64; 9])>,
    /// Guild, hour, minute: total, active, peak.
    voice_minutes: BTreeMap<(u64, u32, u8), (u64, u64, u32)>,
    voice_peaks: BTreeMap<(u64, u32, u64), u32>,
    sessions: BTreeMap<(u64, u64, u64, i64), VoiceSession>,
    /// Guild, family, from, and whether it is a gap.
    coverage: BTreeMap<(u64, CoverageFamily, i64, bool), CoverageSpan>,
    heard_until: Option<UnixMs>,
    /// What had been heard when a guild was seen for the first time.
    first_sights: BTreeMap<(u64, i64), Option<UnixMs>>,
}

fn figures(counts: &ActivityCounts) -> [u64; 5] {
    [
        counts.messages,
        counts.commands,
        counts.reactions_added,
        counts.reactions_removed,
        counts.reactions_received,
    ]
    .map(u64::from)
}

fn add<const N: usize>(sum: &mut [u64; N], more: [u64; N]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}

impl Kept {
    fn of<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut kept = Self::default();
        for bytes in entries {
            kept.keep(decode(bytes).expect("a record"));
        }
        kept
    }

    fn keep(&mut self, record: Record) {
        match record {
            Record::ActivityWindow(window) => self.window(&window),
            Record::ActivityHour(hour) => {
                let first = hour.unix_hour * 60;
                let at = |minute: u8| first + u32::from(minute);
                for cell in &hour.cells {
                    let seen = cell.seen.map(|(first, last)| (at(first), at(last)));
                    self.cell(hour.guild.0, hour.unix_hour, &cell.cell, seen);
                }
                for sum in &hour.minutes {
                    let key = (hour.guild.0, at(sum.minute), sum.kind);
                    add(self.minutes.entry(key).or_default(), figures(&sum.counts));
                }
                self.emojis(hour.guild.0, hour.unix_hour, &hour.emojis);
            }
            Record::VoiceWindow(window) => self.voice(&window),
            Record::Members(guild, members) => {
                let keyed = members.into_iter().map(|member| ((guild.0, member.id.0), member));
                self.members.extend(keyed);
            }
            Record::VoiceSessions(guild, sessions) => {
                let key =
                    |one: &VoiceSession| (guild.0, one.member.0, one.channel.0, one.started_at.0);
                self.sessions.extend(sessions.into_iter().map(|one| (key(&one), one)));
            }
            Record::Coverage(guild, spans) => {
                for span in spans {
                    let is_gap = span.state != CoverageState::Observed;
                    if !is_gap {
                        self.first_sights.insert((guild.0, span.from.0), self.heard_until);
                    }
                    self.coverage.insert((guild.0, span.family, span.from.0, is_gap), span);
                }
            }
            Record::HeardUntil(at) => self.heard_until = self.heard_until.max(Some(at)),
            _ => {}
        }
    }

    fn window(&mut self, window: &ActivityWindow) {
        let minute = window.unix_minute;
        for cell in &window.cells {
            let counts = figures(&cell.counts);
            if counts == [0; 5] {
                continue;
            }
            add(self.minutes.entry((window.guild.0, minute, cell.kind)).or_default(), counts);
            let is_seen = counts[..4].iter().any(|count| *count > 0);
            self.cell(window.guild.0, minute / 60, cell, is_seen.then_some((minute, minute)));
        }
        self.emojis(window.guild.0, minute / 60, &window.emojis);
    }

    fn cell(&mut self, guild: u64, hour: u32, cell: &ActivityCell, seen: Option<(u32, u32)>) {
        let counts = figures(&cell.counts);
        add(self.channels.entry((guild, hour, cell.channel.0, cell.kind)).or_default(), counts);
        let key = (guild, hour, cell.channel.0, cell.member.0);
        let kind = self.kinds.entry(key).or_default();
        *kind = (*kind).max(cell.kind);
        let place = self.hours.entry(key).or_default();
        add(&mut place.0, counts);
        place.1 = match (place.1, seen) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    fn emojis(&mut self, guild: u64, hour: u32, emojis: &[EmojiCount]) {
        for count in emojis {
            let key = match &count.emoji {
                Emoji::Custom { id, name } => {
                    if let Some(name) = name {
                        self.emoji_names.insert((guild, id.0), name.to_string());
                    }
                    Ok(id.0)
                }
                Emoji::Unicode(text) => Err(text.to_string()),
            };
            let counts = [count.added, count.removed].map(u64::from);
            add(self.emojis.entry((guild, hour, key)).or_default(), counts);
        }
    }

    fn voice(&mut self, window: &VoiceWindow) {
        let (guild, hour) = (window.guild.0, window.unix_hour);
        for cell in &window.cells {
            let key = (guild, hour, cell.channel.0, cell.member.0);
            let place = self.voice.entry(key).or_insert((cell.kind, 0, [0; 9]));
            place.0 = place.0.max(cell.kind);
            place.1 += u64::from(cell.sessions);
            add(&mut place.2, cell.time.figures());
        }
        for minute in &window.minutes {
            let place = self.voice_minutes.entry((guild, hour, minute.minute)).or_default();
            place.0 += minute.total_ms;
            place.1 += minute.active_ms;
            place.2 = place.2.max(minute.peak);
        }
        for peak in &window.peaks {
            let place = self.voice_peaks.entry((guild, hour, peak.channel.0)).or_default();
            *place = (*place).max(peak.peak);
        }
    }
}

fn bytes_of(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    bytes
}

fn slices(entries: &[Vec<u8>]) -> Vec<&[u8]> {
    entries.iter().map(Vec::as_slice).collect()
}

/// Two guilds, and rarely one that no store takes.
fn guild() -> impl Strategy<Value = GuildId> {
    prop_oneof![40 => 1..3_u64, 1 => Just(u64::MAX)].prop_map(GuildId)
}

fn channel() -> impl Strategy<Value = ChannelId> {
    (1..4_u64).prop_map(ChannelId)
}

fn member() -> impl Strategy<Value = UserId> {
    prop_oneof![60 => 1..6_u64, 1 => Just(1 << 63)].prop_map(UserId)
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..3_u32, 2 => 0..500_u32, 1 => Just(u32::MAX - 7)]
}

/// Minutes of three hours.
fn minute() -> impl Strategy<Value = u32> {
    29_919_600..29_919_780_u32
}

fn window() -> BoxedStrategy<Record> {
    let counts = proptest::array::uniform5(count());
    let cell = (channel(), member(), kind(), counts).prop_map(|(channel, member, kind, counts)| {
        let [messages, commands, reactions_added, reactions_removed, reactions_received] = counts;
        let counts = ActivityCounts {
            messages,
            commands,
            reactions_added,
            reactions_removed,
            reactions_received,
        };
        ActivityCell { channel, member, kind, counts }
    });
    let emoji = prop_oneof![
        (1..4_u64, option::of("[ab]"))
            .prop_map(|(id, name)| Emoji::Custom { id: EmojiId(id), name: name.map(Into::into) }),
        "[xy]".prop_map(|text| Emoji::Unicode(text.into())),
    ];
    let emoji = (emoji, 0..9_u32, 0..3_u32).prop_map(|(emoji, added, removed)| EmojiCount {
        emoji,
        added,
        removed,
    });
    (guild(), minute(), vec(cell, 0..5), vec(emoji, 0..3))
        .prop_map(|(guild, unix_minute, cells, emojis)| {
            Record::ActivityWindow(ActivityWindow { guild, unix_minute, cells, emojis })
        })
        .boxed()
}

fn voice_window() -> BoxedStrategy<Record> {
    let time = proptest::array::uniform9(0..60_000_u64).prop_map(VoiceTime::from_figures);
    let cell = (channel(), member(), kind(), 0..3_u32, time).prop_map(
        |(channel, member, kind, sessions, time)| VoiceCell {
            channel,
            member,
            kind,
            sessions,
            time,
        },
    );
    let minute = (0..60_u8, 0..90_000_u64, 0..90_000_u64, 0..9_u32).prop_map(
        |(minute, total_ms, active_ms, peak)| VoiceMinute { minute, total_ms, active_ms, peak },
    );
    let peak = (channel(), 0..9_u32).prop_map(|(channel, peak)| VoicePeak { channel, peak });
    let hour = minute_hour();
    (guild(), hour, vec(cell, 0..5), vec(minute, 0..4), vec(peak, 0..3), any::<bool>())
        .prop_map(|(guild, unix_hour, mut cells, mut minutes, peaks, is_sorted)| {
            if is_sorted {
                cells.sort_by_key(|cell| (cell.channel, cell.member));
                cells.dedup_by_key(|cell| (cell.channel, cell.member));
                minutes.sort_by_key(|minute| minute.minute);
                minutes.dedup_by_key(|minute| minute.minute);
            }
            Record::VoiceWindow(VoiceWindow { guild, unix_hour, cells, minutes, peaks })
        })
        .boxed()
}

fn minute_hour() -> impl Strategy<Value = u32> {
    minute().prop_map(|minute| minute / 60)
}

fn other() -> BoxedStrategy<Record> {
    let named = (member(), kind(), "[ab]", option::of("[cd]")).prop_map(
        |(id, kind, username, display_name)| MemberRecord {
            id,
            kind,
            username,
            display_name,
            avatar: None,
        },
    );
    let session = (channel(), member(), 0..3_i64, 0..9_i64).prop_map(
        |(channel, member, started_at, ended_at)| VoiceSession {
            channel,
            member,
            kind: AuthorKind::Human,
            started_at: UnixMs(started_at),
            ended_at: UnixMs(ended_at),
            start_heard: true,
            end_heard: true,
            time: VoiceTime::default(),
            segments: Vec::new(),
        },
    );
    let span = (0..3_u8, 0..4_i64, option::of(4..9_i64), 0..3_u8).prop_map(
        |(family, from, until, state)| CoverageSpan {
            family: CoverageFamily::from_u8(family).expect("a family"),
            from: UnixMs(from),
            until: until.map(UnixMs),
            state: CoverageState::from_u8(state).expect("a state"),
            reason: CoverageReason::SessionLost,
        },
    );
    prop_oneof![
        (guild(), vec(named, 0..4)).prop_map(|(guild, members)| Record::Members(guild, members)),
        (guild(), vec(session, 0..4))
            .prop_map(|(guild, sessions)| Record::VoiceSessions(guild, sessions)),
        (guild(), vec(span, 0..3)).prop_map(|(guild, spans)| Record::Coverage(guild, spans)),
        (0..99_i64).prop_map(|at| Record::HeardUntil(UnixMs(at))),
        (guild(), 0..9_i64).prop_map(|(guild, at)| Record::GuildRemoved(guild, UnixMs(at))),
    ]
    .boxed()
}

fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let record = prop_oneof![4 => window(), 3 => voice_window(), 3 => other()];
    vec(record.prop_map(|record| bytes_of(&record)), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn merged_records_mean_the_same_in_fewer_bytes(entries in entries()) {
        if let Some(merged) = merge(&slices(&entries)) {
            prop_assert_eq!(Kept::of(slices(&merged)), Kept::of(slices(&entries)));
            let bytes = |entries: &[Vec<u8>]| entries.iter().map(Vec::len).sum::<usize>();
            prop_assert!(bytes(&merged) < bytes(&entries));
        }
    }

    #[test]
    fn what_was_merged_before_is_merged_again(first in entries(), second in entries()) {
        let mut entries = merge(&slices(&first)).unwrap_or_else(|| first.clone());
        entries.extend(second.clone());
        let again = merge(&slices(&entries)).unwrap_or(entries);
        let plain = [first, second].concat();
        prop_assert_eq!(Kept::of(slices(&again)), Kept::of(slices(&plain)));
    }

    #[test]
    fn whatever_was_heard_had_arrived_before(entries in entries()) {
        let merged = merge(&slices(&entries)).unwrap_or_else(|| entries.clone());
        // At each `HeardUntil` that leaves, the store keeps at least all that it kept when this was said first.
        let mut kept = Kept::default();
        for bytes in slices(&merged) {
            let record = decode(bytes).expect("a record");
            kept.keep(record.clone());
            let Record::HeardUntil(at) = record else { continue };
            let said = slices(&entries).into_iter().position(|bytes| {
                matches!(decode(bytes), Ok(Record::HeardUntil(heard)) if heard == at)
            });
            let before = Kept::of(slices(&entries[..said.expect("it was said")]));
            for (key, (counts, _)) in &before.hours {
                let now = kept.hours.get(key).expect("it has arrived").0;
                prop_assert!(counts.iter().zip(now).all(|(then, now)| *then <= now));
            }
            prop_assert!(before.coverage.keys().all(|key| kept.coverage.contains_key(key)));
            prop_assert!(before.sessions.keys().all(|key| kept.sessions.contains_key(key)));
        }
    }
}

#[test]
fn bytes_that_cannot_be_read_keep_their_place() {
    let heard = |at| bytes_of(&Record::HeardUntil(UnixMs(at)));
    let unknown = vec![1, 200, 7];
    let entries = [heard(1), heard(2), unknown.clone(), heard(3), heard(4)];
    assert_eq!(merge(&slices(&entries)), Some(vec![heard(2), unknown, heard(4)]));
    assert_eq!(merge(&[]), None);
    assert_eq!(merge(&[&heard(1)]), None, "nothing is gained");
}

#[test]
fn what_leaves_at_once_keeps_its_place_and_is_never_merged() {
    let heard = |at| bytes_of(&Record::HeardUntil(UnixMs(at)));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..200 {
        let tree = families::record().new_tree(&mut runner).expect("a record");
        let urgent = bytes_of(&tree.current());
        let entries = [heard(1), heard(2), urgent.clone(), urgent.clone(), heard(3), heard(4)];
        let expected = vec![heard(2), urgent.clone(), urgent, heard(4)];
        assert_eq!(merge(&slices(&entries)), Some(expected));
    }
}

#[test]
fn a_first_sight_stays_behind_what_was_heard_before_it() {
    let span = CoverageSpan {
        family: CoverageFamily::Voice,
        from: UnixMs(5),
        until: None,
        state: CoverageState::Observed,
        reason: CoverageReason::None,
    };
    let heard = |at| bytes_of(&Record::HeardUntil(UnixMs(at)));
    let seen = bytes_of(&Record::Coverage(GuildId(1), vec![span]));
    let entries = [heard(1), heard(2), seen.clone(), heard(6), heard(7)];
    assert_eq!(merge(&slices(&entries)), Some(vec![heard(2), seen, heard(7)]));
}

/// An hour of a guild in which 40 members write in 10 channels now and then.
fn hour_of_a_guild() -> Vec<Vec<u8>> {
    let window = |minute: u64| {
        let dice = |turn: u64| (minute * 7 + turn + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let mut cells: Vec<_> = (0..6)
            .map(|turn| ActivityCell {
                channel: ChannelId(613_425_648_685_547_600 + dice(turn) % 10),
                member: UserId(80_351_110_224_678_912 + (dice(turn) / 64 % 40) * 7_919_000_000_000),
                kind: AuthorKind::Human,
                counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
            })
            .collect();
        cells.sort_by_key(|cell| (cell.channel, cell.member));
        cells.dedup_by_key(|cell| (cell.channel, cell.member));
        let unix_minute = 29_919_600 + minute as u32;
        let guild = GuildId(613_425_648_685_547_541);
        bytes_of(&Record::ActivityWindow(ActivityWindow {
            guild,
            unix_minute,
            cells,
            emojis: vec![],
        }))
    };
    (0..60).map(window).collect()
}

#[test]
fn an_hour_of_a_guild_shrinks_to_about_half() {
    let entries = hour_of_a_guild();
    let merged = merge(&slices(&entries)).expect("there is much to gain");
    assert_eq!(merged.len(), 1);
    let before: usize = entries.iter().map(Vec::len).sum();
    assert!(merged[0].len() * 10 < before * 6, "{} of {before} bytes", merged[0].len());
}

#[test]
fn an_hour_too_large_for_one_record_leaves_in_several() {
    let window = |minute: u32| {
        let cell = |member: u64| ActivityCell {
            channel: ChannelId(1),
            member: UserId(u64::from(minute) * 1_000 + member),
            kind: AuthorKind::Human,
            counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
        };
        let cells = (0..7_000).map(cell).collect();
        let guild = GuildId(7);
        bytes_of(&Record::ActivityWindow(ActivityWindow {
            guild,
            unix_minute: 29_919_600 + minute,
            cells,
            emojis: vec![],
        }))
    };
    let entries: Vec<_> = (0..5).map(window).collect();
    let merged = merge(&slices(&entries)).expect("there is something to gain");
    assert!(merged.len() > 1 && merged.iter().all(|bytes| bytes.len() < limits::RECORD_BYTES_MAX));
    assert_eq!(Kept::of(slices(&merged)), Kept::of(slices(&entries)));
}

#[test]
fn sessions_stay_in_records_of_bounded_size() {
    let session = VoiceSession {
        channel: ChannelId(1),
        member: UserId(2),
        kind: AuthorKind::Human,
        started_at: UnixMs(0),
        ended_at: UnixMs(9),
        start_heard: true,
        end_heard: true,
        time: VoiceTime::default(),
        segments: vec![Default::default(); 64],
    };
    let one = |at: i64| VoiceSession { started_at: UnixMs(at), ..session.clone() };
    assert!(session.segments.iter().all(|segment| segment.state == VoiceState::default()));
    let entries: Vec<_> =
        (0..1_000).map(|at| bytes_of(&Record::VoiceSessions(GuildId(7), vec![one(at)]))).collect();
    let merged = merge(&slices(&entries)).expect("there is something to gain");
    assert_eq!(merged.len(), 3, "nine each for one session and 64 segments");
    assert_eq!(Kept::of(slices(&merged)), Kept::of(slices(&entries)));
}
