//! Joins, departures and members over time.
//!
//! Everything is counted in segments between cuts: the bounds of the buckets, and the instants at which Discord told a member count. The
//! member count at an instant is the last one told, moved by the joins and departures that were heard since.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{DISCORD_EPOCH_MS, DepartureKind, GuildId};

use crate::{
    Store, StoreError,
    db::Snapshot,
    limits::BUCKETS_MAX,
    query::Query,
    question::{Audience, GrowthBucket, MemberCount},
    value::{key, sum},
};

impl Store {
    /// Joins and departures in each bucket, and the members at its end: bucket i runs from `bounds_ms[i]` until before `bounds_ms[i + 1]`
    /// (milliseconds since 1970).
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bounds do not rise or are too many ([`BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn growth(
        &self,
        guild: GuildId,
        bounds_ms: &[i64],
        audience: Audience,
    ) -> Result<Vec<GrowthBucket>, StoreError> {
        check_bounds(bounds_ms)?;
        let mut buckets = vec![GrowthBucket::default(); bounds_ms.len().saturating_sub(1)];
        let Some(guild) = key(guild.0).filter(|_| !buckets.is_empty()) else {
            return Ok(buckets);
        };
        let mut at = self.read.snapshot().await?;
        let first_sample = first_sample(&mut at, guild).await?;
        let anchors = anchors(&mut at, guild, &bounds_ms[1..]).await?;
        let mut cuts: Vec<i64> = bounds_ms.to_vec();
        cuts.extend(anchors.values().map(|anchor| anchor.0 + 1));
        cuts.sort_unstable();
        cuts.dedup();
        let segments = segments(&mut at, guild, &cuts, audience, first_sample).await?;
        for (segment, cut) in segments.iter().zip(&cuts) {
            let bucket = bounds_ms.partition_point(|bound| bound <= cut);
            if let Some(bucket) = bucket.checked_sub(1).and_then(|at| buckets.get_mut(at)) {
                segment.add_to(bucket);
            }
        }
        let before = survivors_before(&mut at, guild, bounds_ms[0], first_sample).await?;
        let net = Net::new(&segments, &cuts, bounds_ms[0], before);
        for (place, bucket) in buckets.iter_mut().enumerate() {
            bucket.members = net.members(bounds_ms[place + 1], anchors.get(&place));
        }
        Ok(buckets)
    }

    /// When Discord first told how many members a guild has (ms since 1970): the first sight of it. Of the joins before it only those are
    /// known who were still there when the list of members was read, and of the departures none.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn first_members_sample(&self, guild: GuildId) -> Result<Option<i64>, StoreError> {
        let Some(guild) = key(guild.0) else { return Ok(None) };
        let mut at = self.read.snapshot().await?;
        Ok(first_sample(&mut at, guild).await?)
    }

    /// How old the accounts were that joined in a range of instants (milliseconds since 1970): joins of accounts younger than each of the
    /// bands (rising, in milliseconds) and older than the one before, then those older than the last.
    ///
    /// # Errors
    /// [`StoreError::InvalidQuestion`] when the bands do not rise or are too many ([`BUCKETS_MAX`]); [`StoreError::Database`].
    pub async fn account_ages(
        &self,
        guild: GuildId,
        from_ms: i64,
        to_ms: i64,
        bands_ms: &[i64],
        audience: Audience,
    ) -> Result<Vec<u64>, StoreError> {
        check_bounds(bands_ms)?;
        let mut counts = vec![0; bands_ms.len() + 1];
        let Some(guild) = key(guild.0) else { return Ok(counts) };
        let mut query = Query::default();
        let g = query.bind(guild);
        let (from, to) = (query.bind(from_ms), query.bind(to_ms));
        let (low, high) = audience.kinds();
        let (low, high) = (query.bind(low), query.bind(high));
        let mut band = String::new();
        for (at, age) in bands_ms.iter().enumerate() {
            let (at, age) = (query.bind(at as i32), query.bind(*age));
            band.push_str(&format!(" WHEN age < {age} THEN CAST({at} AS INT)"));
        }
        let last = query.bind(bands_ms.len() as i32);
        let last = format!("CAST({last} AS INT)");
        let band = if band.is_empty() { last } else { format!("CASE{band} ELSE {last} END") };
        let statement = query.text(format!(
            "SELECT {band} AS band, COUNT(*) AS joins FROM (SELECT s.since_ms - (s.member_id >> 22) - {DISCORD_EPOCH_MS} AS age \
             FROM member_stays s WHERE s.guild_id = {g} AND s.since_ms >= {from} AND s.since_ms < {to} AND s.is_join_known \
             AND s.kind BETWEEN {low} AND {high}) AS piece GROUP BY 1"
        ));
        let rows: Vec<(i32, i64)> = statement.all_now(&self.read).await?;
        for (band, joins) in rows {
            counts[band.unsigned_abs() as usize] = sum(joins);
        }
        Ok(counts)
    }
}

/// Refuses bounds that do not rise or are too many.
pub(crate) fn check_bounds(bounds: &[i64]) -> Result<(), StoreError> {
    if bounds.len() > BUCKETS_MAX + 1 {
        return Err(StoreError::InvalidQuestion { reason: "it has too many buckets" });
    }
    if !bounds.is_sorted_by(|a, b| a < b) {
        return Err(StoreError::InvalidQuestion { reason: "its bucket bounds do not rise" });
    }
    Ok(())
}

/// When a guild's member count was first told.
pub(super) async fn first_sample(at: &mut Snapshot, guild: i64) -> sqlx::Result<Option<i64>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let statement =
        query.text(format!("SELECT MIN(at_ms) FROM member_count_samples WHERE guild_id = {g}"));
    let row: Option<(Option<i64>,)> = statement.first(at).await?;
    Ok(row.and_then(|row| row.0))
}

/// The last member count told before each of these instants, by its place: when, and how many.
async fn anchors(
    at: &mut Snapshot,
    guild: i64,
    ends: &[i64],
) -> sqlx::Result<BTreeMap<usize, (i64, i64)>> {
    let mut query = Query::default();
    let g = query.bind(guild);
    let rows: Vec<String> = ends
        .iter()
        .enumerate()
        .map(|(place, end)| {
            let (place, end) = (query.bind(place as i32), query.bind(*end));
            format!("(CAST({place} AS INT), CAST({end} AS BIGINT))")
        })
        .collect();
    let statement = query.text(format!(
        "WITH b(n, hi) AS (VALUES {rows}), \
         placed AS (SELECT b.n, (SELECT MAX(l.at_ms) FROM member_count_samples l WHERE l.guild_id = {g} AND l.at_ms < b.hi) AS told FROM b) \
         SELECT placed.n, placed.told, m.members FROM placed CROSS JOIN member_count_samples m \
         WHERE m.guild_id = {g} AND m.at_ms = placed.told",
        rows = rows.join(", ")
    ));
    let rows: Vec<(i32, i64, i32)> = statement.all(at).await?;
    let anchor = |(place, told, members): (i32, i64, i32)| {
        (place.unsigned_abs() as usize, (told, i64::from(members)))
    };
    Ok(rows.into_iter().map(anchor).collect())
}

/// What happened between two cuts.
#[derive(Clone, Debug, Default)]
struct Segment {
    joins: u64,
    unheard: u64,
    rejoins: u64,
    /// By stored number of their kind.
    departures: BTreeMap<i32, u64>,
    /// Joins minus departures, of everybody, that were heard.
    heard: i64,
    /// Joins minus departures of everybody whose join is known.
    known: i64,
}

impl Segment {
    fn add_to(&self, bucket: &mut GrowthBucket) {
        bucket.joins += self.joins;
        bucket.unheard += self.unheard;
        bucket.rejoins += self.rejoins;
        for (kind, departures) in &self.departures {
            let kind = DepartureKind::from_u8(*kind as u8).unwrap_or_default();
            *bucket.departures.of(kind) += departures;
        }
    }
}

/// Segment, joins, those unheard, rejoins, heard of everybody, known of everybody.
type JoinsSql = (i32, i64, i64, i64, i64, i64);

/// Segment, departure, departures, heard of everybody, of everybody whose join is known.
type DeparturesSql = (i32, i32, i64, i64, i64);

/// What happened from each cut until before the next.
async fn segments(
    at: &mut Snapshot,
    guild: i64,
    cuts: &[i64],
    audience: Audience,
    first_sample: Option<i64>,
) -> sqlx::Result<Vec<Segment>> {
    let mut segments = vec![Segment::default(); cuts.len().saturating_sub(1)];
    let (low, high) = audience.kinds();
    let heard_from = first_sample.unwrap_or(0);
    let mut query = Query::default();
    let (g, cut) = (query.bind(guild), cut_rows(&mut query, cuts));
    let (low_kind, high_kind) = (query.bind(low), query.bind(high));
    let heard_from = query.bind(heard_from);
    let asked = format!("s.kind BETWEEN {low_kind} AND {high_kind}");
    let heard = format!("s.is_heard AND s.since_ms >= {heard_from}");
    let statement = query.text(format!(
        "WITH b(n, lo, hi) AS (VALUES {cut}) \
         SELECT b.n, COUNT(CASE WHEN {asked} THEN 1 END), COUNT(CASE WHEN {asked} AND NOT ({heard}) THEN 1 END), \
         COUNT(CASE WHEN {asked} AND s.rejoined THEN 1 END), COUNT(CASE WHEN s.is_heard THEN 1 END), COUNT(*) \
         FROM b CROSS JOIN member_stays s WHERE s.guild_id = {g} AND s.since_ms >= b.lo AND s.since_ms < b.hi AND s.is_join_known \
         GROUP BY b.n"
    ));
    let rows: Vec<JoinsSql> = statement.all(at).await?;
    for (place, joins, unheard, rejoins, heard, known) in rows {
        let segment = &mut segments[place.unsigned_abs() as usize];
        (segment.joins, segment.unheard) = (sum(joins), sum(unheard));
        segment.rejoins = sum(rejoins);
        (segment.heard, segment.known) = (heard, known);
    }
    let mut query = Query::default();
    let (g, cut) = (query.bind(guild), cut_rows(&mut query, cuts));
    let (low, high) = (query.bind(low), query.bind(high));
    let statement = query.text(format!(
        "WITH b(n, lo, hi) AS (VALUES {cut}) \
         SELECT b.n, s.departure, COUNT(CASE WHEN s.kind BETWEEN {low} AND {high} THEN 1 END), \
         COUNT(CASE WHEN s.unseen_ms IS NULL THEN 1 END), COUNT(CASE WHEN s.is_join_known THEN 1 END) \
         FROM b CROSS JOIN member_stays s WHERE s.guild_id = {g} AND s.left_at_ms >= b.lo AND s.left_at_ms < b.hi \
         GROUP BY b.n, s.departure"
    ));
    let rows: Vec<DeparturesSql> = statement.all(at).await?;
    for (place, kind, departures, heard, known) in rows {
        let segment = &mut segments[place.unsigned_abs() as usize];
        if departures > 0 {
            *segment.departures.entry(kind).or_default() += sum(departures);
        }
        segment.heard -= heard;
        segment.known -= known;
    }
    Ok(segments)
}

/// Segments as rows of VALUES: place, from, to.
fn cut_rows(query: &mut Query, cuts: &[i64]) -> String {
    let rows: Vec<String> = cuts
        .windows(2)
        .enumerate()
        .map(|(place, cut)| {
            let place = query.bind(place as i32);
            let (from, to) = (query.bind(cut[0]), query.bind(cut[1]));
            format!("(CAST({place} AS INT), CAST({from} AS BIGINT), CAST({to} AS BIGINT))")
        })
        .collect();
    rows.join(", ")
}

/// Members known to have been there at an instant before the first member count was told; nothing is asked after it.
async fn survivors_before(
    at: &mut Snapshot,
    guild: i64,
    instant: i64,
    first_sample: Option<i64>,
) -> sqlx::Result<i64> {
    if first_sample.is_some_and(|first| first < instant) {
        return Ok(0);
    }
    let mut query = Query::default();
    let (g, t) = (query.bind(guild), query.bind(instant));
    let statement = query.text(format!(
        "SELECT (SELECT COUNT(*) FROM member_stays s WHERE s.guild_id = {g} AND s.since_ms < {t} AND s.is_join_known) \
         - (SELECT COUNT(*) FROM member_stays s WHERE s.guild_id = {g} AND s.left_at_ms < {t} AND s.is_join_known)"
    ));
    let row: Option<(i64,)> = statement.first(at).await?;
    Ok(row.map_or(0, |row| row.0))
}

/// Members gained until each cut.
struct Net<'a> {
    cuts: &'a [i64],
    /// Those heard, from the first cut on.
    heard: Vec<i64>,
    /// Those known, ever.
    known: Vec<i64>,
}

impl<'a> Net<'a> {
    /// `before` are the members known at the instant `start`, which is one of the cuts.
    fn new(segments: &[Segment], cuts: &'a [i64], start: i64, before: i64) -> Self {
        let running = |of: fn(&Segment) -> i64| {
            let mut sums = vec![0];
            let mut total = 0;
            for segment in segments {
                total += of(segment);
                sums.push(total);
            }
            sums
        };
        let (heard, mut known) = (running(|s| s.heard), running(|s| s.known));
        let at_start = known[cuts.partition_point(|cut| *cut < start).min(known.len() - 1)];
        known.iter_mut().for_each(|sum| *sum += before - at_start);
        Self { cuts, heard, known }
    }

    fn place(&self, cut: i64) -> usize {
        self.cuts.partition_point(|other| *other < cut).min(self.heard.len() - 1)
    }

    /// The members just before an instant, from the count told last, else from those known of.
    fn members(&self, end: i64, anchor: Option<&(i64, i64)>) -> Option<MemberCount> {
        let end = self.place(end);
        if let Some((told, members)) = anchor {
            let gained = self.heard[end] - self.heard[self.place(told + 1)];
            return Some(MemberCount { members: sum(members + gained), survivors_only: false });
        }
        let members = sum(self.known[end]);
        (members > 0).then_some(MemberCount { members, survivors_only: true })
    }
}
