//! Routes of the guilds family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::{StreamExt, TryStreamExt};
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::question::{Audience, GuildRow, HourRange, Scope, Split};

use crate::cache::Key;
use crate::limits;
use crate::names;
use crate::params::path::GuildPath;
use crate::params::query::Query;
use crate::problem::Problem;
use crate::state::App;
use crate::types::guilds::ChannelList;
use crate::types::guilds::Guild;
use crate::types::guilds::{ChannelEntry, GuildHealth, GuildList};
use crate::types::vocabulary::{Instant, Snowflake, Sparkline};

/// All servers.
#[utoipa::path(
    get,
    path = "/guilds",
    operation_id = "guilds",
    tag = "guilds",
    responses(
        (status = 200, body = GuildList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list(
    State(app): State<App>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[])?;
    let now = (app.clock)();
    let key = Key {
        guild: GuildId(0),
        version: app.versions.of_all(),
        question: format!("guilds {}", now.unix_minute() / 60),
    };
    let answer = async {
        let rows = app.store.guilds().await?;
        let guilds = rows.into_iter().map(|row| {
            let app = app.clone();
            async move { guild(&app, &row, now).await }
        });
        let guilds = futures_util::stream::iter(guilds);
        let mut guilds: Vec<Guild> =
            guilds.buffered(limits::GUILD_QUESTIONS_AT_ONCE).try_collect().await?;
        guilds.sort_by(|a, b| b.messages_7d.cmp(&a.messages_7d).then_with(|| a.name.cmp(&b.name)));
        Ok::<_, Problem>(GuildList { guilds })
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}

/// A guild with its last seven days, in UTC.
async fn guild(app: &App, row: &GuildRow, now: UnixMs) -> Result<Guild, Problem> {
    let end = now.unix_minute() / 60 + 1;
    let today = now.unix_minute() / 1_440;
    let first = (today - 6) * 24;
    let days = week(app, row.id, HourRange { from: first, to: end }).await?;
    let known = |day: usize| {
        row.first_activity_hour.is_some_and(|hour| hour < first + (day as u32 + 1) * 24)
    };
    Ok(Guild {
        id: Snowflake(row.id.0),
        name: row.name.clone(),
        icon_url: row.icon.as_deref().map(|hash| names::icon_path(row.id, hash)),
        member_count: row.member_count,
        is_active: row.is_active,
        bot_added_at: row.bot_added_at_ms.map(|ms| Instant(UnixMs(ms))),
        time_zone: "UTC".to_owned(),
        messages_7d: days.iter().sum(),
        sparkline: Sparkline {
            t: (0..7).map(|day| i64::from(today - 6 + day) * 86_400).collect(),
            v: days.iter().enumerate().map(|(day, value)| known(day).then_some(*value)).collect(),
        },
        last_activity_at: row.last_activity_hour.map(Instant::of_hour),
        health: health(row, end - 1),
    })
}

/// Messages by humans on each of seven days: kept by version of the guild's data, since the list asks for every guild's.
async fn week(app: &App, guild: GuildId, range: HourRange) -> Result<[u64; 7], Problem> {
    let key = (guild, app.versions.of(guild), range.to);
    let count = async {
        let audience = Audience::Humans;
        let points = app.store.hourly(guild, range, audience, Scope::Guild, Split::None).await?;
        let mut days = [0; 7];
        for point in &points {
            let day = (point.unix_hour - range.from) / 24;
            days[day as usize] += u64::from(point.counts.messages);
        }
        Ok::<_, Problem>(days)
    };
    app.weeks.try_get_with(key, count).await.map_err(|problem| (*problem).clone())
}

fn health(row: &GuildRow, this_hour: u32) -> GuildHealth {
    let quiet_hours = row.last_activity_hour.map(|last| this_hour.saturating_sub(last));
    match quiet_hours {
        Some(0..=1) if row.is_active => GuildHealth::Live,
        Some(0..=167) if row.is_active => GuildHealth::Quiet,
        _ => GuildHealth::Stale,
    }
}

/// One server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}",
    operation_id = "guild",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = Guild),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn one(
    State(app): State<App>,
    path: GuildPath,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[])?;
    let now = (app.clock)();
    let known = app.known(path.guild).await?;
    let key = Key {
        guild: path.guild,
        version: known.version,
        question: format!("guild {}", now.unix_minute() / 60),
    };
    Ok(app.answers.get(key, guild(&app, &known.guild, now)).await?.respond(&headers))
}

/// The channels of a server.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/channels",
    operation_id = "channels",
    tag = "guilds",
    params(GuildPath),
    responses(
        (status = 200, body = ChannelList),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn channels(
    State(app): State<App>,
    path: GuildPath,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query.only(&[])?;
    let known = app.known(path.guild).await?;
    let version = known.version;
    let key = Key { guild: path.guild, version, question: "channels".to_owned() };
    let answer = async {
        let rows = known.channels.in_order();
        let channels = rows.iter().map(|row| ChannelEntry {
            channel: known.channels.named(row.id),
            position: row.position,
        });
        Ok::<_, Problem>(ChannelList { channels: channels.collect() })
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}
