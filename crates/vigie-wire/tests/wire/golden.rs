//! The bytes of version 1 of records, journal frames and checkpoints, kept for ever: what was once written is read, and is written the
//! same way today.
//!
//! A file of `tests/golden/` holds the bytes of one of them in hex, `----`, and what they say. Files are never changed. A new
//! sample is added to [`samples`], `later` or `families` and its file written by `VIGIE_WRITE_GOLDEN=1 cargo test -p vigie-wire golden`,
//! which leaves existing files alone.

mod families;
mod later;

use std::path::{Path, PathBuf};

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityHour, ActivityWindow, AuthorKind, ChannelId, ChannelKind,
    ChannelRecord, Emoji, EmojiCount, EmojiId, GuildId, GuildRecord, MemberRecord, Record, UnixMs,
    UserId, VoiceWindow,
};
use vigie_wire::DecodeError;

const GUILD: GuildId = GuildId(613_425_648_685_547_541);
const OWNER: UserId = UserId(80_351_110_224_678_912);
/// 2026-11-20T12:00:07.250Z.
const AT: UnixMs = UnixMs(1_795_176_007_250);

/// One record of each kind in each of its forms, by the name of its file.
fn samples() -> Vec<(&'static str, Record)> {
    vec![
        ("activity_window", Record::ActivityWindow(window())),
        ("activity_window_empty", Record::ActivityWindow(ActivityWindow::default())),
        ("activity_window_extremes", Record::ActivityWindow(extreme_window())),
        ("guild", Record::Guild(guild())),
        ("guild_bare", Record::Guild(bare_guild())),
        ("guild_removed", Record::GuildRemoved(GUILD, AT)),
        ("channels", Record::Channels(GUILD, channels())),
        ("members", Record::Members(GUILD, members())),
        ("activity_hour", Record::ActivityHour(later::hour())),
        ("activity_hour_empty", Record::ActivityHour(ActivityHour::default())),
        ("voice_window", Record::VoiceWindow(later::voice_window())),
        ("voice_window_empty", Record::VoiceWindow(VoiceWindow::default())),
        ("voice_sessions", Record::VoiceSessions(GUILD, later::voice_sessions())),
        ("coverage", Record::Coverage(GUILD, later::spans())),
        ("heard_until", Record::HeardUntil(AT)),
    ]
}

/// What bytes say, and the same written again.
type ReadAgain = Result<(String, Vec<u8>), DecodeError>;

/// A form of bytes that is kept for ever.
struct Form {
    /// The prefix of its files.
    prefix: &'static str,
    read: fn(&[u8]) -> ReadAgain,
}

const FORMS: [Form; 3] = [
    Form { prefix: "journal_", read: later::read_frame },
    Form { prefix: "checkpoint_", read: later::read_checkpoint },
    // The records have no prefix: they were first.
    Form { prefix: "", read: read_record },
];

fn read_record(bytes: &[u8]) -> ReadAgain {
    let record = vigie_wire::decode(bytes)?;
    let mut again = Vec::new();
    vigie_wire::encode(&record, &mut again);
    Ok((format!("{record:#?}"), again))
}

/// The form of a file.
fn form(name: &str) -> &'static Form {
    FORMS.iter().find(|form| name.starts_with(form.prefix)).expect("the last takes all names")
}

#[test]
fn every_file_is_read_and_written_again_as_it_stands() {
    for path in files() {
        let (bytes, text) = load(&path);
        let name = path.file_name().expect("a file").to_string_lossy();
        let (read, again) = (form(&name).read)(&bytes)
            .unwrap_or_else(|error| panic!("{} is no longer read: {error}", path.display()));
        assert_eq!(read, text, "{} reads differently", path.display());
        assert_eq!(again, bytes, "{} is written differently", path.display());
    }
}

#[test]
fn every_sample_has_its_file_and_every_file_its_sample() {
    let mut all = later::frames();
    all.extend(later::checkpoints());
    for (name, record) in samples().into_iter().chain(families::samples()) {
        let mut bytes = Vec::new();
        vigie_wire::encode(&record, &mut bytes);
        all.push((name, bytes));
    }
    for (name, bytes) in &all {
        let path = directory().join(format!("{name}.txt"));
        if !path.exists() && std::env::var_os("VIGIE_WRITE_GOLDEN").is_some() {
            let (text, _) = (form(name).read)(bytes).expect("just written");
            std::fs::write(&path, store(bytes, &text)).expect("the directory is ours");
        }
        assert_eq!(&load(&path).0, bytes, "{name} is written differently");
    }
    assert_eq!(files().len(), all.len(), "a file without a sample, or the other way round");
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory()).expect("the golden files are there");
    entries.map(|entry| entry.expect("a readable directory").path()).collect()
}

/// Bytes and text of a file.
fn load(path: &Path) -> (Vec<u8>, String) {
    let file = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    let (hex, text) = file.split_once("----\n").expect("hex, a line of dashes, the record");
    let digits: Vec<u8> = hex.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex digits")
    };
    (digits.chunks(2).map(byte).collect(), text.trim_end().to_owned())
}

/// A file's text: 32 bytes a line, then what they say.
fn store(bytes: &[u8], text: &str) -> String {
    let hex = |line: &[u8]| {
        let bytes: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        bytes.join(" ") + "\n"
    };
    let lines: String = bytes.chunks(32).map(hex).collect();
    format!("{lines}----\n{text}\n")
}

fn window() -> ActivityWindow {
    let cell = |channel, member, kind, counts: [u32; 5]| ActivityCell {
        channel: ChannelId(channel),
        member: UserId(member),
        kind,
        counts: ActivityCounts {
            messages: counts[0],
            commands: counts[1],
            reactions_added: counts[2],
            reactions_removed: counts[3],
            reactions_received: counts[4],
        },
    };
    let (general, help) = (613_425_648_685_547_600, 613_425_649_000_120_333);
    let count = |emoji, added, removed| EmojiCount { emoji, added, removed };
    ActivityWindow {
        guild: GUILD,
        unix_minute: 29_919_600,
        cells: vec![
            cell(general, OWNER.0, AuthorKind::Human, [1, 0, 0, 0, 0]),
            cell(general, 155_149_108_183_695_360, AuthorKind::Bot, [3, 0, 0, 0, 0]),
            cell(general, 244_904_618_402_873_344, AuthorKind::Human, [1, 1, 1, 0, 1]),
            cell(general, 1_001_234_567_890_123_456, AuthorKind::Webhook, [300, 0, 0, 0, 2]),
            cell(help, OWNER.0, AuthorKind::Human, [0, 0, 2, 1, 70_000]),
            cell(help, 155_149_108_183_695_360, AuthorKind::Human, [0, 0, 0, 0, 0]),
        ],
        emojis: vec![
            count(Emoji::Custom { id: EmojiId(41_771_983_429_993_937), name: None }, 0, 1),
            count(
                Emoji::Custom { id: EmojiId(41_771_983_444_115_456), name: Some("ancre".into()) },
                2,
                0,
            ),
            count(Emoji::Unicode("👍🏽".into()), 1, 128),
        ],
    }
}

/// The largest of everything, and ids in falling order: nothing that the core writes, all that the format can.
fn extreme_window() -> ActivityWindow {
    let max = u32::MAX;
    let counts = ActivityCounts {
        messages: max,
        commands: max,
        reactions_added: max,
        reactions_removed: max,
        reactions_received: max,
    };
    let cell = |channel, member| ActivityCell {
        channel: ChannelId(channel),
        member: UserId(member),
        kind: AuthorKind::Webhook,
        counts,
    };
    let custom =
        |id, name: &'static str| Emoji::Custom { id: EmojiId(id), name: Some(name.into()) };
    ActivityWindow {
        guild: GuildId(u64::MAX),
        unix_minute: u32::MAX,
        cells: vec![
            cell(u64::MAX, u64::MAX),
            cell(u64::MAX, 0),
            cell(0, u64::MAX),
            cell(0, u64::MAX),
            cell(u64::MAX, 1),
        ],
        emojis: vec![
            EmojiCount { emoji: Emoji::Unicode("".into()), added: max, removed: max },
            EmojiCount { emoji: custom(u64::MAX, ""), added: 0, removed: 0 },
            EmojiCount { emoji: custom(0, "é"), added: 1, removed: max },
        ],
    }
}

fn guild() -> GuildRecord {
    GuildRecord {
        id: GUILD,
        at: AT,
        name: "The Harbour ⚓".into(),
        icon: Some("a_0123456789abcdef0123456789abcdef".into()),
        owner: OWNER,
        member_count: Some(4_200),
        bot_joined_at: Some(UnixMs(1_577_836_800_000)),
        premium_tier: 2,
        boost_count: 9,
        channels: channels(),
    }
}

fn bare_guild() -> GuildRecord {
    GuildRecord {
        id: GUILD,
        at: UnixMs(-1),
        name: String::new(),
        icon: None,
        owner: UserId(0),
        member_count: None,
        bot_joined_at: None,
        premium_tier: 0,
        boost_count: 0,
        channels: Vec::new(),
    }
}

fn channels() -> Vec<ChannelRecord> {
    let channel = |id, kind, name: Option<&str>, parent: Option<u64>, position, deleted| {
        let (id, kind) = (ChannelId(id), ChannelKind(kind));
        let (name, parent) = (name.map(str::to_owned), parent.map(ChannelId));
        ChannelRecord { id, kind, name, parent, position, deleted }
    };
    let category = 613_425_648_685_547_500;
    vec![
        channel(category, 4, Some("Quays"), None, 0, false),
        channel(613_425_648_685_547_600, 0, Some("général"), Some(category), 1, false),
        channel(613_425_649_000_120_333, 15, None, Some(category), -1, false),
        channel(1_001_234_567_890_123_456, 11, Some(""), Some(613_425_648_685_547_600), 0, false),
        channel(5, 255, None, None, i32::MIN, true),
        channel(u64::MAX, 0, None, None, i32::MAX, true),
    ]
}

fn members() -> Vec<MemberRecord> {
    let member = |id, kind, username: &str, display_name: Option<&str>, avatar: Option<&str>| {
        let (username, display_name) = (username.to_owned(), display_name.map(str::to_owned));
        let avatar = avatar.map(str::to_owned);
        MemberRecord { id: UserId(id), kind, username, display_name, avatar }
    };
    let avatar = Some("0123456789abcdef0123456789abcdef");
    vec![
        member(OWNER.0, AuthorKind::Human, "ann", Some("Ann of the Harbour"), avatar),
        member(155_149_108_183_695_360, AuthorKind::Bot, "Helper", None, avatar),
        member(1_001_234_567_890_123_456, AuthorKind::Webhook, "Déploiements", None, None),
        member(1, AuthorKind::Human, "", Some(""), Some("")),
    ]
}
