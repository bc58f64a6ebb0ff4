//! A year of moderation, the records that tell it, and the moderation routes against a plain fold over it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vigie_core::vocabulary::{
    AuditId, AuthorKind, Case, CaseSource, Change, DISCORD_EPOCH_MS, ModerationAction as Action,
    Record, UnixMs, UserId,
};

use crate::harness::{Server, each_engine, one_engine};
use crate::judge::seconds;
use crate::numbers::list;
use crate::seed::{ADA, Dice, GENERAL, GUILD, NOW};
use crate::visits::{DAY_MS, Visit, sampled_at};

const WORDS: [&str; 16] = [
    "ban",
    "unban",
    "kick",
    "prune",
    "timeout",
    "timeout_removed",
    "warn",
    "message_delete",
    "message_delete_bulk",
    "role_update",
    "nick",
    "voice_move",
    "voice_disconnect",
    "automod",
    "voice_mute",
    "voice_deafen",
];

const REASONS: [&str; 5] =
    ["Spam, again", "spam: 100% sure", "rude to É_lodie", "raid", "\"quoted\", and so on"];

fn entry(at: i64, number: u64) -> Option<AuditId> {
    Some(AuditId((((at - DISCORD_EPOCH_MS) as u64) << 22) | number))
}

fn moderator(number: u32) -> Option<UserId> {
    [Some(ADA), Some(UserId(1_002)), Some(UserId(2_001)), None][number as usize % 4]
}

/// Acts of all kinds, in the order of their times, none within an hour of another on the same target, and those that ended stays.
pub fn acts(visits: &[Visit]) -> Vec<Case> {
    let mut dice = Dice(0x2127_599B_F432_5C37);
    let mut acts = Vec::new();
    for number in 0..400_u64 {
        let day = (NOW.0 - sampled_at()) / DAY_MS
            - 1
            - i64::from(dice.below(if number % 2 == 0 { 40 } else { 370 }));
        let at = sampled_at() + day * DAY_MS + i64::from(dice.below(86_400_000));
        let action = Action::ALL[dice.below(16) as usize];
        let target = UserId(9_001 + u64::from(dice.below(30)));
        let of_nobody =
            matches!(action, Action::Prune | Action::VoiceMove | Action::VoiceDisconnect);
        let counted =
            of_nobody || matches!(action, Action::MessageDelete | Action::MessageDeleteBulk);
        let change = |field: &str, new: &str| Change {
            field: field.to_owned(),
            old: None,
            new: Some(new.to_owned()),
        };
        acts.push(Case {
            audit: entry(at, number),
            action,
            source: if number % 3 == 0 { CaseSource::AuditRead } else { CaseSource::AuditPushed },
            at: UnixMs(at),
            target: (!of_nobody && action != Action::MessageDeleteBulk).then_some(target),
            moderator: moderator(dice.below(8)),
            reason: (dice.below(3) > 0).then(|| REASONS[dice.below(5) as usize].to_owned()),
            channel: (action == Action::MessageDelete).then_some(GENERAL),
            count: counted.then(|| 1 + dice.below(50)),
            until: (action == Action::Timeout)
                .then(|| UnixMs(at + i64::from(1 + dice.below(28 * 24)) * 3_600_000)),
            changes: match action {
                Action::Nick => vec![change("nick", "Neu")],
                Action::Automod => vec![change("rule", "No spam"), change("automod_action", "1")],
                _ => Vec::new(),
            },
        });
    }
    let left =
        visits.iter().filter(|visit| visit.kind == AuthorKind::Human && visit.left_at.is_some());
    for (number, visit) in left.enumerate().filter(|(number, _)| number % 9 == 0) {
        let at = visit.left_at.unwrap_or_default() + [-2_000, 1_500][number / 9 % 2];
        let action = if number % 2 == 0 { Action::Kick } else { Action::Ban };
        acts.push(Case {
            audit: entry(at, 1_000 + number as u64),
            action,
            source: CaseSource::AuditPushed,
            at: UnixMs(at),
            target: Some(visit.member),
            moderator: Some(ADA),
            ..Case::default()
        });
    }
    acts.retain(|act| act.at.0 < NOW.0);
    acts.sort_by_key(|act| (act.at, act.audit));
    let mut last = BTreeMap::new();
    acts.retain(|act| {
        let before = act.target.and_then(|target| last.insert(target, act.at.0));
        before.is_none_or(|before| act.at.0 - before > 3_600_000)
    });
    acts
}

/// The records that tell the acts: some of them twice, as a reading after a gap does.
pub fn records(acts: &[Case]) -> Vec<Record> {
    let pieces = acts.chunks(70).map(|some| Record::Cases(GUILD, some.to_vec()));
    let again = acts.chunks(90).take(2).map(|some| Record::Cases(GUILD, some.to_vec()));
    pieces.chain(again).collect()
}

fn within<'a>(server: &'a Server, answer: &Value) -> Vec<&'a Case> {
    let (from, to) = (seconds(&answer["period"]["from"]), seconds(&answer["period"]["to"]));
    let acts = server.judge.past.acts.iter();
    acts.filter(|act| (from * 1_000..to * 1_000).contains(&act.at.0)).collect()
}

fn shown(ms: i64) -> Value {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string().into()
}

fn id_of(member: Option<UserId>) -> Value {
    member.map_or(Value::Null, |id| id.0.to_string().into())
}

type Is = fn(&Case) -> bool;

const FILTERS: [(&str, Is); 10] = [
    ("", |_| true),
    ("&action=ban", |act| act.action == Action::Ban),
    ("&action=kick,ban,kick", |act| matches!(act.action, Action::Ban | Action::Kick)),
    ("&moderator=1001", |act| act.moderator == Some(ADA)),
    ("&moderator=unknown", |act| act.moderator.is_none()),
    ("&target=9005", |act| act.target == Some(UserId(9_005))),
    ("&search=SPAM", |act| {
        act.reason.as_ref().is_some_and(|why| why.to_lowercase().contains("spam"))
    }),
    ("&search=100%25", |act| act.reason.as_ref().is_some_and(|why| why.contains("100%"))),
    ("&search=%C3%89_L", |act| act.reason.as_ref().is_some_and(|why| why.contains("É_l"))),
    ("&target=9005&action=timeout,timeout_removed&moderator=1002", |act| {
        act.target == Some(UserId(9_005))
            && matches!(act.action, Action::Timeout | Action::TimeoutRemoved)
            && act.moderator == Some(UserId(1_002))
    }),
];

#[test]
fn pages_put_together_are_all_acts() {
    each_engine(async |server| {
        for (filter, is) in FILTERS {
            for limit in [7, 500] {
                let uri = format!("/moderation/recent?limit={limit}{filter}");
                let first = server.ask(&uri).await;
                assert_eq!(first["period"]["label"], "all", "{uri}");
                let mut expected = within(&server, &first);
                expected.retain(|act| is(act));
                expected.reverse();
                let mut rows = Vec::new();
                let mut page = first;
                loop {
                    rows.extend_from_slice(list(&page["rows"]));
                    let Some(cursor) = page["next_cursor"].as_str() else { break };
                    page = server.ask(&format!("{uri}&cursor={cursor}")).await;
                    assert!(!list(&page["rows"]).is_empty(), "{uri}");
                }
                let shown: Vec<&Value> = rows.iter().map(|row| &row["audit_id"]).collect();
                let wanted: Vec<Value> =
                    expected.iter().map(|act| act.audit.unwrap().0.to_string().into()).collect();
                assert_eq!(shown, wanted.iter().collect::<Vec<_>>(), "{uri}");
                for (row, act) in rows.iter().zip(expected) {
                    check_case(&server, row, act, &uri);
                }
            }
        }
    });
}

fn check_case(server: &Server, row: &Value, act: &Case, uri: &str) {
    assert_eq!(row["action"], WORDS[act.action as usize], "{uri}");
    assert_eq!(row["at"], shown(act.at.0), "{uri}");
    assert_eq!(row["target"]["id"], id_of(act.target), "{uri}");
    assert_eq!(row["moderator"]["id"], id_of(act.moderator), "never guessed: {uri}");
    assert_eq!(row["reason"], json!(act.reason), "{uri}");
    assert_eq!(row["count"], json!(act.count), "{uri}");
    assert_eq!(
        row["channel"]["id"],
        act.channel.map_or(Value::Null, |id| id.0.to_string().into()),
        "{uri}"
    );
    let merged = [Action::MessageDelete, Action::VoiceMove, Action::VoiceDisconnect];
    assert_eq!(row["approximate"], merged.contains(&act.action), "{uri}");
    let changes: Vec<Value> = act
        .changes
        .iter()
        .map(|change| {
            let new = if change.field == "automod_action" {
                "block_message"
            } else {
                change.new.as_deref().unwrap()
            };
            json!({ "field": change.field, "old": null, "new": new })
        })
        .collect();
    assert_eq!(row["changes"], json!(changes), "{uri}");
    assert_eq!(row["timeout"], timeout(server, act), "{uri}");
}

/// The next act of either kind on the same target.
fn next<'a>(server: &'a Server, act: &Case, kinds: [Action; 2]) -> Option<&'a Case> {
    let mut later = server.judge.past.acts.iter().filter(|other| {
        other.target == act.target && other.at > act.at && kinds.contains(&other.action)
    });
    later.next()
}

fn timeout(server: &Server, act: &Case) -> Value {
    if act.action != Action::Timeout {
        return Value::Null;
    }
    let until = act.until.unwrap();
    let ended =
        next(server, act, [Action::Timeout, Action::TimeoutRemoved]).filter(|next| next.at < until);
    let (state, at) = match ended {
        Some(next) if next.action == Action::Timeout => ("replaced", shown(next.at.0)),
        Some(next) => ("lifted", shown(next.at.0)),
        None if until <= NOW => ("expired", shown(until.0)),
        None => ("running", Value::Null),
    };
    json!({ "until": shown(until.0), "state": state, "ended_at": at })
}

fn is_reversed(server: &Server, act: &Case) -> bool {
    match act.action {
        Action::Ban => next(server, act, [Action::Ban, Action::Unban])
            .is_some_and(|next| next.action == Action::Unban),
        Action::Timeout => timeout(server, act)["state"] == "lifted",
        _ => false,
    }
}

#[test]
fn the_summary_is_what_a_plain_fold_says() {
    each_engine(async |server| {
        for query in
            ["range=7d&tz=Europe/Paris", "range=30d", "range=90d&tz=Asia/Kathmandu", "range=all"]
        {
            check_summary(&server, &format!("/moderation/summary?{query}")).await;
        }
    });
}

async fn check_summary(server: &Server, uri: &str) {
    let answer = server.ask(uri).await;
    let acts = within(server, &answer);
    assert_eq!(answer["acts"]["value"], acts.len(), "{uri}");
    let unknown = acts.iter().filter(|act| act.moderator.is_none()).count();
    assert_eq!(answer["unknown_moderator"], unknown, "{uri}");
    for row in list(&answer["actions"]) {
        let own: Vec<&&Case> =
            acts.iter().filter(|act| row["action"] == WORDS[act.action as usize]).collect();
        assert_eq!(row["value"], own.len(), "{uri}");
        let reversed = own.iter().filter(|act| is_reversed(server, act)).count();
        assert_eq!(row["reversed"], reversed, "{row} {uri}");
    }
    let kinds: BTreeSet<Action> = acts.iter().map(|act| act.action).collect();
    assert_eq!(list(&answer["actions"]).len(), kinds.len(), "{uri}");
    let moderators: BTreeSet<Option<UserId>> = acts.iter().map(|act| act.moderator).collect();
    assert_eq!(list(&answer["moderators"]).len(), moderators.len(), "{uri}");
    let mut before = u64::MAX;
    for row in list(&answer["moderators"]) {
        let own: Vec<&&Case> =
            acts.iter().filter(|act| row["moderator"]["id"] == id_of(act.moderator)).collect();
        assert_eq!(row["value"], own.len(), "{uri}");
        let reversed = own.iter().filter(|act| is_reversed(server, act)).count();
        assert_eq!(row["reversed"], reversed, "{uri}");
        let sum: u64 = list(&row["actions"]).iter().map(|one| one["value"].as_u64().unwrap()).sum();
        assert_eq!(row["value"], sum, "{uri}");
        assert!(sum <= before, "the busiest first: {uri}");
        before = sum;
    }
    let series = &answer["series"];
    let mut bounds: Vec<i64> = list(&series["t"]).iter().map(|t| t.as_i64().unwrap()).collect();
    bounds.push(seconds(&answer["period"]["to"]));
    for line in list(&series["lines"]) {
        for (pair, value) in bounds.windows(2).zip(list(&line["values"])) {
            let own = acts.iter().filter(|act| line["action"] == WORDS[act.action as usize]);
            let own =
                own.filter(|act| (pair[0] * 1_000..pair[1] * 1_000).contains(&act.at.0)).count();
            assert!(*value == own || value.is_null() && own == 0, "{pair:?} {uri}");
        }
    }
}

#[test]
fn a_case_shows_what_else_was_done_to_its_target() {
    each_engine(async |server| {
        let rows = server.ask("/moderation/recent?limit=500&range=all").await;
        for row in list(&rows["rows"]).iter().step_by(23) {
            let page =
                server.ask(&format!("/moderation/cases/{}", row["id"].as_str().unwrap())).await;
            assert_eq!(page["case"], *row);
            let same = |other: &&Value| {
                !row["target"].is_null()
                    && other["target"]["id"] == row["target"]["id"]
                    && other["id"] != row["id"]
            };
            let history: Vec<&Value> = list(&rows["rows"]).iter().filter(same).collect();
            assert_eq!(list(&page["history"]).iter().collect::<Vec<_>>(), history);
        }
        let other = list(&rows["rows"])[0]["id"].as_str().unwrap();
        let uri = format!("/api/v1/guilds/200/moderation/cases/{other}");
        assert_eq!(server.get(&uri).await.status, 404, "an act of another server");
    });
}

/// Departures of a kind are told by the ledger of moderation, and the act tells which stay it ended.
#[test]
fn kicks_and_bans_end_stays() {
    each_engine(async |server| {
        let growth = server.ask("/growth?range=all").await;
        let (from, to) = (seconds(&growth["period"]["from"]), seconds(&growth["period"]["to"]));
        let ended = |action: Action| {
            let people =
                server.judge.past.visits.iter().filter(|visit| visit.kind == AuthorKind::Human);
            let left = people.filter_map(|visit| Some((visit.member, visit.left_at?)));
            let left = left.filter(|(_, at)| (from * 1_000..to * 1_000).contains(at));
            left.filter(|(member, at)| {
                server.judge.past.acts.iter().any(|act| {
                    act.action == action
                        && act.target == Some(*member)
                        && (act.at.0 - at).abs() <= 10_000
                })
            })
            .count()
        };
        for (kind, action) in [("kick", Action::Kick), ("ban", Action::Ban)] {
            assert!(ended(action) > 0);
            assert_eq!(growth["departures_by_kind"][kind], ended(action), "{kind}");
        }
        let kicks = server.ask("/moderation/recent?action=kick&moderator=1001&limit=500").await;
        let ended = list(&kicks["rows"]).iter().filter(|row| {
            let target = row["target"]["id"].as_str().unwrap().parse::<u64>().unwrap();
            !(9_001..9_031).contains(&target)
        });
        for row in ended {
            let page =
                server.ask(&format!("/moderation/cases/{}", row["id"].as_str().unwrap())).await;
            let apart = |a: &Value, b: &Value| (seconds(a) - seconds(b)).abs();
            assert!(apart(&page["ended_stay"]["left_at"], &row["at"]) <= 10, "{page}");
            let member =
                server.ask(&format!("/members/{}", row["target"]["id"].as_str().unwrap())).await;
            let stays = list(&member["origin"]["stays"]);
            assert!(
                stays
                    .iter()
                    .any(|stay| stay["departure_case"] == row["id"] && stay["departure"] == "kick")
            );
            assert_eq!(member["moderation"]["received"][0]["id"], row["id"]);
        }
    });
}

#[test]
fn files_of_acts_hold_all_pages() {
    one_engine(async |server| {
        let json = server.ask("/moderation/recent?limit=500&action=timeout,nick").await;
        let uri = "/api/v1/guilds/100/moderation/recent.ndjson?limit=3&action=timeout,nick";
        let file = server.get(uri).await;
        let lines: Vec<Value> =
            file.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::from(lines), json["rows"]);
        let csv = server.get(&uri.replace(".ndjson", ".csv")).await;
        assert_eq!(csv.text().lines().count(), list(&json["rows"]).len() + 1);
        let summary = server.ask("/moderation/summary?range=90d").await;
        let csv = server.get("/api/v1/guilds/100/moderation/summary.csv?range=90d").await;
        assert_eq!(csv.text().lines().count(), list(&summary["moderators"]).len() + 1);
    });
}
