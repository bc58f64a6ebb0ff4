//! The database seen from outside: plain SQL over the tables, one text for both engines.

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::totals::{Counts, Totals};
use crate::voice::{VoiceCells, VoiceKey};

const CELLS: &str = "SELECT guild_id, CAST(unix_hour AS BIGINT), channel_id, member_id, CAST(kind AS BIGINT), \
    CAST(messages AS BIGINT), CAST(commands AS BIGINT), CAST(reactions_added AS BIGINT), \
    CAST(reactions_removed AS BIGINT), CAST(reactions_received AS BIGINT) FROM member_activity_hourly";

const EMOJIS: &str = "SELECT guild_id, CAST(unix_hour AS BIGINT), emoji_id, unicode, \
    CAST(reactions_added AS BIGINT), CAST(reactions_removed AS BIGINT) FROM emoji_hourly";

const VOICE: &str = "SELECT guild_id, CAST(unix_hour AS BIGINT), channel_id, member_id, CAST(sessions AS BIGINT), \
    CAST(total_ms AS BIGINT), CAST(active_ms AS BIGINT), CAST(muted_ms AS BIGINT), CAST(deafened_ms AS BIGINT), \
    CAST(streaming_ms AS BIGINT), CAST(video_ms AS BIGINT), CAST(suppressed_ms AS BIGINT), CAST(alone_ms AS BIGINT), \
    CAST(afk_ms AS BIGINT) FROM voice_hourly";

const COVERAGE: &str = "SELECT guild_id, CAST(family AS BIGINT), from_ms, until_ms, CAST(state AS BIGINT), \
    CAST(reason AS BIGINT) FROM coverage ORDER BY guild_id, family, from_ms";

/// The same sums, asked of each table that holds them: messages of everybody, and time in voice.
const SUMS: [(&str, &str, &str, &str); 4] = [
    (
        "metrics_snapshots",
        "messages + bot_messages + webhook_messages",
        "member_activity_hourly",
        "messages",
    ),
    ("member_activity_daily", "messages", "member_activity_hourly", "messages"),
    ("guild_activity_hourly", "messages", "member_activity_hourly", "messages"),
    ("channel_activity_hourly", "messages", "member_activity_hourly", "messages"),
];

type CellRow = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
type EmojiRow = (i64, i64, i64, String, i64, i64);
type VoiceRow = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
type CoverageRow = (i64, i64, i64, Option<i64>, i64, i64);

/// One row of the ledger. The numbers are those of the core's vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which guild.
    pub guild: u64,
    /// Which family.
    pub family: u8,
    /// From, in milliseconds since 1970.
    pub from_ms: i64,
    /// Until, not included; `i64::MAX` while it goes on.
    pub until_ms: i64,
    /// Observed 0, recovered 1, blind 2.
    pub state: u8,
    /// Why.
    pub reason: u8,
}

/// A database, by its address.
#[derive(Clone, Debug)]
pub struct Rows {
    url: String,
}

/// Runs one query text on either engine.
macro_rules! fetch_all {
    ($rows:expr, $row:ty, $sql:expr) => {{
        let sql: String = $sql;
        if $rows.url.starts_with("postgres") {
            let mut connection = PgConnection::connect(&$rows.url).await.unwrap();
            let query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(sql));
            query.fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&$rows.url).await.unwrap();
            let query = sqlx::query_as::<_, $row>(sqlx::AssertSqlSafe(sql));
            query.fetch_all(&mut connection).await.unwrap()
        }
    }};
}

pub mod society;

impl Rows {
    /// The database at this address.
    pub fn of(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// Everything that is stored of the activity family.
    pub async fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for row in fetch_all!(self, CellRow, CELLS.to_owned()) {
            let (guild, hour, channel, member, kind, a, b, c, d, e) = row;
            let kind = ["human", "bot", "webhook"][kind as usize];
            let counts: Counts = [a, b, c, d, e].map(|count| count as u64);
            totals.insert((guild as u64, hour as u64, channel as u64, member as u64), kind, counts);
        }
        for (guild, hour, id, unicode, added, removed) in
            fetch_all!(self, EmojiRow, EMOJIS.to_owned())
        {
            let emoji = if id == 0 { unicode } else { id.to_string() };
            let key = (guild as u64, hour as u64, emoji);
            totals.emojis.insert(key, [added as u64, removed as u64]);
        }
        totals
    }

    /// Everything that is stored of time in voice.
    pub async fn voice(&self) -> VoiceCells {
        let rows = fetch_all!(self, VoiceRow, VOICE.to_owned());
        let cell = |row: VoiceRow| {
            let (guild, hour, channel, member, sessions, a, b, c, d, e, f, g, h, i) = row;
            let key = VoiceKey {
                guild: guild as u64,
                hour: hour as u64,
                channel: channel as u64,
                member: member as u64,
            };
            (key, (sessions, [a, b, c, d, e, f, g, h, i]))
        };
        rows.into_iter().map(cell).collect()
    }

    /// The coverage ledger.
    pub async fn coverage(&self) -> Vec<Span> {
        let rows = fetch_all!(self, CoverageRow, COVERAGE.to_owned());
        let span = |(guild, family, from_ms, until_ms, state, reason): CoverageRow| Span {
            guild: guild as u64,
            family: family as u8,
            from_ms,
            until_ms: until_ms.unwrap_or(i64::MAX),
            state: state as u8,
            reason: reason as u8,
        };
        rows.into_iter().map(span).collect()
    }

    /// Tables whose sums by guild are not those of the hourly rows.
    pub async fn inconsistent_rollups(&self) -> Vec<String> {
        let sums = |table: &str, what: &str| {
            format!(
                "SELECT guild_id, CAST(SUM({what}) AS BIGINT) FROM {table} GROUP BY guild_id \
                 HAVING SUM({what}) > 0 ORDER BY guild_id"
            )
        };
        let mut found = Vec::new();
        for (table, what, base, base_what) in SUMS {
            let expected = fetch_all!(self, (i64, i64), sums(base, base_what));
            if fetch_all!(self, (i64, i64), sums(table, what)) != expected {
                found.push(format!("{table} does not add up to {base}"));
            }
        }
        found
    }
}
