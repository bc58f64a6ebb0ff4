//! Bringing a fresh machine to where the demo and the tests can run: Debian packages, npm and PyPI packages, the web app.
//!
//! Each step looks first and acts only when something is missing or older than what it is made from, so a second run costs
//! nothing. Only package registries are asked, never at run time of the product.

use crate::shell::{cargo, command, is_root, output, root, run, which};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The web app, built into `web/build` (which the binary embeds).
pub fn web_app() -> Result<()> {
    npm_packages("web")?;
    let web = root().join("web");
    let built = modified(&web.join("build/index.html"));
    let sources = ["src", "static", "scripts", "package-lock.json", "vite.config.ts"];
    let newest = sources.iter().filter_map(|source| newest_below(&web.join(source))).max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    run(&mut npm("web", &["run", "build"]))
}

/// The npm packages of one folder, exactly as its lock file names them.
pub fn npm_packages(folder: &str) -> Result<()> {
    need(
        "npm",
        "install Node.js 20 or newer with npm 10 or newer (Debian: apt-get install nodejs npm)",
    )?;
    let folder_path = root().join(folder);
    let lock = modified(&folder_path.join("package-lock.json"))
        .with_context(|| format!("{folder}/package-lock.json is missing"))?;
    let stamp = folder_path.join("node_modules/.package-lock.json");
    if modified(&stamp).is_some_and(|installed| installed >= lock) {
        return Ok(());
    }
    run(&mut npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    touch(&stamp)
}

/// npm in one folder of the repository.
pub fn npm(folder: &str, arguments: &[&str]) -> Command {
    let mut npm = command("npm", arguments);
    npm.current_dir(root().join(folder));
    npm
}

/// discord.py in a virtual environment beside its script.
pub fn python_client() -> Result<()> {
    let folder = root().join("tests/foreign/discordpy");
    let requirements = folder.join("requirements.txt");
    let stamp = folder.join(".venv/prepared");
    if modified(&stamp) >= modified(&requirements) && stamp.is_file() {
        return Ok(());
    }
    if output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_err() {
        debian_packages(&["python3", "python3-venv"])?;
    }
    run(command("python3", &["-m", "venv", ".venv"]).current_dir(&folder))?;
    let pip = folder.join(".venv/bin/pip");
    run(command(
        &pip,
        &["install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
    )
    .current_dir(&folder))?;
    touch(&stamp)
}

/// A twilight with zlib instead of zstd: a crate outside the workspace, which would unite the features of both.
pub fn twilight_client() -> Result<()> {
    let manifest = "tests/foreign/twilight-zlib/Cargo.toml";
    let folder = "tests/foreign/twilight-zlib/target";
    run(&mut cargo(&["build", "--locked", "--manifest-path", manifest, "--target-dir", folder]))
}

/// Chromium from Debian's packages; gives its path.
pub fn chromium() -> Result<PathBuf> {
    if let Some(found) = which("chromium") {
        return Ok(found);
    }
    // Without a font of its own Chromium draws every emoji as an empty box.
    debian_packages(&["chromium", "fonts-noto-color-emoji"])?;
    which("chromium").context("the package chromium brought no program of that name")
}

/// Installs Debian packages, or says how to.
pub fn debian_packages(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if which("apt-get").is_none() {
        bail!("missing: {wanted}; install them with this system's package manager and try again");
    }
    let mut prefix: Vec<&str> = Vec::new();
    if !is_root() {
        if which("sudo").is_none() {
            bail!("missing: {wanted}; as root: apt-get install {wanted}");
        }
        prefix.extend(["sudo", "-n"]);
    }
    let apt = |arguments: &[&str]| {
        let mut words = prefix.clone();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        words.extend(arguments);
        run(&mut command(words[0], &words[1..]))
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
        .with_context(|| format!("cannot install {wanted}; as root: apt-get install {wanted}"))
}

/// The product's binary in the profile that the demo and the browser tests run; gives its path.
pub fn binary() -> Result<PathBuf> {
    run(&mut cargo(&["build", "--profile", "fast", "--package", "vigie", "--bin", "vigie"]))?;
    Ok(target_folder()?.join("fast/vigie"))
}

/// Cargo's target folder, wherever it was configured to be.
pub fn target_folder() -> Result<PathBuf> {
    let metadata = output(&mut cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target")?;
    Ok(PathBuf::from(folder))
}

fn need(program: &str, remedy: &str) -> Result<()> {
    match which(program) {
        Some(_) => Ok(()),
        None => bail!("{program} is missing: {remedy}"),
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn newest_below(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries.flatten().filter_map(|entry| newest_below(&entry.path())).max()
}

fn touch(file: &Path) -> Result<()> {
    let contents = std::fs::read(file).unwrap_or_default();
    std::fs::write(file, contents).with_context(|| format!("cannot write {}", file.display()))
}
