//! The settings: one struct per concern, read from a file and the environment, documented in `vigie.example.toml`.
//!
//! This is the only module that reads the environment; every other crate takes a plain struct.

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The example file, compiled in: the documentation of the settings and their defaults.
pub const EXAMPLE: &str = include_str!("../../../vigie.example.toml");

/// Name of the file read when none is given.
pub const DEFAULT_FILE: &str = "vigie.toml";

/// All settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder of the outbox and the SQLite database.
    pub data_dir: PathBuf,
    /// Empty for SQLite in `data_dir`. May hold a password: never logged.
    pub database_url: SecretString,
    /// How to reach Discord.
    pub discord: Discord,
    /// What is listened to.
    pub collect: Collect,
    /// Bounds of the outbox.
    pub outbox: Outbox,
    /// The HTTP door.
    pub api: Api,
    /// The database.
    pub store: Store,
    /// Logs.
    pub log: Log,
}

/// How to reach Discord.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    /// The bot's token.
    pub token: SecretString,
    /// Empty for the real one.
    pub api_url: String,
    /// Empty for the one Discord names.
    pub gateway_url: String,
    /// Where avatars and icons come from.
    pub cdn_url: String,
    /// 0 for Discord's recommendation.
    pub shard_count: u32,
    /// Producer name of this bot's records.
    pub bot_name: String,
}

/// What is listened to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    /// Messages and commands.
    pub messages: bool,
    /// Reactions.
    pub reactions: bool,
    /// Time in voice channels.
    pub voice: bool,
    /// Joins and departures: needs the privileged "Server Members Intent".
    pub members: bool,
    /// Bans, the audit log, automatic moderation.
    pub moderation: bool,
    /// Invites, and whom they brought.
    pub invites: bool,
    /// Milliseconds between two flushes of the counts.
    pub flush_interval_ms: u32,
    /// Milliseconds after which what was heard is durable.
    pub journal_interval_ms: u32,
}

/// Bounds of the outbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox {
    /// Bytes of unsent records on disk.
    pub pending_bytes_max: u64,
}

/// The HTTP door.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Address and port.
    pub listen: SocketAddr,
}

/// The database.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Connections for questions.
    pub connections_max: u32,
}

/// Logs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Filter directives.
    pub level: String,
    /// Text for people or JSON for machines.
    pub format: LogFormat,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Settings {
    /// Defaults, then the file, then the environment. A named file must exist; the default file may be absent.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, an unknown key, a value of the wrong type or out of its range.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let (file, required) = match file {
            Some(file) => (file, true),
            None => (Path::new(DEFAULT_FILE), false),
        };
        let environment = config::Environment::with_prefix("VIGIE")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true);
        let mut settings: Self = config::Config::builder()
            .add_source(config::File::from_str(EXAMPLE, config::FileFormat::Toml))
            .add_source(
                config::File::from(file).format(config::FileFormat::Toml).required(required),
            )
            .add_source(environment)
            .build()
            .and_then(config::Config::try_deserialize)
            .with_context(|| {
                format!("cannot read the settings ({}, VIGIE_* variables)", file.display())
            })?;
        if let Ok(token) = std::env::var("DISCORD_TOKEN") {
            settings.discord.token = token.trim().to_owned().into();
        }
        settings.check()?;
        Ok(settings)
    }

    /// The settings of one text alone: no file, no environment.
    ///
    /// # Errors
    /// The text does not parse or leaves a key out.
    pub fn from_text(text: &str) -> Result<Self> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        Ok(config::Config::builder().add_source(source).build()?.try_deserialize()?)
    }

    fn check(&self) -> Result<()> {
        if !(1_000..=600_000).contains(&self.collect.flush_interval_ms) {
            bail!("collect.flush_interval_ms must lie between 1000 and 600000");
        }
        if !(1..=10_000).contains(&self.collect.journal_interval_ms) {
            bail!("collect.journal_interval_ms must lie between 1 and 10000");
        }
        let Collect { messages, reactions, voice, members, moderation, invites, .. } = self.collect;
        if ![messages, reactions, voice, members, moderation, invites].contains(&true) {
            bail!(
                "nothing is listened to: switch on collect.messages, collect.reactions, collect.voice, collect.members, \
                 collect.moderation or collect.invites"
            );
        }
        let name = &self.discord.bot_name;
        if name.is_empty() || name.len() > 64 || name.contains(['/', '\0']) {
            bail!("discord.bot_name must have 1 to 64 bytes and no slash");
        }
        if !(1..=256).contains(&self.store.connections_max) {
            bail!("store.connections_max must lie between 1 and 256");
        }
        Ok(())
    }

    /// The address of the database, with the default filled in.
    pub fn database_url(&self) -> String {
        match self.database_url.expose_secret() {
            "" => format!("sqlite://{}", self.data_dir.join("vigie.db").display()),
            url => url.to_owned(),
        }
    }
}

/// `None` for a setting left empty.
pub fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        let settings = config::Config::builder()
            .add_source(config::File::from_str(EXAMPLE, config::FileFormat::Toml))
            .add_source(config::File::from_str(text, config::FileFormat::Toml))
            .build()?
            .try_deserialize::<Settings>()?;
        settings.check()?;
        Ok(settings)
    }

    #[test]
    fn the_example_file_holds_every_key_and_parses() {
        let settings = parse("").expect("the example parses");
        assert_eq!(settings.collect.flush_interval_ms, 60_000);
        assert_eq!(settings.database_url(), "sqlite://data/vigie.db");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = parse("[api]\nlisten_on = \"127.0.0.1:1\"").expect_err("unknown key");
        assert!(format!("{error:#}").contains("listen_on"), "{error:#}");
    }

    #[test]
    fn out_of_range_values_are_refused() {
        for text in [
            "[collect]\nflush_interval_ms = 10",
            "[collect]\njournal_interval_ms = 0",
            "[collect]\nmessages = false\nreactions = false\nvoice = false\nmembers = false\nmoderation = false\ninvites = false",
            "[discord]\nbot_name = \"a/b\"",
            "[store]\nconnections_max = 0",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let settings =
            parse("database_url = \"postgres://u:hunter2@h/d\"\n[discord]\ntoken = \"hunter3\"");
        let shown = format!("{:?}", settings.expect("parses"));
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
