//! Voice summed over members: totals, series by hour and minute, channels, most people at once.

use std::collections::BTreeMap;

use sqlx::FromRow;
use vigie_core::vocabulary::{AuthorKind, ChannelId, GuildId, UserId, VoiceTime};

use super::{fold::WHOLE_GUILD, member, members, write::FIGURES};
use crate::{
    Store, StoreError,
    activity::{self, within},
    db::Snapshot,
    guilds::ChannelSql,
    limits::SPLIT_TOP_MAX,
    query::Query,
    question::{
        Audience, HourRange, Scope, Split, SplitKey, VoiceChannelTotal, VoiceHourPoint,
        VoiceMinutePoint, VoicePeakPoint, VoiceSums, VoiceTotals,
    },
    value::{counter, id, key, sum},
};

impl Store {
    /// Time, sessions, distinct members and the peak of a range.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn voice_totals(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
    ) -> Result<VoiceTotals, StoreError> {
        let scope = scope.into();
        let Some(guild) = key(guild.0) else {
            return Ok(VoiceTotals::default());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(rows) = hour_rows(&mut query, guild, range, audience, scope) else {
            return Ok(VoiceTotals::default());
        };
        let statement = query.text(format!("SELECT {} FROM {rows}", sums_sql()));
        let sums: Option<SumsSql> = statement.first(&mut at).await?;
        let members = members::count(&mut at, guild, range, audience, scope).await?;
        let peak = match scope {
            Scope::Under(_) => None,
            _ => peaks(&mut at, guild, range, scope, "people DESC, unix_hour LIMIT 1").await?.pop(),
        };
        Ok(VoiceTotals { sums: sums.unwrap_or_default().sums(), members, peak })
    }

    /// Voice by hour, divided as asked; by hour, then key. Only hours and parts with any voice are listed.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] for a split by emoji; [`StoreError::Database`].
    pub async fn voice_hourly(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
        split: Split,
    ) -> Result<Vec<VoiceHourPoint>, StoreError> {
        let scope = scope.into();
        let Some(g) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let asked = Asked { guild: g, range, audience, scope };
        let mut at = self.read.snapshot().await?;
        match split {
            Split::None => Ok(by(&mut at, asked, "CAST(0 AS BIGINT)", |_| SplitKey::All).await?),
            Split::Kind => {
                let kind =
                    |kind| SplitKey::Kind(AuthorKind::from_u8(kind as u8).unwrap_or_default());
                Ok(by(&mut at, asked, "CAST(kind AS BIGINT)", kind).await?)
            }
            Split::Channel => {
                let channel = |channel| SplitKey::Channel(ChannelId(id(channel)));
                Ok(by(&mut at, asked, "channel_id", channel).await?)
            }
            Split::Member { top } => Ok(by_member(&mut at, asked, top.min(SPLIT_TOP_MAX)).await?),
            Split::Emoji { .. } => {
                Err(StoreError::InvalidQuestion { reason: "voice has no emojis to be divided by" })
            }
        }
    }

    /// Voice of people in the whole guild by minute, from `from_minute` until before `to_minute`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn voice_minutely(
        &self,
        guild: GuildId,
        from_minute: u32,
        to_minute: u32,
    ) -> Result<Vec<VoiceMinutePoint>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(from_minute), query.bind(to_minute));
        let statement = query.text(format!(
            "SELECT unix_minute, voice_ms, active_voice_ms, voice_peak FROM metrics_snapshots \
             WHERE guild_id = {g} AND unix_minute >= {from} AND unix_minute < {to} AND (voice_ms > 0 OR voice_peak > 0) \
             ORDER BY unix_minute"
        ));
        let rows: Vec<(i32, i32, i32, i32)> = statement.all_now(&self.read).await?;
        let point = |(minute, total_ms, active_ms, peak): (i32, i32, i32, i32)| VoiceMinutePoint {
            unix_minute: minute.unsigned_abs(),
            total_ms: sum(i64::from(total_ms)),
            active_ms: sum(i64::from(active_ms)),
            peak: counter(i64::from(peak)),
        };
        Ok(rows.into_iter().map(point).collect())
    }

    /// The channels with the most time in voice, best first, each with its peak in the range.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn voice_channels(
        &self,
        guild: GuildId,
        range: HourRange,
        audience: Audience,
        scope: impl Into<Scope>,
        limit: u32,
    ) -> Result<Vec<VoiceChannelTotal>, StoreError> {
        let scope = scope.into();
        let Some(g) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        let mut query = Query::default();
        let Some(rows) = channel_hour_rows(&mut query, g, range, audience, scope) else {
            return Ok(Vec::new());
        };
        let statement = channel_totals(query, &rows, limit);
        let rows: Vec<ChannelTotalSql> = statement.all(&mut at).await?;
        let best = peaks(&mut at, g, range, Scope::Guild, EACH_CHANNEL).await?;
        let mut tops: BTreeMap<ChannelId, VoicePeakPoint> = BTreeMap::new();
        for peak in best {
            // In the order of the hours: the first of the highest stays.
            let Some(channel) = peak.channel else { continue };
            let top = tops.entry(channel).or_insert(peak);
            if peak.people > top.people {
                *top = peak;
            }
        }
        let mut totals: Vec<_> = rows.into_iter().map(ChannelTotalSql::row).collect();
        for total in &mut totals {
            total.peak = tops.get(&total.channel.id).copied();
        }
        Ok(totals)
    }

    /// Most people at once by hour: in the whole guild, in one channel, or in each of several ([`Scope::Under`]); by hour, then channel.
    /// Only hours with anybody are listed.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn voice_peaks(
        &self,
        guild: GuildId,
        range: HourRange,
        scope: impl Into<Scope>,
    ) -> Result<Vec<VoicePeakPoint>, StoreError> {
        let Some(guild) = key(guild.0) else {
            return Ok(Vec::new());
        };
        let mut at = self.read.snapshot().await?;
        Ok(peaks(&mut at, guild, range, scope.into(), "unix_hour, channel_id").await?)
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
struct Asked {
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
}

/// Order of the peaks of all channels, where the whole guild's are not meant.
const EACH_CHANNEL: &str = "unix_hour";

/// Peaks in an order.
async fn peaks(
    at: &mut Snapshot,
    guild: i64,
    range: HourRange,
    scope: Scope,
    order: &str,
) -> sqlx::Result<Vec<VoicePeakPoint>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let (from, to) = (query.bind(range.from), query.bind(range.to));
    let within = match scope {
        Scope::Guild if order == EACH_CHANNEL => format!(" AND channel_id <> {WHOLE_GUILD}"),
        Scope::Guild => format!(" AND channel_id = {WHOLE_GUILD}"),
        _ => match within(&mut query, &g, "channel_id", scope) {
            Some(within) => within,
            None => return Ok(Vec::new()),
        },
    };
    let statement = query.text(format!(
        "SELECT unix_hour, channel_id, people FROM voice_peaks_hourly \
         WHERE guild_id = {g} AND unix_hour >= {from} AND unix_hour < {to}{within} ORDER BY {order}"
    ));
    let rows: Vec<(i32, i64, i32)> = statement.all(at).await?;
    let point = |(hour, channel, people): (i32, i64, i32)| VoicePeakPoint {
        unix_hour: hour.unsigned_abs(),
        channel: (channel != WHOLE_GUILD).then(|| ChannelId(id(channel))),
        people: counter(i64::from(people)),
    };
    Ok(rows.into_iter().map(point).collect())
}

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
    let conditions = activity::conditions(query, guild, range, audience);
    Some(format!("guild_voice_hourly WHERE {conditions}"))
}

/// The same from the rows of the channels, whatever the scope.
fn channel_hour_rows(
    query: &mut Query,
    guild: i64,
    range: HourRange,
    audience: Audience,
    scope: Scope,
) -> Option<String> {
    let conditions = activity::conditions(query, guild, range, audience);
    let within = within(query, "$1", "channel_id", scope)?;
    Some(format!("channel_voice_hourly WHERE {conditions}{within}"))
}

/// Points by hour and one more column.
async fn by(
    at: &mut Snapshot,
    asked: Asked,
    part: &str,
    split: impl Fn(i64) -> SplitKey,
) -> sqlx::Result<Vec<VoiceHourPoint>> {
    let Asked { guild, range, audience, scope } = asked;
    let mut query = Query::default();
    let rows = match part {
        "channel_id" => channel_hour_rows(&mut query, guild, range, audience, scope),
        _ => hour_rows(&mut query, guild, range, audience, scope),
    };
    let Some(rows) = rows else { return Ok(Vec::new()) };
    let statement = query.text(format!(
        "SELECT unix_hour, {part} AS part, {} FROM {rows} GROUP BY unix_hour, part ORDER BY unix_hour, part",
        sums_sql()
    ));
    let rows: Vec<HourSql> = statement.all(at).await?;
    let point = |row: HourSql| VoiceHourPoint {
        unix_hour: row.unix_hour.unsigned_abs(),
        key: split(row.part),
        voice: row.sums.sums(),
    };
    Ok(rows.into_iter().map(point).collect())
}

/// The members with the most time, and what they leave of the whole.
async fn by_member(at: &mut Snapshot, asked: Asked, top: u32) -> sqlx::Result<Vec<VoiceHourPoint>> {
    let Asked { guild, range, audience, scope } = asked;
    let whole = by(at, asked, "CAST(0 AS BIGINT)", |_| SplitKey::All).await?;
    let mut rest: BTreeMap<u32, VoiceSums> =
        whole.into_iter().map(|point| (point.unix_hour, point.voice)).collect();
    let mut points = Vec::new();
    for member in activity::top_in_voice(at, guild, range, audience, scope, top).await? {
        for point in member::hours(at, guild, member, range, scope).await? {
            if let Some(rest) = rest.get_mut(&point.unix_hour) {
                take(rest, &point.voice);
            }
            points.push(VoiceHourPoint { key: SplitKey::Member(UserId(id(member))), ..point });
        }
    }
    let left = rest.into_iter().filter(|(_, voice)| *voice != VoiceSums::default());
    points.extend(left.map(|(unix_hour, voice)| VoiceHourPoint {
        unix_hour,
        key: SplitKey::Other,
        voice,
    }));
    points.sort_by(|a, b| (a.unix_hour, &a.key).cmp(&(b.unix_hour, &b.key)));
    Ok(points)
}

fn take(from: &mut VoiceSums, part: &VoiceSums) {
    let (mine, parts) = (from.time.figures(), part.time.figures());
    let left = std::array::from_fn(|at| mine[at].saturating_sub(parts[at]));
    from.time = VoiceTime::from_figures(left);
    from.sessions = from.sessions.saturating_sub(part.sessions);
}

/// Sums of all figures under their names, as BIGINT on both engines; NULL without rows.
pub(super) fn sums_sql() -> String {
    let sums = FIGURES.map(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}"));
    sums.join(", ")
}

/// Figures of a row; missing ones are zero.
#[derive(Clone, Copy, Debug, Default, FromRow)]
pub(super) struct SumsSql {
    sessions: Option<i64>,
    total_ms: Option<i64>,
    active_ms: Option<i64>,
    muted_ms: Option<i64>,
    deafened_ms: Option<i64>,
    streaming_ms: Option<i64>,
    video_ms: Option<i64>,
    suppressed_ms: Option<i64>,
    alone_ms: Option<i64>,
    afk_ms: Option<i64>,
}

impl SumsSql {
    pub(super) fn sums(self) -> VoiceSums {
        let figures = [
            self.total_ms,
            self.active_ms,
            self.muted_ms,
            self.deafened_ms,
            self.streaming_ms,
            self.video_ms,
            self.suppressed_ms,
            self.alone_ms,
            self.afk_ms,
        ];
        VoiceSums {
            time: VoiceTime::from_figures(figures.map(|figure| sum(figure.unwrap_or(0)))),
            sessions: sum(self.sessions.unwrap_or(0)),
        }
    }
}

#[derive(FromRow)]
struct HourSql {
    unix_hour: i32,
    part: i64,
    #[sqlx(flatten)]
    sums: SumsSql,
}

#[derive(FromRow)]
pub(super) struct ChannelTotalSql {
    #[sqlx(flatten)]
    channel: ChannelSql,
    #[sqlx(flatten)]
    sums: SumsSql,
}

impl ChannelTotalSql {
    pub(super) fn row(self) -> VoiceChannelTotal {
        VoiceChannelTotal { channel: self.channel.row(), voice: self.sums.sums(), peak: None }
    }
}

/// Sums by channel of rows that have a channel (a FROM and WHERE clause; the guild is `$1`), named, most time first.
pub(super) fn channel_totals(mut query: Query, rows: &str, limit: u32) -> crate::query::Statement {
    let limit = query.bind(i64::from(limit));
    let figures = FIGURES.map(|name| format!("b.{name}")).join(", ");
    query.text(format!(
        "WITH best AS (SELECT channel_id, {} FROM {rows} GROUP BY channel_id) \
         SELECT b.channel_id, c.name, c.kind, c.parent_id, c.position, c.is_deleted, {figures} FROM best b \
         LEFT JOIN channel_names c ON c.guild_id = $1 AND c.channel_id = b.channel_id \
         ORDER BY b.total_ms DESC, b.sessions DESC, b.channel_id LIMIT {limit}",
        sums_sql()
    ))
}
