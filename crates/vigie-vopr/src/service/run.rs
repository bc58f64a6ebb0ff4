//! One run: simulator and service as processes, traffic, quiet, comparison.

use super::database::{Database, Kind};
use super::process::{Binary, Process};
use crate::society::{self, Hearing, Truth, Verdict};
use crate::storm::ledger::Ledger;
use crate::totals::Totals;
use crate::voice::{self, VoiceKey};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    seed: u64,
    guilds: u32,
    events_per_second: u32,
    seconds: u64,
}

impl Parameters {
    /// Small by default, larger by `VIGIE_TRUTH_*`.
    pub fn from_environment() -> Self {
        let read = |name: &str, default: u64| {
            let text = std::env::var(format!("VIGIE_TRUTH_{name}"));
            text.map_or(default, |text| {
                text.parse().unwrap_or_else(|_| panic!("VIGIE_TRUTH_{name}={text}"))
            })
        };
        Self {
            seed: read("SEED", 1),
            guilds: read("GUILDS", 8) as u32,
            events_per_second: read("EVENTS_PER_SECOND", 400) as u32,
            seconds: read("SECONDS", 8),
        }
    }

    fn replay(&self, kind: Kind) -> String {
        format!(
            "VIGIE_TRUTH_SEED={} VIGIE_TRUTH_GUILDS={} VIGIE_TRUTH_EVENTS_PER_SECOND={} VIGIE_TRUTH_SECONDS={} \
             cargo test --package vigie --test service -- {}",
            self.seed,
            self.guilds,
            self.events_per_second,
            self.seconds,
            kind.name()
        )
    }
}

/// Flush interval of the service under test, in milliseconds.
const FLUSH_INTERVAL_MS: u64 = 2_000;

/// Runs and compares; a difference panics with the cells that differ and the command that repeats the run.
pub fn check(binary: &Binary, parameters: Parameters, kind: Kind) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = Database::create(kind, &runtime);
    let sim = start_simulator(binary, parameters.seed, parameters.guilds);
    let mut service = start_service(binary, &sim, &database);
    let control = sim.text("control_url").to_owned();
    let started_hour = unix_hour();
    runtime.block_on(async {
        let rate = json!({ "events_per_second": parameters.events_per_second });
        post(&format!("{control}/traffic"), &rate).await;
        let half = Duration::from_secs(parameters.seconds) / 2;
        tokio::time::sleep(half).await;
        crowds(&control).await;
        tokio::time::sleep(half).await;
        post(&format!("{control}/traffic"), &json!({ "events_per_second": 0 })).await;
        empty_voice(&control).await;
        let truth = Totals::from_truth(&get(&format!("{control}/truth")).await);
        let expected = u64::from(parameters.events_per_second) * parameters.seconds;
        assert!(truth.events() > expected / 2, "the world played too little: {}", truth.events());
        let crossed = unix_hour() != started_hour || truth.hours().len() > 1;
        let differences = wait_until_equal(&truth, &database, crossed).await;
        if !differences.is_empty() {
            differences.iter().take(20).for_each(|line| eprintln!("{line}"));
            panic!("{} differences; again: {}", differences.len(), parameters.replay(kind));
        }
        let voice = voice_differences(&control, &database, 0).await;
        assert!(voice.is_empty(), "{voice:#?}; again: {}", parameters.replay(kind));
        let verdict = society_verdict(&control, &database, 0).await;
        println!("{verdict}");
        let wrong: Vec<&String> = verdict.differences.iter().take(20).collect();
        assert!(wrong.is_empty(), "{wrong:#?}; again: {}", parameters.replay(kind));
        let rollups = database.rows().inconsistent_rollups().await;
        assert!(rollups.is_empty(), "{rollups:?}; again: {}", parameters.replay(kind));
        println!(
            "{}: {} events, {} cells, {} emoji rows equal the truth",
            kind.name(),
            truth.events(),
            truth.cells.len(),
            truth.emojis.len()
        );
    });
    let (took, well) = service.interrupt();
    assert!(well, "the service did not end well");
    assert!(took < Duration::from_secs(5), "the service took {took:?} to end");
    let after = runtime.block_on(database.rows().totals());
    runtime.block_on(async {
        let truth = Totals::from_truth(&get(&format!("{control}/truth")).await);
        assert_eq!(truth.events(), after.events(), "the end of the service changed the totals");
    });
    runtime.block_on(database.remove());
}

/// Everybody leaves voice, so that all time in it is told.
pub async fn empty_voice(control: &str) {
    let truth = get(&format!("{control}/truth")).await;
    for (guild, _) in truth["guilds"].as_object().into_iter().flatten() {
        let body = json!({ "kind": "voice_disconnect", "guild_id": guild });
        post(&format!("{control}/fault"), &body).await;
    }
}

/// Many people join at once in every guild, and in the first ones a raid begins.
pub async fn crowds(control: &str) {
    let guilds = guilds(control).await;
    for (place, guild) in guilds.iter().enumerate() {
        let rush = json!({ "guild_id": guild, "kind": "rush", "joins": 20, "codes": 3 });
        post(&format!("{control}/deed"), &rush).await;
        if place < RAIDS {
            let raid = json!({
                "guild_id": guild,
                "kind": "raid",
                "members": 60,
                "joins_within_ms": 800,
                "bans_after_ms": 3_000,
                "bans_within_ms": 1_000,
            });
            post(&format!("{control}/deed"), &raid).await;
        }
    }
}

/// Guilds that are raided in a run.
const RAIDS: usize = 2;

/// The ids of all guilds.
pub async fn guilds(control: &str) -> Vec<String> {
    let state = get(&format!("{control}/state")).await;
    state["members"].as_object().unwrap().keys().cloned().collect()
}

/// By how much a departure, which has no time of its own, may be off in a run of processes.
const HEARD_SLACK_MS: i64 = 3_000;

/// The last joins are attributed once something is heard after their reading: on a silent gateway that is the answer to a heartbeat, of
/// which there is one in 41 s.
const HEARTBEAT_MS_MAX: u64 = 60_000;

/// What the tables say of members, moderation and invites beside the truth, once nothing differs any more, or after a while.
/// `late_ms`: for how long dispatches were held back.
pub async fn society_verdict(control: &str, database: &Database, late_ms: i64) -> Verdict {
    let deadline = Instant::now() + Duration::from_millis(3 * FLUSH_INTERVAL_MS + HEARTBEAT_MS_MAX);
    loop {
        let truth = Truth::read(&get(&format!("{control}/society")).await);
        let ledger = Ledger::new(&database.rows().coverage().await);
        let hearing = Hearing {
            ledger: &ledger,
            slack_ms: HEARD_SLACK_MS + late_ms,
            lists_members: true,
            reads_audits: true,
        };
        let verdict = society::judge(&truth, &database.rows().society().await, &hearing);
        if verdict.differences.is_empty() || Instant::now() > deadline {
            return verdict;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until time in voice equals the truth, where it was heard; what still differs after three flushes is a difference.
/// `late_ms`: for how long dispatches were held back. Voice states carry no time, so that those count as of their arrival.
pub async fn voice_differences(control: &str, database: &Database, late_ms: i64) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_millis(3 * FLUSH_INTERVAL_MS + 5_000);
    let truth = get(&format!("{control}/truth")).await;
    loop {
        let ledger = Ledger::new(&database.rows().coverage().await);
        let (expected, slack) = voice::from_truth(&truth, &ledger);
        let slack = |key: &VoiceKey| {
            slack.get(&VoiceKey { hour: 0, ..*key }).copied().unwrap_or(voice::SLACK_MS) + late_ms
        };
        let found = voice::differences(&expected, &database.rows().voice().await, slack);
        if found.is_empty() {
            println!("{} cells of voice equal the truth", expected.len());
        }
        if found.is_empty() || Instant::now() > deadline {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Waits for the flush that must make both equal; what still differs after three flushes is a difference.
async fn wait_until_equal(truth: &Totals, database: &Database, crossed: bool) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_millis(3 * FLUSH_INTERVAL_MS + 10_000);
    let truth = truth.comparable(crossed);
    loop {
        let stored = database.rows().totals().await.comparable(crossed);
        let differences = truth.differences(&stored);
        if differences.is_empty() || Instant::now() > deadline {
            return differences;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Starts `vigie sim`, silent, with the control door open.
pub fn start_simulator(binary: &Binary, seed: u64, guilds: u32) -> Process {
    let (seed, guilds) = (seed.to_string(), guilds.to_string());
    let arguments = [
        "sim",
        "--listen",
        "127.0.0.1:0",
        "--control",
        "--seed",
        &seed,
        "--guilds",
        &guilds,
        "--events-per-second",
        "0",
        "--members-max",
        "5000",
        "--joins-per-hour",
        "7200",
    ];
    binary.start(&arguments, &[])
}

/// Starts `vigie serve` against the simulator, by configuration alone, and waits until every shard is ready.
pub fn start_service(binary: &Binary, sim: &Process, database: &Database) -> Process {
    start_service_with(binary, sim, &service_environment(sim, database))
}

/// The same with these settings.
pub fn start_service_with(
    binary: &Binary,
    sim: &Process,
    environment: &[(&'static str, String)],
) -> Process {
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let service = binary.start(&["serve", "--json"], &environment);
    let url = format!("{}/api/v1/status", service.text("address"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let deadline = Instant::now() + Duration::from_secs(60);
        let guilds = sim.ready["guilds"].as_u64().unwrap();
        loop {
            let status = get(&url).await;
            let shards = status["shards"].as_array().cloned().unwrap_or_default();
            let heard: u64 = shards.iter().filter_map(|shard| shard["guilds"].as_u64()).sum();
            if heard == guilds {
                return;
            }
            assert!(Instant::now() < deadline, "the shards did not become ready: {status}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    service
}

/// The setting that older binaries do not know.
pub const MEMBERS_SETTING: &str = "VIGIE_COLLECT__MEMBERS";

/// The settings of a service that listens to this simulator and stores in this database.
pub fn service_environment(sim: &Process, database: &Database) -> Vec<(&'static str, String)> {
    vec![
        ("DISCORD_TOKEN", "a-token-of-the-imaginary-discord".to_owned()),
        ("VIGIE_DISCORD__API_URL", sim.text("api_url").to_owned()),
        ("VIGIE_DISCORD__GATEWAY_URL", sim.text("gateway_url").to_owned()),
        ("VIGIE_DISCORD__CDN_URL", sim.text("cdn_url").to_owned()),
        ("VIGIE_DATA_DIR", database.folder().to_string_lossy().into_owned()),
        ("VIGIE_DATABASE_URL", database.url().to_owned()),
        ("VIGIE_API__LISTEN", "127.0.0.1:0".to_owned()),
        (MEMBERS_SETTING, "true".to_owned()),
        ("VIGIE_COLLECT__FLUSH_INTERVAL_MS", FLUSH_INTERVAL_MS.to_string()),
        ("VIGIE_LOG__LEVEL", "warn".to_owned()),
    ]
}

/// The JSON answer of a GET.
pub async fn get(url: &str) -> Value {
    let response = client().get(url).send().await.unwrap().error_for_status().unwrap();
    response.json().await.unwrap()
}

/// The JSON answer of a POST.
pub async fn post(url: &str, body: &Value) -> Value {
    let response = client().post(url).json(body).send().await.unwrap().error_for_status().unwrap();
    response.json().await.unwrap()
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn unix_hour() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 3_600
}
