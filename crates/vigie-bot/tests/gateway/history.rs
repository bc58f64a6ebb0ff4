//! Reading again what could not be heard, against a server that answers as Discord does.

use serde_json::{Value, json};
use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageState, GuildId, Record, UnixMs, snowflake_at,
};

use crate::fake::{Connection, Fake};
use crate::{Stage, id_now, message, messages_in, within};

/// A stage after a lost session: one message of channel 78 was heard, then `missed` were not.
async fn after_a_gap(missed: u64, change: impl FnOnce(&Fake)) -> (Stage, Connection, Vec<u64>) {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    let first = id_now(0);
    let ids: Vec<u64> = (0..=missed).map(|n| later(first, n)).collect();
    connection.dispatch("GUILD_CREATE", &guild_with_channel(Some(first)));
    connection.dispatch("MESSAGE_CREATE", &message(first));
    stage.settle(&mut connection).await;
    let rest = |id: &u64| {
        let author = json!({"id": "79", "username": "ada"});
        (
            *id,
            json!({"id": id.to_string(), "type": 0, "channel_id": "78", "content": "", "author": author}),
        )
    };
    let book = ids.iter().map(rest).collect();
    stage.fake.history.lock().expect("not poisoned").messages.insert(78, book);
    change(&stage.fake);
    connection.say(&json!({"t": null, "s": null, "op": 9, "d": false}));

    let mut connection = within(stage.fake.connection()).await;
    connection.hello(45_000);
    within(connection.heard(2)).await;
    let url = stage.fake.gateway_url();
    connection.ready_with(&url, &[77]);
    connection.dispatch("GUILD_CREATE", &guild_with_channel(ids.last().copied()));
    (stage, connection, ids)
}

/// The id of a message `n` milliseconds later.
fn later(id: u64, n: u64) -> u64 {
    id + (snowflake_at(UnixMs(1_700_000_000_001)) - snowflake_at(UnixMs(1_700_000_000_000))) * n
}

fn guild_with_channel(last_message: Option<u64>) -> Value {
    let last_message = last_message.map(|id| id.to_string());
    json!({
        "id": "77", "name": "Guild", "owner_id": "5", "member_count": 3, "voice_states": [],
        "channels": [{"id": "78", "type": 0, "name": "general", "last_message_id": last_message}],
    })
}

/// The states in which the messages of guild 77 were told, for stretches that have ended.
fn message_states(records: &[Record]) -> Vec<(CoverageState, CoverageReason)> {
    let spans = records.iter().filter_map(|record| match record {
        Record::Coverage(guild, spans) if *guild == GuildId(77) => Some(spans),
        _ => None,
    });
    let ended = spans.flatten().filter(|span| span.until.is_some());
    ended
        .filter(|span| span.family == CoverageFamily::Messages)
        .map(|span| (span.state, span.reason))
        .collect()
}

#[tokio::test]
async fn each_page_is_asked_for_once_and_all_is_counted() {
    let (stage, _connection, ids) = after_a_gap(250, |_| {}).await;
    stage.until(|shard| shard.catch_up.recovered == 250 && shard.catch_up.channels == 0).await;
    let asked = stage.fake.history.lock().expect("not poisoned").asked.clone();
    let page = |after: usize| (78, format!("after={}&limit=100", ids[after]));
    assert_eq!(asked, [page(0), page(100), page(200)]);
    assert_eq!(stage.status().shards[0].catch_up.requests, 3);
    let records = stage.end().await;
    assert_eq!(messages_in(&records), 251);
    let last = message_states(&records).pop().expect("told");
    assert_eq!(last.0, CoverageState::Recovered);
}

#[tokio::test]
async fn a_limit_is_waited_out_and_trouble_is_tried_again() {
    let (stage, _connection, ids) = after_a_gap(3, |fake| {
        fake.history.lock().expect("not poisoned").instead.extend([
            (429, json!({"message": "limited", "retry_after": 0.05, "global": false})),
            (429, json!({"message": "limited", "retry_after": 0.05, "global": true})),
            (502, json!(null)),
        ]);
    })
    .await;
    stage.until(|shard| shard.catch_up.recovered == 3).await;
    let asked = stage.fake.history.lock().expect("not poisoned").asked.clone();
    assert_eq!(asked, vec![(78, format!("after={}&limit=100", ids[0])); 4]);
    assert_eq!(messages_in(&stage.end().await), 4);
}

#[tokio::test]
async fn a_refused_channel_stays_blind_and_says_why() {
    for (answer, reason) in [
        (
            (403, json!({"message": "Missing Access", "code": 50001})),
            CoverageReason::MissingPermission,
        ),
        ((400, json!({"message": "no", "code": 50035})), CoverageReason::HistoryRefused),
    ] {
        let (stage, _connection, _) = after_a_gap(3, |fake| {
            fake.history.lock().expect("not poisoned").instead.push_back(answer);
        })
        .await;
        stage.until(|shard| shard.catch_up.refused == 1).await;
        let records = stage.end().await;
        assert_eq!(messages_in(&records), 1);
        let last = message_states(&records).pop().expect("told");
        assert_eq!(last, (CoverageState::Blind, reason));
    }
}

#[tokio::test]
async fn an_empty_list_is_probed_for_a_missing_permission() {
    let (stage, _connection, ids) = after_a_gap(3, |fake| {
        fake.history.lock().expect("not poisoned").messages.clear();
    })
    .await;
    stage.until(|shard| shard.catch_up.refused == 1).await;
    let asked = stage.fake.history.lock().expect("not poisoned").asked.clone();
    assert_eq!(asked, [(78, format!("after={}&limit=100", ids[0])), (78, "limit=1".to_owned())]);
    let last = message_states(&stage.end().await).pop().expect("told");
    assert_eq!(last, (CoverageState::Blind, CoverageReason::MissingPermission));
}

#[tokio::test]
async fn messages_that_were_deleted_meanwhile_leave_nothing_to_recover() {
    let (stage, _connection, _) = after_a_gap(3, |fake| {
        let mut book = fake.history.lock().expect("not poisoned");
        book.messages.get_mut(&78).expect("written").truncate(1);
    })
    .await;
    stage.until(|shard| shard.catch_up.pages == 1 && shard.catch_up.channels == 0).await;
    assert_eq!(stage.fake.history.lock().expect("not poisoned").asked.len(), 2);
    let records = stage.end().await;
    assert_eq!(messages_in(&records), 1);
    assert_eq!(message_states(&records).pop().expect("told").0, CoverageState::Recovered);
}
