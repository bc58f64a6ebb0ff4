//! The ledger: what the core tells is kept, what it cannot know is worked out, and questions see both.

use vigie_core::vocabulary::{
    CoverageFamily, CoverageReason, CoverageSpan, CoverageState, GuildId, GuildRecord, Record,
    UnixMs, UserId,
};

use super::harness::{apply, each_engine};
use crate::{
    Store,
    question::{CoverageHealth, LedgerQuestion},
};

const GUILD: GuildId = GuildId(7);

/// Entries of one producer after the other, from a small script; times are seconds, told as milliseconds.
///
/// `+10` first sight, `heard 20`, `blind 20..30`, `blind 20..` (reason session lost), `recovered 20..30`, `refused 20..30`, `gone 30`.
async fn play(store: &Store, producer: &str, first: u64, script: &str) {
    let records: Vec<_> = script.split(", ").map(record).collect();
    apply(store, producer, first, &records).await.unwrap();
}

fn record(step: &str) -> Record {
    let ms = |text: &str| UnixMs(text.parse::<i64>().unwrap() * 1_000);
    let spans = |span: CoverageSpan| {
        let of = |family| CoverageSpan { family, ..span };
        Record::Coverage(GUILD, CoverageFamily::ALL.map(of).to_vec())
    };
    let gap = |range: &str, state, reason| {
        let (from, until) = range.split_once("..").unwrap();
        let until = (!until.is_empty()).then(|| ms(until));
        spans(CoverageSpan {
            family: CoverageFamily::Messages,
            from: ms(from),
            until,
            state,
            reason,
        })
    };
    match step.split_once(' ') {
        None => spans(CoverageSpan {
            family: CoverageFamily::Messages,
            from: ms(step.strip_prefix('+').unwrap()),
            until: None,
            state: CoverageState::Observed,
            reason: CoverageReason::None,
        }),
        Some(("heard", at)) => Record::HeardUntil(ms(at)),
        Some(("gone", at)) => Record::GuildRemoved(GUILD, ms(at)),
        Some(("blind", range)) => gap(range, CoverageState::Blind, CoverageReason::SessionLost),
        Some(("recovered", range)) => {
            gap(range, CoverageState::Recovered, CoverageReason::SessionLost)
        }
        Some(("refused", range)) => {
            gap(range, CoverageState::Blind, CoverageReason::MissingPermission)
        }
        Some(other) => panic!("{other:?}"),
    }
}

/// Everything known of one family: `since 10, heard 40: blind 20..30 SessionLost, …`.
async fn told(store: &Store, family: CoverageFamily) -> String {
    let answer = store.coverage(GUILD, i64::MIN, i64::MAX).await.unwrap();
    let seconds = |at: UnixMs| (at.0 / 1_000).to_string();
    let or_never = |at: Option<UnixMs>| at.map_or("never".to_owned(), seconds);
    let gaps: Vec<_> = answer
        .spans
        .iter()
        .filter(|span| span.family == family)
        .map(|span| {
            let until = span.until.map_or(String::new(), seconds);
            format!("{:?} {}..{until} {:?}", span.state, seconds(span.from), span.reason)
        })
        .collect();
    format!(
        "since {}, heard {}: {}",
        or_never(answer.observed_from[family as usize]),
        or_never(answer.heard_until),
        gaps.join(", ")
    )
}

/// Plays scripts of producers and compares what is told of voice, and of messages where that differs.
fn check(scripts: &[(&str, u64, &str)], voice: &str, messages: &str) {
    each_engine(async |store| {
        for (producer, first, script) in scripts {
            play(&store, producer, *first, script).await;
        }
        assert_eq!(told(&store, CoverageFamily::Voice).await, voice, "{scripts:?}");
        let messages = if messages.is_empty() { voice } else { messages };
        assert_eq!(told(&store, CoverageFamily::Messages).await, messages, "{scripts:?}");
    });
}

#[test]
fn a_guild_is_heard_from_first_sight_until_its_producer_says() {
    check(&[], "since never, heard never: ", "");
    check(&[("bot/0", 1, "+10")], "since 10, heard never: ", "");
    check(&[("bot/0", 1, "+10, heard 40, heard 30")], "since 10, heard 40: ", "");
    // What another producer hears says nothing of this guild.
    check(&[("bot/0", 1, "+10, heard 20"), ("bot/1", 1, "heard 90")], "since 10, heard 20: ", "");
}

#[test]
fn a_gap_is_told_again_as_it_closes() {
    let open = ("bot/0", 1, "+10, heard 20, blind 20..");
    check(&[open], "since 10, heard 20: Blind 20.. SessionLost", "");
    check(
        &[open, ("bot/0", 4, "blind 20..30")],
        "since 10, heard 20: Blind 20..30 SessionLost",
        "",
    );
    let recovered = "since 10, heard 40: Recovered 20..30 SessionLost";
    check(&[open, ("bot/0", 4, "blind 20..30, recovered 20..30, heard 40")], recovered, "");
    let refused = "since 10, heard 20: Blind 20..30 MissingPermission";
    check(&[open, ("bot/0", 4, "refused 20..30")], refused, "");
}

#[test]
fn a_gap_that_begins_with_the_first_sight_leaves_it() {
    check(
        &[("bot/0", 1, "+10, blind 10..30")],
        "since 10, heard never: Blind 10..30 SessionLost",
        "",
    );
}

#[test]
fn a_second_first_sight_is_a_lost_memory() {
    let lost = "since 10, heard 60: Blind 40..55 StateLost";
    check(&[("bot/0", 1, "+10, heard 40, +55, heard 60")], lost, "");
    check(
        &[("bot/0", 1, "+10, heard 40"), ("bot/0", 3, "+55"), ("bot/0", 4, "heard 60")],
        lost,
        "",
    );
    // Told again it is no other loss, nor is it one where nothing was missed.
    check(&[("bot/0", 1, "+10, heard 40, +55, +55, heard 60")], lost, "");
    check(&[("bot/0", 1, "+10, heard 40, +10, heard 60")], "since 10, heard 60: ", "");
    check(&[("bot/0", 1, "+10, heard 40, +40, heard 60")], "since 10, heard 60: ", "");
    // Never heard of since the first sight: blind from there.
    check(&[("bot/0", 1, "+10, +55")], "since 10, heard never: Blind 10..55 StateLost", "");
}

#[test]
fn a_guild_that_moves_to_another_producer_is_blind_between() {
    let moved = "since 10, heard 90: Blind 40..55 StateLost";
    check(&[("bot/0", 1, "+10, heard 40"), ("bot/1", 1, "heard 50, +55, heard 90")], moved, "");
}

#[test]
fn an_outage_at_the_first_sight_hides_no_lost_memory() {
    // Both orders within one record.
    let span = |family, state, reason| CoverageSpan {
        family,
        from: UnixMs(55_000),
        until: None,
        state,
        reason,
    };
    let sight = |family| span(family, CoverageState::Observed, CoverageReason::None);
    let outage = |family| span(family, CoverageState::Blind, CoverageReason::GuildOutage);
    for is_first in [true, false] {
        each_engine(async |store| {
            play(&store, "bot/0", 1, "+10, heard 40").await;
            let mut spans = CoverageFamily::ALL.map(sight).to_vec();
            let at = if is_first { 3 } else { 0 };
            spans.splice(at..at, CoverageFamily::ALL.map(outage));
            apply(&store, "bot/0", 3, &[Record::Coverage(GUILD, spans)]).await.unwrap();
            let expected = "since 10, heard 40: Blind 40..55 StateLost, Blind 55.. GuildOutage";
            assert_eq!(told(&store, CoverageFamily::Voice).await, expected);
            assert_eq!(told(&store, CoverageFamily::Messages).await, expected);
        });
    }
}

#[test]
fn open_gaps_end_with_the_next_first_sight() {
    let closed = "since 10, heard 60: Blind 40..55 SessionLost";
    let given_up = "since 10, heard 60: Blind 40..55 StateLost";
    check(&[("bot/0", 1, "+10, heard 40, blind 40.., +55, heard 60")], closed, given_up);
    // Whoever was to recover an earlier one has forgotten it.
    check(
        &[("bot/0", 1, "+10, heard 20, blind 20..30, heard 40, +55, heard 60")],
        "since 10, heard 60: Blind 20..30 SessionLost, Blind 40..55 StateLost",
        "since 10, heard 60: Blind 20..30 StateLost, Blind 40..55 StateLost",
    );
}

#[test]
fn away_from_the_guild_is_blind_until_the_return() {
    let away = "since 10, heard 40: Blind 50.. Removed";
    check(&[("bot/0", 1, "+10, heard 40, gone 50")], away, "");
    let back = "since 10, heard 80: Blind 50..70 Removed";
    check(&[("bot/0", 1, "+10, heard 40, gone 50, heard 60, +70, heard 80")], back, "");
    check(
        &[("bot/0", 1, "+10, heard 40, gone 50"), ("bot/0", 4, "heard 60, +70, heard 80")],
        back,
        "",
    );
    // Never seen: there is nothing to lose.
    check(&[("bot/0", 1, "gone 50")], "since never, heard never: ", "");
    // The removal travels on another lane, and may come after the return.
    check(
        &[("bot/0", 1, "+10, heard 50, heard 60, +70, heard 80"), ("bot/0b", 1, "gone 50")],
        "since 10, heard 80: Blind 50..70 Removed, Blind 60..70 StateLost",
        "",
    );
}

#[test]
fn a_range_sees_the_gaps_that_reach_into_it() {
    each_engine(async |store| {
        play(&store, "bot/0", 1, "+10, heard 20, blind 20..30, blind 40..50, blind 60..").await;
        let of = async |from: i64, to: i64| {
            let answer = store.coverage(GUILD, from * 1_000, to * 1_000).await.unwrap();
            assert_eq!(answer.observed_from, [Some(UnixMs(10_000)); 5]);
            answer.spans.iter().map(|span| span.from.0 / 1_000).collect::<Vec<_>>()
        };
        let of_each = |times: &[i64]| times.repeat(CoverageFamily::ALL.len());
        assert_eq!(of(0, 100).await, of_each(&[20, 40, 60]));
        assert_eq!(of(30, 40).await, of_each(&[]));
        assert_eq!(of(29, 41).await, of_each(&[20, 40]));
        assert_eq!(of(90, 100).await, of_each(&[60]));
        assert_eq!(of(50, 60).await, of_each(&[]));
    });
}

#[test]
fn the_ledger_is_paged_latest_first() {
    each_engine(async |store| {
        play(&store, "bot/0", 1, "+10, heard 20, blind 20..30, blind 40..50, blind 60..").await;
        let question = LedgerQuestion {
            guild: GUILD,
            from_ms: 0,
            to_ms: i64::MAX,
            family: None,
            after: None,
            limit: 2,
        };
        let pages = async |mut question: LedgerQuestion| {
            let mut found = Vec::new();
            loop {
                let page = store.ledger(&question).await.unwrap();
                assert!(page.spans.len() <= 2);
                found
                    .extend(page.spans.iter().map(|span| (span.from.0 / 1_000, span.family as u8)));
                question.after = page.next;
                if page.next.is_none() {
                    return found;
                }
            }
        };
        let all: Vec<_> =
            [60, 40, 20].into_iter().flat_map(|at| (0..5).map(move |f| (at, f))).collect();
        assert_eq!(pages(question.clone()).await, all);
        let voice = LedgerQuestion { family: Some(CoverageFamily::Voice), ..question.clone() };
        assert_eq!(pages(voice).await, [(60, 2), (40, 2), (20, 2)]);
        let early = LedgerQuestion { to_ms: 45_000, from_ms: 30_000, ..question };
        assert_eq!(pages(early).await, [(40, 0), (40, 1), (40, 2), (40, 3), (40, 4)]);
    });
}

#[test]
fn the_health_of_many_guilds_is_one_question() {
    each_engine(async |store| {
        play(&store, "bot/0", 1, "+10, heard 20, blind 20..30, refused 32..34, blind 40..").await;
        let unknown = GuildId(9);
        let health = store.coverage_health(&[unknown, GUILD]).await.unwrap();
        let never = CoverageHealth {
            guild: unknown,
            observed_from: None,
            heard_until: None,
            blind_since: None,
            recovering: 0,
        };
        let mine = CoverageHealth {
            guild: GUILD,
            observed_from: Some(UnixMs(10_000)),
            heard_until: Some(UnixMs(20_000)),
            blind_since: Some(UnixMs(40_000)),
            recovering: 1,
        };
        assert_eq!(health, [never, mine.clone()]);
        play(&store, "bot/0", 6, "recovered 20..30, blind 40..50, recovered 40..50, heard 60")
            .await;
        let health = store.coverage_health(&[GUILD]).await.unwrap();
        let well = CoverageHealth {
            heard_until: Some(UnixMs(60_000)),
            blind_since: None,
            recovering: 0,
            ..mine
        };
        assert_eq!(health, [well]);
    });
}

#[test]
fn days_of_all_guilds_are_one_question() {
    each_engine(async |store| {
        let guild = |id| {
            Record::Guild(GuildRecord {
                id: GuildId(id),
                at: UnixMs(1),
                name: String::new(),
                icon: None,
                owner: UserId(1),
                member_count: None,
                bot_joined_at: None,
                premium_tier: 0,
                boost_count: 0,
                channels: Vec::new(),
            })
        };
        assert!(store.guild_days(0, u32::MAX).await.unwrap().is_empty());
        apply(&store, "bot/0", 1, &[guild(1), guild(2)]).await.unwrap();
        assert!(store.guild_days(0, u32::MAX).await.unwrap().is_empty());
    });
}
