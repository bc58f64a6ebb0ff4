//! An hour without a store at full load, in virtual time: the disk stays within its bound, memory stays flat, nothing is lost.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use vigie_core::vocabulary::UnixMs;

use super::client::{Client, Disk};
use super::discord::{Discord, Frame, Greeting};
use super::line::{self, Line};
use super::plan::Plan;
use crate::rows::Rows;
use crate::totals::Totals;

/// How much is played at a time.
const STEP_MS: i64 = 1_000;

/// Minutes of ordinary life before and after.
const AROUND_MIN: i64 = 2;

/// Plays it and prints what it took.
///
/// # Errors
/// Rows that differ from the truth, or a disk that holds more than its bound.
pub fn run(events_per_second: u32, minutes: u32, pending_bytes_max: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(play(events_per_second, minutes, pending_bytes_max))
}

async fn play(events_per_second: u32, minutes: u32, pending_bytes_max: u64) -> Result<()> {
    let folder = super::memory_folder()?;
    let plan = Plan {
        guilds: 100,
        events_per_second: f64::from(events_per_second),
        flush_interval_ms: 60_000,
        pending_bytes_max,
        joins_per_hour: None,
        troubles: Vec::new(),
        deeds: Vec::new(),
        ..Plan::of(1)
    };
    let mut discord = Discord::new(&plan);
    discord.forgets();
    let mut line = Line::open(folder.path(), plan.seed).await?;
    let disk = Arc::<Disk>::default();
    let mut client = Client::start(&plan, folder.path(), &disk, plan.start).await?;
    line.start(&client.outbox);
    let Greeting::Ready { session, frames } = discord.connect(plan.start, None) else {
        bail!("the gateway refused a new session");
    };
    client.session_is(plan.start, session);
    frames.iter().for_each(|frame| client.hear(plan.start, frame));
    let away_until = AROUND_MIN + i64::from(minutes);
    let mut peak_bytes = 0;
    for minute in 0..away_until + AROUND_MIN {
        line.set_away((AROUND_MIN..away_until).contains(&minute));
        for step in 0..60_000 / STEP_MS {
            let until = UnixMs(plan.start.0 + minute * 60_000 + (step + 1) * STEP_MS);
            hear(&mut client, &mut discord, until).await?;
        }
        let stats = client.outbox.stats();
        peak_bytes = peak_bytes.max(stats.pending_bytes);
        if minute % 10 == 0 || minute + 1 == away_until {
            println!(
                "minute {minute}: {} records and {} KiB wait, core {} KiB, process {} MiB",
                stats.pending_entries,
                stats.pending_bytes >> 10,
                client.core().stats().heap_bytes >> 10,
                resident_bytes() >> 20,
            );
        }
    }
    let end = UnixMs(plan.start.0 + (away_until + AROUND_MIN) * 60_000);
    client.desk.alive(end);
    client.finish(end).await?;
    line.drain().await?;
    line.close().await?;
    let url = format!("sqlite://{}", line::database(folder.path()).display());
    let rows = Rows::of(&url);
    let truth: serde_json::Value = serde_json::from_str(&discord.world().truth().to_json())?;
    let truth = Totals::from_truth(&truth);
    let mut differences = truth.differences(&rows.totals().await);
    differences.extend(rows.inconsistent_rollups().await);
    println!("{} events; at most {} KiB waited", truth.events(), peak_bytes >> 10);
    if let Some(first) = differences.first() {
        bail!("{} rows differ from the truth, the first: {first}", differences.len());
    }
    println!("every row equals the truth");
    Ok(())
}

async fn hear(client: &mut Client, discord: &mut Discord, until: UnixMs) -> Result<()> {
    let frames: Vec<Frame> = discord.play_until(until);
    for frame in &frames {
        client.tick(discord, frame.at, false).await?;
        client.hear(frame.at, frame);
    }
    client.tick(discord, until, false).await.context("the desk could not go on")
}

/// Memory of this process, the imaginary Discord included.
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    pages * 4096
}
