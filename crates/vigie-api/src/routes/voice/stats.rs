//! Voice in a period: totals beside the period before, channels, concurrency, a series.

use vigie_store::question::{Scope, Split, VoiceHourPoint, VoicePeakPoint, VoiceSums};

use crate::ledger::{self, Ledger};
use crate::limits;
use crate::measure::{self, is_hidden, masked, share, spans, voice};
use crate::period::{Buckets, Span, auto_step};
use crate::problem::Problem;
use crate::routes::activity::heatmap;
use crate::routes::activity::overview::compared;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::{Card, Metric};
use crate::types::coverage::Family;
use crate::types::vocabulary::{Figure, Sparkline};
use crate::types::voice::{Concurrency, Voice, VoiceChannel, VoiceSeries};

const VOICE: &[Family] = &[Family::Voice];

/// Answers the page; its questions run side by side.
pub async fn answer(app: &App, scene: &Scene) -> Result<Voice, Problem> {
    let span = scene.resolved.span;
    let buckets = Buckets::new(&scene.resolved, auto_step(span))?;
    let bucket_spans = spans(&buckets.bounds);
    let (ledger, sums, totals, before, points, peaks, channels) = tokio::try_join!(
        scene.ledger(app),
        voice::sums(app, scene, &bucket_spans),
        voice::totals(app, scene, span),
        before(app, scene),
        voice::hourly(app, scene, span, Split::None),
        peaks(app, scene, span),
        channels(app, scene),
    )?;
    let mut whole = VoiceSums::default();
    sums.iter().for_each(|sums| whole.add(sums));
    let covered = ledger.buckets(VOICE, &buckets.bounds);
    let page = Page { scene, ledger: &ledger, buckets: &buckets, covered: &covered, sums: &sums };
    let before_sums = before.unwrap_or_default();
    Ok(Voice {
        period: scene.resolved.period(),
        previous: scene.resolved.previous_period(),
        voice_minutes: page.card(&before_sums, |sums| sums.time.total_ms, Figure::minutes),
        active_voice_minutes: page.card(&before_sums, |sums| sums.time.active_ms, Figure::minutes),
        sessions: page.card(&before_sums, |sums| sums.sessions, Figure::count),
        average_session_minutes: voice::average_session(&whole),
        previous_average_session_minutes: before.as_ref().and_then(voice::average_session),
        members: totals.members,
        minutes: voice::minutes(&whole.time),
        channels,
        peak: voice::peak(scene, totals.peak),
        concurrency: concurrency(scene, &ledger, &points, &peaks),
        series: page.series(),
        coverage: ledger.coverage(VOICE, span),
        note: scene.note(),
    })
}

/// Time and sessions of the span compared with, where all of that is known.
async fn before(app: &App, scene: &Scene) -> Result<Option<VoiceSums>, Problem> {
    let Some(span) = scene.previous(VOICE) else { return Ok(None) };
    Ok(voice::sums(app, scene, &[Some(span)]).await?.first().copied())
}

/// What the cards and the series are made of.
struct Page<'a> {
    scene: &'a Scene,
    ledger: &'a Ledger,
    buckets: &'a Buckets,
    covered: &'a [f64],
    sums: &'a [VoiceSums],
}

impl Page<'_> {
    /// One figure of the sums beside the one before.
    fn card(
        &self,
        before: &VoiceSums,
        figure: impl Fn(&VoiceSums) -> u64,
        told: impl Fn(u64) -> Figure,
    ) -> Card {
        let values: Vec<u64> = self.sums.iter().map(&figure).collect();
        let buckets = values.iter().zip(self.covered);
        let v =
            buckets.map(|(value, covered)| (!is_hidden(*value, *covered)).then(|| told(*value)));
        let sparkline = Sparkline { t: self.buckets.starts(), v: v.collect() };
        let total = values.iter().sum();
        compared(self.scene, self.ledger, VOICE, total, figure(before)).card(true, told, sparkline)
    }

    /// All and active minutes by bucket.
    fn series(&self) -> VoiceSeries {
        let of = |metric: Metric| -> Vec<u64> {
            self.sums.iter().map(|sums| measure::of_voice(metric, &sums.time)).collect()
        };
        let total = of(Metric::VoiceMinutes);
        // A bucket is hidden in both lines or in none: active time is a part of all of it.
        let hidden: Vec<bool> = total
            .iter()
            .zip(self.covered)
            .map(|(value, share)| is_hidden(*value, *share))
            .collect();
        let active = of(Metric::ActiveVoiceMinutes).into_iter().zip(&hidden);
        let active = active.map(|(value, hidden)| (!hidden).then(|| Figure::minutes(value)));
        VoiceSeries {
            t: self.buckets.starts(),
            total: masked(Metric::VoiceMinutes, &total, self.covered),
            active: active.collect(),
            step: self.buckets.step,
            partial_last: self.buckets.partial_last,
            partial: ledger::partial(self.covered, |index| hidden[index]),
        }
    }
}

/// Channels by minutes, the largest first.
pub async fn channels(app: &App, scene: &Scene) -> Result<Vec<VoiceChannel>, Problem> {
    let hours = scene.resolved.span.hours();
    let rows = app
        .store
        .voice_channels(
            scene.guild,
            hours,
            scene.audience,
            voice::place(scene),
            limits::VOICE_CHANNELS_MAX,
        )
        .await?;
    let whole: u64 = rows.iter().map(|row| row.voice.time.total_ms).sum();
    let rows = rows.iter().map(|row| VoiceChannel {
        channel: scene.known.channels.named(row.channel.id),
        minutes: voice::minutes(&row.voice.time),
        sessions: row.voice.sessions,
        share: share(row.voice.time.total_ms as f64, whole as f64),
        peak: voice::peak(scene, row.peak).map(|peak| peak.people),
    });
    Ok(rows.collect())
}

/// The highest count of people of each hour, where such counts are kept: of one channel, or of the whole server.
async fn peaks(
    app: &App,
    scene: &Scene,
    span: Span,
) -> Result<Option<Vec<VoicePeakPoint>>, Problem> {
    let place = voice::place(scene);
    if matches!(place, Scope::Under(_)) || !voice::is_of_people(scene) {
        return Ok(None);
    }
    Ok(Some(app.store.voice_peaks(scene.guild, span.hours(), place).await?))
}

/// Time in voice divided by covered time, and the highest counts, by weekday and hour of the zone.
fn concurrency(
    scene: &Scene,
    ledger: &Ledger,
    points: &[VoiceHourPoint],
    peaks: &Option<Vec<VoicePeakPoint>>,
) -> Concurrency {
    let zone = &scene.resolved.zone;
    let covered = heatmap::covered(scene, ledger, Metric::VoiceMinutes);
    let mut spent = vec![vec![0_u64; 24]; 7];
    for (hour, ms) in voice::by_hour(points) {
        let (weekday, hour) = zone.weekday_and_hour(hour * 60);
        spent[weekday][hour] += ms;
    }
    let mut highest = vec![vec![0_u32; 24]; 7];
    for peak in peaks.iter().flatten() {
        let (weekday, hour) = zone.weekday_and_hour(peak.unix_hour * 60);
        highest[weekday][hour] = highest[weekday][hour].max(peak.people);
    }
    let average = |spent: u64, covered: i64| {
        (covered > 0).then(|| Figure::rounded(spent as f64 / covered as f64))
    };
    let by_hour = (0..24).map(|hour| {
        let spent = spent.iter().map(|row| row[hour]).sum();
        average(spent, covered.iter().map(|row| row[hour]).sum())
    });
    let peak_by_hour =
        (0..24).map(|hour| highest.iter().map(|row| row[hour]).max().unwrap_or(0)).collect();
    let cell = |(spent, covered): (&u64, &i64)| average(*spent, *covered);
    let cells = spent.iter().zip(&covered);
    let cells = cells.map(|(spent, covered)| spent.iter().zip(covered).map(cell).collect());
    let told = peaks.is_some();
    Concurrency {
        average_by_hour: by_hour.collect(),
        peak_by_hour: if told { peak_by_hour } else { Vec::new() },
        average: cells.collect(),
        peak: if told { highest } else { Vec::new() },
    }
}
