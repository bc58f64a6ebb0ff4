//! Sessions that break and go on. The protocol is the client library's; that its use here keeps every count is ours.

use serde_json::json;
use vigie_bot::{ShardState, limits};

use crate::fake::{Connection, Fake};
use crate::{Stage, id_now, message, messages_in, within};

/// Plays a connection that resumes after `before` messages, replays from there, and ends with `total` in all.
async fn resume_and_finish(mut stage: Stage, mut resumed: Connection, before: u64, total: u64) {
    resumed.hello(45_000);
    let resume = within(resumed.heard(6)).await;
    assert_eq!(resume["session_id"], "session-1");
    // READY had sequence 1, the messages follow it.
    assert_eq!(resume["seq"], before + 1);
    for n in before..total {
        resumed.dispatch_as(n + 2, "MESSAGE_CREATE", &message(id_now(n)));
    }
    resumed.dispatch_as(total + 2, "RESUMED", &json!({"_trace": []}));
    stage.settle(&mut resumed).await;
    assert_eq!(stage.status().shards[0].state, ShardState::Ready);
    assert_eq!(messages_in(&stage.end().await), total);
}

async fn counted_messages(stage: &mut Stage, connection: &mut Connection, count: u64) {
    for n in 0..count {
        connection.dispatch_as(n + 2, "MESSAGE_CREATE", &message(id_now(n)));
    }
    while stage.status().counted < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_reconnect_request_resumes_without_loss() {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    counted_messages(&mut stage, &mut connection, 30).await;
    connection.say(&json!({"t": null, "s": null, "op": 7, "d": null}));
    assert_eq!(within(connection.closed()).await, Some(4000));
    let resumed = within(stage.fake.connection()).await;
    resume_and_finish(stage, resumed, 30, 50).await;
}

#[tokio::test]
async fn a_cut_line_resumes_where_ready_said() {
    let mut stage = Stage::start().await;
    let mut elsewhere = Fake::start().await;
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(45_000);
    within(connection.heard(2)).await;
    connection.ready(&elsewhere.gateway_url());
    counted_messages(&mut stage, &mut connection, 10).await;
    drop(connection);
    let resumed = within(elsewhere.connection()).await;
    resume_and_finish(stage, resumed, 10, 11).await;
}

#[tokio::test]
async fn missing_heartbeat_answers_are_noticed() {
    let mut stage = Stage::start().await;
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(50);
    within(connection.heard(2)).await;
    connection.ready(&stage.fake.gateway_url());
    // Its heartbeats are heard and not answered, and no event comes either.
    let resumed = within(stage.fake.connection()).await;
    resume_and_finish(stage, resumed, 0, 5).await;
}

#[tokio::test]
async fn answered_heartbeats_give_the_latency() {
    let mut stage = Stage::start().await;
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(50);
    within(connection.heard(2)).await;
    connection.ready(&stage.fake.gateway_url());
    assert_eq!(within(connection.heard(1)).await, 1);
    connection.say(&json!({"t": null, "s": null, "op": 11, "d": null}));
    stage.settle(&mut connection).await;
    let shard = &stage.status().shards[0];
    assert!(shard.latency_ms.is_some());
    // READY and the guild of `settle`; the answer to a heartbeat is no event.
    assert_eq!(shard.events, 2);
}

#[tokio::test]
async fn a_session_that_is_gone_is_replaced_and_nothing_counted_is_lost() {
    let mut stage = Stage::start().await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    stage.settle(&mut connection).await;
    connection.dispatch("MESSAGE_CREATE", &message(id_now(1)));
    connection.say(&json!({"t": null, "s": null, "op": 9, "d": false}));
    assert_eq!(within(connection.closed()).await, Some(1000));
    // The queue lets the next log-in through five seconds after the last.
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    connection.dispatch("MESSAGE_CREATE", &message(id_now(2)));
    stage.settle(&mut connection).await;
    assert_eq!(stage.status().shards[0].guilds, 1, "a new session names its guilds anew");
    assert_eq!(messages_in(&stage.end().await), 2);
}

#[tokio::test]
async fn a_resume_address_that_is_none_does_not_end_the_shard() {
    let mut stage = Stage::start().await;
    let mut connection = within(stage.fake.connection()).await;
    connection.hello(45_000);
    within(connection.heard(2)).await;
    connection.ready("this is\nno address");
    counted_messages(&mut stage, &mut connection, 4).await;
    // What cannot be read is not believed: the session goes on behind the last that could.
    connection.text(r#"{"t":"MESSAGE_CREATE","s":900,"op":0,"d":{"id":"#.to_owned());
    connection.close(4000);
    // The client library panics on the address; the session goes on at the gateway's own.
    let resumed = within(stage.fake.connection()).await;
    assert_eq!(stage.status().set_aside["frame.client_panic"], 1);
    resume_and_finish(stage, resumed, 4, 9).await;
}

#[tokio::test]
async fn a_gateway_that_only_closes_is_not_knocked_at_without_end() {
    let mut stage = Stage::start().await;
    for _ in 0..2 {
        within(stage.fake.connection()).await.close(4000);
    }
    let before = std::time::Instant::now();
    let mut connection = within(stage.fake.connection()).await;
    // Never earlier than this, on any machine.
    assert!(before.elapsed() >= limits::RECONNECT_PAUSE / 2, "{:?}", before.elapsed());
    connection.hello(45_000);
    within(connection.heard(2)).await;
    connection.ready(&stage.fake.gateway_url());
    stage.settle(&mut connection).await;
    stage.end().await;
}

#[tokio::test]
async fn a_machine_whose_clock_is_wrong_takes_discords_time() {
    let fake = Fake::start().await;
    *fake.date.lock().expect("not poisoned") = Some("Sun, 21 Nov 2027 16:00:00 GMT".to_owned());
    let mut stage = Stage::start_with(fake, |_| {}).await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    stage.settle(&mut connection).await;
    let heard = stage.status().shards[0].last_event_unix_ms.expect("events were heard");
    let noon = 1_826_812_800_000;
    assert!((noon..noon + 600_000).contains(&heard), "{heard}");
    stage.end().await;
}
