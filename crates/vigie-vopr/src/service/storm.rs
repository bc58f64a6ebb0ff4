//! A storm of processes: `vigie serve` is really killed, its connections really break, and the rows must equal the truth.
//!
//! Time is real here, so a run takes its seconds; what happens when is drawn from the seed, but how far each process has come
//! by then is the machine's business. The virtual storms of [`crate::storm`] repeat to the event; these repeat in kind.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::database::{Database, Kind};
use super::process::{Binary, Process};
use super::run::{
    crowds, empty_voice, get, guilds, post, service_environment, society_verdict, start_service,
    start_simulator, voice_differences,
};
use crate::rows::Span;
use crate::society::Verdict;
use crate::totals::Totals;

/// How large a storm is.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// What it is drawn from.
    pub seed: u64,
    /// Guilds of the world.
    pub guilds: u32,
    /// Dispatches a second.
    pub events_per_second: u32,
    /// Seconds of traffic and trouble.
    pub seconds: u64,
    /// Only kills, each soon enough for a RESUME: then nothing at all may be missed.
    pub resumable: bool,
}

/// What a storm showed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Messages, commands and reactions in the truth.
    pub events: u64,
    /// How often the service was killed.
    pub kills: u32,
    /// From start to the first counted event, in milliseconds, of each start.
    pub first_counted_ms: Vec<u64>,
    /// Blind milliseconds in the ledger, over all guilds and families.
    pub blind_ms: i64,
    /// Recovered milliseconds of messages in the ledger, over all guilds.
    pub recovered_ms: i64,
    /// Members, moderation and invites; its differences are among those below.
    pub society: Verdict,
    /// What the rows say otherwise than the truth.
    pub differences: Vec<String>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slowest = self.first_counted_ms.iter().max().copied().unwrap_or(0);
        write!(
            f,
            "{} events, {} kills, slowest start to first counted event {slowest} ms, blind {} s, recovered {} s, {} differences; {}",
            self.events,
            self.kills,
            self.blind_ms / 1_000,
            self.recovered_ms / 1_000,
            self.differences.len(),
            self.society
        )
    }
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// SIGKILL, then a pause, then a start. `forgotten`: Discord has forgotten the session by then.
    Kill { away_ms: u64, forgotten: bool },
    /// SIGTERM, then a start.
    Stop { away_ms: u64 },
    /// A fault of the simulator.
    Fault(&'static str),
    /// One guild is unavailable for a while.
    Outage { for_ms: u64 },
    /// The database throws everybody out (PostgreSQL).
    DatabaseRestart,
    /// Many people join at once, and some guilds are raided.
    Crowds,
}

/// Runs one storm and compares.
pub fn run(binary: &Binary, parameters: Parameters, kind: Kind) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = Database::create(kind, &runtime);
    let sim = start_simulator(binary, parameters.seed, parameters.guilds);
    let mut outcome = Outcome::default();
    let mut dice = fastrand::Rng::with_seed(parameters.seed);
    let service = start_service(binary, &sim, &database);
    let control = sim.text("control_url").to_owned();
    let rate = json!({ "events_per_second": parameters.events_per_second });
    runtime.block_on(post(&format!("{control}/traffic"), &rate));
    let mut stage = Stage {
        binary,
        sim: &sim,
        database: &database,
        control,
        service: Some(service),
        resumable: parameters.resumable,
        late_ms: 0,
    };
    let end = Instant::now() + Duration::from_secs(parameters.seconds);
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(dice.u64(300..2_500)));
        let trouble = Trouble::draw(&mut dice, parameters.resumable);
        stage.trouble(trouble, &mut dice, &runtime, &mut outcome);
    }
    runtime.block_on(async {
        post(&format!("{}/traffic", stage.control), &json!({ "events_per_second": 0 })).await;
        empty_voice(&stage.control).await;
        stage.judge(&mut outcome).await;
        outcome
            .differences
            .extend(voice_differences(&stage.control, stage.database, stage.late_ms).await);
        let mut society = society_verdict(&stage.control, stage.database, stage.late_ms).await;
        outcome.differences.append(&mut society.differences);
        outcome.society = society;
    });
    if let Some(mut service) = stage.service.take() {
        let (_, well) = service.interrupt();
        if !well {
            outcome.differences.push("the service did not end well".to_owned());
        }
    }
    runtime.block_on(database.remove());
    outcome
}

struct Stage<'a> {
    binary: &'a Binary,
    sim: &'a Process,
    database: &'a Database,
    control: String,
    service: Option<Process>,
    resumable: bool,
    /// For how long the connection held dispatches back, in all.
    late_ms: i64,
}

impl Stage<'_> {
    fn trouble(
        &mut self,
        trouble: Trouble,
        dice: &mut fastrand::Rng,
        runtime: &tokio::runtime::Runtime,
        outcome: &mut Outcome,
    ) {
        let fault = |body: Value| runtime.block_on(post(&format!("{}/fault", self.control), &body));
        match trouble {
            Trouble::Kill { away_ms, forgotten } => {
                self.service.take().expect("it runs").kill();
                outcome.kills += 1;
                if forgotten {
                    fault(json!({ "kind": "forget_session" }));
                }
                std::thread::sleep(Duration::from_millis(away_ms));
                self.start(runtime, outcome);
            }
            Trouble::Stop { away_ms } => {
                self.service.take().expect("it runs").interrupt();
                std::thread::sleep(Duration::from_millis(away_ms));
                self.start(runtime, outcome);
            }
            Trouble::Fault(kind) => {
                let mut body = json!({ "kind": kind });
                match kind {
                    "invalid_session" => body["resumable"] = json!(dice.bool()),
                    "stall" => {
                        let ms = dice.u64(200..5_000);
                        self.late_ms += ms as i64;
                        body["ms"] = json!(ms);
                    }
                    "rate_limit_storm" => body["ms"] = json!(dice.u64(200..5_000)),
                    "duplicate" | "reorder" => body["count"] = json!(dice.u64(1..100)),
                    _ => {}
                }
                fault(body);
            }
            Trouble::Outage { for_ms } => {
                let ids = runtime.block_on(guilds(&self.control));
                if let Some(id) = ids.get(dice.usize(0..ids.len().max(1))) {
                    fault(json!({ "kind": "guild_outage", "guild_id": id, "ms": for_ms }));
                }
            }
            Trouble::Crowds => runtime.block_on(crowds(&self.control)),
            Trouble::DatabaseRestart => runtime.block_on(self.database.throw_everybody_out()),
        }
    }

    /// Starts the service again and waits for its first counted event.
    fn start(&mut self, runtime: &tokio::runtime::Runtime, outcome: &mut Outcome) {
        let begun = Instant::now();
        let environment = service_environment(self.sim, self.database);
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let service = self.binary.start(&["serve", "--json"], &environment);
        let url = format!("{}/api/v1/status", service.text("address"));
        let deadline = begun + Duration::from_secs(60);
        runtime.block_on(async {
            while get(&url).await["events"]["counted"].as_u64().unwrap_or(0) == 0 {
                assert!(Instant::now() < deadline, "nothing was counted within a minute");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        outcome.first_counted_ms.push(begun.elapsed().as_millis() as u64);
        self.service = Some(service);
    }

    /// Waits until the rows equal the truth, or have had the time to.
    async fn judge(&self, outcome: &mut Outcome) {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let truth = get(&format!("{}/truth", self.control)).await;
            let rows = self.database.rows();
            let spans = rows.coverage().await;
            let stored = rows.totals().await;
            outcome.differences = differences(&truth, &stored, &spans);
            outcome.differences.extend(rows.inconsistent_rollups().await);
            outcome.events = Totals::from_truth(&truth).events();
            let length = |span: &Span| span.until_ms.saturating_sub(span.from_ms);
            outcome.blind_ms = spans.iter().filter(|span| span.state == 2).map(length).sum();
            outcome.recovered_ms = spans.iter().filter(|span| span.state == 1).map(length).sum();
            if self.resumable && spans.iter().any(|span| span.state != 0) {
                outcome
                    .differences
                    .push(format!("every RESUME was in time, yet something was missed: {spans:?}"));
            }
            let is_open = spans.iter().any(|span| span.state == 2 && span.until_ms == i64::MAX);
            if outcome.differences.is_empty() && !is_open || Instant::now() > deadline {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

impl Trouble {
    fn draw(dice: &mut fastrand::Rng, resumable: bool) -> Self {
        if resumable {
            return Self::Kill { away_ms: dice.u64(0..2_000), forgotten: false };
        }
        match dice.u32(0..16) {
            0..=3 => Self::Kill { away_ms: dice.u64(0..3_000), forgotten: false },
            4 => Self::Kill { away_ms: dice.u64(0..3_000), forgotten: true },
            5 => Self::Stop { away_ms: dice.u64(0..2_000) },
            6 => Self::Fault("reconnect"),
            7 => Self::Fault("invalid_session"),
            8 => Self::Fault("drop_tcp"),
            9 => Self::Fault("stall"),
            10 => Self::Fault("rate_limit_storm"),
            11 => Self::Fault("duplicate"),
            12 => Self::Outage { for_ms: dice.u64(200..5_000) },
            13 | 14 => Self::Crowds,
            _ => Self::DatabaseRestart,
        }
    }
}

/// Messages equal the truth whatever happened, for what was missed is read again; reactions equal it where nothing was missed,
/// and are never more.
fn differences(truth: &Value, stored: &Totals, spans: &[Span]) -> Vec<String> {
    let expected = Totals::from_truth(truth).in_sum();
    let stored = stored.in_sum();
    let deleted = Totals::deleted(truth);
    let missed = |guild: u64| spans.iter().any(|span| span.guild == guild && span.state != 0);
    let mut found = Vec::new();
    for key in expected.keys().chain(stored.keys().filter(|key| !expected.contains_key(key))) {
        let expected = expected.get(key).copied().unwrap_or_default();
        let stored = stored.get(key).copied().unwrap_or_default();
        let lost = deleted.get(key).copied().unwrap_or_default();
        let is_whole = !missed(key.0);
        let fits = (0..5).all(|at| {
            let may_lack = match (is_whole, at) {
                (true, _) => 0,
                (false, 0 | 1) => lost[at],
                (false, _) => expected[at],
            };
            (expected[at] - may_lack..=expected[at]).contains(&stored[at])
        });
        if !fits {
            found.push(format!(
                "(guild, hour, channel, member) {key:?}: truth {expected:?}, stored {stored:?}, nothing missed: {is_whole}"
            ));
        }
    }
    found
}
