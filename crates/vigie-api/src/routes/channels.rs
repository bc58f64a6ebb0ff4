//! Routes of the channels family.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::ChannelId;
use vigie_store::question::{
    Board, Leaderboard, LeaderboardQuestion, Scope, Split, Totals, VoiceHourPoint, VoiceTotals,
};

use crate::ledger::{self, ACTIVITY, Ledger};
use crate::limits;
use crate::measure::{self, families, share, voice};
use crate::names;
use crate::params::path::ChannelPath;
use crate::params::stats::StatsParams;
use crate::period::{Buckets, auto_step};
use crate::problem::Problem;
use crate::routes::activity::{heatmap, series};
use crate::routes::members;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Metric;
use crate::types::channels::{
    ChannelMember, ChannelPage, ChannelThread, ChannelTotals, ChannelVoice, ChannelVoiceMember,
};
use crate::types::vocabulary::{Figure, Instant};

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
    let scene = guild.within(Scope::Under(path.channel));
    let key = scene.key(&format!("channel {}", path.channel.0), &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, path.channel)).await?.respond(&headers))
}

async fn answer(app: &App, scene: &Scene, channel: ChannelId) -> Result<ChannelPage, Problem> {
    let span = scene.resolved.span;
    let guild = scene.within(Scope::Guild);
    let buckets = Buckets::new(&scene.resolved, auto_step(span))?;
    let (ledger, now, before, whole, points, compare, writers, below, last, voice) = tokio::try_join!(
        scene.ledger(app),
        measure::totals(app, scene, span),
        async {
            let Some(span) = scene.previous(&ACTIVITY) else { return Ok(None) };
            let (totals, voice) = tokio::try_join!(
                measure::totals(app, scene, span),
                voice::totals(app, scene, span),
            )?;
            Ok(Some((span, totals, voice)))
        },
        measure::totals(app, &guild, span),
        measure::points(app, scene, Metric::Messages, span, Split::None),
        series::comparison(app, scene, Metric::Messages, &buckets),
        leaders(app, scene, Board::Messages),
        series::below(app, scene, channel, span),
        async { Ok(app.store.last_activity(scene.guild, scene.scope).await?) },
        heard(app, scene),
    )?;
    let by_hour: Vec<(u32, u64)> =
        points.into_iter().map(|(hour, _, value)| (hour, value)).collect();
    let below = below.into_iter().filter(|(_, value)| *value > 0).take(limits::TOP_ROWS as usize);
    let before_share = before.as_ref().map(|(before, ..)| ledger.share(&ACTIVITY, *before));
    Ok(ChannelPage {
        channel: scene.known.channels.named(channel),
        totals: totals(&now, &voice.totals),
        previous: before.as_ref().map(|(_, before, voice)| totals(before, voice)),
        share_of_guild: share(now.messages as f64, whole.messages as f64),
        last_activity_at: last.map(Instant::of_hour),
        series: members::series(scene, &ledger, Metric::Messages, &by_hour)?,
        compare,
        members: members(&writers),
        threads: below
            .map(|(id, value)| ChannelThread { channel: scene.known.channels.named(id), value })
            .collect(),
        heatmap: heatmap::cells(scene, &ledger, Metric::Messages, by_hour),
        voice: in_voice(scene, &ledger, &voice)?,
        period: scene.resolved.period(),
        previous_coverage: before_share.map(ledger::rounded),
        coverage: ledger.coverage(&ACTIVITY, span),
    })
}

fn totals(totals: &Totals, voice: &VoiceTotals) -> ChannelTotals {
    ChannelTotals {
        messages: totals.messages,
        commands: totals.commands,
        reactions: totals.reactions_added,
        active_members: totals.active_members,
        voice_minutes: Figure::minutes(voice.sums.time.total_ms),
        active_voice_minutes: Figure::minutes(voice.sums.time.active_ms),
    }
}

/// What the store tells of voice in a channel.
struct Heard {
    totals: VoiceTotals,
    before: Option<VoiceTotals>,
    points: Vec<VoiceHourPoint>,
    leaders: Leaderboard,
}

async fn heard(app: &App, scene: &Scene) -> Result<Heard, Problem> {
    let span = scene.resolved.span;
    let (totals, before, points, leaders) = tokio::try_join!(
        voice::totals(app, scene, span),
        async {
            let before = scene.previous(families(Metric::VoiceMinutes));
            let Some(span) = before else { return Ok(None) };
            voice::totals(app, scene, span).await.map(Some)
        },
        voice::hourly(app, scene, span, Split::None),
        leaders(app, scene, Board::Voice),
    )?;
    Ok(Heard { totals, before, points, leaders })
}

/// Time in voice in a channel.
fn in_voice(scene: &Scene, ledger: &Ledger, heard: &Heard) -> Result<ChannelVoice, Problem> {
    let metric = Metric::VoiceMinutes;
    let sums = &heard.totals.sums;
    let hours = voice::by_hour(&heard.points);
    let members = heard.leaders.rows.iter().map(|row| ChannelVoiceMember {
        rank: row.rank,
        member: names::member(&row.member),
        minutes: Figure::minutes(row.voice.total_ms),
        active_minutes: Figure::minutes(row.voice.active_ms),
        share: share(row.voice.total_ms as f64, sums.time.total_ms as f64),
    });
    let before = heard.before.as_ref();
    Ok(ChannelVoice {
        minutes: voice::minutes(&sums.time),
        sessions: sums.sessions,
        average_session_minutes: voice::average_session(sums),
        peak: voice::peak(scene, heard.totals.peak),
        previous_minutes: before.map(|before| Figure::minutes(before.sums.time.total_ms)),
        series: members::series(scene, ledger, metric, &hours)?,
        members: members.collect(),
        heatmap: heatmap::cells(scene, ledger, metric, hours),
        coverage: ledger::rounded(ledger.share(families(metric), scene.resolved.span)),
    })
}

async fn leaders(app: &App, scene: &Scene, board: Board) -> Result<Leaderboard, Problem> {
    let hours = scene.resolved.span.hours();
    let question = LeaderboardQuestion {
        audience: scene.audience,
        scope: scene.scope,
        ..LeaderboardQuestion::new(scene.guild, hours, board, limits::TOP_ROWS)
    };
    Ok(app.store.leaderboard(&question).await?)
}

fn members(board: &Leaderboard) -> Vec<ChannelMember> {
    let rows = board.rows.iter().map(|row| ChannelMember {
        rank: row.rank,
        member: names::member(&row.member),
        value: row.counts.messages,
        share: share(row.value, board.total_value),
    });
    rows.collect()
}
