//! `vigie serve`: listen to Discord, count, and serve the page.

use crate::cli::ServeArguments;
use crate::config::{EXAMPLE, Settings};
use crate::wiring::{Pipeline, Service};
use crate::{logging, shutdown};
use anyhow::{Result, bail};
use secrecy::ExposeSecret;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;

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
    service.run(stop).await
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
