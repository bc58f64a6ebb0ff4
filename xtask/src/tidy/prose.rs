//! Paths named in prose exist; nothing unfinished is committed; the repository speaks of the product alone.

use super::File;
use crate::shell::root;

/// Folders whose names in backticks are taken as paths of this repository.
const PATH_ROOTS: [&str; 9] =
    ["crates/", "web/", "xtask/", "docs/", "tests/", "fuzz/", "deploy/", ".ci/", ".cargo/"];

/// Marks of unfinished work. Written in two halves so that this list does not find itself.
const UNFINISHED: [(&str, &str); 5] =
    [("TO", "DO"), ("FIX", "ME"), ("todo", "!("), ("unimpl", "emented!("), ("#[ign", "ore")];

/// Paths of a machine.
const MACHINE: [(&str, &str); 3] = [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/")];

/// Checks every tracked text.
pub fn check(files: &[File], breaches: &mut Vec<String>) {
    for file in files.iter().filter(|file| !is_generated(&file.path)) {
        if file.path.ends_with(".md") {
            check_paths(file, breaches);
        }
        for (number, line) in file.text.lines().enumerate() {
            let place = format!("{}:{}", file.path, number + 1);
            let has = |(head, tail): &(&str, &str)| line.contains(&format!("{head}{tail}"));
            if let Some((head, tail)) = UNFINISHED.iter().find(|mark| has(mark)) {
                breaches.push(format!("{place}: {head}{tail}: finish it or leave it out"));
            }
            if MACHINE.iter().any(has) {
                breaches.push(format!("{place}: a path of one machine"));
            }
        }
    }
}

fn is_generated(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "Cargo.lock" || name == "package-lock.json" || path.starts_with("web/src/lib/api/")
}

fn check_paths(file: &File, breaches: &mut Vec<String>) {
    for (number, line) in file.text.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2) {
            let path = quoted.split(':').next().unwrap_or(quoted).trim_end_matches('/');
            let is_path = PATH_ROOTS.iter().any(|root| quoted.starts_with(root));
            let is_pattern = path.contains(['*', '{', '<', ' ', '…', '[']);
            // What a build makes is not in the repository.
            let is_made = path.starts_with("web/build");
            if is_path && !is_pattern && !is_made && !root().join(path).exists() {
                breaches.push(format!("{}:{}: `{quoted}` does not exist", file.path, number + 1));
            }
        }
    }
}
