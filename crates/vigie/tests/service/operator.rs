//! What an operator may get wrong: each error names the cause and the remedy, and the process ends.

use crate::vigie;
use vigie_vopr::service::process::Process;

/// An address where nothing listens: bound and released.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn check(environment: &[(&str, &str)], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let defaults = [
        ("VIGIE_DATA_DIR", data.as_str()),
        ("VIGIE_API__LISTEN", "127.0.0.1:0"),
        ("DISCORD_TOKEN", "any"),
    ];
    let environment: Vec<_> = defaults.into_iter().chain(environment.iter().copied()).collect();
    let message = vigie().fails(&["serve"], &environment);
    for words in expected {
        assert!(message.contains(words), "{words:?} is not in: {message}");
    }
}

fn simulator(arguments: &[&str]) -> Process {
    let mut all = vec!["sim", "--listen", "127.0.0.1:0", "--control"];
    all.extend(arguments);
    vigie().start(&all, &[])
}

#[test]
fn no_token() {
    check(&[("DISCORD_TOKEN", "")], &["no bot token", "DISCORD_TOKEN", "vigie demo"]);
}

#[test]
fn token_refused() {
    let sim = simulator(&["--token", "the-right-one"]);
    let environment = [
        ("DISCORD_TOKEN", "a-wrong-one"),
        ("VIGIE_DISCORD__API_URL", sim.text("api_url")),
        ("VIGIE_DISCORD__GATEWAY_URL", sim.text("gateway_url")),
    ];
    check(&environment, &["refused the bot token", "developers/applications", "Reset Token"]);
}

#[test]
fn discord_unreachable() {
    let url = format!("http://127.0.0.1:{}/api", closed_port());
    check(&[("VIGIE_DISCORD__API_URL", &url)], &["no gateway to be had", "discord.api_url"]);
}

#[test]
fn database_unreachable() {
    let url = format!("postgres://vigie@127.0.0.1:{}/vigie", closed_port());
    check(&[("VIGIE_DATABASE_URL", &url)], &["database", "database_url"]);
}

#[test]
fn port_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(&[("VIGIE_API__LISTEN", &address)], &["is taken", "api.listen"]);
}

#[test]
fn another_machine_is_not_served() {
    check(&[("VIGIE_API__LISTEN", "0.0.0.0:0")], &["this machine only", "127.0.0.1"]);
}

#[test]
fn misspelt_setting() {
    check(&[("VIGIE_API__LISTENN", "127.0.0.1:0")], &["listenn"]);
}

#[test]
fn folder_in_use() {
    let sim = simulator(&["--events-per-second", "0"]);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let environment = [
        ("DISCORD_TOKEN", "any"),
        ("VIGIE_DATA_DIR", data.as_str()),
        ("VIGIE_API__LISTEN", "127.0.0.1:0"),
        ("VIGIE_DISCORD__API_URL", sim.text("api_url")),
        ("VIGIE_DISCORD__GATEWAY_URL", sim.text("gateway_url")),
    ];
    let _first = vigie().start(&["serve", "--json"], &environment);
    let message = vigie().fails(&["serve"], &environment);
    assert!(message.contains("outbox") && message.contains("another"), "{message}");
}

#[test]
fn the_example_of_all_settings_is_printed() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_vigie"))
        .args(["serve", "--print-example-config"])
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("flush_interval_ms = 60000"));
}
