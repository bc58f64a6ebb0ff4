//! The demo's past: the imaginary Discord's history goes through the core into the store, as if Vigie had listened all along.
//!
//! Days of one guild are made on a thread of their own while the ones before them are stored; a bounded channel between both
//! keeps memory flat.

use anyhow::{Context, Result};
use tokio::sync::mpsc;
use vigie_core::vocabulary::{Fact, GuildId, Record, UnixMs};
use vigie_core::{Core, CoreConfig};
use vigie_store::{Batch, Store};
use vigie_world::{World, WorldConfig};

/// Guild-days that may wait to be stored: two are enough to keep both sides busy.
const GUILD_DAYS_AHEAD: usize = 2;

/// Counts are flushed once an hour of the past: fewer, fuller windows in memory, the same minute windows in the records.
const FLUSH_INTERVAL_MS: u32 = 3_600_000;

/// How far a load is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Days stored, for all guilds.
    pub days: u32,
    /// Days in all.
    pub days_total: u32,
    /// Messages, commands and reactions so far.
    pub events: u64,
}

struct GuildDay {
    guild: GuildId,
    day_index: u32,
    events: u64,
    records: Vec<Record>,
}

/// Stores what happened from `from` (or from the beginning of the history) to the start of the world's present.
///
/// # Errors
/// The store's; what was stored before the error stays.
pub async fn load(
    store: &Store,
    config: WorldConfig,
    from: Option<UnixMs>,
    mut on_progress: impl FnMut(Progress),
) -> Result<Progress> {
    let (days, mut made) = mpsc::channel(GUILD_DAYS_AHEAD);
    // A second load of the same folder must not be taken for a repeat of the first.
    let load = config.start.0;
    let maker = tokio::task::spawn_blocking(move || make(config, from, &days));
    let mut numbers = std::collections::BTreeMap::<GuildId, u64>::new();
    let mut progress = Progress { days: 0, days_total: 0, events: 0 };
    while let Some((guild_day, days_total)) = made.recv().await {
        let GuildDay { guild, day_index, events, records } = guild_day;
        let number = numbers.entry(guild).or_default();
        let records: Vec<(u64, Record)> = records
            .into_iter()
            .map(|record| {
                *number += 1;
                (*number, record)
            })
            .collect();
        let producer = format!("history-{load}/{}", guild.0);
        let lane = vigie_core::vocabulary::Lane::Periodic as u8;
        store
            .apply(&Batch { producer: &producer, lane, records: &records })
            .await
            .context("cannot store the demo's history")?;
        progress = Progress { days: day_index + 1, days_total, events: progress.events + events };
        on_progress(progress);
    }
    maker.await.context("the maker of the history panicked")?;
    Ok(progress)
}

/// Runs through the history, day by day; ends early when nobody receives any more.
fn make(config: WorldConfig, from: Option<UnixMs>, days: &mpsc::Sender<(GuildDay, u32)>) {
    let world = World::new(config);
    let day_count = world.history_day_count();
    let from = from.unwrap_or(UnixMs(i64::MIN));
    let mut cores: Vec<Core> = world
        .guilds()
        .iter()
        .map(|_| {
            Core::new(CoreConfig { flush_interval_ms: FLUSH_INTERVAL_MS, ..CoreConfig::default() })
        })
        .collect();
    for day_index in 0..day_count {
        if world.history_day_start(day_index + 1) <= from {
            continue;
        }
        for (guild, core) in world.guilds().iter().zip(&mut cores) {
            let mut guild_day =
                GuildDay { guild: guild.id, day_index, events: 0, records: Vec::new() };
            if day_index == 0 || from.0 > i64::MIN {
                let now = world.history_day_start(day_index);
                core.handle(now, Fact::Guild(Box::new(guild.fact())), &mut guild_day.records);
            }
            let facts = world.history_facts(guild.id, day_index);
            for (at, fact) in facts.iter().filter(|(at, _)| *at >= from) {
                core.wake(at, &mut guild_day.records);
                core.handle(at, fact, &mut guild_day.records);
                guild_day.events += 1;
            }
            core.flush(world.history_day_start(day_index + 1), &mut guild_day.records);
            if days.blocking_send((guild_day, day_count)).is_err() {
                return;
            }
        }
    }
}
