//! Child processes of the binary: readiness is the JSON line they print, their end is by their own pid.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The binary under test.
#[derive(Clone, Debug)]
pub struct Binary(PathBuf);

/// A running `vigie …`.
pub struct Process {
    child: Child,
    /// The JSON line that it printed when ready.
    pub ready: Value,
}

impl Binary {
    /// The binary at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Starts it and waits for its ready line; panics with its exit status when it ends before.
    pub fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments, environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .find(|value| value["event"] == "ready");
        let Some(ready) = ready else {
            let status = child.wait().expect("it can be waited for");
            panic!("vigie {arguments:?} ended before it was ready: {status}");
        };
        std::thread::spawn(move || lines.for_each(drop));
        Process { child, ready }
    }

    /// Runs it until it ends, which must be a failure; gives what it said on standard error.
    pub fn fails(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let mut command = self.command(arguments, environment);
        let output = command.stdin(Stdio::null()).output().expect("the binary starts");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it did not fail: {message}");
        message
    }

    /// The binary with these settings alone: none of those that the caller itself was started with.
    fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(&self.0);
        let ours = std::env::vars_os().map(|(name, _)| name);
        let ours = ours.filter(|name| name.to_string_lossy().starts_with("VIGIE_"));
        ours.for_each(|name| {
            command.env_remove(name);
        });
        command.env_remove("DISCORD_TOKEN").args(arguments).envs(environment.iter().copied());
        command
    }
}

impl Process {
    /// A text of the ready line.
    pub fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.ready))
    }

    /// Kills it without a word (SIGKILL) and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    /// Sends SIGINT and waits; gives the time it took and whether it ended well.
    pub fn interrupt(&mut self) -> (Duration, bool) {
        let start = Instant::now();
        signal(self.child.id(), "-INT");
        let status = self.child.wait().unwrap();
        (start.elapsed(), status.success())
    }
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
