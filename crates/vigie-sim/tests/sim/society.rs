//! Members, moderation and invites: what is told by intent and permission, what REST answers, and what the control door knows.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_sim::SimConfig;

use crate::client::Client;
use crate::support::{Sim, config};

/// GUILDS, GUILD_MEMBERS, GUILD_MODERATION, GUILD_INVITES, AUTO_MODERATION_EXECUTION.
const SOCIETY: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 6 | 1 << 21;
/// No audit entry is told later than that after its act.
const TOLD_WITHIN: Duration = Duration::from_millis(2_500);

fn unlimited() -> SimConfig {
    SimConfig { rest_limits: false, identify_interval_ms: 0, ..config() }
}

/// A simulator, a client that was told everything, and the largest guild.
async fn begun() -> (Sim, Client, String) {
    let sim = Sim::with(unlimited()).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(SOCIETY).await;
    while sim.state().await["traffic_begun"] != true {}
    // Silence goes on; errands are run.
    let guild = sim.guild().await.0.to_string();
    (sim, client, guild)
}

async fn cause(sim: &Sim, guild: &str, mut deed: Value) -> Value {
    deed["guild_id"] = json!(guild);
    sim.control("deed", deed).await
}

async fn society(sim: &Sim, guild: &str) -> Value {
    let url = format!("{}/_sim/society?guild={guild}", sim.base());
    let answer: Value = sim.http.get(url).send().await.unwrap().json().await.unwrap();
    answer["guilds"][guild].clone()
}

/// The last of a list of the truth.
async fn latest(sim: &Sim, guild: &str, list: &str) -> Value {
    society(sim, guild).await[list].as_array().unwrap().last().unwrap().clone()
}

fn dispatches(payloads: &[Value], name: &str) -> Vec<Value> {
    let named = payloads.iter().filter(|payload| payload["t"] == name);
    named.map(|payload| payload["d"].clone()).collect()
}

/// Everything that is told of what has happened so far, audit entries included.
async fn told(sim: &Sim, client: &mut Client) -> Vec<Value> {
    tokio::time::sleep(TOLD_WITHIN).await;
    sim.say("SIM_END", json!({})).await;
    client.until("SIM_END").await
}

#[tokio::test]
async fn a_ban_is_told_without_moderator_and_its_entry_follows() {
    let (sim, mut client, guild) = begun().await;
    assert_eq!(cause(&sim, &guild, json!({ "kind": "ban" })).await["done"], true);
    let told = told(&sim, &mut client).await;
    let truth = latest(&sim, &guild, "acts").await;
    let ban = &dispatches(&told, "GUILD_BAN_ADD")[0];
    assert_eq!((&ban["user"]["id"], &ban["guild_id"]), (&truth["target"], &json!(guild)));
    assert_eq!(ban.as_object().unwrap().len(), 2, "neither moderator nor reason: {ban}");
    let gone = &dispatches(&told, "GUILD_MEMBER_REMOVE")[0];
    assert_eq!(gone["user"]["id"], truth["target"]);
    let entry = &dispatches(&told, "GUILD_AUDIT_LOG_ENTRY_CREATE")[0];
    assert_eq!((&entry["action_type"], &entry["target_id"]), (&json!(22), &truth["target"]));
    assert_eq!((&entry["id"], &entry["guild_id"]), (&truth["audit"], &json!(guild)));
    let named = if truth["names_moderator"] == true { &truth["moderator"] } else { &Value::Null };
    assert_eq!(&entry["user_id"], named);

    let id = truth["audit"].as_str().unwrap().parse::<u64>().unwrap();
    let (_, page) = sim.ask(&format!("/guilds/{guild}/audit-logs?after={}", id - 1)).await;
    assert_eq!(page["audit_log_entries"][0]["id"], truth["audit"]);
    let users = page["users"].as_array().unwrap();
    assert!(users.iter().any(|user| user["id"] == truth["target"]));
    let target = truth["target"].as_str().unwrap();
    let (_, bans) = sim.ask(&format!("/guilds/{guild}/bans")).await;
    assert!(bans.as_array().unwrap().iter().any(|ban| ban["user"]["id"] == target));
    assert_eq!(sim.ask(&format!("/guilds/{guild}/bans/{target}")).await.1["user"]["id"], target);
    let (status, body) = sim.ask(&format!("/guilds/{guild}/bans/1")).await;
    assert_eq!((status.as_u16(), &body["code"]), (404, &json!(10_026)));
    assert_eq!(sim.ask(&format!("/guilds/{guild}/members/{target}")).await.0, 404);
}

#[tokio::test]
async fn the_audit_log_is_paged_in_both_directions() {
    let (sim, mut client, guild) = begun().await;
    for _ in 0..5 {
        cause(&sim, &guild, json!({ "kind": "timeout" })).await;
    }
    told(&sim, &mut client).await;
    let base = format!("/guilds/{guild}/audit-logs");
    let ids = async |query: &str| -> Vec<u64> {
        let (status, page) = sim.ask(&format!("{base}{query}")).await;
        assert_eq!(status, 200, "{query}: {page}");
        let entries = page["audit_log_entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().parse().unwrap()).collect()
    };
    let newest = ids("?limit=100").await;
    assert!(newest.is_sorted_by(|one, two| one > two), "newest first");
    let mut ascending = Vec::new();
    loop {
        let after = ascending.last().copied().unwrap_or(0);
        let page = ids(&format!("?limit=2&after={after}")).await;
        assert!(page.is_sorted(), "oldest first with after");
        if page.is_empty() {
            break;
        }
        ascending.extend(page);
    }
    assert!(ascending.len() >= newest.len().max(5));
    ascending.reverse();
    assert_eq!(&ascending[..newest.len()], newest);
    let before = ids(&format!("?limit=3&before={}", newest[1])).await;
    assert_eq!(before.first(), newest.get(2));
    let timeouts = ids("?limit=100&action_type=24").await;
    assert!(timeouts.len() >= 5);
    let (status, body) = sim.ask(&format!("{base}?limit=101")).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!(50_035)));
}

#[tokio::test]
async fn a_join_moves_the_invite_and_the_list_of_members() {
    let (sim, mut client, guild) = begun().await;
    let before = sim.state().await["members"][&guild].as_u64().unwrap();
    let invite = json!({ "kind": "create_invite", "max_uses": 1, "max_age_s": 3600 });
    assert_eq!(cause(&sim, &guild, invite).await["done"], true);
    let code = latest(&sim, &guild, "invites").await["code"].as_str().unwrap().to_owned();
    let (_, list) = sim.ask(&format!("/guilds/{guild}/invites")).await;
    let listed = list.as_array().unwrap().iter().find(|invite| invite["code"] == *code).unwrap();
    assert_eq!((&listed["uses"], &listed["max_uses"]), (&json!(0), &json!(1)));
    cause(&sim, &guild, json!({ "kind": "join", "code": code })).await;
    let told = told(&sim, &mut client).await;
    assert_eq!(dispatches(&told, "INVITE_CREATE")[0]["code"], *code);
    assert_eq!(dispatches(&told, "INVITE_DELETE")[0]["code"], *code, "its only use");
    let joined = &dispatches(&told, "GUILD_MEMBER_ADD")[0];
    let stay = latest(&sim, &guild, "stays").await;
    assert_eq!((&joined["user"]["id"], &stay["code"]), (&stay["member"], &json!(code)));
    let (_, list) = sim.ask(&format!("/guilds/{guild}/invites")).await;
    assert!(list.as_array().unwrap().iter().all(|invite| invite["code"] != *code));
    let path = format!("/guilds/{guild}/members/{}", stay["member"].as_str().unwrap());
    assert_eq!(sim.ask(&path).await.1["joined_at"], joined["joined_at"]);
    assert_eq!(sim.state().await["members"][&guild], before + 1);

    // All members over the gateway are those of the moment.
    client.send(8, json!({ "guild_id": guild, "query": "", "limit": 0 })).await;
    let mut members = Vec::new();
    loop {
        let chunk = client.until("GUILD_MEMBERS_CHUNK").await.pop().unwrap()["d"].clone();
        members.extend(chunk["members"].as_array().unwrap().iter().cloned());
        if chunk["chunk_index"].as_u64().unwrap() + 1 == chunk["chunk_count"].as_u64().unwrap() {
            break;
        }
    }
    assert_eq!(members.len() as u64, before + 1);
    assert!(members.iter().any(|member| member["user"]["id"] == stay["member"]));
}

#[tokio::test]
async fn permissions_that_are_taken_hide_events_and_refuse_readings() {
    let (sim, mut client, guild) = begun().await;
    let set = async |permission: &str, granted: bool| {
        let fault = json!({
            "kind": "guild_permission", "guild_id": guild, "permission": permission, "granted": granted,
        });
        assert_eq!(sim.fault(fault).await, 1, "{permission}");
    };
    for permission in ["view_audit_log", "ban_members", "manage_channels"] {
        set(permission, false).await;
    }
    cause(&sim, &guild, json!({ "kind": "ban" })).await;
    cause(&sim, &guild, json!({ "kind": "create_invite" })).await;
    let told_then = told(&sim, &mut client).await;
    for name in ["GUILD_BAN_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE", "INVITE_CREATE"] {
        assert!(dispatches(&told_then, name).is_empty(), "{name}");
    }
    assert_eq!(dispatches(&told_then, "GUILD_MEMBER_REMOVE").len(), 1);
    for route in ["audit-logs", "bans", "bans/1"] {
        let (status, body) = sim.ask(&format!("/guilds/{guild}/{route}")).await;
        assert_eq!((status.as_u16(), &body["code"]), (403, &json!(50_013)), "{route}");
    }
    // The list of invites needs one of two permissions, their uses one of them.
    let (_, list) = sim.ask(&format!("/guilds/{guild}/invites")).await;
    assert!(list[0]["uses"].is_u64());
    set("view_audit_log", true).await;
    set("manage_guild", false).await;
    let (_, list) = sim.ask(&format!("/guilds/{guild}/invites")).await;
    assert!(list[0]["code"].is_string() && list[0]["uses"].is_null(), "{list}");
    assert_eq!(sim.ask(&format!("/guilds/{guild}/vanity-url")).await.0, 403);
    set("view_audit_log", false).await;
    assert_eq!(sim.ask(&format!("/guilds/{guild}/invites")).await.0, 403);
    let state = sim.state().await;
    let hidden = state["unheard"].as_array().unwrap().iter();
    let hidden: Vec<&Value> = hidden.filter(|row| row["permission"] == "view_audit_log").collect();
    assert_eq!(hidden.len(), 2, "{hidden:?}");
    for permission in ["view_audit_log", "ban_members", "manage_channels", "manage_guild"] {
        set(permission, true).await;
    }
    cause(&sim, &guild, json!({ "kind": "unban" })).await;
    assert_eq!(dispatches(&told(&sim, &mut client).await, "GUILD_BAN_REMOVE").len(), 1);
}

#[tokio::test]
async fn without_the_intents_nothing_of_it_is_told() {
    let sim = Sim::with(unlimited()).await;
    let mut client = Client::connect(&sim.simulator).await;
    client.log_in(crate::client::BASE).await;
    while sim.state().await["traffic_begun"] != true {}
    let guild = sim.guild().await.0.to_string();
    for kind in ["join", "ban", "kick", "create_invite", "automod", "timeout"] {
        cause(&sim, &guild, json!({ "kind": kind })).await;
    }
    let told = told(&sim, &mut client).await;
    for payload in &told {
        let name = payload["t"].as_str().unwrap();
        let is_ours = ["MEMBER", "BAN", "AUDIT", "INVITE_", "AUTO_MODERATION"];
        assert!(!is_ours.iter().any(|part| name.contains(part)), "{name}");
    }
}

#[tokio::test]
async fn the_privileged_intent_can_be_taken_away() {
    let (sim, _client, guild) = begun().await;
    let list = format!("/guilds/{guild}/members?limit=5");
    assert_eq!(sim.ask(&list).await.0, 200);
    sim.fault(json!({ "kind": "privileged_intents", "bits": 0 })).await;
    let (status, body) = sim.ask(&list).await;
    assert_eq!((status.as_u16(), &body["code"]), (403, &json!(50_001)));
    let mut second = Client::connect(&sim.simulator).await;
    second.identify_as("second", SOCIETY, [0, 1]).await;
    assert_eq!(second.closed().await, Some(4014));
}

#[tokio::test]
async fn a_raid_joins_and_is_banned_to_the_last() {
    let (sim, mut client, guild) = begun().await;
    let raid = json!({
        "kind": "raid", "members": 40, "joins_within_ms": 500, "bans_after_ms": 2_500, "bans_within_ms": 500,
    });
    assert_eq!(cause(&sim, &guild, raid).await["done"], true);
    let before = sim.state().await["members"][&guild].clone();
    let mut told = Vec::new();
    while dispatches(&told, "GUILD_BAN_ADD").len() < 40 {
        told.push(client.payload().await);
    }
    told.extend(self::told(&sim, &mut client).await);
    assert_eq!(dispatches(&told, "GUILD_MEMBER_ADD").len(), 40);
    assert_eq!(dispatches(&told, "GUILD_MEMBER_REMOVE").len(), 40);
    let entries = dispatches(&told, "GUILD_AUDIT_LOG_ENTRY_CREATE");
    assert_eq!(entries.iter().filter(|entry| entry["action_type"] == 22).count(), 40);
    assert_eq!(sim.state().await["members"][&guild], before);
    let truth = society(&sim, &guild).await;
    let banned = truth["stays"].as_array().unwrap().iter().filter(|stay| stay["departure"] == 2);
    assert!(banned.count() >= 40);
}
