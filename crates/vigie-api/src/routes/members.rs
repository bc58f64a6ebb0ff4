//! Routes of the members family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{ChannelId, UserId};
use vigie_store::question::{Board, HourPoint, LeaderboardQuestion, Scope, Threads};

use crate::limits;
use crate::measure::{self, masked, share, spans};
use crate::names;
use crate::params::path::MemberPath;
use crate::params::stats::StatsParams;
use crate::period::{Buckets, auto_step};
use crate::problem::Problem;
use crate::routes::activity::heatmap;
use crate::scene::Scene;
use crate::state::App;
use crate::types::members::{MemberAllTime, MemberChannel, MemberPage, MemberTotals, ValueSeries};
use crate::types::vocabulary::{Coverage, Instant};
use vigie_core::vocabulary::UnixMs;

/// One member.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/members/{user_id}",
    operation_id = "member",
    tag = "members",
    params(MemberPath, StatsParams),
    responses(
        (status = 200, body = MemberPage),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: MemberPath,
    params: StatsParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scene = Scene::open(&app, path.guild, &params).await?;
    let key = scene.key(&format!("member {}", path.member.0), &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, path.member)).await?.respond(&headers))
}

/// The figures are the member's own, whatever audience is asked for; only the rank is among the audience.
async fn answer(app: &App, scene: &Scene, member: UserId) -> Result<MemberPage, Problem> {
    let hours = scene.resolved.span.hours();
    let question = LeaderboardQuestion {
        audience: scene.audience,
        scope: scene.scope,
        ..LeaderboardQuestion::new(scene.guild, hours, Board::Messages, 1)
    };
    let alone = [member];
    let (detail, points, channels, standings) = tokio::try_join!(
        app.store.member(scene.guild, member),
        app.store.member_hours(scene.guild, member, hours, scene.scope),
        app.store.member_channels(scene.guild, member, hours, threads(scene)),
        app.store.standings(&question, &alone),
    )?;
    let detail = detail.ok_or_else(Problem::unknown_member)?;
    let totals = totals(scene, &points);
    let instant = |ms: Option<i64>| ms.map(|ms| Instant(UnixMs(ms)));
    let channels =
        channels.iter().filter(|row| row.counts.messages > 0 && inside(scene, row.channel.id));
    let all: u64 = channels.clone().map(|row| row.counts.messages).sum();
    let channels = channels.take(limits::MEMBER_CHANNELS_MAX as usize).map(|row| MemberChannel {
        channel: scene.known.channels.named(row.channel.id),
        value: row.counts.messages,
        share: share(row.counts.messages as f64, all as f64),
    });
    Ok(MemberPage {
        member: names::member(&detail.row),
        first_seen: instant(detail.first_seen_ms),
        last_seen: instant(detail.last_seen_ms),
        rank: standings.first().filter(|row| row.value > 0.0).map(|row| row.rank),
        totals,
        all_time: MemberAllTime {
            messages: detail.all_time.messages,
            commands: detail.all_time.commands,
            reactions_given: detail.all_time.reactions_added,
            reactions_received: detail.all_time.reactions_received,
        },
        series: series(scene, &points)?,
        channels: channels.collect(),
        heatmap: heatmap::cells(scene, by_hour(&points)),
        period: scene.resolved.period(),
        coverage: Coverage::whole(),
    })
}

/// Threads count for their channel, but stand for themselves when only one channel is asked about.
fn threads(scene: &Scene) -> Threads {
    match scene.scope {
        Scope::Under(part) if scene.known.channels.category(part) != Some(part) => Threads::Own,
        _ => Threads::Folded,
    }
}

/// Whether a channel belongs to the part of the server that is asked about.
fn inside(scene: &Scene, channel: ChannelId) -> bool {
    let channels = &scene.known.channels;
    match scene.scope {
        Scope::Guild => true,
        Scope::Channel(part) => channel == part,
        Scope::Under(part) => {
            [Some(channel), Some(channels.folded(channel)), channels.category(channel)]
                .contains(&Some(part))
        }
    }
}

fn totals(scene: &Scene, points: &[HourPoint]) -> MemberTotals {
    let mut sum = vigie_store::question::Counts::default();
    points.iter().for_each(|point| sum.add(&point.counts));
    let did = |point: &&HourPoint| {
        point.counts.messages + point.counts.commands + point.counts.reactions_added > 0
    };
    let days: std::collections::BTreeSet<i64> = points
        .iter()
        .filter(did)
        .map(|point| scene.resolved.zone.day_number(point.unix_hour * 60))
        .collect();
    MemberTotals {
        messages: sum.messages,
        commands: sum.commands,
        reactions_given: sum.reactions_added,
        reactions_received: sum.reactions_received,
        active_days: days.len() as u32,
    }
}

fn by_hour(points: &[HourPoint]) -> Vec<(u32, u64)> {
    points.iter().map(|point| (point.unix_hour, u64::from(point.counts.messages))).collect()
}

/// Messages over time.
fn series(scene: &Scene, points: &[HourPoint]) -> Result<ValueSeries, Problem> {
    let buckets = Buckets::new(&scene.resolved, auto_step(scene.resolved.span))?;
    let mut values = vec![0; buckets.len()];
    let hours = by_hour(points).into_iter().map(|(hour, value)| (hour * 60, value));
    measure::fold(&spans(&buckets.bounds), hours, |index, value| values[index] += value);
    Ok(ValueSeries {
        t: buckets.starts(),
        values: masked(values, &buckets.known(scene.resolved.first_known)),
        step: buckets.step,
        partial_last: buckets.partial_last,
    })
}
