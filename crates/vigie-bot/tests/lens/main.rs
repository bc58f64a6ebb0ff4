//! The lenses against fixtures, against a slow reader made by another road, and against hostile texts.

mod hostile;
mod json;
mod properties;
mod reference;

use std::fmt::Write as _;
use std::path::Path;

use vigie_bot::lens;

/// Every fixture by name, in order.
fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = std::fs::read_dir(folder).expect("the fixtures are part of the repository");
    let mut fixtures: Vec<(String, String)> = entries
        .map(|entry| {
            let path = entry.expect("readable folder").path();
            let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("readable fixture"))
        })
        .collect();
    fixtures.sort();
    fixtures
}

#[test]
fn every_fixture_reads_as_it_should() {
    let mut all = String::new();
    for (name, text) in fixtures() {
        match lens::read(&text) {
            Ok(read) => writeln!(all, "{name}: {read:?}"),
            Err(set_aside) => writeln!(all, "{name}: {set_aside}"),
        }
        .expect("writing to a string");
    }
    insta::assert_snapshot!("fixtures", all);
}

#[test]
fn the_slow_reader_agrees_on_every_fixture() {
    for (name, text) in fixtures() {
        let value = serde_json::from_str(&text).expect("fixtures are JSON");
        reference::assert_agrees(&text, &value, &name);
    }
}
