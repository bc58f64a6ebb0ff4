//! A RESUME that is refused: what was missed is read again by exactly the pages that it takes, and the rest is blind.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_core::vocabulary::CoverageFamily;

use super::database::{Database, Kind};
use super::process::Binary;
use super::run::{get, post, start_service, start_simulator};
use crate::rows::Span;
use crate::totals::Totals;

/// Messages on a page of history. Source: Discord, "Messages Resource", Get Channel Messages.
const PAGE_MESSAGES: u64 = 100;

/// Kills the service, lets Discord forget its session while life goes on for `away`, starts it again; gives what is wrong.
pub fn run(binary: &Binary, kind: Kind, events_per_second: u32, away: Duration) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = Database::create(kind, &runtime);
    let sim = start_simulator(binary, 5, 8);
    let control = sim.text("control_url").to_owned();
    let traffic = |events_per_second: u32| {
        let body = json!({ "events_per_second": events_per_second });
        runtime.block_on(post(&format!("{control}/traffic"), &body));
    };
    let state = || runtime.block_on(get(&format!("{control}/state")));
    let service = start_service(binary, &sim, &database);
    traffic(events_per_second);
    std::thread::sleep(Duration::from_secs(5));
    // In the quiet before the kill everything becomes durable: what is missed is then known to the message.
    traffic(0);
    std::thread::sleep(Duration::from_secs(1));
    service.kill();
    let before = state();
    runtime.block_on(post(&format!("{control}/fault"), &json!({ "kind": "forget_session" })));
    traffic(events_per_second);
    std::thread::sleep(away);
    traffic(0);
    let missed = made(&before, &state());
    let mut service = start_service(binary, &sim, &database);
    let mut found = runtime.block_on(wait_until_whole(&control, &database));
    found.extend(requests(&missed, &state()));
    found.extend(spans(&runtime.block_on(database.rows().coverage())));
    service.interrupt();
    runtime.block_on(database.remove());
    found
}

/// Messages made in each channel between two states.
fn made(before: &Value, after: &Value) -> BTreeMap<String, u64> {
    let channels = after["messages_made"].as_object().into_iter().flatten();
    channels
        .map(|(channel, count)| {
            let earlier = before["messages_made"][channel].as_u64().unwrap_or(0);
            (channel.clone(), count.as_u64().unwrap() - earlier)
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

async fn wait_until_whole(control: &str, database: &Database) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(90);
    let truth = get(&format!("{control}/truth")).await;
    let messages = |totals: &Totals| {
        let mut sums = totals.in_sum();
        sums.retain(|key, _| key.1 > 0);
        sums
    };
    let (mut expected, deleted) = (messages(&Totals::from_truth(&truth)), Totals::deleted(&truth));
    expected.retain(|key, _| !deleted.contains_key(key));
    loop {
        let mut stored = messages(&database.rows().totals().await);
        stored.retain(|key, _| !deleted.contains_key(key));
        if stored == expected {
            println!("{} cells of messages equal the truth", stored.len());
            return Vec::new();
        }
        if Instant::now() > deadline {
            let differing = expected.iter().filter(|(key, row)| stored.get(key) != Some(row));
            return differing
                .take(20)
                .map(|(key, row)| format!("{key:?}: truth {row:?}, stored {:?}", stored.get(key)))
                .collect();
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// No more requests than the missed messages fill pages, and none for a channel in which nothing was missed.
fn requests(missed: &BTreeMap<String, u64>, state: &Value) -> Vec<String> {
    let rest = &state["rest"]["GET /channels/{id}/messages"];
    let asked: BTreeMap<String, u64> = rest
        .as_object()
        .into_iter()
        .flatten()
        .map(|(channel, count)| (channel.clone(), count.as_u64().unwrap()))
        .collect();
    println!(
        "{} messages missed in {} channels, {} requests",
        missed.values().sum::<u64>(),
        missed.len(),
        asked.values().sum::<u64>()
    );
    let mut found = Vec::new();
    for (channel, count) in missed {
        let pages = count.div_ceil(PAGE_MESSAGES);
        let requests = asked.get(channel).copied().unwrap_or(0);
        // Deleted messages take no room on a page.
        if !(1..=pages).contains(&requests) {
            found.push(format!(
                "channel {channel}: {count} missed, {requests} requests instead of at most {pages}"
            ));
        }
    }
    // Joins and pins that were heard as the last of a channel are no change either.
    let needless = asked.keys().filter(|channel| !missed.contains_key(*channel));
    found.extend(
        needless.map(|channel| format!("channel {channel}: asked for, but nothing was missed")),
    );
    found
}

/// Every guild has one stretch: recovered for messages and moderation, which can be read again, blind for the rest.
fn spans(spans: &[Span]) -> Vec<String> {
    let mut found = Vec::new();
    for span in spans.iter().filter(|span| span.state != 0) {
        let is_read_again = [CoverageFamily::Messages, CoverageFamily::Moderation]
            .iter()
            .any(|family| *family as u8 == span.family);
        let wanted = if is_read_again { 1 } else { 2 };
        if span.state != wanted || span.until_ms == i64::MAX {
            found.push(format!("{span:?} should be closed and in state {wanted}"));
        }
    }
    if !spans.iter().any(|span| span.state == 1) {
        found.push("nothing was recovered".to_owned());
    }
    found
}
