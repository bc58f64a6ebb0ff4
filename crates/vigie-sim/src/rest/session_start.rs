//! `GET /gateway` and `GET /gateway/bot`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;

use super::guard::Bot;
use super::{Answer, JsonText};
use crate::gateway::host;
use crate::hub::Hub;
use crate::json;

/// Where the gateway is.
pub(crate) async fn gateway(headers: HeaderMap) -> JsonText {
    JsonText(format!(r#"{{"url":{}}}"#, json::string(&url(&headers))))
}

/// Where it is, how many shards are advised, and how many sessions may still be started.
pub(crate) async fn gateway_bot(
    State(hub): State<Arc<Hub>>,
    Extension(Bot(token)): Extension<Bot>,
    headers: HeaderMap,
) -> Answer {
    let limit = hub.start_limit(&token);
    let per_shard = hub.config.guilds_per_shard_advised.max(1) as usize;
    let shards = hub.guild_ids().count().div_ceil(per_shard).max(1);
    Ok(JsonText(format!(
        r#"{{"url":{},"shards":{shards},"session_start_limit":{{"total":{},"remaining":{},"reset_after":{},"max_concurrency":{}}}}}"#,
        json::string(&url(&headers)),
        limit.total,
        limit.remaining,
        limit.reset_after_ms,
        limit.max_concurrency,
    )))
}

fn url(headers: &HeaderMap) -> String {
    format!("ws://{}", host(headers))
}
