//! The lenses against fixtures, against a slow reader made by another road, and against hostile texts.

mod hostile;
mod json;
mod properties;
mod reference;

use std::fmt::Write as _;
use std::path::Path;

use vigie_bot::lens;
use vigie_bot::readings::Answer;
use vigie_core::PageRequest;
use vigie_core::vocabulary::{AuditId, ChannelId, GuildId, MessageId, ReadingRequest, UserId};

/// Every fixture by name, in order.
fn fixtures() -> Vec<(String, String)> {
    files("tests/fixtures")
}

/// Answers to requests for a channel's history, by name, in order.
fn pages() -> Vec<(String, String)> {
    files("tests/lens/history")
}

/// Answers to readings of guilds: their kind, name and text.
fn answers() -> Vec<(&'static str, String, String)> {
    let of = |kind: &'static str| {
        files(&format!("tests/lens/{kind}")).into_iter().map(move |(name, text)| (kind, name, text))
    };
    ["members", "audits", "invites"].into_iter().flat_map(of).collect()
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
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

#[test]
fn every_page_reads_as_it_should() {
    let (guild, channel) =
        (GuildId(1_187_654_321_098_765_432), ChannelId(1_187_654_321_098_765_501));
    let request = PageRequest { guild, channel, after: MessageId(1_290_111_222_333_443_999) };
    let mut all = String::new();
    for (name, text) in pages().into_iter().filter(|(name, _)| name != "full") {
        match lens::read_history(&text, &request) {
            Ok(page) => writeln!(all, "{name}: {page:?}"),
            Err(set_aside) => writeln!(all, "{name}: {set_aside}"),
        }
        .expect("writing to a string");
    }
    insta::assert_snapshot!("pages", all);
}

#[test]
fn the_slow_reader_agrees_on_every_page() {
    for (name, text) in pages() {
        let value = serde_json::from_str(&text).expect("pages are JSON");
        reference::assert_history_agrees(&text, &value, &name);
    }
}

#[test]
fn every_answer_reads_as_it_should() {
    let guild = GuildId(1_187_654_321_098_765_432);
    let requests = |kind| match kind {
        "members" => ReadingRequest::Members { guild, after: UserId(1) },
        "audits" => ReadingRequest::Audits { guild, after: AuditId(1) },
        _ => ReadingRequest::Invites { guild, vanity: true },
    };
    let mut all = String::new();
    for (kind, name, text) in answers() {
        let vanity = Some(r#"{"code":"engine","uses":12}"#.to_owned());
        match (Answer { text, vanity }).fact(requests(kind)) {
            Ok(fact) => writeln!(all, "{kind} {name}: {fact:?}"),
            Err(set_aside) => writeln!(all, "{kind} {name}: {set_aside}"),
        }
        .expect("writing to a string");
    }
    insta::assert_snapshot!("answers", all);
}

#[test]
fn the_slow_reader_agrees_on_every_answer() {
    for (kind, name, text) in answers() {
        let value = serde_json::from_str(&text).expect("answers are JSON");
        reference::assert_answer_agrees(kind, &text, &value, &name);
    }
}

#[test]
fn a_vanity_address_is_read_with_its_counter_or_not_at_all() {
    let vanity = |text: &str| {
        let list = lens::read_invites("[]", Some(text), GuildId(1)).expect("a list");
        list.vanity.map(|(code, uses)| (code.into_owned(), uses))
    };
    assert_eq!(vanity(r#"{"code":"engine","uses":12}"#), Some(("engine".to_owned(), 12)));
    for text in [
        r#"{"code":null,"uses":0}"#,
        r#"{"code":"engine"}"#,
        r#"{"message":"Missing Access","code":50001}"#,
        r#"{"code":"engine","uses":12"#,
        "[]",
        "",
    ] {
        assert_eq!(vanity(text), None, "{text}");
    }
}

#[test]
fn a_full_page_is_followed_by_another_and_is_oldest_first() {
    let request = PageRequest { guild: GuildId(1), channel: ChannelId(2), after: MessageId(3) };
    let (_, text) = pages().into_iter().find(|(name, _)| name == "full").expect("it is there");
    let page = lens::read_history(&text, &request).expect("a page");
    assert!(page.more && page.messages.len() == 100);
    assert!(page.messages.is_sorted_by_key(|fact| fact.message));
    assert_eq!(page.newest, page.messages.last().map(|fact| fact.message));
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let shorter = serde_json::to_string(&entries[1..]).expect("a list");
    assert!(!lens::read_history(&shorter, &request).expect("a page").more);
}
