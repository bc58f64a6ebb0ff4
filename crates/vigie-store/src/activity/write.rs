//! Writing the activity family: one statement for each table, rows in the order of their keys.

use super::{
    fold::{ActivityFold, Row, Sums},
    packed,
};
use crate::{
    db::Conn,
    upsert::{Merge, Upsert, Values},
    value::{int, small_int},
    voice::VoiceFold,
};

/// The counters' columns, in the order of [`Sums`].
const COUNTERS: [&str; 5] =
    ["messages", "commands", "reactions_added", "reactions_removed", "reactions_received"];

/// Adds the counters of BIGINT columns.
const SUM_BIG: [Merge; 5] = [
    Merge::Sum(COUNTERS[0]),
    Merge::Sum(COUNTERS[1]),
    Merge::Sum(COUNTERS[2]),
    Merge::Sum(COUNTERS[3]),
    Merge::Sum(COUNTERS[4]),
];

/// Writes what the fold holds; the days that hold voice too are marked as changed. The order of the tables is that of every writer, so that none waits for another in a circle.
pub(crate) async fn write(
    conn: &mut Conn<'_>,
    fold: &ActivityFold,
    voice: &VoiceFold,
) -> sqlx::Result<()> {
    minutes(fold).run(conn).await?;
    hours(fold).run(conn).await?;
    days(fold).run(conn).await?;
    packed::changed(fold, voice).run(conn).await?;
    members(fold).run(conn).await?;
    guilds(fold).run(conn).await?;
    channels(fold).run(conn).await?;
    emojis(fold).run(conn).await?;
    emoji_names(fold).run(conn).await
}

fn minutes(fold: &ActivityFold) -> Upsert {
    let rows = &fold.minutes;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_minute", ints(rows, |row| row.key.1)),
    ];
    columns.extend(int_counters(rows, |row| row.value.humans));
    columns.extend([
        ("bot_messages", ints(rows, |row| int(row.value.bots.0[0] - row.value.webhook_messages))),
        ("webhook_messages", ints(rows, |row| int(row.value.webhook_messages))),
        ("bot_commands", ints(rows, |row| small_int(row.value.bots.0[1]))),
        ("bot_reactions_added", ints(rows, |row| small_int(row.value.bots.0[2]))),
        ("bot_reactions_removed", ints(rows, |row| small_int(row.value.bots.0[3]))),
        ("bot_reactions_received", ints(rows, |row| small_int(row.value.bots.0[4]))),
        ("voice_ms", ints(rows, |row| int(row.value.voice.total_ms))),
        ("active_voice_ms", ints(rows, |row| int(row.value.voice.active_ms))),
        ("voice_peak", ints(rows, |row| int(row.value.voice.peak))),
    ]);
    Upsert {
        table: "metrics_snapshots",
        key: "guild_id, unix_minute",
        columns,
        merge: &[
            Merge::SumInt("messages"),
            Merge::SumInt("commands"),
            Merge::SumInt("reactions_added"),
            Merge::SumInt("reactions_removed"),
            Merge::SumInt("reactions_received"),
            Merge::SumInt("bot_messages"),
            Merge::SumInt("webhook_messages"),
            Merge::SumSmall("bot_commands"),
            Merge::SumSmall("bot_reactions_added"),
            Merge::SumSmall("bot_reactions_removed"),
            Merge::SumSmall("bot_reactions_received"),
            Merge::SumInt("voice_ms"),
            Merge::SumInt("active_voice_ms"),
            Merge::Max("voice_peak"),
        ],
    }
}

fn hours(fold: &ActivityFold) -> Upsert {
    let rows = &fold.hours;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("channel_id", big(rows, |row| row.key.2)),
        ("member_id", big(rows, |row| row.key.3)),
        ("kind", ints(rows, |row| row.value.kind)),
    ];
    columns.extend(int_counters(rows, |row| row.value.sums));
    Upsert {
        table: "member_activity_hourly",
        key: "guild_id, unix_hour, channel_id, member_id",
        columns,
        merge: &[
            Merge::Max("kind"),
            Merge::SumInt(COUNTERS[0]),
            Merge::SumInt(COUNTERS[1]),
            Merge::SumInt(COUNTERS[2]),
            Merge::SumInt(COUNTERS[3]),
            Merge::SumInt(COUNTERS[4]),
        ],
    }
}

fn days(fold: &ActivityFold) -> Upsert {
    let rows = &fold.days;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_day", ints(rows, |row| row.key.1)),
        ("member_id", big(rows, |row| row.key.2)),
        ("channel_id", big(rows, |row| row.key.3)),
        ("kind", ints(rows, |row| row.value.kind)),
        ("hours", ints(rows, |row| row.value.hours)),
        ("active_hours", ints(rows, |row| row.value.active_hours)),
    ];
    columns.extend(int_counters(rows, |row| row.value.sums));
    Upsert {
        table: "member_activity_daily",
        key: "guild_id, unix_day, member_id, channel_id",
        columns,
        merge: &[
            Merge::Max("kind"),
            Merge::Bits("hours"),
            Merge::Bits("active_hours"),
            Merge::SumInt(COUNTERS[0]),
            Merge::SumInt(COUNTERS[1]),
            Merge::SumInt(COUNTERS[2]),
            Merge::SumInt(COUNTERS[3]),
            Merge::SumInt(COUNTERS[4]),
        ],
    }
}

fn members(fold: &ActivityFold) -> Upsert {
    let rows = &fold.members;
    let seen = |pick: fn((i32, i32)) -> i32| {
        Values::MaybeInt(rows.iter().map(|row| row.value.activity.seen.map(pick)).collect())
    };
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("user_id", big(rows, |row| row.key.1)),
        ("kind", ints(rows, |row| row.value.activity.kind)),
        ("first_seen_minute", seen(|seen| seen.0)),
        ("last_seen_minute", seen(|seen| seen.1)),
        ("voice_ms", big(rows, |row| row.value.voice.total_ms as i64)),
        ("active_voice_ms", big(rows, |row| row.value.voice.active_ms as i64)),
        ("voice_sessions", big(rows, |row| row.value.voice.sessions as i64)),
    ];
    columns.extend(big_counters(rows, |row| row.value.activity.sums));
    Upsert {
        table: "member_stats",
        key: "guild_id, user_id",
        columns,
        merge: &[
            Merge::Max("kind"),
            Merge::MinKnown("first_seen_minute"),
            Merge::MaxKnown("last_seen_minute"),
            Merge::Sum("voice_ms"),
            Merge::Sum("active_voice_ms"),
            Merge::Sum("voice_sessions"),
            SUM_BIG[0],
            SUM_BIG[1],
            SUM_BIG[2],
            SUM_BIG[3],
            SUM_BIG[4],
        ],
    }
}

fn guilds(fold: &ActivityFold) -> Upsert {
    let rows = &fold.guilds;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("kind", ints(rows, |row| row.key.2)),
    ];
    columns.extend(big_counters(rows, |row| row.value));
    Upsert {
        table: "guild_activity_hourly",
        key: "guild_id, unix_hour, kind",
        columns,
        merge: &SUM_BIG,
    }
}

fn channels(fold: &ActivityFold) -> Upsert {
    let rows = &fold.channels;
    let mut columns = vec![
        ("guild_id", big(rows, |row| row.key.0)),
        ("unix_hour", ints(rows, |row| row.key.1)),
        ("channel_id", big(rows, |row| row.key.2)),
        ("kind", ints(rows, |row| row.key.3)),
    ];
    columns.extend(big_counters(rows, |row| row.value));
    Upsert {
        table: "channel_activity_hourly",
        key: "guild_id, unix_hour, channel_id, kind",
        columns,
        merge: &SUM_BIG,
    }
}

fn emojis(fold: &ActivityFold) -> Upsert {
    let rows = &fold.emojis;
    let unicode = rows.iter().map(|row| Some(row.key.3.clone())).collect();
    Upsert {
        table: "emoji_hourly",
        key: "guild_id, unix_hour, emoji_id, unicode",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("unix_hour", ints(rows, |row| row.key.1)),
            ("emoji_id", big(rows, |row| row.key.2)),
            ("unicode", Values::Text(unicode)),
            ("reactions_added", big(rows, |row| row.value[0] as i64)),
            ("reactions_removed", big(rows, |row| row.value[1] as i64)),
        ],
        merge: &[Merge::Sum("reactions_added"), Merge::Sum("reactions_removed")],
    }
}

fn emoji_names(fold: &ActivityFold) -> Upsert {
    let rows = &fold.emoji_names;
    let names = rows.iter().map(|row| Some(row.value.clone())).collect();
    Upsert {
        table: "emoji_names",
        key: "guild_id, emoji_id",
        columns: vec![
            ("guild_id", big(rows, |row| row.key.0)),
            ("emoji_id", big(rows, |row| row.key.1)),
            ("name", Values::Text(names)),
        ],
        merge: &[Merge::Replace("name")],
    }
}

pub(crate) fn big<K, V>(rows: &[Row<K, V>], value: impl Fn(&Row<K, V>) -> i64) -> Values {
    Values::Big(rows.iter().map(value).collect())
}

pub(crate) fn ints<K, V>(rows: &[Row<K, V>], value: impl Fn(&Row<K, V>) -> i32) -> Values {
    Values::Int(rows.iter().map(value).collect())
}

fn big_counters<K, V>(
    rows: &[Row<K, V>],
    sums: impl Fn(&Row<K, V>) -> Sums + Copy,
) -> impl Iterator<Item = (&'static str, Values)> {
    let column = move |(at, name)| (name, big(rows, |row| sums(row).0[at] as i64));
    COUNTERS.into_iter().enumerate().map(column)
}

fn int_counters<K, V>(
    rows: &[Row<K, V>],
    sums: impl Fn(&Row<K, V>) -> Sums + Copy,
) -> impl Iterator<Item = (&'static str, Values)> {
    let column = move |(at, name)| (name, ints(rows, |row| int(sums(row).0[at])));
    COUNTERS.into_iter().enumerate().map(column)
}
