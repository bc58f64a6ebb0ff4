//! How the engines go about each question: by keys and within the months asked for, never through a whole table.

use std::cell::RefCell;

use sqlx::{AssertSqlSafe, Row as _};
use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, Attribution, AttributionMethod, AuditId,
    AuthorKind, Case, CaseSource, ChannelId, Confidence, CoverageFamily, Departure, Emoji,
    EmojiCount, GuildId, GuildRecord, InviteRecord, Join, ModerationAction, Record, UnixMs, UserId,
    VoiceCell, VoiceMinute, VoicePeak, VoiceSession, VoiceState, VoiceTime, VoiceWindow,
    snowflake_at,
};

use super::{
    harness::{apply, each_engine},
    naive::{channel_records, member_records},
};
use crate::{
    Store,
    db::{Db, Engine},
    query::Statement,
    question::{
        Audience, Board, CaseCursor, CasesQuestion, ChangeCursor, ChangesQuestion, GuildChangeKind,
        HourRange, InviteJoinsQuestion, InviteStatsQuestion, InviteTreeQuestion, JoinCursor,
        JoinSource, LeaderboardQuestion, LedgerCursor, LedgerQuestion, Moderator, QuietQuestion,
        RetentionQuestion, Scope, ScoreWeights, Split, Threads, VoiceSessionCursor,
        VoiceSessionsQuestion,
    },
};

tokio::task_local! {
    /// The statements of the question that is being watched.
    static ASKED: RefCell<Vec<Statement>>;
}

/// Called by every statement of a question.
pub(crate) fn note(statement: &Statement) {
    // Outside of a watched question there is nobody to tell.
    let _ = ASKED.try_with(|asked| asked.borrow_mut().push(statement.clone()));
}

const GUILD: GuildId = GuildId(3);

/// 2026-09-01 00:00, and as many days as reach into December.
const FIRST_HOUR: u32 = 20_697 * 24;
const DAYS: u32 = 100;

#[test]
fn no_question_reads_a_whole_table() {
    each_engine(async |store| {
        fill(&store).await;
        // Ten days and some hours of October.
        let from = FIRST_HOUR + 35 * 24 + 5;
        let range = HourRange { from, to: from + 250 };
        let mut plans = Plans { store: store.clone(), seen: 0 };
        sums(&store, &mut plans, range).await;
        members(&store, &mut plans, range).await;
        names(&store, &mut plans).await;
        voice(&store, &mut plans, range).await;
        ledger(&store, &mut plans).await;
        people(&store, &mut plans, range).await;
        brought(&store, &mut plans, range).await;
        moderation(&store, &mut plans, range).await;
        changes(&store, &mut plans, range).await;
        assert!(plans.seen > 150, "{}", plans.seen);
    });
}

async fn sums(store: &Store, plans: &mut Plans, range: HourRange) {
    let humans = Audience::Humans;
    for scope in [Scope::Guild, Scope::Channel(ChannelId(11)), Scope::Under(ChannelId(10))] {
        plans.check(async { store.totals(GUILD, range, humans, scope).await.unwrap() }).await;
        plans.check(async { store.last_activity(GUILD, scope).await.unwrap() }).await;
        for split in [
            Split::None,
            Split::Kind,
            Split::Channel,
            Split::Member { top: 2 },
            Split::Emoji { top: 2 },
        ] {
            let asked = store.hourly(GUILD, range, humans, scope, split);
            plans.check(async { asked.await.unwrap() }).await;
        }
        let bounds = [range.from, range.from + 20, range.to];
        let asked = store.active_by_bucket(GUILD, &bounds, humans, scope);
        plans.check(async { asked.await.unwrap() }).await;
    }
    let (from, to) = (range.from * 60, range.to * 60);
    plans.check(async { store.minutely(GUILD, from, to, humans).await.unwrap() }).await;
    plans.check(async { store.top_emojis(GUILD, range, 5).await.unwrap() }).await;
    let asked = store.top_channels(GUILD, range, humans, Threads::Folded, 5);
    plans.check(async { asked.await.unwrap() }).await;
    plans.check(async { store.threads(GUILD, ChannelId(11), range, humans).await.unwrap() }).await;
}

async fn members(store: &Store, plans: &mut Plans, range: HourRange) {
    let always = HourRange { from: 0, to: u32::MAX };
    for range in [range, always] {
        for scope in [Scope::Guild, Scope::Under(ChannelId(10))] {
            let question = LeaderboardQuestion {
                scope,
                search: Some("er_1".into()),
                ..LeaderboardQuestion::new(GUILD, range, Board::Messages, 10)
            };
            plans.check(async { store.leaderboard(&question).await.unwrap() }).await;
            let board = Board::Activity { weights: ScoreWeights::default() };
            let question = LeaderboardQuestion { board, ..question };
            plans.check(async { store.standings(&question, &[UserId(1)]).await.unwrap() }).await;
        }
    }
    let member = UserId(2);
    let scope = Scope::Under(ChannelId(10));
    plans.check(async { store.member_hours(GUILD, member, range, scope).await.unwrap() }).await;
    let asked = store.member_channels(GUILD, member, range, Threads::Folded);
    plans.check(async { asked.await.unwrap() }).await;
    plans.check(async { store.member(GUILD, member).await.unwrap() }).await;
}

async fn voice(store: &Store, plans: &mut Plans, range: HourRange) {
    let humans = Audience::Humans;
    for scope in [Scope::Guild, Scope::Channel(ChannelId(11)), Scope::Under(ChannelId(10))] {
        plans.check(async { store.voice_totals(GUILD, range, humans, scope).await.unwrap() }).await;
        for split in [Split::None, Split::Kind, Split::Channel, Split::Member { top: 2 }] {
            let asked = store.voice_hourly(GUILD, range, humans, scope, split);
            plans.check(async { asked.await.unwrap() }).await;
        }
        plans.check(async { store.voice_peaks(GUILD, range, scope).await.unwrap() }).await;
        let asked = store.voice_channels(GUILD, range, humans, scope, 5);
        plans.check(async { asked.await.unwrap() }).await;
        for board in [Board::Voice, Board::Activity { weights: ScoreWeights::default() }] {
            let question =
                LeaderboardQuestion { scope, ..LeaderboardQuestion::new(GUILD, range, board, 10) };
            plans.check(async { store.leaderboard(&question).await.unwrap() }).await;
        }
        let few = [UserId(1), UserId(2)];
        let asked = store.member_totals(GUILD, &few, range, humans, scope);
        plans.check(async { asked.await.unwrap() }).await;
        let asked = store.member_voice_hours(GUILD, UserId(2), range, scope);
        plans.check(async { asked.await.unwrap() }).await;
        for member in [None, Some(UserId(2))] {
            let question = VoiceSessionsQuestion {
                guild: GUILD,
                from_ms: i64::from(range.from) * 3_600_000,
                to_ms: i64::from(range.to) * 3_600_000,
                audience: humans,
                member,
                scope,
                after: Some(VoiceSessionCursor {
                    started_at_ms: i64::from(range.to) * 3_600_000 - 1,
                    member: UserId(1),
                    channel: ChannelId(11),
                }),
                limit: 10,
            };
            plans.check(async { store.voice_sessions(&question).await.unwrap() }).await;
        }
    }
    let (from, to) = (range.from * 60, range.to * 60);
    plans.check(async { store.voice_minutely(GUILD, from, to).await.unwrap() }).await;
    let asked = store.member_voice_channels(GUILD, UserId(2), range);
    plans.check(async { asked.await.unwrap() }).await;
}

async fn ledger(store: &Store, plans: &mut Plans) {
    plans.check(async { store.coverage(GUILD, 0, i64::MAX).await.unwrap() }).await;
    let question = LedgerQuestion {
        guild: GUILD,
        from_ms: 0,
        to_ms: i64::MAX,
        family: Some(CoverageFamily::Voice),
        after: Some(LedgerCursor { from_ms: 1_000, family: CoverageFamily::Voice }),
        limit: 10,
    };
    plans.check(async { store.ledger(&question).await.unwrap() }).await;
}

async fn people(store: &Store, plans: &mut Plans, range: HourRange) {
    let ms = |hour: u32| i64::from(hour) * 3_600_000;
    let bounds_ms = [ms(range.from), ms(range.from + 20), ms(range.to)];
    let humans = Audience::Humans;
    plans.check(async { store.growth(GUILD, &bounds_ms, humans).await.unwrap() }).await;
    plans.check(async { store.first_members_sample(GUILD).await.unwrap() }).await;
    let asked = store.account_ages(GUILD, bounds_ms[0], bounds_ms[2], &[1_000, 2_000], humans);
    plans.check(async { asked.await.unwrap() }).await;
    let sources = [
        JoinSource::default(),
        JoinSource { first_channel: Some(ChannelId(11)), ..JoinSource::default() },
        JoinSource {
            code: Some("c1".into()),
            inviter: Some(UserId(1)),
            method: Some(AttributionMethod::UsesDiff),
            ..JoinSource::default()
        },
        JoinSource { method: Some(AttributionMethod::Unknown), ..JoinSource::default() },
    ];
    for source in sources {
        let question = RetentionQuestion {
            guild: GUILD,
            bounds_ms: bounds_ms[..2].to_vec(),
            weeks: 1,
            until_ms: bounds_ms[2],
            source,
        };
        plans.check(async { store.retention(&question).await.unwrap() }).await;
    }
    let bounds = [range.from, range.from + 20, range.from + 70, range.to];
    plans.check(async { store.lifecycle(GUILD, &bounds).await.unwrap() }).await;
    let question = QuietQuestion {
        guild: GUILD,
        active: HourRange { from: range.from, to: range.from + 100 },
        silent: HourRange { from: range.to - 1, to: range.to },
        after: None,
        limit: 10,
    };
    plans.check(async { store.quiet_members(&question).await.unwrap() }).await;
    plans.check(async { store.member_origin(GUILD, UserId(2)).await.unwrap() }).await;
}

async fn brought(store: &Store, plans: &mut Plans, range: HourRange) {
    let ms = |hour: u32| i64::from(hour) * 3_600_000;
    let (from_ms, to_ms, until_ms) = (ms(range.from), ms(range.to), ms(range.to));
    let question = InviteStatsQuestion { guild: GUILD, from_ms, to_ms, until_ms, limit: 10 };
    plans.check(async { store.invite_stats(&question).await.unwrap() }).await;
    plans.check(async { store.invites(GUILD, to_ms, 10).await.unwrap() }).await;
    let all = InviteJoinsQuestion {
        guild: GUILD,
        from_ms,
        to_ms,
        audience: Audience::Humans,
        member: None,
        source: JoinSource::default(),
        confidence: None,
        after: Some(JoinCursor { joined_at_ms: to_ms, member: UserId(1) }),
        limit: 10,
    };
    let source = JoinSource { code: Some("c1".into()), ..JoinSource::default() };
    for question in [
        InviteJoinsQuestion { member: Some(UserId(2)), ..all.clone() },
        InviteJoinsQuestion { source, confidence: Some(Confidence::Exact), ..all.clone() },
        all,
    ] {
        plans.check(async { store.invite_joins(&question).await.unwrap() }).await;
    }
    for root in [None, Some(UserId(1))] {
        let question =
            InviteTreeQuestion { guild: GUILD, from_ms, to_ms, root, depth: 3, limit: 10 };
        plans.check(async { store.invite_tree(&question).await.unwrap() }).await;
    }
}

async fn moderation(store: &Store, plans: &mut Plans, range: HourRange) {
    let ms = |hour: u32| i64::from(hour) * 3_600_000;
    let whole = CasesQuestion {
        guild: GUILD,
        from_ms: ms(range.from),
        to_ms: ms(range.to),
        actions: Vec::new(),
        moderator: None,
        target: None,
        search: None,
        after: None,
        limit: 10,
    };
    let found = store.moderation_recent(&whole).await.unwrap().rows;
    let last = found.last().unwrap();
    let after = Some(CaseCursor { at_ms: last.at_ms, id: last.id });
    for question in [
        whole.clone(),
        CasesQuestion { after, ..whole.clone() },
        CasesQuestion { actions: vec![ModerationAction::Ban], ..whole.clone() },
        CasesQuestion { moderator: Some(Moderator::Known(UserId(3))), ..whole.clone() },
        CasesQuestion { moderator: Some(Moderator::Unknown), ..whole.clone() },
        CasesQuestion { target: Some(UserId(5)), search: Some("rude".into()), ..whole.clone() },
    ] {
        plans.check(async { store.moderation_recent(&question).await.unwrap() }).await;
    }
    plans.check(async { store.moderation_case(GUILD, last.id, 10).await.unwrap() }).await;
    let bounds = [ms(range.from), ms(range.from + 24), ms(range.to)];
    plans.check(async { store.moderation_summary(GUILD, &bounds, 10).await.unwrap() }).await;
}

async fn changes(store: &Store, plans: &mut Plans, range: HourRange) {
    let question = ChangesQuestion {
        guild: GUILD,
        from_ms: i64::from(range.from) * 3_600_000,
        to_ms: i64::from(range.to) * 3_600_000,
        kinds: vec![GuildChangeKind::Guild],
        after: Some(ChangeCursor { at_ms: i64::from(range.to) * 3_600_000 - 1, id: 1_000_000 }),
        limit: 10,
    };
    plans.check(async { store.guild_changes(&question).await.unwrap() }).await;
    plans.check(async { store.roles(GUILD).await.unwrap() }).await;
    plans.check(async { store.access(GUILD).await.unwrap() }).await;
}

async fn names(store: &Store, plans: &mut Plans) {
    plans.check(async { store.guild(GUILD).await.unwrap() }).await;
    plans.check(async { store.channels(GUILD).await.unwrap() }).await;
    plans.check(async { store.members(GUILD, &[UserId(1)]).await.unwrap() }).await;
}

/// Three guilds, each with a few acts in every hour.
async fn fill(store: &Store) {
    let mut records = Vec::new();
    for guild in [GuildId(2), GUILD, GuildId(4)] {
        records.push(Record::Channels(guild, channel_records()));
        records.push(Record::Members(guild, member_records()));
        for hour in FIRST_HOUR..FIRST_HOUR + DAYS * 24 {
            let cells = (0..4_u64).map(|at| ActivityCell {
                channel: ChannelId(10 + (u64::from(hour) + at) % 6),
                member: UserId(1 + (u64::from(hour) * 7 + at * 3) % 9),
                counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
                ..ActivityCell::default()
            });
            records.push(Record::ActivityWindow(ActivityWindow {
                guild,
                unix_minute: hour * 60,
                cells: cells.collect(),
                emojis: vec![EmojiCount {
                    emoji: Emoji::Unicode("👍".into()),
                    added: 1,
                    removed: 0,
                }],
            }));
            records.extend(voice_of(guild, hour));
            records.extend(joined(guild, hour));
            records.push(acted(guild, hour));
        }
    }
    apply(store, "bot/0", 1, &records).await.unwrap();
    if let Db::Pg(pool) = &store.write {
        sqlx::query("ANALYZE").execute(pool).await.unwrap();
    }
}

/// An act of moderation, told by its entry.
fn acted(guild: GuildId, hour: u32) -> Record {
    let at = UnixMs(i64::from(hour) * 3_600_000 + 1);
    let action = ModerationAction::ALL[hour as usize % ModerationAction::ALL.len()];
    Record::Cases(
        guild,
        vec![Case {
            audit: Some(AuditId(snowflake_at(at))),
            action,
            source: CaseSource::AuditPushed,
            at,
            target: Some(UserId(u64::from(hour) % 9)),
            moderator: (!hour.is_multiple_of(7)).then_some(UserId(1 + u64::from(hour) % 5)),
            reason: Some("Rude".into()),
            ..Case::default()
        }],
    )
}

/// A join by an invite, a departure, and sometimes a member count.
fn joined(guild: GuildId, hour: u32) -> Vec<Record> {
    let at = UnixMs(i64::from(hour) * 3_600_000);
    let (member, kind) = (UserId(u64::from(hour)), AuthorKind::Human);
    let join = Join { member, kind, joined_at: at, rejoined: false, listed: None };
    let left = Departure { member: UserId(u64::from(hour) - 50), kind, left_at: at };
    let inviter = UserId(if hour.is_multiple_of(5) { 1 } else { u64::from(hour) - 3 });
    let code = format!("c{}", inviter.0);
    let attribution = Attribution {
        member,
        joined_at: at,
        method: AttributionMethod::UsesDiff,
        confidence: Confidence::Exact,
        code: Some(code.clone()),
        inviter: Some(inviter),
        candidates: Vec::new(),
        burst: 1,
    };
    let invite = InviteRecord { code, at, inviter: Some(inviter), ..InviteRecord::default() };
    let mut records = vec![
        Record::Joins(guild, vec![join]),
        Record::Departures(guild, vec![left]),
        Record::Attributions(guild, vec![attribution]),
        Record::Invites(guild, vec![invite]),
    ];
    if hour.is_multiple_of(24) {
        records.push(Record::Guild(GuildRecord {
            id: guild,
            at,
            name: format!("a{hour}"),
            icon: None,
            owner: UserId(1),
            member_count: Some(9),
            bot_joined_at: None,
            premium_tier: 0,
            boost_count: 0,
            channels: Vec::new(),
        }));
    }
    records
}

/// An hour of voice, and a session that ended in it.
fn voice_of(guild: GuildId, hour: u32) -> [Record; 2] {
    let mut time = VoiceTime::default();
    time.add(VoiceState::MUTED, 90_000);
    let (channel, member) = (ChannelId(11 + u64::from(hour) % 2), UserId(1 + u64::from(hour) % 3));
    let started_at = UnixMs(i64::from(hour) * 3_600_000);
    let window = VoiceWindow {
        guild,
        unix_hour: hour,
        cells: vec![VoiceCell { channel, member, sessions: 1, time, ..VoiceCell::default() }],
        minutes: vec![VoiceMinute { total_ms: 90_000, peak: 1, ..VoiceMinute::default() }],
        peaks: vec![VoicePeak { channel, peak: 1 }],
    };
    let session = VoiceSession {
        channel,
        member,
        kind: AuthorKind::Human,
        started_at,
        ended_at: UnixMs(started_at.0 + 90_000),
        start_heard: true,
        end_heard: true,
        time,
        segments: Vec::new(),
    };
    [Record::VoiceWindow(window), Record::VoiceSessions(guild, vec![session])]
}

/// Looks at the plan of every statement of a question.
struct Plans {
    store: Store,
    seen: usize,
}

impl Plans {
    async fn check<T>(&mut self, question: impl Future<Output = T>) {
        let (_, statements) = ASKED
            .scope(RefCell::default(), async {
                let answer = question.await;
                (answer, ASKED.with(RefCell::take))
            })
            .await;
        assert!(!statements.is_empty());
        for statement in statements {
            self.seen += 1;
            let plan = self.plan(&statement).await;
            match self.store.engine() {
                Engine::Sqlite => check_lite(&plan, &statement),
                Engine::Postgres => check_pg(&plan, &statement),
            }
        }
    }

    /// The engine's own account, line by line.
    async fn plan(&self, statement: &Statement) -> Vec<String> {
        match &self.store.read {
            Db::Lite(pool) => {
                let explain = statement.explained("EXPLAIN QUERY PLAN ");
                let rows =
                    crate::query::bound!(sqlx::query, explain).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
            }
            Db::Pg(pool) => {
                let mut tx = pool.begin().await.unwrap();
                // Small tables would be read whole for being small: what is asked here is whether a key serves.
                sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *tx).await.unwrap();
                let explain = statement.explained("EXPLAIN ");
                let rows = crate::query::bound!(sqlx::query, explain);
                let rows = rows.fetch_all(&mut *tx).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

/// Everything that is read from its beginning to its end is made by the question itself.
fn check_lite(plan: &[String], statement: &Statement) {
    let made = [
        "span",
        "clock",
        "b",
        "o",
        "piece",
        "placed",
        "best",
        "asked",
        "of_member",
        "f",
        "(subquery",
    ];
    for line in plan {
        let Some(rest) = line.strip_prefix("SCAN ") else { continue };
        let what = rest.split([' ', '-']).next().unwrap_or_default();
        assert!(
            made.contains(&what) || rest.contains("CONSTANT ROW"),
            "{line}\n{plan:#?}\n{}",
            statement.text
        );
    }
}

/// Every table is read by a key that begins with the guild (or by the number of one row), and of the months only those that were asked for.
fn check_pg(plan: &[String], statement: &Statement) {
    let text = plan.join("\n");
    let context = || format!("{text}\n{}", statement.text);
    // A row for each shard: read as it pleases.
    let is_made = |line: &str| {
        ["CTE Scan", "Subquery Scan", " on producers "].iter().any(|made| line.contains(made))
    };
    for (at, line) in plan.iter().enumerate().filter(|(_, line)| !is_made(line)) {
        assert!(!line.contains("Seq Scan on"), "{}", context());
        let by_key = line.contains("Index Scan") || line.contains("Index Only Scan");
        if by_key {
            let condition = plan.get(at + 1).map(String::as_str).unwrap_or_default();
            assert!(
                condition.contains("Index Cond: ")
                    && (condition.contains("guild_id") || condition.contains("(id = ")),
                "{}",
                context()
            );
        }
    }
    let is_long = statement.text.contains("member_activity_hourly")
        || statement.text.contains("voice_hourly")
        || statement.text.contains("metrics_snapshots");
    if is_long {
        for month in ["2026_09", "2026_11", "2026_12"] {
            let named = ["member_activity_hourly_", "voice_hourly_", "metrics_snapshots_"]
                .map(|table| format!("{table}{month}"));
            assert!(!named.iter().any(|name| text.contains(name)), "{}", context());
        }
    }
}
