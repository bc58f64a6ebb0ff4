//! `GET /gateway/bot`: which gateway, how many shards, how fast they may log in. It is also the first use of the token.
//! Source: Discord, "Gateway", Get Gateway Bot.

use std::error::Error;

use twilight_http::Client;
use twilight_http::error::{Error as HttpError, ErrorType};
use twilight_model::gateway::connection_info::BotConnectionInfo;

use crate::address::ApiAddress;
use crate::{BotError, limits};

/// The endpoint asked.
pub(crate) const ENDPOINT: &str = "gateway/bot";

/// Asks, and asks again when the network or the server is at fault.
///
/// # Errors
/// `TokenRefused`, `Unreachable` or `Refused`, after [`limits::DISCOVERY_ATTEMPTS`].
pub(crate) async fn gateway_info(
    address: &ApiAddress,
    token: &str,
) -> Result<BotConnectionInfo, BotError> {
    let client = Client::builder()
        .proxy(address.host.clone(), address.plain)
        .timeout(limits::DISCOVERY_TIMEOUT)
        .token(token.to_owned())
        .build();
    let mut pause = limits::DISCOVERY_PAUSE;
    for _ in 1..limits::DISCOVERY_ATTEMPTS {
        match ask(&client, address).await {
            Err(
                error @ (BotError::Unreachable { .. } | BotError::Refused { status: 500.., .. }),
            ) => {
                tracing::warn!(error = &error as &dyn Error, "no gateway yet, trying again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            decided => return decided,
        }
    }
    ask(&client, address).await
}

async fn ask(client: &Client, address: &ApiAddress) -> Result<BotConnectionInfo, BotError> {
    let url = address.url(ENDPOINT);
    match client.gateway().authed().await {
        Ok(response) => response
            .model()
            .await
            .map_err(|source| BotError::Unreachable { url, source: Box::new(source) }),
        Err(error) => Err(explain(error, url)),
    }
}

fn explain(error: HttpError, url: String) -> BotError {
    match error.kind() {
        ErrorType::Unauthorized => BotError::TokenRefused,
        ErrorType::Response { status, .. } if status.get() == 401 => BotError::TokenRefused,
        ErrorType::Response { status, .. } => BotError::Refused { url, status: status.get() },
        _ => BotError::Unreachable { url, source: Box::new(error) },
    }
}
