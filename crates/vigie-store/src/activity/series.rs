//! Sums over members: totals, series by hour and minute, the busiest channels and emojis.

use sqlx::FromRow;
use std::{borrow::Cow, collections::BTreeMap};
use vigie_core::vocabulary::{
    ActivityCounts, AuthorKind, ChannelId, Emoji, EmojiId, GuildId, UserId,
};

use super::{
    active,
    leaderboard::top_members,
    member,
    range::within,
    sums::{COUNTERS, CountsSql, SUMS},
};
use crate::{
    Store, StoreError,
    db::Snapshot,
    guilds::{ChannelSql, THREAD_KINDS},
    limits::SPLIT_TOP_MAX,
    query::Query,
    question::{
        Audience, Board, ChannelTotal, EmojiTotal, HourPoint, HourRange, LeaderboardQuestion,
        MinutePoint, Scope, ScoreWeights, Split, SplitKey, Threads, Totals,
    },
    value::{counter, id, key, sum},
};

impl Store {
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
        let scope = scope.into();
        let Some(guild) = key(guild.0) else {
            return Ok(Totals::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(rows) = hour_rows(&mut query, guild, range, audience, scope) else {
            return Ok(Totals::default());
        };
        let statement = query.text(format!("SELECT {SUMS} FROM {rows}"));
        let counts: Option<CountsSql> = statement.first(&mut at).await?;
        let counts = counts.unwrap_or_default().counts();
        let active = active::count(&mut at, guild, &[range], audience, scope).await?;
        Ok(Totals {
            messages: counts.messages,
            commands: counts.commands,
            reactions_added: counts.reactions_added,
            reactions_removed: counts.reactions_removed,
            reactions_received: counts.reactions_received,
            active_members: active.iter().sum(),
        })
    }

    /// Counts by hour, divided as asked; by hour, then key. Only hours and parts with any count are listed.
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
        let scope = scope.into();
        let Some(g) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let points = match split {
            Split::None => whole(&mut at, g, range, audience, scope).await?,
            Split::Kind => by_kind(&mut at, g, range, audience, scope).await?,
            Split::Channel => by_channel(&mut at, g, range, audience, scope).await?,
            Split::Member { top } => {
                let whole = whole(&mut at, g, range, audience, scope).await?;
                let question = LeaderboardQuestion {
                    audience,
                    scope,
                    ..LeaderboardQuestion::new(guild, range, ANYTHING, top.min(SPLIT_TOP_MAX))
                };
                let members = top_members(&mut at, g, &question).await?;
                let mut parts = Vec::new();
                for member in members {
                    let key = SplitKey::Member(UserId(id(member)));
                    let hours = member::hours(&mut at, g, member, range, scope).await?;
                    parts.extend(hours.into_iter().map(|(unix_hour, counts)| HourPoint {
                        unix_hour,
                        key: key.clone(),
                        counts,
                    }));
                }
                with_other(whole, parts)
            }
            Split::Emoji { top } => by_emoji(&mut at, g, range, top.min(SPLIT_TOP_MAX)).await?,
        };
        Ok(points)
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
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(from_minute), query.bind(to_minute));
        let counters = minute_counters(audience);
        let statement = query.text(format!(
            "SELECT unix_minute, {counters} FROM metrics_snapshots \
             WHERE guild_id = {g} AND unix_minute >= {from} AND unix_minute < {to} ORDER BY unix_minute"
        ));
        let rows: Vec<MinuteSql> = statement.all_now(&self.read).await?;
        let points = rows.into_iter().map(|row| MinutePoint {
            unix_minute: row.unix_minute.unsigned_abs(),
            counts: row.counts.activity(),
        });
        Ok(points.filter(|point| point.counts != ActivityCounts::default()).collect())
    }

    /// The channels with the most messages (then reactions given), best first.
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
        let Some(g) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut query = Query::default();
        let Some(rows) = channel_hour_rows(&mut query, g, range, audience, Scope::Guild) else {
            return Ok(Vec::new());
        };
        let statement = channel_totals(query, &rows, threads, "", limit);
        let rows: Vec<ChannelTotalSql> = statement.all_now(&self.read).await?;
        Ok(rows.into_iter().map(ChannelTotalSql::row).collect())
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
        let (Some(g), Some(parent)) = (key(guild.0), key(channel.0)) else {
            return Ok(Vec::new());
        };
        let mut query = Query::default();
        let Some(rows) = channel_hour_rows(&mut query, g, range, audience, Scope::Under(channel))
        else {
            return Ok(Vec::new());
        };
        let parent = query.bind(parent);
        let only = format!(" WHERE n.parent_id = {parent} AND n.kind IN {THREAD_KINDS}");
        let statement = channel_totals(query, &rows, Threads::Own, &only, u32::MAX);
        let rows: Vec<ChannelTotalSql> = statement.all_now(&self.read).await?;
        Ok(rows.into_iter().map(ChannelTotalSql::row).collect())
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
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let rows = emoji_totals(&mut at, guild, range, limit).await?;
        Ok(rows.into_iter().map(EmojiSql::row).collect())
    }

    /// Last hour with any activity or voice (hours since 1970) in a scope; `None` before any.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn last_activity(
        &self,
        guild: GuildId,
        scope: impl Into<Scope>,
    ) -> Result<Option<u32>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(None);
        };
        let always = HourRange { from: 0, to: u32::MAX };
        let mut query = Query::default();
        let Some(rows) = hour_rows(&mut query, guild, always, Audience::All, scope.into()) else {
            return Ok(None);
        };
        // From the last hour backwards until the first row that fits.
        let voices = rows.replacen("_activity_hourly", "_voice_hourly", 1);
        let statement = query.text(format!(
            "SELECT (SELECT unix_hour FROM {rows} ORDER BY unix_hour DESC LIMIT 1), \
             (SELECT unix_hour FROM {voices} ORDER BY unix_hour DESC LIMIT 1)"
        ));
        let hours: Option<(Option<i32>, Option<i32>)> = statement.first_now(&self.read).await?;
        let (activity, voice) = hours.unwrap_or_default();
        Ok(activity.max(voice).map(i32::unsigned_abs))
    }
}

/// A board on which everybody stands who sent a message or gave a reaction.
const ANYTHING: Board =
    Board::Activity { weights: ScoreWeights { messages: 1.0, reactions: 1.0, voice_minutes: 0.0 } };

/// The rows that answer a question about sums by hour, as a FROM and WHERE clause with the guild as `$1`: those of the guild, or of its
/// channels where the scope asks for some. `None` if nothing can match.
fn hour_rows(
    query: &mut Query,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> Option<String> {
    if scope != Scope::Guild {
        return channel_hour_rows(query, guild, range, audience, scope);
    }
    let conditions = conditions(query, guild, range, audience);
    Some(format!("guild_activity_hourly WHERE {conditions}"))
}

/// The same from the rows of the channels, whatever the scope.
fn channel_hour_rows(
    query: &mut Query,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> Option<String> {
    let conditions = conditions(query, guild, range, audience);
    let within = within(query, "$1", "channel_id", scope)?;
    Some(format!("channel_activity_hourly WHERE {conditions}{within}"))
}

/// The conditions on rows of hours and kinds; the guild is bound first.
pub(crate) fn conditions(
    query: &mut Query,
    guild: i64,
    range: HourRange,
    audience: Audience,
) -> String {
    let g = query.bind(guild);
    let (from, to) = (query.bind(range.from), query.bind(range.to));
    let (low, high) = audience.kinds();
    let (low, high) = (query.bind(low), query.bind(high));
    format!(
        "guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to} AND kind BETWEEN {low} AND {high}"
    )
}

/// Hour, part (channel or kind) and counters, by position: a series of a year has many rows.
type HourSql = (i32, i64, i64, i64, i64, i64, i64);

async fn whole(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<HourPoint>> {
    let mut query = Query::default();
    let Some(rows) = hour_rows(&mut query, guild, range, audience, scope) else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT unix_hour, CAST(0 AS BIGINT) AS part, {SUMS} FROM {rows} GROUP BY unix_hour ORDER BY unix_hour"
    ));
    let rows: Vec<HourSql> = statement.all(at).await?;
    Ok(points(rows, |_| SplitKey::All))
}

async fn by_kind(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<HourPoint>> {
    let mut query = Query::default();
    let Some(rows) = hour_rows(&mut query, guild, range, audience, scope) else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT unix_hour, CAST(kind AS BIGINT) AS part, {SUMS} FROM {rows} GROUP BY unix_hour, kind ORDER BY unix_hour, kind"
    ));
    let rows: Vec<HourSql> = statement.all(at).await?;
    Ok(points(rows, |kind| SplitKey::Kind(AuthorKind::from_u8(kind as u8).unwrap_or_default())))
}

async fn by_channel(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> sqlx::Result<Vec<HourPoint>> {
    let mut query = Query::default();
    let Some(rows) = channel_hour_rows(&mut query, guild, range, audience, scope) else {
        return Ok(Vec::new());
    };
    let statement = query.text(format!(
        "SELECT unix_hour, channel_id AS part, {SUMS} FROM {rows} GROUP BY unix_hour, channel_id ORDER BY unix_hour, channel_id"
    ));
    let rows: Vec<HourSql> = statement.all(at).await?;
    Ok(points(rows, |channel| SplitKey::Channel(ChannelId(id(channel)))))
}

fn points(rows: Vec<HourSql>, key: impl Fn(i64) -> SplitKey) -> Vec<HourPoint> {
    rows.into_iter()
        .map(|row| HourPoint {
            unix_hour: row.0.unsigned_abs(),
            key: key(row.1),
            counts: CountsSql::of([row.2, row.3, row.4, row.5, row.6]).activity(),
        })
        .collect()
}

async fn by_emoji(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    top: u32,
) -> sqlx::Result<Vec<HourPoint>> {
    let tops = emoji_totals(at, guild, range, top).await?;
    let tops: BTreeMap<(i64, String), Emoji<'static>> = tops
        .into_iter()
        .map(|row| ((row.emoji_id, row.unicode.clone()), row.row().emoji))
        .collect();
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(range.from), query.bind(range.to));
    let statement = query.text(format!(
        "SELECT unix_hour, emoji_id, unicode, reactions_added, reactions_removed FROM emoji_hourly \
         WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to}"
    ));
    let rows: Vec<(i32, i64, String, i64, i64)> = statement.all(at).await?;
    let mut sums: BTreeMap<(u32, SplitKey), (i64, i64)> = BTreeMap::new();
    for (hour, emoji, unicode, added, removed) in rows {
        let emoji = tops.get(&(emoji, unicode)).cloned();
        let key = emoji.map_or(SplitKey::Other, SplitKey::Emoji);
        let sum = sums.entry((hour.unsigned_abs(), key)).or_default();
        sum.0 += added;
        sum.1 += removed;
    }
    Ok(sums
        .into_iter()
        .map(|((unix_hour, key), (added, removed))| HourPoint {
            unix_hour,
            key,
            counts: ActivityCounts {
                reactions_added: counter(added),
                reactions_removed: counter(removed),
                ..ActivityCounts::default()
            },
        })
        .collect())
}

/// The parts, and what they leave of the whole; by hour, then key.
fn with_other(whole: Vec<HourPoint>, mut parts: Vec<HourPoint>) -> Vec<HourPoint> {
    let mut rest: BTreeMap<u32, ActivityCounts> =
        whole.into_iter().map(|point| (point.unix_hour, point.counts)).collect();
    for part in &parts {
        if let Some(rest) = rest.get_mut(&part.unix_hour) {
            take(&mut rest.messages, part.counts.messages);
            take(&mut rest.commands, part.counts.commands);
            take(&mut rest.reactions_added, part.counts.reactions_added);
            take(&mut rest.reactions_removed, part.counts.reactions_removed);
            take(&mut rest.reactions_received, part.counts.reactions_received);
        }
    }
    let left = rest.into_iter().filter(|(_, counts)| *counts != ActivityCounts::default());
    parts.extend(left.map(|(unix_hour, counts)| HourPoint {
        unix_hour,
        key: SplitKey::Other,
        counts,
    }));
    parts.sort_by(|a, b| (a.unix_hour, &a.key).cmp(&(b.unix_hour, &b.key)));
    parts
}

fn take(from: &mut u32, part: u32) {
    *from = from.saturating_sub(part);
}

#[derive(FromRow)]
struct MinuteSql {
    unix_minute: i32,
    #[sqlx(flatten)]
    counts: CountsSql,
}

/// The counters of an audience, out of the columns of `metrics_snapshots`.
fn minute_counters(audience: Audience) -> String {
    let column = |name: &str| {
        let bots = if name == "messages" {
            "CAST(bot_messages AS BIGINT) + webhook_messages".to_owned()
        } else {
            format!("CAST(bot_{name} AS BIGINT)")
        };
        let sum = match audience {
            Audience::Humans => format!("CAST({name} AS BIGINT)"),
            Audience::Bots => bots,
            Audience::All => format!("{bots} + {name}"),
        };
        format!("{sum} AS {name}")
    };
    let columns: Vec<_> = COUNTERS.split(", ").map(column).collect();
    columns.join(", ")
}

#[derive(FromRow)]
pub(super) struct ChannelTotalSql {
    #[sqlx(flatten)]
    channel: ChannelSql,
    #[sqlx(flatten)]
    counts: CountsSql,
}

impl ChannelTotalSql {
    pub(super) fn row(self) -> ChannelTotal {
        ChannelTotal { channel: self.channel.row(), counts: self.counts.counts() }
    }
}

/// Sums by channel of rows that have a channel (a FROM and WHERE clause; the guild is `$1`), named, best first. `only` is a
/// condition on the channel's names `n`.
pub(super) fn channel_totals(
    mut query: Query,
    rows: &str,
    threads: Threads,
    only: &str,
    limit: u32,
) -> crate::query::Statement {
    let channel = match threads {
        Threads::Own => "o.channel_id".to_owned(),
        Threads::Folded => format!(
            "CASE WHEN n.kind IN {THREAD_KINDS} THEN COALESCE(n.parent_id, o.channel_id) ELSE o.channel_id END"
        ),
    };
    let limit = query.bind(i64::from(limit));
    query.text(format!(
        "WITH own AS (SELECT channel_id, {SUMS} FROM {rows} GROUP BY channel_id), \
         placed AS (SELECT {channel} AS channel_id, {COUNTERS} FROM own o \
           LEFT JOIN channel_names n ON n.guild_id = $1 AND n.channel_id = o.channel_id{only}), \
         best AS (SELECT channel_id, {SUMS} FROM placed GROUP BY channel_id) \
         SELECT b.channel_id, c.name, c.kind, c.parent_id, c.position, c.is_deleted, {COUNTERS} FROM best b \
         LEFT JOIN channel_names c ON c.guild_id = $1 AND c.channel_id = b.channel_id \
         ORDER BY messages DESC, reactions_added DESC, b.channel_id LIMIT {limit}"
    ))
}

#[derive(FromRow)]
struct EmojiSql {
    emoji_id: i64,
    unicode: String,
    name: Option<String>,
    reactions_added: i64,
    reactions_removed: i64,
}

impl EmojiSql {
    fn row(self) -> EmojiTotal {
        let emoji = match self.emoji_id {
            0 => Emoji::Unicode(Cow::Owned(self.unicode)),
            custom => Emoji::Custom { id: EmojiId(id(custom)), name: self.name.map(Cow::Owned) },
        };
        EmojiTotal { emoji, added: sum(self.reactions_added), removed: sum(self.reactions_removed) }
    }
}

async fn emoji_totals(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    limit: u32,
) -> sqlx::Result<Vec<EmojiSql>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(range.from), query.bind(range.to));
    let limit = query.bind(i64::from(limit));
    let statement = query.text(format!(
        "WITH best AS (SELECT emoji_id, unicode, CAST(SUM(reactions_added) AS BIGINT) AS reactions_added, \
           CAST(SUM(reactions_removed) AS BIGINT) AS reactions_removed FROM emoji_hourly \
           WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to} GROUP BY emoji_id, unicode) \
         SELECT b.emoji_id, b.unicode, n.name, b.reactions_added, b.reactions_removed FROM best b \
         LEFT JOIN emoji_names n ON n.guild_id = {g} AND n.emoji_id = b.emoji_id \
         ORDER BY b.reactions_added DESC, b.reactions_removed DESC, b.emoji_id, b.unicode LIMIT {limit}"
    ));
    statement.all(at).await
}
