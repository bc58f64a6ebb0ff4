//! One family = one file per stage; migrations come in pairs; modules say what they are.

use super::File;

/// The families that exist so far. A new one brings all its files.
const FAMILIES: [&str; 7] =
    ["activity", "voice", "coverage", "guilds", "members", "moderation", "invites"];

/// Where each stage keeps a family's file.
const STAGES: [&str; 3] = [
    "crates/vigie-core/src/{}.rs",
    "crates/vigie-store/src/{}.rs",
    "crates/vigie-api/src/routes/{}.rs",
];

const MIGRATIONS: &str = "crates/vigie-store/migrations/";

/// Checks all three.
pub fn check(files: &[File], breaches: &mut Vec<String>) {
    let exists = |path: &str| files.iter().any(|file| file.path == path);
    for (family, stage) in FAMILIES.iter().flat_map(|family| STAGES.map(|stage| (family, stage))) {
        let path = stage.replace("{}", family);
        if !exists(&path) {
            breaches.push(format!("the family {family} has no {path}"));
        }
    }
    for file in files.iter().filter(|file| file.path.starts_with(MIGRATIONS)) {
        let twin = match file.path.contains("/sqlite/") {
            true => file.path.replace("/sqlite/", "/postgres/"),
            false => file.path.replace("/postgres/", "/sqlite/"),
        };
        if !exists(&twin) {
            breaches.push(format!("{} has no twin {twin}", file.path));
        }
    }
    for file in files.iter().filter(|file| is_rust_source(&file.path)) {
        if !file.text.starts_with("//!") && !file.text.starts_with("#![doc") {
            breaches.push(format!("{} does not begin with what it is (//!)", file.path));
        }
        if file.path.ends_with("/mod.rs") {
            breaches.push(format!("{}: modules are name.rs beside name/", file.path));
        }
    }
}

fn is_rust_source(path: &str) -> bool {
    path.ends_with(".rs") && (path.contains("/src/") || path.contains("/tests/"))
}
