//! The first screen: cards, top channels, top members, top emojis.

use std::cmp::Reverse;
use std::collections::HashMap;

use vigie_core::vocabulary::{ChannelId, UserId};
use vigie_store::question::{
    Board, LeaderRow, LeaderboardQuestion, Scope, Split, SplitKey, Threads,
};

use crate::ledger::{ACTIVITY, Ledger};
use crate::limits;
use crate::measure::{self, Compared, families, masked, members, share, spans, voice};
use crate::names;
use crate::period::{Buckets, Span, spark_step};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Cards, ChannelShare, MemberShare, Metric, Overview};
use crate::types::coverage::Family;
use crate::types::vocabulary::Sparkline;

/// Channels looked through for the top ones: Discord allows 500 in a guild, and deleted ones stay.
const CHANNELS_SEEN: u32 = 2_000;

/// Answers the overview; its questions run side by side.
pub async fn answer(app: &App, scene: &Scene) -> Result<Overview, Problem> {
    let span = scene.resolved.span;
    let (cards, top_channels, top_members, top_emojis) = tokio::try_join!(
        cards(app, scene),
        top_channels(app, scene),
        top_members(app, scene),
        async {
            if scene.scope != Scope::Guild {
                return Ok(Vec::new());
            }
            Ok(app.store.top_emojis(scene.guild, span.hours(), limits::TOP_ROWS).await?)
        },
    )?;
    Ok(Overview {
        period: scene.resolved.period(),
        previous: scene.resolved.previous_period(),
        cards,
        top_channels,
        top_members,
        top_emojis: top_emojis.iter().map(|row| names::emoji(&row.emoji, row.added)).collect(),
        coverage: scene.coverage(app, &ACTIVITY).await?,
    })
}

async fn cards(app: &App, scene: &Scene) -> Result<Cards, Problem> {
    let buckets = Buckets::new(&scene.resolved, spark_step(scene.resolved.span))?;
    let spark_spans = spans(&buckets.bounds);
    let before = scene.resolved.previous.map(|previous| previous.span);
    let before_spans = [before];
    let (ledger, counts, voices, active, people, now, (counts_before, voice_before, active_before)) =
        tokio::try_join!(
            scene.ledger(app),
            measure::counts(app, scene, &spark_spans),
            voice::sums(app, scene, &spark_spans),
            measure::values(app, scene, Metric::ActiveMembers, &spark_spans),
            members::people(app, scene, &spark_spans),
            measure::totals(app, scene, scene.resolved.span),
            async {
                let Some(span) = before else { return Ok(Default::default()) };
                tokio::try_join!(
                    measure::counts(app, scene, &before_spans),
                    voice::sums(app, scene, &before_spans),
                    measure::totals(app, scene, span),
                )
            },
        )?;
    let card = |metric: Metric, values: Vec<u64>, total: u64, previous: u64| {
        let covered = ledger.buckets(families(metric), &buckets.bounds);
        let v = masked(metric, &values, &covered);
        let sparkline = Sparkline { t: buckets.starts(), v };
        let is_sum = metric != Metric::ActiveMembers;
        compared(scene, &ledger, families(metric), total, previous).card(
            is_sum,
            |value| measure::figure(metric, value),
            sparkline,
        )
    };
    let counted = |metric: Metric| {
        let values: Vec<u64> = counts.iter().map(|counts| measure::of(metric, counts)).collect();
        let previous = counts_before.first().map_or(0, |counts| measure::of(metric, counts));
        let total = values.iter().sum();
        card(metric, values, total, previous)
    };
    let spoken = |metric: Metric| {
        let values: Vec<u64> =
            voices.iter().map(|sums| measure::of_voice(metric, &sums.time)).collect();
        let previous = voice_before.first().map_or(0, |sums| measure::of_voice(metric, &sums.time));
        let total = values.iter().sum();
        card(metric, values, total, previous)
    };
    Ok(Cards {
        messages: counted(Metric::Messages),
        commands: counted(Metric::Commands),
        reactions: counted(Metric::Reactions),
        active_members: card(
            Metric::ActiveMembers,
            active,
            now.active_members,
            active_before.active_members,
        ),
        voice_minutes: spoken(Metric::VoiceMinutes),
        active_voice_minutes: spoken(Metric::ActiveVoiceMinutes),
        members: people.members(scene, &buckets),
        joins: people.card(scene, &ledger, &buckets, Metric::Joins),
        departures: people.card(scene, &ledger, &buckets, Metric::Departures),
    })
}

/// A value beside the one before, which counts only where all of that time is known.
pub fn compared(
    scene: &Scene,
    ledger: &Ledger,
    families: &[Family],
    value: u64,
    previous: u64,
) -> Compared {
    let before = scene.previous(families);
    Compared {
        value,
        previous: before.map(|_| previous),
        is_compared: scene.resolved.previous.is_some(),
        covered: ledger.share(families, scene.resolved.span),
        previous_covered: before.map(|span| ledger.share(families, span)),
    }
}

async fn top_channels(app: &App, scene: &Scene) -> Result<Vec<ChannelShare>, Problem> {
    let (now, before) = tokio::try_join!(by_channel(app, scene, scene.resolved.span), async {
        let Some(span) = scene.previous(&[Family::Messages]) else { return Ok(None) };
        by_channel(app, scene, span).await.map(Some)
    })?;
    let whole: u64 = now.values().sum();
    let mut now: Vec<(ChannelId, u64)> = now.into_iter().filter(|(_, value)| *value > 0).collect();
    now.sort_by_key(|(id, value)| (Reverse(*value), *id));
    let rows = now.into_iter().take(limits::TOP_ROWS as usize).map(|(id, value)| ChannelShare {
        channel: scene.known.channels.named(id),
        value,
        share: share(value as f64, whole as f64),
        previous: before.as_ref().map(|before| before.get(&id).copied().unwrap_or(0)),
    });
    Ok(rows.collect())
}

/// Messages by channel. Threads count for their channel, but for the threads of one channel when only that is asked about.
async fn by_channel(
    app: &App,
    scene: &Scene,
    span: Span,
) -> Result<HashMap<ChannelId, u64>, Problem> {
    let channels = &scene.known.channels;
    let Scope::Under(part) = scene.scope else {
        let hours = span.hours();
        let folded = Threads::Folded;
        let rows =
            app.store.top_channels(scene.guild, hours, scene.audience, folded, CHANNELS_SEEN);
        let rows = rows.await?;
        return Ok(rows.iter().map(|row| (row.channel.id, row.counts.messages)).collect());
    };
    let is_category = channels.category(part) == Some(part);
    let mut sums = HashMap::new();
    for point in measure::hourly(app, scene, span, Split::Channel).await? {
        if let SplitKey::Channel(id) = point.key {
            let id = if is_category { channels.folded(id) } else { id };
            *sums.entry(id).or_default() += u64::from(point.counts.messages);
        }
    }
    Ok(sums)
}

async fn top_members(app: &App, scene: &Scene) -> Result<Vec<MemberShare>, Problem> {
    let question = |span: Span, limit: u32| LeaderboardQuestion {
        audience: scene.audience,
        scope: scene.scope,
        ..LeaderboardQuestion::new(scene.guild, span.hours(), Board::Messages, limit)
    };
    // Both boards are read side by side: who leads now mostly led then, and the few others are asked for by name.
    let leaders = question(scene.resolved.span, limits::TOP_ROWS);
    let (board, before) = tokio::try_join!(app.store.leaderboard(&leaders), async {
        let Some(span) = scene.previous(&[Family::Messages]) else { return Ok(None) };
        app.store.leaderboard(&question(span, limits::BEFORE_ROWS)).await.map(Some)
    },)?;
    let before = match (scene.previous(&[Family::Messages]), before) {
        (Some(span), Some(before)) => {
            let whole = before.rows.len() as u64 >= before.total_rows;
            let value = |row: &LeaderRow| (row.member.id, row.value as u64);
            let mut values: HashMap<UserId, u64> = before.rows.iter().map(value).collect();
            let unseen = |id: &UserId| !values.contains_key(id);
            let absent: Vec<UserId> =
                board.rows.iter().map(|row| row.member.id).filter(unseen).collect();
            if !whole && !absent.is_empty() {
                let standings = app.store.standings(&question(span, 1), &absent).await?;
                values.extend(standings.iter().map(|row| (row.member, row.value as u64)));
            }
            Some(values)
        }
        _ => None,
    };
    let rows = board.rows.iter().map(|row| MemberShare {
        rank: row.rank,
        member: names::member(&row.member),
        value: row.counts.messages,
        share: share(row.value, board.total_value),
        previous: before.as_ref().map(|before| before.get(&row.member.id).copied().unwrap_or(0)),
    });
    Ok(rows.collect())
}
