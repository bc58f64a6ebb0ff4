//! Routes of the channels family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::ChannelId;
use vigie_store::question::{Board, LeaderboardQuestion, Scope, Split, Totals};

use crate::limits;
use crate::measure::{self, masked, share, spans};
use crate::names;
use crate::params::path::ChannelPath;
use crate::params::stats::StatsParams;
use crate::period::{Buckets, auto_step};
use crate::problem::Problem;
use crate::routes::activity::{heatmap, series};
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Metric;
use crate::types::channels::{ChannelMember, ChannelPage, ChannelThread, ChannelTotals};
use crate::types::members::ValueSeries;
use crate::types::vocabulary::{Coverage, Instant};

/// One channel.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/channels/{channel_id}",
    operation_id = "channel",
    tag = "activity",
    params(ChannelPath, StatsParams),
    responses(
        (status = 200, body = ChannelPage),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: ChannelPath,
    params: StatsParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let guild = Scene::open(&app, path.guild, &params).await?;
    if guild.known.channels.row(path.channel).is_none() {
        return Err(Problem::unknown_channel());
    }
    let scene = Scene { scope: Scope::Under(path.channel), ..guild.same() };
    let key = scene.key(&format!("channel {}", path.channel.0), &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, path.channel)).await?.respond(&headers))
}

async fn answer(app: &App, scene: &Scene, channel: ChannelId) -> Result<ChannelPage, Problem> {
    let span = scene.resolved.span;
    let guild = Scene { scope: Scope::Guild, ..scene.same() };
    let buckets = Buckets::new(&scene.resolved, auto_step(span))?;
    let (now, before, whole, points, compare, members, below, last) = tokio::try_join!(
        measure::totals(app, scene, span),
        async {
            let Some(span) = scene.previous() else { return Ok(None) };
            measure::totals(app, scene, span).await.map(Some)
        },
        measure::totals(app, &guild, span),
        measure::hourly(app, scene, span, Split::None),
        series::comparison(app, scene, Metric::Messages, &buckets),
        members(app, scene),
        series::below(app, scene, channel, span),
        async { Ok(app.store.last_activity(scene.guild, scene.scope).await?) },
    )?;
    let by_hour: Vec<(u32, u64)> =
        points.iter().map(|point| (point.unix_hour, u64::from(point.counts.messages))).collect();
    let mut values = vec![0; buckets.len()];
    let minutes = by_hour.iter().map(|(hour, value)| (hour * 60, *value));
    measure::fold(&spans(&buckets.bounds), minutes, |index, value| values[index] += value);
    let below = below.into_iter().filter(|(_, value)| *value > 0).take(limits::TOP_ROWS as usize);
    Ok(ChannelPage {
        channel: scene.known.channels.named(channel),
        totals: totals(&now),
        previous: before.as_ref().map(totals),
        share_of_guild: share(now.messages as f64, whole.messages as f64),
        last_activity_at: last.map(Instant::of_hour),
        series: ValueSeries {
            t: buckets.starts(),
            values: masked(values, &buckets.known(scene.resolved.first_known)),
            step: buckets.step,
            partial_last: buckets.partial_last,
        },
        compare,
        members,
        threads: below
            .map(|(id, value)| ChannelThread { channel: scene.known.channels.named(id), value })
            .collect(),
        heatmap: heatmap::cells(scene, by_hour),
        period: scene.resolved.period(),
        coverage: Coverage::whole(),
    })
}

fn totals(totals: &Totals) -> ChannelTotals {
    ChannelTotals {
        messages: totals.messages,
        commands: totals.commands,
        reactions: totals.reactions_added,
        active_members: totals.active_members,
    }
}

async fn members(app: &App, scene: &Scene) -> Result<Vec<ChannelMember>, Problem> {
    let hours = scene.resolved.span.hours();
    let board = app
        .store
        .leaderboard(&LeaderboardQuestion {
            audience: scene.audience,
            scope: scene.scope,
            ..LeaderboardQuestion::new(scene.guild, hours, Board::Messages, limits::TOP_ROWS)
        })
        .await?;
    let rows = board.rows.iter().map(|row| ChannelMember {
        rank: row.rank,
        member: names::member(&row.member),
        value: row.counts.messages,
        share: share(row.value, board.total_value),
    });
    Ok(rows.collect())
}
