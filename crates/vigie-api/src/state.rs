//! What every handler shares.

use std::sync::Arc;

use bytes::Bytes;
use moka::future::Cache;
use tokio_util::sync::CancellationToken;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::Store;
use vigie_store::question::GuildRow;

use crate::assets::Assets;
use crate::cache::Answers;
use crate::ledger;
use crate::limits;
use crate::live::Versions;
use crate::media::Media;
use crate::names::Channels;
use crate::problem::Problem;
use crate::{ApiConfig, PipelineStatus};

/// The clock; replaced in tests.
pub type Clock = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// Asks the rest of the program how it is doing.
pub type StatusProbe = Arc<dyn Fn() -> PipelineStatus + Send + Sync>;

/// What every handler shares; clones are the same.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    /// How this server is set up.
    pub config: ApiConfig,
    /// The tables.
    pub store: Store,
    /// The rest of the program.
    pub status: StatusProbe,
    /// The clock.
    pub clock: Clock,
    /// When this server was made.
    pub started_at: UnixMs,
    /// How often each guild's data has changed.
    pub versions: Arc<Versions>,
    /// Answers kept in memory.
    pub answers: Answers,
    /// Pictures.
    pub media: Media,
    /// The web app.
    pub assets: Assets,
    /// The OpenAPI document.
    pub openapi: Bytes,
    /// Ends the live streams.
    pub stop: CancellationToken,
    /// Guilds and their channels' names, by version of their data.
    pub known: Cache<(GuildId, u64), Option<Arc<Known>>>,
}

/// A guild, and the names of its channels.
pub struct Known {
    /// Version of the guild's data before this was read: answers made from it are kept under this version.
    pub version: u64,
    /// The guild.
    pub guild: GuildRow,
    /// Its channels.
    pub channels: Channels,
    /// Where each family's figures begin to mean something, in ms.
    pub known_from: [Option<i64>; 5],
}

impl Known {
    /// The first instant of the first hour in which anything was counted, in ms.
    pub fn first_counted(&self) -> Option<i64> {
        first_counted(&self.guild)
    }
}

fn first_counted(guild: &GuildRow) -> Option<i64> {
    guild.first_activity_hour.map(|hour| i64::from(hour) * limits::HOUR_MS)
}

impl App {
    /// Wraps what is shared.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// The guild of this id with its channels' names, at most one version of its data old.
    ///
    /// # Errors
    /// No such guild; the store does not answer.
    pub async fn known(&self, guild: GuildId) -> Result<Arc<Known>, Problem> {
        // Looked at before anything is read: what is kept under a version is at least as new.
        let version = self.versions.of(guild);
        let key = (guild, version);
        let load = async {
            // Of no stretch at all the ledger says since when it is kept.
            let (row, channels, told) = tokio::try_join!(
                self.store.guild(guild),
                self.store.channels(guild),
                self.store.coverage(guild, 0, 0),
            )?;
            let channels = Channels::new(channels);
            Ok::<_, Problem>(row.map(|guild| {
                let known_from = ledger::known_from(&told, first_counted(&guild));
                Arc::new(Known { version, guild, channels, known_from })
            }))
        };
        let known =
            self.known.try_get_with(key, load).await.map_err(|problem| (*problem).clone())?;
        known.ok_or_else(Problem::unknown_guild)
    }
}

/// The cache behind [`App::known`]: a thousand guilds of a few hundred channels are some 50 MB.
pub fn known_cache() -> Cache<(GuildId, u64), Option<Arc<Known>>> {
    Cache::builder()
        .max_capacity(limits::KNOWN_GUILDS_MAX)
        .time_to_live(limits::ANSWER_CACHE_TTL)
        .build()
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
