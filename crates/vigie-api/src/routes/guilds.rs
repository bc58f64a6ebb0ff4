//! Routes of the guilds family.

pub mod changes;
pub mod details;

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::question::{Audience, CoverageHealth, GuildRow, HourRange, Scope, Split};

use crate::cache::Key;
use crate::ledger;
use crate::names;
use crate::params::path::GuildPath;
use crate::params::query::Query;
use crate::problem::Problem;
use crate::state::App;
use crate::types::coverage as types;
use crate::types::guilds::ChannelList;
use crate::types::guilds::Guild;
use crate::types::guilds::{ChannelEntry, GuildHealth, GuildList};
use crate::types::vocabulary::{Figure, Instant, Snowflake, Sparkline};

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
        let today = now.unix_minute() / 1_440;
        let (rows, days) =
            tokio::try_join!(app.store.guilds(), app.store.guild_days(today - 6, today + 1),)?;
        let ids: Vec<GuildId> = rows.iter().map(|row| row.id).collect();
        let told = app.store.coverage_health(&ids).await?;
        let mut weeks = HashMap::<GuildId, [u64; 7]>::new();
        for day in days {
            weeks.entry(day.guild).or_default()[(day.unix_day + 6 - today) as usize] = day.messages;
        }
        let week = |id: GuildId| weeks.get(&id).copied().unwrap_or_default();
        let mut guilds: Vec<Guild> =
            rows.iter().zip(&told).map(|(row, told)| guild(row, told, week(row.id), now)).collect();
        guilds.sort_by(|a, b| b.messages_7d.cmp(&a.messages_7d).then_with(|| a.name.cmp(&b.name)));
        Ok::<_, Problem>(GuildList { guilds })
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
}

/// A guild with its messages on the last seven days, in UTC.
fn guild(row: &GuildRow, told: &CoverageHealth, days: [u64; 7], now: UnixMs) -> Guild {
    let today = now.unix_minute() / 1_440;
    let first = (today - 6) * 24;
    // A day without messages is a zero once the guild is listened to, and unknown before.
    let observed = told.observed_from.map(UnixMs::unix_hour);
    let begin = [row.first_activity_hour, observed].into_iter().flatten().min();
    let known = |day: usize| begin.is_some_and(|hour| hour < first + (day as u32 + 1) * 24);
    Guild {
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
            v: (days.iter().enumerate())
                .map(|(day, value)| known(day).then(|| Figure::count(*value)))
                .collect(),
        },
        last_activity_at: row.last_activity_hour.map(Instant::of_hour),
        health: health(row, now.unix_hour()),
        coverage: match ledger::health(told, now) {
            // Without the bot nothing is to be heard.
            _ if !row.is_active => types::CoverageHealth::Unknown,
            (health, _) => health,
        },
    }
}

/// Messages by humans on each of the last seven days of UTC.
async fn week(app: &App, guild: GuildId, now: UnixMs) -> Result<[u64; 7], Problem> {
    let first = (now.unix_minute() / 1_440 - 6) * 24;
    let range = HourRange { from: first, to: now.unix_hour() + 1 };
    let points =
        app.store.hourly(guild, range, Audience::Humans, Scope::Guild, Split::None).await?;
    let mut days = [0; 7];
    for point in &points {
        days[((point.unix_hour - first) / 24) as usize] += u64::from(point.counts.messages);
    }
    Ok(days)
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
    let ids = [path.guild];
    let answer = async {
        let (days, told) = tokio::try_join!(week(&app, path.guild, now), async {
            Ok(app.store.coverage_health(&ids).await?)
        })?;
        let told = told.first().ok_or_else(Problem::unknown_guild)?;
        Ok::<_, Problem>(guild(&known.guild, told, days, now))
    };
    Ok(app.answers.get(key, answer).await?.respond(&headers))
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
