//! A metric over time, whole or divided, beside the span compared with.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use vigie_core::vocabulary::{AuthorKind, ChannelId, Emoji};
use vigie_store::question::{Audience, Scope, Split as StoreSplit, SplitKey, Threads};

use crate::ledger;
use crate::limits;
use crate::measure::{self, families, figure, is_hidden, masked, spans, voice};
use crate::names;
use crate::params::stats::SeriesParams;
use crate::period::{Buckets, Span, auto_step};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Comparison, Line, Metric, Series, Split, Step};
use crate::types::vocabulary::{ChannelRef, MemberRef};

/// The width of the buckets that will be answered.
pub fn step(scene: &Scene, params: &SeriesParams) -> Step {
    params.step.unwrap_or_else(|| auto_step(scene.resolved.span))
}

/// Answers the series.
pub async fn answer(app: &App, scene: &Scene, params: &SeriesParams) -> Result<Series, Problem> {
    let step = step(scene, params);
    check(scene, params, step)?;
    let buckets = Buckets::new(&scene.resolved, step)?;
    let (ledger, parts, compare) = tokio::try_join!(
        scene.ledger(app),
        lines(app, scene, params, &buckets),
        comparison(app, scene, params.metric, &buckets),
    )?;
    let covered = ledger.buckets(families(params.metric), &buckets.bounds);
    let hidden =
        |index: usize| parts.iter().all(|part| is_hidden(part.values[index], covered[index]));
    let partial = ledger::partial(&covered, hidden);
    let series = parts.iter().map(|part| part.line(params.metric, hidden)).collect();
    let exact = buckets.on_the_hour()
        || (params.split == Split::None
            && scene.scope == Scope::Guild
            && params.metric != Metric::ActiveMembers
            && (!measure::is_voice(params.metric) || voice::has_minutes(scene)));
    Ok(Series {
        period: scene.resolved.period(),
        metric: params.metric,
        step,
        split: params.split,
        t: buckets.starts(),
        partial_last: buckets.partial_last,
        partial,
        series,
        compare,
        coverage: ledger.coverage(families(params.metric), scene.resolved.span),
        note: scene.note().filter(|_| !exact),
    })
}

/// Refuses what the tables cannot answer.
fn check(scene: &Scene, params: &SeriesParams, step: Step) -> Result<(), Problem> {
    if step == Step::Minute {
        let whole = params.split == Split::None && scene.scope == Scope::Guild;
        if !whole || params.metric == Metric::ActiveMembers {
            let detail = "minutes are kept for the whole server's messages, commands, reactions and voice only";
            return Err(Problem::bad_parameter("step", detail).remedy("ask with step=hour"));
        }
        if measure::is_voice(params.metric) && !voice::has_minutes(scene) {
            let detail = "minutes in voice are kept by the minute for people only";
            return Err(Problem::bad_parameter("step", detail).remedy("ask with step=hour"));
        }
    }
    if params.metric == Metric::ActiveMembers && params.split == Split::Member {
        return Err(Problem::bad_parameter("split", "a single member is one active member")
            .remedy("ask with metric=messages"));
    }
    Ok(())
}

/// The line compared with; `None` when nothing was wanted or nothing of the span is known.
pub async fn comparison(
    app: &App,
    scene: &Scene,
    metric: Metric,
    buckets: &Buckets,
) -> Result<Option<Comparison>, Problem> {
    let Some(previous) = scene.resolved.previous else { return Ok(None) };
    let begin = ledger::begin(&scene.known.known_from, families(metric));
    if begin.is_none_or(|begin| i64::from(previous.span.to) * 60_000 <= begin) {
        return Ok(None);
    }
    let counterparts = buckets.counterparts(&scene.resolved.zone, &previous);
    let (ledger, values) =
        tokio::try_join!(scene.ledger(app), measure::values(app, scene, metric, &counterparts),)?;
    let total = match metric {
        Metric::ActiveMembers => measure::totals(app, scene, previous.span).await?.active_members,
        Metric::Members => values.last().copied().unwrap_or(0),
        _ => values.iter().sum(),
    };
    let covered = ledger.shares(families(metric), counterparts.iter().copied());
    Ok(Some(Comparison {
        from: crate::period::instant(previous.span.from),
        to: crate::period::instant(previous.span.to),
        values: masked(metric, &values, &covered),
        total: figure(metric, total),
        coverage: ledger::rounded(ledger.share(families(metric), previous.span)),
    }))
}

/// A line that is not told yet: voice in ms, and no bucket hidden.
struct Raw {
    key: String,
    label: String,
    member: Option<MemberRef>,
    channel: Option<ChannelRef>,
    values: Vec<u64>,
    total: u64,
}

impl Raw {
    fn new(key: &str, values: Vec<u64>, total: u64) -> Self {
        let (key, label) = (key.to_owned(), key.to_owned());
        Self { key, label, member: None, channel: None, values, total }
    }

    fn line(&self, metric: Metric, hidden: impl Fn(usize) -> bool) -> Line {
        let values = self.values.iter().enumerate();
        let values = values.map(|(index, value)| (!hidden(index)).then(|| figure(metric, *value)));
        Line {
            key: self.key.clone(),
            label: self.label.clone(),
            member: self.member.clone(),
            channel: self.channel.clone(),
            values: values.collect(),
            total: figure(metric, self.total),
        }
    }
}

async fn lines(
    app: &App,
    scene: &Scene,
    params: &SeriesParams,
    buckets: &Buckets,
) -> Result<Vec<Raw>, Problem> {
    match (params.split, params.metric) {
        (Split::None, metric) => Ok(vec![whole(app, scene, metric, buckets).await?]),
        (Split::Kind, Metric::ActiveMembers) => kinds(app, scene, buckets).await,
        (Split::Channel | Split::Category, Metric::ActiveMembers) => {
            active_by_channel(app, scene, params.split, buckets).await
        }
        (Split::State, _) => states(app, scene, buckets).await,
        _ => divided(app, scene, params, buckets).await,
    }
}

async fn whole(
    app: &App,
    scene: &Scene,
    metric: Metric,
    buckets: &Buckets,
) -> Result<Raw, Problem> {
    let values = measure::values(app, scene, metric, &spans(&buckets.bounds)).await?;
    let total = match metric {
        Metric::ActiveMembers => {
            measure::totals(app, scene, scene.resolved.span).await?.active_members
        }
        Metric::Members => values.last().copied().unwrap_or(0),
        _ => values.iter().sum(),
    };
    Ok(Raw::new("all", values, total))
}

/// Time in voice by state; the states nobody was in are left out.
async fn states(app: &App, scene: &Scene, buckets: &Buckets) -> Result<Vec<Raw>, Problem> {
    let sums = voice::sums(app, scene, &spans(&buckets.bounds)).await?;
    let lines = voice::STATES.into_iter().map(|(state, word)| {
        let values: Vec<u64> = sums.iter().map(|sums| voice::in_state(&sums.time, state)).collect();
        let total = values.iter().sum();
        Raw::new(word, values, total)
    });
    let mut lines: Vec<Raw> = lines.filter(|line| line.total > 0).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.total));
    Ok(lines)
}

/// Distinct people, and distinct bots.
async fn kinds(app: &App, scene: &Scene, buckets: &Buckets) -> Result<Vec<Raw>, Problem> {
    let wanted = [(Audience::Humans, "human"), (Audience::Bots, "bot")];
    let wanted = wanted
        .into_iter()
        .filter(|(audience, _)| scene.audience == Audience::All || scene.audience == *audience);
    let lines = wanted.map(async |(audience, word)| {
        let part = scene.among(audience);
        let mut line = whole(app, &part, Metric::ActiveMembers, buckets).await?;
        (line.key, line.label) = (word.into(), word.into());
        Ok::<_, Problem>(line)
    });
    try_join_all(lines).await
}

/// Distinct members of the channels (or categories) with most messages: they do not add up, so there is no rest.
async fn active_by_channel(
    app: &App,
    scene: &Scene,
    split: Split,
    buckets: &Buckets,
) -> Result<Vec<Raw>, Problem> {
    let points = measure::hourly(app, scene, scene.resolved.span, StoreSplit::Channel).await?;
    let mut messages = BTreeMap::<ChannelId, u64>::new();
    for point in &points {
        if let Some(channel) = place(scene, split, &point.key) {
            *messages.entry(channel).or_default() += u64::from(point.counts.messages);
        }
    }
    let mut order: Vec<(ChannelId, u64)> = messages.into_iter().collect();
    order.sort_by_key(|(channel, count)| (std::cmp::Reverse(*count), *channel));
    let lines = order.into_iter().take(limits::LINES_MAX).map(async |(channel, _)| {
        let part = scene.within(Scope::Under(channel));
        let mut line = whole(app, &part, Metric::ActiveMembers, buckets).await?;
        name_channel(&mut line, scene, channel);
        Ok::<_, Problem>(line)
    });
    try_join_all(lines).await
}

/// The channel or category that a point of a split by channel is shown under.
fn place(scene: &Scene, split: Split, key: &SplitKey) -> Option<ChannelId> {
    let SplitKey::Channel(channel) = key else { return None };
    match split {
        Split::Category => scene.known.channels.category(*channel),
        _ => Some(scene.known.channels.folded(*channel)),
    }
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Key(SplitKey),
    NoCategory,
    Other,
}

/// Lines whose values add up: the largest ones, and the rest together.
async fn divided(
    app: &App,
    scene: &Scene,
    params: &SeriesParams,
    buckets: &Buckets,
) -> Result<Vec<Raw>, Problem> {
    let top = limits::LINES_MAX as u32;
    let split = match params.split {
        Split::Channel | Split::Category => StoreSplit::Channel,
        Split::Kind => StoreSplit::Kind,
        Split::Member => StoreSplit::Member { top },
        Split::Emoji => StoreSplit::Emoji { top },
        Split::None | Split::State => StoreSplit::None,
    };
    let span = scene.resolved.span;
    let points = measure::points(app, scene, params.metric, span, split).await?;
    let spans = spans(&buckets.bounds);
    let mut parts = BTreeMap::<Part, Vec<u64>>::new();
    let points = points.into_iter().map(|(hour, key, value)| (hour * 60, (key, value)));
    measure::fold(&spans, points, |index, (key, value)| {
        let part = match (params.split, &key) {
            (_, SplitKey::Other) => Part::Other,
            (Split::Channel | Split::Category, key) => place(scene, params.split, key)
                .map_or(Part::NoCategory, |id| Part::Key(SplitKey::Channel(id))),
            (_, key) => Part::Key(key.clone()),
        };
        let values = parts.entry(part).or_insert_with(|| vec![0; spans.len()]);
        values[index] += value;
    });
    let parts = largest(parts, spans.len());
    let members = member_names(app, scene, &parts).await?;
    let lines = parts.into_iter().map(|(part, values)| {
        let total = values.iter().sum();
        let mut line = Raw::new("", values, total);
        name(&mut line, scene, &part, &members);
        line
    });
    Ok(lines.collect())
}

/// The parts with the largest totals first, at most [`limits::LINES_MAX`], then the rest as one.
fn largest(parts: BTreeMap<Part, Vec<u64>>, len: usize) -> Vec<(Part, Vec<u64>)> {
    let mut other = vec![0; len];
    let mut add =
        |values: &[u64]| other.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    let mut kept: Vec<(Part, Vec<u64>)> = Vec::new();
    for (part, values) in parts {
        match part {
            Part::Other => add(&values),
            _ => kept.push((part, values)),
        }
    }
    kept.sort_by_key(|(part, values)| {
        (std::cmp::Reverse(values.iter().sum::<u64>()), part.clone())
    });
    kept.retain(|(_, values)| values.iter().any(|value| *value > 0));
    for (_, values) in kept.drain(limits::LINES_MAX.min(kept.len())..) {
        add(&values);
    }
    if other.iter().any(|value| *value > 0) {
        kept.push((Part::Other, other));
    }
    kept
}

type MemberNames = BTreeMap<vigie_core::vocabulary::UserId, MemberRef>;

async fn member_names(
    app: &App,
    scene: &Scene,
    parts: &[(Part, Vec<u64>)],
) -> Result<MemberNames, Problem> {
    let ids: Vec<_> = parts
        .iter()
        .filter_map(|(part, _)| match part {
            Part::Key(SplitKey::Member(id)) => Some(*id),
            _ => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(MemberNames::new());
    }
    let rows = app.store.members(scene.guild, &ids).await?;
    Ok(rows.iter().map(|row| (row.id, names::member(row))).collect())
}

fn name(line: &mut Raw, scene: &Scene, part: &Part, members: &MemberNames) {
    let (key, label) = match part {
        Part::Key(SplitKey::Channel(id)) => return name_channel(line, scene, *id),
        Part::Key(SplitKey::Member(id)) => {
            let member = members.get(id).cloned().unwrap_or_else(|| names::unnamed_member(*id));
            let label = names::label(&member);
            line.member = Some(member);
            (id.0.to_string(), label)
        }
        Part::Key(SplitKey::Kind(kind)) => {
            let word = match kind {
                AuthorKind::Human => "human",
                AuthorKind::Bot => "bot",
                AuthorKind::Webhook => "webhook",
            };
            (word.to_owned(), word.to_owned())
        }
        Part::Key(SplitKey::Emoji(emoji)) => {
            let shown = names::emoji(emoji, 0).emoji;
            match emoji {
                Emoji::Custom { id, .. } => (id.0.to_string(), shown),
                Emoji::Unicode(_) => (shown.clone(), shown),
            }
        }
        Part::Key(SplitKey::All) => ("all".to_owned(), "all".to_owned()),
        Part::NoCategory => ("none".to_owned(), "none".to_owned()),
        Part::Key(SplitKey::Other) | Part::Other => ("other".to_owned(), "other".to_owned()),
    };
    (line.key, line.label) = (key, label);
}

fn name_channel(line: &mut Raw, scene: &Scene, id: ChannelId) {
    let channel = scene.known.channels.named(id);
    (line.key, line.label) = (id.0.to_string(), names::channel_label(&channel));
    line.channel = Some(channel);
}

/// Messages by thread below a channel, or by channel below a category, largest first.
pub async fn below(
    app: &App,
    scene: &Scene,
    channel: ChannelId,
    span: Span,
) -> Result<Vec<(ChannelId, u64)>, Problem> {
    if scene.known.channels.category(channel) == Some(channel) {
        let rows = app
            .store
            .top_channels(scene.guild, span.hours(), scene.audience, Threads::Folded, 2_000)
            .await?;
        let inside = rows
            .iter()
            .filter(|row| scene.known.channels.category(row.channel.id) == Some(channel));
        return Ok(inside.map(|row| (row.channel.id, row.counts.messages)).collect());
    }
    let rows = app.store.threads(scene.guild, channel, span.hours(), scene.audience).await?;
    Ok(rows.iter().map(|row| (row.channel.id, row.counts.messages)).collect())
}
