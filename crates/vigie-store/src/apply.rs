//! Applying batches: what was stored before is passed over, the rest is added, in transactions that carry their own cursor.

use std::collections::BTreeMap;

use vigie_core::vocabulary::{GuildId, Record, UnixMs};

use crate::{
    Store, StoreError,
    activity::{self, ActivityFold},
    coverage::{self, CoverageFold},
    db::{Conn, Db, on},
    guilds::{
        self, GuildsFold,
        details::{self, DetailsFold},
    },
    invites::{self, InvitesFold},
    limits::{CELLS_PER_TRANSACTION_MAX, RECORDS_PER_TRANSACTION_MAX},
    members::{self, MembersFold},
    moderation::{self, ModerationFold},
    value::key,
    voice::{self, VoiceFold},
};

/// Some entries of one producer's lane, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Who made them.
    pub producer: &'a str,
    /// On which lane.
    pub lane: u8,
    /// Entry number and record, in the order of their numbers. Numbers may be missing (entries set aside), but an entry that comes
    /// after a greater number counts as stored before.
    pub records: &'a [(u64, Record)],
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records that were stored now.
    pub applied: u64,
    /// The same by kind of record.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Records that had been stored before and were passed over.
    pub repeated: u64,
    /// The guilds that the batch is about, each once, in the order of their ids (those of repeated records too: whoever waits for
    /// them may have missed them the first time).
    pub guilds: Vec<GuildId>,
}

/// The records of one transaction, merged.
struct Folded {
    guilds: GuildsFold,
    details: DetailsFold,
    activity: ActivityFold,
    voice: VoiceFold,
    coverage: CoverageFold,
    members: MembersFold,
    invites: InvitesFold,
    moderation: ModerationFold,
    applied: u64,
    by_kind: BTreeMap<&'static str, u64>,
    repeated: u64,
    cursor: i64,
}

impl Store {
    /// Stores a batch: entries that were stored before are passed over, the others are added. When it returns, everything is
    /// committed, on disk, and visible.
    ///
    /// A large batch is cut into transactions of bounded length; each moves the cursor with what it stores, so that after an error
    /// the same batch can simply be applied again.
    ///
    /// # Errors
    /// [`StoreError::InvalidRecord`] (set the entry aside and apply the rest), [`StoreError::Database`] (try again).
    pub async fn apply(&self, batch: &Batch<'_>) -> Result<Applied, StoreError> {
        if let Db::Pg(pool) = &self.write {
            self.partitions.ensure(pool, minutes(batch)).await?;
        }
        let mut applied = Applied::default();
        let mut rest = batch.records;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(transaction_length(rest));
            let folded = self.apply_piece(batch.producer, batch.lane, piece).await?;
            applied.applied += folded.applied;
            for (kind, records) in folded.by_kind {
                *applied.by_kind.entry(kind).or_default() += records;
            }
            applied.repeated += folded.repeated;
            rest = after;
        }
        // A day is over, and worth packing, once a later one has begun.
        if let Some(last) = minutes(batch).max() {
            self.pack_days_before(last / 60 / 24).await;
        }
        applied.guilds = batch.records.iter().filter_map(|(_, record)| record.guild()).collect();
        applied.guilds.sort_unstable();
        applied.guilds.dedup();
        Ok(applied)
    }

    /// One transaction.
    async fn apply_piece(
        &self,
        producer: &str,
        lane: u8,
        records: &[(u64, Record)],
    ) -> Result<Folded, StoreError> {
        match &self.write {
            Db::Lite(pool) => {
                // A transaction that reads before it writes can fail at once when another process writes: this one takes the
                // write lock first, and waits for it.
                let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                let folded = write(Db::Lite(&mut *tx), producer, lane, records).await?;
                tx.commit().await?;
                Ok(folded)
            }
            Db::Pg(pool) => {
                let mut tx = pool.begin().await?;
                let folded = write(Db::Pg(&mut *tx), producer, lane, records).await?;
                tx.commit().await?;
                Ok(folded)
            }
        }
    }
}

/// A minute of each month that the batch writes into; those that can be stored.
fn minutes(batch: &Batch<'_>) -> impl Iterator<Item = u32> {
    let minutes = batch.records.iter().filter_map(|(_, record)| match record {
        Record::ActivityWindow(window) => Some(window.unix_minute),
        Record::ActivityHour(hour) => Some(hour.unix_hour.saturating_mul(60)),
        Record::VoiceWindow(window) => Some(window.unix_hour.saturating_mul(60)),
        _ => None,
    });
    minutes.filter(|minute| activity::is_storable_minute(*minute))
}

/// How many of these records make one transaction: at least one.
fn transaction_length(records: &[(u64, Record)]) -> usize {
    let mut rows = 0;
    let bounded = records.iter().take(RECORDS_PER_TRANSACTION_MAX);
    let fitting = bounded.take_while(|(_, record)| {
        rows += match record {
            Record::ActivityWindow(window) => window.cells.len() + window.emojis.len(),
            Record::ActivityHour(hour) => hour.cells.len() + hour.minutes.len() + hour.emojis.len(),
            Record::VoiceWindow(window) => {
                window.cells.len() + window.minutes.len() + window.peaks.len()
            }
            Record::VoiceSessions(_, sessions) => sessions.len(),
            Record::Joins(_, joins) => joins.len(),
            Record::Departures(_, departures) => departures.len(),
            Record::Invites(_, invites) => invites.len(),
            Record::Attributions(_, joins) => joins.len(),
            Record::Cases(_, cases) => cases.len(),
            Record::Guild(guild) => guild.channels.len(),
            Record::GuildDetails(_, details) => {
                details.roles.len() + details.emojis.as_ref().map_or(0, Vec::len)
            }
            _ => 0,
        };
        rows <= CELLS_PER_TRANSACTION_MAX
    });
    fitting.count().max(1)
}

async fn write(
    mut conn: Conn<'_>,
    producer: &str,
    lane: u8,
    records: &[(u64, Record)],
) -> Result<Folded, StoreError> {
    let lane = i32::from(lane);
    let cursor = lock_cursor(&mut conn, producer, lane).await?;
    let told_at = guilds::told_at(&mut conn, &guilds_told(records)).await?;
    let covered = coverage::known(&mut conn, &coverage::concerns(records)).await?;
    let described = details::known(&mut conn, producer, records).await?;
    let coverage = CoverageFold::new(producer, covered);
    let folds = (GuildsFold::new(told_at), DetailsFold::new(described));
    let folded = fold(records, cursor, folds, coverage)?;
    if folded.applied == 0 {
        return Ok(folded);
    }
    guilds::write(&mut conn, &folded.guilds).await?;
    details::write(&mut conn, &folded.details).await?;
    activity::write(&mut conn, &folded.activity, &folded.voice).await?;
    voice::write(&mut conn, &folded.voice).await?;
    coverage::write(&mut conn, &folded.coverage).await?;
    let touched = moderation::write(&mut conn, &folded.moderation).await?;
    members::write(&mut conn, &folded.members, touched).await?;
    invites::write(&mut conn, &folded.invites).await?;
    let sql = "UPDATE ingest_cursors SET number = $3 WHERE producer = $1 AND lane = $2";
    on!(&mut conn, conn => {
        sqlx::query(sql).bind(producer).bind(lane).bind(folded.cursor).execute(&mut **conn).await?;
    });
    Ok(folded)
}

/// The last number stored of this lane. The row stays locked until the end of the transaction: two consumers of one lane wait for
/// each other here.
async fn lock_cursor(conn: &mut Conn<'_>, producer: &str, lane: i32) -> sqlx::Result<i64> {
    let sql = "INSERT INTO ingest_cursors (producer, lane, number) VALUES ($1, $2, 0) \
        ON CONFLICT (producer, lane) DO UPDATE SET number = ingest_cursors.number RETURNING number";
    on!(conn, conn => sqlx::query_scalar(sql).bind(producer).bind(lane).fetch_one(&mut **conn).await)
}

/// Guilds whose own rows the records may change.
fn guilds_told(records: &[(u64, Record)]) -> Vec<i64> {
    let told = records
        .iter()
        .filter(|(_, record)| matches!(record, Record::Guild(_) | Record::GuildRemoved(..)));
    let mut ids: Vec<i64> =
        told.filter_map(|(_, record)| record.guild().and_then(|guild| key(guild.0))).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn fold(
    records: &[(u64, Record)],
    mut cursor: i64,
    (guilds, details): (GuildsFold, DetailsFold),
    coverage: CoverageFold,
) -> Result<Folded, StoreError> {
    let mut folds = Folds {
        guilds,
        details,
        coverage,
        activity: ActivityFold::default(),
        voice: VoiceFold::default(),
        members: MembersFold::default(),
        invites: InvitesFold::default(),
        moderation: ModerationFold::default(),
    };
    let (mut applied, mut repeated) = (0, 0);
    let mut by_kind = BTreeMap::new();
    for (entry, record) in records {
        let invalid = |reason| StoreError::InvalidRecord { entry: *entry, reason };
        let number = key(*entry).ok_or_else(|| invalid("its number does not fit into 63 bits"))?;
        if number <= cursor {
            repeated += 1;
            continue;
        }
        folds.take(record).map_err(invalid)?;
        cursor = number;
        applied += 1;
        *by_kind.entry(kind(record)).or_default() += 1;
    }
    let (voice, ever) = folds.voice.finish();
    Ok(Folded {
        guilds: folds.guilds,
        details: folds.details,
        activity: folds.activity.finish(ever),
        voice,
        coverage: folds.coverage,
        members: folds.members,
        invites: folds.invites.finish(),
        moderation: folds.moderation,
        applied,
        by_kind,
        repeated,
        cursor,
    })
}

/// What the records of a batch say together, by family.
struct Folds {
    guilds: GuildsFold,
    details: DetailsFold,
    coverage: CoverageFold,
    activity: ActivityFold,
    voice: VoiceFold,
    members: MembersFold,
    invites: InvitesFold,
    moderation: ModerationFold,
}

impl Folds {
    fn take(&mut self, record: &Record) -> Result<(), &'static str> {
        if let Some(at) = instant(record) {
            self.details.told(at);
        }
        match record {
            Record::ActivityWindow(window) => self.activity.window(window),
            Record::Guild(guild) => {
                self.members.count(guild.id, guild.at, guild.member_count);
                self.details.guild(guild).and_then(|()| self.guilds.guild(guild))
            }
            Record::GuildRemoved(guild, at) => self
                .guilds
                .guild_removed(*guild, *at)
                .and_then(|()| self.details.guild_removed(*guild, *at))
                .and_then(|()| self.coverage.guild_removed(*guild, *at)),
            Record::Channels(guild, channels) => self
                .details
                .channels(*guild, channels)
                .and_then(|()| self.guilds.channels(*guild, channels)),
            Record::Members(guild, members) => self.guilds.members(*guild, members),
            Record::ActivityHour(hour) => self.activity.hour(hour),
            Record::VoiceWindow(window) => self.voice.window(window, &mut self.activity),
            Record::VoiceSessions(guild, sessions) => self.voice.sessions(*guild, sessions),
            Record::Coverage(guild, spans) => self.coverage.spans(*guild, spans),
            Record::HeardUntil(at) => {
                self.coverage.heard_until(*at);
                Ok(())
            }
            Record::Joins(guild, joins) => self.members.joins(*guild, joins),
            Record::Departures(guild, departures) => self.members.departures(*guild, departures),
            Record::MembersListed(guild, began) => self.members.listed(*guild, *began),
            Record::Invites(guild, changed) => self.invites.invites(*guild, changed),
            Record::Attributions(guild, joins) => self.invites.attributions(*guild, joins),
            Record::Cases(guild, cases) => self.moderation.cases(*guild, cases),
            Record::GuildDetails(guild, told) => self.details.details(*guild, told),
            Record::Access(guild, access) => self.details.access(*guild, access),
        }
    }
}

/// The latest instant that a record tells as having passed.
fn instant(record: &Record) -> Option<UnixMs> {
    match record {
        Record::Guild(guild) => Some(guild.at),
        Record::GuildRemoved(_, at) | Record::MembersListed(_, at) | Record::HeardUntil(at) => {
            Some(*at)
        }
        Record::GuildDetails(_, details) => Some(details.at),
        Record::Joins(_, joins) => joins.iter().map(|join| join.joined_at).max(),
        Record::Departures(_, departures) => departures.iter().map(|left| left.left_at).max(),
        Record::Cases(_, cases) => cases.iter().map(|case| case.at).max(),
        Record::Invites(_, invites) => invites.iter().map(|invite| invite.at).max(),
        Record::Access(_, access) => access.iter().map(|access| access.at).max(),
        _ => None,
    }
}

/// The word for a kind of record.
fn kind(record: &Record) -> &'static str {
    match record {
        Record::ActivityWindow(_) => "activity window",
        Record::ActivityHour(_) => "activity hour",
        Record::Guild(_) => "guild",
        Record::GuildRemoved(..) => "guild removed",
        Record::Channels(..) => "channels",
        Record::Members(..) => "members",
        Record::VoiceWindow(_) => "voice window",
        Record::VoiceSessions(..) => "voice sessions",
        Record::Coverage(..) => "coverage",
        Record::HeardUntil(_) => "heard until",
        Record::Joins(..) => "joins",
        Record::Departures(..) => "departures",
        Record::MembersListed(..) => "members listed",
        Record::Cases(..) => "cases",
        Record::Invites(..) => "invites",
        Record::Attributions(..) => "attributions",
        Record::GuildDetails(..) => "guild details",
        Record::Access(..) => "access",
    }
}
