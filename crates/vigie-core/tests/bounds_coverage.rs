//! What happens at the bounds of voice and coverage: what cannot be followed or read again is said, and memory stays.

use vigie_core::vocabulary::{
    AuthorKind, Channel, ChannelId, ChannelKind, CoverageFamily, CoverageReason, CoverageState,
    Fact, GuildFact, GuildId, HistoryPage, MessageFact, MessageId, MessageKind, Person, Record,
    UnixMs, UserId, VoiceFact, VoiceState, snowflake_at,
};
use vigie_core::{Core, CoreConfig, limits};

const NOW: UnixMs = UnixMs(1_795_132_800_000);

fn after(seconds: i64) -> UnixMs {
    UnixMs(NOW.0 + seconds * 1_000)
}

/// GUILD_CREATE with these channels and their newest messages.
fn guild(id: u64, channels: impl Iterator<Item = (u64, MessageId)>) -> Fact<'static> {
    let channel = |(id, last)| Channel {
        id: ChannelId(id),
        kind: ChannelKind(0),
        name: None,
        parent: None,
        position: 0,
        last_message: Some(last),
    };
    Fact::Guild(Box::new(GuildFact {
        id: GuildId(id),
        name: "Harbour".into(),
        icon: None,
        owner: UserId(1),
        member_count: None,
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        afk_channel: None,
        channels: channels.map(channel).collect(),
        voice_states: Some(Vec::new()),
    }))
}

fn message(channel: u64, id: u64) -> Fact<'static> {
    Fact::Message(MessageFact {
        guild: GuildId(1),
        channel: ChannelId(channel),
        message: MessageId(id),
        kind: MessageKind::Message,
        author: Person {
            id: UserId(100),
            kind: AuthorKind::Human,
            username: "somebody".into(),
            display_name: None,
            avatar: None,
        },
    })
}

fn voice(guild: u64, member: u64, channel: u64) -> Fact<'static> {
    Fact::Voice(VoiceFact {
        guild: GuildId(guild),
        member: UserId(member),
        person: None,
        channel: Some(ChannelId(channel)),
        state: VoiceState::default(),
    })
}

/// What became of the messages of a guild that came back.
fn messages(records: &[Record], guild: u64) -> (CoverageState, CoverageReason) {
    let spans = records.iter().filter_map(|record| match record {
        Record::Coverage(of, spans) if *of == GuildId(guild) => Some(spans),
        _ => None,
    });
    let mut spans = spans.flatten().filter(|span| span.family == CoverageFamily::Messages);
    let last = spans.next_back().expect("it was told");
    assert!(last.until.is_some(), "it came back");
    (last.state, last.reason)
}

#[test]
fn beyond_the_bound_of_open_sessions_joins_are_counted_and_not_followed() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    for member in 0..limits::OPEN_SESSIONS_MAX as u64 + 10 {
        core.handle(NOW, voice(1, member, 1 + member / 50), &mut out);
    }
    let stats = core.stats();
    assert_eq!(stats.open_voice_sessions, limits::OPEN_SESSIONS_MAX as u64);
    assert_eq!(stats.voice_not_followed, 10);
    core.handle(after(60), Fact::Heard, &mut out);
    core.flush(after(60), &mut out);
    let windows = out.iter().filter_map(|record| match record {
        Record::VoiceWindow(window) => Some(window),
        _ => None,
    });
    let cells = windows.inspect(|w| assert!(w.cells.len() <= limits::WINDOW_VOICE_CELLS_MAX));
    let credited = cells.flat_map(|w| &w.cells).map(|cell| cell.time.total_ms).sum::<u64>();
    assert_eq!(credited, 60_000 * limits::OPEN_SESSIONS_MAX as u64);
}

#[test]
fn sessions_that_end_by_the_thousand_leave_early() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    let moves = limits::ENDED_SESSIONS_MAX as u64 + 10;
    for number in 0..=moves {
        core.handle(NOW, voice(1, 100, 1 + number % 3), &mut out);
    }
    assert_eq!(core.stats().early_flushes, 1);
    core.flush(NOW, &mut out);
    let told = out.iter().map(|record| match record {
        Record::VoiceSessions(_, sessions) => {
            assert!(sessions.len() <= limits::RECORD_SESSIONS_MAX);
            sessions.len() as u64
        }
        _ => 0,
    });
    assert_eq!(told.sum::<u64>(), moves);
}

#[test]
fn beyond_the_bound_of_channels_to_be_read_the_gap_stays_blind() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    core.handle(NOW, guild(1, std::iter::empty()), &mut out);
    core.handle(after(60), Fact::SessionStarted(vec![GuildId(1)]), &mut out);
    let missed = MessageId(snowflake_at(after(30)));
    let channels = (0..limits::GAP_CHANNELS_MAX as u64 + 5).map(|id| (id, missed));
    core.handle(after(61), guild(1, channels), &mut out);
    let stats = core.catch_up();
    assert_eq!((stats.channels, stats.refused), (limits::GAP_CHANNELS_MAX as u64, 5));
    assert!(core.stats().coverage_bytes < 20_000_000, "{}", core.stats().coverage_bytes);
    while let Some(request) = core.next_page() {
        let page = HistoryPage {
            guild: request.guild,
            channel: request.channel,
            after: request.after,
            newest: None,
            more: false,
            messages: Vec::new(),
        };
        core.handle(after(62), Fact::History(page), &mut out);
    }
    core.flush(after(62), &mut out);
    assert_eq!(messages(&out, 1), (CoverageState::Blind, CoverageReason::HistoryRefused));
}

#[test]
fn at_the_bound_of_marks_the_older_half_goes_and_no_repeat_is_counted() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    let first = snowflake_at(NOW);
    for id in 1..=3 {
        core.handle(NOW, guild(id, std::iter::empty()), &mut out);
    }
    // Lost before marks are let go: what was counted in it until then cannot be known when it comes back.
    core.handle(NOW, message(1, first), &mut out);
    core.handle(NOW, Fact::GuildUnavailable(GuildId(2)), &mut out);
    let channels = limits::MARKS_MAX as u64 + 1;
    for number in 1..channels {
        core.handle(NOW, message(1 + number, first + number), &mut out);
    }
    assert!((core.stats().marks as usize) < limits::MARKS_MAX / 2 + 10);
    core.handle(NOW, Fact::GuildUnavailable(GuildId(3)), &mut out);
    let repeats = core.stats().repeats;
    core.handle(NOW, message(1, first), &mut out);
    core.handle(NOW, message(channels, first + channels - 1), &mut out);
    assert_eq!(core.stats().repeats, repeats + 2);
    core.handle(after(1), message(1, snowflake_at(after(1))), &mut out);
    assert_eq!(core.stats().repeats, repeats + 2, "new, though the mark was forgotten");
    let missed = MessageId(snowflake_at(after(30)));
    core.handle(after(60), guild(2, std::iter::once((1_000_001, missed))), &mut out);
    core.handle(after(60), guild(3, std::iter::once((1_000_002, missed))), &mut out);
    assert_eq!(messages(&out, 2), (CoverageState::Blind, CoverageReason::StateLost));
    let request = core.next_page().expect("the third can be read again");
    assert_eq!(request.channel, ChannelId(1_000_002));
    assert_eq!(request.after, MessageId(first + limits::MARKS_MAX as u64 / 2));
}

#[test]
fn ten_thousand_guilds_with_voice_and_marks_cost_a_few_mebibytes() {
    let mut core = Core::new(CoreConfig::default());
    let mut out = Vec::new();
    for id in 0..10_000 {
        let channels = (0..3).map(|number| (id * 10 + number, MessageId(snowflake_at(NOW) + id)));
        core.handle(NOW, guild(id, channels), &mut out);
        core.handle(NOW, voice(id, id, id * 10 + 5), &mut out);
    }
    core.handle(after(61), Fact::Heard, &mut out);
    core.wake(after(61), &mut out);
    let stats = core.stats();
    assert_eq!((stats.marks, stats.open_voice_sessions), (30_000, 10_000));
    assert!(stats.coverage_bytes < 2_500_000, "{} bytes of coverage", stats.coverage_bytes);
    assert!(stats.voice_bytes < 7_000_000, "{} bytes of voice", stats.voice_bytes);
    core.handle(after(1_200), message(1, snowflake_at(after(1_200))), &mut out);
    core.flush(after(1_200), &mut out);
    assert_eq!(core.stats().marks, 1, "ten quiet minutes later marks are forgotten");
}
