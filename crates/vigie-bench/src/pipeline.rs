//! `bench pipeline`: from the gateway's frame to the outbox, per CPU second of a process that does nothing else, beside the usual
//! fast way (the same gateway library, each frame partly parsed by serde_json, a hash map of counters, nothing kept).

pub mod client;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::process::Command;
use tokio_util::sync::CancellationToken;
use vigie_sim::Compression;
use vigie_sim::firehose::{self, Firehose, FirehoseConfig};

/// Size of the run.
#[derive(Args)]
pub struct Arguments {
    /// Guilds, Zipf-distributed.
    #[arg(long, default_value_t = 1_000)]
    guilds: u32,
    /// Events in a round.
    #[arg(long, default_value_t = 300_000)]
    events: u64,
    /// Rounds of each client, in turns; the best counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Kind {
    /// Our bot: lenses, journal, core, outbox on disk.
    Vigie,
    /// The same without its journal.
    WithoutJournal,
    /// The usual fast way.
    Baseline,
}

/// What a measured process reports.
#[derive(serde::Deserialize, serde::Serialize)]
pub struct Report {
    /// Messages, commands and reactions counted.
    pub counted: u64,
    /// CPU seconds from its first instruction to its last flush.
    pub cpu_seconds: f64,
    /// Peak resident memory.
    pub peak_mib: f64,
    /// Bytes of records, journal and checkpoints written.
    pub written: [u64; 3],
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let firehose =
            firehose::serve(FirehoseConfig::new(arguments.guilds, arguments.events), stop.clone())
                .await?;
        println!("preparing {} events of {} guilds …", arguments.events, arguments.guilds);
        firehose.prepare(Compression::Zstd).await;
        let mut best: [Option<Report>; 3] = [None, None, None];
        for _ in 0..arguments.rounds {
            let kinds = [Kind::Vigie, Kind::WithoutJournal, Kind::Baseline];
            for (kind, best) in kinds.into_iter().zip(&mut best) {
                let report = measure(&firehose, kind).await?;
                if best.as_ref().is_none_or(|best| report.cpu_seconds < best.cpu_seconds) {
                    *best = Some(report);
                }
            }
        }
        print(&firehose, best)?;
        stop.cancel();
        Ok(())
    })
}

async fn measure(firehose: &Firehose, kind: Kind) -> Result<Report> {
    let totals = firehose.totals();
    let counted =
        totals.messages + totals.commands + totals.reactions_added + totals.reactions_removed;
    let mut command = Command::new(std::env::current_exe()?);
    let word = kind.to_possible_value().expect("every kind has a word");
    command.args(["pipeline-client", "--kind", word.get_name()]);
    command.args(["--api-url", &firehose.api_url(), "--gateway-url", &firehose.gateway_url()]);
    let dispatches = firehose.last_sequence(0);
    command.args(["--counted", &counted.to_string(), "--dispatches", &dispatches.to_string()]);
    let output = tokio::task::spawn_blocking(move || {
        command.stderr(std::process::Stdio::inherit()).output()
    })
    .await??;
    if !output.status.success() {
        bail!("the measured process ended with {}", output.status);
    }
    let report: Report =
        serde_json::from_slice(&output.stdout).context("the measured process reported nothing")?;
    if report.counted != counted {
        bail!("{kind:?} counted {} of {counted}", report.counted);
    }
    Ok(report)
}

fn print(firehose: &Firehose, best: [Option<Report>; 3]) -> Result<()> {
    let totals = firehose.totals();
    let [vigie, bare, baseline] = best.map(|report| report.context("at least one round is needed"));
    let (vigie, bare, baseline) = (vigie?, bare?, baseline?);
    let rate = |report: &Report| totals.events as f64 / report.cpu_seconds;
    println!("events                        {:>12}", totals.events);
    println!("bytes of JSON an event        {:>12.0}", totals.bytes as f64 / totals.events as f64);
    println!(
        "vigie                         {:>12.0} events/CPU s, peak {:.1} MiB",
        rate(&vigie),
        vigie.peak_mib
    );
    println!(
        "vigie without journal         {:>12.0} events/CPU s, peak {:.1} MiB",
        rate(&bare),
        bare.peak_mib
    );
    println!(
        "raw + serde_json (baseline)   {:>12.0} events/CPU s, peak {:.1} MiB",
        rate(&baseline),
        baseline.peak_mib
    );
    println!("ratio to the baseline         {:>12.2} x", rate(&vigie) / rate(&baseline));
    println!(
        "cost of the journal           {:>12.1} %",
        100.0 * (1.0 - rate(&vigie) / rate(&bare))
    );
    let [records, journal, checkpoints] =
        vigie.written.map(|bytes| bytes as f64 / totals.events as f64);
    println!(
        "MB written per million events {records:>12.1} records, {journal:.1} journal, {checkpoints:.1} checkpoints"
    );
    Ok(())
}
