//! Foreign clients, unchanged: discord.js, discord.py and a twilight built for zlib log in, hear everything, and resume
//! without loss.
//!
//! Their packages are pinned in `tests/foreign`; `cargo xtask test` installs them. discord.py speaks zlib-stream,
//! discord.js plain text. Our own workspace builds twilight for zstd, which the other tests run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "sim/support.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use vigie_world::World;

use support::{Sim, config};

/// Longer than starting an interpreter and everything else takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// No audit entry is told later than that after its act.
const TOLD_WITHIN: Duration = Duration::from_millis(2_500);
/// What has to be heard at least.
const MESSAGES_MIN: u64 = 1_000;

#[tokio::test]
async fn discord_js_hears_everything_and_resumes_without_loss() {
    let folder = folder("discordjs");
    prepared(&folder.join("node_modules/discord.js"));
    let sim = Sim::start().await;
    let mut node = Command::new("node");
    node.arg("client.mjs").args(["--api", &format!("{}/api", sim.base())]);
    let heard = conversation(&sim, node.current_dir(folder), "").await;
    check(&sim, &heard).await;
    check_society(&sim, &heard).await;
}

#[tokio::test]
async fn discord_py_hears_everything_and_resumes_without_loss() {
    let folder = folder("discordpy");
    let python = folder.join(".venv/bin/python");
    prepared(&python);
    let sim = Sim::start().await;
    let mut client = Command::new(python);
    client
        .arg("client.py")
        .args(["--api", &format!("{}/api/v10", sim.base())])
        .args(["--gateway", &sim.simulator.gateway_url()]);
    let heard = conversation(&sim, client.current_dir(folder), "zlib-stream").await;
    check(&sim, &heard).await;
    check_society(&sim, &heard).await;
    let state = sim.state().await;
    let counts = state["members"].as_object().unwrap().values();
    let members: u64 = counts.map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(heard["members"], members, "all members came in chunks");
}

#[tokio::test]
async fn twilight_with_zlib_hears_everything_and_resumes_without_loss() {
    let binary = folder("twilight-zlib").join("target/debug/vigie-foreign-twilight-zlib");
    prepared(&binary);
    let sim = Sim::start().await;
    let mut client = Command::new(binary);
    client.args(["--gateway", &sim.simulator.gateway_url()]);
    let heard = conversation(&sim, &mut client, "zlib-stream").await;
    check(&sim, &heard).await;
}

/// Runs a client through login, traffic, op 7 and traffic again; gives what it counted.
async fn conversation(sim: &Sim, command: &mut Command, compression: &str) -> Value {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{command:?}: {error}; run `cargo xtask test`, which installs it")
        });
    let work = async {
        session(sim, |session| session["loaded"] == true).await;
        assert_eq!(sim.state().await["sessions"][0]["compression"], compression);
        while sim.sums().messages < MESSAGES_MIN / 2 {
            sim.play(300).await;
        }
        assert_eq!(sim.fault(json!({ "kind": "reconnect" })).await, 1);
        // Some of it happens while nobody listens.
        sim.play(200).await;
        session(sim, |session| session["resumes"] == 1 && session["connected"] == true).await;
        while sim.sums().messages < MESSAGES_MIN {
            sim.play(300).await;
        }
        let guild = sim.guild().await.0.to_string();
        for kind in ["join", "ban", "create_invite"] {
            sim.control("deed", json!({ "guild_id": guild, "kind": kind })).await;
        }
        tokio::time::sleep(TOLD_WITHIN).await;
        sim.say("SIM_END", json!({})).await;
    };
    tokio::time::timeout(PATIENCE, finish(work, child)).await.expect("the client takes too long")
}

/// Waits for the work and the client; a client that fails meanwhile tells why. It may end well before the work does: the
/// last thing it is sent ends it.
async fn finish(work: impl Future<Output = ()>, child: Child) -> Value {
    let output = async {
        let output = child.wait_with_output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "the client failed; if a package is missing, run `cargo xtask test`:\n{errors}"
        );
        output
    };
    let ((), output) = tokio::join!(work, output);
    let line = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
}

/// Waits until the one session is as wanted.
async fn session(sim: &Sim, is: impl Fn(&Value) -> bool) {
    while !sim.state().await["sessions"].get(0).is_some_and(&is) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What was counted is what happened.
async fn check(sim: &Sim, heard: &Value) {
    let sums = sim.sums();
    let truth = sim.simulator.truth();
    assert_eq!(heard["errors"], json!([]));
    assert_eq!((&heard["ready"], &heard["resumed"]), (&json!(1), &json!(1)));
    assert_eq!(heard["guilds"], 3);
    assert_eq!(sim.state().await["counters"]["identifies"], 1);
    let mut messages = 0;
    for guild in World::new(config().world).guilds() {
        let counted = heard["messages"][guild.id.0.to_string()].as_u64().unwrap_or(0);
        assert_eq!(counted, truth.sums(guild.id).messages, "guild {}", guild.id.0);
        messages += counted;
    }
    assert_eq!(messages, sums.messages);
    assert!(messages >= MESSAGES_MIN);
    assert_eq!(heard["reactions_added"], sums.reactions_added);
    assert_eq!(heard["reactions_removed"], sums.reactions_removed);
}

/// Who came, who went, who was banned, the entries and the invites are those of the truth. A client may pass over entries of
/// actions that it does not know, so that of entries only those of the ban are compared.
async fn check_society(sim: &Sim, heard: &Value) {
    let url = format!("{}/_sim/society", sim.base());
    let truth: Value = sim.http.get(url).send().await.unwrap().json().await.unwrap();
    let start = truth["start_ms"].as_i64().unwrap();
    let of = |list: &str, time: &str, name: &str, is_meant: &dyn Fn(&Value) -> bool| {
        let guilds = truth["guilds"].as_object().unwrap().values();
        let rows = guilds.flat_map(|guild| guild[list].as_array().unwrap());
        let live = rows.filter(|row| row[time].as_i64().is_some_and(|at| at > start));
        let named = live.filter(|row| is_meant(row)).map(|row| row[name].as_str().unwrap());
        let mut named: Vec<String> = named.map(str::to_owned).collect();
        named.sort();
        named
    };
    let told = |name: &str| {
        let mut told: Vec<String> = serde_json::from_value(heard[name].clone()).unwrap();
        told.sort();
        told
    };
    let is_ban = |row: &Value| row["action"] == 0;
    assert_eq!(told("bans"), of("acts", "at_ms", "target", &is_ban));
    assert_eq!(told("departures"), of("stays", "left_ms", "member", &|_| true));
    assert_eq!(told("invites"), of("invites", "created_ms", "code", &|_| true));
    let joined = of("stays", "joined_ms", "member", &|_| true);
    let came = told("joins");
    assert!(!joined.is_empty() && joined.iter().all(|member| came.contains(member)));
    let entries = told("entries");
    let bans = of("acts", "at_ms", "audit", &is_ban);
    assert!(!bans.is_empty() && bans.iter().all(|entry| entries.contains(entry)), "{entries:?}");
}

fn folder(client: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/foreign").join(client)
}

fn prepared(path: &Path) {
    assert!(
        path.exists(),
        "{} is missing: run `cargo xtask test`, which installs the foreign clients",
        path.display()
    );
}
