//! `vigie demo`: simulated Discord, pipeline and page in one process.

use super::serve::{announce, listen};
use super::sim::now;
use crate::cli::DemoArguments;
use crate::config::{EXAMPLE, Settings};
use crate::history::{self, Progress};
use crate::wiring::{self, Pipeline, Service};
use crate::{logging, shutdown};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use vigie_sim::{SimConfig, Simulator};
use vigie_world::WorldConfig;

/// Counts leave the bot this often, so that the page moves while one looks at it.
const FLUSH_INTERVAL_MS: u32 = 5_000;

/// What the demo remembers in a kept folder.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
struct Kept {
    seed: u64,
    guilds: u32,
}

const KEPT_FILE: &str = "demo.json";

/// Runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// The port is taken, the folder cannot be written or belongs to another demo.
pub async fn run(arguments: DemoArguments) -> Result<()> {
    let mut settings = Settings::from_text(EXAMPLE)?;
    settings.log.level = "warn".into();
    logging::start(&settings.log)?;
    let stop = shutdown::on_signal();
    let listener = listen(arguments.listen, "--listen").await?;
    let (folder, _temporary) = folder(arguments.data.as_deref())?;
    let world = world(&arguments);
    let has_past = has_past(&folder, &arguments)?;
    settings.data_dir = folder.clone();
    settings.collect.flush_interval_ms = FLUSH_INTERVAL_MS;
    settings.collect.members = true;

    let begun = Instant::now();
    let simulator_stop = CancellationToken::new();
    let simulator = Simulator::start(SimConfig::new(world.clone()), simulator_stop.clone()).await?;
    settings.discord.token = "demo".to_owned().into();
    settings.discord.api_url = simulator.api_url();
    settings.discord.gateway_url = simulator.gateway_url();
    settings.discord.cdn_url = simulator.cdn_url();
    let pipeline = Pipeline::start(&settings).await?;
    if !has_past {
        let bar = ProgressBar::new(arguments.json);
        let (loaded, remembered) = tokio::select! {
            loaded = history::load(&pipeline.store, world.clone(), |progress| bar.show(progress)) => loaded?,
            () = stop.cancelled() => return pipeline.stop().await,
        };
        bar.finish(loaded, begun);
        wiring::remember_past(&settings, &pipeline.outbox, remembered).await?;
        finish_past(&folder, &arguments)?;
    }

    let service = Service::start(&settings, pipeline, listener, true).await?;
    announce(&service.url(), arguments.json);
    if arguments.open {
        open(&service.url());
    }
    service.run(stop).await?;
    simulator_stop.cancel();
    Ok(())
}

fn world(arguments: &DemoArguments) -> WorldConfig {
    WorldConfig {
        seed: arguments.seed,
        guild_count: arguments.guilds,
        events_per_second: arguments.events_per_second,
        history_days: arguments.history_days,
        start: now(),
        ..WorldConfig::default()
    }
    .clamped()
}

/// The folder of the data, and the guard that removes a temporary one.
fn folder(kept: Option<&Path>) -> Result<(PathBuf, Option<tempfile::TempDir>)> {
    let Some(folder) = kept else {
        let temporary = tempfile::Builder::new().prefix("vigie-demo-").tempdir();
        let temporary = temporary.context("cannot make a temporary folder; try --data DIR")?;
        return Ok((temporary.path().to_path_buf(), Some(temporary)));
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {} (--data)", folder.display()))?;
    Ok((folder.to_path_buf(), None))
}

/// Whether the folder holds a past. What happened since a kept demo was stopped is read again by the bot itself, like any gap.
fn has_past(folder: &Path, arguments: &DemoArguments) -> Result<bool> {
    let file = folder.join(KEPT_FILE);
    let Ok(text) = std::fs::read_to_string(&file) else {
        let unfinished = folder.join("vigie.db");
        anyhow::ensure!(
            !unfinished.exists(),
            "{} holds a database that no finished demo left there: choose another --data, or remove it",
            folder.display()
        );
        return Ok(false);
    };
    let kept: Kept = serde_json::from_str(&text).with_context(|| {
        format!("cannot read {}; remove the folder to start anew", file.display())
    })?;
    anyhow::ensure!(
        (kept.seed, kept.guilds) == (arguments.seed, arguments.guilds),
        "{} was made with --seed {} --guilds {}: give the same, or another --data",
        folder.display(),
        kept.seed,
        kept.guilds
    );
    Ok(true)
}

fn finish_past(folder: &Path, arguments: &DemoArguments) -> Result<()> {
    let kept = Kept { seed: arguments.seed, guilds: arguments.guilds };
    let text = serde_json::to_string_pretty(&kept)?;
    std::fs::write(folder.join(KEPT_FILE), text).context("cannot write demo.json into --data")
}

/// One line on the terminal, rewritten as the load goes on; nothing where a program reads.
struct ProgressBar {
    shown: bool,
}

impl ProgressBar {
    fn new(json: bool) -> Self {
        Self { shown: !json && std::io::stdout().is_terminal() }
    }

    fn show(&self, progress: Progress) {
        if !self.shown {
            return;
        }
        let (days, total) = (progress.days, progress.days_total.max(1));
        let width = 30;
        let done = (days * width / total).min(width) as usize;
        let rest = width as usize - done;
        print!(
            "\r\x1b[2KLoading history  [{}{}]  day {days} of {total}, {} events",
            "█".repeat(done),
            "░".repeat(rest),
            progress.events
        );
        let _ = std::io::stdout().flush();
    }

    fn finish(&self, progress: Progress, begun: Instant) {
        if self.shown {
            let seconds = begun.elapsed().as_secs_f64();
            println!(
                "\r\x1b[2KLoaded {} events of {} days in {seconds:.1} s",
                progress.events, progress.days
            );
        }
    }
}

/// Asks the desktop to open the page; a machine without one is no error.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = std::process::Command::new(program)
        .arg(url)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if started.is_err() {
        println!("No browser could be opened from here; the address is above.");
    }
}
