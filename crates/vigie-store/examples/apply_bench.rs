//! Measures the store: cells per second into all tables, bytes on disk for each minute window, and how long questions take.
//!
//! `cargo run --profile fast -p vigie-store --example apply_bench -- [--days N] [ADDRESS…]`; an address is a SQLite path or postgres://… of
//! an EMPTY database that is to be filled. Without any, a SQLite file in the temporary folder is used and removed.

#![allow(clippy::print_stdout)] // its output is its purpose

use std::{
    error::Error,
    time::{Duration, Instant},
};

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, AuthorKind, ChannelId, ChannelKind,
    ChannelRecord, Emoji, EmojiCount, GuildId, MemberRecord, Record, UserId, VoiceCell,
    VoiceMinute, VoicePeak, VoiceState, VoiceTime, VoiceWindow,
};
use vigie_store::{
    Batch, Store, StoreConfig, StoreError,
    question::{
        Audience, Board, HourRange, LeaderboardQuestion, Scope, ScoreWeights, Split, Threads,
    },
};

/// 2026-09-01 00:00.
const FIRST_HOUR: u32 = 20_697 * 24;
const LARGE: GuildId = GuildId(1_000_000_000_000_000_000);
const MEMBERS: u64 = 50_000;
const CHANNELS: u64 = 40;
/// Guilds of the live load, each with one window a minute.
const LIVE_GUILDS: u64 = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut days = 60;
    let mut addresses = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--days" => days = arguments.next().ok_or("--days needs a number")?.parse()?,
            _ => addresses.push(argument),
        }
    }
    let directory = tempfile::tempdir()?;
    if addresses.is_empty() {
        addresses.push(directory.path().join("bench.db").display().to_string());
    }
    for url in addresses {
        let config = StoreConfig { url, connections_max: 2 };
        let store = Store::open(&config).await?;
        println!("== {:?}", store.engine());
        history(&store, days).await?;
        voice_history(&store, days).await?;
        live(&store, days).await?;
        voice_live(&store, days).await?;
        questions(&store, days).await?;
        store.close().await;
        if let Ok(file) = std::fs::metadata(&config.url) {
            println!("file: {:.1} MiB", file.len() as f64 / 1_048_576.0);
        }
    }
    Ok(())
}

/// The large guild's past, as a backlog arrives: hours of windows in one batch.
async fn history(store: &Store, days: u32) -> Result<(), Box<dyn Error>> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    names(store).await?;
    let mut number = 0;
    let (mut cells, mut windows, mut longest) = (0, 0, Duration::ZERO);
    let (mut spent, cpu_before) = (Duration::ZERO, cpu());
    for hour in 0..days * 24 {
        let records: Vec<(u64, Record)> = (0..60)
            .map(|minute| {
                number += 1;
                let minute = (FIRST_HOUR + hour) * 60 + minute;
                let rhythm = 1.0 + (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU).sin();
                let window = window(&mut dice, LARGE, minute, 1 + (20.0 * rhythm) as u64);
                (number, Record::ActivityWindow(window))
            })
            .collect();
        cells += count(&records);
        windows += records.len();
        let took = apply(store, "bench/history", &records).await?;
        spent += took;
        longest = longest.max(took);
    }
    rate("backlog, one guild, an hour a batch", cells, windows, spent, cpu() - cpu_before, longest);
    Ok(())
}

/// Many guilds, one window of each a minute: nothing to merge within a batch.
async fn live(store: &Store, days: u32) -> Result<(), Box<dyn Error>> {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let mut number = 0;
    let (mut cells, mut windows, mut longest) = (0, 0, Duration::ZERO);
    let (mut spent, cpu_before) = (Duration::ZERO, cpu());
    for minute in 0..60 {
        let records: Vec<(u64, Record)> = (0..LIVE_GUILDS)
            .map(|guild| {
                number += 1;
                let guild = GuildId(LARGE.0 + 1 + guild * 4_194_304);
                let minute = (FIRST_HOUR + days * 24) * 60 + minute;
                let window = window(&mut dice, guild, minute, 8);
                (number, Record::ActivityWindow(window))
            })
            .collect();
        cells += count(&records);
        windows += records.len();
        let took = apply(store, "bench/live", &records).await?;
        spent += took;
        longest = longest.max(took);
    }
    rate(
        "live, 1,000 guilds, a minute a batch",
        cells,
        windows,
        spent,
        cpu() - cpu_before,
        longest,
    );
    Ok(())
}

/// The large guild's voice of the same days: an hour a batch, in the twelve pieces that remain of sixty when batches gather.
async fn voice_history(store: &Store, days: u32) -> Result<(), Box<dyn Error>> {
    let mut dice = Dice(0xA076_1D64_78BD_642F);
    let mut number = 0;
    let (mut cells, mut windows, mut longest) = (0, 0, Duration::ZERO);
    let (mut spent, cpu_before) = (Duration::ZERO, cpu());
    for hour in FIRST_HOUR..FIRST_HOUR + days * 24 {
        let records: Vec<(u64, Record)> = (0..12)
            .map(|piece| {
                number += 1;
                (number, Record::VoiceWindow(voice(&mut dice, LARGE, hour, piece * 5, 30)))
            })
            .collect();
        cells += count(&records);
        windows += records.len();
        let took = apply(store, "bench/voice", &records).await?;
        spent += took;
        longest = longest.max(took);
    }
    rate("voice backlog, one guild", cells, windows, spent, cpu() - cpu_before, longest);
    Ok(())
}

/// Many guilds with ten people in voice, a window of each a minute: every row is updated sixty times.
async fn voice_live(store: &Store, days: u32) -> Result<(), Box<dyn Error>> {
    let mut number = 0;
    let (mut cells, mut windows, mut longest) = (0, 0, Duration::ZERO);
    let (mut spent, cpu_before) = (Duration::ZERO, cpu());
    for minute in 0..60 {
        let records: Vec<(u64, Record)> = (0..LIVE_GUILDS)
            .map(|guild| {
                number += 1;
                // The same people in each minute.
                let mut dice = Dice(0xE703_7ED1_A0B4_28DB + guild);
                let guild = GuildId(LARGE.0 + 1 + guild * 4_194_304);
                let hour = FIRST_HOUR + days * 24;
                (number, Record::VoiceWindow(voice(&mut dice, guild, hour, minute, 10)))
            })
            .collect();
        cells += count(&records);
        windows += records.len();
        let took = apply(store, "bench/voice live", &records).await?;
        spent += took;
        longest = longest.max(took);
    }
    rate("voice live, 1,000 guilds", cells, windows, spent, cpu() - cpu_before, longest);
    Ok(())
}

/// A minute of voice of some members.
fn voice(dice: &mut Dice, guild: GuildId, unix_hour: u32, minute: u8, members: u64) -> VoiceWindow {
    let mut time = VoiceTime::default();
    time.add(VoiceState::MUTED, 60_000);
    let mut cells: Vec<VoiceCell> = (0..members)
        .map(|_| VoiceCell {
            channel: channel(dice.next() % 8),
            member: member(dice.few(MEMBERS)),
            time,
            ..VoiceCell::default()
        })
        .collect();
    cells.sort_by_key(|cell| (cell.channel, cell.member));
    cells.dedup_by_key(|cell| (cell.channel, cell.member));
    let peaks = (0..8).map(|id| VoicePeak { channel: channel(id), peak: 3 }).collect();
    let total_ms = 60_000 * cells.len() as u64;
    let whole = VoiceMinute { minute, total_ms, active_ms: total_ms, peak: cells.len() as u32 };
    VoiceWindow { guild, unix_hour, cells, minutes: vec![whole], peaks }
}

async fn names(store: &Store) -> Result<(), Box<dyn Error>> {
    let channels = (0..CHANNELS).map(|id| ChannelRecord {
        id: channel(id),
        kind: ChannelKind(if id % 4 == 3 { 11 } else { 0 }),
        name: Some(format!("channel-{id}")),
        parent: (id % 4 == 3).then(|| channel(id - 1)),
        position: 0,
        deleted: false,
    });
    let members: Vec<MemberRecord> = (0..MEMBERS)
        .map(|id| MemberRecord {
            id: member(id),
            kind: kind(id),
            username: format!("user{id}"),
            display_name: Some(format!("Somebody {}", id * 7_919 % MEMBERS)),
            avatar: Some(format!("{id:032x}")),
        })
        .collect();
    let mut records = vec![(1, Record::Channels(LARGE, channels.collect()))];
    let pieces = (2..).zip(members.chunks(1_000));
    records.extend(pieces.map(|(at, piece)| (at, Record::Members(LARGE, piece.to_vec()))));
    let took = apply(store, "bench/names", &records).await?;
    println!("{MEMBERS} member names: {took:.1?}");
    Ok(())
}

async fn apply(
    store: &Store,
    producer: &str,
    records: &[(u64, Record)],
) -> Result<Duration, StoreError> {
    let start = Instant::now();
    let batch = Batch { producer, lane: 1, records };
    store.apply(&batch).await?;
    Ok(start.elapsed())
}

/// How long each question is repeated.
const TIMED: Duration = Duration::from_millis(300);

/// Times each question over several ranges; the first answer, the best and the median of the others, and our own CPU time for each.
async fn questions(store: &Store, days: u32) -> Result<(), StoreError> {
    let end = FIRST_HOUR + days * 24;
    for days_asked in [1, 7, 30, days * 2] {
        // Off the UTC days by two hours, as most time zones are.
        let from = (end - 2).saturating_sub(days_asked * 24);
        let range = HourRange { from, to: end - 2 };
        println!("-- {days_asked} days");
        time("totals", || store.totals(LARGE, range, Audience::Humans, None)).await?;
        time("totals of a channel", || {
            store.totals(LARGE, range, Audience::Humans, Scope::Under(channel(2)))
        })
        .await?;
        time("hourly", || store.hourly(LARGE, range, Audience::Humans, None, Split::None)).await?;
        time("hourly by channel", || {
            store.hourly(LARGE, range, Audience::Humans, None, Split::Channel)
        })
        .await?;
        time("hourly by member", || {
            store.hourly(LARGE, range, Audience::Humans, None, Split::Member { top: 6 })
        })
        .await?;
        time("hourly by emoji", || {
            store.hourly(LARGE, range, Audience::Humans, None, Split::Emoji { top: 6 })
        })
        .await?;
        let first = from.max(FIRST_HOUR);
        let bounds: Vec<u32> = (first..end).step_by(24).collect();
        time("active members by day", || {
            store.active_by_bucket(LARGE, &bounds, Audience::Humans, None)
        })
        .await?;
        let messages = LeaderboardQuestion::new(LARGE, range, Board::Messages, 100);
        time("leaderboard", || store.leaderboard(&messages)).await?;
        let activity = LeaderboardQuestion {
            board: Board::Activity { weights: ScoreWeights::default() },
            search: Some("body 4".into()),
            ..messages.clone()
        };
        time("leaderboard, activity, search", || store.leaderboard(&activity)).await?;
        let of_channel =
            LeaderboardQuestion { scope: Scope::Channel(channel(5)), ..messages.clone() };
        time("leaderboard of a channel", || store.leaderboard(&of_channel)).await?;
        let some: Vec<UserId> = (0..100).map(member).collect();
        time("standings", || store.standings(&messages, &some)).await?;
        time("top channels", || {
            store.top_channels(LARGE, range, Audience::Humans, Threads::Folded, 10)
        })
        .await?;
        time("top emojis", || store.top_emojis(LARGE, range, 10)).await?;
        time("member hours, busiest", || store.member_hours(LARGE, member(0), range, None)).await?;
        time("member hours, quiet", || store.member_hours(LARGE, member(30_000), range, None))
            .await?;
        voice_questions(store, range).await?;
        time("member channels", || store.member_channels(LARGE, member(0), range, Threads::Folded))
            .await?;
    }
    time("member", || store.member(LARGE, member(3))).await?;
    time("guilds", || store.guilds()).await?;
    time("minutes of a day", || store.minutely(LARGE, (end - 24) * 60, end * 60, Audience::All))
        .await?;
    Ok(())
}

async fn voice_questions(store: &Store, range: HourRange) -> Result<(), StoreError> {
    let humans = Audience::Humans;
    for board in [Board::Voice, Board::Activity { weights: ScoreWeights::default() }] {
        let question = LeaderboardQuestion::new(LARGE, range, board, 100);
        time("leaderboard with voice", || store.leaderboard(&question)).await?;
    }
    time("voice totals", || store.voice_totals(LARGE, range, humans, None)).await?;
    time("voice hourly", || store.voice_hourly(LARGE, range, humans, None, Split::None)).await?;
    time("voice channels", || store.voice_channels(LARGE, range, humans, None, 10)).await?;
    let some: Vec<UserId> = (0..100).map(member).collect();
    time("100 members", || store.member_totals(LARGE, &some, range, humans, None)).await
}

/// CPU time of this process, which says more than the clock on a machine that others use too. Linux only; zero elsewhere.
fn cpu() -> Duration {
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND)
}

async fn time<T, F>(name: &str, question: impl Fn() -> F) -> Result<(), StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let start = Instant::now();
    question().await?;
    let first = start.elapsed();
    let (cpu_before, started) = (cpu(), Instant::now());
    let mut others = Vec::new();
    while others.len() < 5 || (started.elapsed() < TIMED && others.len() < 1_000) {
        let start = Instant::now();
        question().await?;
        others.push(start.elapsed());
    }
    let cpu = (cpu() - cpu_before) / others.len() as u32;
    others.sort_unstable();
    let (best, median) = (others[0], others[others.len() / 2]);
    println!(
        "{name:32} first {first:>9.2?}  best {best:>9.2?}  median {median:>9.2?}  cpu {cpu:>9.2?}"
    );
    Ok(())
}

fn rate(
    name: &str,
    cells: usize,
    windows: usize,
    spent: Duration,
    cpu: Duration,
    longest: Duration,
) {
    println!(
        "{name}: {cells} cells, {windows} windows in {spent:.2?} = {:.0} cells/s (our CPU {cpu:.2?} = {:.0} cells/s), longest batch {longest:.1?}",
        cells as f64 / spent.as_secs_f64(),
        cells as f64 / cpu.as_secs_f64()
    );
}

fn count(records: &[(u64, Record)]) -> usize {
    let of = |record: &Record| match record {
        Record::ActivityWindow(window) => window.cells.len(),
        Record::VoiceWindow(window) => window.cells.len(),
        _ => 0,
    };
    records.iter().map(|(_, record)| of(record)).sum()
}

/// A window with about this many acts, of few members who do much and many who do little.
fn window(dice: &mut Dice, guild: GuildId, unix_minute: u32, acts: u64) -> ActivityWindow {
    let mut cells: Vec<ActivityCell> = (0..acts)
        .map(|_| {
            let author = dice.few(MEMBERS);
            let is_reaction = dice.next().is_multiple_of(7);
            ActivityCell {
                channel: channel(dice.few(CHANNELS)),
                member: member(author),
                kind: kind(author),
                counts: ActivityCounts {
                    messages: u32::from(!is_reaction),
                    reactions_added: u32::from(is_reaction),
                    ..ActivityCounts::default()
                },
            }
        })
        .collect();
    cells.sort_by_key(|cell| (cell.channel, cell.member));
    cells.dedup_by_key(|cell| (cell.channel, cell.member));
    let emojis = dice.next().is_multiple_of(3).then(|| EmojiCount {
        emoji: Emoji::Unicode(["👍", "🎉", "❤️", "👀"][(dice.next() % 4) as usize].into()),
        added: 1,
        removed: 0,
    });
    ActivityWindow { guild, unix_minute, cells, emojis: emojis.into_iter().collect() }
}

fn member(id: u64) -> UserId {
    UserId(
        200_000_000_000_000_000
            + id.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_000_000_000_000_000_000,
    )
}

fn channel(id: u64) -> ChannelId {
    ChannelId(LARGE.0 + 1 + id)
}

fn kind(id: u64) -> AuthorKind {
    if id % 200 == 1 { AuthorKind::Bot } else { AuthorKind::Human }
}

/// Numbers that look random and are the same in each run (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    /// A number below `end`, small ones often: uniform in its logarithm, as Zipf's law has it.
    fn few(&mut self, end: u64) -> u64 {
        let unit = (self.next() >> 1) as f64 / (1_u64 << 52) as f64;
        ((end as f64 + 1.0).powf(unit) - 1.0) as u64 % end
    }
}
