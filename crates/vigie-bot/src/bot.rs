//! Starting, watching and stopping the bot: one task per shard.

use std::env::consts::OS;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use twilight_gateway::{Config, ConfigBuilder, ShardId};
use twilight_gateway_queue::InMemoryQueue;
use twilight_model::gateway::connection_info::BotConnectionInfo;
use twilight_model::gateway::payload::outgoing::identify::IdentifyProperties;
use twilight_model::gateway::payload::outgoing::update_presence::UpdatePresencePayload;
use twilight_model::gateway::presence::{ActivityType, MinimalActivity, Status};
use vigie_core::{CoreConfig, Reads};
use vigie_relay::Outbox;

use crate::address::{self, ApiAddress};
use crate::desk::{Desk, DeskConfig, Layout};
use crate::discovery::{self, Discovery};
use crate::intents::{Collect, covers, intents};
use crate::rest::Rest;
use crate::shard::{self, ShardConfig};
use crate::status::{BotStatus, StatusReader};
use crate::switches::Switches;
use crate::{BotError, limits};

/// How the bot is run.
#[derive(Clone, Debug)]
pub struct BotConfig {
    /// The bot token, with or without `Bot ` before it.
    pub token: SecretString,
    /// Where the HTTP API is; `None` is Discord. With or without `/api/v10`.
    pub api_url: Option<String>,
    /// Where the gateway is; `None` asks the HTTP API.
    pub gateway_url: Option<String>,
    /// How many shards; `None` takes what Discord recommends.
    pub shard_count: Option<u32>,
    /// What is collected.
    pub collect: Collect,
    /// What of it is switched off, at every moment; [`crate::switches::none`] where nothing ever is.
    pub switches: watch::Receiver<Arc<Switches>>,
    /// Milliseconds between two flushes of what was counted.
    pub flush_interval_ms: u32,
    /// Milliseconds after which what was heard is durable at the latest; see `limits::JOURNAL_INTERVAL_MS_DEFAULT`.
    pub journal_interval_ms: u32,
    /// The first part of the producers' names, `{bot_name}/{shard}`: the same after every restart.
    pub bot_name: String,
}

/// A running bot. Dropping it ends its tasks at once, and what they had not yet committed is lost: end it by
/// cancelling its token and waiting for [`Bot::run_to_end`].
#[derive(Debug)]
pub struct Bot {
    shards: JoinSet<Result<(), BotError>>,
    reader: StatusReader,
    stop: CancellationToken,
}

impl Bot {
    /// Asks Discord for its gateway and starts the shards; returns before they are logged in.
    ///
    /// The process must have installed a rustls provider. What is counted goes to `outbox`. Cancelling `stop` ends the
    /// bot gracefully.
    ///
    /// # Errors
    /// `NoTlsProvider`, `TokenMalformed`, `Address`, `TokenRefused`, `Unreachable`, `Refused`, `TooManyShards`,
    /// `SessionStartsExhausted`.
    pub async fn start(
        config: BotConfig,
        outbox: Outbox,
        stop: CancellationToken,
    ) -> Result<Self, BotError> {
        // The TLS layers of the client libraries panic without one.
        rustls::crypto::CryptoProvider::get_default().ok_or(BotError::NoTlsProvider)?;
        let token = checked_token(&config.token)?;
        let api = ApiAddress::parse(config.api_url.as_deref())?;
        let Discovery { info, clock_off_ms } = discovery::gateway_info(&api, token).await?;
        let gateway_url = match &config.gateway_url {
            Some(url) => address::gateway("discord.gateway_url", url)?,
            None => address::gateway("the gateway that the HTTP API names", &info.url)?,
        };
        let shard_count = shard_count(&config, &info, &api)?;
        check_starts(&config, &info, shard_count, &outbox).await?;
        tracing::info!(gateway_url, shard_count, "starting the bot");

        let rest = Rest::new(&api, token)?;
        let gateway = gateway_config(token, &gateway_url, &config, &info);
        let (reader, keepers) = StatusReader::new(shard_count);
        let stop = stop.child_token();
        let mut shards = JoinSet::new();
        for (number, tallies) in (0..shard_count).zip(keepers) {
            let shard = ShardConfig {
                id: ShardId::new(number, shard_count),
                gateway: gateway.clone(),
                gateway_url: gateway_url.clone(),
                core: core_config(&config),
                journal_interval_ms: config.journal_interval_ms,
                clock_off_ms,
                producer: producer(&config, number),
                outbox: outbox.clone(),
                rest: rest.clone(),
                collect: config.collect,
                switches: config.switches.clone(),
                tallies,
            };
            shards.spawn(shard::run(shard, stop.clone()));
        }
        Ok(Self { shards, reader, stop })
    }

    /// How it is doing at this moment.
    pub fn status(&self) -> BotStatus {
        self.reader.status()
    }

    /// A handle to ask for the status while [`Bot::run_to_end`] holds the bot.
    pub fn status_reader(&self) -> StatusReader {
        self.reader.clone()
    }

    /// Waits until every shard has ended: by the token given to [`Bot::start`], or because one cannot go on; then the
    /// others are stopped gracefully too.
    ///
    /// # Errors
    /// The first reason for which a shard could not go on.
    pub async fn run_to_end(mut self) -> Result<(), BotError> {
        let mut outcome = Ok(());
        while let Some(ended) = self.shards.join_next().await {
            let ended = ended.unwrap_or_else(|source| Err(BotError::ShardPanicked { source }));
            if outcome.is_ok() && ended.is_err() {
                outcome = ended;
                self.stop.cancel();
            }
        }
        outcome
    }
}

/// The token, without the line end that files and shells leave behind it.
fn checked_token(token: &SecretString) -> Result<&str, BotError> {
    let token = token.expose_secret().trim();
    let bare = token.strip_prefix("Bot ").unwrap_or(token);
    if bare.is_empty() {
        return Err(BotError::TokenMalformed { problem: "empty" });
    }
    if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(BotError::TokenMalformed {
            problem: "broken by a space or a foreign character",
        });
    }
    Ok(token)
}

/// What every shard's core is given.
fn core_config(config: &BotConfig) -> CoreConfig {
    let Collect { members, moderation, invites, .. } = config.collect;
    CoreConfig {
        flush_interval_ms: config.flush_interval_ms,
        covers: covers(layout(config, 1).intents),
        reads: Reads { audits: moderation, invites, members },
    }
}

/// What sessions are opened with now.
fn layout(config: &BotConfig, shard_count: u32) -> Layout {
    Layout::under(config.collect, &config.switches.borrow(), shard_count)
}

/// The name under which a shard's records are numbered.
fn producer(config: &BotConfig, number: u32) -> Arc<str> {
    format!("{}/{number}", config.bot_name).into()
}

/// How many shards to start.
fn shard_count(
    config: &BotConfig,
    info: &BotConnectionInfo,
    api: &ApiAddress,
) -> Result<u32, BotError> {
    let count = config.shard_count.unwrap_or(info.shards).max(1);
    if count > limits::SHARDS_MAX {
        let url = api.url(discovery::ENDPOINT);
        return Err(BotError::TooManyShards { count, max: limits::SHARDS_MAX, url });
    }
    Ok(count)
}

/// Whether as many shards as have to log in may. A RESUME costs no session start; one that is refused waits in the queue until
/// there are starts again.
async fn check_starts(
    config: &BotConfig,
    info: &BotConnectionInfo,
    count: u32,
    outbox: &Outbox,
) -> Result<(), BotError> {
    let starts = &info.session_start_limit;
    let mut needed = count;
    for number in (0..count).take_while(|_| starts.remaining < count) {
        let desk = DeskConfig {
            producer: producer(config, number),
            core: core_config(config),
            layout: layout(config, count),
            journal_interval_ms: config.journal_interval_ms,
        };
        // What cannot be read now is asked for again by the shard.
        if let Ok(recovery) = outbox.recover(&desk.producer).await {
            let (_, session, damage) = Desk::recover(desk, &recovery, shard::wall());
            for damage in damage {
                tracing::error!(shard = number, damage, "a part of the state kept is lost");
            }
            needed -= u32::from(session.is_some());
        }
    }
    if starts.remaining < needed {
        return Err(BotError::SessionStartsExhausted {
            remaining: starts.remaining,
            needed,
            total: starts.total,
            reset_after_ms: starts.reset_after,
        });
    }
    Ok(())
}

/// What all shards share: one TLS context, one queue that spaces their log-ins.
fn gateway_config(
    token: &str,
    gateway_url: &str,
    config: &BotConfig,
    info: &BotConnectionInfo,
) -> Config<InMemoryQueue> {
    let starts = &info.session_start_limit;
    let queue = InMemoryQueue::new(
        // Zero would mean no spacing at all.
        starts.max_concurrency.max(1),
        starts.remaining,
        std::time::Duration::from_millis(starts.reset_after),
        // The queue asserts this order.
        starts.total.max(starts.remaining),
    );
    let wanted = intents(config.collect, &config.switches.borrow());
    ConfigBuilder::new(token.to_owned(), wanted)
        .proxy_url(gateway_url.to_owned())
        .identify_properties(IdentifyProperties::new("vigie", "vigie", OS))
        .presence(presence())
        .queue(queue)
        .build()
}

/// "Watching the pulse of this server", shown beside the bot's name.
fn presence() -> UpdatePresencePayload {
    let activity = MinimalActivity {
        kind: ActivityType::Watching,
        name: "the pulse of this server".to_owned(),
        url: None,
    };
    UpdatePresencePayload::new([activity.into()], false, None, Status::Online)
        .expect("a presence needs one activity, and has it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_trimmed_and_checked() {
        let check = |token: &str| {
            let secret = SecretString::from(token.to_owned());
            checked_token(&secret).map(str::to_owned).map_err(|error| error.to_string())
        };
        assert_eq!(check(" abc.def-ghi\n").as_deref(), Ok("abc.def-ghi"));
        assert_eq!(check("Bot abc").as_deref(), Ok("Bot abc"));
        for wrong in ["", "  ", "abc def", "abc\u{e9}"] {
            let error = check(wrong).expect_err(wrong);
            assert!(error.contains("Reset Token") && !error.contains("abc"), "{error}");
        }
    }
}
