//! One imagined server with a year of days, and a quiet one: what every test asks about.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, Case, ChannelId, ChannelKind,
    ChannelRecord, CoverageFamily, Emoji, EmojiCount, EmojiId, GuildId, GuildRecord, MemberRecord,
    Record, UnixMs, UserId, VoiceTime,
};

use crate::coverage::{is_blind, spans};
use crate::moderation;
use crate::visits::{self, Visit};
use crate::voice::{self, Stay};

/// 2026-11-20T12:34:00Z, a Friday: the instant at which everything is asked.
pub const NOW: UnixMs = UnixMs(1_795_178_040_000);

/// The server with activity.
pub const GUILD: GuildId = GuildId(100);
/// A server in which nothing was counted yet.
pub const SILENT: GuildId = GuildId(200);

pub const TOWN: ChannelId = ChannelId(10);
pub const GENERAL: ChannelId = ChannelId(11);
pub const RANDOM: ChannelId = ChannelId(12);
pub const OUTSIDE: ChannelId = ChannelId(13);
pub const TALK: ChannelId = ChannelId(14);
pub const THREAD: ChannelId = ChannelId(15);
pub const ARCHIVE: ChannelId = ChannelId(20);
pub const GONE: ChannelId = ChannelId(21);
/// Counted in, never named.
pub const NAMELESS: ChannelId = ChannelId(99);

/// Channel with the category or channel it hangs under.
pub const PLACES: [(ChannelId, Option<ChannelId>); 7] = [
    (GENERAL, Some(TOWN)),
    (RANDOM, Some(TOWN)),
    (OUTSIDE, None),
    (THREAD, Some(GENERAL)),
    (GONE, Some(ARCHIVE)),
    (NAMELESS, None),
    (TALK, Some(TOWN)),
];

pub const ADA: UserId = UserId(1_001);
pub const BOT: UserId = UserId(2_001);
pub const WEBHOOK: UserId = UserId(3_001);

/// What one member did in one channel in one minute.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    pub minute: u32,
    pub channel: ChannelId,
    pub member: UserId,
    pub kind: AuthorKind,
    pub counts: ActivityCounts,
    /// Time in voice in that minute.
    pub voice: VoiceTime,
    /// Sessions whose beginning was heard in it.
    pub sessions: u64,
}

/// Everything that ever happened.
#[derive(Clone, Debug)]
pub struct Past {
    pub deeds: Vec<Deed>,
    pub emojis: Vec<(u32, Emoji<'static>, u32)>,
    pub stays: Vec<Stay>,
    pub visits: Vec<Visit>,
    pub acts: Vec<Case>,
}

/// Days (since 1970) on which something happened: a fortnight one year ago, both changes of the clock in Europe, the last weeks.
fn days() -> impl Iterator<Item = u32> {
    let day = |y, m, d| day_number(y, m, d);
    (day(2025, 11, 10)..=day(2025, 11, 24))
        .chain(day(2026, 3, 27)..=day(2026, 3, 31))
        .chain(day(2026, 10, 18)..=day(2026, 11, 20))
}

/// Days since 1970 of a date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn day_number(year: i32, month: u32, day: u32) -> u32 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year - 400 * (year / 400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let of_era_day = of_era * 365 + of_era / 4 - of_era / 100 + of_year as i32;
    ((year / 400) * 146_097 + of_era_day - 719_468) as u32
}

/// The same past in each run.
pub fn past() -> Past {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let now = NOW.unix_minute();
    let stays = voice::stays();
    let visits = visits::visits();
    let acts = moderation::acts(&visits);
    let mut past = Past { deeds: Vec::new(), emojis: Vec::new(), stays, visits, acts };
    for day in days() {
        for _ in 0..30 {
            let minute = day * 1_440 + dice.below(1_440);
            if minute > now {
                continue;
            }
            let (member, kind) = match dice.below(20) {
                0..=2 => (BOT, AuthorKind::Bot),
                3 => (WEBHOOK, AuthorKind::Webhook),
                _ => (UserId(1_001 + u64::from(dice.below(3) * dice.below(4))), AuthorKind::Human),
            };
            let (channel, _) = PLACES[dice.below(6) as usize];
            let mut counts = ActivityCounts {
                messages: dice.below(4),
                commands: u32::from(dice.below(5) == 0),
                reactions_added: dice.below(3),
                reactions_removed: u32::from(dice.below(9) == 0),
                reactions_received: dice.below(2),
            };
            let emoji = (counts.reactions_added > 0).then(|| emoji(dice.below(9)));
            // What could not be heard was not counted.
            if is_blind(CoverageFamily::Reactions, minute) {
                counts = ActivityCounts {
                    messages: counts.messages,
                    commands: counts.commands,
                    ..Default::default()
                };
            }
            if is_blind(CoverageFamily::Messages, minute) {
                (counts.messages, counts.commands) = (0, 0);
            }
            if counts == ActivityCounts::default() {
                continue;
            }
            let (voice, sessions) = (VoiceTime::default(), 0);
            past.deeds.push(Deed { minute, channel, member, kind, counts, voice, sessions });
            if let Some(emoji) = emoji.filter(|_| counts.reactions_added > 0) {
                past.emojis.push((minute, emoji, counts.reactions_added));
            }
        }
    }
    past.deeds.extend(past.stays.iter().flat_map(voice::deeds));
    past
}

fn emoji(number: u32) -> Emoji<'static> {
    match number {
        0 => Emoji::Custom { id: EmojiId(7_001), name: Some("party".into()) },
        1 => Emoji::Custom { id: EmojiId(7_002), name: None },
        number => {
            Emoji::Unicode(["👍", "🎉", "❤️", "👀", "🔥", "😂", "🙏"][number as usize - 2].into())
        }
    }
}

/// The records that tell this past to a store.
pub fn records(past: &Past) -> Vec<Record> {
    let first_told = GuildRecord {
        at: UnixMs(visits::sampled_at()),
        member_count: Some(visits::MEMBERS_THEN as u32),
        ..guild(GUILD, "Harbour", Vec::new())
    };
    let mut records = vec![
        Record::Guild(first_told),
        Record::Guild(guild(GUILD, "Harbour", channels())),
        Record::Guild(guild(SILENT, "Silent", Vec::new())),
        Record::Channels(GUILD, vec![channel(GONE, 0, "gone", Some(ARCHIVE), 0, true)]),
        Record::Members(GUILD, members()),
    ];
    records.extend(voice::records(&past.stays));
    records.extend(visits::records(&past.visits));
    records.extend(moderation::records(&past.acts));
    records.push(Record::Coverage(GUILD, spans()));
    records.push(Record::HeardUntil(UnixMs(NOW.0 - 30_000)));
    let mut windows = BTreeMap::<u32, ActivityWindow>::new();
    for deed in past.deeds.iter().filter(|deed| deed.counts != ActivityCounts::default()) {
        let Deed { channel, member, kind, counts, minute, .. } = *deed;
        // A pair may come once in a window: what is done twice in a minute comes in two pieces.
        let cells = &mut at(&mut windows, minute).cells;
        if cells.iter().any(|cell| (cell.channel, cell.member) == (channel, member)) {
            let cells = vec![ActivityCell { channel, member, kind, counts }];
            records.push(Record::ActivityWindow(ActivityWindow {
                guild: GUILD,
                unix_minute: minute,
                cells,
                emojis: Vec::new(),
            }));
            continue;
        }
        cells.push(ActivityCell { channel, member, kind, counts });
        cells.sort_by_key(|cell| (cell.channel, cell.member));
    }
    for (minute, emoji, added) in &past.emojis {
        let emojis = &mut at(&mut windows, *minute).emojis;
        match emojis.iter_mut().find(|count| count.emoji == *emoji) {
            Some(count) => count.added += added,
            None => emojis.push(EmojiCount { emoji: emoji.clone(), added: *added, removed: 0 }),
        }
        emojis.sort_by(|a, b| a.emoji.cmp(&b.emoji));
    }
    records.extend(windows.into_values().map(Record::ActivityWindow));
    records
}

fn at(windows: &mut BTreeMap<u32, ActivityWindow>, minute: u32) -> &mut ActivityWindow {
    let fresh = ActivityWindow { guild: GUILD, unix_minute: minute, ..Default::default() };
    windows.entry(minute).or_insert(fresh)
}

fn guild(id: GuildId, name: &str, channels: Vec<ChannelRecord>) -> GuildRecord {
    GuildRecord {
        id,
        at: UnixMs(NOW.0 - 86_400_000),
        name: name.to_owned(),
        icon: (id == GUILD).then(|| "0123456789abcdef0123456789abcdef".to_owned()),
        owner: ADA,
        // Told once, a year ago.
        member_count: None,
        bot_joined_at: Some(UnixMs(i64::from(day_number(2025, 11, 1)) * 86_400_000)),
        premium_tier: 1,
        boost_count: 2,
        channels,
    }
}

fn channel(
    id: ChannelId,
    kind: u8,
    name: &str,
    parent: Option<ChannelId>,
    position: i32,
    deleted: bool,
) -> ChannelRecord {
    ChannelRecord {
        id,
        kind: ChannelKind(kind),
        name: Some(name.to_owned()),
        parent,
        position,
        deleted,
    }
}

fn channels() -> Vec<ChannelRecord> {
    vec![
        channel(TOWN, 4, "Town", None, 0, false),
        channel(GENERAL, 0, "general", Some(TOWN), 0, false),
        channel(RANDOM, 0, "random, \"etc\"", Some(TOWN), 1, false),
        channel(OUTSIDE, 5, "news", None, 1, false),
        channel(TALK, 2, "Voice", Some(TOWN), 2, false),
        channel(THREAD, 11, "a thread", Some(GENERAL), 0, false),
        channel(ARCHIVE, 4, "Archive", None, 2, false),
        channel(GONE, 0, "gone", Some(ARCHIVE), 0, false),
    ]
}

/// Everyone but 1,004, of whom only the id is known.
fn members() -> Vec<MemberRecord> {
    let names = ["ada", "bob", "=cmd|' /C calc'!A0", "", "eve \"e\", fem", "grace", "Zoë", "heidi"];
    let person = |(index, name): (usize, &&str)| MemberRecord {
        id: UserId(1_001 + index as u64),
        kind: AuthorKind::Human,
        username: (*name).to_owned(),
        display_name: (index % 2 == 0).then(|| format!("{name} of Harbour")),
        avatar: (index == 0).then(|| "a_0123456789abcdef0123456789abcdef".to_owned()),
    };
    let mut all: Vec<MemberRecord> =
        names.iter().enumerate().filter(|(_, name)| !name.is_empty()).map(person).collect();
    for (id, kind, name) in
        [(BOT, AuthorKind::Bot, "helper"), (WEBHOOK, AuthorKind::Webhook, "feed")]
    {
        all.push(MemberRecord {
            id,
            kind,
            username: name.to_owned(),
            display_name: None,
            avatar: None,
        });
    }
    all
}

/// Numbers that look random and are the same in each run (xorshift64*, Vigna 2016).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % u64::from(end)) as u32
    }
}
