//! Sessions: listed latest first, page by page, and gone after 30 days.

use vigie_core::vocabulary::{
    AuthorKind, ChannelId, GuildId, Record, UnixMs, UserId, VoiceSegment, VoiceSession, VoiceState,
    VoiceTime,
};

use super::{
    harness::{apply, each_engine},
    naive::{self, BASE_HOUR, kind},
};
use crate::{
    Store,
    limits::SESSIONS_KEPT_MS,
    question::{Audience, Scope, VoiceSessionsQuestion},
};

const GUILD: GuildId = GuildId(7);
const START: i64 = BASE_HOUR as i64 * 3_600_000;

/// The n-th session: two of each instant, by members and channels in turn.
fn session(n: u64) -> VoiceSession {
    let started = START + (n as i64 / 2) * 60_000;
    let segments = vec![
        VoiceSegment { state: VoiceState::default(), duration_ms: 20_000 },
        VoiceSegment {
            state: VoiceState::MUTED.with(VoiceState::ALONE),
            duration_ms: 10_000 + n * 1_000,
        },
    ];
    let mut time = VoiceTime::default();
    segments.iter().for_each(|segment| time.add(segment.state, segment.duration_ms));
    let member = UserId(1 + n % 7);
    VoiceSession {
        channel: ChannelId(10 + n % 3),
        member,
        kind: kind(member),
        started_at: UnixMs(started),
        ended_at: UnixMs(started + 30_000 + n as i64 * 1_000),
        start_heard: n.is_multiple_of(2),
        end_heard: !n.is_multiple_of(5),
        time,
        segments,
    }
}

fn question(limit: u32) -> VoiceSessionsQuestion {
    VoiceSessionsQuestion {
        guild: GUILD,
        from_ms: START,
        to_ms: i64::MAX,
        audience: Audience::All,
        member: None,
        scope: Scope::Guild,
        after: None,
        limit,
    }
}

/// All pages of a question.
async fn all(store: &Store, mut question: VoiceSessionsQuestion) -> Vec<VoiceSession> {
    let mut sessions = Vec::new();
    loop {
        let page = store.voice_sessions(&question).await.unwrap();
        sessions.extend(page.rows.into_iter().map(|row| row.session));
        question.after = page.next;
        if page.next.is_none() {
            return sessions;
        }
    }
}

#[test]
fn sessions_come_latest_first_and_page_by_page() {
    each_engine(async |store| {
        let sessions: Vec<_> = (0..40).map(session).collect();
        let records = [
            Record::Members(GUILD, naive::member_records()),
            Record::Channels(GUILD, naive::channel_records()),
            Record::VoiceSessions(GUILD, sessions.clone()),
            Record::VoiceSessions(GuildId(8), sessions.clone()),
        ];
        apply(&store, "bot/0", 1, &records).await.unwrap();
        let mut expected = sessions;
        expected.sort_by_key(|session| {
            (std::cmp::Reverse(session.started_at), session.member, session.channel)
        });
        for limit in [1, 3, 40, 1_000] {
            assert_eq!(all(&store, question(limit)).await, expected, "{limit}");
        }
        let of = |keep: fn(&VoiceSession) -> bool| {
            expected.iter().filter(|session| keep(session)).cloned().collect::<Vec<_>>()
        };
        let humans = VoiceSessionsQuestion { audience: Audience::Humans, ..question(4) };
        assert_eq!(all(&store, humans).await, of(|session| session.kind == AuthorKind::Human));
        let mine = VoiceSessionsQuestion { member: Some(UserId(3)), ..question(2) };
        assert_eq!(all(&store, mine).await, of(|session| session.member == UserId(3)));
        let there = VoiceSessionsQuestion { scope: Scope::Channel(ChannelId(11)), ..question(2) };
        assert_eq!(all(&store, there).await, of(|session| session.channel == ChannelId(11)));
        let below = VoiceSessionsQuestion { scope: Scope::Under(ChannelId(10)), ..question(2) };
        assert_eq!(all(&store, below).await, of(|session| session.channel != ChannelId(12)));
        let between = VoiceSessionsQuestion {
            from_ms: START + 60_000,
            to_ms: START + 180_000,
            ..question(3)
        };
        let expected = of(|session| (1..3).contains(&((session.started_at.0 - START) / 60_000)));
        assert_eq!(all(&store, between).await, expected);
        // Named, and a session gives a member a first and a last minute.
        let page = store.voice_sessions(&question(1)).await.unwrap();
        assert_eq!(page.rows[0].member.username.as_deref(), Some("user_4"));
        assert_eq!(page.rows[0].channel.name.as_deref(), Some("channel-12"));
        let member = store.member(GUILD, UserId(1)).await.unwrap().unwrap();
        assert_eq!(member.first_seen_ms, Some(START));
        assert_eq!(member.last_seen_ms, Some(START + 18 * 60_000));
    });
}

#[test]
fn a_session_told_again_replaces_itself() {
    each_engine(async |store| {
        let first = session(1);
        let longer = VoiceSession { ended_at: UnixMs(first.ended_at.0 + 5), ..first.clone() };
        apply(&store, "bot/0", 1, &[Record::VoiceSessions(GUILD, vec![first])]).await.unwrap();
        let again = Record::VoiceSessions(GUILD, vec![longer.clone()]);
        apply(&store, "bot/0", 2, &[again]).await.unwrap();
        assert_eq!(all(&store, question(10)).await, [longer]);
    });
}

#[test]
fn sessions_go_after_thirty_days_and_hours_stay() {
    each_engine(async |store| {
        // More than one transaction of the purge.
        let sessions: Vec<_> = (0..2_500).map(session).collect();
        let records: Vec<_> = sessions
            .chunks(500)
            .map(|piece| Record::VoiceSessions(GUILD, piece.to_vec()))
            .collect();
        apply(&store, "bot/0", 1, &records).await.unwrap();
        let mut ends: Vec<i64> = sessions.iter().map(|session| session.ended_at.0).collect();
        ends.sort_unstable();
        let now = ends[2_400] + SESSIONS_KEPT_MS;
        assert_eq!(store.purge_voice_sessions(ends[0] + SESSIONS_KEPT_MS).await.unwrap(), 0);
        let gone = ends.iter().filter(|end| **end < ends[2_400]).count() as u64;
        assert_eq!(store.purge_voice_sessions(now).await.unwrap(), gone);
        assert_eq!(store.purge_voice_sessions(now).await.unwrap(), 0);
        let left = all(&store, question(1_000)).await;
        assert_eq!(left.len() as u64, 2_500 - gone);
        assert!(left.iter().all(|session| session.ended_at.0 >= ends[2_400]));
    });
}
