//! The samples that came after the first release: voice, coverage, merged hours, journal frames and checkpoints.

use vigie_core::checkpoint::{
    ChannelGap, Checkpoint, GapCheckpoint, GuildCheckpoint, OpenVoiceSession,
};
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, AuthorKind, Channel, ChannelId, ChannelKind,
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, Emoji, EmojiCount, EmojiId, Fact,
    GuildFact, GuildId, HistoryPage, HistoryRefusal, HourCell, MessageFact, MessageId, MessageKind,
    MinuteSum, Person, ReactionFact, UnixMs, UserId, VoiceCell, VoiceFact, VoiceMinute, VoicePeak,
    VoiceSegment, VoiceSession, VoiceState, VoiceTime, VoiceWindow,
};
use vigie_wire::checkpoint::{self, ShardCheckpoint};
use vigie_wire::journal::{self, GatewaySession, JournalWriter, Step};

use super::{AT, GUILD, OWNER, ReadAgain, families};

pub const GENERAL: ChannelId = ChannelId(613_425_648_685_547_600);
const LOUNGE: ChannelId = ChannelId(613_425_649_000_120_333);
pub const MESSAGE: MessageId = MessageId(1_573_336_668_981_100_544);
pub const BOT: UserId = UserId(155_149_108_183_695_360);

pub fn hour() -> ActivityHour {
    let counts = |counts: [u32; 5]| ActivityCounts {
        messages: counts[0],
        commands: counts[1],
        reactions_added: counts[2],
        reactions_removed: counts[3],
        reactions_received: counts[4],
    };
    let cell = |channel, member, kind, figures, seen| HourCell {
        cell: ActivityCell { channel, member, kind, counts: counts(figures) },
        seen,
    };
    let sum = |minute, kind, figures| MinuteSum { minute, kind, counts: counts(figures) };
    ActivityHour {
        guild: GUILD,
        unix_hour: 498_660,
        cells: vec![
            cell(GENERAL, OWNER, AuthorKind::Human, [41, 1, 0, 0, 7], Some((0, 59))),
            cell(GENERAL, BOT, AuthorKind::Human, [0, 0, 0, 0, 1], None),
            cell(GENERAL, BOT, AuthorKind::Bot, [1, 0, 0, 0, 0], Some((59, 59))),
            cell(LOUNGE, OWNER, AuthorKind::Webhook, [300, 0, 0, 0, 0], Some((3, 4))),
        ],
        minutes: vec![
            sum(0, AuthorKind::Human, [40, 1, 0, 0, 8]),
            sum(59, AuthorKind::Human, [1, 0, 0, 0, 0]),
            sum(59, AuthorKind::Bot, [1, 0, 0, 0, 0]),
        ],
        emojis: vec![EmojiCount { emoji: Emoji::Unicode("🔥".into()), added: 8, removed: 0 }],
    }
}

pub fn voice_window() -> VoiceWindow {
    let mut muted = VoiceTime::default();
    muted.add(VoiceState::MUTED, 60_000);
    let mut alone = VoiceTime::default();
    alone.add(VoiceState::ALONE.with(VoiceState::DEAFENED), 1_250);
    alone.add(VoiceState::STREAMING, 500);
    let all = VoiceTime::from_figures([9, 1, 2, 3, 4, 5, 6, 7, 8]);
    let cell =
        |channel, member, kind, sessions, time| VoiceCell { channel, member, kind, sessions, time };
    VoiceWindow {
        guild: GUILD,
        unix_hour: 498_660,
        cells: vec![
            cell(GENERAL, OWNER, AuthorKind::Human, 0, muted),
            cell(GENERAL, BOT, AuthorKind::Bot, 1, alone),
            cell(LOUNGE, OWNER, AuthorKind::Human, 70_000, all),
            cell(LOUNGE, BOT, AuthorKind::Webhook, 0, VoiceTime::default()),
        ],
        minutes: vec![
            VoiceMinute { minute: 0, total_ms: 60_009, active_ms: 60_001, peak: 2 },
            VoiceMinute { minute: 59, total_ms: 1, active_ms: 2, peak: u32::MAX },
        ],
        peaks: vec![
            VoicePeak { channel: GENERAL, peak: 1 },
            VoicePeak { channel: LOUNGE, peak: 300 },
        ],
    }
}

fn segments() -> Vec<VoiceSegment> {
    let segment = |state, duration_ms| VoiceSegment { state, duration_ms };
    vec![
        segment(VoiceState::default(), 90_000),
        segment(VoiceState::MUTED.with(VoiceState::AFK), 1),
        segment(VoiceState(255), u64::MAX),
    ]
}

pub fn voice_sessions() -> Vec<VoiceSession> {
    let session = VoiceSession {
        channel: LOUNGE,
        member: OWNER,
        kind: AuthorKind::Human,
        started_at: AT,
        ended_at: UnixMs(AT.0 + 90_001),
        start_heard: true,
        end_heard: true,
        time: VoiceTime { total_ms: 90_001, active_ms: 90_000, ..VoiceTime::default() },
        segments: segments(),
    };
    let other = VoiceSession {
        channel: GENERAL,
        member: BOT,
        kind: AuthorKind::Bot,
        started_at: UnixMs(AT.0 - 5),
        ended_at: UnixMs(-1),
        start_heard: false,
        end_heard: false,
        time: VoiceTime::default(),
        segments: Vec::new(),
    };
    vec![session, other]
}

pub fn spans() -> Vec<CoverageSpan> {
    let span = |family, from, until: Option<i64>, state, reason| CoverageSpan {
        family,
        from: UnixMs(from),
        until: until.map(UnixMs),
        state,
        reason,
    };
    let (observed, recovered, blind) =
        (CoverageState::Observed, CoverageState::Recovered, CoverageState::Blind);
    vec![
        span(CoverageFamily::Messages, AT.0, None, observed, CoverageReason::None),
        span(
            CoverageFamily::Messages,
            AT.0 + 7,
            Some(AT.0 + 9_000),
            recovered,
            CoverageReason::SessionLost,
        ),
        span(CoverageFamily::Reactions, AT.0 + 7, None, blind, CoverageReason::GuildOutage),
        span(CoverageFamily::Voice, -1, Some(-9), blind, CoverageReason::HistoryRefused),
    ]
}

pub fn person(id: UserId, kind: AuthorKind, avatar: Option<&'static str>) -> Person<'static> {
    Person {
        id,
        kind,
        username: "ann".into(),
        display_name: (kind == AuthorKind::Human).then(|| "Ann ⚓".into()),
        avatar: avatar.map(Into::into),
    }
}

pub fn owner() -> Person<'static> {
    person(OWNER, AuthorKind::Human, Some("0123456789abcdef0123456789abcdef"))
}

fn message(number: u64, kind: MessageKind, author: Person<'static>) -> MessageFact<'static> {
    MessageFact {
        guild: GUILD,
        channel: GENERAL,
        message: MessageId(MESSAGE.0 + number),
        kind,
        author,
    }
}

fn channel() -> Channel<'static> {
    Channel {
        id: LOUNGE,
        kind: ChannelKind(2),
        name: Some("Lounge".into()),
        parent: Some(ChannelId(5)),
        position: -1,
        last_message: Some(MESSAGE),
    }
}

fn guild() -> GuildFact<'static> {
    let bare = Channel { name: None, parent: None, position: 3, last_message: None, ..channel() };
    GuildFact {
        id: GUILD,
        name: "The Harbour".into(),
        icon: Some("a_0123456789abcdef0123456789abcdef".into()),
        owner: OWNER,
        member_count: Some(4_200),
        bot_joined_at: Some(UnixMs(1_577_836_800_000)),
        premium_tier: 2,
        boost_count: 9,
        afk_channel: Some(LOUNGE),
        channels: vec![channel(), bare],
        voice_states: Some(vec![voice(Some(owner()), Some(LOUNGE)), voice(None, Some(GENERAL))]),
    }
}

fn voice(person: Option<Person<'static>>, channel: Option<ChannelId>) -> VoiceFact<'static> {
    let state = VoiceState::MUTED.with(VoiceState::VIDEO);
    VoiceFact { guild: GUILD, member: OWNER, person, channel, state }
}

fn reaction(added: bool, emoji: Emoji<'static>) -> ReactionFact<'static> {
    ReactionFact {
        guild: GUILD,
        channel: GENERAL,
        message: MESSAGE,
        giver: OWNER,
        giver_person: added.then(owner),
        message_author: added.then_some(BOT),
        emoji,
        added,
    }
}

fn session() -> GatewaySession {
    GatewaySession {
        id: "0123456789abcdef".into(),
        resume_url: "wss://gateway.example".into(),
        sequence: 41,
        intents: 1_155,
        shard_count: 16,
    }
}

/// Each step once, by the name of its file; and one whole frame.
pub fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let command = MessageKind::Command;
    let custom = |name: Option<&'static str>| Emoji::Custom {
        id: EmojiId(41_771_983_429_993_937),
        name: name.map(Into::into),
    };
    let animated = person(BOT, AuthorKind::Bot, Some("a_0123456789abcdef0123456789abcdef"));
    let odd = person(UserId(7), AuthorKind::Webhook, Some("odd"));
    let page = HistoryPage {
        guild: GUILD,
        channel: GENERAL,
        after: MESSAGE,
        newest: Some(MessageId(MESSAGE.0 + 9)),
        more: true,
        messages: vec![message(8, MessageKind::Message, owner()), message(9, command, owner())],
    };
    let empty = HistoryPage { newest: None, more: false, messages: Vec::new(), ..page.clone() };
    let messages = [
        message(0, MessageKind::Message, owner()),
        message(1, command, owner()),
        message(0, MessageKind::Message, animated),
        message(1 << 40, MessageKind::Message, odd),
        message(1 << 41, MessageKind::Message, owner()),
    ];
    let others = [
        Fact::Reaction(reaction(true, custom(Some("ancre")))),
        Fact::Reaction(reaction(false, custom(None))),
        Fact::Reaction(reaction(false, Emoji::Unicode("🔥".into()))),
        Fact::ReactionsCleared(GUILD, MESSAGE),
        Fact::Voice(voice(Some(owner()), Some(LOUNGE))),
        Fact::Voice(voice(None, None)),
        Fact::Guild(Box::new(guild())),
        Fact::GuildRemoved(GUILD),
        Fact::GuildUnavailable(GUILD),
        Fact::SessionStarted(vec![GUILD, GuildId(5)]),
        Fact::Heard,
        Fact::History(page),
        Fact::History(empty),
        Fact::HistoryRefused(GENERAL, MESSAGE, HistoryRefusal::MissingPermission),
        Fact::HistoryRefused(GENERAL, MESSAGE, HistoryRefusal::Gone),
        Fact::HistoryRefused(GENERAL, MESSAGE, HistoryRefusal::Refused),
        Fact::Channel(GUILD, channel()),
        Fact::ChannelDeleted(GUILD, LOUNGE),
    ];
    let notice = |number| Fact::UncountedMessage(GUILD, GENERAL, MessageId(MESSAGE.0 + number));
    let uncounted =
        [notice(1), Fact::Message(message(9, MessageKind::Message, owner())), notice(3)];
    let control = [Step::Session(session()), Step::Wake, Step::Flush];
    vec![
        ("journal_messages", frame(&messages.map(Fact::Message).map(Step::Fact))),
        ("journal_others", frame(&others.into_iter().map(Step::Fact).collect::<Vec<_>>())),
        ("journal_control", frame(&control)),
        ("journal_uncounted", frame(&uncounted.map(Step::Fact))),
        (
            "journal_families",
            frame(&families::facts().into_iter().map(Step::Fact).collect::<Vec<_>>()),
        ),
    ]
}

/// The steps in one frame: sequences one after another, but for a jump, and a clock that stands, goes, and is put back.
fn frame(steps: &[Step<'static>]) -> Vec<u8> {
    let mut writer = JournalWriter::new();
    for (number, step) in steps.iter().enumerate() {
        let later = [0, 0, 13, -4_000][number % 4];
        let skipped = if number == 3 { 1_000 } else { 0 };
        writer.push(UnixMs(AT.0 + later), 42 + number as u64 + skipped, step);
    }
    writer.take()
}

pub fn read_frame(bytes: &[u8]) -> ReadAgain {
    let steps = journal::read(bytes).collect::<Result<Vec<_>, _>>()?;
    let mut writer = JournalWriter::new();
    for (now, sequence, step) in &steps {
        writer.push(*now, *sequence, step);
    }
    Ok((format!("{steps:#?}"), writer.take()))
}

/// The checkpoints, by the names of their files.
pub fn checkpoints() -> Vec<(&'static str, Vec<u8>)> {
    let bytes = |checkpoint: &ShardCheckpoint| {
        let mut bytes = Vec::new();
        checkpoint::encode(checkpoint, &mut bytes);
        bytes
    };
    let whole = ShardCheckpoint { core: core(), session: Some(session()) };
    vec![
        ("checkpoint_empty", bytes(&ShardCheckpoint::default())),
        ("checkpoint_whole", bytes(&whole)),
    ]
}

fn core() -> Checkpoint {
    let unheard = (AT, CoverageReason::GuildOutage, MessageId(u64::MAX));
    Checkpoint {
        heard_until: Some(AT),
        newest_message: MESSAGE,
        guilds: vec![
            GuildCheckpoint { id: GuildId(5), afk_channel: None, unheard: Some(unheard) },
            GuildCheckpoint { id: GUILD, afk_channel: Some(LOUNGE), unheard: None },
        ],
        automated: vec![(BOT, AuthorKind::Bot), (UserId(u64::MAX), AuthorKind::Webhook)],
        voice: vec![OpenVoiceSession {
            guild: GUILD,
            channel: LOUNGE,
            member: OWNER,
            kind: AuthorKind::Human,
            started_at: AT,
            start_heard: true,
            credited_until: UnixMs(AT.0 + 90_001),
            state: VoiceState::STREAMING,
            time: VoiceTime { total_ms: 90_001, active_ms: 90_000, ..VoiceTime::default() },
            segments: segments(),
        }],
        marks: vec![(GENERAL, MESSAGE), (LOUNGE, MessageId(MESSAGE.0 - 9))],
        marks_horizon: MessageId(3),
        recent_messages: vec![MESSAGE, MessageId(MESSAGE.0 - 9), MessageId(MESSAGE.0 + (1 << 23))],
        recent_horizon: MessageId(4),
        recent_reactions: vec![(MESSAGE, OWNER, u32::MAX, true), (MESSAGE, BOT, 0, false)],
        gaps: vec![GapCheckpoint {
            guild: GUILD,
            from: AT,
            until: UnixMs(AT.0 + 7),
            reason: CoverageReason::SessionLost,
            channels: vec![
                ChannelGap { channel: GENERAL, after: MessageId(MESSAGE.0 - 9), until: MESSAGE },
                ChannelGap { channel: LOUNGE, after: MESSAGE, until: MESSAGE },
            ],
            refused: Some(CoverageReason::MissingPermission),
        }],
        ..Checkpoint::default()
    }
}

pub fn read_checkpoint(bytes: &[u8]) -> ReadAgain {
    let checkpoint = checkpoint::decode(bytes)?;
    let mut again = Vec::new();
    checkpoint::encode(&checkpoint, &mut again);
    Ok((format!("{checkpoint:#?}"), again))
}
