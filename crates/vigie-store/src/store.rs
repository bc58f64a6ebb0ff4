//! The store as the other crates see it: opening, applying, asking.

use vigie_core::vocabulary::{ChannelId, GuildId, Record, UserId};

use crate::{
    StoreError,
    db::{Db, Engine},
    question::{
        Audience, ChannelRow, ChannelTotal, EmojiTotal, GuildRow, HourPoint, HourRange,
        Leaderboard, LeaderboardQuestion, MemberDetail, MemberRow, MinutePoint, Scope, Split,
        Standing, Threads, Totals,
    },
};

/// Where the tables are.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// A file path, `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub url: String,
    /// Connections that answer questions at the same time; the writing one comes on top with SQLite. At least 1.
    pub connections_max: u32,
}

/// A handle on the tables; clones share the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// Some entries of one producer's lane, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Who made them.
    pub producer: &'a str,
    /// On which lane.
    pub lane: u8,
    /// Entry number and record, in the order of their numbers.
    pub records: &'a [(u64, Record)],
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records that were stored now.
    pub applied: u64,
    /// Records that had been stored before and were passed over.
    pub repeated: u64,
    /// The guilds that the batch is about, each once, in the order of their ids.
    pub guilds: Vec<GuildId>,
}

const SOON: StoreError =
    StoreError::InvalidQuestion { reason: "this build does not answer it yet" };

#[allow(unused_variables, clippy::unused_async)]
impl Store {
    /// Opens the database, makes it if it is a file that does not exist, and brings its tables up to date under a lock.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Open`], [`StoreError::Migrate`].
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        Err(SOON)
    }

    /// Which engine holds the tables.
    pub fn engine(&self) -> Engine {
        match self.db {
            Db::Lite(_) => Engine::Sqlite,
            Db::Pg(_) => Engine::Postgres,
        }
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Database`] when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Err(SOON)
    }

    /// Waits for open transactions to end and closes all connections.
    pub async fn close(&self) {}

    /// Stores a batch: what was stored before is passed over, the rest is added. Durable and visible when it returns.
    ///
    /// # Errors
    /// [`StoreError::InvalidRecord`] (set the entry aside), [`StoreError::Database`] (try again).
    pub async fn apply(&self, batch: &Batch<'_>) -> Result<Applied, StoreError> {
        Err(SOON)
    }

    /// All guilds that were ever named, by name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guilds(&self) -> Result<Vec<GuildRow>, StoreError> {
        Err(SOON)
    }

    /// One guild; `None` if it was never named.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn guild(&self, guild: GuildId) -> Result<Option<GuildRow>, StoreError> {
        Err(SOON)
    }

    /// All channels and threads of a guild, deleted ones too, by position and id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn channels(&self, guild: GuildId) -> Result<Vec<ChannelRow>, StoreError> {
        Err(SOON)
    }

    /// The names of those of these members that were ever named, by id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn members(
        &self,
        guild: GuildId,
        members: &[UserId],
    ) -> Result<Vec<MemberRow>, StoreError> {
        Err(SOON)
    }

    /// Counts and distinct active members of a range.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn totals(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
    ) -> Result<Totals, StoreError> {
        Err(SOON)
    }

    /// Counts by hour, divided as asked; by hour, then key.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn hourly(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
        split: Split,
    ) -> Result<Vec<HourPoint>, StoreError> {
        Err(SOON)
    }

    /// Counts of the whole guild by minute, from `from_minute` until before `to_minute`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn minutely(
        &self,
        guild: GuildId,
        from_minute: u32,
        to_minute: u32,
        audience: Audience,
    ) -> Result<Vec<MinutePoint>, StoreError> {
        Err(SOON)
    }

    /// Distinct active members in each bucket: bucket i runs from `bounds[i]` until before `bounds[i + 1]`.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are more than [`crate::limits::BUCKETS_MAX`];
    /// [`StoreError::Database`].
    pub async fn active_by_bucket(
        &self,
        guild: GuildId,
        bounds: &[u32],
        audience: Audience,
        scope: impl Into<Scope>,
    ) -> Result<Vec<u64>, StoreError> {
        Err(SOON)
    }

    /// A page of a leaderboard.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn leaderboard(
        &self,
        question: &LeaderboardQuestion,
    ) -> Result<Leaderboard, StoreError> {
        Err(SOON)
    }

    /// Where these members stand on a board (those that are on it), by rank. Search, cursor and limit of the question do not apply.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn standings(
        &self,
        question: &LeaderboardQuestion,
        members: &[UserId],
    ) -> Result<Vec<Standing>, StoreError> {
        Err(SOON)
    }

    /// The channels with the most messages (then reactions), best first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn top_channels(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        threads: Threads,
        limit: u32,
    ) -> Result<Vec<ChannelTotal>, StoreError> {
        Err(SOON)
    }

    /// The emojis with the most reactions given, best first; of everybody in the whole guild.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn top_emojis(
        &self,
        guild: GuildId,
        range: HourRange,
        limit: u32,
    ) -> Result<Vec<EmojiTotal>, StoreError> {
        Err(SOON)
    }

    /// The threads under a channel with any activity in the range, most messages first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn threads(
        &self,
        guild: GuildId,
        channel: ChannelId,
        range: HourRange,
        audience: Audience,
    ) -> Result<Vec<ChannelTotal>, StoreError> {
        Err(SOON)
    }

    /// Last hour with any activity in a channel (or under it), hours since 1970.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn last_activity(
        &self,
        guild: GuildId,
        scope: impl Into<Scope>,
    ) -> Result<Option<u32>, StoreError> {
        Err(SOON)
    }

    /// A member's names and all-time counts; `None` if never heard of.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member(
        &self,
        guild: GuildId,
        member: UserId,
    ) -> Result<Option<MemberDetail>, StoreError> {
        Err(SOON)
    }

    /// One member's counts by hour, in order; the key is [`crate::question::SplitKey::All`].
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_hours(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
        scope: impl Into<Scope>,
    ) -> Result<Vec<HourPoint>, StoreError> {
        Err(SOON)
    }

    /// One member's counts by channel, most messages first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn member_channels(
        &self,
        guild: GuildId,
        member: UserId,
        range: HourRange,
        threads: Threads,
    ) -> Result<Vec<ChannelTotal>, StoreError> {
        Err(SOON)
    }
}
