//! Child processes of the binary: readiness is the JSON line they print, their end is by their own pid.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running `vigie …`.
pub struct Process {
    child: Child,
    /// The JSON line that it printed when ready.
    pub ready: Value,
}

impl Process {
    /// Starts the binary and waits for its ready line; panics with its exit status when it ends before.
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = vigie(arguments, environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .find(|value| value["event"] == "ready");
        let Some(ready) = ready else {
            panic!("vigie {arguments:?} ended before it was ready: {}", child.wait().unwrap());
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, ready }
    }

    /// A text of the ready line.
    pub fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.ready))
    }

    /// Sends SIGINT and waits; gives the time it took and whether it ended well.
    pub fn interrupt(&mut self) -> (Duration, bool) {
        let start = Instant::now();
        signal(self.child.id(), "-INT");
        let status = self.child.wait().unwrap();
        (start.elapsed(), status.success())
    }
}

/// The binary with these settings alone: none of those that the tests themselves were started with.
fn vigie(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    let ours = ours.filter(|name| name.to_string_lossy().starts_with("VIGIE_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    command.env_remove("DISCORD_TOKEN").args(arguments).envs(environment.iter().copied());
    command
}

/// Runs the binary until it ends, which must be a failure; gives what it said on standard error.
pub fn fails(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = vigie(arguments, environment).stdin(Stdio::null()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it did not fail: {message}");
    message
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().ok().flatten().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn signal(pid: u32, signal: &str) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "cannot signal {pid}");
}
