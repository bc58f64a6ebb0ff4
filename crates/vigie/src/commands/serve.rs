//! `vigie serve`: listen to Discord, count, and serve the page.

use crate::cli::ServeArguments;
use crate::config::{EXAMPLE, Settings};
use crate::wiring::{Pipeline, Service};
use crate::{logging, shutdown};
use anyhow::{Result, bail};
use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use vigie_bot::{ShardState, StatusReader};

/// Runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// Each says its cause and its remedy: settings, token, intents, database, port.
pub async fn run(arguments: ServeArguments) -> Result<()> {
    if arguments.print_example_config {
        print!("{EXAMPLE}");
        return Ok(());
    }
    let settings = Settings::load(arguments.config.as_deref())?;
    logging::start(&settings.log)?;
    if settings.discord.token.expose_secret().trim().is_empty() {
        bail!(
            "no bot token: set DISCORD_TOKEN (Discord developer portal, your application, \"Bot\", \"Reset Token\"), \
             or look around without one: vigie demo"
        );
    }
    let stop = shutdown::on_signal();
    let listener = listen(settings.api.listen, "api.listen").await?;
    let pipeline = Pipeline::start(&settings).await?;
    let service = Service::start(&settings, pipeline, listener, false).await?;
    announce(&service.url(), arguments.json);
    let token = settings.discord.token.clone();
    let lonely = tokio::spawn(mention_no_guild(service.bot_status(), token));
    let outcome = service.run(stop).await;
    lonely.abort();
    outcome
}

/// How long after log-in a guild may take to be told: Discord sends them within seconds, and marks no end of them.
const FIRST_GUILD_WAIT: Duration = Duration::from_secs(10);

/// Says how to invite a bot that is in no guild: nothing would ever be counted, and nothing else would tell.
async fn mention_no_guild(status: StatusReader, token: SecretString) {
    let ready = || status.status().shards.iter().all(|shard| shard.state == ShardState::Ready);
    while !ready() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    tokio::time::sleep(FIRST_GUILD_WAIT).await;
    if status.status().shards.iter().all(|shard| shard.guilds == 0) {
        tracing::warn!(
            "The bot is in no server, so there is nothing to count: invite it with {}",
            invite_url(token.expose_secret())
        );
    }
}

/// The page that adds the bot to a server with "View Channels" (1 << 10) and "Read Message History" (1 << 16), "View Audit Log" (1 << 7)
/// for who did what, and "Manage Server" (1 << 5) and "Manage Channels" (1 << 4) for how often invites are used and when they are made
/// or deleted: without the last three it does without these. The first part of a token is the application's id in base64.
fn invite_url(token: &str) -> String {
    let bare = token.trim().trim_start_matches("Bot ");
    let first = bare.split('.').next().unwrap_or_default().trim_end_matches('=');
    let id = base64::engine::general_purpose::STANDARD_NO_PAD.decode(first).unwrap_or_default();
    let id = String::from_utf8(id).unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return "the developer portal's OAuth2 URL generator (scope \"bot\", permissions \"View Channels\", \"Read Message History\", \"View Audit Log\", \"Manage Server\" and \"Manage Channels\")".to_owned();
    }
    format!("https://discord.com/oauth2/authorize?client_id={id}&scope=bot&permissions=66736")
}

/// Binds the address of the page, with an error that says what to change.
pub async fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener> {
    if !address.ip().is_loopback() {
        bail!(
            "{setting} is {address}, but until accounts exist the page answers on this machine only: use 127.0.0.1 or [::1], \
             and an SSH tunnel to look from elsewhere"
        );
    }
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is taken, perhaps by another vigie: stop it, or choose another {setting} (port 0 takes a free one)"
        ),
        ErrorKind::PermissionDenied => anyhow::anyhow!(
            "this user may not open {address}: choose a port above 1023 in {setting}"
        ),
        _ => anyhow::Error::new(error).context(format!("cannot open {address} ({setting})")),
    })
}

/// Says where the page is: a sentence for people, one JSON line for programs.
pub fn announce(url: &str, json: bool) {
    if json {
        println!("{}", serde_json::json!({ "event": "ready", "address": url }));
    } else {
        println!("Vigie is ready: {url}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invitation_names_the_application_of_the_token() {
        // base64 of "1100000000000000001"
        let url = invite_url("MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gabcde.secret");
        assert!(url.contains("client_id=1100000000000000001&"), "{url}");
        assert!(!url.contains("secret"));
        assert!(invite_url("nonsense").contains("URL generator"));
    }
}
