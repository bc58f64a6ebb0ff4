//! Routes of the members family.

pub mod growth;
pub mod lifecycle;
pub mod quiet;
pub mod retention;

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_core::vocabulary::{AuthorKind, ChannelId, UserId};
use vigie_store::question::{
    ACTIVE_VOICE_MS, Board, Counts, HourPoint, LeaderboardQuestion, MemberDetail, MemberRow,
    MemberVoice as StoreMemberVoice, Scope, Threads, VoiceChannelTotal, VoiceHourPoint, VoiceSums,
};
use vigie_store::question::{CasePage, CasesQuestion, Moderator};

use crate::cases::case;
use crate::people;
use crate::types::growth::MemberOrigin;
use crate::types::moderation::MemberModeration;

use crate::ledger::{self, ACTIVITY, Ledger};
use crate::limits;
use crate::measure::{self, families, masked, share, spans, voice};
use crate::names;
use crate::params::path::MemberPath;
use crate::params::stats::StatsParams;
use crate::period::{Buckets, auto_step};
use crate::problem::Problem;
use crate::routes::activity::heatmap;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Metric;
use crate::types::members::{
    MemberAllTime, MemberChannel, MemberPage, MemberTotals, MemberVoice, MemberVoiceChannel,
    ValueSeries,
};
use crate::types::vocabulary::{Figure, Instant};
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

/// The figures are the member's own, whatever audience is asked for; only the ranks are among the audience.
async fn answer(app: &App, scene: &Scene, member: UserId) -> Result<MemberPage, Problem> {
    let hours = scene.resolved.span.hours();
    let question = |board: Board| LeaderboardQuestion {
        audience: scene.audience,
        scope: scene.scope,
        ..LeaderboardQuestion::new(scene.guild, hours, board, 1)
    };
    let alone = [member];
    let (by_messages, by_voice) = (question(Board::Messages), question(Board::Voice));
    let (detail, points, channels, standings, spoken, spoken_in, spoken_rank) = tokio::try_join!(
        app.store.member(scene.guild, member),
        app.store.member_hours(scene.guild, member, hours, scene.scope),
        app.store.member_channels(scene.guild, member, hours, threads(scene)),
        app.store.standings(&by_messages, &alone),
        app.store.member_voice_hours(scene.guild, member, hours, scene.scope),
        app.store.member_voice_channels(scene.guild, member, hours),
        app.store.standings(&by_voice, &alone),
    )?;
    let (moderation, origin) =
        tokio::try_join!(moderation(app, scene, member), origin(app, scene, member))?;
    // Whoever never did anything is known by their stay, or by an act of moderation.
    let is_known = !origin.stays.is_empty() || !moderation.received.is_empty();
    let detail = detail.or_else(|| is_known.then(|| unnamed(member)));
    let detail = detail.ok_or_else(Problem::unknown_member)?;
    let ledger = scene.ledger(app).await?;
    let instant = |ms: Option<i64>| ms.map(|ms| Instant(UnixMs(ms)));
    let channels =
        channels.iter().filter(|row| row.counts.messages > 0 && inside(scene, row.channel.id));
    let all: u64 = channels.clone().map(|row| row.counts.messages).sum();
    let channels = channels.take(limits::MEMBER_CHANNELS_MAX as usize).map(|row| MemberChannel {
        channel: scene.known.channels.named(row.channel.id),
        value: row.counts.messages,
        share: share(row.counts.messages as f64, all as f64),
    });
    let hours = by_hour(&points);
    let rank = spoken_rank.first().filter(|row| row.value > 0.0).map(|row| row.rank);
    Ok(MemberPage {
        member: names::member(&detail.row),
        first_seen: instant(detail.first_seen_ms),
        last_seen: instant(detail.last_seen_ms),
        rank: standings.first().filter(|row| row.value > 0.0).map(|row| row.rank),
        totals: totals(scene, &points, &spoken),
        all_time: MemberAllTime {
            messages: detail.all_time.messages,
            commands: detail.all_time.commands,
            reactions_given: detail.all_time.reactions_added,
            reactions_received: detail.all_time.reactions_received,
            voice_minutes: Figure::minutes(detail.all_time_voice.total_ms),
            active_voice_minutes: Figure::minutes(detail.all_time_voice.active_ms),
        },
        moderation,
        origin,
        series: series(scene, &ledger, Metric::Messages, &hours)?,
        channels: channels.collect(),
        heatmap: heatmap::cells(scene, &ledger, Metric::Messages, hours),
        voice: in_voice(scene, &ledger, &spoken, &spoken_in, rank)?,
        period: scene.resolved.period(),
        coverage: ledger.coverage(&ACTIVITY, scene.resolved.span),
    })
}

/// A member of whom nothing was ever counted, and no name is known.
fn unnamed(member: UserId) -> MemberDetail {
    MemberDetail {
        row: MemberRow {
            id: member,
            kind: AuthorKind::Human,
            username: None,
            display_name: None,
            avatar: None,
        },
        first_seen_ms: None,
        last_seen_ms: None,
        all_time: Counts::default(),
        all_time_voice: StoreMemberVoice::default(),
    }
}

/// Acts of moderation on a member, and by them.
async fn moderation(app: &App, scene: &Scene, member: UserId) -> Result<MemberModeration, Problem> {
    let question = |target: Option<UserId>, moderator: Option<Moderator>| CasesQuestion {
        guild: scene.guild,
        from_ms: 0,
        to_ms: i64::MAX,
        actions: Vec::new(),
        moderator,
        target,
        search: None,
        after: None,
        limit: limits::MEMBER_CASES_MAX,
    };
    let (on, by) = (question(Some(member), None), question(None, Some(Moderator::Known(member))));
    let (received, given) =
        tokio::try_join!(app.store.moderation_recent(&on), app.store.moderation_recent(&by))?;
    let told = |page: &CasePage| {
        page.rows.iter().map(|row| case(row, &scene.known.channels, scene.now())).collect()
    };
    Ok(MemberModeration {
        received: told(&received),
        more_received: received.next.is_some(),
        given: told(&given),
        more_given: given.next.is_some(),
    })
}

/// Where a member is from.
async fn origin(app: &App, scene: &Scene, member: UserId) -> Result<MemberOrigin, Problem> {
    let told = app.store.member_origin(scene.guild, member).await?;
    let inviters = told.stays.iter().flat_map(|stay| people::candidates(&stay.evidence));
    let names = people::names_of(app, scene.guild, inviters).await?;
    Ok(MemberOrigin {
        account_created_at: people::created_at(member),
        is_member: told.is_member,
        stays: told.stays.iter().map(|row| people::stay(row, member, &names)).collect(),
        recruited: told.recruited,
    })
}

/// A member's time in voice.
fn in_voice(
    scene: &Scene,
    ledger: &Ledger,
    points: &[VoiceHourPoint],
    channels: &[VoiceChannelTotal],
    rank: Option<u64>,
) -> Result<MemberVoice, Problem> {
    let metric = Metric::VoiceMinutes;
    let sums = voice::sum(points);
    let hours = voice::by_hour(points);
    let channels =
        channels.iter().filter(|row| row.voice.time.total_ms > 0 && inside(scene, row.channel.id));
    let all: u64 = channels.clone().map(|row| row.voice.time.total_ms).sum();
    let channels =
        channels.take(limits::MEMBER_CHANNELS_MAX as usize).map(|row| MemberVoiceChannel {
            channel: scene.known.channels.named(row.channel.id),
            minutes: Figure::minutes(row.voice.time.total_ms),
            active_minutes: Figure::minutes(row.voice.time.active_ms),
            share: share(row.voice.time.total_ms as f64, all as f64),
        });
    Ok(MemberVoice {
        minutes: voice::minutes(&sums.time),
        sessions: sums.sessions,
        average_session_minutes: voice::average_session(&sums),
        rank,
        series: series(scene, ledger, metric, &hours)?,
        channels: channels.collect(),
        heatmap: heatmap::cells(scene, ledger, metric, hours),
        coverage: ledger::rounded(ledger.share(families(metric), scene.resolved.span)),
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

fn totals(scene: &Scene, points: &[HourPoint], spoken: &[VoiceHourPoint]) -> MemberTotals {
    let mut sum = Counts::default();
    points.iter().for_each(|point| sum.add(&point.counts));
    let did = |point: &&HourPoint| {
        point.counts.messages + point.counts.commands + point.counts.reactions_added > 0
    };
    let day = |hour: u32| scene.resolved.zone.day_number(hour * 60);
    let mut days: BTreeSet<i64> =
        points.iter().filter(did).map(|point| day(point.unix_hour)).collect();
    let mut in_voice = BTreeMap::<i64, u64>::new();
    for point in spoken {
        *in_voice.entry(day(point.unix_hour)).or_default() += point.voice.time.total_ms;
    }
    let long = in_voice.into_iter().filter(|(_, ms)| *ms >= ACTIVE_VOICE_MS);
    days.extend(long.map(|(day, _)| day));
    let VoiceSums { time, .. } = voice::sum(spoken);
    MemberTotals {
        messages: sum.messages,
        commands: sum.commands,
        reactions_given: sum.reactions_added,
        reactions_received: sum.reactions_received,
        voice_minutes: Figure::minutes(time.total_ms),
        active_voice_minutes: Figure::minutes(time.active_ms),
        active_days: days.len() as u32,
    }
}

fn by_hour(points: &[HourPoint]) -> Vec<(u32, u64)> {
    points.iter().map(|point| (point.unix_hour, u64::from(point.counts.messages))).collect()
}

/// A metric over time, from its hours.
pub fn series(
    scene: &Scene,
    ledger: &Ledger,
    metric: Metric,
    hours: &[(u32, u64)],
) -> Result<ValueSeries, Problem> {
    let buckets = Buckets::new(&scene.resolved, auto_step(scene.resolved.span))?;
    let mut values = vec![0; buckets.len()];
    let minutes = hours.iter().map(|(hour, value)| (hour * 60, *value));
    measure::fold(&spans(&buckets.bounds), minutes, |index, value| values[index] += value);
    let covered = ledger.buckets(families(metric), &buckets.bounds);
    let hidden = |index: usize| measure::is_hidden(values[index], covered[index]);
    Ok(ValueSeries {
        t: buckets.starts(),
        values: masked(metric, &values, &covered),
        step: buckets.step,
        partial_last: buckets.partial_last,
        partial: ledger::partial(&covered, hidden),
    })
}
