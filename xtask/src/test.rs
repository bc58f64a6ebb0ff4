//! `cargo xtask test`: every check of the project, in the order in which a failure is cheapest to find.

use crate::postgres::{Postgres, URL_VARIABLE};
use crate::prepare::{self, npm};
use crate::shell::{cargo, command, root, run as run_command};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Instant;

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: [Step; 8] = [
    Step { name: "format", about: "stable rustfmt finds nothing to change", run: format },
    Step { name: "tidy", about: "the rules of the house", run: crate::tidy::run },
    Step { name: "web", about: "web app: client up to date, types, build", run: web },
    Step { name: "web-unit", about: "web app: unit and component tests", run: web_unit },
    Step { name: "lints", about: "clippy without a warning", run: lints },
    Step {
        name: "rust",
        about: "unit tests, stories, both engines, foreign clients, truth",
        run: rust,
    },
    Step { name: "docs", about: "the documentation builds without a broken link", run: docs },
    Step { name: "browser", about: "the demo in Chromium: pages, axe, budgets", run: browser },
];

/// Runs all steps, or those named after `--only`; every step runs even if an earlier one failed.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--list") {
        STEPS.iter().for_each(|step| println!("{:10} {}", step.name, step.about));
        return Ok(());
    }
    let wanted = wanted_steps(arguments)?;
    let mut failures = Vec::new();
    let mut report = Vec::new();
    for step in &wanted {
        println!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)();
        let seconds = start.elapsed().as_secs();
        let word = if outcome.is_ok() { "passed" } else { "FAILED" };
        report.push(format!("{:10} {word} in {seconds} s", step.name));
        if let Err(error) = outcome {
            eprintln!("{} FAILED: {error:#}", step.name);
            failures.push(step.name);
        }
    }
    println!("\n{}", report.join("\n"));
    println!("steps: {} passed, {} failed", wanted.len() - failures.len(), failures.len());
    if failures.is_empty() {
        return Ok(());
    }
    bail!("again: cargo xtask test --only {}", failures.join(","))
}

fn wanted_steps(arguments: &[String]) -> Result<Vec<&'static Step>> {
    let Some(position) = arguments.iter().position(|argument| argument == "--only") else {
        if let Some(unknown) = arguments.first() {
            bail!("unknown argument {unknown:?}; there are --only STEP[,STEP] and --list");
        }
        return Ok(STEPS.iter().collect());
    };
    let names =
        arguments.get(position + 1).context("--only wants the names of steps, see --list")?;
    let find = |name| {
        let step = STEPS.iter().find(|step| step.name == name);
        step.with_context(|| format!("there is no step {name:?}, see --list"))
    };
    names.split(',').map(find).collect()
}

fn format() -> Result<()> {
    run_command(&mut cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    run_command(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

fn rust() -> Result<()> {
    prepare::npm_packages("tests/foreign/discordjs")?;
    prepare::python_client()?;
    prepare::twilight_client()?;
    let postgres = Postgres::start()?;
    run_command(cargo(&["test", "--workspace", "--no-fail-fast"]).env(URL_VARIABLE, postgres.url()))
}

fn docs() -> Result<()> {
    run_command(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private_intra_doc_links"),
    )
}

fn web() -> Result<()> {
    prepare::npm_packages("web")?;
    let client = root().join("web/src/lib/api");
    let before = fingerprint(&client)?;
    run_command(&mut npm("web", &["run", "api"]))?;
    if fingerprint(&client)? != before {
        bail!(
            "web/src/lib/api differs from crates/vigie-api/openapi.json: run `cargo xtask codegen` and commit"
        );
    }
    run_command(&mut npm("web", &["run", "check"]))?;
    prepare::web_app()
}

fn web_unit() -> Result<()> {
    prepare::chromium()?;
    prepare::npm_packages("web")?;
    run_command(&mut npm("web", &["test"]))
}

fn browser() -> Result<()> {
    let demo = demo()?;
    run_command(npm("web", &["run", "e2e"]).env("VIGIE_E2E_URL", &demo.address))
}

/// Holds the page's budgets of time, on a machine that does nothing else: for `cargo xtask bench page`.
pub fn page_budgets() -> Result<()> {
    let demo = demo()?;
    let mut budgets = npm("web", &["run", "e2e", "--", "budget"]);
    run_command(budgets.env("VIGIE_E2E_URL", &demo.address).env("VIGIE_E2E_TIMED", "1"))
}

/// A demo of this tree, and a browser to look at it.
fn demo() -> Result<Demo> {
    prepare::chromium()?;
    prepare::web_app()?;
    Demo::start(&prepare::binary()?)
}

/// A running `vigie demo` on a free port, ended by its pid when dropped.
struct Demo {
    process: Child,
    address: String,
}

impl Demo {
    fn start(binary: &std::path::Path) -> Result<Self> {
        let mut process = command(binary, &["demo", "--listen", "127.0.0.1:0", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the demo")?;
        let output = process.stdout.take().expect("standard output was piped");
        let mut lines = BufReader::new(output).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| ready_address(&line));
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Self { process, address }),
            None => bail!("the demo ended before it was ready: {}", process.wait()?),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = command("kill", &["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

fn ready_address(line: &str) -> Option<String> {
    let event: serde_json::Value = serde_json::from_str(line).ok()?;
    (event["event"] == "ready").then(|| event["address"].as_str().map(str::to_owned))?
}

/// Names and contents of all files below a folder.
fn fingerprint(folder: &std::path::Path) -> Result<Vec<(std::path::PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.clone(), std::fs::read(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}
