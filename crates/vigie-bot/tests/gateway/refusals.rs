//! What Discord refuses, said in words that help.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use vigie_bot::{Bot, BotConfig, BotError};
use vigie_relay::{Outbox, OutboxConfig};

use crate::fake::Fake;
use crate::{Stage, config, install_tls, within};

/// Starts a bot that must not start, and gives the reason.
async fn refusal(config: BotConfig) -> BotError {
    install_tls();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("outbox.sqlite");
    let outbox =
        Outbox::open(OutboxConfig { pending_bytes_max: 1 << 20, ..OutboxConfig::new(path) })
            .expect("opens");
    let started = within(Bot::start(config, outbox, CancellationToken::new())).await;
    started.expect_err("must not start")
}

#[tokio::test]
async fn close_codes_without_return_end_the_bot_with_their_reason() {
    type Check = fn(&BotError) -> bool;
    let cases: [(u16, Check, &str); 7] = [
        (4004, |error| matches!(error, BotError::TokenRefused), "Reset Token"),
        (
            4010,
            |error| matches!(error, BotError::ShardRefused { shard: 0, count: 1 }),
            "discord.shard_count",
        ),
        (
            4011,
            |error| matches!(error, BotError::ShardingRequired { count: 1 }),
            "discord.shard_count",
        ),
        (4012, |error| matches!(error, BotError::VersionRefused), "update"),
        (4013, |error| matches!(error, BotError::IntentsInvalid { intents: 1673 }), "1673"),
        (
            4014,
            |error| matches!(error, BotError::IntentsRefused { intents: 1673 }),
            "https://discord.com/developers",
        ),
        (4009, |_| false, ""),
    ];
    for (code, is_right, words) in cases {
        let mut stage = Stage::start().await;
        let mut connection = within(stage.fake.connection()).await;
        connection.hello(45_000);
        within(connection.heard(2)).await;
        connection.close(code);
        if words.is_empty() {
            // One after which Discord wants us back.
            within(stage.fake.connection()).await;
            continue;
        }
        let error = within(&mut stage.ended).await.expect("no panic").expect_err("refused");
        assert!(is_right(&error), "{code}: {error:?}");
        assert!(error.to_string().contains(words), "{code}: {error}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_before_any_connection() {
    let fake = Fake::start().await;
    let mut config = config(&fake.api_url());
    config.token = "another-token".to_owned().into();
    let error = refusal(config).await;
    assert!(matches!(error, BotError::TokenRefused), "{error:?}");
    assert!(!error.to_string().contains("another-token"), "{error}");
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_named() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    let error = refusal(config(&url)).await;
    assert!(matches!(error, BotError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("{url}/api/v10/gateway/bot")), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_discord_is_named() {
    let fake = Fake::start().await;
    let error = refusal(config(&format!("{}/elsewhere", fake.api_url()))).await;
    assert!(error.to_string().contains("/elsewhere/api/v10/gateway/bot"), "{error}");
}

#[tokio::test]
async fn exhausted_session_starts_say_when_they_come_back() {
    let fake = Fake::start().await;
    fake.info.lock().expect("not poisoned")["session_start_limit"]["remaining"] = json!(1);
    let mut config = config(&fake.api_url());
    config.shard_count = Some(2);
    let error = refusal(config).await;
    assert!(error.to_string().contains("wait 4 h 0 min"), "{error}");
}

#[tokio::test]
async fn numbers_of_shards_beyond_reason_are_refused() {
    let fake = Fake::start().await;
    fake.info.lock().expect("not poisoned")["shards"] = json!(4_000_000_000_u32);
    let error = refusal(config(&fake.api_url())).await;
    assert!(matches!(error, BotError::TooManyShards { count: 4_000_000_000, .. }), "{error:?}");
}

#[tokio::test]
async fn gateway_addresses_are_checked_wherever_they_come_from() {
    let fake = Fake::start().await;
    let mut given = config(&fake.api_url());
    given.gateway_url = Some("127.0.0.1:7700".to_owned());
    assert!(refusal(given).await.to_string().contains("discord.gateway_url"));

    fake.info.lock().expect("not poisoned")["url"] = json!("wss://h ttp/");
    assert!(matches!(refusal(config(&fake.api_url())).await, BotError::Address { .. }));
}

#[tokio::test]
async fn a_gateway_that_is_away_for_a_while_is_tried_again() {
    // The address answers nothing yet: the HTTP API names a port on which nobody listens.
    let away = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = away.local_addr().expect("bound");
    drop(away);
    let fake = Fake::start().await;
    fake.info.lock().expect("not poisoned")["url"] = json!(format!("ws://{address}"));
    let stage = Stage::start_with(fake, |_| {}).await;
    let back = within(async {
        loop {
            match tokio::net::TcpListener::bind(address).await {
                Ok(listener) => return listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await;
    within(back.accept()).await.expect("the bot comes back");
    stage.end().await;
}
