//! A database of an earlier version is brought up to date with all that it holds, and goes on.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, raw_sql};
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, ChannelId, CoverageFamily, CoverageReason,
    CoverageSpan, CoverageState, GuildId, Record, UnixMs, UserId, VoiceCell, VoiceTime,
    VoiceWindow,
};

use super::harness::{apply, config, each_address};
use crate::{
    Store,
    question::{Audience, Board, HourRange, LeaderboardQuestion},
};

/// First hour of the rows of the old database; the last minute counted is the 90th.
const HOUR: u32 = 20_756 * 24;
const GUILD: GuildId = GuildId(7);

/// Rows as version 0001 wrote them: two messages, a reaction, a packed day before.
const ROWS: &str = "
INSERT INTO ingest_cursors VALUES ('bot/0', 1, 5);
INSERT INTO guilds VALUES (7, 'old', NULL, 1, 10, 0, 0, TRUE, NULL, NULL, 1);
INSERT INTO guilds VALUES (8, 'left', NULL, 1, 10, 0, 0, FALSE, NULL, REMOVED_AT_MS, 1);
INSERT INTO metrics_snapshots VALUES (7, HOUR * 60 + 89, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO metrics_snapshots VALUES (8, HOUR * 60 + 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO member_activity_hourly VALUES (7, HOUR + 1, 11, 2, 0, 2, 0, 1, 0, 0);
INSERT INTO member_activity_daily VALUES (7, HOUR / 24, 2, 11, 0, 2, 2, 2, 0, 1, 0, 0);
INSERT INTO guild_activity_hourly VALUES (7, HOUR + 1, 0, 2, 0, 1, 0, 0);
INSERT INTO guild_activity_hourly VALUES (8, HOUR, 0, 1, 0, 0, 0, 0);
INSERT INTO channel_activity_hourly VALUES (7, HOUR + 1, 11, 0, 2, 0, 1, 0, 0);
INSERT INTO member_stats VALUES (7, 2, 0, 2, 0, 1, 0, 0, HOUR * 60 + 60, HOUR * 60 + 89);
INSERT INTO packed_days VALUES (7, HOUR / 24, 1, NULL);
";

/// What the driver keeps of a migration that was applied.
fn applied(migrator: &sqlx::migrate::Migrator, is_pg: bool) -> String {
    let first = migrator.iter().find(|migration| migration.version == 1).unwrap();
    let checksum: String = first.checksum.iter().map(|byte| format!("{byte:02x}")).collect();
    let (now, bytes) = if is_pg {
        ("now()", format!("'\\x{checksum}'::bytea"))
    } else {
        ("CURRENT_TIMESTAMP", format!("x'{checksum}'"))
    };
    let types =
        if is_pg { ("BIGINT", "TIMESTAMPTZ", "BYTEA") } else { ("BIGINT", "TIMESTAMP", "BLOB") };
    format!(
        "CREATE TABLE _sqlx_migrations (version {} PRIMARY KEY, description TEXT NOT NULL, installed_on {} NOT NULL DEFAULT {now}, \
         success BOOLEAN NOT NULL, checksum {} NOT NULL, execution_time BIGINT NOT NULL); \
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (1, '{}', TRUE, {bytes}, 1);",
        types.0, types.1, types.2, first.description
    )
}

/// A database as version 0001 left it.
async fn old_database(url: &str) {
    let removed_at_ms = i64::from(HOUR + 2) * 3_600_000;
    let rows = ROWS.replace("REMOVED_AT_MS", &removed_at_ms.to_string());
    let rows = rows.replace("HOUR", &HOUR.to_string());
    let is_pg = url.starts_with("postgres");
    if is_pg {
        let schema = include_str!("../../migrations/postgres/0001_guilds_and_activity.sql");
        let partitions = "CREATE TABLE metrics_snapshots_2026_10 PARTITION OF metrics_snapshots FOR VALUES FROM (29846880) TO (29891520); \
            CREATE TABLE member_activity_hourly_2026_10 PARTITION OF member_activity_hourly FOR VALUES FROM (497448) TO (498192);";
        let mut connection = PgConnection::connect(url).await.unwrap();
        let applied = applied(&crate::migrate::POSTGRES, true);
        let all = format!("{schema}{partitions}{rows}{applied}");
        raw_sql(AssertSqlSafe(all)).execute(&mut connection).await.unwrap();
    } else {
        let schema = include_str!("../../migrations/sqlite/0001_guilds_and_activity.sql");
        let mut connection =
            SqliteConnection::connect(&format!("sqlite:{url}?mode=rwc")).await.unwrap();
        let applied = applied(&crate::migrate::SQLITE, false);
        let all = format!("{schema}{rows}{applied}");
        raw_sql(AssertSqlSafe(all)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

#[test]
fn a_database_from_before_voice_opens_and_goes_on() {
    each_address(async |url| {
        old_database(&url).await;
        let store = Store::open(&config(&url)).await.unwrap();
        let range = HourRange { from: HOUR, to: HOUR + 24 };
        let totals = store.totals(GUILD, range, Audience::Humans, None).await.unwrap();
        assert_eq!((totals.messages, totals.reactions_added, totals.active_members), (2, 1, 1));
        let board = LeaderboardQuestion::new(GUILD, range, Board::Messages, 10);
        assert_eq!(store.leaderboard(&board).await.unwrap().total_value, 2.0);
        check_coverage(&store).await;
        // Its cursor holds, and minutes of both ages add up.
        let window = Record::ActivityWindow(ActivityWindow {
            guild: GUILD,
            unix_minute: HOUR * 60 + 89,
            cells: vec![ActivityCell {
                channel: ChannelId(11),
                member: UserId(3),
                counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
                ..ActivityCell::default()
            }],
            emojis: Vec::new(),
        });
        let mut time = VoiceTime::default();
        time.add(Default::default(), 60_000);
        let voice = Record::VoiceWindow(VoiceWindow {
            guild: GUILD,
            unix_hour: HOUR + 1,
            cells: vec![VoiceCell {
                channel: ChannelId(12),
                member: UserId(4),
                time,
                ..VoiceCell::default()
            }],
            ..VoiceWindow::default()
        });
        let applied = apply(&store, "bot/0", 5, &[window.clone(), window, voice]).await.unwrap();
        assert_eq!((applied.applied, applied.repeated), (2, 1));
        let totals = store.totals(GUILD, range, Audience::Humans, None).await.unwrap();
        assert_eq!((totals.messages, totals.active_members), (3, 3));
        let activity =
            LeaderboardQuestion { board: Board::Activity { weights: Default::default() }, ..board };
        assert!((store.leaderboard(&activity).await.unwrap().total_value - 3.7).abs() < 1e-9);
        store.close().await;
    });
}

/// What was counted counts as heard, until the last minute of all; the time until the next first sight does not.
async fn check_coverage(store: &Store) {
    let hour_ms = i64::from(HOUR) * 3_600_000;
    let of = async |guild| store.coverage(guild, i64::MIN, i64::MAX).await.unwrap();
    let answer = of(GUILD).await;
    assert_eq!(
        answer.observed_from,
        [Some(UnixMs(hour_ms + 3_600_000)); 2].into_iter().chain([None; 3]).collect::<Vec<_>>()[..]
    );
    assert_eq!(answer.heard_until, Some(UnixMs(hour_ms + 90 * 60_000)));
    assert!(answer.spans.is_empty());
    let left = of(GuildId(8)).await;
    let removed = |family| CoverageSpan {
        family,
        from: UnixMs(hour_ms + 7_200_000),
        until: None,
        state: CoverageState::Blind,
        reason: CoverageReason::Removed,
    };
    let families = [CoverageFamily::Messages, CoverageFamily::Reactions];
    assert_eq!(left.spans, families.map(removed));
    let now = UnixMs(hour_ms + 10_000_000);
    let sight = CoverageFamily::ALL.map(|family| CoverageSpan {
        family,
        from: now,
        until: None,
        state: CoverageState::Observed,
        reason: CoverageReason::None,
    });
    let sight = [Record::Coverage(GUILD, sight.to_vec()), Record::HeardUntil(now)];
    apply(store, "bot/1", 1, &sight).await.unwrap();
    let answer = of(GUILD).await;
    assert_eq!(answer.observed_from[2], Some(now));
    assert_eq!(answer.heard_until, Some(now));
    let lost = |family| CoverageSpan {
        family,
        from: UnixMs(hour_ms + 90 * 60_000),
        until: Some(now),
        state: CoverageState::Blind,
        reason: CoverageReason::StateLost,
    };
    assert_eq!(answer.spans, families.map(lost));
}
