//! `cargo xtask tidy`: the rules of the house that a machine can hold. A rule stands in STYLE.md and here, or in neither.

mod arrows;
mod families;
mod prose;
mod sizes;

use crate::shell::{command, output, root};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Checks every rule and lists every breach.
pub fn run() -> Result<()> {
    let files = tracked_files()?;
    let mut breaches = Vec::new();
    arrows::check(&mut breaches)?;
    families::check(&files, &mut breaches);
    prose::check(&files, &mut breaches);
    sizes::check(&files, &mut breaches)?;
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    match breaches.len() {
        0 => {
            println!("tidy: {} files, no breach", files.len());
            Ok(())
        }
        count => bail!("{count} breaches of the rules in STYLE.md"),
    }
}

/// A file that git tracks (or would), with its text.
pub struct File {
    /// Relative to the root, with forward slashes.
    pub path: String,
    /// Empty for files that are not UTF-8.
    pub text: String,
}

fn tracked_files() -> Result<Vec<File>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let names = output(&mut command("git", &list))?;
    let mut files: Vec<File> = names
        .lines()
        .filter(|path| root().join(path).is_file())
        .map(|path| File { path: path.to_owned(), text: read(&root().join(path)) })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read(path: &PathBuf) -> String {
    std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
