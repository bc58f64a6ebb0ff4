//! Nanoseconds per message: the desk, journal and all, beside lens and core alone, in the same run.
//!
//! ```text
//! cargo run -p vigie-bot --profile fast --example desk_bench
//! ```
//!
//! The least of several rounds counts: what disturbs a round only ever makes it slower.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use vigie_bot::Collect;
use vigie_bot::desk::{Desk, DeskConfig, Layout};
use vigie_bot::lens::{self, Read};
use vigie_core::vocabulary::{UnixMs, snowflake_at};
use vigie_core::{Core, CoreConfig};

const START: UnixMs = UnixMs(1_795_000_020_000);
/// Ten seconds of 10,000 messages each second.
const MESSAGES: u64 = 100_000;
const ROUNDS: usize = 7;

fn main() {
    let frames: Vec<(UnixMs, String)> = (0..MESSAGES).map(message).collect();
    let lens_and_core = least_ns(|| {
        let mut core = Core::new(CoreConfig::default());
        let mut records = Vec::new();
        for (now, frame) in &frames {
            if let Ok(Read::Fact(fact)) = lens::read(black_box(frame)) {
                core.handle(*now, fact, &mut records);
            }
        }
        core.flush(UnixMs(START.0 + 60_000), &mut records);
        records.len() as u64
    });
    let mut journal_bytes = 0;
    let desk = least_ns(|| {
        let mut desk = Desk::new(
            DeskConfig {
                producer: "bench/0".into(),
                core: CoreConfig::default(),
                layout: Layout::of(Collect::ALL, 1),
                journal_interval_ms: 100,
            },
            START,
        );
        desk.session(START, "session", Some("wss://gateway.discord.gg"));
        desk.resumed();
        journal_bytes = 0;
        let mut entries = 0;
        for (sequence, (now, frame)) in (1..).zip(&frames) {
            black_box(desk.dispatch(*now, sequence, black_box(frame)));
            while let Some(commit) = desk.take_commit(*now) {
                journal_bytes += commit.journal.len();
                entries += commit.entries.len() as u64;
                desk.committed();
            }
        }
        desk.flush(UnixMs(START.0 + 60_000));
        entries
    });
    println!("lens and core   {lens_and_core:>8.1} ns a message");
    println!(
        "desk            {desk:>8.1} ns a message, {} bytes of journal",
        journal_bytes as u64 / MESSAGES
    );
}

fn least_ns(run: impl FnMut() -> u64) -> f64 {
    let mut run = run;
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(run());
        least = least.min(start.elapsed().as_nanos() as f64 / MESSAGES as f64);
    }
    least
}

/// 300 guilds, four channels each, 20 people each, at the pace of a busy shard.
fn message(n: u64) -> (UnixMs, String) {
    let now = UnixMs(START.0 + n as i64 / 10);
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let (guild, channel, author) = (mixed % 300, mixed / 300 % 4, mixed / 1_200 % 20);
    let id = snowflake_at(now) + n % 4_000_000;
    let text = format!(
        r#"{{"t":"MESSAGE_CREATE","s":{},"op":0,"d":{{"id":"{id}","type":0,"content":"{}","channel_id":"{}","author":{{"id":"{}","username":"user_{author}","global_name":"User {author}","avatar":"0123456789abcdef0123456789abcdef","bot":false}},"timestamp":"2026-11-21T16:00:00+00:00","guild_id":"{}"}}}}"#,
        n + 1,
        "a sentence of some length ".repeat(2),
        1_000_000_000_000_000 + guild * 10 + channel,
        2_000_000_000_000_000 + guild * 100 + author,
        3_000_000_000_000_000 + guild,
    );
    (now, text)
}
