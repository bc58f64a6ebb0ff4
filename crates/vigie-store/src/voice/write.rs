//! Writing the voice family: one statement for each table, rows in the order of their keys.

use super::fold::{Figures, VoiceFold};
use crate::{
    activity::{Row, big, ints},
    db::Conn,
    upsert::{Merge, Upsert, Values},
    value::int,
};

/// The columns of [`Figures`], in their order.
pub(super) const FIGURES: [&str; 10] = [
    "sessions",
    "total_ms",
    "active_ms",
    "muted_ms",
    "deafened_ms",
    "streaming_ms",
    "video_ms",
    "suppressed_ms",
    "alone_ms",
    "afk_ms",
];

/// Adds the figures of BIGINT columns.
const SUM_BIG: [Merge; 10] = [
    Merge::Sum(FIGURES[0]),
    Merge::Sum(FIGURES[1]),
    Merge::Sum(FIGURES[2]),
    Merge::Sum(FIGURES[3]),
    Merge::Sum(FIGURES[4]),
    Merge::Sum(FIGURES[5]),
    Merge::Sum(FIGURES[6]),
    Merge::Sum(FIGURES[7]),
    Merge::Sum(FIGURES[8]),
    Merge::Sum(FIGURES[9]),
];

/// Adds the figures of INT columns, keeps the greater kind and, in days, the bits of all hours.
const MERGE_DAY: [Merge; 12] = [
    Merge::SumInt(FIGURES[0]),
    Merge::SumInt(FIGURES[1]),
    Merge::SumInt(FIGURES[2]),
    Merge::SumInt(FIGURES[3]),
    Merge::SumInt(FIGURES[4]),
    Merge::SumInt(FIGURES[5]),
    Merge::SumInt(FIGURES[6]),
    Merge::SumInt(FIGURES[7]),
    Merge::SumInt(FIGURES[8]),
    Merge::SumInt(FIGURES[9]),
    Merge::Max("kind"),
    Merge::Bits("hours"),
];

/// Writes what the fold holds. The order of the tables is that of every writer, so that none waits for another in a circle.
pub(crate) async fn write(conn: &mut Conn<'_>, fold: &VoiceFold) -> sqlx::Result<()> {
    hours(fold).run(conn).await?;
    days(fold).run(conn).await?;
    guilds(fold).run(conn).await?;
    channels(fold).run(conn).await?;
    peaks(fold).run(conn).await?;
    sessions(fold).run(conn).await
}

fn hours(fold: &VoiceFold) -> Upsert {
    let rows = &fold.hours;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("channel_id", big(rows, |row| row.key.2)),
        ("member_id", big(rows, |row| row.key.3)),
        ("kind", ints(rows, |row| row.value.kind)),
    ];
    columns.extend(int_figures(rows, |row| &row.value.figures));
    let (merge, _) = MERGE_DAY.split_at(11);
    Upsert {
        table: "voice_hourly",
        key: "guild_id, unix_hour, channel_id, member_id",
        columns,
        merge,
    }
}

fn days(fold: &VoiceFold) -> Upsert {
    let rows = &fold.days;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_day", ints(rows, |row| row.key.1)),
        ("member_id", big(rows, |row| row.key.2)),
        ("channel_id", big(rows, |row| row.key.3)),
        ("kind", ints(rows, |row| row.value.kind)),
        ("hours", ints(rows, |row| row.value.hours)),
    ];
    columns.extend(int_figures(rows, |row| &row.value.figures));
    Upsert {
        table: "voice_daily",
        key: "guild_id, unix_day, member_id, channel_id",
        columns,
        merge: &MERGE_DAY,
    }
}

fn guilds(fold: &VoiceFold) -> Upsert {
    let rows = &fold.guilds;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("kind", ints(rows, |row| row.key.2)),
    ];
    columns.extend(big_figures(rows));
    Upsert {
        table: "guild_voice_hourly",
        key: "guild_id, unix_hour, kind",
        columns,
        merge: &SUM_BIG,
    }
}

fn channels(fold: &VoiceFold) -> Upsert {
    let rows = &fold.channels;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("channel_id", big(rows, |row| row.key.2)),
        ("kind", ints(rows, |row| row.key.3)),
    ];
    columns.extend(big_figures(rows));
    Upsert {
        table: "channel_voice_hourly",
        key: "guild_id, unix_hour, channel_id, kind",
        columns,
        merge: &SUM_BIG,
    }
}

fn peaks(fold: &VoiceFold) -> Upsert {
    let rows = &fold.peaks;
    Upsert {
        table: "voice_peaks_hourly",
        key: "guild_id, unix_hour, channel_id",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("unix_hour", ints(rows, |row| row.key.1)),
            ("channel_id", big(rows, |row| row.key.2)),
            ("people", ints(rows, |row| int(u64::from(row.value.0)))),
        ],
        merge: &[Merge::Max("people")],
    }
}

fn sessions(fold: &VoiceFold) -> Upsert {
    let rows = &fold.sessions;
    Upsert {
        table: "voice_sessions",
        key: "guild_id, started_at_ms, member_id, channel_id",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("started_at_ms", big(rows, |row| row.key.1)),
            ("member_id", big(rows, |row| row.key.2)),
            ("channel_id", big(rows, |row| row.key.3)),
            ("kind", ints(rows, |row| row.value.kind)),
            ("ended_at_ms", big(rows, |row| row.value.ended_at_ms)),
            ("start_heard", Values::Bool(rows.iter().map(|row| row.value.start_heard).collect())),
            ("end_heard", Values::Bool(rows.iter().map(|row| row.value.end_heard).collect())),
            ("detail", Values::Bytes(rows.iter().map(|row| row.value.detail.clone()).collect())),
        ],
        merge: &[
            Merge::Replace("kind"),
            Merge::Replace("ended_at_ms"),
            Merge::Replace("start_heard"),
            Merge::Replace("end_heard"),
            Merge::Replace("detail"),
        ],
    }
}

fn int_figures<K, V>(
    rows: &[Row<K, V>],
    figures: impl Fn(&Row<K, V>) -> &Figures + Copy,
) -> impl Iterator<Item = (&'static str, Values)> {
    let column = move |(at, name)| (name, ints(rows, |row| int(figures(row)[at])));
    FIGURES.into_iter().enumerate().map(column)
}

fn big_figures<K>(rows: &[Row<K, Figures>]) -> impl Iterator<Item = (&'static str, Values)> {
    let column = move |(at, name)| (name, big(rows, |row| row.value[at] as i64));
    FIGURES.into_iter().enumerate().map(column)
}
