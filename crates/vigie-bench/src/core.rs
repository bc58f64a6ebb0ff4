//! `bench core`: how many facts a second the core takes, and what an open cell weighs, beside a plain hash map.

use crate::usage;
use anyhow::Result;
use clap::Args;
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Instant;
use vigie_core::vocabulary::{
    AuthorKind, ChannelId, Emoji, Fact, GuildId, MessageFact, MessageId, MessageKind, Person,
    ReactionFact, UnixMs, UserId, snowflake_at,
};
use vigie_core::{Core, CoreConfig};

/// Size of the run.
#[derive(Args)]
pub struct Arguments {
    /// Facts in a round.
    #[arg(long, default_value_t = 2_000_000)]
    facts: usize,
    /// Guilds, Zipf-distributed.
    #[arg(long, default_value_t = 1_000)]
    guilds: u64,
    /// Rounds; the best counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Facts of one simulated minute, before the next flush.
const FACTS_A_MINUTE: usize = 120_000;

const START: UnixMs = UnixMs(1_790_000_000_000 - 1_790_000_000_000 % 60_000);

/// One fact in the form that both sides are given: 24 bytes, so that reading it costs little.
struct Event {
    guild: u64,
    channel: u64,
    member: u64,
    at: i64,
    /// Tells events of one millisecond apart.
    number: u64,
    reaction: bool,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let events = events(arguments);
    let name = "somebody";
    let mut best = (f64::MAX, f64::MAX);
    let mut weight = Weight::default();
    for _ in 0..arguments.rounds {
        let start = Instant::now();
        let (records, seen) = through_core(&events, name);
        best.0 = best.0.min(start.elapsed().as_secs_f64());
        weight = seen;
        let start = Instant::now();
        let naive = through_hash_map(&events);
        best.1 = best.1.min(start.elapsed().as_secs_f64());
        assert_eq!(records, naive, "both sides must count the same");
    }
    let rate = |seconds: f64| events.len() as f64 / seconds / 1e6;
    println!("facts                        {:>12}", events.len());
    println!("guilds                       {:>12}", arguments.guilds);
    println!("core                         {:>12.2} M facts/s", rate(best.0));
    println!("plain hash map (baseline)    {:>12.2} M facts/s", rate(best.1));
    println!("ratio                        {:>12.2} x", best.1 / best.0);
    println!("open cells at the flush      {:>12}", weight.cells);
    println!("bytes per open cell          {:>12.1}", weight.bytes as f64 / weight.cells as f64);
    println!("bytes per cell, baseline     {:>12.1}", weight.baseline_bytes_per_cell());
    println!(
        "peak memory of this process  {:>12.1} MiB (with the {} MiB of input)",
        usage::peak_memory_mib()?,
        input_mib(&events)
    );
    Ok(())
}

#[derive(Default)]
struct Weight {
    cells: u64,
    bytes: u64,
}

impl Weight {
    /// std's table: key and counters of 56 bytes and a control byte a slot, at most 7/8 full, capacities doubling: 3/4 on average.
    fn baseline_bytes_per_cell(&self) -> f64 {
        (std::mem::size_of::<(Key, [u32; 5])>() + 1) as f64 / (7.0 / 8.0 * 3.0 / 4.0)
    }
}

type Key = (u64, u32, u64, u64);

fn through_core(events: &[Event], name: &str) -> (u64, Weight) {
    let mut core = Core::new(CoreConfig { flush_interval_ms: 60_000, ..CoreConfig::default() });
    let mut out = Vec::new();
    let mut counted = 0;
    let mut weight = Weight::default();
    for event in events {
        let now = UnixMs(event.at);
        if core.next_deadline().is_some_and(|deadline| deadline <= now) {
            weight.observe(&core);
            core.wake(now, &mut out);
            counted += cells(&out);
            out.clear();
        }
        core.handle(now, fact(event, name), &mut out);
    }
    weight.observe(&core);
    core.flush(UnixMs(i64::MAX), &mut out);
    (counted + cells(&out), weight)
}

impl Weight {
    fn observe(&mut self, core: &Core) {
        let stats = core.stats();
        if stats.open_cells > self.cells {
            *self = Self { cells: stats.open_cells, bytes: stats.activity_bytes };
        }
    }
}

/// Messages and reactions in the records.
fn cells(records: &[vigie_core::vocabulary::Record]) -> u64 {
    let windows = records.iter().filter_map(|record| match record {
        vigie_core::vocabulary::Record::ActivityWindow(window) => Some(window),
        _ => None,
    });
    let counts = windows.flat_map(|window| window.cells.iter().map(|cell| cell.counts));
    counts.map(|counts| u64::from(counts.messages) + u64::from(counts.reactions_added)).sum()
}

fn through_hash_map(events: &[Event]) -> u64 {
    let mut counted = 0;
    let mut cells: HashMap<Key, [u32; 5]> = HashMap::new();
    let mut minute = 0;
    for event in events {
        let now = UnixMs(event.at).unix_minute();
        if now != minute {
            counted += cells
                .drain()
                .map(|(_, counts)| u64::from(counts[0]) + u64::from(counts[2]))
                .sum::<u64>();
            minute = now;
        }
        let counts = cells.entry((event.guild, now, event.channel, event.member)).or_default();
        counts[if event.reaction { 2 } else { 0 }] += 1;
    }
    counted + cells.values().map(|counts| u64::from(counts[0]) + u64::from(counts[2])).sum::<u64>()
}

fn fact<'a>(event: &Event, name: &'a str) -> Fact<'a> {
    let person = Person {
        id: UserId(event.member),
        kind: AuthorKind::Human,
        username: Cow::Borrowed(name),
        display_name: None,
        avatar: None,
    };
    let (guild, channel) = (GuildId(event.guild), ChannelId(event.channel));
    // Each its own, as the core knows repeats by them.
    let message = MessageId(snowflake_at(UnixMs(event.at)) | event.number);
    if event.reaction {
        return Fact::Reaction(ReactionFact {
            guild,
            channel,
            message,
            giver: person.id,
            giver_person: Some(person),
            message_author: None,
            emoji: Emoji::Unicode(Cow::Borrowed("🔥")),
            added: true,
        });
    }
    Fact::Message(MessageFact {
        guild,
        channel,
        message,
        kind: MessageKind::Message,
        author: person,
    })
}

/// 90 % messages and 10 % reactions; guilds, channels and members by Zipf, like chat: few speak much, many a little.
fn events(arguments: &Arguments) -> Vec<Event> {
    let mut random = SplitMix(7);
    let event = |index: usize| {
        let guild = random.zipf(arguments.guilds);
        let channel = random.zipf(20);
        let member = random.zipf(2_000);
        Event {
            guild: snowflake(guild),
            channel: snowflake(guild * 64 + channel),
            member: snowflake(1_000_000 + member * 37 + guild),
            at: START.0
                + (index / FACTS_A_MINUTE * 60_000) as i64
                + (index % FACTS_A_MINUTE / 3) as i64,
            number: index as u64 % (1 << 22),
            reaction: random.next().is_multiple_of(10),
        }
    };
    (0..arguments.facts).map(event).collect()
}

fn snowflake(number: u64) -> u64 {
    (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4) | 1 << 58
}

fn input_mib(events: &[Event]) -> usize {
    std::mem::size_of_val(events) >> 20
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A rank below `count` with probability about 1 / (rank + 1): exponential of a uniform share of ln(count).
    fn zipf(&mut self, count: u64) -> u64 {
        let uniform = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((uniform * ((count + 1) as f64).ln()).exp() as u64 - 1).min(count - 1)
    }
}
