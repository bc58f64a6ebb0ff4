//! `GET /gateway/bot`: which gateway, how many shards, how fast they may log in. It is also the first use of the token, and
//! the first word of what time it is.
//! Source: Discord, "Gateway", Get Gateway Bot.

use std::error::Error;
use std::time::SystemTime;

use twilight_http::Client;
use twilight_http::error::{Error as HttpError, ErrorType};
use twilight_model::gateway::connection_info::BotConnectionInfo;
use vigie_core::vocabulary::UnixMs;

use crate::address::ApiAddress;
use crate::{BotError, limits, shard};

/// The endpoint asked.
pub(crate) const ENDPOINT: &str = "gateway/bot";

/// What the answer says.
pub(crate) struct Discovery {
    /// Its body.
    pub(crate) info: BotConnectionInfo,
    /// By how many milliseconds our wall clock is behind the server's; 0 when they agree within
    /// [`limits::CLOCK_OFF_MS_MAX`] or the server tells no time.
    pub(crate) clock_off_ms: i64,
}

/// Asks, and asks again when the network or the server is at fault.
///
/// # Errors
/// `TokenRefused`, `Unreachable` or `Refused`, after [`limits::DISCOVERY_ATTEMPTS`].
pub(crate) async fn gateway_info(address: &ApiAddress, token: &str) -> Result<Discovery, BotError> {
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

async fn ask(client: &Client, address: &ApiAddress) -> Result<Discovery, BotError> {
    let url = address.url(ENDPOINT);
    let response = match client.gateway().authed().await {
        Ok(response) => response,
        Err(error) => return Err(explain(error, url)),
    };
    let mut headers = response.headers();
    let date = headers.find_map(|(name, value)| (name == "date").then(|| date(value))).flatten();
    let clock_off_ms = date.map_or(0, |date| off(shard::wall(), date));
    let info = response
        .model()
        .await
        .map_err(|source| BotError::Unreachable { url, source: Box::new(source) })?;
    Ok(Discovery { info, clock_off_ms })
}

/// The instant of a `Date` header, in the middle of its second.
fn date(value: &[u8]) -> Option<UnixMs> {
    let date = httpdate::parse_http_date(std::str::from_utf8(value).ok()?).ok()?;
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(UnixMs(since_1970.as_millis() as i64 + 500))
}

fn off(wall: UnixMs, date: UnixMs) -> i64 {
    let off_ms = date.0.saturating_sub(wall.0);
    if off_ms.saturating_abs() <= limits::CLOCK_OFF_MS_MAX {
        return 0;
    }
    tracing::warn!(off_ms, "the machine's clock is wrong, Discord's is taken: set up NTP");
    off_ms
}

fn explain(error: HttpError, url: String) -> BotError {
    match error.kind() {
        ErrorType::Unauthorized => BotError::TokenRefused,
        ErrorType::Response { status, .. } if status.get() == 401 => BotError::TokenRefused,
        ErrorType::Response { status, .. } => BotError::Refused { url, status: status.get() },
        _ => BotError::Unreachable { url, source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_measured_by_the_servers() {
        let date = date(b"Sat, 21 Nov 2026 16:00:07 GMT").expect("as HTTP writes it");
        assert_eq!(date, UnixMs(1_795_276_807_500));
        assert_eq!(off(UnixMs(date.0 - 5_000), date), 0);
        assert_eq!(off(UnixMs(date.0 + 5_001), date), -5_001);
        assert_eq!(off(UnixMs(0), date), date.0);
    }

    #[test]
    fn a_date_that_is_none_is_none() {
        for wrong in [&b""[..], b"yesterday", b"\xff", b"Sat, 99 Nov 2026 16:00:07 GMT"] {
            assert_eq!(date(wrong), None);
        }
    }
}
