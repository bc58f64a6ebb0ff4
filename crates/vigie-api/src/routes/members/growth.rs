//! Members over time, with joins and departures.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use vigie_store::question::GrowthBucket;

use crate::export;
use crate::ledger::{self, Ledger};
use crate::limits;
use crate::measure::members::{self, ms};
use crate::measure::{families, is_hidden, spans};
use crate::params::members::GrowthParams;
use crate::params::path::GuildPath;
use crate::params::{Ask, Range};
use crate::people;
use crate::period::{Buckets, auto_step};
use crate::problem::Problem;
use crate::routes::files::files;
use crate::scene::Scene;
use crate::state::App;
use crate::types::activity::Metric;
use crate::types::growth::{AccountAge, AccountAges, Growth, GrowthSeries};
use crate::types::vocabulary::Figure;

/// Members over time, with joins and departures by kind.
#[utoipa::path(
    get,
    path = "/guilds/{guild_id}/growth",
    operation_id = "growth",
    tag = "members",
    params(GuildPath, Ask::<GrowthParams>),
    responses(
        (status = 200, body = Growth),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn page(
    State(app): State<App>,
    path: GuildPath,
    Ask(params): Ask<GrowthParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(format) = export::accepted(&headers) {
        return file(&app, path, &params, format).await;
    }
    let scene = scene(&app, path, &params).await?;
    let key = scene.key("growth", &params, None);
    Ok(app.answers.get(key, answer(&app, &scene, &params)).await?.respond(&headers))
}

files!(
    file(GrowthParams),
    tag = "members",
    csv = "/guilds/{guild_id}/growth.csv",
    "growth_csv",
    "Growth by bucket, as CSV.",
    ndjson = "/guilds/{guild_id}/growth.ndjson",
    "growth_ndjson",
    "Growth by bucket, as NDJSON.",
);

async fn file(
    app: &App,
    path: GuildPath,
    params: &GrowthParams,
    format: export::Format,
) -> Result<Response, Problem> {
    let scene = scene(app, path, params).await?;
    Ok(export::growth(&answer(app, &scene, params).await?, format))
}

/// `all` begins with the server itself where the list of members may be read: it tells of joins before the bot's time.
async fn scene(app: &App, path: GuildPath, params: &GrowthParams) -> Result<Scene, Problem> {
    if params.stats.range != Some(Range::All) {
        return Scene::open(app, path.guild, &params.stats).await;
    }
    let known = app.known(path.guild).await?;
    let sampled = app.store.first_members_sample(known.guild.id).await?;
    let born = vigie_core::vocabulary::snowflake_time(path.guild.0);
    let first = sampled.map(|_| born.unix_minute());
    Scene::since(app, path.guild, &params.stats, first).await
}

async fn answer(app: &App, scene: &Scene, params: &GrowthParams) -> Result<Growth, Problem> {
    let span = scene.resolved.span;
    let buckets = Buckets::new(&scene.resolved, params.step.unwrap_or_else(|| auto_step(span)))?;
    let spans = spans(&buckets.bounds);
    let bands = AGES.map(|(_, below)| below);
    let (from, to) = (ms(span.from), ms(span.to));
    let (ledger, people, ages, sampled) = tokio::try_join!(
        scene.ledger(app),
        members::people(app, scene, &spans),
        async { Ok(app.store.account_ages(scene.guild, from, to, &bands, scene.audience).await?) },
        async { Ok(app.store.first_members_sample(scene.guild).await?) },
    )?;
    let survivors = |bucket: &GrowthBucket| {
        bucket.unheard > 0 || bucket.members.is_some_and(|count| count.survivors_only)
    };
    let is_of_survivors = people.buckets.iter().any(survivors);
    let sampled = sampled.filter(|at| *at > from && is_of_survivors);
    Ok(Growth {
        period: scene.resolved.period(),
        previous: scene.resolved.previous_period(),
        members: people.members(scene, &buckets),
        joins: people.card(scene, &ledger, &buckets, Metric::Joins),
        departures: people.card(scene, &ledger, &buckets, Metric::Departures),
        rejoins: people.buckets.iter().map(|bucket| bucket.rejoins).sum(),
        departures_by_kind: members::departures(&people.buckets),
        account_ages: account_ages(&ages),
        series: series(&ledger, &buckets, &people.buckets),
        survivors_until: people::instant(sampled),
        coverage: ledger.coverage(families(Metric::Joins), span),
    })
}

const DAY_MS: i64 = 24 * limits::HOUR_MS;

/// Bands of account ages with the first age beyond each, in ms.
const AGES: [(AccountAge, i64); 4] = [
    (AccountAge::Day, DAY_MS),
    (AccountAge::Week, 7 * DAY_MS),
    (AccountAge::Month, 30 * DAY_MS),
    (AccountAge::Year, 365 * DAY_MS),
];

fn account_ages(counts: &[u64]) -> Vec<AccountAges> {
    let words = AGES.iter().map(|(age, _)| *age).chain([AccountAge::Older]);
    let bands = words.zip(counts).map(|(age, joins)| AccountAges { age, joins: *joins });
    bands.filter(|band| band.joins > 0).collect()
}

fn series(ledger: &Ledger, buckets: &Buckets, people: &[GrowthBucket]) -> GrowthSeries {
    let covered = ledger.buckets(families(Metric::Joins), &buckets.bounds);
    // A bucket is hidden in all lines or in none: nothing of it was covered, and nothing is known of it all the same.
    let hidden: Vec<bool> = people
        .iter()
        .zip(&covered)
        .map(|(bucket, covered)| is_hidden(bucket.joins + bucket.departures.total(), *covered))
        .collect();
    let line = |of: fn(&GrowthBucket) -> u64| -> Vec<Option<Figure>> {
        let values = people.iter().zip(&hidden);
        values.map(|(bucket, hidden)| (!hidden).then(|| Figure::count(of(bucket)))).collect()
    };
    let members = people.iter().map(|bucket| bucket.members);
    GrowthSeries {
        t: buckets.starts(),
        step: buckets.step,
        partial_last: buckets.partial_last,
        partial: ledger::partial(&covered, |index| hidden[index]),
        members: members.map(|count| count.map(|count| Figure::count(count.members))).collect(),
        joins: line(|bucket| bucket.joins),
        rejoins: line(|bucket| bucket.rejoins),
        unheard: line(|bucket| bucket.unheard),
        departures: line(|bucket| bucket.departures.total()),
        leaves: line(|bucket| bucket.departures.leave),
        kicks: line(|bucket| bucket.departures.kick),
        bans: line(|bucket| bucket.departures.ban),
        prunes: line(|bucket| bucket.departures.prune),
        unseen: line(|bucket| bucket.departures.unseen),
    }
}
