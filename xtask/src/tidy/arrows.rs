//! Which crate may know which, and which licences and libraries may come in.

use crate::shell::{cargo, output};
use anyhow::{Context, Result};
use serde_json::Value;

/// All arrows between our crates. `*` knows every crate. A crate that is not here is a breach.
const ARROWS: [(&str, &[&str]); 13] = [
    ("vigie-core", &[]),
    ("vigie-relay", &[]),
    ("vigie-wire", &["vigie-core"]),
    ("vigie-world", &["vigie-core"]),
    ("vigie-store", &["vigie-core"]),
    ("vigie-bot", &["vigie-core", "vigie-wire", "vigie-relay"]),
    ("vigie-ingest", &["vigie-core", "vigie-wire", "vigie-relay", "vigie-store"]),
    ("vigie-api", &["vigie-core", "vigie-store"]),
    ("vigie-sim", &["vigie-core", "vigie-world"]),
    ("vigie", &["*"]),
    ("vigie-bench", &["*"]),
    ("vigie-vopr", &["*"]),
    ("xtask", &[]),
];

/// Crates without IO: what they may use from outside, so that no clock, socket or file comes in by the back door.
const NO_IO: [(&str, &[&str]); 3] = [
    ("vigie-core", &["hashbrown", "rustc-hash"]),
    ("vigie-wire", &["thiserror"]),
    ("vigie-world", &["serde", "serde_json", "hashbrown", "rustc-hash", "thiserror"]),
];

const LICENCES: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
    "Unlicense",
    "CDLA-Permissive-2.0",
    "0BSD",
];

/// Libraries that must not be in the tree, and why.
const BANNED: [(&str, &str); 2] = [
    (
        "aws-lc-rs",
        "a second TLS provider beside ring makes rustls panic at its first configuration",
    ),
    ("openssl-sys", "TLS is rustls: one binary, no system library"),
];

/// Reads `cargo metadata` and compares.
pub fn check(breaches: &mut Vec<String>) -> Result<()> {
    let text = output(&mut cargo(&["metadata", "--format-version=1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("metadata without packages")?;
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        match package["source"].is_null() {
            true => check_ours(name, package, breaches),
            false => check_foreign(name, package, breaches),
        }
    }
    Ok(())
}

fn check_ours(name: &str, package: &Value, breaches: &mut Vec<String>) {
    let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
        breaches.push(format!("crate {name} has no place in ARROWS of xtask/src/tidy/arrows.rs"));
        return;
    };
    let no_io = NO_IO.iter().find(|(crate_name, _)| *crate_name == name);
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let to = dependency["name"].as_str().unwrap_or_default();
        if !dependency["kind"].is_null() {
            continue; // dev- and build-dependencies are not in the product
        }
        let ours = to == "vigie" || to.starts_with("vigie-");
        if ours && !allowed.contains(&to) && !allowed.contains(&"*") {
            breaches.push(format!("{name} must not know {to}: see the arrows in ARCHITECTURE.md"));
        }
        if let Some((_, libraries)) = no_io
            && !ours
            && !libraries.contains(&to)
        {
            breaches.push(format!("{name} does no IO and may not use {to}: see NO_IO in tidy"));
        }
    }
}

fn check_foreign(name: &str, package: &Value, breaches: &mut Vec<String>) {
    if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        breaches.push(format!("{name} is in the dependency tree: {why}"));
    }
    let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
    let fits = |choice: &str| {
        let parts = choice.split(" AND ").map(|part| part.trim_matches(['(', ')', ' ']));
        parts.into_iter().all(|part| LICENCES.contains(&part))
    };
    // "A AND (B OR C)" is read as a choice between "A AND (B" and "C)": lenient, and enough for the trees at hand.
    if !licence.split(" OR ").any(fits) {
        breaches
            .push(format!("{name} has the licence {licence:?}, which is not on the list in tidy"));
    }
}
