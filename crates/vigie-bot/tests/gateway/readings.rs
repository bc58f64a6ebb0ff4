//! What no event tells is read over REST when the core asks for it, and refusals say what is lost.

use serde_json::{Value, json};
use vigie_bot::Collect;
use vigie_core::vocabulary::{
    AttributionMethod, GuildId, ModerationAction, Reading, Record, UserId,
};

use crate::fake::{Connection, Fake};
use crate::{Stage, guild, id_now, within};

/// Logs in with everything collected, on a server that answers like this about guild 77.
async fn stage(answers: &[(&str, u16, Value)]) -> (Stage, Connection) {
    let fake = Fake::start().await;
    for (path, status, body) in answers {
        let answer = (*status, body.clone());
        fake.guilds.lock().expect("not poisoned").answers.insert(format!("77/{path}"), answer);
    }
    let mut stage = Stage::start_with(fake, |config| config.collect = Collect::ALL).await;
    let (mut connection, _) = within(stage.fake.logged_in()).await;
    connection.dispatch("GUILD_CREATE", &guild(77));
    (stage, connection)
}

fn user(id: u64) -> Value {
    json!({"id": id.to_string(), "username": "ada"})
}

fn asked(stage: &Stage) -> Vec<String> {
    stage.fake.guilds.lock().expect("not poisoned").asked.clone()
}

#[tokio::test]
async fn a_guild_seen_for_the_first_time_is_read_whole() {
    let entry = id_now(0);
    let (stage, connection) = stage(&[
        ("invites", 200, json!([{"code": "abc", "uses": 4, "max_uses": 0, "inviter": user(5)}])),
        (
            "audit-logs",
            200,
            json!({"users": [user(5)], "audit_log_entries": [
                {"id": entry.to_string(), "user_id": "5", "target_id": "6", "action_type": 22, "reason": "spam"},
            ]}),
        ),
        (
            "members",
            200,
            json!([{"user": user(5), "joined_at": "2026-01-02T03:04:05Z", "flags": 0}]),
        ),
    ])
    .await;
    stage.until(|shard| shard.readings.answered == 3).await;
    let paths = asked(&stage);
    assert_eq!(paths[0], "77/invites");
    assert!(paths[1].starts_with("77/audit-logs?after="), "{paths:?}");
    assert!(paths[1].ends_with("&limit=100"), "{paths:?}");
    assert_eq!(paths[2], "77/members?after=0&limit=1000");
    assert_eq!(stage.status().shards[0].readings.current, None);
    drop(connection);
    let records = stage.end().await;
    let banned = |record: &Record| match record {
        Record::Cases(guild, cases) => {
            let case = &cases[0];
            *guild == GuildId(77)
                && case.action == ModerationAction::Ban
                && case.moderator == Some(UserId(5))
                && case.reason.as_deref() == Some("spam")
        }
        _ => false,
    };
    assert!(records.iter().any(banned), "{records:?}");
    assert!(records.iter().any(|record| matches!(record, Record::Joins(..))));
    assert!(records.iter().any(|record| matches!(record, Record::MembersListed(..))));
}

#[tokio::test]
async fn what_may_not_be_read_is_said_and_the_rest_goes_on() {
    let missing = json!({"message": "Missing Permissions", "code": 50013});
    let (stage, _connection) = stage(&[
        ("invites", 200, json!([])),
        ("audit-logs", 403, missing),
        ("members", 200, json!([])),
    ])
    .await;
    stage.until(|shard| shard.readings.answered == 2 && shard.readings.refused == 1).await;
    let records = stage.end().await;
    let told = records.iter().filter_map(|record| match record {
        Record::Access(_, access) => Some((access[0].reading, access[0].allowed)),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert!(told.contains(&(Reading::AuditLog, false)), "{told:?}");
    assert!(told.contains(&(Reading::Members, true)), "{told:?}");
}

#[tokio::test]
async fn a_guild_that_is_lost_meanwhile_is_not_waited_for() {
    // A fault of the server is tried again for ever, unless nobody wants to know any more.
    let (stage, mut connection) = stage(&[("invites", 500, json!(null))]).await;
    stage.until(|shard| shard.readings.current == Some((GuildId(77), Reading::Invites))).await;
    connection.dispatch("GUILD_DELETE", &json!({"id": "77"}));
    stage.until(|shard| shard.readings.current.is_none()).await;
    stage.end().await;
}

#[tokio::test]
async fn a_join_without_an_answer_is_stored_all_the_same() {
    let (stage, mut connection) = stage(&[("invites", 403, json!({"code": 50013}))]).await;
    stage.until(|shard| shard.readings.refused == 3).await;
    connection.dispatch(
        "GUILD_MEMBER_ADD",
        &json!({"guild_id": "77", "user": user(9), "joined_at": "2026-11-20T03:04:05Z", "flags": 0}),
    );
    stage.until(|shard| shard.events == 3).await;
    let records = stage.end().await;
    let joined = |record: &Record| match record {
        Record::Joins(_, joins) => joins.iter().any(|join| join.member == UserId(9)),
        _ => false,
    };
    assert!(records.iter().any(joined));
    let attributed = records.iter().filter_map(|record| match record {
        Record::Attributions(_, told) => Some(told[0].method),
        _ => None,
    });
    assert!(attributed.into_iter().all(|method| method == AttributionMethod::Unknown));
}
