//! The book of invites, who brings people who stay, each join with its evidence, and who brought whom.

use vigie_core::vocabulary::{
    ActivityCell, ActivityCounts, ActivityWindow, Attribution, AttributionMethod, AuthorKind,
    Candidate, ChannelId, Confidence, Departure, DepartureKind, GuildId, InviteRecord, Join,
    MemberRecord, Record, UnixMs, UserId,
};

use super::harness::{apply, each_engine};
use crate::{
    Store,
    question::{
        Audience, InviteJoinsQuestion, InviteStatsQuestion, InviteTree, InviteTreeQuestion,
        JoinSource, MethodCount, WEEK_MS,
    },
};

const GUILD: GuildId = GuildId(9);

/// 2026-10-01 00:00.
const START: i64 = 1_790_812_800_000;
const DAY_MS: i64 = 24 * 3_600_000;

fn invite(code: &str, day: i64) -> InviteRecord {
    InviteRecord { code: code.into(), at: UnixMs(START + day * DAY_MS), ..InviteRecord::default() }
}

#[test]
fn the_book_keeps_what_was_known_of_an_invite_that_ended() {
    each_engine(async |store| {
        let made = InviteRecord {
            channel: Some(ChannelId(11)),
            inviter: Some(UserId(2)),
            uses: Some(0),
            max_uses: 5,
            created_at: Some(UnixMs(START)),
            expires_at: Some(UnixMs(START + 3 * DAY_MS)),
            temporary: true,
            ..invite("made", 0)
        };
        let used = InviteRecord { uses: Some(4), ..made.clone() };
        let used = InviteRecord { at: UnixMs(START + DAY_MS), ..used };
        let ended =
            InviteRecord { ended_at: Some(UnixMs(START + 2 * DAY_MS)), ..invite("made", 2) };
        let late = InviteRecord { uses: Some(1), ..made.clone() };
        let vanity = InviteRecord { is_vanity: true, uses: Some(70), ..invite("vanity", 0) };
        let records = [
            vec![made.clone(), vanity.clone()],
            vec![used.clone()],
            vec![ended],
            // Told late: nothing changes.
            vec![late],
        ];
        for (number, invites) in (1..).zip(records) {
            apply(&store, "bot/0", number, &[Record::Invites(GUILD, invites)]).await.unwrap();
        }
        let book = store.invites(GUILD, START + 2 * DAY_MS, 10).await.unwrap();
        assert_eq!((book.active, book.expired, book.ended), (1, 0, 1));
        let kept = InviteRecord {
            at: UnixMs(START + 2 * DAY_MS),
            ended_at: Some(UnixMs(START + 2 * DAY_MS)),
            ..used.clone()
        };
        let invites: Vec<&InviteRecord> = book.rows.iter().map(|row| &row.invite).collect();
        assert_eq!(invites, [&vanity, &kept]);
        assert_eq!(book.rows[1].inviter.as_ref().map(|inviter| inviter.id), Some(UserId(2)));
        // It is there again.
        let again = InviteRecord { at: UnixMs(START + 4 * DAY_MS), ..used };
        apply(&store, "bot/0", 5, &[Record::Invites(GUILD, vec![again])]).await.unwrap();
        let book = store.invites(GUILD, START + 2 * DAY_MS, 10).await.unwrap();
        assert_eq!((book.active, book.expired, book.ended), (2, 0, 0));
        // Running out is no event.
        let book = store.invites(GUILD, START + 3 * DAY_MS, 1).await.unwrap();
        assert_eq!((book.active, book.expired, book.ended, book.rows.len()), (1, 1, 0, 1));
    });
}

/// A join on a day, and how it was attributed: to an invite of `inviter` with the code `c{inviter}`.
fn attribution(member: u64, day: i64, inviter: u64, confidence: Confidence) -> Attribution {
    Attribution {
        member: UserId(member),
        joined_at: UnixMs(START + day * DAY_MS),
        method: match confidence {
            Confidence::None => AttributionMethod::Ambiguous,
            Confidence::Likely => AttributionMethod::UsesDiff,
            Confidence::Exact => AttributionMethod::SingleUse,
        },
        confidence,
        code: Some(format!("c{inviter}")).filter(|_| confidence != Confidence::None),
        inviter: Some(UserId(inviter)).filter(|_| confidence != Confidence::None),
        candidates: vec![Candidate {
            code: format!("c{inviter}"),
            inviter: Some(UserId(inviter)),
            used: 2,
            ended: false,
        }],
        burst: 2,
    }
}

fn join(member: u64, day: i64) -> Join {
    Join {
        member: UserId(member),
        kind: if member == 99 { AuthorKind::Bot } else { AuthorKind::Human },
        joined_at: UnixMs(START + day * DAY_MS),
        rejoined: false,
        listed: None,
    }
}

/// 1 brings 2, 3 and 4; 2 brings 5 and 6; 5 brings 7; 4 leaves after two days and is brought back by 6; 8 comes by their own invite, 9 by one of
/// two, 10 nobody knows how; 99 is a bot.
async fn fill(store: &Store) {
    use Confidence::{Exact, Likely, None as Not};
    let brought = [
        (2, 1, 1, Exact),
        (3, 1, 1, Likely),
        (4, 2, 1, Exact),
        (5, 3, 2, Exact),
        (6, 4, 2, Exact),
        (7, 20, 5, Likely),
        (4, 21, 6, Exact),
        (8, 22, 8, Exact),
        (9, 23, 1, Not),
        (99, 23, 1, Exact),
    ];
    let mut records: Vec<Record> = Vec::new();
    for (member, day, inviter, confidence) in brought {
        if (member, day) == (4, 21) {
            let left_at = UnixMs(START + 4 * DAY_MS);
            let departure = Departure { member: UserId(4), kind: AuthorKind::Human, left_at };
            records.push(Record::Departures(GUILD, vec![departure]));
        }
        records.push(Record::Joins(GUILD, vec![join(member, day)]));
        let told = attribution(member, day, inviter, confidence);
        records.push(Record::Attributions(GUILD, vec![told]));
    }
    records.push(Record::Joins(GUILD, vec![join(10, 24)]));
    let named = [1_u64, 2, 4].map(|member| MemberRecord {
        id: UserId(member),
        kind: AuthorKind::Human,
        username: format!("user_{member}"),
        display_name: None,
        avatar: None,
    });
    records.push(Record::Members(GUILD, named.to_vec()));
    // 2 speaks after joining, 3 spoke before it.
    for (member, day) in [(2, 5), (3, 0)] {
        records.push(Record::ActivityWindow(ActivityWindow {
            guild: GUILD,
            unix_minute: UnixMs(START + day * DAY_MS).unix_minute(),
            cells: vec![ActivityCell {
                channel: ChannelId(11),
                member: UserId(member),
                counts: ActivityCounts { messages: 1, ..ActivityCounts::default() },
                ..ActivityCell::default()
            }],
            emojis: Vec::new(),
        }));
    }
    apply(store, "bot/0", 1, &records).await.unwrap();
}

fn stats_question() -> InviteStatsQuestion {
    InviteStatsQuestion {
        guild: GUILD,
        from_ms: START,
        to_ms: START + 30 * DAY_MS,
        until_ms: START + 25 * DAY_MS,
        limit: 10,
    }
}

#[test]
fn recruiters_are_told_with_who_stayed_spoke_and_left() {
    each_engine(async |store| {
        fill(&store).await;
        let stats = store.invite_stats(&stats_question()).await.unwrap();
        let rows: Vec<String> = stats
            .recruiters
            .iter()
            .map(|row| {
                format!(
                    "{}: {}+{}, stayed {}/{}, spoke {}, left {}, rejoined {}, self {}",
                    row.inviter.id.0,
                    row.exact,
                    row.likely,
                    row.stayed,
                    row.decided,
                    row.spoke,
                    row.left,
                    row.rejoined,
                    row.self_invited
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                "1: 2+1, stayed 2/3, spoke 1, left 1, rejoined 0, self 0",
                "2: 2+0, stayed 2/2, spoke 0, left 0, rejoined 0, self 0",
                "5: 0+1, stayed 0/0, spoke 0, left 0, rejoined 0, self 0",
                "6: 1+0, stayed 0/0, spoke 0, left 0, rejoined 1, self 0",
                "8: 1+0, stayed 0/0, spoke 0, left 0, rejoined 0, self 1",
            ]
        );
        assert_eq!(stats.recruiters[0].inviter.username.as_deref(), Some("user_1"));
        let count = |method, confidence, joins| MethodCount { method, confidence, joins };
        assert_eq!(
            stats.methods,
            [
                count(AttributionMethod::SingleUse, Confidence::Exact, 6),
                count(AttributionMethod::UsesDiff, Confidence::Likely, 2),
                count(AttributionMethod::Unknown, Confidence::None, 1),
                count(AttributionMethod::Ambiguous, Confidence::None, 1),
            ]
        );
        assert_eq!((stats.joins, stats.codes_used, stats.recruiters_total), (10, 5, 5));
        let one = InviteStatsQuestion { to_ms: START + 2 * DAY_MS, limit: 1, ..stats_question() };
        let stats = store.invite_stats(&one).await.unwrap();
        assert_eq!((stats.joins, stats.recruiters[0].exact), (2, 1));
        assert_eq!(WEEK_MS, 7 * DAY_MS);
    });
}

#[test]
fn a_surer_attribution_replaces_and_a_less_sure_one_does_not() {
    each_engine(async |store| {
        fill(&store).await;
        let told = |confidence, inviter| {
            Record::Attributions(GUILD, vec![attribution(9, 23, inviter, confidence)])
        };
        let of_nine = async || {
            let question = InviteJoinsQuestion {
                member: Some(UserId(9)),
                ..joins_question(JoinSource::default())
            };
            let page = store.invite_joins(&question).await.unwrap();
            let evidence = page.rows[0].evidence.clone().unwrap();
            (evidence.confidence, evidence.code)
        };
        assert_eq!(of_nine().await, (Confidence::None, None));
        for (number, (record, expected)) in (1..).zip([
            (told(Confidence::Likely, 3), (Confidence::Likely, "c3")),
            (told(Confidence::None, 1), (Confidence::Likely, "c3")),
            (told(Confidence::Exact, 2), (Confidence::Exact, "c2")),
            (told(Confidence::Likely, 3), (Confidence::Exact, "c2")),
            (told(Confidence::Exact, 1), (Confidence::Exact, "c1")),
        ]) {
            apply(&store, "bot/1", number, &[record]).await.unwrap();
            assert_eq!(of_nine().await, (expected.0, Some(expected.1.into())));
        }
        // Within one batch too.
        let records = [told(Confidence::Exact, 4), told(Confidence::Likely, 5)];
        apply(&store, "bot/2", 1, &records).await.unwrap();
        assert_eq!(of_nine().await, (Confidence::Exact, Some("c4".into())));
    });
}

fn joins_question(source: JoinSource) -> InviteJoinsQuestion {
    InviteJoinsQuestion {
        guild: GUILD,
        from_ms: START,
        to_ms: START + 30 * DAY_MS,
        audience: Audience::Humans,
        member: None,
        source,
        confidence: None,
        after: None,
        limit: 4,
    }
}

/// The members of all pages.
async fn listed(store: &Store, mut question: InviteJoinsQuestion) -> Vec<u64> {
    let mut members = Vec::new();
    loop {
        let page = store.invite_joins(&question).await.unwrap();
        members.extend(page.rows.iter().map(|row| row.member.id.0));
        question.after = page.next;
        if question.after.is_none() {
            return members;
        }
    }
}

#[test]
fn joins_are_listed_with_their_evidence() {
    each_engine(async |store| {
        fill(&store).await;
        let all = joins_question(JoinSource::default());
        assert_eq!(listed(&store, all.clone()).await, [10, 9, 8, 4, 7, 6, 5, 4, 2, 3]);
        let everybody = InviteJoinsQuestion { audience: Audience::All, ..all.clone() };
        assert_eq!(listed(&store, everybody).await.len(), 11);
        let of = |source| listed(&store, joins_question(source));
        let source = JoinSource { inviter: Some(UserId(1)), ..JoinSource::default() };
        assert_eq!(of(source).await, [4, 2, 3]);
        let source = JoinSource { code: Some("c6".into()), ..JoinSource::default() };
        assert_eq!(of(source).await, [4]);
        let method = Some(AttributionMethod::Unknown);
        assert_eq!(of(JoinSource { method, ..JoinSource::default() }).await, [10]);
        let method = Some(AttributionMethod::Ambiguous);
        assert_eq!(of(JoinSource { method, ..JoinSource::default() }).await, [9]);
        for (confidence, expected) in [
            (Confidence::None, vec![10, 9]),
            (Confidence::Likely, vec![7, 3]),
            (Confidence::Exact, vec![8, 4, 6, 5, 4, 2]),
        ] {
            let question = InviteJoinsQuestion { confidence: Some(confidence), ..all.clone() };
            assert_eq!(listed(&store, question).await, expected);
        }
        let page = store.invite_joins(&InviteJoinsQuestion { limit: 1, ..all }).await.unwrap();
        assert_eq!(page.rows[0].evidence, None);
        let origin = store.member_origin(GUILD, UserId(4)).await.unwrap();
        assert_eq!((origin.is_member, origin.recruited), (Some(true), 0));
        let [last, first] = origin.stays.as_slice() else { panic!("{origin:?}") };
        assert_eq!((last.rejoined, last.left_at_ms), (true, None));
        assert_eq!(first.departure, Some(DepartureKind::Leave));
        let evidence = first.evidence.as_ref().unwrap();
        assert_eq!(evidence.inviter.as_ref().unwrap().username.as_deref(), Some("user_1"));
        assert_eq!(evidence.candidates, attribution(4, 2, 1, Confidence::Exact).candidates);
        let nobody = store.member_origin(GUILD, UserId(1)).await.unwrap();
        assert_eq!((nobody.is_member, nobody.recruited, nobody.stays.len()), (None, 4, 0));
    });
}

/// Each node as its depth, member, how many they brought and how many are below.
fn drawn(tree: &InviteTree) -> String {
    let node = |node: &crate::question::TreeNode| {
        let parent = node.parent.map(|parent| format!("<{}", parent.0)).unwrap_or_default();
        format!("{}{parent} {}/{}", node.member.id.0, node.brought, node.below)
    };
    let nodes: Vec<String> = tree.nodes.iter().map(node).collect();
    format!("{}{}", nodes.join(", "), if tree.is_cut { " …" } else { "" })
}

#[test]
fn a_member_stands_under_whoever_brought_them_last() {
    each_engine(async |store| {
        fill(&store).await;
        let all = InviteTreeQuestion {
            guild: GUILD,
            from_ms: START,
            to_ms: START + 30 * DAY_MS,
            root: None,
            depth: 10,
            limit: 100,
        };
        let draw = async |question: InviteTreeQuestion| {
            drawn(&store.invite_tree(&question).await.unwrap())
        };
        assert_eq!(
            draw(all.clone()).await,
            "1 3/7, 2<1 2/4, 3<1 0/0, 99<1 0/0, 5<2 1/1, 6<2 1/1, 7<5 0/0, 4<6 0/0"
        );
        let below = InviteTreeQuestion { root: Some(UserId(2)), ..all.clone() };
        assert_eq!(draw(below).await, "2 2/4, 5<2 1/1, 6<2 1/1, 7<5 0/0, 4<6 0/0");
        let early = InviteTreeQuestion { to_ms: START + 10 * DAY_MS, ..all.clone() };
        assert_eq!(draw(early).await, "1 3/5, 2<1 2/2, 3<1 0/0, 4<1 0/0, 5<2 0/0, 6<2 0/0");
        let flat = InviteTreeQuestion { depth: 1, ..all.clone() };
        assert_eq!(draw(flat).await, "1 3/3, 2<1 2/0, 3<1 0/0, 99<1 0/0 …");
        let small = InviteTreeQuestion { limit: 3, ..all.clone() };
        assert_eq!(draw(small).await, "1 3/2, 2<1 2/0, 3<1 0/0 …");
        let tree = store.invite_tree(&all).await.unwrap();
        let member = |id: u64| tree.nodes.iter().find(|node| node.member.id.0 == id).unwrap();
        assert_eq!((member(1).is_member, member(4).is_member), (None, Some(true)));
    });
}
