//! A throw-away PostgreSQL on 127.0.0.1 for the tests: own data folder, own port, ended by its own pid.

use crate::shell::{command, is_root, run};
use crate::{prepare, shell};
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The variable that names the server to the tests.
pub const URL_VARIABLE: &str = "VIGIE_TEST_POSTGRES_URL";

/// A running server, ended and removed when dropped.
pub struct Postgres {
    server: Child,
    folder: PathBuf,
    url: String,
}

impl Postgres {
    /// Installs PostgreSQL where it is missing, then starts a server with an empty cluster.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("vigie-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            // PostgreSQL refuses to run as root; Debian's package brings the user `postgres`.
            run(&mut command("chown", &["postgres", &folder.to_string_lossy()]))?;
        }
        let data = folder.join("data");
        let data_text = data.to_string_lossy().into_owned();
        let initdb = programs.join("initdb").to_string_lossy().into_owned();
        let arguments =
            ["-D", &data_text, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"];
        shell::output(&mut as_postgres(&initdb, &arguments))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".into(),
            format!("unix_socket_directories={}", folder.display()),
            "max_connections=200".into(),
            // Nothing here outlives the run: durability would only cost time.
            "fsync=off".into(),
            "full_page_writes=off".into(),
        ];
        let postgres = programs.join("postgres").to_string_lossy().into_owned();
        let mut arguments = vec!["-D", &data_text];
        settings.iter().for_each(|setting| arguments.extend(["-c", setting]));
        let log = std::fs::File::create(folder.join("server.log"))?;
        let server = as_postgres(&postgres, &arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut this = Self { server, folder, url };
        this.wait_until_ready(&programs, port)?;
        Ok(this)
    }

    /// `postgres://…` of its superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&mut self, programs: &std::path::Path, port: u16) -> Result<()> {
        let ready = programs.join("pg_isready");
        for _ in 0..300 {
            if let Some(status) = self.server.try_wait()? {
                let log =
                    std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                bail!("postgres ended with {status}:\n{log}");
            }
            let mut probe = Command::new(&ready);
            probe.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if probe.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        bail!("postgres did not become ready within 30 s; see {}", self.folder.display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT to the postmaster itself is its "fast shutdown"; under root the child is runuser, whose child it is.
        if let Ok(text) = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))
            && let Some(pid) = text.lines().next()
        {
            let _ = Command::new("kill").args(["-INT", pid.trim()]).status();
        }
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `cargo xtask postgres`: a server for work by hand, until its input ends or Ctrl-C.
pub fn run_until_interrupted() -> Result<()> {
    let postgres = Postgres::start()?;
    println!("{URL_VARIABLE}={}", postgres.url());
    println!("Press Enter to stop it.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

fn as_postgres(program: &str, arguments: &[&str]) -> Command {
    if !is_root() {
        return command(program, arguments);
    }
    let mut words = vec!["-u", "postgres", "--", program];
    words.extend(arguments);
    let mut command = command("runuser", &words);
    command.current_dir("/");
    command
}

/// The folder of initdb, postgres and pg_isready, newest version first; installed when absent.
fn programs() -> Result<PathBuf> {
    if let Some(found) = newest_installed() {
        return Ok(found);
    }
    prepare::debian_packages(&["postgresql"])?;
    newest_installed().context("the package postgresql brought no initdb below /usr/lib/postgresql")
}

fn newest_installed() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(version, folder)| *version >= 15 && folder.join("initdb").is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}
