//! Time in voice over spans: the store's hours and minutes folded into the spans of a period.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt};
use vigie_core::vocabulary::VoiceTime;
use vigie_store::question::{
    Audience, HourRange, Scope, Split, VoiceHourPoint, VoiceMinutePoint, VoicePeakPoint, VoiceSums,
    VoiceTotals,
};

use super::{cut_hours, fold, whole};
use crate::limits;
use crate::period::Span;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::state::App;
use crate::types::vocabulary::{Figure, Instant};
use crate::types::voice::{VoiceMinutes, VoicePeak, VoiceState};

/// The states with their words, in the order in which they are told.
pub const STATES: [(VoiceState, &str); 7] = [
    (VoiceState::Muted, "muted"),
    (VoiceState::Deafened, "deafened"),
    (VoiceState::Streaming, "streaming"),
    (VoiceState::Video, "video"),
    (VoiceState::Suppressed, "suppressed"),
    (VoiceState::Alone, "alone"),
    (VoiceState::Afk, "afk"),
];

/// Time and sessions of each span. Total and active time of spans that begin or end within an hour of UTC are exact for the
/// people of the whole guild: the hours they cut are read by minutes. Everything else counts where its hour begins.
///
/// # Errors
/// The store does not answer.
pub async fn sums(
    app: &App,
    scene: &Scene,
    spans: &[Option<Span>],
) -> Result<Vec<VoiceSums>, Problem> {
    let mut sums = vec![VoiceSums::default(); spans.len()];
    let Some(whole) = whole(spans) else { return Ok(sums) };
    let exact = has_minutes(scene);
    let cut = if exact { cut_hours(spans) } else { BTreeSet::new() };
    let range = HourRange { from: whole.from / 60, to: whole.to.div_ceil(60) };
    let (scope, audience) = (place(scene), scene.audience);
    let (hours, minutes) = tokio::try_join!(
        async {
            Ok(app.store.voice_hourly(scene.guild, range, audience, scope, Split::None).await?)
        },
        minutes_of(app, scene, &cut, whole),
    )?;
    let hours = hours.into_iter().map(|point| {
        let mut voice = point.voice;
        if minutes.contains_key(&point.unix_hour) {
            (voice.time.total_ms, voice.time.active_ms) = (0, 0);
        }
        (point.unix_hour * 60, voice)
    });
    fold(spans, hours, |index, voice| sums[index].add(&voice));
    let minutes = minutes.into_values().flatten().map(|point| (point.unix_minute, point));
    fold(spans, minutes, |index, point| {
        sums[index].time.total_ms += point.total_ms;
        sums[index].time.active_ms += point.active_ms;
    });
    Ok(sums)
}

/// The part of the server that is asked about: voice channels have no threads, so that one channel stands for itself.
pub fn place(scene: &Scene) -> Scope {
    match scene.scope {
        Scope::Under(part) if scene.known.channels.category(part) != Some(part) => {
            Scope::Channel(part)
        }
        scope => scope,
    }
}

/// Whether minutes are kept of what is asked about: of people in the whole guild.
pub fn has_minutes(scene: &Scene) -> bool {
    scene.scope == Scope::Guild && scene.audience == Audience::Humans
}

/// The minutes of hours that are cut, by hour; hours without any are not listed.
async fn minutes_of(
    app: &App,
    scene: &Scene,
    cut: &BTreeSet<u32>,
    whole: Span,
) -> Result<BTreeMap<u32, Vec<VoiceMinutePoint>>, Problem> {
    // Many short reads cost more than one long one where a quarter of all hours is cut.
    let long = cut.len() * 240 >= (whole.to - whole.from) as usize && !cut.is_empty();
    let spans: Vec<Span> = match long {
        true => vec![Span { from: whole.from / 60 * 60, to: whole.to.div_ceil(60) * 60 }],
        false => cut.iter().map(|hour| Span { from: hour * 60, to: hour * 60 + 60 }).collect(),
    };
    // The futures are made before they are driven: borrowed through a lazy closure they would not be Send.
    let reads: Vec<_> = spans
        .iter()
        .map(|span| app.store.voice_minutely(scene.guild, span.from, span.to))
        .collect();
    let reads = futures_util::stream::iter(reads).buffered(limits::MINUTE_QUESTIONS_AT_ONCE);
    let read: Vec<Vec<VoiceMinutePoint>> = reads.try_collect().await?;
    let mut hours = BTreeMap::<u32, Vec<VoiceMinutePoint>>::new();
    for point in read.into_iter().flatten() {
        hours.entry(point.unix_minute / 60).or_default().push(point);
    }
    Ok(hours)
}

/// The hours of a span, divided as asked.
///
/// # Errors
/// The store does not answer.
pub async fn hourly(
    app: &App,
    scene: &Scene,
    span: Span,
    split: Split,
) -> Result<Vec<VoiceHourPoint>, Problem> {
    let (scope, audience) = (place(scene), scene.audience);
    Ok(app.store.voice_hourly(scene.guild, span.hours(), audience, scope, split).await?)
}

/// Totals of a span, by its hours.
///
/// # Errors
/// The store does not answer.
pub async fn totals(app: &App, scene: &Scene, span: Span) -> Result<VoiceTotals, Problem> {
    Ok(app.store.voice_totals(scene.guild, span.hours(), scene.audience, place(scene)).await?)
}

/// All hours together.
pub fn sum(points: &[VoiceHourPoint]) -> VoiceSums {
    let mut sum = VoiceSums::default();
    points.iter().for_each(|point| sum.add(&point.voice));
    sum
}

/// Milliseconds by hour.
pub fn by_hour(points: &[VoiceHourPoint]) -> Vec<(u32, u64)> {
    points.iter().map(|point| (point.unix_hour, point.voice.time.total_ms)).collect()
}

/// Time in one state, in ms.
pub fn in_state(time: &VoiceTime, state: VoiceState) -> u64 {
    match state {
        VoiceState::Muted => time.muted_ms,
        VoiceState::Deafened => time.deafened_ms,
        VoiceState::Streaming => time.streaming_ms,
        VoiceState::Video => time.video_ms,
        VoiceState::Suppressed => time.suppressed_ms,
        VoiceState::Alone => time.alone_ms,
        VoiceState::Afk => time.afk_ms,
    }
}

/// The words of a set of states.
pub fn states(state: vigie_core::vocabulary::VoiceState) -> Vec<VoiceState> {
    use vigie_core::vocabulary::VoiceState as Bits;
    let bits = [
        (Bits::MUTED, VoiceState::Muted),
        (Bits::DEAFENED, VoiceState::Deafened),
        (Bits::STREAMING, VoiceState::Streaming),
        (Bits::VIDEO, VoiceState::Video),
        (Bits::SUPPRESSED, VoiceState::Suppressed),
        (Bits::ALONE, VoiceState::Alone),
        (Bits::AFK, VoiceState::Afk),
    ];
    bits.into_iter().filter(|(bit, _)| state.contains(*bit)).map(|(_, word)| word).collect()
}

/// Time as it is told.
pub fn minutes(time: &VoiceTime) -> VoiceMinutes {
    VoiceMinutes {
        total: Figure::minutes(time.total_ms),
        active: Figure::minutes(time.active_ms),
        muted: Figure::minutes(time.muted_ms),
        deafened: Figure::minutes(time.deafened_ms),
        streaming: Figure::minutes(time.streaming_ms),
        video: Figure::minutes(time.video_ms),
        suppressed: Figure::minutes(time.suppressed_ms),
        alone: Figure::minutes(time.alone_ms),
        afk: Figure::minutes(time.afk_ms),
    }
}

/// Minutes per session; `None` without any.
pub fn average_session(sums: &VoiceSums) -> Option<Figure> {
    let sessions = (sums.sessions > 0).then_some(sums.sessions)?;
    Some(Figure::rounded(sums.time.total_ms as f64 / sessions as f64 / 60_000.0))
}

/// Whether people are asked about: only they count in peaks.
pub fn is_of_people(scene: &Scene) -> bool {
    scene.audience == Audience::Humans
}

/// Most people at once as it is told: of people only.
pub fn peak(scene: &Scene, peak: Option<VoicePeakPoint>) -> Option<VoicePeak> {
    let peak = peak.filter(|peak| is_of_people(scene) && peak.people > 0)?;
    Some(VoicePeak { people: peak.people, hour: Instant::of_hour(peak.unix_hour) })
}
